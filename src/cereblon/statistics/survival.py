"""Times to an event, some of them cut short: Kaplan-Meier curves, the log-rank test, Cox regression.

    S(t) = product over event times up to t of (1 - events / at risk)          Kaplan and Meier 1958
    log-rank: events seen in each arm against those expected if all arms shared one hazard      Mantel 1966
    Cox: hazard = h0(t) exp(b x), tied events by Efron's way                   Cox 1972, Efron 1977

The test and the regression are lifelines'; the product is ours, since lifelines makes tables and intervals beside it,
which costs a trial of many replicates a thousand times the sum (a test holds the two together). Where R (survival)
differs: `survfit` draws its interval on the scale log S by default, here it is log(-log S) and "log" is one word away;
where a curve lies at exactly one half for a while R gives the middle of that while as the median, here it is its first
time and a note says so. `survdiff` and `coxph` agree (R's ties are Efron's too; those of Stata and SAS are Breslow's).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.ground.errors import InputError, SolveError
from cereblon.ground.quantity import Estimate

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Scale = Literal["log-log", "log"]
SCALES = ("log-log", "log")
LEVEL = 0.95
_UNBOUNDED = 20.0  # an error of the logarithm of a hazard ratio that no data of any size give
_TIE = 1e-12  # a survival this near one half is one half


@dataclass(frozen=True)
class Curve:
    """One arm's curve: a row at time 0 and at every time at which an event or a censoring fell.

    `times`, `at_risk` (just before), `events`, `censored`, `survival` (just after), `greenwood` (variance of
    the logarithm of survival).
    """

    arm: str
    times: Floats
    at_risk: Floats
    events: Floats
    censored: Floats
    survival: Floats
    greenwood: Floats

    def interval(self, level: float = LEVEL, scale: Scale = "log-log") -> tuple[Floats, Floats]:
        """Lower and upper bound of survival at every row; NaN once survival is 0, as no scale holds it."""
        z = _z(level)
        with np.errstate(divide="ignore", invalid="ignore"):
            if scale == "log":
                width = z * np.sqrt(self.greenwood)
                low, high = self.survival * np.exp(-width), np.minimum(self.survival * np.exp(width), 1.0)
            else:
                logs = np.log(self.survival)
                width = z * np.sqrt(self.greenwood) / np.abs(logs)
                low, high = self.survival ** np.exp(width), self.survival ** np.exp(-width)
        whole = self.survival == 1
        return np.where(whole, 1.0, low), np.where(whole, 1.0, high)

    def quantile(self, share: float = 0.5, level: float = LEVEL, scale: Scale = "log-log", unit: str = "1") -> Estimate:
        """Time at which survival has fallen to `share`, with the interval of Brookmeyer and Crowley (1982)."""
        time = _first(self.times, self.survival, share)
        low, high = (_first(self.times, bound, share) for bound in self.interval(level, scale))
        method = f"Kaplan-Meier, {scale} interval"
        if math.isnan(time):
            note = f"not reached: {self.survival[-1]:.3g} at {self.times[-1]:g} {unit}".removesuffix(" 1")
            return Estimate(math.nan, unit, low, math.nan, level, method, note)
        flat = np.abs(self.survival - share) < _TIE
        note = f"survival lies at {share:g} from here on for a while; R gives the middle of it" if flat.any() else ""
        return Estimate(time, unit, low, high, level, method, note)


@dataclass(frozen=True)
class LogRank:
    """Test that all arms share one hazard: `chi2` on `degrees` of freedom, `p`; events seen and expected by arm."""

    chi2: float
    degrees: int
    p: float
    observed: Mapping[str, float]
    expected: Mapping[str, float]
    notes: tuple[str, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row per arm: observed, expected; chi2, degrees of freedom and p of the whole test."""
        import pandas as pd

        rows = [{"arm": a, "observed": self.observed[a], "expected": self.expected[a]} for a in self.observed]
        return pd.DataFrame(rows).assign(chi2=self.chi2, degrees=self.degrees, p=self.p)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        return _save(self.table(), path)

    def __str__(self) -> str:
        if math.isnan(self.chi2):
            return "log-rank: not estimated" + "".join(f" ({note})" for note in self.notes)
        return f"log-rank chi2 {self.chi2:.4g} on {self.degrees} degree(s) of freedom, p = {self.p:.3g}"


@dataclass(frozen=True)
class Survival:
    """Curves of one or several arms; `unit` is that of the times. Made by `kaplan_meier`."""

    curves: Mapping[str, Curve]
    times: Floats = field(repr=False)
    events: Floats = field(repr=False)
    arms: tuple[str, ...] = field(repr=False)
    unit: str = "1"
    level: float = LEVEL
    scale: Scale = "log-log"

    def __getitem__(self, arm: str) -> Curve:
        return self.curves[arm]

    def median(self, arm: str = "", scale: Scale | None = None) -> Estimate:
        """Median time of an arm (of the only one without a name)."""
        if not arm and len(self.curves) > 1:
            raise InputError("which arm", expected=", ".join(self.curves))
        name = arm or next(iter(self.curves))
        return self.curves[name].quantile(0.5, self.level, scale or self.scale, self.unit)

    def log_rank(self, *arms: str) -> LogRank:
        """The test over all arms, or over those named. Raises InputError for fewer than two."""
        chosen = arms or tuple(self.curves)
        unknown = [a for a in chosen if a not in self.curves]
        if unknown or len(chosen) < 2:
            raise InputError("a log-rank test compares two or more arms", found=", ".join(chosen),
                             expected=f"of {', '.join(self.curves)}")  # fmt: skip
        keep = np.isin(np.array(self.arms), chosen)
        return log_rank(self.times[keep], self.events[keep], np.array(self.arms)[keep])

    def table(self) -> pd.DataFrame:
        """One row per step: arm, time, at_risk, events, censored, survival, low, high."""
        import pandas as pd

        parts = []
        for name, curve in self.curves.items():
            low, high = curve.interval(self.level, self.scale)
            columns = {"arm": name, "time": curve.times, "at_risk": curve.at_risk, "events": curve.events,
                       "censored": curve.censored, "survival": curve.survival, "low": low, "high": high}  # fmt: skip
            parts.append(pd.DataFrame(columns))
        return pd.concat(parts, ignore_index=True)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        return _save(self.table(), path)

    def __str__(self) -> str:
        rows = [
            f"{name}: {int(c.at_risk[0])} subjects, {int(c.events.sum())} events, median {self.median(name)}"
            for name, c in self.curves.items()
        ]
        return "\n".join([*rows, *([str(self.log_rank())] if len(self.curves) > 1 else [])])


@dataclass(frozen=True)
class Cox:
    """Proportional hazards: `coefficients` (logarithm of the hazard ratio) and `errors` by covariate."""

    coefficients: Mapping[str, float]
    errors: Mapping[str, float]
    subjects: int
    events: int
    log_likelihood: float
    concordance: float
    level: float = LEVEL
    notes: tuple[str, ...] = ()

    def HR(self, covariate: str = "") -> Estimate:
        """Hazard ratio of a covariate (of the only one without a name), with Wald's interval.

        NaN where the covariate parts those with from those without an event, so that no finite ratio fits best.
        """
        name = covariate or next(iter(self.coefficients))
        b, error, z, method = self.coefficients[name], self.errors[name], _z(self.level), "Cox regression, Efron's ties"
        if not error < _UNBOUNDED:
            note = f"{'above' if b > 0 else 'below'} 1 without bound: the covariate parts the events from the others"
            return Estimate(math.nan, "1", level=self.level, method=method, note=note)
        return Estimate(math.exp(b), "1", math.exp(b - z * error), math.exp(b + z * error), self.level, method)

    def p(self, covariate: str = "") -> float:
        """Two-sided p of Wald's test."""
        name = covariate or next(iter(self.coefficients))
        return math.erfc(abs(self.coefficients[name] / self.errors[name]) / math.sqrt(2))

    def table(self) -> pd.DataFrame:
        """One row per covariate: coefficient, error, HR, low, high, p."""
        import pandas as pd

        rows = []
        for name, b in self.coefficients.items():
            HR = self.HR(name)
            rows.append({"covariate": name, "coefficient": b, "error": self.errors[name], "HR": HR.value,
                         "low": HR.low, "high": HR.high, "p": self.p(name)})  # fmt: skip
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        return _save(self.table(), path)

    def __str__(self) -> str:
        rows = [f"{name}: HR {self.HR(name)}, p = {self.p(name):.3g}" for name in self.coefficients]
        return "\n".join([*rows, f"{self.events} events of {self.subjects} subjects", *self.notes])


def kaplan_meier(
    times: ArrayLike,
    events: ArrayLike,
    arms: Iterable[Any] | None = None,
    *,
    unit: str = "1",
    level: float = LEVEL,
    scale: Scale = "log-log",
) -> Survival:
    """Kaplan-Meier curves. `times` (subjects,) from 0 up, `events` 1 where the event fell and 0 where the subject was
    lost or the study ended, `arms` a name per subject (all one arm without).

    The interval of survival is drawn on the scale log(-log S), or "log" as R draws it. Raises InputError for negative
    or missing times, events other than 0 and 1, arrays of different lengths, no subject.

    >>> curve = kaplan_meier([6, 6, 6, 7, 10], [1, 1, 0, 1, 0], unit="week")
    >>> curve.table()["survival"].round(3).tolist()
    [1.0, 0.6, 0.3, 0.3]
    """
    if scale not in SCALES:
        raise InputError("unknown scale of an interval", found=str(scale), expected=" or ".join(SCALES))
    _z(level)
    t, e, names = _subjects(times, events, arms)
    curves = {}
    for name in dict.fromkeys(names):
        own = np.array([n == name for n in names])
        curves[name] = _curve(name, t[own], e[own])
    return Survival(curves, t, e, names, unit, level, scale)


def log_rank(times: ArrayLike, events: ArrayLike, arms: Iterable[Any]) -> LogRank:
    """The log-rank test over two or more arms; arguments as in `kaplan_meier`.

    Raises InputError as it does, and for fewer than two arms; without any event the test is NaN with a note.
    """
    from lifelines.statistics import multivariate_logrank_test

    t, e, names = _subjects(times, events, arms)
    kinds = list(dict.fromkeys(names))
    if len(kinds) < 2:
        raise InputError("a log-rank test compares two or more arms", found=", ".join(kinds))
    observed, expected = _counts(t, e, names)
    if not e.sum():
        return LogRank(math.nan, len(kinds) - 1, math.nan, observed, expected, ("no event in any arm",))
    codes = np.array([kinds.index(name) for name in names])
    notes: list[str] = []
    with quietly(notes):
        result = multivariate_logrank_test(t, codes, e)
    found = float(np.ravel(result.test_statistic)[0])
    return LogRank(found, len(kinds) - 1, float(np.ravel(result.p_value)[0]), observed, expected, tuple(notes))


def cox(
    times: ArrayLike,
    events: ArrayLike,
    covariates: Mapping[str, ArrayLike],
    *,
    strata: Iterable[Any] | None = None,
    level: float = LEVEL,
) -> Cox:
    """Cox regression on numeric `covariates` (name -> one number per subject; an arm as 0 and 1).

    `strata` (a name per subject) gives each its own baseline hazard. Raises InputError for covariates that are
    missing, not finite or the same for all, and as `kaplan_meier` does; SolveError where no maximum is found.
    """
    import pandas as pd
    from lifelines import CoxPHFitter
    from lifelines.exceptions import ConvergenceError

    t, e, names = _subjects(times, events, strata)
    _z(level)
    if not covariates:
        raise InputError("a regression needs a covariate", where="covariates", example='{"arm": [0, 0, 1, 1]}')
    frame = {f"x{i}": _covariate(name, column, t.size) for i, (name, column) in enumerate(covariates.items())}
    if not e.sum():
        raise InputError("a regression needs an event", where="events", found=f"{t.size} censored subjects")
    table = pd.DataFrame({**frame, "time": t, "event": e})
    stratified = ["stratum"] if strata is not None else None
    if stratified:
        table["stratum"] = list(names)
    notes: list[str] = []
    fitter = CoxPHFitter(alpha=1 - level)
    with quietly(notes):
        try:
            fitter.fit(table, duration_col="time", event_col="event", strata=stratified)
        except (ConvergenceError, np.linalg.LinAlgError) as error:
            raise SolveError(f"the Cox regression found no maximum ({' '.join(str(error).split())[:160]})") from None
        concordance = float(fitter.concordance_index_)
    given = list(zip(covariates, frame, strict=True))
    return Cox(
        {name: float(fitter.params_[key]) for name, key in given},
        {name: float(fitter.standard_errors_[key]) for name, key in given},
        t.size, int(e.sum()), float(fitter.log_likelihood_), concordance, level, tuple(notes),
    )  # fmt: skip


@contextmanager
def quietly(notes: list[str]) -> Iterator[None]:
    """Third parties' warnings inside become `notes`, each once: nothing is printed, nothing is lost."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            for warning in caught:
                foreseen = issubclass(warning.category, DeprecationWarning | FutureWarning | PendingDeprecationWarning)
                text = " ".join(str(warning.message).split())
                if not foreseen and text not in notes:
                    notes.append(text)


def _curve(name: str, t: Floats, e: Floats) -> Curve:
    times = np.unique(np.append(t, 0.0))
    row = np.searchsorted(times, t)
    events: Floats = np.bincount(row, e, times.size).astype(np.float64)
    left: Floats = np.bincount(row, minlength=times.size).astype(np.float64)
    at_risk: Floats = t.size - (np.cumsum(left) - left)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(events > 0, events / (at_risk * (at_risk - events)), 0.0)
    survival: Floats = np.cumprod(1 - events / at_risk, dtype=np.float64)
    return Curve(name, times, at_risk, events, left - events, survival, np.cumsum(terms))


def _counts(t: Floats, e: Floats, names: tuple[str, ...]) -> tuple[dict[str, float], dict[str, float]]:
    """Events seen in each arm, and expected of its share of those at risk at every event."""
    member = {name: np.array([n == name for n in names]) for name in dict.fromkeys(names)}
    observed = {name: float(e[own].sum()) for name, own in member.items()}
    expected = dict.fromkeys(member, 0.0)
    for moment in np.unique(t[e == 1]):
        falling = float(e[t == moment].sum())
        here = t >= moment
        for name, own in member.items():
            expected[name] += falling * float((here & own).sum()) / float(here.sum())
    return observed, expected


def _first(times: Floats, survival: Floats, share: float) -> float:
    under = np.flatnonzero(survival <= share + _TIE)  # NaN is not under
    return float(times[under[0]]) if under.size else math.nan


def _z(level: float) -> float:
    from statistics import NormalDist

    if not 0 < level < 1:
        raise InputError("a level lies between 0 and 1", where="level", found=str(level), example="0.95")
    return NormalDist().inv_cdf((1 + level) / 2)


def _subjects(
    times: ArrayLike, events: ArrayLike, arms: Iterable[Any] | None
) -> tuple[Floats, Floats, tuple[str, ...]]:
    try:
        t, e = np.asarray(times, np.float64), np.asarray(events, np.float64)
    except (TypeError, ValueError):
        raise InputError("times and events are numbers", example="[6, 7, 10], [1, 0, 1]") from None
    if t.ndim != 1 or t.size == 0:
        raise InputError("no subject", where="times", found=f"an array of shape {t.shape}", example="[6, 7, 10]")
    if e.shape != t.shape:
        raise InputError("as many events as times", found=f"{e.size} events for {t.size} times")
    wrong = np.flatnonzero(~(np.isfinite(t) & (t >= 0)))
    if wrong.size:
        raise InputError(
            "a time is a number from 0 up", where=f"subject {wrong[0] + 1}", found=f"{t[wrong[0]]:g}", example="12"
        )
    wrong = np.flatnonzero((e != 0) & (e != 1))
    if wrong.size:
        raise InputError("an event is 1 or, where none was seen, 0", where=f"subject {wrong[0] + 1}",
                         found=f"{e[wrong[0]]:g}", example="1")  # fmt: skip
    names = ("all",) * t.size if arms is None else tuple(str(a) for a in arms)
    if len(names) != t.size:
        raise InputError("a name of an arm for every subject", found=f"{len(names)} names for {t.size} subjects")
    blank = [i for i, name in enumerate(names) if name.strip() in ("", "nan", "None")]
    if blank:
        raise InputError("a subject without an arm", where=f"subject {blank[0] + 1}", expected="the name of its arm")
    return t, e, names


def _covariate(name: str, column: ArrayLike, subjects: int) -> Floats:
    try:
        x = np.asarray(column, np.float64)
    except (TypeError, ValueError):
        raise InputError("a covariate is a number per subject", where=name, example="an arm as 0 and 1") from None
    if x.shape != (subjects,) or not np.isfinite(x).all():
        raise InputError("a covariate is a finite number per subject", where=name,
                         found=f"an array of shape {x.shape}", expected=f"{subjects} numbers")  # fmt: skip
    if (x == x[0]).all():
        raise InputError("a covariate that is the same for all says nothing", where=name, found=f"{x[0]:g}")
    return x


def _save(table: pd.DataFrame, path: str | Path) -> Path:
    from cereblon.ground.files import write_atomically

    return write_atomically(Path(path), table.to_csv(index=False))
