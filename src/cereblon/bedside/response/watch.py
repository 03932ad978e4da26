"""Patients watched from visit to visit: what a trial knows on the day of a visit, and no more.

A simulated trial asks it at every visit; `best_response` runs over all visits with it, so both judge alike.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cereblon.bedside.response.assessment import Floats
from cereblon.bedside.response.category import NE, PD, Judged, judge
from cereblon.bedside.response.condition import NAN, with_difference
from cereblon.bedside.response.followed import follow
from cereblon.bedside.response.rules import Rules

_HELD = ("SPD", "marrow", "clonal", "lesions")  # the last value holds on
_LOWEST = ("SPD", "marrow", "diameter")  # the nadir is the lowest measured
_RISING = ("serum", "urine", "dFLC", "circulating")


class Watch:
    """Many patients from their baseline on: field -> values over patients, in the units of `assessment.UNITS`.

    `progressed` says who is known to have progressed: the assessment before confirmed it, or marrow or lesions need no
    second. A single rise stops nobody's treatment.
    """

    def __init__(self, baseline: Mapping[str, Floats], by: Rules) -> None:
        self.rules = by
        self.baseline = with_difference(baseline)
        self.followed = follow(self.baseline, by.thresholds)
        self._held = {name: x for name, x in self.baseline.items() if name in _HELD}
        self._nadir = {name: x for name, x in self.baseline.items() if name in (*_RISING, *_LOWEST)}
        self._last = dict(self._nadir)
        size = np.broadcast_shapes(*(np.shape(x) for x in baseline.values()))
        self._worse = np.zeros(size, bool)  # at the last assessment that could be judged
        self.progressed = np.zeros(size, bool)

    def see(self, values: Mapping[str, Floats]) -> Judged:
        """The categories of this visit, by what is known until now; NaN is not measured."""
        fresh = with_difference(values)
        for name, last in self._held.items():
            now = fresh.get(name, NAN)
            self._held[name] = np.where(np.isnan(now), last, now)
        now = {**fresh, **self._held, "SPD_now": fresh.get("SPD", NAN), "marrow_now": fresh.get("marrow", NAN)}
        found = judge(now, self.baseline, self._nadir, self.rules, self.followed)
        worse = found.level == PD
        self.progressed = self.progressed | (worse & (self._worse | found.progression.certain))
        self._worse = np.where(found.level == NE, self._worse, worse)
        self._lower(fresh)
        return found

    def _lower(self, now: Mapping[str, Floats]) -> None:
        """The nadir after this visit: since 2016 the lowest value that the next one confirmed, of a pair the higher."""
        confirmed = self.rules.criteria.nadir == "lowest confirmed"
        for name, lowest in self._nadir.items():
            x, last = now.get(name, NAN), self._last[name]
            if confirmed and name not in _LOWEST:
                self._nadir[name] = np.fmin(lowest, np.maximum(last, x))
                self._last[name] = np.where(np.isnan(x), last, x)
            else:
                self._nadir[name] = np.fmin(lowest, x)
