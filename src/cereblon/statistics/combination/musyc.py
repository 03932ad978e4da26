"""MuSyC: synergy of potency, of efficacy and of cooperativity apart (Meyer 2019, Wooten 2021).

A cell is untouched, touched by one drug or by both, and each state has its effect:

            a                                   a = (d1 / EC50_1)^hill_1
    U (E0) <=> A1 (E1)                          b = (d2 / EC50_2)^hill_2
    b||         ||b*                            a* = (alpha21 d1 / EC50_1)^(gamma21 hill_1)     beside drug 2
    A2 (E2) <=> A12 (E3)                        b* = (alpha12 d2 / EC50_2)^(gamma12 hill_2)     beside drug 1
            a*                                  every way back has the rate 1

alpha12 > 1: drug 1 makes drug 2 more potent, as if its dose were alpha12 times as large; alpha21 the other way round.
The steady state is a sum over the four spanning trees of the square. At alpha = gamma = 1 it is

    E = (E0 + E1 a + E2 b + E3 a b) / ((1 + a)(1 + b))

    beta = (min(E1, E2) - E3) / (E0 - min(E1, E2))          efficacy beyond the stronger drug, over its effect

Without synergy alpha = gamma = 1 and beta = 0; log10 alpha, log10 gamma and beta are positive with synergy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.statistics.combination.hill import Box, Floats, Hill, log_ratio
from cereblon.statistics.least_squares import Minimum, least_squares

ALPHA, GAMMA = 1e4, 10.0
"""alpha lies within 1/ALPHA and ALPHA, gamma within 1/GAMMA and GAMMA: beyond, no dose of a matrix tells."""
_STARTS = (0.0, np.log(10.0), -np.log(10.0))  # of both log alpha
_GENTLE = float(np.log(3.0))  # a step between two doses has no slope to follow, so fits start no steeper than this


@dataclass(frozen=True)
class MuSyC:
    """The surface. Numbers may be arrays that broadcast with the doses.

    >>> surface = MuSyC(Hill(1, 0.4, 1.2, 1), Hill(1, 0.2, 0.8, 2), E3=0.05)
    >>> float(surface(1, 2).round(4)), round(float(surface.beta), 4)
    (0.4125, 0.1875)
    """

    drug1: Hill
    drug2: Hill
    E3: Floats | float
    alpha12: Floats | float = 1.0
    alpha21: Floats | float = 1.0
    gamma12: Floats | float = 1.0
    gamma21: Floats | float = 1.0

    def __call__(self, dose1: ArrayLike, dose2: ArrayLike) -> Floats:
        """Effect of both doses; E0 is that of `drug1`."""
        U, A1, A2, A12 = _states(*(np.exp(u) for u in self._ratios(dose1, dose2)))
        weighted = U * self.drug1.E0 + A1 * self.drug1.Emax + A2 * self.drug2.Emax + A12 * self.E3
        return np.asarray(weighted / (U + A1 + A2 + A12))

    def _ratios(self, dose1: ArrayLike, dose2: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
        """Logarithms of a, b, a*, b*."""
        one, two = self.drug1, self.drug2
        more1, more2 = np.asarray(dose1) * self.alpha21, np.asarray(dose2) * self.alpha12
        return (
            _ratio(dose1, one),
            _ratio(dose2, two),
            _ratio(more1, one, self.gamma21),
            _ratio(more2, two, self.gamma12),
        )

    def slopes(self, dose1: Floats, dose2: Floats) -> Floats:
        """(B, 12, K): slope of the effect by each number of a fit (`of`), for surfaces (B, 1) at doses (K,)."""
        one, two = self.drug1, self.drug2
        logs = self._ratios(dose1, dose2)
        a, b, a2, b2 = (np.exp(u) for u in logs)
        U, A1, A2, A12 = _states(a, b, a2, b2)
        whole = U + A1 + A2 + A12
        E = (U * one.E0 + A1 * one.Emax + A2 * two.Emax + A12 * self.E3) / whole
        # what one more of a, b, a*, b* adds to U, A1, A2, A12 (see _states), each times itself: slopes by its logarithm
        zero, unit = np.zeros_like(whole), np.ones_like(whole)
        added = (
            (zero, a2 + 2, b2, a2 * b2 + b2),
            (zero, a2, b2 + 2, a2 * b2 + a2),
            (unit, a + b, zero, b2 * (a + b) + b),
            (unit, zero, a + b, a2 * (a + b) + a),
        )
        effects = [one.E0 - E, one.Emax - E, two.Emax - E, self.E3 - E]
        by = [
            x * sum(d * e for d, e in zip(parts, effects, strict=True)) / whole
            for x, parts in zip((a, b, a2, b2), added, strict=True)
        ]
        h1, h2 = one.hill, two.hill
        return np.stack(
            [
                U / whole, A1 / whole, A2 / whole, A12 / whole,
                by[0] * logs[0] + by[2] * logs[2],
                by[1] * logs[1] + by[3] * logs[3],
                -h1 * (by[0] + by[2] * self.gamma21),
                -h2 * (by[1] + by[3] * self.gamma12),
                by[3] * h2 * self.gamma12,
                by[2] * h1 * self.gamma21,
                by[3] * logs[3],
                by[2] * logs[2],
            ],
            axis=1,
        )  # fmt: skip

    @property
    def beta(self) -> Floats:
        """Synergy of efficacy; NaN for two drugs without effect."""
        strong = np.minimum(self.drug1.Emax, self.drug2.Emax)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((strong - self.E3) / (self.drug1.E0 - strong))

    @property
    def without_synergy(self) -> MuSyC:
        """The same two drugs with alpha = gamma = 1 and beta = 0."""
        return MuSyC(self.drug1, self.drug2, np.minimum(self.drug1.Emax, self.drug2.Emax))

    @classmethod
    def of(cls, numbers: Floats) -> MuSyC:
        """The surfaces of the numbers of a fit, (B, 10) or (B, 12) with gamma."""
        column = [numbers[:, i : i + 1] for i in range(numbers.shape[1])]
        E0, E1, E2, E3, h1, h2, c1, c2, *logs = column
        one, two = Hill(E0, E1, np.exp(h1), np.exp(c1)), Hill(E0, E2, np.exp(h2), np.exp(c2))
        return cls(one, two, E3, *(np.exp(log) for log in logs))


def fit_musyc(
    dose1: Floats,
    dose2: Floats,
    effects: Floats,
    weights: Floats,
    box: Box,
    *,
    start: Floats,
    gamma: bool = False,
    search: bool = True,
) -> tuple[MuSyC, Minimum]:
    """One surface through each row of `effects` (B, K); all numbers of both drugs are fitted with it.

    `start` is (B, 10) or (B, 12). With `search` nine values of the two alphas are tried from there, and the best is
    kept.
    """
    (low_h, high_h), ends = box.steepness(), (box.dose(dose1), box.dose(dose2))
    edge = [np.log(ALPHA)] * 2 + [np.log(GAMMA)] * 2 * gamma
    low = np.array([*[box.bottom] * 4, low_h, low_h, ends[0][0], ends[1][0], *(-e for e in edge)])
    high = np.array([*[box.top] * 4, high_h, high_h, ends[0][1], ends[1][1], *edge])
    grid = [(i, j) for i in _STARTS for j in _STARTS] if search else [(None, None)]
    many = np.stack([start] * len(grid))
    for row, (i, j) in zip(many, grid, strict=True):
        if i is not None:
            row[:, 8], row[:, 9] = i, j

    def predict(p: Floats, rows: NDArray[np.intp]) -> Floats:
        return MuSyC.of(p)(dose1, dose2)

    def slopes(p: Floats, rows: NDArray[np.intp]) -> Floats:
        return MuSyC.of(p).slopes(dose1, dose2)[:, : p.shape[1]]

    drawn = effects.shape[0]
    stacked = many.reshape(-1, many.shape[-1])
    found = least_squares(
        predict, stacked, np.tile(effects, (len(grid), 1)), weights, low=low, high=high, slopes=slopes,
        most_steps=500 if search else 100,
    )  # fmt: skip
    best = found.squares.reshape(len(grid), drawn).argmin(axis=0) * drawn + np.arange(drawn)
    chosen = Minimum(found.numbers[best], found.squares[best], found.settled[best])
    return MuSyC.of(chosen.numbers), chosen


def first_guess(drug1: Hill, drug2: Hill, E3: Floats, gamma: bool = False) -> Floats:
    """(B, 10) or (B, 12): the two curves, the effect at both highest doses, and no synergy of potency."""
    one, two = drug1.numbers, drug2.numbers
    E0 = (one[:, 0] + two[:, 0]) / 2
    nothing = np.zeros_like(E0)
    columns = [E0, one[:, 1], two[:, 1], E3, *(np.minimum(d[:, 2], _GENTLE) for d in (one, two)), one[:, 3], two[:, 3]]
    return np.stack([*columns, *[nothing] * (4 if gamma else 2)], axis=1)


def _states(a: Floats, b: Floats, a2: Floats, b2: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Weights of U, A1, A2 and A12: each a sum over the four spanning trees of the square."""
    return a2 + b2 + 2, a * (a2 + 2) + a2 * b, b * (b2 + 2) + b2 * a, a2 * b2 * (a + b) + a2 * b + b2 * a


def _ratio(dose: ArrayLike, drug: Hill, gamma: ArrayLike = 1.0) -> Floats:
    # within +-100, so that the product of three ratios is still a number
    return np.clip(log_ratio(dose, np.asarray(drug.hill) * gamma, drug.EC50), -100.0, 100.0)
