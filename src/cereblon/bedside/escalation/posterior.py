"""The posterior of a dose-toxicity model on a grid of its parameters: quadrature, no sampling.

    the model gives logit p for every dose and node;  prior weights w_k of the nodes sum to 1
    w_k(y, n)  ~  w_k prod_d p_dk^y_d (1 - p_dk)^(n_d - y_d)
    mean of p_d = sum_k w_k p_dk          Pr(p_d > c) = sum_k w_k (what cell k counts above c)

The grid is even, so sums over smooth functions are exact to rounding. Of an indicator they are not: a node stands for a
cell, of which the part above c counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Logit = Callable[[Floats], Floats]
"""Parameters (parameter, node) -> logit of the DLT rate (dose, node)."""

WIDTH = 6.0  # standard deviations of the prior on each side: 2e-9 of it lies outside
Waiting = Sequence[tuple[int, float]]
"""Patients still watched, without a DLT so far: (dose from 1, weight from 0 to 1)."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Nodes (parameter, node), their prior weights, logit p at the nodes and at both ends of each cell."""

    nodes: Floats
    prior: Floats
    logit: Floats
    lower: Floats
    upper: Floats
    stride: int
    """How far apart neighbours along the first parameter stand."""

    @cached_property
    def p(self) -> Floats:
        """The DLT rate (dose, node)."""
        from scipy.special import expit

        rate: Floats = expit(self.logit)
        return rate

    @cached_property
    def log_p(self) -> Floats:
        """Its logarithm; that of 1 - p is log_p - logit."""
        from scipy.special import log_expit

        log: Floats = log_expit(self.logit)
        return log

    def weights(self, y: Sequence[int], n: Sequence[int], waiting: Waiting = ()) -> Floats:
        """Posterior weights of the nodes. A patient still watched counts as 1 - weight * p (Cheung, Chappell 2000)."""
        log = np.log(self.prior)
        for dose, (toxic, here) in enumerate(zip(y, n, strict=True)):
            if here:
                log = log + here * self.log_p[dose] - (here - toxic) * self.logit[dose]
        for dose, weight in waiting:
            log = log + np.log1p(-weight * self.p[dose - 1])
        raw = np.exp(log - log.max())
        out: Floats = raw / raw.sum()
        return out

    def share_above(self, c: float) -> Floats:
        """What each node counts towards the probability of a DLT rate above `c` (dose, node).

        1 above, 0 below. In a cell that c splits, the part above, corrected for slope and curvature of the density:
        with s from the middle of the cell to the split, in widths, and the sum of the cells above by Euler and
        Maclaurin,
            (1/2 - s) w_0 + (1/8 - s^2/2) (w_+ - w_-)/2 + (1/48 - s^3/6) (w_+ - 2 w_0 + w_-) - (w_+ - w_0)/24.
        """
        at = np.log(c / (1 - c))
        low, high = np.minimum(self.lower, self.upper), np.maximum(self.lower, self.upper)
        part: Floats = np.clip((high - at) / np.maximum(high - low, 1e-300), 0, 1)
        dose, node = np.nonzero((part > 0) & (part < 1))
        ahead = np.where((self.upper > self.lower)[dose, node], self.stride, -self.stride)  # where the rate is higher
        near, far = np.minimum(node - ahead, node + ahead), np.maximum(node - ahead, node + ahead)
        inside = (near >= 0) & (far < part.shape[1])
        dose, node, ahead = dose[inside], node[inside], ahead[inside]
        s = 0.5 - part[dose, node]
        slope, bend = (1 / 8 - s**2 / 2) / 2, 1 / 48 - s**3 / 6
        np.add.at(part, (dose, node + ahead), slope + bend - 1 / 24)
        np.add.at(part, (dose, node), 1 / 24 - 2 * bend)
        np.add.at(part, (dose, node - ahead), bend - slope)
        return part


def line(mean: float, sd: float, logit: Logit, nodes: int = 2001) -> Grid:
    """The grid of one normal parameter."""
    z, step = np.linspace(-WIDTH, WIDTH, nodes, retstep=True)
    prior = np.exp(-(z**2) / 2)
    at, half = mean + sd * z, sd * step / 2
    return Grid(at[None], prior / prior.sum(), logit(at[None]), logit(at[None] - half), logit(at[None] + half), 1)


def plane(
    mean: tuple[float, float], sd: tuple[float, float], correlation: float, logit: Logit,
    nodes: tuple[int, int] = (241, 81),
) -> Grid:  # fmt: skip
    """The grid of two normal parameters. Cells are split along the first, in which logit p must be linear."""
    first, step = np.linspace(-WIDTH, WIDTH, nodes[0], retstep=True)
    second = np.linspace(-WIDTH, WIDTH, nodes[1])
    a, b = (axis.ravel() for axis in np.meshgrid(first, second, indexing="ij"))
    prior = np.exp(-(a**2 - 2 * correlation * a * b + b**2) / (2 * (1 - correlation**2)))
    at = np.array([mean[0] + sd[0] * a, mean[1] + sd[1] * b])
    half = np.array([[sd[0] * step / 2], [0.0]])
    return Grid(at, prior / prior.sum(), logit(at), logit(at - half), logit(at + half), nodes[1])
