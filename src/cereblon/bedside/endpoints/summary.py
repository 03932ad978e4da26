"""All endpoints of a trial from its responses: rates, survival, duration, follow-up."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.bedside.endpoints.censoring import Censoring, censoring
from cereblon.bedside.endpoints.rates import response_rate, response_table
from cereblon.bedside.endpoints.times import (
    Times,
    duration_of_response,
    overall_survival,
    progression_free,
    time_to_response,
)
from cereblon.bedside.response.result import Responses
from cereblon.ground.quantity import Estimate
from cereblon.records.sources import Source
from cereblon.statistics.competing import Incidence, competing_risks
from cereblon.statistics.follow_up import follow_up

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Endpoints:
    """The endpoints of `responses` under one set of censoring rules; times are printed in `unit`."""

    responses: Responses = field(repr=False)
    rule: Censoring
    interval: float | None = None
    unit: str = "month"
    level: float = 0.95

    @property
    def ORR(self) -> Estimate:
        """Partial response or better, of all treated."""
        return response_rate(self.responses, level=self.level)

    @property
    def ORR_evaluable(self) -> Estimate:
        """The same of those who can be evaluated; not estimated where there are none."""
        if not (self.responses.measurable & self.responses.evaluable).any():
            return Estimate(np.nan, "1", level=self.level, note="no evaluable patient")
        return response_rate(self.responses, among="evaluable", level=self.level)

    @cached_property
    def PFS(self) -> Times:
        """Time to progression or death."""
        return progression_free(self.responses, self.rule, interval=self.interval)

    @cached_property
    def OS(self) -> Times:
        """Time to death."""
        return overall_survival(self.responses)

    @cached_property
    def DOR(self) -> Times:
        """Duration of response, of the responders."""
        return duration_of_response(self.responses, self.rule, interval=self.interval)

    @cached_property
    def TTR(self) -> Times:
        """Time to response, of the responders."""
        return time_to_response(self.responses)

    @property
    def follow_up(self) -> Estimate:
        """Median follow-up, by the reverse Kaplan-Meier curve of overall survival."""
        times = self.OS.inside(self.unit)
        return follow_up(times, self.OS.events, unit=self.unit, level=self.level).median()

    def incidence_of_response(self) -> Incidence:
        """Cumulative incidence of response, with progression and death as what may come first.

        Raises InputError where nobody had any of them.
        """
        r = self.responses
        own = r.responders
        days = np.where(own, r.response_day - r.measured.start, self.PFS.days)
        ended = np.where(self.PFS.events, "progression or death", "")
        causes = np.where(own, "response", ended)
        return competing_risks(days * self._per_day, causes.tolist(), unit=self.unit, level=self.level)

    @property
    def _per_day(self) -> float:
        from cereblon.ground.quantity import unit

        return float(unit("d").ratio / unit(self.unit).ratio)

    def response_table(self) -> pd.DataFrame:
        """Categories and their sums, of all treated."""
        return response_table(self.responses, level=self.level)

    def table(self) -> pd.DataFrame:
        """One row per endpoint: value, low, high, unit, n, events, note."""
        import pandas as pd

        n, able = len(self.responses), self.responses.measurable & self.responses.evaluable
        hits = int(self.responses.responders.sum())
        rows = [_row("ORR, all treated", self.ORR, n, hits)]
        hits = int((self.responses.responders & able).sum())
        rows.append(_row("ORR, evaluable", self.ORR_evaluable, int(able.sum()), hits))
        for times in (self.PFS, self.DOR, self.OS):
            median = times.median(unit_=self.unit, level=self.level)
            rows.append(_row(f"median {times.name}", median, len(times), int(times.events.sum()), times.rule))
        if len(self.TTR):
            days = self.TTR.inside(self.unit)
            spread = f"range {days.min():.3g} to {days.max():.3g}"
            rows.append(_row("median TTR", Estimate(float(np.median(days)), self.unit), len(days), len(days), spread))
        rows.append(_row("median follow-up", self.follow_up, n, int((~self.OS.events).sum()), "reverse Kaplan-Meier"))
        return pd.DataFrame(rows)

    def sources(self) -> dict[str, Source]:
        """The sources of the criteria."""
        return self.responses.sources()

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        lines = [str(self.responses), f"ORR {self.ORR} of all treated, {self.ORR_evaluable} of the evaluable"]
        lines += [str(times) for times in (self.PFS, self.DOR, self.OS)]
        return "\n".join([*lines, f"median follow-up {self.follow_up}", *self.PFS.notes])


def endpoints(
    found: Responses,
    rule: str | Censoring = "FDA",
    *,
    interval: float | None = None,
    unit: str = "month",
    level: float = 0.95,
) -> Endpoints:
    """The endpoints of a trial. `rule` is FDA, EMA or rules of one's own; `interval` the days between assessments.

    Raises InputError for unknown rules.

    >>> from cereblon.bedside.response import assessments, best_response
    >>> serum = [[4.0, 1.6, 1.5, 3.0, 3.5], [3.0, 2.8, 4.2, 4.4, 4.9], [5.0, 2.0, 0.4, 0.3, 0.3]]
    >>> seen = assessments([1, 29, 57, 85, 113], {"serum": serum, "urine": [[0.0] * 5] * 3})
    >>> found = endpoints(best_response(seen))
    >>> print(found.ORR, "|", found.PFS.median())
    0.667 (0.0943-0.992) | 2.76 month (1.84-?)
    """
    return Endpoints(found, censoring(rule), interval, unit, level)


def _row(name: str, value: Estimate, n: int, events: int, note: str = "") -> dict[str, object]:
    return {"endpoint": name, "value": value.value, "low": value.low, "high": value.high, "unit": value.unit, "n": n,
            "events": events, "note": "; ".join(filter(None, (note, value.note)))}  # fmt: skip
