"""Intervals of least-squares parameters: by the curvature (delta method) and by the profile of the sum of squares.

    delta      estimate +- t s sqrt(diagonal of the inverse of half the Hessian)
    profile    all values v with  (RSS(v) - RSS) / s^2 <= t^2,  RSS(v) the least with the parameter held at v

t is Student's quantile with the residual degrees of freedom (Bates and Watts 1988, chapter 6). The profile keeps its
coverage where a plateau is hardly seen, and is open on a side where the sum of squares never rises enough.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from cereblon.statistics.problem import COARSE, Problem, Solution, solve
from cereblon.statistics.shape import BOTTOM, LOG_EC50, LOG_HILL, TOP, Floats

DETERMINED = 1e-12  # eigenvalue over the largest, below which a direction is not determined
STEP = 1e-5
CLOSE = 1e-6  # of t, at which a profile's limit is found
LONGEST = 0.5  # first step: of a logarithm, or of the width of the readings
STEEP = 3.0  # a height above which the line to it says little
MOST = 60


def covariance(problem: Problem, solution: Solution) -> tuple[Floats, Floats]:
    """Inverses of half the Hessian of the sum of squares: the observed one, as in R's drc, and the expected one, J'J.

    The observed adds the curvature of the curve times the residuals; where it is not positive (at the edge of what is
    followed) the expected stands in for it. Infinite on the diagonal for what is not determined.
    """
    jacobian = solution.jacobian
    if not jacobian.shape[1]:
        return np.zeros((0, 0)), np.zeros((0, 0))
    norms = np.linalg.norm(jacobian, axis=0)
    scale = np.where(norms > 0, norms, 1.0)
    expected = jacobian.T @ jacobian / np.outer(scale, scale)
    observed = _observed(problem, solution.theta, scale) / np.outer(scale, scale)
    if not np.linalg.eigvalsh(observed)[0] > DETERMINED:
        observed = expected
    return _inverse(observed, scale, norms == 0), _inverse(expected, scale, norms == 0)


def _inverse(information: Floats, scale: Floats, lost: NDArray[np.bool_]) -> Floats:
    values, vectors = np.linalg.eigh(information)
    kept = values > DETERMINED * values[-1]
    out: Floats = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T / np.outer(scale, scale)
    gone = lost | (np.abs(vectors[:, ~kept]) > 1e-3).any(axis=1)
    out[gone, gone] = np.inf
    return out


def _observed(problem: Problem, theta: Floats, scale: Floats) -> Floats:
    """Half the Hessian of the sum of squares, by central differences of its exact gradient."""
    out = np.empty((theta.size, theta.size))
    for k in range(theta.size):
        step = np.zeros(theta.size)
        step[k] = STEP * min(1.0, 1 / scale[k])
        (up, by_up), (down, by_down) = problem.at(theta + step), problem.at(theta - step)
        out[k] = (up @ by_up - down @ by_down) / (2 * step[k])
    return (out + out.T) / 2


def student(level: float, df: float) -> float:
    """The two-sided quantile of Student's t."""
    from scipy.stats import t

    return float(t.ppf((1 + level) / 2, df))


def widened(error: float, df: float, other: float, other_df: float, level: float) -> float:
    """Half the interval of a number with two independent errors, each known with its own degrees of freedom
    (Satterthwaite 1946)."""
    both = math.hypot(error, other)
    if not both > 0 or not math.isfinite(both):
        return both
    return student(level, both**4 / (error**4 / df + (other**4 / other_df if other else 0.0))) * both


def profile(
    problem: Problem, solution: Solution, parameter: int, width: float, far: float
) -> tuple[float, float]:
    """The two ends of the profile interval of one parameter, infinite where it is open.

    `far` is t^2 s^2, by how much the sum of squares may rise; `width` a first guess of the distance to an end.
    """
    if not far > 0:
        at = float(solution.theta[parameter])
        return at, at
    ends = [_end(problem, solution, parameter, sign, width, far) for sign in (-1, 1)]
    return ends[0], ends[1]


def _end(problem: Problem, solution: Solution, parameter: int, sign: int, width: float, far: float) -> float:
    """The end on one side: where the root of (RSS(v) - RSS) / far reaches 1."""
    least, most = problem.limits
    edge = float((least if sign < 0 else most)[parameter])
    estimate = float(solution.theta[parameter])
    # (value, the other parameters there) of points inside the interval, the last two: the way is followed from them,
    # as a fit far outside may end in another valley
    inside = [(estimate, np.delete(solution.theta, parameter))] * 2

    def height(value: float) -> float:
        (v0, t0), (v1, t1) = inside
        held = problem.holding(parameter, value)
        ahead = t1 if v1 == v0 else t1 + (t1 - t0) * min(max((value - v1) / (v1 - v0), -1.0), 1.0)
        found = solve(held, np.clip(ahead, *held.limits), COARSE)
        risen = found.RSS - solution.RSS
        if risen > far and v1 != v0:  # or the step ahead went wrong
            found = min(found, solve(held, t1, COARSE), key=lambda one: one.RSS)
        over = math.sqrt(max(found.RSS - solution.RSS, 0.0) / far) - 1
        if over <= 0:
            inside[:] = [inside[1], (value, found.theta)]
        return over

    inner, inner_height = estimate, -1.0
    step = min(width, LONGEST) if width > 0 else LONGEST
    outer = outer_height = math.nan
    for _ in range(MOST):
        outer = inner + sign * step
        if sign * (outer - edge) >= 0:
            outer = edge
        outer_height = height(outer)
        if outer_height >= 0:
            break
        if outer == edge:
            return sign * math.inf
        inner, inner_height, step = outer, outer_height, 2 * step
    else:
        return sign * math.inf
    end = _root(height, inner, inner_height, outer, outer_height)
    return sign * math.inf if _escapes(problem.holding(parameter, end), inside[1][1]) else end


def _escapes(problem: Problem, theta: Floats) -> bool:
    """Whether the curve would go on past the limits of the search: its EC50 or a plateau ever further out, or ever
    less steep."""
    low, high = problem.limits
    far, hills = problem.index[:, [BOTTOM, TOP, LOG_EC50]], problem.index[:, LOG_HILL]
    far, hills = far[far >= 0], hills[hills >= 0]
    edge = (theta[far] <= low[far]) | (theta[far] >= high[far])
    return bool(edge.any() or (theta[hills] <= low[hills]).any())


def _root(height: Callable[[float], float], a: float, at_a: float, b: float, at_b: float) -> float:
    """The zero between a and b by false position (Illinois); the height is all but straight there."""
    for _ in range(MOST):
        if at_b == 0 or abs(b - a) < 1e-12 * (1 + abs(b)):
            break
        c = b - at_b * (b - a) / (at_b - at_a) if max(at_a, at_b) < STEEP else (a + b) / 2
        at_c = height(c)
        if abs(at_c) < CLOSE:
            return float(c)
        if at_c * at_b < 0:
            a, at_a = b, at_b
        else:
            at_a /= 2
        b, at_b = c, at_c
    return float(b)
