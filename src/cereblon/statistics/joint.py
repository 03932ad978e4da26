"""Two treatments and both: do they hold growth back by more than they would together without knowing of each other?

Positive is synergy in every row. RTV is the mean of size over start, C the control, A, B, ... the single ones:

    Bliss, log ratio      sum ln RTV_single - (N - 1) ln RTV_C - ln RTV_both             CombPDX, N singles
    HSA, log ratio        ln min RTV_single - ln RTV_both
    Bliss, TGI            TGI_both - (1 - product (1 - TGI_single)), in points of TGI by changes of size
    HSA, TGI              TGI_both - max TGI_single
    Bliss, growth rate    sum k_single - (N - 1) k_C - k_both, k of `growth.growth_rates`, in 1/d

The first and last ask on the scale of growth itself, TGI on that of what is seen on one day: with the same data they
may differ in sign, and the result then says so. The R package invivoSyn prints the same numbers under other names: its
CombPDX CI is the first row (its limits are those of 90 %), its TGI synergy score is Bliss, TGI, and its AUC
combination index is exp(-21 d x last row), so below 1 is synergy there; it adds 1 mm3 to every volume in a logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.growth import Floats, Sizes, growth_rates, mean_of, resampled
from cereblon.statistics.resampling import DRAWS, LEVEL, Interval, interval

if TYPE_CHECKING:
    import pandas as pd

ROWS = ("Bliss, log ratio", "Bliss, log ratio, all days", "HSA, log ratio", "Bliss, TGI", "HSA, TGI",
        "Bliss, growth rate")  # fmt: skip


@dataclass(frozen=True)
class Joint:
    """Scores of one combination on one day, by the names of `ROWS`; `p` is the share of draws at or below 0."""

    both: str
    singles: tuple[str, ...]
    at: float
    scores: Mapping[str, Estimate]
    p: Mapping[str, float] = field(repr=False)
    error: float = math.nan  # of "Bliss, log ratio", by the delta method
    notes: tuple[str, ...] = ()

    def __getitem__(self, row: str) -> Estimate:
        return self.scores[row]

    @property
    def disagree(self) -> bool:
        """Whether references whose interval leaves 0 out differ in sign."""
        clear = [s.value for s in self.scores.values() if s.low > 0 or s.high < 0]
        return bool(clear) and min(clear) < 0 < max(clear)

    def table(self) -> pd.DataFrame:
        """One row per score: both, day, score, value, unit, low, high, p (one-sided, of no synergy), error (by the
        delta method, of the first)."""
        import pandas as pd

        rows = [
            {"both": self.both, "day": self.at, "score": name, "value": s.value, "unit": s.unit, "low": s.low,
             "high": s.high, "p": self.p[name], "error": self.error if name == ROWS[0] else math.nan,
             "note": s.note}
            for name, s in self.scores.items()
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        rows = [f"{self.both} against {' and '.join(self.singles)} on day {self.at:g} (positive = synergy)"]
        rows += [f"  {name}: {score}" for name, score in self.scores.items()]
        if self.disagree:
            rows.append("  the references disagree in sign")
        return "\n".join([*rows, *(f"  {note}" for note in self.notes)])


def joint(
    sizes: Sizes,
    both: str,
    singles: Sequence[str],
    at: float | None = None,
    *,
    offset: float = 0.0,
    seed: int = 1,
    draws: int = DRAWS,
    level: float = LEVEL,
    kind: Interval = "expanded",
    blocked: bool = False,
) -> Joint:
    """The scores of the group `both` against its `singles` at a time (`Sizes.last_common` of these without one).

    Subjects are drawn again with all their days, so that rows of one result belong together. `offset` and `blocked` as
    in `growth`. Raises InputError for groups that are not there or not apart.
    """
    named = (sizes.control, *singles, both)
    if len(singles) < 2 or len(set(named)) < len(named):
        raise InputError("a combination and its single treatments are groups of their own", found=", ".join(named),
                         example='joint(sizes, "A + B", ["A", "B"])')  # fmt: skip
    day = sizes.last_common(named) if at is None else float(at)
    column = sizes.column(day)
    again = resampled(sizes, named, seed, draws, blocked)

    def means(values: Floats) -> dict[str, Floats]:
        """Group -> its mean over subjects with a number, then those of the draws; NaN where nobody has one."""
        return {group: mean_of(values[numbers]) for group, numbers in again.items()}

    relative = means(sizes.relative[:, column])
    change = means(sizes.values[:, column] - sizes.values[:, 0])
    rate = means(growth_rates(sizes.until(day), offset))
    found: dict[str, tuple[Floats, str]] = {}
    log_ratio = {group: _log(x) for group, x in relative.items()}
    found["Bliss, log ratio"] = _bliss(log_ratio, named), "1"
    daily = [_bliss({g: _log(x) for g, x in means(sizes.relative[:, i]).items()}, named)
             for i in range(1, column + 1)]  # fmt: skip
    # invivoSyn's global index: the mean over the days on which every group was measured
    shared = [x for x in daily if math.isfinite(x[0])]
    found["Bliss, log ratio, all days"] = (np.mean(shared, axis=0) if shared else daily[-1] * math.nan), "1"
    single_logs = np.array([log_ratio[g] for g in singles])
    found["HSA, log ratio"] = single_logs.min(axis=0) - log_ratio[both], "1"
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = np.where(change[sizes.control] > 0, change[sizes.control], math.nan)
        left = {group: change[group] / grown for group in (*singles, both)}
    singly = np.array([left[g] for g in singles])
    found["Bliss, TGI"] = 100 * (singly.prod(axis=0) - left[both]), "%"
    found["HSA, TGI"] = 100 * (singly.min(axis=0) - left[both]), "%"
    found["Bliss, growth rate"] = _bliss(rate, named), f"1/{sizes.time_unit}"

    counts = [numbers.shape[1] for numbers in again.values()]
    note = sizes.missing(day, named)
    scores, p = {}, {}
    for name in ROWS:
        values, unit = found[name]
        method = f"{name} at {day:g} {sizes.time_unit}"
        scores[name] = interval(float(values[0]), values[1:], counts, unit=unit, level=level, kind=kind, method=method)
        finite = values[1:][np.isfinite(values[1:])]
        p[name] = float((finite <= 0).mean()) if finite.size and math.isfinite(values[0]) else math.nan
    error = _delta(sizes, column, named)
    return Joint(both, tuple(singles), day, scores, p, error, (note,) if note else ())


def _bliss(x: Mapping[str, Floats], named: Sequence[str]) -> Floats:
    """Sum of the single ones less (N - 1) times the control less both; `named` is control, singles, both."""
    control, *singles, both = named
    return np.asarray(sum(x[g] for g in singles) - (len(singles) - 1) * x[control] - x[both])


def _delta(sizes: Sizes, column: int, named: Sequence[str]) -> float:
    """Standard error of "Bliss, log ratio" by the delta method, as CombPDX has it."""
    weights = {named[0]: len(named) - 3}  # N - 1
    total = 0.0
    for group in named:
        x = sizes.relative[sizes.of(group), column]
        x = x[np.isfinite(x)]
        if x.size < 2:
            return math.nan
        total += weights.get(group, 1) ** 2 * float(x.var(ddof=1)) / (x.size * float(x.mean()) ** 2)
    return math.sqrt(total)


def _log(x: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(x))
