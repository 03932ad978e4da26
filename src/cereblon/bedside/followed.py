"""Phase 1, all treated: the patients of an escalation, followed beyond its window as in a trial of one dose.

    escalation_trial("MM_001_phase_1_21_28").followed(seed=1)

Who was treated at which dose, and when, is the simulated escalation's. Each is the same person as in the window: the
same body, the same blood at weekly visits, the same hazards crossed; from there on the policy and the visits go on
until he leaves or the data are cut. Where more patients are wanted than the escalation treated, those who come next get
its MTD, as an expansion does (nobody, where no dose is tolerated); where fewer, the last to come are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.escalated import Escalated
from cereblon.bedside.lanes import share_of
from cereblon.bedside.limits import whole_number
from cereblon.bedside.outcome import Outcome
from cereblon.bedside.toxicity.ctcae import SEVERE
from cereblon.bedside.trial import Trial, check_visits
from cereblon.cohort import Cohort
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity, unit
from cereblon.records.days import DAY
from cereblon.records.sources import Source
from cereblon.statistics.resampling import stream

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bedside.phase_1 import EscalationTrial

Changes = Mapping[str, str | Quantity]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Followed:
    """One escalation and what became of its `patients`, by number, in the order they came; `doses` (from 1)."""

    escalated: Escalated
    patients: Ints = field(repr=False)
    doses: Ints = field(repr=False)
    outcome: Outcome

    @property
    def ORR(self) -> Estimate:
        """Overall response rate of all treated, at whatever dose."""
        return self.outcome.ORR

    @property
    def TEAE(self) -> Mapping[str, Estimate]:
        """Term -> share of all treated with an emergent grade 3 or more, as an investigator reports it."""
        return self.outcome.reported

    @property
    def expansion(self) -> int:
        """How many were added at the MTD."""
        return int((self.patients >= len(self.escalated.treated)).sum())

    def table(self) -> pd.DataFrame:
        """One row per patient, as of a trial of one dose, with dose, name and whether with a DLT."""
        own, names = self.outcome.table(), self.escalated.trial.levels
        treated = self.escalated.treated
        own["patient"] = self.patients
        own.insert(1, "dose", self.doses)
        own.insert(2, "name", [str(names[dose - 1]) for dose in self.doses])
        own.insert(3, "DLT", [i < len(treated) and treated[i].DLT for i in self.patients.tolist()])
        return own

    def by_dose(self) -> pd.DataFrame:
        """One row per dose given: patients, DLTs, responders, and patients with an emergent grade 3 or more a term."""
        import pandas as pd

        table, responded = self.table(), self.outcome.endpoints.responses.responders
        graded = {term: grades >= SEVERE for term, grades in self.outcome.toxicity.emergent.items()}
        rows = []
        for dose in sorted(set(self.doses.tolist())):
            own = self.doses == dose
            severe = {term: int(flags[own].sum()) for term, flags in graded.items()}
            counted = {"patients": own, "DLT": own & table["DLT"].to_numpy(), "responders": own & responded}
            named = {"dose": dose, "name": str(self.escalated.trial.levels[dose - 1])}
            rows.append({**named, **{name: int(flags.sum()) for name, flags in counted.items()}, **severe})
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the escalation and of the patients' numbers."""
        return {**self.escalated.sources(), **self.outcome.sources()}

    def __str__(self) -> str:
        more = f", {self.expansion} of them an expansion at the MTD" if self.expansion else ""
        lines = [f"All treated: {len(self.doses)} patients{more}; ORR {self.ORR}"]
        graded = {term: share for term, share in self.TEAE.items() if "grade" not in term}
        lines += [f"  {term} of grade 3 or 4, as reported: {share}" for term, share in graded.items()]
        return "\n".join([*lines, "By dose, grades 3 and 4 as the laboratory saw them:", *self._by_dose()])

    def _by_dose(self) -> list[str]:
        table = self.by_dose().drop(columns="dose").rename(columns={"name": "dose"})
        return [f"  {line}" for line in table.to_string(index=False).splitlines()]


def follow(plan: EscalationTrial, ended: Sequence[Escalated], patients: int | None = None) -> list[Followed]:
    """What became of the patients of escalations, all simulated together, for the record's number of cycles.

    `patients`: how many of each (default: those it treated). Raises InputError where the window's laboratory days are
    others than those of the visits after it.
    """
    if patients is not None:
        whole_number("patients", patients, 1)
    return lived_on(plan, [came(one, patients) for one in ended])


def lived_on(plan: EscalationTrial, who: Sequence[Came], changes: Changes | None = None) -> list[Followed]:
    """What became of those `who` came, simulated together; `changes` as in `Trial.treated`. Raises InputError."""
    if plan.labs != "weekly":
        raise InputError("beyond the window visits are weekly", where=f"{plan.protocol.name}: labs", found=plan.labs,
                         expected="weekly")  # fmt: skip
    given = plan.regimen.repeat(plan.protocol.structure["cycles"])
    check_visits(plan.protocol, given)
    shares = np.array([share_of(given, plan.protocol.drug, level) for level in plan.levels])
    least, month = plan.protocol["cut.least.duration"].to("d").value, unit("month").factor / DAY
    outcomes = Trial(plan.protocol, plan.population, given, plan.policy.supporting(plan.support)).treated(
        [Cohort(plan.population, one.escalated.seed, tuple(one.patients.tolist())) for one in who],
        cut=[(one.last - one.month) * month + least for one in who], changes=changes, drug=plan.protocol.drug,
        shares=[shares[one.doses - 1] for one in who],
    )  # fmt: skip
    return [Followed(one.escalated, one.patients, one.doses, out) for one, out in zip(who, outcomes, strict=True)]


class Came(NamedTuple):
    """Who is followed of one escalation: numbers, doses (from 1), months of entry, and the month of the last of all."""

    escalated: Escalated
    patients: Ints
    doses: Ints
    month: NDArray[np.float64]
    last: float

    def some(self, which: Ints) -> Came:
        """Some of them."""
        return Came(self.escalated, self.patients[which], self.doses[which], self.month[which], self.last)


def came(one: Escalated, patients: int | None = None) -> Came:
    """Those whom an escalation treated, in the order they came: the first so many, or with others at its MTD."""
    treated = one.treated[:patients]
    more = 0 if patients is None or not one.course.MTD else patients - len(treated)
    gaps = stream(one.seed, "escalation:expansion").standard_exponential(more) / one.trial.accrual.rate
    doses = [*(each.dose for each in treated), *[one.course.MTD] * more]
    month = np.array([*(each.month for each in treated), *(one.months + np.cumsum(gaps))])
    return Came(one, np.arange(len(doses)), np.array(doses, dtype=np.int64), month, float(month[-1]))
