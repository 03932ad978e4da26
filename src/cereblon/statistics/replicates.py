"""Kaplan-Meier of many samples at once: a row per replicate of a trial, a column per subject. Curves without objects.

Sorted by time, events before losses, the product limit is a cumulative product: what `survival.kaplan_meier` gives for
one sample, in microseconds for each of a thousand.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.statistics.survival import _TIE, Floats


def survival_at(times: ArrayLike, events: ArrayLike, at: ArrayLike) -> Floats:
    """Survival of every replicate at the times `at`: (replicates, len(at)). `times` and `events` (replicates,
    subjects).

    NaN beyond the last time of a replicate whose curve has not come down to 0. A NaN time is a subject that the
    replicate does not have. Raises InputError for other shapes, times below 0, events other than 0 and 1.

    >>> survival_at([[1, 2, 3, 4]], [[1, 0, 1, 1]], [0, 1, 3])
    array([[1.   , 0.75 , 0.375]])
    """
    t, S = _product_limit(times, events)
    when = np.atleast_1d(np.asarray(at, np.float64))
    out = np.ones((len(t), when.size))
    last = np.nanmax(t, axis=1)
    for k, moment in enumerate(when):
        count = (t <= moment).sum(axis=1)  # NaN is not
        rows = np.flatnonzero(count)
        out[rows, k] = S[rows, count[rows] - 1]
        unseen = (moment > last) & (out[:, k] > _TIE)
        out[unseen, k] = np.nan
    return out


def medians(times: ArrayLike, events: ArrayLike, share: float = 0.5) -> Floats:
    """The time at which survival has fallen to `share`, one per replicate; NaN where it was not reached.

    >>> medians([[1, 2, 3, 4], [1, 2, 3, 4]], [[1, 1, 1, 1], [1, 0, 0, 0]])
    array([ 2., nan])
    """
    t, S = _product_limit(times, events)
    under = (share + _TIE >= S) & ~np.isnan(t)
    found = under.any(axis=1)
    picked = t[np.arange(len(t)), under.argmax(axis=1)]
    return np.where(found, picked, np.nan)


def _product_limit(times: ArrayLike, events: ArrayLike) -> tuple[Floats, Floats]:
    """Times ascending (missing ones last) and survival after each."""
    t, e = np.asarray(times, np.float64), np.asarray(events, np.float64)
    if t.ndim != 2 or t.shape != e.shape or not t.size:
        raise InputError("one time and one event per replicate and subject", found=f"shapes {t.shape} and {e.shape}")
    present = ~np.isnan(t)
    if (t[present] < 0).any() or np.isinf(t).any() or not np.isin(e[present], (0, 1)).all():
        raise InputError("times from 0 up, events 1 or 0", where="times, events")
    if not present.any(axis=1).all():
        raise InputError("a replicate without a subject", where="times")
    first = np.argsort(1 - np.where(present, e, 0), axis=1, kind="stable")  # events before losses at one time
    t, e = np.take_along_axis(t, first, 1), np.take_along_axis(e, first, 1)
    order = np.argsort(t, axis=1, kind="stable")
    t, e = np.take_along_axis(t, order, 1), np.take_along_axis(e, order, 1)
    n = present.sum(axis=1)[:, None] - np.arange(t.shape[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        factors: Floats = np.where((n > 0) & (e == 1), 1 - 1 / n, 1.0)
    return t, np.asarray(np.cumprod(factors, axis=1), np.float64)
