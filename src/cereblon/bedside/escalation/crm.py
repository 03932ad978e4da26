"""CRM and TITE-CRM: the next patients get the dose whose estimated DLT rate is nearest to the target.

    empiric     p_d = s_d ^ exp(b)                                      b ~ N(0, scale^2)
    logistic    logit p_d = a + exp(b) x_d,    x_d = logit s_d - a      a fixed
    logistic2   logit p_d = a + exp(b) x_d,    x_d = logit s_d          a, b ~ N(0, scale^2), independent

s is the skeleton, the first guess. The estimate puts the posterior mean of b (and a) into the model. In TITE-CRM a
patient without a DLT, watched for a part w of the window, counts as 1 - w p. Sources: O'Quigley, Pepe and Fisher 1990;
Cheung and Chappell 2000; Cheung 2011; conventions as in dfcrm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from cereblon.bedside.escalation.decision import Counts, Decision, counted
from cereblon.bedside.escalation.design import Design, move, stop
from cereblon.bedside.escalation.posterior import Floats, Grid, Waiting, line, plane
from cereblon.bedside.escalation.skeleton import INTERCEPT
from cereblon.bedside.limits import share, shares, whole_number
from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

MODELS = ("empiric", "logistic", "logistic2")
SCALE = math.sqrt(1.34)  # O'Quigley and Shen 1996
EQUAL = 1e-12  # two rates as near to the target as this: the lower dose is taken


@dataclass(frozen=True, kw_only=True)
class CRM(Design):
    """The continual reassessment method. Raises InputError.

    `no_skip`: never more than one dose up. `too_toxic`: the trial ends when Pr(p_1 > target) is above it (None: never).
    The MTD is chosen among doses that were given.

    >>> design = CRM(skeleton=(0.1, 0.2, 0.4, 0.55), target=0.2, scale=0.75**0.5)
    >>> [round(float(p), 4) for p in design.estimate((0, 2, 2, 0), (0, 9, 3, 0))]
    [0.1565, 0.2735, 0.478, 0.6178]
    """

    doses: int = field(init=False, default=0)
    skeleton: tuple[float, ...]
    target: float = 0.3
    model: str = "empiric"
    scale: float = SCALE
    intercept: float = INTERCEPT
    no_skip: bool = True
    too_toxic: float | None = None
    name: ClassVar[str] = "CRM"
    source: ClassVar[str] = "O'Quigley 1990; Cheung 2011"

    def __post_init__(self) -> None:
        object.__setattr__(self, "skeleton", shares("skeleton", self.skeleton, rising=True))
        object.__setattr__(self, "doses", len(self.skeleton))
        super().__post_init__()
        share("target", self.target)
        share("scale", self.scale, 0, 10)
        if self.model not in MODELS:
            raise InputError("unknown model", where="model", found=str(self.model), expected=", ".join(MODELS))
        if self.too_toxic is not None:
            share("too_toxic", self.too_toxic)
        if self.model == "logistic" and max(self._logits()) >= self.intercept:
            raise InputError("the intercept must lie above the logit of every rate of the skeleton", where="intercept",
                             found=f"{self.intercept:g}", expected=f"above {max(self._logits()):.3g}")  # fmt: skip

    @property
    def aim(self) -> float:
        return self.target

    def estimate(self, y: Sequence[int], n: Sequence[int], waiting: Waiting = ()) -> Floats:
        """The DLT rate of each dose, the posterior mean of the parameters put into the model. Raises InputError."""
        y, n = counted(y, n, self.doses)
        return self._plugged(self.grid.weights(y, n, waiting))

    def rule(self, y: Counts, n: Counts, at: int) -> Decision:
        return self._advise(self.grid.weights(y, n), at)

    def MTD(self, y: Sequence[int], n: Sequence[int]) -> int:
        """The dose nearest to the target among those given; 0 where none was, or dose 1 is too toxic."""
        y, n = counted(y, n, self.doses)
        weights = self.grid.weights(y, n)
        given = [dose for dose in range(1, self.doses + 1) if n[dose - 1]]
        if not given or self._stops(weights):
            return 0
        return self._nearest(self._plugged(weights), given)

    def table(self) -> pd.DataFrame:
        """The first guess: one row per dose, its rate and the probability that it is too toxic before any patient."""
        import pandas as pd

        over = self._over @ self.grid.prior
        return pd.DataFrame({"dose": range(1, self.doses + 1), "skeleton": self.skeleton, "above_target": over})

    def posterior(self, y: Sequence[int], n: Sequence[int], waiting: Waiting = ()) -> pd.DataFrame:
        """One row per dose: patients, DLTs, estimated rate, probability that it is above the target. InputError."""
        import pandas as pd

        y, n = counted(y, n, self.doses)
        weights = self.grid.weights(y, n, waiting)
        return pd.DataFrame(
            {
                "dose": range(1, self.doses + 1), "patients": n, "DLT": y, "skeleton": self.skeleton,
                "rate": self._plugged(weights), "above_target": self._over @ weights,
            }
        )  # fmt: skip

    @cached_property
    def grid(self) -> Grid:
        """The nodes of the parameters, with the prior."""
        s = np.array(self.skeleton)[:, None]
        if self.model == "empiric":
            return line(0.0, self.scale, lambda b: _logit_of_log(np.exp(b[0]) * np.log(s)))
        x = np.array(self._logits())[:, None]
        if self.model == "logistic":
            return line(0.0, self.scale, lambda b: self.intercept + np.exp(b[0]) * (x - self.intercept))
        return plane((0.0, 0.0), (self.scale, self.scale), 0.0, lambda ab: ab[0] + np.exp(ab[1]) * x)

    @cached_property
    def _over(self) -> Floats:
        return self.grid.share_above(self.target)

    def _logits(self) -> list[float]:
        return [math.log(s / (1 - s)) for s in self.skeleton]

    def _plugged(self, weights: Floats) -> Floats:
        mean = self.grid.nodes @ weights
        s = np.array(self.skeleton)
        if self.model == "empiric":
            rates: Floats = s ** np.exp(mean[0])
            return rates
        x = np.array(self._logits())
        a, b = (self.intercept, mean[0]) if self.model == "logistic" else (mean[0], mean[1])
        logit = a + np.exp(b) * (x - (a if self.model == "logistic" else 0))
        rates = 1 / (1 + np.exp(-logit))
        return rates

    def _stops(self, weights: Floats) -> bool:
        return self.too_toxic is not None and float(self._over[0] @ weights) > self.too_toxic

    def _nearest(self, rates: Floats, among: Sequence[int]) -> int:
        apart = {dose: abs(float(rates[dose - 1]) - self.target) for dose in among}
        least = min(apart.values())
        return next(dose for dose, gap in apart.items() if gap <= least + EQUAL)

    def _advise(self, weights: Floats, at: int) -> Decision:
        if self._stops(weights):
            return stop("toxic", f"Pr(rate of dose 1 > {self.target:g}) is {float(self._over[0] @ weights):.2f}",
                        tuple(range(1, self.doses + 1)))  # fmt: skip
        rates = self._plugged(weights)
        wanted = self._nearest(rates, range(1, self.doses + 1))
        to = min(wanted, at + 1) if self.no_skip else wanted
        said = f"dose {wanted} is nearest to {self.target:g} at {rates[wanted - 1]:.2f}"
        return move(at, to, said + ("; no dose is skipped" if to < wanted else ""))


@dataclass(frozen=True, kw_only=True)
class TITECRM(CRM):
    """The time-to-event CRM: patients enter as they come, those still watched count in part. Raises InputError.

    `complete`: so many patients of the present dose must have been watched to the end before a higher one is given.

    >>> design = TITECRM(skeleton=(0.05, 0.1, 0.2, 0.35, 0.5, 0.7), target=0.2)
    >>> waiting = [(2, 0.99), (2, 0.57), (2, 0.23), (3, 0.99), (3, 0.02)]
    >>> print(design.decide((0, 0, 1, 1, 0, 0), (0, 0, 3, 2, 0, 0), at=3, waiting=waiting))
    stay: 1 patient at dose 3 (dose 3 is nearest to 0.2 at 0.24)
    """

    complete: int = 1
    cohort: int = 1
    cohorts: int = 30
    name: ClassVar[str] = "TITE-CRM"
    source: ClassVar[str] = "Cheung and Chappell 2000"

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("complete", self.complete, 0)

    def decide(self, y: Sequence[int], n: Sequence[int], at: int | None = None, waiting: Waiting = ()) -> Decision:
        """What now. `y` and `n` count patients with a DLT or watched to the end, `waiting` the others: (dose, weight).

        The weight is the part of the window that has passed without a DLT. Raises InputError.
        """
        if not len(waiting):
            return super().decide(y, n, at)
        y, n = counted(y, n, self.doses)
        for dose, weight in waiting:
            if dose not in range(1, self.doses + 1) or not 0 <= weight <= 1:
                raise InputError("a patient still watched is a dose and a weight from 0 to 1", where="waiting",
                                 found=f"({dose}, {weight})", example="(2, 0.5)")  # fmt: skip
        if at is None or at not in range(1, self.doses + 1):
            raise InputError("the dose of the last patient", where="at", found=str(at), expected=f"1 to {self.doses}")
        treated = sum(n) + len(waiting)
        if treated >= self.patients:
            return stop("full", f"all {self.patients} planned patients are treated")
        decision = self._advise(self.grid.weights(y, n, waiting), at)
        if decision.action == "escalate" and n[at - 1] < self.complete:
            return Decision("stay", at, f"{n[at - 1]} patients at dose {at} were watched to the end", self.cohort)
        return decision if decision.action == "stop" else move(at, decision.dose, decision.reason, self.cohort)


def _logit_of_log(log_p: Floats) -> Floats:
    """logit p of log p, safe where p is near 0 or 1."""
    out: Floats = log_p - np.log(-np.expm1(np.minimum(log_p, -1e-300)))
    return out
