"""Populations: how patients differ from the typical one. Numbers alone; `cohort` draws patients from them.

tumour.CRBN.total = ...                   a median that is not the typical patient's (CRBN.total of the tumour's cell)
variability.neutrophil.count = ...        standard deviation of its logarithm, of its logit where it is a share (0 to 1)
variability.CRBN.total = ...              without a place: of all cells of the patient together
least.neutrophil.count, most.age = ...    entry criteria of those who are sampled
group.IgA.share, group.IgA.M_protein...   a kind of patients: its share, and medians of its own
[[correlations]] between, value           of two deviations
like = "triple_class_refractory"          another record, of which this one is a change: what it does not name stays
structures = ["...", "..."]               records of the same patients that differ in what is not known: an ensemble

A spread is drawn where a model has the number; compounds bring the spread of their own disposition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field

from cereblon.ground.errors import InputError, RecordError
from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import printed
from cereblon.records.cell import cell as cell_record
from cereblon.records.patient import Patient
from cereblon.records.patient import patient as patient_record
from cereblon.records.reader import DATA, Contents, Entry, Header, check_value, locate, read, shipped
from cereblon.records.record import Record

_MODIFIERS = ("variability", "least", "most", "group")


class _Correlation(Entry):
    between: list[str] = Field(min_length=2, max_length=2)


class _Header(Header):
    kind: Literal["population"]
    body: str = "typical"
    cells: dict[str, str] = Field(default_factory=dict)
    groups: dict[str, list[str]] = Field(default_factory=dict)
    correlations: list[_Correlation] = Field(default_factory=list)
    like: str = Field(default="", max_length=80)
    structures: list[str] = Field(default_factory=list)


@dataclass(frozen=True)
class Correlation:
    """Of the deviations of two addresses; -1 to 1."""

    one: str
    other: str
    value: Quantity


@dataclass(frozen=True)
class Kind:
    """One kind of patients within a group: its share of them and the numbers that it has of its own."""

    name: str
    share: Quantity
    numbers: Mapping[str, Quantity]


@dataclass(frozen=True)
class Population(Record):
    """Spread, bounds, kinds and correlations around the patient `body`; `cells` (place -> cell) where others stand."""

    body: Patient = field(default_factory=patient_record)
    cells: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    correlations: tuple[Correlation, ...] = ()
    structures: tuple[str, ...] = ()

    __hash__ = Record.__hash__
    __str__ = Record.__str__

    def _under(self, modifier: str) -> dict[str, Quantity]:
        start = f"{self.name}.{modifier}."
        return {a.removeprefix(start): q for a, q in self.values.items() if a.startswith(start)}

    @cached_property
    def medians(self) -> dict[str, Quantity]:
        """Address -> the number that replaces the typical patient's."""
        inside = {a.removeprefix(f"{self.name}."): q for a, q in self.values.items()}
        return {a: q for a, q in inside.items() if a.partition(".")[0] not in _MODIFIERS}

    @cached_property
    def variability(self) -> dict[str, Quantity]:
        """Address -> standard deviation of the logarithm (or logit)."""
        return self._under("variability")

    @cached_property
    def bounds(self) -> tuple[dict[str, Quantity], dict[str, Quantity]]:
        """Smallest and largest value of sampled patients, by address."""
        return self._under("least"), self._under("most")

    @cached_property
    def kinds(self) -> dict[str, tuple[Kind, ...]]:
        """Group -> its kinds; a patient is one of each group."""
        return {
            group: tuple(
                Kind(name, own.pop("share"), own) for name in names if (own := self._under(f"group.{name}")) is not None
            )
            for group, names in self.groups.items()
        }


def populations() -> tuple[str, ...]:
    """Names of the shipped populations."""
    return shipped("populations")


def population(name_or_path: str | Path) -> Population:
    """A population by name, or from a user's `.toml` file. Raises InputError or RecordError."""
    contents = read(locate(name_or_path, "populations", "population"), _Header)
    header, where = contents.header, str(name_or_path)
    if header.like:
        return _changed(_like(header.like, where), contents, where)
    made = Population(
        name=contents.name,
        symbol=header.symbol or printed(contents.name),
        kind=header.kind,
        values={f"{contents.name}.{address}": value for address, value in contents.values.items()},
        structure=header.structure,
        note=header.note,
        file=str(contents.file),
        body=patient_record(header.body),
        cells={place: cell_record(name).name for place, name in header.cells.items()},
        groups={group: tuple(names) for group, names in header.groups.items()},
        correlations=tuple(_correlation(entry, where) for entry in header.correlations),
        structures=tuple(header.structures),
    )
    _check(made, where)
    return made


def _like(name: str, where: str) -> Population:
    """A shipped record only: those are not like each other in a circle."""
    if name not in populations():
        raise RecordError(
            "a population is like one that is shipped", where=f"{where}: like", found=name,
            expected=", ".join(populations()),
        )  # fmt: skip
    return population(name)


def _changed(other: Population, contents: Contents[_Header], where: str) -> Population:
    """`other` under a new name, with the numbers and tables of the file; kinds that it has no more go."""
    header = contents.header
    groups = {group: tuple(names) for group, names in header.groups.items()} or other.groups
    kept = {name for names in groups.values() for name in names}
    before = {a.removeprefix(f"{other.name}."): q for a, q in other.values.items()}
    before = {a: q for a, q in before.items() if not a.startswith("group.") or a.split(".")[1] in kept}
    made = replace(
        other,
        name=contents.name,
        symbol=header.symbol or printed(contents.name),
        values={f"{contents.name}.{a}": q for a, q in {**before, **contents.values}.items()},
        note=header.note,
        file=str(contents.file),
        body=patient_record(header.body) if header.body != other.body.name else other.body,
        cells={**other.cells, **{place: cell_record(name).name for place, name in header.cells.items()}},
        groups=groups,
        correlations=tuple(_correlation(entry, where) for entry in header.correlations) or other.correlations,
        structures=tuple(header.structures),
    )
    _check(made, where)
    return made


def _correlation(entry: _Correlation, where: str) -> Correlation:
    one, other = entry.between
    try:
        value = Quantity.parse(
            entry.value, interval=entry.interval, source=entry.source, grade=entry.grade, note=entry.note
        )
    except InputError as error:
        raise RecordError(error.message, where=f"{where}: correlations", found=error.found) from None
    if not -1 < value.value < 1 or one == other:
        raise RecordError(
            "a correlation stands between two numbers and between -1 and 1",
            where=f"{where}: correlations",
            found=f"{one}, {other}: {value}",
        )
    return Correlation(one, other, value)


def _check(made: Population, where: str) -> None:
    """What the reader cannot see: numbers below a modifier are those of the address behind it."""
    least, most = made.bounds
    for modifier, table in (("least", least), ("most", most)):
        for address, value in table.items():
            check_value(address, value, f"{where}: {modifier}")
    for address in least.keys() & most.keys():
        if least[address].coherent > most[address].coherent:
            raise RecordError(
                "nobody meets these entry criteria", where=f"{where}: most.{address}",
                found=f"least {least[address]}, most {most[address]}", expected="most above least",
            )  # fmt: skip
    for name in (n for names in made.groups.values() for n in names):
        if f"group.{name}.share" not in made:
            raise RecordError(
                "a kind of patients has no share",
                where=f"{where}: group.{name}.share",
                example='share = {value = "0.4", ...}',
            )
    for group, kinds in made.kinds.items():
        total = sum(kind.share.coherent for kind in kinds)
        if abs(total - 1) > _ROUNDING:
            raise RecordError(
                "the shares of a group do not add to 1", where=f"{where}: groups.{group}", found=f"{total:g}"
            )
        for kind in kinds:
            for address, value in {"share": kind.share, **kind.numbers}.items():
                check_value(address, value, f"{where}: group.{kind.name}")
    named = {name for names in made.groups.values() for name in names}
    for address in made._under("group"):
        if address.partition(".")[0] not in named:
            raise RecordError(
                "this kind is in no group",
                where=f"{where}: group.{address}",
                found=address.partition(".")[0],
                expected=", ".join(named) or "a table groups at the top of the file",
            )
    for pair in made.correlations:
        for address in (pair.one, pair.other):
            if address not in made.variability and "." in address and address.partition(".")[0] not in _drugs():
                raise RecordError(
                    "a correlation of what does not vary", where=f"{where}: correlations", found=address,
                    expected=f"one of {', '.join(list(made.variability)[:6])}, ...",
                )  # fmt: skip


_ROUNDING = 1e-6


def _drugs() -> tuple[str, ...]:
    return shipped("compounds") if (DATA / "compounds").is_dir() else ()
