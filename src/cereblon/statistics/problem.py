"""Least squares of one dose-response curve, or of several that share parameters: starts, solution, polish.

Inside, log concentrations are taken from the middle of their range and readings from the middle of theirs over its
width, so a fit is the same in nM and M, and in counts and per cent. Bottom and top enter linearly: on a grid of
(EC50, hill, asymmetry) they are solved for, and the best few points of the grid are started from (variable projection,
Golub and Pereyra 1973). MINPACK's Levenberg-Marquardt with the analytic Jacobian does the rest, and Gauss-Newton steps
polish. Nothing is random.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cereblon.statistics.shape import BOTTOM, LOG_ASYMMETRY, LOG_EC50, LOG_HILL, TOP, ZERO, Floats, Shape

HILLS = (0.01, 100.0)  # past these a curve is a line in log x, or a step
ASYMMETRIES = (0.02, 50.0)
WIDEST = 1e5  # widths of the readings between them and a plateau
BEYOND = math.log(1e6)  # how far outside the tested range an EC50 is followed
PER_DECADE, GRID_HILLS, GRID_ASYMMETRIES = 4, (0.4, 0.8, 1.5, 3.0, 7.0, 20.0), (0.3, 1.0, 3.0)
STARTS = 4
FINEST, COARSE, ROUGH = 1e-15, 1e-8, 1e-4
MOST_STEPS = 60


@dataclass(frozen=True)
class Piece:
    """One curve: centred log concentrations (far below for 0), scaled readings, roots of the weights, direction."""

    u: Floats
    y: Floats
    root_w: Floats
    direction: int

    @property
    def doses(self) -> Floats:
        """The log concentrations but for 0."""
        return self.u[self.u > ZERO / 2]


@dataclass(frozen=True)
class Problem:
    """Curves with a parameter vector between them: `index` (curves, 5) says where each of their parameters stands in
    it, -1 for what is `held`."""

    shape: Shape
    pieces: tuple[Piece, ...]
    index: NDArray[np.int64]
    held: Floats

    @cached_property
    def size(self) -> int:
        """The number of free parameters."""
        return int(self.index.max()) + 1

    @cached_property
    def count(self) -> int:
        """The number of readings."""
        return sum(piece.y.size for piece in self.pieces)

    @cached_property
    def asymmetric(self) -> bool:
        """Whether the asymmetry is fitted."""
        return bool((self.index[:, LOG_ASYMMETRY] >= 0).any())

    def full(self, theta: Floats) -> Floats:
        """(curves, 5) parameters of each curve."""
        return np.where(self.index >= 0, theta[self.index], self.held) if theta.size else self.held

    @cached_property
    def limits(self) -> tuple[Floats, Floats]:
        """The range in which each free parameter is followed."""
        low, high = np.empty(self.size), np.empty(self.size)
        doses = np.concatenate([piece.doses for piece in self.pieces])
        for column, (least, most) in {
            BOTTOM: (-WIDEST, WIDEST),
            TOP: (-WIDEST, WIDEST),
            LOG_EC50: (doses.min() - BEYOND, doses.max() + BEYOND),
            LOG_HILL: (math.log(HILLS[0]), math.log(HILLS[1])),
            LOG_ASYMMETRY: (math.log(ASYMMETRIES[0]), math.log(ASYMMETRIES[1])),
        }.items():
            where = self.index[:, column]
            low[where[where >= 0]], high[where[where >= 0]] = least, most
        return low, high

    @cached_property
    def _places(self) -> tuple[tuple[slice, NDArray[np.int64], NDArray[np.int64]], ...]:
        """For each curve its rows, its free columns of the five, and where they stand in the vector."""
        ends = np.cumsum([piece.y.size for piece in self.pieces]).tolist()
        starts_ = [0, *ends[:-1]]
        out = []
        for first, last, index in zip(starts_, ends, self.index, strict=True):
            columns = np.flatnonzero(index >= 0)
            out.append((slice(first, last), columns, index[columns]))
        return tuple(out)

    def at(self, theta: Floats) -> tuple[Floats, Floats]:
        """Weighted residuals (n) and their derivatives (n, free)."""
        residuals, jacobian = np.empty(self.count), np.zeros((self.count, self.size))
        rows = self.full(theta)
        for piece, (here, columns, places), row in zip(self.pieces, self._places, rows, strict=True):
            value, slope = self.shape.curve(piece.u, row, piece.direction, self.asymmetric)
            residuals[here] = (value - piece.y) * piece.root_w
            jacobian[here, places] = slope[:, columns] * piece.root_w[:, None]
        return residuals, jacobian

    def holding(self, parameter: int, value: float) -> Problem:
        """The problem with one more parameter held."""
        mine = self.index == parameter
        held = np.where(mine, value, self.held)
        index = np.where(mine, -1, np.where(self.index > parameter, self.index - 1, self.index))
        return replace(self, index=index, held=held)

    def weighted(self, roots: Sequence[Floats]) -> Problem:
        """The problem with other weights."""
        pieces = tuple(replace(p, root_w=r) for p, r in zip(self.pieces, roots, strict=True))
        return replace(self, pieces=pieces)


@dataclass(frozen=True)
class Solution:
    """Parameters at a least sum of squares, and what is there."""

    theta: Floats
    RSS: float
    jacobian: Floats


def solve(problem: Problem, theta: Floats, tolerance: float = FINEST) -> Solution:
    """The minimum that Levenberg-Marquardt finds from `theta`."""
    from scipy.optimize import leastsq

    low, high = problem.limits
    if not problem.size:
        residuals, jacobian = problem.at(theta)
        return Solution(theta, float(residuals @ residuals), jacobian)
    last: dict[bytes, tuple[Floats, Floats]] = {}

    def evaluate(x: Floats) -> tuple[Floats, Floats]:
        key = x.tobytes()
        if key not in last:
            inside = np.minimum(np.maximum(x, low), high)
            residuals, jacobian = problem.at(inside)
            outside = inside != x
            if outside.any():
                jacobian[:, outside] = 0.0
            last.clear()
            last[key] = residuals, jacobian
        return last[key]

    def residuals_at(x: Floats, *_: Any, **__: Any) -> Floats:
        return evaluate(x)[0]

    def jacobian_at(x: Floats, *_: Any, **__: Any) -> Any:
        return evaluate(x)[1]

    # full output: without it scipy warns where MINPACK stops early, which the limits of the search may make it do
    with np.errstate(all="ignore"):  # of the covariance that scipy adds, and nobody asks for, at a flat minimum
        found = leastsq(
            residuals_at, theta.tolist(), (), jacobian_at, True,
            ftol=tolerance, xtol=tolerance, gtol=0.0, maxfev=400, factor=1.0,
        )[0]  # fmt: skip
    best = np.clip(np.atleast_1d(found), low, high)
    if tolerance <= FINEST:
        best = polished(problem, best, low, high)
    residuals, jacobian = problem.at(best)
    return Solution(best, float(residuals @ residuals), jacobian)


def polished(problem: Problem, theta: Floats, low: Floats, high: Floats) -> Floats:
    """A few Gauss-Newton steps, as long as they shrink: the last digits, which the sum of squares does not show."""
    length = np.inf
    for _ in range(MOST_STEPS):
        residuals, jacobian = problem.at(theta)
        free = (theta > low) & (theta < high)
        scale = np.linalg.norm(jacobian, axis=0)
        free &= scale > 0
        if not free.any():
            return theta
        step, _, rank, _ = np.linalg.lstsq(jacobian[:, free] / scale[free], -residuals, rcond=1e-12)
        step = step / scale[free]
        now = float(np.abs(step).max())
        if rank < free.sum() or not now < 0.7 * length or now > 0.1:
            return theta
        moved = theta.copy()
        moved[free] += step
        theta, length = np.clip(moved, low, high), now
        if now < 1e-14:
            return theta
    return theta


def starts(
    piece: Piece, shape: Shape, held: Floats, directions: Sequence[int], turn: bool = False
) -> Iterator[tuple[int, Floats]]:
    """(direction, five parameters) of the most promising points of the grid, best first.

    Where both plateaus are free, top is above bottom: with `turn` a symmetric curve is turned over for that.
    """
    low, high = float(piece.doses.min()), float(piece.doses.max())
    step = math.log(10) / PER_DECADE
    beyond = 4 * step
    grid_EC50 = np.arange(low - beyond, high + beyond + step, step)
    wide = [c / (high - low) for c in (3.0, 8.0)]  # hills that need all of the tested range
    hills = np.array(sorted({*GRID_HILLS, *(h for h in wide if HILLS[0] < h < GRID_HILLS[0])}))
    axes = [
        grid_EC50 if np.isnan(held[LOG_EC50]) else held[LOG_EC50 : LOG_EC50 + 1],
        np.log(hills) if np.isnan(held[LOG_HILL]) else held[LOG_HILL : LOG_HILL + 1],
        np.log(GRID_ASYMMETRIES) if np.isnan(held[LOG_ASYMMETRY]) else held[LOG_ASYMMETRY : LOG_ASYMMETRY + 1],
    ]
    found: list[tuple[float, int, Floats]] = []
    x, doses = np.unique(piece.u, return_inverse=True)
    weight = np.bincount(doses, piece.root_w**2).astype(np.float64)
    mean = np.bincount(doses, piece.root_w**2 * piece.y) / np.where(weight > 0, weight, 1.0)
    for direction in directions:
        nodes = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], axis=1)
        shares = _shares(shape, x, nodes, direction)
        bottom, top, RSS = _linear(shares, mean, weight, held[BOTTOM], held[TOP])
        free = bool(np.isnan(held[BOTTOM]) and np.isnan(held[TOP]))
        for i in np.argsort(RSS, kind="stable"):
            if not free or top[i] >= bottom[i]:
                found.append((float(RSS[i]), direction, np.array([bottom[i], top[i], *nodes[i]])))
            elif turn:
                found.append((float(RSS[i]), -direction, np.array([top[i], bottom[i], *nodes[i]])))
    if not found:  # every curve of the asked direction would have its top below its bottom: a flat one
        level = float(weight @ mean / weight.sum())
        found.append((0.0, directions[0], np.array([level, level, *nodes[len(nodes) // 2]])))
    found.sort(key=lambda one: one[0])
    taken: list[tuple[int, Floats]] = []
    for _, direction, theta in found:
        apart = all(
            d != direction or np.abs(theta[LOG_EC50:] - t[LOG_EC50:]).max() > 1.5 * step for d, t in taken
        )
        if apart:
            taken.append((direction, theta))
            yield direction, theta
        if len(taken) == STARTS:
            return


def _shares(shape: Shape, x: Floats, nodes: Floats, direction: int) -> Floats:
    """g on the grid, (nodes, doses)."""
    out = np.empty((len(nodes), x.size))
    for log_s in np.unique(nodes[:, 2]):
        mine = nodes[:, 2] == log_s
        half, _ = shape.level(0.5, float(log_s))
        z = direction * np.exp(nodes[mine, 1:2]) * (x - nodes[mine, :1]) + half
        out[mine] = shape.share(z, float(log_s), bool(log_s != 0))[0]
    return out


def _linear(g: Floats, y: Floats, w: Floats, bottom: float, top: float) -> tuple[Floats, Floats, Floats]:
    """Least-squares bottom and top for each row of shares, either of them held, and the weighted sum of squares."""
    total = w.sum()
    if np.isnan(bottom) and np.isnan(top):
        mean_g, mean_y = g @ w / total, float(y @ w / total)
        away = g - mean_g[:, None]
        spread = away**2 @ w
        span = (away * (y - mean_y)) @ w / np.where(spread > 1e-12 * total, spread, np.inf)
        bottoms = mean_y - span * mean_g
        tops = bottoms + span
    elif np.isnan(bottom):
        away = 1 - g
        bottoms = ((y - top * g) * away) @ w / np.maximum(away**2 @ w, 1e-12 * total)
        tops = np.full_like(bottoms, top)
    elif np.isnan(top):
        tops = ((y - bottom * (1 - g)) * g) @ w / np.maximum(g**2 @ w, 1e-12 * total)
        bottoms = np.full_like(tops, bottom)
    else:
        bottoms, tops = np.full(len(g), bottom), np.full(len(g), top)
    left = y - bottoms[:, None] - (tops - bottoms)[:, None] * g
    return bottoms, tops, left**2 @ w


def best(
    problems: Callable[[int], Problem], candidates: Iterator[tuple[int, Floats]], turn: bool = False
) -> tuple[Problem, Solution]:
    """The least of the minima from several starts; of equals the first. `problems(direction)` makes the problem.

    Top is not below bottom where both are free: with `turn` such a curve is turned over, without it is passed by.
    """
    chosen: tuple[bool, Problem, Solution] | None = None
    for direction, theta in candidates:
        problem = problems(direction)
        found = solve(problem, _inside(problem, theta), ROUGH)
        row = problem.full(found.theta)[0]
        wrong = bool((problem.index[0, :2] >= 0).all() and row[TOP] < row[BOTTOM])
        if wrong and turn:
            problem, wrong = problems(-direction), False
            found = solve(problem, _inside(problem, row[[TOP, BOTTOM, LOG_EC50, LOG_HILL, LOG_ASYMMETRY]]), ROUGH)
        if chosen is None or (wrong, found.RSS) < (chosen[0], chosen[2].RSS * (1 - 1e-4) - 1e-15):
            chosen = wrong, problem, found
    assert chosen is not None  # there is always a point to start from
    return chosen[1], solve(chosen[1], chosen[2].theta)


def _inside(problem: Problem, row: Floats) -> Floats:
    """The free parameters of one curve's five, within their limits."""
    free = np.array([row[np.flatnonzero(problem.index[0] == k)[0]] for k in range(problem.size)])
    return np.clip(free, *problem.limits)
