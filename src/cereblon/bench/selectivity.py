"""Selectivity: what one glue takes away, protein by protein, and the native substrate that it spares.

All neosubstrates of the glue compete in one cell. A protein without a constant is no zero: its row says
what is known of it ("not degraded", "unknown") and by whom.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.bench.curve import around
from cereblon.bench.degradation import SATURATING, Curve
from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import printed
from cereblon.model import Model, dish, exposure
from cereblon.model.dish import NATIVE, as_compounds
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.regimen import hours
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

PANEL = ("IKZF1", "IKZF3", "ZFP91", "CSNK1A1", "SALL4", "GSPT1")


@dataclass(frozen=True)
class Selectivity:
    """Per compound and protein, a `Curve` where a constant is known, a word where none is.

    `concentration` (nM) is where `remaining` is read, per compound.
    """

    at: str
    cell: str
    concentration: dict[str, float]
    curves: dict[tuple[str, str], Curve]
    words: dict[tuple[str, str], str]
    native: dict[str, float]
    models: tuple[Model, ...] = field(repr=False)

    def remaining(self, compound: str, protein: str) -> float:
        """Share left at the panel's concentration; NaN where no constant is known."""
        if protein == NATIVE:
            return self.native[compound]
        curve = self.curves.get((compound, protein))
        if curve is None:
            return float("nan")
        return float(
            np.interp(np.log(self.concentration[compound]), np.log(curve.concentrations), curve.remaining)
        )

    def table(self) -> pd.DataFrame:
        """One row per compound and protein: remaining, DC50 (nM), Dmax, grade of its constant, note."""
        import pandas as pd

        rows = []
        for compound, concentration in self.concentration.items():
            base = {"compound": compound, "concentration_nM": concentration, "at": self.at}
            for protein in PANEL:
                curve = self.curves.get((compound, protein))
                row = {**base, "protein": protein, "remaining": self.remaining(compound, protein)}
                if curve is None:
                    rows.append({**row, "note": self.words[compound, protein]})
                else:
                    grade = curve.model[f"{compound}.{protein}.Kd"].grade
                    numbers = {"DC50_nM": curve.DC50.value, "Dmax": curve.Dmax.value, "grade": grade}
                    rows.append({**row, **numbers, "note": curve.DC50.note})
            note = "native substrate, spared while the glue holds the pocket"
            rows.append({**base, "protein": NATIVE, "remaining": self.native[compound], "note": note})
        columns = [
            "compound",
            "protein",
            "concentration_nM",
            "at",
            "remaining",
            "DC50_nM",
            "Dmax",
            "grade",
            "note",
        ]
        return pd.DataFrame(rows, columns=columns)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers behind the panel."""
        return {key: source for model in self.models for key, source in model.sources().items()}

    def __str__(self) -> str:
        lines = [f"Share left after {self.at} in {printed(self.cell)}"]
        for compound, concentration in self.concentration.items():
            shown = [
                f"{printed(p)} {self.remaining(compound, p):.2f}"
                for p in PANEL
                if (compound, p) in self.curves
            ]
            native = f"{NATIVE} {self.native[compound]:.2f}"
            lines.append(f"  {printed(compound)} {concentration:.3g} nM: {', '.join([*shown, native])}")
        return "\n".join(lines)


def selectivity(
    compounds: str | Compound | Iterable[str | Compound],
    cell: str | Path | Cell = "H929",
    at: str = "4 h",
    *,
    concentration: str | float | None = None,
) -> Selectivity:
    """The panel of neosubstrates and the native substrate, for one or several glues.

    `concentration` ("100 nM", or nM; default saturating: 100 times each affinity). Raises InputError.

    >>> panel = selectivity("mezigdomide")
    >>> panel.remaining("mezigdomide", "IKZF1") < panel.remaining("mezigdomide", "ZFP91")
    True
    """
    curves: dict[tuple[str, str], Curve] = {}
    words: dict[tuple[str, str], str] = {}
    native: dict[str, float] = {}
    chosen: dict[str, float] = {}
    models = []
    for glue in as_compounds(compounds):
        name, panel = glue.name, tuple(p for p in PANEL if p in glue.neosubstrates)
        model = dish(glue, cell, panel)
        Kd = model[f"{name}.CRBN.Kd"].coherent
        chosen[name] = _amount(concentration) or SATURATING * Kd
        given = np.unique(np.append(around(Kd), chosen[name]))
        result = model.simulate([0.0, float(hours(at))], exposure(model, {name: given}))
        for protein in panel:
            left = result[f"{protein}.remaining"][:, -1]
            curves[name, protein] = Curve(
                name, protein, model.stands["tumour"], at, "kinetic", given, left, model
            )
        for protein in PANEL:
            known = glue.status.get(protein)
            words[name, protein] = f"{known.status}: {known.note}" if known else "no constant on record"
        native[name] = float(result[f"{NATIVE}.remaining"][np.searchsorted(given, chosen[name]), -1])
        models.append(model)
    return Selectivity(at, models[0].stands["tumour"], chosen, curves, words, native, tuple(models))


def _amount(concentration: str | float | None) -> float | None:
    if isinstance(concentration, str):
        return Quantity.parse(concentration).to("nM").value
    return concentration
