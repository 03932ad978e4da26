"""Ubiquitination: the ligase builds a chain of n on the substrate it holds; what falls off loses it again.

    CRBN*:glue:S~Ub0 -> CRBN*:glue:S~Ub1 -> ... -> CRBN*:glue:S~Ubn -> CRBN*:glue + (26S)
          |                    |                         | S                    S~Ub1
          S~Ubn         off the ligase: one ubiquitin at a time is lost

A complex that lives too short never finishes its chain: kinetic proofreading (Bartlett and Gilbert 2021).
Only neddylated CRL4 ubiquitinates; the COP9 signalosome removes NEDD8 unless a substrate is engaged.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from cereblon.mechanism.equilibrium import Floats, floats


def processivity(k_ub: ArrayLike, k_off: ArrayLike) -> Floats:
    """Chance that a held substrate gains its next ubiquitin before it leaves, 0 to 1 (rates in one unit)."""
    k_ub = floats(k_ub)
    return k_ub / (k_ub + floats(k_off))


def chain_flux(X0: ArrayLike, k_ub: ArrayLike, k_off: ArrayLike, k_26S: ArrayLike, n_ub: int) -> Floats:
    """Substrate destroyed per time from `X0`, the ternary complex that carries no ubiquitin yet.

    `k_ub` rate of one addition, `k_off` rate of leaving the ligase, `k_26S` rate at which the proteasome
    takes a chain of `n_ub`; deubiquitination off the ligase is taken as instant. Unit: that of `X0` times
    that of the rates."""
    p = processivity(k_ub, k_off)
    return floats(k_ub) * p ** (n_ub - 1) * processivity(k_26S, k_off) * floats(X0)


def chain_turnover(k_ub: ArrayLike, k_off: ArrayLike, k_26S: ArrayLike, n_ub: int) -> Floats:
    """The k_cat of the quasi-steady model: destruction per time and per ternary complex, all its chains
    counted.

    The chain states stand in the steady ratio 1, p, p^2, ... p^(n-1) and, at length n, k_ub p^(n-1) / (k_26S
    + k_off). Rates and result in one unit.

    >>> round(float(chain_turnover(k_ub=300, k_off=0, k_26S=1e9, n_ub=3)), 3)
    100.0
    """
    p = processivity(k_ub, k_off)
    shares = sum((p**i for i in range(n_ub)), start=floats(0))
    last = floats(k_ub) * p ** (n_ub - 1) / (floats(k_26S) + floats(k_off))
    return chain_flux(1, k_ub, k_off, k_26S, n_ub) / (shares + last)


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
