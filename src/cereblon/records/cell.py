"""Cells: how much of each protein, how fast it turns over, how the ligase and the proteasome work.

A cell file holds what differs; the rest is that of the common cell in `data/cells/defaults.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from cereblon.ground.errors import RecordError
from cereblon.ground.vocabulary import printed, vocabulary
from cereblon.records.reader import DATA, Contents, Header, locate, read, shipped
from cereblon.records.record import Record


class _Header(Header):
    kind: Literal["myeloma line", "T cell", "NK cell", "marrow progenitor", "cell"]


@dataclass(frozen=True)
class Cell(Record):
    """A kind of cell. In a model it is bound to a place: `H929.CRBN.total` becomes `CRBN.total@tumour`.

    >>> print(cell("H929")["CRBN.total"], "|", cell("DF15R")["CRBN.total"])
    50 nM | 0 nM
    """

    __hash__ = Record.__hash__
    __str__ = Record.__str__


def cells() -> tuple[str, ...]:
    """Names of the shipped cells."""
    return shipped("cells")


def cell(name_or_path: str | Path) -> Cell:
    """A cell by name, or from a user's `.toml` file. Raises InputError or RecordError."""
    contents = read(locate(name_or_path, "cells", "cell"), _Header)
    row = vocabulary().get(contents.name)
    if row is not None and row.kind not in ("cell", "place"):
        raise RecordError(
            "a cell cannot have the name of something else",
            where=str(contents.file),
            found=f"{contents.name} ({row.meaning})",
            expected="a new name",
            example="my_line.toml",
        )
    defaults = _common_cell()
    values = dict(contents.values)
    for address, value in defaults.values.items():
        if address not in values:
            values[address] = replace(value, note="common cell" + (f"; {value.note}" if value.note else ""))
    ordered = {a: values[a] for a in dict.fromkeys((*defaults.values, *values))}
    return Cell(
        name=contents.name,
        symbol=contents.header.symbol or printed(contents.name),
        kind=contents.header.kind,
        values={f"{contents.name}.{address}": value for address, value in ordered.items()},
        structure={**defaults.header.structure, **contents.header.structure},
        note=contents.header.note,
        file=str(contents.file),
    )


@lru_cache(maxsize=1)
def _common_cell() -> Contents[Header]:
    return read(DATA / "cells" / "defaults.toml", Header)
