"""Targets and effectors in one well: a myeloma line, T and NK cells, a glue, an antibody on CD38, a steroid.

    flask      targets with the glue, before they come into the well
    tube       PBMC, with the glue or without, before they are added
    medium     the well: targets, PBMC, antibody; the glue once more, or washed off

The steps of an assay are doses: a `Calendar` writes them. Counts are over the targets at the start.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.mechanism.lysis import ADDED, PLATED, lysis
from cereblon.mechanism.partners import read_out
from cereblon.mechanism.pathway import COUPLING, NK_cell, T_cell, steroid, tumour_cell
from cereblon.mechanism.transcription import IKZF, Coupling
from cereblon.model.culture import STEROID, plate, recruited
from cereblon.model.dish import NATIVE, PLACE, as_compounds, exposure, medium
from cereblon.model.model import Model
from cereblon.network.dosing import Dose
from cereblon.records.cell import Cell
from cereblon.records.cell import cell as cell_record
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.dish import Dish

VESSELS: Mapping[str, tuple[str, str]] = {
    PLACE: ("flask", PLATED),
    "T_cell": ("tube", ADDED),
    "NK_cell": ("tube", ADDED),
}
"""Place -> the vessel where its cells stand until a switch is turned."""


def coculture(
    compounds: str | Compound | Iterable[str | Compound],
    cell: str | Path | Cell = "MOLP8",
    antibody: str | Path | Compound = "daratumumab",
    T: str | Path | Cell = "T_cell",
    NK: str | Path | Cell = "NK_cell",
    substrates: Iterable[str] = IKZF,
    *,
    well: str | Path | Dish = "well96",
    native: str | None = NATIVE,
    coupling: Coupling = COUPLING,
) -> Model:
    """A line and the T and NK cells of PBMC, with glues and an antibody against CD38; dexamethasone has its slot.

    Raises InputError for unknown names, an antibody without CD38, a substrate that a glue is not known to recruit,
    RecordError for a number that the equations need and no record has.
    """
    glues = as_compounds(compounds)
    chosen, names = recruited(glues, substrates), [g.name for g in glues]
    against = antibody if isinstance(antibody, Compound) else compound_record(antibody)
    if "CD38.Kd" not in against:
        raise InputError(
            "ADCC needs an antibody against CD38", where=against.name, found="no CD38.Kd", example="daratumumab"
        )
    standing = {
        place: one if isinstance(one, Cell) else cell_record(one)
        for place, one in ((PLACE, cell), ("T_cell", T), ("NK_cell", NK))
    }
    line, n_ub = standing[PLACE], {place: one.structure["n_ub"] for place, one in standing.items()}
    drug = steroid(STEROID)
    left = {target: read_out(drug, f"{STEROID}.{target}.factor") for target in ("IL2", "NK")}
    stages = line.structure["n_transit"]
    cells = {
        PLACE: tumour_cell(names, chosen, n_ub[PLACE], stages, coupling=coupling, native=native),
        "T_cell": T_cell(names, chosen, n_ub["T_cell"], coupling=coupling, native=native, suppression=left["IL2"]),
        "NK_cell": NK_cell(names, chosen, n_ub["NK_cell"], coupling=coupling, native=native, suppression=left["NK"]),
    }
    net = medium(names, cells, vessels=VESSELS) + drug
    net += lysis(against.name, stages).at(PLACE)
    net.name = "co-culture"
    records = (*glues, against, compound_record(STEROID), plate(well))
    return Model.bind(f"{line.symbol} and PBMC with {', '.join(g.symbol for g in glues)}", net, standing, records)


@dataclass(frozen=True)
class Calendar:
    """Hours of one assay, counted from its first step: when what comes where.

    `preincubated` and `effectors` are how long (h) targets and PBMC stand with the glue before hour `added`, when PBMC
    and antibody come into the well. Targets `replated` come there with them, counted and in fresh medium, with the glue
    once more if it `stays`; otherwise they stand in the well from the beginning.
    """

    preincubated: float
    effectors: float
    duration: float
    replated: bool = True
    stays: bool = True

    @property
    def added(self) -> float:
        """Hour at which PBMC and antibody come into the well."""
        return max(self.preincubated, self.effectors)

    @property
    def end(self) -> float:
        """Hour at which the plate is read."""
        return self.added + self.duration

    def doses(
        self, model: Model, glues: Mapping[str, ArrayLike], antibody: tuple[str, ArrayLike], steroid: ArrayLike = 0.0
    ) -> list[tuple[Dose, ...]]:
        """One list of doses per well; concentrations (nM) are one number for all wells or one each.

        The steroid is with the PBMC as long as the glue is, and in the well. Raises InputError as `exposure` does.
        """
        added, early, placed = self.added, self.added - self.effectors, self.added - self.preincubated
        name, level = antibody
        rows: list[tuple[str, float, ArrayLike]] = [(PLATED, added if self.replated else 0.0, 1.0), (ADDED, added, 1.0)]
        rows += [(f"{name}@medium", added, level), (f"{STEROID}@medium", early, steroid)]
        for glue, c in glues.items():
            rows.append((f"{glue}@{'flask' if self.replated else 'medium'}", placed, c))
            if self.effectors:
                rows.append((f"{glue}@tube", early, c))
            if self.replated and self.stays:
                rows.append((f"{glue}@medium", added, c))
        wells = max(np.size(c) for *_, c in rows)
        for into, _, c in rows:
            if np.size(c) not in (1, wells):
                raise InputError(
                    "one concentration for all wells or one each",
                    where=into,
                    found=f"{np.size(c)}",
                    expected=f"{wells}",
                )
        given = [exposure(model, {into: np.broadcast_to(c, wells)}, hour) for into, hour, c in rows]
        return [tuple(itertools.chain(*well)) for well in zip(*given, strict=True)]
