"""Toxicities: the limits of blood counts by which adverse events are graded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import printed
from cereblon.records.reader import Header, locate, read, shipped
from cereblon.records.record import Record


class _Header(Header):
    kind: Literal["toxicity"]


@dataclass(frozen=True)
class Toxicity(Record):
    """Limits of one version of the criteria, as `neutrophil.grade_3.count`."""

    __hash__ = Record.__hash__
    __str__ = Record.__str__

    def limits(self, of: str) -> dict[int, Quantity]:
        """Grade -> what a count ("neutrophil", "platelet") or level ("haemoglobin") is below, mildest first.

        >>> {grade: str(limit) for grade, limit in toxicity().limits("neutrophil").items()}
        {3: '1 1e9/L', 4: '0.5 1e9/L'}
        """
        start = f"{self.name}.{of}.grade_"
        found = {int(a.removeprefix(start).partition(".")[0]): q for a, q in self.values.items() if a.startswith(start)}
        return dict(sorted(found.items()))


def toxicities() -> tuple[str, ...]:
    """Names of the shipped criteria."""
    return shipped("toxicities")


def toxicity(name_or_path: str | Path = "CTCAE_5") -> Toxicity:
    """Criteria by name, or from a user's `.toml` file. Raises InputError or RecordError."""
    contents = read(locate(name_or_path, "toxicities", "toxicity"), _Header)
    return Toxicity(
        name=contents.name,
        symbol=contents.header.symbol or printed(contents.name),
        kind=contents.header.kind,
        values={f"{contents.name}.{address}": value for address, value in contents.values.items()},
        structure=contents.header.structure,
        note=contents.header.note,
        file=str(contents.file),
    )
