"""The Hill curve of a single agent, one or many at once.

    E(d) = E0 + (Emax - E0) / (1 + (EC50 / d)^hill)          E on the survival scale: 1 untreated, 0 dead

Every number may be an array: a bootstrap is a curve whose numbers have one entry per draw. A fit has its EC50 and its
steepness in the logarithm, and no plateau leaves the range of a survival: see `Box`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.statistics.least_squares import Minimum, least_squares

Floats = NDArray[np.float64]

LEAST_DOSES = 3  # doses above 0 below which a curve is no estimate
_STEEP = (0.1, 10.0)  # at 10 a curve is a step between two doses of any usual dilution
_DEEPER = 1.0  # the whole effect once more
_BEYOND = 1e3  # an EC50 may lie so many times outside the tested doses before it is held


@dataclass(frozen=True)
class Hill:
    """One curve, or many: `E0`, `Emax` (survival), `hill`, `EC50` (unit of the doses) broadcast together.

    >>> curve = Hill(E0=1, Emax=0, hill=1, EC50=2)
    >>> float(curve(2)), float(curve.dose(0.75)) == 2 / 3
    (0.5, True)
    """

    E0: Floats | float
    Emax: Floats | float
    hill: Floats | float
    EC50: Floats | float

    def __call__(self, dose: ArrayLike) -> Floats:
        """Effect at `dose`."""
        return np.asarray(self.E0 + (self.Emax - self.E0) * share(dose, self.hill, self.EC50))

    def dose(self, effect: ArrayLike) -> Floats:
        """The dose of an effect: 0 at E0 or short of it, infinite at Emax or beyond it, where no dose is enough."""
        E = np.asarray(effect, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            reached = (self.E0 - E) / (np.asarray(self.E0) - self.Emax)  # 0 at E0, 1 at Emax
            found = self.EC50 * np.power(reached / (1 - reached), 1 / np.asarray(self.hill))
        found = np.where(reached >= 1, np.inf, np.where(reached <= 0, 0.0, found))
        return np.asarray(np.where(np.isnan(reached), np.nan, found))

    def slopes(self, dose: Floats) -> Floats:
        """(B, 4, N): slope of the effect by each of `numbers`, for curves (B, 1) at doses (N,)."""
        u = log_ratio(dose, self.hill, self.EC50)
        s = 1 / (1 + np.exp(-u))
        bend = (np.asarray(self.Emax) - self.E0) * s * (1 - s)
        return np.stack([1 - s, s, bend * u, -bend * self.hill], axis=1)

    @property
    def numbers(self) -> Floats:
        """(B, 4): E0, Emax, log hill, log EC50, as a fit has them."""
        parts = np.broadcast_arrays(self.E0, self.Emax, np.log(self.hill), np.log(self.EC50))
        return np.stack([np.ravel(part) for part in parts], axis=-1)

    @classmethod
    def of(cls, numbers: Floats) -> Hill:
        """The curves of the numbers (B, 4) of a fit; each attribute is (B, 1), beside doses along the last axis."""
        E0, Emax, log_hill, log_EC50 = (numbers[:, i : i + 1] for i in range(4))
        return cls(E0, Emax, np.exp(log_hill), np.exp(log_EC50))


def share(dose: ArrayLike, hill: ArrayLike, EC50: ArrayLike) -> Floats:
    """1 / (1 + (EC50 / dose)^hill): 0 without drug, to 1."""
    return 1 / (1 + np.exp(-log_ratio(dose, hill, EC50)))


def log_ratio(dose: ArrayLike, hill: ArrayLike, EC50: ArrayLike) -> Floats:
    """hill log(dose / EC50), within +-200 so that its powers stay numbers; a dose of 0 is the lower end."""
    with np.errstate(divide="ignore"):
        log = np.log(np.asarray(dose, dtype=np.float64)) - np.log(np.asarray(EC50, dtype=np.float64))
    return np.clip(np.asarray(hill) * log, -200.0, 200.0)


@dataclass(frozen=True)
class Box:
    """The bounds of fits to one matrix: no plateau below 0 survival (or below what was seen), none above twice what
    was seen.

    With `floor=False` a plateau may lie below 0 by as much as the whole effect: a curve that is cut off before it
    levels off may then end at a survival that no cell can have.
    """

    bottom: float
    top: float

    @classmethod
    def around(cls, effects: Floats, floor: bool = True) -> Box:
        """The bounds for these effects."""
        seen = max(1.0, float(np.nanmax(effects)))
        bottom = min(0.0, float(np.nanmin(effects)))
        return cls(bottom if floor else bottom - _DEEPER, 2 * seen)

    def dose(self, doses: Floats) -> tuple[float, float]:
        """Bounds of log EC50 for a drug tested at `doses`."""
        tested = doses[doses > 0]
        return float(np.log(tested.min() / _BEYOND)), float(np.log(tested.max() * _BEYOND))

    def steepness(self) -> tuple[float, float]:
        """Bounds of log hill."""
        return float(np.log(_STEEP[0])), float(np.log(_STEEP[1]))


def fit_curves(
    doses: Floats,
    effects: Floats,
    weights: Floats,
    box: Box,
    *,
    E0: Floats | None = None,
    starts: Iterable[Floats] = (),
) -> tuple[Hill, Minimum]:
    """One curve through each row of `effects` (B, N) at `doses` (N,) with `weights` (N,), the untreated dose 0
    included.

    Four numbers; three where `E0` (B,) is given (the effect of a partner, Yadav 2015). Without `starts` ((B, 4) each)
    a grid of EC50 and steepness is searched first, so that the fit is the best one and not the nearest.
    """
    drawn = effects.shape[0]
    given = list(starts) or _best_starts(doses, effects, weights, box, E0)
    (low_h, high_h), (low_c, high_c) = box.steepness(), box.dose(doses)
    low, high = np.array([box.bottom, box.bottom, low_h, low_c]), np.array([box.top, box.top, high_h, high_c])
    free = slice(0, 4) if E0 is None else slice(1, 4)

    def whole(p: Floats, rows: NDArray[np.intp]) -> Floats:
        return p if E0 is None else np.concatenate([E0[rows % drawn, None], p], axis=1)

    def predict(p: Floats, rows: NDArray[np.intp]) -> Floats:
        return Hill.of(whole(p, rows))(doses)

    def slopes(p: Floats, rows: NDArray[np.intp]) -> Floats:
        return Hill.of(whole(p, rows)).slopes(doses)[:, free]

    stacked = np.concatenate(given)[:, free]
    found = least_squares(
        predict, stacked, np.tile(effects, (len(given), 1)), weights, low=low[free], high=high[free], slopes=slopes
    )
    best = found.squares.reshape(len(given), drawn).argmin(axis=0) * drawn + np.arange(drawn)
    chosen = Minimum(found.numbers[best], found.squares[best], found.settled[best])
    full = chosen.numbers if E0 is None else np.concatenate([E0[:, None], chosen.numbers], axis=1)
    return Hill.of(full), chosen


def _best_starts(
    doses: Floats, effects: Floats, weights: Floats, box: Box, E0: Floats | None, keep: int = 3
) -> list[Floats]:
    """The `keep` best of a grid of EC50 and hill; for each of them the plateaus follow from a straight line."""
    tested = np.unique(doses[doses > 0])
    places = np.exp(np.linspace(np.log(tested[0] / 2), np.log(tested[-1] * 2), 4 * tested.size + 1))
    grid = [(h, c) for h in (0.5, 1.0, 2.0, 4.0, 8.0) for c in places]
    candidates, costs = [], []
    for h, c in grid:
        s = share(doses, h, c)
        top, drop = _line(s, effects, weights, E0)
        top, bottom = np.clip(top, box.bottom, box.top), np.clip(top + drop, box.bottom, box.top)
        missed = effects - (top[:, None] + (bottom - top)[:, None] * s)
        costs.append(np.nansum(weights * missed**2, axis=1))
        size = np.ones_like(top)
        candidates.append(np.stack([top, bottom, np.log(h) * size, np.log(c) * size], axis=1))
    order = np.argsort(np.stack(costs), axis=0, kind="stable")[:keep]
    table = np.stack(candidates)
    return [table[one, np.arange(effects.shape[0])] for one in order]


def _line(s: Floats, effects: Floats, weights: Floats, E0: Floats | None) -> tuple[Floats, Floats]:
    """Intercept and slope of each row of effects on s, weighted; the intercept is E0 where it is given."""
    w = np.where(np.isfinite(effects), weights, 0.0)
    y = np.where(np.isfinite(effects), effects, 0.0)
    if E0 is not None:
        return E0, (w * s * (y - E0[:, None])).sum(axis=1) / np.maximum((w * s * s).sum(axis=1), 1e-12)
    total = w.sum(axis=1)
    mean_s, mean_y = (w * s).sum(axis=1) / total, (w * y).sum(axis=1) / total
    spread = (w * (s - mean_s[:, None]) ** 2).sum(axis=1)
    slope = (w * (s - mean_s[:, None]) * (y - mean_y[:, None])).sum(axis=1) / np.maximum(spread, 1e-12)
    return mean_y - slope * mean_s, slope
