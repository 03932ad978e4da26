"""Lanes: what is simulated at once. Patients of several cohorts, one after the other, each cohort at a dose of its own.

A dose is told by its share of the regimen's: it multiplies what of the drug reaches the body (F), so all keep one
calendar, which decisions at visits need, and one patient is the same person at every dose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cereblon.bedside.draws import Floats
from cereblon.cohort import Cohort
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Quantity
from cereblon.model import Model
from cereblon.model.patient import for_age
from cereblon.records.days import DAY
from cereblon.records.policy import Policy
from cereblon.records.regimen import Regimen, dose


def supported(given: Regimen, rules: Policy, cycles: int) -> tuple[Regimen, dict[str, str]]:
    """The regimen with the policy's growth factor, due daily; and what of it is "treated" or "support" (species)."""
    drugs = {row.drug.enters: "treated" for row in given.rows if row.drug.kind == "glue"}
    if not rules.growth_factor:
        return given, drugs
    length = given.cycle
    extra = dose(
        rules.growth_factor, rules["growth_factor.dose"], days=f"1-{length}", cycle=f"{length} d", cycles=cycles
    )
    return given + extra, {**drugs, extra.rows[0].drug.enters: "support"}


def together(
    cohorts: Sequence[Cohort], given: Regimen, model: Model, drug: str = "", shares: Sequence[float | Floats] = ()
) -> dict[str, Floats]:
    """The numbers of all cohorts, one after the other; each cohort, or patient, has its share of the planned dose
    of `drug`.

    Raises InputError where a share is no number from 0 up.
    """
    each = [for_age(given, model, cohort.numbers(model)) for cohort in cohorts]
    slots = dict.fromkeys(slot for numbers in each for slot in numbers)  # a cohort of the young has no elderly's dose
    columns = {slot: np.concatenate([numbers.get(slot, np.full(len(cohort), model.values[slot].coherent))
                                     for numbers, cohort in zip(each, cohorts, strict=True)])
               for slot in slots}  # fmt: skip
    if not drug:
        return columns
    able = all(np.shape(share) in ((), (len(one),)) and (np.isfinite(share) & (np.asarray(share) >= 0)).all()
               for share, one in zip(shares, cohorts, strict=False))  # fmt: skip
    if len(shares) != len(cohorts) or not able:
        raise InputError("a share of the planned dose per cohort, from 0 up", where=drug, found=str(list(shares)),
                         expected=f"{len(cohorts)} numbers", example="0.6")  # fmt: skip
    slot = model.resolve(f"{drug}.F")
    own = np.concatenate([np.broadcast_to(share, len(cohort)) for share, cohort in zip(shares, cohorts, strict=True)])
    return {**columns, slot: columns.get(slot, np.full(len(own), model.values[slot].coherent)) * own}


def share_of(given: Regimen, drug: str, amount: Quantity) -> float:
    """An amount of `drug` over that of the regimen. Raises InputError for a drug that it lacks, or gives twice."""
    rows = [row for row in given.rows if row.drug.name == drug]
    if not rows:
        raise InputError("the regimen does not have this drug", where=given.name, found=drug or "nothing",
                         expected=", ".join(one.name for one in given.compounds))  # fmt: skip
    if len({row.amount.coherent for row in rows}) > 1:
        raise InputError("a drug with two amounts has no dose of its own", where=given.name, found=drug)
    return rows[0].drug.amount(amount) / rows[0].drug.amount(rows[0].amount)


def days_with_doses(regimen: Regimen, drugs: Mapping[str, str]) -> set[int]:
    """Days (from 0) on which a drug that is held is due."""
    return {
        int((dose.time + k * dose.ii) // DAY)
        for dose in regimen.doses()
        if drugs.get(dose.species) == "treated"
        for k in range(dose.addl + 1)
    }
