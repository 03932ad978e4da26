"""Reading a simulated curve: where it crosses a level, and what may not be said of it.

A number outside the range that was simulated is not a number: it comes back as NaN with a note.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cereblon.ground.quantity import Estimate

Floats = NDArray[np.float64]

PER_DECADE = 8  # interpolation in the logarithm is then good to 0.1 %
BELOW, ABOVE = -4, 3  # decades around the affinity
FLAT = 0.01  # a curve that still falls by more than this over its last decade has not flattened
NO_EFFECT = 0.01


def around(affinity: float) -> Floats:
    """Concentrations from 1e-4 to 1e3 times `affinity`, evenly spaced in the logarithm (unit of `affinity`)."""
    return affinity * np.logspace(BELOW, ABOVE, (ABOVE - BELOW) * PER_DECADE + 1)


def crossing(x: Floats, y: Floats, level: float, unit: str, method: str) -> Estimate:
    """The first x > 0 at which a falling curve reaches `level`; monotone interpolation in log x.

    NaN with a note where the curve starts below `level` or never gets there.
    """
    from scipy.interpolate import PchipInterpolator
    from scipy.optimize import brentq

    if not np.isfinite(y).all():
        return Estimate(math.nan, unit, method=method, note="a run failed")
    under = np.flatnonzero(y <= level)
    if not under.size:
        return Estimate(math.nan, unit, method=method, note=f"above {x[-1]:.3g} {unit}: out of range")
    if under[0] == 0:
        return Estimate(math.nan, unit, method=method, note=f"below {x[0]:.3g} {unit}: out of range")
    log = np.log(x)
    line = PchipInterpolator(log, y)
    right = int(under[0])
    found = brentq(lambda u: float(line(u)) - level, log[right - 1], log[right], xtol=1e-12)
    return Estimate(float(np.exp(found)), unit, method=method)


def depth(x: Floats, remaining: Floats, unit: str) -> Estimate:
    """Dmax: the loss at the highest concentration; the note says where the curve has not flattened."""
    method = f"loss at {x[-1]:.3g} {unit}"
    if not np.isfinite(remaining).all():
        return Estimate(math.nan, method=method, note="a run failed")
    last_decade = float(np.interp(math.log(x[-1] / 10), np.log(x), remaining)) - float(remaining[-1])
    note = f"at least: not flat at {x[-1]:.3g} {unit}" if last_decade > FLAT else ""
    return Estimate(1 - float(remaining[-1]), method=method, note=note)


def half_effect(x: Floats, remaining: Floats, unit: str, method: str) -> Estimate:
    """Where half of the loss at the highest concentration is reached; NaN where next to nothing is lost."""
    lost = depth(x, remaining, unit)
    if not lost.value > NO_EFFECT:
        note = lost.note if math.isnan(lost.value) else "no effect"
        return Estimate(math.nan, unit, method=method, note=note)
    return crossing(x, remaining, 1 - lost.value / 2, unit, method)
