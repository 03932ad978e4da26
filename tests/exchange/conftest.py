"""Networks to export: every word of the language once, and the modules of the mechanism floor."""

from collections.abc import Mapping

import pytest

from cereblon.mechanism.ligase import ligase
from cereblon.mechanism.pharmacokinetics import pharmacokinetics, tmdd
from cereblon.network.dosing import Dose
from cereblon.network.network import Network


def everything() -> Network:
    """Three kinds of substance, two places with volumes, a share, an exposure, every function, time in a rate."""
    net = Network("everything")
    for name, unit, value in (
        ("cells.volume", "mL", 100), ("g.ka", "1/h", 1.1), ("g.V_F", "L", 50), ("g.CL_F", "L/h", 5),
        ("g.lag", "h", 0.4), ("g.F", "1", 0.7), ("k_x", "1/d", 2), ("T.total", "nM", 30), ("T.k_deg", "1/h", 0.1),
        ("E.max", "1/h", 0.5), ("E.K", "nM", 12), ("E.n", "1", 1.7), ("E.t", "h", 50), ("c.k", "1/h", 0.3),
        ("M.base", "g/dL", 3), ("N.base", "1e9/L", 5), ("k_on", "1/nM/h", 0.02), ("Kd", "pM", 900),
    ):  # fmt: skip
        net.parameter(name, unit, value=value)
    net.parameter("hits@central", "1", value=0.5)  # a parameter may bear a species' name: brackets tell them apart
    net.place("cells", volume="cells.volume")
    net.add_species("g@gut", "nM", volume="g.V_F")
    net.add_species("g@central", "nM", volume="g.V_F")
    net.reaction("g@gut -> g@central", forward="g.ka")
    net.reaction("g@central -> 0", forward="g.CL_F / g.V_F")
    net.reaction("g@central <-> g@cells", rate="k_x * ([g@central] - [g@cells])")
    net.derive("T.k_syn", "nM/h", "T.k_deg * T.total")
    net.derive("unused", "1", "2 * exp(-1)")
    net.add_species("T@cells", "nM", initial="T.total", scale="T.total")
    net.reaction("0 -> T@cells", rate="T.k_syn")
    net.reaction("T@cells -> 0", rate="(T.k_deg + E.max * hill([g@cells], E.K, E.n)) * [T@cells]")
    net.reaction("g@cells + T@cells <-> g:T@cells", forward="k_on", reverse="k_on * Kd")
    net.reaction("2 g:T@cells -> g:T@cells + g@cells + 0", forward="k_on / 7")
    net.add_species("share@cells", "1", initial="1", scale="1")
    net.add_species("share*@cells", "1", scale="1")
    net.reaction("share@cells -> share*@cells", forward="c.k * exp(-time / E.t) * [g@cells] / E.K")
    net.add_species("M@central", "g/L", initial="M.base", scale="M.base")
    net.reaction("0 -> M@central", rate="E.max * [T@cells] / T.total * M.base")
    net.reaction("M@central -> 0", rate="E.max * sqrt([M@central] * M.base) * log(2)^2")
    net.add_species("N@central", "1e9/L", initial="N.base", scale="N.base")
    net.reaction("N@central -> 0", rate="T.k_deg * max([N@central] - N.base / 2, 0)^2 / N.base")
    net.add_species("AUC@central", "nM*h", scale="100")
    net.reaction("0 -> AUC@central", rate="[g@central]")
    net.add_species("hits@central", "cell", scale="1")
    net.reaction("0 -> hits@central", rate="T.k_deg * [N@central] * hits@central * g.V_F")
    net.observable("T.remaining@cells", "%", "[T@cells] / T.total")
    net.observable("day", "d", "time")
    net.observable("T.all@cells", "nM", "[T@cells] + [g:T@cells]")
    net.observable("lower", "nM", "-min(-[g@central], -[g@cells])")
    return net


DOSES = (
    Dose(0, "g@gut", 2000, ii=24, addl=3, lag="g.lag", F="g.F"),
    Dose(0, "g@gut", 500),
    Dose(0, "g@gut", 100),  # the same moment as the row before
    Dose(30, "g@central", 3000, duration=5, ii=3, addl=2, F="g.F"),  # three infusions that overlap
    Dose(50, "g@central", 1000, rate=250, lag="g.lag", F="g.F"),
    Dose(60, "AUC@central", 10),
    Dose(61, "AUC@central", 10, duration=2),
    Dose(62, "share@cells", 0.5),
    Dose(63, "M@central", 2),
    Dose(64, "N@central", 2e9, duration=3),
    Dose(70, "g@gut", 1000, reset=True),
)


def ones(network: Network) -> Mapping[str, float]:
    """A number for every parameter, where only its presence matters."""
    return dict.fromkeys(network.parameters, 1.0)


@pytest.fixture
def every_word() -> Network:
    return everything()


@pytest.fixture
def calendar() -> tuple[Dose, ...]:
    return DOSES


CASES = {
    "everything": (everything, DOSES),
    "three compartments": (lambda: pharmacokinetics("g", 3), (Dose(0, "g@gut", 5, lag="g.lag"),)),
    "a target in the blood": (lambda: tmdd("g", "T", 2), (Dose(0, "g@central", 5, duration=2),)),
    "its quasi-steady form": (lambda: tmdd("g", "T", 1, quasi_steady=True), ()),
    "two glues in two cells": (lambda: sum_of_cells(), (Dose(0, "g@tumour", 1),)),
}


def sum_of_cells() -> Network:
    cell = ligase(["g", "h"], ["IKZF1", "IKZF3"], 4)
    net = cell.at("tumour") + cell.at("T_cell")
    for place in ("tumour", "T_cell"):
        net.parameter(f"{place}.volume", "L")
        net.place(place, f"{place}.volume")
    return net


@pytest.fixture(params=CASES)
def exported(request: pytest.FixtureRequest) -> tuple[Network, Mapping[str, float], tuple[Dose, ...]]:
    """A network, numbers for it and doses into it."""
    make, doses = CASES[request.param]
    network = make()
    return network, {} if network.name == "everything" else ones(network), doses
