"""A share with a beta prior: posterior, and what the rest of a trial will probably show.

    p ~ Beta(a, b),  y of n  ->  p | y ~ Beta(a + y, b + n - y)
    of m more i respond with probability  C(m, i) B(a + y + i, b + n - y + m - i) / B(a + y, b + n - y)
    predictive probability = sum of those over every i after which Pr(p > p0 | all) > certainty   (Lee and Liu 2008)
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate

Floats = NDArray[np.float64]
Prior = tuple[float, float]
UNIFORM: Prior = (1.0, 1.0)


def posterior(events: int, n: int, prior: Prior = UNIFORM, level: float = 0.95) -> Estimate:
    """Posterior mean with its equal-tailed interval. Raises InputError.

    >>> print(posterior(41, 101))
    0.408 (0.315-0.504)
    """
    from scipy.stats import beta

    a, b = _shape(events, n, prior)
    if not 0 < level < 1:
        raise InputError("a level lies between 0 and 1", found=str(level), example="0.95")
    low, high = (float(beta.ppf(q, a, b)) for q in ((1 - level) / 2, (1 + level) / 2))
    return Estimate(a / (a + b), "1", low, high, level, f"Beta({a:g}, {b:g})")


def probability_above(p0: float, events: int, n: int, prior: Prior = UNIFORM) -> float:
    """Pr(p > p0 | events of n). Raises InputError.

    >>> round(probability_above(0.3, 3, 3), 4)
    0.9919
    """
    from scipy.special import betainc

    a, b = _shape(events, n, prior)
    return float(betainc(b, a, 1 - _share(p0)))


def predictive(
    events: int, n: int, planned: int, p0: float, certainty: float = 0.95, prior: Prior = UNIFORM
) -> float:
    """The probability, seen from `events` of `n`, that all `planned` will show Pr(p > p0) > certainty.

    Raises InputError when fewer are planned than treated.

    >>> round(predictive(16, 23, 40, 0.6, 0.9, (0.6, 0.4)), 4)  # Lee and Liu 2008
    0.5656
    """
    from scipy.special import betainc, betaln, gammaln

    a, b = _shape(events, n, prior)
    if not n <= planned:
        raise InputError("fewer are planned than were treated", found=f"{planned} after {n}", example="40 after 23")
    _share(p0), _share(certainty)
    m = planned - n
    i = np.arange(m + 1)
    ways = gammaln(m + 1) - gammaln(i + 1) - gammaln(m - i + 1)
    chance = np.exp(ways + betaln(a + i, b + m - i) - betaln(a, b))
    shown = betainc(b + m - i, a + i, 1 - p0) > certainty
    return min(1.0, float(chance[shown].sum()))


def _shape(events: int, n: int, prior: Prior) -> Prior:
    if not (math.isfinite(events + n) and float(events).is_integer() and float(n).is_integer() and 0 <= events <= n):
        raise InputError("events are a whole number from 0 to n", found=f"{events} of {n}", example="41 of 101")
    a, b = prior
    if not (0 < a < math.inf and 0 < b < math.inf):
        raise InputError("both numbers of a beta prior lie above 0", found=f"{a}, {b}", example="1, 1")
    return a + events, b + n - events


def _share(p: float) -> float:
    if not 0 < p < 1:
        raise InputError("a share lies between 0 and 1", found=str(p), example="0.3")
    return p
