"""Growth-rate inhibition: what a compound does to the rate of division, whatever that rate is.

    GR         2^(log2 (x / x0) / log2 (control / x0)) - 1          Hafner 2016
    GR(c)      GRinf + (1 - GRinf) / (1 + (c / GEC50)^h_GR)         h_GR in 0.1-5, GRinf in -1-1, as GRmetrics has it
    GR50       concentration at which GR = 1/2
    GRmax      the lower of the mean GRs at the two highest concentrations
    GR_AOC     mean of 1 - GR over the tested decades (trapezoid), 0 without effect

1 is no effect, 0 no growth, below 0 cells are lost. A curve no better than a flat line (F test at 5 %, with the n - 2
degrees of freedom of GRmetrics) has no GEC50; one that does not reach 1/2 in the tested range no GR50: both come back
as NaN with a note and a bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cereblon.bench.plate.columns import folded
from cereblon.bench.plate.fits import Fits
from cereblon.bench.plate.readings import SAMPLE, UNTREATED, Floats, Readings
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.curve import fit
from cereblon.statistics.estimates import Fit

if TYPE_CHECKING:
    import pandas as pd

ALPHA = 0.05
HILL, PLATEAU = (0.1, 5.0), (-1.0, 1.0)
AROUND = 100.0  # how far outside the tested range GEC50 is followed, as GRmetrics does
MIDDLE = 0.5  # share of the control wells that their trimmed mean keeps


@dataclass(frozen=True, eq=False)
class GrowthCurve:
    """One curve: concentrations and GR of each well, the sigmoid, and whether it beats a flat line."""

    name: str
    concentrations: Floats
    GR: Floats
    sigmoid: Fit
    p: float
    notes: tuple[str, ...] = ()

    @property
    def flat(self) -> bool:
        """Whether a flat line does as well."""
        return not self.p < ALPHA

    @property
    def level(self) -> float:
        """The mean of all GR values: the flat line."""
        return float(self.GR.mean())

    @property
    def r2(self) -> float:
        """1 - RSS of the sigmoid over that of the flat line."""
        around = float(((self.GR - self.level) ** 2).sum())
        return 1 - self.sigmoid.RSS / around if around > 0 else math.nan

    @property
    def GR50(self) -> Estimate:
        """Concentration at which the growth rate is halved."""
        return self._no_effect() if self.flat else self.sigmoid.absolute(0.5)

    @property
    def GEC50(self) -> Estimate:
        """Concentration of half the effect that is reached."""
        return self._no_effect() if self.flat else self.sigmoid.EC50

    @property
    def GRinf(self) -> Estimate:
        """GR at the highest effect; the flat line's level where there is none."""
        if self.flat:
            return Estimate(self.level, method="mean of all GR values", note="flat")
        return self.sigmoid.bottom

    @property
    def h_GR(self) -> Estimate:
        """Hill coefficient."""
        return Estimate(math.nan, method="h_GR", note="no effect") if self.flat else self.sigmoid.hill

    def _no_effect(self) -> Estimate:
        note = f"no effect shown (F test against a flat line, p = {self.p:.2g})"
        return Estimate(math.nan, self.sigmoid.unit, method="sigmoid against flat", note=note)

    @property
    def means(self) -> tuple[Floats, Floats]:
        """Concentrations, and the mean GR at each."""
        doses, place = np.unique(self.concentrations, return_inverse=True)
        return doses, np.bincount(place, self.GR) / np.bincount(place)

    @property
    def GRmax(self) -> float:
        """The lower of the mean GRs at the two highest concentrations."""
        return float(self.means[1][-2:].min())

    @property
    def area(self) -> float:
        """The area over the curve: the integral of 1 - GR over log10 of the concentration."""
        doses, GR = self.means
        return float(np.trapezoid(1 - GR, np.log10(doses)))

    @property
    def GR_AOC(self) -> float:
        """The area over the curve, per decade tested."""
        doses, _ = self.means
        return self.area / float(np.log10(doses[-1] / doses[0]))


@dataclass(frozen=True, eq=False)
class Growth:
    """Growth-rate inhibition of each curve; `failed` says why a curve has none, `readings` hold the GR values."""

    curves: Mapping[str, GrowthCurve]
    failed: Mapping[str, str]
    readings: Readings = field(repr=False)

    def __getitem__(self, name: str) -> GrowthCurve:
        if name not in self.curves:
            raise InputError("there is no curve of this name", found=str(name), expected=", ".join(self.curves))
        return self.curves[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.curves)

    def __len__(self) -> int:
        return len(self.curves)

    def table(self) -> pd.DataFrame:
        """One row a curve: GR50, GRmax, GR_AOC, GEC50, GRinf, h_GR with intervals, r2, p, fit, flags."""
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for name, c in self.curves.items():
            notes = [c.GR50.note, c.GEC50.note, c.h_GR.note, *c.notes]
            rows.append(
                {
                    "curve": name, "n": c.GR.size, "unit": c.sigmoid.unit,
                    "GR50": c.GR50.value, "GR50_low": c.GR50.low, "GR50_high": c.GR50.high,
                    "GRmax": c.GRmax, "GR_AOC": c.GR_AOC, "GR_area": c.area,
                    "GEC50": c.GEC50.value, "GEC50_low": c.GEC50.low, "GEC50_high": c.GEC50.high,
                    "GRinf": c.GRinf.value, "h_GR": c.h_GR.value, "r2": c.r2, "p": c.p,
                    "fit": "flat" if c.flat else "sigmoid", "flags": "; ".join(dict.fromkeys(n for n in notes if n)),
                }
            )  # fmt: skip
        rows += [{"curve": name, "flags": f"not fitted: {why}"} for name, why in self.failed.items()]
        return pd.DataFrame(rows)

    def as_fits(self) -> Fits:
        """The sigmoids as fits, for a figure."""
        curves = dict(self.readings.curves())
        return Fits({n: c.sigmoid for n, c in self.curves.items()}, self.failed, curves, self.readings)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        lines = [
            f"{name}: GR50 {c.GR50}, GRmax {c.GRmax:.3g}, GR_AOC {c.GR_AOC:.3g}, GEC50 {c.GEC50}, h_GR {c.h_GR}"
            for name, c in self.curves.items()
        ]
        return "\n".join([*lines, *(f"{name}: not fitted: {why}" for name, why in self.failed.items())])


def growth(readings: Readings, *, progress: Callable[[int, int], None] | None = None) -> Growth:
    """Growth-rate inhibition of the curves of some counts.

    Counts at time 0 and of the control stand on each row (`start`, `control`), or in wells of their own: those of time
    0, and the untreated of the same time; of these wells the mean of the middle half is taken, as GRmetrics does.
    `progress` is told (curves done, curves) after each. Raises InputError where they are missing, or where no curve
    can be fitted.
    """
    if folded(readings.of) in ("gr", "grvalue", "grvalues") and not np.isfinite(readings.start).any():
        counts, values = readings, readings.value
    else:
        counts = readings if np.isfinite(readings.start).any() else with_controls(readings)
        values = GR_values(counts)
    sample = (counts.role == SAMPLE) & (counts.concentration > 0)
    given = replace(counts, value=values, of="GR").where(sample)
    if not given.count:
        raise InputError("there is no sample with a concentration above 0", found=f"{counts.count} wells")
    raw = dict(replace(counts, of="GR").where(sample).curves())
    curves: dict[str, GrowthCurve] = {}
    failed: dict[str, str] = {}
    for done, (name, wells) in enumerate(given.curves(), 1):
        there = np.isfinite(wells.value)
        x, y = wells.concentration[there], wells.value[there]
        try:
            curves[name] = replace(_curve(name, x, y, given.unit), notes=_odd(wells, raw[name], there))
        except InputError as error:
            failed[name] = f"{error.message}: {error.found}".rstrip(": ")
        if progress is not None:
            progress(done, len(raw))
    if not curves:
        raise InputError("no curve can be fitted", found=next(iter(failed.values())))
    return Growth(curves, failed, given)


def _odd(wells: Readings, counts: Readings, there: NDArray[np.bool_]) -> tuple[str, ...]:
    """What is not as it should be among the wells of a curve, said with the wells where the file names them."""
    stalled = np.isfinite(counts.value) & ~there
    below = (counts.value < 0) & np.isfinite(counts.start)

    def said(which: NDArray[np.bool_], what: str) -> list[str]:
        if not which.any():
            return []
        named = [w for w in counts.well[which].tolist() if w]
        at = [f"at {c:.3g}" for c in np.unique(wells.concentration[which])]
        return [f"{int(which.sum())} of {counts.count} wells {what} ({', '.join((named or at)[:5])})"]

    lost = said(stalled, "left out: their control did not grow")
    return tuple(lost + said(below, "with a count below 0, taken as no cell left"))


def _curve(name: str, x: Floats, y: Floats, unit: str) -> GrowthCurve:
    if y.size < 4 or np.unique(x).size < 3:
        raise InputError("too few wells for a growth-rate curve", where=name,
                         found=f"{y.size} wells at {np.unique(x).size} concentrations",
                         expected="4 at 3 of them")  # fmt: skip
    bounds = {"bottom": PLATEAU, "hill": HILL, "EC50": (x.min() / AROUND, x.max() * AROUND)}
    sigmoid = fit(x, y, "4PL", fixed={"top": 1.0}, bounds=bounds, direction=-1, outliers="ignore", unit=unit)
    return GrowthCurve(name, x, y, replace(sigmoid, name=name), _p(y, sigmoid.RSS))


def _p(GR: Floats, RSS: float) -> float:
    """The F test of the sigmoid (3 parameters) against the flat line (1), with n - 2 residual degrees as GRmetrics."""
    from scipy.stats import f

    around = float(((GR - GR.mean()) ** 2).sum())
    if not around > 0:
        return 1.0
    if not RSS > 0:
        return 0.0
    df = GR.size - 2
    return float(f.sf(max(around - RSS, 0.0) / 2 / (RSS / df), 2, df))


def GR_values(readings: Readings) -> Floats:
    """GR of each well from its count, `start` and `control`; -1 where no cell is left, NaN where the control has not
    grown. Raises InputError for counts at time 0 that are not above 0."""
    x, start, control = readings.value, readings.start, readings.control
    bad = np.flatnonzero(~(start > 0) & (readings.role == SAMPLE))
    if bad.size:
        raise InputError("the count at time 0 is a number above 0", where=f"row {bad[0] + 1}",
                         found=f"{start[bad[0]]:g}")  # fmt: skip
    grown = np.where((control > start) & (start > 0), control / np.where(start > 0, start, 1.0), np.nan)
    left = np.maximum(x, 0.0) / np.where(start > 0, start, 1.0)
    with np.errstate(divide="ignore"):
        return np.asarray(2 ** (np.log2(left) / np.log2(grown)) - 1)


def with_controls(readings: Readings) -> Readings:
    """The readings with `start` and `control` on every row, from the wells of time 0 and the untreated ones."""
    if not (readings.time == 0).any():
        raise InputError("growth rates need the count at time 0", expected="columns such as cell_count__time0 and "
                         "cell_count__ctrl, or wells of time 0 and untreated wells",
                         example='columns={"start": "x0", "control": "x_ctrl"}')  # fmt: skip
    start, control = np.full(readings.count, np.nan), np.full(readings.count, np.nan)
    later = readings.time > 0
    names = ("cell", "group", "compound", "time")
    keys = list(zip(*(getattr(readings, name).tolist() for name in names), strict=True))
    found: dict[tuple[Any, ...], tuple[float, float]] = {}  # wells that agree in all of these have the same controls
    for row in np.flatnonzero(later & (readings.role == SAMPLE)).tolist():
        if keys[row] not in found:
            near = (readings.cell == readings.cell[row]) & np.isin(readings.group, ["", readings.group[row]])
            own = near & np.isin(readings.compound, ["", readings.compound[row]])
            untreated = own & later & (readings.role == UNTREATED) & (readings.time == readings.time[row])
            found[keys[row]] = middle(readings.value[near & (readings.time == 0)]), middle(readings.value[untreated])
        start[row], control[row] = found[keys[row]]
    kept = later & (readings.role == SAMPLE)
    lost = kept & (np.isnan(start) | np.isnan(control))
    if lost.any():
        row = int(np.argmax(lost))
        where = " ".join(filter(None, (readings.plate[row], readings.well[row], readings.compound[row])))
        raise InputError("a sample has no untreated well of its time, or none of time 0", where=where,
                         found=f"{readings.cell[row]} at {readings.time[row]:g} h")  # fmt: skip
    return replace(readings, start=start, control=control).where(kept)


def middle(values: Floats) -> float:
    """The mean of the middle half: a quarter of the wells is left out on each side; NaN of nothing."""
    known = np.sort(values[np.isfinite(values)])
    if not known.size:
        return math.nan
    cut = known.size * MIDDLE / 2
    drop = math.floor(cut) if cut % 1 == 0.5 else round(cut)
    return float(known[drop : known.size - drop].mean())
