"""A trial, simulated: a protocol's patients, from the dose to response, time and toxicity.

    trial("MM_001_phase_2").run(seed=1)          one replicate
    trial("MM_001_phase_2").replicates(100)      many, seeds 1, 2, ...
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cereblon.bedside.clinic import FAR, WEEK, Clinic
from cereblon.cohort import Cohort, Population, population
from cereblon.ground.quantity import Quantity
from cereblon.model import Model, whole_patient
from cereblon.model.patient import COHORT_RTOL, for_age
from cereblon.records.policy import Policy, policy
from cereblon.records.regimen import DAY, Regimen, dose, regimen
from cereblon.records.trial import Protocol, protocol

BATCH = 1010  # patients simulated at once


@dataclass(frozen=True)
class Trial:
    """A protocol with its population, regimen and policy looked up; `replace` exchanges one of them."""

    protocol: Protocol
    population: Population
    regimen: Regimen
    policy: Policy

    def simulate(self, seeds: Sequence[int], *, cut: bool = True, rtol: float = COHORT_RTOL,
                 patients: int | None = None, changes: dict[str, Quantity] | None = None) -> Clinic:  # fmt: skip
        """The clinic of every patient of every seed, after the last visit."""
        n = patients or self.protocol.structure["patients"]
        cohorts = [self.population.sample(n, seed) for seed in seeds]
        given = self.regimen
        treated = {row.drug.enters: "treated" for row in given.rows if row.drug.kind == "glue"}
        support: dict[str, str] = {}
        if self.policy.growth_factor:
            amount, cycles = self.policy["growth_factor.dose"], self.protocol.structure["cycles"]
            extra = dose(self.policy.growth_factor, amount, days="1-28", cycle="28 d", cycles=cycles)
            given, support = given + extra, {extra.rows[0].drug.enters: "support"}
        model = whole_patient(given.compounds, self.population.cells, body=self.population.body)
        if changes:
            model = model.replace(changes)
        varied = _together(cohorts, given, model)
        clinic = Clinic(self.protocol, self.policy, self.regimen, cohorts, {**treated, **support}, cut=cut)
        visits = clinic.days * DAY
        clinic.run = model.simulate(
            [0.0, float(visits[-1]) + 1e-3], given, vary=varied, visits=visits, policy=clinic, observe=["ANC"], rtol=rtol
        )
        return clinic


def trial(name_or_path: str | Path) -> Trial:
    """A trial by name, or from a user's `.toml` file. Raises InputError or RecordError."""
    record = protocol(name_or_path)
    return Trial(record, population(record.population),
                 regimen(record.regimen, cycles=record.structure["cycles"]), policy(record.policy))  # fmt: skip


def _together(cohorts: Sequence[Cohort], given: Regimen, model: Model) -> dict[str, np.ndarray]:
    """The numbers of all cohorts, one after the other."""
    each = [for_age(given, model, cohort.numbers(model)) for cohort in cohorts]
    return {slot: np.concatenate([numbers[slot] for numbers in each]) for slot in each[0]}
