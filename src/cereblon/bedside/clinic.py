"""The clinic: what is measured at the visits of a trial, what is decided, and when a patient leaves.

Visits are weekly, before the dose of the day. In the first two cycles, while a dose is held, after a fever and from a
count of grade 4 until it has recovered blood is taken at each, else at every other; red cells and platelets are
transfused by what it shows. Response is assessed on day 1 of every cycle, or in the protocol's own interval. What a
laboratory says is the model's value with the laboratory's error. Fever, infection, death, withdrawal and progression
seen without the protein fall where cumulative hazards cross a patient's own draws. A patient leaves at the first visit
after progression, death, withdrawal or the data cut; from then on nothing is simulated. Who left for progression is
still followed for survival, to the data cut or the last visit of the protocol: death falls at a constant hazard that
the protocol assumes.

Arrays are (patients, visits), visit 0 the baseline; NaN where nothing was measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.dosing import Bools, Dosing, Floats, Seen
from cereblon.bedside.draws import normals, thresholds, uniforms
from cereblon.bedside.lanes import days_with_doses
from cereblon.bedside.response import assessments, best_response, immunofixation
from cereblon.bedside.response.result import Responses
from cereblon.bedside.response.rules import rules
from cereblon.bedside.response.watch import Watch
from cereblon.bedside.toxicity import ctcae
from cereblon.bedside.toxicity.ctcae import SEVERE
from cereblon.bedside.transfusion import CELLS, Transfusion
from cereblon.cohort import Cohort
from cereblon.ground.quantity import unit
from cereblon.network.visits import Orders, Visit
from cereblon.records.days import DAY
from cereblon.records.policy import Policy
from cereblon.records.regimen import Regimen
from cereblon.records.trial import Protocol

WEEK = 7  # d
COUNTS = {"ANC": ("neutrophil", "1e9/L"), "PLT": ("platelet", "1e9/L"), "ALC": ("lymphocyte", "1e9/L")}
"""Read-out -> the cells whose laboratory error it has, and its unit."""
EVENTS = ("febrile_neutropenia", "infection")
PROGRESSED = ("progression", "progression by protein")  # why a patient left
ABSENT = ("death", "withdrawal", "data cut")  # who left so before a visit was not seen at it
DISEASE = ("protein", "serum", "urine", "involved", "volume", "marrow", "antibody")
ISOTYPE = "isotype"  # the group of a population that says it
MOST_EVENTS = 12
FAR = 1e9  # d


class Clinic:
    """The visits of a batch of cohorts under one protocol: called by the engine at each (`policy=`)."""

    def __init__(self, protocol: Protocol, policy: Policy, regimen: Regimen, cohorts: Sequence[Cohort],
                 drugs: Mapping[str, str], *, cut: bool | Sequence[Floats] = True) -> None:  # fmt: skip
        self.protocol, self.policy, self.regimen, self.drugs = protocol, policy, regimen, drugs
        self.in_cycle = regimen.cycle // WEEK  # visits, as those between two assessments
        self.in_assessment = round(protocol.assessed_every(regimen.cycle)) // WEEK
        n, v = sum(len(c) for c in cohorts), protocol.structure["cycles"] * self.in_cycle + 1
        self.patients, self.days = n, np.arange(v) * float(WEEK)
        self.labs: dict[str, Floats] = {name: np.full((n, v), np.nan) for name in (*COUNTS, "Hb")}
        self.truth = {name: np.full((n, v), np.nan) for name in ("ANC", "PLT", "Hb", "burden", "IKZF1")}
        self.disease = {name: np.full((n, v), np.nan) for name in DISEASE}
        self.events: dict[str, list[tuple[int, float]]] = {event: [] for event in EVENTS}
        self.hazard = {name: np.zeros((n, v)) for name in (*EVENTS, "death", "progression")}
        self.left, self.reason = np.full(n, np.nan), np.full(n, "", dtype=object)
        self.watch: Watch | None = None
        self.due_days = days_with_doses(regimen, drugs)
        self.antibodies = [drug for drug in regimen.compounds if "CD38.Kd" in drug]
        self.same_place = np.concatenate([_as_antibodies(c) for c in cohorts])
        self._draw(cohorts, n, v)
        if not isinstance(cut, bool):
            self.cut_day = np.concatenate([np.broadcast_to(day, len(c)) for day, c in zip(cut, cohorts, strict=True)])
        elif not cut:
            self.cut_day[:] = FAR
        willing = uniforms(cohorts, "growth_factor")[:, 0] < (
            policy["growth_factor.share"].coherent if policy.growth_factor else 0.0
        )
        self.dosing = Dosing(policy, n, willing)
        self.intensity = np.full((n, v), np.nan)  # share of the planned dose from this visit on
        self.growth_factor = np.zeros((n, v), dtype=bool)
        self.transfusion = Transfusion(policy)
        self.units = {test: np.zeros((n, v)) for test in CELLS}  # given at this visit
        self.grade_4 = {test: ctcae(protocol.CTCAE).threshold(test, SEVERE + 1) for test in ("ANC", "PLT")}
        self.watched = np.zeros(n, dtype=bool)  # the last count was of grade 4

    def _draw(self, cohorts: Sequence[Cohort], n: int, v: int) -> None:
        p, month = self.protocol, unit("month").factor / DAY
        measured = (*COUNTS, "Hb", "serum", "urine", "involved")
        self.noise = {name: normals(cohorts, f"laboratory.{name}", v) for name in measured}
        self.shift = normals(cohorts, "laboratory.serum.additive", v)
        self.missed = uniforms(cohorts, "visit.missed", v) < p["visit.missed.share"].coherent
        self.missed[:, 0] = False
        jitter = p["visit.jitter"].to("d").value
        self.jitter = np.round((2 * uniforms(cohorts, "visit.jitter", v) - 1) * jitter)
        self.jitter[:, 0] = 0.0
        self.drawn = {event: thresholds(cohorts, event, MOST_EVENTS) for event in EVENTS}
        self.drawn |= {event: thresholds(cohorts, event) for event in ("death", "progression")}
        goes = -np.log(uniforms(cohorts, "withdrawal")[:, 0]) / p["withdrawal.hazard"].to("1/month").value * month
        early = uniforms(cohorts, "withdrawal.early", 2)
        first = self.in_assessment * WEEK
        self.withdrawal = np.where(early[:, 0] < p["withdrawal.early.share"].coherent, early[:, 1] * first, goes)
        # patients come evenly over the accrual; the order is drawn, so that replicates differ in who is followed long
        size = np.concatenate([np.full(len(c), len(c)) for c in cohorts])
        length = size / p["accrual.rate"].to("1/month").value * month
        least = p["cut.least.duration"].to("d").value
        self.cut_day = least + uniforms(cohorts, "accrual")[:, 0] * length
        with np.errstate(divide="ignore"):  # a hazard of 0 is never
            self.after = thresholds(cohorts, "death.after")[:, 0] / p["progression.death.hazard"].to("1/d").value  # d

    # -- a visit -------------------------------------------------------------------------------------------------

    def __call__(self, visit: Visit) -> Orders:
        """Measure, decide, see who leaves."""
        who, v = visit.subjects, round(float(visit.time[0]) / (WEEK * DAY))
        self._look(visit, who, v)
        seen = self._laboratory(who, v)
        day = self.days[v]
        due = bool(self.due_days & set(range(int(day) - WEEK, int(day) + 1)))
        start = v > 0 and v % self.in_cycle == 0
        reasons = [""] * len(who)
        if v:
            reasons = self.dosing.decide(who, seen, due=due, new_cycle=start)
        else:
            self.dosing.begin(who, seen)
        factor = self.dosing.factors(who, visit.factor, visit.doses, self.drugs)
        self.growth_factor[who, v] = self.dosing.support[who]
        self.intensity[who, v] = np.where(
            self.dosing.held[who] | self.dosing.stopped[who], 0.0, self.dosing.level[who]
        )
        leaves = self._leaving(who, v) if v else np.zeros(len(who), dtype=bool)
        for test, units in self.transfusion.units({test: self.labs[test][who, v] for test in CELLS}).items():
            self.units[test][who, v] = np.where(leaves, 0.0, units)
        own = self.transfusion.order({test: units[who, v] for test, units in self.units.items()}, factor, visit.doses)
        told = [str(text) for text in self.dosing.support_reason[who]]
        own |= dict.fromkeys(self.dosing.supports(visit.doses, self.drugs), told)
        return Orders(factor, reasons, leaves, own)

    def _look(self, visit: Visit, who: NDArray[np.int64], v: int) -> None:
        """The model's own values at this visit."""
        seen = visit.observed
        for name in ("ANC", "PLT"):
            self.truth[name][who, v] = seen[name] / unit("1e9/L").factor
        self.truth["Hb"][who, v] = seen["Hb"] / unit("g/dL").factor
        self.truth["burden"][who, v] = seen["myeloma.burden"]
        self.truth["IKZF1"][who, v] = seen["IKZF1.remaining@tumour"]
        lymphocytes = seen["ALC"] / unit("1e9/L").factor
        for event in EVENTS:
            self.hazard[event][who, v] = seen[f"{event}@blood"]
        if v:
            mean = (self.truth["burden"][who, v] + self.truth["burden"][who, v - 1]) / 2
            for event in ("death", "progression"):
                rate = self.protocol[f"{event}.hazard"].to("1/d").value
                self.hazard[event][who, v] = self.hazard[event][who, v - 1] + rate * WEEK * mean
        p, noise = self.protocol, self.noise
        true = {"ANC": self.truth["ANC"][who, v], "PLT": self.truth["PLT"][who, v], "ALC": lymphocytes}
        for name, (cells, _) in COUNTS.items():
            error = p[f"laboratory.{cells}.error"].coherent
            self.labs[name][who, v] = true[name] * np.exp(error * noise[name][who, v])
        spread = p["laboratory.haemoglobin.error_additive"].to("g/dL").value
        self.labs["Hb"][who, v] = np.maximum(0.0, self.truth["Hb"][who, v] + spread * noise["Hb"][who, v])
        if v % self.in_assessment == 0:
            self._assess(visit, who, v)

    def _assess(self, visit: Visit, who: NDArray[np.int64], v: int) -> None:
        """The disease at an assessment, in its units."""
        p, seen, noise = self.protocol, visit.observed, self.noise
        protein = seen["M_protein"] / unit("g/dL").factor
        additive = p["laboratory.M_protein.error_additive"].to("g/dL").value
        read = protein * np.exp(p["laboratory.M_protein.error"].coherent * noise["serum"][who, v])
        read = np.where(protein > 0, np.maximum(0.0, read + additive * self.shift[who, v]), 0.0)
        self.disease["serum"][who, v] = read
        self.disease["protein"][who, v] = protein
        spilled = seen["urine"] / unit("mg/d").factor
        self.disease["urine"][who, v] = spilled * np.exp(p["laboratory.urine.error"].coherent * noise["urine"][who, v])
        chains = seen["FLC"] / unit("mg/dL").factor + p["laboratory.FLC.level"].to("mg/dL").value
        chains = chains * np.exp(p["laboratory.FLC.error"].coherent * noise["involved"][who, v])
        self.disease["involved"][who, v] = chains
        self.disease["volume"][who, v] = seen["plasmacytoma.volume"] / unit("mL").factor
        self.disease["marrow"][who, v] = seen["marrow.infiltration"]
        mass = [seen[f"{drug.name}.free"] * drug["molar_mass"].coherent for drug in self.antibodies]
        self.disease["antibody"][who, v] = sum(mass, np.zeros(len(who))) / unit("g/dL").factor
        everyone = self._values(np.arange(self.patients), np.array([v]))
        now = {name: column[:, 0] for name, column in everyone.items()}
        if self.watch is None:
            self.watch = Watch(now, rules(self.protocol.criteria))
        else:
            self.watch.see(now)

    def _laboratory(self, who: NDArray[np.int64], v: int) -> Seen:
        """What of it was taken: the rest is blanked."""
        fever = self._since("febrile_neutropenia", who, v) if v else np.zeros(len(who), dtype=bool)
        taken = ~self.missed[who, v] & (self.scheduled(v) | self.dosing.held[who] | self.watched[who]) | fever
        for name in (*COUNTS, "Hb"):
            self.labs[name][who[~taken], v] = np.nan
        severe = np.any([self.labs[test][who, v] < limit for test, limit in self.grade_4.items()], axis=0)
        self.watched[who] = np.where(taken, severe, self.watched[who])
        return Seen(self.labs["ANC"][who, v], self.labs["PLT"][who, v], fever)

    def _since(self, event: str, who: NDArray[np.int64], v: int) -> Bools:
        """Whether the event fell since the last visit; each is noted with its day."""
        before, now = (self.hazard[event][who, k][:, None] for k in (v - 1, v))
        fell = (self.drawn[event][who] > before) & (self.drawn[event][who] <= now)
        for i, k in np.argwhere(fell).tolist():
            part = (self.drawn[event][who[i], k] - before[i, 0]) / max(now[i, 0] - before[i, 0], 1e-300)
            self.events[event].append((int(who[i]), float(self.days[v - 1] + WEEK * part)))
        return np.asarray(fell.any(axis=1))

    # -- leaving -------------------------------------------------------------------------------------------------

    def _leaving(self, who: NDArray[np.int64], v: int) -> Bools:
        self._since("infection", who, v)
        day = self.days[v]
        when = {
            "death": self.when("death", who, v),
            "progression": self.when("progression", who, v),
            "withdrawal": self.withdrawal[who],
            "data cut": self.cut_day[who],
        }
        if v % self.in_assessment == 0 and self.watch is not None:
            when["progression by protein"] = np.where(self.watch.progressed[who], day, FAR)
        names = list(when)
        first = np.argmin(np.stack([when[name] for name in names]), axis=0)
        earliest = np.min(np.stack([when[name] for name in names]), axis=0)
        leaves = earliest <= day
        gone = who[leaves]
        self.left[gone] = np.minimum(earliest[leaves], day)
        self.reason[gone] = np.array(names, dtype=object)[first[leaves]]
        absent = gone[(self.left[gone] < day) & np.isin(self.reason[gone].astype(str), ABSENT)]
        for column in (*self.labs.values(), *self.disease.values()):
            column[absent, v] = np.nan
        return np.asarray(leaves)

    def when(self, event: str, who: NDArray[np.int64], v: int) -> Floats:
        """Day of a death or of a progression seen without the protein, up to visit `v`; FAR where there is none."""
        drawn = self.drawn[event][who, 0]
        before, now = self.hazard[event][who, v - 1], self.hazard[event][who, v]
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.clip((drawn - before) / (now - before), 0.0, 1.0)
        return np.where(drawn <= now, self.days[v - 1] + WEEK * np.nan_to_num(part), FAR)

    def scheduled(self, v: int) -> bool:
        """Whether blood is taken from everybody at visit `v`: weekly in two cycles, then every other week."""
        return v <= 2 * self.in_cycle or v % 2 == 0

    def survival(self, who: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Day of death (NaN: none is known) and of the last contact."""
        left, reason = self.left[who], self.reason[who]
        end = np.minimum(self.cut_day[who], self.days[-1])
        followed = np.isin(reason.astype(str), PROGRESSED)
        later = np.where(followed, left + self.after[who], np.inf)
        death = np.where(reason == "death", left, np.where(later <= end, later, np.nan))
        last = np.where(np.isnan(left), self.last_seen(who), np.where(followed, np.maximum(end, left), left))
        return death, last

    def last_seen(self, who: NDArray[np.int64]) -> Floats:
        """Day of the last visit that each came to: of one whose run failed the last before."""
        there = ~np.isnan(self.truth["ANC"][who])
        last = there.shape[1] - 1 - np.argmax(there[:, ::-1], axis=1)
        return np.where(there.any(axis=1), self.days[last], 0.0)

    def responses(self, who: NDArray[np.int64], death: Floats, last: Floats) -> Responses:
        """Best response and progression of `who`; days of `death` (NaN: none) and of the `last` contact."""
        at = np.arange(0, len(self.days), self.in_assessment)
        values, ages = self._values(who, at), self.days[at] + self.jitter[np.ix_(who, at)]
        absent, left = np.isin(self.reason[who].astype(str), ABSENT)[:, None], self.left[who][:, None]
        ages = np.where(absent & (self.days[at] <= left), np.fmin(ages, left), ages)  # nobody is assessed after that
        values["new_lesion"] = self._seen_without_protein(who, ages)
        seen = assessments(ages, values, death=death, last_contact=last)
        return best_response(seen, rules(self.protocol.criteria))

    def _values(self, who: NDArray[np.int64], at: NDArray[np.int64]) -> dict[str, Floats]:
        """What assessments at the visits `at` show of the disease, (patients, visits); NaN where one was missed."""
        p, some = self.protocol, np.ix_(who, at)
        protein, urine, involved = (self.disease[name][some] for name in ("protein", "urine", "involved"))
        marrow = self.disease["marrow"][some]
        other = p["laboratory.FLC.level"].to("mg/dL").value
        finest = p["laboratory.IFE.level"].to("g/dL").value
        band = (self.disease["antibody"][some] >= finest) & self.same_place[who][:, None]
        diameter = 2 * (3 * self.disease["volume"][some] / (4 * np.pi)) ** (1 / 3)
        values = {
            "serum": self.disease["serum"][some],
            "urine": urine,
            "involved": involved,
            "uninvolved": np.full_like(protein, other),
            "ratio": involved / other,
            "serum_IFE": immunofixation(protein, f"{finest!r} g/dL", band=band),
            "shifted_IFE": np.where(band, immunofixation(protein, f"{finest!r} g/dL"), np.nan),
            "urine_IFE": (urine > 0).astype(np.float64),
            "marrow": marrow,
            "clonal": (marrow >= p["laboratory.marrow.infiltration"].coherent).astype(np.float64),
            "MRD": marrow,
            "SPD": diameter**2,
        }
        missed = np.isnan(protein) | self.missed[some]
        return {name: np.where(missed, np.nan, column) for name, column in values.items()}

    def _seen_without_protein(self, who: NDArray[np.int64], ages: Floats) -> Floats:
        """1 at an assessment of its own (which takes the next one's place) where a lesion showed the progression."""
        sign = np.zeros_like(ages)
        for row, i in enumerate(who.tolist()):
            if self.reason[i] == "progression":
                after = np.flatnonzero(ages[row] > self.left[i])
                if after.size:
                    ages[row, after[0]], sign[row, after[0]] = self.left[i], 1.0
        return sign


def _as_antibodies(cohort: Cohort) -> Bools:
    """Whose protein an antibody's band may be taken for: antibodies are IgG. All, where no isotype is on record."""
    if ISOTYPE not in cohort.population.kinds:
        return np.ones(len(cohort), dtype=bool)
    return np.array(cohort.kind(ISOTYPE)) == "IgG"
