"""Lysis in one well: effectors take targets, and what a dead cell lets out is read in the medium.

    NK + cell -> NK + cell~annexin     k R E N / (K + E + N) through an antibody (ADCC), R = 1 without
    0 -> cell~taken                    all that effectors took
    0 -> cell~lysed -> 0               those of them that still count as annexin-positive; their LDH is out
    0 -> LDH~target -> 0               of a lysed cell at once, of an apoptotic one when it falls apart, of a living one
                                       slowly
    0 -> LDH~effector -> 0             leaks out of effectors
    dye -> dye~annexin -> 0            the same ways out of targets that are loaded when they come into the well

E is NK cells per target: PBMC.count (the E:T ratio) x NK.share x cytotoxic NK cells over rest. LDH and dye are over
what one target holds, and what is out of LDH loses its activity. Targets and effectors come into the well when
`cell@medium` and `PBMC@medium` go from 0 to 1, by a dose. Lysis by a drug before the effectors came is partly gone
when the plate is read: a control with drug and without effectors shows it. Left out: T cells that kill (those of a
donor who never met the line), effectors that die of the targets, medium that is spent.
"""

from __future__ import annotations

from cereblon.mechanism.adcc import engagement, fratricide, stripping
from cereblon.mechanism.body import KILLERS
from cereblon.mechanism.equilibrium import sum_text
from cereblon.mechanism.fate import ROADS, living
from cereblon.mechanism.immunity import killing
from cereblon.network.network import Network

PLATED, ADDED = "cell@medium", "PBMC@medium"
"""Switches: targets, effectors are in the well."""


def lysis(antibody: str, n_transit: int, *, NK: str = "NK_cell", unit: str = "1") -> Network:
    """Put it at the place of the targets (`pathway.tumour_cell`); `NK` is that of the NK cells.

    Observables: `ADCC.kill` and `NK.kill` (1/h, per target), `FcR.occupancy`, `NK.ratio` (NK cells per target),
    `LDH.released` and `LDH.effector` (in the medium), `LDH.maximum` (with all that targets still hold) and
    `dye.released`.
    """
    net, level = Network("lysis"), f"[{antibody}@medium]"
    for switch, meaning in ((PLATED, "targets"), (ADDED, "effectors")):
        net.add_species(switch, "1", scale="1", meaning=f"whether {meaning} are in the well")
    net.add_species(f"{antibody}@medium", "nM", scale=f"{antibody}.CD38.Kd", meaning=f"{antibody} in the medium")
    net.parameter("NK.share", "1", "NK cells among PBMC", shared=True)
    occupied = engagement(net, antibody, level)
    net.observable("FcR.occupancy", "1", occupied, "share of Fc receptors occupied at the contact")
    killers = f"NK.share * ({KILLERS['NK'].format(place=NK)}) * [{ADDED}]"
    net += killing("ADCC", killers, living(), killer="PBMC", engaged=occupied, unit=unit)
    net += killing("NK", killers, living(), killer="PBMC", unit=unit)
    net += stripping(antibody, level=level) + fratricide(antibody, level=level).at(NK)
    net.observable("NK.ratio", "1", "PBMC.count * NK.share", "NK cells per target")
    taken = " + ".join(f"({net.observables[f'{route}.kill'].expression})" for route in ("ADCC", "NK"))
    net += _taken(taken, unit) + _LDH(taken) + _dye(taken, n_transit)
    net.name = "lysis"
    return net


def _taken(rate: str, unit: str) -> Network:
    net = Network("taken")
    net.parameter("apoptosis.k_clear", "1/h", "rate at which annexin-positive cells fall apart")
    net.parameter("cell.count", unit, "cells at the start", shared=True)
    for stage, meaning in (("taken", "all cells that effectors took"), ("lysed", "of these, annexin-positive ones")):
        net.add_species(f"cell~{stage}", unit, scale="cell.count", meaning=meaning)
        net.reaction(f"0 -> cell~{stage}", rate=f"({rate}) * {sum_text(living())}")
    net.reaction("cell~lysed -> 0", forward="apoptosis.k_clear")
    return net


def _LDH(rate: str) -> Network:
    net, alive = Network("LDH"), sum_text(living())
    net.parameter("cell.k_leak", "1/h", "LDH that a living target leaks, of what it holds", shared=True)
    net.parameter("PBMC.k_leak", "1/h", "LDH that an effector leaks, of what it holds", shared=True)
    net.parameter("PBMC.LDH.content", "1", "LDH of an effector over that of a target", shared=True)
    net.parameter("LDH.t_half", "h", "half-life of the activity of LDH in the medium", shared=True)
    closed = "([cell~annexin] - [cell~lysed])"
    made = {
        "target": f"[{PLATED}] * ((({rate}) + cell.k_leak) * {alive} + apoptosis.k_clear * {closed})",
        "effector": f"[{ADDED}] * PBMC.count * PBMC.LDH.content * PBMC.k_leak",
    }
    for source, text in made.items():
        out = f"LDH~{source}@medium"
        net.add_species(out, "1", scale="1", meaning=f"LDH of {source}s in the medium, over that of a target")
        net.reaction(f"0 -> {out}", rate=text)
        net.reaction(f"{out} -> 0", forward="log(2) / LDH.t_half")
    net.observable("LDH.released", "1", "[LDH~target@medium]", "LDH of targets in the medium")
    net.observable("LDH.effector", "1", "[LDH~effector@medium]", "LDH of effectors in the medium")
    held = f"[LDH~target@medium] + {alive} + {closed}"
    net.observable("LDH.maximum", "1", held, "LDH in the medium once every target is lysed")
    return net


def _dye(rate: str, n_transit: int) -> Network:
    net = Network("dye")
    net.parameter("dye.k_leak", "1/h", "dye that a living target leaks, of what it holds", shared=True)
    net.add_species("dye", "1", initial="1", scale="1", meaning="dye in living targets, of all that was loaded")
    net.add_species("dye~annexin", "1", scale="1", meaning="dye in annexin-positive targets")
    dying = sum_text(f"{road}~transit{n_transit}" for road in ROADS)
    net.reaction("dye -> 0", forward=f"[{PLATED}] * (({rate}) + dye.k_leak)")
    net.reaction("dye -> dye~annexin", forward=f"[{PLATED}] * {dying}")
    net.reaction("dye~annexin -> 0", forward=f"[{PLATED}] * apoptosis.k_clear")
    net.observable("dye.released", "1", "1 - [dye] - [dye~annexin]", "dye in the medium, of all that was loaded")
    return net
