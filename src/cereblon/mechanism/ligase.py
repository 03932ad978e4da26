"""The ligase of one cell: the modules of this floor, added.

    CRBN + glue <-> CRBN:glue <-> CRBN*:glue            binding
    CRBN*:glue + S <-> CRBN*:glue:S                     ternary
    CRBN*:glue:S -> ... -> CRBN*:glue:S~Ubn             ubiquitination, as fast as CRL4 is neddylated
    S~Ubn -> 0, CRBN*:glue:S~Ubn -> CRBN*:glue          degradation
    CRBN + MEIS2 <-> CRBN:MEIS2 -> CRBN                 native substrate, displaced by the glue

Several glues share the pocket and several neosubstrates the closed cereblon. The network carries no place:
`.at("tumour")` puts it into one. Without drug every state stands still, exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from cereblon.mechanism.binding import binding, cereblon
from cereblon.mechanism.catalysis import Potency
from cereblon.mechanism.degradation import Turnover, proteasome, turnover
from cereblon.mechanism.equilibrium import Floats, sum_text
from cereblon.mechanism.native import native
from cereblon.mechanism.ternary import ternary
from cereblon.mechanism.ubiquitination import (
    Chain,
    chain_turnover,
    forms,
    neddylation,
    share_text,
    ubiquitination,
)
from cereblon.network.network import Network


def ligase(
    glues: Iterable[str],
    substrates: Iterable[str],
    n_ub: int,
    *,
    native_substrate: str | None = "MEIS2",
    proteasome_taken: str = "0",
) -> Network:
    """Cereblon, its glues and its neosubstrates in one cell; `n_ub` is the chain length that the 26S takes.

    `proteasome_taken` (text, 0 to 1) is what an inhibitor of the hour takes of the 26S (`degradation.proteasome`).

    Observables, per cell: `glue.CRBN.occupancy` and `glue.CRBN.closed` (share of all cereblon that holds the
    glue, and that is closed around it), `glue.S.ternary` (nM), `S.remaining` (all forms of S over its
    baseline).
    """
    glues, substrates = tuple(glues), tuple(substrates)
    holders = [f"CRBN*:{glue}" for glue in glues]
    ternaries = {(g, S): [f"CRBN*:{g}:{form}" for form in forms(S, n_ub)] for g in glues for S in substrates}
    engaged = [name for names in ternaries.values() for name in names]
    net = cereblon(native_substrate) + neddylation(engaged)
    if native_substrate is not None:
        net += native(native_substrate)
        seen = f"([{native_substrate}] + [CRBN:{native_substrate}]) / {native_substrate}.total"
        net.observable(f"{native_substrate}.remaining", "1", seen, f"{native_substrate} over its baseline")
    for glue in glues:
        net += binding(glue)
    for S in substrates:
        net += turnover(S, n_ub, holders)
        for glue in glues:
            for form in forms(S, n_ub):
                net += ternary(glue, S, form)
            net += ubiquitination(glue, S, n_ub)
    net += proteasome(substrates, n_ub, holders, taken=proteasome_taken)
    for glue in glues:
        with_S = [name for S in substrates for name in ternaries[glue, S]]
        closed = [f"CRBN*:{glue}", *with_S]
        net.observable(
            f"{glue}.CRBN.occupancy",
            "1",
            share_text([f"CRBN:{glue}", *closed]),
            f"share of cereblon holding {glue}",
        )
        net.observable(f"{glue}.CRBN.closed", "1", share_text(closed), f"share of cereblon closed around {glue}")
        for S in substrates:
            net.observable(f"{glue}.{S}.ternary", "nM", sum_text(ternaries[glue, S]), f"{S} held through {glue}")
    for S in substrates:
        everywhere = [*forms(S, n_ub), *(name for glue in glues for name in ternaries[glue, S])]
        net.observable(f"{S}.remaining", "1", f"{sum_text(everywhere)} / {S}.total", f"{S} over its baseline")
    net.name = "ligase"
    return net


def quasi_steady(
    values: Mapping[str, float],
    glue: str,
    substrates: Iterable[str],
    n_ub: int,
    *,
    native_substrate: str | None = "MEIS2",
    place: str = "",
) -> Turnover:
    """The closed form that stands for `ligase`: its constants, gathered from the same addresses (at `place`).

    Its steady state is that of the network as long as the queue at the 26S stays as it is without drug; its time
    course holds where binding, chains and neddylation are fast beside turnover.
    """
    value = _reader(values, place)

    def each(address: str) -> Floats:
        return np.array([value(address.format(S=S)) for S in substrates])

    substrates = tuple(substrates)
    k_deg = np.log(2) / each("{S}.t_half")
    chain = Chain(
        Kd_S=each(glue + ".{S}.Kd"),
        k_on=each("{S}.CRBN.k_on"),
        k_ub=value("CRL4.k_ub"),
        k_dub=each("{S}.k_dub"),
        k_26S=_k_26S(value),
        k_deg=k_deg,
        n_ub=n_ub,
    )
    return Turnover(
        CRBN=value("CRBN.total"),
        S=each("{S}.total"),
        Kd=value(f"{glue}.CRBN.Kd"),
        k_deg=k_deg,
        fate=chain,
        K_c=value(f"{glue}.CRBN.K_c"),
        native=value(f"{native_substrate}.total") if native_substrate else 0,
        Kd_native=value(f"{native_substrate}.CRBN.Kd") if native_substrate else 1,
        active=value("CRL4.active"),
        inhibition=value("CRL4.inhibition"),
    )


def potency(values: Mapping[str, float], glue: str, S: str, n_ub: int, *, place: str = "") -> Potency:
    """The same addresses as the arguments of the catalytic law, for `catalysis.decompose`.

    The chain becomes one k_cat, exact where closed cereblon is so scarce that a released chain is gone before it
    binds again; recruitment becomes a Michaelis constant, since what is destroyed on the ligase does not come off.
    """
    value = _reader(values, place)
    k_on, Kd_S = value(f"{S}.CRBN.k_on"), value(f"{glue}.{S}.Kd")
    k_ub, k_26S = value("CRL4.k_ub") * value("CRL4.active"), _k_26S(value)
    return Potency(
        Kd=value(f"{glue}.CRBN.Kd"),
        K_c=value(f"{glue}.CRBN.K_c"),
        Kd_S=Kd_S + float(chain_turnover(k_ub, k_on * Kd_S, k_26S, n_ub)) / k_on,
        k_cat=float(chain_turnover(k_ub, k_on * Kd_S, k_26S, n_ub, value(f"{S}.k_dub"))),
        k_deg=float(np.log(2)) / value(f"{S}.t_half"),
        CRBN=value("CRBN.total"),
    )


def _reader(values: Mapping[str, float], place: str) -> Callable[[str], float]:
    """Look-up of an address at the place, or without one where it is shared."""

    def value(address: str) -> float:
        placed = f"{address}@{place}"
        return values[placed if placed in values else address]

    return value


def _k_26S(value: Callable[[str], float]) -> float:
    """Rate at which the 26S takes a full chain when none but the cell's own load is queued."""
    queue = value("proteasome.k_cat") * value("proteasome.load") / value("proteasome.capacity")
    return value("proteasome.k_cat") * (1 - value("proteasome.inhibition")) / (1 + queue)
