"""What a fit has determined, and what only in combination: the Fisher information of a least-squares problem.

    information    F = J' J, J the slopes of the predictions over their standard deviations
    spread         C = (F + D)^-1, D of a range beyond which nothing is searched: C stays finite along a null direction
    combination    sum of e_i x_i, numbers x in logarithms: a product of powers, of which C knows the standard deviation
    gain           1/2 log2 det(F + D + new) / det(F + D), in bits                       Lindley 1956, Chaloner 1995

A direction along which C is wide is not determined (sloppy, Gutenkunst 2007; null where F has no eigenvalue at all).
The determined directions among the numbers that are not known one by one are said as products with exponents: brought
to reduced echelon form, so that each holds as few numbers as can be, and rounded; the standard deviation is that of
the rounded product, which is what is read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DIGITS = (0, 1, 2)  # of an exponent: as few as keep the product determined
SMALL = 0.1  # exponents that are left out next
WORSE, FINE = 1.5, 0.1  # by how much rounding may widen it; a standard deviation that is fine enough for any


@dataclass(frozen=True)
class Combination:
    """A product of powers: `exponents` by position (0 for what does not enter), `sd` of its logarithm."""

    exponents: tuple[float, ...]
    sd: float

    @property
    def members(self) -> tuple[int, ...]:
        """Positions of the numbers that enter."""
        return tuple(i for i, e in enumerate(self.exponents) if e)


def without(slopes: Floats, nuisance: Floats) -> Floats:
    """Slopes (N, P) less what the columns of `nuisance` (N, K) could explain: K numbers that are fitted along.

    >>> without(np.array([[1.0], [3.0]]), np.ones((2, 1))).ravel().round(9).tolist()
    [-1.0, 1.0]
    """
    kept = nuisance[:, np.linalg.norm(nuisance, axis=0) > 0]
    if not kept.shape[1]:
        return slopes
    basis = np.linalg.qr(kept)[0]
    return np.asarray(slopes - basis @ (basis.T @ slopes))


def spread(information: Floats, floor: Floats) -> Floats:
    """The covariance (P, P) of numbers with this information and a range `floor` (P,), standard deviations."""
    return np.asarray(np.linalg.inv(information + np.diag(floor**-2.0)))


def gain(information: Floats, more: Floats, floor: Floats) -> float:
    """What `more` information adds, in bits."""
    known = information + np.diag(floor**-2.0)
    before, after = np.linalg.slogdet(known)[1], np.linalg.slogdet(known + more)[1]
    return max(0.0, float(after - before) / 2 / math.log(2))


def combinations(covariance: Floats, unknown: NDArray[np.intp], limit: float) -> tuple[Combination, ...]:
    """The determined products of the numbers at positions `unknown`: standard deviation below `limit`.

    A product of which nothing but one number remains after rounding is left out, as is what is wider than `limit`.

    >>> only = np.array([[1.0, -0.99], [-0.99, 1.0]])       # x + y is known, x - y is not
    >>> [one.exponents for one in combinations(only, np.array([0, 1]), 0.3)]
    [(1.0, 1.0)]
    """
    size = covariance.shape[0]
    if unknown.size < 2:
        return ()
    block = covariance[np.ix_(unknown, unknown)]
    values, vectors = np.linalg.eigh(block)
    stiff = vectors[:, np.sqrt(np.maximum(values, 0)) < limit]
    found = []
    for row in _echelon(stiff):
        rounded = _rounded(row, block, limit)
        if rounded is not None and np.count_nonzero(rounded[0]) > 1:
            whole = np.zeros(size)
            whole[unknown] = rounded[0]
            found.append(Combination(tuple(whole.tolist()), rounded[1]))
    return tuple(sorted(found, key=lambda one: one.sd))


def _echelon(stiff: Floats) -> Floats:
    """Rows that span the columns of `stiff`, each with a pivot of its own, 1, where the others have 0."""
    rows = stiff.T.copy()
    free = np.ones(rows.shape[1], dtype=bool)
    for k in range(len(rows)):
        pivot = int(np.argmax(np.abs(rows[k]) * free))
        if not abs(rows[k, pivot]) > 0:
            break
        free[pivot] = False
        rows[k] /= rows[k, pivot]
        for other in range(len(rows)):
            if other != k:
                rows[other] -= rows[other, pivot] * rows[k]
    return np.asarray(rows)


def _rounded(row: Floats, block: Floats, limit: float) -> tuple[Floats, float] | None:
    """The row with its exponents rounded, and its standard deviation; None for one that is wider than `limit`."""
    exact = math.sqrt(max(float(row @ block @ row), 0.0))
    if exact >= limit:
        return None
    tried = [np.round(row, digits) + 0.0 for digits in DIGITS]
    tried.insert(-1, np.where(np.abs(tried[-1]) < SMALL, 0.0, tried[-1]))
    for short in tried:
        sd = math.sqrt(max(float(short @ block @ short), 0.0))
        if short.any() and sd <= max(WORSE * exact, FINE) and sd < limit:
            return short, sd
    return row, exact
