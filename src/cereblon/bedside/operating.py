"""Operating characteristics: what a design will probably do if the DLT rates are these.

Selection, patients and DLTs per dose, early stops, how long it takes: simulated, with Monte-Carlo error, or exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.bedside.accrual import Accrual
from cereblon.bedside.accrual import accrual as accrual_of
from cereblon.bedside.calendar import calendar_trials
from cereblon.bedside.enumerated import enumerate_trials
from cereblon.bedside.escalation.backfill import Backfill
from cereblon.bedside.escalation.crm import TITECRM
from cereblon.bedside.escalation.decision import ENDS
from cereblon.bedside.escalation.design import Design
from cereblon.bedside.limits import share
from cereblon.bedside.simulated import ENDINGS, Floats, Trials, checked, cohort_trials, truth_of
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.intervals import wilson

if TYPE_CHECKING:
    import pandas as pd

Z = 1.959963984540054  # of a 95 % interval
TRIALS, FEWER = 10_000, 1_000  # by default; FEWER where each day of each trial is looked at
NEAR = 1e-9


@dataclass(frozen=True, eq=False)
class Operating:
    """Operating characteristics of one design under one truth.

    Per dose (tuples): `selection` (probability to be called the MTD), `patients`, `DLT`. Of the trial: `none` (no MTD),
    `ended` (probability of each end, by the words of ENDS), `correct` (the dose nearest to the target is selected, NaN
    without a target), `overdosed` (share of patients above that dose), `total` patients, `DLT_rate`, `cohorts`,
    `enrolled` and `months` (until the last patient is in, and watched to the end). Intervals are those of the
    Monte-Carlo error.
    """

    design: Design
    truth: tuple[float, ...]
    target: float | None
    accrual: Accrual
    how: str
    selection: tuple[Estimate, ...]
    patients: tuple[Estimate, ...]
    DLT: tuple[Estimate, ...]
    none: Estimate
    ended: dict[str, Estimate]
    correct: Estimate
    overdosed: Estimate
    total: Estimate
    DLT_rate: Estimate
    cohorts: Estimate
    enrolled: Estimate
    months: Estimate
    trials: Trials | None = None

    @property
    def best(self) -> int:
        """The dose whose true rate is nearest to the target; 0 without a target."""
        return _best(np.array(self.truth), self.target)

    def table(self) -> pd.DataFrame:
        """One row per number: what, dose (empty: of the trial), value, Monte-Carlo error, 95 % interval, unit."""
        import pandas as pd

        rows: list[dict[str, object]] = []
        for dose, rate in enumerate(self.truth, 1):
            called = self.design.called(dose)
            rows.append(_row("true DLT rate", called, Estimate(rate, "1", rate, rate)))
            rows.append(_row("selected", called, self.selection[dose - 1]))
            rows.append(_row("patients", called, self.patients[dose - 1]))
            rows.append(_row("DLT", called, self.DLT[dose - 1]))
        return pd.DataFrame(rows + [_row(what, "", found) for what, found in self._whole().items()])

    def by_dose(self) -> pd.DataFrame:
        """One row per dose: true rate, selected, patients and DLTs, each with its Monte-Carlo standard error."""
        import pandas as pd

        found = {"selected": self.selection, "patients": self.patients, "DLT": self.DLT}
        columns: dict[str, object] = {
            "dose": [self.design.called(dose) for dose in range(1, self.design.doses + 1)], "truth": self.truth,
        }  # fmt: skip
        for name, numbers in found.items():
            columns[name] = [number.value for number in numbers]
            columns[f"{name}_error"] = [_error(number) for number in numbers]
        return pd.DataFrame(columns)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def _whole(self) -> dict[str, Estimate]:
        ends = {f"ended: {ENDS[word]}": found for word, found in self.ended.items() if found.value > 0}
        known = {"correct selection": self.correct, "patients above the MTD": self.overdosed} if self.best else {}
        return {
            "no dose selected": self.none, **known, **ends, "patients in all": self.total, "DLT rate": self.DLT_rate,
            "cohorts": self.cohorts, "accrual": self.enrolled, "duration": self.months,
        }  # fmt: skip

    def __str__(self) -> str:
        lines = [str(self.design), f"{self.how}; {_coming(self.design, self.accrual)}"]
        lines.append(f"{'':14}{'true rate':>10}{'selected':>16}{'patients':>16}{'with DLT':>16}")
        for dose in range(self.design.doses):
            mark = " <" if dose + 1 == self.best else ""
            lines.append(
                f"  {self.design.called(dose + 1):12}{self.truth[dose]:>10.3g}{_percent(self.selection[dose]):>16}"
                f"{_mean(self.patients[dose]):>16}{_mean(self.DLT[dose]):>16}{mark}"
            )
        for what, found in self._whole().items():
            told = _mean(found) if found.unit != "1" or what in ("patients in all", "cohorts") else _percent(found)
            lines.append(f"  {what:44}{told}{'' if found.unit == '1' else ' ' + found.unit}")
        return "\n".join(lines)


def operating(
    design: Design,
    truth: Sequence[float],
    *,
    trials: int | None = None,
    seed: int = 1,
    exact: bool = False,
    accrual: str | float = "2/month",
    window: str | float = "28 d",
    queue: bool = False,
    responses: Sequence[float] | None = None,
    target: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> Operating:
    """Operating characteristics of `design` if dose 1, 2, ... have the DLT rates `truth`.

    `trials` are simulated (default 10,000; 1,000 for TITE-CRM and backfill), or every course enumerated (`exact`),
    which has no Monte-Carlo error. `accrual`: patients per month, who come at random; `window`: how long each is
    watched; `queue`: whether those who come while a cohort is watched wait for the next. `responses`: response rates,
    for backfill. `target`: by which the correct dose is told (default: the design's own). `progress` is told trials
    done, where each is simulated by itself. Raises InputError.

    >>> from cereblon.bedside.escalation.three_plus_three import ThreePlusThree
    >>> found = operating(ThreePlusThree(doses=3), [0.1, 0.2, 0.5], exact=True)
    >>> [round(p.value, 4) for p in found.selection]
    [0.3001, 0.5289, 0.0702]
    """
    rates, coming = truth_of(design, truth), accrual_of(accrual, window, queue)
    aim = design.aim if target is None else target
    if aim is not None:
        share("target", aim)
    calendar = isinstance(design, TITECRM | Backfill)
    if responses is not None and not isinstance(design, Backfill):
        raise InputError("only backfill asks for responses", where="responses", found=str(responses),
                         expected="a design with backfill")  # fmt: skip
    if isinstance(design, Backfill) and responses is None:
        raise InputError("backfill opens a dose at which somebody responded", where="responses", found="none",
                         expected="a response rate per dose", example="0.1, 0.2, 0.3, 0.4, 0.4")  # fmt: skip
    if calendar and queue:
        raise InputError("nobody waits where patients are treated on the day they come", where="queue",
                         found=design.name, expected="a design of cohorts")  # fmt: skip
    if exact:
        if calendar or queue:
            raise InputError("not exact where it matters on which day a patient comes", where="exact",
                             found="a queue" if queue else design.name, expected="a simulation")  # fmt: skip
        return _exact(design, rates, aim, coming)
    number = trials if trials is not None else FEWER if calendar else TRIALS
    checked(number, seed)
    if isinstance(design, TITECRM | Backfill):
        activity = truth_of(design, responses if responses is not None else [0.0] * design.doses, "responses")
        found = calendar_trials(design, rates, activity, number, seed, coming, progress)
    else:
        found = cohort_trials(design, rates, number, seed, coming)
    return summarise(design, rates, found, aim, coming, f"{number:,} simulated trials, seed {seed}")


def summarise(
    design: Design, truth: Floats, trials: Trials, target: float | None, coming: Accrual, how: str
) -> Operating:
    """The operating characteristics of trials that have been simulated."""
    total, best = trials.n.sum(axis=1), _best(truth, target)
    above = trials.n[:, truth > truth[best - 1]].sum(axis=1) if best else total * np.nan
    toxic = trials.y.sum(axis=1)
    return Operating(
        design, tuple(map(float, truth)), target, coming, how,
        selection=tuple(_proportion(dose == trials.MTD) for dose in range(1, design.doses + 1)),
        patients=tuple(_average(column) for column in trials.n.T),
        DLT=tuple(_average(column) for column in trials.y.T),
        none=_proportion(trials.MTD == 0),
        ended={word: _proportion(trials.ending == i) for i, word in enumerate(ENDINGS) if word},
        correct=_proportion(best == trials.MTD) if best else Estimate(math.nan, note="no target"),
        overdosed=_ratio(above, total), total=_average(total), DLT_rate=_ratio(toxic, total),
        cohorts=_average(trials.cohorts), enrolled=_average(trials.enrolled, "month"),
        months=_average(trials.months, "month"), trials=trials,
    )  # fmt: skip


def _exact(design: Design, truth: Floats, target: float | None, coming: Accrual) -> Operating:
    found, best = enumerate_trials(design, truth), _best(truth, target)
    n, y = float(found.n.sum()), float(found.y.sum())
    above = float(found.n[truth > truth[best - 1]].sum()) / n if best else math.nan
    months = n / coming.rate + found.cohorts * coming.window  # a gap before each patient, a window after each cohort
    return Operating(
        design, tuple(map(float, truth)), target, coming, f"exact, {found.states:,} states",
        selection=tuple(map(_sure, found.MTD[1:])), patients=tuple(map(_sure, found.n)), DLT=tuple(map(_sure, found.y)),
        none=_sure(found.MTD[0]), ended={word: _sure(found.ending[i]) for i, word in enumerate(ENDINGS) if word},
        correct=_sure(found.MTD[best] if best else math.nan), overdosed=_sure(above), total=_sure(n),
        DLT_rate=_sure(y / n), cohorts=_sure(found.cohorts), enrolled=_sure(months - coming.window, "month"),
        months=_sure(months, "month"),
    )  # fmt: skip


def _best(truth: Floats, target: float | None) -> int:
    """The dose nearest to the target, the lower of two; 0 without a target or a rate that is known."""
    if target is None or np.isnan(truth).all():
        return 0
    gap = np.abs(truth - target)
    return int(np.flatnonzero(gap <= np.nanmin(gap) + NEAR)[0]) + 1


def _proportion(hits: object) -> Estimate:
    """The share of trials, with Wilson's interval: none of 1,000 is not exactly never."""
    hit = np.asarray(hits, dtype=bool)
    return replace(wilson(int(hit.sum()), hit.size), method=f"share of {hit.size:,} trials")


def _average(values: object, unit: str = "1") -> Estimate:
    x = np.asarray(values, dtype=float)
    error = float(x.std(ddof=1)) / math.sqrt(x.size) if x.size > 1 else math.nan
    mean = float(x.mean())
    return Estimate(mean, unit, mean - Z * error, mean + Z * error, 0.95, f"mean of {x.size:,} trials")


def _ratio(part: object, whole: object) -> Estimate:
    """The ratio of two sums over trials, with the error of a ratio (delta method)."""
    a, b = np.asarray(part, dtype=float), np.asarray(whole, dtype=float)
    if not b.sum():
        return Estimate(math.nan, note="no evaluable patient")
    ratio = float(a.sum() / b.sum())
    rest = a - ratio * b
    error = float(rest.std(ddof=1)) / (math.sqrt(a.size) * float(b.mean())) if a.size > 1 else math.nan
    return Estimate(ratio, "1", ratio - Z * error, ratio + Z * error, 0.95, f"ratio of means of {a.size:,} trials")


def _sure(value: float, unit: str = "1") -> Estimate:
    return Estimate(float(value), unit, float(value), float(value), 0.95, "enumeration")


def _error(found: Estimate) -> float:
    """The standard error that the interval stands for."""
    return (found.high - found.low) / (2 * Z)


def _row(what: str, dose: str, found: Estimate) -> dict[str, object]:
    return {
        "what": what, "dose": dose, "value": found.value, "error": _error(found), "low": found.low, "high": found.high,
        "unit": found.unit,
    }  # fmt: skip


def _percent(found: Estimate) -> str:
    error = _error(found)
    return f"{100 * found.value:.1f} %" + (f" ±{100 * error:.1f}" if error > 0 else "")


def _mean(found: Estimate) -> str:
    error = _error(found)
    return f"{found.value:.2f}" + (f" ±{error:.2f}" if error > 0 else "")


def _coming(design: Design, coming: Accrual) -> str:
    if isinstance(design, TITECRM):
        waits = "nobody waits"
    elif isinstance(design, Backfill):
        waits = "who comes while a cohort is watched gets a lower dose that is open, or goes elsewhere"
    else:
        waits = f"who comes while a cohort is watched {'waits' if coming.queue else 'goes elsewhere'}"
    return f"{coming.rate:g} patients a month, watched {coming.window * 30.4375:.3g} d, {waits}"
