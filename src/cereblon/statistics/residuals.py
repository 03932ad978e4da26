"""What residuals say: whether the curve fits its replicates, how they scatter, and which readings stand out.

    lack of fit    F = ((RSS - SS_within) / (doses - p)) / (SS_within / (n - doses))         Bates and Watts 1988
    variance       v = a^2 + b^2 f^2 of the fitted reading f, an additive and a proportional error, by the normal
                   likelihood of the residuals                                         Davidian and Carroll 1987
    outliers       a robust curve (Cauchy weights), residuals over their robust spread, Student's t,
                   and of the p-values those that a false discovery rate of 1 % lets through     Motulsky and Brown 2006

The robust spread is the 68th percentile of the absolute residuals times n / (n - p), and at least 0.7 of the residual
standard error, since a robust curve is drawn to the clusters of few readings. A percentile is known less well than a
standard deviation (the variance of its logarithm is p (1 - p) / (n f^2) = 0.925 / n for normal errors, beside 1 / 2n),
so Student's t has 0.54 of the degrees of freedom: without that 5 to 10 % of clean curves had an outlier.
The spread may grow with the reading, as it does on most plates: a line through the absolute residuals (Theil and
Sen's, so that outliers do not draw it), level where they do not grow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cereblon.statistics.problem import COARSE, Problem, Solution, solve
from cereblon.statistics.shape import Floats

RATE = 0.01
ROUNDS = 12
LEAST_DF = 3
ENOUGH = 12  # readings, below which neither of the two is looked at
LEAST_GROWTH = 0.3
SPREADS = 12.0  # logarithms of a^2 and b^2 over the mean square, after which one of the two is nothing
MOST_PAIRED = 300  # readings between which slopes are taken
PART = 0.7  # of the plain residual standard error
EFFICIENCY = 0.54  # of that percentile beside the standard deviation, for normal errors


@dataclass(frozen=True)
class Test:
    """An F test."""

    __test__ = False  # pytest: this is no test case

    F: float
    df1: int
    df2: int

    @property
    def p(self) -> float:
        """The chance of an F as large; NaN where there is no degree of freedom."""
        from scipy.stats import f

        return float(f.sf(self.F, self.df1, self.df2)) if self.df1 > 0 and self.df2 > 0 else math.nan


def lack_of_fit(x: Floats, y: Floats, w: Floats, RSS: float, p: int) -> Test:
    """The curve against a mean of its own for each concentration; NaN without replicates."""
    _, dose = np.unique(x, return_inverse=True)
    doses = int(dose.max()) + 1
    df1, df2 = doses - p, y.size - doses
    if df1 < 1 or df2 < 1:
        return Test(math.nan, max(df1, 0), max(df2, 0))
    mean = np.bincount(dose, w * y) / np.bincount(dose, w)
    within = float(w @ (y - mean[dose]) ** 2)
    top = max(RSS - within, 0.0) / df1
    return Test(math.inf if within == 0 else top * df2 / within, df1, df2)


def variance(fitted: Floats, residuals: Floats) -> Floats:
    """a^2 + b^2 f^2 for each reading, a and b of largest normal likelihood; the same everywhere where they say so."""
    from scipy.optimize import minimize

    level = float(np.mean(residuals**2))
    square = fitted**2 / max(float(np.mean(fitted**2)), 1e-300)
    if not level > 0 or np.ptp(square) < 1e-9:
        return np.ones_like(fitted)
    scaled = residuals**2 / level

    def likelihood(x: Floats) -> tuple[float, Floats]:
        a, b = np.exp(np.clip(x, -SPREADS, SPREADS))
        v = a + b * square
        by_v = (1 - scaled / v) / v
        return float(np.sum(np.log(v) + scaled / v)), np.array([a * by_v.sum(), b * (by_v * square).sum()])

    starts = ((0.0, -4.0), (-4.0, 0.0), (-0.7, -0.7))
    found = [minimize(likelihood, s, jac=True, method="BFGS", options={"gtol": 1e-9}) for s in starts]
    a, b = np.exp(np.clip(min(found, key=lambda one: float(one.fun)).x, -SPREADS, SPREADS))
    return np.asarray(a + b * square)


def outliers(problem: Problem, solution: Solution, zero: float, rate: float = RATE) -> NDArray[np.bool_]:
    """Which readings stand out of a robust curve, at this false discovery rate; none where too few are left over.

    `zero` is where a reading of 0 stands in the problem's own scale.
    """
    from scipy.stats import t

    df = problem.count - problem.size
    none = np.zeros(problem.count, dtype=bool)
    if df < LEAST_DF or not solution.RSS > 0:
        return none
    theta = solution.theta
    root_w = np.concatenate([piece.root_w for piece in problem.pieces])
    cuts = np.cumsum([piece.y.size for piece in problem.pieces])[:-1]
    residuals = problem.at(theta)[0]
    spread = _spread(residuals, df)
    for _ in range(ROUNDS):
        if not spread > 0:
            return none
        robust = root_w / np.sqrt(1 + (residuals / spread) ** 2)
        theta_now = solve(problem.weighted(np.split(robust, cuts)), theta, COARSE).theta
        done = np.abs(theta_now - theta).max() < 1e-6
        theta = theta_now
        residuals = problem.at(theta)[0]
        spread = _spread(residuals, df)
        if done:
            break
    if not spread > 1e-9:
        return none
    fitted = np.concatenate([p.y for p in problem.pieces]) + residuals / np.where(root_w > 0, root_w, np.inf)
    growth = _growth_of_spread(np.abs(fitted - zero), np.abs(residuals))
    residuals, plain = residuals / growth, problem.at(solution.theta)[0] / growth
    spread = _spread(residuals, df)
    if problem.count >= ENOUGH:
        spread = max(spread, PART * math.sqrt(float(plain @ plain) / df))
    p = 2 * t.sf(np.abs(residuals) / spread, EFFICIENCY * df)
    order = np.argsort(p, kind="stable")
    passed = np.flatnonzero(p[order] <= rate * np.arange(1, p.size + 1) / p.size)
    if passed.size:
        none[order[: passed[-1] + 1]] = True
    return none


def _spread(residuals: Floats, df: int) -> float:
    return float(np.quantile(np.abs(residuals), 0.6827) * residuals.size / df)


def _growth_of_spread(fitted: Floats, size: Floats) -> Floats:
    """By how much the residuals grow with the fitted reading: a robust line over its median, 1 where it is level."""
    if fitted.size < ENOUGH:
        return np.ones_like(fitted)
    some = np.argsort(fitted, kind="stable")[:: -(-fitted.size // MOST_PAIRED)]
    first, second = some[np.stack(np.triu_indices(some.size, 1))]
    across = fitted[second] - fitted[first]
    apart = np.abs(across) > 0.05 * np.ptp(fitted)
    if not apart.any():
        return np.ones_like(fitted)
    slope = max(float(np.median((size[second] - size[first])[apart] / across[apart])), 0.0)
    line = np.median(size - slope * fitted) + slope * fitted
    middle = float(np.median(line))
    return np.maximum(line / middle, LEAST_GROWTH) if middle > 0 else np.ones_like(fitted)
