"""A user's table of times and events: columns time, event and, where there are several arms, arm."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cereblon.bedside.endpoints.times import Bools, Floats
from cereblon.bedside.table import MISSING, number_of, rows
from cereblon.ground.errors import InputError

_HAPPENED, _CENSORED = ("1", "yes", "true", "event"), ("0", "no", "false", "censored")


@dataclass(frozen=True)
class TimesRead:
    """Times, events, arms ("" where there is no such column: one arm) and, where events are named, `causes`."""

    times: Floats = field(repr=False)
    events: Bools = field(repr=False)
    arms: tuple[str, ...] = field(repr=False)
    causes: tuple[str, ...] = field(repr=False)
    notes: tuple[str, ...] = ()


def read_times(path: str | Path) -> TimesRead:
    """Read a file of times. An event is 1 or 0, or the name of its cause (blank: none was seen).

    Raises InputError, with file and line, for a missing column, a time that is no number from 0 up, an event that is
    missing, names beside numbers in the column of events, a row without its arm, and a file without rows.
    """
    file = Path(path)
    notes: list[str] = []
    found = list(rows(file, ("time", "event"), ("arm", "patient"), notes))
    if not found:
        raise InputError("no row", where=file.name, example="time,event,arm")
    seen: dict[str, int] = {}
    times, written = [], []
    for line, row in found:
        where = f"{file.name}, line {line}"
        value = number_of(row["time"], f"{where}, time")
        if value < 0:
            raise InputError("a time below 0", where=f"{where}, time", found=row["time"], example="12.5")
        if "arm" in row and row["arm"].casefold() in MISSING:
            raise InputError("a row without its arm", where=f"{where}, arm", found=row["arm"] or "nothing")
        if row.get("patient"):
            if row["patient"] in seen:
                raise InputError("a patient twice", where=where, found=row["patient"],
                                 expected=f"one row, as in line {seen[row['patient']]}")  # fmt: skip
            seen[row["patient"]] = line
        times.append(value)
        written.append(row["event"].casefold())
    coded = [w in (*_HAPPENED, *_CENSORED) for w in written]
    arms = tuple(row["arm"] for _, row in found) if "arm" in found[0][1] else ()
    if all(coded):
        events = np.array([w in _HAPPENED for w in written], dtype=bool)
        return TimesRead(np.array(times), events, arms, (), tuple(notes))
    numbers = [i for i, (w, is_code) in enumerate(zip(written, coded, strict=True)) if is_code and w in _HAPPENED]
    if numbers or not any(w not in (*MISSING, *_CENSORED) for w in written):
        line, row = found[numbers[0] if numbers else coded.index(False)]
        raise InputError("an event is 1 or 0, or everywhere the name of a cause", where=f"{file.name}, line {line}",
                         found=row["event"] or "nothing")  # fmt: skip
    unseen = (*MISSING, *_CENSORED)
    causes = tuple("" if w in unseen else row["event"] for w, (_, row) in zip(written, found, strict=True))
    return TimesRead(np.array(times), np.array([bool(c) for c in causes]), arms, causes, tuple(notes))
