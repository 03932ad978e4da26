"""Xenograft: tumour growth in a mouse, exponential then linear, and damaged cells that take time to die (Simeoni 2004).

    0 -> xenograft~growing -> xenograft~damaged1 -> ... -> xenograft~damagedn -> 0

The comparator for the pathway's own tumour: it has a delay of its own, so a kill that already passed a transit chain
must not pass this one too. Growth inhibition is read by `statistics.growth`.
"""

from __future__ import annotations

import itertools

from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.mechanism.blood import LITRE
from cereblon.mechanism.equilibrium import Floats, floats, sum_text
from cereblon.network.network import Network


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


def xenograft(n_damaged: int, kill: str = "0") -> Network:
    """The chain above with `n_damaged` stages (Simeoni: three; below 1 InputError) and `kill` (text, 1/h).

    Observable: `xenograft.measured` (g), living and dying cells together, as a calliper sees them.
    """
    if n_damaged < 1:
        raise InputError("damage has at least one stage", where="n_damaged", found=str(n_damaged), example="1")
    net = Network("xenograft")
    x = "xenograft"
    net.parameter(f"{x}.mass", "g", "mass at the start", shared=True)
    net.parameter(f"{x}.growth", "1/d", "exponential growth", shared=True)
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
    net.reaction(f"0 -> {growing}", rate=f"{x}.growth * [{growing}] / {turn}")
    net.reaction(f"{growing} -> {damaged[0]}", forward=kill)
    for before, after in itertools.pairwise(damaged):
        net.reaction(f"{before} -> {after}", forward=f"{x}.k_transit")
    net.reaction(f"{damaged[-1]} -> 0", forward=f"{x}.k_transit")
    net.observable(f"{x}.measured", "g", mass, "mass of the tumour, dying cells with it")
    return net
