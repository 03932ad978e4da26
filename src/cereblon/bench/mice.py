"""Mice of a study: inoculated, grown to size, drawn by lot into arms. Mouse i of a seed is the same in any study.

    burden(t) = inoculum exp(spread z) exp(growth exp(spread z) t)        of those in which the tumour takes

On the day on which the typical tumour has reached its size, the mice inside the window are ranked by how near they
come, as many as are needed go on, and lots are drawn within blocks of like volume (one mouse an arm in each), so that
arms start alike. Streams are keyed by (seed, what is drawn) and read from the front, so that what one mouse has does
not depend on how many stand behind it; into which arm it falls does.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cereblon.ground.errors import InputError
from cereblon.records.design import Design
from cereblon.records.host import Host
from cereblon.statistics.resampling import stream

Floats = NDArray[np.float64]
MOST_MICE = 100_000


@dataclass(frozen=True)
class Mice:
    """Mice in the order of their arms: `numbers` in the pool, `arms`, true `mass` at the first dose (g), `growth` and
    `clearance` over the typical one's; `inoculated`, `took`, `left_out` count the pool, `day` is that of the lots."""

    numbers: NDArray[np.int64]
    arms: tuple[str, ...]
    mass: Floats
    growth: Floats
    clearance: Floats
    threshold: Floats
    inoculated: int
    took: int
    left_out: int
    day: float


def drawn_mice(
    design: Design, strain: Host, arms: tuple[str, ...], n: int, growth: float, seed: int, seen: str
) -> Mice:
    """`n` mice in each of the `arms`; `growth` (1/h) is that of the typical tumour, `seen` the number of the design
    that is the error of a reading before the lots are drawn ("caliper.error", "luminescence.error").

    Raises InputError for a number of mice that is none, or a window that hardly a mouse falls into.
    """
    if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST_MICE // len(arms):
        raise InputError("mice of an arm are a whole number from 1 up", where="n", found=repr(n), example="n=8")
    wanted = n * len(arms)
    target = start_mass(design)
    day = math.log(target / design["inoculum.mass"].coherent) / growth / 24
    if not day > 0:
        raise InputError("tumours are randomised after they have grown", where="randomisation",
                         found=f"{target:g} g from {design['inoculum.mass']}")  # fmt: skip
    least, most = (
        design[f"{end}.randomisation.volume"].coherent * 1e3 if f"{end}.randomisation.volume" in design else other
        for end, other in (("least", 0.0), ("most", math.inf))
    )
    share = strain["take.share"].value
    pool = wanted
    while True:
        pool = math.ceil(pool * 1.25) + 2
        took = _uniform(seed, "take", pool) < share
        rates = np.exp(design["variability.growth"].value * _normal(seed, "growth", pool))
        spread = design["variability.mass"].value * _normal(seed, "inoculum", pool)
        mass = design["inoculum.mass"].coherent * np.exp(spread + growth * rates * 24 * day)
        # volumes are felt as width and length, so their error is that of two diameters and one
        error = design[seen].value * (math.sqrt(1 + 2 * 2) if seen.startswith("caliper") else 1)
        felt = mass * np.exp(error * _normal(seed, "reading before the lots", pool))
        fit = np.flatnonzero(took & (felt >= least) & (felt <= most))
        if fit.size >= wanted:
            break
        if pool > 20 * (wanted + 10):
            raise InputError("hardly a mouse falls into the window of randomisation", where=design.name,
                             found=f"{fit.size} of {pool}", expected="a wider window or another inoculum")  # fmt: skip
    near = fit[np.argsort(np.abs(np.log(felt[fit] / target)), kind="stable")[:wanted]]
    ranked = near[np.argsort(felt[near], kind="stable")]
    lots = stream(seed, "randomisation").random((n, len(arms))).argsort(axis=1)
    arm = np.empty(wanted, np.int64)
    for block in range(n):
        arm[block * len(arms) : (block + 1) * len(arms)] = lots[block]
    order = np.lexsort((ranked, arm))
    numbers = ranked[order]
    clearance = np.exp(design["variability.CL"].value * _normal(seed, "clearance", pool))
    dies = design["variability.removal"].value if "variability.removal" in design else 0.0
    return Mice(
        numbers, tuple(arms[a] for a in arm[order]), mass[numbers], rates[numbers], clearance[numbers],
        np.exp(dies * _normal(seed, "threshold", pool))[numbers], pool, int(took.sum()),
        int(took.sum()) - wanted, day,
    )  # fmt: skip


def typical_mice(design: Design, arms: tuple[str, ...]) -> Mice:
    """One typical mouse an arm, without lots."""
    ones = np.ones(len(arms))
    mass = ones * start_mass(design)
    return Mice(np.zeros(len(arms), np.int64), arms, mass, ones, ones, ones, len(arms), len(arms), 0, 0.0)


def start_mass(design: Design) -> float:
    """Mass (g) of the typical tumour at the first dose; a millilitre weighs a gram."""
    if "randomisation.volume" in design:
        return design["randomisation.volume"].coherent * 1e3
    return design["randomisation.mass"].coherent


def _normal(seed: int, purpose: str, mice: int) -> Floats:
    return stream(seed, f"xenograft {purpose}").standard_normal(mice)


def _uniform(seed: int, purpose: str, mice: int) -> Floats:
    return stream(seed, f"xenograft {purpose}").random(mice)
