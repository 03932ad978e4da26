"""G-CSF, the body's own and a given one: neutrophils carry its receptor, so they clear what drives them (Melhem 2018).

    drug@subcutis -> drug@central -> 0          absorption, clearance
    0 -> drug@central                           what the body makes
    drug@central + CSF3R -> 0                   held by the receptors of neutrophils and taken in

drug@central is all G-CSF, free and held; the held part is the exact quadratic. Receptors come and go with the cells,
which is why endogenous G-CSF rises in neutropenia. The receptor's occupancy then multiplies production, late maturation
and release, each by (1 + gain occupancy) over its value at rest: where the gains attach is an assumption, to be swept.
"""

from __future__ import annotations

from cereblon.mechanism.blood import COUNT
from cereblon.mechanism.equilibrium import reach_text
from cereblon.mechanism.neutrophils import CELLS
from cereblon.network.network import Network

TARGETS = ("production", "maturation", "release")


def growth_factor(drug: str, cells: str = CELLS) -> Network:
    """The three reactions above, for `drug` and the `cells` of `neutrophils` (whose network it needs beside it).

    Observables: `drug.CSF3R.occupancy`, and `cells.production`, `cells.maturation`, `cells.release`, the factors that
    `neutrophils` takes.
    """
    net = Network("growth factor")
    for name, unit, meaning in (
        ("CL", "L/h", "clearance of what is free"),
        ("V", "L", "volume of distribution"),
        ("ka", "1/h", "rate of absorption from under the skin"),
        ("CSF3R.Kd", "nM", "dissociation constant from the receptor"),
        ("CSF3R.k_int", "1/h", "internalisation of the held drug"),
        ("endogenous", "nM", "free G-CSF without drug"),
    ):
        net.parameter(f"{drug}.{name}", unit, meaning, shared=True)
    net.parameter(f"{cells}.CSF3R.content", "nmol/cell", "receptors of one cell", shared=True)
    net.parameter(f"{cells}.count", COUNT, f"{cells}s in blood without drug", shared=True)
    Kd, k_int, V = f"{drug}.CSF3R.Kd", f"{drug}.CSF3R.k_int", f"{drug}.V"
    rest, own = f"{drug}.CSF3R.occupancy.rest", f"{drug}.endogenous"
    at_rest = f"{cells}.CSF3R.content * {cells}.count * {rest}"
    net.derive(rest, "1", f"{own} / ({own} + {Kd})", "occupancy without drug", shared=True)
    made = f"{drug}.CL / {V} * {own} + {k_int} * {at_rest}"
    net.derive(f"{drug}.made", "nM/h", made, "what the body makes", shared=True)
    here, skin = f"{drug}@central", f"{drug}@subcutis"
    receptors, share = f"{cells}.CSF3R.content * [{cells}@blood]", occupancy(drug, cells)
    net.add_species(here, "nM", initial=f"{own} + {at_rest}", scale=Kd, meaning="all G-CSF of plasma", volume=V)
    net.add_species(skin, "nM", scale=Kd, meaning=f"{drug} under the skin, over V", volume=V)
    net.reaction(f"{skin} -> {here}", forward=f"{drug}.ka")
    net.reaction(f"0 -> {here}", rate=f"{drug}.made")
    held = f"{receptors} * ({share})"
    net.reaction(f"{here} -> 0", rate=f"{drug}.CL / {V} * ([{here}] - {held}) + {k_int} * {held}")
    net.observable(f"{drug}.CSF3R.occupancy", "1", share, "share of the receptors that is held")
    for target in TARGETS:
        gain = f"{cells}.{target}.gain"
        net.parameter(gain, "1", f"how much a full receptor adds to {target}", shared=True)
        factor = f"(1 + {gain} * ({share})) / (1 + {gain} * {rest})"
        net.observable(f"{cells}.{target}", "1", factor, f"factor of G-CSF on {target}")
    return net


def occupancy(drug: str, cells: str = CELLS) -> str:
    """Share of the receptors that is held, as text; defined when no cell is left."""
    receptors = f"{cells}.CSF3R.content * [{cells}@blood]"
    return f"[{drug}@central] / ({reach_text(receptors, f'[{drug}@central]', f'{drug}.CSF3R.Kd')})"
