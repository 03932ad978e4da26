"""A Bayesian single-arm trial: looks at the responders so far, and stops when the rest can hardly change the answer.

    success at the end       Pr(p > p0 | all n) > certainty,       p ~ Beta(prior)
    at a look, futility      predictive probability of success < futility       -> stop
    at a look, efficacy      predictive probability of success > efficacy       -> stop (1: never)

As a rule for the ward this is a table of counts, and its error and power are exact. Source: Lee and Liu 2008.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb
from pathlib import Path
from typing import TYPE_CHECKING

from cereblon.bedside.limits import share, whole_number
from cereblon.ground.errors import InputError
from cereblon.statistics.beta_binomial import Prior, predictive, probability_above

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class SingleArm:
    """At most `n` patients against a rate `p0`, with `looks` after so many patients before the last. Raises InputError.

    >>> design = SingleArm(p0=0.2, n=36, looks=(10, 20), prior=(0.2, 0.8), certainty=0.9, futility=0.05)
    >>> print(design)
    single arm against 0.2, at most 36 patients
      after 10: stop if at most 1 respond
      after 20: stop if at most 3 respond
      after 36: success if at least 11 respond
    """

    p0: float
    n: int
    looks: tuple[int, ...] = ()
    prior: Prior = (1.0, 1.0)
    certainty: float = 0.95
    futility: float = 0.05
    efficacy: float = 1.0

    def __post_init__(self) -> None:
        share("p0", self.p0)
        share("certainty", self.certainty)
        share("futility", self.futility, -1e-12)
        share("efficacy", self.efficacy, self.futility, 1 + 1e-12)
        whole_number("n", self.n, 1)
        for look in self.looks:
            whole_number("looks", look, 1)
        if list(self.looks) != sorted(set(self.looks)) or (self.looks and self.looks[-1] >= self.n):
            raise InputError("looks rise and come before the last patient", where="looks", found=str(list(self.looks)),
                             expected=f"below {self.n}", example="10, 20, 30")  # fmt: skip
        probability_above(self.p0, 0, 0, self.prior)

    def success(self, responders: int) -> bool:
        """Whether `responders` of all `n` are a success."""
        return probability_above(self.p0, responders, self.n, self.prior) > self.certainty

    def predictive(self, responders: int, patients: int) -> float:
        """The probability of success in the end, seen from here. Raises InputError."""
        return predictive(responders, patients, self.n, self.p0, self.certainty, self.prior)

    def decide(self, responders: int, patients: int) -> str:
        """What now: "futile" or "effective" (stop), "go on"; at the end "success" or "failure". Raises InputError."""
        found = self.predictive(responders, patients)
        if patients == self.n:
            return "success" if self.success(responders) else "failure"
        return "futile" if found < self.futility else "effective" if found > self.efficacy else "go on"

    @cached_property
    def bounds(self) -> tuple[tuple[int, int, int], ...]:
        """Per look, the last one included: patients, stop for futility at most here, stop for efficacy from here on.

        -1 and n + 1 where no count stops.
        """
        rows = []
        for look in (*self.looks, self.n):
            words = [self.decide(y, look) for y in range(look + 1)]
            low = max((y for y, word in enumerate(words) if word in ("futile", "failure")), default=-1)
            high = min((y for y, word in enumerate(words) if word in ("effective", "success")), default=look + 1)
            rows.append((look, low, high))
        return tuple(rows)

    def operating(self, p: float | Sequence[float]) -> pd.DataFrame:
        """Exact, for each true rate: success, early stops for futility and efficacy, expected patients. InputError."""
        import pandas as pd

        rates = [p] if isinstance(p, int | float) else list(p)
        return pd.DataFrame([self._one(rate) for rate in rates])

    def _one(self, p: float) -> dict[str, float]:
        share("p", p, -1e-12, 1 + 1e-12)
        going, before = {0: 1.0}, 0
        success = futile = effective = expected = 0.0
        for look, low, high in self.bounds:
            after: dict[int, float] = {}
            new = look - before
            for y, chance in going.items():
                for k in range(new + 1):
                    after[y + k] = after.get(y + k, 0.0) + chance * comb(new, k) * p**k * (1 - p) ** (new - k)
            good = sum(chance for y, chance in after.items() if y >= high)
            poor = sum(chance for y, chance in after.items() if y <= low)
            success += good
            expected += look * (good + poor)
            if look < self.n:
                effective += good
                futile += poor
            going = {y: chance for y, chance in after.items() if low < y < high}
            before = look
        return {"p": p, "success": success, "stopped_futile": futile, "stopped_effective": effective, "EN": expected}

    def table(self) -> pd.DataFrame:
        """One row per look: patients, the responders at or below which it stops as futile, from which as effective."""
        import pandas as pd

        rows = [
            {"patients": look, "futile_if_at_most": low, "effective_if_at_least": high if high <= look else None}
            for look, low, high in self.bounds
        ]
        return pd.DataFrame(rows).astype("Int64")

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        lines = [f"single arm against {self.p0:g}, at most {self.n} patients"]
        for look, low, high in self.bounds[:-1]:
            told = [f"stop if at most {low} respond"] * (low >= 0) + [f"stop if at least {high} do"] * (high <= look)
            lines.append(f"  after {look}: {' or '.join(told) or 'no count stops the trial'}")
        last = self.bounds[-1][2]
        told = [f"success if at least {last} respond" if last <= self.n else "no count is a success"]
        return "\n".join([*lines, f"  after {self.n}: {told[0]}"])
