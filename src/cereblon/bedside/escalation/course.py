"""One escalation from the first cohort to the MTD, each decision with its reason.

Where the DLTs come from is the caller's: assumed rates, or patients simulated one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cereblon.bedside.escalation.decision import Counts, Decision
from cereblon.bedside.escalation.design import Design, stop
from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Treat = Callable[[int, int, int], Sequence[bool]]
"""(dose from 1, patients, how many were treated before) -> for each patient whether a DLT followed."""


class NobodyLeft(Exception):
    """Patients ran out before a cohort was full: what followed in those who came, and what to say of it."""

    def __init__(self, said: str, toxic: Sequence[bool] = ()) -> None:
        self.decision, self.toxic = stop("short", said), tuple(toxic)


@dataclass(frozen=True)
class Cohort:
    """One cohort: its dose, for each patient whether a DLT followed, and what was decided after it."""

    dose: int
    toxic: tuple[bool, ...]
    decision: Decision


@dataclass(frozen=True)
class Course:
    """An escalation that has been run."""

    design: Design
    cohorts: tuple[Cohort, ...]
    n: Counts
    y: Counts
    MTD: int

    def table(self) -> pd.DataFrame:
        """One row per cohort: dose, patients, DLTs, the decision after it, the next dose, why."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "cohort": i, "dose": one.dose, "name": self.design.called(one.dose), "patients": len(one.toxic),
                    "DLT": sum(one.toxic), "decision": one.decision.action, "next": one.decision.dose,
                    "reason": one.decision.reason, "MTD": self.MTD,
                }
                for i, one in enumerate(self.cohorts, 1)
            ]
        )  # fmt: skip

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        lines = [str(self.design)]
        for i, one in enumerate(self.cohorts, 1):
            letters = "".join("T" if toxic else "N" for toxic in one.toxic) or "-"
            lines.append(f"  {i:3}  {self.design.called(one.dose)} {letters}: {one.decision}")
        lines.append(f"MTD: {self.design.called(self.MTD) if self.MTD else 'none'}")
        return "\n".join(lines)


def escalate(design: Design, treat: Treat) -> Course:
    """Run one trial. `treat(dose, patients, before)` treats a cohort and says for each patient whether a DLT followed.

    Raises InputError when it answers for another number of patients. Where it raises `NobodyLeft` the trial ends, and
    the MTD is told by those who came; none where nobody did.

    >>> from cereblon.bedside.escalation.boin import BOIN
    >>> escalate(BOIN(target=0.3, cohorts=4), lambda dose, patients, before: [dose > 2] * patients).MTD
    2
    """
    n, y = [0] * design.doses, [0] * design.doses
    decision, cohorts = design.first(), list[Cohort]()
    while decision.action != "stop":
        dose = decision.dose
        ended = None
        try:
            toxic = tuple(bool(one) for one in treat(dose, decision.patients, sum(n)))
        except NobodyLeft as short:
            ended, toxic = short.decision, short.toxic
        if ended is None and len(toxic) != decision.patients:
            raise InputError(
                "a cohort answers for each of its patients", where=f"cohort {len(cohorts) + 1}",
                found=f"{len(toxic)} answers", expected=f"{decision.patients}",
            )  # fmt: skip
        n[dose - 1] += len(toxic)
        y[dose - 1] += sum(toxic)
        decision = ended or design.decide(y, n, dose)
        cohorts.append(Cohort(dose, toxic, decision))
    return Course(design, tuple(cohorts), tuple(n), tuple(y), design.MTD(y, n) if any(n) else 0)
