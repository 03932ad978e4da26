"""ADEX: what each patient was planned to take and took, a row per drug and week with planned doses, and transfusions.

The dose is that of the regimen times the factor of the engine's decision log, so the table says what was applied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cereblon.bedside.clinic import WEEK
from cereblon.bedside.datasets.study import Floats, Names, study_day, visit
from cereblon.bedside.transfusion import CELLS, Cells
from cereblon.ground.quantity import Quantity
from cereblon.records.compound import Compound
from cereblon.records.regimen import Row

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bedside.outcome import Outcome

KEPT, REDUCED, HELD, ENDED = "DOSE NOT CHANGED", "DOSE REDUCED", "DRUG INTERRUPTED", "DRUG WITHDRAWN"


def factors(outcome: Outcome, drug: Compound) -> tuple[Floats, np.ndarray]:
    """Share of the planned dose of a drug from each visit on, and the reason of the last decision: (patients, visits).

    Read from the decision log alone.
    """
    clinic, who = outcome.clinic, outcome.patients
    shape = (len(who), len(clinic.days))
    share, reason = np.full(shape, np.nan), np.full(shape, None, dtype=object)
    for i, made in outcome.decided():
        if made.species == drug.enters:
            share[i, made.visit], reason[i, made.visit] = made.after, made.reason
    now, why = np.ones(shape[0]), np.full(shape[0], "", dtype=object)
    for v in range(shape[1]):
        decided = ~np.isnan(share[:, v])
        now, why = np.where(decided, share[:, v], now), np.where(decided, reason[:, v], why)
        share[:, v], reason[:, v] = now, why
    return share, reason


def exposure(outcome: Outcome, names: Names, years: Floats) -> pd.DataFrame:
    """ADEX; `years` are the patients' ages, by which some get less."""
    import pandas as pd

    clinic, policy = outcome.clinic, outcome.clinic.policy
    parts = [_rows(outcome, names, row, row.share(years), row.amount) for row in clinic.regimen.rows]
    if outcome.support is not None:
        amount = policy["growth_factor.dose"]
        given = _rows(outcome, names, outcome.support, np.ones(len(years)), amount)
        parts.append(given[given["EXDOSE"] > 0])
    parts += [_transfused(outcome, names, CELLS[test]) for test in clinic.transfusion.limits]
    whole = pd.concat(parts, ignore_index=True)
    return whole.sort_values(["USUBJID", "AVISITN"], kind="stable", ignore_index=True)


def _rows(outcome: Outcome, names: Names, row: Row, age_share: Floats, amount: Quantity) -> pd.DataFrame:
    import pandas as pd

    clinic, who = outcome.clinic, outcome.patients
    left = np.where(np.isnan(clinic.left[who]), clinic.last_seen(who) + WEEK, clinic.left[who])
    days = np.array(row.dosing_days())
    share, reason = factors(outcome, row.drug)
    parts = []
    for v, day in enumerate(clinic.days):
        planned = days[(days >= day) & (days < day + WEEK)]
        there = planned < left[:, None]  # (patients, doses): before leaving
        own = np.flatnonzero(there.any(axis=1))
        if not len(own):
            continue
        given = share[own, v]
        action = np.where(given >= 1, KEPT, np.where(given > 0, REDUCED, HELD))
        ended = (given == 0) & np.array([str(text).endswith("stopped") for text in reason[own, v]], dtype=bool)
        parts.append(
            pd.DataFrame({
                **names.first(own), "EXTRT": row.drug.symbol, "AVISITN": v, "AVISIT": visit(v, names.in_cycle),
                "ASTDY": study_day(planned[:1])[0], "AENDY": study_day(planned[there[own].sum(axis=1) - 1]),
                "NDOSEP": there[own].sum(axis=1), "EXDOSEP": amount.value * age_share[own],
                "EXDOSE": amount.value * age_share[own] * given, "EXDOSU": amount.unit,
                "EXACN": np.where(ended, ENDED, action), "EXADJ": np.where(given >= 1, "", reason[own, v]),
            })
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _transfused(outcome: Outcome, names: Names, cells: Cells) -> pd.DataFrame:
    """A row per transfusion of the decision log; none was planned."""
    import pandas as pd

    own = [(i, d) for i, d in outcome.decided() if d.species == cells.species and d.after]
    visits = np.array([d.visit for _, d in own], dtype=np.int64)
    day = study_day(WEEK * visits.astype(np.float64))
    return pd.DataFrame({
        **names.first(np.array([i for i, _ in own], dtype=np.int64)), "EXTRT": cells.symbol,
        "AVISITN": visits, "AVISIT": [visit(v, names.in_cycle) for v in visits.tolist()], "ASTDY": day, "AENDY": day,
        "NDOSEP": 0, "EXDOSEP": 0.0, "EXDOSE": [d.after for _, d in own], "EXDOSU": "unit", "EXACN": "",
        "EXADJ": [d.reason for _, d in own],
    })  # fmt: skip
