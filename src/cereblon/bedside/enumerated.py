"""Exact operating characteristics: every course that a trial can take, with its probability.

    P(state after a cohort) = sum over states before it and DLTs k of  P(state) C(c, k) p^k (1 - p)^(c - k)

States that several courses reach are one. 3+3 has a few hundred; BOIN with 30 patients and five doses some ten
thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from cereblon.bedside.escalation.decision import Counts
from cereblon.bedside.escalation.design import Design
from cereblon.bedside.simulated import ENDINGS, Floats
from cereblon.ground.errors import InputError

MOST = 300_000  # states: about a minute

State = tuple[Counts, Counts, int, int]  # y, n, dose from 0, patients of the next cohort


@dataclass(frozen=True, eq=False)
class Enumerated:
    """Expectations over all courses. `MTD`: probability of none and of each dose; `ending`: of each of ENDINGS.

    `n`, `y`: expected patients and DLTs per dose; `cohorts`: expected number; `total`: probability of 0, 1, ...
    patients.
    """

    n: Floats
    y: Floats
    MTD: Floats
    ending: Floats
    cohorts: float
    total: Floats
    states: int


def enumerate_trials(design: Design, truth: Floats) -> Enumerated:
    """Raises InputError where the courses are too many to enumerate."""
    first, none = design.first(), (0,) * design.doses
    level: dict[State, float] = {(none, none, first.dose - 1, first.patients): 1.0}
    n, y, MTD = np.zeros(design.doses), np.zeros(design.doses), np.zeros(design.doses + 1)
    ending, total, cohorts, states = np.zeros(len(ENDINGS)), np.zeros(design.patients + 1), 0.0, 0
    while level:
        after: dict[State, float] = {}
        for (toxic, treated, dose, size), chance in level.items():
            p = float(truth[dose])
            n[dose] += chance * size
            y[dose] += chance * size * p
            cohorts += chance
            for k in range(size + 1):
                here = chance * comb(size, k) * p**k * (1 - p) ** (size - k)
                if here:
                    now = _added(toxic, dose, k), _added(treated, dose, size)
                    key = (*now, dose, 0)
                    after[key] = after.get(key, 0.0) + here
        level = {}
        for (toxic, treated, dose, _), chance in after.items():
            decision = design.decide(toxic, treated, dose + 1)
            if decision.action == "stop":
                MTD[design.MTD(toxic, treated)] += chance
                ending[ENDINGS.index(decision.end)] += chance
                total[sum(treated)] += chance
            else:
                key = (toxic, treated, decision.dose - 1, decision.patients)
                level[key] = level.get(key, 0.0) + chance
        states += len(after)
        if states > MOST:
            raise InputError(
                "too many courses to enumerate", where="exact", found=f"more than {MOST:,} states",
                expected="fewer patients or doses, or a simulation",
            )  # fmt: skip
    return Enumerated(n, y, MTD, ending, cohorts, total, states)


def _added(counts: Counts, dose: int, more: int) -> Counts:
    return (*counts[:dose], counts[dose] + more, *counts[dose + 1 :])
