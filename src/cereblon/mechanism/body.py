"""Body: what blood and marrow of a patient add to the cells of `pathway`.

    loss of IKZF1 in progenitors -> neutrophils, platelets, red cells -> infection, febrile neutropenia
    signals of the clones, T cells, NK cells, partners -> clones, plasmacytoma -> M-protein, light chain

Killers are counted over the myeloma cells at the start, N is the burden. What they do at rest is part of the growth
that a patient shows without drug, so a route counts what is beyond it,

    k_kill max(0, E a / (K + E a + N) - E / (K + E + N))          a the killers over their rest

Never less than 0: a myeloma that grows has escaped from them, and whether it would grow faster without is not known.
An antibody has no rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cereblon.mechanism.adcc import engagement, fratricide, stripping
from cereblon.mechanism.effects import Effects
from cereblon.mechanism.fate import ROADS
from cereblon.mechanism.friberg import platelets
from cereblon.mechanism.infection import infection
from cereblon.mechanism.lymphocytes import lymphocytes
from cereblon.mechanism.myeloma import Kill, burden_text, infiltration_text, myeloma, plasmacytoma
from cereblon.mechanism.neutrophils import neutrophils
from cereblon.mechanism.paraprotein import paraprotein
from cereblon.mechanism.partners import read_out
from cereblon.mechanism.red_cells import haemoglobin
from cereblon.network.network import Network

KILLERS = {"T": "[T@{place}] / T.rest@{place}", "NK": "[NK*@{place}] / NK.active@{place}"}


def blood(loss: str, n_transit: int, n_ages: int, partners: Effects) -> Network:
    """All blood counts and their hazards under a `loss` of IKZF1 in progenitors (text, 0 to 1).

    Platelets and red cells: `platelet.glue.Emax` and `haemoglobin.glue.Emax` are the shares of production lost with all
    of IKZF1, an empirical effect; red cells also lose `haemoglobin.infiltration.slope` per share of the marrow that
    myeloma takes beyond its start.
    """
    net = Network("blood")
    net.parameter("platelet.glue.Emax", "1", "share of platelet production lost without IKZF1", shared=True)
    net.parameter("haemoglobin.glue.Emax", "1", "share of red cell production lost without IKZF1", shared=True)
    net.parameter("haemoglobin.infiltration.slope", "1", "share lost per share of the marrow taken", shared=True)
    net += neutrophils(
        loss,
        production=partners.on("production"),
        maturation=partners.on("maturation"),
        release=partners.on("release"),
        demargination=partners.demargination,
        limited=True,
    )
    net += platelets(n_transit, f"platelet.glue.Emax * {loss}", release=partners.on("platelet"))
    crowded = f"(1 - haemoglobin.infiltration.slope * ({infiltration_text()} - myeloma.infiltration))"
    net += haemoglobin(n_ages, f"(1 - haemoglobin.glue.Emax * {loss}) * {crowded}")
    net += lymphocytes(circulating=partners.on("lymphocyte"))
    net += infection("[neutrophil@blood]", factor=partners.on("infection"))
    net.name = "blood"
    return net


def killers(places: Mapping[str, str], antibodies: Mapping[str, str]) -> Network:
    """The routes by which other cells take those of one place (none yet: put it `.at` the place of a clone).

    `places`: "T" and "NK" -> where they stand; `antibodies`: name -> free level (text, nM). Observables: `T.kill`,
    `NK.kill` and, under an antibody, `ADCC.kill` (1/h, as in a dish), `FcR.occupancy`.
    """
    net = Network("killers")
    for killer, place in places.items():
        over_rest = KILLERS[killer].format(place=place)
        _route(net, killer, killer, over_rest, "1", beyond_rest=True)
    for antibody, level in antibodies.items():
        occupied = engagement(net, antibody, level)
        net.observable("FcR.occupancy", "1", occupied, "share of Fc receptors occupied at the contact")
        _route(net, "ADCC", "NK", KILLERS["NK"].format(place=places["NK"]), occupied, beyond_rest=False)
        net += stripping(antibody, level=level)
    net.name = "killers"
    return net


def disease(signals: Network, clones: Mapping[str, str], places: Mapping[str, str], partners: Effects) -> Network:
    """Clones (name -> place), plasmacytoma and paraprotein, killed by what `signals` holds at each clone's place.

    `signals` is the network of the cells, placed; `places` as in `killers`. The plasmacytoma is of the first clone.
    """
    net = Network("disease")
    routes: dict[str, list[Kill]] = {}
    for clone, place in clones.items():
        beside = killers(places, partners.antibodies).at(place)
        net += beside
        own = [Kill(road, read_out(signals, f"{road}.kill@{place}")) for road in ROADS]
        names = [*places, *(["ADCC"] if partners.antibodies else [])]
        own += [Kill(route, read_out(beside, f"{route}.kill@{place}")) for route in names]
        routes[clone] = [*own, *partners.kills]
    for antibody, level in partners.antibodies.items():
        net += fratricide(antibody, level=level).at(places["NK"])
    first, *_ = routes.values()
    net += myeloma(routes) + plasmacytoma(first) + paraprotein(burden_text())
    net.name = "disease"
    return net


def routes(network: Network) -> Iterable[str]:
    """Names of the routes of kill that a patient's network shows as `myeloma.route.kill` (1/d)."""
    parts = (name.split(".") for name in network.observables)
    return [p[1] for p in parts if len(p) == 1 + 2 and p[0] == "myeloma" and p[2] == "kill"]


def _route(net: Network, route: str, killer: str, over_rest: str, engaged: str, *, beyond_rest: bool) -> None:
    net.parameter(f"{killer}.count", "1", f"{killer} over the targets at the start", shared=True)
    net.parameter(f"{route}.K_kill", "1", f"killers and targets at half the rate of {route}", shared=True)
    net.parameter(f"{route}.k_kill", "1/h", f"most targets that one killer takes in an hour by {route}")

    def pace(there: str) -> str:
        return f"{there} / ({route}.K_kill + {there} + {burden_text()})"

    taken = pace(f"{killer}.count * {over_rest}")
    if beyond_rest:
        taken = f"max(0, {taken} - {pace(f'{killer}.count')})"
    rate = f"{route}.k_kill * ({engaged}) * {taken}"
    net.observable(f"{route}.kill", "1/h", rate, f"rate at which {route} takes living cells")
