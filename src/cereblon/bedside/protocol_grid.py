"""How much of an MTD is protocol? The same patients under every rule by which a dose can be called tolerated.

The DLT rate of each dose and the MTD as a function of the definition of DLT, the days on which blood is taken, the rule
by which doses are held, and the use of a growth factor. Every patient lives through the window at every dose under
every rule, so two cells differ by their rules alone.

The MTD of a cell is the highest dose whose rate, after isotonic regression, is at most the limit. What each rule
moves is told by its main effect in the full grid: the sum of squares between the means of its levels, over that of all
cells (a two-way table without error, Fisher 1925); the rest is that rules act together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.limits import share, whole_number
from cereblon.bedside.phase_1 import EscalationTrial, rate_of
from cereblon.bedside.window import check_rules
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.records.dlt import definition, definitions
from cereblon.records.policy import policy
from cereblon.records.sources import Source
from cereblon.statistics.isotonic import isotonic

if TYPE_CHECKING:
    import pandas as pd

FACTORS = ("definition", "labs", "hold", "G-CSF")
LABS = ("twice weekly", "weekly", "every other week")
HOLDS = ("never_held", "pomalidomide_label", "held_at_grade_3")
SUPPORT = ("none", "policy")
LIMIT = 1 / 3  # DLT rate of a tolerated dose, at most: fewer than 2 of 6


@dataclass(frozen=True)
class Cell:
    """One set of rules: what they are (by FACTORS), the rate of each dose among the evaluable, and the MTD (0: none,
    NaN: not known, as nobody is evaluable)."""

    rules: tuple[str, ...]
    rates: tuple[Estimate, ...]
    evaluable: tuple[int, ...]
    MTD: float


@dataclass(frozen=True)
class ProtocolGrid:
    """All cells. `levels` are the doses (mg), `patients` how many lived through each cell at each dose."""

    trial: EscalationTrial = field(repr=False)
    cells: tuple[Cell, ...]
    levels: tuple[float, ...]
    patients: int
    limit: float
    planned: int

    def table(self) -> pd.DataFrame:
        """One row per cell and dose: rules, dose (mg), evaluable patients, DLT rate with its exact interval."""
        import pandas as pd

        return pd.DataFrame(
            [
                {**dict(zip(FACTORS, cell.rules, strict=True)), "dose": dose, "evaluable": n, "DLT_rate": rate.value,
                 "low": rate.low, "high": rate.high, "MTD": cell.MTD}
                for cell in self.cells
                for dose, rate, n in zip(self.levels, cell.rates, cell.evaluable, strict=True)
            ]
        )  # fmt: skip

    def MTDs(self) -> pd.DataFrame:
        """One row per cell: its rules and its MTD (mg; 0: no dose is tolerated)."""
        import pandas as pd

        return pd.DataFrame([{**dict(zip(FACTORS, cell.rules, strict=True)), "MTD": cell.MTD} for cell in self.cells])

    def effects(self) -> pd.DataFrame:
        """Share of the variance between cells that each rule explains alone: of the MTD, and of the rate at each dose.

        NaN where nothing differs, where a cell has nobody evaluable, or where the grid was not finished.
        """
        import pandas as pd

        rules = np.array([cell.rules for cell in self.cells])
        outcomes = {"MTD": np.array([cell.MTD for cell in self.cells])}
        outcomes |= {
            f"DLT rate at {dose:g} mg": np.array([cell.rates[i].value for cell in self.cells])
            for i, dose in enumerate(self.levels)
        }
        rows = []
        for name, values in outcomes.items():
            shares = [_main(values, rules[:, i]) for i in range(len(FACTORS))]
            if len(self.cells) < self.planned:
                shares = [math.nan] * len(FACTORS)
            rows.append({"of": name, "lowest": np.min(values), "highest": np.max(values),
                         **dict(zip(FACTORS, shares, strict=True)), "together": 1 - math.fsum(shares)})  # fmt: skip
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the protocol, of the rules and of the patients."""
        out = {**self.trial.protocol.sources(), **self.trial.population.sources(), **self.trial.regimen.sources()}
        for cell in self.cells:
            out |= {**definition(cell.rules[0]).sources(), **policy(cell.rules[2]).sources()}
        return out

    def __str__(self) -> str:
        known = sorted({cell.MTD for cell in self.cells if not math.isnan(cell.MTD)})
        part = f" of {self.planned} planned" if len(self.cells) < self.planned else ""
        lines = [
            f"{self.trial.protocol.symbol}: {self.patients} patients at {len(self.levels)} doses under "
            f"{len(self.cells)}{part} sets of rules",
            f"MTD (rate at most {self.limit:.2f}): " + ", ".join(
                f"{dose:g} mg in {sum(dose == cell.MTD for cell in self.cells)}" if dose else
                f"no dose in {sum(cell.MTD == 0 for cell in self.cells)}" for dose in known
            ),
        ]  # fmt: skip
        for row in self.effects().to_dict("records"):
            told = ", ".join(f"{name} {100 * row[name]:.0f} %" for name in (*FACTORS, "together"))
            lines.append(f"  {row['of']}, {row['lowest']:.3g} to {row['highest']:.3g}: {told}")
        return "\n".join(lines)


def protocol_grid(
    trial: EscalationTrial,
    *,
    define: Sequence[str] = (),
    labs: Sequence[str] = LABS,
    holds: Sequence[str] = HOLDS,
    support: Sequence[str] = SUPPORT,
    patients: int = 40,
    seed: int = 1,
    limit: float = LIMIT,
    progress: Callable[[int, int], None] | None = None,
) -> ProtocolGrid:
    """DLT rates and MTD of an escalation's doses under every set of rules, in patients 0 to `patients` - 1 of `seed`.

    `define` names definitions of DLT (all shipped ones by default), `holds` policies, `labs` and `support` as in
    `bedside.window`. Ctrl-C keeps the cells that are done. Raises InputError.
    """
    whole_number("patients", patients, 1)
    share("limit", limit)
    named = tuple(define) or definitions()
    for where, given in (("define", named), ("labs", labs), ("holds", holds), ("support", support)):
        if not given or len(set(given)) < len(given) or isinstance(given, str):
            raise InputError("each rule once, and at least one", where=where, found=str(given), example=str(named[:1]))
    judged = {name: definition(name) for name in named}
    rules = {name: policy(name) for name in holds}
    for days, use in product(labs, support):
        check_rules(days, use, next(iter(rules.values())))
    lived = list(product(labs, holds, support))
    levels, cells = range(len(trial.levels)), list[Cell]()
    whole = trial.population.sample(patients, seed)
    try:
        for done, (days, hold, use) in enumerate(lived, 1):
            plan = replace(trial, policy=rules[hold], labs=days, support=use)
            window, failed = plan.lived([whole] * len(levels), levels)
            for name, one in judged.items():
                found = window.limiting(one, failed)
                lanes = [slice(level * patients, (level + 1) * patients) for level in levels]
                rates = tuple(rate_of(found, part) for part in lanes)
                evaluable = tuple(int(found.evaluable[part].sum()) for part in lanes)
                mg = [level.to("mg").value for level in trial.levels]
                cells.append(Cell((name, days, hold, use), rates, evaluable, _tolerated(mg, rates, evaluable, limit)))
            if progress:
                progress(done, len(lived))
    except KeyboardInterrupt:
        if not cells:
            raise
    doses = tuple(level.to("mg").value for level in trial.levels)
    return ProtocolGrid(trial, tuple(cells), doses, patients, limit, len(lived) * len(judged))


def _tolerated(
    doses: Sequence[float], rates: Sequence[Estimate], evaluable: Sequence[int], limit: float
) -> float:
    """The highest dose whose rate is at most the limit, and that of all lower ones; 0 for none."""
    if not all(evaluable):
        return math.nan
    smooth = isotonic([rate.value for rate in rates], [float(n) for n in evaluable])
    return max((dose for dose, rate in zip(doses, smooth, strict=True) if rate <= limit), default=0.0)


def _main(values: NDArray[np.float64], factor: NDArray[np.str_]) -> float:
    """The main effect of one factor of a full grid, as a share of the variance between its cells."""
    whole = float(((values - values.mean()) ** 2).sum())
    if not whole > 0:
        return math.nan
    between = [(factor == level).sum() * (values[factor == level].mean() - values.mean()) ** 2 for level in set(factor)]
    return float(sum(between)) / whole
