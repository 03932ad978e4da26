"""Backfill: while a cohort is watched, patients who come are given a lower dose that is safe and active.

A dose below the present one is open when
    somebody responded at it,
    fewer than `cap` patients have had it, and
    neither it nor any dose below it is unsafe: its own DLTs, and its own together with the next dose's, both say D.
The highest open dose is given. All patients count when the next cohort's dose is decided. Where a lower dose speaks
against the present one, the doses from the highest such up to the present are pooled: E -> up, S -> stay, D -> down to
the highest dose at which the pool, from below, is not D. Source: Zhao, Yuan, Korn and Freidlin 2024 (BF-BOIN).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from cereblon.bedside.escalation.boin import BOIN
from cereblon.bedside.escalation.decision import Counts, Decision, counted
from cereblon.bedside.escalation.design import PATIENTS, Design, move, stop
from cereblon.bedside.escalation.interval import IntervalDesign
from cereblon.bedside.limits import whole_number
from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Backfill(Design):
    """An interval design with backfill. Its plan (cohorts, start, ...) is that of `design`. Raises InputError.

    >>> trial = Backfill(design=BOIN(target=0.25))
    >>> trial.open((0, 1, 0, 0, 0), (3, 6, 3, 0, 0), responders=(0, 1, 0, 0, 0), at=3)
    (2,)
    """

    doses: int = field(init=False, default=0)
    cohort: int = field(init=False, default=0)
    cohorts: int = field(init=False, default=0)
    start: int = field(init=False, default=0)
    stop_at: int | None = field(init=False, default=None)
    names: tuple[str, ...] = field(init=False, default=())
    design: IntervalDesign = field(default_factory=BOIN)
    cap: int = 12
    name: ClassVar[str] = "backfill"
    source: ClassVar[str] = "Zhao 2024"

    def __post_init__(self) -> None:
        if not isinstance(self.design, IntervalDesign):
            raise InputError("backfill needs an interval design", where="design", found=type(self.design).__name__,
                             expected="BOIN, mTPI-2 or Keyboard")  # fmt: skip
        for plan in ("doses", "cohort", "cohorts", "start", "stop_at", "names"):
            object.__setattr__(self, plan, getattr(self.design, plan))
        super().__post_init__()
        whole_number("cap", self.cap, 1, PATIENTS)

    @property
    def patients(self) -> int:
        """The most patients, every dose filled up."""
        return self.design.patients + self.cap * self.doses

    @property
    def aim(self) -> float:
        return self.design.target

    def open(self, y: Sequence[int], n: Sequence[int], responders: Sequence[int], at: int) -> tuple[int, ...]:
        """The doses open for backfill while dose `at` is watched. `responders`: patients who responded, per dose.

        Raises InputError.
        """
        y, n = counted(y, n, self.doses)
        responders, _ = counted(responders, n, self.doses)
        found = []
        for dose in range(at - 1):
            if n[dose] and self._says(y, n, dose, dose) == "D" == self._says(y, n, dose, dose + 1):
                break
            if responders[dose] and n[dose] < self.cap:
                found.append(dose + 1)
        return tuple(found)

    def rule(self, y: Counts, n: Counts, at: int) -> Decision:
        top = self.design.highest(y, n)
        if not top:
            return self.design.rule(y, n, at)
        here = self._says(y, n, at - 1, at - 1)
        against = [
            dose
            for dose in range(at - 1)
            if n[dose] and (self._says(y, n, dose, dose) == "D" or (here == "E" != self._says(y, n, dose, dose)))
        ]
        if not against:
            return self.design.rule(y, n, at)
        lowest, gone = against[-1], tuple(range(top + 1, self.doses + 1))
        pooled = self._says(y, n, lowest, at - 1)
        said = f"dose {lowest + 1} speaks against dose {at}: pooled {_sum(y, lowest, at)} of {_sum(n, lowest, at)}"
        if pooled == "E":
            return move(at, min(at + 1, top), said, 0, gone)
        if pooled == "S":
            return move(at, min(at, top), said, 0, gone)
        safe = [dose for dose in range(lowest, at) if self._says(y, n, lowest, dose) != "D"]
        return move(at, min(safe[-1] + 1 if safe else max(lowest, 1), top), said, 0, gone)

    def decide(
        self, y: Sequence[int], n: Sequence[int], at: int | None = None, escalated: int | None = None
    ) -> Decision:
        """What now; `escalated` is how many of the patients were of cohorts (default: all). Raises InputError."""
        y, n = counted(y, n, self.doses)
        decision = super().decide(y, n, at)
        treated = sum(n) if escalated is None else escalated
        if decision.action != "stop" and treated >= self.design.patients:
            return stop("full", f"all {self.design.patients} planned patients of cohorts are treated",
                        decision.eliminated)  # fmt: skip
        return decision

    def MTD(self, y: Sequence[int], n: Sequence[int]) -> int:
        return self.design.MTD(y, n)

    def table(self) -> pd.DataFrame:
        return self.design.table()

    def _says(self, y: Counts, n: Counts, low: int, high: int) -> str:
        """E, S or D of the doses from `low` to `high` together."""
        toxic, here = _sum(y, low, high + 1), _sum(n, low, high + 1)
        return "D" if self.design.too_toxic(toxic, here) else self.design.letter(toxic, here)


def _sum(counts: Counts, low: int, high: int) -> int:
    return sum(counts[low:high])
