"""Rows on patients, simulated as the trial that reported them: `bedside.trial` replicates of its own size.

The prediction interval holds 95 % of replicates: what one such trial may show, chance of its patients included. A row
whose trial is not on record is not simulated yet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from cereblon.bedside.escalation.course import escalate
from cereblon.bedside.outcome import Replicates
from cereblon.evidence.laboratory import TAILS, Floats, Laboratory, Simulated
from cereblon.evidence.rows import Row, evidence_rows
from cereblon.ground.quantity import Estimate
from cereblon.records.trial import protocols

SETTINGS: Mapping[str, str] = {
    "MM-001 phase 2": "MM_001_phase_2", "MM-001 phase 2, after anti-BCMA therapy": "MM_001_phase_2",
    "MM-001 phase 2, plasmacytomas": "MM_001_phase_2", "CA057-003": "CA057_003_trametinib",
    "relapsed myeloma": "mezi_bortezomib_dex", "Lacy 2011": "pomalidomide_dex_28_28",
}  # fmt: skip
"""Setting of a row -> the trial's record."""
NUMBERS: Mapping[str, str] = {
    "C21a": "ORR", "C21b": "median PFS", "T01": "sCR", "T02": "CR", "T03": "VGPR", "T04": "PR", "T05": "median DOR",
    "T08": "neutropenia, any grade", "T10": "neutropenia of grade 4, reported",
    "T14": "anaemia, reported", "T15": "thrombocytopenia, reported", "T16": "interrupted", "T17": "reduced",
    "T18": "stopped", "T19": "supported", "C22": "ORR, anti_BCMA", "C23": "ORR, extramedullary",
    "C26b": "neutropenia, reported", "C27b": "anaemia, reported", "C28b": "thrombocytopenia, reported",
    "C24": "ORR", "C25": "ORR", "T23": "ORR", "T24": "ORR",
    "C29b": "infection, reported", "C30": "febrile neutropenia, reported",
}  # fmt: skip
"""Row -> the number of a replicate that it is compared with."""
TWO_DOSES = ("Lacy 2011",)  # settings whose rows are cohorts of one trial at the row's dose
SUMS = dict.fromkeys(("T25", "T26"), ("sCR", "CR", "VGPR", "PR", "MR"))
"""Row -> numbers that are added."""
GRADE_3 = {"T09": ("neutropenia, reported", "neutropenia of grade 4, reported")}
"""Row -> two numbers: worst grade 3 is the first less the second."""
CATEGORIES = ("sCR", "CR", "VGPR", "PR")
TREATED: Mapping[str, str] = {
    "C26a": "neutropenia, reported", "C27a": "anaemia, reported", "C28a": "thrombocytopenia, reported",
    "C29a": "infection, reported",
}  # fmt: skip
"""Row on all who were treated in phase 1 -> the number of a replicate."""
MTD_REPORTED = ("MM_001_phase_1", "MM_001_phase_1_21_28")  # schedules of which one was reported


def in_trial(row: Row, lab: Laboratory) -> Simulated | None:
    """The row's number over replicates; null: the same trial with a glue that never closes."""
    name = SETTINGS[row.setting]
    if name not in protocols():
        return None
    dose = row.dose if row.setting in TWO_DOSES else ""
    null = _estimate(row, lab.trial(name, idle=True, dose=dose)).value
    return _simulated(row, lab.trial(name, dose=dose), null)


def category(row: Row, lab: Laboratory) -> Simulated | None:
    """A category of response; null: as many responders, spread evenly over the categories."""
    replicates = lab.trial(SETTINGS[row.setting])
    return _simulated(row, replicates, replicates["ORR"].value / len(CATEGORIES))


def subgroup(row: Row, lab: Laboratory) -> Simulated | None:
    """The response rate of a part of the patients, judged by its odds over the rest; null: no difference.

    The simulated odds ratio is set on the reported rate of the others, so that the level of all, a row of its own, is
    not judged twice.
    """
    replicates = lab.trial(SETTINGS[row.setting])
    kind = NUMBERS[row.id].partition(", ")[2]
    odds, own = replicates[f"odds ratio, {kind}"], replicates[NUMBERS[row.id]]
    responders, others = _others(row)
    base = responders / (others - responders)
    value, low, high, null = (x * base / (1 + x * base) for x in (odds.value, odds.low, odds.high, 1.0))
    says = (
        f"odds over the others {odds.value:.2g} ({odds.low:.2g}-{odds.high:.2g}), reported {reported_odds(row)}, set "
        f"on the others' {responders}/{others}; itself {own.value:.2g} ({own.low:.2g}-{own.high:.2g})"
    )
    return Simulated(value, low, high, null, says=says)


def duration(row: Row, lab: Laboratory) -> Simulated | None:
    """Median duration of response; null: one constant rate of progression for all, so that it is the median PFS."""
    replicates = lab.trial(SETTINGS[row.setting])
    return _simulated(row, replicates, replicates["median PFS"].value)


def all_treated(row: Row, lab: Laboratory) -> Simulated:
    """A number of all treated in phase 1, at the doses of simulated escalations; null: a glue that never closes, at the
    same doses. Replicates are few, so the interval for one more trial is by Student's t."""
    assert row.n is not None
    found, null = (lab.all_treated(row.n, idle=idle) for idle in (False, True))
    values = found.values[TREATED[row.id]]
    mean, side = float(values.mean()), _next_trial(values)
    low, high = max(0.0, mean - side), min(1.0, mean + side)
    each = {arm.regimen.name: found.values[f"{TREATED[row.id]}, {arm.regimen.name}"] for arm in lab.phase_1().arms}
    arms = ", ".join(f"{name} {np.nanmean(own):.2f}" for name, own in each.items())
    says = (
        f"{len(values)} replicates of {row.n} of all treated on {len(each)} schedules: {arms}; interval of one more by "
        "Student's t"
    )
    return Simulated(mean, low, high, float(null.values[TREATED[row.id]].mean()), says=says)


def MTD(row: Row, lab: Laboratory) -> Simulated:
    """The dose that escalations select, in the middle of all; null: nobody has a dose-limiting toxicity."""
    chosen, free = [], []
    for arm, ended in zip(lab.phase_1().arms, lab.phase_1().ended, strict=True):
        if arm.protocol.name in MTD_REPORTED:
            doses = [0.0, *(level.to(row.unit).value for level in arm.levels)]
            chosen += [doses[one.course.MTD] for one in ended]
            free.append(doses[escalate(arm.design, lambda dose, patients, before: [False] * patients).MTD])
    found = np.array(chosen)
    low, middle, high = np.quantile(found, [TAILS[0], 1 / 2, TAILS[1]], method="inverted_cdf").tolist()
    told = ", ".join(f"{dose:g} {row.unit} in {(found == dose).sum()}" for dose in sorted(set(chosen)) if dose)
    says = f"{len(found)} escalations: {told}, none in {(found == 0).sum()}"
    return Simulated(middle, low, high, float(np.mean(free)), says=says)


def _next_trial(values: Floats) -> float:
    """Half of the interval that holds the next of several numbers alike, by Student's t; NaN for one alone."""
    from scipy.stats import t

    n = len(values)
    return float(t.ppf(TAILS[1], n - 1) * values.std(ddof=1) * math.sqrt(1 + 1 / n)) if n > 1 else math.nan


def reported_odds(row: Row) -> Estimate:
    """The row's odds of response over those of the rest of its trial, with Fisher's exact interval.

    Conditional maximum likelihood (Cornfield 1956), by scipy.

    >>> print(reported_odds(evidence_rows()["C22"]))
    1.72 (0.666-4.48)
    """
    from scipy.stats.contingency import odds_ratio

    assert row.events is not None
    assert row.n is not None
    responders, others = _others(row)
    found = odds_ratio([[row.events, row.n - row.events], [responders, others - responders]])
    ends = found.confidence_interval()
    return Estimate(float(found.statistic), "1", float(ends.low), float(ends.high), method="conditional, exact")


def _others(row: Row) -> tuple[int, int]:
    """Responders and patients of the whole trial who are not of this part."""
    whole = evidence_rows()["C21a"]
    return (whole.events or 0) - (row.events or 0), (whole.n or 0) - (row.n or 0)


def _simulated(row: Row, replicates: Replicates, null: float) -> Simulated:
    found = _estimate(row, replicates)
    low, high = (math.nan if x is None else x for x in (found.low, found.high))
    says = f"{replicates.name}, {found.method or found.note}"
    return Simulated(found.value, low, high, null, says=says)


def _estimate(row: Row, replicates: Replicates) -> Estimate:
    if row.id in GRADE_3:
        one, other = (replicates.values[name] for name in GRADE_3[row.id])
        return _of(replicates, one - other)
    if row.id in SUMS:
        return _of(replicates, np.sum([replicates.values[name] for name in SUMS[row.id]], axis=0))
    return replicates[NUMBERS[row.id]]


def _of(replicates: Replicates, values: Floats) -> Estimate:
    low, high = np.quantile(values, [0.025, 0.975])
    method = f"95 % of {len(values)} replicates of {replicates.patients} patients"
    return Estimate(float(values.mean()), low=float(low), high=float(high), method=method)
