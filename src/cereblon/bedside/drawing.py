"""Tables behind the figures of a simulated trial that are not of response: blood counts from visit to visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bedside.outcome import Outcome

PERCENTS = {"low": 5, "lower": 25, "median": 50, "upper": 75, "high": 95}
FEWEST = 10  # patients behind a band


def counts_by_visit(outcome: Outcome, test: str = "ANC") -> pd.DataFrame:
    """One row per scheduled visit: day, n (patients measured), low, lower, median, upper, high (5 to 95 %).

    Visits at which only those are measured whose dose is held are left out: they would show low counts alone; so are
    visits with fewer than ten patients.
    """
    import pandas as pd

    clinic = outcome.clinic
    values = clinic.labs[test][outcome.patients]
    rows = []
    for v, day in enumerate(clinic.days):
        own = values[~np.isnan(values[:, v]), v]
        if clinic.scheduled(v) and len(own) >= FEWEST:
            ends = np.percentile(own, list(PERCENTS.values()))
            rows.append({"day": float(day), "n": len(own), **dict(zip(PERCENTS, ends.tolist(), strict=True))})
    return pd.DataFrame(rows, columns=["day", "n", *PERCENTS])
