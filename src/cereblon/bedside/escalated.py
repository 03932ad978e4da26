"""What one simulated escalation leaves: its path, its patients, its MTD and the months it took."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from dataclasses import replace as changed
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cereblon.bedside.escalation.course import Course
from cereblon.ground.quantity import Quantity
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bedside.phase_1 import EscalationTrial


@dataclass(frozen=True)
class Treated:
    """One patient: number, dose (from 1), whether with a DLT, evaluable, its `day` and `reason`, the lowest counts that
    the clinic saw (1e9/L); when and in which cohort (0: backfilled) he came, and whether he responds at the end of the
    window, which backfill asks for."""

    patient: int
    dose: int
    DLT: bool
    evaluable: bool
    day: float
    reason: str
    lowest_ANC: float
    lowest_PLT: float
    month: float = 0.0
    cohort: int = 0
    responds: bool = False

    def replace(self, **changes: Any) -> Treated:
        """A copy with other fields."""
        return changed(self, **changes)


@dataclass(frozen=True)
class Escalated:
    """One escalation. `enrolled` and `months`: when the last patient came, and was watched to the end."""

    trial: EscalationTrial = field(repr=False)
    seed: int
    course: Course
    treated: tuple[Treated, ...] = field(repr=False)
    enrolled: float
    months: float

    @property
    def MTD(self) -> Quantity | None:
        """The maximum tolerated dose by the design; None where no dose was."""
        return self.trial.levels[self.course.MTD - 1] if self.course.MTD else None

    @property
    def RP2D(self) -> Quantity | None:
        """The dose to go on with: here the MTD. A sponsor may choose a lower one: see `bedside.optimise`."""
        return self.MTD

    @property
    def replaced(self) -> int:
        """How many patients were not evaluable."""
        return sum(not one.evaluable for one in self.treated)

    def table(self) -> pd.DataFrame:
        """One row per patient, in the order in which they came."""
        import pandas as pd

        rows = [asdict(one) | {"name": str(self.trial.levels[one.dose - 1])} for one in self.treated]
        order = ["cohort", "patient", "month", "dose", "name", "DLT", "day", "evaluable", "reason", "lowest_ANC",
                 "lowest_PLT", "responds"]  # fmt: skip
        return pd.DataFrame(rows)[order]

    def path(self) -> pd.DataFrame:
        """One row per cohort: dose, evaluable patients, DLTs, decision."""
        return self.course.table()

    def by_dose(self) -> pd.DataFrame:
        """One row per dose: patients treated, evaluable, with a DLT, and whether it is the MTD."""
        import pandas as pd

        counted = [
            {
                "dose": level, "name": str(name), "treated": sum(one.dose == level for one in self.treated),
                "patients": self.course.n[level - 1], "DLT": self.course.y[level - 1], "MTD": level == self.course.MTD,
            }
            for level, name in enumerate(self.trial.levels, 1)
        ]  # fmt: skip
        return pd.DataFrame(counted)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of protocol, regimen, policy and definition."""
        t = self.trial
        return {
            **t.protocol.sources(), **t.population.sources(), **t.regimen.sources(), **t.policy.sources(),
            **t.definition.sources(),
        }  # fmt: skip

    def __str__(self) -> str:
        lines = [f"{self.trial.protocol.symbol}, seed {self.seed}: {len(self.treated)} patients, "
                 f"{self.replaced} replaced, {self.months:.1f} months; {self.trial.definition.symbol}"]  # fmt: skip
        lines.append(str(self.course))
        causes = [one.reason for one in self.treated if one.DLT]
        lines += [f"  {cause}" for cause in causes]
        return "\n".join(lines)
