"""Rows of evidence: what was reported, of what, with unit, grade, source and role.

Every file of `data/evidence` but `claims.csv` (the guide's claims in words, which `guide.csv` completes) has the
columns of `Row`. The loader refuses a row without source, grade or role, and any word, unit or experiment that it
does not know, with file and line.

role        calibrate (constants are set on it) | validate (predicted once, the miss is shown) | context
grade       as everywhere; what is recalled carries its confidence. An anecdote, or what is recalled with low
            confidence, may not calibrate.
events, n   a proportion is given by its counts alone; value and exact interval are computed from them
low, high   a range as reported; a value without a range is judged within the tolerance of its experiment
experiment  the name of the function of `evidence.experiments` that simulates it; empty: none does yet
"""

from __future__ import annotations

import csv
import math
from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache
from pathlib import Path

from cereblon.ground.errors import InputError, RecordError
from cereblon.ground.quantity import GRADES, Quantity, unit
from cereblon.ground.vocabulary import nearest, vocabulary
from cereblon.records.cell import cells
from cereblon.records.compound import compounds, partners
from cereblon.records.sources import sources
from cereblon.statistics.intervals import clopper_pearson

FOLDER = Path(__file__).parent.parent / "data" / "evidence"
WORDS = "claims.csv"  # the claims as the guide has them, byte for byte
ROLES = ("calibrate", "validate", "context")
CONFIDENCES = ("high", "medium", "low")
SHARES = ("ORR", "response", "MR_or_better", "TEAE_any", "TEAE_G3", "TEAE_G4", "TEAE_G34", "dose_modification", "share",
          "loss", "closed", "Dmax", "inhibition")  # fmt: skip
_NUMBERS = ("value", "low", "high")
_COUNTS = ("events", "n")


@dataclass(frozen=True)
class Row:
    """One reported number, or one claim in words; NaN or None where a column is empty.

    `compound` may name several, split by ";"; `versus` is what it is set against, `of` a protein, `at` the time of
    the assay (of a plasma level: the day that is looked at, or of a half-life how long samples were drawn).
    """

    id: str
    claim: str
    description: str
    quantity: str
    value: float
    low: float
    high: float
    events: int | None
    n: int | None
    unit: str
    compound: str
    versus: str
    of: str
    cell: str
    at: str
    dose: str
    setting: str
    source: str
    grade: str
    confidence: str
    role: str
    experiment: str
    note: str
    file: str = ""

    @property
    def is_share(self) -> bool:
        """Whether it lies between 0 and 1 and is judged on its own scale; everything else on a logarithm."""
        return self.events is not None or self.quantity in SHARES

    @property
    def centre(self) -> float:
        """The value, or the middle of the range (geometric, or arithmetic for a share)."""
        if self.events is not None and self.n:
            return self.events / self.n
        if not math.isnan(self.value):
            return self.value
        return (self.low + self.high) / 2 if self.is_share else math.sqrt(self.low * self.high)

    @property
    def has_number(self) -> bool:
        """Whether anything was reported that a simulated number can be set beside."""
        return not math.isnan(self.centre)

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Exact from the counts, else the range as reported; NaN where there is neither."""
        if self.events is not None and self.n:
            exact = clopper_pearson(self.events, self.n)
            return exact.low, exact.high
        return self.low, self.high

    @property
    def text(self) -> str:
        """The number as it was reported, with its unit: "24 nM", "0.05-2 nM", "41/101"."""
        if not self.has_number:
            return ""
        if self.events is not None:
            return f"{self.events}/{self.n}"
        span = "" if math.isnan(self.low) else f"{self.low:g}-{self.high:g}"
        number = span if math.isnan(self.value) else f"{self.value:g}" + (f" ({span})" if span else "")
        return number if self.unit == "1" else f"{number} {self.unit}"

    def __str__(self) -> str:
        return self.text or self.description


Reported = Row  # what calibration reads


@dataclass(frozen=True)
class Claim:
    """One claim of the guide, as text and, where it has one, as a number."""

    id: str
    area: str
    claim: str
    quantity: str
    value: str
    low: str
    high: str
    n: str
    unit: str
    cohort: str
    note: str


@lru_cache(maxsize=1)
def evidence_rows() -> dict[str, Row]:
    """Every row of `data/evidence` by id. Raises RecordError for a file that breaks a rule of this module."""
    from cereblon.evidence.experiments import EXPERIMENTS

    rows: dict[str, Row] = {}
    for path in sorted(FOLDER.glob("*.csv")):
        if path.name == WORDS:
            continue
        for row in read_rows(path, EXPERIMENTS):
            if row.id in rows:
                raise RecordError(
                    "two rows of one id", where=row.file, found=row.id, expected=f"not {rows[row.id].file}"
                )
            rows[row.id] = row
    return rows


@lru_cache(maxsize=1)
def reported_degradation() -> tuple[Row, ...]:
    """The rows of a dose-response or a time course in a dish: what calibration reads and predicts."""
    return tuple(row for row in evidence_rows().values() if row.experiment in ("dose_response", "time_course"))


@lru_cache(maxsize=1)
def reported_claims() -> dict[str, Claim]:
    """The rows of `data/evidence/claims.csv` by id."""
    with (FOLDER / WORDS).open(encoding="utf-8", newline="") as file:
        return {row["id"]: Claim(**row) for row in csv.DictReader(file)}


# -- the loader ----------------------------------------------------------------------------------------------

_COLUMNS = tuple(f.name for f in fields(Row) if f.name != "file")


def read_rows(path: Path, experiments: Collection[str]) -> tuple[Row, ...]:
    """The rows of one file. `experiments` are the names that a row may give.

    Raises RecordError, with file and line, for other columns, a row without source, grade or role, or a word,
    unit, number or experiment that is not known.
    """
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header, *lines = [(reader.line_num, line) for line in reader]
        except (ValueError, csv.Error) as error:
            raise RecordError("not a table of evidence", where=path.name, found=str(error)) from None
    if tuple(header[1]) != _COLUMNS:
        odd = set(header[1]) ^ set(_COLUMNS)
        raise RecordError(
            "the columns are others", where=f"{path.name}, line 1", found=", ".join(sorted(odd)) or "order"
        )
    return tuple(_row(line, f"{path.name}, line {number}", experiments) for number, line in lines)


def _row(line: list[str], where: str, experiments: Collection[str]) -> Row:
    if len(line) != len(_COLUMNS):
        raise RecordError("a row has one cell a column", where=where, found=str(len(line)), expected=str(len(_COLUMNS)))
    cell = dict(zip(_COLUMNS, (text.strip() for text in line), strict=True))
    _words(cell, where, experiments)
    numbers = {name: _number(cell.pop(name), f"{where}, {name}") for name in _NUMBERS}
    counts = {name: _count(cell.pop(name), f"{where}, {name}") for name in _COUNTS}
    _consistent(cell, numbers, counts, where)
    if not cell["description"] and cell["id"] in reported_claims():
        cell["description"] = reported_claims()[cell["id"]].claim
    row = Row(**cell, **numbers, **counts, file=where)  # type: ignore[arg-type]
    if not row.description:
        raise RecordError("a row says what it is", where=f"{where}, description", found="nothing")
    return row


def _words(cell: dict[str, str], where: str, experiments: Collection[str]) -> None:
    """Refuse what is missing or not known."""
    for name in ("id", "quantity", "source", "grade", "role"):
        if not cell[name]:
            raise RecordError(f"{name} is missing", where=f"{where}, {name}", found="nothing")
    drugs = (*compounds(), *partners())
    closed: dict[str, Collection[str]] = {
        "source": sources(), "grade": GRADES, "role": ROLES, "cell": cells(), "claim": reported_claims(),
        "of": vocabulary(), "versus": drugs, "experiment": experiments, "confidence": CONFIDENCES,
    }  # fmt: skip
    asked = [(name, cell[name], known) for name, known in closed.items()]
    asked += [("compound", word, drugs) for word in cell["compound"].split(";")]
    for name, word, known in asked:
        if word and word not in known:
            close = nearest(word, known)
            raise RecordError(
                f"unknown {name}", where=f"{where}, {name}", found=word,
                expected=f"the nearest is {close}" if close else ", ".join(list(known)[:12]),
            )  # fmt: skip
    for name, example in (("at", "4 h"), ("dose", "1 mg")):
        if cell[name]:
            try:
                Quantity.parse(cell[name])
            except InputError as error:
                raise RecordError(error.message, where=f"{where}, {name}", found=cell[name], example=example) from None
    if (cell["grade"] == "recalled") != bool(cell["confidence"]):
        found = f"{cell['grade']}, {cell['confidence'] or 'none'}"
        raise RecordError(
            "what is recalled, and only that, has a confidence", where=f"{where}, confidence", found=found
        )
    if cell["role"] == "calibrate" and (cell["grade"] == "anecdote" or cell["confidence"] == "low"):
        found = f"{cell['grade']} {cell['confidence']}"
        raise RecordError("this may not calibrate", where=f"{where}, role", found=found, expected="validate or context")


def _consistent(cell: dict[str, str], numbers: dict[str, float], counts: dict[str, int | None], where: str) -> None:
    """Refuse numbers that contradict each other or have no unit."""
    value, low, high = numbers.values()
    events, n = counts.values()
    typed = any(not math.isnan(x) for x in numbers.values())
    if typed or events is not None:
        if not cell["unit"]:
            raise RecordError("a number needs its unit", where=f"{where}, unit", found="nothing", example="nM")
        try:
            unit(cell["unit"])
        except InputError as error:
            raise RecordError(
                error.message, where=f"{where}, unit", found=error.found, expected=error.expected
            ) from None
    if events is not None and (n is None or not 0 <= events <= n or typed or cell["unit"] != "1"):
        raise RecordError("a proportion is events of n, with unit 1 and no typed number", where=f"{where}, events",
                          found=f"{events} of {n}", example="41 of 101")  # fmt: skip
    if math.isnan(low) != math.isnan(high) or low > high or value < low or value > high:
        raise RecordError("a range has two ends and holds its value", where=f"{where}, low",
                          found=f"{value:g} in {low:g} to {high:g}")  # fmt: skip


def _number(text: str, where: str) -> float:
    if not text:
        return math.nan
    try:
        number = float(text)
    except ValueError:
        number = math.inf
    if not math.isfinite(number) or "_" in text:
        raise RecordError("this is not a number", where=where, found=text, example="24")
    return number


def _count(text: str, where: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise RecordError("this is not a count", where=where, found=text, example="101")
    return int(text)
