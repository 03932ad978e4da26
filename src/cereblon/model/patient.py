"""A patient: each drug's plasma level, and the ligase of three kinds of cell that it reaches.

drug@gut -> drug@central <-> drug@peripheral       pharmacokinetics
drug@central ~> drug@tumour, drug@T_cell, drug@marrow      free drug, fu x uptake
the ligase (mechanism.ligase)                       at each place, with the numbers of its cell
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Quantity, unit
from cereblon.mechanism.binding import uptake
from cereblon.mechanism.ligase import ligase
from cereblon.mechanism.pharmacokinetics import pharmacokinetics
from cereblon.model.dish import NATIVE, as_compounds
from cereblon.model.model import Model
from cereblon.model.result import Result
from cereblon.model.whole import whole_patient
from cereblon.network.network import Network
from cereblon.records.cell import Cell
from cereblon.records.cell import cell as cell_record
from cereblon.records.compound import Compound
from cereblon.records.days import DAY
from cereblon.records.patient import Patient
from cereblon.records.patient import patient as patient_record
from cereblon.records.regimen import Regimen, hours
from cereblon.records.regimen import regimen as regimen_record

CELLS: Mapping[str, str] = MappingProxyType({"tumour": "H929", "T_cell": "T_cell", "marrow": "progenitor"})
SUBSTRATES = ("IKZF1", "IKZF3")
COHORT_RTOL = 1e-4  # outputs within 2e-5 of the exact run (docs/decisions/0014), far below any spread of patients


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


class Patients(Protocol):
    """What `simulate` takes for several patients (`cohort.Cohort`)."""

    @property
    def body(self) -> Patient:
        """The patient around whom they vary."""

    @property
    def cells(self) -> Mapping[str, str]:
        """Cells that stand elsewhere than in the typical patient."""

    def numbers(self, model: Model) -> Mapping[str, NDArray[np.float64]]:
        """Slot -> one coherent number per patient; `age` (h) beside the slots."""


def simulate(
    regimen: Regimen | str | Path,
    patients: str | Path | Patient | Model | Patients | None = None,
    *,
    cells: Mapping[str, str | Path | Cell] | None = None,
    substrates: Iterable[str] = SUBSTRATES,
    until: float | str | None = None,
    times: ArrayLike | Iterable[str] | None = None,
    changes: Mapping[str, Any] | None = None,
    **options: Any,
) -> Result:
    """A regimen in a patient or in a cohort, to `until` (default: its end), or read at `times`.

    `patients`: a patient's record or its name, or a sampled cohort: the whole model, hourly for one, daily (without
    the species, at COHORT_RTOL) for a cohort; a model of one's own; or none, for glues alone in plasma and the
    ligase of three cells. A patient older than a regimen's limit gets the dose of the elderly. `changes` are
    addresses with new numbers ({"CRBN.total@tumour": "12.5 nM"}); in a cohort they replace what is sampled.
    Raises InputError.

    >>> from cereblon.records.regimen import dose
    >>> result = simulate(dose("pomalidomide", "4 mg", days="1", cycle="1 d"), times=[0, 24], cells={})
    >>> bool(result["pomalidomide@central"][-1] > 0)
    True
    """
    if not isinstance(regimen, Regimen):
        regimen = regimen_record(regimen)
    if not regimen.rows:
        raise InputError("the regimen holds no dose", example='dose("mezigdomide", "1 mg", days="1-21", cycle="28 d")')
    varied: dict[str, NDArray[np.float64]] = {}
    one = True
    if patients is None and any(drug.kind == "partner" for drug in regimen.compounds):
        patients = "typical"  # what a partner does is seen in the whole patient only
    if patients is None:
        model = patient(regimen.compounds, CELLS if cells is None else cells, substrates)
    elif isinstance(patients, Model):
        model = patients
    elif isinstance(patients, str | Path | Patient):
        model = whole_patient(regimen.compounds, cells or {}, substrates, body=patients)
    elif not hasattr(patients, "numbers") or not len(patients):  # type: ignore[arg-type]
        raise InputError(
            "patients are a record, its name, a model or a sampled cohort of somebody", where="patients",
            found=repr(patients)[:60], example='population("triple_class_refractory").sample(20)',
        )  # fmt: skip
    else:
        model = whole_patient(regimen.compounds, {**patients.cells, **(cells or {})}, substrates, body=patients.body)
        varied, one = dict(patients.numbers(model)), False
    if changes:
        model = model.replace(changes)
        varied = {slot: column for slot, column in varied.items() if slot not in set(map(model.resolve, changes))}
    varied = for_age(regimen, model, varied)
    if one and varied:  # one patient stays one: plain numbers, and results without an axis of patients
        note = "with the elderly's share of the dose"
        model = model.replace({slot: Quantity(float(x[0]), "1", note=note) for slot, x in varied.items()})
        varied = {}
    varied |= {model.resolve(slot): np.asarray(x) for slot, x in options.pop("vary", {}).items()}
    if times is None:
        end = regimen.end if until is None else float(np.ravel(hours(until))[0])
        times = np.append(np.arange(0.0, end, 1.0 if one else DAY), end)
    if not one:
        options.setdefault("observe", list(model.network.observables))
        options.setdefault("rtol", COHORT_RTOL)
    return model.simulate(times, regimen, vary=varied, **options)


def for_age(
    regimen: Regimen, model: Model, varied: Mapping[str, NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """`varied` without the age, and with the elderly's share of a dose in the drug's F.

    What reaches the body is F times the dose, so all keep one calendar, which a policy at visits needs. Raises
    InputError where a drug has no F, or its rows have different rules.
    """
    columns = {slot: column for slot, column in varied.items() if slot in model.values}
    bodies = [record for record in model.records if "age" in record]
    if not bodies:
        return columns
    years = varied.get("age", np.atleast_1d(bodies[0]["age"].coherent)) / unit("year").factor
    for drug in regimen.compounds:
        shares = [row.share(years) for row in regimen.rows if row.drug == drug]
        if all((share == 1).all() for share in shares):
            continue
        F = f"{drug.name}.F"
        if F not in model.values or any((share != shares[0]).any() for share in shares):
            raise InputError("the elderly's dose needs one rule for a drug, and its F", where=drug.name)
        columns[F] = columns.get(F, model.values[F].coherent) * shares[0]
    return columns
