"""The whole route of a number: record and source -> equations -> slot in the models -> the outputs it moves.

    trace("mezigdomide.CRBN.Kd")

The effect on an output is its local sensitivity d ln(output) / d ln(number), by central differences: 1 means
that twice the number gives twice the output, -1 half of it, 0 that the output does not feel it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.bench.curve import Floats, around, crossing
from cereblon.bench.degradation import SATURATING, SUBSTRATES
from cereblon.ground.errors import AddressError, InputError, shorten
from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import nearest, printed
from cereblon.model import Model, dish, exposure, patient
from cereblon.model.patient import CELLS
from cereblon.network.network import Network
from cereblon.records.cell import Cell, cells
from cereblon.records.cell import cell as cell_record
from cereblon.records.compound import Compound, compounds
from cereblon.records.compound import compound as compound_record
from cereblon.records.dish import dish as dish_record
from cereblon.records.dish import dishes
from cereblon.records.patient import patient as patient_record
from cereblon.records.patient import patients
from cereblon.records.reader import DATA
from cereblon.records.record import Record
from cereblon.records.regimen import regimen, regimens
from cereblon.records.sources import Source, sources

if TYPE_CHECKING:
    import pandas as pd

GLUE, CELL = "mezigdomide", "H929"  # stand in where the address names no compound or no cell
STEP = 0.02  # in the logarithm
SHOWN = 6  # equations of one kind that are printed; all stand in the Route
COMMON = {"common cell": "cells/defaults.toml", "class default": "compounds/defaults.toml"}
COURSE = np.concatenate([[0.0], np.geomspace(0.01, 24, 120)])
DAY = np.arange(0.0, 49.0, 2.0)


@dataclass(frozen=True)
class Effect:
    """One output, its value, and d ln(output) / d ln(number); NaN where the number is 0 or the output has none."""

    model: str
    output: str
    value: float
    unit: str
    sensitivity: float

    def __str__(self) -> str:
        felt = "not defined" if math.isnan(self.sensitivity) else f"{self.sensitivity:+.2f}"
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"{self.model}: {self.output} {self.value:.3g}{unit}, sensitivity {felt}"


@dataclass(frozen=True)
class Route:
    """`slots` model -> slot; `derived` (name, expression) and `reactions` (scheme, rate) that read it, in turn."""

    address: str
    quantity: Quantity
    record: str
    file: str
    source: Source
    slots: Mapping[str, str]
    meaning: str
    derived: tuple[tuple[str, str], ...]
    reactions: tuple[tuple[str, str], ...]
    observables: tuple[tuple[str, str], ...]
    effects: tuple[Effect, ...]

    def table(self) -> pd.DataFrame:
        """The outputs it moves: model, output, value, unit, sensitivity."""
        import pandas as pd

        columns = ["model", "output", "value", "unit", "sensitivity"]
        return pd.DataFrame([vars(effect) for effect in self.effects], columns=columns)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The source of the number."""
        return {self.source.key: self.source}

    def __str__(self) -> str:
        q = self.quantity
        ends = "" if q.low is None or q.high is None else f" [{q.low:g}, {q.high:g}]"
        lines = [f"{self.address} = {q}{ends}", f"  record     {self.record} ({self.file})"]
        lines.append(f"  source     {self.source}; grade {q.grade}" + (f"; {q.note}" if q.note else ""))
        if not self.slots:
            return "\n".join([*lines, "  slot       none: no equation reads it"])
        lines += [f"  slot       {slot} ({name})" for name, slot in self.slots.items()]
        lines.append(f"  meaning    {self.meaning}")
        lines += _some("derived", [f"{name} = {text}" for name, text in self.derived])
        lines += _some("reaction", [f"{scheme}    {text}" for scheme, text in self.reactions])
        lines += _some("read-out", [f"{name} = {text}" for name, text in self.observables])
        return "\n".join([*lines, *(f"  moves      {effect}" for effect in self.effects)])


def _some(label: str, texts: list[str]) -> list[str]:
    lines = [f"  {label:<10} {shorten(text)}" for text in texts[:SHOWN]]
    return lines + ([f"  {'':<10} and {len(texts) - SHOWN} more"] if len(texts) > SHOWN else [])


def trace(
    address: str, *, glue: str | Path | Compound | None = None, cell: str | Path | Cell = CELL
) -> Route:
    """The route of a number: `mezigdomide.CRBN.Kd`, `H929.CRBN.total`, `CRBN.total@tumour`, `typical.weight`.

    `glue` and `cell` stand in the models where the address names none (mezigdomide, H929). Raises AddressError
    naming the nearest for an unknown address.

    >>> print(trace("mezigdomide.CRBN.Kd").slots["dish"])
    mezigdomide.CRBN.Kd
    """
    record, inside, drug, line = _find(address, glue, cell)
    quantity = record[inside]
    full = record.address(inside)
    models = _models(drug, line)
    slots: dict[str, str] = {}
    for name, model in models.items():
        mine = [s for s, (r, a) in model.origins.items() if a == full and r.name == record.name]
        asked = [s for s in mine if s == address]
        if asked or mine:
            slots[name] = (asked or mine)[0]
    effects = [e for name, slot in slots.items() for e in _effects(name, models[name], drug, slot)]
    network, slot = next(((models[name].network, slot) for name, slot in slots.items()), (Network(""), ""))
    derived, reactions, observables = _readers(network, slot)
    return Route(
        address=address,
        quantity=quantity,
        record=record.name,
        file=_file(record, quantity),
        source=sources().get(quantity.source, Source(quantity.source, quantity.source)),
        slots=slots,
        meaning=network.parameters[slot].meaning if slot else "",
        derived=derived,
        reactions=reactions,
        observables=observables,
        effects=tuple(effects),
    )


def _file(record: Record, quantity: Quantity) -> str:
    """The file that states the number; a record may have it from the common cell or the class."""
    for words, file in COMMON.items():
        if quantity.note.startswith(words):
            return f"data/{file}"
    path = Path(record.file)
    return f"data/{path.relative_to(DATA)}" if DATA in path.parents else record.file


def _find(
    address: str, glue: str | Path | Compound | None, cell: str | Path | Cell
) -> tuple[Record, str, Compound, Cell]:
    """The record that holds the number, the address in it, and the glue and cell for the models."""
    name, _, place = address.partition("@")
    first, _, rest = name.partition(".")
    drug = glue if isinstance(glue, Compound) else compound_record(glue or GLUE)
    line = cell if isinstance(cell, Cell) else cell_record(cell)
    if first == drug.name or first in compounds():
        drug = drug if first == drug.name else compound_record(first)
        return drug, _known(drug, rest, address), drug, line
    if first == line.name or first in cells():
        line = line if first == line.name else cell_record(first)
        return line, _known(line, rest, address), drug, line
    for kind, names in ((patient_record, patients()), (dish_record, dishes())):
        if first in names:
            body: Record = kind(first)
            return body, _known(body, rest, address), drug, line
    if first in regimens():
        row = regimen(first).rows[0]
        raise InputError(
            "a dose is given, not read by an equation",
            where=address,
            found=str(row.amount),
            expected=str(row),
        )
    if place:
        record, inside = patient(drug).origins[patient(drug).resolve(address)]
        return record, inside, drug, line
    if name in line:
        return line, name, drug, line
    everything = [drug.address(a) for a in drug] + [line.address(a) for a in line] + [*compounds(), *cells()]
    close = nearest(address, everything)
    raise AddressError(
        "unknown address",
        found=address,
        expected=f"the nearest is {close}" if close else "",
        example="mezigdomide.CRBN.Kd",
    )


def _known(record: Record, rest: str, address: str) -> str:
    if not rest:
        raise AddressError(
            f"{record.symbol} is a record, not a number",
            found=address,
            expected="one of its addresses",
            example=next(iter(record)),
        )
    record[rest]  # AddressError with the nearest
    return rest


def _models(drug: Compound, line: Cell) -> dict[str, Model]:
    substrates = tuple(s for s in SUBSTRATES if s in drug.neosubstrates) or drug.neosubstrates[:1]
    named = [s for s in drug.neosubstrates if s not in substrates]
    well = dish(drug, line, (*substrates, *named))  # the dish has every protein that the glue recruits
    places = {place: line if line.name == name else cell_record(name) for place, name in CELLS.items()}
    if line.name not in CELLS.values():
        places["tumour"] = line
    return {"dish": well, "patient": patient(drug, places, substrates)}


def _readers(network: Network, slot: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Derived numbers, reactions and read-outs that read the slot, directly or through a derived number."""
    if not slot:
        return (), (), ()
    reach, size = {slot}, 0
    while len(reach) > size:
        size = len(reach)
        reach |= {name for name, d in network.derived.items() if reach & d.expression.parameters}
    derived = tuple((n, str(d.expression)) for n, d in network.derived.items() if n in reach)
    reactions = tuple((r.scheme, str(r.rate)) for r in network.reactions if reach & r.rate.parameters)
    outputs = network.observables.items()
    return (
        derived,
        reactions,
        tuple((n, str(o.expression)) for n, o in outputs if reach & o.expression.parameters),
    )


def _effects(name: str, model: Model, drug: Compound, slot: str) -> Iterable[Effect]:
    """Outputs at the number, a step below and a step above: three subjects of one run."""
    number = model.coherent()[slot]
    three = number * np.exp(STEP * np.array([0.0, -1.0, 1.0]))
    watched = [s for s in drug.neosubstrates if f"{s}.total@tumour" in model.values]
    of = next((s for s in watched if s in slot.partition("@")[0].split(".")), watched[0])
    outputs = _dish_outputs if name == "dish" else _patient_outputs
    found = outputs(model, drug, slot, three, of)
    for output, (unit, values) in found.items():
        slope = math.nan
        if number > 0 and np.isfinite(values).all() and (values > 0).all():
            slope = float(np.log(values[2] / values[1])) / (2 * STEP)
            slope = 0.0 if abs(slope) < 1e-4 else slope
        yield Effect(name, output, float(values[0]), unit, slope)


def _dish_outputs(
    model: Model, drug: Compound, slot: str, three: Floats, of: str
) -> dict[str, tuple[str, Floats]]:
    Kd = model[f"{drug.name}.CRBN.Kd"].coherent
    given = around(Kd)
    watched = [f"{of}.remaining"]
    doses = exposure(model, {drug.name: np.tile(given, 3)})
    left = model.simulate(
        [0, 4], doses, vary={slot: np.repeat(three, given.size)}, observe=watched, rtol=1e-8
    )
    curves = left[watched[0]][:, 1].reshape(3, given.size)
    falls = model.simulate(
        COURSE,
        exposure(model, {drug.name: np.full(3, SATURATING * Kd)}),
        vary={slot: three},
        observe=watched,
        rtol=1e-8,
    )[watched[0]]
    half = [crossing(given, y, (1 + y[-1]) / 2, "nM", "").value for y in curves]
    time = [crossing(COURSE[1:], y[1:], (1 + float(y.min())) / 2, "h", "").value for y in falls]
    protein = printed(of)
    return {
        f"DC50 of {protein} at 4 h": ("nM", np.array(half)),
        f"share of {protein} left at 4 h, saturated": ("1", curves[:, -1]),
        f"half-time of {protein}, saturated": ("h", np.array(time)),
    }


def _patient_outputs(
    model: Model, drug: Compound, slot: str, three: Floats, of: str
) -> dict[str, tuple[str, Floats]]:
    from cereblon.records.regimen import dose

    name = f"{drug.name}_21_28"
    given = regimen(name) if name in regimens() else dose(drug, "1 mg", days="1-2", cycle="28 d")
    watched = [
        f"{drug.name}@central",
        f"{of}.remaining@tumour",
        f"{of}.remaining@T_cell",
        f"{of}.remaining@marrow",
    ]
    run = model.simulate(DAY, given.doses(), vary={slot: three}, observe=watched, rtol=1e-8)
    plasma, *levels = (run[w][:, DAY[-1] / 2 <= DAY].mean(axis=1) for w in watched)
    found = {f"mean plasma {drug.symbol}, day 2 ({given.rows[0].amount} a day)": ("nM", plasma)}
    for address, level in zip(watched[1:], levels, strict=True):
        found[f"mean {address}, day 2"] = ("1", level)
    return found
