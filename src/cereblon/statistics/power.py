"""How many subjects a group needs: a difference of growth rates, by Student's test on the subjects' own slopes.

    sd of a slope^2 = between^2 + residual^2 / sum (t - mean t)^2          of one subject measured at the times t
    power           = P(|T| > t_crit), T noncentral with d / (sd sqrt(2 / n)) on 2 (n - 1) degrees of freedom

The formula takes every subject to the end. The simulation does not: a subject whose size passes a limit is taken out
there, its slope rests on fewer times, and power is counted as it falls, with its binomial interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.growth import Floats
from cereblon.statistics.resampling import stream

if TYPE_CHECKING:
    import pandas as pd

LEAST, MOST = 2, 200


@dataclass(frozen=True)
class Design:
    """What a study looks like: `times` of measurement, `start` size, rates of control and treated, their spread.

    `between` (of rates between subjects), `residual` and `initial` (of log sizes, of a measurement and at the start)
    are standard deviations; `limit` is the size at which a subject is taken out, infinite for none.
    """

    times: tuple[float, ...]
    start: float
    control: float
    treated: float
    between: float
    residual: float
    initial: float = 0.0
    limit: float = math.inf

    def __post_init__(self) -> None:
        numbers = (self.start, self.between, self.residual, self.initial, self.limit)
        if any(not x >= 0 for x in numbers) or not self.start > 0 or not self.between + self.residual > 0:
            raise InputError("spreads are not negative, sizes above 0, and something varies", found=str(self))
        if len(set(self.times)) < 2:
            raise InputError("a slope needs two times", found=str(self.times))

    @property
    def slope_sd(self) -> float:
        """Standard deviation of one subject's slope, measured at all times."""
        t = np.asarray(self.times)
        return math.sqrt(self.between**2 + self.residual**2 / float(((t - t.mean()) ** 2).sum()))


@dataclass(frozen=True)
class Power:
    """Power by the number of subjects per group: `formula` and `simulated` (share of `studies` that found it)."""

    design: Design
    subjects: tuple[int, ...]
    formula: Floats
    simulated: tuple[Estimate, ...]
    alpha: float
    wanted: float
    studies: int

    @property
    def needed(self) -> Estimate:
        """Subjects per group for the wanted power, by the formula; NaN above 200."""
        d, sd = self.design.treated - self.design.control, self.design.slope_sd
        n = subjects_needed(d, sd, power=self.wanted, alpha=self.alpha)
        note = "" if n else f"more than {MOST}"
        method = f"{self.wanted:.0%} power, two-sided {self.alpha:g}"
        return Estimate(float(n) if n else math.nan, method=method, note=note)

    def table(self) -> pd.DataFrame:
        """One row per number of subjects: subjects, formula, simulated, low, high."""
        import pandas as pd

        rows = [
            {"subjects": n, "formula": float(f), "simulated": s.value, "low": s.low, "high": s.high}
            for n, f, s in zip(self.subjects, self.formula, self.simulated, strict=True)
        ]
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        d = self.design
        lines = [
            f"rates {d.control:.3g} and {d.treated:.3g} per day, slopes of subjects spread by {d.slope_sd:.2g}: "
            f"{self.needed} subjects per group for {self.wanted:.0%}"
        ]
        for n, formula, found in zip(self.subjects, self.formula, self.simulated, strict=True):
            simulated = f"{found.value:.0%} of {self.studies} simulated studies"
            lines.append(f"  n = {n}: {formula:.0%} by the formula, {simulated}")
        return "\n".join(lines)


def power_of_difference(difference: ArrayLike, sd: ArrayLike, n: ArrayLike, alpha: float = 0.05) -> Floats:
    """Power of a two-sided t test of two groups of `n` whose means differ by `difference`, each with spread `sd`.

    >>> round(float(power_of_difference(1, 1, 17)), 4)
    0.807
    """
    from scipy.stats import nct, t

    _check_alpha(alpha)
    size = np.asarray(n, np.float64)
    degrees = 2 * (size - 1)
    shift = np.abs(np.asarray(difference, np.float64)) / (np.asarray(sd, np.float64) * np.sqrt(2 / size))
    critical = t.ppf(1 - alpha / 2, degrees)
    return np.asarray(nct.sf(critical, degrees, shift) + nct.cdf(-critical, degrees, shift), np.float64)


def subjects_needed(difference: float, sd: float, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """Smallest group, up to 200, with at least that power; 0 if there is none.

    >>> subjects_needed(1, 1)
    17
    """
    sizes = np.arange(LEAST, MOST + 1)
    enough = np.flatnonzero(power_of_difference(difference, sd, sizes, alpha) >= power)
    return int(sizes[enough[0]]) if enough.size else 0


def power_of(
    design: Design,
    subjects: Sequence[int] = (4, 6, 8, 10, 12),
    *,
    studies: int = 500,
    seed: int = 1,
    alpha: float = 0.05,
    wanted: float = 0.8,
) -> Power:
    """Power of a design for several numbers of subjects per group, both ways.

    Raises InputError for fewer than two subjects, or studies and levels that are none.
    """
    _check_alpha(alpha)
    sizes = tuple(subjects)
    if not sizes or any(isinstance(n, bool) or not isinstance(n, int) or not LEAST <= n <= MOST for n in sizes):
        raise InputError(f"subjects per group are whole numbers from {LEAST} to {MOST}", found=str(subjects))
    if isinstance(studies, bool) or not isinstance(studies, int) or not 1 <= studies <= 100_000:
        raise InputError("studies are a whole number from 1 up", found=repr(studies), example="500")
    formula = power_of_difference(design.treated - design.control, design.slope_sd, np.array(sizes), alpha)
    simulated = tuple(_share(_found(design, n, studies, seed, alpha), studies) for n in sizes)
    return Power(design, sizes, formula, simulated, alpha, wanted, studies)


def _found(design: Design, n: int, studies: int, seed: int, alpha: float) -> int:
    """How many of the studies with `n` a group find a difference."""
    from scipy.stats import t as student

    control, treated = (
        _slopes(design, rate, stream(seed, f"power {group}"), n, studies)
        for group, rate in (("control", design.control), ("treated", design.treated))
    )
    counts, means, squares = [], [], []
    for slopes in (control, treated):
        there = np.isfinite(slopes)
        count = there.sum(axis=1)
        mean = np.where(there, slopes, 0.0).sum(axis=1) / np.maximum(count, 1)
        counts.append(count)
        means.append(mean)
        squares.append((np.where(there, slopes - mean[:, None], 0.0) ** 2).sum(axis=1))
    degrees = np.maximum(counts[0] + counts[1] - 2, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.sqrt((squares[0] + squares[1]) / degrees * (1 / counts[0] + 1 / counts[1]))
        statistic = np.abs(means[1] - means[0]) / error
    critical = student.ppf(1 - alpha / 2, degrees)
    return int(np.count_nonzero((np.minimum(counts[0], counts[1]) > 1) & (statistic > critical)))


def _slopes(design: Design, rate: float, draws: np.random.Generator, n: int, studies: int) -> Floats:
    """(studies, n) least-squares slopes; NaN for a subject that was gone after one measurement."""
    t = np.asarray(design.times)
    # as many numbers for the largest group as for this one: subject i of a study is the same for every n
    z = draws.standard_normal((studies, MOST, 2 + t.size))[:, :n]
    start = math.log(design.start) + design.initial * z[..., 0]
    seen = start[..., None] + (rate + design.between * z[..., 1])[..., None] * (t - t[0]) + design.residual * z[..., 2:]
    # gone after the first measurement at or above the limit
    over = np.logical_or.accumulate(seen >= math.log(design.limit), axis=-1)
    weight = np.ones_like(seen)
    weight[..., 1:] = ~over[..., :-1]
    count = weight.sum(axis=-1)
    apart = weight * (t - ((weight * t).sum(axis=-1) / count)[..., None])
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = (apart * seen).sum(axis=-1) / (apart * t).sum(axis=-1)
    return np.where(count > 1, slope, math.nan)


def _share(found: int, of: int) -> Estimate:
    """Share with its interval by Wilson (1927)."""
    from statistics import NormalDist

    z, p = NormalDist().inv_cdf(0.975), found / of
    middle = (p + z**2 / (2 * of)) / (1 + z**2 / of)
    width = z * math.sqrt(p * (1 - p) / of + z**2 / (4 * of**2)) / (1 + z**2 / of)
    return Estimate(p, "1", max(0.0, middle - width), min(1.0, middle + width), method=f"{found} of {of} studies")


def _check_alpha(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise InputError("a level of error lies between 0 and 1", where="alpha", found=str(alpha), example="0.05")
