"""Red cells: haemoglobin through a progenitor and stages of age (Agoram 2006).

    0 -> progenitor -> age1 -> ... -> agen -> 0        Hb = the sum over the ages

A cell lives through all ages, so anaemia comes slowly and goes slowly: half the production for four weeks costs a
seventh of the haemoglobin. What takes production away (a glue, a marrow full of myeloma) is empirical.
A transfusion is a dose of 10 g per unit into the first age (10 g/L in the one litre that everything is counted in).
"""

from __future__ import annotations

import itertools

from cereblon.ground.errors import InputError
from cereblon.mechanism.blood import LITRE
from cereblon.mechanism.equilibrium import sum_text
from cereblon.network.network import Network


def haemoglobin(n_ages: int, production: str = "1") -> Network:
    """The chain above with `n_ages` stages (1 or more, else InputError); `production` is a factor, 1 without drug.

    Observable: `Hb` (g/dL).
    """
    if n_ages < 1:
        raise InputError("a red cell has at least one age", where="n_ages", found=str(n_ages), example="1")
    net = Network("haemoglobin")
    net.parameter("haemoglobin.level", "g/dL", "haemoglobin without drug", shared=True)
    net.parameter("red_cell.lifespan", "d", "mean lifespan in blood", shared=True)
    net.parameter("red_cell.progenitor.lifespan", "d", "mean time as progenitor", shared=True)
    net.derive("red_cell.k_age", "1/h", f"{n_ages} / red_cell.lifespan", "rate of ageing by one stage", shared=True)
    net.derive("haemoglobin.made", "g/dL/h", "haemoglobin.level / red_cell.lifespan", "production at rest", shared=True)
    progenitor, ages = "haemoglobin~progenitor@marrow", [f"haemoglobin~age{i}@blood" for i in range(1, n_ages + 1)]
    first, each = "haemoglobin.made * red_cell.progenitor.lifespan", f"haemoglobin.level / {n_ages}"
    for name, initial in ((progenitor, first), *((age, each) for age in ages)):
        net.add_species(name, "g/dL", initial=initial, scale=initial, meaning="haemoglobin by age", volume=LITRE)
    net.reaction(f"0 -> {progenitor}", rate=f"haemoglobin.made * ({production})")
    net.reaction(f"{progenitor} -> {ages[0]}", forward="1 / red_cell.progenitor.lifespan")
    for before, after in itertools.pairwise(ages):
        net.reaction(f"{before} -> {after}", forward="red_cell.k_age")
    net.reaction(f"{ages[-1]} -> 0", forward="red_cell.k_age")
    net.observable("Hb", "g/dL", sum_text(ages), "haemoglobin")
    return net
