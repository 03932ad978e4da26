"""Neutrophils: a drug holds back late maturation and lets go again; it kills nothing (Abbiati 2021).

    0 -> proliferating -> transit1 -> transit2 =(block)=> transit3 -> reserve -> neutrophil@blood -> 0

Loss of IKZF1 in progenitors stops maturation (Pal 2018). Cells pile up before the block, so counts recover within
days of its end, and a lasting block ends in a plateau, not in an empty marrow. The step transit2 -> transit3
saturates; blood draws on the reserve ever harder as it empties (a power of the count, 20 in the paper: stiff).
Productions and transit rates follow from the count in blood and the size of the reserve, so that every patient starts
at rest.
"""

from __future__ import annotations

from cereblon.mechanism.blood import COUNT, LITRE
from cereblon.network.network import Network

CELLS = "neutrophil"
STAGES = ("proliferating", "transit1", "transit2", "transit3", "reserve")


def neutrophils(
    signal: str = "0",
    *,
    midpoint: str = f"{CELLS}.block.L50",
    unit: str = "1",
    production: str = "1",
    maturation: str = "1",
    release: str = "1",
    demargination: str = "0",
    limited: bool = False,
) -> Network:
    """The chain above, its block driven by `signal` (text).

    `signal` is what the block answers to, by default a share of IKZF1 lost in progenitors (0 to 1); `midpoint` is the
    address of its half-effective value and `unit` the unit of both, so that a drug's concentration may stand there too
    (Abbiati's form for avadomide). `production`, `maturation` and `release` are factors (texts, 1 without drug), where
    a growth factor acts. `demargination` is the gain in counted cells that leaves the vessel walls: it changes what is
    counted (`ANC`), not the cells. `limited`: no cell leaves the reserve faster than `neutrophil.release.k_max`, where
    the published power has no end (a fifth of the count would draw 1e14 times as hard); at rest both are the same.

    Observables: `ANC` (1e9/L) and `neutrophil.block` (share of late maturation that is held back).
    """
    net = Network("neutrophils")
    n = CELLS
    net.parameter(f"{n}.count", COUNT, "neutrophils in blood without drug", shared=True)
    net.parameter(f"{n}.t_half", "h", "half-life in blood", shared=True)
    net.parameter(f"{n}.reserve", "1", "cells in the reserve over those in blood, at rest", shared=True)
    net.parameter(f"{n}.k_death", "1/h", "death rate in the marrow", shared=True)
    net.parameter(f"{n}.saturation", "1", "cells at half of the fastest maturation, over the count", shared=True)
    net.parameter(f"{n}.feedback", "1", "power by which a full second stage slows proliferation", shared=True)
    net.parameter(f"{n}.release.feedback", "1", "power by which a low count speeds release", shared=True)
    net.parameter(f"{n}.block.Emax", "1", "largest share of maturation that is held back", shared=True)
    net.parameter(f"{n}.block.hill", "1", "steepness of the block", shared=True)
    net.parameter(midpoint, unit, "signal at half of the largest block", shared=True)

    def rate(name: str, unit: str, expression: str, meaning: str) -> None:
        net.derive(f"{n}.{name}", unit, expression, meaning, shared=True)

    rate("k_loss", "1/h", f"log(2) / {n}.t_half", "loss from blood")
    rate("k_release", "1/h", f"{n}.k_loss / {n}.reserve", "release at rest")
    rate("k_transit4", "1/h", f"({n}.k_death + {n}.k_release) * {n}.reserve", "third stage to reserve")
    rate("k_transit3", "1/h", f"{n}.k_death + {n}.k_transit4", "second stage to third, at rest")
    rate("k_transit2", "1/h", f"{n}.k_death + {n}.k_transit3", "first stage to second")
    rate("k_transit1", "1/h", f"{n}.k_death + {n}.k_transit2", "leaving proliferation, and at rest its rate")
    rate("K_m", COUNT, f"{n}.saturation * {n}.count", "second stage at half of the fastest maturation")
    rate("V_max", f"{COUNT}/h", f"{n}.k_transit3 * ({n}.K_m + {n}.count)", "fastest maturation")

    blood, total = f"{n}@blood", f"{n}.count"
    marrow = {stage: f"{n}~{stage}@marrow" for stage in STAGES}
    for stage, name in marrow.items():
        first = f"{n}.reserve * {total}" if stage == "reserve" else total
        net.add_species(name, COUNT, initial=first, scale=total, meaning=f"{n}s in marrow, {stage}", volume=LITRE)
    net.add_species(blood, COUNT, initial=total, scale=total, meaning=f"{n}s in blood", volume=LITRE)

    mitotic, one, two, three, reserve = marrow.values()
    block = f"{n}.block.Emax * hill({signal}, {midpoint}, {n}.block.hill)"
    restraint = f"pow({total} / [{two}], {n}.feedback)"
    demand = f"pow({total} / [{blood}], {n}.release.feedback)"
    if limited:
        net.parameter(f"{n}.release.k_max", "1/h", "fastest release of a cell", shared=True)
        rate("release.rest", "1", f"{n}.k_release / {n}.release.k_max", "release at rest over the fastest")
        at_rest = f"{n}.release.rest"
        demand = f"(1 + {at_rest}) / (pow([{blood}] / {total}, {n}.release.feedback) + {at_rest})"
    matured = f"{n}.V_max * ({maturation}) * (1 - {block}) * [{two}] / ({n}.K_m + [{two}])"
    net.reaction(f"0 -> {mitotic}", rate=f"{n}.k_transit1 * ({production}) * {restraint} * [{mitotic}]")
    net.reaction(f"{mitotic} -> {one}", forward=f"{n}.k_transit1")
    net.reaction(f"{one} -> {two}", forward=f"{n}.k_transit2")
    net.reaction(f"{two} -> {three}", rate=matured)
    net.reaction(f"{three} -> {reserve}", forward=f"{n}.k_transit4")
    net.reaction(f"{reserve} -> {blood}", forward=f"{n}.k_release * ({release}) * {demand}")
    net.reaction(f"{blood} -> 0", forward=f"{n}.k_loss")
    for stage in (one, two, three, reserve):
        net.reaction(f"{stage} -> 0", forward=f"{n}.k_death")
    net.observable("ANC", COUNT, f"[{blood}] * (1 + {demargination})", "absolute neutrophil count")
    net.observable(f"{n}.block", "1", block, "share of late maturation held back")
    return net
