"""Myeloma: a sensitive and a resistant clone share one marrow; what kills them is named route by route.

    0 -> myeloma~sensitive -> myeloma~resistant          growth with a capacity, mutation
    myeloma~clone -> 0                                   one reaction per route of kill

`myeloma.growth` is the net growth of the sensitive clone that a patient shows without drug: the rate constant is
derived from it and from the capacity, so the stated growth is exact at the start. Kill that was measured in a dish is
too fast for a patient (it would clear a clone within a week), so it is multiplied by one explicit factor,
`myeloma.protection`; kill that was measured in patients is not. Why the marrow protects is not modelled.

Clones are counted per litre of marrow. Normal marrow cells are a constant, derived from the infiltration at the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cereblon.mechanism.blood import COUNT, LITRE
from cereblon.mechanism.equilibrium import sum_text
from cereblon.network.network import Network

PLACE = "tumour"
CLONES = ("sensitive", "resistant")


@dataclass(frozen=True)
class Kill:
    """One route by which a clone dies: its name (a word of addresses) and its `rate` (text, 1/h).

    `in_dish=True`: the rate is that of a dish, and the marrow protects from it.
    """

    route: str
    rate: str
    in_dish: bool = True

    @property
    def in_marrow(self) -> str:
        """The rate in the patient, as text."""
        return f"myeloma.protection * ({self.rate})" if self.in_dish else f"({self.rate})"


def cells_text() -> str:
    """All myeloma cells per litre of marrow, as text."""
    return sum_text(f"myeloma~{clone}@{PLACE}" for clone in CLONES)


def burden_text() -> str:
    """Myeloma cells over their number at the start, as text: what paraprotein and red cells see."""
    return f"{cells_text()} / myeloma.count"


def infiltration_text() -> str:
    """Myeloma cells over all nucleated cells of the marrow, as text."""
    return f"{cells_text()} / ({cells_text()} + marrow.normal)"


def myeloma(kill: Mapping[str, Iterable[Kill]] | None = None) -> Network:
    """The two clones, each with its routes: `kill["sensitive"]` and `kill["resistant"]`, none without.

    Observables: `myeloma.burden` (over the start), `myeloma.resistant` (share of the resistant clone),
    `myeloma.infiltration` (share of the marrow), `myeloma.MRD` (chance that a sample of `MRD.sample` nucleated cells
    holds none), `myeloma.net_growth` (1/d) and for every route `myeloma.route.kill` (1/d, mean over the clones).
    """
    routes = {clone: tuple((kill or {}).get(clone, ())) for clone in CLONES}
    net = Network("myeloma")
    net.parameter("myeloma.count", COUNT, "myeloma cells per litre of marrow at the start", shared=True)
    net.parameter("myeloma.infiltration", "1", "their share of the nucleated marrow cells at the start", shared=True)
    net.parameter("myeloma.growth", "1/d", "net growth of the sensitive clone at the start, without drug", shared=True)
    net.parameter("myeloma.capacity_ratio", "1", "cells that the marrow can hold, over the start", shared=True)
    net.parameter("myeloma.mutation", "1/d", "rate at which sensitive cells become resistant", shared=True)
    net.parameter("myeloma.resistant.share", "1", "share of the resistant clone at the start", shared=True)
    net.parameter("myeloma.resistant.fitness", "1", "growth of the resistant clone over the sensitive one", shared=True)
    net.parameter("myeloma.protection", "1", "kill in the marrow over kill in a dish; 1 is no protection", shared=True)
    net.parameter("MRD.sample", "cell", "nucleated marrow cells that are looked at for residual disease", shared=True)
    room = "1 - 1 / myeloma.capacity_ratio"
    net.derive("myeloma.k_growth", "1/h", f"myeloma.growth / ({room})", "growth in an empty marrow", shared=True)
    net.derive("one.cell", "cell", "1", "one cell", shared=True)
    # net growth of both clones together at the start: what M-protein must keep in step with
    share = "myeloma.resistant.share"
    start = f"myeloma.growth * (1 - {share} + myeloma.resistant.fitness * {share})"
    net.derive("myeloma.growth.start", "1/h", start, "net growth of all myeloma at the start", shared=True)
    normal = "myeloma.count * (1 - myeloma.infiltration) / myeloma.infiltration"
    net.derive("marrow.normal", COUNT, normal, "normal nucleated cells of the marrow", shared=True)

    crowding = f"(1 - {cells_text()} / (myeloma.count * myeloma.capacity_ratio))"
    shares = {"sensitive": f"1 - {share}", "resistant": share}
    fitness = {"sensitive": "1", "resistant": "myeloma.resistant.fitness"}
    for clone in CLONES:
        name, initial = f"myeloma~{clone}@{PLACE}", f"myeloma.count * ({shares[clone]})"
        net.add_species(name, COUNT, initial=initial, scale="myeloma.count", meaning=f"{clone} clone", volume=LITRE)
        net.reaction(f"0 -> {name}", rate=f"myeloma.k_growth * {fitness[clone]} * {crowding} * [{name}]")
        for route in routes[clone]:
            net.reaction(f"{name} -> 0", forward=route.in_marrow)
    sensitive, resistant = (f"myeloma~{clone}@{PLACE}" for clone in CLONES)
    net.reaction(f"{sensitive} -> {resistant}", forward="myeloma.mutation")

    net.observable("myeloma.burden", "1", burden_text(), "myeloma cells over the start")
    net.observable("myeloma.resistant", "1", f"[{resistant}] / {cells_text()}", "share of the resistant clone")
    net.observable("marrow.infiltration", "1", infiltration_text(), "myeloma over all nucleated marrow cells")
    seen = f"MRD.sample / one.cell * {infiltration_text()}"
    net.observable("MRD", "1", f"exp(-{seen})", "chance that a marrow sample holds no myeloma cell")
    lost = {clone: [r.in_marrow for r in routes[clone]] for clone in CLONES}
    both = [f"({' + '.join(lost[c])}) * [myeloma~{c}@{PLACE}]" for c in CLONES if lost[c]]
    growing = " + ".join(f"{fitness[c]} * [myeloma~{c}@{PLACE}]" for c in CLONES)
    net_growth = f"(myeloma.k_growth * {crowding} * ({growing}) - ({' + '.join(both) or '0'})) / {cells_text()}"
    net.observable("myeloma.net_growth", "1/d", net_growth, "net growth of all myeloma")
    for name in dict.fromkeys(r.route for clone in CLONES for r in routes[clone]):
        dying = [
            f"({' + '.join(r.in_marrow for r in routes[c] if r.route == name)}) * [myeloma~{c}@{PLACE}]"
            for c in CLONES
            if any(r.route == name for r in routes[c])
        ]
        meaning = f"kill by the route {name}, mean over the clones"
        net.observable(f"myeloma.{name}.kill", "1/d", f"({' + '.join(dying)}) / {cells_text()}", meaning)
    return net


def plasmacytoma(kill: Iterable[Kill] = ()) -> Network:
    """A soft-tissue lesion of its own: growth, and the part of the kill that reaches it.

        0 -> plasmacytoma@tumour -> 0

    `plasmacytoma.penetration` (0 to 1) multiplies every route: outside the marrow drug and immune cells arrive less.
    A size of 0 is a patient without one. Observable `plasmacytoma.volume` (mL); the product of two diameters that a
    response is read from goes as its power of two thirds and belongs to the response.
    """
    net = Network("plasmacytoma")
    lesion = f"plasmacytoma@{PLACE}"
    net.parameter("plasmacytoma.size", "mL", "volume of the lesion at the start, 0 for none", shared=True)
    net.parameter("plasmacytoma.growth", "1/d", "net growth without drug", shared=True)
    net.parameter("plasmacytoma.penetration", "1", "part of the kill in marrow that reaches the lesion", shared=True)
    net.parameter("myeloma.protection", "1", "kill in the marrow over kill in a dish; 1 is no protection", shared=True)
    net.derive("plasmacytoma.trace", "mL", "1", "a lesion whose size counts", shared=True)
    scale = "max(plasmacytoma.size, plasmacytoma.trace)"
    net.add_species(lesion, "mL", initial="plasmacytoma.size", scale=scale, meaning="volume of the plasmacytoma",
                    volume=LITRE)  # fmt: skip
    net.reaction(f"0 -> {lesion}", rate=f"plasmacytoma.growth * [{lesion}]")
    for route in kill:
        net.reaction(f"{lesion} -> 0", forward=f"plasmacytoma.penetration * {route.in_marrow}")
    net.observable("plasmacytoma.volume", "mL", f"[{lesion}]", "volume of the plasmacytoma")
    return net
