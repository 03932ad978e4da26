"""One trial under every structure of its population: what they do not agree on is not known.

    ensemble("MM_001_phase_2", count=20)["ORR"]      mean over the structures, and a range that holds both

A population's record names the `structures` that stand for the same patients. They are set on one dose; away from it
they part, so a prediction there is a range.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cereblon.bedside.outcome import Replicates
from cereblon.bedside.trial import Trial, trial
from cereblon.cohort import population
from cereblon.ground.quantity import Estimate

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Ensemble:
    """Replicates of one trial by structure, of the same seeds."""

    name: str
    structures: Mapping[str, Replicates] = field(repr=False)

    def __getitem__(self, number: str) -> Estimate:
        """Mean of the structures; from the lowest to the highest that 95 % of the replicates of any of them show."""
        each = [one[number] for one in self.structures.values()]
        known = [one for one in each if np.isfinite(one.value)]
        count = f"{len(self.structures)} structure" + ("s" if len(self.structures) > 1 else "")
        if not known:
            return Estimate(np.nan, method=count, note="not estimated in any")
        note = "" if len(known) == len(each) else f"estimated in {len(known)} of {count}"
        value = float(np.mean([one.value for one in known]))
        low, high = min(one.low for one in known), max(one.high for one in known)
        return Estimate(value, low=low, high=high, note=note, method=f"{count}, 95 % of replicates of any")

    def apart(self, number: str) -> float:
        """Distance between the structures' means over the spread of replicates (the widest standard deviation)."""
        each = [one.values[number][np.isfinite(one.values[number])] for one in self.structures.values()]
        if any(x.size < 2 for x in each):
            return float("nan")
        spread = max(float(x.std(ddof=1)) for x in each)
        means = [float(x.mean()) for x in each]
        return (max(means) - min(means)) / spread if spread else 0.0

    def table(self) -> pd.DataFrame:
        """One row per number: mean, low, high over the structures, how far apart they are, the mean of each."""
        import pandas as pd

        rows = []
        for number in next(iter(self.structures.values())).values:
            one = self[number]
            row = {"number": number, "mean": one.value, "low": one.low, "high": one.high, "apart": self.apart(number)}
            rows.append(row | {name: own[number].value for name, own in self.structures.items()})
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        head = f"{self.name}: {', '.join(self.structures)}"
        return "\n".join([head, *(f"  {n:<34} {self[n]}" for n in next(iter(self.structures.values())).values)])


def ensemble(of: str | Path | Trial, count: int = 20, seed: int = 1, *,
             progress: Callable[[int, int], None] | None = None, **options: Any) -> Ensemble:  # fmt: skip
    """Replicates of a trial under each structure of its population, from the same seeds.

    `options` as in `Trial.outcomes`. A population that names no structures stands alone. Raises InputError.
    """
    plan = of if isinstance(of, Trial) else trial(of)
    names = plan.population.structures or (plan.population.name,)
    found = {}
    for k, name in enumerate(names):
        own = plan if name == plan.population.name else replace(plan, population=population(name))
        shift = (lambda done, _, k=k: progress(k * count + done, len(names) * count)) if progress else None
        found[name] = own.replicates(count, seed, progress=shift, **options)
    return Ensemble(plan.protocol.symbol, found)
