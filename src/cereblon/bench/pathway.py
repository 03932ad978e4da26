"""The pathway in time: what happens in a myeloma line after one addition of drug, in which order, and what kills it.

IKZF1, IKZF3 -> MYC -> IRF4 -> growth          `half_times`: when each has done half of its fall
MYC_death, interferon_death                    `shares`: which road took the cells that died
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.bench.curve import NO_EFFECT, Floats, crossing
from cereblon.bench.degradation import SATURATING, ascending
from cereblon.bench.spread import drawn
from cereblon.bench.viability import SHOWN
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.mechanism.fate import ROADS
from cereblon.model import Model, Result, exposure
from cereblon.model.culture import culture
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.regimen import hours
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

ORDER = ("IKZF1", "MYC", "IRF4", "growth")
_POINTS = 241
_DOSED = "medium.volume"  # the concentrations are what was asked for, whatever the well holds


@dataclass(frozen=True)
class Pathway:
    """Time course (h) after one addition of drug (nM); `columns` by name: the read-outs of `viability.SHOWN`, `alive`
    (over the untreated control), `growth` (rate over the drug-free rate) and each road's kill (1/h)."""

    compound: str
    cell: str
    concentration: float
    times: Floats
    columns: Mapping[str, Floats] = field(repr=False)
    model: Model = field(repr=False)
    refeed: float | None = None

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    @cached_property
    def half_times(self) -> dict[str, Estimate]:
        """Hours to half of the way to the lowest level, in the order of the pathway; NaN where nothing falls."""
        found = {}
        for name in ORDER:
            y = self.columns[name]
            low = float(y.min())
            method = "half of the fall"
            if 1 - low <= NO_EFFECT:
                found[name] = Estimate(np.nan, "h", method=method, note="no effect")
            else:
                found[name] = crossing(self.times[1:], y[1:], (1 + low) / 2, "h", method)
        return found

    @cached_property
    def shares(self) -> dict[str, float]:
        """Share of the cells that died by each road, to the end of the course; NaN where none died."""
        lost = {road: float(np.trapezoid(self.columns[road] * self.columns["living"], self.times)) for road in ROADS}
        every = sum(lost.values())
        return {road: amount / every if every > NO_EFFECT else np.nan for road, amount in lost.items()}

    def spread(self, draws: int = 100, seed: int = 1) -> tuple[Pathway, ...]:
        """The same course with the numbers of each of `draws` draws of the records' intervals (see `bench.spread`)."""
        numbers = {slot: np.repeat(c, 2) for slot, c in drawn(self.model, draws, seed).items() if slot != _DOSED}
        given = {self.compound: np.tile([0.0, self.concentration], draws)}
        doses = exposure(self.model, given, every=self.refeed, until=float(self.times[-1]))
        seen = ["cell.alive", *SHOWN.values(), *(f"{road}.kill" for road in ROADS)]
        result = self.model.simulate(self.times, doses, vary=numbers, observe=seen, rtol=1e-4)
        return tuple(
            _course(result, self.compound, self.concentration, self.times, self.refeed, 2 * i + 1, 2 * i)
            for i in range(draws)
        )

    def table(self) -> pd.DataFrame:
        """One row per time: compound, cell, concentration (nM), time (h), and every column."""
        import pandas as pd

        head = {
            "compound": self.compound,
            "cell": self.cell,
            "concentration_nM": self.concentration,
            "time_h": self.times,
        }
        return pd.DataFrame(head | dict(self.columns))

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that the course was made of."""
        return self.model.sources()

    def __str__(self) -> str:
        order = ", ".join(f"{printed(name)} {time}" for name, time in self.half_times.items())
        roads = ", ".join(f"{printed(road)} {share:.0%}" for road, share in self.shares.items())
        return (
            f"{printed(self.cell)} under {self.concentration:.4g} nM {printed(self.compound)}: half-times {order}; "
            f"after {self.times[-1]:g} h {self.columns['viability'][-1]:.0%} living; {roads}"
        )


def pathway(
    compound: str | Path | Compound,
    cell: str | Path | Cell = "H929",
    concentration: str | float | None = None,
    *,
    until: str | float = "5 d",
    refeed: str | float | None = None,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Pathway:
    """Time course of the whole pathway at one concentration ("1 uM", or nM; default 100 times the affinity).

    `refeed` and `changes` as in `viability`. Raises InputError as it does.

    >>> times = [time.value for time in pathway("mezigdomide").half_times.values()]
    >>> times == sorted(times)
    True
    """
    glue = compound if isinstance(compound, Compound) else compound_record(compound)
    model = culture(glue, cell)
    if changes:
        model = model.replace(changes)
    if concentration is None:
        amount = SATURATING * model[f"{glue.name}.CRBN.Kd"].coherent
    else:
        amount = (
            Quantity.parse(concentration).to("nM").value if isinstance(concentration, str) else float(concentration)
        )
    given = np.append(0.0, ascending([amount]))
    end = float(hours(until))
    times = np.concatenate([[0.0], np.geomspace(end / 2000, end, _POINTS - 1)])
    every = None if refeed is None else float(hours(refeed))
    result = model.simulate(times, exposure(model, {glue.name: given}, every=every, until=end))
    return _course(result, glue.name, amount, times, every, 1)


def _course(
    result: Result, glue: str, amount: float, times: Floats, every: float | None, drugged: int, control: int = 0
) -> Pathway:
    """The course of the subject `drugged` beside its own `control`."""
    living = result["cell.alive"][[control, drugged]]
    columns = {name: np.asarray(result[address][drugged]) for name, address in SHOWN.items()}
    columns["living"] = np.asarray(living[1] / living[1, 0])
    columns["alive"] = np.asarray(living[1] / living[0])
    rates = np.gradient(np.log(living), times, axis=1)
    columns["growth"] = np.asarray(rates[1] / rates[0])
    columns |= {road: np.asarray(result[f"{road}.kill"][drugged]) for road in ROADS}
    return Pathway(glue, result.model.stands["tumour"], amount, times, columns, result.model, every)
