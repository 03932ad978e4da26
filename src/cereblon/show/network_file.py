"""A user's network as a file: the text of `Network`, in closed TOML, each number with its source and grade.

    kind = "network"
    [parameters]
    "R.k_int" = {unit = "1/h", value = "1.5 1/h", source = "our assay", grade = "measured"}
    [species]
    "L:R" = {meaning = "complex"}
    [[reactions]]
    scheme = "L:R -> 0"
    forward = "R.k_int"
    [[doses]]
    species = "L"
    amount = "50 nmol"

Nothing in it is code: schemes and rates go through the package's own grammar.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from cereblon.ground.errors import InputError, RecordError, UnitError, shorten
from cereblon.ground.quantity import Quantity, unit
from cereblon.network.dosing import Dose
from cereblon.network.network import Network
from cereblon.records.reader import LARGEST_FILE, Closed, Grade

KIND = "network"
EXAMPLE = '"R.k_int" = {value = "1.5 1/h", source = "our assay", grade = "measured"}'
LONGEST_LINE = 5_000  # the time of tomllib grows with the square of the parts of a dotted key


class _Parameter(Closed):
    value: str = Field(max_length=64)
    source: str = Field(min_length=3, max_length=300)
    grade: Grade
    unit: str = Field(default="", max_length=64)
    meaning: str = ""
    note: str = ""


class _Derived(Closed):
    unit: str
    expression: str
    meaning: str = ""


class _Species(Closed):
    unit: str = "nM"
    initial: str = "0"
    scale: str = "1"
    meaning: str = ""
    volume: str | None = None


class _Reaction(Closed):
    scheme: str
    forward: str | None = None
    reverse: str | None = None
    rate: str | None = None
    anchor: str | None = None


class _Dose(Closed):
    species: str
    amount: str
    time: str = "0 h"
    every: str = "0 h"
    more: int = Field(default=0, ge=0, le=100_000)
    duration: str = "0 h"


class _File(Closed):
    kind: str
    note: str = ""
    places: dict[str, str] = Field(default_factory=dict)
    parameters: dict[str, _Parameter] = Field(default_factory=dict)
    derived: dict[str, _Derived] = Field(default_factory=dict)
    species: dict[str, _Species] = Field(default_factory=dict)
    reactions: list[_Reaction] = Field(min_length=1)
    observables: dict[str, _Derived] = Field(default_factory=dict)
    doses: list[_Dose] = Field(default_factory=list)


_KIND = re.compile(r"""^kind\s*=\s*["']([\w ]{1,40})["']\s*(?:#.*)?$""", re.MULTILINE)


def kind_of(file: Path) -> str:
    """What a file says it is, "" where that cannot be read: its own reader then says why.

    Read by a pattern: a file that is not yet checked does not meet a parser.
    """
    try:
        if file.stat().st_size > LARGEST_FILE:
            return ""
        found = _KIND.search(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return found[1] if found else ""


def _tree(file: Path) -> dict[str, Any]:
    text = file.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            found = f"{len(line):,} characters"
            raise RecordError(
                f"line {number} is too long", where=str(file), found=found, expected=f"at most {LONGEST_LINE:,}"
            )
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise RecordError("this is not TOML", where=str(file), found=reason, expected="closed TOML") from None


def read_network(file: Path) -> tuple[Network, tuple[Dose, ...], dict[str, Quantity]]:
    """The checked network of a file, its doses, and its numbers by address.

    Raises InputError (one paragraph) for what is not in the language, does not balance, or has no unit or source.
    """
    try:
        given = _File.model_validate(_tree(file))
    except ValidationError as error:
        raise _misfit(file, error.errors(include_url=False)[0]) from None
    try:
        return _built(file, given)
    except InputError as error:
        if str(file) in error.where:
            raise
        where = f"{file}: {error.where}".removesuffix(": ")
        raise type(error)(
            error.message, where=where, found=error.found, expected=error.expected, example=error.example
        ) from None


def _misfit(file: Path, first: Any) -> RecordError:
    """The first of pydantic's findings as one of our paragraphs."""
    where = f"{file}: {'.'.join(str(part) for part in first['loc'])}"
    if first["type"] == "missing":
        return RecordError(f"{first['loc'][-1]} is missing", where=where, example=EXAMPLE)
    expected = "a table" if first["type"] == "model_type" else first["msg"]
    return RecordError("this does not fit", where=where, found=shorten(repr(first["input"])), expected=expected)


def _built(file: Path, given: _File) -> tuple[Network, tuple[Dose, ...], dict[str, Quantity]]:
    numbers: dict[str, Quantity] = {}
    net = Network(file.stem)
    for place, volume in given.places.items():
        net.place(place, volume)
    for name, one in given.parameters.items():
        quantity = _placed(file, name, one)
        numbers[name] = quantity
        net.parameter(name, one.unit or quantity.unit, one.meaning, value=quantity.to(one.unit or quantity.unit).value)
    for name, derived in given.derived.items():
        net.derive(name, derived.unit, derived.expression, derived.meaning)
    for name, species in given.species.items():
        net.add_species(name, **species.model_dump())
    for reaction in given.reactions:
        net.reaction(**reaction.model_dump())
    for name, seen in given.observables.items():
        net.observable(name, seen.unit, seen.expression, seen.meaning)
    net.check()
    return net, tuple(_dose(net, d) for d in given.doses), numbers


def _placed(file: Path, name: str, one: _Parameter) -> Quantity:
    try:
        quantity = Quantity.parse(one.value, source=one.source, grade=one.grade, note=one.note)
        if one.unit and not unit(quantity.unit).fits(unit(one.unit)):
            raise InputError("wrong unit", found=str(quantity), expected=f"a unit like {one.unit}")
    except InputError as error:
        where = f"{file}: parameters.{name}"
        raise RecordError(
            error.message, where=where, found=error.found, expected=error.expected, example=error.example
        ) from None
    return quantity


def _dose(net: Network, one: _Dose) -> Dose:
    net.require(one.species, net.species, "species", "doses")

    def hours(text: str) -> float:
        return Quantity.parse(text).to("h").value

    amount = Quantity.parse(one.amount)
    content = unit(net.species[one.species].unit) * unit("L")
    if not unit(amount.unit).fits(content):
        raise UnitError("wrong unit of a dose", where=f"doses: {one.species}", found=one.amount, example="50 nmol")
    return Dose(hours(one.time), one.species, amount.coherent, hours(one.every), one.more, hours(one.duration))
