"""Xenograft: tumour growth in a mouse, exponential then linear, and damaged cells that take time to go (Simeoni 2004).

    0 -> xenograft~growing -> xenograft~damaged1 -> ... -> xenograft~damagedn -> 0

With three stages and a drug's level as the kill it is Simeoni's tumour, a comparator whose chain is the delay of death.
A kill that has passed the chain of `fate` must not be delayed again: then one stage is left, the dead that a caliper
still sees until the host has cleared them, and growth is held up by the drive of the cell (`tumour`).

Effector cells of the host are mouse cells. Wild-type mouse cereblon does not degrade IKZF1, so no glue changes their
number or activity: what they do under an antibody moves with CD38 of the human tumour alone (`effectors`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.mechanism.adcc import engagement, stripping
from cereblon.mechanism.blood import LITRE
from cereblon.mechanism.effects import Effects
from cereblon.mechanism.equilibrium import Floats, floats, sum_text
from cereblon.mechanism.fate import ROADS
from cereblon.mechanism.partners import read_out
from cereblon.mechanism.transcription import response
from cereblon.network.network import Network

EFFECTORS: Mapping[str, str] = MappingProxyType({"NK": "ADCC", "macrophage": "ADCP"})
"""Host cell -> the route by which it kills under an antibody."""


def switch_mass(growth: ArrayLike, linear_growth: ArrayLike) -> Floats:
    """Mass (unit of `linear_growth` over that of `growth`) at which growth turns from exponential to linear.

    >>> round(float(switch_mass(0.273, 0.814)), 5)
    2.98168
    """
    return floats(linear_growth) / floats(growth)


def tumour_static(growth: ArrayLike, potency: ArrayLike) -> Floats:
    """Constant concentration that stops an exponentially growing tumour: growth over potency.

    >>> round(float(tumour_static(0.273, 6.29e-4)), 3)
    434.022
    """
    return floats(growth) / floats(potency)


def growth_delay(growth: ArrayLike, potency: ArrayLike, AUC: ArrayLike) -> Floats:
    """Time that treatment buys in the exponential phase: potency x AUC over growth."""
    return floats(potency) * floats(AUC) / floats(growth)


def xenograft(n_damaged: int, kill: str = "0", *, held: str = "1") -> Network:
    """The chain above with `n_damaged` stages (Simeoni: three; below 1 InputError) and `kill` (text, 1/h).

    `held` (text, 1 without drug) multiplies growth. Observable: `xenograft.measured` (g), living and dying cells
    together, as a caliper sees them. Growth belongs to the line, the rest to the host, so only growth takes a place.
    """
    if n_damaged < 1:
        raise InputError("damage has at least one stage", where="n_damaged", found=str(n_damaged), example="1")
    net = Network("xenograft")
    x = "xenograft"
    net.parameter(f"{x}.mass", "g", "mass at the start", shared=True)
    net.parameter(f"{x}.growth", "1/d", "exponential growth")
    net.parameter(f"{x}.linear_growth", "g/d", "linear growth of a large tumour", shared=True)
    net.parameter(f"{x}.sharpness", "1", "how sharply one growth turns into the other", shared=True)
    net.parameter(f"{x}.k_transit", "1/d", "rate of dying by one stage", shared=True)
    growing, damaged = f"{x}~growing", [f"{x}~damaged{i}" for i in range(1, n_damaged + 1)]
    chain = [growing, *damaged]
    for name in chain:
        first = f"{x}.mass" if name == growing else "0"
        net.add_species(name, "g", initial=first, scale=f"{x}.mass", meaning="tumour cells by mass", volume=LITRE)
    mass = sum_text(chain)
    turn = f"pow(1 + pow({x}.growth / {x}.linear_growth * {mass}, {x}.sharpness), 1 / {x}.sharpness)"
    slowed = "" if held == "1" else f" * ({held})"
    net.reaction(f"0 -> {growing}", rate=f"{x}.growth{slowed} * [{growing}] / {turn}")
    if kill != "0":
        net.reaction(f"{growing} -> {damaged[0]}", forward=kill)
    for before, after in itertools.pairwise(damaged):
        net.reaction(f"{before} -> {after}", forward=f"{x}.k_transit")
    net.reaction(f"{damaged[-1]} -> 0", forward=f"{x}.k_transit")
    net.observable(f"{x}.measured", "g", mass, "mass of the tumour, dying cells with it")
    return net


def tumour(cell: Network, partners: Effects, routes: Iterable[str] = ()) -> Network:
    """The tumour of a human line whose signals `cell` holds (`pathway.tumour_cell` without a population), at its place.

    Growth is held up by the cell's drive, and death comes by the roads of `fate`, by `routes` (names of other rates
    that `cell` shows as `route.kill`, 1/h) and by kills of `partners`. What was measured in a dish is multiplied by
    `xenograft.protection`, as in the marrow. Observables beside those of `xenograft`: `xenograft.fold` (over the
    start) and for every route `xenograft.route.kill` (1/d).
    """
    net = Network("tumour")
    net.parameter("xenograft.protection", "1", "kill in a tumour over kill in a dish; 1 is no protection", shared=True)
    taken = {road: f"xenograft.protection * {read_out(cell, f'{road}.kill')}" for road in (*ROADS, *routes)}
    for kill in partners.kills:
        rate = f"({kill.rate})"
        taken[kill.route] = f"xenograft.protection * {rate}" if kill.in_dish else rate
    held = response(net, "survival", "[MYC] * [IRF4]")
    net += xenograft(1, f"({' + '.join(taken.values())})", held=held)
    mass = sum_text(("xenograft~growing", "xenograft~damaged1"))
    net.observable("xenograft.fold", "1", f"{mass} / xenograft.mass", "mass over that at the start")
    for route, rate in taken.items():
        net.observable(f"xenograft.{route}.kill", "1/d", rate, f"rate at which {route} takes living cells")
    net.name = "tumour"
    return net


def effectors(killers: Iterable[str], antibodies: Mapping[str, str], *, NK_suppression: str = "1") -> Network:
    """Host cells that kill under an antibody: `killers` of NK (ADCC) and macrophage (ADCP), as many as at the start.

        k_kill R E / (K + E + N)          R the Fc receptors that CD38 occupies, N the tumour over its start

    `antibodies`: name -> free level (text, nM). CD38 is that of the human tumour, raised by its own interferon and
    stripped by the antibody. A steroid does reach the NK cells of a mouse: `NK_suppression` (text, 1 to 0). Put it
    `.at` the tumour's place. Observables `ADCC.kill`, `ADCP.kill` (1/h, as in a dish). What these cells do without an
    antibody is part of the growth that a tumour shows.
    """
    net = Network("effectors")
    mass = sum_text(("xenograft~growing", "xenograft~damaged1"))
    for antibody, level in antibodies.items():
        occupied = engagement(net, antibody, level)
        net.observable("FcR.occupancy", "1", occupied, "share of Fc receptors occupied at the contact")
        for killer in killers:
            route, E = EFFECTORS[killer], f"{killer}.count"
            net.parameter(E, "1", f"{killer} cells over tumour cells at the start", shared=True)
            net.parameter(f"{route}.K_kill", "1", f"killers and targets at half the rate of {route}", shared=True)
            net.parameter(f"{route}.k_kill", "1/h", f"most targets that one killer takes in an hour by {route}")
            net.parameter("xenograft.mass", "g", "mass at the start", shared=True)
            if killer == "NK" and NK_suppression != "1":
                E = f"({E} * {NK_suppression})"
            rate = f"{route}.k_kill * ({occupied}) * {E} / ({route}.K_kill + {E} + {mass} / xenograft.mass)"
            net.observable(f"{route}.kill", "1/h", rate, f"rate at which {route} takes living cells")
        net += stripping(antibody, level=level)
    net.name = "effectors"
    return net
