"""A patient: each drug's plasma level, and the ligase of three kinds of cell that it reaches.

drug@gut -> drug@central <-> drug@peripheral       pharmacokinetics
drug@central ~> drug@tumour, drug@T_cell, drug@marrow      free drug, fu x uptake
the ligase (mechanism.ligase)                       at each place, with the numbers of its cell
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.mechanism.binding import uptake
from cereblon.mechanism.ligase import ligase
from cereblon.mechanism.pharmacokinetics import pharmacokinetics
from cereblon.model.dish import NATIVE, as_compounds
from cereblon.model.model import Model
from cereblon.model.result import Result
from cereblon.network.network import Network
from cereblon.records.cell import Cell
from cereblon.records.cell import cell as cell_record
from cereblon.records.compound import Compound
from cereblon.records.patient import Patient
from cereblon.records.patient import patient as patient_record
from cereblon.records.regimen import Regimen, hours

CELLS: Mapping[str, str] = MappingProxyType({"tumour": "H929", "T_cell": "T_cell", "marrow": "progenitor"})
SUBSTRATES = ("IKZF1", "IKZF3")


def patient(
    compounds: str | Compound | Iterable[str | Compound],
    cells: Mapping[str, str | Path | Cell] = CELLS,
    substrates: Iterable[str] = SUBSTRATES,
    *,
    body: str | Path | Patient = "typical",
    native: str | None = NATIVE,
) -> Model:
    """A model of one patient who swallows the compounds; `cells` says which record stands at which place.

    Raises InputError for unknown names, RecordError for a number that the equations need and no record has.
    """
    glues = as_compounds(compounds)
    standing = {place: c if isinstance(c, Cell) else cell_record(c) for place, c in cells.items()}
    person = body if isinstance(body, Patient) else patient_record(body)
    chosen, names = tuple(substrates), [g.name for g in glues]
    net = Network("patient")
    for glue in glues:
        net += pharmacokinetics(glue.name, glue.structure["n_compartments"])
        net.parameter(f"{glue.name}.F", "1", "bioavailability that is not already in CL/F", shared=True)
    for place, line in standing.items():
        net.parameter(f"{place}.volume", "L", f"volume of the cells at {place}", shared=True)
        net.place(place, f"{place}.volume")
        net += ligase(names, chosen, line.structure["n_ub"], native_substrate=native).at(place)
        for name in names:
            # the cells draw nothing from plasma: its volume of distribution already counts the tissues
            net += uptake(name, "central", draws=False).at(place)
    net.name = "patient"
    return Model.bind(f"{', '.join(g.symbol for g in glues)} in a patient", net, standing, (*glues, person))


def simulate(
    regimen: Regimen,
    *,
    cells: Mapping[str, str | Path | Cell] = CELLS,
    substrates: Iterable[str] = SUBSTRATES,
    until: float | str | None = None,
    times: ArrayLike | Iterable[str] | None = None,
    changes: Mapping[str, Any] | None = None,
    **options: Any,
) -> Result:
    """A regimen in a typical patient: plasma and three kinds of cell, hourly to `until` (default: its end).

    `changes` are addresses with new numbers ({"CRBN.total@tumour": "12.5 nM"}). Raises InputError.

    >>> from cereblon.records.regimen import dose
    >>> result = simulate(dose("pomalidomide", "4 mg", days="1", cycle="1 d"), times=[0, 24], cells={})
    >>> bool(result["pomalidomide@central"][-1] > 0)
    True
    """
    if not regimen.rows:
        raise InputError(
            "the regimen holds no dose", example='dose("mezigdomide", "1 mg", days="1-21", cycle="28 d")'
        )
    model = patient(regimen.compounds, cells, substrates)
    if changes:
        model = model.replace(changes)
    if times is None:
        end = regimen.end if until is None else float(np.ravel(hours(until))[0])
        times = np.append(np.arange(0.0, end, 1.0), end)
    return model.simulate(times, regimen, **options)
