"""Doses as data, with the names of NONMEM: time, amt, cmt, ii, addl, rate or duration, ss, and lag and F.

A dose goes into any species. Times are hours, amounts coherent (nmol, g, cells). A sample at the time of a dose
is taken before the dose. Schedules stay in this short form; the integrator counts through `ii` and `addl`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cereblon.ground.errors import DoseError

LARGEST = 1e15
SHORTEST = 1e-4  # h; the clock of a year-long run still tells such doses apart


@dataclass(frozen=True)
class Dose:
    """One row of a dosing table.

    `amt` into `species` at `time`, then `addl` more every `ii` hours. `duration` (h) or `rate` (amount/h) make it
    an infusion. `lag` and `F` name a parameter (h; fraction). `ss=True`: the subject has been dosed every `ii`
    long enough to be at steady state when the row begins. `reset=True` (NONMEM evid 3, or 4 with an amount)
    returns all species to their initial values first.

    Raises DoseError for negative, infinite or contradicting entries.

    >>> Dose(0, "mezigdomide@gut", 1762, ii=24, addl=20).last
    480
    """

    time: float
    species: str
    amt: float
    ii: float = 0.0
    addl: int = 0
    duration: float = 0.0
    rate: float = 0.0
    ss: bool = False
    lag: str | None = None
    F: str | None = None
    reset: bool = False

    def __post_init__(self) -> None:
        for name in ("time", "amt", "ii", "addl", "duration", "rate"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise self._wrong(name, repr(value), "a finite number")
            if value < 0:
                raise self._wrong(name, f"{value:g}", "zero or more")
            if value > LARGEST:
                raise self._wrong(name, f"{value:g}", f"at most {LARGEST:g}")
        if not isinstance(self.addl, int):
            raise self._wrong("addl", repr(self.addl), "a whole number of additional doses")
        if (self.addl or self.ss) and self.ii < SHORTEST:
            raise self._wrong("ii", f"{self.ii:g}", f"an interval of at least {SHORTEST:g} h for addl or ss")
        if self.duration and self.rate:
            raise self._wrong("rate", f"{self.rate:g} beside duration {self.duration:g}", "either rate or duration")
        if self.rate and not self.amt:
            raise self._wrong("amt", "0", "an amount for an infusion")
        if self.ss and self.infusion_length > self.ii:
            raise self._wrong("duration", f"{self.infusion_length:g} h", "an infusion shorter than ii for ss")

    def _wrong(self, name: str, found: str, expected: str) -> DoseError:
        return DoseError(
            f"a dose into {self.species} cannot be given",
            where=name,
            found=found,
            expected=expected,
            example='Dose(0, "mezigdomide@gut", 1762, ii=24, addl=20)',
        )

    @property
    def infusion_length(self) -> float:
        """Hours of infusion at F = 1; 0 for a bolus."""
        return self.amt / self.rate if self.rate else self.duration

    @property
    def is_infusion(self) -> bool:
        """Whether it runs over time."""
        return self.rate > 0 or self.duration > 0

    @property
    def last(self) -> float:
        """Time of the last administration, without lag."""
        return self.time + self.ii * self.addl


def schedules(
    doses: Iterable[Dose] | Sequence[Iterable[Dose]], subjects: int
) -> tuple[list[tuple[Dose, ...]], list[int]]:
    """Distinct schedules and which one each subject follows; one flat list of doses is everyone's.

    Raises DoseError when there are as many calendars as neither one nor the subjects.
    """
    given = list(doses)
    if all(isinstance(d, Dose) for d in given):
        return [tuple(d for d in given if isinstance(d, Dose))], [0] * subjects
    if len(given) != subjects:
        raise DoseError(
            "as many calendars as subjects are needed",
            found=f"{len(given)} calendars for {subjects} subjects",
            expected="one list of doses, or one list per subject",
        )
    known: dict[tuple[Dose, ...], int] = {}
    which = [known.setdefault(tuple(calendar), len(known)) for calendar in given]  # type: ignore[arg-type]
    return list(known), which
