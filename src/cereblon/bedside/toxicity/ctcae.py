"""Grades of the NCI Common Terminology Criteria for Adverse Events: versions 4.03, 5.0 and 6.0 as data.

A count has the highest grade whose cut-off it lies below: in 5.0 an ANC below .5 is grade 4, of .5 exactly grade 3.
In 6.0 neutropenia moved by one grade (grade 4 below .1) and grade 4 of platelets lies below 10, so the version stands
beside every number. Grade 4 of anaemia, febrile neutropenia and infection are clinical: no count gives them, they
come as events. Of lymphocytes no cut-offs of 6.0 were found.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.bedside.table import split_unit
from cereblon.ground.errors import InputError, RecordError
from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import nearest
from cereblon.records.sources import Source, sources

Grades = NDArray[np.int8]

FOLDER = Path(__file__).parents[2] / "data" / "ctcae"
VERSIONS = ("4.03", "5.0", "6.0")
NORMAL, MISSING, SEVERE = 0, -1, 3
_LLN = "LLN"  # the laboratory's lower limit of normal
_TINY = 1e-9


@dataclass(frozen=True)
class Cutoffs:
    """Of one test: grade -> the value below which it begins, in `unit`; NaN where it begins at the lower limit.

    `source` and `standing` are the key of what they were read in, and their grade as numbers.
    """

    term: str
    test: str
    unit: str
    source: str
    standing: str
    below: Mapping[int, float]

    @property
    def severe(self) -> dict[int, Quantity]:
        """Grades 3 and 4 as quantities with their source, mildest first.

        >>> {number: str(limit) for number, limit in ctcae("5.0").cutoffs["ANC"].severe.items()}
        {3: '1 1e9/L', 4: '0.5 1e9/L'}
        """
        return {
            number: Quantity(limit, self.unit, source=self.source, grade=self.standing)
            for number, limit in self.below.items()
            if number >= SEVERE
        }


@dataclass(frozen=True)
class Limit:
    """A lower limit of normal that stands in for the laboratory's own."""

    value: float
    unit: str
    note: str


@dataclass(frozen=True)
class Grading:
    """One version: cut-offs by test, clinical grades (term -> grade -> meaning), and the lower limits that stand in."""

    version: str
    cutoffs: Mapping[str, Cutoffs]
    clinical: Mapping[str, Mapping[int, str]]
    limits: Mapping[str, Limit]
    cites: tuple[str, ...]

    def grade(self, test: str, values: ArrayLike, lower_limit: float | None = None) -> Grades:
        """Grades of values in the test's unit (1e9/L; Hb g/dL): 0 normal, -1 not measured.

        `lower_limit` is the laboratory's own; it decides grade 1 alone, and an assumed one stands in for it. Raises
        InputError for a test that this version does not grade.
        """
        if test not in self.cutoffs:
            close = nearest(test, self.cutoffs)
            raise InputError(
                f"CTCAE {self.version} grades no such count here", found=test,
                expected=f"the nearest is {close}" if close else ", ".join(self.cutoffs),
            )  # fmt: skip
        limit = self.limits[test].value if lower_limit is None else lower_limit
        x = np.asarray(values, np.float64)
        out = np.where(np.isnan(x), MISSING, NORMAL).astype(np.int8)
        for number, below in self.cutoffs[test].below.items():  # ascending
            edge = limit if np.isnan(below) else below
            out[x < edge * (1 - _TINY)] = number
        return out

    def threshold(self, test: str, number: int) -> float:
        """The value below which a grade of a test begins. Raises InputError where it has none."""
        found = self.cutoffs[test].below.get(number) if test in self.cutoffs else None
        if found is None:
            raise InputError(f"CTCAE {self.version} has no such grade of a count", found=f"{test}, grade {number}")
        return self.limits[test].value if np.isnan(found) else found

    def sources(self) -> dict[str, Source]:
        """What the cut-offs were read in."""
        return {key: sources()[key] for key in self.cites}

    def __str__(self) -> str:
        lines = [f"CTCAE {self.version}"]
        for c in self.cutoffs.values():
            edges = ", ".join(f"{g} below {'the lower limit' if np.isnan(b) else f'{b:g}'}" for g, b in c.below.items())
            lines.append(f"  {c.term} ({c.test}, {c.unit}): grade {edges}")
        return "\n".join(lines)


@lru_cache(maxsize=len(VERSIONS))
def ctcae(version: str = "5.0") -> Grading:
    """The grades of one version. Raises InputError for another.

    >>> ctcae("5.0").grade("ANC", [1.2, 0.5, 0.49]).tolist(), ctcae("6.0").grade("ANC", [1.2, 0.5, 0.49]).tolist()
    ([2, 3, 4], [1, 2, 3])
    """
    if version not in VERSIONS:
        raise InputError("unknown version of CTCAE", found=str(version), expected=", ".join(VERSIONS))
    cutoffs: dict[str, dict[int, float]] = {}
    named: dict[str, tuple[str, str, str, str, str]] = {}
    clinical: dict[str, dict[int, str]] = {}
    cites: dict[str, None] = {}
    for row in _rows("ctcae.csv"):
        if row["version"] != version:
            continue
        number, test = int(row["toxicity"]), row["test"]
        if row["source"] not in sources():
            raise RecordError("unknown source", where="ctcae.csv", found=row["source"])
        cites[row["source"]] = None
        if test and row["below"]:
            named[test] = (row["term"], test, row["unit"], row["source"], row["grade"])
            cutoffs.setdefault(test, {})[number] = np.nan if row["below"] == _LLN else float(row["below"])
        else:
            clinical.setdefault(row["term"], {})[number] = row["note"]
    limits = {r["test"]: Limit(float(r["limit"]), r["unit"], r["note"]) for r in _rows("lower_limits.csv")}
    made = {t: Cutoffs(*named[t], MappingProxyType(dict(sorted(b.items())))) for t, b in cutoffs.items()}
    return Grading(version, MappingProxyType(made), MappingProxyType(clinical), MappingProxyType(limits), tuple(cites))


def grade(test: str, value: str, version: str = "5.0", lower_limit: str = "") -> int:
    """The grade of one value with its unit: `grade("ANC", "800 /uL")` is 3.

    Raises InputError for an unknown test or version, a number without unit, a wrong unit.

    >>> grade("ANC", "800 /uL"), grade("ANC", "0.8 1e9/L", "6.0"), grade("Hb", "79 g/L")
    (3, 2, 3)
    """
    by = ctcae(version)
    kept = by.cutoffs[test].unit if test in by.cutoffs else ""
    if not kept:
        by.grade(test, 0.0)
    limit = split_unit(lower_limit, kept, "lower_limit") if lower_limit else None
    return int(by.grade(test, split_unit(value, kept, test), limit))


@lru_cache(maxsize=1)
def _terms() -> tuple[Mapping[str, str], frozenset[str]]:
    rows = _rows("terms.csv")
    spelt = {s.casefold(): r["term"] for r in rows for s in (r["term"], *filter(None, r["synonyms"].split("|")))}
    return MappingProxyType(spelt), frozenset(r["term"] for r in rows if r["blood"] == "yes")


def term_name(text: str) -> str:
    """A term as these tables call it: "Neutrophil count decreased" is neutropenia; others stay as they are.

    >>> term_name("Neutrophil count decreased"), term_name("Pneumonia")
    ('neutropenia', 'pneumonia')
    """
    folded = " ".join(text.split()).casefold()
    return _terms()[0].get(folded, folded)


def is_blood(term: str) -> bool:
    """Whether a term is haematological."""
    return term_name(term) in _terms()[1]


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
