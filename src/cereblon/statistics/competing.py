"""Competing risks: how many have had an event of one cause by a time, when another may come first.

    F_k(t) = sum over times s <= t of S(s-) d_k / n                                  Aalen and Johansen 1978
    S      = survival from any cause;  the F_k and S sum to 1

One minus Kaplan-Meier with the other causes censored overstates F_k. The variance is that of Aalen (1978), in the
form of Marubini and Valsecchi (1995); intervals on the scale log(-log F). R's `cmprsk::cuminc` agrees. lifelines'
AalenJohansenFitter moves tied times apart at random; nothing is moved here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.survival import LEVEL, Floats

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Incidence:
    """Cumulative incidence of every cause: `incidence` and `variance` cause -> one number per row of `times`.

    The rows are time 0 and every time at which an event or a censoring fell; `at_risk` is just before.
    """

    times: Floats
    at_risk: Floats
    events: Mapping[str, Floats] = field(repr=False)
    censored: Floats = field(repr=False)
    survival: Floats = field(repr=False)
    incidence: Mapping[str, Floats] = field(repr=False)
    variance: Mapping[str, Floats] = field(repr=False)
    unit: str = "1"
    level: float = LEVEL

    def at(self, time: float, cause: str) -> Estimate:
        """Incidence of a cause by `time`. Raises InputError for an unknown cause or a time that was not reached."""
        if cause not in self.incidence:
            raise InputError("there is no such cause", found=cause, expected=", ".join(self.incidence))
        if not 0 <= time <= self.times[-1]:
            raise InputError("not within what was seen", found=f"{time:g}", expected=f"0 to {self.times[-1]:g}")
        row = int(np.searchsorted(self.times, time, side="right")) - 1
        low, high = (float(end[row]) for end in self.interval(cause))
        return Estimate(float(self.incidence[cause][row]), "1", low, high, self.level, "Aalen-Johansen")

    def interval(self, cause: str) -> tuple[Floats, Floats]:
        """Lower and upper bound of a cause's incidence at every row."""
        from statistics import NormalDist

        F, error = self.incidence[cause], np.sqrt(self.variance[cause])
        z = NormalDist().inv_cdf((1 + self.level) / 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            width = z * error / (F * np.abs(np.log(F)))
            low, high = F ** np.exp(width), F ** np.exp(-width)
        fixed = (F == 0) | (F == 1)
        return np.where(fixed, F, low), np.where(fixed, F, high)

    def table(self) -> pd.DataFrame:
        """One row per cause and time: at_risk, events, censored, incidence, low, high."""
        import pandas as pd

        parts = []
        for cause, F in self.incidence.items():
            low, high = self.interval(cause)
            parts.append(pd.DataFrame({"cause": cause, "time": self.times, "at_risk": self.at_risk,
                                       "events": self.events[cause], "censored": self.censored, "incidence": F,
                                       "low": low, "high": high}))  # fmt: skip
        return pd.concat(parts, ignore_index=True)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        end = float(self.times[-1])
        return "\n".join(f"{c}: {self.at(end, c)} by {end:g} {self.unit}".removesuffix(" 1") for c in self.incidence)


def competing_risks(
    times: ArrayLike, causes: Iterable[Any], *, unit: str = "1", level: float = LEVEL
) -> Incidence:
    """Cumulative incidence. `times` (subjects,) from 0 up; `causes` a name per subject, "" or None where none was seen.

    Raises InputError for negative or missing times, arrays of different lengths, no subject, no event.

    >>> print(competing_risks([1, 2, 3, 4], ["relapse", "death", "", "relapse"]))
    relapse: 0.75 (0.128-0.961) by 4
    death: 0.25 (0.00895-0.665) by 4
    """
    t = np.asarray(times, np.float64)
    names = ["" if c is None else str(c).strip() for c in causes]
    if t.ndim != 1 or not t.size or len(names) != t.size:
        raise InputError("a cause for every time", found=f"{len(names)} causes for times of shape {t.shape}")
    wrong = np.flatnonzero(~(np.isfinite(t) & (t >= 0)))
    if wrong.size:
        raise InputError("a time is a number from 0 up", where=f"subject {wrong[0] + 1}", found=f"{t[wrong[0]]:g}")
    if not 0 < level < 1:
        raise InputError("a level lies between 0 and 1", where="level", found=str(level), example="0.95")
    kinds = [c for c in dict.fromkeys(names) if c]
    if not kinds:
        raise InputError("no event of any cause", where="causes", found=f"{t.size} censored subjects")
    of = np.array(names)
    moments = np.unique(np.append(0.0, t))
    at_risk = np.array([(t >= m).sum() for m in moments], np.float64)
    events = {c: np.array([((t == m) & (of == c)).sum() for m in moments], np.float64) for c in kinds}
    censored = np.array([((t == m) & (of == "")).sum() for m in moments], np.float64)
    d = np.sum(list(events.values()), axis=0)
    survival = np.cumprod(1 - d / at_risk)
    before = np.append(1.0, survival[:-1])
    incidence = {c: np.cumsum(before * e / at_risk) for c, e in events.items()}
    variance = {c: _variance(incidence[c], e, d, at_risk, before) for c, e in events.items()}
    return Incidence(moments, at_risk, events, censored, survival, incidence, variance, unit, level)


def _variance(F: Floats, own: Floats, d: Floats, n: Floats, before: Floats) -> Floats:
    """Variance of F at every row, summed over the rows up to it."""
    greenwood = np.divide(d, n * (n - d), out=np.zeros_like(d), where=n > d)
    out: NDArray[np.float64] = np.empty_like(F)
    for row in range(F.size):
        ahead = F[row] - F[: row + 1]
        e, m, S = own[: row + 1], n[: row + 1], before[: row + 1]
        out[row] = float(
            np.sum(ahead**2 * greenwood[: row + 1] + S**2 * (m - e) * e / m**3 - 2 * ahead * S * e / m**2)
        )
    return np.maximum(out, 0.0)
