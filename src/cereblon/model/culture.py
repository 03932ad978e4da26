"""Cells in a dish that live, divide and die, or answer each other: the pathway of `mechanism.pathway` in a medium.

    culture("mezigdomide", "H929")          a myeloma line, from the glue to its death
    culture("mezigdomide", partners="bortezomib")   the same beside a drug that binds something else
    silenced("H929")                        the line whose IKZF1 or IKZF3 an shRNA takes
    blood("mezigdomide")                    T and NK cells, with a steroid in the medium

A concentration is a subject, as in `dish`. Counts are over the cells at the start.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cereblon.ground.errors import InputError
from cereblon.mechanism.effects import Effects, effects
from cereblon.mechanism.partners import (
    MEK_inhibitor_in_medium,
    glucocorticoid_in_medium,
    proteasome_inhibitor_in_medium,
    read_out,
)
from cereblon.mechanism.pathway import COUPLING, NK_cell, T_cell, silenced_cell, steroid, tumour_cell
from cereblon.mechanism.transcription import IKZF, Coupling
from cereblon.model.dish import NATIVE, PLACE, as_compounds, medium
from cereblon.model.model import Model
from cereblon.network.network import Network
from cereblon.records.cell import Cell
from cereblon.records.cell import cell as cell_record
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.dish import Dish
from cereblon.records.dish import dish as dish_record

STEROID = "dexamethasone"


def culture(
    compounds: str | Compound | Iterable[str | Compound],
    cell: str | Path | Cell = "H929",
    substrates: Iterable[str] = IKZF,
    *,
    partners: str | Compound | Iterable[str | Compound] = (),
    well: str | Path | Dish = "well96",
    native: str | None = NATIVE,
    coupling: Coupling = COUPLING,
) -> Model:
    """A myeloma line in the medium of `well`, with one or several glues that all recruit `substrates`.

    `partners` act as in a patient, at their level in the medium. Raises InputError for unknown names, a substrate that
    a glue is not known to recruit or a partner that does nothing to such cells, RecordError for a number that the
    equations need and no record has.
    """
    glues = as_compounds(compounds)
    beside = as_compounds(partners) if partners else ()
    line = cell if isinstance(cell, Cell) else cell_record(cell)
    chosen = recruited(glues, substrates)
    names = [g.name for g in glues]
    own, done = [partner_in_medium(drug) for drug in beside], Effects()
    for drug, net in zip(beside, own, strict=True):
        done += effects(drug.name, net)
    inside = tumour_cell(
        names, chosen, line.structure["n_ub"], line.structure["n_transit"], native=native, coupling=coupling,
        MYC_factor=done.on("MYC"), proteasome_taken=done.taken, kills=[kill.rate for kill in done.kills],
    )  # fmt: skip
    net = medium(names, {PLACE: inside})
    for drug_net in own:
        net += drug_net
    records = (*glues, *beside, plate(well))
    return Model.bind(f"{line.symbol} with {_symbols((*glues, *beside))}", net, {PLACE: line}, records)


def partner_in_medium(drug: Compound) -> Network:
    """The network of a partner's record in a dish; which kind it is, its numbers say, as in `whole.partner`.

    Raises InputError for an antibody, which needs effector cells, and for one that does nothing to a myeloma line.
    """
    if "effect.t_half" in drug:
        return glucocorticoid_in_medium(drug.name)
    if "proteasome.k_on" in drug:
        return proteasome_inhibitor_in_medium(drug.name)
    if "ERK.EC50" in drug:
        return MEK_inhibitor_in_medium(drug.name)
    needs = "it kills through effector cells, which are not here" if "CD38.Kd" in drug else "no number says what"
    raise InputError(
        "this partner does nothing to myeloma cells alone",
        where=drug.name,
        found=needs,
        expected="a partner with effect.t_half, proteasome.k_on or ERK.EC50, or another glue",
        example="bortezomib",
    )


def silenced(
    cell: str | Path | Cell = "H929", *, well: str | Path | Dish = "well96", coupling: Coupling = COUPLING
) -> Model:
    """The line without a glue; `IKZF1.production.inhibition` says what an shRNA takes (0 until it is changed)."""
    line = cell if isinstance(cell, Cell) else cell_record(cell)
    net = silenced_cell(line.structure["n_transit"], coupling=coupling).at(PLACE)
    return Model.bind(f"{line.symbol} with an shRNA", net, {PLACE: line}, (plate(well),))


def blood(
    compounds: str | Compound | Iterable[str | Compound],
    T: str | Path | Cell = "T_cell",
    NK: str | Path | Cell = "NK_cell",
    substrates: Iterable[str] = IKZF,
    *,
    well: str | Path | Dish = "well96",
    coupling: Coupling = COUPLING,
) -> Model:
    """T and NK cells in one medium, with one or several glues; dexamethasone has its own slot there (0 without it)."""
    glues = as_compounds(compounds)
    chosen = recruited(glues, substrates)
    cells = {
        place: one if isinstance(one, Cell) else cell_record(one) for place, one in (("T_cell", T), ("NK_cell", NK))
    }
    names = [g.name for g in glues]
    drug = steroid(STEROID)
    left = {target: read_out(drug, f"{STEROID}.{target}.factor") for target in ("IL2", "NK")}
    net = medium(
        names,
        {
            "T_cell": T_cell(
                names, chosen, cells["T_cell"].structure["n_ub"], coupling=coupling, suppression=left["IL2"]
            ),
            "NK_cell": NK_cell(
                names, chosen, cells["NK_cell"].structure["n_ub"], coupling=coupling, suppression=left["NK"]
            ),
        },
    )
    net += drug
    records = (*glues, compound_record(STEROID), plate(well))
    return Model.bind(f"T and NK cells with {_symbols(glues)}", net, cells, records)


def recruited(glues: Iterable[Compound], substrates: Iterable[str]) -> tuple[str, ...]:
    """The substrates, once each; InputError where a glue recruits one not, or the pathway reads none of them."""
    chosen = tuple(dict.fromkeys(substrates))
    for glue in glues:
        for S in chosen:
            if S not in glue.neosubstrates:
                raise InputError(
                    f"no recruitment of {S} by {glue.symbol} is on record",
                    where=f"{glue.name}.{S}.Kd",
                    expected=f"one of {', '.join(glue.neosubstrates)}",
                )
    if not set(chosen) & set(IKZF):
        raise InputError("nothing that the pathway reads", found=", ".join(chosen), expected="IKZF1 or IKZF3")
    return chosen


def _symbols(glues: Iterable[Compound]) -> str:
    return ", ".join(g.symbol for g in glues)


def plate(well: str | Path | Dish) -> Dish:
    """The record of a well, from its name, file or record."""
    return well if isinstance(well, Dish) else dish_record(well)
