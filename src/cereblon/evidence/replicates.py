"""Replicates of a trial beside what that trial reported, number by number.

A simulated interval holds 95 % of trials of the same size, so it may be set beside the exact interval of one report:
two such trials would differ as much by chance alone. No null model stands here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cereblon.bedside.outcome import Replicates
from cereblon.evidence import calibrate_population as calibration
from cereblon.evidence.laboratory import TAILS, Simulated
from cereblon.evidence.rows import evidence_rows
from cereblon.evidence.trial_experiments import NUMBERS
from cereblon.evidence.verdict import reported_interval, verdict
from cereblon.ground.errors import InputError
from cereblon.records.population import Population

if TYPE_CHECKING:
    import pandas as pd

ROWS = {
    row: NUMBERS[row] for row in (
        "C21a", "T01", "T02", "T03", "T04", "C21b", "T05", "C26b", "T10", "C28b", "C27b", "C29b", "C30", "T16", "T17",
        "T18", "T19",
    )
}  # fmt: skip
"""Row of evidence -> the number of a replicate that it is set beside: events as an investigator reports them."""
WORDS = {
    "ORR": "overall response", "sCR": "stringent complete response", "CR": "complete response",
    "VGPR": "very good partial response", "PR": "partial response", "interrupted": "dose interrupted",
    "reduced": "dose reduced", "stopped": "stopped for toxicity", "supported": "given G-CSF",
    "median DOR": "median duration of response", "neutropenia of grade 4, reported": "neutropenia, grade 4",
    **{f"{term}, reported": f"{term}, grade 3/4" for term in (
        "neutropenia", "thrombocytopenia", "anaemia", "infection", "febrile neutropenia",
    )},
}  # fmt: skip
SET, PROTOTYPE, PREDICTED = "set on it", "set in a prototype", "predicted"


def basis(row: str, population: Population | None) -> str:
    """What agreement with a row is worth, as the population's record says: were its numbers set on it, here or in the
    prototype that they come from?"""
    if population is None or row not in calibration.ROWS:
        return PREDICTED
    numbers = population.values.values()
    if any(calibration.NOTE in q.note for q in numbers):
        return SET
    return PROTOTYPE if any((q.source, q.grade) == ("prototype", "calibrated") for q in numbers) else PREDICTED


def is_reported(trial: str) -> bool:
    """Whether numbers of this trial are among the evidence."""
    return any(evidence_rows()[key].setting == trial for key in ROWS)


def beside_report(found: Replicates) -> pd.DataFrame:
    """One row per reported number: id, what, label (with what was not reached), group (shares, months), reported and
    simulated with intervals, verdict, by, basis (set on it, set in a prototype, predicted), grade, source.

    Raises InputError where nothing was reported of a trial with this name.
    """
    import pandas as pd

    evidence = evidence_rows()
    out = []
    for key, name in ROWS.items():
        row = evidence[key]
        if row.setting != found.name or name not in found.values:
            continue
        said, one = WORDS.get(name, name), _simulated(found, name)
        judged = verdict(row, one)
        low, high = reported_interval(row)
        out.append({
            "id": key, "what": said, "label": f"{said} ({one.says})" if one.says else said,
            "group": "shares" if row.is_share else "months",
            "reported": row.centre, "reported_low": low, "reported_high": high, "simulated": one.value,
            "simulated_low": one.low, "simulated_high": one.high, "verdict": judged.word,
            "by": "" if judged.size == "no number" else judged.size,
            "basis": basis(key, found.population), "grade": row.grade, "source": row.source
        })  # fmt: skip
    if not out:
        raise InputError("nothing was reported of this trial", found=found.name, expected="MM-001 phase 2")
    return pd.DataFrame(out)


def _simulated(found: Replicates, name: str) -> Simulated:
    """Mean of the replicates and what 95 % of them show. A median that some did not reach lies beyond all others there:
    then the middle replicate stands for the mean, and NaN where that one did not reach it."""
    own, whole = found.values[name], found[name]
    if not whole.note:
        return Simulated(whole.value, whole.low, whole.high)
    reached = np.where(np.isfinite(own), own, np.inf)
    low, middle, high = np.quantile(reached, [TAILS[0], 1 / 2, TAILS[1]], method="inverted_cdf").tolist()
    return Simulated(middle if np.isfinite(middle) else np.nan, low, high, says=whole.note)
