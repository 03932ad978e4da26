"""A whole patient: from the dose to M-protein and blood counts.

drug@gut -> drug@central                                 each glue and each partner
tumour, T cell, (NK cell,) marrow                        a ligase each; the pathway of `mechanism.pathway` behind it
subclone                                                 the resistant clone: its signals, on the tumour's ligase
blood, disease                                           `mechanism.body`

Which partner a record is, its numbers say: one with `effect.t_half` is a glucocorticoid, with `proteasome.k_on` a
proteasome inhibitor, with a `CD38.Kd` an antibody, with an `ERK.EC50` a MEK inhibitor, with a `CSF3R.Kd` G-CSF.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import nearest
from cereblon.mechanism.binding import uptake
from cereblon.mechanism.body import blood, disease, routes
from cereblon.mechanism.effects import Effects, effects
from cereblon.mechanism.growth_factor import growth_factor
from cereblon.mechanism.ligase import ligase
from cereblon.mechanism.partners import antibody, dexamethasone, proteasome_inhibitor, trametinib
from cereblon.mechanism.pathway import COUPLING, NK_cell, T_cell, lymphocyte, subclone, tumour_cell
from cereblon.mechanism.pharmacokinetics import pharmacokinetics
from cereblon.mechanism.transcription import Coupling
from cereblon.model.dish import NATIVE, as_compounds
from cereblon.model.model import Model
from cereblon.model.result import Result
from cereblon.network.network import Network
from cereblon.records.cell import Cell
from cereblon.records.cell import cell as cell_record
from cereblon.records.compound import Compound
from cereblon.records.patient import Patient
from cereblon.records.patient import patient as patient_record

CELLS: Mapping[str, str] = MappingProxyType(
    {"tumour": "H929", "subclone": "H929_MYC", "T_cell": "blood_T_cell", "marrow": "progenitor"}
)
"""Who stands where. With an entry for NK_cell, NK cells have a ligase of their own; else they share that of T cells."""

CLONES: Mapping[str, str] = MappingProxyType({"sensitive": "tumour", "resistant": "subclone"})
SUBSTRATES = ("IKZF1", "IKZF3")
_LIGASE = ("CRBN", "CRL4", "proteasome", "MEIS2")


def whole_patient(
    compounds: str | Compound | Iterable[str | Compound] = (),
    cells: Mapping[str, str | Path | Cell] = CELLS,
    substrates: Iterable[str] = SUBSTRATES,
    *,
    body: str | Path | Patient = "typical",
    native: str | None = NATIVE,
    coupling: Coupling = COUPLING,
) -> Model:
    """A model of one patient under glues and partners (none: the disease alone), with everything that is modelled.

    `cells` replaces entries of `CELLS`. The resistant clone has a ligase of its own only where its record's ligase
    differs from the tumour's. Raises InputError for unknown names, RecordError for a number that no record has.
    """
    given = as_compounds(compounds) if compounds else ()
    glues = tuple(c for c in given if c.kind != "partner")
    person = body if isinstance(body, Patient) else patient_record(body)
    for place in cells:
        if place not in (*CELLS, "NK_cell"):
            close = nearest(place, (*CELLS, "NK_cell"))
            hint = f"; did you mean {close}?" if close else ""
            raise InputError("no such place in a patient", found=place, expected=f"{', '.join(CELLS)}, NK_cell{hint}")
    standing = {p: c if isinstance(c, Cell) else cell_record(c) for p, c in {**CELLS, **cells}.items()}
    names, chosen = [g.name for g in glues], tuple(substrates)

    net, partners = Network("patient"), Effects()
    for drug in given:
        if drug.kind == "partner":
            own = partner(drug)
            net, partners = net + own, partners + effects(drug.name, own)
        else:
            net += pharmacokinetics(drug.name, drug.structure["n_compartments"])
        if "F" in drug:
            net.parameter(f"{drug.name}.F", "1", "bioavailability that is not already in the clearance", shared=True)

    def at(place: str, inside: Network) -> Network:
        placed = inside.at(place)
        for name in names:
            # the cells draw nothing from plasma: its volume of distribution already counts the tissues
            placed += uptake(name, "central", draws=False).at(place)
        return placed

    def clone(place: str) -> Network:
        line = standing[place]
        return tumour_cell(
            names, chosen, line.structure["n_ub"], line.structure["n_transit"], coupling=coupling, native=native,
            population=None, MYC_factor=partners.on("MYC"), proteasome_taken=partners.taken,
        )  # fmt: skip

    signals = at("tumour", clone("tumour"))
    if same_ligase(standing["tumour"], standing["subclone"], chosen):
        left = {S: str(signals.observables[f"{S}.remaining@tumour"].expression) for S in chosen}
        stages = standing["subclone"].structure["n_transit"]
        signals += subclone(left, stages, coupling=coupling, MYC_factor=partners.on("MYC")).at("subclone")
    else:
        signals += at("subclone", clone("subclone"))
    marrow = ligase(
        names, chosen, standing["marrow"].structure["n_ub"], native_substrate=native, proteasome_taken=partners.taken
    )
    signals += at("marrow", marrow)
    for place, inside in _immune(standing, names, chosen, partners, coupling, native).items():
        signals += at(place, inside)

    lost = f"(1 - ({signals.observables['IKZF1.remaining@marrow'].expression}))" if "IKZF1" in chosen else "0"
    immune = {"T": "T_cell", "NK": "NK_cell" if "NK_cell" in standing else "T_cell"}
    net += signals + disease(signals, CLONES, immune, partners)
    net += blood(lost, person.structure["n_transit"], person.structure["n_ages"], partners)
    net.name = "patient"
    title = f"{', '.join(c.symbol for c in given) or 'no drug'} in a patient"
    # what an antibody finds in the blood is the patient's, and stands at central
    return Model.bind(title, net, {**standing, "central": person}, (*given, person))


def partner(drug: Compound) -> Network:
    """The network of a partner's record: its way through the body and what it does. InputError if it does nothing."""
    stages = drug.structure.get("n_compartments", 1)
    if "effect.t_half" in drug:
        return dexamethasone(stages, drug.name)
    if "proteasome.k_on" in drug:
        return proteasome_inhibitor(drug.name, stages)
    if "CD38.Kd" in drug:
        return antibody(stages, drug.name)
    if "ERK.EC50" in drug:
        return trametinib(stages, drug.name)
    if "CSF3R.Kd" in drug:
        return growth_factor(drug.name)
    raise InputError(
        "no number says what this partner does",
        where=drug.name,
        found=", ".join(list(drug.values)[:4]),
        expected="effect.t_half, proteasome.k_on, CD38.Kd, ERK.EC50 or CSF3R.Kd",
    )


def kill_shares(result: Result, start: float = 0.0, end: float = np.inf) -> dict[str, NDArray[np.float64]]:
    """Route -> its share of the myeloma cells that were killed from hour `start` to `end`, one number per subject.

    Integrated over the sampled times, so sample at least daily. NaN for a patient whose run failed before `end`, 0
    where nothing was killed. Raises InputError without two samples in between.
    """
    time = result.time
    window = (time >= start) & (time <= end)
    if time.ndim > 1 or window.sum() < 2:
        raise InputError("shares need a grid of times for all", found=f"{int(window.sum())} time(s)", example="[0, 24]")
    cells = np.atleast_2d(result["myeloma.burden"])[:, window]
    taken = {
        route: np.trapezoid(np.atleast_2d(result[f"myeloma.{route}.kill"])[:, window] * cells, time[window], axis=1)
        for route in routes(result.model.network)
    }
    whole = np.sum(list(taken.values()), axis=0)
    nothing = np.where(np.isnan(whole), np.nan, 0.0)
    return {route: np.divide(cells, whole, where=whole > 0, out=nothing.copy()) for route, cells in taken.items()}


def same_ligase(one: Cell, other: Cell, substrates: Iterable[str]) -> bool:
    """Whether two cells have the same numbers of everything that a ligase reads."""
    words = {*_LIGASE, *substrates}

    def numbers(cell: Cell) -> dict[str, float]:
        inside = {a.removeprefix(f"{cell.name}."): q.coherent for a, q in cell.values.items()}
        return {a: x for a, x in inside.items() if a.partition(".")[0] in words}

    return numbers(one) == numbers(other) and one.structure["n_ub"] == other.structure["n_ub"]


def _immune(cells: Mapping[str, Cell], names: list[str], chosen: tuple[str, ...], partners: Effects,
            coupling: Coupling, native: str | None) -> dict[str, Network]:  # fmt: skip
    """Place -> T and NK cells in one, or each at its own."""
    n_ub = {place: line.structure["n_ub"] for place, line in cells.items()}
    IL2, NK, taken = partners.on("IL2"), partners.on("NK"), partners.taken
    if "NK_cell" not in cells:
        both = lymphocyte(
            names, chosen, n_ub["T_cell"], coupling=coupling, native=native, T_suppression=IL2, NK_suppression=NK,
            proteasome_taken=taken,
        )  # fmt: skip
        return {"T_cell": both}
    T = T_cell(names, chosen, n_ub["T_cell"], coupling=coupling, native=native, suppression=IL2, proteasome_taken=taken)
    killer = NK_cell(
        names, chosen, n_ub["NK_cell"], coupling=coupling, native=native, suppression=NK, proteasome_taken=taken
    )
    return {"T_cell": T, "NK_cell": killer}
