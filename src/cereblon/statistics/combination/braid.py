"""BRAID: one response surface, one number for interaction (Twarog 2016).

    Di = fi x / (1 + (1 - fi) x),   x = (di / EC50_i)^hill_i,   fi = (Ei - E0) / (Ef - E0)
    D  = D1^(1/h) + D2^(1/h) + kappa sqrt(D1^(1/h) D2^(1/h)),   h = sqrt(hill_1 hill_2)
    E  = E0 + (Ef - E0) / (1 + D^-h)

Ef is the largest effect of the two together, at least that of either (0 <= fi <= 1). kappa above 0 is synergy, 0 is
additive in the sense of Loewe, below 0 (to -2) antagonism. Conventions: this is the published form with delta = 1;
`h` is the geometric mean of the two Hill coefficients, and 1/h stands on each Di and on the root of kappa alike. The
Python package `synergy` writes the same with E3 for Ef.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.statistics.combination.hill import Box, Floats, Hill, log_ratio
from cereblon.statistics.least_squares import Minimum, least_squares

NUMBERS = 9
KAPPA = (-1.99, 100.0)
"""kappa lies above -2, where the surface ends; above 100 no matrix tells."""
_STARTS = (0.0, 2.0, -1.0)
_TRACE = 1e-60  # keeps the logarithm of a drug that is not there


@dataclass(frozen=True)
class BRAID:
    """The surface. Numbers may be arrays that broadcast with the doses; E0 is that of `drug1`.

    >>> surface = BRAID(Hill(1, 0.4, 1.2, 1), Hill(1, 0.2, 0.8, 2), Ef=0.05, kappa=1)
    >>> bool(surface(1, 2) < BRAID(surface.drug1, surface.drug2, Ef=0.05, kappa=0)(1, 2))
    True
    """

    drug1: Hill
    drug2: Hill
    Ef: Floats | float
    kappa: Floats | float = 0.0

    def __call__(self, dose1: ArrayLike, dose2: ArrayLike) -> Floats:
        """Effect of both doses."""
        one, two = self.drug1, self.drug2
        whole = np.asarray(self.Ef) - one.E0
        h = np.sqrt(np.asarray(one.hill) * two.hill)
        parts = []
        for dose, drug in ((dose1, one), (dose2, two)):
            with np.errstate(divide="ignore", invalid="ignore"):
                f = np.where(whole == 0, 0.0, (np.asarray(drug.Emax) - one.E0) / whole)
            x = np.exp(log_ratio(dose, drug.hill, drug.EC50))
            # rounding may carry f past 1, where a large x would turn the sign
            parts.append(np.log(np.maximum(f * x / (1 + np.maximum(1 - f, 0.0) * x), _TRACE)) / h)
        D = np.exp(parts[0]) + np.exp(parts[1]) + self.kappa * np.exp((parts[0] + parts[1]) / 2)
        return np.asarray(one.E0 + whole / (1 + np.exp(-h * np.log(np.maximum(D, _TRACE)))))

    @property
    def without_synergy(self) -> BRAID:
        """The same surface with kappa = 0."""
        return BRAID(self.drug1, self.drug2, self.Ef)

    @classmethod
    def of(cls, numbers: Floats) -> BRAID:
        """The surfaces of the numbers of a fit (B, 9): E0, Ef, f1, f2, log hill, log EC50, kappa."""
        E0, Ef, f1, f2, h1, h2, c1, c2, kappa = (numbers[:, i : i + 1] for i in range(9))
        one = Hill(E0, E0 + f1 * (Ef - E0), np.exp(h1), np.exp(c1))
        return cls(one, Hill(E0, E0 + f2 * (Ef - E0), np.exp(h2), np.exp(c2)), Ef, kappa)


def fit_braid(
    dose1: Floats, dose2: Floats, effects: Floats, weights: Floats, box: Box, *, start: Floats, search: bool = True
) -> tuple[BRAID, Minimum]:
    """One surface through each row of `effects` (B, K), all its nine numbers at once.

    `start` is (B, 9). With `search` three values of kappa are tried from there, and the best is kept.
    """
    (low_h, high_h), ends = box.steepness(), (box.dose(dose1), box.dose(dose2))
    low = np.array([box.bottom, box.bottom, 0, 0, low_h, low_h, ends[0][0], ends[1][0], KAPPA[0]])
    high = np.array([box.top, box.top, 1, 1, high_h, high_h, ends[0][1], ends[1][1], KAPPA[1]])
    grid = _STARTS if search else (None,)
    many = np.stack([start] * len(grid))
    for row, kappa in zip(many, grid, strict=True):
        if kappa is not None:
            row[:, 8] = kappa

    def predict(p: Floats, rows: NDArray[np.intp]) -> Floats:
        return BRAID.of(p)(dose1, dose2)

    drawn = effects.shape[0]
    stacked = many.reshape(-1, many.shape[-1])
    found = least_squares(
        predict, stacked, np.tile(effects, (len(grid), 1)), weights, low=low, high=high,
        most_steps=500 if search else 100,
    )  # fmt: skip
    best = found.squares.reshape(len(grid), drawn).argmin(axis=0) * drawn + np.arange(drawn)
    chosen = Minimum(found.numbers[best], found.squares[best], found.settled[best])
    return BRAID.of(chosen.numbers), chosen


def first_guess(drug1: Hill, drug2: Hill, Ef: Floats) -> Floats:
    """(B, 9): the two curves, and the largest effect that was seen."""
    one, two = drug1.numbers, drug2.numbers
    E0 = (one[:, 0] + two[:, 0]) / 2
    most = np.minimum(np.minimum(one[:, 1], two[:, 1]), Ef)
    whole = np.where(most < E0, most - E0, -1.0)
    f = [np.clip((drug[:, 1] - E0) / whole, 0.0, 1.0) for drug in (one, two)]
    return np.stack([E0, E0 + whole, *f, one[:, 2], two[:, 2], one[:, 3], two[:, 3], np.zeros_like(E0)], axis=1)
