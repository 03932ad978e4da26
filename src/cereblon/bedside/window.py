"""The window of a dose-limiting toxicity, lived day by day: what a dose does to a patient in the first weeks.

The patient is looked at every day by the model, and by the clinic on its laboratory days (`Labs`) and on the day of a
fever, and every few days from a count of grade 4 until it has recovered, so that its duration is known; on those days
doses are held, resumed and supported by the policy, and platelets transfused. Fever and infection fall where cumulative
hazards cross a patient's own draws; death, progression and early withdrawal end what is known of him. An infection
counts as related to treatment where neutrophils are below the limit of grade 3 on its day: which infections an
investigator would call related is not known.

Arrays are (lanes, days), day 0 the baseline, before the first dose.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.clinic import EVENTS, MOST_EVENTS
from cereblon.bedside.dosing import Bools, Dosing, Seen
from cereblon.bedside.draws import normals, thresholds, uniforms
from cereblon.bedside.lanes import days_with_doses
from cereblon.bedside.outcome import TERMS
from cereblon.bedside.toxicity import course, ctcae, events
from cereblon.bedside.toxicity.ctcae import SEVERE
from cereblon.bedside.toxicity.limiting import Limiting, dose_limiting
from cereblon.bedside.transfusion import Transfusion
from cereblon.cohort import Cohort
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import unit
from cereblon.network.visits import Orders, Visit
from cereblon.records.days import DAY
from cereblon.records.dlt import Definition
from cereblon.records.policy import Policy
from cereblon.records.regimen import Regimen
from cereblon.records.trial import Protocol

Labs = Literal["daily", "twice weekly", "weekly", "every other week"]
LABS: Mapping[str, tuple[int, ...]] = {
    "daily": tuple(range(14)), "twice weekly": (0, 3, 7, 10), "weekly": (0, 7), "every other week": (0,),
}  # fmt: skip
"""Days of two weeks, from 0, on which blood is taken."""
TWO_WEEKS, WEEK = 14, 7  # d
COUNTED = {"ANC": "neutrophil", "PLT": "platelet"}


class Window:
    """The first days of patients under one rule: called by the engine on each (`policy=`).

    `support` is the use of a growth factor, as in `Policy.supporting`.
    """

    def __init__(
        self, protocol: Protocol, rules: Policy, given: Regimen, cohorts: Sequence[Cohort], drugs: Mapping[str, str],
        days: int, labs: str = "weekly", support: str = "policy",
    ) -> None:  # fmt: skip
        check_rules(labs, support, rules)
        rules = rules.supporting(support)
        n = sum(len(cohort) for cohort in cohorts)
        self.protocol, self.drugs = protocol, drugs
        self.days, self.patients, self.cycle = np.arange(days + 1, dtype=np.float64), n, given.cycle
        self.planned = sorted(day for day in days_with_doses(given, drugs) if day <= days)
        self.labs = {day for day in range(days + 1) if day % TWO_WEEKS in LABS[labs]}
        self.truth = {name: np.full((n, days + 1), np.nan) for name in COUNTED}
        self.seen = {name: np.full((n, days + 1), np.nan) for name in COUNTED}
        self.given = np.full((n, days + 1), np.nan)
        self.hazard = {name: np.zeros((n, days + 1)) for name in (*EVENTS, "death", "progression")}
        self.events: list[tuple[int, str, float, bool]] = []
        self.burden, self.marker = np.full(n, np.nan), np.full((n, days + 1), np.nan)
        self.GCSF, self.left = np.full(n, np.nan), np.full(n, np.nan)
        share = rules["growth_factor.share"].coherent if rules.growth_factor else 0.0
        self.dosing = Dosing(rules, n, uniforms(cohorts, "growth_factor")[:, 0] < share)
        self.transfusion, self.platelets = Transfusion(rules), np.full(n, np.nan)  # day of the first
        self.grade_4 = {name: ctcae(protocol.CTCAE).threshold(name, SEVERE + 1) for name in COUNTED}
        self.extra, self.apart = np.full(n, np.inf), protocol["visit.extra.duration"].to("d").value
        self._draw(cohorts, days)

    def _draw(self, cohorts: Sequence[Cohort], days: int) -> None:
        p = self.protocol
        self.noise = {name: normals(cohorts, f"laboratory.daily.{name}", days + 1) for name in COUNTED}
        self.missed = uniforms(cohorts, "visit.missed.daily", days + 1) < p["visit.missed.share"].coherent
        weekly = slice(None, None, WEEK)  # what is seen at a weekly visit is what the clinic sees who follows him
        for name, column in self.noise.items():
            column[:, weekly] = normals(cohorts, f"laboratory.{name}", days // WEEK + 1)
        self.missed[:, weekly] = uniforms(cohorts, "visit.missed", days // WEEK + 1) < p["visit.missed.share"].coherent
        self.missed[:, 0] = False
        self.drawn = {event: thresholds(cohorts, event, MOST_EVENTS) for event in EVENTS}
        self.drawn |= {event: thresholds(cohorts, event) for event in ("death", "progression")}
        early = uniforms(cohorts, "withdrawal.early", 2)
        apart = p.assessed_every(self.cycle)
        self.withdrawal = np.where(early[:, 0] < p["withdrawal.early.share"].coherent, early[:, 1] * apart, np.inf)

    def __call__(self, visit: Visit) -> Orders:
        """One day: look, and where blood is taken decide."""
        who, day = visit.subjects, round(float(visit.time[0]) / DAY)
        fever = self._look(visit, who, day)
        taken = fever | (((day in self.labs) | (day >= self.extra[who])) & ~self.missed[who, day])
        for name, cells in COUNTED.items():
            error = self.protocol[f"laboratory.{cells}.error"].coherent
            value = self.truth[name][who, day] * np.exp(error * self.noise[name][who, day])
            self.seen[name][who, day] = np.where(taken, value, np.nan)
        reasons, support = (np.full(len(who), "", dtype=object) for _ in range(2))
        some = who[taken]
        severe = np.any([self.seen[name][some, day] < limit for name, limit in self.grade_4.items()], axis=0)
        self.extra[some] = np.where(severe, day + self.apart, np.inf)
        seen = Seen(self.seen["ANC"][some, day], self.seen["PLT"][some, day], fever[taken])
        if not day:
            self.dosing.begin(some, seen)
        elif taken.any():
            due = any(day - WEEK <= planned <= day for planned in self.planned)
            reasons[taken] = self.dosing.decide(some, seen, due=due, new_cycle=day % self.cycle == 0)
        support[taken] = self.dosing.support_reason[some]
        first = self.dosing.support[who] & np.isnan(self.GCSF[who])
        self.GCSF[who[first]] = float(day)
        factor = self.dosing.factors(who, visit.factor, visit.doses, self.drugs)
        self.given[who, day] = np.where(
            self.dosing.held[who] | self.dosing.stopped[who], 0.0, self.dosing.level[who]
        )
        units = self.transfusion.units({"PLT": self.seen["PLT"][who, day]})
        own = self.transfusion.order(units, factor, visit.doses)
        for given in units.values():
            self.platelets[who[(given > 0) & np.isnan(self.platelets[who])]] = float(day)
        told = [str(text) for text in support]
        own |= dict.fromkeys(self.dosing.supports(visit.doses, self.drugs), told)
        return Orders(factor, [str(text) for text in reasons], self._leaving(who, day), own)

    def _look(self, visit: Visit, who: NDArray[np.int64], day: int) -> Bools:
        """The model's own values, and whether a fever fell since the last day."""
        seen = visit.observed
        for name in COUNTED:
            self.truth[name][who, day] = seen[name] / unit("1e9/L").factor
        burden, month = seen["myeloma.burden"], unit("month").factor / DAY
        for event in EVENTS:
            self.hazard[event][who, day] = seen[f"{event}@blood"]
        if day in self.labs:
            self.marker[who, day] = np.where(seen["M_protein"] > 0, seen["M_protein"], seen["FLC"])
        if not day:
            self.burden[who] = burden
            return np.zeros(len(who), dtype=bool)
        for event in ("death", "progression"):
            rate = self.protocol[f"{event}.hazard"].to("1/month").value / month
            mean = (burden + self.burden[who]) / 2
            self.hazard[event][who, day] = self.hazard[event][who, day - 1] + rate * mean
        self.burden[who] = burden
        low = self.truth["ANC"][who, day] < ctcae(self.protocol.CTCAE).threshold("ANC", SEVERE)
        fell = {}
        for event in EVENTS:
            before, now = (self.hazard[event][who, k][:, None] for k in (day - 1, day))
            fell[event] = ((self.drawn[event][who] > before) & (self.drawn[event][who] <= now)).any(axis=1)
            for i in np.flatnonzero(fell[event]).tolist():
                self.events.append((int(who[i]), event, float(day), bool(low[i]) or event == EVENTS[0]))
        return np.asarray(fell[EVENTS[0]])

    def _leaving(self, who: NDArray[np.int64], day: int) -> Bools:
        gone = self.withdrawal[who] <= day
        for event in ("death", "progression"):
            gone |= self.drawn[event][who, 0] <= self.hazard[event][who, day]
        self.left[who[gone]] = float(day)
        return np.asarray(gone)

    def responds(self, days: float) -> Bools:
        """Whose M-protein, or light chain where there is none, has fallen by half on the last laboratory day of so
        many: by the model's own value, once, without confirmation."""
        last = max(day for day in self.labs if day <= days)
        with np.errstate(invalid="ignore"):
            return np.asarray(2 * self.marker[:, last] <= self.marker[:, 0])

    def limiting(self, definition: Definition, failed: Sequence[int] = ()) -> Limiting:
        """Who has a dose-limiting toxicity by `definition`, by what the clinic saw; `failed` lanes do not count."""
        window = definition.number("window.duration", "d") or 0.0
        inside = [day for day in self.planned if day < window]
        given = self.given[:, inside]
        last = np.where(np.isnan(self.left), self.days[-1], self.left)
        seen_of = {name: counts.copy() for name, counts in self.seen.items()}
        last[list(failed)] = 0.0  # nothing is known of a patient whose simulation failed, so he is replaced
        platelets = self.platelets.copy()
        for known in (*seen_of.values(), platelets):
            known[list(failed)] = np.nan
        own = [one for one in self.events if one[2] <= last[one[0]]]
        who, what, when, related = zip(*own, strict=True) if own else ((), (), (), ())
        seen = course(
            self.days, seen_of, start=0.0, last_day=last, GCSF=self.GCSF, transfusion=platelets,
            planned=float(len(inside)), taken=(given > 0).sum(axis=1), missed=(given == 0).sum(axis=1),
            events_=events(who, [TERMS[e] for e in what], when, [SEVERE] * len(who), related=np.array(related, float)),
        )  # fmt: skip
        return dose_limiting(seen, definition)


def check_rules(labs: str, support: str, rules: Policy) -> None:
    """InputError for laboratory days or a use of growth factor that are none, or a policy that names none to use."""
    if labs not in LABS:
        raise InputError("unknown laboratory days", where="labs", found=str(labs), expected=", ".join(LABS))
    rules.supporting(support)
