"""Worst grades: of counts at the visits, and of events as reported; at baseline, and where they worsened.

    worst       the highest grade at any visit after the first dose: what the laboratory saw, not what lay between
    emergent    the worst, where it is above the grade at baseline; else none
    reported    the highest grade of an event with that name that began on or after the first dose

A laboratory sees more than is reported: both stand beside each other, and the version of the grades beside both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.toxicity.course import Course, Floats
from cereblon.bedside.toxicity.ctcae import MISSING, Grades, ctcae
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.records.sources import Source
from cereblon.statistics.intervals import clopper_pearson

if TYPE_CHECKING:
    import pandas as pd

FEBRILE, INFECTION = "febrile neutropenia", "infection"
_NAMES = {"ANC": "neutropenia", "PLT": "thrombocytopenia", "Hb": "anaemia", "ALC": "lymphopenia"}


@dataclass(frozen=True)
class Toxicity:
    """Grades of every patient by term; -1 where nothing was measured. `baseline`, `worst` and `emergent` are of counts,
    `reported` of events. `version` is that of the CTCAE."""

    course: Course = field(repr=False)
    version: str
    baseline: Mapping[str, Grades] = field(repr=False)
    worst: Mapping[str, Grades] = field(repr=False)
    emergent: Mapping[str, Grades] = field(repr=False)
    reported: Mapping[str, Grades] = field(repr=False)
    notes: tuple[str, ...] = ()

    def share(self, term: str, least: int = 3, *, how: str = "emergent", level: float = 0.95) -> Estimate:
        """Share of patients with at least this grade of a term, with its exact interval.

        `how` is emergent, worst or reported. Patients whose counts were not measured after baseline are not in it.
        Raises InputError for an unknown term or way.
        """
        grades = self._of(how, term)
        known = grades != MISSING
        if not known.any():
            return Estimate(np.nan, "1", level=level, note="not measured in any patient")
        return clopper_pearson(int((grades[known] >= least).sum()), int(known.sum()), level)

    def _of(self, how: str, term: str) -> Grades:
        ways = {"emergent": self.emergent, "worst": self.worst, "reported": self.reported}
        if how not in ways:
            raise InputError("unknown way of counting", found=how, expected=", ".join(ways))
        if term not in ways[how]:
            raise InputError(f"no {how} grades of this", found=term, expected=", ".join(ways[how]))
        return ways[how][term]

    def table(self) -> pd.DataFrame:
        """One row per term and way (laboratory, reported): patients by worst grade, shares with exact intervals."""
        import pandas as pd

        rows = []
        for way, how, grades in (("laboratory", "emergent", self.emergent), ("reported", "reported", self.reported)):
            for term, own in grades.items():
                n = int((own != MISSING).sum())
                row = {"term": term, "way": way, "CTCAE": self.version, "n": n, "any": int((own >= 1).sum())}
                row |= {f"grade_{k}": int((own == k).sum()) for k in range(1, 6)}
                severe = self.share(term, 3, how=how)
                row |= {"grade_3_or_more": int((own >= 3).sum()), "share": severe.value, "low": severe.low,
                        "high": severe.high}  # fmt: skip
                rows.append(row)
        return pd.DataFrame(rows)

    def by_grade(self) -> pd.DataFrame:
        """One row per term, side (laboratory, reported) and grade: n, share of those measured; for the butterfly."""
        import pandas as pd

        rows = []
        for side, graded in (("laboratory", self.emergent), ("reported", self.reported)):
            for term, own in graded.items():
                n = int((own != MISSING).sum())
                rows += [{"term": term, "side": side, "grade": k, "n": int((own == k).sum()),
                          "share": float((own == k).sum() / n) if n else np.nan} for k in range(1, 6)]  # fmt: skip
        return pd.DataFrame(rows)

    def patients(self) -> pd.DataFrame:
        """One row per patient and term: baseline, worst and emergent grade of the counts, reported grade."""
        import pandas as pd

        rows = []
        for term in dict.fromkeys((*self.worst, *self.reported)):
            nothing = np.full(len(self.course), MISSING, np.int8)
            columns = {"baseline": self.baseline, "worst": self.worst, "emergent": self.emergent,
                       "reported": self.reported}  # fmt: skip
            own = {name: grades.get(term, nothing) for name, grades in columns.items()}
            rows.append(pd.DataFrame({"patient": self.course.patients, "term": term, **own}))
        return pd.concat(rows, ignore_index=True)

    def sources(self) -> dict[str, Source]:
        """What the grades were read in."""
        return ctcae(self.version).sources()

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        lines = [f"{len(self.course)} patients, CTCAE {self.version}"]
        for row in self.table().to_dict("records"):
            ends = f" ({100 * row['low']:.0f}-{100 * row['high']:.0f} %)" if row["n"] else ""
            severe = f"grade 3 or more {row['grade_3_or_more']} of {row['n']}{ends}"
            lines.append(f"  {row['term']} ({row['way']}): any {row['any']}, {severe}")
        return "\n".join([*lines, *self.notes])


def toxicity(
    seen: Course, version: str = "5.0", *, lower_limits: Mapping[str, float] | None = None, until: float = np.inf
) -> Toxicity:
    """Grades of all counts and events by one version of the CTCAE; `lower_limits` test -> the laboratory's own.

    Visits and events after day `until` do not count. Raises InputError for an unknown version.

    >>> from cereblon.bedside.toxicity import course
    >>> seen = course([1, 8, 15], {"ANC": [[2.5, 0.8, 0.4], [1.2, 1.1, 1.4]]})
    >>> print(toxicity(seen))
    2 patients, CTCAE 5.0
      neutropenia (laboratory): any 1, grade 3 or more 1 of 2 (1-99 %)
    grade 1 of ANC by an assumed lower limit of 2
    """
    by = ctcae(version)
    if np.isnan(until):
        raise InputError("the last day that counts is a number", where="until", found="NaN", example="400")
    limits = dict(lower_limits or {})
    with np.errstate(invalid="ignore"):
        before = seen.day <= seen.start[:, None]
        after = (seen.day > seen.start[:, None]) & (seen.day <= until)
    baseline, worst, emergent, notes = {}, {}, {}, list(seen.notes)
    for test, values in seen.counts.items():
        if np.isnan(values).all():
            continue
        term = _NAMES[test]
        if test not in by.cutoffs:
            notes.append(f"{term} is not graded: no cut-offs of CTCAE {version} were found")
            continue
        grades = by.grade(test, values, limits.get(test))
        baseline[term] = by.grade(test, _last(values, before), limits.get(test))
        worst[term] = np.where(after, grades, MISSING).max(axis=1).astype(np.int8)
        worse = (worst[term] > baseline[term]) | (baseline[term] == MISSING)
        emergent[term] = np.where(worst[term] == MISSING, MISSING, np.where(worse, worst[term], 0)).astype(np.int8)
        if test not in limits and np.isnan(by.cutoffs[test].below.get(1, 0.0)):
            notes.append(f"grade 1 of {test} by an assumed lower limit of {by.limits[test].value:g}")
        unknown = int(((baseline[term] == MISSING) & (worst[term] != MISSING)).sum())
        if unknown:
            notes.append(f"{unknown} patients without {test} at baseline: their worst grade counts as worsened")
    return Toxicity(seen, version, baseline, worst, emergent, _reported(seen, until), tuple(notes))


def _last(values: Floats, flags: NDArray[np.bool_]) -> Floats:
    """The last value of every patient where the flag stands; NaN where there is none."""
    out = np.full(len(values), np.nan)
    for v in range(values.shape[1]):
        out = np.where(flags[:, v] & ~np.isnan(values[:, v]), values[:, v], out)
    return out


def _reported(seen: Course, until: float) -> dict[str, Grades]:
    """Highest grade of every term that was reported; 0 in patients without it."""
    e = seen.events
    inside = (e.day >= seen.start[e.who]) & (e.day <= until) if len(e) else np.zeros(0, bool)
    out: dict[str, Grades] = {}
    for term in dict.fromkeys(str(t) for t in e.term[inside]):
        own = inside & (e.term == term)
        grades = np.zeros(len(seen), np.int8)
        np.maximum.at(grades, e.who[own], e.grade[own].astype(np.int8))
        out[term] = grades
    return out
