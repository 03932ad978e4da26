"""A growth rate for every group from all measurements at once: a linear mixed model of log size.

    ln size = a_group + u + (k_group + v) t + e             u, v of each subject, e of each measurement
    ln size = a + b ln start + (k_group + v) t + e          `baseline="start"`: the form of invivoSyn

Laird and Ware 1982, by restricted likelihood; subjects that are taken out early stay in with what was measured, which
is right where the reason for their leaving was seen (their size). Fixed effects are time x group, random ones
(time | subject), and where their variances cannot be told apart from 0, (1 | subject), which a note says. Tests and
intervals are Student's with the number of subjects less that of groups: exact for a balanced study, where a group's
rate is the mean of its subjects' own slopes; nlme counts measurements there, which is bolder. The sums are those of
statsmodels, whose optimisers are tried in turn.

invivoSyn fits the second form to ln (volume + 1 mm3); its interaction of two drugs with time is minus our `synergy`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cereblon.ground.errors import InputError, SolveError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.growth import Floats, Sizes
from cereblon.statistics.survival import quietly

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.95
Baseline = Literal["group", "start"]
BASELINES = ("group", "start")
SLOPES, INTERCEPTS, SLOPES_ALONE = "(time | subject)", "(1 | subject)", "(time - 1 | subject)"
_SINGULAR = 1e-4  # a variance of subjects, over the study, this far below that of a measurement is none
_GAIN = 1e-2  # of the logarithm of the likelihood, below which a wider model has found nothing
_OPTIMISERS = ("bfgs", "powell")  # lbfgs now and then reports a point below the maximum as converged


@dataclass(frozen=True)
class GrowthModel:
    """Rates by group (1 / time unit) and their covariance; `random` is the structure that was fitted.

    `between` is the standard deviation of rates between subjects, `intercept` that of log sizes at the start,
    `residual` that of a measurement's logarithm.
    """

    rates: Mapping[str, float]
    covariance: Floats = field(repr=False)
    control: str
    subjects: int
    measurements: int
    between: float
    intercept: float
    residual: float
    random: str
    baseline: str = "group"
    time_unit: str = "d"
    last: float = np.inf
    level: float = LEVEL
    notes: tuple[str, ...] = ()

    @property
    def degrees(self) -> int:
        """Degrees of freedom of tests between groups: subjects less groups."""
        return self.subjects - len(self.rates)

    def rate(self, group: str) -> Estimate:
        """Growth rate of a group."""
        return self.contrast({group: 1.0}, f"rate of {group}")

    def difference(self, group: str, other: str = "") -> Estimate:
        """Rate of a group less that of another (the control): below 0 it grows slower."""
        return self.contrast({group: 1.0, other or self.control: -1.0}, f"{group} less {other or self.control}")

    def synergy(self, both: str, singles: Sequence[str]) -> Estimate:
        """Bliss on rates: sum of the singles less (N - 1) times the control less both; above 0 is synergy."""
        weights = dict.fromkeys(singles, 1.0) | {self.control: -(len(singles) - 1.0), both: -1.0}
        return self.contrast(weights, f"synergy of {both}, Bliss on growth rates")

    def contrast(self, weights: Mapping[str, float], method: str = "contrast") -> Estimate:
        """A weighted sum of rates with Student's interval. Raises InputError for an unknown group."""
        from scipy.stats import t

        value, error = self._sum(weights)
        width = float(t.ppf((1 + self.level) / 2, self.degrees)) * error
        ends = (value - width, value + width)
        return Estimate(value, f"1/{self.time_unit}", *ends, self.level, f"{method}, mixed model")

    def p(self, weights: Mapping[str, float]) -> float:
        """Two-sided p of a weighted sum against 0."""
        from scipy.stats import t

        value, error = self._sum(weights)
        return float(2 * t.sf(abs(value / error), self.degrees))

    def table(self) -> pd.DataFrame:
        """One row per group: rate, its interval, difference from the control, its interval, p, doubling time."""
        import pandas as pd

        rows = []
        for group in self.rates:
            own = self.rate(group)
            row: dict[str, Any] = {
                "group": group, "rate": own.value, "low": own.low, "high": own.high,
                "doubling": math.log(2) / own.value if own.value > 0 else math.nan,
            }  # fmt: skip
            if group != self.control:
                d = self.difference(group)
                p = self.p({group: 1.0, self.control: -1.0})
                row |= {"difference": d.value, "difference_low": d.low, "difference_high": d.high, "p": p}
            rows.append(row)
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        behind = f"{self.measurements} measurements of {self.subjects} subjects, to {self.last:g} {self.time_unit}"
        fixed = "time x group" if self.baseline == "group" else "ln start + time : group"
        lines = [f"ln size ~ {fixed} + {self.random}: {behind}"]
        for group in self.rates:
            line = f"  {group}: {self.rate(group)}"
            if group != self.control:
                p = self.p({group: 1.0, self.control: -1.0})
                line += f", less control {self.difference(group)}, p = {p:.2g}"
            lines.append(line)
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    def _sum(self, weights: Mapping[str, float]) -> tuple[float, float]:
        unknown = [g for g in weights if g not in self.rates]
        if unknown:
            raise InputError("no such group", found=", ".join(unknown), expected=f"of {', '.join(self.rates)}")
        w = np.array([weights.get(g, 0.0) for g in self.rates])
        return float(w @ np.array(list(self.rates.values()))), math.sqrt(float(w @ self.covariance @ w))


def growth_model(
    sizes: Sizes,
    until: float | None = None,
    *,
    offset: float = 0.0,
    baseline: Baseline = "group",
    level: float = LEVEL,
) -> GrowthModel:
    """The model above, of measurements up to a time (all without one); `offset` as in `growth.growth_rates`.

    Sizes of 0 without an offset are left out, which a note counts. Raises InputError where nothing can be estimated:
    fewer than two times, no more subjects than groups; SolveError where no optimiser finds a maximum.
    """
    if baseline not in BASELINES:
        raise InputError("unknown baseline", found=str(baseline), expected=" or ".join(BASELINES))
    part = sizes if until is None else sizes.until(until)
    values = part.values + offset
    usable = np.isfinite(values) & (values > 0)
    zeros = int((np.isfinite(values) & (values <= 0)).sum())
    notes = [f"{zeros} measurement(s) of 0 have no logarithm and are left out"] if zeros else []
    rows, columns = np.nonzero(usable)
    groups, n = part.order, len(part.order)
    if len(part.subjects) <= n or np.unique(columns).size < 2:
        raise InputError(
            "a mixed model needs more subjects than groups, and two times or more",
            found=f"{len(part.subjects)} subjects in {n} groups, {np.unique(columns).size} time(s)",
        )
    for group in groups:
        if np.unique(columns[part.of(group)[rows]]).size < 2:
            raise InputError("a group was measured at one time only", where=group, expected="two times or more")
    span = float(part.times[columns].max() - part.times[0])
    t = (part.times[columns] - part.times[0]) / span
    y = np.log(values[rows, columns])
    shown = np.eye(n)[np.array([groups.index(g) for g in part.groups])[rows]]
    first = shown if baseline == "group" else np.column_stack([np.ones_like(t), np.log(values[rows, 0])])
    fitted, random, said = _fit(y, np.hstack([first, shown * t[:, None]]), rows, t, baseline)
    k = first.shape[1]
    slopes = np.asarray(fitted.fe_params)[k:] / span
    covariance = np.asarray(fitted.cov_params())[k : k + n, k : k + n] / span**2
    spread = np.sqrt(np.maximum(np.diag(np.atleast_2d(np.asarray(fitted.cov_re, np.float64))), 0.0))
    between = float(spread[-1]) / span if random in (SLOPES, SLOPES_ALONE) else 0.0
    return GrowthModel(
        dict(zip(groups, slopes.tolist(), strict=True)), covariance, part.control, len(part.subjects), y.size,
        between, 0.0 if random == SLOPES_ALONE else float(spread[0]), math.sqrt(float(fitted.scale)), random, baseline,
        part.time_unit, float(part.times[columns.max()]), level, (*notes, *said),
    )  # fmt: skip


def _fit(y: Floats, design: Floats, subject: NDArray[np.int64], t: Floats, baseline: Baseline) -> tuple[
    Any, str, list[str]
]:  # fmt: skip
    """statsmodels' fit with random slopes, or with random intercepts where these cannot be told from none."""
    one = np.ones_like(t)
    wide = {"group": (SLOPES, np.column_stack([one, t])), "start": (SLOPES_ALONE, t[:, None])}[baseline]
    fitted, warned = _maximum(y, design, subject, wide[1])
    alone, warned_alone = _maximum(y, design, subject, one[:, None])
    if fitted is None and alone is None:
        raise SolveError("no mixed model could be fitted: none of statsmodels' optimisers converged")
    random, why = wide[0], ""
    if fitted is None:
        why = "not converged"
    elif _least_variance(fitted) < _SINGULAR * float(fitted.scale) or (
        baseline == "group" and alone is not None and fitted.llf < alone.llf + _GAIN
    ):
        why = "singular"
    if not why or alone is None:
        return fitted, random, [f"statsmodels: {text}" for text in warned if "boundary" not in text]
    shared = "in which the subjects of a group share one rate, so that intervals of rates may be too short"
    said = f"{random} {why}: {INTERCEPTS} was fitted, {shared}"
    return alone, INTERCEPTS, [said, *(f"statsmodels: {text}" for text in warned_alone)]


def _least_variance(fitted: Any) -> float:
    return float(np.linalg.eigvalsh(np.atleast_2d(np.asarray(fitted.cov_re, np.float64)))[0])


def _maximum(y: Floats, design: Floats, subject: NDArray[np.int64], effects: Floats) -> tuple[Any, list[str]]:
    """The fit of the first optimiser that converges, and what statsmodels warned of; None if none does."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    for method in _OPTIMISERS:
        warned: list[str] = []
        with quietly(warned), np.errstate(divide="ignore", invalid="ignore"):  # a fit that is not finite is left out
            try:
                fitted = MixedLM(y, design, groups=subject, exog_re=effects).fit(reml=True, method=[method])
            except (np.linalg.LinAlgError, ValueError):
                continue
            finite = fitted.converged and np.isfinite(fitted.llf)
        if finite:
            return fitted, [text for text in warned if "onverge" not in text and "ptimiz" not in text]
    return None, []
