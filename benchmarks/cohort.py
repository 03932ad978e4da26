"""How long a cohort takes: 101 patients of the whole model through six cycles of mezigdomide and dexamethasone.

    python benchmarks/cohort.py [--patients 101] [--cycles 6] [--rtol 1e-4] [--json]

Weekly read-outs of ten quantities; the first run compiles, the shortest of the further ones counts. Run it alone:
a neighbour on the machine counts too.
"""

from __future__ import annotations

import argparse
import json
import time

import numpy as np

import cereblon as cb

WATCHED = (
    "ANC", "PLT", "Hb", "ALC", "M_protein", "FLC", "myeloma.burden", "plasmacytoma.volume", "infection.risk",
    "febrile_neutropenia.risk",
)  # fmt: skip


def measure(patients: int, cycles: int, rtol: float, repeats: int = 5) -> dict[str, float]:
    """Seconds of one run (shortest of `repeats`), of the sampling, of the first run (with compilation), and steps."""
    regimen = cb.regimen("mezi_dex", cycles=cycles)
    cohort = cb.population("triple_class_refractory").sample(patients, seed=1)
    weekly = np.arange(0, cycles * 4 + 1) * 7 * 24.0
    took = []
    for _ in range(repeats + 1):
        begin = time.perf_counter()
        found = cb.simulate(regimen, cohort, times=weekly, observe=WATCHED, rtol=rtol)
        took.append(time.perf_counter() - begin)
    begin = time.perf_counter()
    cohort.numbers(found.model)
    sampling = time.perf_counter() - begin
    return {
        "patients": patients,
        "cycles": cycles,
        "rtol": rtol,
        "species": len(found.model.network.species),
        "failed": len(found.trajectory.failed),
        "seconds": min(took[1:]),
        "seconds_first": took[0],
        "seconds_sampling": sampling,
        "steps": float(np.mean([s.accepted for s in found.status])),
        "patient_years_per_s": patients * cycles * 28 / 365.25 / min(took[1:]),
    }


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=101)
    parser.add_argument("--cycles", type=int, default=6)
    parser.add_argument("--rtol", type=float, default=1e-4)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = measure(asked.patients, asked.cycles, asked.rtol)
    if asked.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:<22} {value:.4g}")


if __name__ == "__main__":
    main()
