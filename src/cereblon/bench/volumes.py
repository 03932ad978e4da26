"""A study in mice as a table of volumes: simulated (`bench.xenograft`) or read from a file (`bench.read_xenograft`).

One result serves both, so that a simulation and the laboratory's own file are analysed by the same code. Volumes are
1/2 L W^2 (mm3), or the light of cells that carry luciferase. TGI is given in both of its forms with the day it is of;
the mice that had left by then are counted, and nothing is carried forward. What happens to mice that leave because
they have grown too large is read by the mixed model (their volumes stay in) and by the time to a size.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cereblon.ground.errors import InputError, SolveError
from cereblon.ground.quantity import Estimate
from cereblon.model import Model
from cereblon.records.design import Design
from cereblon.records.sources import Source, sources
from cereblon.statistics.growth import Floats, Form, Sizes, T_over_C, inhibition, median_ratio, rates_of_groups
from cereblon.statistics.joint import Joint, joint
from cereblon.statistics.mixed import Baseline, GrowthModel, growth_model
from cereblon.statistics.power import Design as Plan
from cereblon.statistics.power import Power, power_of
from cereblon.statistics.resampling import DRAWS, Interval
from cereblon.statistics.survival import LogRank, Survival, kaplan_meier

if TYPE_CHECKING:
    import pandas as pd

USUAL_SIZE = 1000.0  # mm3, at which time to a size is read where at least half of the controls get there
HALF = 0.5
_PLUS = re.compile(r"\s*\+\s*")


@dataclass(frozen=True)
class Xenograft:
    """Volumes of mice by day.

    `sizes` mice x days (NaN: not measured), its control is the vehicle; `combinations` arm -> the arms of its singles;
    `deaths` (day, 1 died or 0 seen alive) of a disseminated tumour; `weights` (g) of tumours excised at the end, NaN
    for mice gone before; `limit` is the volume at which mice were taken out, if it is known, `diameters` (mm) name ->
    mice x days. `seed` keys the bootstrap, `blocked` as in `statistics.growth`.
    """

    name: str
    sizes: Sizes
    combinations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limit: float | None = None
    deaths: tuple[Floats, Floats] | None = field(default=None, repr=False)
    weights: Floats | None = field(default=None, repr=False)
    offset: float = 0.0
    seed: int = 1
    draws: int = DRAWS
    interval: Interval = "expanded"
    blocked: bool = False
    notes: tuple[str, ...] = ()
    doses: tuple[str, ...] = ()
    model: Model | None = field(default=None, repr=False)
    design: Design | None = field(default=None, repr=False)
    diameters: Mapping[str, Floats] = field(default_factory=dict, repr=False)

    # -- what was measured ---------------------------------------------------------------------------------

    @property
    def arms(self) -> tuple[str, ...]:
        """Names of the arms."""
        return self.sizes.order

    @property
    def vehicle(self) -> str:
        """Name of the arm that the others are compared with."""
        return self.sizes.control

    @cached_property
    def day(self) -> float:
        """The day of TGI unless another is asked for: the last one on which every arm is whole."""
        return self.sizes.last_common()

    @cached_property
    def last_of_vehicle(self) -> float:
        """The last day on which a mouse of the vehicle was measured: to here the mixed model reads."""
        seen = np.isfinite(self.sizes.values[self.sizes.of(self.vehicle)]).any(axis=0)
        return float(self.sizes.times[np.flatnonzero(seen)[-1]])

    def table(self) -> pd.DataFrame:
        """Long: mouse, arm, day, volume (or light), relative, change, and length and width where there are."""
        import pandas as pd

        rows, columns = np.nonzero(np.isfinite(self.sizes.values))
        value = "light_per_s" if self.sizes.unit == "1/s" else "volume_mm3"
        data: dict[str, Any] = {
            "mouse": [self.sizes.subjects[i] for i in rows],
            "arm": [self.sizes.groups[i] for i in rows],
            "day": self.sizes.times[columns],
            value: self.sizes.values[rows, columns],
        }
        data |= {name: column[rows, columns] for name, column in self.diameters.items()}
        start = self.sizes.values[:, :1]
        data["relative"] = self.sizes.relative[rows, columns]
        data["change"] = (self.sizes.values - start)[rows, columns]
        return pd.DataFrame(data)

    # -- analysis ------------------------------------------------------------------------------------------

    def TGI(self, day: float | None = None, form: Form = "change", *, carried: bool = False) -> dict[str, Estimate]:
        """Arm -> tumour growth inhibition (%) on a day: of changes of volume, or form="ratio" of relative volumes.

        `carried=True` takes the last volume of a mouse that is gone for that of the day, and says so.
        """
        if not carried:
            return inhibition(self.sizes, self._day(day), form, **self._bootstrap)
        found = inhibition(self.sizes.carried(), self._day(day), form, **self._bootstrap)
        return {arm: replace(e, note="last volumes carried forward") for arm, e in found.items()}

    def T_over_C(self, day: float | None = None) -> dict[str, Estimate]:
        """Arm -> mean volume over that of the vehicle (%) on a day."""
        return T_over_C(self.sizes, self._day(day), **self._bootstrap)

    def growth_rates(self, day: float | None = None) -> dict[str, Estimate]:
        """Arm -> mean growth rate (1/d) from the area under log volume up to a day (`day` of the study without one)."""
        part = self.sizes.until(self._day(day))
        return rates_of_groups(part, self.offset, **self._bootstrap)

    def mixed_model(self, until: float | None = None, baseline: Baseline = "group") -> GrowthModel:
        """Linear mixed model of log volume, up to a day (the last of the vehicle without one)."""
        last = self.last_of_vehicle if until is None else until
        return growth_model(self.sizes, last, offset=self.offset, baseline=baseline)

    def survival(self, size: float | None = None) -> Survival:
        """Time to a volume (the first day on which it was reached), or to death where deaths were seen; by arm.

        Mice that leave before are censored on their last day. Without a size it is 1,000 mm3 if half of the vehicle's
        mice get there, else the largest volume of their middle mouse, rounded down.
        """
        if self.deaths is not None and size is None:
            return kaplan_meier(*self.deaths, self.sizes.groups, unit="d")
        wanted = self.usual_size if size is None else float(size)
        if not wanted > 0:
            raise InputError("a size is above 0", where="size", found=str(size), example="1000")
        times, events = [], []
        for row in self.sizes.values:
            over = np.flatnonzero(row >= wanted)
            last = np.flatnonzero(np.isfinite(row))[-1]
            times.append(float(self.sizes.times[over[0] if over.size else last]))
            events.append(float(bool(over.size)))
        return kaplan_meier(times, events, self.sizes.groups, unit="d")

    @cached_property
    def usual_size(self) -> float:
        """The size of `survival` without one (mm3, or 1/s)."""
        largest = np.nanmax(self.sizes.values[self.sizes.of(self.vehicle)], axis=1)
        if (largest >= USUAL_SIZE).mean() >= HALF and self.sizes.unit == "mm3":
            return USUAL_SIZE
        middle = float(np.sort(largest)[(largest.size - 1) // 2])
        digits = 10 ** (math.floor(math.log10(middle)) - 1)
        return math.floor(middle / digits) * digits

    def log_rank(self, arm: str, size: float | None = None) -> LogRank:
        """Log-rank test of an arm against the vehicle on the times of `survival`."""
        return self.survival(size).log_rank(self.vehicle, arm)

    def bliss(self, both: str = "", day: float | None = None) -> Joint:
        """Bliss and HSA of a combination (the only one without a name) on a day; see `statistics.joint`."""
        if not both and len(self.combinations) != 1:
            known = ", ".join(self.combinations) or "an arm of two drugs beside the arms of each"
            raise InputError("which combination", found=f"{len(self.combinations)} of them", expected=known)
        name = both or next(iter(self.combinations))
        if name not in self.combinations:
            raise InputError("this is no combination with the arms of its single drugs", found=name,
                             expected=", ".join(self.combinations))  # fmt: skip
        at = self.sizes.last_common((self.vehicle, *self.combinations[name], name)) if day is None else self._day(day)
        return joint(self.sizes, name, self.combinations[name], at, offset=self.offset, **self._bootstrap)

    def power(
        self, arm: str, subjects: Sequence[int] = (4, 6, 8, 10, 12), *, studies: int = 500, limit: float | None = None
    ) -> Power:
        """Mice per arm to tell an arm's growth rate from the vehicle's, with the rates and spreads that the mixed model
        found here; simulated studies take mice out at `limit` (that of the study without one)."""
        fitted = self.mixed_model()
        start = self.sizes.values[:, 0]
        plan = Plan(
            tuple(self.sizes.times[self.sizes.times <= self.last_of_vehicle]), float(np.exp(np.log(start).mean())),
            fitted.rate(self.vehicle).value, fitted.rate(arm).value, fitted.between, fitted.residual, fitted.intercept,
            limit or self.limit or math.inf,
        )  # fmt: skip
        return power_of(plan, subjects, studies=studies, seed=self.seed)

    def summary(self, day: float | None = None, size: float | None = None) -> pd.DataFrame:
        """One row per arm: mice, those measured on the day, mean volume, TGI in both forms with intervals, T/C, growth
        rate from the area under log volume to that day and the median ratio of such rates to the vehicle's, growth
        rate, its difference from the vehicle and p of the mixed model, median days to the size, p of the log-rank."""
        import pandas as pd

        at, surviving = self._day(day), self.survival(size)
        rates, until = self.growth_rates(at), self.sizes.until(at)
        change, ratio, ratio_of_means = self.TGI(at), self.TGI(at, "ratio"), self.T_over_C(at)
        try:
            fitted = self.mixed_model()
        except (InputError, SolveError):
            fitted = None
        column, rows = self.sizes.column(at), []
        for arm in self.arms:
            own = self.sizes.values[self.sizes.of(arm), column]
            row: dict[str, Any] = {
                "arm": arm, "mice": own.size, "day": at, "measured": int(np.isfinite(own).sum()),
                "mean": float(np.nanmean(own)) if np.isfinite(own).any() else math.nan,
            }  # fmt: skip
            blank = Estimate(math.nan)
            for name, found in (("TGI_change", change), ("TGI_ratio", ratio), ("T_over_C", ratio_of_means)):
                e = found.get(arm, blank)
                row |= {f"{name}_%": e.value, f"{name}_low": e.low, f"{name}_high": e.high}
            row |= {"AUC_rate_1/d": rates[arm].value, "AUC_rate_low": rates[arm].low, "AUC_rate_high": rates[arm].high}
            row["AUC_ratio"] = median_ratio(until, arm, self.offset)
            row["rate_1/d"] = fitted.rate(arm).value if fitted else math.nan
            if arm == self.vehicle or fitted is None:
                row |= {"difference_1/d": math.nan, "p_mixed": math.nan}
            else:
                row["difference_1/d"] = fitted.difference(arm).value
                row["p_mixed"] = fitted.p({arm: 1.0, self.vehicle: -1.0})
            row["median_d"] = surviving.median(arm).value
            alone = arm == self.vehicle or own.size < 2 or self.sizes.of(self.vehicle).sum() < 2
            row["p_log_rank"] = math.nan if alone else surviving.log_rank(self.vehicle, arm).p
            rows.append(row)
        return pd.DataFrame(rows)

    def excised(self) -> pd.DataFrame:
        """One row per mouse that was there at the end: mouse, arm, weight (g) of its tumour."""
        import pandas as pd

        columns = ["mouse", "arm", "weight_g"]
        if self.weights is None:
            return pd.DataFrame(columns=columns)
        there = np.flatnonzero(np.isfinite(self.weights))
        rows = [(self.sizes.subjects[i], self.sizes.groups[i], float(self.weights[i])) for i in there]
        return pd.DataFrame(rows, columns=columns)

    # -- where it comes from -------------------------------------------------------------------------------

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers behind a simulation; those of a file are its own."""
        if self.model is None:
            return {"file": Source("file", self.name)}
        found = self.model.sources() | (self.design.sources() if self.design else {})
        return {key: sources().get(key, source) for key, source in found.items()}

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Addresses of the numbers behind a simulation that are assumed or recalled."""
        if self.model is None:
            return ()
        own = self.design.values if self.design else {}
        return (*self.model.assumptions, *(a for a, q in own.items() if q.grade in ("assumed", "recalled", "anecdote")))

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        at = self.day
        change, ratio = self.TGI(at), self.TGI(at, "ratio")
        counts = self.sizes.measured(at)
        lines = [f"{self.name}: {len(self.sizes.subjects)} mice in {len(self.arms)} arms, TGI on day {at:g}"]
        for arm in self.arms:
            there, n = counts[arm]
            said = "control" if arm == self.vehicle else f"TGI {change[arm]} of changes, {ratio[arm]} of ratios"
            lines.append(f"  {arm} ({there} of {n} mice): {said}")
        lines += [f"  {both} against {' and '.join(singles)}: Bliss, log ratio {self.bliss(both)['Bliss, log ratio']}"
                  for both, singles in self.combinations.items()]  # fmt: skip
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])

    __repr__ = __str__

    @property
    def _bootstrap(self) -> dict[str, Any]:
        return {"seed": self.seed, "draws": self.draws, "kind": self.interval, "blocked": self.blocked}

    def _day(self, day: float | None) -> float:
        if day is None:
            return self.day
        if day not in self.sizes.times:
            listed = ", ".join(f"{d:g}" for d in self.sizes.times[:20])
            raise InputError("nothing was measured on this day", where="day", found=f"{day:g}",
                             expected=f"one of {listed}")  # fmt: skip
        return float(day)


def combinations_of_names(arms: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Arm -> the arms of its parts, where its name is theirs joined by "+", however spaced or cased.

    >>> combinations_of_names(["Vehicle", "A", "B", "a+B"])
    {'a+B': ('A', 'B')}
    """
    known = {" ".join(arm.casefold().split()): arm for arm in arms}
    found = {}
    for arm in arms:
        parts = [" ".join(part.casefold().split()) for part in _PLUS.split(arm)]
        if len(parts) > 1 and all(part in known for part in parts) and len(set(parts)) == len(parts):
            found[arm] = tuple(known[part] for part in parts)
    return found
