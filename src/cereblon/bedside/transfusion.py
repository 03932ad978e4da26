"""Transfusion: who is given red cells or platelets at a visit, how many units, and the doses that the engine adds.

A unit is a dose into the blood: red cells into their first age (`mechanism.red_cells`), platelets among those that
circulate. From there they are the patient's own: red cells live their lifespan, platelets leave as fast as the model's
do, within days. As many units are given as bring what was seen back to the policy's limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cereblon.bedside.dosing import Floats
from cereblon.network.dosing import Dose
from cereblon.records.policy import Policy


@dataclass(frozen=True)
class Cells:
    """What is transfused: its words in a policy, the unit it is counted in, the species, its printed name."""

    address: str
    quantity: str
    unit: str
    species: str
    symbol: str


CELLS: Mapping[str, Cells] = {
    "Hb": Cells("haemoglobin", "level", "g/dL", "haemoglobin~age1@blood", "red cells"),
    "PLT": Cells("platelet", "count", "1e9/L", "platelet@blood", "platelets"),
}
"""Read-out -> the cells that a low one is treated with."""


class Transfusion:
    """The rules of a policy: `limits` read-out -> (given below, what a unit adds), for the cells that it transfuses."""

    def __init__(self, rules: Policy) -> None:
        self.rules = rules
        self.limits: dict[str, tuple[float, float]] = {}
        for test, cells in CELLS.items():
            start = f"transfusion.{cells.address}"
            below, adds = (rules.number(f"{start}.{word}", cells.unit) for word in (cells.quantity, "increase"))
            if below is not None and adds is not None:
                self.limits[test] = below, adds

    def doses(self, every: float, until: float) -> tuple[Dose, ...]:
        """One unit of each into one litre, every so many hours until an hour; how many are given, `order` says."""
        return tuple(
            Dose(0.0, CELLS[test].species, self.rules[f"transfusion.{CELLS[test].address}.increase"].coherent, every,
                 int(until / every))
            for test in self.limits
        )  # fmt: skip

    def units(self, seen: Mapping[str, Floats]) -> dict[str, Floats]:
        """Read-out -> units for each patient by what was `seen` (in the unit of `CELLS`; NaN: none)."""
        return {
            test: np.where(seen[test] < below, np.ceil((below - seen[test]) / adds), 0.0)
            for test, (below, adds) in self.limits.items()
            if test in seen
        }

    def order(self, units: Mapping[str, Floats], factor: Floats, rows: Sequence[Dose]) -> dict[int, list[str]]:
        """Put the units into `factor` (patients, rows); row -> why, for each patient."""
        why: dict[int, list[str]] = {}
        tests = {CELLS[test].species: test for test in self.limits}
        for r, row in enumerate(rows):
            if (test := tests.get(row.species)) is not None:
                given = units.get(test, np.zeros(len(factor)))
                limit = f"{self.limits[test][0]:g} {CELLS[test].unit}: {CELLS[test].symbol}"
                ends = (factor[:, r] > 0) & (given == 0)  # of a row that was open, or of units given at the last visit
                factor[:, r] = given
                why[r] = [
                    f"{test} below {limit}, units: {n:g}" if n else "none needed now" if end else ""
                    for n, end in zip(given.tolist(), ends.tolist(), strict=True)
                ]
        return why
