"""A phase 3 by the log-rank test with interim looks: events, patients, months.

    events     D = drift^2 / (pi (1 - pi) (ln HR)^2)        pi: share on the new arm                    (Schoenfeld
    1981) drift      the mean of B(1) at which the boundaries give the power; z_alpha + z_beta without looks a look
    after D t_k events; the hazard ratio on its boundary is exp(-z_k / sqrt(pi (1 - pi) D t_k)) months     patients come
    evenly at `rate`; events and losses are exponential, so that by month m of N patients
               sum over arms of  N_arm (h/(h + l)) (1 - (exp(-(h+l)(m - R)+) - exp(-(h+l) m)) / ((h + l) min(m, R)))
               have had an event; R = N / rate is the month of the last patient

Source of the boundaries: `statistics.group_sequential`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from cereblon.bedside.limits import share
from cereblon.ground.errors import InputError
from cereblon.statistics.group_sequential import Boundaries, boundaries

if TYPE_CHECKING:
    import pandas as pd

LATEST = 1200.0  # months: nobody plans a century


@dataclass(frozen=True, kw_only=True)
class LogRank:
    """A group-sequential log-rank design. Raises InputError.

    `HR` new over control, `median` months of the control arm, `rate` patients a month in both arms. Give `patients`, or
    the `months` that the trial may last, from which they are solved. `ratio`: patients on the new arm for each on
    control. `dropout`: share lost in 12 months. `looks`: shares of the events. `alpha` one-sided.

    >>> design = LogRank(HR=0.7, median=6.9, rate=20, patients=420, looks=(0.5, 0.75, 1))
    >>> design.events, [round(z, 3) for z in design.boundaries.z]
    (337, [2.963, 2.359, 2.014])
    """

    HR: float
    median: float
    rate: float
    patients: int | None = None
    months: float | None = None
    power: float = 0.9
    alpha: float = 0.025
    looks: tuple[float, ...] = (1.0,)
    shape: str = "obrien-fleming-spending"
    sides: int = 1
    rho: float = 3.0
    ratio: float = 1.0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        share("HR", self.HR, 0, 1)
        share("power", self.power, self.alpha, 1)
        share("dropout", self.dropout, -1e-12)
        for where, number in (("median", self.median), ("rate", self.rate), ("ratio", self.ratio)):
            share(where, number, 0, math.inf)
        if (self.patients is None) == (self.months is None):
            given = "both" if self.patients is not None else "neither"
            raise InputError("give patients, or the months that the trial may last", where="patients, months",
                             found=given, example="patients=420")  # fmt: skip
        if self.patients is not None:
            share("patients", self.patients, 1, math.inf)
            if self.expected_events(LATEST) < self.events:
                raise InputError("too few patients for so many events", where="patients", found=str(self.patients),
                                 expected=f"more than {self.events} events need")  # fmt: skip
        else:
            share("months", self.months, 0, LATEST)
            if self._events(self.months or 0.0, self.rate * (self.months or 0.0), self.HR) < self.events:
                raise InputError(
                    "too short for so many events, however many patients come", where="months", found=f"{self.months}",
                    expected=f"longer, or a faster accrual than {self.rate:g} a month for {self.events} events",
                )  # fmt: skip

    @cached_property
    def boundaries(self) -> Boundaries:
        """The boundaries of the looks."""
        return boundaries(self.looks, self.alpha, self.shape, self.sides, self.rho)

    @cached_property
    def events(self) -> int:
        """Events at the last look."""
        return math.ceil(self.boundaries.drift(self.power) ** 2 / (self._both * math.log(self.HR) ** 2) - 1e-9)

    @cached_property
    def enrolled(self) -> int:
        """Patients in all: as given, or the fewest with which the trial lasts no longer than `months`."""
        if self.patients is not None:
            return int(self.patients)
        low, high = self.events, math.ceil(self.rate * (self.months or 0.0))
        while low < high:
            middle = (low + high) // 2
            if self._events(self.months or 0.0, middle, self.HR) >= self.events:
                high = middle
            else:
                low = middle + 1
        return low

    @property
    def accrual(self) -> float:
        """Months until the last patient is in."""
        return self.enrolled / self.rate

    def expected_events(self, month: float, HR: float | None = None) -> float:
        """Events expected by a month, under a hazard ratio (default: the design's)."""
        return self._events(month, self.enrolled, self.HR if HR is None else HR)

    def month_of(self, events: float, HR: float | None = None) -> float:
        """The month in which so many events are expected; infinite where they never are."""
        from scipy.optimize import brentq

        if self.expected_events(LATEST, HR) < events:
            return math.inf
        return float(brentq(lambda m: self.expected_events(m, HR) - events, 1e-9, LATEST, xtol=1e-9))

    def table(self) -> pd.DataFrame:
        """One row per look: events, month and patients in by then (under HR), z, hazard ratio and p there, level spent,
        and the probability to have stopped by then under HR and under none."""
        import pandas as pd
        from scipy.stats import norm

        rows = []
        bound, drift = self.boundaries, self._drift
        for k, t in enumerate(bound.information):
            events, z = math.ceil(self.events * t - 1e-9), bound.z[k]
            month = self.month_of(events)
            rows.append(
                {
                    "information": t, "events": events, "month": month, "patients": self._in_by(month), "z": z,
                    "HR_at_boundary": math.exp(-z / math.sqrt(self._both * events)), "p_one_sided": float(norm.sf(z)),
                    "alpha_spent": bound.spent[k], "stopped_under_HR": sum(bound.crossing(drift)[: k + 1]),
                    "stopped_under_1": sum(bound.crossing(0.0)[: k + 1]),
                }
            )  # fmt: skip
        return pd.DataFrame(rows)

    def expected(self, HR: float | None = None) -> dict[str, float]:
        """Under a hazard ratio: probability of a positive trial, expected events and months."""
        hazard = self.HR if HR is None else HR
        drift = -math.log(hazard) * math.sqrt(self._both * self.events)
        stops = list(self.boundaries.crossing(drift))
        positive = sum(stops)
        stops[-1] = 1 - sum(stops[:-1])
        events = [math.ceil(self.events * t - 1e-9) for t in self.boundaries.information]
        return {
            "HR": hazard, "positive": positive,
            "events": sum(p * d for p, d in zip(stops, events, strict=True)),
            "months": sum(p * self.month_of(d, hazard) for p, d in zip(stops, events, strict=True)),
        }  # fmt: skip

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        last = self.month_of(self.events)
        lines = [
            f"log-rank, HR {self.HR:g} against a median of {self.median:g} months, power {self.power:g}, one-sided "
            f"alpha {self.alpha:g}, {self.shape}",
            f"  {self.events} events of {self.enrolled} patients, accrual {self.accrual:.1f} months, last look at "
            f"month {last:.1f}",
        ]
        for row in self.table().to_dict("records"):
            lines.append(
                f"  look at {row['events']} events, month {row['month']:.1f}: z {row['z']:.3f}, HR at most "
                f"{row['HR_at_boundary']:.3f}; stopped by then {100 * row['stopped_under_HR']:.0f} %"
            )
        means = self.expected()
        return "\n".join([*lines, f"  expected {means['events']:.0f} events, {means['months']:.1f} months"])

    @property
    def _both(self) -> float:
        """pi (1 - pi)."""
        return self.ratio / (1 + self.ratio) ** 2

    @property
    def _drift(self) -> float:
        """The mean of B(1) under HR, with whole events."""
        return -math.log(self.HR) * math.sqrt(self._both * self.events)

    def _in_by(self, month: float) -> int:
        return min(self.enrolled, math.floor(self.rate * min(month, LATEST) + 1e-9))

    def _events(self, month: float, patients: float, HR: float) -> float:
        last = patients / self.rate
        came = min(month, last)
        lost = -math.log1p(-self.dropout) / 12
        total = 0.0
        for weight, hazard in ((self.ratio, HR * math.log(2) / self.median), (1.0, math.log(2) / self.median)):
            both = hazard + lost
            arm = self.rate * came * weight / (1 + self.ratio)
            watched = math.exp(-both * (month - came)) - math.exp(-both * month)
            total += arm * hazard / both * (1 - watched / (both * came))
        return total


def events_needed(HR: float, power: float = 0.9, alpha: float = 0.025, ratio: float = 1.0) -> float:
    """Schoenfeld's events of a trial without looks, not rounded. Raises InputError.

    >>> round(events_needed(0.7), 1)
    330.4
    """
    from scipy.stats import norm

    share("HR", HR, 0, 1)
    share("power", power)
    share("alpha", alpha, 0, 0.5)
    share("ratio", ratio, 0, math.inf)
    both = ratio / (1 + ratio) ** 2
    return float((norm.isf(alpha) + norm.ppf(power)) ** 2 / (both * math.log(HR) ** 2))
