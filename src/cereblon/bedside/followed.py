"""Phase 1, all treated: the patients of an escalation, followed beyond its window as in a trial of one dose.

    escalation_trial("MM_001_phase_1_21_28").followed(seed=1)                one escalation
    schedules("MM-001 phase 1", [...], count=8).all_treated(77)              several schedules as one trial

Who was treated at which dose, and when, is the simulated escalation's. Each is the same person as in the window: the
same body, the same blood at weekly visits, the same hazards crossed; from there on the policy and the visits go on
until he leaves or the data are cut. Where more patients are wanted than the escalation treated, those who come next get
its MTD, as an expansion does (nobody, where no dose is tolerated); where fewer, the last to come are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.escalated import Escalated
from cereblon.bedside.lanes import share_of
from cereblon.bedside.limits import whole_number
from cereblon.bedside.outcome import Outcome, Replicates, gathered
from cereblon.bedside.toxicity.ctcae import SEVERE
from cereblon.bedside.trial import Trial, check_visits
from cereblon.cohort import Cohort
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity, unit
from cereblon.records.regimen import DAY
from cereblon.records.sources import Source
from cereblon.statistics.resampling import stream

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bedside.phase_1 import EscalationTrial

Changes = Mapping[str, str | Quantity]


@dataclass(frozen=True)
class Followed:
    """One escalation and what became of its patients: `doses` (from 1), one a patient in the order they came."""

    escalated: Escalated
    doses: NDArray[np.int64] = field(repr=False)
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
        return max(0, len(self.doses) - len(self.escalated.treated))

    def table(self) -> pd.DataFrame:
        """One row per patient, as of a trial of one dose, with dose, name and whether with a DLT."""
        own, names = self.outcome.table(), self.escalated.trial.levels
        limited = [one.DLT for one in self.escalated.treated[: len(own)]]
        own.insert(1, "dose", self.doses)
        own.insert(2, "name", [str(names[dose - 1]) for dose in self.doses])
        own.insert(3, "DLT", limited + [False] * self.expansion)
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


def follow(plan: EscalationTrial, ended: Sequence[Escalated], patients: Sequence[int] | int | None = None,
           changes: Changes | None = None) -> list[Followed]:  # fmt: skip
    """What became of the patients of escalations, all simulated together, for the record's number of cycles.

    `patients`: how many of each, or of every one (default: those it treated). `changes` as in `Trial.treated`. Raises
    InputError where the window's laboratory days are others than those of the visits after it.
    """
    sizes = [patients] * len(ended) if patients is None or isinstance(patients, int) else list(patients)
    for size in sizes or [patients]:
        if size is not None:
            whole_number("patients", size, 1)
    if plan.labs != "weekly":
        raise InputError("beyond the window visits are weekly", where=f"{plan.protocol.name}: labs", found=plan.labs,
                         expected="weekly")  # fmt: skip
    given = plan.regimen.repeat(plan.protocol.structure["cycles"])
    check_visits(plan.protocol, given)
    who = [_allocated(one, size) for one, size in zip(ended, sizes, strict=True)]
    shares = np.array([share_of(given, plan.protocol.drug, level) for level in plan.levels])
    least, month = plan.protocol["cut.least.duration"].to("d").value, unit("month").factor / DAY
    sizes_of = zip(ended, (len(doses) for doses, _ in who), strict=True)
    outcomes = Trial(plan.protocol, plan.population, given, plan.policy.supporting(plan.support)).treated(
        [Cohort(plan.population, one.seed, tuple(range(size))) for one, size in sizes_of],
        cut=[(came[-1] - came) * month + least for _, came in who], changes=changes, drug=plan.protocol.drug,
        shares=[shares[doses - 1] for doses, _ in who],
    )  # fmt: skip
    return [Followed(one, doses, found) for one, (doses, _), found in zip(ended, who, outcomes, strict=True)]


@dataclass(frozen=True)
class Schedules:
    """Several escalations as one trial. `ended`: per arm, its escalations, one a replicate; no two share a seed."""

    name: str
    arms: tuple[EscalationTrial, ...]
    ended: tuple[tuple[Escalated, ...], ...] = field(repr=False)

    def all_treated(self, patients: int, changes: Changes | None = None) -> Replicates:
        """The headline numbers of all treated, a replicate each: an even part of `patients` on each schedule.

        A schedule without a tolerated dose keeps those it treated, and the others take over the rest of its part. Where
        there are several, response and reported events stand there for each too ("ORR, mezi_dex").
        """
        whole_number("patients", patients, len(self.arms))
        each = list(zip(*self.ended, strict=True))
        sizes = zip(*(_parts(arms, patients) for arms in each), strict=True)
        planned = zip(self.arms, self.ended, sizes, strict=True)
        found = [follow(arm, ended, size, changes) for arm, ended, size in planned]
        pooled = [(arms[0].escalated.seed, _pooled(arms)) for arms in zip(*found, strict=True)]
        return gathered(self.name, patients, pooled, len(each), self.arms[0].population)


def schedules(name: str, records: Sequence[str | Path], count: int, seed: int = 1) -> Schedules:
    """`count` escalations of each record; arm k of replicate r has seed `seed` + r (number of arms) + k: other people.

    Raises InputError.
    """
    from cereblon.bedside.phase_1 import escalation_trial

    whole_number("count", count, 1)
    arms = tuple(escalation_trial(record) for record in records)
    ended = [arm.escalations(range(seed + k, seed + k + count * len(arms), len(arms))) for k, arm in enumerate(arms)]
    return Schedules(name, arms, tuple(map(tuple, ended)))


def _parts(ended: Sequence[Escalated], patients: int) -> list[int]:
    """How many of each arm of one replicate are followed."""
    even = [patients // len(ended) + (k < patients % len(ended)) for k in range(len(ended))]
    out = [min(part, len(one.treated)) if one.MTD is None else 0 for one, part in zip(ended, even, strict=True)]
    going = [k for k, one in enumerate(ended) if one.MTD is not None]
    rest = patients - sum(out)
    for place, k in enumerate(going):
        out[k] = rest // len(going) + (place < rest % len(going))
    return out


def _pooled(arms: Sequence[Followed]) -> dict[str, float]:
    """Shares of all patients of several arms: the mean of each, weighted by its patients. A median is left out."""
    each = [arm.outcome.numbers() for arm in arms]
    weights = [len(arm.doses) for arm in arms]
    names = [name for name in each[0] if not name.startswith(("median", "odds", "PFS", "ORR,"))]
    pooled = {name: float(np.average([one[name] for one in each], weights=weights)) for name in names}
    own = [name for name in names if name == "ORR" or name.endswith(", reported")] if len(arms) > 1 else []
    apart = {f"{name}, {arm.escalated.trial.regimen.name}": one[name]
             for arm, one in zip(arms, each, strict=True) for name in own}  # fmt: skip
    return pooled | apart


def _allocated(one: Escalated, patients: int | None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Dose (from 1) and month of entry of each patient, in the order they came."""
    treated = one.treated[:patients]
    doses, came = [each.dose for each in treated], [each.month for each in treated]
    more = 0 if patients is None or not one.course.MTD else patients - len(treated)
    gaps = stream(one.seed, "escalation:expansion").standard_exponential(more) / one.trial.accrual.rate
    doses += [one.course.MTD] * more
    return np.array(doses, dtype=np.int64), np.array([*came, *(one.months + np.cumsum(gaps))])

