"""Shapes of a dose-response curve, in the logarithm of the concentration, with their derivatives.

    f(x) = bottom + (top - bottom) g(z)         z = d h (log x - log EC50) + z_half       d = +1 rises, -1 falls

    logistic     g = (1 + exp(-z))^-s           s = 1 is the symmetric one (2PL, 3PL, 4PL), s free the 5PL
    weibull1     g = exp(-exp(-z))              close to the top for long, then steep (R package drc: W1)
    weibull2     g = 1 - exp(-exp(z))           steep first, then slow to the bottom (W2)

z_half is where g = 1/2, so that EC50 is the concentration of half the effect in every shape (in drc it is so in the
symmetric one alone; `location` gives its parameter e). The Hill coefficient h is positive for curves that rise and
that fall; drc's b is h for a curve that falls and -h for one that rises (for W2 the other way round). Fitted are
bottom, top, log EC50, log h and log s. A concentration of 0 is exact: the curve's asymptote on that side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cereblon.ground.errors import InputError

Floats = NDArray[np.float64]

PARAMETERS = ("bottom", "top", "log_EC50", "log_hill", "log_asymmetry")
BOTTOM, TOP, LOG_EC50, LOG_HILL, LOG_ASYMMETRY = range(5)
FAR = 700.0  # exp of it is about the largest that a float holds
ZERO = -1e7  # the logarithm of a concentration of 0: so low that every curve is on its plateau there


def logarithms(x: Floats) -> Floats:
    """log x, `ZERO` where x is 0."""
    out = np.full(x.shape, ZERO)
    return np.log(x, out=out, where=x > 0)


@dataclass(frozen=True)
class Shape:
    """A family of curves and those of its parameters that are held: `fixed` name -> value in its natural form."""

    name: str
    family: str
    fixed: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fixed", MappingProxyType(dict(self.fixed)))

    def share(self, z: Floats, log_s: float, asymmetric: bool = True) -> tuple[Floats, Floats, Floats]:
        """g and its derivatives by z and by log s (0 unless `asymmetric`)."""
        if self.family == "weibull1":
            inner = np.exp(np.clip(-z, -FAR, FAR))
            g = np.exp(-inner)
            return g, g * inner, np.zeros_like(g)
        if self.family == "weibull2":
            inner = np.exp(np.clip(z, -FAR, FAR))
            return -np.expm1(-inner), inner * np.exp(-inner), np.zeros_like(z)
        if not asymmetric and log_s == 0:
            g = 1 / (1 + np.exp(np.clip(-z, -FAR, FAR)))
            return g, g * (1 - g), np.zeros_like(z)
        s = math.exp(log_s)
        log_g = -s * np.logaddexp(0.0, -z)
        g = np.exp(log_g)
        return g, s * g * np.exp(-np.logaddexp(0.0, z)), g * log_g

    def level(self, g: float, log_s: float) -> tuple[float, float]:
        """z at which the share is g (0 < g < 1), and its derivative by log s."""
        if self.family == "weibull1":
            return -math.log(-math.log(g)), 0.0
        if self.family == "weibull2":
            return math.log(-math.log1p(-g)), 0.0
        s = math.exp(log_s)
        power = -math.log(g) / s  # g^(-1/s) = e^power
        return -math.log(math.expm1(power)), power / -math.expm1(-power)

    def curve(self, u: Floats, theta: Floats, direction: int, asymmetric: bool = True) -> tuple[Floats, Floats]:
        """f (n) and its derivatives (n, 5) at log concentrations u (`ZERO` for a concentration of 0)."""
        bottom, top, log_EC50, log_h, log_s = theta.tolist()
        half, half_by_s = self.level(0.5, log_s)
        slope = direction * math.exp(log_h)
        away = u - log_EC50
        g, by_z, by_s = self.share(slope * away + half, log_s, asymmetric)
        span = top - bottom
        out = np.empty((u.size, 5))
        out[:, BOTTOM], out[:, TOP] = 1 - g, g
        by_z = (slope * span) * by_z
        out[:, LOG_EC50] = -by_z
        out[:, LOG_HILL] = by_z * away
        out[:, LOG_ASYMMETRY] = span * by_s + by_z * (half_by_s / slope)
        return bottom + span * g, out

    def log_concentration(self, g: float, theta: Floats, direction: int) -> tuple[float, Floats]:
        """log x at which the share of the way from bottom to top is g, and its derivatives by the five parameters."""
        log_EC50, log_h, log_s = theta[LOG_EC50], theta[LOG_HILL], theta[LOG_ASYMMETRY]
        half, half_by_s = self.level(0.5, log_s)
        z, z_by_s = self.level(g, log_s)
        slope = direction * math.exp(log_h)
        gradient = np.zeros(5)
        gradient[LOG_EC50] = 1.0
        gradient[LOG_HILL] = -(z - half) / slope
        gradient[LOG_ASYMMETRY] = (z_by_s - half_by_s) / slope
        return float(log_EC50 + (z - half) / slope), gradient

    def log_location(self, theta: Floats, direction: int) -> tuple[float, Floats]:
        """log of drc's parameter e, where z + z_half = 0, and its derivatives by the five parameters."""
        half, half_by_s = self.level(0.5, theta[LOG_ASYMMETRY])
        slope = direction * math.exp(theta[LOG_HILL])
        gradient = np.zeros(5)
        gradient[LOG_EC50] = 1.0
        gradient[LOG_HILL] = half / slope
        gradient[LOG_ASYMMETRY] = -half_by_s / slope
        return float(theta[LOG_EC50] - half / slope), gradient


_SHAPES = {
    "2PL": Shape("2PL", "logistic", {"bottom": 0.0, "top": 1.0, "asymmetry": 1.0}),
    "3PL": Shape("3PL", "logistic", {"bottom": 0.0, "asymmetry": 1.0}),
    "4PL": Shape("4PL", "logistic", {"asymmetry": 1.0}),
    "5PL": Shape("5PL", "logistic"),
    "weibull1": Shape("weibull1", "weibull1", {"asymmetry": 1.0}),
    "weibull2": Shape("weibull2", "weibull2", {"asymmetry": 1.0}),
}
_ALIASES = {
    "LL.2": ("2PL", {}), "LL.3": ("3PL", {}), "LL.4": ("4PL", {}), "LL.5": ("5PL", {}),
    "LL.3U": ("4PL", {"top": 1.0}), "W1.4": ("weibull1", {}), "W2.4": ("weibull2", {}),
    "W1.3": ("weibull1", {"bottom": 0.0}), "W2.3": ("weibull2", {"bottom": 0.0}),
    "W1.2": ("weibull1", {"bottom": 0.0, "top": 1.0}), "W2.2": ("weibull2", {"bottom": 0.0, "top": 1.0}),
}  # fmt: skip
"""Names of the R package drc."""

NATURAL = ("bottom", "top", "EC50", "hill", "asymmetry")
"""The parameters as a reader knows them, in the order of PARAMETERS."""


def shape(model: str, fixed: Mapping[str, float] | None = None) -> Shape:
    """The shape of a name: 2PL (0 to 1), 3PL (bottom 0), 4PL, 5PL, weibull1, weibull2, or drc's name of it (LL.4).

    `fixed` holds further parameters: {"hill": 1}. Raises InputError for an unknown name or parameter, or a held
    parameter that is not finite, or not above 0 where it has a logarithm.
    """
    folded = str(model).upper()
    name, also = _ALIASES.get(folded, (folded.lower() if folded.startswith("W") else folded, {}))
    if name not in _SHAPES:
        raise InputError("no curve has this name", where="model", found=str(model),
                         expected=f"one of {', '.join(_SHAPES)}, or drc's {', '.join(_ALIASES)}",
                         example="4PL")  # fmt: skip
    held = dict(_SHAPES[name].fixed) | also
    for parameter, value in (fixed or {}).items():
        if parameter not in NATURAL:
            raise InputError("a curve has no such parameter", where="fixed", found=str(parameter),
                             expected=", ".join(NATURAL))  # fmt: skip
        if not math.isfinite(value) or (parameter not in ("bottom", "top") and value <= 0):
            raise InputError("a held parameter is a number, above 0 for EC50, hill and asymmetry", where="fixed",
                             found=f"{parameter} = {value}", example='fixed={"hill": 1}')  # fmt: skip
        held[parameter] = float(value)
    if len(held) >= len(NATURAL):
        raise InputError("every parameter is held, so nothing is left to fit", found=", ".join(held))
    return Shape(_SHAPES[name].name, _SHAPES[name].family, held)
