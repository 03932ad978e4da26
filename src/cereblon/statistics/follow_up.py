"""How long subjects were watched, and how many of them are at risk at a time.

The median follow-up is that of the reverse Kaplan-Meier curve, in which being lost is the event and the event hides it
(Schemper and Smith 1996); the plain median of the times would be short where many had the event.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.statistics.survival import LEVEL, Floats, Scale, Survival, kaplan_meier

if TYPE_CHECKING:
    import pandas as pd


def follow_up(
    times: ArrayLike,
    events: ArrayLike,
    arms: Iterable[Any] | None = None,
    *,
    unit: str = "1",
    level: float = LEVEL,
    scale: Scale = "log-log",
) -> Survival:
    """The reverse Kaplan-Meier curve; its `median()` is the median follow-up. Arguments and errors of `kaplan_meier`.

    An event and a loss at the same time: the event comes first in both curves, so that here, as in R's
    `survfit(Surv(t, 1 - e))`, those with the event are still at risk of being lost at that time.

    >>> print(follow_up([2, 4, 6, 8, 10], [1, 0, 1, 0, 0], unit="month").median())
    8 month (4-?)
    """
    turned = 1 - np.asarray(events, np.float64)
    return kaplan_meier(times, turned, arms, unit=unit, level=level, scale=scale)


def at_risk(survival: Survival, at: ArrayLike | None = None) -> pd.DataFrame:
    """One row per arm and time of `at`: subjects at risk, and events and losses until then; the table under a curve.

    Without times it takes round ones, up to nine. Raises InputError for times below 0 or not finite.
    """
    import pandas as pd

    when = _round_times(survival) if at is None else np.atleast_1d(np.asarray(at, np.float64))
    if when.size == 0 or not (np.isfinite(when) & (when >= 0)).all():
        raise InputError("times from 0 up", where="at", found=str(at), example="[0, 6, 12]")
    rows = []
    for arm, curve in survival.curves.items():
        total = float(curve.at_risk[0])
        for t in when:
            before, until = curve.times < t, curve.times <= t
            gone = float((curve.events + curve.censored)[before].sum())
            events, censored = int(curve.events[until].sum()), int(curve.censored[until].sum())
            rows.append({"arm": arm, "time": float(t), "at_risk": int(total - gone), "events": events,
                         "censored": censored})  # fmt: skip
    return pd.DataFrame(rows)


def _round_times(survival: Survival) -> Floats:
    """From 0 to the last time in steps of 1, 2, 3, 6 or 12 times a power of ten."""
    last = max(float(curve.times[-1]) for curve in survival.curves.values())
    if last <= 0:
        return np.zeros(1)
    scale = 10.0 ** np.floor(np.log10(last / 8))
    step = next(s * scale for s in (1, 2, 3, 6, 12) if 8 * s * scale >= last)
    return np.arange(0.0, last + step / 1e6, step)
