"""The study's compound as patients get it: mezigdomide's regimens with the compound in its place.

Each run, of the typical patient or of a cohort, is made once, when it is first asked for. The chapters follow all
regimens over the same days, so that a cycle of 21 days stands beside one of 28.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cereblon.cohort import Cohort, population
from cereblon.model import Result, simulate, whole_patient
from cereblon.records.days import DAY
from cereblon.records.regimen import Regimen, Row, dose, regimen
from cereblon.show.study import GUIDE, PRIMARY, Study

if TYPE_CHECKING:
    from numpy.typing import NDArray

DOUBLET = "mezi_dex"
TRIPLETS = ("mezi_bortezomib_dex", "mezi_daratumumab_dex", "mezi_trametinib_dex")
REGIMENS = (DOUBLET, *TRIPLETS)
STRUCTURES = {
    "triple_class_refractory": "structure 1: cereblon",
    "triple_class_refractory_downstream": "structure 2: downstream",
}
"""Population -> where its resistance lies, as it is said."""

DAYS = 112  # four cycles of 28 d
VISITS = tuple(range(28, DAYS + 1, 28))  # d
STEP = 3.0  # h between samples of the typical patient
EARLY = (0.5, 1.0, 2.0)  # h after a dose: where a fast absorption peaks between two samples


@dataclass(frozen=True)
class Treatment:
    """Regimens and runs of one study; `absent` says why there are none."""

    study: Study
    runs: dict[tuple[str, str], Result] = field(default_factory=dict, repr=False, compare=False)

    @property
    def absent(self) -> str:
        """Why the compound is given to no patient here; empty where it is."""
        focus = self.study.focus
        if not set(PRIMARY) <= set(focus.neosubstrates):
            return (
                f"No recruitment of both IKZF1 and IKZF3 by {focus.symbol} is on record. What kills myeloma and what "
                "lowers blood counts begins here with their loss, so no patient is followed under it."
            )
        if not self.study.has_dose(focus.name):
            return f"No dose of {focus.symbol} is on record, so no patient is followed under it; `--dose` gives one."
        return ""

    @cached_property
    def regimens(self) -> dict[str, Regimen]:
        """Those on record, for as many cycles as begin within the days, with the study's own drugs."""
        return {name: Regimen(tuple(self._own(row) for row in regimen(name).rows), name) for name in REGIMENS}

    def typical(self, name: str) -> Result:
        """The typical patient, every three hours and soon after each dose."""
        key = (name, "typical")
        if key not in self.runs:
            given = self.regimens[name]
            model = whole_patient(given.compounds, body=self.study.body)
            days = sorted({day for row in given.rows for day in dosing_days(row)})
            soon = [day * DAY + hour for day in days for hour in EARLY]
            times = np.unique([*np.arange(0.0, DAYS * DAY, STEP), *soon, DAYS * DAY])
            read = [*model.network.observables, f"{self.study.focus.name}@central"]
            self.runs[key] = simulate(given, model, times=times, changes=self.study.changes_in(model), observe=read)
        return self.runs[key]

    def cohort(self, name: str, structure: str) -> Result:
        """The cohort, once a day, just before the day's doses."""
        key = (name, structure)
        if key not in self.runs:
            typical = self.typical(name)
            self.runs[key] = simulate(
                self.regimens[name], self.patients(structure), until=f"{DAYS} d",
                changes=self.study.changes_in(typical.model),
                observe=typical.trajectory.outputs,  # the same read-outs: machine code is compiled once for both
            )  # fmt: skip
        return self.runs[key]

    def patients(self, structure: str) -> Cohort:
        """The same patients whatever they are given."""
        there = replace(population(structure), body=self.study.body)
        return there.sample(self.study.size, self.study.seed)

    def title(self, name: str) -> str:
        """What is given, in the order of its importance: the glue, its partner, the steroid."""
        return " + ".join(drug.symbol for drug in self.regimens[name].compounds)

    def third(self, name: str) -> str:
        """The drug that a triplet has beside the glue and the steroid; the steroid of the doublet."""
        both = {drug.name for drug in self.regimens[DOUBLET].compounds}
        drugs = self.regimens[name].compounds
        return next((drug.symbol for drug in drugs if drug.name not in both), drugs[-1].symbol)

    def _own(self, row: Row) -> Row:
        """A row with the study's record of its drug, and the focus where mezigdomide stands."""
        study, cycles = self.study, -(-DAYS // row.cycle)
        if row.drug.name != GUIDE:
            return replace(row, drug=next(p for p in study.partners if p.name == row.drug.name), cycles=cycles)
        asked = study.dose or study.focus.name != GUIDE
        amount = dose(study.focus, study.amount(study.focus.name)).rows[0].amount if asked else row.amount
        return replace(row, drug=study.focus, amount=amount, cycles=cycles)


def dosing_days(row: Row) -> list[int]:
    """Days (from 0) on which a drug is given, up to the last that is followed."""
    return [day for day in row.dosing_days() if day < DAYS]


def followed(result: Result) -> NDArray[np.bool_]:
    """Which patients reached the end. The others are in no band and no share; they are counted and listed."""
    return np.array([status.ok for status in result.status])


def marker(result: Result) -> NDArray[np.float64]:
    """What a patient's disease is measured by, over its start: M-protein, or the light chain of those who have none."""
    level = result["M_protein"]
    return np.where(level[:, :1] > 0, over_start(level), over_start(result["FLC"]))


def over_start(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Levels over that of time 0; NaN where that is 0."""
    start = level[:, :1]
    return np.divide(level, start, out=np.full_like(level, np.nan), where=start > 0)
