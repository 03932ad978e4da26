"""Phase 1 from the mechanism: a design chooses doses, patients live through the window, their counts say who has a DLT.

    escalation_trial("MM_001_phase_1").run(seed=1)            one escalation
    escalation_trial("MM_001_phase_1").replicates(100)        its operating characteristics
    escalation_trial("MM_001_phase_1").followed(seed=1)       and what became of its patients (`bedside.followed`)

Patient i of a seed is the same person at every dose and under every rule. Who is not evaluable is replaced by the
next patient, once his window is over. Only who is treated is simulated (`bedside.ward`): escalations of many seeds go
side by side, and what their designs ask for next is simulated at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from cereblon.bedside.accrual import Accrual
from cereblon.bedside.designs import ESCALATIONS, known, options
from cereblon.bedside.designs import design as design_of
from cereblon.bedside.escalated import Escalated, Treated
from cereblon.bedside.escalation.design import Design
from cereblon.bedside.escalation.skeleton import skeleton
from cereblon.bedside.followed import Followed, follow
from cereblon.bedside.lanes import share_of, supported, together
from cereblon.bedside.operating import Operating, summarise
from cereblon.bedside.simulated import ENDINGS, Trials, checked
from cereblon.bedside.toxicity.limiting import Limiting
from cereblon.bedside.ward import Key, NotYet, escalated
from cereblon.bedside.window import Window, check_rules
from cereblon.cohort import Cohort, Population, population
from cereblon.ground.errors import InputError, SolveError
from cereblon.ground.quantity import Estimate, Quantity, unit
from cereblon.model import Model, whole_patient
from cereblon.records.days import DAY
from cereblon.records.dlt import Definition, definition
from cereblon.records.policy import Policy, policy
from cereblon.records.regimen import Regimen, regimen
from cereblon.records.trial import Protocol, protocol
from cereblon.statistics.intervals import clopper_pearson

Progress = Callable[[int, int], None]
RTOL, LAST = 1e-3, 1e-3  # as in a trial of one dose: tolerance of the run, h after its last visit
LANES = 400  # patients simulated at once
SIDE_BY_SIDE = 20  # escalations
AFTER = 14  # d beyond the window, in which a toxicity that began within may last
LONGEST = 365  # d, of a window
TRUTH = 100  # patients from whom a dose's true DLT rate is told
TARGET, HALFWIDTH = 0.3, 0.05  # of a design that aims at a rate, where nothing else is said; of a skeleton


@dataclass(frozen=True)
class EscalationTrial:
    """An escalation with all that its record names looked up; `labs` and `support` as in `bedside.window`."""

    protocol: Protocol
    population: Population
    regimen: Regimen
    policy: Policy
    definition: Definition
    design: Design
    labs: str = "weekly"
    support: str = "policy"

    def __post_init__(self) -> None:
        check_rules(self.labs, self.support, self.policy)
        window = self.definition["window.duration"]
        if not 1 <= window.to("d").value <= LONGEST:
            raise InputError("an escalation cannot watch its patients for such a time",
                             where=f"{self.definition.name}: window.duration", found=str(window),
                             expected=f"1 d to {LONGEST} d, lived through day by day", example="28 d")  # fmt: skip

    @property
    def levels(self) -> tuple[Quantity, ...]:
        """The doses, ascending."""
        return self.protocol.levels

    def run(self, seed: int = 1, design: str | Design | None = None) -> Escalated:
        """One escalation, under the record's design or another. Raises InputError, SolveError."""
        return self.escalations([seed], design)[0]

    def escalations(self, seeds: Sequence[int], design: str | Design | None = None) -> list[Escalated]:
        """One escalation of every seed, side by side, in the order of `seeds`. Raises InputError, SolveError."""
        for seed in seeds:
            checked(1, seed)
        return self._escalations(seeds, self._design(design))

    def followed(self, seed: int = 1, patients: int | None = None, design: str | Design | None = None) -> Followed:
        """One escalation, and what became of all it treated: response and adverse events beyond the window.

        With `patients` so many: filled up at the MTD, or those who came first. Raises InputError, SolveError.
        """
        return follow(self, [self.run(seed, design)], patients)[0]

    def replicates(self, count: int = 100, seed: int = 1, *, design: str | Design | None = None,
                   progress: Progress | None = None) -> Operating:  # fmt: skip
        """Operating characteristics from escalations of seeds `seed`, `seed` + 1, ...; Ctrl-C keeps those done.

        The true rate of a dose is that of TRUTH patients of `seed` who all live through the window at every dose.
        Raises InputError, SolveError.
        """
        checked(count, seed)
        chosen = self._design(design)
        done: list[Escalated] = []
        rates = np.array([one.value for one in self.rates(TRUTH, seed)])
        try:
            for first in range(seed, seed + count, SIDE_BY_SIDE):
                done += self._escalations(range(first, min(first + SIDE_BY_SIDE, seed + count)), chosen)
                if progress:
                    progress(len(done), count)
        except KeyboardInterrupt:
            if not done:
                raise
        part = f" of {count:,} planned" if len(done) < count else ""
        replaced = np.mean([one.replaced for one in done])
        short = sum(one.course.cohorts[-1].decision.end == "short" for one in done)
        how = (
            f"{self.protocol.symbol}: {len(done):,} escalations{part} of simulated patients, seeds from {seed}; "
            f"{replaced:.1f} patients replaced in each; {self.definition.symbol}, labs {self.labs}"
            + (f"; in {short:,} of them the patients ran out" if short else "")
        )
        return summarise(chosen, rates, _gathered(done), chosen.aim, self.accrual, how)

    @property
    def accrual(self) -> Accrual:
        """How patients come, and how long each is watched."""
        window = self.definition["window.duration"].to("month").value
        return Accrual(self.protocol["accrual.rate"].to("1/month").value, window)

    def rates(self, patients: int = TRUTH, seed: int = 1) -> tuple[Estimate, ...]:
        """The DLT rate of each level among those evaluable of patients 0 to `patients` - 1, the same at each level."""
        whole, levels = self.population.sample(patients, seed), range(len(self.levels))
        window, failed = self.lived([whole] * len(levels), levels)
        found = window.limiting(self.definition, failed)
        return tuple(rate_of(found, slice(level * patients, (level + 1) * patients)) for level in levels)

    @cached_property
    def _treatment(self) -> tuple[int, Regimen, Regimen, dict[str, str], Model]:
        """Days that are lived through, the regimen without and with the growth factor, what is held, the model."""
        days = int(self.accrual.window * unit("month").factor / DAY + 1 / 2) + AFTER
        cycles = -(-days // self.regimen.cycle)
        planned = self.regimen.repeat(cycles)
        given, drugs = supported(planned, self.policy, cycles)
        model = whole_patient(given.compounds, self.population.cells, body=self.population.body)
        return days, planned, given, drugs, model

    def lived(self, cohorts: Sequence[Cohort], levels: Sequence[int]) -> tuple[Window, tuple[int, ...]]:
        """The window of every patient of every cohort, each at its level (from 0); and the lanes that failed."""
        days, planned, given, drugs, model = self._treatment
        drug = self.protocol.drug
        shares = [share_of(self.regimen, drug, self.levels[level]) for level in levels]
        window = Window(
            self.protocol, self.policy, planned, cohorts, drugs, days, labs=self.labs, support=self.support
        )
        visits = window.days * DAY
        doses = (*given.doses(), *window.transfusion.doses(DAY, float(visits[-1])))
        run = model.simulate(
            [0.0, float(visits[-1]) + LAST], doses, vary=together(cohorts, given, model, drug, shares), visits=visits,
            policy=window, observe=["ANC"], rtol=RTOL,
        )  # fmt: skip
        failed = tuple(int(i) for i in run.trajectory.failed)
        if len(failed) == window.patients:
            raise SolveError(f"no patient of {self.protocol.name} could be simulated: {run.status[0]}")
        return window, failed

    # -- side by side --------------------------------------------------------------------------------------------

    def _escalations(self, seeds: Iterable[int], design: Design) -> list[Escalated]:
        """Escalate every seed as far as its patients are known, simulate whom the designs ask for, and go on."""
        known_: dict[Key, Treated] = {}
        done: dict[int, Escalated] = {}
        asked_for = list(seeds)
        going = asked_for
        while going:
            wanted: list[Key] = []
            for seed in going:
                try:
                    done[seed] = escalated(self, seed, design, known_)
                except NotYet as asked:
                    wanted += asked.keys
            going = [seed for seed in going if seed not in done]
            for first in range(0, len(wanted), LANES):
                self._live(wanted[first : first + LANES], known_)
        return [done[seed] for seed in asked_for]

    def _live(self, wanted: Sequence[Key], known_: dict[Key, Treated]) -> None:
        groups = [(*key, tuple(part)) for key, part in groupby(wanted, key=lambda key: (key[0], key[2]))]
        cohorts = [Cohort(self.population, seed, tuple(key[1] for key in part)) for seed, _, part in groups]
        window, failed = self.lived(cohorts, [level for _, level, _ in groups])
        found = window.limiting(self.definition, failed)
        responds = window.responds(self.definition["window.duration"].to("d").value)
        lowest = {name: _lowest(window.seen[name]) for name in window.seen}
        for lane, key in enumerate(wanted):
            reason = "replaced: the simulation failed" if lane in failed else found.reason(lane)
            known_[key] = Treated(
                key[1], key[2] + 1, bool(found.limited[lane]), bool(found.evaluable[lane]), float(found.day[lane]),
                reason, float(lowest["ANC"][lane]), float(lowest["PLT"][lane]), responds=bool(responds[lane]),
            )  # fmt: skip

    def _design(self, other: str | Design | None) -> Design:
        """The record's design or another one, of as many doses."""
        chosen = made(other, self.protocol) if isinstance(other, str) else other or self.design
        if chosen.doses != len(self.levels):
            raise InputError("the design has another number of doses", where="design", found=str(chosen.doses),
                             expected=f"{len(self.levels)}: {', '.join(map(str, self.levels))}")  # fmt: skip
        return chosen


def rate_of(found: Limiting, lanes: slice) -> Estimate:
    """Share of the evaluable of some lanes with a DLT, with its exact interval; NaN where nobody is evaluable."""
    evaluable = found.evaluable[lanes]
    n = int(evaluable.sum())
    if not n:
        return Estimate(np.nan, note="no evaluable patient")
    return clopper_pearson(int((found.limited[lanes] & evaluable).sum()), n)


def escalation_trial(
    name_or_path: str | Path, *, population_name: str | Path | None = None, **rules: str
) -> EscalationTrial:
    """An escalation by name, or from a user's `.toml` file.

    `population_name` and the rules `policy`, `definition`, `design`, `labs`, `support` replace the record's. Raises
    InputError or RecordError.
    """
    record = protocol(name_or_path)
    if not record.levels:
        raise InputError("this trial has one dose and escalates none", where=record.name,
                         expected="a record with levels", example=f'trial("{record.name}")')  # fmt: skip
    odd = [name for name in rules if name not in ("policy", "definition", "design", "labs", "support")]
    if odd:
        raise InputError("unknown rule", found=odd[0], expected="policy, definition, design, labs or support")
    given = regimen(record.regimen)
    share_of(given, record.drug, record.levels[0])
    own = {name: rules[name] for name in ("labs", "support") if name in rules}
    return EscalationTrial(
        record, population(population_name or record.population), given, policy(rules.get("policy", record.policy)),
        definition(rules.get("definition", record.definition)), made(rules.get("design", record.design), record),
        **own,
    )  # fmt: skip


def made(name: str, record: Protocol) -> Design:
    """The design of a name for the doses of a record: its cohorts and amounts, a skeleton around its reference dose."""
    name, doses = known(name), len(record.levels)
    if name not in ESCALATIONS:
        raise InputError("not a design of a dose escalation", found=name, expected=", ".join(ESCALATIONS))
    amounts = tuple(level.to("mg").value for level in record.levels)
    reference = record["reference.dose"].to("mg").value
    near = int(np.argmin(np.abs(np.log(np.array(amounts) / reference)))) + 1
    everything: dict[str, Any] = {
        "doses": doses, "names": tuple(map(str, record.levels)), "cohort": record.structure["cohort"],
        "cohorts": record.structure["cohorts"], "amounts": amounts, "reference": reference, "target": TARGET,
    }  # fmt: skip
    if name == "TITE-CRM":  # whoever comes gets the dose of his day
        everything |= {"cohort": 1, "cohorts": record.structure["cohort"] * record.structure["cohorts"]}
    takes = options(name)
    if "skeleton" in takes:
        everything["skeleton"] = skeleton(HALFWIDTH, TARGET, at=near, doses=doses)
        del everything["doses"]
    made_: Design = design_of(name, **{key: value for key, value in everything.items() if key in takes})
    return made_


def _lowest(counts: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The lowest of each row after baseline; NaN where nothing was measured."""
    filled = np.where(np.isnan(counts[:, 1:]), np.inf, counts[:, 1:]).min(axis=1)
    return np.where(np.isinf(filled), np.nan, filled)


def _gathered(done: Sequence[Escalated]) -> Trials:
    n, y = (np.array([getattr(one.course, name) for one in done], dtype=np.int64) for name in ("n", "y"))
    return Trials(
        n, y, np.array([one.course.MTD for one in done]),
        np.array([ENDINGS.index(one.course.cohorts[-1].decision.end) for one in done]),
        np.array([len(one.course.cohorts) for one in done]),
        np.array([one.enrolled for one in done]), np.array([one.months for one in done]),
    )  # fmt: skip
