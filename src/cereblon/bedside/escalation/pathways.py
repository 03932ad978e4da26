"""Dose-transition pathways: what the design will do after each outcome of the next cohorts (Yap et al. 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path
from typing import TYPE_CHECKING

from cereblon.bedside.escalation.decision import Counts, Decision, counted
from cereblon.bedside.escalation.design import Design
from cereblon.bedside.limits import whole_number
from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

MOST = 20_000  # paths


@dataclass(frozen=True)
class Step:
    """A cohort of a path: its dose, patients and DLTs, and the decision after it."""

    dose: int
    patients: int
    DLT: int
    decision: Decision


@dataclass(frozen=True)
class Pathways:
    """Every path of the next cohorts from the data `y`, `n`."""

    design: Design
    y: Counts
    n: Counts
    paths: tuple[tuple[Step, ...], ...]

    def probability(self, path: tuple[Step, ...], truth: Sequence[float]) -> float:
        """The probability of a path if the doses have these DLT rates."""
        chance = 1.0
        for step in path:
            p = truth[step.dose - 1]
            chance *= comb(step.patients, step.DLT) * p**step.DLT * (1 - p) ** (step.patients - step.DLT)
        return chance

    def table(self, truth: Sequence[float] | None = None) -> pd.DataFrame:
        """One row per path: dose and DLTs of each cohort, what is decided in the end; with `truth`, its probability."""
        import pandas as pd

        rows = []
        for path in self.paths:
            row: dict[str, object] = {}
            for i, step in enumerate(path, 1):
                row |= {f"dose_{i}": step.dose, f"DLT_{i}": step.DLT, f"patients_{i}": step.patients}
            last = path[-1].decision
            row |= {"then": last.action, "next": last.dose, "reason": last.reason}
            if truth is not None:
                row["probability"] = self.probability(path, truth)
            rows.append(row)
        table = pd.DataFrame(rows)
        steps = [c for c in table.columns if c.rpartition("_")[2].isdigit()]
        steps.sort(key=lambda c: int(c.rpartition("_")[2]))  # a path may end early: the first row may be a short one
        table = table[steps + [c for c in table.columns if c not in steps]]
        return table.astype(dict.fromkeys(steps, "Int64"))

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        lines = [f"{self.design}; after {list(self.y)} DLTs of {list(self.n)}"]
        told: tuple[Step, ...] = ()
        for path in self.paths:
            same = next((i for i, (a, b) in enumerate(zip(path, told, strict=False)) if a != b), 0)
            for i in range(same, len(path)):
                step = path[i]
                given = f"{step.DLT} of {step.patients} at {self.design.called(step.dose)}"
                then = step.decision
                to = "stop" if then.action == "stop" else f"{then.action}: {self.design.called(then.dose)}"
                lines.append(f"{'  ' * (i + 1)}{given} -> {to}" + (f" ({then.reason})" if to == "stop" else ""))
            told = path
        return "\n".join(lines)


def pathways(
    design: Design, y: Sequence[int] | None = None, n: Sequence[int] | None = None, at: int | None = None,
    cohorts: int = 2,
) -> Pathways:  # fmt: skip
    """The paths of the next `cohorts` cohorts, from data (default: none yet). Raises InputError.

    >>> from cereblon.bedside.escalation.three_plus_three import ThreePlusThree
    >>> print(pathways(ThreePlusThree(doses=2, variant="traditional"), cohorts=1))
    3+3: 2 doses, 4 cohorts of 3, from dose 1; after [0, 0] DLTs of [0, 0]
      0 of 3 at dose 1 -> escalate: dose 2
      1 of 3 at dose 1 -> stay: dose 1
      2 of 3 at dose 1 -> stop (2 of 3 with a DLT at the lowest dose)
      3 of 3 at dose 1 -> stop (3 of 3 with a DLT at the lowest dose)
    """
    none = (0,) * design.doses
    toxic, treated = counted(none if y is None else y, none if n is None else n, design.doses)
    whole_number("cohorts", cohorts, 1)
    start = design.decide(toxic, treated, at)
    if start.action == "stop":
        raise InputError("the trial is over, it has no next cohort", where="pathways", found=start.reason)
    found: list[tuple[Step, ...]] = []
    _grow(design, toxic, treated, start, cohorts, (), found)
    return Pathways(design, toxic, treated, tuple(found))


def _grow(
    design: Design, y: Counts, n: Counts, decision: Decision, left: int, path: tuple[Step, ...],
    found: list[tuple[Step, ...]],
) -> None:  # fmt: skip
    for toxic in range(decision.patients + 1):
        dose = decision.dose
        now = tuple(a + toxic * (i == dose - 1) for i, a in enumerate(y))
        all_ = tuple(a + decision.patients * (i == dose - 1) for i, a in enumerate(n))
        then = design.decide(now, all_, dose)
        longer = (*path, Step(dose, decision.patients, toxic, then))
        if left > 1 and then.action != "stop":
            _grow(design, now, all_, then, left - 1, longer, found)
        else:
            found.append(longer)
            if len(found) > MOST:
                raise InputError("too many paths", where="cohorts", found=f"over {MOST:,}", expected="fewer cohorts")
