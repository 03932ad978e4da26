"""Between a reader's numbers and those of a least-squares problem."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cereblon.statistics.shape import NATURAL, Floats, logarithms


@dataclass(frozen=True)
class Scale:
    """Between a reader's numbers and those of a `Problem`: log x - centre, (y - shift) / width."""

    centre: float
    shift: float
    width: float

    @classmethod
    def of(cls, data: Sequence[tuple[Floats, Floats]]) -> Scale:
        """The scale of some curves' concentrations and readings."""
        x, y = (np.concatenate([one[k] for one in data]) for k in (0, 1))
        logs = np.log(x[x > 0])
        low, high = float(y.min()), float(y.max())
        return cls(float(logs.min() + logs.max()) / 2, (low + high) / 2, high - low if high > low else 1.0)

    def u(self, x: Floats) -> Floats:
        """Centred logarithms, far below for 0."""
        return logarithms(x) - self.centre

    def y(self, reading: Floats) -> Floats:
        """Scaled readings."""
        return (reading - self.shift) / self.width

    def reading(self, y: Floats) -> Floats:
        """Readings as they were."""
        return self.shift + self.width * y

    def inner(self, name: str, value: float) -> float:
        """A natural parameter inside the problem."""
        if name in ("bottom", "top"):
            return (value - self.shift) / self.width
        return math.log(value) - (self.centre if name == "EC50" else 0.0)

    def held(self, fixed: Mapping[str, float]) -> Floats:
        """The five inner parameters: what is held, and NaN for what is free."""
        return np.array([self.inner(name, fixed[name]) if name in fixed else np.nan for name in NATURAL])

    def bounds(self, bounds: Mapping[str, tuple[float, float]]) -> dict[int, tuple[float, float]]:
        """Column of PARAMETERS -> inner range."""
        return {NATURAL.index(n): (self.inner(n, low), self.inner(n, high)) for n, (low, high) in bounds.items()}

    def natural(self, row: Floats) -> Floats:
        """The five parameters with bottom and top in readings, log EC50 of the concentration."""
        shift = np.array([self.shift, self.shift, self.centre, 0.0, 0.0])
        return shift + row * np.array([self.width, self.width, 1.0, 1.0, 1.0])

    def spread(self, inverse: Floats) -> Floats:
        """(J'J)^-1 of natural parameters and readings."""
        by = np.array([1.0, 1.0, 1 / self.width, 1 / self.width, 1 / self.width])
        return np.asarray(inverse * np.outer(by, by))
