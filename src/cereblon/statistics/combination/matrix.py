"""A combination matrix: two doses a well, and what survived there, replicates gathered.

The doses need no grid: single agents, rays of a fixed ratio and full matrices are all conditions (dose 1, dose 2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.ground.errors import InputError
from cereblon.statistics.combination.hill import LEAST_DOSES, Floats

_EXACT = 1e-6


@dataclass(frozen=True)
class Matrix:
    """Conditions sorted by dose 1, then dose 2: all arrays are (K,).

    `mean` is survival (1 untreated, 0 dead), `sd` its standard deviation over the `n` wells of the condition (NaN for
    one). `names` and `units` are those of the two drugs. `over_control`: responses are over the mean of these
    untreated wells, so that an error of that mean is in all of them.
    """

    dose1: Floats
    dose2: Floats
    mean: Floats
    sd: Floats
    n: NDArray[np.int64]
    names: tuple[str, str] = ("drug 1", "drug 2")
    units: tuple[str, str] = ("", "")
    over_control: bool = False

    @classmethod
    def of_wells(
        cls,
        dose1: ArrayLike,
        dose2: ArrayLike,
        survival: ArrayLike,
        *,
        names: tuple[str, str] = ("drug 1", "drug 2"),
        units: tuple[str, str] = ("", ""),
        over_control: bool | None = None,
    ) -> Matrix:
        """Gather wells, three arrays of one length; wells without a number (NaN) do not count.

        Unless `over_control` is said, it is so where several untreated wells have the mean 1 exactly.

        Raises InputError for doses that are negative or not finite, without any pair of doses, or without the single
        agents.

        >>> wells = Matrix.of_wells([0, 1, 0, 1, 1], [0, 0, 1, 1, 1], [1, 0.5, 0.4, 0.1, 0.3])
        >>> wells.mean.tolist(), wells.n.tolist()
        ([1.0, 0.4, 0.5, 0.2], [1, 1, 1, 2])
        """
        a, b, y = (np.atleast_1d(np.asarray(v, dtype=np.float64)) for v in (dose1, dose2, survival))
        if not a.shape == b.shape == y.shape or a.ndim != 1:
            raise InputError("each well has two doses and a response", found=f"{a.size}, {b.size} and {y.size} numbers")
        doses = np.stack([a, b])
        if not (np.isfinite(doses).all() and (doses >= 0).all()):
            raise InputError("a dose is a number from 0 up", found=str(doses[~(doses >= 0)][:3]), example="0.5")
        if np.isinf(y).any():
            raise InputError("a response is a finite number", found="inf", example="0.8")
        seen = np.isfinite(y)
        if not seen.any():
            raise InputError("no well has a response", found=f"{y.size} wells without a number")
        pairs, place = np.unique(doses[:, seen], axis=1, return_inverse=True)
        place, y = place.ravel(), y[seen]
        n = np.bincount(place)
        mean = np.bincount(place, y) / n
        with np.errstate(divide="ignore", invalid="ignore"):
            sd = np.sqrt(np.bincount(place, (y - mean[place]) ** 2) / (n - 1))
        if over_control is None:
            control = (pairs == 0).all(axis=0)
            over_control = bool((control & (n > 1) & (np.abs(mean - 1) < _EXACT)).any())
        found = cls(pairs[0], pairs[1], mean, np.where(n > 1, sd, np.nan), n, names, units, over_control)
        found._check()
        return found

    def _check(self) -> None:
        if not self.together.any():
            raise InputError(
                "no well holds both drugs",
                found=f"{self.mean.size} conditions of {self.names[0]} and {self.names[1]}",
                expected="wells with both doses above 0",
            )
        for i, name in enumerate(self.names):
            if not (self.alone(i) & (self.dose(i) > 0)).any():
                raise InputError(
                    f"no well holds {name} alone",
                    found=f"{self.together.sum()} conditions of both drugs",
                    expected="each drug alone at the doses of the combination: every reference is made of them",
                )

    def dose(self, drug: int) -> Floats:
        """Doses of drug 0 or 1."""
        return self.dose2 if drug else self.dose1

    def alone(self, drug: int) -> NDArray[np.bool_]:
        """Conditions without the other drug, the untreated one among them."""
        return self.dose(1 - drug) == 0

    @property
    def together(self) -> NDArray[np.bool_]:
        """Conditions with both drugs."""
        return (self.dose1 > 0) & (self.dose2 > 0)

    @property
    def untreated(self) -> NDArray[np.bool_]:
        """The condition without drug, if there is one."""
        return (self.dose1 == 0) & (self.dose2 == 0)

    def has_curve(self, drug: int) -> bool:
        """Whether a drug alone was tested at enough doses for a curve."""
        return int((self.alone(drug) & (self.dose(drug) > 0)).sum()) >= LEAST_DOSES

    def of_single(self, drug: int, means: Floats) -> Floats:
        """Measured effect of a drug alone at each condition's dose of it, (B, K); NaN where it was not tested alone."""
        doses, alone = self.dose(drug), np.flatnonzero(self.alone(drug))
        at = {float(doses[k]): k for k in alone}
        index = np.array([at.get(float(d), -1) for d in doses])
        return np.where(index >= 0, means[:, index], np.nan)
