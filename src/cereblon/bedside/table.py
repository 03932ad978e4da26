"""A user's own table of laboratory values: one row per patient, day and test.

    patient,day,test,value,unit
    P01,1,serum_M,4.2,g/dL
    P01,29,serum_M,1.8,g/dL

The tests are a closed list (`data/laboratory.csv`) with the unit in which each is kept; a row may come in any unit of
the same dimension. Read are commas, semicolons and tabs, decimal points and, between semicolons or tabs, decimal
commas, a byte-order mark and any line ends. Whatever else is odd is refused with file and line.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import unit
from cereblon.ground.vocabulary import nearest

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

_FILE = Path(__file__).parent.parent / "data" / "laboratory.csv"
LARGEST_FILE = 500_000_000
MISSING = ("", "na", "n/a", "nan", "nd", "none", "null", ".", "-", "missing", "not done")
POSITIVE, NEGATIVE = ("positive", "pos", "+", "yes", "present", "1"), ("negative", "neg", "no", "absent", "0")
NUMERIC = ("day", "value", "end", "time")  # columns in which a comma may be a decimal mark
UNDETECTED = ("serum_M", "urine_M")  # "<0.1" is what electrophoresis could not quantify: 0
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_COMMA = re.compile(r"<?[+-]?[0-9]*,[0-9]+(?:[eE][+-]?[0-9]{1,3})?")
_POINT = re.compile(r"<?[+-]?[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]{1,3})?")
_WITH_UNIT = re.compile(r"([+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?)\s*(.*)")
# how files write units that the closed list spells otherwise
_SPELLINGS = {
    "mg/24h": "mg/d", "mg/24hr": "mg/d", "g/24h": "g/d", "g/24hr": "g/d", "mg/day": "mg/d", "g/day": "g/d",
    "cm2": "cm^2", "cm²": "cm^2", "mm2": "mm^2", "mm²": "mm^2",
    "10^9/L": "1e9/L", "x10^9/L": "1e9/L", "10*9/L": "1e9/L", "10e9/L": "1e9/L", "G/L": "1e9/L", "/nL": "1e9/L",
    "10^3/uL": "1e3/uL", "x10^3/uL": "1e3/uL", "10*3/uL": "1e3/uL", "K/uL": "1e3/uL", "10^3/µL": "1e3/uL",
    "/uL": "cell/uL", "/µL": "cell/uL", "cells/uL": "cell/uL", "/mm3": "cell/mm3", "cells/mm3": "cell/mm3",
    "ratio": "1", "fraction": "1",
}  # fmt: skip


@dataclass(frozen=True)
class Measurement:
    """One row of the closed list: its kind (number, sign, event or grade) and the unit that it is kept in."""

    name: str
    kind: str
    unit: str
    synonyms: tuple[str, ...]
    meaning: str


@lru_cache(maxsize=1)
def measurements() -> Mapping[str, Measurement]:
    """What a table may hold, by name of the test."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = [
            Measurement(r["test"], r["kind"], r["unit"], tuple(s for s in r["synonyms"].split("|") if s), r["meaning"])
            for r in csv.DictReader(file)
        ]
    return MappingProxyType({row.name: row for row in rows})


@lru_cache(maxsize=1)
def _spelt() -> Mapping[str, str]:
    return {s.casefold(): t.name for t in measurements().values() for s in (t.name, *t.synonyms)}


@dataclass(frozen=True)
class Observations:
    """What a table holds, row by row: `who` (index into `patients`), `day`, `test`, `value` in the unit of the list.

    Signs are 1 and 0, events 1, adverse events their grade with a `term`, an `end` (NaN: not given) and `related`
    (1, 0, NaN: not said).
    """

    patients: tuple[str, ...]
    who: NDArray[np.int64] = field(repr=False)
    day: Floats = field(repr=False)
    test: tuple[str, ...] = field(repr=False)
    value: Floats = field(repr=False)
    term: tuple[str, ...] = field(repr=False)
    end: Floats = field(repr=False)
    related: Floats = field(repr=False)
    notes: tuple[str, ...] = ()
    file: str = ""

    def of(self, test: str) -> tuple[NDArray[np.int64], Floats, Floats]:
        """Patient, day and value of every row of one test."""
        own = np.array([t == test for t in self.test], dtype=bool)
        return self.who[own], self.day[own], self.value[own]

    def first(self, test: str) -> Floats:
        """First day of a test or event in every patient; NaN where there is none."""
        who, day, _ = self.of(test)
        out = np.full(len(self.patients), np.inf)
        np.minimum.at(out, who, day)
        return np.where(np.isinf(out), np.nan, out)

    def last(self, test: str = "") -> Floats:
        """Last day of a test (of any, without a name) in every patient; NaN where there is none."""
        who, day = self.of(test)[:2] if test else (self.who, self.day)
        out = np.full(len(self.patients), -np.inf)
        np.maximum.at(out, who, day)
        return np.where(np.isinf(out), np.nan, out)

    def table(self) -> pd.DataFrame:
        """One row per observation: patient, day, test, value, unit, term."""
        import pandas as pd

        units = [measurements()[t].unit for t in self.test]
        names = [self.patients[i] for i in self.who]
        return pd.DataFrame({"patient": names, "day": self.day, "test": self.test, "value": self.value,
                             "unit": units, "term": self.term})  # fmt: skip

    def __len__(self) -> int:
        return len(self.test)

    def __str__(self) -> str:
        counted = ", ".join(f"{self.test.count(t)} {t}" for t in dict.fromkeys(self.test))
        return "\n".join([f"{len(self.patients)} patients: {counted}", *self.notes])


def read(path: str | Path) -> Observations:
    """The observations of a file. Columns patient, day, test, value, unit; term, end and related for adverse events.

    A value that is missing (NA, ND, blank) leaves its row out and is counted in `notes`. Raises InputError, with file
    and line, for a missing or doubled column, an unknown test or unit, a number that is none or negative, a second
    value of the same patient, day and test, and a file without rows.
    """
    file = Path(path)
    notes: list[str] = []
    seen: dict[tuple[str, float, str, str], int] = {}
    kept: list[tuple[str, float, str, float, str, float, float]] = []
    skipped = undetected = 0
    lines = rows(file, ("patient", "day", "test", "value", "unit"), ("term", "end", "related"), notes)
    for number, row in lines:
        where = f"{file.name}, line {number}"
        patient, test = _patient(row["patient"], where), named(row["test"], where)
        day = day_number(row["day"], f"{where}, day")
        kind = measurements()[test].kind
        if kind in ("number", "sign", "grade") and row["value"].casefold() in MISSING:
            skipped += 1
            continue
        if test in UNDETECTED and row["value"].startswith("<"):
            number_of(row["value"][1:].strip(), f"{where}, value")
            value, undetected = 0.0, undetected + 1
        else:
            value = _value(measurements()[test], row, where)
        term = row.get("term", "").strip()
        if kind == "grade" and not term:
            raise InputError("an adverse event has a name", where=f"{where}, term", found="nothing", example="sepsis")
        key = (patient, day, test, term if kind == "grade" else "")
        if key in seen:
            raise InputError(
                "a second value of the same patient, day and test", where=where,
                found=f"{patient}, day {day:g}, {test}, also in line {seen[key]}", expected="one value",
            )  # fmt: skip
        seen[key] = number
        ended = _unless_missing(row.get("end", ""), day_number, f"{where}, end")
        related = _unless_missing(row.get("related", ""), _sign, f"{where}, related")
        kept.append((patient, day, test, value, term, ended, related))
    if not kept:
        raise InputError("no row with a value", where=file.name, example="P01,1,serum_M,4.2,g/dL")
    if skipped:
        notes.append(f"{skipped} rows without a value were left out")
    if undetected:
        notes.append(f"{undetected} values written as '<' were taken as 0 (not seen by electrophoresis)")
    patients = tuple(dict.fromkeys(row[0] for row in kept))
    index = {name: i for i, name in enumerate(patients)}
    _, days, names, values, terms, ends, related_to = zip(*kept, strict=True)
    return Observations(patients, np.array([index[row[0]] for row in kept]), np.array(days), names, np.array(values),
                        terms, np.array(ends), np.array(related_to), tuple(notes), str(file))  # fmt: skip


def rows(
    file: Path, needed: Collection[str], allowed: Collection[str], notes: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, column -> text) of a delimited file whose first line names its columns, in any case and order.

    Other columns are left out and named in `notes`. Raises InputError as `read` does.
    """
    text = _text(file)
    between = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, strict=True)
    marks: dict[str, int] = {}  # decimal mark -> the first line that has it
    try:
        header = [cell.strip().casefold() for cell in next(reader, [])]
        if not any(header):
            raise InputError("this file is empty", where=file.name, expected=f"a first line: {','.join(needed)}")
        doubled = [c for c in dict.fromkeys(header) if c and header.count(c) > 1]
        missing = [c for c in needed if c not in header]
        if doubled or missing:
            raise InputError(
                f"the column {doubled[0]} stands twice" if doubled else f"the column {missing[0]} is missing",
                where=f"{file.name}, line 1", found=", ".join(header), expected=", ".join(needed),
            )  # fmt: skip
        places = {c: header.index(c) for c in (*needed, *allowed) if c in header}
        others = [c for c in header if c and c not in places]
        if others:
            notes.append(f"columns that are not read: {', '.join(others)}")
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise InputError(
                    "a row has one cell a column", where=f"{file.name}, line {reader.line_num}",
                    found=f"{len(cells)} cells", expected=f"{len(header)} (decimal commas need semicolons)",
                )  # fmt: skip
            row = {c: cells[i].strip() for c, i in places.items()}
            if between != ",":
                row |= {c: _pointed(row[c], marks, reader.line_num, file.name) for c in NUMERIC if c in row}
            yield reader.line_num, row
    except csv.Error as error:
        where = f"{file.name}, line {reader.line_num}"
        raise InputError("this is not a table", where=where, found=str(error)) from None


def named(text: str, where: str) -> str:
    """The name of a test, however it is spelt; InputError naming the nearest."""
    name = _spelt().get(text.strip().replace(" ", "_").replace("-", "_").casefold())
    if name is None:
        close = nearest(text, [s for t in measurements().values() for s in (t.name, *t.synonyms)])
        raise InputError(
            "unknown test", where=f"{where}, test", found=text or "nothing",
            expected=f"the nearest is {_spelt()[close.casefold()]}" if close else ", ".join(measurements()),
        )  # fmt: skip
    return name


def factor(written: str, kept: str, where: str) -> float:
    """What a number in the unit `written` is multiplied by to stand in `kept`; InputError for another dimension."""
    spelt = written.replace(" ", "")
    try:
        there = unit(_SPELLINGS.get(spelt, spelt))
    except InputError as error:
        raise InputError(error.message, where=f"{where}, unit", found=written, expected=error.expected) from None
    if not there.fits(unit(kept)):
        found = written or "nothing"
        raise InputError("wrong unit", where=f"{where}, unit", found=found, expected=f"a unit like {kept}")
    return float(there.ratio / unit(kept).ratio)


def number_of(text: str, where: str) -> float:
    """A finite number; InputError for anything else."""
    if not _NUMBER.fullmatch(text):
        raise InputError("this is not a number", where=where, found=text or "nothing", example="4.2")
    value = float(text)
    if not math.isfinite(value):
        raise InputError("this number is out of range", where=where, found=text, example="4.2")
    return value


def split_unit(text: str, kept: str, where: str) -> float:
    """The number of a text with its unit, in the unit `kept`: "1.8 g/dL". InputError for one without a unit.

    >>> split_unit("18 g/L", "g/dL", "serum")
    1.8
    """
    match = _WITH_UNIT.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or not (match[2] or kept == "1"):
        raise InputError("a number needs its unit, as one text", where=where, found=repr(text), example=f"1.8 {kept}")
    return number_of(match[1], where) * (factor(match[2], kept, where) if match[2] else 1.0)


def day_number(text: str, where: str) -> float:
    """A day as a number; InputError that says what a day is."""
    if not _NUMBER.fullmatch(text):
        raise InputError("a day is a number", where=where, found=text or "nothing",
                         expected="days, the first dose on day 1 (no dates)", example="29")  # fmt: skip
    return number_of(text, where)


def _value(test: Measurement, row: Mapping[str, str], where: str) -> float:
    text = row["value"]
    if test.kind == "event":
        return 1.0
    if test.kind == "sign":
        return _sign(text, f"{where}, value")
    value = number_of(text, f"{where}, value")
    if test.kind == "grade":
        if value not in (1, 2, 3, 4, 5):
            raise InputError("a grade is 1 to 5", where=f"{where}, value", found=text, example="3")
        return value
    if value < 0:
        raise InputError("a value below 0", where=f"{where}, value", found=text, expected=f"{test.name} from 0 up")
    if not row["unit"] and test.unit != "1":
        raise InputError("a number needs its unit", where=f"{where}, unit", found="nothing", example=test.unit)
    value *= factor(row["unit"], test.unit, where)
    if test.name in ("marrow_PC", "MRD") and value > 1:
        raise InputError("a share above 1", where=f"{where}, value", found=f"{text} {row['unit']}".strip(),
                         example="30 with unit %")  # fmt: skip
    return value


def _unless_missing(text: str, read_as: Callable[[str, str], float], where: str) -> float:
    return math.nan if text.casefold() in MISSING else read_as(text, where)


def _sign(text: str, where: str) -> float:
    folded = text.casefold()
    if folded in POSITIVE:
        return 1.0
    if folded in NEGATIVE:
        return 0.0
    raise InputError("this is neither positive nor negative", where=where, found=text, example="negative")


def _patient(text: str, where: str) -> str:
    if text.casefold() in MISSING:
        raise InputError("a row without a patient", where=f"{where}, patient", found=text or "nothing", example="P01")
    return text


def _text(file: Path) -> str:
    try:
        if file.is_dir():
            raise InputError("this is a folder", where=str(file), expected="the path of a .csv file")
        if not file.is_file():
            raise InputError("there is no such file", where=str(file), expected="the path of a .csv file")
        if file.stat().st_size > LARGEST_FILE:
            raise InputError("this file is too large", where=str(file), found=f"{file.stat().st_size:,} bytes")
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = "it is not text in UTF-8" if isinstance(error, UnicodeError) else str(error)
        raise InputError("this file cannot be read", where=str(file), found=reason, expected="a .csv file") from None
    if "\0" in text:
        raise InputError("this file cannot be read", where=str(file), found="it is not text", expected="a .csv file")
    return text


def _pointed(cell: str, marks: dict[str, int], line: int, name: str) -> str:
    """A decimal comma as a point; InputError where a file has both, as 1,234 might then be either number."""
    for mark, pattern in ((",", _COMMA), (".", _POINT)):
        if pattern.fullmatch(cell):
            marks.setdefault(mark, line)
    if len(marks) == 2:
        raise InputError("decimal points and decimal commas in one file", where=f"{name}, line {line}", found=cell,
                         expected=f"one of them, as in line {min(marks.values())}")  # fmt: skip
    return cell.replace(",", ".") if _COMMA.fullmatch(cell) else cell
