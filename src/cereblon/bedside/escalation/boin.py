"""BOIN: escalate or de-escalate where the DLT rate of the present dose crosses one of two fixed boundaries.

    lambda_e = ln((1 - p1)/(1 - p)) / ln(p (1 - p1)/(p1 (1 - p)))      escalate if y/n <= lambda_e
    lambda_d = ln((1 - p)/(1 - p2)) / ln(p2 (1 - p)/(p (1 - p2)))      de-escalate if y/n > lambda_d

with target p, p1 = .6 p (too low) and p2 = 1.4 p (too high): the boundaries that make the fewest wrong moves. As a
count, de-escalation begins at ceil(lambda_d n), and at one more where lambda_d n is a whole number. Sources: Liu and
Yuan 2015; Yuan, Hess, Hilsenbeck and Gilbert 2016; options as in Yan et al. 2020.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from cereblon.bedside.escalation.decision import Counts, Decision
from cereblon.bedside.escalation.design import move
from cereblon.bedside.escalation.interval import IntervalDesign
from cereblon.bedside.limits import share
from cereblon.ground.errors import InputError
from cereblon.statistics.beta_binomial import probability_above

WHOLE = 1e-9  # a product this near to a whole number is one


@dataclass(frozen=True, kw_only=True)
class BOIN(IntervalDesign):
    """The BOIN design. Raises InputError.

    `low` and `high` are p1 and p2 as shares of the target. `extra_safe`: stop already where dose 1 is too toxic with
    probability `eliminate - offset`. `titration`: one patient a dose until the first DLT (or the top dose), which is
    then filled up to a cohort. `bounded`: the MTD's rate must lie below lambda_d.

    >>> design = BOIN(target=0.3)
    >>> round(design.lambda_e, 4), round(design.lambda_d, 4), design.MTD((0, 0, 4, 4, 0), (3, 3, 15, 9, 0))
    (0.2365, 0.3585, 3)
    """

    low: float = 0.6
    high: float = 1.4
    extra_safe: bool = False
    offset: float = 0.05
    titration: bool = False
    bounded: bool = False
    name: ClassVar[str] = "BOIN"
    source: ClassVar[str] = "Liu and Yuan 2015"
    fewest: ClassVar[int] = 3

    def __post_init__(self) -> None:
        super().__post_init__()
        share("low", self.low, 0, 0.9 + WHOLE)
        share("high", self.high, 1.1 - WHOLE, 1 / self.target)
        share("offset", self.offset, 0, 0.5)
        if self.titration and self.cohort == 1:
            raise InputError("titration needs cohorts of more than one patient", where="cohort", found="1", example="3")

    @property
    def lambda_e(self) -> float:
        """The DLT rate up to which the dose is escalated."""
        p, p1 = self.target, self.low * self.target
        return math.log((1 - p1) / (1 - p)) / math.log(p * (1 - p1) / (p1 * (1 - p)))

    @property
    def lambda_d(self) -> float:
        """The DLT rate above which the dose is de-escalated."""
        p, p2 = self.target, self.high * self.target
        return math.log((1 - p) / (1 - p2)) / math.log(p2 * (1 - p) / (p * (1 - p2)))

    @property
    def ceiling(self) -> float:
        return self.lambda_d if self.bounded else super().ceiling

    def letter(self, y: int, n: int) -> str:
        if y <= math.floor(self.lambda_e * n + WHOLE):
            return "E"
        return "D" if y >= math.floor(self.lambda_d * n + WHOLE) + 1 else "S"

    def highest(self, y: Counts, n: Counts) -> int:
        certain = self.extra_safe and n[0] >= self.fewest
        if certain and probability_above(self.target, y[0], n[0]) > self.eliminate - self.offset:
            return 0
        return super().highest(y, n)

    def first(self) -> Decision:
        return move(self.start, self.start, "the first cohort", 1 if self.titration else self.cohort)

    def rule(self, y: Counts, n: Counts, at: int) -> Decision:
        if not self.titration or n[at - 1] >= self.cohort or sum(n) > self.doses:
            return super().rule(y, n, at)
        if not sum(y) and at < self.doses:
            return move(at, at + 1, "no DLT yet: titration goes on", 1)
        why = "the first DLT" if sum(y) else "the top dose"
        return move(at, at, f"{why}: titration ends, the cohort is filled up", self.cohort - n[at - 1])
