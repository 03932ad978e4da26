"""Time courses of readings: one fit a compound and concentration, and what cannot be fitted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cereblon.bench.plate.controls import floor_error
from cereblon.bench.plate.readings import SAMPLE, UNTREATED, Readings
from cereblon.ground.errors import InputError
from cereblon.statistics.decay import Decay, decay

if TYPE_CHECKING:
    import pandas as pd

COURSE = ("compound", "concentration", "partner", "partner_concentration", "cell", "group")
"""What the wells of one course have in common."""
POINTS = 120  # of a drawn course


@dataclass(frozen=True, eq=False)
class Decays:
    """Name of a course -> its `Decay`; `failed` says why a course has none. Of a single one, `.only` is the fit."""

    fits: Mapping[str, Decay]
    failed: Mapping[str, str]
    courses: Mapping[str, Readings] = field(repr=False)
    readings: Readings = field(repr=False)

    def __getitem__(self, name: str) -> Decay:
        if name not in self.fits:
            raise InputError("there is no course of this name", found=str(name), expected=", ".join(self.fits))
        return self.fits[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fits)

    def __len__(self) -> int:
        return len(self.fits)

    @property
    def only(self) -> Decay:
        """The fit, where there is one course. Raises InputError where there are several."""
        if len(self.fits) != 1:
            raise InputError("there are several courses", found=", ".join(self.fits), expected="the name of one")
        return next(iter(self.fits.values()))

    def table(self) -> pd.DataFrame:
        """One row a course: what tells it apart, half-time, rate, lag, plateau and depth with intervals, flags."""
        import pandas as pd

        rows = []
        for name, one in self.fits.items():
            row: dict[str, Any] = {"course": name, **self._labels(name), "n": one.count}
            for what in ("half_time", "rate", "lag", "plateau", "depth"):
                e = getattr(one, what)
                row |= {what: e.value, f"{what}_low": e.low, f"{what}_high": e.high}
            rows.append(row | {"residual_SE": one.residual_SE, "df": one.df, "p_change": one.p_change,
                               "flags": "; ".join(one.flags)})  # fmt: skip
        for name, why in self.failed.items():
            rows.append({"course": name, **self._labels(name), "flags": f"not fitted: {why}"})
        return pd.DataFrame(rows)

    def _labels(self, name: str) -> dict[str, Any]:
        wells = self.courses[name]
        first = int(np.flatnonzero(wells.role == SAMPLE)[0])
        labels = {column: getattr(wells, column)[first] for column in COURSE}
        return {column: value for column, value in labels.items() if value not in ("", 0)}

    def points(self) -> pd.DataFrame:
        """The readings that were fitted: course, time (h), value."""
        import pandas as pd

        parts = [pd.DataFrame({"course": n, "time": _times(w), "value": w.value}) for n, w in self.courses.items()]
        return pd.concat(parts, ignore_index=True).dropna(subset=["value"])

    def lines(self) -> pd.DataFrame:
        """The fitted courses: course, time (h), value."""
        import pandas as pd

        parts = []
        for name, one in self.fits.items():
            t = np.linspace(0.0, float(one.course.t.max()), POINTS)
            parts.append(pd.DataFrame({"course": name, "time": t, "value": one.predict(t)}))
        return pd.concat(parts, ignore_index=True)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        failed = [f"{name}: not fitted: {why}" for name, why in self.failed.items()]
        return "\n".join([*map(str, self.fits.values()), *failed])


def decays(
    readings: Readings,
    *,
    normalise: str | None = None,
    lag: bool = False,
    weights: str | None = None,
    level: float = 0.95,
) -> Decays:
    """A course in time for each compound and concentration (cell, partner, group) of the readings.

    `normalise` "untreated" or "positive" puts the readings over their controls first. Untreated wells that carry no
    time are readings at time 0 of every course on their plates; the blanks' own error widens plateau and depth. `lag`,
    `weights` and `level` as in `statistics.decay.decay`. A course that cannot be fitted is listed with its reason.
    Raises InputError when none can, or when no sample has a time.
    """
    given = readings if normalise is None else readings.normalised(normalise)
    courses = dict(_courses(given))
    if not courses:
        raise InputError("no sample has a time", found=f"{given.count} wells", expected="a column of times (h)",
                         example="compound,concentration (nM),time (h),value")  # fmt: skip
    found: dict[str, Decay] = {}
    failed: dict[str, InputError] = {}
    for name, wells in courses.items():
        try:
            one = decay(_times(wells), wells.value, lag=lag, weights=weights, level=level, name=name)
            found[name] = replace(one, floor=floor_error(given, wells)) if normalise else one
        except InputError as error:
            failed[name] = error
    if not found:
        raise next(iter(failed.values()))
    reasons = {name: f"{error.message}: {error.found}".rstrip(": ") for name, error in failed.items()}
    return Decays(found, reasons, courses, given)


def _times(wells: Readings) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Hours; 0 for untreated wells without a time."""
    return np.where((wells.role == UNTREATED) & np.isnan(wells.time), 0.0, wells.time)


def _courses(readings: Readings) -> Iterator[tuple[str, Readings]]:
    """(name, wells) of each course, in the order of the file."""
    sample = (readings.role == SAMPLE) & np.isfinite(readings.time) & (readings.concentration > 0)
    keys = list(zip(*(getattr(readings, name).tolist() for name in COURSE), strict=True))
    members: dict[tuple[Any, ...], list[int]] = {}
    for row in np.flatnonzero(sample):
        members.setdefault(keys[row], []).append(int(row))
    several = [len({key[k] for key in members}) > 1 for k in range(len(COURSE))]
    unit = {"1": ""}.get(readings.unit, f" {readings.unit}")
    start = (readings.role == UNTREATED) & (np.isnan(readings.time) | (readings.time == 0))
    for key, rows in members.items():
        compound, concentration, partner, other, cell, group = key
        words = [compound, f"{concentration:g}{unit}", f"+ {other:.4g} {partner}" if partner and other else "",
                 cell if several[4] else "", group if several[5] else ""]  # fmt: skip
        mask = start & np.isin(readings.plate, readings.plate[rows]) & np.isin(readings.cell, ["", cell])
        mask[rows] = True
        yield " ".join(filter(None, words)), readings.where(mask)
