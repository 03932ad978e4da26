"""The bivalent degrader (PROTAC), the comparator whose hook a glue does not have.

    target + drug <-> target:drug          drug + CRBN <-> drug:CRBN
    target:drug + CRBN <-> target:drug:CRBN <-> target + drug:CRBN

Each end binds alone, so an excess of drug fills both proteins separately and the ternary complex falls again.
Cooperativity alpha = binary Kd / ternary Kd on either face (detailed balance). Douglass 2013 (equilibrium);
Bartlett and Gilbert 2021, Park 2023 (the ubiquitin chain: kinetic proofreading).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cereblon.mechanism.degradation import turnover
from cereblon.mechanism.equilibrium import Floats, complex_of, floats, rising_root, sum_text
from cereblon.mechanism.ubiquitination import chain, deubiquitination, forms
from cereblon.network.network import Network


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
    drug, *others = np.broadcast_arrays(*(floats(x) for x in (drug, target, ligase, Kd_target, Kd_ligase, alpha)))

    def balance(b: Floats) -> Floats:
        at = bivalent_at(b, *others)
        return b + at.target_drug + at.drug_ligase + at.ternary - drug

    return bivalent_at(rising_root(balance, np.zeros_like(drug), drug), *others)


def bivalent_at(
    drug: ArrayLike,
    target: ArrayLike,
    ligase: ArrayLike,
    Kd_target: ArrayLike,
    Kd_ligase: ArrayLike,
    alpha: ArrayLike = 1,
) -> Bivalent:
    """The same at a **free** concentration of the drug, as in a cell that draws on a medium."""
    b, A, C, KA, KC, a = np.broadcast_arrays(
        *(floats(x) for x in (drug, target, ligase, Kd_target, Kd_ligase, alpha))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ternary = complex_of(A, C, (KA + b) * (KC + b) / (a * b))
    ternary = np.where(b > 0, ternary, np.zeros_like(ternary))
    left, right = (A - ternary) * b / (KA + b), (C - ternary) * b / (KC + b)
    return Bivalent(drug=b, target_drug=left, drug_ligase=right, ternary=ternary[()])


def ternary_peak(
    target: ArrayLike, ligase: ArrayLike, Kd_target: ArrayLike, Kd_ligase: ArrayLike, alpha: ArrayLike = 1
) -> Floats:
    """The largest ternary complex that any concentration of the drug can make (same unit)."""
    reach = (np.sqrt(floats(Kd_target)) + np.sqrt(floats(Kd_ligase))) ** 2
    return complex_of(target, ligase, reach / floats(alpha))


def peak_drug(target: ArrayLike, ligase: ArrayLike, Kd_target: ArrayLike, Kd_ligase: ArrayLike) -> Floats:
    """Total drug at that peak, beyond which the hook begins; it does not depend on alpha.

    The shorter form sqrt(Kd_target Kd_ligase) + (target + ligase) / 2 that is often quoted holds only for
    equal constants or equal totals.
    """
    A, C = np.sqrt(floats(Kd_target)), np.sqrt(floats(Kd_ligase))
    return A * C + (floats(target) * C + floats(ligase) * A) / (A + C)


def bivalent(drug: str, target: str, n_ub: int) -> Network:
    """A bivalent drug in a cell: four binding faces, the chain on the ligase, its loss and the 26S off it.

        target~Ubi + drug <-> drug:target~Ubi            CRBN + drug <-> CRBN:drug
        CRBN:drug + target~Ubi <-> CRBN:drug:target~Ubi <-> CRBN + drug:target~Ubi
        CRBN:drug:target~Ubi -> CRBN:drug:target~Ub(i+1)

    The 26S takes full chains off the ligase (target.proteasome.k_cat) and on it (target.CRL4.k_cat).
    Turnover, chain and its loss are the modules that the glue uses; add `binding.cereblon` and
    `binding.uptake` for the rest of the cell.
    """
    net = Network("bivalent")
    for protein in ("CRBN", target):
        net.parameter(f"{drug}.{protein}.Kd", "nM", f"binary dissociation constant from {protein}", shared=True)
        net.parameter(f"{drug}.{protein}.k_on", "1/nM/h", f"association rate, {drug} to {protein}", shared=True)
    net.parameter(f"{drug}.{target}.alpha", "1", "cooperativity, binary over ternary Kd", shared=True)
    net.parameter(f"{drug}.{target}.CRBN.k_on", "1/nM/h", "association rate to a binary complex", shared=True)
    net.parameter("CRL4.k_ub", "1/h", "rate of one ubiquitin addition")
    net.parameter(f"{target}.proteasome.k_cat", "1/h", "rate at which the 26S takes a full chain off the ligase")
    net.parameter(f"{target}.CRL4.k_cat", "1/h", "rate at which the 26S takes a full chain on the ligase")
    Kd_T, Kd_E, alpha = f"{drug}.{target}.Kd", f"{drug}.CRBN.Kd", f"{drug}.{target}.alpha"
    on_T, on_E, on_both = f"{drug}.{target}.k_on", f"{drug}.CRBN.k_on", f"{drug}.{target}.CRBN.k_on"
    net.reaction(f"CRBN + {drug} <-> CRBN:{drug}", forward=on_E, reverse=f"{on_E} * {Kd_E}")
    for form in forms(target, n_ub):
        binary, ternary = f"{drug}:{form}", f"CRBN:{drug}:{form}"
        net.add_species(binary, "nM", scale=f"{target}.total", meaning=f"{drug} on {form}")
        net.add_species(ternary, "nM", scale=f"{target}.total", meaning=f"ternary complex of {form}")
        net.reaction(f"{form} + {drug} <-> {binary}", forward=on_T, reverse=f"{on_T} * {Kd_T}")
        net.reaction(f"CRBN:{drug} + {form} <-> {ternary}", forward=on_both, reverse=f"{on_both} * {Kd_T} / {alpha}")
        net.reaction(f"CRBN + {binary} <-> {ternary}", forward=on_both, reverse=f"{on_both} * {Kd_E} / {alpha}")
    net += turnover(target, n_ub, (drug, f"CRBN:{drug}"))
    net += chain(f"CRBN:{drug}", target, n_ub, "CRL4.k_ub")
    net += deubiquitination(target, n_ub) + deubiquitination(target, n_ub, f"{drug}:")
    full = forms(target, n_ub)[-1]
    net.reaction(f"{full} -> 0", forward=f"{target}.proteasome.k_cat")
    net.reaction(f"{drug}:{full} -> {drug} + 0", forward=f"{target}.proteasome.k_cat")
    net.reaction(f"CRBN:{drug}:{full} -> CRBN:{drug} + 0", forward=f"{target}.CRL4.k_cat")
    everywhere = [holder + form for holder in ("", f"{drug}:", f"CRBN:{drug}:") for form in forms(target, n_ub)]
    net.observable(f"{target}.remaining", "1", f"{sum_text(everywhere)} / {target}.total", "target over baseline")
    net.observable(
        f"{drug}.{target}.ternary",
        "nM",
        sum_text(f"CRBN:{drug}:{f}" for f in forms(target, n_ub)),
        "ternary complex",
    )
    net.name = "bivalent"
    return net
