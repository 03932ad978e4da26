"""The time course of degradation: one concentration, added once, and what is left of a protein hour by hour.

    half_time            time at which half of the fall to the plateau is done
    half_time_absolute   time at which half of the protein is left
    plateau              the lowest level reached
    lag                  where the steepest tangent meets the drug-free level

The same dish and the same two layers as the dose-response (`bench.degradation`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.curve import NO_EFFECT, Floats, crossing
from cereblon.bench.degradation import SATURATING, SUBSTRATES, Layer, ascending, courses, well
from cereblon.bench.plate.readings import SAMPLE, Readings
from cereblon.bench.readout import DEFAULT, Scatter, as_readout, read, scatter
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.model import Model
from cereblon.records.assay import Assay
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.regimen import hours
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

TIMES = (0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0)  # h, of a plate


@dataclass(frozen=True)
class Course:
    """Time course: `remaining` over its drug-free level at `times` (h) after one addition of drug (nM)."""

    compound: str
    of: str
    cell: str
    concentration: float
    layer: str
    times: Floats
    remaining: Floats
    model: Model = field(repr=False)
    level: Callable[[Floats], Floats] = field(repr=False)

    @property
    def plateau(self) -> float:
        """The lowest level reached."""
        return float(np.min(self.remaining))

    @cached_property
    def half_time(self) -> Estimate:
        """Time (h) at which half of the fall to the plateau is done."""
        return self._time((1 + self.plateau) / 2, "half of the fall to the plateau")

    @cached_property
    def half_time_absolute(self) -> Estimate:
        """Time (h) at which half of the protein is left."""
        return self._time(0.5, "half of the protein left")

    @cached_property
    def lag(self) -> Estimate:
        """Delay (h) before the fall: where the steepest tangent meets the drug-free level."""
        slope = np.gradient(self.remaining, self.times)
        steepest = int(np.argmin(slope))
        if not slope[steepest] < 0:
            return Estimate(np.nan, "h", method="steepest tangent", note="no effect")
        delay = self.times[steepest] - (1 - self.remaining[steepest]) / -slope[steepest]
        return Estimate(max(0.0, float(delay)), "h", method="steepest tangent")

    def at(self, times: ArrayLike) -> Course:
        """The same experiment read at other times (h, ascending, above 0); 0 is put before them."""
        given = np.concatenate([[0.0], ascending(times)])
        return replace(self, times=given, remaining=self.level(given))

    def measured(
        self,
        times: ArrayLike = TIMES,
        *,
        readout: str | Path | Assay = "HiBiT",
        replicates: int = 3,
        seed: int = 1,
        plate: int = 96,
        noise: Scatter = DEFAULT,
    ) -> Readings:
        """A plate of this course as a reader shows it: drug is added to the wells one time after the other, and all
        are read at once, beside untreated wells and blanks without the protein.

        `times` in h. `readout` sees every form of the protein (a blot of a course is not simulated); `noise` is a
        record, its name, a file, or None. Raises InputError as `bench.layout` and `bench.measure` do.
        """
        record = as_readout(readout, ("every form",))
        hours_ = ascending(times)
        held = {self.compound: (hours_, self.level(hours_))}
        staggered = read(
            held, noise=scatter(noise, record), replicates=replicates, seed=seed, plate=plate,
            scale=record["signal.counts"].coherent, of=f"{record.symbol} of {printed(self.of)}", cell=self.cell,
            name=f"{self.compound}-course-",
        )  # fmt: skip
        sample = staggered.role == SAMPLE  # its wells were laid out by their time in the place of the concentration
        return staggered.replace(
            time=np.where(sample, staggered.concentration, np.nan),
            concentration=np.where(sample, self.concentration, 0.0),
        )

    def _time(self, level: float, method: str) -> Estimate:
        if 1 - self.plateau <= NO_EFFECT:
            return Estimate(np.nan, "h", method=method, note="no effect")
        return crossing(self.times[1:], self.remaining[1:], level, "h", method)

    def table(self) -> pd.DataFrame:
        """One row per time: compound, of, cell, concentration (nM), layer, time (h), remaining."""
        import pandas as pd

        return pd.DataFrame(
            {
                "compound": self.compound,
                "of": self.of,
                "cell": self.cell,
                "concentration_nM": self.concentration,
                "layer": self.layer,
                "time_h": self.times,
                "remaining": self.remaining,
            }
        )

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that the course was made of."""
        return self.model.sources()

    def __str__(self) -> str:
        return (
            f"{printed(self.of)} in {printed(self.cell)} under {self.concentration:.4g} nM {printed(self.compound)} "
            f"({self.layer}): half-time {self.half_time}, lag {self.lag}, plateau {self.plateau:.3f}"
        )


def course(
    compound: str | Path | Compound,
    of: str = "IKZF1",
    cell: str | Path | Cell = "H929",
    concentration: str | float | None = None,
    *,
    until: str | float = "24 h",
    layer: Layer = "kinetic",
    substrates: Iterable[str] = SUBSTRATES,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Course:
    """Time course of one protein at one concentration ("1 uM", or nM; default saturating: 100 times the affinity).

    Raises InputError as `degradation` does.

    >>> course("mezigdomide").half_time.value < course("lenalidomide").half_time.value
    True
    """
    model, glue, chosen = well(compound, of, cell, substrates, changes)
    if concentration is None:
        amount = SATURATING * model[f"{glue.name}.CRBN.Kd"].coherent
    elif isinstance(concentration, str):
        amount = Quantity.parse(concentration).to("nM").value
    else:
        amount = float(concentration)
    given = ascending([amount])
    end = float(np.atleast_1d(hours(until))[0])
    times = np.concatenate([[0.0], np.geomspace(end / 2000, end, 240)])

    def level(at: Floats) -> Floats:
        return courses(model, glue.name, chosen, of, given, at, layer)[0][0]

    return Course(glue.name, of, model.stands["tumour"], amount, layer, times, level(times), model, level)
