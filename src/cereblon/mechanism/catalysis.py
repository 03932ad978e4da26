"""The law of a catalytic glue: depth, potency and speed are three views of one number, rho.

    S/S0 = 1 / (1 + rho occupancy)     rho = k_cat CRBN c / (k_deg Kd_S)     c = K_c / (1 + K_c)

Linear regime (complexes small beside cereblon and substrate, `degradation` has the full model). Then

    Dmax = rho / (1 + rho)      DC50 (half effect) = Kd / (1 + rho)      Dmax = 1 - DC50 / Kd
    approach at saturation: k_deg (1 + rho)

Only with the affinity known do the three separate. Before steady state a DC50 lies higher: each carries its
time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.mechanism.binding import closed_fraction, occupancy
from cereblon.mechanism.equilibrium import Floats, floats, rising_root


def rho(k_cat: ArrayLike, CRBN: ArrayLike, k_deg: ArrayLike, Kd_S: ArrayLike, K_c: ArrayLike = np.inf) -> Floats:
    """Catalysed over basal loss under a saturating glue (dimensionless)."""
    return floats(k_cat) * floats(CRBN) * closed_fraction(K_c) / (floats(k_deg) * floats(Kd_S))


def Dmax(rho: ArrayLike) -> Floats:
    """Deepest loss at steady state, 0 to 1.

    >>> round(float(Dmax(7.54)), 4)
    0.8829
    """
    return floats(rho) / (1 + floats(rho))


def DC50_half_effect(Kd: ArrayLike, rho: ArrayLike) -> Floats:
    """Free glue at half of Dmax (unit of `Kd`), steady state."""
    return floats(Kd) / (1 + floats(rho))


def steady_linear(glue: ArrayLike, Kd: ArrayLike, rho: ArrayLike) -> Floats:
    """S/S0 at steady state."""
    return 1 / (1 + floats(rho) * occupancy(glue, Kd))


def course_linear(times: ArrayLike, glue: ArrayLike, Kd: ArrayLike, rho: ArrayLike, k_deg: ArrayLike) -> Floats:
    """S/S0 at `times` after a constant free glue arrives; the arguments broadcast against each other."""
    return _level(floats(times) * floats(k_deg), floats(rho) * occupancy(glue, Kd))


def approach_rate(k_deg: ArrayLike, rho: ArrayLike) -> Floats:
    """Rate at which a saturating glue brings the substrate to its floor (unit of `k_deg`)."""
    return floats(k_deg) * (1 + floats(rho))


def half_time(k_deg: ArrayLike, rho: ArrayLike) -> Floats:
    """Time to half of that fall (inverse unit of `k_deg`)."""
    return np.log(2) / approach_rate(k_deg, rho)


def DC50(Kd: ArrayLike, rho: ArrayLike, turnovers: ArrayLike = np.inf, level: ArrayLike = 1 / 2) -> Floats:
    """Free glue at which S/S0 = `level` (unit of `Kd`) after `turnovers` = k_deg x time; infinite: steady
    state.

    The loss that must be catalysed, r = rho x occupancy, depends on level and turnovers alone; the glue only
    on r / rho. Infinite where rho < r: no concentration gets there in that time.

    >>> round(float(DC50(157, 7.54)), 1)
    24.0
    """
    Kd, strength, need = floats(Kd), floats(rho), needed_loss(turnovers, level)
    with np.errstate(divide="ignore"):
        return np.where(strength > need, Kd * need / np.maximum(strength - need, 0), np.inf)[()]


def needed_loss(turnovers: ArrayLike = np.inf, level: ArrayLike = 1 / 2) -> Floats:
    """Catalysed over basal loss that brings S/S0 to `level` after `turnovers` = k_deg x time.

    1/level - 1 at steady state. Earlier it is more, but less than that plus 1 / (level x turnovers), because
    exp(-y) < 1/y; the root lies between the two.
    """
    turnovers, level = np.broadcast_arrays(floats(turnovers), floats(level))
    steady = 1 / level - 1
    finite = np.isfinite(turnovers)
    x = np.where(finite, turnovers, 1)
    most = steady + 1 / (level * x)

    def lacking(r: Floats) -> Floats:
        return level - _level(x, r)

    return np.where(finite, rising_root(lacking, steady, most), steady)[()]


def _level(turnovers: Floats, r: Floats) -> Floats:
    floor = 1 / (1 + r)
    return floor + (1 - floor) * np.exp(-turnovers * (1 + r))


@dataclass(frozen=True)
class Potency:
    """What one glue has against one substrate: the arguments of the decomposition, named as the records name
    them.

    `Kd` apparent affinity · `K_c` closing · `Kd_S` recruitment (unit of `Kd`) · `k_cat`, `k_deg` turnover
    (1/h) · `CRBN` (unit of `Kd_S`).
    """

    Kd: float
    K_c: float
    Kd_S: float
    k_cat: float
    k_deg: float
    CRBN: float

    @property
    def rho(self) -> float:
        """Catalysed over basal loss at saturation."""
        return float(rho(self.k_cat, self.CRBN, self.k_deg, self.Kd_S, self.K_c))


@dataclass(frozen=True)
class Decomposition:
    """How many times more potent one glue is than another, and by what: the product of the factors is the
    ratio.

    Each factor is a ratio of DC50 (reference over glue; above 1 it makes the glue the stronger one).
    `remainder` is what the linear law misses (cereblon or substrate used up, kinetics): 1 when only the law
    is asked.
    """

    affinity: float
    closing: float
    recruitment: float
    turnover: float
    remainder: float = 1

    @property
    def linear(self) -> float:
        """Ratio of the two DC50 under the linear law."""
        return self.affinity * self.closing * self.recruitment * self.turnover

    @property
    def ratio(self) -> float:
        """Ratio of the two DC50, remainder included."""
        return self.linear * self.remainder

    @property
    def factors(self) -> dict[str, float]:
        """The factors by name, in the order of the pathway."""
        return {
            "affinity": self.affinity,
            "closing": self.closing,
            "recruitment": self.recruitment,
            "turnover": self.turnover,
            "remainder": self.remainder,
        }

    def __str__(self) -> str:
        product = " x ".join(f"{name} {value:.3g}" for name, value in self.factors.items())
        return f"{self.ratio:.3g} times as potent = {product}"


def decompose(
    glue: Potency,
    reference: Potency,
    *,
    turnovers: float = np.inf,
    level: float | None = None,
    full: float | None = None,
) -> Decomposition:
    """The ratio DC50(reference) / DC50(glue), split over affinity x closing x recruitment x turnover,
    exactly.

    `level=None` takes the half-effect DC50 = Kd / (1 + rho); a number takes the DC50 at which S/S0 = level,
    after `turnovers` = k_deg x time. DC50 falls with Kd outright, with rho through f(rho) = 1 + rho, or rho -
    needed loss. The ratio of f is shared over the factors of rho in proportion to their logarithms (the
    logarithmic-mean weight of Ang 2004), so no order of replacement has to be chosen and nothing is left
    over. `full` is the same ratio from a fuller model; what it has beyond the law is the remainder.
    InputError where one of the two never reaches the level.
    """
    shift = -1 if level is None else float(needed_loss(turnovers, level))
    a, b = max(glue.rho - shift, 0), max(reference.rho - shift, 0)
    if a <= 0 or b <= 0:
        raise InputError(
            "no DC50 to compare: the level is out of reach", found=f"rho {glue.rho:g} and {reference.rho:g}"
        )
    parts = {
        "closing": float(closed_fraction(glue.K_c) / closed_fraction(reference.K_c)),
        "recruitment": reference.Kd_S / glue.Kd_S,
        "turnover": glue.k_cat * glue.CRBN * reference.k_deg / (reference.k_cat * reference.CRBN * glue.k_deg),
    }
    spread = np.log(glue.rho / reference.rho)
    weight = np.log(a / b) / spread if abs(spread) > np.sqrt(np.finfo(float).eps) else glue.rho / a
    split = Decomposition(
        affinity=reference.Kd / glue.Kd, **{name: float(value**weight) for name, value in parts.items()}
    )
    if full is None:
        return split
    return Decomposition(**{**split.factors, "remainder": full / split.linear})
