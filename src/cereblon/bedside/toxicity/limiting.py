"""Dose-limiting toxicity by a definition that is data (`records.dlt`): who has one, why, and who must be replaced.

A cause counts when it begins within the window after the first dose; how long it then lasts may reach beyond. A growth
factor given before the first grade 3 count is prophylactic. Without a DLT a patient is evaluable when he was watched to
the end of the window with counts in it, took his share of the doses and had no prophylaxis that the definition forbids;
one who is not is replaced. Doses that were kept back for toxicity count as taken here, unless the definition says
otherwise: to replace those whom the dose hurt would leave the others to be counted. A DLT counts, whatever else was
missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.toxicity.course import Course, Floats
from cereblon.bedside.toxicity.ctcae import ctcae, is_blood
from cereblon.bedside.toxicity.duration import longest_below
from cereblon.bedside.toxicity.grades import FEBRILE
from cereblon.ground.quantity import Estimate
from cereblon.records.dlt import Definition
from cereblon.records.dlt import definition as dlt_definition
from cereblon.records.sources import Source
from cereblon.statistics.intervals import clopper_pearson

if TYPE_CHECKING:
    import pandas as pd

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Limiting:
    """Dose-limiting toxicities: `causes` (words -> flags over patients), `day` of the first (NaN: none), `evaluable`,
    and `why_not` for those who are not."""

    course: Course = field(repr=False)
    definition: Definition = field(repr=False)
    causes: Mapping[str, Bools] = field(repr=False)
    day: Floats = field(repr=False)
    evaluable: Bools = field(repr=False)
    why_not: tuple[str, ...] = field(repr=False)
    notes: tuple[str, ...] = ()

    @property
    def limited(self) -> Bools:
        """Whether each patient has a DLT."""
        return ~np.isnan(self.day)

    @property
    def rate(self) -> Estimate:
        """Share of the evaluable with a DLT, with its exact interval."""
        n = int(self.evaluable.sum())
        if not n:
            return Estimate(np.nan, "1", note="no evaluable patient")
        return clopper_pearson(int((self.limited & self.evaluable).sum()), n)

    def reason(self, patient: int) -> str:
        """Why patient number `patient` (from 0) has a DLT, is free of one, or must be replaced."""
        own = [cause for cause, flags in self.causes.items() if flags[patient]]
        if own:
            return f"DLT on day {self.day[patient]:.3g}: {'; '.join(own)}"
        return "no DLT" if self.evaluable[patient] else f"replaced: {self.why_not[patient]}"

    def table(self) -> pd.DataFrame:
        """One row per patient: DLT, its day, evaluable, reason."""
        import pandas as pd

        reasons = [self.reason(i) for i in range(len(self.course))]
        return pd.DataFrame({"patient": self.course.patients, "DLT": self.limited, "day": self.day,
                             "evaluable": self.evaluable, "reason": reasons})  # fmt: skip

    def sources(self) -> dict[str, Source]:
        """The sources of the definition and of its grades."""
        return {**self.definition.sources(), **ctcae(self.definition.ctcae).sources()}

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        n, hit = int(self.evaluable.sum()), int((self.limited & self.evaluable).sum())
        first = f"{self.definition.symbol}, CTCAE {self.definition.ctcae}"
        lines = [f"{first}: {hit} of {n} evaluable patients, {self.rate}"]
        lines += [f"  {cause}: {int(flags.sum())}" for cause, flags in self.causes.items()]
        replaced = int((~self.evaluable).sum())
        return "\n".join([*lines, *([f"  {replaced} to be replaced"] if replaced else []), *self.notes])


def dose_limiting(seen: Course, by: str | Path | Definition = "class_precedent") -> Limiting:
    """Dose-limiting toxicities of every patient. Raises InputError for an unknown definition.

    >>> from cereblon.bedside.toxicity import course
    >>> seen = course([1, 8, 15, 22, 29], {"ANC": [[2.5, .4, .3, .4, 1.5], [2.5, .4, 1.1, 1.4, 2.0]]})
    >>> print(dose_limiting(seen).reason(0))
    DLT on day 14.7: grade 4 neutropenia for more than 7 d
    """
    d = by if isinstance(by, Definition) else dlt_definition(by)
    window = d.number("window.duration", "d") or 0.0
    within = np.column_stack([seen.start, seen.start + window])
    days: dict[str, Floats] = {}
    for test, word in (("ANC", "neutropenia"), ("PLT", "thrombocytopenia")):
        limit = d.number(f"{word}.duration", "d")
        if limit is not None and test in seen.counts:
            cause = f"grade 4 {word}" + (f" for more than {d[f'{word}.duration']}" if limit else "")
            days[cause] = _low(seen, test, d, limit, within)
    days |= _events(seen, d, within)
    if d.platelet_transfusion:
        days["platelets transfused"] = _inside(seen.transfusion, within)
    share = d.number("doses_missed.share")
    if share is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            days["doses missed"] = np.where(seen.missed / seen.planned > share, within[:, 1], np.nan)
    prophylaxis = _prophylaxis(seen, d, within)
    if d.prophylactic_GCSF == "DLT":
        days["prophylactic G-CSF"] = np.where(prophylaxis, seen.GCSF, np.nan)
    first = np.fmin.reduce(list(days.values())) if days else np.full(len(seen), np.nan)
    causes = {cause: ~np.isnan(own) for cause, own in days.items()}
    reasons, unknown = _missing(seen, d, within, prophylaxis)
    free = np.isnan(first)
    whole = np.array([not reason for reason in reasons], dtype=bool)
    notes = [*seen.notes]
    if unknown:
        notes.append("doses are not known: they decide neither who is evaluable nor a DLT")
    if "ANC" not in seen.counts or "PLT" not in seen.counts:
        notes.append("without both ANC and platelets a DLT of the counts may be missed")
    return Limiting(seen, d, causes, first, whole | ~free, tuple(reasons), tuple(notes))


def _low(seen: Course, test: str, d: Definition, limit: float, within: Floats) -> Floats:
    """Day on which a grade 4 count of one test has lasted too long; NaN where it has not."""
    edge = ctcae(d.ctcae).threshold(test, 4)
    found = longest_below(seen.day, seen.counts[test], edge, d.interpolation, within=within)
    return np.where(found.length > limit if limit else ~np.isnan(found.onset), found.onset + limit, np.nan)


def _events(seen: Course, d: Definition, within: Floats) -> dict[str, Floats]:
    """First day of febrile neutropenia, and of a related event that is not of the blood."""
    e = seen.events
    out: dict[str, Floats] = {}
    if not len(e):
        return out
    inside = (e.day >= within[e.who, 0]) & (e.day < within[e.who, 1])
    blood = np.array([is_blood(t) for t in e.term])
    if d.febrile_neutropenia:
        out[FEBRILE] = _first(seen, inside & (e.term == FEBRILE))
    severe = inside & ~blood & (e.grade >= d.nonhaematological) & (e.related != 0)
    out[f"related event of grade {d.nonhaematological} or more, not of the blood"] = _first(seen, severe)
    return out


def _first(seen: Course, chosen: Bools) -> Floats:
    out = np.full(len(seen), np.inf)
    np.minimum.at(out, seen.events.who[chosen], seen.events.day[chosen])
    return np.where(np.isinf(out), np.nan, out)


def _inside(day: Floats, within: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.where((day >= within[:, 0]) & (day < within[:, 1]), day, np.nan)


def _prophylaxis(seen: Course, d: Definition, within: Floats) -> Bools:
    """Whether a growth factor was given in the window before any grade 3 neutropenia."""
    given = _inside(seen.GCSF, within)
    if "ANC" not in seen.counts:
        return ~np.isnan(given)
    edge = ctcae(d.ctcae).threshold("ANC", 3)
    with np.errstate(invalid="ignore"):
        low = (seen.counts["ANC"] < edge) & (seen.day >= seen.start[:, None]) & (seen.day <= given[:, None])
    return ~np.isnan(given) & ~low.any(axis=1)


def _missing(seen: Course, d: Definition, within: Floats, prophylaxis: Bools) -> tuple[list[str], bool]:
    """Why each patient would not be evaluable without a DLT ("" where he is); whether doses are unknown."""
    share = d.number("doses_taken.share")
    with np.errstate(divide="ignore", invalid="ignore"):
        had = seen.taken + (np.nan_to_num(seen.missed) if d.held_doses == "count" else 0.0)
        short: Bools = np.asarray(had / seen.planned < (0.0 if share is None else share))
    early: Bools = ~(seen.last_day >= within[:, 1] - 1)  # a window of 28 d from day 1 ends with day 28
    inside = (seen.day >= within[:, :1]) & (seen.day < within[:, 1:])
    counted = {test: x for test, x in seen.counts.items() if test in ("ANC", "PLT")}
    blind: dict[str, Bools] = {test: np.asarray(~(inside & ~np.isnan(x)).any(axis=1)) for test, x in counted.items()}
    out = []
    for i in range(len(seen)):
        own = [f"{test} was not measured in the window" for test, flags in blind.items() if flags[i]]
        if early[i]:
            own.append(f"last seen on day {seen.last_day[i]:g}, before the window's end")
        if short[i]:
            held = f", {seen.missed[i]:g} kept back for toxicity" if seen.missed[i] > 0 else ""
            own.append(f"took {seen.taken[i]:g} of {seen.planned[i]:g} doses{held}")
        if prophylaxis[i] and d.prophylactic_GCSF == "not evaluable":
            own.append("prophylactic G-CSF")
        out.append("; ".join(own))
    return out, bool(np.isnan(seen.planned).any())
