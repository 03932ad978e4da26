"""What a run leaves: read-outs by name, with units, and a status for every subject."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.ground.errors import AddressError
from cereblon.ground.quantity import unit as parse_unit
from cereblon.ground.vocabulary import nearest

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cereblon.network.visits import Decision

OUTCOMES = (
    "ok",
    "step size underflow",
    "too many steps",
    "not finite",
    "negative beyond tolerance",
    "cancelled",
    "no steady state",
    "left",
)
_GOOD = ("ok", "left")  # a subject whom a policy sent away at a visit has not failed


@dataclass(frozen=True)
class Status:
    """How one subject's run ended: one of OUTCOMES, the time (h) of the last good state, the species to blame."""

    outcome: str
    time: float
    species: str
    accepted: int
    rejected: int

    @property
    def ok(self) -> bool:
        """Whether the run reached its end, or a policy ended it at a visit."""
        return self.outcome in _GOOD

    def __str__(self) -> str:
        blame = f" ({self.species})" if self.species else ""
        return self.outcome if self.outcome == "ok" else f"{self.outcome} at {self.time:g} h{blame}"


@dataclass(frozen=True)
class Trajectory:
    """Read-outs over time.

    `time` (h) has shape (times,) or (subjects, times); `values` has shape (subjects, times, outputs) in coherent
    units; `traj[name]` is (subjects, times) in the declared unit, or (times,) when a single subject was given as
    plain numbers. What follows a failure, or a subject's leaving at a visit, is NaN. `final` holds every species at the
    end (subjects, species).
    """

    time: NDArray[np.float64]
    values: NDArray[np.float64]
    outputs: tuple[str, ...]
    units: Mapping[str, str]
    status: tuple[Status, ...]
    species: tuple[str, ...]
    final: NDArray[np.float64]
    single: bool = False
    decisions: tuple[Decision, ...] = ()

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        if name not in self.outputs:
            close = nearest(name, self.outputs)
            raise AddressError(
                f"no read-out {name}",
                where="trajectory",
                found=name,
                expected=f"did you mean {close}?" if close else f"one of {', '.join(self.outputs[:8])}",
            )
        column = self.values[:, :, self.outputs.index(name)] / parse_unit(self.units[name]).factor
        return column[0] if self.single else column

    def unit(self, name: str) -> str:
        """The unit `traj[name]` is in."""
        return self.units[name]

    @property
    def ok(self) -> bool:
        """Whether every subject reached the end."""
        return all(s.ok for s in self.status)

    @property
    def failed(self) -> tuple[int, ...]:
        """Indices of the subjects that did not reach the end."""
        return tuple(i for i, s in enumerate(self.status) if not s.ok)

    def table(self) -> pd.DataFrame:
        """Long table: subject, time (h), one column per read-out, in its declared unit."""
        import pandas as pd

        subjects, times = self.values.shape[:2]
        columns: dict[str, object] = {
            "subject": np.repeat(np.arange(subjects), times),
            "time": np.broadcast_to(self.time, (subjects, times)).ravel(),
        }
        for k, name in enumerate(self.outputs):
            columns[name] = self.values[:, :, k].ravel() / parse_unit(self.units[name]).factor
        return pd.DataFrame(columns)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, atomically."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> Sequence[str]:
        """A bare network knows no sources; models built from records do."""
        return ()

    def __str__(self) -> str:
        subjects, times = self.values.shape[:2]
        lines = [f"Trajectory: {subjects} subject(s), {times} times, {len(self.outputs)} read-outs"]
        if self.failed:
            lines.append(
                f"  {len(self.failed)} failed: " + "; ".join(f"{i}: {self.status[i]}" for i in self.failed[:5])
            )
        lines.extend(f"  {name} [{self.units[name]}]" for name in self.outputs[:20])
        return "\n".join(lines)

    __repr__ = __str__
