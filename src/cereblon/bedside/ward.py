"""The ward of an escalation: who comes next and what became of him, as far as patients have been simulated.

A design that asks for somebody who is not simulated yet is stopped (`NotYet` names him); it is run again from the start
once he is known. Designs of cohorts ask for a cohort, those that do not wait for one patient; of the latter some who
come next are asked for ahead, at the same dose, and forgotten where they get another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cereblon.bedside.calendar import Lived, calendar_trial
from cereblon.bedside.escalated import Escalated, Treated
from cereblon.bedside.escalation.backfill import Backfill
from cereblon.bedside.escalation.course import NobodyLeft, escalate
from cereblon.bedside.escalation.crm import TITECRM
from cereblon.bedside.escalation.design import Design
from cereblon.statistics.resampling import stream

if TYPE_CHECKING:
    from cereblon.bedside.phase_1 import EscalationTrial

Key = tuple[int, int, int]
"""Seed, patient of that seed, level from 0."""
AHEAD = 4  # patients asked for at once where a design asks for one


class NotYet(Exception):
    """Patients whom a design asks for and who are not simulated yet."""

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = keys


def escalated(plan: EscalationTrial, seed: int, design: Design, known: Mapping[Key, Treated]) -> Escalated:
    """One escalation. Raises NotYet."""
    if isinstance(design, TITECRM | Backfill):
        more = design.cap * design.doses if isinstance(design, Backfill) else 0
        lasted = calendar_trial(design, _Coming(plan, seed, known, more), plan.accrual.window)
        came = enumerate(zip(lasted.doses, lasted.entries, lasted.cohorts, strict=True))
        treated = (known[seed, i, dose - 1].replace(month=month, cohort=cohort) for i, (dose, month, cohort) in came)
        return Escalated(plan, seed, lasted.course, tuple(treated), lasted.enrolled, lasted.months)
    ward = _Ward(plan, seed, known)
    course = escalate(design, ward.treat)
    return Escalated(plan, seed, course, tuple(ward.treated), ward.enrolled, ward.months)


@dataclass
class _Coming:
    """Simulated patients who are treated on the day they come; `more` than the record's number where some backfill."""

    plan: EscalationTrial
    seed: int
    known: Mapping[Key, Treated]
    more: int
    came: list[Treated] = field(default_factory=list)

    @cached_property
    def random(self) -> np.random.Generator:
        return stream(self.seed, "escalation:arrival")

    def gap(self) -> float:
        return float(self.random.standard_exponential()) / self.plan.accrual.rate

    def lived(self, number: int, dose: int) -> Lived:
        most = self.plan.protocol.structure["patients"] + self.more
        if number >= most:
            raise NobodyLeft(_nobody_left(most, self.came))
        keys = [(self.seed, patient, dose) for patient in range(number, min(number + AHEAD, most))]
        if keys[0] not in self.known:
            raise NotYet([key for key in keys if key not in self.known])
        one = self.known[keys[0]]
        self.came.append(one)
        days = self.plan.definition["window.duration"].to("d").value
        return Lived(min(one.day / days, 1.0) if one.DLT else np.inf, one.responds, one.evaluable)


@dataclass
class _Ward:
    """Cohorts: who comes next, who was treated, what month it is."""

    plan: EscalationTrial
    seed: int
    known: Mapping[Key, Treated]
    next: int = 0
    enrolled: float = 0.0
    months: float = 0.0
    cohorts: int = 0
    treated: list[Treated] = field(default_factory=list)

    def treat(self, dose: int, patients: int, before: int) -> list[bool]:
        """Treat a cohort, replace those who are not evaluable, and say who has a DLT."""
        most, out = self.plan.protocol.structure["patients"], list[bool]()
        gaps = stream(self.seed, "escalation:arrival").standard_exponential(most) / self.plan.accrual.rate
        self.cohorts += 1
        while len(out) < patients:
            wave = range(self.next, min(self.next + patients - len(out), most))
            if not wave:
                raise NobodyLeft(_nobody_left(most, self.treated), out)
            keys = [(self.seed, patient, dose - 1) for patient in wave]
            if any(key not in self.known for key in keys):
                raise NotYet([key for key in keys if key not in self.known])
            came = self.months + np.cumsum(gaps[wave.start : wave.stop])
            for key, month in zip(keys, came, strict=True):
                one = self.known[key].replace(month=float(month), cohort=self.cohorts)
                self.treated.append(one)
                out += [one.DLT] if one.evaluable else []
            self.enrolled = float(came[-1])
            self.months = self.enrolled + self.plan.accrual.window
            self.next = wave.stop
        return out


def _nobody_left(most: int, treated: Sequence[Treated]) -> str:
    why = next((f"; the last of those {one.reason}" for one in reversed(treated) if not one.evaluable), "")
    return f"patients ran out: all {most} of the record came{why}"
