"""Two tools that every binding equilibrium of this floor needs: the exact quadratic and a safe root.

    A + B <-> A:B        complex_of(A, B, Kd)
    f(x) = 0, f rising   rising_root(f, lower, upper)

Both work elementwise on arrays and lose no digits when the complex is small or the partners are nearly used
up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
"""What the closed forms return: float64, shaped like the broadcast arguments."""

EPS = float(np.finfo(np.float64).eps)


def floats(x: ArrayLike) -> Floats:
    """The argument as float64, unchanged in shape."""
    return np.asarray(x, dtype=np.float64)


def complex_of(A: ArrayLike, B: ArrayLike, Kd: ArrayLike) -> Floats:
    """Concentration of the complex A:B at equilibrium, with both partners depleted.

    `A`, `B` are total concentrations and `Kd` the dissociation constant, all in one unit; they broadcast.
    `Kd` may be infinite (no complex). The smaller root of the quadratic, written without the subtraction that
    would cancel: AB / (h + sqrt(h^2 - AB)) with h = (A + B + Kd) / 2.

    >>> round(float(complex_of(1, 1, 2)), 6)
    0.267949
    """
    A, B, Kd = floats(A), floats(B), floats(Kd)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = (A + B + Kd) / 2
        root = np.sqrt(((A - B) / 2) ** 2 + Kd * (Kd / 2 + A + B) / 2)
        found = A * B / (half + root)
    return np.where(A * B > 0, found, np.zeros_like(found))[()]


def rising_root(
    function: Callable[[Floats], tuple[Floats, Floats | None]],
    lower: ArrayLike,
    upper: ArrayLike,
    tolerance: float = 2 * EPS,
) -> Floats:
    """Where a rising function crosses zero, elementwise, between `lower` and `upper`.

    `function(x)` returns its value and its slope (or None: then plain bisection). Newton's step is taken
    where it stays in the bracket and at least halves the one before; otherwise the bracket is halved, so the
    search ends for every element whatever the slope says. Stops at a step below `tolerance` times |x|. Where
    the function does not change sign in the bracket, the nearer end comes back: the caller knows what its
    ends mean. NaN in, NaN out."""
    lower, upper = np.broadcast_arrays(floats(lower), floats(upper))
    lower, upper = lower.copy(), upper.copy()
    x = (lower + upper) / 2
    step = before = upper - lower
    open_ = np.ones(x.shape, dtype=bool)
    while True:
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            value, slope = function(x)
            newton = np.full_like(x, np.nan) if slope is None else value / slope
            rising = value > 0
            upper = np.where(open_ & rising, x, upper)
            lower = np.where(open_ & ~rising, x, lower)
            target = x - newton
            safe = (target > lower) & (target < upper) & (np.abs(2 * newton) <= np.abs(before))
        target = np.where(safe, target, (lower + upper) / 2)
        target = np.where(open_ & (value != 0), target, x)
        target = np.where(np.isnan(value), value, target)
        before, step = step, target - x
        open_ = open_ & (np.abs(step) > tolerance * np.abs(target)) & (target != lower) & (target != upper)
        x = target
        if not open_.any():
            return x[()]
