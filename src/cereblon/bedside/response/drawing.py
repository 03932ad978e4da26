"""Tables behind the figures of response: best change, change over time, and the lane of every patient.

The marker of a patient is what his disease is followed by: serum M-protein, else urine, light chains (the difference),
marrow, plasmacytoma. Changes are shares of the baseline (-1 gone, 1 doubled), from visits up to progression and
before another therapy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cereblon.bedside.response.assessment import Floats
from cereblon.bedside.response.category import LEVELS, NE, SD
from cereblon.bedside.response.condition import get, with_difference
from cereblon.bedside.response.followed import follow
from cereblon.bedside.response.result import Responses

if TYPE_CHECKING:
    import pandas as pd

AFTER = "after progression"
MARKERS = {"serum": "serum M-protein", "urine": "urine M-protein", "dFLC": "free light chains", "marrow": "marrow",
           "SPD": "plasmacytoma"}  # fmt: skip


def courses(found: Responses) -> pd.DataFrame:
    """One row per patient and visit with a value, the baseline among them: patient, days, change, marker, best."""
    import pandas as pd

    change, marker = _changes(found)
    days = found.measured.day - found.measured.start[:, None]
    days[:, 0] = 0.0
    who, visit = np.nonzero(~np.isnan(change) & ~np.isnan(days))
    return pd.DataFrame({"patient": np.array(found.patients)[who], "days": days[who, visit],
                         "change": change[who, visit], "marker": marker[who],
                         "best": np.array(LEVELS)[found.best[who]]})  # fmt: skip


def best_changes(found: Responses) -> pd.DataFrame:
    """One row per patient with a value after baseline: patient, change (the lowest), marker, best; worst first."""
    import pandas as pd

    change, marker = _changes(found)
    with np.errstate(invalid="ignore"):
        lowest = np.fmin.reduce(change[:, 1:], axis=1) if change.shape[1] > 1 else np.full(len(found), np.nan)
    own = ~np.isnan(lowest)
    table = pd.DataFrame({"patient": np.array(found.patients)[own], "change": lowest[own], "marker": marker[own],
                          "best": np.array(LEVELS)[found.best[own]]})  # fmt: skip
    return table.sort_values("change", ascending=False, kind="stable", ignore_index=True)


def lanes(found: Responses) -> pd.DataFrame:
    """The lane of every patient, in days from the first dose, longest first.

    Rows of kind "bar" (start, end, level: the best confirmed category so far, or "after progression") and of kind
    "mark" (start, what: response, progression, death, another therapy, still followed).
    """
    import pandas as pd

    m = found.measured
    rows: list[dict[str, object]] = []
    for i, patient in enumerate(found.patients):
        end = _end(found, i)
        death = m.death[i] if m.death[i] <= m.cut else np.nan
        marks = [("response", found.response_day[i]), ("progression", found.progression_day[i]),
                 ("another therapy", m.new_therapy[i]), ("death", death)]  # fmt: skip
        if np.isnan(found.progression_day[i]) and np.isnan(death):
            marks.append(("still followed", end + m.start[i]))
        start, level = 0.0, int(SD)
        for v in np.flatnonzero(found.confirmed[i] > SD):
            if found.confirmed[i, v] > level:
                day = float(m.day[i, v] - m.start[i])
                rows.append({"patient": patient, "kind": "bar", "start": start, "end": day, "level": LEVELS[level]})
                start, level = day, int(found.confirmed[i, v])
        worse = float(found.progression_day[i] - m.start[i])
        until = end if np.isnan(worse) else worse
        rows.append({"patient": patient, "kind": "bar", "start": start, "end": until, "level": LEVELS[level]})
        if until < end:
            rows.append({"patient": patient, "kind": "bar", "start": until, "end": end, "level": AFTER})
        rows += [{"patient": patient, "kind": "mark", "start": float(day - m.start[i]), "what": what, "end": end}
                 for what, day in marks if not np.isnan(day)]  # fmt: skip
    table = pd.DataFrame(rows, columns=["patient", "kind", "start", "end", "level", "what"])
    total = table.groupby("patient")["end"].transform("max")
    order = total.sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _end(found: Responses, i: int) -> float:
    """Last day that is known of a patient, from the first dose."""
    m = found.measured
    seen = m.day[i][(found.raw[i] != NE) & ~np.isnan(m.day[i])]
    known = [m.start[i], m.last_contact[i], *seen[-1:]]
    last = m.death[i] if not np.isnan(m.death[i]) else np.nanmax(known)
    return float(min(last, m.cut) - m.start[i])


def _changes(found: Responses) -> tuple[Floats, np.ndarray]:
    """Change of the marker, (patients, visits); 0 at baseline, NaN where nothing was measured or no longer counts."""
    values = with_difference(found.measured.values)
    base = {name: v[:, 0] for name, v in values.items()}
    f = follow(base, found.rules.thresholds)
    shape = found.measured.day.shape
    change, marker = np.full(shape, np.nan), np.full(shape[0], "", dtype=object)
    ways = {"serum": f.serum, "urine": f.urine & ~f.serum, "dFLC": f.FLC, "marrow": f.marrow, "SPD": f.only_lesion}
    for name, flags in ways.items():
        own = np.broadcast_to(flags, shape[:1])
        if own.any():
            x = get(values, name)
            with np.errstate(divide="ignore", invalid="ignore"):
                change[own] = x[own] / x[own][:, :1] - 1
            marker[own] = MARKERS[name]
    with np.errstate(invalid="ignore"):
        day = found.measured.day
        late = (day > found.progression_day[:, None]) | (day > found.measured.new_therapy[:, None])
        late |= day > found.measured.cut
    return np.where(late, np.nan, change), marker


