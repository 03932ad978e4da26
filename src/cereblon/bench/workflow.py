"""The steps of an assay as data: what is done when, from which numbers, and after which other step.

A figure draws them and a table lists them, so that neither can say anything else than what was simulated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Step:
    """One step: its `name`, the `lane` of what it is done to, the hour `at` which it begins (NaN: no matter when).

    `does` says it in a few words, `numbers` line by line from what; `after` are the names of the steps before it.
    """

    name: str
    lane: str
    at: float
    does: str
    numbers: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Workflow:
    """Steps in an order in which they can be done. Raises InputError when a step follows one that is not before it."""

    assay: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        done: set[str] = set()
        for step in self.steps:
            missing = [name for name in step.after if name not in done]
            if missing or step.name in done:
                raise InputError(
                    "steps out of order", where=self.assay, found=f"{step.name} after {missing or step.name}"
                )
            done.add(step.name)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __getitem__(self, name: str) -> Step:
        for step in self.steps:
            if step.name == name:
                return step
        raise InputError("no such step", where=self.assay, found=name, expected=", ".join(s.name for s in self.steps))

    @property
    def lanes(self) -> tuple[str, ...]:
        """What something is done to, in order of appearance."""
        return tuple(dict.fromkeys(step.lane for step in self.steps))

    def table(self) -> pd.DataFrame:
        """One row per step: step, lane, at_h, does, numbers, after."""
        import pandas as pd

        rows = [
            {
                "step": s.name,
                "lane": s.lane,
                "at_h": s.at,
                "does": s.does,
                "numbers": _joined(s.numbers),
                "after": _joined(s.after),
            }
            for s in self.steps
        ]
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        lines = [f"{self.assay}: {len(self.steps)} steps"]
        for step in self.steps:
            hour = "      " if step.at != step.at else f"{step.at:4g} h"
            lines.append(
                f"  {hour}  {step.lane:<10} {step.does}" + (f": {_joined(step.numbers)}" if step.numbers else "")
            )
        return "\n".join(lines)


def _joined(words: Iterable[str]) -> str:
    return "; ".join(words)
