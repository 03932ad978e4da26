"""Many small least-squares problems at once: Levenberg-Marquardt with bounds, side by side.

A bootstrap of a combination matrix is thousands of Hill curves and hundreds of surfaces. One at a time each costs
milliseconds, nearly all of it bookkeeping; side by side they are a few array operations per step. Each problem takes
its own steps and stops by itself, so what it ends at does not depend on its neighbours.

Levenberg 1944, Marquardt 1963 (scaled damping), Nielsen 1999 (how the damping moves). A number that stands at a bound
and is pushed outward is held there; one that a step would carry past its bound is set on it, and the others step with
that in mind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Problems = NDArray[np.intp]
Predict = Callable[[Floats, Problems], Floats]
"""(numbers (k, P), which problems (k,)) -> predictions (k, N); their slopes by each number are (k, P, N)."""

_STEP = 1e-6  # of the central difference: numbers are shares and logarithms, of order 1
_STUCK = 1e12  # damping at which a problem has nowhere to go
_NOTHING = 1e-26  # sum of squares of shares that is rounding alone
_PATIENCE, _SLOW = 20, 1e-6  # so many steps that together gain less than this part: a valley without a floor


@dataclass(frozen=True)
class Minimum:
    """Numbers (B, P), weighted sum of squares (B,), and whether each problem settled (B,)."""

    numbers: Floats
    squares: Floats
    settled: Flags


def least_squares(
    predict: Predict,
    start: Floats,
    y: Floats,
    weights: ArrayLike = 1.0,
    *,
    low: ArrayLike = -np.inf,
    high: ArrayLike = np.inf,
    slopes: Predict | None = None,
    tolerance: float = 1e-11,
    most_steps: int = 200,
) -> Minimum:
    """Minimise sum of weights (y - predict)^2 for B problems with P numbers each and N points each.

    `start` is (B, P), `y` (B, N), `weights` broadcasts to y, `low` and `high` to (P,). A point of `y` that is NaN
    does not count. Without `slopes` they are taken by central differences. `tolerance` is the relative gain below
    which a problem has settled.

    >>> line = lambda p, rows: p[:, :1] + p[:, 1:] * np.array([0.0, 1.0, 2.0])
    >>> least_squares(line, np.zeros((1, 2)), np.array([[1.0, 3.0, 5.0]])).numbers.round(6).tolist()
    [[1.0, 2.0]]
    """
    start = np.asarray(start, dtype=np.float64)
    problems, size = start.shape
    below, above = (np.broadcast_to(np.asarray(b, dtype=np.float64), (size,)) for b in (low, high))
    known = np.isfinite(y)
    root = np.sqrt(np.broadcast_to(np.asarray(weights, dtype=np.float64), y.shape)) * known
    target = np.where(known, y, 0.0)

    def residuals(p: Floats, rows: Problems) -> Floats:
        return (np.where(known[rows], predict(p, rows), 0.0) - target[rows]) * root[rows]

    def jacobian(p: Floats, rows: Problems) -> Floats:
        if slopes is None:
            return _differences(residuals, p, rows)
        return np.asarray(np.where(known[rows][:, None, :], slopes(p, rows), 0.0) * root[rows][:, None, :])

    p = np.clip(start, below, above)
    rows = np.arange(problems)
    r = residuals(p, rows)
    squares = np.einsum("bn,bn->b", r, r)
    earlier = squares.copy()
    damping, growth, settled = np.full(problems, 1e-3), np.full(problems, 2.0), np.zeros(problems, dtype=bool)
    A, g = np.empty((problems, size, size)), np.empty((problems, size))
    moved = rows  # problems whose slopes are to be taken anew
    for count in range(1, most_steps + 1):
        if moved.size:
            J = jacobian(p[moved], moved)
            A[moved] = np.matmul(J, J.transpose(0, 2, 1))
            g[moved] = np.einsum("bpn,bn->bp", J, residuals(p[moved], moved))
        here, slope, bend = p[rows], g[rows], A[rows]
        step = _step(bend, slope, damping[rows], below - here, above - here)
        trial = np.clip(here + step, below, above)
        r = residuals(trial, rows)
        found = np.einsum("bn,bn->b", r, r)
        gain = squares[rows] - found
        promised = -(2 * np.einsum("bp,bp->b", slope, step) + np.einsum("bp,bpq,bq->b", step, bend, step))
        with np.errstate(divide="ignore", invalid="ignore"):
            better = gain >= 0
            kept = np.clip(np.nan_to_num(gain / promised, nan=0.0, posinf=1.0), 0.0, 1.0)
        # a tiny gain under heavy damping is a short step, not an end
        done = better & (gain <= tolerance * found) & (damping[rows] <= 1) | (found < _NOTHING)
        stuck = ~better & (damping[rows] > _STUCK)
        p[rows[better]], squares[rows[better]] = trial[better], found[better]
        damping[rows] *= np.where(better, np.maximum(1 / 3, 1 - (2 * kept - 1) ** 3), growth[rows])
        growth[rows] = np.where(better, 2.0, 2 * growth[rows])
        np.maximum(damping, 1e-12, out=damping)
        if count % _PATIENCE == 0:
            stuck |= earlier[rows] - squares[rows] <= _SLOW * squares[rows]
            earlier = squares.copy()
        settled[rows[done | stuck]] = True
        moved = rows[better & ~done & ~stuck]
        rows = rows[~(done | stuck)]
        if not rows.size:
            break
    return Minimum(p, squares, settled)


def _differences(residuals: Predict, p: Floats, rows: Problems) -> Floats:
    """(k, P, N): slope of each residual by each number."""
    out = []
    for i in range(p.shape[1]):
        shift = np.zeros(p.shape[1])
        shift[i] = _STEP
        out.append((residuals(p + shift, rows) - residuals(p - shift, rows)) / (2 * _STEP))
    return np.stack(out, axis=1)


def _step(A: Floats, g: Floats, damping: Floats, down: Floats, up: Floats) -> Floats:
    """The damped step within [down, up]: what would leave is set on its bound, and the rest is solved again."""
    fixed = ((down >= 0) & (g > 0)) | ((up <= 0) & (g < 0))
    step = np.zeros_like(g)
    for _ in range(2):
        step = _solved(A, g, damping, fixed, step)
        outside = ~fixed & ((step < down) | (step > up))
        if not outside.any():
            break
        step, fixed = np.clip(step, down, up), fixed | outside
    return np.clip(step, down, up)


def _solved(A: Floats, g: Floats, damping: Floats, fixed: Flags, step: Floats) -> Floats:
    """-(A + damping diag A)^-1 g of the numbers that are free, beside the step of those that are fixed."""
    free = ~fixed
    set_by_others = np.einsum("bpq,bq->bp", A, np.where(fixed, step, 0.0))
    M = np.where(free[:, :, None] & free[:, None, :], A, 0.0)
    i = np.arange(M.shape[1])
    diagonal = M[:, i, i]
    scale = np.maximum(diagonal, 1e-12 * diagonal.max(axis=1, keepdims=True, initial=0.0))
    M[:, i, i] = np.where(free, diagonal + damping[:, None] * scale, 1.0) + 1e-30
    found = np.linalg.solve(M, np.where(free, -(g + set_by_others), 0.0)[:, :, None])[:, :, 0]
    return np.where(fixed, step, np.where(np.isfinite(found), found, 0.0))
