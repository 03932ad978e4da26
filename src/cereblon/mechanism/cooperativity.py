"""Cooperativity: glue and neosubstrate help each other onto cereblon, and how much an assay can tell of it.

    CRBN + S  <->  CRBN:S          K_apo, weak: a zinc finger without a glue
    CRBN*:glue + S  <->  CRBN*:glue:S          K_2 = Kd_S / closed fraction, seen from all glue-bound cereblon

    alpha = K_apo / K_2 = Kd / Kd'         Kd' is that of the glue for cereblon which holds S (detailed balance)
    Kd(S) = Kd (1 + S / K_apo) / (1 + S / K_2)         what an EC50 shift reads, S being free substrate

Closing is inside alpha: a glue that closes a fifth of its cereblon recruits five times worse. In a cell the leak
through K_apo is too weak to matter and is left out (`ternary`); in a tube it is the signal without glue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cereblon.mechanism.binding import closed_fraction
from cereblon.mechanism.equilibrium import Floats, complex_of, floats, rising_root
from cereblon.mechanism.ternary import K_app


def alpha(Kd_S: ArrayLike, K_c: ArrayLike, Kd_apo: ArrayLike) -> Floats:
    """Cooperativity: the substrate's constant without glue over the one with it, closing included.

    >>> float(alpha(Kd_S=60, K_c=1, Kd_apo=60_000))
    500.0
    """
    return floats(Kd_apo) * closed_fraction(K_c) / floats(Kd_S)


def Kd_beside(
    S: ArrayLike, Kd: ArrayLike, Kd_S: ArrayLike, K_c: ArrayLike = np.inf, Kd_apo: ArrayLike = np.inf
) -> Floats:
    """Apparent Kd of the glue (unit of `Kd`) beside free substrate `S`; one unit for the others."""
    S = floats(S)
    return floats(Kd) * (1 + S / floats(Kd_apo)) / (1 + S * closed_fraction(K_c) / floats(Kd_S))


def alpha_from_shift(shift: ArrayLike, S: ArrayLike, Kd_apo: ArrayLike) -> Floats:
    """Cooperativity from the EC50 of the glue without substrate over that beside `S`, as an experiment reads it.

    Takes `S` for free and glue for undepleted; not above 0 for a shift that no substrate explains.

    >>> beside = Kd_beside(500, Kd=100, Kd_S=60, K_c=1, Kd_apo=60_000)
    >>> round(float(alpha_from_shift(100 / beside, 500, 60_000)), 6)
    500.0
    """
    S, Kd_apo = floats(S), floats(Kd_apo)
    return Kd_apo * (floats(shift) * (1 + S / Kd_apo) - 1) / S


@dataclass(frozen=True)
class Tube:
    """Equilibrium in a tube, every field in the unit of the totals: `glue` free glue, `pairs` cereblon with substrate,
    `ternary` those of them that hold a glue."""

    glue: Floats
    pairs: Floats
    ternary: Floats


def pairs_at(
    glue: ArrayLike,
    CRBN: ArrayLike,
    S: ArrayLike,
    Kd: ArrayLike,
    Kd_S: ArrayLike,
    K_c: ArrayLike = np.inf,
    Kd_apo: ArrayLike = np.inf,
) -> Tube:
    """Cereblon beside substrate at a **free** glue concentration, with or without glue between them; exact.

    `CRBN` and `S` are totals; one unit for all. The two ways of binding add in affinity: 1 / K = 1 / K_app + 1 /
    (Kd_apo (1 + glue / Kd)).
    """
    glue, Kd = floats(glue), floats(Kd)
    through = 1 / K_app(glue, Kd, Kd_S, K_c)
    bare = 1 / (floats(Kd_apo) * (1 + glue / Kd))
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = complex_of(CRBN, S, 1 / (through + bare))
        share = np.where(through > 0, through / (through + bare), 0)
    return Tube(glue=glue, pairs=pairs, ternary=(pairs * share)[()])


def pairs_in_tube(
    glue: ArrayLike,
    CRBN: ArrayLike,
    S: ArrayLike,
    Kd: ArrayLike,
    Kd_S: ArrayLike,
    K_c: ArrayLike = np.inf,
    Kd_apo: ArrayLike = np.inf,
) -> Tube:
    """The same at the **total** glue of a tube of purified proteins, whose cereblon takes part of it.

    Free glue is the root of its own balance, which rises. Arguments as in `pairs_at`.
    """
    glue, CRBN, S, Kd, Kd_S, K_c, Kd_apo = np.broadcast_arrays(*map(floats, (glue, CRBN, S, Kd, Kd_S, K_c, Kd_apo)))

    def balance(free: Floats) -> Floats:
        at = pairs_at(free, CRBN, S, Kd, Kd_S, K_c, Kd_apo)
        return free + (CRBN - at.pairs) * free / (free + Kd) + at.ternary - glue

    free = rising_root(balance, np.zeros_like(glue), glue)
    return pairs_at(free, CRBN, S, Kd, Kd_S, K_c, Kd_apo)
