"""Fate: a cell that loses its drive stops in G1, then dies; each road to death is a chain of delays.

    cell~G1 -> cell~G2               k1 h(S)      exit from G1, held up by the drive S = MYC x IRF4
    cell~G2 -> 2 cell~G1             k2           division; G2 stands for S, G2 and M
    0 -> road~transit1 -> ... -> road~transitn -> 0          n stages of mean length tau
    cell -> cell~annexin             by the last stage of each road, in every stage of the cycle
    cell~annexin -> cell~dead        k_clear

The signal travels, not the cell (Lobo and Balthasar 2002), so a drug that is gone still kills. There are two roads:

    MYC_death         k_max (1 - h(S))            the drive is gone
    interferon_death  k_max interferon            interferon genes are awake (Fedele 2018)

What arrives is the last stage. A cell on the brink, its executioner caspases awake, is taken to be there, and
`cell.caspase` is that rate over the largest there can be. A cell lives that neither road reaches,
k = k_max (1 - h(S) (1 - interferon)); what both would take is halved between them. Without drug the cells grow with
`doubling_time` exactly, spread over the cycle as in balanced growth.
Left out: death without drug (it is part of the doubling time), medium that runs out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from cereblon.mechanism.equilibrium import sum_text
from cereblon.mechanism.transcription import response
from cereblon.network.network import Network

ROADS = ("MYC_death", "interferon_death")


def fate(
    cell: str = "cell",
    *,
    n_transit: int,
    cycle: bool = True,
    unit: str = "1",
    drive: str = "[MYC] * [IRF4]",
    interferon: str = "[interferon]",
    kills: Iterable[str] = (),
) -> Network:
    """Growth and death of one population `cell`, driven by `transcription` in the same place.

    `cycle=False` has one stage, growing with k h(S), and no arrest to be seen. `unit` is that of the numbers of
    cells ("1" relative, "1e9/L" in a dish); `cell.count` is where they start. `drive` (1 at rest) and `interferon`
    (0 at rest) are texts, and `kills` the rates (texts, 1/h) at which anything else takes living cells. Observables:
    `cell.alive`, `cell.viability` (alive over all there ever were), `cell.annexin` (positive over positive and alive),
    `cell.caspase` (active caspase-3 of a living cell, over the largest), `cell.G1_fraction`, and each road's `kill`
    (1/h).
    """
    net = roads(n_transit, drive=drive, interferon=interferon)
    net += growth(cell, response(net, "survival", drive), cycle=cycle, unit=unit)
    last = [f"{road}~transit{n_transit}" for road in ROADS]
    net += apoptosis(cell, last, cycle=cycle, unit=unit, kills=kills)
    awake = f"{sum_text(last)} / apoptosis.k_max"
    net.observable(f"{cell}.caspase", "1", awake, "active executioner caspase over the largest")
    net.name = "fate"
    return net


def roads(n_transit: int, *, drive: str = "[MYC] * [IRF4]", interferon: str = "[interferon]") -> Network:
    """The two roads to death alone, for cells that are counted elsewhere (`myeloma`); texts as in `fate`.

    What arrives is `[road~transitn]`, and each road's `kill` (1/h).
    """
    net = Network("roads")
    held = response(net, "survival", drive)
    net.parameter("apoptosis.k_max", "1/h", "rate of death of a cell without drive, after the delay")
    # what both roads would take is shared evenly, so that the two add up to k_max (1 - h (1 - interferon))
    starved = f"apoptosis.k_max * (1 - {held}) * (1 - ({interferon}) / 2)"
    woken = f"apoptosis.k_max * ({interferon}) * (1 + {held}) / 2"
    for road, rate in zip(ROADS, (starved, woken), strict=True):
        net += transit(road, rate, n_transit)
    return net


def living(cell: str = "cell", *, cycle: bool = True) -> tuple[str, ...]:
    """The stages in which a cell is alive: what growth fills and every kill empties.

    >>> living("cell")
    ('cell~G1', 'cell~G2')
    """
    return (f"{cell}~G1", f"{cell}~G2") if cycle else (cell,)


def growth(cell: str, held: str = "1", *, cycle: bool = True, unit: str = "1") -> Network:
    """Division at `doubling_time`, slowed by `held` (text, 1 at rest): at the exit from G1, or in one stage.

    Balanced growth at the rate k with the share f in G1 needs k2 = k / (1 - f) and k1 = k (2 - f) / f.
    """
    net = Network("growth")
    net.parameter("doubling_time", "h", "doubling time of the cells without drug")
    net.parameter(f"{cell}.count", unit, "cells at the start", shared=True)
    net.derive("cycle.k_divide", "1/h", "log(2) / doubling_time", "growth rate of the cells without drug")
    if not cycle:
        net.add_species(cell, unit, initial=f"{cell}.count", scale=f"{cell}.count", meaning="living cells")
        net.reaction(f"{cell} -> 2 {cell} + 0", rate=f"cycle.k_divide * {held} * [{cell}]")
        net.observable(f"{cell}.alive", unit, f"[{cell}]", "living cells")
        return net
    G1, G2 = living(cell)
    net.parameter("cycle.G1", "1", "share of the cells in G1 without drug")
    net.derive("cycle.k1", "1/h", "cycle.k_divide * (2 - cycle.G1) / cycle.G1", "exit from G1")
    net.derive("cycle.k2", "1/h", "cycle.k_divide / (1 - cycle.G1)", "way through S, G2 and M")
    net.add_species(G1, unit, initial=f"{cell}.count * cycle.G1", scale=f"{cell}.count", meaning="cells in G1")
    net.add_species(
        G2, unit, initial=f"{cell}.count * (1 - cycle.G1)", scale=f"{cell}.count", meaning="cells in S, G2 and M"
    )
    net.reaction(f"{G1} -> {G2}", forward=f"cycle.k1 * {held}")
    net.reaction(f"{G2} -> 2 {G1} + 0", forward="cycle.k2")
    net.observable(f"{cell}.alive", unit, sum_text((G1, G2)), "living cells")
    net.observable(f"{cell}.G1_fraction", "1", f"[{G1}] / {sum_text((G1, G2))}", "share of the living cells in G1")
    return net


def transit(signal: str, rate: str, n: int) -> Network:
    """0 -> signal~transit1 -> ... -> signal~transitn -> 0: `rate` (text, 1/h), delayed and spread.

    The last stage is the rate that arrives, after n `apoptosis.tau` on average.
    """
    net = Network("transit")
    net.parameter("apoptosis.tau", "h", "mean length of one stage of the delay")
    stages = [f"{signal}~transit{i + 1}" for i in range(n)]
    for stage in stages:
        net.add_species(stage, "1/h", scale="1 / apoptosis.tau", meaning=f"{signal}, under way")
    net.reaction(f"0 -> {stages[0]}", rate=f"({rate}) / apoptosis.tau")
    for before, after in itertools.pairwise(stages):
        net.reaction(f"{before} -> {after}", forward="1 / apoptosis.tau")
    net.reaction(f"{stages[-1]} -> 0", forward="1 / apoptosis.tau")
    net.observable(f"{signal}.kill", "1/h", f"[{stages[-1]}]", f"rate at which {signal} takes living cells")
    return net


def apoptosis(
    cell: str, signals: Iterable[str], *, cycle: bool = True, unit: str = "1", kills: Iterable[str] = ()
) -> Network:
    """cell -> cell~annexin -> cell~dead, the first step with the rate of each of `signals` (species in 1/h) and `kills`
    (texts in 1/h)."""
    net, stages = Network("apoptosis"), living(cell, cycle=cycle)
    dying, dead = f"{cell}~annexin", f"{cell}~dead"
    net.parameter("apoptosis.k_clear", "1/h", "rate at which annexin-positive cells fall apart")
    net.parameter(f"{cell}.count", unit, "cells at the start", shared=True)
    net.add_species(dying, unit, scale=f"{cell}.count", meaning="annexin-positive cells")
    net.add_species(dead, unit, scale=f"{cell}.count", meaning="dead cells")
    for stage, rate in itertools.product(stages, [*(f"[{signal}]" for signal in signals), *kills]):
        net.reaction(f"{stage} -> {dying}", forward=rate)
    net.reaction(f"{dying} -> {dead}", forward="apoptosis.k_clear")
    alive = sum_text(stages)
    net.observable(f"{cell}.annexin", "1", f"[{dying}] / ({alive} + [{dying}])", "annexin-positive over all but dead")
    net.observable(f"{cell}.viability", "1", f"{alive} / ({alive} + [{dying}] + [{dead}])", "living over all cells")
    return net


def signal_distribution(drug: str, n_transit: int, cell: str = "cell") -> Network:
    """The comparator: exponential growth, and death by a drug's own signal through the same chain.

        0 -> drug~transit1 -> ... -> drug~transitn -> 0     made drug.k_max [drug] / (drug.EC50 + [drug])
        cell -> 2 cell        cell -> cell~annexin          by the last stage

    Lobo and Balthasar 2002; it knows the concentration of the drug and nothing between.
    """
    net = Network("signal distribution")
    net.parameter(f"{drug}.k_max", "1/h", f"largest kill by {drug}", shared=True)
    net.parameter(f"{drug}.EC50", "nM", f"{drug} at half the largest kill", shared=True)
    net += transit(drug, f"{drug}.k_max * [{drug}] / ({drug}.EC50 + [{drug}])", n_transit)
    net += growth(cell, cycle=False) + apoptosis(cell, [f"{drug}~transit{n_transit}"], cycle=False)
    net.name = "signal distribution"
    return net
