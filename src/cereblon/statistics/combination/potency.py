"""ZIP: do the two drugs change each other's curve? (Yadav 2015)

Along each line of the matrix, where the partner's dose stands still, a Hill curve is fitted that starts at what the
partner does alone. The mean of the fits along row and column is set against two curves that do not change,

    delta = E1(d1) E2(d2) - (E(d1 | d2) + E(d2 | d1)) / 2          positive: synergy

with E1, E2 the curves of the drugs alone. It so smooths what was seen; the reference is that of Bliss on fitted curves.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cereblon.statistics.combination.hill import LEAST_DOSES, Box, Floats, Hill, fit_curves
from cereblon.statistics.combination.matrix import Matrix

Line = tuple[int, float]
"""Drug whose dose runs along the line, and the dose of the other."""


def zip_fit(
    matrix: Matrix,
    means: Floats,
    curves: tuple[Hill, Hill],
    box: Box,
    starts: Mapping[Line, Floats] | None = None,
) -> tuple[Floats, dict[Line, Floats]]:
    """The mean of both fits at each condition, (B, K), and the numbers of each line's curve (for the next call to
    start at).

    NaN where a line holds fewer than three doses of the drug that runs along it.
    """
    fitted = np.full((2, *means.shape), np.nan)
    numbers: dict[Line, Floats] = {}
    for drug in (0, 1):
        other = matrix.dose(1 - drug)
        for level in np.unique(other[other > 0]):
            at = np.flatnonzero((other == level) & (matrix.dose(drug) > 0))
            if at.size < LEAST_DOSES:
                continue
            line = (drug, float(level))
            partner = curves[1 - drug](level)[:, 0]
            begin = [np.repeat(starts[line], len(means), axis=0)] if starts else []
            curve, _ = fit_curves(
                matrix.dose(drug)[at], means[:, at], matrix.n[at].astype(float), box, E0=partner, starts=begin
            )
            fitted[drug][:, at] = curve(matrix.dose(drug)[at])
            numbers[line] = curve.numbers
    return np.where(matrix.together, fitted.mean(axis=0), np.nan), numbers
