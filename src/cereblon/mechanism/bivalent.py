"""The bivalent degrader (PROTAC), the comparator whose hook a glue does not have.

    target + drug <-> target:drug          drug + CRBN <-> drug:CRBN
    target:drug + CRBN <-> target:drug:CRBN <-> target + drug:CRBN

Each end binds alone, so an excess of drug fills both proteins separately and the ternary complex falls again.
Cooperativity alpha = binary Kd / ternary Kd on either face (detailed balance). Douglass 2013 (equilibrium).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cereblon.mechanism.equilibrium import Floats, complex_of, floats, rising_root


@dataclass(frozen=True)
class Bivalent:
    """Equilibrium of a bivalent drug, every field in the unit of the totals: `drug` free drug, `target_drug`
    and `drug_ligase` binary complexes, `ternary` all three."""

    drug: Floats
    target_drug: Floats
    drug_ligase: Floats
    ternary: Floats


def bivalent_equilibrium(
    drug: ArrayLike,
    target: ArrayLike,
    ligase: ArrayLike,
    Kd_target: ArrayLike,
    Kd_ligase: ArrayLike,
    alpha: ArrayLike = 1,
) -> Bivalent:
    """Exact equilibrium of a bivalent drug with its target and its ligase, at **total** concentrations.

    One unit for all; arguments broadcast. For free drug b the ternary complex is `complex_of(target, ligase,
    K)` with K = (Kd_target + b)(Kd_ligase + b) / (alpha b); the total drug rises in b and is solved for b.
    """
    drug, A, C, KA, KC, a = np.broadcast_arrays(
        *(floats(x) for x in (drug, target, ligase, Kd_target, Kd_ligase, alpha))
    )

    def parts(b: Floats) -> tuple[Floats, Floats, Floats]:
        with np.errstate(divide="ignore", invalid="ignore"):
            ternary = complex_of(A, C, (KA + b) * (KC + b) / (a * b))
        ternary = np.where(b > 0, ternary, np.zeros_like(ternary))
        return (A - ternary) * b / (KA + b), (C - ternary) * b / (KC + b), ternary

    def balance(b: Floats) -> tuple[Floats, Floats]:
        left, right, ternary = parts(b)
        K = (KA + b) * (KC + b) / (a * b)
        gain = -ternary / (A + C + K - 2 * ternary) * (b**2 - KA * KC) / (a * b**2)
        slope = (
            1
            + (A - ternary) * KA / (KA + b) ** 2
            + (C - ternary) * KC / (KC + b) ** 2
            + gain * (1 - b / (KA + b) - b / (KC + b))
        )
        return b + left + right + ternary - drug, slope

    free = rising_root(balance, np.zeros_like(drug), drug)
    left, right, ternary = parts(free)
    return Bivalent(drug=free, target_drug=left, drug_ligase=right, ternary=ternary[()])


def ternary_peak(
    target: ArrayLike, ligase: ArrayLike, Kd_target: ArrayLike, Kd_ligase: ArrayLike, alpha: ArrayLike = 1
) -> Floats:
    """The largest ternary complex that any concentration of the drug can make (same unit)."""
    reach = (np.sqrt(floats(Kd_target)) + np.sqrt(floats(Kd_ligase))) ** 2
    return complex_of(target, ligase, reach / floats(alpha))


def peak_drug(target: ArrayLike, ligase: ArrayLike, Kd_target: ArrayLike, Kd_ligase: ArrayLike) -> Floats:
    """Total drug at that peak, beyond which the hook begins; it does not depend on alpha.

    The shorter form sqrt(Kd_target Kd_ligase) + (target + ligase) / 2 that is often quoted holds only for
    equal constants or equal totals."""
    A, C = np.sqrt(floats(Kd_target)), np.sqrt(floats(Kd_ligase))
    return A * C + (floats(target) * C + floats(ligase) * A) / (A + C)
