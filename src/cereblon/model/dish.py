"""Cells in a dish: medium with drug, and the ligase of one cell in it.

    drug@medium -> 0                     what the drug loses by itself
    drug@medium <-> drug@tumour          membrane; the cells draw on the medium
    the ligase (mechanism.ligase)        at the tumour

A concentration is a subject: a whole dose-response is one call, one lane each.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.mechanism.binding import decay, uptake, washing
from cereblon.mechanism.ligase import ligase
from cereblon.model.model import Model
from cereblon.network.dosing import Dose
from cereblon.network.network import Network
from cereblon.records.cell import Cell
from cereblon.records.cell import cell as cell_record
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.dish import Dish
from cereblon.records.dish import dish as dish_record

PLACE = "tumour"  # the cells of a dish; an address such as IKZF1.remaining is the same in a patient's tumour
NATIVE = "MEIS2"


def dish(
    compounds: str | Compound | Iterable[str | Compound],
    cell: str | Path | Cell = "H929",
    substrates: Iterable[str] | None = None,
    *,
    well: str | Path | Dish = "well96",
    native: str | None = NATIVE,
    washed: bool = False,
) -> Model:
    """A model of `cell` in the medium of `well`, with one or several glues.

    `substrates` compete for the one pool of cereblon; without them, those that every compound recruits. A dish that can
    be `washed` has a species for it (`washing`).
    Raises InputError for unknown names, RecordError for a number that the equations need and no record has.
    """
    glues = as_compounds(compounds)
    line = cell if isinstance(cell, Cell) else cell_record(cell)
    plate = well if isinstance(well, Dish) else dish_record(well)
    chosen = tuple(substrates) if substrates is not None else common_substrates(glues)
    names = [g.name for g in glues]
    net = medium(names, {PLACE: ligase(names, chosen, line.structure["n_ub"], native_substrate=native)})
    if washed:
        net += washing(names)
        net.name = "dish"
    return Model.bind(f"{', '.join(g.symbol for g in glues)} in a dish", net, {PLACE: line}, (*glues, plate))


def medium(
    glues: Iterable[str], cells: Mapping[str, Network], *, vessels: Mapping[str, tuple[str, str]] | None = None
) -> Network:
    """Cells (place -> network without one) in one medium, into and out of which every glue passes.

    Each place has the volume of the well's number of cells; that number stays as it is for the drug's balance.
    `vessels`: place -> (vessel, switch), for cells that stand in a vessel with as much medium until the switch (a
    species) goes from 0 to 1.
    """
    beforehand = vessels or {}
    net = Network("dish")
    net.parameter("medium.volume", "L", "volume of the medium", shared=True)
    net.parameter("cells", "cell", "cells in the medium", shared=True)
    # a record gives the volume of one cell in L, so the number of cells counts as a pure number
    net.derive("one.cell", "cell", "1", "one cell", shared=True)
    net.place("medium", "medium.volume")
    for place, inside in cells.items():
        net.parameter(f"volume@{place}", "L", "volume of one cell")
        net.place(place, f"volume@{place} * cells / one.cell")
        net += inside.at(place)
        vessel, switch = beforehand.get(place, ("", ""))
        if vessel:
            net.place(vessel, "medium.volume")
        for name in glues:
            net += decay(name) + uptake(name, "medium", fu=False, present=f"[{switch}]" if switch else "1").at(place)
            if vessel:
                net += decay(name, vessel=vessel)
                net += uptake(name, vessel, fu=False, present=f"1 - [{switch}]").at(place)
    net.name = "dish"
    return net


def exposure(
    model: Model,
    concentrations: Mapping[str, ArrayLike],
    at: float = 0.0,
    *,
    every: float | None = None,
    until: float | None = None,
) -> list[tuple[Dose, ...]]:
    """One calendar per subject that brings the medium to the given concentrations (nM) at the hour `at`.

    Compounds of one mapping go together: each array (or single number) has one entry per subject; a name with a place
    ("drug@flask") is of that vessel, which holds as much medium. With `every` (h) the medium is fed: until the hour
    `until`, what decayed in it is made good.
    """
    volume = model["medium.volume"].coherent
    columns = {name: np.atleast_1d(np.asarray(c, dtype=np.float64)) for name, c in concentrations.items()}
    subjects = max((c.size for c in columns.values()), default=0)
    for name, column in columns.items():
        if column.ndim > 1 or column.size not in (1, subjects) or not (column >= 0).all():
            raise InputError(
                "concentrations are numbers from 0 up, one per subject",
                where=name,
                found=str(column),
                example="[1, 10]",
            )
    if every is not None and (until is None or not 0 < every <= until):
        raise InputError("a medium is fed every so many hours, until an hour", found=f"{every}, {until}", example="24")

    def rows(name: str, amount: float) -> tuple[Dose, ...]:
        first, t_half = Dose(at, name if "@" in name else f"{name}@medium", amount), f"{name}.medium.t_half"
        feeds = 0 if every is None or until is None else math.ceil((until - at) / every) - 1
        if not feeds or every is None or t_half not in model.values:  # what does not decay needs no feeding
            return (first,)
        lost = 1 - 2 ** (-every / model[t_half].coherent)
        return first, Dose(at + every, first.species, amount * lost, every, feeds - 1)

    return [
        tuple(
            dose
            for name, column in columns.items()
            for dose in rows(name, float(column[i if column.size > 1 else 0]) * volume)
        )
        for i in range(subjects)
    ]


def wash(model: Model, at: float) -> Dose:
    """The dose that washes the medium at the hour `at` (a model that can be `washed`)."""
    rounds = -math.log(model["washing.carryover"].coherent)
    return Dose(at, "washing@medium", rounds * model["medium.volume"].coherent)


def as_compounds(compounds: str | Compound | Iterable[str | Compound]) -> tuple[Compound, ...]:
    """Records of compounds from names, records, or a mixture."""
    given = (compounds,) if isinstance(compounds, str | Path | Compound) else tuple(compounds)
    if not given:
        raise InputError("no compound was given", example="mezigdomide")
    return tuple(c if isinstance(c, Compound) else compound_record(c) for c in given)


def common_substrates(glues: Iterable[Compound]) -> tuple[str, ...]:
    """The neosubstrates that every one of the compounds has a constant for, in the first one's order."""
    first, *others = glues
    return tuple(s for s in first.neosubstrates if all(s in other.neosubstrates for other in others))
