"""Intervals of a proportion: Clopper-Pearson, Wilson, Jeffreys.

    Clopper-Pearson   low = Beta(a; y, n - y + 1), high = Beta(1 - a; y + 1, n - y)        exact: never covers less
    Wilson            the p for which |y/n - p| = z sqrt(p (1 - p) / n)                    covers `level` on average
    Jeffreys          quantiles of Beta(y + 1/2, n - y + 1/2); 0 if y = 0, 1 if y = n

`a` is (1 - level)/2 on each side, or 1 - level on one: a lower bound (`side="lower"`) has 1 above it, an upper bound
0 below.
Sources: Clopper and Pearson 1934; Wilson 1927; Brown, Cai and DasGupta 2001.
"""

from __future__ import annotations

import math

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate

SIDES = ("both", "lower", "upper")


def clopper_pearson(events: int, n: int, level: float = 0.95, side: str = "both") -> Estimate:
    """The exact interval; InputError unless 0 <= events <= n, n > 0, 0 < level < 1.

    >>> print(clopper_pearson(41, 101))
    0.406 (0.309-0.508)
    """
    from scipy.special import betaincinv

    tail = _tail(events, n, level, side)
    low = 0.0 if events == 0 or side == "upper" else float(betaincinv(events, n - events + 1, tail))
    high = 1.0 if events == n or side == "lower" else float(betaincinv(events + 1, n - events, 1 - tail))
    return Estimate(events / n, "1", low, high, level, _method("Clopper-Pearson", side))


def wilson(events: int, n: int, level: float = 0.95, side: str = "both") -> Estimate:
    """The score interval, without correction for continuity; errors as in `clopper_pearson`.

    >>> print(wilson(41, 101))
    0.406 (0.315-0.503)
    """
    from scipy.stats import norm

    z = float(norm.ppf(1 - _tail(events, n, level, side)))
    share = events / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = 0.0 if events == 0 or side == "upper" else centre - half
    high = 1.0 if events == n or side == "lower" else centre + half
    return Estimate(share, "1", low, high, level, _method("Wilson", side))


def jeffreys(events: int, n: int, level: float = 0.95, side: str = "both") -> Estimate:
    """The equal-tailed interval of Jeffreys' prior; errors as in `clopper_pearson`.

    >>> print(jeffreys(41, 101))
    0.406 (0.314-0.503)
    """
    from scipy.special import betaincinv

    tail = _tail(events, n, level, side)
    low = 0.0 if events == 0 or side == "upper" else float(betaincinv(events + 0.5, n - events + 0.5, tail))
    high = 1.0 if events == n or side == "lower" else float(betaincinv(events + 0.5, n - events + 0.5, 1 - tail))
    return Estimate(events / n, "1", low, high, level, _method("Jeffreys", side))


def newcombe(events: tuple[int, int], n: tuple[int, int], level: float = 0.95) -> Estimate:
    """Difference of two shares, the second less the first, with the hybrid score interval (Newcombe 1998, method 10).

    Errors as in `clopper_pearson`.

    >>> print(newcombe((48, 56), (80, 70)))
    0.2 (0.0524-0.334)
    """
    first, second = (wilson(e, size, level) for e, size in zip(events, n, strict=True))
    gap = second.value - first.value
    low = gap - math.hypot(second.value - second.low, first.high - first.value)
    high = gap + math.hypot(second.high - second.value, first.value - first.low)
    return Estimate(gap, "1", low, high, level, "Newcombe")


def _method(name: str, side: str) -> str:
    return name if side == "both" else f"{name}, {side} bound"


def _tail(events: int, n: int, level: float, side: str) -> float:
    """The probability left outside on a side that has a bound."""
    whole = all(float(x).is_integer() for x in (events, n) if math.isfinite(x)) and math.isfinite(events + n)
    if not (whole and n > 0 and 0 <= events <= n):
        raise InputError("events are a whole number from 0 to n", found=f"{events} of {n}", example="41 of 101")
    if not 0 < level < 1:
        raise InputError("a level lies between 0 and 1", found=str(level), example="0.95")
    if side not in SIDES:
        raise InputError("an interval has both bounds or one", found=str(side), expected=", ".join(SIDES))
    return (1 - level) / 2 if side == "both" else 1 - level
