"""Experiments that a row of evidence can name: each simulates what was reported, as it was measured.

An experiment returns its number in the row's unit with a prediction interval, and what a null model gives: the
simplest rival that a reader would believe. To add one, write the function and its line in `EXPERIMENTS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from cereblon.bench.spread import drawn
from cereblon.evidence.cell_experiments import (
    IL2_release,
    NK_killing,
    cereblon_loss,
    doubling_time,
    growth_inhibition,
    knock_down,
    onset,
    survival,
)
from cereblon.evidence.cell_words import in_words
from cereblon.evidence.claims import JUDGES, judge
from cereblon.evidence.laboratory import NEVER, Floats, Laboratory, Simulated, interval, mean_glue
from cereblon.evidence.rows import Row
from cereblon.evidence.trial_experiments import MTD, all_treated, category, duration, in_trial, subgroup
from cereblon.ground.quantity import Quantity, unit
from cereblon.mechanism.binding import closed_fraction as closed_share
from cereblon.model import Model, patient
from cereblon.records.compound import Compound, compound
from cereblon.records.regimen import dose, hours

DAY = 24.0


# -- in a tube and in a dish ---------------------------------------------------------------------------------


def affinity(row: Row, lab: Laboratory) -> Simulated:
    """The record's apparent affinity in the row's family of assays."""
    in_extract = row.setting == "cell_extract"
    glue = compound(row.compound, "cell_extract" if in_extract else "FP")
    Kd = glue["CRBN.Kd"].to(row.unit)
    null = math.nan if in_extract else mean_glue()["CRBN.Kd"].to(row.unit).value
    return Simulated(Kd.value, *_ends(Kd), null, says="number of the record", put_in=True)


def affinity_ratio(row: Row, lab: Laboratory) -> Simulated:
    """Affinity of `versus` over that of the compound, both of the default family."""
    mine, other = compound(row.compound)["CRBN.Kd"], compound(row.versus)["CRBN.Kd"]
    low, high = (a / b for a, b in zip(_ends(other.to(mine.unit)), reversed(_ends(mine)), strict=True))
    ratio = other.coherent / mine.coherent
    return Simulated(ratio, low, high, 1.0, says="ratio of the records' numbers, ends set against ends", put_in=True)


def closed_fraction(row: Row, lab: Laboratory) -> Simulated:
    """Closed share of glue-bound cereblon at saturation."""
    K_c, null = compound(row.compound)["CRBN.K_c"], float(closed_share(mean_glue()["CRBN.K_c"].value))
    low, high = (float(closed_share(end)) for end in _ends(K_c))
    return Simulated(float(closed_share(K_c.value)), low, high, null, says="K_c / (1 + K_c)", put_in=True)


def recruitment(row: Row, lab: Laboratory) -> Simulated:
    """Apparent affinity of a substrate to glue-saturated cereblon, open and closed: Kd (1 + K_c) / K_c."""

    def apparent(glue: Compound, of: str) -> tuple[float, float, float]:
        Kd, closed = glue[f"{of}.Kd"].to(row.unit), glue["CRBN.K_c"]
        ends = zip((Kd.value, *_ends(Kd)), (closed.value, *reversed(_ends(closed))), strict=True)
        value, low, high = (k * (1 + c) / c for k, c in ends)
        return value, low, high

    null = apparent(mean_glue(), row.of if f"{row.of}.Kd" in mean_glue() else "IKZF1")[0]
    return Simulated(
        *apparent(compound(row.compound), row.of), null, says="Kd from closed cereblon over its closed share"
    )


def dose_response(row: Row, lab: Laboratory) -> Simulated:
    """DC50 (half of the achieved effect) or Dmax in the row's cell, at its time."""
    return _dish(row, lab, "numbers of the records, drawn; weighted by the rows that calibrate")


def time_course(row: Row, lab: Laboratory) -> Simulated:
    """Half-time of the fall under a hundred times the affinity."""
    return _dish(row, lab, "100 x Kd, numbers of the records, drawn; weighted by the rows that calibrate")


def _dish(row: Row, lab: Laboratory, says: str) -> Simulated:
    at = row.at or "4 h"
    values = lab.dish(compound(row.compound), row.cell, at).read(row.quantity, row.of)
    null = Laboratory(lab.seed, 1).dish(mean_glue(), row.cell, at).read(row.quantity, row.of)
    return Simulated(float(values[0]), *interval(values, lab.weights), float(null[0]), says=says)


def potency_ratio(row: Row, lab: Laboratory) -> Simulated:
    """DC50 of `versus` over that of the compound, draw by draw."""
    other, mine = (lab.dish(compound(g), row.cell, row.at).read("DC50", row.of) for g in (row.versus, row.compound))
    values = other / mine
    return Simulated(float(values[0]), *interval(values, lab.weights), 1.0, says=f"DC50 over DC50 at {row.at}")


# -- in a patient --------------------------------------------------------------------------------------------


def plasma(row: Row, lab: Laboratory) -> Simulated:
    """Cmax, AUC, Ctrough, Tmax, t_half or accumulation of the typical patient on the row's daily dose.

    A half-life is the slope of the last half of the samples after one dose. In healthy volunteers the factors that
    the record gives for myeloma are taken out again.
    """
    drug = compound(row.compound)
    model = patient(drug, {})
    if row.setting.startswith("healthy"):
        model = model.replace(_healthy(model, drug))
    numbers, own = drawn(model, lab.draws, lab.seed), model.coherent()
    vary = {slot: np.concatenate([[own[slot]], column]) for slot, column in numbers.items()}
    values = _plasma(row, model, drug, vary)
    null = _plasma(row, model.replace(_ordinary(model, drug)), drug, {})
    own_arithmetic = row.grade == "derived"  # worked out from the constants that the record holds
    says = f"{row.dose} a day, typical patient"
    return Simulated(float(values[0]), *interval(values), float(null[0]), says=says, put_in=own_arithmetic)


def _plasma(row: Row, model: Model, drug: Compound, vary: dict[str, Floats]) -> Floats:
    """The row's quantity in its unit, one per subject."""
    once = row.quantity in ("t_half", "Tmax")
    until = float(hours(row.at))
    days = 1 if once else math.ceil(until / DAY)
    last = np.linspace(0.0, until, 481) if once else np.linspace((days - 1) * DAY, days * DAY - 1e-6, 241)
    first = np.linspace(0.0, DAY - 1e-6, 241) if row.quantity == "accumulation" and days > 1 else np.zeros(1)
    times = np.unique(np.concatenate([[0.0], first, last]))
    given = dose(drug, row.dose, days=f"1-{days}" if days > 1 else "1", cycle=f"{max(days, 1)} d")
    run = model.simulate(times, given, vary=vary, observe=[f"{drug.name}@central"])
    level = np.atleast_2d(run[f"{drug.name}@central"])
    shown, t = level[:, times >= last[0]], times[times >= last[0]]
    if row.quantity == "t_half":
        late = t >= until / 2
        slope = np.polyfit(t[late], np.log(shown[:, late]).T, 1)[0]
        return np.asarray(np.log(2) / -slope)
    area = np.trapezoid(shown, t, axis=1)
    found = {
        "Cmax": lambda: shown.max(axis=1),
        "Ctrough": lambda: shown[:, -1],
        "AUC": lambda: area,
        "Tmax": lambda: t[shown.argmax(axis=1)],
        "accumulation": lambda: area / np.trapezoid(level[:, times < DAY], times[times < DAY], axis=1),
    }[row.quantity]()
    wanted = unit(row.unit)
    by_mass = wanted.dimension[3] != 0  # of the exponents, the fourth is that of mass
    return np.asarray(found * (drug["molar_mass"].coherent if by_mass else 1.0) / wanted.factor)


def _healthy(model: Model, drug: Compound) -> dict[str, str | Quantity]:
    names = ("CL_F", "V_F")
    factors = {n: drug[f"covariate.myeloma.{n}"].value for n in names if f"covariate.myeloma.{n}" in drug}
    return {f"{drug.name}.{n}": _times(model[f"{drug.name}.{n}"], 1 / factor) for n, factor in factors.items()}


def _ordinary(model: Model, drug: Compound) -> dict[str, str | Quantity]:
    """The null model of a plasma level: the drug is disposed of as the class of glues is by default."""
    default = {"CL_F": "10 L/h", "V_F": "70 L", "Q_F": "5 L/h", "V2_F": "60 L", "ka": "1 1/h", "lag": "0.2 h"}
    return {f"{drug.name}.{n}": text for n, text in default.items() if f"{drug.name}.{n}" in model.values}


def in_patient(row: Row, lab: Laboratory) -> Simulated:
    """Deepest loss of the protein in the row's cell of a typical patient on the row's daily dose."""
    drug = compound(row.compound)
    place = {"T_cell": "T_cell", "progenitor": "marrow"}.get(row.cell, "tumour")
    days = math.ceil(float(hours(row.at)) / DAY)
    times = np.linspace(0.0, days * DAY, 24 * days + 1)

    def deepest(glue: Compound, draws: int) -> Floats:
        model = patient(glue, {place: row.cell})
        numbers, own = drawn(model, draws, lab.seed), model.coherent()
        vary = {slot: np.concatenate([[own[slot]], column]) for slot, column in numbers.items()}
        given = dose(glue, row.dose, days=f"1-{days}", cycle=f"{days} d")
        left = f"{row.of}.remaining@{place}"
        return 1 - model.simulate(times, given, vary=vary, observe=[left])[left].min(axis=1)

    values = deepest(drug, min(lab.draws, 100))
    alike = {a: mean_glue()[a] for a in ("CRBN.Kd", "CRBN.K_c")}
    null = deepest(drug.replace(alike), 1)
    return Simulated(float(values[0]), *interval(values), float(null[0]), says=f"{row.dose} a day, numbers drawn")


# -- claims --------------------------------------------------------------------------------------------------

ALIKE = ("C01", "C06", "C07", "C08", "C11", "C16")  # comparisons of glues: null, all alike
# what closing brings: null, a ligand that never closes
IDLE = ("C02", "C03", "C04", "C05", "C09", "C10", "C12", "C13", "C14", "C15", "C17a", "C31", "C32", "C34", "C35",
        "C36", "C37", "C39")  # fmt: skip
EVEN = ("C38",)  # a choice between substrates: null, all recruited alike


def claim(row: Row, lab: Laboratory) -> Simulated | None:
    """A claim of the guide, judged by `evidence.claims`; None while it has no judge."""
    if row.id not in JUDGES:
        return None
    glue = compound(row.compound.partition(";")[0])
    finding = judge(glue, [row.id])[row.id]
    sizes = [f"{name}: {size}" for name, size in finding.effects.sizes.items()]
    says = ("; ".join(sizes[:4]) + " …" * (len(sizes) > 4)) or finding.effects.instead
    says += f"; {finding.said}" * bool(finding.effects.held)
    null = _null_of(row.id, glue)
    return Simulated(
        holds=finding.verdict.startswith("holds"),
        null_holds=None if null is None else judge(null, [row.id])[row.id].verdict.startswith("holds"),
        says=says,
        put_in=finding.verdict == "holds, as assumed",
    )


def _null_of(claim_id: str, glue: Compound) -> Compound | None:
    if claim_id in ALIKE:
        other = compound("pomalidomide")
        return glue.replace({a: other[a] for a in ("CRBN.Kd", "CRBN.K_c", "IKZF1.Kd", "IKZF3.Kd")})
    if claim_id in IDLE:
        return glue.replace({"CRBN.K_c": NEVER})
    if claim_id in EVEN:
        return glue.replace({f"{s}.Kd": glue["IKZF1.Kd"] for s in glue.neosubstrates})
    return None


@dataclass(frozen=True)
class Experiment:
    """A way to simulate a row; `tolerance` is how far a value without a range may be missed (a factor, or for a share
    the distance; `narrow` has its own by quantity), `null` the rival in words."""

    run: Callable[[Row, Laboratory], Simulated | None]
    tolerance: float
    null: str
    narrow: Mapping[str, float] = field(default_factory=dict)

    def around(self, row: Row) -> tuple[float, float]:
        """The reported interval of the row, or its value with the tolerance around it."""
        low, high = row.interval
        if low == low:
            return low, high
        tolerance = self.narrow.get(row.quantity, self.tolerance)
        if row.is_share:
            return max(0.0, row.centre - tolerance), min(1.0, row.centre + tolerance)
        return row.centre / tolerance, row.centre * tolerance


ALL_ALIKE = "all glues alike, at the geometric mean of the five"
EXPERIMENTS: dict[str, Experiment] = {
    "affinity": Experiment(affinity, 3.0, ALL_ALIKE),
    "affinity_ratio": Experiment(affinity_ratio, 3.0, "a ratio of 1"),
    "claim": Experiment(claim, 1.0, "glues alike, a ligand that never closes, or substrates alike: as the claim asks"),
    "closed_fraction": Experiment(closed_fraction, 0.1, ALL_ALIKE),
    "dose_response": Experiment(dose_response, 3.0, ALL_ALIKE),
    "in_patient": Experiment(in_patient, 0.1, "affinity and closing of the mean glue, its own pharmacokinetics"),
    "plasma": Experiment(plasma, 2.0, "disposed of as the class by default", {"accumulation": 1.25}),
    "potency_ratio": Experiment(potency_ratio, 3.0, "a ratio of 1"),
    "recruitment": Experiment(recruitment, 3.0, ALL_ALIKE),
    "growth_inhibition": Experiment(growth_inhibition, 3.0, ALL_ALIKE),
    "survival": Experiment(survival, 0.1, "the line that is not resistant"),
    "knock_down": Experiment(knock_down, 0.1, "nothing hangs on the factor"),
    "in_words": Experiment(
        in_words, 1.0, "what the row sets itself against: the sensitive line, an idle glue, a shut road"
    ),
    "onset": Experiment(onset, 1.5, "cells die without delay"),
    "IL2_release": Experiment(IL2_release, 3.0, "all glues alike; of the plateau: no release"),
    "NK_killing": Experiment(NK_killing, 0.1, "a glue does nothing to NK cells"),
    "doubling_time": Experiment(doubling_time, 1.5, "none"),
    "cereblon_loss": Experiment(cereblon_loss, 0.1, "no loss"),
    "time_course": Experiment(time_course, 3.0, ALL_ALIKE),
    "in_trial": Experiment(in_trial, 1.5, "the same trial of a glue that never closes", {"dose_modification": 0.1}),
    "all_treated": Experiment(all_treated, 0.1, "phase 1 at the same doses, of a glue that never closes"),
    "MTD": Experiment(MTD, 1.25, "nobody has a dose-limiting toxicity"),
    "category": Experiment(category, 0.1, "as many responders, spread evenly over the categories"),
    "subgroup": Experiment(subgroup, 0.1, "no difference between the parts"),
    "duration": Experiment(duration, 1.5, "one constant rate of progression for all"),
}


def _ends(q: Quantity) -> tuple[float, float]:
    return (q.value if q.low is None else q.low), (q.value if q.high is None else q.high)


def _times(q: Quantity, factor: float) -> Quantity:
    return Quantity(q.value * factor, q.unit, source=q.source, grade="derived", note=f"x {factor:.3g}")
