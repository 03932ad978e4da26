"""A model: a network with a number in every slot, each number still knowing where it comes from.

slot                     looked up in
IKZF1.total@tumour       the cell that stands at the tumour, at IKZF1.total
mezigdomide.CRBN.Kd      the compound
tumour.volume            the patient or the dish
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from cereblon.ground.errors import AddressError, RecordError, UnitError
from cereblon.ground.quantity import Quantity, unit
from cereblon.ground.vocabulary import nearest
from cereblon.model.address import resolve
from cereblon.model.result import Result
from cereblon.network.dosing import Dose
from cereblon.network.network import Network
from cereblon.records.reader import check_value
from cereblon.records.record import Record
from cereblon.records.regimen import Regimen, hours
from cereblon.records.sources import Source, sources

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class Model:
    """A network and its values, bound to records.

    `values` slot -> Quantity, `origins` slot -> (record, address in it), `stands` place -> name of the cell.
    Made by `dish` and `patient`, or from any network by `Model.bind`. Frozen: a change makes a copy.
    """

    name: str
    network: Network
    values: Mapping[str, Quantity]
    records: tuple[Record, ...] = ()
    stands: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, tuple[Record, str]] = field(default_factory=dict)

    @classmethod
    def bind(
        cls, name: str, network: Network, cells: Mapping[str, Record], records: Iterable[Record]
    ) -> Model:
        """Look up every parameter of `network`: placed ones in `cells` (place -> record), the rest in `records`.

        Raises RecordError naming the address and the record that lacks it, NetworkError from the check.
        """
        network.check()
        others = tuple(records)
        origins: dict[str, tuple[Record, str]] = {}
        for slot in network.parameters:
            origins[slot] = _origin(slot, cells, others)
        values = {slot: record[address] for slot, (record, address) in origins.items()}
        return cls(
            name=name,
            network=network,
            values=MappingProxyType(values),
            records=(*others, *dict.fromkeys(cells.values())),
            stands=MappingProxyType(_standing(cells, others)),
            origins=MappingProxyType(origins),
        )

    # -- addresses -----------------------------------------------------------------------------------------

    def resolve(self, address: str) -> str:
        """The slot that an address names (`H929.CRBN.total` -> `CRBN.total@tumour`).

        Raises AddressError for an address that fits several places, or none; the message names the nearest.
        """
        try:
            return resolve(address, self.values, self.stands, self.name)
        except AddressError as error:
            read = {slot.partition("@")[0] for slot in self.values}
            for record in self.records:
                inside = address.removeprefix(f"{record.name}.")
                if inside != address and address in record and inside not in read:
                    raise AddressError(
                        "no equation of this model reads this number",
                        where=self.name,
                        found=address,
                        expected=f"one of the {len(self.values)} numbers that it reads",
                        example=nearest(address, self.values),
                    ) from None
            raise error

    def __getitem__(self, address: str) -> Quantity:
        return self.values[self.resolve(address)]

    def replace(self, changes: Mapping[str, str | Quantity]) -> Model:
        """A copy with other numbers: `model.replace({"CRBN.total@tumour": "12.5 nM"})`.

        A text becomes an assumption of the user; a Quantity with a grade keeps its own. Raises AddressError,
        UnitError or RecordError (wrong unit, out of range).
        """
        values = dict(self.values)
        for address, given in changes.items():
            slot = self.resolve(address)
            new = given if isinstance(given, Quantity) else Quantity.parse(given)
            declared = self.network.parameters[slot].unit
            if not unit(new.unit).fits(unit(declared)):
                raise UnitError(
                    "wrong unit", where=address, found=str(new), expected=f"a unit like {declared}"
                )
            record, inside = self.origins[slot]
            check_value(inside.removeprefix(f"{record.name}."), new, address)
            if not new.grade:
                note = f"set by the user; was {values[slot]}"
                new = replace(new, source="user", grade="assumed", note=note)
            values[slot] = new
        return replace(self, values=MappingProxyType(values))

    # -- numbers -------------------------------------------------------------------------------------------

    def coherent(self) -> dict[str, float]:
        """Slot -> number in the coherent system (h, nM or nmol, L, g, cell): what the engine takes."""
        return {slot: value.coherent for slot, value in self.values.items()}

    def table(self) -> pd.DataFrame:
        """One row per slot: address, value, unit, low, high, grade, source, record, meaning."""
        import pandas as pd

        rows = [
            {
                "address": slot,
                "value": q.value,
                "unit": q.unit,
                "low": q.low,
                "high": q.high,
                "grade": q.grade,
                "source": q.source,
                "record": self.origins[slot][0].name if slot in self.origins else "",
                "meaning": self.network.parameters[slot].meaning,
            }
            for slot, q in self.values.items()
        ]
        return pd.DataFrame(rows)

    def sources(self) -> dict[str, Source]:
        """The sources that its numbers cite, in the order of the slots."""
        known = sources()
        cited = dict.fromkeys(q.source for q in self.values.values())
        return {key: known.get(key, Source(key, key)) for key in cited}

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Slots whose number is an assumption or a recollection: what a page has to mark."""
        return tuple(s for s, q in self.values.items() if q.grade in ("assumed", "recalled", "anecdote"))

    # -- action --------------------------------------------------------------------------------------------

    def simulate(
        self,
        times: ArrayLike | Iterable[str],
        doses: Regimen | Iterable[Dose] | Iterable[Iterable[Dose]] = (),
        *,
        vary: Mapping[str, ArrayLike] | None = None,
        observe: Iterable[str] | None = None,
        **options: Any,
    ) -> Result:
        """Integrate over `times` (hours, or texts such as "4 h", "28 d").

        `doses`: a Regimen, a list of Dose, or one list per subject. `vary`: address -> one coherent number per
        subject; subjects run side by side in one call. `observe`: addresses of read-outs (default all).
        Options are those of `Network.simulate` (rtol, threads, progress, ...). Raises InputError as it does.
        """
        columns = {self.resolve(a): np.atleast_1d(np.asarray(n, np.float64)) for a, n in (vary or {}).items()}
        numbers: dict[str, Any] = {**self.coherent(), **columns}
        given: Any = doses.doses() if isinstance(doses, Regimen) else tuple(doses)
        if given and not isinstance(
            given[0], Dose
        ):  # a calendar each: the engine counts subjects by its numbers
            first = next(iter(numbers))
            numbers[first] = np.broadcast_to(numbers[first], len(given))
        wanted = None if observe is None else [self.output(address) for address in observe]
        trajectory = self.network.simulate(numbers, hours(times), given, observe=wanted, **options)
        return Result(self, trajectory, doses if isinstance(doses, Regimen) else None, columns)

    def output(self, address: str) -> str:
        """The observable, species or derived number that an address names; AddressError as `resolve`."""
        net = self.network
        return resolve(address, {**net.observables, **net.species, **net.derived}, self.stands, self.name)

    def __str__(self) -> str:
        cells = ", ".join(f"{place} = {name}" for place, name in self.stands.items() if place)
        net = self.network
        assumed = len(self.assumptions)
        return (
            f"{self.name}: {cells}\n"
            f"  {len(net.species)} species, {len(net.reactions)} reactions, {len(self.values)} numbers, "
            f"{assumed} of them assumed or recalled"
        )

    __repr__ = __str__


def _origin(slot: str, cells: Mapping[str, Record], others: tuple[Record, ...]) -> tuple[Record, str]:
    name, _, place = slot.partition("@")
    if place:
        if place not in cells:
            raise RecordError(
                "no cell stands at this place", where=slot, found=place, expected=", ".join(cells)
            )
        candidates: tuple[Record, ...] = (cells[place],)
    else:
        # a compound by its name; else whichever record without a place (patient, dish) has the address
        named = tuple(r for r in others if name.startswith(f"{r.name}."))
        candidates = named or tuple(r for r in others if name in r) or others
    for record in candidates:
        if name in record:
            return record, record.address(name)
    record = candidates[0]
    full = record.address(name)
    close = nearest(full, record.values)
    raise RecordError(
        f"{record.symbol} has no {name.removeprefix(f'{record.name}.')}, which the equations need",
        where=record.file or record.name,
        found=f"nothing at {full}" + (f"; the nearest is {close}" if close else ""),
        expected="a number with unit, source and grade",
        example=f'{name.rpartition(".")[2]} = {{value = "...", source = "...", grade = "assumed"}}',
    )


def _standing(cells: Mapping[str, Record], others: tuple[Record, ...]) -> dict[str, str]:
    stands = {place: record.name for place, record in cells.items()}
    bodies = " ".join(r.name for r in others if r.kind in ("patient", "dish"))
    return {**stands, "": bodies} if bodies else stands
