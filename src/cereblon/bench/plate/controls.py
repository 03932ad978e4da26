"""The controls of a plate, and readings over them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cereblon.bench.plate.readings import BLANK, POSITIVE, UNTREATED, Floats, Readings
from cereblon.ground.errors import InputError

Mask = NDArray[np.bool_]


def sets(readings: Readings) -> Iterator[tuple[str, Mask]]:
    """(name, wells) of each set of wells that shares controls: a plate, told apart by cell and time where they differ.

    Controls without a cell or a time belong to every set of their plate.
    """
    plates, cells, times = readings.plate, readings.cell, readings.time.astype(str)
    for plate in dict.fromkeys(plates.tolist()):
        here = plates == plate
        kinds = dict.fromkeys(zip(cells[here].tolist(), times[here].tolist(), strict=True))
        whole = [k for k in kinds if k[0] and k[1] != "nan"] or [k for k in kinds if k[0]] or list(kinds)
        for cell, time in whole:
            fits = np.isin(cells, ["", cell]) & np.isin(times, ["nan", time])
            words = [plate, cell if len({k[0] for k in whole}) > 1 else ""]
            words.append(f"{float(time):g} h" if len({k[1] for k in whole}) > 1 else "")
            yield " ".join(filter(None, words)), here & fits


def mean(readings: Readings, wells: Mask, role: str) -> float:
    """The mean reading of the wells of one role; NaN where none was read."""
    values = readings.value[wells & (readings.role == role)]
    values = values[np.isfinite(values)]
    return float(values.mean()) if values.size else float("nan")


def floor_error(readings: Readings, wells: Readings) -> tuple[float, int]:
    """Standard error of the mean blank on the plates of some wells, and its degrees of freedom; 0 where fewer than two
    were read."""
    blank = (readings.role == BLANK) & np.isin(readings.plate, wells.plate) & np.isfinite(readings.value)
    values = readings.value[blank]
    return (float(values.std(ddof=1) / np.sqrt(values.size)), values.size - 1) if values.size > 1 else (0.0, 0)


def normalised(readings: Readings, to: str = UNTREATED) -> Readings:
    """See `Readings.normalised`."""
    if to not in (UNTREATED, POSITIVE):
        raise InputError("readings are normalised to one of two controls", found=str(to),
                         expected="untreated or positive", example="untreated")  # fmt: skip
    value: Floats = readings.value.copy()
    for name, wells in sets(readings):
        top = _top(readings, wells)
        floor = mean(readings, wells, BLANK if to == UNTREATED else POSITIVE)
        if np.isnan(floor):
            if to == POSITIVE:
                raise InputError("there is no positive control to normalise to", where=name, expected="wells of role "
                                 "positive")  # fmt: skip
            floor = 0.0
        if np.isnan(top):
            raise InputError("there is no untreated well to normalise to", where=name,
                             expected="wells of role untreated, or of concentration 0")  # fmt: skip
        if top == floor:
            raise InputError("the controls do not differ", where=name, found=f"{top:.6g} and {floor:.6g}",
                             expected="an untreated signal apart from the other")  # fmt: skip
        value[wells] = (readings.value[wells] - floor) / (top - floor)
    of = readings.of if "over" in readings.of else f"{readings.of} over {to} control"
    return replace(readings, value=value, of=of)


def _top(readings: Readings, wells: Mask) -> float:
    """The mean untreated reading; where no well has that role, of the samples of concentration 0."""
    named = mean(readings, wells, UNTREATED)
    if not np.isnan(named):
        return named
    zero = wells & (readings.concentration == 0) & (readings.partner_concentration == 0) & (readings.role == "sample")
    values = readings.value[zero]
    values = values[np.isfinite(values)]
    return float(values.mean()) if values.size else float("nan")
