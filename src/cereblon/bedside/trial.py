"""A trial, simulated: a protocol's patients, from the dose to response, time and toxicity.

    trial("MM_001_phase_2").run(seed=1)          one replicate
    trial("MM_001_phase_2").replicates(100)      many, seeds 1, 2, ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cereblon.bedside.clinic import WEEK, Clinic
from cereblon.bedside.draws import Floats
from cereblon.bedside.lanes import supported, together
from cereblon.bedside.outcome import Outcome, Replicates, gathered
from cereblon.cohort import Cohort, Population, population
from cereblon.ground.errors import InputError, SolveError
from cereblon.ground.quantity import Quantity
from cereblon.model import whole_patient
from cereblon.records.days import DAY
from cereblon.records.policy import Policy, policy
from cereblon.records.regimen import Regimen, regimen
from cereblon.records.trial import Protocol, protocol

Progress = Callable[[int, int], None]
BATCH = 1010  # patients simulated at once
RTOL = 1e-3  # outputs of the whole patient within 3e-5 (benchmarks/throughput.py), where a laboratory errs by a tenth
MOST = 100_000  # replicates
LAST = 1e-3  # h: the run ends after its last visit, so that this is one


@dataclass(frozen=True)
class Trial:
    """A protocol with its population, regimen and policy looked up."""

    protocol: Protocol
    population: Population
    regimen: Regimen
    policy: Policy

    @property
    def patients(self) -> int:
        """How many are treated in one replicate."""
        return self.protocol.structure["patients"]

    def under(self, rules: str | Path | None = None, support: str | None = None) -> Trial:
        """The same trial under another policy, by name or file, and another use of its growth factor (as in
        `Policy.supporting`). Raises InputError or RecordError."""
        chosen = policy(rules) if rules else self.policy
        check_support(self.protocol, self.regimen, chosen)
        return replace(self, policy=chosen.supporting(support or "policy"))

    def run(self, seed: int = 1, **options: Any) -> Outcome:
        """One replicate; `options` as in `outcomes`."""
        return self.outcomes([seed], **options)[0]

    def replicates(self, count: int = 100, seed: int = 1, *, progress: Progress | None = None,
                   **options: Any) -> Replicates:  # fmt: skip
        """Replicates of seeds `seed`, `seed` + 1, ...; Ctrl-C keeps those that are done. Raises InputError for none."""
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST:
            raise InputError("replicates are a whole number", where="count", found=repr(count), example="100")
        at_once = max(1, BATCH // self.patients)
        done: list[tuple[int, dict[str, float]]] = []
        try:
            for first in range(seed, seed + count, at_once):
                batch = self.outcomes(range(first, min(first + at_once, seed + count)), **options)
                done += [(one.seed, one.numbers()) for one in batch]
                if progress:
                    progress(len(done), count)
        except KeyboardInterrupt:
            if not done:
                raise
        return gathered(self.protocol.symbol, self.patients, done, count, self.population)

    def outcomes(self, seeds: Sequence[int], **options: Any) -> list[Outcome]:
        """The outcome of every seed, simulated together: a patient does not depend on who else is.

        `options` as in `treated`. A seed that is named twice, with two `shares`, is the same patients at two doses.
        """
        return self.treated([self.population.sample(self.patients, seed) for seed in seeds], **options)

    def treated(self, cohorts: Sequence[Cohort], *, cut: bool | Sequence[Floats] = True, rtol: float = RTOL,
                changes: Mapping[str, str | Quantity] | None = None, drug: str = "",
                shares: Sequence[float | Floats] = (), daily: bool = False) -> list[Outcome]:  # fmt: skip
        """The outcome of every cohort, whatever its size.

        `cut=False` follows everyone through all cycles; days of a cohort's data cut may be given, one a patient.
        `changes` are addresses with new numbers, as in `Model.replace`, and replace what is sampled. `shares` of the
        planned dose of `drug`: a number per cohort, or one a patient. `daily` keeps neutrophils of every day
        (`Outcome.daily`). Raises InputError, and SolveError where no patient could be simulated.
        """
        given, drugs = supported(self.regimen, self.policy, self.protocol.structure["cycles"])
        model = whole_patient(given.compounds, self.population.cells, body=self.population.body)
        fixed: set[str] = set()
        if changes:
            model = model.replace(changes)
            fixed = {model.resolve(address) for address in changes}
        varied = together(cohorts, given, model, drug, shares)
        varied = {slot: x for slot, x in varied.items() if slot not in fixed}
        clinic = Clinic(self.protocol, self.policy, self.regimen, cohorts, drugs, cut=cut)
        visits = clinic.days * DAY
        times = [*np.arange(0.0, float(visits[-1]), DAY if daily else float(visits[-1])), float(visits[-1]) + LAST]
        doses = (*given.doses(), *clinic.transfusion.doses(WEEK * DAY, float(visits[-1])))
        run = model.simulate(
            times, doses, vary=varied, visits=visits, policy=clinic, observe=["ANC"], rtol=rtol,
        )  # fmt: skip
        failed = np.array(run.trajectory.failed, dtype=np.int64)
        if len(failed) == clinic.patients:
            raise SolveError(f"no patient of {self.protocol.name} could be simulated: {run.status[0]}")
        counts = run["ANC"] if daily else None
        out, start = [], 0
        for cohort in cohorts:
            who = np.arange(start, start + len(cohort))
            lost = tuple((failed[np.isin(failed, who)] - start).tolist())
            out.append(
                Outcome(
                    self.protocol.symbol, cohort.seed, clinic, who, model, cohort, lost,
                    decisions=run.trajectory.decisions, support=given.rows[-1] if self.policy.growth_factor else None,
                    daily=None if counts is None else counts[who],
                )
            )  # fmt: skip
            start += len(cohort)
        return out


def trial(name_or_path: str | Path) -> Trial:
    """A trial by name, or from a user's `.toml` file. Raises InputError or RecordError."""
    record = protocol(name_or_path)
    given, rules = regimen(record.regimen, cycles=record.structure["cycles"]), policy(record.policy)
    if record.levels:
        raise InputError(
            "this trial is an escalation", where=record.name, expected="a trial of one dose",
            example=f'escalation_trial("{record.name}")',
        )  # fmt: skip
    check_visits(record, given)
    check_support(record, given, rules)
    return Trial(record, population(record.population), given, rules)


def check_visits(record: Protocol, given: Regimen) -> None:
    """Whether cycles and assessments fall on the weekly visits. Raises InputError."""
    cycle, apart = given.cycle, record.assessed_every(given.cycle)
    if cycle % WEEK:
        raise InputError(
            "visits are weekly, so a cycle is whole weeks", where=f"{record.name}: regimen {given.name}",
            found=f"{cycle} d", example="28 d",
        )  # fmt: skip
    if apart < WEEK or apart % WEEK or apart > cycle * record.structure["cycles"]:
        raise InputError(
            "response is assessed at weekly visits, at least once", where=f"{record.name}: visit.assessment.duration",
            found=f"every {apart:g} d in {cycle * record.structure['cycles']} d",
            expected="whole weeks, within the cycles that a patient is followed", example="28 d",
        )  # fmt: skip


def check_support(record: Protocol, given: Regimen, rules: Policy) -> None:
    """InputError where the policy's growth factor is a drug of the regimen, so that nobody could tell them apart."""
    if rules.growth_factor in [drug.name for drug in given.compounds]:
        raise InputError(
            "the growth factor of the policy is a drug of the regimen", where=f"{record.name}: policy {rules.name}",
            found=rules.growth_factor, example="filgrastim",
        )  # fmt: skip
