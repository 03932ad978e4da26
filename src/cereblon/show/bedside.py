"""The trials of a page: phase 2 of MM-001 with the study's compound, and a phase 1 at shares of its dose.

Each run is made once, when it is first asked for. Phase 1 treats the same patients at each dose, so that a patient's
DLT at one dose and at the next is the same person's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import cycle, islice
from typing import Any

from cereblon.bedside.designs import design
from cereblon.bedside.escalation.course import Course, escalate
from cereblon.bedside.operating import Operating, operating
from cereblon.bedside.outcome import Outcome, Replicates
from cereblon.bedside.toxicity import Limiting, dose_limiting
from cereblon.bedside.trial import Trial, trial
from cereblon.records.regimen import Regimen
from cereblon.show.study import Study
from cereblon.show.treatment import DOUBLET

TRIAL = "MM_001_phase_2"
SHARES = (0.3, 0.6, 1.0, 1.5, 2.0)  # of the dose: 0.3 to 2.0 mg of mezigdomide
WINDOW_CYCLES = 2  # a grade 4 that begins in the first cycle may last beyond it
DEFINITION = "class_precedent"
TARGET = 0.25
TRIALS = 2000
FEWEST = 40  # patients of a phase 1, a cohort of which are replaced
DESIGNS = ("3+3", "BOIN", "BLRM")
ESCALATED = "BOIN"
HELD, UNHELD = "held and supported", "never held"
LIMITS = (
    "hold.neutrophil", "hold.platelet", "hold.febrile_neutropenia", "cycle.neutrophil", "cycle.platelet",
    "growth_factor.neutrophil",
)  # fmt: skip
"""Counts of a policy below which something is done."""


@dataclass(frozen=True)
class Bedside:
    """The trials of one study; asked for where its compound is given to patients."""

    study: Study

    @cached_property
    def plan(self) -> Trial:
        """The shipped trial with the study's compound, patient and dose."""
        made = trial(TRIAL)
        given = self.study.treatment.regimens[DOUBLET].repeat(made.protocol.structure["cycles"])
        return replace(made, regimen=given, population=replace(made.population, body=self.study.body))

    @cached_property
    def changes(self) -> dict[str, str]:
        """What the user set of cells and body."""
        return self.study.changes_in(self.study.treatment.typical(DOUBLET).model)

    @cached_property
    def outcome(self) -> Outcome:
        """One replicate, of the study's seed."""
        return self.plan.run(self.study.seed, changes=self.changes)

    @cached_property
    def replicates(self) -> Replicates:
        """The study's number of replicates, that one among them."""
        found = self.plan.replicates(self.study.replicates, self.study.seed, changes=self.changes)
        if len(found.seeds) < found.planned:  # of a page that is stopped nothing is kept
            raise KeyboardInterrupt
        return found

    # -- phase 1 -------------------------------------------------------------------------------------------------

    @cached_property
    def doses(self) -> tuple[str, ...]:
        """The doses, as they are printed."""
        return tuple(str(self.given(share).rows[0].amount) for share in SHARES)

    def given(self, share: float) -> Regimen:
        """The regimen with a share of the compound's dose."""
        rows = self.plan.regimen.repeat(WINDOW_CYCLES).rows
        focus = self.study.focus.name
        own = [
            replace(row, amount=replace(row.amount, value=float(f"{row.amount.value * share:.3g}")))
            if row.drug.name == focus else row for row in rows
        ]  # fmt: skip
        return Regimen(tuple(own), self.plan.regimen.name)

    @property
    def pool(self) -> int:
        """How many patients are treated at each dose: a cohort of the page, but enough for one escalation."""
        return min(self.plan.patients, max(self.study.size, FEWEST))

    @cached_property
    def limiting(self) -> dict[str, tuple[Limiting, ...]]:
        """Rule of holds -> DLTs of the same patients at each dose, by one definition."""
        protocol = self.plan.protocol
        short = replace(protocol, structure={**protocol.structure, "cycles": WINDOW_CYCLES, "patients": self.pool})
        policy = self.plan.policy
        never = policy.replace({f"{name}.count": "0 1e9/L" for name in LIMITS if f"{name}.count" in policy})
        found = {}
        for rule, rules in ((HELD, policy), (UNHELD, never)):
            own = []
            for share in SHARES:
                at = replace(self.plan, protocol=short, policy=rules, regimen=self.given(share))
                one = at.run(self.study.seed, cut=False, changes=self.changes)
                own.append(dose_limiting(one.toxicity.course, DEFINITION))
            found[rule] = tuple(own)
        return found

    def rates(self, rule: str) -> tuple[float, ...]:
        """Share of the evaluable with a DLT at each dose; NaN where nobody is."""
        return tuple(one.rate.value for one in self.limiting[rule])

    def expected(self, rule: str) -> tuple[Operating, ...]:
        """Operating characteristics of the designs, if the DLT rates are the simulated ones. Raises InputError where
        nobody is evaluable."""
        return tuple(
            operating(self._design(name), self.rates(rule), trials=TRIALS, seed=self.study.seed, target=TARGET)
            for name in DESIGNS
        )

    def course(self, rule: str) -> Course:
        """One escalation: the simulated patients one after the other, those who are not evaluable replaced."""
        coming = cycle(range(self.pool))

        def treated(dose: int, patients: int, before: int) -> list[bool]:
            found = self.limiting[rule][dose - 1]
            able = (who for who in coming if found.evaluable[who])
            return [bool(found.limited[who]) for who in islice(able, patients)]

        return escalate(self._design(ESCALATED), treated)

    def _design(self, name: str) -> Any:
        if name == "BLRM":  # over the shares of the dose, whose own is the reference
            return design(name, amounts=SHARES, reference=1.0, names=self.doses)
        options = {} if name == "3+3" else {"target": TARGET}
        return design(name, doses=len(SHARES), names=self.doses, **options)
