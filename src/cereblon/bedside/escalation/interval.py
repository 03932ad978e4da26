"""Interval designs: whether the DLTs of the present dose lie below, in or above an interval around the target.

    E, S, D      escalate, stay, de-escalate: what each of them makes of y of n, a table that can be printed
    DU           eliminated, with every higher dose: Pr(p > target | y of n, p ~ Beta(1, 1)) > `eliminate`
    MTD          among the doses given and not eliminated, the one whose rate is nearest to the target, after isotonic
                 regression of (y + .05)/(n + .1) weighted by the inverse variance of Beta(y + .05, n - y + .05); of
                 equal ones the highest below the target, the lowest above it

Sources: Liu and Yuan 2015; Ji, Liu, Li and Bekele 2010; Guo, Wang, Yang, Lynn and Ji 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from cereblon.bedside.escalation.decision import Counts, Decision, counted
from cereblon.bedside.escalation.design import Design, move, stop
from cereblon.bedside.limits import share
from cereblon.statistics.beta_binomial import probability_above
from cereblon.statistics.isotonic import isotonic

if TYPE_CHECKING:
    import pandas as pd

PRIOR = 0.05  # of both kinds of patients, so that no rate is 0 or 1
TIE = 1e-10  # per dose, added to the rates: of equal ones below the target the highest is nearest


@dataclass(frozen=True, kw_only=True)
class IntervalDesign(Design):
    """A design whose decision depends on the patients of the present dose alone."""

    target: float = 0.3
    eliminate: float = 0.95
    fewest: ClassVar[int] = 1  # patients at a dose before it can be eliminated

    def __post_init__(self) -> None:
        super().__post_init__()
        share("target", self.target, 0.05 - 1e-12, 0.6 + 1e-12)
        share("eliminate", self.eliminate, 0.5)

    @property
    def aim(self) -> float:
        return self.target

    @property
    def ceiling(self) -> float:
        """The DLT rate that the MTD's must lie below."""
        return 1.0

    def letter(self, y: int, n: int) -> str:
        """E, S or D for `y` of `n` patients with a DLT at the present dose."""
        raise NotImplementedError

    def too_toxic(self, y: int, n: int) -> bool:
        """Whether a dose with `y` of `n` is eliminated."""
        return n >= self.fewest and _above(self.target, y, n) > self.eliminate

    def highest(self, y: Counts, n: Counts) -> int:
        """The highest dose that is not eliminated; 0 when all are."""
        gone = (dose for dose in range(self.doses) if n[dose] and self.too_toxic(y[dose], n[dose]))
        return next(gone, self.doses)

    def rule(self, y: Counts, n: Counts, at: int) -> Decision:
        top, here, toxic = self.highest(y, n), n[at - 1], y[at - 1]
        gone = tuple(range(top + 1, self.doses + 1))
        said = f"{toxic} of {here} with a DLT"
        if not top:
            return stop("toxic", f"{said}: the lowest dose is too toxic", gone)
        if at > top:
            return move(at, top, f"{said}: this dose is too toxic", 0, gone)
        letter = self.letter(toxic, here)
        if letter == "E":
            return move(at, min(at + 1, top), said if at < top else f"{said}, and no higher dose is left", 0, gone)
        if letter == "D":
            return move(at, max(at - 1, 1), said if at > 1 else f"{said}, and no lower dose is left", 0, gone)
        return move(at, at, said, 0, gone)

    def MTD(self, y: Sequence[int], n: Sequence[int]) -> int:
        """The dose nearest to the target after isotonic regression; 0 where all are eliminated or none was given."""
        y, n = counted(y, n, self.doses)
        given = [dose for dose in range(self.highest(y, n)) if n[dose]]
        rates = self.rates([y[dose] for dose in given], [n[dose] for dose in given])
        near = [
            (abs(rate + i * TIE - self.target), dose)
            for i, (rate, dose) in enumerate(zip(rates, given, strict=True))
            if rate < self.ceiling
        ]
        return min(near)[1] + 1 if near else 0

    def rates(self, y: Sequence[int], n: Sequence[int]) -> list[float]:
        """The DLT rates of doses that were given, after isotonic regression."""
        toxic = [a + PRIOR for a in y]
        total = [b + 2 * PRIOR for b in n]
        variance = [a * (b - a) / (b * b * (b + 1)) for a, b in zip(toxic, total, strict=True)]
        return isotonic([a / b for a, b in zip(toxic, total, strict=True)], [1 / v for v in variance])

    def table(self) -> pd.DataFrame:
        """One row per number of patients at a dose: the counts of DLT from which each decision holds.

        A count that cannot be reached is left empty.
        """
        import pandas as pd

        rows = []
        for here in range(1, self.patients + 1):
            letters = [self.letter(toxic, here) for toxic in range(here + 1)]
            gone = next((toxic for toxic in range(here + 1) if self.too_toxic(toxic, here)), None)
            down = next((toxic for toxic in range(here + 1) if letters[toxic] == "D" or toxic == gone), None)
            up = max((toxic for toxic in range(here + 1) if letters[toxic] == "E"), default=None)
            rows.append((here, up, down, gone))
        columns = ["patients", "escalate_if_at_most", "de_escalate_if_at_least", "eliminate_if_at_least"]
        return pd.DataFrame(rows, columns=columns).astype("Int64")

    def letters(self, most: int | None = None) -> pd.DataFrame:
        """The table as trialists print it: a row per number of DLTs, a column per number of patients, E, S, D or DU."""
        import pandas as pd

        columns = range(self.cohort, (most or self.patients) + 1, self.cohort)
        grid = {
            str(here): [
                ("DU" if self.too_toxic(toxic, here) else self.letter(toxic, here)) if toxic <= here else ""
                for toxic in range(columns[-1] + 1)
            ]
            for here in columns
        }
        return pd.DataFrame({"with_DLT": range(columns[-1] + 1), **grid})


@lru_cache(maxsize=4096)
def _above(target: float, y: int, n: int) -> float:
    return probability_above(target, y, n)
