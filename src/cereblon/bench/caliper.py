"""What is read off the true burden of every mouse: two diameters, or light; who leaves, who dies, what is weighed.

The noise of a reading is keyed by (seed, instrument, day) and by the mouse's number, so that a mouse keeps its readings
in a study of any size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cereblon.bench.mice import Mice
from cereblon.records.design import Design
from cereblon.statistics.growth import Floats
from cereblon.statistics.resampling import stream


@dataclass(frozen=True)
class Measured:
    """`values` (mice, days; mm3 or 1/s), `diameters` beside them, `deaths` (day, 1 died), `weights` (g) at the end."""

    values: Floats
    diameters: Mapping[str, Floats] = field(default_factory=dict)
    deaths: tuple[Floats, Floats] | None = None
    weights: Floats | None = None
    notes: tuple[str, ...] = ()


def by_caliper(design: Design, mice: Mice, days: Floats, mass: Floats, limit: float, seed: int) -> Measured:
    """Length and width with their errors, to a tenth of a mm, 1/2 L W^2; a mouse leaves after a reading at the limit.

    `mass` (g) is the true one on `days`. A tumour too narrow to be felt is read as 0.
    """
    length, width = _diameters(design, mass)
    error = design["caliper.error"].value
    length = np.round(length * np.exp(error * _noise(seed, "length", mice, days)), 1)
    width = np.round(width * np.exp(error * _noise(seed, "width", mice, days)), 1)
    length, width = np.maximum(length, width), np.minimum(length, width)
    unfelt = width < design["caliper.width"].to("mm").value
    length, width = np.where(unfelt, 0.0, length), np.where(unfelt, 0.0, width)
    values = length * width**2 / 2
    over = np.asarray(np.logical_or.accumulate(values >= limit, axis=1))
    gone = np.hstack([np.zeros((len(values), 1), bool), over[:, :-1]])
    z = stream(seed, "xenograft weighing").standard_normal(int(mice.numbers.max()) + 1)[mice.numbers]
    weights = np.where(gone[:, -1], np.nan, mass[:, -1] * np.exp(design["weighing.error"].value * z))
    taken = {arm: sum(o and a == arm for o, a in zip(over[:, -1], mice.arms, strict=True)) for arm in mice.arms}
    listed = ", ".join(f"{count} in {arm}" for arm, count in taken.items() if count)
    notes = [f"taken out at {limit:g} mm3: {listed or 'none'}"]
    zeros = int((~gone & (values == 0)).sum())
    if zeros:
        notes.append(f"{zeros} reading(s) of 0: no tumour was felt")
    values, length, width = (np.where(gone, np.nan, x) for x in (values, length, width))
    return Measured(values, {"length_mm": length, "width_mm": width}, None, weights, tuple(notes))


def by_light(
    design: Design, mice: Mice, days: Floats, mass: Floats, fine: Floats, mass_fine: Floats, seed: int
) -> Measured:
    """Light of the burden with its error, until a mouse's burden on a `fine` day is more than it bears."""
    over = mass_fine >= design["removal.mass"].coherent * mice.threshold[:, None]
    died = np.asarray(over.any(axis=1))
    day = np.asarray(np.where(died, fine[over.argmax(axis=1)], days[-1]), np.float64)
    light = mass * design["luminescence.brightness"].to("1/s/g").value
    light = light * np.exp(design["luminescence.error"].value * _noise(seed, "light", mice, days))
    dead = died[:, None] & (days[None, :] >= day[:, None])
    return Measured(np.where(dead, np.nan, light), {}, (day, np.asarray(died, np.float64)))


def without_error(design: Design, mass: Floats) -> Measured:
    """The same of typical mice: true volumes, or true light, to the end."""
    if design.site == "disseminated":
        return Measured(mass * design["luminescence.brightness"].to("1/s/g").value)
    length, width = _diameters(design, mass)
    return Measured(length * width**2 / 2, {"length_mm": length, "width_mm": width}, None, mass[:, -1])


def _diameters(design: Design, mass: Floats) -> tuple[Floats, Floats]:
    """Length and width (mm) of a tumour with the design's aspect; a mm3 weighs a mg."""
    aspect = design["caliper.aspect"].value
    width = (2 * mass * 1e3 / aspect) ** (1 / 3)
    return aspect * width, width


def _noise(seed: int, what: str, mice: Mice, days: Floats) -> Floats:
    columns = [
        stream(seed, f"xenograft {what} day {day:g}").standard_normal(int(mice.numbers.max()) + 1)[mice.numbers]
        for day in days
    ]
    return np.column_stack(columns)
