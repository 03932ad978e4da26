"""Dose and schedule: what each would give in response, time without progression, and neutropenia; and the Pareto front.

The same patients (common random numbers) are treated at every dose of every regimen, followed for the same number of
days (in whole cycles, so some for up to one more) without a data cut, and assessed in the same interval. Neutropenia
is told twice: as the visits saw it, and as it was from day to day, since a schedule whose low counts fall between two
visits looks better than it is.

Every point is simulated in each population of an ensemble of structures. Populations are fitted at one dose, if at
all: at other doses what lies between them is a range, and most of it is prior. Of a population that no trial has set
(earlier lines, another malignancy) the order of regimens may be read, not the size of an effect: what its record says
of it is printed.
Dose optimisation before a dose is fixed, on response and on tolerability: FDA guidance of August 2024 (recalled).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.clinic import WEEK
from cereblon.bedside.lanes import share_of
from cereblon.bedside.limits import whole_number
from cereblon.bedside.outcome import Outcome
from cereblon.bedside.toxicity import ctcae
from cereblon.bedside.toxicity.ctcae import SEVERE
from cereblon.bedside.trial import Trial, check_visits, trial
from cereblon.cohort import population
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity, unit
from cereblon.records.regimen import Regimen, regimen
from cereblon.records.sources import Source
from cereblon.statistics.intervals import clopper_pearson

if TYPE_CHECKING:
    import pandas as pd

SCHEDULES = ("mezi_dex", "mezi_dex_14_28", "mezi_dex_14_21", "mezi_dex_10_14", "mezi_dex_7_14", "mezi_dex_5_7")
"""21/28, 14/28, 14/21, 10/14 twice, 7/14 twice and 5/7, each with weekly dexamethasone."""
STRUCTURES = ("triple_class_refractory", "triple_class_refractory_downstream")
DOSES = ("0.3 mg", "0.6 mg", "1 mg", "1.6 mg")
MEASURES = ("ORR", "PFS", "neutropenia", "neutropenia_daily")
BENEFITS, HARMS = MEASURES[:2], MEASURES[2:]
COUNTS = {"neutropenia": "sampled", "neutropenia_daily": "continuous"}


@dataclass(frozen=True)
class Point:
    """One dose (mg) of one regimen in one population.

    `AUC` is the planned exposure of a week (nM h); `ORR` of all treated; `PFS`, share without progression at the month
    asked for; `median` PFS (months); grade 3/4 `neutropenia` at the visits and, as `neutropenia_daily`, from day to
    day; `intensity`, mean share of the planned dose; `days` of follow-up.
    """

    regimen: str
    dose: float
    population: str
    AUC: float
    ORR: Estimate
    PFS: Estimate
    median: Estimate
    neutropenia: Estimate
    neutropenia_daily: Estimate
    intensity: float
    days: int


@dataclass(frozen=True)
class Optimum:
    """All points, in order of population, regimen and dose. `patients` of `seed` were treated at each; `said` is what
    the records say of populations that no trial has set."""

    drug: str
    patients: int
    seed: int
    points: tuple[Point, ...]
    planned: int
    months: float
    cited: dict[str, Source] = field(repr=False, hash=False)
    said: tuple[str, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row per point: each number, and the ends of its interval (the error of so many patients)."""
        import pandas as pd

        rows = []
        for point in self.points:
            row: dict[str, object] = {"regimen": point.regimen, "dose": point.dose, "population": point.population,
                                      "AUC": point.AUC}  # fmt: skip
            for name in MEASURES:
                one: Estimate = getattr(point, name)
                row |= {name: one.value, f"{name}_low": one.low, f"{name}_high": one.high}
            rows.append({**row, "median_PFS": point.median.value, "dose_intensity": point.intensity,
                         "days": point.days})  # fmt: skip
        return pd.DataFrame(rows)

    def ranges(self) -> pd.DataFrame:
        """One row per regimen and dose: the mean of each number over the populations, and its lowest and highest."""
        grouped = self.table().groupby(["regimen", "dose"], sort=False)
        out = grouped[["AUC", *MEASURES]].mean()
        for name in MEASURES:
            out[f"{name}_lowest"], out[f"{name}_highest"] = grouped[name].min(), grouped[name].max()
        out["structures"] = grouped.size()
        return out.reset_index()

    def front(self, benefit: str = "ORR", harm: str = "neutropenia_daily") -> pd.DataFrame:
        """The rows of `ranges` that no other beats in both means, by rising harm.

        `on_fronts`: in how many populations the point is on their own front too. Raises InputError for other measures.
        """
        if benefit not in BENEFITS or harm not in HARMS:
            raise InputError("a front weighs a benefit against a harm", found=f"{benefit} against {harm}",
                             expected=f"{' or '.join(BENEFITS)} against {' or '.join(HARMS)}")  # fmt: skip
        means = self.ranges()
        chosen = means[undominated(means[benefit].to_numpy(), means[harm].to_numpy())]
        own: set[tuple[str, str, float]] = set()
        for name, part in self.table().groupby("population", sort=False):
            kept = part[undominated(part[benefit].to_numpy(), part[harm].to_numpy())]
            own |= {(str(name), row["regimen"], row["dose"]) for row in kept.to_dict("records")}
        names = {name for name, *_ in own}
        on = [
            sum((name, row["regimen"], row["dose"]) in own for name in names) for row in chosen.to_dict("records")
        ]
        return chosen.assign(on_fronts=on).sort_values(harm).reset_index(drop=True)

    def by_counts(self) -> pd.DataFrame:
        """One row per point and way of counting neutropenia ("sampled" at visits, "continuous"): for a figure,
        schedule, dose_mg, population, ORR, neutropenia_34 and the ends of both, and whether it is on the front of its
        population and way of counting."""
        import pandas as pd

        parts = []
        for (_, part), (harm, counts) in product(self.table().groupby("population", sort=False), COUNTS.items()):
            plain = part[["regimen", "dose", "population", "ORR", "ORR_low", "ORR_high"]]
            named = plain.rename(columns={"regimen": "schedule", "dose": "dose_mg"})
            cost = {f"neutropenia_34{end}": part[f"{harm}{end}"] for end in ("", "_low", "_high")}
            front = undominated(part["ORR"].to_numpy(), part[harm].to_numpy())
            parts.append(named.assign(**cost, front=front, counts=counts))
        return pd.concat(parts, ignore_index=True)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the patients' numbers, of protocol and regimens."""
        return dict(self.cited)

    def __str__(self) -> str:
        part = f" of {self.planned} planned" if len(self.points) < self.planned else ""
        lines = [f"{self.drug}: {len(self.points)}{part} points, the same {self.patients} patients at each "
                 f"(seed {self.seed})"]  # fmt: skip
        heads = ("on the front", "AUC (nM h/week)", "ORR", f"PFS {self.months:g} months", "neutropenia 3/4",
                 "from day to day")  # fmt: skip
        lines.append("".join([f"{heads[0]:28}", *(f"{head:>18}" for head in heads[1:])]))
        people = len({point.population for point in self.points})
        for row in self.front().to_dict("records"):
            told = [_span(row[f"{name}_lowest"], row[f"{name}_highest"]) for name in MEASURES]
            named = f"{row['regimen']} {row['dose']:g} mg"
            lines.append("".join([f"{named:28}", *(f"{one:>18}" for one in (f"{row['AUC']:.3g}", *told))]))
        if people > 1:
            lines.append("Ranges are those of the populations; away from the dose they were fitted at, prior.")
        days = sorted({point.days for point in self.points})
        if len(days) > 1:
            lines.append(f"Whole cycles: followed for {days[0]} to {days[-1]} days, by regimen.")
        return "\n".join([*lines, *self.said])


def optimise(
    regimens: Sequence[str | Path | Regimen] = SCHEDULES,
    doses: Sequence[str] = DOSES,
    populations: Sequence[str | Path] = STRUCTURES,
    *,
    drug: str = "mezigdomide",
    like: str | Path = "MM_001_phase_2",
    patients: int = 60,
    cycles: int | None = None,
    months: float = 6.0,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Optimum:
    """Response, progression and neutropenia at every dose of `drug`, under every regimen, in every population.

    `like` names the trial whose visits, laboratory and policy are used, with its own follow-up or that of so many of
    its `cycles`. Progression is told at so many `months`. Regimens with partners are compared in the same way. Ctrl-C
    keeps the points that are done. Raises InputError and what a trial raises.
    """
    whole_number("patients", patients, 1)
    for where, given in (("regimens", regimens), ("doses", doses), ("populations", populations)):
        if isinstance(given, str) or not given or len({str(one) for one in given}) < len(given):
            raise InputError("each once, and at least one", where=where, found=str(given), example="a list of names")
    plan = trial(like)
    length = plan.regimen.cycle * (plan.protocol.structure["cycles"] if cycles is None else cycles)
    followed = length * unit("d").factor / unit("month").factor
    if not 0 < months <= followed:
        raise InputError("progression is told within the follow-up", where="months", found=f"{months:g}",
                         expected=f"above 0, at most {followed:.3g}", example="more cycles")  # fmt: skip
    amounts = [Quantity.parse(dose) for dose in doses]
    planned = len(regimens) * len(doses) * len(populations)
    points, cited = list[Point](), dict[str, Source]()
    plans = [arm(plan, one, name, patients, length) for name in populations for one in regimens]
    shares = {one.regimen.name: [share_of(one.regimen, drug, amount) for amount in amounts] for one in plans}
    try:
        for one in plans:
            found = one.outcomes([seed] * len(doses), cut=False, drug=drug, shares=shares[one.regimen.name], daily=True)
            points += [_point(one, drug, *pair, months) for pair in zip(amounts, found, strict=True)]
            cited |= {**found[0].sources(), **one.protocol.sources(), **one.regimen.sources()}
            cited |= one.population.sources()
            if progress:
                progress(len(points), planned)
    except KeyboardInterrupt:
        if not points:
            raise
    return Optimum(drug, patients, seed, tuple(points), planned, months, cited, unset(populations))


def arm(plan: Trial, given: str | Path | Regimen, people: str | Path, patients: int, days: int) -> Trial:
    """A trial like `plan` of another regimen and population, for at least so many days (whole cycles)."""
    own = given if isinstance(given, Regimen) else regimen(given)
    cycles = max(1, -(-days // own.cycle))
    protocol = plan.protocol
    if "visit.assessment.duration" not in protocol:
        apart = Quantity.parse(f"{plan.regimen.cycle} d", source="assumption", grade="assumed",
                               note="as in the trial that it is like")  # fmt: skip
        protocol = protocol.replace({"visit.assessment.duration": apart})
    protocol = replace(protocol, structure={**protocol.structure, "patients": patients, "cycles": cycles})
    check_visits(protocol, own)
    return replace(plan, protocol=protocol, population=population(people), regimen=own.repeat(cycles))


def _span(low: float, high: float) -> str:
    """A share, or the range of it over the populations, in percent; "-" where nobody was followed so long."""
    if np.isnan(low):
        return "-"
    return f"{100 * low:.0f} %" if low == high else f"{100 * low:.0f}-{100 * high:.0f} %"


def unset(names: Sequence[str | Path]) -> tuple[str, ...]:
    """What the records say of those populations that are none of `STRUCTURES`: no trial has set them.

    >>> unset(["triple_class_refractory"])
    ()
    """
    others = (population(name) for name in names if name not in STRUCTURES)
    return tuple(f"{one.name}: {one.note}" for one in others)


def undominated(benefit: NDArray[np.float64], harm: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points no other one beats: at least as much benefit, at most as much harm, and one of them strictly.

    >>> undominated(np.array([0.2, 0.4, 0.4, 0.1]), np.array([0.5, 0.6, 0.7, 0.5])).tolist()
    [True, True, False, False]
    """
    more, less = benefit[:, None] - benefit[None, :], harm[:, None] - harm[None, :]
    beaten = (more <= 0) & (less >= 0) & ((more < 0) | (less > 0))
    return np.asarray(~beaten.any(axis=1))


def low_from_day_to_day(outcome: Outcome) -> NDArray[np.bool_]:
    """Who had neutrophils below the limit of grade 3 on any day after the first, and not before treatment."""
    assert outcome.daily is not None
    limit = ctcae(outcome.clinic.protocol.CTCAE).threshold("ANC", SEVERE)
    below = outcome.daily < limit
    return np.asarray(below[:, 1:].any(axis=1) & ~below[:, 0])


def exposure(outcome: Outcome, drug: str, amount: Quantity) -> float:
    """AUC of `drug` a week as planned, in nM h: F dose / CL times the doses of a week, median of the patients; NaN for
    a drug without a clearance."""
    given, model = outcome.clinic.regimen, outcome.model
    rows = [row for row in given.rows if row.drug.name == drug and not row.first - 1]
    clearance = next((a for a in (f"{drug}.CL_F", f"{drug}.CL") if a in model.values), "")
    if not clearance:
        return float("nan")
    own = outcome.cohort.numbers(model)
    CL, F = (own.get(a, np.full(1, model.values[a].coherent)) for a in (clearance, f"{drug}.F"))
    a_week = sum(len(row.days) for row in rows) / given.cycle * WEEK
    return float(np.median(F * rows[0].drug.amount(amount) * a_week / CL))


def _point(one: Trial, drug: str, amount: Quantity, outcome: Outcome, months: float) -> Point:
    low = low_from_day_to_day(outcome)
    return Point(
        one.regimen.name, amount.to("mg").value, one.population.name, exposure(outcome, drug, amount),
        outcome.ORR, outcome.PFS.at(months),
        outcome.PFS.median(), outcome.TEAE["neutropenia"], clopper_pearson(int(low.sum()), len(low)),
        float(np.mean(outcome.dose_intensity())), int(outcome.clinic.days[-1]),
    )  # fmt: skip
