"""mTPI-2 and Keyboard: which of many intervals of equal width holds the DLT rate most densely.

    (0, 1) is cut into the target interval (p - below, p + above) and, on each side of it, intervals of the same width
    density of an interval (l, h) = Pr(l < p < h | y of n, p ~ Beta(1, 1)) / (h - l)
    the densest lies below the target interval -> E,   is it -> S,   above -> D

At 0 and 1 an interval is left that may be shorter. mTPI-2 counts it, with its own width; Keyboard leaves it out.
Equal width is the point: of unequal intervals (mTPI) the wide one is favoured, and the dose held too high.
Sources: Guo, Wang, Yang, Lynn and Ji 2017; Yan, Mandrekar and Yuan 2017.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar

from cereblon.bedside.escalation.interval import IntervalDesign
from cereblon.bedside.limits import share

SHORT = 1e-9  # a remainder narrower than this is rounding, no interval


@dataclass(frozen=True, kw_only=True)
class MTPI2(IntervalDesign):
    """The mTPI-2 design. `below`, `above`: how far the target interval reaches on each side. Raises InputError.

    >>> [MTPI2(target=0.3).letter(y, 6) for y in range(5)]
    ['E', 'E', 'S', 'D', 'D']
    """

    below: float = 0.05
    above: float = 0.05
    name: ClassVar[str] = "mTPI-2"
    source: ClassVar[str] = "Guo 2017"
    ends: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        share("below", self.below, 0, self.target)
        share("above", self.above, 0, 1 - self.target)

    def letter(self, y: int, n: int) -> str:
        return _letter(self.intervals(), self.target, y, n)

    def intervals(self) -> tuple[tuple[float, float], ...]:
        """The intervals, from 0 upward."""
        low, high = self.target - self.below, self.target + self.above
        width = high - low
        down, up = int((low + SHORT) / width), int((1 - high + SHORT) / width)
        edges = [low + i * width for i in range(-down, up + 2)]
        if self.ends:
            edges = [0.0] * (edges[0] > SHORT) + edges + [1.0] * (edges[-1] < 1 - SHORT)
        return tuple(pairwise(edges))


@dataclass(frozen=True, kw_only=True)
class Keyboard(MTPI2):
    """The Keyboard design: no shorter intervals at the ends, no elimination before three patients."""

    name: ClassVar[str] = "Keyboard"
    source: ClassVar[str] = "Yan 2017"
    ends: ClassVar[bool] = False
    fewest: ClassVar[int] = 3


@lru_cache(maxsize=4096)
def _letter(intervals: tuple[tuple[float, float], ...], target: float, y: int, n: int) -> str:
    from scipy.special import betainc

    dense = [float(betainc(1 + y, 1 + n - y, h) - betainc(1 + y, 1 + n - y, low)) / (h - low) for low, h in intervals]
    low, high = intervals[dense.index(max(dense))]
    return "E" if high <= target else "D" if low >= target else "S"
