"""Trials that do not wait: patients are given a dose on the day they come, by what is known on that day.

TITE-CRM: everybody who comes is treated, at the dose of that day. Backfill: who comes while a cohort is watched gets
the highest open lower dose, if there is one. A response is seen at the end of the window. Who comes, and what becomes
of him, is asked of `People`: assumed rates, where a DLT falls on a uniform day of the window and each trial has its own
stream, so trial i of a seed is the same however many there are; or simulated patients (`bedside.phase_1`). A patient
who turns out not to be evaluable counts no more from the end of his window on, and the next takes his place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from cereblon.bedside.accrual import Accrual
from cereblon.bedside.escalation.backfill import Backfill
from cereblon.bedside.escalation.course import Cohort, Course, NobodyLeft
from cereblon.bedside.escalation.crm import TITECRM
from cereblon.bedside.escalation.decision import Counts, Decision
from cereblon.bedside.simulated import ENDINGS, Floats, Trials
from cereblon.statistics.resampling import stream

Progress = Callable[[int], None]


class Lived(NamedTuple):
    """What became of a patient: the part of the window until his DLT (infinite: none), whether he responds and whether
    he is evaluable."""

    toxic: float
    responds: bool
    evaluable: bool = True


class People(Protocol):
    """Who comes: patient `number` (from 0) at a dose (from 0), and the next `gap` between two of them (months)."""

    def lived(self, number: int, dose: int) -> Lived: ...

    def gap(self) -> float: ...


@dataclass(frozen=True)
class _Assumed:
    """Patients of assumed rates, drawn as they come."""

    random: np.random.Generator
    truth: Floats
    activity: Floats
    rate: float

    def lived(self, number: int, dose: int) -> Lived:
        tolerance, day, response = self.random.random(3)
        toxic = float(day) if tolerance < self.truth[dose] else np.inf
        return Lived(toxic, bool(response < self.activity[dose]))

    def gap(self) -> float:
        return float(self.random.standard_exponential()) / self.rate


@dataclass
class _Patient:
    """A dose from 0; the months of entry, DLT (infinite: none) and end of the window."""

    dose: int
    entry: float
    toxic: float
    end: float
    responds: bool
    evaluable: bool

    def known(self, now: float) -> bool:
        return min(self.toxic, self.end) <= now

    def counts(self, now: float) -> bool:
        """Whether he counts, as far as is known now."""
        return self.evaluable or not self.known(now)


@dataclass
class _Trial:
    """A trial under way; `log` holds every decision with the cohort that was before it and its dose from 1."""

    people: People
    window: float
    doses: int
    patients: list[_Patient] = field(default_factory=list)
    ending: str = "full"
    log: list[tuple[int, list[_Patient], Decision]] = field(default_factory=list)

    def next_arrival(self, now: float) -> float:
        return now + self.people.gap()

    def treat(self, dose: int, now: float) -> _Patient:
        toxic, responds, evaluable = self.people.lived(len(self.patients), dose)
        end = now + self.window
        self.patients.append(_Patient(dose, now, now + toxic * self.window, end, responds, evaluable))
        return self.patients[-1]

    def decided(self, at: int, cohort: list[_Patient], decision: Decision) -> bool:
        """Note a decision, and say whether the trial is over."""
        self.log.append((at, cohort, decision))
        if decision.action == "stop":
            self.ending = decision.end
        return decision.action == "stop"

    def counts(self, among: Iterable[_Patient], what: Callable[[_Patient], bool] = lambda patient: True) -> Counts:
        """Per dose, how many of the evaluable are such."""
        out = [0] * self.doses
        for patient in among:
            out[patient.dose] += patient.evaluable and what(patient)
        return tuple(out)


@dataclass(frozen=True)
class Lasted:
    """A trial that is over: its course, and of each patient, in the order they came, the dose (from 1), the month of
    entry and the cohort (0: backfilled). `enrolled`, `months`: when the last came, and was watched to the end."""

    course: Course
    ending: str
    doses: tuple[int, ...]
    entries: tuple[float, ...]
    cohorts: tuple[int, ...]
    enrolled: float
    months: float


def calendar_trial(design: TITECRM | Backfill, people: People, window: float) -> Lasted:
    """One trial; `window` in months."""
    trial = _Trial(people, window, design.doses)
    MTD = _tite(design, trial) if isinstance(design, TITECRM) else _backfilled(design, trial)
    n, y = trial.counts(trial.patients), trial.counts(trial.patients, _toxic)
    numbers = {id(one): k for k, (_, cohort, _) in enumerate(trial.log, 1) for one in cohort}
    cohorts = tuple(
        Cohort(dose, tuple(_toxic(one) for one in cohort if one.evaluable), decision)
        for dose, cohort, decision in trial.log
    )
    last = max(patient.entry for patient in trial.patients)
    return Lasted(
        Course(design, cohorts, n, y, MTD), trial.ending, tuple(one.dose + 1 for one in trial.patients),
        tuple(one.entry for one in trial.patients), tuple(numbers.get(id(one), 0) for one in trial.patients),
        last, last + window,
    )  # fmt: skip


def calendar_trials(
    design: TITECRM | Backfill, truth: Floats, activity: Floats, trials: int, seed: int, accrual: Accrual,
    progress: Progress | None = None,
) -> Trials:  # fmt: skip
    """Trial after trial of assumed rates. `activity`: the response rate of each dose, which backfill asks for."""
    found: list[Lasted] = []
    for i in range(trials):
        people = _Assumed(stream(seed, f"calendar:{i}"), truth, activity, accrual.rate)
        found.append(calendar_trial(design, people, accrual.window))
        if progress is not None:
            progress(i + 1)
    return Trials(
        np.array([one.course.n for one in found]), np.array([one.course.y for one in found]),
        np.array([one.course.MTD for one in found]), np.array([ENDINGS.index(one.ending) for one in found]),
        np.array([len(one.course.cohorts) for one in found]), np.array([one.enrolled for one in found]),
        np.array([one.months for one in found]),
    )  # fmt: skip


def _toxic(patient: _Patient) -> bool:
    return bool(patient.toxic < np.inf)


def _tite(design: TITECRM, trial: _Trial) -> int:
    now, at = trial.next_arrival(0.0), design.start
    cohort: list[_Patient] = []
    while True:
        if trial.patients:
            decision = _tite_decision(design, trial, now, at)
            if trial.decided(at, cohort, decision):
                break
            at = decision.dose
        cohort = []
        try:
            for _ in range(design.cohort):
                if sum(patient.counts(now) for patient in trial.patients) < design.patients:
                    cohort.append(trial.treat(at - 1, now))
                    now = trial.next_arrival(now)
        except NobodyLeft as short:
            trial.decided(at, cohort, short.decision)
            break
    return _chosen(design, trial)


def _chosen(design: TITECRM | Backfill, trial: _Trial) -> int:
    """The MTD when all have been watched to the end; none where every dose was too toxic, or nobody counts."""
    y, n = trial.counts(trial.patients, _toxic), trial.counts(trial.patients)
    return 0 if trial.ending == "toxic" or not any(n) else design.MTD(y, n)


def _tite_decision(design: TITECRM, trial: _Trial, now: float, at: int) -> Decision:
    """By all who count now; the present dose is that of the last of them."""
    last = next((patient for patient in reversed(trial.patients) if patient.counts(now)), None)
    at = at if last is None else last.dose + 1
    done = [patient for patient in trial.patients if patient.known(now)]
    y = trial.counts(done, lambda patient: patient.toxic <= now)
    waiting = [(p.dose + 1, (now - p.entry) / trial.window) for p in trial.patients if not p.known(now)]
    return design.decide(y, trial.counts(done), at, waiting=waiting)


def _backfilled(design: Backfill, trial: _Trial) -> int:
    decision, now = design.first(), trial.next_arrival(0.0)
    at, escalated = decision.dose, 0
    cohort: list[_Patient] = []
    while True:
        full = sum(patient.counts(now) for patient in cohort) == decision.patients
        if full and now < cohort[-1].end:  # the cohort is full and not yet read
            doses = _open(design, trial, cohort, at, now)
            with suppress(NobodyLeft):  # the cohort is read all the same
                if doses:
                    trial.treat(doses[-1] - 1, now)
        else:
            if full:
                read = cohort[-1].end  # decided on the day, by all who have been watched to the end by then
                seen = [patient for patient in trial.patients if patient.end <= read]
                escalated += sum(patient.evaluable for patient in cohort)
                decision = design.decide(trial.counts(seen, _toxic), trial.counts(seen), at, escalated=escalated)
                if trial.decided(at, cohort, decision):
                    trial.patients = [patient for patient in trial.patients if patient.entry <= read]
                    break
                at, cohort = decision.dose, []
                left = design.design.patients - escalated
                if decision.patients > left:
                    decision = Decision(decision.action, at, decision.reason, left, decision.eliminated)
            try:
                cohort.append(trial.treat(at - 1, now))
            except NobodyLeft as short:
                trial.decided(at, cohort, short.decision)
                break
        now = trial.next_arrival(now)
    return _chosen(design, trial)


def _open(design: Backfill, trial: _Trial, cohort: Sequence[_Patient], at: int, now: float) -> Sequence[int]:
    """The doses at which somebody may be treated while a cohort is watched."""
    seen = [patient for patient in trial.patients if patient.end <= now and patient not in cohort]
    if not seen:
        return ()
    responders = trial.counts(seen, lambda patient: patient.responds)
    doses = design.open(trial.counts(seen, _toxic), trial.counts(seen), responders, at)
    given = trial.counts(trial.patients)
    return tuple(dose for dose in doses if given[dose - 1] < design.cap)
