"""Binding and closing: a glue binds open cereblon, and bound cereblon closes.

    CRBN + glue  <->  CRBN:glue  <->  CRBN*:glue

Cereblon without a glue is open; only the closed form (CRBN*) recruits, so occupancy alone does not degrade
(Watson 2022). Assays measure the **apparent** Kd of both steps together; the constant of the open state is
derived from it and from the closing constant K_c = [CRBN*:glue] / [CRBN:glue]:

    Kd_open = Kd (1 + K_c)          closed fraction of what is bound = K_c / (1 + K_c)

At a given apparent Kd, closing therefore moves no occupancy at all: it only decides how much of it is
competent. Left out: closed cereblon without a glue (none was seen)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cereblon.mechanism.equilibrium import Floats, floats


def Kd_open(Kd: ArrayLike, K_c: ArrayLike) -> Floats:
    """Dissociation constant of the open state (unit of `Kd`) from the apparent `Kd` and the closing
    constant."""
    return floats(Kd) * (1 + floats(K_c))


def Kd_apparent(Kd_open: ArrayLike, K_c: ArrayLike) -> Floats:
    """The `Kd` that an assay measures (unit of `Kd_open`): closing draws on the bound state and tightens
    it."""
    return floats(Kd_open) / (1 + floats(K_c))


def closed_fraction(K_c: ArrayLike) -> Floats:
    """Share of glue-bound cereblon that is closed, 0 to 1. `K_c` may be infinite: no open bound state.

    >>> float(closed_fraction(1)), float(closed_fraction(float("inf")))
    (0.5, 1.0)
    """
    with np.errstate(divide="ignore"):
        return 1 / (1 + 1 / floats(K_c))


def closing_constant(closed_fraction: ArrayLike) -> Floats:
    """K_c from the closed fraction at saturation; infinite for a fraction of 1."""
    fraction = floats(closed_fraction)
    with np.errstate(divide="ignore"):
        return fraction / (1 - fraction)


def occupancy(glue: ArrayLike, Kd: ArrayLike) -> Floats:
    """Share of cereblon that holds the glue, open or closed, at free glue and apparent Kd (one unit).

    >>> float(occupancy(3, Kd=1))
    0.75
    """
    glue = floats(glue)
    return glue / (glue + floats(Kd))


def competent_occupancy(glue: ArrayLike, Kd: ArrayLike, K_c: ArrayLike) -> Floats:
    """Share of all cereblon that is closed around the glue and can recruit: occupancy x closed fraction."""
    return occupancy(glue, Kd) * closed_fraction(K_c)


def competitive_occupancy(glues: ArrayLike, Kds: ArrayLike) -> Floats:
    """Occupancy by each of several glues that share the pocket; the last axis of both arguments is the glue.

    >>> competitive_occupancy([1, 2], [1, 1]).tolist()
    [0.25, 0.5]
    """
    ratio = floats(glues) / floats(Kds)
    return ratio / (1 + ratio.sum(axis=-1, keepdims=True))
