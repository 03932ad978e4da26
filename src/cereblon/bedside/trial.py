"""A trial, simulated: a protocol's patients, from the dose to response, time and toxicity.

    trial("MM_001_phase_2").run(seed=1)          one replicate
    trial("MM_001_phase_2").replicates(100)      many, seeds 1, 2, ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cereblon.bedside.clinic import CYCLE, Clinic
from cereblon.bedside.outcome import Outcome, Replicates, gathered
from cereblon.cohort import Cohort, Population, population
from cereblon.ground.errors import InputError, SolveError
from cereblon.ground.quantity import Quantity
from cereblon.model import Model, whole_patient
from cereblon.model.patient import for_age
from cereblon.records.policy import Policy, policy
from cereblon.records.regimen import DAY, Regimen, Row, dose, regimen
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

    def outcomes(self, seeds: Sequence[int], *, cut: bool = True, rtol: float = RTOL,
                 changes: Mapping[str, str | Quantity] | None = None) -> list[Outcome]:  # fmt: skip
        """The outcome of every seed, simulated together: a patient does not depend on who else is.

        `cut=False` follows everyone through all cycles. `changes` are addresses with new numbers, as in
        `Model.replace`, and replace what is sampled. Raises InputError, and SolveError where no patient could be
        simulated.
        """
        cohorts = [self.population.sample(self.patients, seed) for seed in seeds]
        given = self.regimen
        drugs = {row.drug.enters: "treated" for row in given.rows if row.drug.kind == "glue"}
        support: Row | None = None
        if self.policy.growth_factor:
            amount, cycles = self.policy["growth_factor.dose"], self.protocol.structure["cycles"]
            extra = dose(self.policy.growth_factor, amount, days="1-28", cycle="28 d", cycles=cycles)
            support = extra.rows[0]
            given, drugs = given + extra, {**drugs, extra.rows[0].drug.enters: "support"}
        model = whole_patient(given.compounds, self.population.cells, body=self.population.body)
        fixed: set[str] = set()
        if changes:
            model = model.replace(changes)
            fixed = {model.resolve(address) for address in changes}
        varied = {slot: x for slot, x in _together(cohorts, given, model).items() if slot not in fixed}
        clinic = Clinic(self.protocol, self.policy, self.regimen, cohorts, drugs, cut=cut)
        visits = clinic.days * DAY
        run = model.simulate(
            [0.0, float(visits[-1]) + LAST], given, vary=varied, visits=visits, policy=clinic, observe=["ANC"],
            rtol=rtol,
        )  # fmt: skip
        failed = np.array(run.trajectory.failed, dtype=np.int64)
        if len(failed) == clinic.patients:
            raise SolveError(f"no patient of {self.protocol.name} could be simulated: {run.status[0]}")
        out, start = [], 0
        for seed, cohort in zip(seeds, cohorts, strict=True):
            who = np.arange(start, start + len(cohort))
            lost = tuple((failed[np.isin(failed, who)] - start).tolist())
            out.append(
                Outcome(
                    self.protocol.symbol, int(seed), clinic, who, model, cohort, lost,
                    decisions=run.trajectory.decisions, support=support,
                )
            )  # fmt: skip
            start += len(cohort)
        return out


def trial(name_or_path: str | Path) -> Trial:
    """A trial by name, or from a user's `.toml` file. Raises InputError or RecordError."""
    record = protocol(name_or_path)
    given, rules = regimen(record.regimen, cycles=record.structure["cycles"]), policy(record.policy)
    if odd := [str(row) for row in given.rows if row.cycle != CYCLE]:
        raise InputError(
            f"visits of a trial count cycles of {CYCLE} d, so far", where=f"{record.name}: regimen", found=odd[0],
            expected=f"a regimen with cycles of {CYCLE} d", example="mezi_dex",
        )  # fmt: skip
    if rules.growth_factor in [drug.name for drug in given.compounds]:
        raise InputError(
            "the growth factor of the policy is a drug of the regimen", where=f"{record.name}: policy {rules.name}",
            found=rules.growth_factor, example="filgrastim",
        )  # fmt: skip
    return Trial(record, population(record.population), given, rules)


def _together(cohorts: Sequence[Cohort], given: Regimen, model: Model) -> dict[str, np.ndarray]:
    """The numbers of all cohorts, one after the other."""
    each = [for_age(given, model, cohort.numbers(model)) for cohort in cohorts]
    return {slot: np.concatenate([numbers[slot] for numbers in each]) for slot in each[0]}
