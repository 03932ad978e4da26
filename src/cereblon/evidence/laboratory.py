"""The laboratory of the evidence: runs that several rows share, made once, and draws weighted by what calibrates.

Intervals come from draws of the records' intervals (`bench.spread`). In a dish every draw is weighted by how well it
meets the rows with the role `calibrate`: the constants were fitted with the other numbers where they stand, so a draw
that contradicts those rows was never part of the model. Rows on patients share replicates of their trial instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.outcome import Replicates
from cereblon.bedside.schedules import Schedules, schedules
from cereblon.bedside.trial import trial
from cereblon.bench.curve import around, crossing
from cereblon.bench.degradation import SATURATING, SUBSTRATES
from cereblon.bench.spread import drawn
from cereblon.evidence.rows import reported_degradation
from cereblon.ground.quantity import Quantity
from cereblon.model import dish, exposure
from cereblon.records.compound import Compound, compound
from cereblon.records.regimen import hours

Floats = NDArray[np.float64]

DRAWS = 2000
REPLICATES, IDLE_REPLICATES = 20, 4  # of a trial, at most
ESCALATIONS, IDLE_ESCALATIONS = 8, 2  # of each schedule of phase 1, at most
SCHEDULES = ("MM_001_phase_1", "MM_001_phase_1_21_28", "MM_001_phase_1_3_14", "MM_001_phase_1_7_14")
"""Phase 1 of MM-001 with dexamethasone."""
NEVER = "1e-9"  # closing constant of a glue that binds and never closes
TAILS = (0.025, 0.975)
Z = 1.96
TOLERANCE = 3.0  # a row without a range, when it sets a weight: as in the calibration
GLUES = ("lenalidomide", "pomalidomide", "avadomide", "iberdomide", "mezigdomide")
COURSE = np.concatenate([[0.0], np.geomspace(0.01, 24, 120)])
COARSE = 2  # every second concentration: 4 a decade place a DC50 within 1 %


@dataclass(frozen=True)
class Simulated:
    """One row simulated: a number (NaN where it could not be got), or for a claim whether it holds.

    `low`, `high` are the prediction interval and `null` what the null model gives, in the unit of the row; `says` is
    how, in words; `put_in` marks a number that is itself an entry of the record that simulates it.
    """

    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    null: float = math.nan
    holds: bool | None = None
    null_holds: bool | None = None
    says: str = ""
    put_in: bool = False


@dataclass(frozen=True)
class Drawn:
    """One glue in the dish of its rows: subject 0 has the records' numbers, the others are draws.

    `left` (draws + 1, concentrations, substrates) at 4 h, `falls` (draws + 1, times, substrates) under saturation.
    """

    given: Floats
    left: Floats
    falls: Floats
    known: dict[tuple[str, str], Floats] = field(default_factory=dict, repr=False, compare=False)

    def DC50(self, of: str) -> Floats:
        """Concentration (nM) at half of the achieved effect, per draw."""
        curves = self.left[:, :, SUBSTRATES.index(of)]
        return np.array([crossing(self.given, y, (1 + y[-1]) / 2, "nM", "").value for y in curves])

    def Dmax(self, of: str) -> Floats:
        """Loss at the highest concentration, per draw."""
        return 1 - self.left[:, -1, SUBSTRATES.index(of)]

    def half_time(self, of: str) -> Floats:
        """Time (h) to half of the fall under a saturating concentration, per draw."""
        falls = self.falls[:, :, SUBSTRATES.index(of)]
        return np.array([crossing(COURSE[1:], y[1:], (1 + y.min()) / 2, "h", "").value for y in falls])

    def read(self, quantity: str, of: str) -> Floats:
        """DC50, Dmax or half_time by name, each worked out once."""
        if (quantity, of) not in self.known:
            found = {"DC50": self.DC50, "Dmax": self.Dmax, "half_time": self.half_time}[quantity](of)
            self.known[quantity, of] = found
        return self.known[quantity, of]


@dataclass(frozen=True)
class Laboratory:
    """Where rows are simulated: one seed, and every run that several rows share is made once."""

    seed: int = 1
    draws: int = DRAWS
    made: dict[tuple[str, str, str], Drawn] = field(default_factory=dict, repr=False, compare=False)
    trials: dict[tuple[str, bool], Replicates] = field(default_factory=dict, repr=False, compare=False)
    escalations: list[Schedules] = field(default_factory=list, repr=False, compare=False)

    def dish(self, glue: Compound, cell: str, at: str) -> Drawn:
        """Dose-responses and time courses of one glue with `draws` draws of its numbers."""
        key = (f"{glue.name} {hash(glue)}", cell, at)
        if key not in self.made:
            self.made[key] = self._run(glue, cell, at)
        return self.made[key]

    def trial(self, name: str, *, idle: bool = False, dose: str = "") -> Replicates:
        """Replicates of a trial, fewer where draws are few; `idle`: its glues never close, `dose`: another of them."""
        key = (f"{name}, {dose}" if dose else name, idle)
        if key not in self.trials:
            plan = trial(name)
            if dose:
                amount, rows = Quantity.parse(dose), plan.regimen.rows
                own = tuple(replace(row, amount=amount) if row.drug.kind == "glue" else row for row in rows)
                plan = replace(plan, regimen=replace(plan.regimen, rows=own))
            count = min(IDLE_REPLICATES if idle else REPLICATES, 1 + self.draws // 50)
            glues = [drug for drug in plan.regimen.compounds if drug.kind == "glue"]
            changes = {f"{glue.name}.CRBN.K_c": NEVER for glue in glues} if idle else None
            self.trials[key] = plan.replicates(count, self.seed, changes=changes)
        return self.trials[key]

    def phase_1(self) -> Schedules:
        """Escalations of the schedules of MM-001, run once; fewer where draws are few."""
        if not self.escalations:
            count = min(ESCALATIONS, 1 + self.draws // 50)
            self.escalations.append(schedules("MM-001 phase 1", SCHEDULES, count, self.seed))
        return self.escalations[0]

    def all_treated(self, patients: int, *, idle: bool = False) -> Replicates:
        """So many patients of phase 1, at the doses that the escalations gave; `idle`: of a glue that never closes."""
        found = self.phase_1()
        if (found.name, idle) not in self.trials:
            if idle:  # the doses stay as they were given
                found = replace(found, ended=tuple(arm[:IDLE_ESCALATIONS] for arm in found.ended))
            drug = found.arms[0].protocol.drug
            treated = found.all_treated(patients, {f"{drug}.CRBN.K_c": NEVER} if idle else None)
            self.trials[found.name, idle] = treated
        return self.trials[found.name, idle]

    def _run(self, glue: Compound, cell: str, at: str) -> Drawn:
        model = dish(glue, cell, SUBSTRATES)
        Kd = model[f"{glue.name}.CRBN.Kd"].coherent
        given, numbers, own = around(Kd)[::COARSE], drawn(model, self.draws, self.seed), model.coherent()
        vary = {
            slot: np.concatenate([[own[slot]], column]) for slot, column in numbers.items() if slot != "medium.volume"
        }
        count, watched = given.size, [f"{s}.remaining" for s in SUBSTRATES]
        subjects = self.draws + 1
        curves = model.simulate(
            [0.0, float(hours(at))],
            exposure(model, {glue.name: np.tile(given, subjects)}),
            vary={slot: np.repeat(column, count) for slot, column in vary.items()},
            observe=watched,
            rtol=1e-4,
        )
        doses = exposure(model, {glue.name: np.full(subjects, SATURATING * Kd)})
        falls = model.simulate(COURSE, doses, vary=vary, observe=watched, rtol=1e-4)
        left = [curves[w][:, -1].reshape(subjects, count) for w in watched]
        return Drawn(given, np.stack(left, axis=-1), np.stack([falls[w] for w in watched], axis=-1))

    @cached_property
    def weights(self) -> Floats:
        """How well each draw (the first is the records' own numbers) meets the rows that set the constants; sum 1."""
        total = np.zeros(self.draws + 1)
        for row in reported_degradation():
            if row.role == "calibrate":
                low, high = row.interval
                width = math.log(high / low if low == low else TOLERANCE**2) / (2 * Z)
                found = self.dish(compound(row.compound), row.cell, row.at or "4 h").read(row.quantity, row.of)
                total -= np.nan_to_num(np.log(found / row.centre) / width, nan=np.inf) ** 2 / 2
        weights = np.exp(total - total.max())
        return np.asarray(weights / weights.sum())

    @property
    def effective(self) -> float:
        """How many draws of equal weight say as much."""
        return float(1 / np.sum(self.weights**2))


def interval(values: Floats, weights: Floats | None = None) -> tuple[float, float]:
    """The 95 % range of draws, the first of which is the number itself and always inside; NaN without spread."""
    known = np.isfinite(values)
    found, weight = values[known], np.ones(known.sum()) if weights is None else weights[known]
    if found.size < 2 or np.ptp(found) < 1e-12 * abs(float(found[0])):
        return math.nan, math.nan
    order = np.argsort(found)
    cumulated = np.cumsum(weight[order]) / weight.sum()
    low, high = (float(found[order][min(int(np.searchsorted(cumulated, tail)), found.size - 1)]) for tail in TAILS)
    return (min(low, values[0]), max(high, values[0])) if known[0] else (low, high)


@lru_cache(maxsize=1)
def mean_glue() -> Compound:
    """The null model of a glue: affinity, closing and recruitment at the geometric mean of the five."""
    glues = [compound(name) for name in GLUES]

    def mean(address: str) -> str:
        numbers = [g[address].to(glues[0][address].unit) for g in glues]
        return f"{math.exp(sum(math.log(q.value) for q in numbers) / len(numbers))!r} {numbers[0].unit}"

    return compound("pomalidomide").replace({a: mean(a) for a in ("CRBN.Kd", "CRBN.K_c", "IKZF1.Kd", "IKZF3.Kd")})
