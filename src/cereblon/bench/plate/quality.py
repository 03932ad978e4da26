"""How good a plate is, read from its controls.

    Z'              1 - 3 (s_high + s_low) / |m_high - m_low|                      Zhang 1999
    signal window   (|m_high - m_low| - 3 (s_high + s_low)) / s_high               Sittampalam 1997
    CV              s / m of each control                                          in per cent
    signal over background   m_high / m_low

High is the untreated control or the positive one, whichever reads more; without a positive control, the blank is low.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bench.plate.controls import sets
from cereblon.bench.plate.readings import BLANK, POSITIVE, SAMPLE, UNTREATED, Floats, Readings
from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

EXCELLENT, USABLE = 0.5, 0.0
LEAST = 2  # wells of a control, for a standard deviation


@dataclass(frozen=True)
class PlateQuality:
    """The controls of one plate: means, standard deviations, and what is made of them. NaN: too few wells."""

    plate: str
    high: str
    low: str
    n_high: int
    n_low: int
    mean_high: float
    mean_low: float
    sd_high: float
    sd_low: float
    replicate_CV: float = field(default=np.nan)

    @property
    def Z(self) -> float:
        """The Z' factor; minus infinity where the controls do not differ."""
        gap = abs(self.mean_high - self.mean_low)
        scatter = 3 * (self.sd_high + self.sd_low)
        return 1 - scatter / gap if gap > 0 else -np.inf if scatter >= 0 else np.nan

    @property
    def signal_window(self) -> float:
        """Standard deviations of the high control that fit between the two."""
        gap = abs(self.mean_high - self.mean_low) - 3 * (self.sd_high + self.sd_low)
        return gap / self.sd_high if self.sd_high > 0 else np.nan

    @property
    def CV_high(self) -> float:
        """Coefficient of variation of the high control."""
        return self.sd_high / abs(self.mean_high) if self.mean_high else np.nan

    @property
    def CV_low(self) -> float:
        """Coefficient of variation of the low control."""
        return self.sd_low / abs(self.mean_low) if self.mean_low else np.nan

    @property
    def verdict(self) -> str:
        """excellent (Z' from 0.5), usable (above 0), or not usable; "" where Z' is unknown (Zhang 1999)."""
        if np.isnan(self.Z):
            return ""
        return "excellent" if self.Z >= EXCELLENT else "usable" if self.Z > USABLE else "not usable"


@dataclass(frozen=True)
class Quality:
    """The quality of each plate."""

    plates: tuple[PlateQuality, ...]

    def __iter__(self) -> Iterator[PlateQuality]:
        return iter(self.plates)

    def table(self) -> pd.DataFrame:
        """One row a plate: its controls, Z', signal window, CVs, signal over background, verdict."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "plate": p.plate,
                    "high": f"{p.high} (n {p.n_high})",
                    "low": f"{p.low} (n {p.n_low})",
                    "mean_high": p.mean_high,
                    "mean_low": p.mean_low,
                    "Z_prime": p.Z,
                    "signal_window": p.signal_window,
                    "signal_over_background": p.mean_high / p.mean_low if p.mean_low else np.nan,
                    "CV_high": p.CV_high,
                    "CV_low": p.CV_low,
                    "CV_replicates": p.replicate_CV,
                    "verdict": p.verdict,
                }
                for p in self.plates
            ]
        )

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        return "\n".join(
            f"{p.plate or 'plate'}: Z' {p.Z:.2f} ({p.verdict or 'unknown'}), signal window {p.signal_window:.1f}, "
            f"CV {p.CV_high:.1%} of {p.high} and {p.CV_low:.1%} of {p.low}"
            for p in self.plates
        )


def quality(readings: Readings) -> Quality:
    """Quality of each plate from its untreated wells and its positive controls (or blanks).

    Raises InputError where a plate has no two kinds of control.
    """
    found = tuple(_of(readings, name, wells) for name, wells in sets(readings))
    if not found:
        raise InputError("there is no well to judge")
    return Quality(found)


def _of(readings: Readings, name: str, wells: NDArray[np.bool_]) -> PlateQuality:
    here = {role: _values(readings, wells & (readings.role == role)) for role in (UNTREATED, POSITIVE, BLANK)}
    other = POSITIVE if here[POSITIVE].size else BLANK
    if not here[UNTREATED].size or not here[other].size:
        there = ", ".join(role for role, values in here.items() if values.size) or "none"
        raise InputError("quality needs two kinds of control", where=name, found=there,
                         expected="untreated wells, and positive controls or blanks")  # fmt: skip
    high, low = sorted((UNTREATED, other), key=lambda role: -float(here[role].mean()))
    return PlateQuality(
        name, high, low, here[high].size, here[low].size,
        float(here[high].mean()), float(here[low].mean()), _sd(here[high]), _sd(here[low]),
        _replicate_CV(readings, wells & (readings.role == SAMPLE)),
    )  # fmt: skip


def _values(readings: Readings, mask: NDArray[np.bool_]) -> Floats:
    values = readings.value[mask]
    return np.asarray(values[np.isfinite(values)])


def _sd(values: Floats) -> float:
    return float(values.std(ddof=1)) if values.size >= LEAST else float("nan")


def _replicate_CV(readings: Readings, samples: NDArray[np.bool_]) -> float:
    """Median over the treatments of the coefficient of variation of their replicate wells."""
    rows = np.flatnonzero(samples & np.isfinite(readings.value))
    names = ("compound", "concentration", "partner", "partner_concentration", "cell", "time", "group")
    keys = list(zip(*(getattr(readings, name)[rows].tolist() for name in names), strict=True))
    wells: dict[object, list[int]] = {}
    for key, row in zip(keys, rows, strict=True):
        wells.setdefault(str(key), []).append(int(row))
    together = [readings.value[w] for w in wells.values() if len(w) >= LEAST]
    each = [v.std(ddof=1) / abs(v.mean()) for v in together if v.mean() != 0]
    return float(np.median(each)) if each else float("nan")
