"""Panel: the IC50 of several glues on several lines, one table, with what lies beyond the tested range said so.

Every pair is a `viability` of its own, at one time and over one range of concentrations, so that numbers compare. An
IC50 that was not reached is no number: `bound` says on which side of which concentration it lies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.degradation import ascending
from cereblon.bench.plate import Readings
from cereblon.bench.readout import DEFAULT, Scatter, as_readout, read, scatter
from cereblon.bench.viability import Viability, viability
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.model.dish import as_compounds
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.regimen import hours
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

GLUES = ("thalidomide", "lenalidomide", "pomalidomide", "avadomide", "iberdomide", "mezigdomide")
LINES = ("H929", "MM1S", "OPM2", "MOLP8", "AMO1", "H929_R10", "H929_MYC", "H929_Q146H", "DF15R")
CONCENTRATIONS = np.geomspace(1e-2, 1e5, 57)  # nM
DOSES = CONCENTRATIONS[::4]  # of a plate


@dataclass(frozen=True)
class Panel:
    """`curves` by (compound, cell), all read at `at`."""

    at: str
    curves: Mapping[tuple[str, str], Viability] = field(repr=False)

    @property
    def compounds(self) -> tuple[str, ...]:
        """The glues, in the order given."""
        return tuple(dict.fromkeys(compound for compound, _ in self.curves))

    @property
    def cells(self) -> tuple[str, ...]:
        """The lines, in the order given; the first is what the others are compared with."""
        return tuple(dict.fromkeys(cell for _, cell in self.curves))

    def __getitem__(self, pair: tuple[str, str]) -> Viability:
        return self.curves[pair]

    def IC50(self, compound: str, cell: str) -> Estimate:
        """The IC50 (nM) of one glue on one line; NaN, with a note, where it was not reached."""
        return self.curves[compound, cell].IC50

    def bound(self, compound: str, cell: str) -> str:
        """ "" for an IC50 within the range, else "> 1e+05 nM" or "< 0.01 nM"."""
        curve = self.curves[compound, cell]
        if np.isfinite(curve.IC50.value):
            return ""
        low, high = curve.concentrations[[0, -1]]
        return f"< {low:g} nM" if curve.alive[0] <= 0.5 else f"> {high:g} nM"

    def resistance(self, compound: str, cell: str) -> Estimate:
        """IC50 on a line over that on the first; where only one was reached, NaN with the bound in its note."""
        first = self.cells[0]
        here, there = self.IC50(compound, cell).value, self.IC50(compound, first).value
        method = f"IC50 over that on {printed(first)}"
        if np.isfinite(here) and np.isfinite(there):
            return Estimate(here / there, method=method)
        edge = self.curves[compound, cell].concentrations[-1]
        above = np.isfinite(there) and self.bound(compound, cell).startswith(">")
        return Estimate(np.nan, method=method, note=f"above {edge / there:.3g}" if above else "neither was reached")

    def measured(
        self,
        concentrations: ArrayLike | None = None,
        *,
        replicates: int = 3,
        seed: int = 1,
        plate: int = 384,
        noise: Scatter = DEFAULT,
    ) -> Readings:
        """Plates of this experiment as a reader shows them (CTG): every glue on the plates of each line.

        `concentrations` in nM, the same for all (default 0.01 nM to 100 uM, half a decade apart). Raises InputError as
        `bench.layout` and `bench.measure` do.
        """
        record, given = as_readout("CTG", ("alive",)), DOSES if concentrations is None else ascending(concentrations)
        plates = []
        for cell in self.cells:
            ones = {c: self.curves[c, cell].over(given) for c in self.compounds}
            plates.append(
                read({c: (one.concentrations, one.alive) for c, one in ones.items()}, noise=scatter(noise, record),
                     replicates=replicates, seed=seed, plate=plate, scale=record["signal.counts"].coherent,
                     of=record.symbol, cell=cell, time=float(hours(self.at)), name=f"{cell}-")
            )  # fmt: skip
        return sum(plates[1:], start=plates[0])

    def spread(self, draws: int = 20, seed: int = 1) -> Panel:
        """The same with intervals on every IC50 (`Viability.spread`)."""
        return replace(self, curves={pair: curve.spread(draws, seed) for pair, curve in self.curves.items()})

    def table(self) -> pd.DataFrame:
        """One row per pair: compound, cell, at, IC50 (nM, low, high), bound, resistance, Emax, GR50 (nM), GRmax,
        GR_AOC, least viability."""
        import pandas as pd

        rows = []
        for (compound, cell), curve in self.curves.items():
            rows.append(
                {
                    "compound": compound,
                    "cell": cell,
                    "at": self.at,
                    "IC50_nM": curve.IC50.value,
                    "low_nM": curve.IC50.low,
                    "high_nM": curve.IC50.high,
                    "bound": self.bound(compound, cell),
                    "resistance": self.resistance(compound, cell).value,
                    "Emax": curve.Emax.value,
                    "GR50_nM": curve.GR50.value,
                    "GRmax": curve.GRmax,
                    "GR_AOC": curve.GR_AOC,
                    "least_viability": float(curve.viability.min()),
                }
            )
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that the curves were made of."""
        return {key: source for curve in self.curves.values() for key, source in curve.sources().items()}

    def __str__(self) -> str:
        lines = [f"IC50 at {self.at} (nM)"]
        for cell in self.cells:
            shown = [
                f"{printed(c)} {self.bound(c, cell) or f'{self.IC50(c, cell).value:.3g}'}" for c in self.compounds
            ]
            lines.append(f"  {printed(cell)}: {', '.join(shown)}")
        return "\n".join(lines)


def panel(
    compounds: str | Compound | Iterable[str | Compound] = GLUES,
    cells: str | Cell | Iterable[str | Path | Cell] = LINES,
    at: str | float = "5 d",
    *,
    concentrations: ArrayLike | None = None,
    refeed: str | float | None = None,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Panel:
    """IC50 of several glues on several lines, each as `viability` has it; the first line is the one compared with.

    `concentrations` (nM, default 0.01 nM to 100 uM), `refeed` and `changes` as in `viability`. Raises InputError as it
    does, and without a line.

    >>> few = panel(["lenalidomide", "mezigdomide"], ["H929", "DF15R"])
    >>> few.bound("mezigdomide", "DF15R"), few.bound("mezigdomide", "H929")
    ('> 100000 nM', '')
    """
    given = CONCENTRATIONS if concentrations is None else concentrations
    glues = as_compounds(compounds)
    lines = (cells,) if isinstance(cells, str | Path | Cell) else tuple(cells)
    if not lines:
        raise InputError("no cell line was given", example="H929")
    curves = {}
    for glue in glues:
        for line in lines:
            curve = viability(glue, line, at, concentrations=given, refeed=refeed, changes=changes)
            curves[curve.compound, curve.cell] = curve
    return Panel(at if isinstance(at, str) else f"{at:g} h", curves)
