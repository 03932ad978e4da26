"""Draws of a matrix, and the interval that they give a score.

With replicates the mean of a condition is drawn around what was seen with its standard error (a parametric
bootstrap). Three or four wells tell their own spread badly, so all conditions together tell how noise grows with the
signal, variance = a + b mean^2, and each condition takes its noise from there. Without replicates the residuals of
the fitted surface stand for the noise, widened by the numbers that were fitted, and are drawn with replacement. Where
responses are over their control, each draw is over its own.

The interval of a score in units of effect, and of a number of a surface, is the bias-corrected percentile one (Efron
1981): the smaller of two noisy effects is on average too small, so a score of HSA lies above its own truth, and its
draws lie above it once more. The correction takes both away. It does harm to an index, whose draws lose conditions near
a plateau: that of fitted curves takes the plain percentiles, that of median-effect lines its draws' spread around it.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from typing import Literal

import numpy as np

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.combination.hill import Floats
from cereblon.statistics.combination.matrix import Matrix

MOST = 10_000
_Z = 1.959963984540054
_RATIOS = np.append(0.0, np.logspace(-2, 6, 161))  # of the noise that grows with the signal to the noise that does not
_LOST = 0.2  # a share of draws without a number above which there is no interval


def has_replicates(matrix: Matrix) -> bool:
    """Whether at least half of the conditions with both drugs were measured twice or more."""
    return bool((matrix.n[matrix.together] > 1).mean() >= 0.5)


def drawn_means(matrix: Matrix, draws: int, seed: int, residuals: Floats | None = None) -> Floats:
    """(draws, K) means as they might have come out; the same for the same seed, bit for bit.

    `residuals` (K,) are those of a fitted surface, widened, each of one well; without them the replicates' spread is
    used. Raises InputError unless draws is 1 to 10,000.
    """
    if isinstance(draws, bool) or not isinstance(draws, int) or not 1 <= draws <= MOST:
        raise InputError("draws are a whole number from 1 to 10,000", found=repr(draws), example="200")
    key = int.from_bytes(hashlib.sha256(f"{seed}:combination".encode()).digest()[:16], "little")
    stream = np.random.Generator(np.random.Philox(key=key))
    shape = (draws, matrix.mean.size)
    if residuals is not None:
        return _over_control(matrix, matrix.mean + stream.choice(residuals, shape) / np.sqrt(matrix.n))
    error = np.sqrt(variance(matrix) / matrix.n)
    return _over_control(matrix, matrix.mean + error * stream.standard_normal(shape))


def variance(matrix: Matrix) -> Floats:
    """(K,) variance of one well of each condition: a + b mean^2, a and b at least 0, the likeliest for normal
    replicates.

    A variance of f degrees of freedom is a gamma number, so for each ratio b / a there is a best a; the ratio is
    searched.
    """
    several = matrix.n > 1
    if not several.any():
        return np.full(matrix.mean.shape, np.nan)
    seen, freedom = matrix.sd[several] ** 2, matrix.n[several] - 1.0
    whole = freedom.sum()
    shape = 1 + _RATIOS[:, None] * matrix.mean[several] ** 2  # variance over a
    a = (freedom * seen / shape).sum(axis=1) / whole
    with np.errstate(divide="ignore"):
        likelihood = -(whole * np.log(a) + (freedom * np.log(shape)).sum(axis=1))
    best = int(likelihood.argmax())
    return np.asarray(a[best] * (1 + _RATIOS[best] * matrix.mean**2))


def _over_control(matrix: Matrix, means: Floats) -> Floats:
    """The draws over their own untreated mean, where the matrix is over its own."""
    if not (matrix.over_control and matrix.untreated.any()):
        return means
    return np.asarray(means * (matrix.mean[matrix.untreated] / means[:, matrix.untreated]))


Kind = Literal["corrected", "percentile", "spread"]


def interval(estimate: Floats, draws: Floats, kind: Kind = "corrected") -> tuple[Floats, Floats]:
    """Ends of the 95 % interval of each column of `draws` (B, ...) around `estimate` (...).

    Percentiles of the draws, with or without the correction of their bias, or 1.96 times their spread either way.
    NaN where the estimate is, or where more than a fifth of its draws have no number.
    """
    from scipy.special import ndtr, ndtri

    known = np.isfinite(draws)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        below = ((draws < estimate) & known).sum(axis=0) + ((draws == estimate) & known).sum(axis=0) / 2
        z = ndtri(np.clip(below / count, 1 / (count + 1), count / (count + 1))) * (kind == "corrected")
    usable = np.isfinite(estimate) & (count >= (1 - _LOST) * len(draws)) & (count > 1)
    if kind == "spread":
        centred = np.where(known, draws - np.where(known, draws, 0.0).sum(axis=0) / np.maximum(count, 1), 0.0)
        half = _Z * np.sqrt((centred**2).sum(axis=0) / np.maximum(count - 1, 1))
        return np.where(usable, estimate - half, np.nan), np.where(usable, estimate + half, np.nan)
    ends = []
    ordered = np.sort(np.where(known, draws, np.inf), axis=0)
    for side in (-_Z, _Z):
        place = np.where(usable, np.clip(ndtr(2 * z + side) * (count + 1) - 1, 0.0, count - 1.0), 0.0)
        low = np.floor(place).astype(int)
        left, right = (
            np.take_along_axis(ordered, np.minimum(i, len(draws) - 1)[None], axis=0)[0] for i in (low, low + 1)
        )
        part = place - low
        with np.errstate(invalid="ignore"):
            ends.append(np.where(usable, np.where(part > 0, left + part * (right - left), left), np.nan))
    return ends[0], ends[1]


def with_interval(estimate: Estimate, draws: Floats, kind: Kind = "corrected") -> Estimate:
    """The estimate with the interval of its `draws` (B,); those without a number are counted in the note."""
    low, high = interval(np.asarray(estimate.value), draws, kind)
    lost = int((~np.isfinite(draws)).sum())
    if math.isnan(estimate.value):
        return estimate
    note = "; ".join(filter(None, (estimate.note, f"{lost} of {len(draws)} draws have none" if lost else "")))
    return replace(estimate, low=float(low), high=float(high), note=note)
