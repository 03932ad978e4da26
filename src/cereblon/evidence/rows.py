"""Rows of evidence: what was reported, of what, with unit, grade and source, and what it may be used for.

Role `calibrate`: constants were set on it. `validate`: predicted once, and the miss is shown. A range without a
value (low, high) is a range as reported; a value without a range carries the tolerance of its judge.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "data" / "evidence"


@dataclass(frozen=True)
class Reported:
    """One reported number of degradation; NaN where a column is empty."""

    id: str
    compound: str
    of: str
    quantity: str
    value: float
    low: float
    high: float
    unit: str
    at: str
    role: str
    grade: str
    source: str
    note: str

    @property
    def centre(self) -> float:
        """The value, or the geometric middle of the range."""
        return self.value if self.value == self.value else math.sqrt(self.low * self.high)

    def __str__(self) -> str:
        text = f"{self.value:g}" if self.value == self.value else f"{self.low:g}-{self.high:g}"
        return text if self.unit == "1" else f"{text} {self.unit}"


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
def reported_degradation() -> tuple[Reported, ...]:
    """The rows of `data/evidence/degradation.csv`."""
    numbers = {"value", "low", "high"}
    return tuple(
        Reported(**{k: (float(v) if v else math.nan) if k in numbers else v for k, v in row.items()})  # type: ignore[arg-type]
        for row in _read("degradation.csv")
    )


@lru_cache(maxsize=1)
def reported_claims() -> dict[str, Claim]:
    """The rows of `data/evidence/claims.csv` by id."""
    return {row["id"]: Claim(**row) for row in _read("claims.csv")}


def _read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
