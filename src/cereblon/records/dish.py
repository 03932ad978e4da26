"""Dishes: the well of an assay, its medium and how many cells it holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cereblon.ground.vocabulary import printed
from cereblon.records.reader import Header, locate, read, shipped
from cereblon.records.record import Record


class _Header(Header):
    kind: Literal["dish"]


@dataclass(frozen=True)
class Dish(Record):
    """A well: volume of the medium (L), number of cells, effectors per target, and what is read of the dead."""

    __hash__ = Record.__hash__
    __str__ = Record.__str__


def dishes() -> tuple[str, ...]:
    """Names of the shipped dishes."""
    return shipped("dishes")


def dish(name_or_path: str | Path = "well96") -> Dish:
    """A dish by name, or from a user's `.toml` file. Raises InputError or RecordError."""
    contents = read(locate(name_or_path, "dishes", "dish"), _Header)
    return Dish(
        name=contents.name,
        symbol=contents.header.symbol or printed(contents.name),
        kind=contents.header.kind,
        values={f"{contents.name}.{address}": value for address, value in contents.values.items()},
        structure=contents.header.structure,
        note=contents.header.note,
        file=str(contents.file),
    )
