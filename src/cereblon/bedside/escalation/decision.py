"""What a design says when it is asked, and the data that it is asked about.

The data of an escalation are two numbers per dose, patients `n` and patients with a DLT `y`, and the dose `at` which
the last cohort was treated. Doses are counted from 1; dose 0 is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cereblon.ground.errors import InputError

Counts = tuple[int, ...]

ENDS = {
    "": "goes on",
    "toxic": "every dose is too toxic",
    "found": "the MTD is found",
    "enough": "enough patients at one dose",
    "full": "all planned patients are treated",
    "short": "patients ran out",
}
"""Why a trial ends: the word of `Decision.end` -> how it is said."""


@dataclass(frozen=True)
class Decision:
    """What now: `escalate`, `stay`, `de-escalate` or `stop`.

    `dose` is the next one (0 when it stops), for so many `patients`. `eliminated` are the doses that may not be given
    again. `end` is a word of ENDS.
    """

    action: str
    dose: int
    reason: str
    patients: int = 0
    eliminated: Counts = ()
    end: str = ""

    def __str__(self) -> str:
        people = "1 patient" if self.patients == 1 else f"{self.patients} patients"
        what = self.action if self.action == "stop" else f"{self.action}: {people} at dose {self.dose}"
        gone = f"; eliminated: {', '.join(map(str, self.eliminated))}" if self.eliminated else ""
        return f"{what} ({self.reason}{gone})"


def counted(y: Sequence[int], n: Sequence[int], doses: int) -> tuple[Counts, Counts]:
    """The counts as tuples of whole numbers, one per dose, 0 <= y <= n. Raises InputError.

    >>> counted([0, 2], [3, 3.0], doses=2)
    ((0, 2), (3, 3))
    """
    for name, given in (("y (patients with a DLT)", y), ("n (patients)", n)):
        if isinstance(given, str) or not hasattr(given, "__len__"):
            raise InputError("one whole number per dose", where=name, found=repr(given), example="(0, 1, 0, 0, 0)")
        if len(given) != doses:
            raise InputError(
                "the design has another number of doses", where=name, found=str(len(given)),
                expected=f"{doses}, with 0 for a dose not yet given",
            )  # fmt: skip
    clean: list[Counts] = []
    for name, given in (("y", y), ("n", n)):
        numbers = []
        for dose, number in enumerate(given, 1):
            try:
                whole = int(number)
            except (TypeError, ValueError, OverflowError):
                whole = -1
            if whole != number or whole < 0:
                raise InputError(
                    "a count is a whole number from 0", where=f"{name} at dose {dose}", found=repr(number), example="3"
                )
            numbers.append(whole)
        clean.append(tuple(numbers))
    toxic, treated = clean
    for dose, (one, all_) in enumerate(zip(toxic, treated, strict=True), 1):
        if one > all_:
            raise InputError(
                "more patients with a DLT than patients", where=f"dose {dose}", found=f"{one} of {all_}",
                expected="y at most n",
            )  # fmt: skip
    return toxic, treated


_COHORT = re.compile(r"([0-9]+)([NT]+)")


def outcomes(text: str, doses: int) -> tuple[Counts, Counts, int]:
    """y, n and the last dose, of cohorts written as "1NNN 2NNT": dose, then N or T (toxic) for each patient.

    The notation is Brock's (2019). Raises InputError.

    >>> outcomes("1NNN 2NNT 2NNN", doses=3)
    ((0, 1, 0), (3, 6, 0), 2)
    """
    y, n, at = [0] * doses, [0] * doses, 0
    for word in text.upper().replace(",", " ").split():
        match = _COHORT.fullmatch(word)
        if match is None or not 1 <= int(match[1]) <= doses:
            raise InputError(
                "a cohort is its dose and a letter for each patient: N, or T with a DLT", where="outcomes", found=word,
                expected=f"a dose from 1 to {doses}", example="1NNN 2NNT",
            )  # fmt: skip
        at = int(match[1])
        n[at - 1] += len(match[2])
        y[at - 1] += match[2].count("T")
    return tuple(y), tuple(n), at
