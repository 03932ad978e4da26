"""Viability of a myeloma line in a dish: dose-response at a stated day, and what is counted in it.

    alive        living cells over those of the untreated control         what a proliferation assay reads
    viability    living over all cells of the well, dead ones included      what a dye reads
    annexin      annexin-positive over positive and living
    caspase      active caspase-3 of the living, over the largest: what the last stage of the roads to death implies
    GR           2^(log2 (x / x0) / log2 (control / x0)) - 1               growth rate over the control's (Hafner 2016)

    IC50         concentration at which half of the control's living cells are there
    GR50         concentration at which the growth rate is halved; GRmax, GR_AOC: at the highest, and over the curve

Concentrations are nominal: what is added at time 0, and then decays in the medium; `refeed` brings it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.curve import Floats, around, crossing, depth
from cereblon.bench.degradation import ascending
from cereblon.bench.plate import Readings, layout, measure
from cereblon.bench.plate.layout import Treatment
from cereblon.bench.plate.readings import UNTREATED
from cereblon.bench.readout import DEFAULT, Scatter, as_readout, doses, read, scatter
from cereblon.bench.spread import drawn, ranged
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.model import Model, exposure
from cereblon.model.culture import culture
from cereblon.network.dosing import Dose
from cereblon.records.assay import Assay
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.regimen import hours
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

SHOWN = {
    "viability": "cell.viability",
    "annexin": "cell.annexin",
    "caspase": "cell.caspase",
    "G1_fraction": "cell.G1_fraction",
    "IKZF1": "IKZF1.remaining",
    "IKZF3": "IKZF3.remaining",
    "MYC": "MYC",
    "IRF4": "IRF4",
    "interferon": "interferon",
    "CD38": "CD38",
}
"""Column -> read-out of the model."""

START_WELLS = 12  # of time 0
SHARES = ("viability", "annexin", "caspase", "G1_fraction")
_DOSED = "medium.volume"  # the concentrations are what was asked for, whatever the well holds


@dataclass(frozen=True)
class Viability:
    """Dose-response: `alive` over control by `concentrations` (nM); `columns` holds the other read-outs of `SHOWN`.

    `growth` is what the control grew by until `at`, `control` what the columns are in it.
    """

    compound: str
    cell: str
    at: str
    concentrations: Floats
    alive: Floats
    growth: float
    columns: Mapping[str, Floats] = field(repr=False)
    model: Model = field(repr=False)
    refeed: float | None = None
    draws: Floats | None = field(default=None, repr=False)
    control: Mapping[str, float] = field(default_factory=dict, repr=False)

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    @property
    def viability(self) -> Floats:
        """Living over all cells of the well."""
        return self.columns["viability"]

    @property
    def GR(self) -> Floats:
        """Growth rate over the control's, 1 without effect, 0 where nothing grows, negative where cells are lost."""
        return np.asarray(2 ** (1 + np.log2(self.alive) / np.log2(self.growth)) - 1)

    @cached_property
    def IC50(self) -> Estimate:
        """Concentration (nM) at which half of the control's living cells are there; NaN where none does that."""

        def read(alive: Floats) -> Estimate:
            return crossing(self.concentrations, alive, 0.5, "nM", f"half of the control alive at {self.at}")

        return self._estimate(read(self.alive), [read(one).value for one in self._drawn])

    @cached_property
    def GR50(self) -> Estimate:
        """Concentration (nM) at which the growth rate is halved; NaN where none does that."""
        return crossing(self.concentrations, self.GR, 0.5, "nM", f"half of the growth rate until {self.at}")

    @property
    def GRmax(self) -> float:
        """GR at the highest concentration."""
        return float(self.GR[-1])

    @property
    def GR_AOC(self) -> float:
        """Mean of 1 - GR over the logarithm of the tested concentrations (Hafner 2016): the larger, the more effect."""
        log = np.log(self.concentrations)
        return float(np.trapezoid(1 - self.GR, log) / (log[-1] - log[0])) if log.size > 1 else float(1 - self.GR[0])

    @cached_property
    def Emax(self) -> Estimate:
        """Share of the control's living cells that the highest concentration takes."""

        def read(alive: Floats) -> Estimate:
            return depth(self.concentrations, alive, "nM")

        return self._estimate(read(self.alive), [read(one).value for one in self._drawn])

    def spread(self, draws: int = 100, seed: int = 1) -> Viability:
        """The same curve with intervals on IC50 and Emax: the records' intervals, drawn (see `bench.spread`)."""
        numbers = drawn(self.model, draws, seed)
        given = np.append(0.0, self.concentrations)
        vary = {slot: np.repeat(column, given.size) for slot, column in numbers.items() if slot != _DOSED}
        calendar = _fed(self.model, self.compound, np.tile(given, draws), self.at, self.refeed)
        end = float(hours(self.at))
        result = self.model.simulate([0.0, end], calendar, vary=vary, observe=["cell.alive"], rtol=1e-4)
        alive = result["cell.alive"][:, -1].reshape(draws, given.size)
        return replace(self, draws=alive[:, 1:] / alive[:, :1])

    def over(self, concentrations: ArrayLike) -> Viability:
        """The same culture over other concentrations (nM). Raises InputError as `viability`."""
        return _curve(self.model, self.compound, ascending(concentrations), self.at, self.refeed)

    def measured(
        self,
        concentrations: ArrayLike | None = None,
        *,
        readout: str | Path | Assay = "CTG",
        of: str = "annexin",
        replicates: int = 3,
        seed: int = 1,
        plate: int = 96,
        noise: Scatter = DEFAULT,
        start: bool = False,
    ) -> Readings:
        """A plate of this experiment as a reader shows it, beside untreated wells (and, of CTG, blanks without cells).

        `readout` "CTG" (living cells) or "flow" (the share in the column `of`: annexin, caspase, viability or
        G1_fraction), or a file; `concentrations` in nM (default ten, half a decade apart around the IC50); `noise` a
        record, its name, a file, or None. `start` adds a plate of untreated cells at time 0, for growth rates (of CTG).
        Raises InputError as `bench.layout` and `bench.measure` do.
        """
        record = as_readout(readout, ("alive", "share"))
        one = self.over(doses(concentrations, self.IC50, self.concentrations))
        alive = record.reads == "alive"
        if not alive and of not in SHARES:
            raise InputError("no share of cells is called so", found=of, expected=", ".join(SHARES), example="annexin")
        if start and not alive:
            raise InputError("growth rates are of living cells", where="start", found=record.name, example="CTG")
        name = f"{self.compound}-"
        first = [self._at_start(f"{name}T0", plate, seed, record, scatter(noise, record))] if start else []
        whole = read(
            {self.compound: (one.concentrations, one.alive if alive else one[of])}, noise=scatter(noise, record),
            untreated=1.0 if alive else one.control[of], blank=0.0 if alive else None, replicates=replicates, seed=seed,
            plate=plate, scale=record["signal.counts"].coherent, of=record.symbol if alive else printed(of),
            cell=self.cell, time=float(hours(self.at)), name=name,
        )  # fmt: skip
        return Readings.joined((*first, whole))

    def _at_start(self, name: str, size: int, seed: int, record: Assay, noise: Scatter) -> Readings:
        """A plate of untreated cells at time 0, on the scale of the untreated at the end."""
        wells = [Treatment(role=UNTREATED)]
        plan = layout(wells, replicates=START_WELLS, untreated=0, blank=0, size=size, seed=seed, plate=name)
        held = np.full(plan.count, 1 / self.growth)
        return measure(plan, held, noise, seed, of=record.symbol, cell=self.cell, time=0.0,
                       scale=record["signal.counts"].coherent)  # fmt: skip

    @property
    def _drawn(self) -> list[Floats]:
        return [] if self.draws is None else list(self.draws)

    def _estimate(self, estimate: Estimate, found: list[float]) -> Estimate:
        if self.draws is None:
            return estimate
        return ranged(estimate, found, f"range of {len(found)} draws of the records' intervals")

    def table(self) -> pd.DataFrame:
        """One row per concentration: compound, cell, at, concentration (nM), alive, GR and the other read-outs."""
        import pandas as pd

        head = {
            "compound": self.compound,
            "cell": self.cell,
            "at": self.at,
            "concentration_nM": self.concentrations,
            "alive": self.alive,
            "GR": self.GR,
        }
        return pd.DataFrame(head | dict(self.columns))

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that the curve was made of."""
        return self.model.sources()

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Addresses of those of its numbers that are assumed or recalled."""
        return self.model.assumptions

    def __str__(self) -> str:
        return (
            f"{printed(self.cell)} after {self.at} of {printed(self.compound)}: IC50 {self.IC50}, "
            f"GR50 {self.GR50}, Emax {self.Emax}, least viability {self.viability.min():.2f}"
        )


def viability(
    compound: str | Path | Compound,
    cell: str | Path | Cell = "H929",
    at: str | float = "5 d",
    *,
    concentrations: ArrayLike | None = None,
    refeed: str | float | None = None,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Viability:
    """Dose-response of a line at one time, each concentration beside the same untreated control.

    `concentrations` in nM (default 1e-4 to 1e3 times the affinity); `refeed` ("24 h") makes good what decayed, every so
    often; `changes` as in `Model.replace`. Raises InputError for unknown names, or concentrations that are not positive
    and ascending.

    >>> curve = viability("mezigdomide")
    >>> bool(curve.IC50.value < 10), bool(curve.Emax.value > 0.9)
    (True, True)
    """
    glue = compound if isinstance(compound, Compound) else compound_record(compound)
    model = culture(glue, cell)
    if changes:
        model = model.replace(changes)
    Kd = model[f"{glue.name}.CRBN.Kd"].coherent
    given = around(Kd) if concentrations is None else ascending(concentrations)
    text, every = at if isinstance(at, str) else f"{at:g} h", None if refeed is None else float(hours(refeed))
    return _curve(model, glue.name, given, text, every)


def _curve(model: Model, glue: str, given: Floats, at: str, every: float | None) -> Viability:
    calendar = _fed(model, glue, np.append(0.0, given), at, every)
    result = model.simulate([0.0, float(hours(at))], calendar, observe=["cell.alive", *SHOWN.values()])
    living = result["cell.alive"]
    columns = {name: np.asarray(result[address][1:, -1]) for name, address in SHOWN.items()}
    control = {name: float(result[address][0, -1]) for name, address in SHOWN.items()}
    alive, growth = np.asarray(living[1:, -1] / living[0, -1]), float(living[0, -1] / living[0, 0])
    line = model.stands["tumour"]
    return Viability(glue, line, at, given, alive, growth, columns, model, every, control=control)


def _fed(model: Model, glue: str, given: Floats, at: str | float, every: float | None) -> list[tuple[Dose, ...]]:
    return exposure(model, {glue: given}, every=every, until=float(hours(at)))
