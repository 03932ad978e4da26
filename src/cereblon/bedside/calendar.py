"""Trials that do not wait: patients are given a dose on the day they come, by what is known on that day.

TITE-CRM: everybody who comes is treated, at the dose of that day. Backfill: who comes while a cohort is watched gets
the highest open lower dose, if there is one. A DLT falls on a uniform day of the window; a response is seen at its end.
Each trial has its own stream, so trial i of a seed is the same however many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from cereblon.bedside.accrual import Accrual
from cereblon.bedside.escalation.backfill import Backfill
from cereblon.bedside.escalation.crm import TITECRM
from cereblon.bedside.escalation.decision import Counts, Decision
from cereblon.bedside.simulated import ENDINGS, Floats, Trials
from cereblon.statistics.resampling import stream

Progress = Callable[[int], None]


@dataclass
class _Patient:
    """A dose from 0; the months of entry, DLT (infinite: none) and end of the window; whether responding."""

    dose: int
    entry: float
    toxic: float
    end: float
    responds: bool

    def known(self, now: float) -> bool:
        return min(self.toxic, self.end) <= now


@dataclass
class _Trial:
    """A trial under way."""

    random: np.random.Generator
    truth: Floats
    activity: Floats
    accrual: Accrual
    patients: list[_Patient] = field(default_factory=list)
    ending: str = "full"
    decisions: int = 0

    def next_arrival(self, now: float) -> float:
        return now + float(self.random.standard_exponential()) / self.accrual.rate

    def treat(self, dose: int, now: float) -> _Patient:
        tolerance, day, response = self.random.random(3)
        toxic = now + day * self.accrual.window if tolerance < self.truth[dose] else np.inf
        responds = bool(response < self.activity[dose])
        self.patients.append(_Patient(dose, now, toxic, now + self.accrual.window, responds))
        return self.patients[-1]

    def counts(self, among: Iterable[_Patient], what: Callable[[_Patient], bool] = lambda patient: True) -> Counts:
        out = [0] * self.truth.size
        for patient in among:
            out[patient.dose] += what(patient)
        return tuple(out)

    def row(self, MTD: int) -> tuple[Counts, Counts, int, int, int, float, float]:
        """n, y, MTD, ending, decisions, enrolled, months, all patients watched to the end."""
        n = self.counts(self.patients)
        y = self.counts(self.patients, lambda patient: patient.toxic < np.inf)
        last = max(patient.entry for patient in self.patients)
        return n, y, MTD, ENDINGS.index(self.ending), self.decisions, last, last + self.accrual.window


def calendar_trials(
    design: TITECRM | Backfill, truth: Floats, activity: Floats, trials: int, seed: int, accrual: Accrual,
    progress: Progress | None = None,
) -> Trials:  # fmt: skip
    """Trial after trial. `activity`: the response rate of each dose, which backfill asks for."""
    rows = []
    for i in range(trials):
        trial = _Trial(stream(seed, f"calendar:{i}"), truth, activity, accrual)
        MTD = _tite(design, trial) if isinstance(design, TITECRM) else _backfilled(design, trial)
        rows.append(trial.row(MTD))
        if progress is not None:
            progress(i + 1)
    n, y, chosen, ending, decisions, enrolled, months = (np.array(column) for column in zip(*rows, strict=True))
    return Trials(n, y, chosen, ending, decisions, enrolled, months)


def _tite(design: TITECRM, trial: _Trial) -> int:
    now, at = trial.next_arrival(0.0), design.start
    while True:
        if trial.patients:
            decision = _tite_decision(design, trial, now, at)
            if decision.action == "stop":
                trial.ending = decision.end
                break
            at = decision.dose
        for _ in range(design.cohort):
            if len(trial.patients) < design.patients:
                trial.treat(at - 1, now)
                now = trial.next_arrival(now)
    return _chosen(design, trial)


def _chosen(design: TITECRM | Backfill, trial: _Trial) -> int:
    """The MTD when all have been watched to the end; none where the trial ended because every dose is too toxic."""
    y = trial.counts(trial.patients, lambda patient: patient.toxic < np.inf)
    return 0 if trial.ending == "toxic" else design.MTD(y, trial.counts(trial.patients))


def _tite_decision(design: TITECRM, trial: _Trial, now: float, at: int) -> Decision:
    done = [patient for patient in trial.patients if patient.known(now)]
    y = trial.counts(done, lambda patient: patient.toxic <= now)
    window = trial.accrual.window
    waiting = [(p.dose + 1, (now - p.entry) / window) for p in trial.patients if not p.known(now)]
    trial.decisions += 1
    return design.decide(y, trial.counts(done), at, waiting=waiting)


def _backfilled(design: Backfill, trial: _Trial) -> int:
    decision, now = design.first(), trial.next_arrival(0.0)
    at, escalated = decision.dose, 0
    cohort: list[_Patient] = []
    while True:
        watched = len(cohort) == decision.patients and now < cohort[-1].end
        if watched:  # the cohort is full and not yet read
            seen = [patient for patient in trial.patients if patient.end <= now and patient not in cohort]
            y = trial.counts(seen, lambda patient: patient.toxic < np.inf)
            responders = trial.counts(seen, lambda patient: patient.responds)
            doses = design.open(y, trial.counts(seen), responders, at) if seen else ()
            given = trial.counts(trial.patients)
            doses = tuple(dose for dose in doses if given[dose - 1] < design.cap)
            if doses:
                trial.treat(doses[-1] - 1, now)
        else:
            if len(cohort) == decision.patients:
                read = cohort[-1].end  # decided on the day, by all who have been watched to the end by then
                seen = [patient for patient in trial.patients if patient.end <= read]
                y = trial.counts(seen, lambda patient: patient.toxic < np.inf)
                escalated += len(cohort)
                decision = design.decide(y, trial.counts(seen), at, escalated=escalated)
                trial.decisions += 1
                if decision.action == "stop":
                    trial.ending = decision.end
                    trial.patients = [patient for patient in trial.patients if patient.entry <= read]
                    break
                at, cohort = decision.dose, []
                left = design.design.patients - escalated
                if decision.patients > left:
                    decision = Decision(decision.action, at, decision.reason, left, decision.eliminated)
            cohort.append(trial.treat(at - 1, now))
        now = trial.next_arrival(now)
    return _chosen(design, trial)
