"""Dose-response curves of readings: one fit a compound (cell, time, partner, group), and what cannot be fitted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cereblon.bench.plate.controls import floor_error
from cereblon.bench.plate.readings import CURVE, Readings
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.curve import fit_together, pooled_variance
from cereblon.statistics.estimates import Fit
from cereblon.statistics.shape import BOTTOM, TOP, Floats

if TYPE_CHECKING:
    import pandas as pd

POINTS_A_DECADE = 16  # of a drawn curve


@dataclass(frozen=True, eq=False)
class Fits:
    """Name of a curve -> its `Fit`; `failed` says why a curve has none. Of a single curve, `fits.EC50` is its EC50."""

    fits: Mapping[str, Fit]
    failed: Mapping[str, str]
    curves: Mapping[str, Readings] = field(repr=False)
    readings: Readings = field(repr=False)
    stopped: int = 0
    """Curves that were not reached when the user stopped the work; they are among `failed`."""

    def __getitem__(self, name: str) -> Fit:
        if name not in self.fits:
            raise InputError("there is no fit of this name", found=str(name), expected=", ".join(self.fits))
        return self.fits[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fits)

    def __len__(self) -> int:
        return len(self.fits)

    @property
    def only(self) -> Fit:
        """The fit, where there is one curve. Raises InputError where there are several."""
        if len(self.fits) != 1:
            raise InputError("there are several curves", found=", ".join(self.fits), expected="the name of one",
                             example=f'fits["{next(iter(self.fits), "")}"].EC50')  # fmt: skip
        return next(iter(self.fits.values()))

    @property
    def EC50(self) -> Estimate:
        """Of the single curve."""
        return self.only.EC50

    @property
    def IC50(self) -> Estimate:
        """Of the single curve: where half of the untreated reading is left."""
        return self.only.IC50

    @property
    def hill(self) -> Estimate:
        """Of the single curve."""
        return self.only.hill

    @property
    def unit(self) -> str:
        """The unit of the concentrations."""
        return self.readings.unit

    def table(self) -> pd.DataFrame:
        """One row a curve: what tells it apart, EC50 with interval, the other parameters, quality of the fit, flags."""
        import pandas as pd

        rows = [self._row(name, one) for name, one in self.fits.items()]
        for name, why in self.failed.items():
            rows.append({"curve": name, **self._labels(name), "flags": f"not fitted: {why}"})
        return pd.DataFrame(rows)

    def _labels(self, name: str) -> dict[str, Any]:
        """What tells the curves apart, where the readings say it."""
        wells = self.curves[name]
        rows = wells.where(wells.role == "sample")
        out: dict[str, Any] = {}
        for column in CURVE:
            value = getattr(rows, column)[0]
            if value not in ("", 0) and not (column == "time" and math.isnan(value)):
                out[column] = value
        return out

    def _row(self, name: str, one: Fit) -> dict[str, Any]:
        e, h = one.EC50, one.hill.value
        bottom, top = (float(one.theta[column]) for column in (BOTTOM, TOP))  # their intervals are in `parameters()`
        return {
            "curve": name, **self._labels(name), "model": one.model, "n": one.count, "unit": e.unit,
            "EC50": e.value, "EC50_low": e.low, "EC50_high": e.high,
            "EC50_SE": math.nan if math.isnan(e.value) else one.SE("EC50"),
            "hill": h, "hill_SE": math.nan if math.isnan(h) else one.SE("hill"),
            "bottom": bottom, "bottom_SE": one.SE("bottom"), "top": top, "top_SE": one.SE("top"),
            "IC50": one.IC50.value, "Emax": one.Emax.value, "direction": "falls" if one.falls else "rises",
            "residual_SE": one.residual_SE, "df": one.df, "AIC": one.AIC, "p_effect": one.effect.p,
            "p_lack_of_fit": one.lack_of_fit.p, "flags": "; ".join(one.flags),
        }  # fmt: skip

    def parameters(self) -> pd.DataFrame:
        """One row a curve and parameter: value, SE, low, high, unit, note."""
        import pandas as pd

        parts = [one.table().assign(curve=name, model=one.model) for name, one in self.fits.items()]
        parts += [pd.DataFrame([{"curve": name, "note": f"not fitted: {why}"}]) for name, why in self.failed.items()]
        columns = ["curve", "model", "parameter", "value", "SE", "low", "high", "unit", "note"]
        return pd.concat(parts, ignore_index=True).reindex(columns=columns)

    def points(self) -> pd.DataFrame:
        """The readings that were fitted: curve, concentration, value, outlier (flagged or removed)."""
        import pandas as pd

        rows = []
        for name, wells in self.curves.items():
            one = self.fits.get(name)
            odd = set() if one is None else {*one.outliers.tolist(), *one.removed.tolist()}
            for k, (dose, value) in enumerate(zip(wells.concentration, wells.value, strict=True)):
                if np.isfinite(value):
                    rows.append({"curve": name, "concentration": dose, "value": value, "outlier": k in odd})
        return pd.DataFrame(rows)

    def lines(self) -> pd.DataFrame:
        """The fitted curves over the tested concentrations: curve, concentration, value, low, high."""
        import pandas as pd

        parts = []
        for name, one in self.fits.items():
            doses = one.x[one.x > 0]
            first, last = math.log10(doses.min()), math.log10(doses.max())
            x = np.logspace(first, last, max(2, math.ceil((last - first) * POINTS_A_DECADE) + 1))
            low, high = one.band(x)
            columns = {"concentration": x, "value": one.predict(x), "low": low, "high": high}
            parts.append(pd.DataFrame({"curve": name} | columns))
        return pd.concat(parts, ignore_index=True)

    def save(self, path: str | Path) -> Path:
        """Write `parameters()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.parameters().to_csv(index=False))

    def __str__(self) -> str:
        lines = [str(one) for one in self.fits.values()]
        return "\n".join([*lines, *(f"{name}: not fitted: {why}" for name, why in self.failed.items())])


def fits(
    readings: Readings,
    model: str = "4PL",
    *,
    normalise: str | None = None,
    share: Iterable[str] = (),
    pooled: bool = False,
    fixed: Mapping[str, float] | None = None,
    weights: str | None = None,
    interval: str = "profile",
    level: float = 0.95,
    outliers: str = "flag",
    progress: Callable[[int, int], None] | None = None,
) -> Fits:
    """A curve for each compound, cell, time, partner and group of the readings; replicates count one by one.

    `normalise` "untreated" or "positive" puts the readings over their controls first (`Readings.normalised`). `share`
    are parameters common to all curves, `pooled` a common residual variance (as R's drc has for the curves of a call);
    model, `fixed`, `weights`, `interval`, `level` and `outliers` as in `statistics.curve.fit`. A curve that cannot be
    fitted is listed with its reason. `progress` is told (curves done, curves) after each, with its intervals made;
    Ctrl-C then keeps the curves that are done, and lists the others. Raises InputError when none can, or when there is
    no sample.
    """
    given = readings if normalise is None else readings.normalised(normalise)
    curves: dict[str, Readings] = {}
    for name, wells in given.curves():
        key = name
        while key in curves:
            key += "'"
        curves[key] = wells
    if not curves:
        raise InputError("there is no sample to fit", found=f"{given.count} wells",
                         expected="wells with a concentration above 0")  # fmt: skip
    options: dict[str, Any] = {
        "fixed": fixed, "weights": weights, "interval": interval, "level": level, "outliers": outliers,
        "unit": given.unit,
    }  # fmt: skip
    data = {name: (wells.concentration, wells.value) for name, wells in curves.items()}
    blanks = normalise is not None  # how well they are known that were subtracted
    floors = {name: floor_error(given, wells) if blanks else (0.0, 0) for name, wells in curves.items()}
    shared = [share] if isinstance(share, str) else list(share)
    if shared:
        together = fit_together(data, model, share=shared, **options)
        return Fits({n: replace(one, floor=floors[n]) for n, one in together.items()}, {}, curves, given)
    found, failed = _one_by_one(data, model, options, floors, None if pooled else progress)
    if not found:
        raise next(iter(failed.values()))
    left = [name for name in data if name not in found and name not in failed]
    failed |= {name: InputError("stopped before it was reached") for name in left}
    if pooled:
        found = pooled_variance(found)
    reasons = {name: f"{error.message}: {error.found}".rstrip(": ") for name, error in failed.items()}
    return Fits(found, reasons, curves, given, len(left))


def _one_by_one(
    data: Mapping[str, tuple[Floats, Floats]],
    model: str,
    options: Mapping[str, Any],
    floors: Mapping[str, tuple[float, int]],
    progress: Callable[[int, int], None] | None,
) -> tuple[dict[str, Fit], dict[str, InputError]]:
    """The fits, and why others failed; with `progress` their intervals too, and what is done when work is stopped."""
    found: dict[str, Fit] = {}
    failed: dict[str, InputError] = {}
    try:
        for done, (name, (x, y)) in enumerate(data.items(), 1):
            try:
                one = replace(fit_together({name: (x, y)}, model, **options)[name], floor=floors[name])
                if progress is not None:  # profiles are the longer half of the work, and stay with the curve
                    _ = one.EC50, one.hill, one.bottom, one.top
                found[name] = one
            except InputError as error:
                failed[name] = error
            if progress is not None:
                progress(done, len(data))
    except KeyboardInterrupt:
        if progress is None or not found:
            raise
    return found, failed
