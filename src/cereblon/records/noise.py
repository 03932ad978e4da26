"""Noise: how far the readings of one kind of instrument scatter around what is in the well."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cereblon.ground.vocabulary import printed
from cereblon.records.reader import Header, locate, read, shipped
from cereblon.records.record import Record


class _Header(Header):
    kind: Literal["noise"]


@dataclass(frozen=True)
class Noise(Record):
    """Scatter of a read-out: relative (`CV` of well, plate and replicate), additive, background, shift at the edge."""

    __hash__ = Record.__hash__
    __str__ = Record.__str__


def noises() -> tuple[str, ...]:
    """Names of the shipped records of noise."""
    return shipped("noise")


def noise(name_or_path: str | Path = "luminescence") -> Noise:
    """A record of noise by name, or from a user's `.toml` file. Raises InputError or RecordError."""
    contents = read(locate(name_or_path, "noise", "read-out"), _Header)
    return Noise(
        name=contents.name,
        symbol=contents.header.symbol or printed(contents.name),
        kind=contents.header.kind,
        values={f"{contents.name}.{address}": value for address, value in contents.values.items()},
        structure=contents.header.structure,
        note=contents.header.note,
        file=str(contents.file),
    )
