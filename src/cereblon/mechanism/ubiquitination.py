"""Ubiquitination: the ligase builds a chain of n on the substrate it holds; what falls off loses it again.

    CRBN*:glue:S -> CRBN*:glue:S~Ub1 -> ... -> CRBN*:glue:S~Ubn     on the ligase
         |                 |                        |
         S      <-       S~Ub1       <-  ...  <-  S~Ubn             off it: comes off, is trimmed, binds again

A complex that lives too short never finishes its chain: kinetic proofreading (Bartlett and Gilbert 2021).
Only neddylated CRL4 ubiquitinates; the COP9 signalosome removes NEDD8 unless a substrate is engaged.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from cereblon.mechanism.equilibrium import Floats, floats, sum_text
from cereblon.network.network import Network


def processivity(k_ub: ArrayLike, k_off: ArrayLike) -> Floats:
    """Chance that a held substrate gains its next ubiquitin before it leaves, 0 to 1 (rates in one unit)."""
    k_ub = floats(k_ub)
    return k_ub / (k_ub + floats(k_off))


def chain_flux(
    X0: ArrayLike, k_ub: ArrayLike, k_off: ArrayLike, k_26S: ArrayLike, n_ub: int, k_dub: ArrayLike = np.inf
) -> Floats:
    """Substrate destroyed per time from `X0`, the ternary complex that carries no ubiquitin yet.

    `k_ub` rate of one addition, `k_off` rate of leaving the ligase, `k_26S` rate at which the proteasome
    takes a chain of `n_ub`, on the ligase or off it; `k_dub` loss of one ubiquitin off the ligase, against
    which a released full chain must be taken (infinite: no released chain is). What is released does not bind
    again before its chain is gone. Unit: that of `X0` times that of the rates.
    """
    p, last = processivity(k_ub, k_off), processivity(k_26S, k_off)
    with np.errstate(invalid="ignore"):
        rescued = np.where(np.isinf(floats(k_dub)), 0, processivity(k_26S, k_dub))
    return (floats(k_ub) * p ** (n_ub - 1) * (last + (1 - last) * rescued) * floats(X0))[()]


def chain_turnover(k_ub: ArrayLike, k_off: ArrayLike, k_26S: ArrayLike, n_ub: int, k_dub: ArrayLike = np.inf) -> Floats:
    """The k_cat of the quasi-steady model: destruction per time and per ternary complex, all its chains
    counted.

    The held chains stand in the steady ratio 1, p, p^2, ... p^(n-1) and, at length n, k_ub p^(n-1) / (k_26S +
    k_off). Arguments as in `chain_flux`; rates and result in one unit.

    >>> round(float(chain_turnover(k_ub=300, k_off=0, k_26S=1e9, n_ub=3)), 3)
    100.0
    """
    p = processivity(k_ub, k_off)
    shares = sum((p**i for i in range(n_ub)), start=floats(0))
    last = floats(k_ub) * p ** (n_ub - 1) / (floats(k_26S) + floats(k_off))
    return chain_flux(1, k_ub, k_off, k_26S, n_ub, k_dub) / (shares + last)


class Fate(Protocol):
    """What becomes of a neosubstrate that meets closed cereblon at rest, its own synthesis and loss included."""

    def at(self, closed: Floats, active: Floats) -> tuple[Floats, Floats]:
        """Share of S held on the ligase, and loss per S and hour.

        `closed` is the concentration of closed, empty cereblon and `active` the neddylated share of CRL4,
        both (..., 1); the results are (..., n) with the neosubstrate as last axis.
        """
        ...


@dataclass(frozen=True)
class Michaelis:
    """One step: held as closed / (Kd_S + closed), destroyed with `k_cat` on neddylated CRL4; arrays (..., n)."""

    Kd_S: ArrayLike
    k_cat: ArrayLike

    def at(self, closed: Floats, active: Floats) -> tuple[Floats, Floats]:
        """See `Fate`."""
        held = closed / (floats(self.Kd_S) + closed)
        return held, floats(self.k_cat) * active * held


@dataclass(frozen=True)
class Chain:
    """The whole chain of `n_ub` at rest: growth on the ligase, loss off it, rebinding, the 26S on both.

    Rates in one unit, `k_on` per concentration, `k_ub` that of neddylated CRL4; arrays (..., n). Given closed
    cereblon the chain is linear, two rails of n + 1 states (off and on the ligase); from its far end down,
    what stands off the ligase per held form, and each held form per the one before, are a continued fraction.
    """

    Kd_S: ArrayLike
    k_on: ArrayLike
    k_ub: ArrayLike
    k_dub: ArrayLike
    k_26S: ArrayLike
    k_deg: ArrayLike
    n_ub: int

    def at(self, closed: Floats, active: Floats) -> tuple[Floats, Floats]:
        """See `Fate`."""
        k_on, k_dub, k_26S, k_deg = map(floats, (self.k_on, self.k_dub, self.k_26S, self.k_deg))
        k_ub = floats(self.k_ub) * active
        on, off = k_on * closed, k_on * floats(self.Kd_S)
        released = off / (k_deg + on + k_dub + k_26S)
        grown = k_ub / (k_deg + off + k_26S - on * released)
        held, free, lost = grown, grown * released, grown * k_26S * (1 + released)
        for _ in range(1, self.n_ub):
            released = (off + k_dub * released * grown) / (k_deg + on + k_dub)
            grown = k_ub / (k_deg + off + k_ub - on * released)
            held, free, lost = grown * (1 + held), grown * (released + free), grown * lost
        bare = on / (k_deg + off + k_ub)
        every = 1 + bare * (1 + held + free)
        return bare * (1 + held) / every, bare * lost / every


def active_fraction(basal: ArrayLike, engaged: ArrayLike = 0, inhibition: ArrayLike = 0) -> Floats:
    """Neddylated share of CRL4 at steady state.

    `basal` share without engaged substrate and inhibitor, `engaged` share of cereblon that holds a substrate
    and is thereby out of the signalosome's reach, `inhibition` of NEDD8 activation (0 to 1). f = k_ned /
    (k_ned + k_csn (1 - engaged)), with k_csn / k_ned = (1 - basal) / basal.

    >>> float(active_fraction(0.2)), float(active_fraction(0.2, inhibition=1))
    (0.2, 0.0)
    """
    on = floats(basal) * (1 - floats(inhibition))
    return on / (on + (1 - floats(basal)) * (1 - floats(engaged)))


def forms(S: str, n_ub: int) -> tuple[str, ...]:
    """S and its ubiquitinated forms, shortest chain first.

    >>> forms("IKZF1", 2)
    ('IKZF1', 'IKZF1~Ub1', 'IKZF1~Ub2')
    """
    return (S, *(f"{S}~Ub{i}" for i in range(1, n_ub + 1)))


def chain(ligase: str, S: str, n_ub: int, rate: str) -> Network:
    """ligase:S -> ligase:S~Ub1 -> ... -> ligase:S~Ubn, every step with the constant `rate` (text, 1/h)."""
    net = Network("chain")
    chained = forms(S, n_ub)
    for before, after in itertools.pairwise(chained):
        net.reaction(f"{ligase}:{before} -> {ligase}:{after}", forward=rate)
    return net


def deubiquitination(S: str, n_ub: int, holder: str = "") -> Network:
    """S~Ubi -> S~Ub(i-1), off the ligase only; `holder` is what S may hang on meanwhile ("drug:")."""
    net = Network("deubiquitination")
    net.parameter(f"{S}.k_dub", "1/h", f"loss of one ubiquitin from {S} off the ligase")
    chained = forms(S, n_ub)
    for before, after in itertools.pairwise(chained):
        if not holder:
            net.add_species(after, "nM", scale=f"{S}.total", meaning=f"{S} with its chain, off the ligase")
        net.reaction(f"{holder}{after} -> {holder}{before}", forward=f"{S}.k_dub")
    return net


def ubiquitination(glue: str, S: str, n_ub: int) -> Network:
    """The chain on the ligase that `glue` closes, as fast as CRL4 is neddylated, and its loss off the
    ligase."""
    net = chain(f"CRBN*:{glue}", S, n_ub, "CRL4.k_ub * [CRL4*]") + deubiquitination(S, n_ub)
    net.parameter("CRL4.k_ub", "1/h", "rate of one ubiquitin addition on neddylated CRL4")
    return net


def neddylation(engaged: Iterable[str]) -> Network:
    """CRL4 <-> CRL4*: NEDD8 on and, unless a neosubstrate is `engaged` (names of complexes), off again.

    The signalosome's rate follows from the neddylated share that the cell shows without drug (CRL4.active),
    so that this share stands still. A NEDD8-inhibitor takes CRL4.inhibition (0 to 1) of the neddylation away;
    ligases then fall silent at the pace of the signalosome, which is why an assay pre-incubates. Left out:
    protection by native substrates. It is part of CRL4.active already, and counting it would let a glue that
    displaces them silence its own ligase, a hook that nobody has seen.
    """
    net = Network("neddylation")
    net.parameter("CRL4.active", "1", "neddylated share of CRL4 without drug")
    net.parameter("CRL4.k_ned", "1/h", "rate of neddylation of the cullin")
    net.parameter("CRL4.inhibition", "1", "share of neddylation taken away by a NEDD8-inhibitor")
    net.derive("CRL4.k_csn", "1/h", "CRL4.k_ned * (1 - CRL4.active) / CRL4.active", "rate of deneddylation")
    net.add_species("CRL4", "1", initial="1 - CRL4.active", scale="1", meaning="share of CRL4 without NEDD8")
    net.add_species("CRL4*", "1", initial="CRL4.active", scale="1", meaning="neddylated share of CRL4")
    net.reaction("CRL4 -> CRL4*", forward="CRL4.k_ned * (1 - CRL4.inhibition)")
    net.reaction("CRL4* -> CRL4", forward=f"CRL4.k_csn * (1 - {share_text(engaged)})")
    return net


def share_text(species: Iterable[str]) -> str:
    """Share of all cereblon in these species, as text; 0 without any, or in a cell without cereblon."""
    listed = tuple(species)
    return f"{sum_text(listed)} / max(CRBN.total, CRBN.trace)" if listed else "0"
