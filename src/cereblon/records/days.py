"""Days of a cycle and hours of a day, as a regimen writes them: "1-5,8-12", "0,12"."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from cereblon.ground.errors import DoseError

DAY = 24.0  # h
LONGEST_LIST = 400
_SPAN = re.compile(r"\s*(\d{1,4})\s*(?:-\s*(\d{1,4}))?\s*")


def days_of(text: str, cycle: int) -> tuple[int, ...]:
    """Days of the cycle, ascending, from "1-21" or "1-5,8-12"."""

    def wrong(message: str, found: str) -> DoseError:
        return DoseError(message, where="days", found=found, expected="ascending days of the cycle", example="1-5,8-12")

    if not isinstance(text, str) or len(text) > LONGEST_LIST:
        raise wrong("this is not a list of days", str(text))
    days: list[int] = []
    for part in text.split(","):
        match = _SPAN.fullmatch(part)
        if match is None:
            raise wrong("this is not a list of days", part.strip() or "nothing")
        first = int(match[1])
        last = int(match[2] or first)
        if last < first:
            raise wrong("a range of days runs backwards", part.strip())
        if days and first <= days[-1]:
            raise wrong("days overlap or go back", f"{part.strip()} after day {days[-1]}")
        if first < 1 or last > cycle:
            raise wrong(f"a day outside the cycle of {cycle} d", part.strip())
        days += range(first, last + 1)
    return tuple(days)


def hours_of(text: str) -> list[float]:
    """Hours of the day at which a drug is given: "0,12" is twice daily."""
    try:
        found = [float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if not found or not all(0 <= one < DAY for one in found) or sorted(set(found)) != found:
        raise DoseError("not hours of a day", where="hours", found=text, expected="rising, from 0 to below 24",
                        example="0,12")  # fmt: skip
    return found


def runs(days: Iterable[int]) -> list[tuple[int, int]]:
    """(first, length) of every run of consecutive days.

    >>> runs((1, 2, 3, 8))
    [(1, 3), (8, 1)]
    """
    groups = itertools.groupby(enumerate(days), key=lambda pair: pair[1] - pair[0])
    members: list[list[int]] = [[day for _, day in group] for _, group in groups]
    return [(m[0], len(m)) for m in members]
