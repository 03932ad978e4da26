"""Times to an event, one per patient: progression-free and overall survival, duration of response, time to response.

A time is the day of the event less the day of the first dose (0 on that day; programs that count the first day as 1
are a day longer). Progression and response are dated at the first assessment of the pair that confirms them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.endpoints.censoring import Censoring, censoring
from cereblon.bedside.response.category import NE
from cereblon.bedside.response.result import Responses
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, unit
from cereblon.statistics.survival import Survival, kaplan_meier

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PROGRESSION, DEATH, THERAPY, NOTHING, GAP, NO_ASSESSMENT, RESPONSE, NONE = range(8)
WHY = ("progression", "death", "another therapy", "no event until the last assessment", "event after missed visits",
       "no assessment after baseline", "response", "alive when last seen")  # fmt: skip


@dataclass(frozen=True)
class Times:
    """`days` and `events` (1, 0) of every patient in it, and `why` (codes of `WHY`); `rule` says how it was
    censored."""

    name: str
    patients: tuple[str, ...]
    days: Floats = field(repr=False)
    events: Bools = field(repr=False)
    why: NDArray[np.int8] = field(repr=False)
    rule: str = ""
    notes: tuple[str, ...] = ()

    def survival(self, arms: Sequence[str] | None = None, *, unit_: str = "month", level: float = 0.95) -> Survival:
        """The Kaplan-Meier curve, by arm where each patient has one. Raises InputError for nobody."""
        if not len(self.days):
            raise InputError(f"nobody to draw {self.name} for", found="0 patients")
        return kaplan_meier(self.inside(unit_), self.events, arms, unit=unit_, level=level)

    def median(self, *, unit_: str = "month", level: float = 0.95) -> Estimate:
        """The Kaplan-Meier median of all; not estimated for nobody."""
        if not len(self.days):
            return Estimate(np.nan, unit_, level=level, note="nobody")
        return self.survival(unit_=unit_, level=level).median()

    def at(self, time: float, *, unit_: str = "month", level: float = 0.95) -> Estimate:
        """Kaplan-Meier share without the event at `time`, from 0, with its log-log interval.

        Not estimated beyond the last time, unless the curve is at 0. Raises InputError for nobody, or a time below 0.
        """
        if not time >= 0:
            raise InputError("a time from the start on", where="time", found=f"{time:g}", example="6")
        (curve,) = self.survival(unit_=unit_, level=level).curves.values()
        if time > curve.times[-1] and curve.survival[-1] > 0:
            return Estimate(np.nan, "1", level=level, note=f"followed to {curve.times[-1]:.3g} {unit_}")
        row = int(np.searchsorted(curve.times, time, side="right")) - 1
        low, high = (float(bound[row]) for bound in curve.interval(level))
        return Estimate(float(curve.survival[row]), "1", low, high, level, "Kaplan-Meier, log-log interval")

    def inside(self, unit_: str) -> Floats:
        """The times in another unit. Raises UnitError."""
        return self.days * float(unit("d").ratio / unit(unit_).ratio)

    def table(self) -> pd.DataFrame:
        """One row per patient: days, event, why."""
        import pandas as pd

        said = [WHY[int(w)] for w in self.why]
        columns = {"patient": self.patients, "days": self.days, "event": self.events.astype(int), "why": said}
        return pd.DataFrame(columns)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __len__(self) -> int:
        return len(self.days)

    def __str__(self) -> str:
        rule = f", {self.rule}" if self.rule else ""
        return f"{self.name}: median {self.median()}, {int(self.events.sum())} events of {len(self)}{rule}"


def progression_free(found: Responses, rule: str | Censoring = "FDA", *, interval: float | None = None) -> Times:
    """Time to progression or death. `interval` is the days between planned assessments (default: the median found).

    Raises InputError for unknown rules, and for a death or another therapy before the first dose.
    """
    by = censoring(rule)
    m = found.measured
    start, death = m.start, _died(found)
    with np.errstate(invalid="ignore"):
        therapy = np.where(m.new_therapy <= m.cut, m.new_therapy, np.nan)
    _after(start, death, "death", m.patients)
    _after(start, therapy, "another therapy", m.patients)
    event = np.fmin(found.progression_day, death)
    why = np.where(found.progression_day <= _or(death, np.inf), PROGRESSION, DEATH)
    if by.new_therapy == "event":
        why = np.where(therapy < _or(event, np.inf), THERAPY, why)
        event = np.fmin(event, therapy)
    happened = ~np.isnan(event)
    end, why = np.where(happened, event, _last_before(found, np.inf)), np.where(happened, why, NOTHING)
    notes = []
    if by.new_therapy == "censor":
        switched = therapy < _or(event, np.inf)
        end = np.where(switched, _last_before(found, therapy, including=True), end)
        why, happened = np.where(switched, THERAPY, why), happened & ~switched
    if by.missed is not None:
        planned = _spacing(found) if interval is None else float(interval)
        if interval is None and np.isfinite(planned):
            notes.append(f"assessments every {planned:g} d, the median found")
        if np.isfinite(planned):
            last = _or(_last_before(found, end), start)
            gap = happened & (end - last > by.missed * planned + by.slack)
            end, why, happened = np.where(gap, last, end), np.where(gap, GAP, why), happened & ~gap
    nothing = ~happened & np.isnan(end)
    end, why = np.where(nothing, start, end), np.where(nothing, NO_ASSESSMENT, why)
    return Times("PFS", m.patients, np.maximum(end - start, 0.0), happened, why.astype(np.int8), str(by), tuple(notes))


def overall_survival(found: Responses) -> Times:
    """Time to death of any cause; censored when last known to be alive, or at the cut."""
    m = found.measured
    death = _died(found)
    seen = np.fmax(_or(m.last_contact, -np.inf), _or(_last_before(found, np.inf), m.start))
    seen = np.minimum(np.maximum(seen, m.start), m.cut)
    dead = ~np.isnan(death)
    days = np.where(dead, death, seen) - m.start
    return Times("OS", m.patients, np.maximum(days, 0.0), dead, np.where(dead, DEATH, NONE).astype(np.int8))


def duration_of_response(found: Responses, rule: str | Censoring = "FDA", *, interval: float | None = None) -> Times:
    """Time from the first day of a confirmed response to progression or death, of those who responded.

    Arguments and errors of `progression_free`.
    """
    whole = progression_free(found, rule, interval=interval)
    own = found.responders
    days = whole.days[own] + found.measured.start[own] - found.response_day[own]
    names = tuple(p for p, responded in zip(found.patients, own, strict=True) if responded)
    return Times("DOR", names, np.maximum(days, 0.0), whole.events[own], whole.why[own], whole.rule, whole.notes)


def time_to_response(found: Responses) -> Times:
    """Time from the first dose to the first day of a confirmed response, of those who responded."""
    own = found.responders
    days = found.response_day[own] - found.measured.start[own]
    names = tuple(p for p, responded in zip(found.patients, own, strict=True) if responded)
    return Times("TTR", names, days, np.ones(len(names), bool), np.full(len(names), RESPONSE, np.int8))


def _died(found: Responses) -> Floats:
    """Day of death as far as it is known at the cut."""
    with np.errstate(invalid="ignore"):
        return np.where(found.measured.death <= found.measured.cut, found.measured.death, np.nan)


def _last_before(found: Responses, limit: Floats | float, *, including: bool = False) -> Floats:
    """The last assessment after baseline that could be judged, before a day; NaN where there is none."""
    day = found.measured.day[:, 1:]
    edge = np.broadcast_to(np.asarray(limit, np.float64), day.shape[:1])[:, None]
    with np.errstate(invalid="ignore"):
        inside = (found.raw[:, 1:] != NE) & ((day <= edge) if including else (day < edge))
    last = np.where(inside, day, -np.inf).max(axis=1, initial=-np.inf)
    return np.where(np.isinf(last), np.nan, last)


def _spacing(found: Responses) -> float:
    """The median of the days between the assessments that could be judged, of all patients; inf where nobody has
    two."""
    day, judged = found.measured.day, found.raw != NE
    last, gaps = day[:, 0], []
    for v in range(1, day.shape[1]):
        gaps.append(np.where(judged[:, v], day[:, v] - last, np.nan))
        last = np.where(judged[:, v], day[:, v], last)
    between = np.array(gaps)
    return float(np.nanmedian(between)) if (~np.isnan(between)).any() else float("inf")


def _or(x: Floats, instead: Floats | float) -> Floats:
    return np.where(np.isnan(x), instead, x)


def _after(start: Floats, day: Floats, what: str, patients: tuple[str, ...]) -> None:
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero(day < start)
    if wrong.size:
        i = int(wrong[0])
        raise InputError(f"{what} before the first dose", where=patients[i], found=f"day {day[i]:g}",
                         expected=f"day {start[i]:g} or later")  # fmt: skip
