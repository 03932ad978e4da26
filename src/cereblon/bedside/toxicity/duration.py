"""How long a count stays below a limit, when it is sampled now and then.

    linear          from where the straight line between two samples crosses the limit to where it crosses back
    log             the same on the logarithm of the count
    until recovery  from the first low sample to the first that is not low
    observed        from the first low sample to the last: the least that it can have been

A count sampled weekly may be low for 8 days by one rule and for 0 by another; so the rule is part of a definition.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.ground.errors import InputError

Floats = NDArray[np.float64]

RULES = ("linear", "log", "until recovery", "observed")


@dataclass(frozen=True)
class Below:
    """The longest episode of every patient: `length` (days; 0: none), `onset` (NaN: none), and whether the last sample
    was still low (`ongoing`), so that the true one is longer."""

    length: Floats
    onset: Floats
    ongoing: NDArray[np.bool_]


def longest_below(
    day: ArrayLike, values: ArrayLike, limit: float, rule: str = "linear", *, within: ArrayLike | None = None
) -> Below:
    """The longest time below `limit`. `day` and `values` (patients, visits), NaN where nothing was measured.

    `within` (two columns, per patient: first day, day after the last) keeps only episodes that begin in it. An
    episode at the first sample begins there, one at the last sample ends there. Raises InputError for an unknown rule.

    >>> longest_below([[1, 8, 15, 22]], [[2.0, 0.3, 0.4, 1.5]], 0.5).length.round(1).tolist()
    [8.5]
    """
    if rule not in RULES:
        raise InputError("unknown rule of interpolation", found=str(rule), expected=", ".join(RULES))
    when, x = np.asarray(day, np.float64), np.asarray(values, np.float64)
    if x.ndim != 2 or when.shape not in (x.shape, x.shape[1:]):
        raise InputError("a day and a value per patient and visit", found=f"shapes {when.shape} and {x.shape}")
    when = np.broadcast_to(when, x.shape)
    n = len(x)
    first, end = (np.full(n, -np.inf), np.full(n, np.inf)) if within is None else np.asarray(within, np.float64).T
    last_day, last_x = np.full(n, np.nan), np.full(n, np.nan)
    began = np.full(n, np.nan)  # of the episode that is open
    length, onset = np.zeros(n), np.full(n, np.nan)
    ongoing = np.zeros(n, bool)
    with np.errstate(divide="ignore", invalid="ignore"):
        for v in range(x.shape[1]):
            d, now = when[:, v], x[:, v]
            seen = ~np.isnan(now) & ~np.isnan(d)
            low, open_ = seen & (now < limit), ~np.isnan(began)
            crossing = _crossing(last_day, last_x, d, now, limit, rule)
            starts, stops = low & ~open_, seen & ~low & open_
            began = np.where(starts, np.where(np.isnan(last_day), d, crossing if rule in RULES[:2] else d), began)
            until = {"until recovery": d, "observed": last_day}.get(rule, crossing)
            counts = (began >= first) & (began < end)
            longer = stops & counts & ((until - began > length) | np.isnan(onset))
            length, onset = np.where(longer, until - began, length), np.where(longer, began, onset)
            began = np.where(stops, np.nan, began)
            last_day, last_x = np.where(seen, d, last_day), np.where(seen, now, last_x)
        open_ = ~np.isnan(began) & (began >= first) & (began < end)
        longer = open_ & ((last_day - began > length) | np.isnan(onset))
    ongoing = longer
    return Below(np.where(longer, last_day - began, length), np.where(longer, began, onset), ongoing)


def _crossing(t0: Floats, x0: Floats, t1: Floats, x1: Floats, limit: float, rule: str) -> Floats:
    """Where the line between two samples crosses the limit; a 0 has no logarithm, so there the line is straight."""
    share = (x0 - limit) / (x0 - x1)
    if rule == "log":
        curved = (np.log(x0) - np.log(limit)) / (np.log(x0) - np.log(x1))
        share = np.where((x0 > 0) & (x1 > 0), curved, share)
    return t0 + share * (t1 - t0)
