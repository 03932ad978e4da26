"""Restricted mean survival time: the area under a survival curve up to a time tau, and differences of it.

    RMST(tau) = integral of S from 0 to tau
    var       = sum over event times t <= tau of (area from t to tau)^2 d / (n (n - d))          Klein and
    Moeschberger 2003

The difference of two arms needs no proportional hazards (Royston and Parmar 2013). The variance is that of the
estimate, as in R (survRM2, `survfit` with rmean); lifelines' `restricted_mean_survival_time` returns, under the name
of variance, that of the times themselves, which is not it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.survival import LEVEL, Curve, Survival

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class RestrictedMean:
    """Mean time without event up to `tau`, by arm: `means` and their `variances`."""

    means: Mapping[str, float]
    variances: Mapping[str, float]
    tau: float
    unit: str = "1"
    level: float = LEVEL

    def __getitem__(self, arm: str) -> Estimate:
        return self._estimate(self.means[arm], self.variances[arm], f"restricted mean to {self.tau:g}")

    def difference(self, one: str, other: str) -> Estimate:
        """Mean of arm `one` less that of `other`. Raises InputError for an unknown arm."""
        for arm in (one, other):
            if arm not in self.means:
                raise InputError("there is no such arm", found=arm, expected=", ".join(self.means))
        variance = self.variances[one] + self.variances[other]
        return self._estimate(self.means[one] - self.means[other], variance, f"difference to {self.tau:g}")

    def p(self, one: str, other: str) -> float:
        """Two-sided p of the difference."""
        error = math.sqrt(self.variances[one] + self.variances[other])
        return math.erfc(abs(self.difference(one, other).value) / error / math.sqrt(2)) if error else math.nan

    def _estimate(self, value: float, variance: float, method: str) -> Estimate:
        from statistics import NormalDist

        half = NormalDist().inv_cdf((1 + self.level) / 2) * math.sqrt(variance)
        return Estimate(value, self.unit, value - half, value + half, self.level, method)

    def table(self) -> pd.DataFrame:
        """One row per arm: mean, error, low, high."""
        import pandas as pd

        rows = [{"arm": arm, "tau": self.tau, "mean": one.value, "error": math.sqrt(self.variances[arm]),
                 "low": one.low, "high": one.high} for arm in self.means for one in [self[arm]]]  # fmt: skip
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        return "\n".join(f"{arm}: {self[arm]} of {self.tau:g}" for arm in self.means)


def restricted_mean(survival: Survival, tau: float | None = None) -> RestrictedMean:
    """The restricted mean of every arm up to `tau` (default: the last time that all curves know).

    Raises InputError for a `tau` that is no number above 0, or beyond the last time of an arm whose curve has not come
    down to 0: what lies there was not seen.

    >>> from cereblon.statistics.survival import kaplan_meier
    >>> print(restricted_mean(kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1], unit="d"), 4)["all"])
    2.5 d (1.4-3.6)
    """
    known = {arm: math.inf if c.survival[-1] == 0 else float(c.times[-1]) for arm, c in survival.curves.items()}
    if tau is None:
        tau = min(min(known.values()), max(float(c.times[-1]) for c in survival.curves.values()))
    if not (math.isfinite(tau) and tau > 0):
        raise InputError("a restricted mean needs a time above 0", where="tau", found=str(tau), example="12")
    short = [arm for arm, last in known.items() if tau > last]
    if short:
        raise InputError(
            "beyond what was seen", where=f"tau, arm {short[0]}", found=f"{tau:g}",
            expected=f"at most {known[short[0]]:g}, the last time of this arm",
        )  # fmt: skip
    areas = {arm: _area(curve, tau) for arm, curve in survival.curves.items()}
    return RestrictedMean({arm: a for arm, (a, _) in areas.items()}, {arm: v for arm, (_, v) in areas.items()}, tau,
                          survival.unit, survival.level)  # fmt: skip


def _area(curve: Curve, tau: float) -> tuple[float, float]:
    """Area to tau and its variance."""
    inside = curve.times <= tau
    times, S = curve.times[inside], curve.survival[inside]
    widths = np.diff(np.append(times, tau))
    areas = S * widths
    rest = np.cumsum(areas[::-1])[::-1]  # from each time on
    d, n = curve.events[inside], curve.at_risk[inside]
    terms = np.divide(d, n * (n - d), out=np.zeros_like(d), where=n > d)
    return float(areas.sum()), float((rest**2 * terms).sum())
