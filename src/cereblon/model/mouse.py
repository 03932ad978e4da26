"""A mouse: a human tumour in it, or what its own cells show.

drug@gut -> drug@central                  each drug, its disposition scaled from the human one by body weight
drug@central ~> drug@tumour               free drug; the ligase and the pathway of the line, as in a dish and a patient
0 -> xenograft~growing -> 0               Simeoni's growth, held up by the pathway and killed by its roads
host NK cells, macrophages                kill under an antibody, as far as the strain keeps them

The host's own cereblon is a genotype: in the wild type it recruits no IKZF1, so counts and IL-2 stay at rest whatever
the glue (`host_response`); a knock-in of the human valine answers. One set of constants serves dish, mouse and
patient: of a compound's record only the disposition is another here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Quantity
from cereblon.mechanism.binding import uptake
from cereblon.mechanism.effects import Effects, effects
from cereblon.mechanism.ligase import ligase
from cereblon.mechanism.neutrophils import neutrophils
from cereblon.mechanism.partners import antibody_without_target
from cereblon.mechanism.pathway import COUPLING, T_cell, tumour_cell
from cereblon.mechanism.pharmacokinetics import allometric, pharmacokinetics
from cereblon.mechanism.transcription import Coupling
from cereblon.mechanism.xenograft import EFFECTORS, effectors, tumour
from cereblon.model.dish import NATIVE, as_compounds
from cereblon.model.model import Model
from cereblon.model.whole import SUBSTRATES, partner
from cereblon.network.network import Network
from cereblon.records.cell import Cell
from cereblon.records.cell import cell as cell_record
from cereblon.records.compound import Compound
from cereblon.records.host import Host
from cereblon.records.host import host as host_record
from cereblon.records.patient import patient

CLEARANCES = ("CL", "Q", "Q2", "CL_F", "Q_F", "Q2_F")
VOLUMES = ("V", "V2", "V3", "V_F", "V2_F", "V3_F")


def mouse(
    compounds: str | Compound | Iterable[str | Compound] = (),
    line: str | Path | Cell = "H929_R10",
    host: str | Path | Host = "SCID",
    substrates: Iterable[str] = SUBSTRATES,
    *,
    native: str | None = NATIVE,
    coupling: Coupling = COUPLING,
) -> Model:
    """A model of a mouse of a strain with a human tumour, under glues and partners.

    Its read-outs: `xenograft.measured` (g) and `xenograft.route.kill` (1/d) of each route at the tumour, beside those
    of its cells. Raises InputError for unknown names, or a strain that rejects human tumours.
    """
    strain = host if isinstance(host, Host) else host_record(host, "strain")
    if not strain["take.share"].value > 0:
        raise InputError("this strain rejects a human tumour", where="host", found=strain.symbol, example="SCID")
    given = tuple(in_mouse(c, strain) for c in (as_compounds(compounds) if compounds else ()))
    cells = line if isinstance(line, Cell) else cell_record(line)
    net, partners, names = _drugs(given)
    inside = tumour_cell(
        names, tuple(substrates), cells.structure["n_ub"], cells.structure["n_transit"], coupling=coupling,
        native=native, population=None, MYC_factor=partners.on("MYC"), proteasome_taken=partners.taken,
    )  # fmt: skip
    killers = [k for k in EFFECTORS if k in strain.keeps]
    beside = effectors(killers, partners.antibodies, NK_suppression=partners.on("NK"))
    inside += beside
    routes = [EFFECTORS[k] for k in killers] if partners.antibodies else []
    inside += tumour(inside, partners, routes)
    net += _placed(inside, "tumour", names)
    net.name = "mouse"
    title = f"{cells.symbol} in a {strain.symbol} mouse" + (f", {', '.join(c.symbol for c in given)}" if given else "")
    return Model.bind(title, net, {"tumour": cells}, (*given, strain))


def host_response(
    compounds: str | Compound | Iterable[str | Compound],
    host: str | Path | Host = "SCID",
    genotype: str | Path | Host = "wild_type",
    substrates: Iterable[str] = SUBSTRATES,
    *,
    native: str | None = NATIVE,
    coupling: Coupling = COUPLING,
) -> Model:
    """A model of the host's own cells: neutrophils (`ANC`), and `IL2` where the strain keeps T cells.

    Cells and marrow are the human ones with the cereblon of `genotype`: only what is over rest may be read. Raises
    InputError for unknown names, RecordError for a host of the wrong kind.
    """
    strain = host if isinstance(host, Host) else host_record(host, "strain")
    cereblon = genotype if isinstance(genotype, Host) else host_record(genotype, "genotype")
    given = tuple(in_mouse(c, strain) for c in as_compounds(compounds))
    net, partners, names = _drugs(given)
    chosen = tuple(substrates)
    standing = {"marrow": _of_host("progenitor", cereblon)}
    marrow = ligase(
        names, chosen, standing["marrow"].structure["n_ub"], native_substrate=native, proteasome_taken=partners.taken
    )
    net += _placed(marrow, "marrow", names)
    if "T" in strain.keeps:
        standing["T_cell"] = _of_host("blood_T_cell", cereblon)
        inside = T_cell(
            names, chosen, standing["T_cell"].structure["n_ub"], coupling=coupling, native=native,
            suppression=partners.on("IL2"), proteasome_taken=partners.taken,
        )  # fmt: skip
        net += _placed(inside, "T_cell", names)
    lost = f"(1 - ({net.observables['IKZF1.remaining@marrow'].expression}))" if "IKZF1" in chosen else "0"
    net += neutrophils(lost, demargination=partners.demargination)
    net.name = "host"
    title = f"{', '.join(c.symbol for c in given)} in a {strain.symbol} mouse, cereblon {cereblon.symbol}"
    return Model.bind(title, net, standing, (*given, strain, patient()))


def in_mouse(compound: Compound, strain: Host) -> Compound:
    """The compound with the disposition of a mouse: its own table [mouse], and what it lacks scaled by body weight.

    A scaled number is an assumption; its interval is that of the human number and of the exponent together.
    """
    weight, human = strain["weight"], patient()["weight"]
    changes: dict[str, Quantity] = {}
    for kind, names in (("clearance", CLEARANCES), ("volume", VOLUMES)):
        exponent = strain[f"allometry.{kind}.exponent"]
        for name in names:
            if f"mouse.{name}" in compound:
                changes[name] = compound[f"mouse.{name}"]
            elif name in compound:
                changes[name] = _scaled(compound[name], weight, human, exponent)
    return compound.replace(changes)


def _scaled(number: Quantity, weight: Quantity, human: Quantity, exponent: Quantity) -> Quantity:
    def there(value: float, power: float) -> float:
        return float(allometric(value, weight.coherent, human.coherent, power))

    powers = [p for p in (exponent.low, exponent.value, exponent.high) if p is not None]
    ends = [v for v in (number.low, number.value, number.high) if v is not None]
    spread = [there(v, p) for v in ends for p in powers]
    note = f"human {number} x ({weight} / {human})^{exponent.value:g}; no mouse pharmacokinetics was found"
    return Quantity(
        there(number.value, exponent.value), number.unit, min(spread), max(spread), exponent.source, "assumed", note
    )


def _drugs(given: Iterable[Compound]) -> tuple[Network, Effects, list[str]]:
    """The way of every drug through the mouse, what the partners do, and the names of the glues."""
    net, partners, names = Network("mouse"), Effects(), []
    for drug in given:
        stages = drug.structure.get("n_compartments", 1)
        if drug.kind == "partner":
            # what the antibody binds in a patient's blood is human: there is none in a mouse
            own = antibody_without_target(stages, drug.name) if "CD38.Kd" in drug else partner(drug)
            net, partners = net + own, partners + effects(drug.name, own)
        else:
            net += pharmacokinetics(drug.name, stages)
            names.append(drug.name)
        if "F" in drug:
            net.parameter(f"{drug.name}.F", "1", "bioavailability that is not already in the clearance", shared=True)
    return net, partners, names


def _placed(inside: Network, place: str, names: Iterable[str]) -> Network:
    placed = inside.at(place)
    for name in names:
        placed += uptake(name, "central", draws=False).at(place)
    return placed


def _of_host(cell: str, genotype: Host) -> Cell:
    """A human cell with the cereblon of the host."""
    record = cell_record(cell)
    inside = {a.removeprefix(f"{genotype.name}."): q for a, q in genotype.values.items()}
    return replace(record.replace(inside), note=f"{record.note} With cereblon of a mouse: {genotype.symbol}.")
