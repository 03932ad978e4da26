"""What became of every patient: best response, its dates, progression, and the reason of each decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.response.assessment import Assessments, Floats
from cereblon.bedside.response.category import LEVELS, MR, NE, PD, PR, SD
from cereblon.bedside.response.rules import Rules
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

BY_NEXT, BY_NONE, BY_DEATH = 1, 2, 3
HOW = {
    0: "",
    BY_NEXT: "confirmed by the next assessment",
    BY_NONE: "by marrow, lesion or calcium, which needs no second",
    BY_DEATH: "followed by death, the earlier date is kept",
}


@dataclass(frozen=True)
class Responses:
    """One entry per patient, as codes of `LEVELS` or days (NaN: none). `raw` and `confirmed` are (patients, visits):
    the category of the visit by itself, and the confirmed response that begins there.

    `known_day` is when progression was known, which is the day of the assessment that confirmed it: until then
    treatment goes on. `tentative` is the best category seen, confirmed or not; `measurable` whether baseline can be
    followed; `evaluable` whether an assessment after it could be judged before other therapy.
    """

    measured: Assessments = field(repr=False)
    rules: Rules
    raw: NDArray[np.int8] = field(repr=False)
    confirmed: NDArray[np.int8] = field(repr=False)
    best: NDArray[np.int8] = field(repr=False)
    best_day: Floats = field(repr=False)
    response_day: Floats = field(repr=False)
    progression_day: Floats = field(repr=False)
    progression_how: NDArray[np.int8] = field(repr=False)
    known_day: Floats = field(repr=False)
    tentative: NDArray[np.int8] = field(repr=False)
    measurable: NDArray[np.bool_] = field(repr=False)
    evaluable: NDArray[np.bool_] = field(repr=False)
    MRD_negative: NDArray[np.bool_] = field(repr=False)

    @property
    def patients(self) -> tuple[str, ...]:
        return self.measured.patients

    @property
    def notes(self) -> tuple[str, ...]:
        """What was odd about the data."""
        own = list(self.measured.notes)
        for flags, said in (
            (~self.measurable, "without measurable disease at baseline: never a response"),
            (self.measurable & ~self.evaluable, "without an assessment that could be judged"),
            ((self.tentative >= PR) & ~(self.best >= PR), "whose response was not confirmed, so it is none"),
        ):
            if flags.any():
                own.append(f"{int(flags.sum())} of {len(flags)} patients {said}")
        return tuple(own)

    @property
    def responders(self) -> NDArray[np.bool_]:
        """Partial response or better, confirmed."""
        return self.best >= PR

    def counts(self) -> dict[str, int]:
        """Patients by best response, from sCR down."""
        return {LEVELS[k]: int((self.best == k).sum()) for k in reversed(range(len(LEVELS)))}

    def table(self) -> pd.DataFrame:
        """One row per patient: best response and its days, progression, what became of the patient."""
        import pandas as pd

        levels = np.array(LEVELS)
        m = self.measured
        seen = np.where(self.raw[:, 1:] != NE, m.day[:, 1:], -np.inf).max(axis=1, initial=-np.inf)
        return pd.DataFrame({
            "patient": self.patients, "best": levels[self.best], "best_day": self.best_day,
            "response_day": self.response_day, "progression_day": self.progression_day,
            "progression": [HOW[int(h)] for h in self.progression_how], "progression_known": self.known_day,
            "tentative": levels[self.tentative],
            "measurable": self.measurable, "evaluable": self.evaluable, "MRD_negative": self.MRD_negative,
            "start": m.start, "new_therapy": m.new_therapy, "death": m.death,
            "last_assessment": np.where(np.isinf(seen), np.nan, seen),
        })  # fmt: skip

    def visits(self, patient: str | int) -> pd.DataFrame:
        """One row per assessment of a patient: day, category, confirmed, reason. Raises InputError for an unknown
        one."""
        import pandas as pd

        from cereblon.bedside.response.confirmation import visits_of

        i = self.measured.index(patient)
        rows = []
        for v, judged in visits_of(self.measured.of(i), self.rules):
            day = self.measured.day[i, v]
            if not day <= self.measured.cut:
                continue
            held = int(self.confirmed[i, v])
            rows.append({"day": day, "category": LEVELS[int(self.raw[i, v])],
                         "confirmed": LEVELS[held] if held else "", "reason": judged.reason(0)})  # fmt: skip
        return pd.DataFrame(rows, columns=["day", "category", "confirmed", "reason"])

    def reason(self, patient: str | int) -> str:
        """Why a patient has his best response, in a sentence. Raises InputError for an unknown one."""
        i = self.measured.index(patient)
        best, tentative = int(self.best[i]), int(self.tentative[i])
        if not self.measurable[i]:
            said = "NE: no disease at baseline that can be followed"
        elif best == NE:
            said = "NE: no assessment after baseline that could be judged"
            if (self.raw[i] == PD).any():
                said = "NE: a rise that nothing confirmed, and no other assessment"
        elif best == PD:
            said = "PD as the first assessment"
        elif best >= MR:
            said = f"{LEVELS[best]} from day {self.best_day[i]:g} on, confirmed"
            first = self.response_day[i]
            if first < self.best_day[i]:
                said = f"response from day {first:g}, {said}"
        else:
            said = f"{LEVELS[SD]}: neither response nor progression"
        if tentative > best and tentative >= MR:
            said += f"; {LEVELS[tentative]} was seen and not confirmed"
        rises = (self.raw[i] == PD) & ~(self.measured.day[i] >= self.progression_day[i])
        if rises.any():
            days = ", ".join(f"{d:g}" for d in self.measured.day[i][rises])
            said += f"; a rise on day {days} was not confirmed and is passed over"
        if not np.isnan(self.progression_day[i]):
            return f"{said}. Progression on day {self.progression_day[i]:g}, {HOW[int(self.progression_how[i])]}"
        seen = self.measured.day[i][self.raw[i] != NE]
        return f"{said}. No progression until day {seen[-1]:g}" if seen.size else said

    def explain(self, patient: str | int) -> str:
        """Every assessment of a patient with its reason, and the decision."""
        lines = [f"day {row.day:g}: {row.reason}" for row in self.visits(patient).itertuples()]
        name = self.patients[self.measured.index(patient)]
        return "\n".join([f"{name}, by {self.rules}", *lines, self.reason(patient)])

    def sources(self) -> dict[str, Source]:
        """The sources of the criteria."""
        return self.rules.criteria.sources()

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __len__(self) -> int:
        return len(self.patients)

    def __str__(self) -> str:
        counted = ", ".join(f"{n} {name}" for name, n in self.counts().items() if n)
        responders = int(self.responders.sum())
        first = f"{len(self)} patients by {self.rules.criteria.symbol}: {counted}; response in {responders}"
        return "\n".join([first, *self.notes])
