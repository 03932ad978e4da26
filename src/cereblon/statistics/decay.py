"""A fall (or rise) in time to a plateau, with or without a lag: rate, half-time, plateau, lag, and their intervals.

    y(t) = plateau + (top - plateau) exp(-k max(t - lag, 0))        half-time = lag + log 2 / k

The half-time is where half of the way is done, counted from time 0. Top and plateau enter linearly; the half-time and
the lag are started from the best point of a grid (variable projection, Golub and Pereyra 1973) and followed by
Levenberg and Marquardt. Intervals are those of the profile: all values that the sum of squares allows at Student's t
(Bates and Watts 1988, chapter 6). Each held value is a small problem of its own, and many are solved side by side.
A half-time outside the times that were read is no number: it comes back as NaN, with a note and a bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.least_squares import least_squares
from cereblon.statistics.profile import student, widened
from cereblon.statistics.residuals import lack_of_fit, variance

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

LOG2 = math.log(2)
TOP, PLATEAU, TIME, LAG = range(4)
LATEST = 0.98  # the lag is at most this share of the half-time
SLOWEST, FASTEST = 50.0, 0.02  # half-times are followed so far beyond the last time, and below the first
GRID, GRID_LAGS = 120, 24
HELD, ZOOMS, DOUBLINGS = 25, 3, 5  # values held at once, rounds of closing in, how far an end is looked for
SURE, STRAYS = 0.05, 0.01
STILL, TURNS = 1e-6, 20  # weights and curve agree


@dataclass(frozen=True, eq=False)
class Course:
    """Readings y at times t (h) with weights. Numbers are (top, plateau, log half-time, lag over half-time), or with
    `by_rate` (top, plateau, log rate, lag); `top` is held where it is not NaN, and no lag is fitted unless `lagged`."""

    t: Floats
    y: Floats
    weights: Floats
    lagged: bool
    top: float
    by_rate: bool = False

    @property
    def free(self) -> NDArray[np.bool_]:
        """Which of the four are fitted."""
        return np.array([math.isnan(self.top), True, True, self.lagged])

    @property
    def limits(self) -> tuple[Floats, Floats]:
        """The range in which each is followed."""
        first, last = float(self.t[self.t > 0].min()), float(self.t.max())
        ends = np.log([FASTEST * first, SLOWEST * last])
        if self.by_rate:
            ends, latest = (math.log(LOG2) - ends)[::-1], last
        else:
            latest = LATEST
        return np.array([-np.inf, -np.inf, ends[0], 0.0]), np.array([np.inf, np.inf, ends[1], latest])

    def share(self, numbers: Floats) -> Floats:
        """(problems, n): the part of the way still to go."""
        speed, lag = np.exp(numbers[:, TIME, None]), numbers[:, LAG, None]
        if not self.by_rate:
            lag = lag * speed
            speed = LOG2 / (speed - lag)
        return np.asarray(np.exp(-speed * np.maximum(self.t - lag, 0.0)))

    def levels(self, numbers: Floats) -> Floats:
        """(problems, n): the readings without their scatter."""
        left = self.share(numbers)
        return np.asarray(numbers[:, TOP, None] * left + numbers[:, PLATEAU, None] * (1 - left))

    def solved(self, start: Floats, free: NDArray[np.bool_]) -> tuple[Floats, Floats]:
        """Numbers (problems, 4) and sums of squares, from `start` (problems, 4), of which `free` may move.

        Readings and levels are taken in the width of the readings, so that counts and shares take the same way.
        """
        low, high = (end[free] for end in self.limits)
        width = float(np.ptp(self.y)) or 1.0
        scale = np.array([width, width, 1.0, 1.0])
        begin = start / scale

        def predict(moving: Floats, rows: NDArray[np.intp]) -> Floats:
            whole = begin[rows].copy()
            whole[:, free] = moving
            return self.levels(whole)

        y = np.broadcast_to(self.y / width, (len(start), self.y.size))
        found = least_squares(predict, begin[:, free], y, self.weights, low=low, high=high)
        out = begin.copy()
        out[:, free] = found.numbers
        return out * scale, found.squares * width**2

    def start(self) -> Floats:
        """(1, 4): the best of a grid of half-times and lags, top and plateau solved for at each."""
        low, high = self.limits
        times = np.linspace(low[TIME], high[TIME], GRID)
        lags = np.linspace(0, LATEST, GRID_LAGS) if self.lagged else np.zeros(1)
        grid = np.array([[0.0, 0.0, time, lag] for time in times for lag in lags])
        left = self.share(grid)
        w, gone = self.weights, 1 - left
        a, b, c = (left**2 @ w, (left * gone) @ w, gone**2 @ w)
        p, q = left @ (w * self.y), gone @ (w * self.y)
        with np.errstate(divide="ignore", invalid="ignore"):
            if math.isnan(self.top):
                det = a * c - b * b
                grid[:, TOP], grid[:, PLATEAU] = (p * c - q * b) / det, (q * a - p * b) / det
            else:
                grid[:, TOP], grid[:, PLATEAU] = self.top, (q - b * self.top) / c
            grid = grid[np.isfinite(grid).all(axis=1)]
            squares = (self.levels(grid) - self.y) ** 2 @ w
        return np.asarray(grid[int(np.argmin(squares))][None])


@dataclass(frozen=True, eq=False)
class Decay:
    """The fit of one course. `numbers` are (top, plateau, log half-time, lag over half-time); times are in h.

    `floor` is the standard error of a level that was subtracted from all readings, such as a plate's blanks, and its
    degrees of freedom."""

    name: str
    course: Course = field(repr=False)
    numbers: Floats
    RSS: float
    level: float
    floor: tuple[float, int] = (0.0, 0)

    @property
    def count(self) -> int:
        """How many readings were fitted."""
        return int(self.course.y.size)

    @property
    def df(self) -> int:
        """Readings less parameters."""
        return self.count - int(self.course.free.sum())

    @property
    def residual_SE(self) -> float:
        """Of a reading of weight 1; NaN where there are as many parameters as readings."""
        return math.sqrt(self.RSS / self.df) if self.df > 0 else math.nan

    @cached_property
    def p_change(self) -> float:
        """The chance (F test) that readings of one level, or of the held top, look as much like a change."""
        from scipy.stats import f

        c = self.course
        level = np.average(c.y, weights=c.weights) if math.isnan(c.top) else c.top
        gained, more = float(c.weights @ (c.y - level) ** 2) - self.RSS, 2 + c.lagged
        if self.df < 1:
            return math.nan
        return float(f.sf(gained / more * self.df / self.RSS, more, self.df)) if self.RSS > 0 else 0.0

    @cached_property
    def flags(self) -> tuple[str, ...]:
        """What keeps the half-time from being a number, or from being believed."""
        return (*self._unknown, *self._misfit)

    @cached_property
    def _misfit(self) -> tuple[str, ...]:
        """Whether the means of the times stray from the curve by more than their replicates scatter (F test, 1 %)."""
        c = self.course
        found = lack_of_fit(c.t, c.y, c.weights, self.RSS, int(c.free.sum()))
        if not found.p < STRAYS:
            return ()
        return ("the times do not follow the curve" + ("" if c.lagged else "; perhaps there is a lag"),)

    @cached_property
    def _unknown(self) -> tuple[str, ...]:
        half, t = float(np.exp(self.numbers[TIME])), self.course.t
        if not self.p_change < SURE:
            return ("no change in time",)
        if half > t.max():
            return (f"half of the way is done only after the last time, {t.max():g} h",)
        if half < t[t > 0].min():
            return (f"half of the way is done before the first time, {t[t > 0].min():g} h",)
        return ()

    @property
    def half_time(self) -> Estimate:
        """Time (h) at which half of the way to the plateau is done, lag included."""
        return self._timed(math.exp(self.numbers[TIME]), self._ends(TIME), "h", later=True)

    @property
    def rate(self) -> Estimate:
        """k (1/h), once the lag is over."""
        return self._timed(self._speed, self._ends(TIME, by_rate=True), "1/h", later=False)

    @property
    def lag(self) -> Estimate:
        """Time (h) before anything changes; 0 where none was fitted."""
        if not self.course.lagged:
            return Estimate(0.0, "h", method="not fitted")
        if self._unknown:
            return Estimate(math.nan, "h", method=self._method, note=self._unknown[0], level=self.level)
        low, high = self._ends(LAG, by_rate=True)
        return self._estimate(float(self.numbers[LAG]) * math.exp(self.numbers[TIME]), max(low, 0.0), high, "h")

    @property
    def plateau(self) -> Estimate:
        """The level in the end; its interval is open where it was not approached, and holds the floor's error."""
        if self._unknown == ("no change in time",):
            return Estimate(math.nan, method=self._method, note=self._unknown[0], level=self.level)
        value, (low, high) = float(self.numbers[PLATEAU]), self._ends(PLATEAU)
        if self.floor[0] and self.df > 0:
            t = student(self.level, self.df)
            low, high = (value + sign * widened(abs(end - value) / t, self.df, *self.floor, self.level)
                         for sign, end in ((-1, low), (1, high)))  # fmt: skip
        return self._estimate(value, low, high)

    @property
    def top(self) -> Estimate:
        """The level at the start."""
        if not math.isnan(self.course.top):
            return Estimate(self.course.top, method="held")
        return self._estimate(float(self.numbers[TOP]), *self._ends(TOP))

    @property
    def depth(self) -> Estimate:
        """1 - plateau / top: Dmax of this concentration. The errors of plateau and top are added as independent."""
        plateau, top = self.plateau, self.top
        part = plateau.value / top.value
        tops = [0.0 if math.isnan(end) else part * (end / top.value - 1) for end in (top.low, top.high)]
        low = 1 - part - math.hypot((plateau.high - plateau.value) / top.value, tops[0])
        high = 1 - part + math.hypot((plateau.value - plateau.low) / top.value, tops[1])
        return replace(plateau, value=1 - part, low=low, high=high)

    def predict(self, t: ArrayLike) -> Floats:
        """The fitted level at times (h)."""
        times = np.atleast_1d(np.asarray(t, dtype=np.float64))
        return np.asarray(replace(self.course, t=times).levels(self.numbers[None])[0])

    def table(self) -> pd.DataFrame:
        """One row a parameter: value, low, high, unit, note."""
        import pandas as pd

        names = ("half_time", "rate", "lag", "plateau", "top", "depth")
        found = [(name, getattr(self, name)) for name in names]
        return pd.DataFrame([{"parameter": n, "value": e.value, "low": e.low, "high": e.high, "unit": e.unit,
                              "note": e.note} for n, e in found])  # fmt: skip

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        head = f"{self.name}: " if self.name else ""
        lag = f", lag {self.lag}" if self.course.lagged else ""
        if self._unknown:
            return f"{head}{self._unknown[0]}; half-time in {self.half_time.low:.3g}-{self.half_time.high:.3g} h"
        said = "".join(f"; {flag}" for flag in self._misfit)
        return f"{head}half-time {self.half_time}, rate {self.rate}{lag}, plateau {self.plateau}{said}"

    @property
    def _method(self) -> str:
        return f"profile of the sum of squares, {self.df} degrees of freedom"

    @property
    def _speed(self) -> float:
        return LOG2 / (math.exp(self.numbers[TIME]) * (1 - float(self.numbers[LAG])))

    def _estimate(self, value: float, low: float, high: float, unit: str = "1") -> Estimate:
        return Estimate(value, unit, low, high, level=self.level, method=self._method)

    def _timed(self, value: float, ends: tuple[float, float], unit: str, *, later: bool) -> Estimate:
        """A half-time or a rate, from the logarithms of its ends; bounded on one side where it is not a number."""
        low, high = (math.exp(min(end, 700.0)) if math.isfinite(end) else max(0.0, end) for end in ends)
        if not self._unknown:
            return self._estimate(value, low, high, unit)
        if "after" in self._unknown[0]:
            low, high = (low, math.inf) if later else (0.0, high)
        elif "before" in self._unknown[0]:
            low, high = (0.0, high) if later else (low, math.inf)
        else:
            low, high = math.nan, math.nan
        return Estimate(math.nan, unit, low, high, level=self.level, method=self._method, note=self._unknown[0])

    def _ends(self, which: int, *, by_rate: bool = False) -> tuple[float, float]:
        """The two ends of the profile of one number; infinite where the sum of squares never rises enough."""
        if self.df < 1:
            return math.nan, math.nan
        course = replace(self.course, by_rate=by_rate)
        numbers = self.numbers.copy()
        if by_rate:
            numbers[TIME], numbers[LAG] = math.log(self._speed), numbers[LAG] * math.exp(numbers[TIME])
        far = student(self.level, self.df) ** 2 * self.RSS / self.df
        if not far > 0:
            return float(numbers[which]), float(numbers[which])
        width = max(_standard_error(course, numbers, which, self.RSS / self.df), 1e-9)
        return tuple(_end(course, numbers, which, sign, width, self.RSS + far) for sign in (-1, 1))  # type: ignore[return-value]


def decay(
    t: ArrayLike,
    y: ArrayLike,
    *,
    lag: bool = False,
    top: float | None = None,
    weights: ArrayLike | str | None = None,
    level: float = 0.95,
    name: str = "",
) -> Decay:
    """The least-squares course of readings y (n) at times t (n, h, 0 or above); NaN in y is missing.

    `lag` fits a time before which nothing changes; `top` holds the level at the start (1 of readings over untreated
    wells). `weights` are numbers, or "variance": an additive and a proportional error, estimated. Raises InputError
    for times that are not numbers above 0, or fewer times than the curve has parameters.

    >>> found = decay([0, 1, 2, 4, 8, 24], [1.0, 0.62, 0.41, 0.22, 0.12, 0.1])
    >>> print(f"{found.rate.value:.2f} {found.plateau.value:.2f}")
    0.54 0.11
    """
    times, values = (np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in (t, y))
    if times.shape != values.shape or times.ndim != 1:
        raise InputError("a time and a reading belong together", where=name, found=f"{times.size} and {values.size}")
    if not 0 < level < 1:
        raise InputError("a level lies between 0 and 1", found=str(level), example="0.95")
    if isinstance(weights, str) and weights != "variance":
        raise InputError("unknown weights of a time course", found=weights, example="variance")
    there = ~np.isnan(values)
    bad = there & ~(np.isfinite(times) & (times >= 0) & np.isfinite(values))
    if bad.any():
        raise InputError("times are hours, not below 0, and readings are numbers", where=name,
                         found=f"{values[bad][0]:g} at {times[bad][0]:g} h")  # fmt: skip
    if isinstance(weights, str) or weights is None:
        given = np.ones(times.size)
    else:
        given = np.broadcast_to(np.asarray(weights, dtype=np.float64), times.shape)
        if not (np.isfinite(given).all() and (given >= 0).all() and given.any()):
            raise InputError("weights are numbers not below 0, not all 0", where=name)
    held = math.nan if top is None else float(top)
    course = Course(times[there], values[there], np.array(given[there]), lag, held)
    different, needed = np.unique(course.t), int(course.free.sum())
    if different.size < needed + math.isfinite(held) or not (different > 0).any():
        raise InputError("too few times for a course", where=name, found=f"{different.size} times",
                         expected=f"readings at {needed + math.isfinite(held)} times or more")  # fmt: skip
    numbers, squares = course.solved(course.start(), course.free)
    if isinstance(weights, str):
        course, numbers, squares = _reweighted(course, numbers, squares)
    return Decay(name, course, numbers[0], float(squares[0]), level)


def _reweighted(course: Course, numbers: Floats, squares: Floats) -> tuple[Course, Floats, Floats]:
    """Weights of the variance that the residuals show, and the curve of these weights, until both stay."""
    for _ in range(TURNS):
        fitted = course.levels(numbers)[0]
        course = replace(course, weights=1 / variance(fitted, course.y - fitted))
        before, (numbers, squares) = numbers, course.solved(numbers, course.free)
        if np.abs(numbers - before).max() < STILL * (1 + np.abs(numbers).max()):
            break
    return course, numbers, squares


def _standard_error(course: Course, numbers: Floats, which: int, per_df: float) -> float:
    """By the curvature, as a first guess of how far an end is."""
    slopes = []
    for k in np.flatnonzero(course.free):
        step = np.zeros(4)
        step[k] = 1e-5 * max(1.0, abs(numbers[k]))
        up, down = course.levels(np.stack([numbers + step, numbers - step]))
        slopes.append((up - down) / (2 * step[k]) * np.sqrt(course.weights))
    jacobian = np.stack(slopes, axis=1)
    spread = np.linalg.pinv(jacobian.T @ jacobian) * per_df
    place = int(course.free[:which].sum())
    return float(np.sqrt(max(spread[place, place], 0.0)))


def _end(course: Course, numbers: Floats, which: int, sign: int, width: float, most: float) -> float:
    """Where the least sum of squares with one number held reaches `most`, on one side of the estimate."""
    free = course.free.copy()
    free[which] = False
    low, high = course.limits
    edge = float((low if sign < 0 else high)[which])
    near, reach = float(numbers[which]), 4 * width
    for _ in range(DOUBLINGS):
        far = near + sign * reach
        far = max(far, edge) if sign < 0 else min(far, edge)
        held = np.linspace(near, far, HELD)
        start = np.repeat(numbers[None], HELD, axis=0)
        start[:, which] = held
        above = np.flatnonzero(course.solved(start, free)[1] > most)
        if above.size:
            break
        if far == edge:
            return sign * math.inf
        near, reach = far, 4 * reach
    else:
        return sign * math.inf
    for _ in range(ZOOMS):
        k = int(above[0])
        held = np.linspace(held[max(k - 1, 0)], held[k], HELD)
        start = np.repeat(numbers[None], HELD, axis=0)
        start[:, which] = held
        above = np.flatnonzero(course.solved(start, free)[1] > most)
        if not above.size:
            return float(held[-1])
    return float(held[int(above[0])])
