"""What every table of one outcome begins with: names of study, patients and visits, and days counted from 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.clinic import WEEK

if TYPE_CHECKING:
    from cereblon.bedside.outcome import Outcome

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Names:
    """Names of the study and of each patient of an outcome, and how many weeks a cycle has."""

    study: str
    subjects: NDArray[np.str_]
    in_cycle: int

    def first(self, who: Ints) -> dict[str, object]:
        """The first columns of rows on the patients `who`."""
        return {"STUDYID": self.study, "USUBJID": self.subjects[who]}


def names_of(outcome: Outcome) -> Names:
    """Study and patients: two seeds have no patient in common."""
    protocol, n = outcome.clinic.protocol, len(outcome.patients)
    digits = max(len("001"), len(str(n)))
    return Names(
        protocol.symbol, np.array([f"{protocol.name}-{outcome.seed}-{i + 1:0{digits}d}" for i in range(n)], dtype=str),
        outcome.clinic.in_cycle,
    )


def study_day(day: Floats) -> Floats:
    """The study day of a day that counts from 0 at the first dose: 1 on that day, and whole.

    >>> study_day(np.array([0.0, 6.5, 27.0])).tolist()
    [1.0, 7.0, 28.0]
    """
    return np.asarray(np.floor(day) + 1)


def visit(week: int, in_cycle: int) -> str:
    """A weekly visit in words, of cycles of so many weeks.

    >>> visit(0, 4), visit(5, 4)
    ('Cycle 1 Day 1', 'Cycle 2 Day 8')
    """
    cycle, rest = divmod(week, in_cycle)
    return f"Cycle {cycle + 1} Day {rest * WEEK + 1}"


def flag(yes: NDArray[np.bool_]) -> NDArray[np.str_]:
    """Y or N."""
    return np.where(yes, "Y", "N")
