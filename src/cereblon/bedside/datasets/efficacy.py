"""ADRS and ADTTE: responses at the assessments and the best of them, times to an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cereblon.bedside.datasets.study import Names, study_day, visit
from cereblon.bedside.endpoints.times import WHY, Times
from cereblon.bedside.response.category import LEVELS, NE

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bedside.outcome import Outcome

TIMES = {"PFS": "progression-free survival", "OS": "overall survival", "DOR": "duration of response",
         "TTR": "time to response"}  # fmt: skip


def responses(outcome: Outcome, names: Names) -> pd.DataFrame:
    """ADRS: each assessment that was made, confirmed responses, and the best of every patient."""
    import pandas as pd

    clinic, found = outcome.clinic, outcome.endpoints.responses
    by = found.rules.criteria.symbol
    made = ~np.isnan(found.measured.values["involved"])
    made[:, 0] = False  # the baseline has no response
    parts = []
    kinds = {"OVRLRESP": (found.raw, made, f"response at the assessment, {by}"),
             "CONFRESP": (found.confirmed, made & (found.confirmed != NE), f"confirmed response, {by}")}  # fmt: skip
    for code, (levels, there, word) in kinds.items():
        who, at = np.nonzero(there)
        parts.append(
            pd.DataFrame({
                **names.first(who), "PARAMCD": code, "PARAM": word,
                "AVISIT": [visit(k * clinic.in_assessment, clinic.in_cycle) for k in at.tolist()],
                "ADY": study_day(found.measured.day[who, at]), "AVAL": levels[who, at],
            })
        )  # fmt: skip
    everyone = np.arange(len(found))
    parts.append(
        pd.DataFrame({
            **names.first(everyone), "PARAMCD": "BOR", "PARAM": f"best confirmed response, {by}", "AVISIT": "",
            "ADY": study_day(found.best_day), "AVAL": found.best,
        })
    )  # fmt: skip
    whole = pd.concat(parts, ignore_index=True)
    whole.insert(whole.columns.get_loc("AVAL"), "AVALC", np.array(LEVELS)[whole["AVAL"].to_numpy()])  # type: ignore[arg-type]
    return whole.sort_values(["USUBJID"], kind="stable", ignore_index=True)


def times(outcome: Outcome, names: Names) -> pd.DataFrame:
    """ADTTE: PFS and OS of everyone, DOR and TTR of the responders."""
    import pandas as pd

    ends = outcome.endpoints
    found = ends.responses
    everyone, responders = np.arange(len(found)), np.flatnonzero(found.responders)
    parts = []
    kinds: dict[str, tuple[Times, np.ndarray]] = {
        "PFS": (ends.PFS, everyone), "OS": (ends.OS, everyone), "DOR": (ends.DOR, responders),
        "TTR": (ends.TTR, responders),
    }  # fmt: skip
    for code, (time, who) in kinds.items():
        start = found.response_day[who] if code == "DOR" else found.measured.start[who]
        parts.append(
            pd.DataFrame({
                **names.first(who), "PARAMCD": code, "PARAM": TIMES[code], "STARTDY": study_day(start),
                "AVAL": time.days, "AVALU": "d", "CNSR": (~time.events).astype(int),
                "EVNTDESC": [WHY[int(w)] for w in time.why],
            })
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True).sort_values(["USUBJID"], kind="stable", ignore_index=True)
