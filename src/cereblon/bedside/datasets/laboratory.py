"""ADLB and ADAE: what the laboratory measured with its grades, and the adverse events that follow from it or fell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.clinic import COUNTS, EVENTS
from cereblon.bedside.datasets.exposure import HELD, KEPT, factors
from cereblon.bedside.datasets.study import Floats, Names, study_day, visit
from cereblon.bedside.toxicity import ctcae
from cereblon.bedside.toxicity.ctcae import MISSING

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bedside.outcome import Outcome

CODES = {"ANC": "NEUT", "PLT": "PLAT", "Hb": "HGB", "ALC": "LYMPH"}
WORDS = {"ANC": "neutrophils", "PLT": "platelets", "Hb": "haemoglobin", "ALC": "lymphocytes"}
DISEASE = {
    "serum": ("MPROT", "serum M-protein", "g/dL"), "urine": ("UMPROT", "M-protein of the urine", "mg/d"),
    "involved": ("FLC", "involved free light chain", "mg/dL"),
}  # fmt: skip
HELD_BY = {"ANC": "neutrophil", "PLT": "platelet"}  # counts that a policy holds a dose for


def laboratory(outcome: Outcome, names: Names) -> pd.DataFrame:
    """ADLB: a row per patient, test and visit at which it was measured."""
    import pandas as pd

    clinic, who, version = outcome.clinic, outcome.patients, outcome.clinic.protocol.CTCAE
    by = ctcae(version)
    day = np.broadcast_to(clinic.days, (len(who), len(clinic.days)))
    parts = []
    for test in (*COUNTS, "Hb"):
        values = clinic.labs[test][who]
        unit_ = COUNTS[test][1] if test in COUNTS else "g/dL"
        grades = by.grade(test, values) if test in by.cutoffs else None
        parts.append(_measured(names, (CODES[test], WORDS[test], unit_), values, day, grades))
    at = np.arange(0, len(clinic.days), clinic.in_assessment)
    judged = outcome.endpoints.responses.measured
    for field, called in DISEASE.items():
        values, days = np.full(day.shape, np.nan), np.array(day)
        values[:, at], days[:, at] = judged.values[field], judged.day
        if field != "involved":  # of those who have no protein none is followed
            values[values[:, 0] == 0] = np.nan
        parts.append(_measured(names, called, values, days, None))
    whole = pd.concat(parts, ignore_index=True).assign(CTCAEVER=version)
    return whole.sort_values(["USUBJID", "PARAMCD", "AVISITN"], kind="stable", ignore_index=True)


def _measured(
    names: Names, called: tuple[str, str, str], values: Floats, day: Floats, grades: NDArray[np.int8] | None
) -> pd.DataFrame:
    import pandas as pd

    who, week = np.nonzero(~np.isnan(values))
    value, start = values[who, week], values[who, 0]
    graded = np.full(values.shape, np.nan) if grades is None else np.where(grades == MISSING, np.nan, grades)
    grade, before = graded[who, week], graded[who, 0]
    worse = (week > 0) & (grade >= 1) & ~(grade <= before)
    code, word, unit_ = called
    return pd.DataFrame({
        **names.first(who), "PARAMCD": code, "PARAM": word, "AVISITN": week,
        "AVISIT": [visit(v, names.in_cycle) for v in week.tolist()],
        "ADY": study_day(day[who, week]), "AVAL": value, "AVALU": unit_, "BASE": start,
        "CHG": np.where(week > 0, value - start, np.nan), "ABLFL": np.where(week == 0, "Y", ""), "ATOXGR": grade,
        "BTOXGR": before, "TRTEMFL": np.where(worse, "Y", ""),
    })  # fmt: skip


def adverse_events(outcome: Outcome, names: Names) -> pd.DataFrame:
    """ADAE: an episode of emergent grades per row, and each fever and infection."""
    import pandas as pd

    clinic, who, version = outcome.clinic, outcome.patients, outcome.clinic.protocol.CTCAE
    began, fever = _holds(outcome)
    rows: list[dict[str, object]] = []
    for test in (*COUNTS, "Hb"):
        by = ctcae(version)
        if test not in by.cutoffs:
            continue
        values = clinic.labs[test][who]
        grades, low = by.grade(test, values), _below(outcome, test, values)
        for i in range(len(who)):
            for first, last, worst in episodes(grades[i]):
                inside = slice(first, last)  # the visit at which it is over does not count
                held = bool((began[i, inside] & low[i, inside]).any())
                over = np.nan if last == len(clinic.days) else clinic.days[last]
                rows.append(_event(i, by.cutoffs[test].term, "LABORATORY", clinic.days[first], over, worst, held))
    reported = outcome.toxicity.course.events
    for i, term, day, grade in zip(reported.who, reported.term, reported.day, reported.grade, strict=True):
        next_visit = int(np.searchsorted(clinic.days, day))
        held = str(term) == EVENTS[0].replace("_", " ") and bool(fever[i, next_visit : next_visit + 1].any())
        rows.append(_event(int(i), str(term), "EVENT", float(day), np.nan, int(grade), held))
    columns = ["who", "AETERM", "AESRC", "ASTDY", "AENDY", "AETOXGR", "TRTEMFL", "AEACN", "CTCAEVER"]
    table = pd.DataFrame(rows, columns=columns[:-1]).assign(CTCAEVER=version)
    named = pd.DataFrame(names.first(table["who"].to_numpy(np.int64)), index=table.index)
    whole = pd.concat([named, table.drop(columns="who")], axis=1)
    for column in ("ASTDY", "AENDY"):
        whole[column] = study_day(whole[column].to_numpy(np.float64))
    return whole.sort_values(["USUBJID", "ASTDY"], kind="stable", ignore_index=True)


def episodes(grades: NDArray[np.int8]) -> list[tuple[int, int, int]]:
    """Emergent episodes of one patient: first visit, the visit back at the baseline's grade (or the number of visits),
    worst grade. `grades` by visit, -1 not measured; the first is the baseline.

    >>> episodes(np.array([0, 2, -1, 3, 0, 1], np.int8))
    [(1, 4, 3), (5, 6, 1)]
    """
    start = max(int(grades[0]), 0)
    out: list[tuple[int, int, int]] = []
    first, worst = 0, 0
    for v in range(1, len(grades)):
        grade = int(grades[v])
        if grade > start:
            first, worst = first or v, max(worst, grade)
        elif grade != MISSING and first:
            out.append((first, v, worst))
            first, worst = 0, 0
    return [*out, (first, len(grades), worst)] if first else out


def _event(i: int, term: str, source: str, first: float, last: float, grade: int, held: bool) -> dict[str, object]:
    return {"who": i, "AETERM": term, "AESRC": source, "ASTDY": first, "AENDY": last, "AETOXGR": grade, "TRTEMFL": "Y",
            "AEACN": HELD if held else KEPT}  # fmt: skip


def _holds(outcome: Outcome) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Visits at which a hold of the first drug began, and those of them for a fever: (patients, visits)."""
    share, reason = factors(outcome, outcome.clinic.regimen.rows[0].drug)
    before = np.column_stack([np.ones(len(share)), share[:, :-1]])
    began = (share == 0) & (before > 0)
    return began, began & np.vectorize(lambda text: str(text).startswith("febrile"), otypes=[bool])(reason)


def _below(outcome: Outcome, test: str, values: Floats) -> NDArray[np.bool_]:
    """Where a count lies below what the policy holds a dose for, within a cycle or at its beginning."""
    cells = HELD_BY.get(test)
    if cells is None:
        return np.zeros(values.shape, bool)
    limits = [outcome.clinic.policy[f"{when}.{cells}.count"].to(COUNTS[test][1]).value for when in ("hold", "cycle")]
    with np.errstate(invalid="ignore"):
        return np.asarray(values < max(limits))
