"""How long a trial takes: replicates of MM-001 phase 2, 101 patients through up to twelve cycles, and escalations.

    python benchmarks/trial.py             100 and 1,000 replicates, 100 escalations: one JSON object
    python benchmarks/trial.py --quick     20 replicates, 10 escalations

Seconds by the clock, with compilation told apart; memory is the most that the process held. Run it alone: a neighbour
on the machine counts too.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

import cereblon as cb

MB = 1024  # of the kilobytes that the system counts in


def phase_2(replicates: int) -> dict[str, float]:
    """Seconds, and what the replicates say of the response rate."""
    plan = cb.trial("MM_001_phase_2")
    begin = time.perf_counter()
    found = plan.replicates(replicates)
    took = time.perf_counter() - begin
    return {"replicates": replicates, "seconds": round(took, 2), "per_replicate": round(took / replicates, 4),
            "ORR": round(found["ORR"].value, 4), "memory_MB": memory()}  # fmt: skip


def phase_1(escalations: int) -> dict[str, float]:
    """Seconds of so many escalations under the record's design."""
    plan = cb.trial("MM_001_phase_1_21_28")
    begin = time.perf_counter()
    plan.replicates(escalations)
    took = time.perf_counter() - begin
    return {"escalations": escalations, "seconds": round(took, 2), "memory_MB": memory()}


def memory() -> float:
    """The most that this process has held so far, in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="20 replicates and 10 escalations")
    quick = parser.parse_args().quick
    begin = time.perf_counter()
    cb.trial("MM_001_phase_2").run(seed=1)
    first = round(time.perf_counter() - begin, 2)
    sizes, escalations = ((20,), 10) if quick else ((100, 1000), 100)
    print(json.dumps({
        "first_with_compilation": first, "phase_2": [phase_2(n) for n in sizes], "phase_1": phase_1(escalations),
    }, indent=2))  # fmt: skip


if __name__ == "__main__":
    main()
