"""What a model's run leaves: the trajectory with the model it came from, so that every number keeps its source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.ground.errors import InputError
from cereblon.model.address import resolve
from cereblon.network.trajectory import Status, Trajectory
from cereblon.records.regimen import Regimen, hours
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cereblon.model.model import Model


@dataclass(frozen=True)
class Result:
    """`result["IKZF1.remaining@tumour"]` is (times,) for one subject, (subjects, times) for several.

    Addresses resolve as in the model: `H929.IKZF1.remaining`, or `IKZF1.remaining` where one place has it.
    """

    model: Model
    trajectory: Trajectory
    regimen: Regimen | None = None
    varied: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def time(self) -> NDArray[np.float64]:
        """Sample times in h."""
        return self.trajectory.time

    @property
    def status(self) -> tuple[Status, ...]:
        """How each subject's run ended."""
        return self.trajectory.status

    @property
    def ok(self) -> bool:
        """Whether every subject reached the end; what did not is NaN."""
        return self.trajectory.ok

    def address(self, address: str) -> str:
        """The read-out that an address names; AddressError names the matches or the nearest."""
        return resolve(address, self.trajectory.outputs, self.model.stands, "result")

    def __getitem__(self, address: str) -> NDArray[np.float64]:
        return self.trajectory[self.address(address)]

    def unit(self, address: str) -> str:
        """The unit of `result[address]`."""
        return self.trajectory.unit(self.address(address))

    def flux(self, at: float | str, subject: int = 0) -> pd.DataFrame:
        """The net rate of every reaction at a sampled time, for one subject: what flows on each arrow.

        Columns reaction, place, rate (concentration of its place per h). Needs a run with every species read
        out (the default). Raises InputError for a time that was not sampled.
        """
        import pandas as pd

        moment = float(np.ravel(hours(at))[0])
        grids = np.atleast_2d(self.time)
        grid = grids[min(subject, len(grids) - 1)]
        index = int(np.argmin(np.abs(grid - moment)))
        if abs(grid[index] - moment) > 1e-9 * max(1.0, moment):
            raise InputError(
                "this time was not sampled", found=f"{moment:g} h", expected=f"{grid[index]:g} h"
            )
        row = self.trajectory.values[subject, index]
        species = {name: float(row[i]) for i, name in enumerate(self.trajectory.outputs)}
        varied = {slot: column[subject if column.size > 1 else 0] for slot, column in self.varied.items()}
        numbers = {**self.model.coherent(), **varied}
        net = self.model.network
        for name in _in_order(net.derived):
            numbers[name] = net.derived[name].expression.evaluate(numbers)
        rows = [
            {
                "reaction": reaction.scheme,
                "place": reaction.anchor.partition("@")[2],
                "rate": reaction.rate.evaluate(numbers, species, moment),
            }
            for reaction in net.reactions
        ]
        return pd.DataFrame(rows)

    def table(self) -> pd.DataFrame:
        """Long table: subject, time (h), one column per read-out, in its declared unit."""
        return self.trajectory.table()

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        return self.trajectory.save(path)

    def sources(self) -> dict[str, Source]:
        """The sources of the model's numbers, and of the regimen's doses."""
        own = self.model.sources()
        return {**own, **self.regimen.sources()} if self.regimen else own

    def __str__(self) -> str:
        subjects, times = self.trajectory.values.shape[:2]
        last = float(np.max(self.time))
        lines = [str(self.model), f"  {subjects} subject(s), {times} times to {last:g} h"]
        if self.trajectory.failed:
            lines.append(
                f"  {len(self.trajectory.failed)} failed: {_failures(self.status, self.trajectory.failed)}"
            )
        for name in self.model.network.observables:
            if name in self.trajectory.outputs:
                end = np.atleast_2d(self.trajectory[name])[:, -1]
                shown = f"{end[0]:.4g}" if subjects == 1 else f"{np.nanmin(end):.4g} to {np.nanmax(end):.4g}"
                lines.append(f"  {name:<36} {shown} {self.trajectory.unit(name)}".rstrip())
        return "\n".join(lines)

    __repr__ = __str__


def _failures(status: Sequence[Status], failed: Sequence[int]) -> str:
    return "; ".join(f"{i}: {status[i]}" for i in failed[:5])


def _in_order(derived: object) -> list[str]:
    """Derived numbers after those that they read (the network's check has excluded circles)."""
    from graphlib import TopologicalSorter

    table = dict(derived)  # type: ignore[call-overload]
    graph = {name: [p for p in d.expression.parameters if p in table] for name, d in table.items()}
    return list(TopologicalSorter(graph).static_order())
