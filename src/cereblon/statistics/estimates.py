"""A fitted dose-response curve: what it says of its parameters, and what may not be said."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.problem import HILLS, Problem, Solution
from cereblon.statistics.profile import profile, student, widened
from cereblon.statistics.residuals import Test, lack_of_fit
from cereblon.statistics.scale import Scale
from cereblon.statistics.shape import (
    BOTTOM,
    LOG_ASYMMETRY,
    LOG_EC50,
    LOG_HILL,
    NATURAL,
    PARAMETERS,
    TOP,
    Floats,
    Shape,
    logarithms,
)

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.05  # of the F test against a flat line, and of the one for lack of fit
CONSTANT = 1e-12  # a spread of the readings over their size, below which they are one number


@dataclass(frozen=True, eq=False)
class Fit:
    """One curve. `theta` are bottom, top, log EC50, log h, log s; `free` says which were fitted.

    x, y are the readings that were fitted, `outliers` the places (in what was given) of those that stand out, `floor`
    standard error and degrees of freedom of a level that was subtracted from all, such as a plate's blanks.
    """

    name: str
    shape: Shape
    unit: str
    level: float
    interval: str
    x: Floats
    y: Floats
    weights: Floats
    direction: int
    theta: Floats
    spread: Floats = field(repr=False)
    expected: Floats = field(repr=False)
    free: NDArray[np.bool_]
    group_RSS: float
    df: int
    outliers: NDArray[np.int64]
    scale: Scale = field(repr=False)
    problem: Problem = field(repr=False)
    solution: Solution = field(repr=False)
    place: int
    removed: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    notes: tuple[str, ...] = ()
    variance: float = math.nan
    floor: tuple[float, int] = (0.0, 0)

    def __post_init__(self) -> None:
        if math.isnan(self.variance) and self.df > 0:
            object.__setattr__(self, "variance", self.group_RSS / self.df)

    def with_variance(self, variance: float, df: int) -> Fit:
        """The same curve with a residual variance from elsewhere."""
        return replace(self, variance=variance, df=df)

    def without(self, removed: NDArray[np.int64]) -> Fit:
        """The same curve, told which readings were taken out before it was fitted."""
        what = f"{removed.size} outlier{'s' * (removed.size > 1)} removed"
        return replace(self, removed=removed, notes=(*self.notes, what))

    @property
    def model(self) -> str:
        """The name of its shape."""
        return self.shape.name

    @property
    def falls(self) -> bool:
        """Whether readings fall with the concentration."""
        return self.direction < 0

    def predict(self, x: ArrayLike) -> Floats:
        """The curve at concentrations x."""
        return self.shape.curve(_doses(x), self.theta, self.direction)[0]

    def band(self, x: ArrayLike) -> tuple[Floats, Floats]:
        """The pointwise interval of the curve at concentrations x (delta method)."""
        value, by = self.shape.curve(_doses(x), self.theta, self.direction)
        wide = np.array([self._t * self._error(row) for row in by])
        return value - wide, value + wide

    @cached_property
    def bottom(self) -> Estimate:
        """The lower plateau."""
        return self._linear(BOTTOM)

    @cached_property
    def top(self) -> Estimate:
        """The upper plateau."""
        return self._linear(TOP)

    @property
    def E0(self) -> Estimate:
        """The plateau without compound."""
        return self.top if self.falls else self.bottom

    @property
    def Einf(self) -> Estimate:
        """The plateau at the highest effect."""
        return self.bottom if self.falls else self.top

    @cached_property
    def Emax(self) -> Estimate:
        """The largest effect as a share of the reading without compound, |Einf / E0 - 1|; of a degrader its Dmax.

        A ratio, so the untreated wells that readings are put over do not move it; the floor does. Delta interval.
        """
        ends = (BOTTOM, TOP) if self.falls else (TOP, BOTTOM)
        last, first = (float(self.theta[column]) for column in ends)
        how = "effect at the far plateau over the reading without compound, delta"
        if self.no_effect or not first > 0:
            note = self.no_effect or "the reading without compound is not above 0"
            return Estimate(math.nan, level=self.level, method=how, note=note)
        ratio = last / first
        gradient = np.zeros(5)
        gradient[ends[0]], gradient[ends[1]] = 1 / first, -ratio / first
        moved = abs(1 - ratio) / first * self.floor[0]
        value = abs(ratio - 1)
        wide = widened(self._error(gradient), self.df, moved, self.floor[1], self.level) if self.df > 0 else math.nan
        return Estimate(value, low=value - wide, high=value + wide, level=self.level, method=how)

    @cached_property
    def hill(self) -> Estimate:
        """The Hill coefficient, positive whether the curve rises or falls; NaN for a step or a flat line."""
        return self._positive(LOG_HILL, "hill")

    @cached_property
    def asymmetry(self) -> Estimate:
        """s of the 5PL; drc's f."""
        return self._positive(LOG_ASYMMETRY, "asymmetry")

    @cached_property
    def EC50(self) -> Estimate:
        """Concentration of half the effect between the plateaus; NaN, with a bound, outside what was tested."""
        gradient = np.eye(5)[LOG_EC50]
        profiled = self.interval == "profile" and not self.no_effect  # without an effect there is no EC50 to bound
        low, high = self._ends(LOG_EC50) if profiled else (math.nan, math.nan)
        how = "half of the way between the plateaus"
        if not self.free[LOG_EC50]:
            return Estimate(math.exp(self.theta[LOG_EC50]), self.unit, level=self.level, method=how, note="held")
        return self._dose(float(self.theta[LOG_EC50]), gradient, how, (low, high))

    @cached_property
    def IC50(self) -> Estimate:
        """Concentration at which half of the untreated reading is left (a falling curve; readings over a true zero)."""
        if not self.falls:
            return Estimate(math.nan, self.unit, method="half of the untreated left", note="the curve rises")
        return self._absolute(self.theta[TOP] / 2, 0.5, "half of the untreated left")

    @cached_property
    def location(self) -> Estimate:
        """drc's parameter e: the EC50 of the symmetric shape, the inflection of the others."""
        value, gradient = self.shape.log_location(self.theta, self.direction)
        return self._dose(value, gradient, "location of the shape")

    def EC(self, per_cent: float) -> Estimate:
        """Concentration of some per cent of the effect: EC(10), EC(90). Raises InputError outside 0 to 100."""
        if not 0 < per_cent < 100:
            raise InputError("an effect lies between 0 and 100 per cent", found=f"{per_cent:g}", example="EC(90)")
        share = per_cent / 100
        value, gradient = self.shape.log_concentration(1 - share if self.falls else share, self.theta, self.direction)
        return self._dose(value, gradient, f"{per_cent:g} % of the way between the plateaus")

    def absolute(self, level: float) -> Estimate:
        """Concentration at which the curve reads `level`."""
        return self._absolute(level, 0.0, f"where the curve reads {level:.4g}")

    def SE(self, parameter: str, *, expected: bool = False) -> float:
        """Standard error (delta method) of bottom, top, EC50, hill, asymmetry or location; NaN where held or open.

        From the observed information, as R's drc has it; `expected` takes J'J, as R's nls and NIST do.
        """
        if parameter == "location":
            value, gradient = self.shape.log_location(self.theta, self.direction)
            return _finite(math.exp(value) * self._error(gradient, expected))
        if parameter not in NATURAL:
            raise InputError("a curve has no such parameter", found=parameter, expected=", ".join(NATURAL))
        column = NATURAL.index(parameter)
        if not self.free[column]:
            return math.nan
        factor = 1.0 if column in (BOTTOM, TOP) else math.exp(self.theta[column])
        return _finite(factor * self._error(np.eye(5)[column], expected))

    # how good it is

    @property
    def count(self) -> int:
        """The number of readings that were fitted."""
        return int(self.y.size)

    @cached_property
    def RSS(self) -> float:
        """The weighted residual sum of squares of this curve."""
        return float(self.weights @ (self.y - self.predict(self.x)) ** 2)

    @property
    def residual_SE(self) -> float:
        """Residual standard error, root of RSS / (n - p); of all curves together where they share or are pooled."""
        return math.sqrt(self.variance)

    @cached_property
    def log_likelihood(self) -> float:
        """Of normal errors, of all curves that were fitted together."""
        n, weights = self.problem.count, np.concatenate([p.root_w**2 for p in self.problem.pieces])
        if not self.group_RSS > 0:
            return math.inf
        of_weights = float(np.log(weights[weights > 0]).sum())
        return -n / 2 * (math.log(2 * math.pi * self.group_RSS / n) + 1) + of_weights / 2

    @property
    def AIC(self) -> float:
        """Akaike's criterion; the variance counts as a parameter, as in R."""
        return 2 * (self.problem.size + 1) - 2 * self.log_likelihood

    @cached_property
    def effect(self) -> Test:
        """The F test of this curve against a flat line."""
        mean = float(self.weights @ self.y / self.weights.sum())
        flat = float(self.weights @ (self.y - mean) ** 2)
        k = int(self.free.sum()) - 1
        gained = max(flat - self.RSS, 0.0)
        if k < 1 or math.isnan(self.variance):
            return Test(math.nan, k, self.df)
        return Test(gained / k / self.variance if self.variance > 0 else math.inf, k, self.df)

    @cached_property
    def lack_of_fit(self) -> Test:
        """The F test of the curve against the means of its replicates."""
        return lack_of_fit(self.x, self.y, self.weights, self.RSS, int(self.free.sum()))

    @cached_property
    def no_effect(self) -> str:
        """Why there is no effect to speak of, or ""."""
        if np.ptp(self.y) <= CONSTANT * np.abs(self.y).max(initial=0.0):
            return "no effect: the readings are constant"
        p = self.effect.p
        return f"no effect shown (F test against a flat line, p = {p:.2g})" if p >= ALPHA else ""

    @property
    def step(self) -> str:
        """Between which concentrations everything happens, or "": a curve steeper than the concentrations resolve."""
        if not self.free[LOG_HILL] or self.theta[LOG_HILL] < math.log(HILLS[1]) - 1e-6:
            return ""
        doses, EC50 = np.unique(self.x[self.x > 0]), math.exp(self.theta[LOG_EC50])
        below, above = doses[doses <= EC50], doses[doses > EC50]
        ends = f"{below[-1]:.4g}" if below.size else "0", f"{above[0]:.4g}" if above.size else "beyond"
        return f"all of the change lies between {ends[0]} and {ends[1]}"

    @cached_property
    def flags(self) -> tuple[str, ...]:
        """What a reader must know before using the numbers."""
        found = [self.EC50.note, self.step if not self.no_effect else ""]
        found += ["as many parameters as readings: no intervals"] if self.df < 1 else []
        if self.lack_of_fit.p < ALPHA and "constant" not in self.no_effect:
            found.append(f"the curve does not fit its replicates (p = {self.lack_of_fit.p:.2g})")
        if self.outliers.size:
            found.append(f"{self.outliers.size} outlier{'s' * (self.outliers.size > 1)}")
        return tuple(dict.fromkeys(note for note in (*found, *self.notes) if note))

    def table(self) -> pd.DataFrame:
        """One row a parameter: parameter, value, SE, low, high, unit, note."""
        import pandas as pd

        shown: dict[str, Estimate] = {"bottom": self.bottom, "top": self.top, "hill": self.hill, "EC50": self.EC50}
        if "asymmetry" not in self.shape.fixed:
            shown["asymmetry"] = self.asymmetry
        if self.shape.family != "logistic" or "asymmetry" in shown:
            shown["location"] = self.location
        shown |= {"IC50": self.IC50, "Emax": self.Emax}
        rows = [
            {"parameter": name, "value": e.value, "SE": math.nan if name in ("IC50", "Emax") else self.SE(name),
             "low": e.low, "high": e.high, "unit": e.unit, "note": e.note}
            for name, e in shown.items()
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def __str__(self) -> str:
        told = f"EC50 {self.EC50}, hill {self.hill}, bottom {self.bottom}, top {self.top}"
        extra = [flag for flag in self.flags if flag != self.EC50.note]
        head = f"{self.name}: " if self.name else ""
        return head + f"{self.model}, {self.count} readings: {told}" + "".join(f"; {flag}" for flag in extra)

    @property
    def _t(self) -> float:
        return student(self.level, self.df) if self.df > 0 else math.nan

    def _error(self, gradient: Floats, expected: bool = False) -> float:
        """Standard error of a function of the parameters; infinite where it hangs on one that is not determined."""
        used = (gradient != 0) & self.free
        if not used.any():
            return 0.0
        block = (self.expected if expected else self.spread)[np.ix_(used, used)]
        if np.isinf(np.diag(block)).any():
            return math.inf
        return math.sqrt(max(float(gradient[used] @ block @ gradient[used]) * self.variance, 0.0))

    def _ends(self, column: int) -> tuple[float, float]:
        """The interval of one of the five, logarithms as they are; NaN without degrees of freedom."""
        parameter = int(self.problem.index[self.place, column])
        if parameter < 0 or self.df < 1:
            return math.nan, math.nan
        error = self._error(np.eye(5)[column])
        if self.interval == "delta" or self.no_effect:  # no profile tells the plateaus of a flat line apart
            return self.theta[column] - self._t * error, self.theta[column] + self._t * error
        linear = column in (BOTTOM, TOP)
        width = self._t * error / (self.scale.width if linear else 1.0)
        far = self._t**2 * self.variance / self.scale.width**2
        ends = profile(self.problem, self.solution, parameter, width, far)
        shift = self.scale.natural(np.zeros(5))[column]
        low, high = (float(shift + e * (self.scale.width if linear else 1.0)) for e in ends)
        return low, high

    def _linear(self, column: int) -> Estimate:
        value, name = float(self.theta[column]), PARAMETERS[column]
        if not self.free[column]:
            return Estimate(value, level=self.level, method=name, note="held")
        low, high = self._ends(column)
        how = "delta" if self.no_effect else self.interval
        return Estimate(value, low=low, high=high, level=self.level, method=f"{name}, {how}")

    def _positive(self, column: int, name: str) -> Estimate:
        value = math.exp(self.theta[column])
        if not self.free[column]:
            return Estimate(value, level=self.level, method=name, note="held")
        if self.no_effect:
            return Estimate(math.nan, level=self.level, method=name, note="no effect")
        low, high = (_exp(e) for e in self._ends(column))
        if name == "hill" and self.step:
            return Estimate(math.nan, low=low, high=math.inf, level=self.level, method=name, note=self.step)
        return Estimate(value, low=low, high=high, level=self.level, method=f"{name}, {self.interval}")

    def _dose(
        self, log_value: float, gradient: Floats, how: str, ends: tuple[float, float] = (math.nan, math.nan)
    ) -> Estimate:
        """A concentration with its interval, or NaN with a bound where it lies outside what was tested."""
        if self.no_effect:
            return Estimate(math.nan, self.unit, level=self.level, method=how, note=self.no_effect)
        if math.isnan(ends[0]) and self.df > 0:
            error = self._error(gradient)
            ends = log_value - self._t * error, log_value + self._t * error
        low, high = (_exp(e) for e in ends)
        doses = self.x[self.x > 0]
        least, most = float(doses.min()), float(doses.max())
        name, method = f" {self.unit}".removesuffix(" 1"), f"{how}, {self.interval}"
        if log_value > math.log(most) + 1e-12:
            low = most if math.isnan(low) else min(low, most)
            high = math.inf if math.isnan(high) else high
            note = f"above {most:.4g}{name}: out of the tested range"
            return Estimate(math.nan, self.unit, low, high, self.level, method, note)
        if log_value < math.log(least) - 1e-12:
            low, high = 0.0 if math.isnan(low) else low, least if math.isnan(high) else max(high, least)
            note = f"below {least:.4g}{name}: out of the tested range"
            return Estimate(math.nan, self.unit, low, high, self.level, method, note)
        sides = {"lower": low == 0, "upper": math.isinf(high)}
        opened = " and no ".join(f"{side} bound" for side, missing in sides.items() if missing)
        note = f"no {opened} at {self.level:.0%}" if opened else ""
        return Estimate(math.exp(log_value), self.unit, low, high, self.level, method, note)

    def _absolute(self, level: float, by_top: float, how: str) -> Estimate:
        """Where the curve reads `level`, whose derivative by top is `by_top`."""
        bottom, top = float(self.theta[BOTTOM]), float(self.theta[TOP])
        span = top - bottom
        share = (level - bottom) / span if span != 0 else math.nan
        if self.no_effect:
            return Estimate(math.nan, self.unit, level=self.level, method=how, note=self.no_effect)
        doses = self.x[self.x > 0]
        if not 0 < share < 1:
            never = (share <= 0) == self.falls
            name = f" {self.unit}".removesuffix(" 1")
            start, end = (top, bottom) if self.falls else (bottom, top)
            if never:
                note = f"not reached: the curve ends at {end:.4g}; above {doses.max():.4g}{name}"
                return Estimate(math.nan, self.unit, float(doses.max()), math.inf, self.level, how, note)
            note = f"the curve starts past it, at {start:.4g}; below {doses.min():.4g}{name}"
            return Estimate(math.nan, self.unit, 0.0, float(doses.min()), self.level, how, note)
        value, gradient = self.shape.log_concentration(share, self.theta, self.direction)
        half_step = 1e-6 * min(share, 1 - share)
        at = self.shape.log_concentration
        up, down = (at(share + sign * half_step, self.theta, self.direction)[0] for sign in (1, -1))
        by_share = (up - down) / (2 * half_step)
        gradient[BOTTOM] = by_share * (share - 1) / span
        gradient[TOP] = by_share * (by_top - share) / span
        return self._dose(value, gradient, how)


def _doses(x: ArrayLike) -> Floats:
    return logarithms(np.atleast_1d(np.asarray(x, dtype=np.float64)))


def _exp(x: float) -> float:
    return math.exp(x) if x < 700 else math.inf if x >= 700 else x


def _finite(x: float) -> float:
    return x if math.isfinite(x) else math.nan
