"""A randomised comparison of two doses: how often would a trial of so many patients tell the better one?

Every patient of a pool is simulated at both doses, so what is true of the pool is known. A trial draws 2n of them,
gives half each dose, and chooses the dose with more responses, less neutropenia, or more responses without it; at a
tie a coin is thrown. Trials are drawn again and again from the one pool: its own error is not in the range.
Difference with the hybrid score interval of Newcombe (1998).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.lanes import share_of
from cereblon.bedside.limits import whole_number
from cereblon.bedside.optimisation import arm, unset
from cereblon.bedside.outcome import Outcome
from cereblon.bedside.toxicity.ctcae import SEVERE
from cereblon.bedside.trial import trial
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.records.sources import Source
from cereblon.statistics.intervals import newcombe, wilson
from cereblon.statistics.resampling import stream

if TYPE_CHECKING:
    import pandas as pd

Bools = NDArray[np.bool_]
WANTED: Mapping[str, bool] = {"response": True, "neutropenia": False, "response without neutropenia": True}
"""What is compared -> whether more of it is better."""
DRAWS = 2000


@dataclass(frozen=True)
class TwoDoses:
    """What is compared -> (pool, 2) whether each patient has it at the first and at the second dose."""

    doses: tuple[str, str]
    population: str
    n: int
    seed: int
    draws: int
    has: Mapping[str, Bools] = field(repr=False)
    cited: Mapping[str, Source] = field(repr=False)
    said: tuple[str, ...] = ()

    @property
    def pool(self) -> int:
        """Patients who were simulated at both doses."""
        return len(next(iter(self.has.values())))

    def trials(self, of: str) -> NDArray[np.int64]:
        """Patients with it in the first and in the second arm, (draws, 2)."""
        order = stream(self.seed, "two doses:randomisation").random((self.draws, self.pool)).argsort(axis=1)
        first, second = order[:, : self.n], order[:, self.n : 2 * self.n]
        return np.stack([self.has[of][first, 0].sum(axis=1), self.has[of][second, 1].sum(axis=1)], axis=1)

    def difference(self, of: str = "response") -> Estimate:
        """Of the first trial drawn: share at the second dose less that at the first, with Newcombe's interval."""
        a, b = self.trials(of)[0].tolist()
        return newcombe((a, b), (self.n, self.n))

    def better(self, of: str = "response") -> int:
        """Which dose is the better one in the pool (0 or 1); -1 where both are alike."""
        a, b = self.has[of].mean(axis=0)
        return -1 if a == b else int((b > a) == WANTED[of])

    def chosen(self, of: str = "response") -> Estimate:
        """Probability that a trial chooses the better dose, with its Monte-Carlo error; NaN where none is better."""
        if self.better(of) < 0:
            return Estimate(np.nan, note="the doses do not differ in the pool")
        gap = np.diff(self.trials(of), axis=1)[:, 0] * (1 if WANTED[of] else -1) * (1 if self.better(of) else -1)
        coin = stream(self.seed, "two doses:tie").random(self.draws) < 1 / 2
        return wilson(int(((gap > 0) | ((gap == 0) & coin)).sum()), self.draws)

    def table(self) -> pd.DataFrame:
        """One row per comparison: shares of the pool at each dose, their difference, what 95 % of trials show of it,
        one trial's difference with its interval, and the probability to choose the better dose."""
        import pandas as pd

        rows = []
        for of, has in self.has.items():
            a, b = has.mean(axis=0).tolist()
            gaps, one, chosen = np.diff(self.trials(of), axis=1)[:, 0] / self.n, self.difference(of), self.chosen(of)
            low, high = np.quantile(gaps, [0.025, 0.975])
            rows.append({
                "of": of, self.doses[0]: a, self.doses[1]: b, "difference": b - a, "low": low, "high": high,
                "one_trial": one.value, "one_trial_low": one.low, "one_trial_high": one.high,
                "better": self.doses[self.better(of)] if self.better(of) >= 0 else "", "chosen": chosen.value,
            })  # fmt: skip
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the patients' numbers, of protocol and regimen."""
        return dict(self.cited)

    def __str__(self) -> str:
        first, second = self.doses
        lines = [f"{first} against {second}, {self.n} patients an arm, of {self.pool} of {self.population}"]
        for row in self.table().to_dict("records"):
            better = f"{row['better']} is better, chosen in {100 * row['chosen']:.0f} %" if row["better"] else "alike"
            lines.append(
                f"  {row['of']:28} {100 * row[self.doses[0]]:.0f} against {100 * row[self.doses[1]]:.0f} %: "
                f"{100 * row['difference']:+.0f} ({100 * row['low']:+.0f} to {100 * row['high']:+.0f}) points; {better}"
            )
        return "\n".join([*lines, *self.said])


def two_doses(
    doses: Sequence[str] = ("0.6 mg", "1 mg"),
    n: int = 30,
    *,
    regimen: str | Path = "mezi_dex",
    population: str | Path = "triple_class_refractory",
    drug: str = "mezigdomide",
    like: str | Path = "MM_001_phase_2",
    pool: int = 200,
    cycles: int | None = None,
    seed: int = 1,
    draws: int = DRAWS,
) -> TwoDoses:
    """Compare two doses of `drug` in trials of `n` patients an arm, drawn from a `pool` who live through both.

    Raises InputError for a pool that is smaller than one trial, or doses that are not two.
    """
    whole_number("n", n, 1)
    whole_number("draws", draws, 1)
    if isinstance(doses, str) or len(doses) != 2 or doses[0] == doses[1]:
        raise InputError("two doses are compared", where="doses", found=str(doses), example='("0.6 mg", "1 mg")')
    if isinstance(pool, bool) or not isinstance(pool, int) or pool < 2 * n:
        raise InputError("a pool holds the patients of one trial at least", where="pool", found=str(pool),
                         expected=f"{2 * n} or more")  # fmt: skip
    plan = trial(like)
    length = plan.regimen.cycle * (plan.protocol.structure["cycles"] if cycles is None else cycles)
    one = arm(plan, regimen, population, pool, length)
    shares = [share_of(one.regimen, drug, Quantity.parse(dose)) for dose in doses]
    found = one.outcomes([seed, seed], cut=False, drug=drug, shares=shares)
    responded, low = (np.stack([each(outcome) for outcome in found], axis=1) for each in (_responded, _neutropenic))
    has = dict(zip(WANTED, (responded, low, responded & ~low), strict=True))
    cited = {**found[0].sources(), **one.protocol.sources(), **one.population.sources(), **one.regimen.sources()}
    return TwoDoses((str(doses[0]), str(doses[1])), one.population.symbol, n, seed, draws, has, cited,
                    unset([population]))  # fmt: skip


def _responded(outcome: Outcome) -> Bools:
    return np.asarray(outcome.endpoints.responses.responders)


def _neutropenic(outcome: Outcome) -> Bools:
    return np.asarray(outcome.toxicity.emergent["neutropenia"] >= SEVERE)
