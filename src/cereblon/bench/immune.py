"""T and NK cells in a dish, under anti-CD3: dose-response of IL-2, T cells and NK cells, with or without dexamethasone.

    IL2            level over rest at 24 h
    T, NK          numbers over rest at the end
    NK_activity    cytotoxic NK cells over rest at the end

Everything is over the same cells without any drug. Concentrations are nominal, as in `viability`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.curve import NO_EFFECT, Floats, around, crossing
from cereblon.bench.degradation import ascending
from cereblon.bench.plate import Readings
from cereblon.bench.plate.readings import BLANK
from cereblon.bench.readout import doses
from cereblon.bench.readout import read as read_plate
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.model import Model, exposure
from cereblon.model.culture import STEROID, blood
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.noise import Noise
from cereblon.records.regimen import hours
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

USUAL = 1000.0  # nM dexamethasone, about half of the plasma peak of 40 mg
SHOWN = {
    "T": "T.number",
    "T_exhausted": "T.exhausted",
    "NK": "NK.number",
    "NK_activity": "NK_activity",
}
"""Column -> read-out of the model, at the end."""


@dataclass(frozen=True)
class Immune:
    """Dose-response of T and NK cells by `concentrations` (nM), beside `dexamethasone` (nM)."""

    compound: str
    at: str
    IL2_at: str
    concentrations: Floats
    dexamethasone: float
    columns: Mapping[str, Floats] = field(repr=False)
    model: Model = field(repr=False)
    refeed: float | None = None

    def __getitem__(self, name: str) -> Floats:
        return self.columns[name]

    @property
    def IL2(self) -> Floats:
        """IL-2 over that of the same cells without any drug."""
        return self.columns["IL2"]

    @property
    def T(self) -> Floats:
        """T cells, working and exhausted, over rest."""
        return self.columns["T"]

    @property
    def NK_activity(self) -> Floats:
        """Cytotoxic NK cells over rest."""
        return self.columns["NK_activity"]

    @property
    def IL2_fold(self) -> Estimate:
        """IL-2 at the highest concentration, over rest."""
        return Estimate(float(self.IL2[-1]), method=f"IL-2 at {self.concentrations[-1]:.3g} nM, {self.IL2_at}")

    @cached_property
    def EC50(self) -> Estimate:
        """Concentration (nM) at half of the rise of IL-2 from the lowest to the highest; NaN where it does not rise."""
        low, high = float(self.IL2[0]), float(self.IL2[-1])
        method = f"half of the rise of IL-2 at {self.IL2_at}"
        if not high - low > NO_EFFECT:
            return Estimate(np.nan, "nM", method=method, note="no effect")
        return crossing(self.concentrations, -self.IL2, -(low + high) / 2, "nM", method)

    def measured(
        self,
        of: str = "IL2",
        concentrations: ArrayLike | None = None,
        *,
        replicates: int = 3,
        seed: int = 1,
        plate: int = 96,
        noise: str | Path | Noise | None = "absorbance",
    ) -> Readings:
        """A plate of this experiment as a reader shows it, over the cells without any drug, beside untreated wells.

        `of` IL2 (by ELISA), T, NK or NK_activity; `concentrations` in nM (default ten, half a decade apart around the
        EC50); `noise` a record, its name, a file, or None. Dexamethasone is the partner of every well, untreated ones
        among them. Raises InputError as `bench.layout` and `bench.measure` do.
        """
        if of not in self.columns:
            raise InputError("nothing is read of this", found=of, expected=", ".join(self.columns), example="IL2")
        given = doses(concentrations, self.EC50, self.concentrations)
        seen = _columns(self.model, self.compound, np.append(0.0, given), self.dexamethasone, self.at, self.IL2_at,
                        self.refeed)[of]  # fmt: skip
        read = read_plate(
            {self.compound: (given, seen[1:])}, noise=noise, untreated=float(seen[0]), replicates=replicates, seed=seed,
            plate=plate, of=of, cell="PBMC", time=float(hours(self.IL2_at if of == "IL2" else self.at)),
            name=f"{self.compound}{'-' + STEROID if self.dexamethasone else ''}-",
        )  # fmt: skip
        if not self.dexamethasone:
            return read
        beside = np.where(read.role == BLANK, 0.0, self.dexamethasone)
        return read.replace(partner=np.where(beside > 0, STEROID, ""), partner_concentration=beside)

    def table(self) -> pd.DataFrame:
        """One row per concentration: compound, at, dexamethasone (nM), concentration (nM), and every column."""
        import pandas as pd

        head = {
            "compound": self.compound,
            "at": self.at,
            "dexamethasone_nM": self.dexamethasone,
            "concentration_nM": self.concentrations,
        }
        return pd.DataFrame(head | dict(self.columns))

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that the curve was made of."""
        return self.model.sources()

    def __str__(self) -> str:
        beside = f" beside {self.dexamethasone:.3g} nM dexamethasone" if self.dexamethasone else ""
        return (
            f"T and NK cells under {printed(self.compound)}{beside}: IL-2 {self.IL2_fold}-fold (EC50 {self.EC50}), "
            f"after {self.at} T cells {self.T[-1]:.2f}, NK activity {self.NK_activity[-1]:.2f}"
        )


def immune(
    compound: str | Path | Compound,
    dexamethasone: bool | str | float = False,
    at: str | float = "72 h",
    *,
    IL2_at: str | float = "24 h",
    concentrations: ArrayLike | None = None,
    T: str | Path | Cell = "T_cell",
    NK: str | Path | Cell = "NK_cell",
    refeed: str | float | None = None,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Immune:
    """Dose-response of T and NK cells in one medium; `dexamethasone` is its level ("100 nM", nM), True 1 uM.

    The rest is as in `viability`. Raises InputError as it does.

    >>> alone, both = immune("mezigdomide"), immune("mezigdomide", dexamethasone=True)
    >>> alone.IL2_fold.value > 3 > 1 > both.IL2_fold.value
    True
    """
    glue = compound if isinstance(compound, Compound) else compound_record(compound)
    model = blood(glue, T, NK)
    if changes:
        model = model.replace(changes)
    if isinstance(dexamethasone, bool):
        level = USUAL if dexamethasone else 0.0
    else:
        level = Quantity.parse(dexamethasone).to("nM").value if isinstance(dexamethasone, str) else float(dexamethasone)
    given = around(model[f"{glue.name}.CRBN.Kd"].coherent) if concentrations is None else ascending(concentrations)
    every = None if refeed is None else float(hours(refeed))
    columns = _columns(model, glue.name, given, level, at, IL2_at, every)
    names = (at if isinstance(at, str) else f"{at:g} h", IL2_at if isinstance(IL2_at, str) else f"{IL2_at:g} h")
    return Immune(glue.name, *names, given, level, columns, model, every)


def _columns(
    model: Model, glue: str, given: Floats, steroid: float, at: str | float, IL2_at: str | float, every: float | None
) -> dict[str, Floats]:
    """IL2 early and the columns of `SHOWN` at the end, over rest, one number a concentration of the glue."""
    early, end = float(hours(IL2_at)), float(hours(at))
    times = np.unique([0.0, early, end])
    fed = exposure(model, {glue: given, STEROID: steroid}, every=every, until=float(times[-1]))
    result = model.simulate(times, fed, observe=["IL2", *SHOWN.values()])
    columns = {"IL2": np.asarray(result["IL2"][:, np.searchsorted(times, early)])}
    last = np.searchsorted(times, end)
    return columns | {name: np.asarray(result[address][:, last]) for name, address in SHOWN.items()}
