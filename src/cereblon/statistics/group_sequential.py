"""Group-sequential tests: how often a trial may look, and what each look may spend.

The score B(t) after a share t of the information is a Brownian motion with drift: increments between looks are
independent, N(drift (t_k - t_{k-1}), t_k - t_{k-1}), and the statistic of look k is Z_k = B(t_k)/sqrt(t_k). The density
of B among trials still going is carried from look to look by quadrature (Armitage, McPherson and Rowe 1969; Jennison
and Turnbull 2000, ch. 19).

    O'Brien-Fleming       |Z_k| >= c / sqrt(t_k)          Pocock           |Z_k| >= c
    spent by t (Lan and DeMets 1983), of a one-sided level a:
    obrien-fleming        2 (1 - Phi(z_{a/2} / sqrt t))    pocock           a ln(1 + (e - 1) t)
    power rho             a t^rho
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cereblon.ground.errors import InputError

Floats = NDArray[np.float64]

SHAPES = ("obrien-fleming", "pocock", "obrien-fleming-spending", "pocock-spending", "power-spending")
FAR = 8.0  # standard deviations: nothing beyond
NOTHING = 1e-15  # a level too small to give: no boundary
PER_SD = 6  # nodes per standard deviation of an increment
ORDER = 64  # nodes come in multiples of it


@dataclass(frozen=True)
class Boundaries:
    """Looks at shares `information`, the statistic `z` that stops, the level spent by then (on the upper side)."""

    information: tuple[float, ...]
    z: tuple[float, ...]
    spent: tuple[float, ...]
    alpha: float
    sides: int
    shape: str

    def crossing(self, drift: float) -> tuple[float, ...]:
        """The probability to stop first at each look, at the upper boundary, if B(1) has this mean."""
        return tuple(_crossings(self.information, self.z, drift, self.sides))

    def drift(self, power: float) -> float:
        """The mean of B(1) at which the trial is positive with probability `power`. Raises InputError."""
        from scipy.optimize import brentq

        if not self.alpha < power < 1:
            raise InputError("power lies between alpha and 1", where="power", found=str(power), example="0.9")
        return float(brentq(lambda drift: sum(self.crossing(drift)) - power, 0.0, 20.0, xtol=1e-10))

    def inflation(self, power: float) -> float:
        """How much more information the trial needs at most than one without looks (Jennison and Turnbull's R)."""
        from scipy.stats import norm

        fixed = norm.ppf(1 - self.alpha) + norm.ppf(power)
        return float((self.drift(power) / fixed) ** 2)


def boundaries(
    information: Sequence[float], alpha: float = 0.025, shape: str = "obrien-fleming-spending", sides: int = 1,
    rho: float = 3.0,
) -> Boundaries:  # fmt: skip
    """The boundaries for looks at these shares of the information, the last of which is 1. Raises InputError.

    `alpha` is the level of the upper side. With `sides` 2 a mirror boundary stops for harm as well. `rho`: of
    power-spending.

    >>> [round(z, 4) for z in boundaries([1 / 3, 2 / 3, 1]).z]
    [3.7103, 2.5114, 1.993]
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    shares = tuple(float(t) for t in information)
    good = all(0 < t <= 1 for t in shares) and all(b > a + 1e-3 for a, b in pairwise(shares))
    if not shares or not good or abs(shares[-1] - 1) > 1e-12:
        raise InputError("looks are shares of the information that rise to 1", where="looks", found=str(list(shares)),
                         example="0.5, 0.75, 1")  # fmt: skip
    if not 0 < alpha < 0.5:
        raise InputError("a level lies between 0 and 0.5", where="alpha", found=str(alpha), example="0.025")
    if shape not in SHAPES:
        raise InputError("unknown boundary", where="shape", found=str(shape), expected=", ".join(SHAPES))
    if sides not in (1, 2):
        raise InputError("a test has one side or two", where="sides", found=str(sides), expected="1 or 2")
    if not rho > 0:
        raise InputError("the power of a spending function lies above 0", where="rho", found=str(rho), example="3")
    t = np.array(shares)
    if not shape.endswith("spending"):
        form = 1 / np.sqrt(t) if shape == "obrien-fleming" else np.ones_like(t)
        constant = float(brentq(lambda c: sum(_crossings(shares, tuple(c * form), 0.0, sides)) - alpha, 0.5, 8.0,
                                xtol=1e-10))  # fmt: skip
        z = tuple(float(x) for x in constant * form)
        return Boundaries(shares, z, tuple(np.cumsum(_crossings(shares, z, 0.0, sides)).tolist()), alpha, sides, shape)
    spending: dict[str, Callable[[float], float]] = {
        "obrien-fleming-spending": lambda s: 2 * float(norm.sf(norm.isf(alpha / 2) / math.sqrt(s))),
        "pocock-spending": lambda s: alpha * math.log(1 + (math.e - 1) * s),
        "power-spending": lambda s: alpha * s**rho,
    }
    spent = [spending[shape](s) for s in shares]
    found: list[float] = []
    walk = _Walk(sides)
    for k, s in enumerate(shares):
        may = spent[k] - (spent[k - 1] if k else 0.0)
        top = FAR * math.sqrt(s)
        b = math.inf
        if may > NOTHING:
            b = float(brentq(lambda b, s=s, may=may: walk.crosses(s, b) - may, -top, top, xtol=1e-12))
        found.append(b / math.sqrt(s))
        walk.go_on(s, b)
    return Boundaries(shares, tuple(found), tuple(spent), alpha, sides, shape)


class _Walk:
    """The density of B among trials still going, on the nodes of the last look."""

    def __init__(self, sides: int, drift: float = 0.0) -> None:
        self.sides, self.drift, self.t = sides, drift, 0.0
        self.nodes, self.mass = np.zeros(1), np.ones(1)

    def crosses(self, t: float, b: float) -> float:
        """The probability to be at or above `b` at `t`."""
        from scipy.special import ndtr

        step = t - self.t
        return float(ndtr((self.nodes + self.drift * step - b) / math.sqrt(step)) @ self.mass)

    def go_on(self, t: float, b: float) -> None:
        """Carry the density to `t`, below `b` (and above -b where there are two sides)."""
        step = t - self.t
        low = max(-b if self.sides == 2 else -math.inf, min(self.drift * t, 0.0) - FAR * math.sqrt(t))
        high = min(b, max(self.drift * t, 0.0) + FAR * math.sqrt(t))
        x, w = _rule(ORDER * math.ceil(max(PER_SD * (high - low) / math.sqrt(step), 1) / ORDER))
        nodes = (low + high) / 2 + x * (high - low) / 2
        apart = (nodes[:, None] - self.nodes - self.drift * step) / math.sqrt(step)
        density = np.exp(-(apart**2) / 2) @ self.mass / math.sqrt(2 * math.pi * step)
        self.nodes, self.mass, self.t = nodes, density * w * (high - low) / 2, t


@lru_cache(maxsize=64)
def _rule(order: int) -> tuple[Floats, Floats]:
    """Nodes and weights of Gauss and Legendre on (-1, 1)."""
    x, w = np.polynomial.legendre.leggauss(order)
    return x, w


def _crossings(information: Sequence[float], z: Sequence[float], drift: float, sides: int) -> list[float]:
    """The probability to cross the upper boundary first at each look."""
    walk, out = _Walk(sides, drift), []
    for t, bound in zip(information, z, strict=True):
        b = bound * math.sqrt(t)
        out.append(walk.crosses(t, b))
        walk.go_on(t, b)
    return out
