"""BLRM: a logistic curve of two parameters over the dose itself, and escalation with overdose control (EWOC).

    logit p_d = log alpha + beta log(d / d*)          (log alpha, log beta) ~ bivariate normal
    EWOC: a dose may be given only if Pr(p_d > 0.33) <= 0.25; of those, the one with the greatest Pr(0.16 < p_d <= 0.33)

Integrated on a grid, not sampled: the same data give the same dose. Source: Neuenschwander, Branson and Gsponer 2008.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cereblon.bedside.escalation.decision import Counts, Decision, counted
from cereblon.bedside.escalation.design import Design, move, stop
from cereblon.bedside.escalation.posterior import Floats, Grid, plane
from cereblon.bedside.limits import share
from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


WIDEST = 10.0  # standard deviations of a prior that still says something


@dataclass(frozen=True, kw_only=True)
class BLRM(Design):
    """The Bayesian logistic regression model with EWOC. Raises InputError.

    `amounts` of drug per dose and the `reference` amount d*, in one unit of your choice. `mean`, `sd`, `correlation` of
    (log alpha, log beta). `low`, `high`: the ends of the target interval. `overdose`: the most of Pr(p_d > high).
    `no_skip`: never more than one dose up. The MTD is chosen among doses that were given.

    >>> amounts = (1, 2.5, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250)
    >>> design = BLRM(amounts=amounts, reference=250, mean=(2.15, 0.52), sd=(0.84, 0.80), correlation=0.2)
    >>> data = (0,) * 6 + (2,) + (0,) * 8, (3, 4, 5, 4, 0, 0, 2) + (0,) * 8
    >>> amounts[design.highest(*data) - 1]
    15
    """

    doses: int = field(init=False, default=0)
    amounts: tuple[float, ...]
    reference: float
    mean: tuple[float, float] = (-0.693, 0.0)
    sd: tuple[float, float] = (2.0, 1.0)
    correlation: float = 0.0
    low: float = 0.16
    high: float = 0.33
    overdose: float = 0.25
    no_skip: bool = True
    name: ClassVar[str] = "BLRM"
    source: ClassVar[str] = "Neuenschwander 2008"

    def __post_init__(self) -> None:
        amounts = tuple(float(a) for a in self.amounts)
        rising = all(b > a for a, b in pairwise(amounts))
        if not amounts or not all(0 < a < math.inf for a in amounts) or not rising:
            raise InputError("amounts are numbers above 0 that rise", where="amounts", found=str(list(self.amounts)),
                             example="0.3, 0.6, 1.0, 1.5, 2.0")  # fmt: skip
        object.__setattr__(self, "amounts", amounts)
        object.__setattr__(self, "doses", len(amounts))
        super().__post_init__()
        share("reference", self.reference, 0, math.inf)
        for where, pair in (("mean", self.mean), ("sd", self.sd)):
            spread = where == "mean" or all(0 < x < WIDEST for x in pair)
            if len(pair) != 2 or not all(math.isfinite(x) for x in pair) or not spread:
                raise InputError("two numbers, of log alpha and of log beta", where=where, found=str(pair),
                                 example="(2.15, 0.52)" if where == "mean" else "(0.84, 0.80)")  # fmt: skip
        share("correlation", self.correlation, -1)
        share("high", self.high)
        share("low", self.low, 0, self.high)
        share("overdose", self.overdose)

    @property
    def aim(self) -> float:
        """The middle of the target interval."""
        return (self.low + self.high) / 2

    def highest(self, y: Sequence[int], n: Sequence[int]) -> int:
        """The highest dose that overdose control allows, skipping or not; 0 for none. Raises InputError."""
        y, n = counted(y, n, self.doses)
        allowed = np.flatnonzero(self._over @ self.grid.weights(y, n) <= self.overdose)
        return int(allowed[-1]) + 1 if allowed.size else 0

    def rule(self, y: Counts, n: Counts, at: int) -> Decision:
        weights = self.grid.weights(y, n)
        over, aimed = self._over @ weights, (self._under - self._over) @ weights
        allowed = [dose for dose in range(1, self.doses + 1) if over[dose - 1] <= self.overdose]
        if not allowed:
            why = f"Pr(rate of dose 1 > {self.high:g}) is {over[0]:.2f}"
            return stop("toxic", why, tuple(range(1, self.doses + 1)))
        wanted = max(allowed, key=lambda dose: aimed[dose - 1])
        to = min(wanted, at + 1) if self.no_skip else wanted
        said = f"dose {wanted} is the likeliest to lie in {self.low:g}-{self.high:g}, overdose {over[wanted - 1]:.2f}"
        return move(at, to, said + ("; no dose is skipped" if to < wanted else ""))

    def MTD(self, y: Sequence[int], n: Sequence[int]) -> int:
        """Of the doses given and allowed, the likeliest to lie in the target interval; 0 for none."""
        y, n = counted(y, n, self.doses)
        weights = self.grid.weights(y, n)
        over, aimed = self._over @ weights, (self._under - self._over) @ weights
        given = [dose for dose in range(self.doses) if n[dose] and over[dose] <= self.overdose]
        return max(given, key=lambda dose: aimed[dose]) + 1 if given else 0

    def table(self) -> pd.DataFrame:
        """The prior: see `posterior`."""
        return self.posterior((0,) * self.doses, (0,) * self.doses).drop(columns=["patients", "DLT"])

    def posterior(self, y: Sequence[int], n: Sequence[int]) -> pd.DataFrame:
        """One row per dose: mean rate, probability below, in and above the target interval, whether it may be given.

        Raises InputError.
        """
        import pandas as pd

        y, n = counted(y, n, self.doses)
        weights = self.grid.weights(y, n)
        over, not_under = self._over @ weights, self._under @ weights
        return pd.DataFrame(
            {
                "dose": range(1, self.doses + 1), "amount": self.amounts, "patients": n, "DLT": y,
                "rate": self.grid.p @ weights, "under": 1 - not_under, "target": not_under - over, "over": over,
                "allowed": over <= self.overdose,
            }
        )  # fmt: skip

    @cached_property
    def grid(self) -> Grid:
        """The nodes of (log alpha, log beta), with the prior."""
        x = np.log(np.array(self.amounts) / self.reference)[:, None]
        mean = (float(self.mean[0]), float(self.mean[1]))
        sd = (float(self.sd[0]), float(self.sd[1]))
        return plane(mean, sd, self.correlation, lambda ab: ab[0] + np.exp(ab[1]) * x)

    @cached_property
    def _over(self) -> Floats:
        return self.grid.share_above(self.high)

    @cached_property
    def _under(self) -> Floats:
        return self.grid.share_above(self.low)
