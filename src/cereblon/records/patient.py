"""Patients: the places of the body that hold the cells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cereblon.ground.vocabulary import printed
from cereblon.records.reader import Header, locate, read, shipped
from cereblon.records.record import Record


class _Header(Header):
    kind: Literal["patient"]


@dataclass(frozen=True)
class Patient(Record):
    """A patient: volumes of tumour, T cells and marrow progenitors (L of cells), body weight."""

    __hash__ = Record.__hash__
    __str__ = Record.__str__


def patients() -> tuple[str, ...]:
    """Names of the shipped patients."""
    return shipped("patients")


def patient(name_or_path: str | Path = "typical") -> Patient:
    """A patient by name, or from a user's `.toml` file. Raises InputError or RecordError."""
    contents = read(locate(name_or_path, "patients", "patient"), _Header)
    return Patient(
        name=contents.name,
        symbol=contents.header.symbol or printed(contents.name),
        kind=contents.header.kind,
        values={f"{contents.name}.{address}": value for address, value in contents.values.items()},
        structure=contents.header.structure,
        note=contents.header.note,
        file=str(contents.file),
    )
