"""A record: the numbers of one compound, cell, patient or dish, by address. Frozen; a change makes a copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from cereblon.ground.errors import AddressError
from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import nearest
from cereblon.records.reader import check_value
from cereblon.records.sources import Source, sources

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Record:
    """Numbers by full address ("mezigdomide.CRBN.Kd"), integers of structure, and where they were read.

    `record["CRBN.Kd"]` takes the address with or without the record's name; AddressError for what it lacks.
    """

    name: str
    symbol: str
    kind: str
    values: Mapping[str, Quantity]
    structure: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    file: str = ""

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, Mapping):
                object.__setattr__(self, one.name, MappingProxyType(dict(value)))

    def __reduce__(self) -> tuple[Any, ...]:
        # a mapping proxy does not pickle, and records travel to other processes
        values = (getattr(self, one.name) for one in fields(self))
        return type(self), tuple(dict(v) if isinstance(v, Mapping) else v for v in values)

    def __hash__(self) -> int:
        return hash((type(self), self.name, frozenset(self.values.items())))

    def address(self, address: str) -> str:
        """The full address of "CRBN.Kd" or "mezigdomide.CRBN.Kd"."""
        return address if address.startswith(f"{self.name}.") else f"{self.name}.{address}"

    def __getitem__(self, address: str) -> Quantity:
        full = self.address(address)
        if full not in self.values:
            close = nearest(full, self.values)
            raise AddressError(
                f"{self.name} has no such number",
                found=full,
                expected=f"the nearest is {close}" if close else "",
            )
        return self.values[full]

    def __contains__(self, address: str) -> bool:
        return self.address(address) in self.values

    def __iter__(self) -> Iterator[str]:
        return iter(self.values)

    def coherent(self) -> dict[str, float]:
        """Full address -> number in the coherent system (h, nM or nmol, L, g, cell)."""
        return {address: value.coherent for address, value in self.values.items()}

    def number(self, address: str, unit: str = "1") -> float | None:
        """The number at `address` in `unit`; None where this record has none."""
        return self[address].to(unit).value if address in self else None

    def replace(self, changes: Mapping[str, str | Quantity]) -> Self:
        """A copy with other numbers: `mezi.replace({"CRBN.Kd": "500 nM"})`.

        A text becomes an assumption of the user; a Quantity keeps its own source and grade. Any address that
        the vocabulary allows may be set. Raises RecordError or UnitError as the reader does.
        """
        values = dict(self.values)
        for address, given in changes.items():
            full = self.address(address)
            new = given if isinstance(given, Quantity) else Quantity.parse(given)
            check_value(full.removeprefix(f"{self.name}."), new, self.name)
            if not new.grade:
                old = f"was {values[full]}" if full in values else "was not set"
                new = replace(new, source="user", grade="assumed", note=f"set by the user; {old}")
            values[full] = new
        return replace(self, values=values)

    def table(self) -> pd.DataFrame:
        """One row per number: address, value, unit, low, high, grade, source, note."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "address": a,
                    "value": q.value,
                    "unit": q.unit,
                    "low": q.low,
                    "high": q.high,
                    "grade": q.grade,
                    "source": q.source,
                    "note": q.note,
                }
                for a, q in self.values.items()
            ],
            columns=["address", "value", "unit", "low", "high", "grade", "source", "note"],
        )

    def sources(self) -> dict[str, Source]:
        """The sources that this record's numbers cite, in the order of their first use."""
        known = sources()
        cited = dict.fromkeys(q.source for q in self.values.values())
        return {key: known.get(key, Source(key, key)) for key in cited}

    def __str__(self) -> str:
        width = max((len(a) for a in self.values), default=0)
        lines = [f"{self.symbol} ({self.kind})"]
        for address, q in self.values.items():
            ends = "" if q.low is None or q.high is None else f"  [{q.low:g}, {q.high:g}]"
            lines.append(f"  {address:<{width}}  {q!s}{ends}  {q.grade}, {q.source}")
        return "\n".join(lines)
