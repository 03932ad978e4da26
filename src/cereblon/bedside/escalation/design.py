"""What every design of a dose escalation has: a plan, a rule and a choice.

A design is a frozen object. It answers two questions, and it remembers nothing: the data are all it goes by.

    design.decide(y, n, at)    what now?                  -> Decision
    design.MTD(y, n)           which dose is tolerated?   -> dose, 0 for none
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cereblon.bedside.escalation.decision import ENDS, Counts, Decision, counted
from cereblon.bedside.limits import whole_number
from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

DOSES, PATIENTS = 100, 1_000  # the most of a design: its tables grow with their square


@dataclass(frozen=True, kw_only=True)
class Design:
    """The plan that all designs share.

    `doses`: how many there are. `cohort` patients at a time, `cohorts` of them at most, from dose `start`. `stop_at`:
    the trial ends when so many patients have had a dose and the next cohort would have it too. `names` are what the
    doses are called in print.
    """

    doses: int = 5
    cohort: int = 3
    cohorts: int = 10
    start: int = 1
    stop_at: int | None = None
    names: tuple[str, ...] = ()

    name: ClassVar[str] = ""
    source: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for what, most in (("doses", DOSES), ("cohort", PATIENTS), ("cohorts", PATIENTS), ("start", DOSES)):
            whole_number(what, getattr(self, what), 1, most)
        if self.cohort * self.cohorts > PATIENTS:
            raise InputError("too many patients for an escalation", where="cohort, cohorts",
                             found=f"{self.cohorts} cohorts of {self.cohort}", expected=f"at most {PATIENTS:,} in all",
                             example="10 cohorts of 3")  # fmt: skip
        if self.stop_at is not None:
            whole_number("stop_at", self.stop_at, 1)
        if self.start > self.doses:
            raise InputError("the first dose is not among the doses", where="start", found=str(self.start),
                             expected=f"1 to {self.doses}")  # fmt: skip
        if self.names and len(self.names) != self.doses:
            raise InputError("one name per dose", where="names", found=f"{len(self.names)} names",
                             expected=f"{self.doses}")  # fmt: skip

    @property
    def patients(self) -> int:
        """The most patients that the trial will treat."""
        return self.cohort * self.cohorts

    @property
    def aim(self) -> float | None:
        """The DLT rate that the design aims at; None where it aims at none."""
        return None

    def decide(self, y: Sequence[int], n: Sequence[int], at: int | None = None) -> Decision:
        """What now, after `y` of `n` patients per dose had a DLT and the last cohort was treated `at` this dose.

        `at` may be left out before the first cohort. Raises InputError for counts that cannot be.
        """
        y, n = counted(y, n, self.doses)
        if not sum(n):
            return self.first()
        if at is None or isinstance(at, bool) or at not in range(1, self.doses + 1) or not n[at - 1]:
            raise InputError("the dose of the last cohort", where="at", found=str(at),
                             expected="the number of a dose that patients were treated at, from 1")  # fmt: skip
        decision = self.rule(y, n, at)
        if decision.action == "stop":
            return decision
        left = self.patients - sum(n)
        if left <= 0:
            return replace(decision, action="stop", dose=0, patients=0, end="full",
                           reason=f"all {self.patients} planned patients are treated")  # fmt: skip
        if self.stop_at is not None and decision.dose == at and n[at - 1] >= self.stop_at:
            return replace(decision, action="stop", dose=0, patients=0, end="enough",
                           reason=f"{n[at - 1]} patients at dose {at}, and it would be given again")  # fmt: skip
        return replace(decision, patients=min(decision.patients or self.cohort, left))

    def first(self) -> Decision:
        """The first cohort."""
        return Decision("stay", self.start, "the first cohort", self.cohort)

    def rule(self, y: Counts, n: Counts, at: int) -> Decision:
        """The design's own rule, blind to the size of the trial. Counts are valid and dose `at` was given."""
        raise NotImplementedError

    def MTD(self, y: Sequence[int], n: Sequence[int]) -> int:
        """The maximum tolerated dose by these data, from 1; 0 for none. Raises InputError."""
        raise NotImplementedError

    def table(self) -> pd.DataFrame:
        """The design as a table to print."""
        raise NotImplementedError

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def called(self, dose: int) -> str:
        """What a dose is called in print."""
        return self.names[dose - 1] if self.names else f"dose {dose}"

    def __str__(self) -> str:
        aim = f", target {self.aim:g}" if self.aim is not None else ""
        plan = f"{self.cohorts} cohorts of {self.cohort}" if self.cohorts * self.cohort == self.patients else ""
        size = plan or f"at most {self.patients} patients"
        return f"{self.name}{aim}: {self.doses} doses, {size}, from {self.called(self.start)}"


def move(at: int, to: int, reason: str, patients: int = 0, eliminated: Counts = ()) -> Decision:
    """The decision to go from one dose to another."""
    action = "stay" if to == at else "escalate" if to > at else "de-escalate"
    return Decision(action, to, reason, patients, eliminated)


def stop(end: str, reason: str = "", eliminated: Counts = ()) -> Decision:
    """The decision to end the trial."""
    return Decision("stop", 0, reason or ENDS[end], 0, eliminated, end)
