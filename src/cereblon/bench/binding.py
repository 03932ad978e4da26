"""Binding at equilibrium: occupancy, closing, ternary complex and native substrate, by free glue.

    occupancy    share of cereblon that holds the glue                       glue / (glue + Kd)
    competent    share that is closed around it and can recruit              occupancy x K_c / (1 + K_c)
    ternary      neosubstrate held in the cell's cereblon, before any is degraded (nM)
    native       MEIS2 held by cereblon, over what it holds without drug

Closed forms only (`mechanism.binding`, `mechanism.ternary`): what a binding assay or a pull-down would see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.curve import Floats, around
from cereblon.bench.degradation import SUBSTRATES, ascending, well
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.mechanism.binding import closed_fraction, competent_occupancy, occupancy
from cereblon.mechanism.ternary import competition
from cereblon.model import Model
from cereblon.model.dish import NATIVE
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Binding:
    """Shares of cereblon and complexes by `concentrations` of free glue (nM)."""

    compound: str
    cell: str
    concentrations: Floats
    ternary: Mapping[str, Floats]
    native: Floats
    model: Model = field(repr=False)

    @property
    def Kd(self) -> Quantity:
        """The apparent affinity, with its source and grade."""
        return self.model[f"{self.compound}.CRBN.Kd"]

    @property
    def closed_fraction(self) -> Estimate:
        """Closed share of glue-bound cereblon, with the interval of its closing constant."""
        K_c = self.model[f"{self.compound}.CRBN.K_c"]
        ends = (K_c.value if end is None else end for end in (K_c.low, K_c.high))
        low, high = (float(closed_fraction(end)) for end in ends)
        return Estimate(float(closed_fraction(K_c.value)), low=low, high=high, method="K_c / (1 + K_c)")

    @cached_property
    def occupancy(self) -> Floats:
        """Share of cereblon that holds the glue."""
        return occupancy(self.concentrations, self.Kd.coherent)

    @cached_property
    def competent(self) -> Floats:
        """Share of cereblon that is closed around the glue."""
        K_c = self.model[f"{self.compound}.CRBN.K_c"].coherent
        return competent_occupancy(self.concentrations, self.Kd.coherent, K_c)

    def table(self) -> pd.DataFrame:
        """One row per concentration: compound, cell, concentration (nM), shares, ternary complexes (nM)."""
        import pandas as pd

        columns = {
            "compound": self.compound,
            "cell": self.cell,
            "concentration_nM": self.concentrations,
            "occupancy": self.occupancy,
            "competent": self.competent,
            "native": self.native,
        }
        return pd.DataFrame(columns | {f"ternary_{s}_nM": column for s, column in self.ternary.items()})

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers behind the curves."""
        return self.model.sources()

    def __str__(self) -> str:
        largest = ", ".join(f"{printed(s)} {column[-1]:.3g} nM" for s, column in self.ternary.items())
        return (
            f"{printed(self.compound)} on cereblon: Kd {self.Kd}, closed fraction {self.closed_fraction}; "
            f"ternary complex in {printed(self.cell)} at {self.concentrations[-1]:.3g} nM: {largest}"
        )


def binding(
    compound: str | Path | Compound,
    cell: str | Path | Cell = "H929",
    *,
    concentrations: ArrayLike | None = None,
    substrates: Iterable[str] | None = None,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Binding:
    """Equilibrium binding of one glue in one cell; `concentrations` are free glue in nM.

    Raises InputError for unknown names or concentrations that are not positive and ascending.

    >>> curve = binding("mezigdomide", concentrations=[12.6])
    >>> round(float(curve.occupancy[0]), 2), round(float(curve.competent[0]), 2)
    (0.5, 0.49)
    """
    chosen = tuple(substrates) if substrates is not None else SUBSTRATES
    model, glue, chosen = well(compound, chosen[0], cell, chosen, changes)
    given = (
        around(model[f"{glue.name}.CRBN.Kd"].coherent)
        if concentrations is None
        else ascending(concentrations)
    )
    pool, drug_free = (
        competition(
            amount,
            model["CRBN.total"].coherent,
            [model[f"{s}.total"].coherent for s in chosen],
            model[f"{glue.name}.CRBN.Kd"].coherent,
            [model[f"{glue.name}.{s}.Kd"].coherent for s in chosen],
            model[f"{glue.name}.CRBN.K_c"].coherent,
            native=model[f"{NATIVE}.total"].coherent,
            Kd_native=model[f"{NATIVE}.CRBN.Kd"].coherent,
        )
        for amount in (given, np.zeros(1))
    )
    complexes = {s: np.asarray(pool.complexes[:, i]) for i, s in enumerate(chosen)}
    native = np.asarray(pool.native / drug_free.native)
    return Binding(glue.name, model.stands["tumour"], given, complexes, native, model)
