"""Regimens: which drug, how much, on which days of which cycle. Doses are data, and regimens add.

    dose("mezigdomide", "1 mg", days="1-21", cycle="28 d", cycles=2)

A regimen is a list of rows; each becomes rows of a dosing table with the names of NONMEM (time, amt, cmt, ii,
addl). Days count from 1; day 1 begins at hour 0 of its cycle. Amounts become nmol by the molar mass of the
compound's record. Named regimens are records in `data/regimens`, with source and grade.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from cereblon.ground.errors import DoseError, InputError
from cereblon.ground.quantity import Quantity
from cereblon.network.dosing import Dose
from cereblon.records.compound import Compound, compound
from cereblon.records.days import DAY, days_of, hours_of, runs
from cereblon.records.reader import Closed, Header, Shown, locate, read, shipped
from cereblon.records.sources import Source, sources

if TYPE_CHECKING:
    import pandas as pd

MOST_DAYS, MOST_CYCLES = 366, 1000
_WORDS = ("dose", "duration", "elderly.age", "elderly.dose")
_EXAMPLE = 'dose("mezigdomide", "1 mg", days="1-21", cycle="28 d", cycles=2)'


@dataclass(frozen=True)
class Row:
    """One drug of a regimen: `amount` on each of `days`, in `cycles` cycles of `cycle` days, from hour `start`.

    `duration` (h) is that of an infusion, 0 for a bolus. `elderly` is an age in years and the amount of those who are
    older. It is given in cycle `first` (from 1) to `last` (None: to the end), where a schedule changes in later ones.
    """

    drug: Compound
    amount: Quantity
    days: tuple[int, ...]
    cycle: int
    cycles: int
    start: float = 0.0
    duration: float = 0.0
    elderly: tuple[float, Quantity] | None = None
    first: int = 1
    last: int | None = None

    @property
    def given(self) -> range:
        """The cycles (from 0) in which it is given."""
        return range(self.first - 1, self.cycles if self.last is None else min(self.last, self.cycles))

    def dosing_days(self) -> tuple[int, ...]:
        """Every day (from 0) on which it is given."""
        begins = int(self.start // DAY)
        return tuple(begins + cycle * self.cycle + day - 1 for cycle in self.given for day in self.days)

    @property
    def end(self) -> float:
        """Hour at which its last cycle is over; a later hour of the day begins no later cycle."""
        return (self.start // DAY + self.cycle * self.cycles) * DAY

    def doses(self) -> tuple[Dose, ...]:
        """The dosing table: as few rows as runs of days, or cycles, allow."""
        drug = self.drug
        amt = drug.amount(self.amount)
        lag, F = (drug.address(name) if name in drug else None for name in ("lag", "F"))

        def row(day: int, cycle: int, ii: float, repeats: int) -> Dose:
            time = self.start + (day - 1 + cycle * self.cycle) * DAY
            ii = ii if repeats > 1 else 0.0
            return Dose(time, drug.enters, amt, ii, repeats - 1, duration=self.duration, lag=lag, F=F)

        rows: list[Dose] = []
        for first, length in runs(self.days):
            if length > len(self.given):  # a row a cycle, counting days
                rows += [row(first, cycle, DAY, length) for cycle in self.given]
            else:  # a row a day, counting cycles
                rows += [row(first + i, self.given[0], self.cycle * DAY, len(self.given)) for i in range(length)]
        return tuple(rows)

    def share(self, age: ArrayLike) -> NDArray[np.float64]:
        """What patients of `age` (years) get over `amount`: 1, or less for the elderly."""
        years = np.asarray(age, dtype=np.float64)
        if self.elderly is None:
            return np.ones_like(years)
        limit, less = self.elderly
        return np.where(years > limit, self.drug.amount(less) / self.drug.amount(self.amount), 1.0)

    def __str__(self) -> str:
        spans = ",".join(f"{a}" if n == 1 else f"{a}-{a + n - 1}" for a, n in runs(self.days))
        later = f", from {self.start:g} h" if self.start else ""
        if (self.first, self.last) != (1, None):
            later += f", from cycle {self.first}" + (f" to {self.last}" if self.last else "")
        over = f" over {self.duration:g} h" if self.duration else ""
        old = f" ({self.elderly[1]} over {self.elderly[0]:g} years)" if self.elderly else ""
        return (
            f"{self.drug.symbol} {self.amount}{over}{old}, days {spans} of {self.cycle} d, "
            f"{self.cycles} cycle(s){later}"
        )


@dataclass(frozen=True)
class Regimen:
    """Rows that are given together. `a + b` gives both."""

    rows: tuple[Row, ...]
    name: str = ""
    note: str = ""

    def __add__(self, other: Regimen) -> Regimen:
        if not isinstance(other, Regimen):
            return NotImplemented
        names = [n for n in (self.name, other.name) if n]
        return Regimen((*self.rows, *other.rows), " + ".join(names))

    @property
    def compounds(self) -> tuple[Compound, ...]:
        """Its drugs, each once. Raises DoseError when two different records have one name."""
        drugs = tuple(dict.fromkeys(row.drug for row in self.rows))
        if len({d.name for d in drugs}) < len(drugs):
            raise DoseError("two different records of one drug", found=", ".join(d.name for d in drugs))
        return drugs

    @property
    def end(self) -> float:
        """Hour at which the last cycle is over."""
        return max((row.end for row in self.rows), default=0.0)

    @property
    def cycle(self) -> int:
        """Days of its cycle. Raises DoseError when its rows have cycles of different length, which overlap."""
        lengths = sorted({row.cycle for row in self.rows})
        if len(lengths) != 1:
            raise DoseError("cycles of different length overlap", where=self.name or "regimen",
                            found=" and ".join(f"{n} d" for n in lengths) or "no dose",
                            expected="one cycle for all drugs; days beyond the shorter are listed")  # fmt: skip
        return lengths[0]

    def repeat(self, cycles: int) -> Regimen:
        """The same regimen for another number of cycles."""
        number = _whole(cycles, "cycles", MOST_CYCLES)
        return replace(self, rows=tuple(replace(row, cycles=number) for row in self.rows))

    def doses(self) -> tuple[Dose, ...]:
        """The dosing table that the engine takes."""
        return tuple(dose for row in self.rows for dose in row.doses())

    def table(self) -> pd.DataFrame:
        """The dosing table with NONMEM's names: TIME (h), AMT (nmol), CMT, II (h), ADDL, EVID."""
        import pandas as pd

        rows = [
            {"TIME": d.time, "AMT": d.amt, "CMT": d.species, "II": d.ii, "ADDL": d.addl, "EVID": 1}
            for d in self.doses()
        ]
        return pd.DataFrame(rows, columns=["TIME", "AMT", "CMT", "II", "ADDL", "EVID"])

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of its doses; a user's own dose cites "user"."""
        known = sources()
        amounts = [q for row in self.rows for q in (row.amount, *(row.elderly or ())[1:])]
        cited = dict.fromkeys(q.source or "user" for q in amounts)
        return {key: known.get(key, Source(key, "set by the user" if key == "user" else key)) for key in cited}

    def __str__(self) -> str:
        return "\n".join(([f"{self.name}:"] if self.name else []) + [str(row) for row in self.rows])


def dose(
    drug: str | Path | Compound,
    amount: str | Quantity,
    *,
    days: str = "1",
    cycle: str | Quantity = "28 d",
    cycles: int = 1,
    start: float | str = 0.0,
    duration: float | str = 0.0,
    elderly: tuple[str | Quantity, str | Quantity] | None = None,
    first: int = 1,
    last: int | None = None,
) -> Regimen:
    """One drug: `amount` ("1 mg", "2 umol") on `days` ("1-21", "1,8,15,22") of each cycle, by the way of its record.

    `start` is the hour of day 1 of the first cycle: the second of two daily doses is another dose with
    start="12 h". `duration` ("4 h") is that of an infusion. `elderly=("75 year", "20 mg")` is the amount of patients
    older than that. `first` and `last` are the cycles in which these days hold: what comes after is another dose, with
    its own days. Raises DoseError for a drug without a record, a negative or foreign amount, days that are
    reversed, overlap or lie outside the cycle.

    >>> print(dose("mezigdomide", "1 mg", days="1-21", cycle="28 d", cycles=2))
    mezigdomide 1 mg, days 1-21 of 28 d, 2 cycle(s)
    """
    given = drug if isinstance(drug, Compound) else _drug(drug)
    quantity = amount if isinstance(amount, Quantity) else _amount(amount)
    given.amount(quantity)  # refuses what is no dose, before anything runs
    begins = float(np.ravel(hours(start))[0])
    if not begins >= 0:
        raise DoseError("a regimen cannot start before hour 0", found=str(start), example='start="12 h"')
    length = _cycle(cycle)
    over = float(np.ravel(hours(duration))[0])
    if not over >= 0:
        raise DoseError("an infusion cannot last less than nothing", found=str(duration), example='duration="1 h"')
    row = Row(
        given, quantity, days_of(days, length), length, _whole(cycles, "cycles", MOST_CYCLES), begins, over,
        None if elderly is None else _elderly(given, *elderly), _whole(first, "first", MOST_CYCLES),
        None if last is None else _whole(last, "last", MOST_CYCLES),
    )  # fmt: skip
    if last is not None and last < first:
        raise DoseError("the last cycle is not before the first", found=f"{first} to {last}", example="first=9")
    return Regimen((row,))


class _Later(Closed):
    """Days that hold from a cycle on, for the drugs that are named."""

    from_cycle: int
    days: dict[str, Shown]


class _Schedule(Header):
    """What stands at the top of a regimen's file."""

    kind: Literal["regimen"]
    cycle: str = Field(max_length=20)
    cycles: int = 1
    days: dict[str, Shown]
    hours: dict[str, Shown] = Field(default_factory=dict)
    later: list[_Later] = Field(default_factory=list)


def regimens() -> tuple[str, ...]:
    """Names of the shipped regimens."""
    return shipped("regimens")


def regimen(name_or_path: str | Path, cycles: int | None = None) -> Regimen:
    """A named regimen, or one from a user's `.toml` file, for its own or another number of cycles.

    >>> print(regimen("mezigdomide_21_28", cycles=2).rows[0])
    mezigdomide 1 mg, days 1-21 of 28 d, 2 cycle(s)
    """
    contents = read(locate(name_or_path, "regimens", "regimen"), _Schedule)
    header = contents.header
    parts = []
    for drug, days in header.days.items():
        amount = contents.values.get(f"{drug}.dose")
        if amount is None:
            raise DoseError("a drug of the calendar has no dose", where=f"{contents.file}: {drug}.dose", example="1 mg")
        number = header.cycles if cycles is None else cycles
        over = contents.values.get(f"{drug}.duration")
        age, less = (contents.values.get(f"{drug}.elderly.{word}") for word in ("age", "dose"))
        if (age is None) != (less is None):
            raise DoseError("the elderly have an age and a dose", where=f"{contents.file}: {drug}.elderly")
        parts += [
            dose(
                drug, amount, days=own, cycle=header.cycle, cycles=number, start=start, first=first, last=last,
                duration=0.0 if over is None else over.coherent, elderly=(age, less) if age and less else None,
            )
            for own, first, last in _in_cycles(drug, days, header.later)
            for start in hours_of(header.hours.get(drug, "0"))
        ]  # fmt: skip
    if odd := {*header.hours, *(drug for entry in header.later for drug in entry.days)} - set(header.days):
        raise DoseError("hours or later days of a drug that has no days", where=str(contents.file), found=min(odd),
                        expected=", ".join(header.days))  # fmt: skip
    known = {f"{drug}.{word}" for drug in header.days for word in _WORDS}
    extra = [a for a in contents.values if a not in known]
    if extra or not parts:
        raise DoseError("a dose without days", where=str(contents.file), found=", ".join(extra), example=_EXAMPLE)
    return Regimen(tuple(row for part in parts for row in part.rows), contents.name, header.note)


def _in_cycles(drug: str, days: str, later: Iterable[_Later]) -> list[tuple[str, int, int | None]]:
    """Days with the first and last cycle in which they hold (None: to the end)."""
    changes = [(1, days), *((entry.from_cycle, entry.days[drug]) for entry in later if drug in entry.days)]
    begins = [first for first, _ in changes]
    if any(other <= one for one, other in itertools.pairwise(begins)):
        raise DoseError("later days begin in later cycles", where=drug, found=", ".join(map(str, begins[1:])),
                        expected="cycles that rise, from 2 on", example="from_cycle = 9")  # fmt: skip
    lasts = [*(first - 1 for first in begins[1:]), None]
    return [(own, first, last) for (first, own), last in zip(changes, lasts, strict=True)]


def hours(times: ArrayLike | str | Iterable[str]) -> NDArray[np.float64]:
    """Times in h: numbers are hours, texts carry their unit. Raises UnitError for a text that is no time.

    >>> hours(["30 min", "2 d"]).tolist(), float(hours(4))
    ([0.5, 48.0], 4.0)
    """
    if isinstance(times, str):
        return np.asarray(Quantity.parse(times).to("h").value)
    if isinstance(times, np.ndarray):
        return np.asarray(times, dtype=np.float64)
    items = times if isinstance(times, Iterable) else [times]
    listed = list(items)
    if any(isinstance(t, str) for t in listed):
        return np.array([float(hours(t)) for t in listed])
    return np.asarray(listed if isinstance(times, Iterable) else times, dtype=np.float64)


def _drug(name: str | Path) -> Compound:
    try:
        return compound(name)
    except InputError as error:
        if str(name).endswith(".toml"):
            raise
        raise DoseError(
            "no record of this drug", found=error.found, expected=error.expected, example=_EXAMPLE
        ) from None


def _elderly(drug: Compound, age: str | Quantity, amount: str | Quantity) -> tuple[float, Quantity]:
    limit = age if isinstance(age, Quantity) else Quantity.parse(age)
    less = amount if isinstance(amount, Quantity) else _amount(amount)
    drug.amount(less)
    return limit.to("year").value, less


def _amount(text: str) -> Quantity:
    try:
        return replace(Quantity.parse(text), source="user", grade="assumed")
    except InputError as error:
        raise _again(error, "dose", "a mass or an amount", "1 mg") from None


def _again(error: InputError, where: str, expected: str, example: str) -> DoseError:
    return DoseError(error.message, where=where, found=error.found, expected=expected, example=example)


def _cycle(text: str | Quantity) -> int:
    try:
        quantity = text if isinstance(text, Quantity) else Quantity.parse(text)
        days = quantity.to("d").value
    except InputError as error:
        raise _again(error, "cycle", "whole days", "28 d") from None
    if not (1 <= days <= MOST_DAYS and days == int(days)):
        raise DoseError("a cycle is 1 to 366 whole days", where="cycle", found=str(quantity), example="28 d")
    return int(days)


def _whole(number: int, what: str, most: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= most:
        raise DoseError(f"{what} is a whole number from 1 to {most}", found=repr(number), example=f"{what}=2")
    return number
