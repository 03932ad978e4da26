"""The figures of decision 0023, one after the other: MM-001 phase 2 in both structures of its patients.

    python benchmarks/phase_2.py                        all of them, about four minutes
    python benchmarks/phase_2.py replicates doses       some

Seed 1 and those after it. Run it again when a population, a policy or a protocol has changed, and write down what it
says; the numbers that are set come from `python -m cereblon.evidence.calibrate_population`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from parts import run

import cereblon as cb
from cereblon.bedside.contrasts import immune_share, isotypes
from cereblon.cohort import population
from cereblon.evidence import compare
from cereblon.evidence.claims import judge
from cereblon.evidence.replicates import beside_report
from cereblon.evidence.rows import evidence_rows
from cereblon.evidence.verdict import reported_interval

TRIAL, REPLICATES, FEW = "MM_001_phase_2", 30, 8
STRUCTURES = ("triple_class_refractory", "triple_class_refractory_downstream")
DOSES = (0.3, 1.0, 2.0)  # mg, of a planned 1 mg
WIDEST = 1.5  # times the reported exact interval
BESIDE = (
    "neutropenia, any grade", "lymphopenia, reported", "dose intensity", "transfused", "MRD-negative", "PFS at 4.4",
)


def replicates() -> None:
    """Reported beside simulated, structure by structure, and how wide a prediction is."""
    base = cb.trial(TRIAL)
    for structure in STRUCTURES:
        found = replace(base, population=population(structure)).replicates(REPLICATES)
        table = beside_report(found)
        print(structure)
        print(table[["id", "what", "reported", "simulated", "simulated_low", "simulated_high", "verdict", "basis"]])
        for row in table.to_dict("records"):
            low, high = reported_interval(evidence_rows()[row["id"]])
            wide = (row["simulated_high"] - row["simulated_low"]) / (high - low)
            held = row["simulated_low"] <= row["reported"] <= row["simulated_high"]
            print(f"  {row['id']:<5} {'held' if held else 'NOT held'}, width {wide:.2f} of the reported"
                  f"{'' if wide < WIDEST else ' TOO WIDE'}")  # fmt: skip
        for name in found.values:
            if name.startswith(BESIDE):
                print(f"  {name:<34} {found[name]}")
        print(compare(found))


def doses() -> None:
    """ORR of both structures away from 1 mg."""
    base = cb.trial(TRIAL)
    for amount in DOSES:
        for structure in STRUCTURES:
            of = replace(base, population=population(structure))
            seeds = range(1, FEW + 1)
            found = of.outcomes(seeds, drug="mezigdomide", shares=[amount] * FEW)
            rates = [one.ORR.value for one in found]
            severe = [one.TEAE["neutropenia"].value for one in found]
            print(f"{amount} mg, {structure}: ORR {np.mean(rates):.3f} (SD {np.std(rates, ddof=1):.3f}), "
                  f"neutropenia {np.mean(severe):.2f}")  # fmt: skip


def partners() -> None:
    """Trials with a partner, as the evidence judges them."""
    print(compare(["C24", "C25"]))


def otherwise() -> None:
    """The same patients as another isotype and by another assay, and what T and NK cells take of the kill."""
    print(isotypes())
    for structure in STRUCTURES:
        print(immune_share(people=structure))


def policy() -> None:
    """Holds and G-CSF (C32)."""
    print(judge("mezigdomide", claims=["C32"]))


PARTS: dict[str, Callable[[], None]] = {
    "replicates": replicates, "doses": doses, "partners": partners, "otherwise": otherwise, "policy": policy,
}  # fmt: skip


if __name__ == "__main__":
    run(__doc__, PARTS)
