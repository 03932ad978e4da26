"""The same patients seen otherwise: as another isotype, by another assay, beside another dose of dexamethasone.

    isotypes()             equal kill, other rates of response and times to it
    immune_share()         what T and NK cells take of the kill, dose by dose
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.bedside.outcome import Outcome
from cereblon.bedside.response.category import LEVELS
from cereblon.bedside.trial import Trial, trial
from cereblon.cohort import population
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Quantity
from cereblon.model import kill_shares, simulate
from cereblon.records.days import DAY
from cereblon.records.regimen import dose
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

TRIAL = "MM_001_phase_2"
GROUP = "isotype"
AFTER = 8  # weeks: two cycles, when most are still followed
IMMUNE = ("T", "NK")
STEROID = (0.0, 10.0, 20.0, 40.0)  # mg a week
CYCLE = 28  # d
LOW, HIGH = 2.5, 97.5
ASSAYS: Mapping[str, Mapping[str, float]] = {
    "as they are": {},
    "immunofixation 10 times finer": {"laboratory.IFE.level": 1 / 10},
    "M-protein measured 3 times worse": {"laboratory.M_protein.error": 3.0, "laboratory.M_protein.error_additive": 3.0},
}
"""Assay in words -> numbers of the protocol, and by how much they are multiplied."""


@dataclass(frozen=True)
class Contrast:
    """Arms of the same patients: one row each, and what is read from them. `cited` are the sources."""

    name: str
    rows: tuple[Mapping[str, float | str], ...]
    note: str
    cited: Mapping[str, Source] = field(default_factory=dict, repr=False)

    def table(self) -> pd.DataFrame:
        """One row per arm."""
        import pandas as pd

        return pd.DataFrame(self.rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the patients' numbers."""
        return dict(self.cited)

    def __str__(self) -> str:
        return f"{self.name}\n{self.table().to_string(index=False, float_format='{:.3g}'.format)}\n{self.note}"


def isotypes(of: str | Path | Trial = TRIAL, seed: int = 1, replicates: int = 3,
             assays: Mapping[str, Mapping[str, float]] = ASSAYS) -> Contrast:  # fmt: skip
    """Every patient of a trial as each isotype, and all as they are under each of the `assays`, without a data cut.

    The disease, the drug and every other draw of a patient stay; M-protein and light chain, and what is measured of
    them, are other. `burden` is the median over patients of the burden after eight weeks over its start, of those who
    are followed in all arms; `days to response` the median of the responders. Raises InputError for a population
    without isotypes.
    """
    plan = of if isinstance(of, Trial) else trial(of)
    if GROUP not in plan.population.kinds:
        raise InputError(
            "these patients have no isotypes", where=plan.population.name,
            found=", ".join(plan.population.kinds) or "no groups", expected=GROUP,
        )  # fmt: skip
    names = [kind.name for kind in plan.population.kinds[GROUP]]
    arms: dict[str, Trial] = {}
    for name in names:
        shares = {f"group.{other}.share": "1" if other == name else "0" for other in names}
        arms[f"all {name}"] = replace(plan, population=plan.population.replace(shares))
    for words, factors in assays.items():
        given = {address: _times(plan.protocol[address], factor) for address, factor in factors.items()}
        arms[words] = replace(plan, protocol=plan.protocol.replace(given))
    outcomes = {name: arm.outcomes(range(seed, seed + replicates), cut=False) for name, arm in arms.items()}
    burden = {name: np.concatenate([_burden(one) for one in found]) for name, found in outcomes.items()}
    everywhere = ~np.isnan(np.stack(list(burden.values()))).any(axis=0)
    rows = tuple(_row(name, found, burden[name][everywhere]) for name, found in outcomes.items())
    note = (
        f"{plan.protocol.symbol}, {replicates} x {plan.patients} patients (seed {seed}), the same in every arm; burden "
        f"of {int(everywhere.sum())} followed to week {AFTER} in all. Doses follow counts, not M-protein: so the kill "
        "is equal, and what differs is what a laboratory sees of it, and when."
    )
    cited = next(iter(outcomes.values()))[0].sources()
    return Contrast("The same patients, other isotypes and assays", rows, note, cited)


def _times(q: Quantity, factor: float) -> Quantity:
    return Quantity(q.value * factor, q.unit, source=q.source, grade="assumed", note=f"x {factor:g}")


def _burden(outcome: Outcome) -> np.ndarray:
    own = outcome.clinic.truth["burden"][outcome.patients]
    return np.asarray(own[:, AFTER] / own[:, 0])


def _row(name: str, outcomes: Sequence[Outcome], burden: np.ndarray) -> dict[str, float | str]:
    best = np.concatenate([one.endpoints.responses.best for one in outcomes])
    first = np.concatenate([one.endpoints.responses.response_day for one in outcomes])
    responded = best >= LEVELS.index("PR")
    return {
        "patients": name,
        "burden": float(np.median(burden)),
        "ORR": float(responded.mean()),
        "VGPR or better": float((best >= LEVELS.index("VGPR")).mean()),
        "CR or better": float((best >= LEVELS.index("CR")).mean()),
        "days to response": float(np.median(first[responded])) if responded.any() else np.nan,
    }


def immune_share(glue: str = "mezigdomide", amount: str = "1 mg", steroid: Sequence[float] = STEROID,
                 people: str = "triple_class_refractory", n: int = 60, seed: int = 1,
                 cycles: int = 2) -> Contrast:  # fmt: skip
    """Share of all killed myeloma cells that T and NK cells take, by weekly dexamethasone (mg; 0 is monotherapy).

    The same `n` patients in each arm, 21 days of 28, no dose held. Mean over patients and what 95 % of them have;
    `burden` is the median at the end over the start. Numbers of T and NK cells and their rates are assumptions.
    Raises InputError.
    """
    if not steroid or any(not (x >= 0 and np.isfinite(x)) for x in steroid):
        raise InputError(
            "doses of dexamethasone are numbers from 0 up, in mg", where="steroid", found=str(tuple(steroid)),
            example="0, 20, 40",
        )  # fmt: skip
    patients = population(people).sample(n, seed)
    rows, cited = [], {}
    for weekly in steroid:
        given = dose(glue, amount, days="1-21", cycle=f"{CYCLE} d", cycles=cycles)
        if weekly:
            given += dose("dexamethasone", f"{weekly:g} mg", days="1,8,15,22", cycle=f"{CYCLE} d", cycles=cycles)
        run = simulate(given, patients, times=np.arange(0.0, cycles * CYCLE + 1) * DAY)
        shares, cited = kill_shares(run), run.model.sources()
        immune = np.sum([shares[route] for route in IMMUNE], axis=0)
        low, high = np.nanpercentile(immune, (LOW, HIGH))
        rows.append(
            {"dexamethasone (mg a week)": weekly}
            | {f"share of {route} cells": float(np.nanmean(shares[route])) for route in IMMUNE}
            | {"immune share": float(np.nanmean(immune)), "low": float(low), "high": float(high),
               "burden": float(np.nanmedian(run["myeloma.burden"][:, -1] / run["myeloma.burden"][:, 0]))}
        )  # fmt: skip
    note = (
        f"{n} patients of {people} (seed {seed}), {glue} {amount} on 21 days of 28, {cycles} cycles without holds. The "
        "numbers of immune cells in the marrow and their rates are assumptions, so the level is one; that "
        "dexamethasone lowers the share is the mechanism (it suppresses IL-2 and NK cells, and kills by itself). "
        "Whether its own kill makes up for it, the burden shows."
    )
    return Contrast("The immune share of the kill against dexamethasone", tuple(rows), note, cited)
