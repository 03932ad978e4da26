"""The verdict on one row: what was reported beside what is simulated.

misses                none of the two holds the other's value; by how much: the factor, or the points of a share,
                      from the simulated value to the nearer end of the reported interval
uninformative         the simulated interval is wider than 1.5 times the reported one: it could not have missed
cannot discriminate   a null model does as well
agrees                none of these
not simulated yet     no experiment

A share is judged on its own scale, everything else on a logarithm. A value without a range is judged within the
tolerance of its experiment, which then stands for the reported interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from cereblon.evidence.experiments import EXPERIMENTS
from cereblon.evidence.laboratory import Simulated
from cereblon.evidence.rows import Row

AGREES, MISSES, UNINFORMATIVE = "agrees", "misses", "uninformative"
CANNOT_DISCRIMINATE, NOT_YET = "cannot discriminate", "not simulated yet"
VERDICTS = (AGREES, MISSES, UNINFORMATIVE, CANNOT_DISCRIMINATE, NOT_YET)
TOO_WIDE = 1.5


@dataclass(frozen=True)
class Verdict:
    """One of `VERDICTS`; `by` is the size of a miss: a factor (2 or 0.5), or for a share a difference. Else NaN."""

    word: str
    by: float = math.nan
    is_share: bool = False

    @property
    def size(self) -> str:
        """The size of a miss in words, empty for every other verdict."""
        if self.word != MISSES:
            return ""
        if math.isnan(self.by):
            return "no number"
        where = "below" if self.by < (0 if self.is_share else 1) else "above"
        if self.is_share:
            return f"{100 * abs(self.by):.0f} points {where}"
        return f"x{max(self.by, 1 / self.by):.2g} {where}"

    def __str__(self) -> str:
        return f"{self.word} by {self.size}" if self.size and self.size != "no number" else self.word


def verdict(row: Row, simulated: Simulated | None) -> Verdict:
    """Judge one row. Without a simulation: not simulated yet.

    >>> from cereblon.evidence.rows import evidence_rows
    >>> str(verdict(evidence_rows()["D01"], Simulated(value=402.0)))
    'misses by x2 above'
    """
    if simulated is None:
        return Verdict(NOT_YET)
    if simulated.holds is not None:
        if not simulated.holds:
            return Verdict(MISSES)
        return Verdict(CANNOT_DISCRIMINATE if simulated.null_holds else AGREES)
    low, high = reported_interval(row)
    value = simulated.value
    if not (low <= value <= high) and not (simulated.low <= row.centre <= simulated.high):
        if math.isnan(value):
            return Verdict(MISSES)
        end = low if value < low else high
        return Verdict(MISSES, value - end if row.is_share else value / end, row.is_share)
    if _width(simulated.low, simulated.high, row.is_share) > TOO_WIDE * _width(low, high, row.is_share):
        return Verdict(UNINFORMATIVE)
    return Verdict(CANNOT_DISCRIMINATE if low <= simulated.null <= high else AGREES)


def reported_interval(row: Row) -> tuple[float, float]:
    """Exact from counts, as reported, or the tolerance of the row's experiment; NaN for a row that nothing judges."""
    if row.experiment and row.has_number:
        return EXPERIMENTS[row.experiment].around(row)
    return row.interval


def _width(low: float, high: float, is_share: bool) -> float:
    """NaN where there is no interval: nothing is then wider than it."""
    if is_share:
        return high - low
    return math.log(high / low) if low > 0 else math.inf if low <= 0 else math.nan
