"""Operating characteristics: seconds for 10,000 trials of each design on five doses and at most 30 patients.

    python benchmarks/designs.py

TITE-CRM and backfill look at every day of every trial: 200 trials are run and scaled.
"""

from __future__ import annotations

import time

import cereblon as cb

TRUTH = (0.05, 0.12, 0.25, 0.4, 0.55)
GUESS = (0.084, 0.157, 0.25, 0.354, 0.46)
COHORTS = {
    "3+3": {},
    "BOIN": {"target": 0.3},
    "mTPI-2": {"target": 0.3},
    "Keyboard": {"target": 0.3},
    "CRM": {"target": 0.25, "skeleton": GUESS},
    "BLRM": {"amounts": (0.3, 0.6, 1.0, 1.5, 2.0), "reference": 1.0},
}
CALENDAR = {
    "TITE-CRM": ({"target": 0.25, "skeleton": GUESS}, {}),
    "backfill": ({"target": 0.25}, {"responses": (0.1, 0.2, 0.3, 0.4, 0.4)}),
}
FEW, TRIALS = 200, 10_000


def seconds(work) -> float:  # type: ignore[no-untyped-def]
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure() -> dict[str, tuple[float, float | None]]:
    """Design -> seconds of 10,000 trials, seconds of the enumeration (None where there is none)."""
    cb.operating(cb.design("BOIN"), TRUTH, trials=10)  # what is loaded once is not counted
    found: dict[str, tuple[float, float | None]] = {}
    for name, options in COHORTS.items():
        simulated = seconds(lambda n=name, o=options: cb.operating(cb.design(n, **o), TRUTH, trials=TRIALS))
        exact = seconds(lambda n=name, o=options: cb.operating(cb.design(n, **o), TRUTH, exact=True))
        found[name] = (simulated, exact)
    for name, (options, more) in CALENDAR.items():
        few = seconds(lambda n=name, o=options, m=more: cb.operating(cb.design(n, **o), TRUTH, trials=FEW, **m))
        found[name] = (few * TRIALS / FEW, None)
    return found


if __name__ == "__main__":
    print(f"{'design':10} {'10,000 trials':>14} {'exact':>10}")
    for name, (simulated, exact) in measure().items():
        print(f"{name:10} {simulated:12.2f} s {'' if exact is None else f'{exact:8.2f} s':>10}")
