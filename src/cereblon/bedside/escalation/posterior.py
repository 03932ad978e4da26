"""The posterior of a dose-toxicity model on a grid of its parameters: quadrature, no sampling.

    the model gives logit p for every dose and node;  prior weights w_k of the nodes sum to 1
    w_k(y, n)  ~  w_k prod_d p_dk^y_d (1 - p_dk)^(n_d - y_d)
    mean of p_d = sum_k w_k p_dk          Pr(p_d > c) = sum_k w_k (share of cell k in which p_d > c)

A node stands for a cell of the grid, of which the part above c is counted: an indicator summed at the nodes would be in
error by a whole cell. The grid is even, so the sums over smooth functions are exact to rounding.
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
        """The part of each cell in which the DLT rate is above `c` (dose, node)."""
        at = np.log(c / (1 - c))
        low, high = np.minimum(self.lower, self.upper), np.maximum(self.lower, self.upper)
        part: Floats = np.clip((high - at) / np.maximum(high - low, 1e-300), 0, 1)
        return part


def line(mean: float, sd: float, logit: Logit, nodes: int = 801) -> Grid:
    """The grid of one normal parameter."""
    z, step = np.linspace(-WIDTH, WIDTH, nodes, retstep=True)
    prior = np.exp(-(z**2) / 2)
    at, half = mean + sd * z, sd * step / 2
    return Grid(at[None], prior / prior.sum(), logit(at[None]), logit(at[None] - half), logit(at[None] + half))


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
    return Grid(at, prior / prior.sum(), logit(at), logit(at - half), logit(at + half))
