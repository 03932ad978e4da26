"""From plate to constants: what degradation read-outs say of affinity, closing, recruitment, ubiquitination, turnover.

    wells         readings over their controls            forward       the shipped dish, constants varied
    search        least squares, weights, profiles        experiments   what the next one would add
    result        verdicts, products, sentences

The dish of `bench.degradation` is the forward model. Constants are fitted as logarithms from the records' values; what
the data leave open is said, as a bound or as the product that they do determine.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from cereblon.bench.constants.experiments import Experiment
from cereblon.bench.constants.forward import ROLES, Dish, constants_of
from cereblon.bench.constants.result import Constants
from cereblon.bench.constants.search import RANGE, SIGNIFICANT, Beforehand, Z, fit
from cereblon.bench.constants.wells import wells_of
from cereblon.bench.degradation import SUBSTRATES, recruited
from cereblon.bench.plate import Readings, read
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity, unit
from cereblon.model import dish
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.regimen import hours

__all__ = ["Constants", "Experiment", "constants"]

WITHIN = 3.0  # a constant is identified when its interval lies within this factor either way


def constants(
    source: str | Path | Readings,
    glue: str | Path | Compound = "mezigdomide",
    of: str = "IKZF1",
    cell: str | Path | Cell = "H929",
    *,
    at: str | float | None = None,
    free: Iterable[str] = tuple(ROLES),
    prior: bool = True,
    known: Mapping[str, Quantity | Estimate] | None = None,
    changes: Mapping[str, str | Quantity] | None = None,
    substrates: Iterable[str] = SUBSTRATES,
    within: float = WITHIN,
) -> Constants:
    """The constants of one glue from read-outs of a protein's level, at two or more times best.

    `source` is a file or a shipped example (columns concentration, time, value; compound, cell, role and "condition"
    with "washed 6 h" where there are such wells), or Readings: of `cb.bench.read`, or simulated. `at` is the time of
    a file that states none. `free` are the constants that are fitted: affinity, closing, recruitment, ubiquitination,
    turnover, or an address of the dish ("CRBN.total"); all else is held as the records, or `changes` (as in
    `Model.replace`), have it. `known` is what another experiment measured of a fitted constant, with its interval.
    `within` is the factor that makes a constant identified. The readings count every form of the protein, as a tag
    (HiBiT) does. About two seconds.

    Raises InputError for a glue or protein that is unknown, readings that show no effect, and what cannot be told
    of the file. Levenberg-Marquardt; Raue 2009 (profiles), Lindley 1956 (information of an experiment).

    >>> found = constants("degradation_times")
    >>> found.verdicts["turnover"], found["turnover"].unit
    ('identified', 'h')
    """
    record = glue if isinstance(glue, Compound) else compound_record(glue)
    chosen = recruited(record, of, substrates)
    if not within > 1 or not math.isfinite(within):
        raise InputError("a factor lies above 1", where="within", found=f"{within}", example="3")
    model = dish(record, cell, chosen, washed=True)
    if changes:
        model = model.replace(changes)
    slots = constants_of(model, record.name, of, free)
    readings = source if isinstance(source, Readings) else read(source)
    when = None if at is None else float(hours(at))
    wells = wells_of(readings, record, model.stands["tumour"], when)
    one = Dish(model, record.name, of, tuple(slots.values()))
    found = fit(one, wells, _beforehand(one, slots, prior, known or {}))
    if not found.effect.p < SIGNIFICANT:
        raise InputError(
            "the protein is not lost in these readings, so nothing of the glue can be estimated",
            found=f"no difference from the untreated wells (p {found.effect.p:.2g})",
            expected="a concentration and a time at which the protein falls",
        )
    words = tuple(slots)
    return Constants(record.name, of, model.stands["tumour"], words, float(within), record, one, wells, found)


def _beforehand(
    one: Dish, slots: Mapping[str, str], prior: bool, known: Mapping[str, Quantity | Estimate]
) -> Beforehand:
    """Centre and width of each logarithm: a measurement, the record's interval, or the range that is searched.

    Raises InputError for a measurement of a constant that is not fitted, or one without an interval.
    """
    centre, width, said = one.start, np.full(len(slots), RANGE), np.zeros(len(slots), dtype=bool)
    order = list(slots.values())
    measured = {_fitted(word, one, slots): number for word, number in known.items()}
    for i, slot in enumerate(order):
        record = one.model.values[slot]
        number = measured.get(slot, record if prior else None)
        if number is None or (slot not in measured and not _bounded(number)):
            continue
        if not _bounded(number):
            raise InputError("what is known has an interval above 0", where=slot, found=str(number),
                             example='Quantity.parse("12 nM", interval=["9 nM", "16 nM"])')  # fmt: skip
        low, high = np.log([float(end) for end in (number.low, number.high)])  # type: ignore[arg-type]
        centre[i] = (low + high) / 2 + math.log(unit(number.to(record.unit).unit).factor * _ratio(number, record.unit))
        width[i], said[i] = (high - low) / (2 * Z), True
    return Beforehand(centre, width, said, np.array([slot in measured for slot in order]))


def _bounded(number: Quantity | Estimate) -> bool:
    """Whether a number has an interval, both ends above 0."""
    low, high = number.low, number.high
    return low is not None and high is not None and 0 < low < high < math.inf


def _ratio(number: Quantity | Estimate, into: str) -> float:
    """How many of the unit `into` one of the number's unit is. Raises UnitError."""
    return number.to(into).value / number.value


def _fitted(word: str, one: Dish, slots: Mapping[str, str]) -> str:
    slot = slots.get(word) or one.model.resolve(word)
    if slot not in slots.values():
        raise InputError("what is known is of a constant that is fitted", found=word, expected=", ".join(slots),
                         example=f'changes={{"{slot}": ...}} to hold it at a value')  # fmt: skip
    return slot
