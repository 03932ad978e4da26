"""What a simulated trial comes to: response, times and toxicity of its patients, and of many replicates of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.clinic import COUNTS, EVENTS, Clinic
from cereblon.bedside.endpoints import Endpoints, Times, endpoints
from cereblon.bedside.response.category import CR, LEVELS
from cereblon.bedside.toxicity import Toxicity, course, events, toxicity
from cereblon.bedside.toxicity.ctcae import MISSING, SEVERE
from cereblon.bedside.transfusion import CELLS
from cereblon.ground.quantity import Estimate
from cereblon.records.sources import Source
from cereblon.statistics.intervals import clopper_pearson

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bedside.datasets import Datasets
    from cereblon.cohort import Cohort
    from cereblon.model import Model
    from cereblon.network.visits import Decision
    from cereblon.records.population import Population
    from cereblon.records.regimen import Row

TERMS = {"febrile_neutropenia": "febrile neutropenia", "infection": "infection"}
NEUTROPENIA = "neutropenia"
WORDS = {"supported": "given G-CSF", "stopped": "stopped for toxicity"}
LITTLE = 0.25  # of the planned dose: a policy that gives less is told


@dataclass(frozen=True)
class Outcome:
    """One replicate. `patients` are its rows in the clinic; what is over all treated counts those who failed too.

    `cohort` are the patients as drawn, `decisions` the engine's log, of the whole batch; `support` is the calendar of
    the policy's growth factor, of which each gets what the log says. `daily`: neutrophils (1e9/L) of every day from 0
    until a patient leaves, where they were asked for.
    """

    name: str
    seed: int
    clinic: Clinic = field(repr=False)
    patients: NDArray[np.int64] = field(repr=False)
    model: Model = field(repr=False)
    cohort: Cohort = field(repr=False)
    failed: tuple[int, ...] = ()
    decisions: tuple[Decision, ...] = field(default=(), repr=False)
    support: Row | None = field(default=None, repr=False)
    daily: NDArray[np.float64] | None = field(default=None, repr=False)

    @cached_property
    def endpoints(self) -> Endpoints:
        """Response and times, under the FDA's rules of censoring."""
        c, who = self.clinic, self.patients
        found = c.responses(who, *c.survival(who))
        return endpoints(found, interval=float(c.days[c.in_assessment]))

    @property
    def ORR(self) -> Estimate:
        """Overall response rate, of all treated, with its exact interval."""
        return self.endpoints.ORR

    @property
    def PFS(self) -> Times:
        """Progression-free survival; `.median()` in months."""
        return self.endpoints.PFS

    @property
    def DOR(self) -> Times:
        """Duration of response."""
        return self.endpoints.DOR

    @property
    def OS(self) -> Times:
        """Overall survival: after progression by the hazard that the protocol assumes, to the data cut."""
        return self.endpoints.OS

    @cached_property
    def toxicity(self) -> Toxicity:
        """Grades at the visits until a patient leaves; fever and infection as they fell."""
        c, who = self.clinic, self.patients
        place = {int(i): k for k, i in enumerate(who)}
        seen = ((e, i, day) for e in EVENTS for i, day in c.events[e] if i in place and not day > c.left[i])
        fell = [(place[i], TERMS[e], day) for e, i, day in seen]
        rows, terms, when = zip(*fell, strict=True) if fell else ((), (), ())
        counted = course(
            c.days, {name: c.labs[name][who] for name in (*COUNTS, "Hb")}, start=0.0,
            events_=events(rows, terms, when, [SEVERE] * len(rows)), last_day=c.left[who],
        )  # fmt: skip
        return toxicity(counted, c.protocol.CTCAE)

    @property
    def TEAE(self) -> Mapping[str, Estimate]:
        """Term -> share of all treated with an emergent grade 3 or more: counts by the laboratory, events as they fell.

        Who left before a count was measured is in it, without one; `toxicity` counts those who were measured.
        """
        graded, nobody = self.toxicity, np.full(len(self.patients), MISSING)
        grades = {**graded.emergent, **dict.fromkeys(TERMS.values(), nobody), **graded.reported}
        return {term: self._share(own >= SEVERE) for term, own in grades.items()}

    def _share(self, who: NDArray[np.bool_]) -> Estimate:
        return clopper_pearson(int(who.sum()), len(self.patients))

    @cached_property
    def reported(self) -> Mapping[str, Estimate]:
        """The same as an investigator reports it: who has a severe count is written down with the protocol's chance.

        Drawn once a patient and term; a protocol without `reporting.share` reports all. Grades are those of `TEAE`.
        """
        graded = self.toxicity
        shares = dict(self.TEAE)
        for term, own in graded.emergent.items():
            told = self._told(term)
            shares[term] = self._share(told & (own >= SEVERE))
            if term == NEUTROPENIA:
                shares[f"{term} of grade 4"] = self._share(told & (own > SEVERE))
        return shares

    def _told(self, term: str) -> NDArray[np.bool_]:
        chance = self.clinic.protocol.number("reporting.share")
        return self.cohort.uniforms(f"reporting.{term}", 1)[:, 0] < (1.0 if chance is None else chance)

    def by_grade(self) -> pd.DataFrame:
        """`toxicity.by_grade()` in shares of all treated; on the side of reports the severe counts that are told.

        Of mild counts nothing is known there: the protocol's chance is that of a severe one.
        """
        import pandas as pd

        table, n, rows = self.toxicity.by_grade(), len(self.patients), []
        table["share"] = table["n"] / n
        for term, own in self.toxicity.emergent.items():
            told = self._told(term)
            counted = {k: int((told & (own == k)).sum()) for k in range(SEVERE, 6)}
            rows += [{"term": term, "side": "reported", "grade": k, "n": count, "share": count / n}
                     for k, count in counted.items()]  # fmt: skip
        laboratory = table["side"] == "laboratory"
        return pd.concat([table[laboratory], pd.DataFrame(rows), table[~laboratory]], ignore_index=True)

    def dose_intensity(self) -> NDArray[np.float64]:
        """Share of the planned dose that each patient was given, over the visits before leaving."""
        return np.nan_to_num(np.nanmean(self.clinic.intensity[self.patients], axis=1))

    def numbers(self) -> dict[str, float]:
        """The headline of this replicate, as plain numbers: what `Replicates` gathers."""
        e, tox, n = self.endpoints, self.toxicity, len(self.patients)
        out = {"ORR": e.ORR.value}
        out |= {name: float(np.mean(e.responses.best == k)) for k, name in enumerate(LEVELS)}
        free, complete = e.responses.MRD_negative, e.responses.best >= CR
        out["MRD-negative"] = float(np.mean(free))
        out["MRD-negative, of CR"] = float(np.mean(free[complete])) if complete.any() else np.nan
        out |= {f"median {t.name}": t.median().value for t in (e.PFS, e.DOR, e.OS)}
        out |= {f"PFS at {m:g} months": _at(e.PFS, m) for m in (1.2, 2.1, 3, 4.4, 6, 9)}
        out |= {f"{term}, grade 3/4": share.value for term, share in self.TEAE.items()}
        out["neutropenia, grade 4"] = float(np.mean(tox.emergent[NEUTROPENIA] >= SEVERE + 1))
        out["neutropenia, any grade"] = float(np.mean(tox.emergent[NEUTROPENIA] >= 1))
        out |= {f"{term}, reported": self.reported[term].value for term in self.reported}
        out |= self._by_kind()
        out |= self._dosed()
        out["failed"] = len(self.failed) / n
        return out

    def _dosed(self) -> dict[str, float]:
        """Shares of patients whose doses were changed or who were supported, and the mean dose intensity."""
        d, who = self.clinic.dosing, self.patients
        kinds = ("interrupted", "reduced", "supported", "stopped")
        out = {name: float(np.mean(getattr(d, name)[who])) for name in kinds}
        out["dose intensity"] = float(np.mean(self.dose_intensity()))
        for test, cells in CELLS.items():
            out[f"transfused, {cells.symbol}"] = float(np.mean((self.clinic.units[test][who] > 0).any(axis=1)))
        return out

    def _by_kind(self) -> dict[str, float]:
        """Response rate of each kind of patients, its odds over those of the others (half a patient in each cell)."""
        responded, out = self.endpoints.responses.responders, {}
        for group, kinds in self.cohort.population.kinds.items():
            member = np.array(self.cohort.kind(group))
            for kind in kinds:
                own, others = responded[member == kind.name], responded[member != kind.name]
                out[f"ORR, {kind.name}"] = float(own.mean()) if own.size else np.nan
                odds = [(x.sum() + 1 / 2) / ((~x).sum() + 1 / 2) for x in (own, others)]
                out[f"odds ratio, {kind.name}"] = float(odds[0] / odds[1]) if own.size and others.size else np.nan
        return out

    def table(self) -> pd.DataFrame:
        """One row per patient: response and its day, PFS and its event, leaving, worst counts, dosing, units given."""
        import pandas as pd

        c, who, r, pfs = self.clinic, self.patients, self.endpoints.responses, self.PFS
        return pd.DataFrame(
            {
                "patient": np.arange(len(who)),
                "best": [LEVELS[k] for k in r.best],
                "response_day": r.response_day,
                "PFS_days": pfs.days,
                "PFS_event": pfs.events.astype(int),
                "left_day": c.left[who],
                "reason": c.reason[who],
                **{f"lowest_{name}": _lowest(c.labs[name][who]) for name in (*COUNTS, "Hb")},
                "interrupted": c.dosing.interrupted[who],
                "reduced": c.dosing.reduced[who],
                "growth_factor": c.dosing.supported[who],
                **{f"{cells.address}_units": c.units[test][who].sum(axis=1) for test, cells in CELLS.items()},
                "dose_intensity": self.dose_intensity(),
            }
        )

    def decided(self) -> Iterator[tuple[int, Decision]]:
        """The decisions on these patients, each with the number of its patient (from 0)."""
        first, n = int(self.patients[0]), len(self.patients)
        return ((d.subject - first, d) for d in self.decisions if 0 <= d.subject - first < n)

    def log(self) -> pd.DataFrame:
        """One row per decision on these patients: patient, day, given (what and where), before, after, reason.

        `before` and `after` are shares of the planned dose; of a transfusion, units.
        """
        import pandas as pd

        days = self.clinic.days
        rows = [(i, days[d.visit], d.species, d.before, d.after, d.reason) for i, d in self.decided()]
        return pd.DataFrame(rows, columns=["patient", "day", "given", "before", "after", "reason"])

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def datasets(self) -> Datasets:
        """Tables with ADaM's names (ADSL, ADEX, ADLB, ADAE, ADRS, ADTTE) and a dictionary; no conformance claimed."""
        from cereblon.bedside.datasets import datasets

        return datasets(self)

    def save_datasets(self, folder: str | Path) -> Path:
        """Write `datasets()` into a folder, a CSV each; the folder."""
        return self.datasets().save(folder)

    def sources(self) -> dict[str, Source]:
        """The sources of the patients' numbers, of the criteria, of the protocol's numbers and of the policy's."""
        c = self.clinic
        return {**self.model.sources(), **self.endpoints.sources(), **c.protocol.sources(), **c.policy.sources()}

    def __str__(self) -> str:
        failed = f"; {len(self.failed)} failed: {', '.join(map(str, self.failed[:5]))}" if self.failed else ""
        lines = [f"{self.name}, seed {self.seed}: {len(self.patients)} patients{failed}", str(self.endpoints)]
        dosed = self._dosed()
        given = ", ".join(f"{WORDS.get(name, name)} {100 * x:.0f} %" for name, x in dosed.items())
        lines += [f"doses: {given}"]
        if dosed["dose intensity"] < LITTLE:
            lines += [f"the policy ({self.clinic.policy.symbol}) withheld most of what was planned"]
        return "\n".join([*lines, str(self.toxicity)])


@dataclass(frozen=True)
class Replicates:
    """The headline numbers of many replicates: name -> one number per seed. `population`: whom they were drawn from."""

    name: str
    patients: int
    seeds: tuple[int, ...]
    values: Mapping[str, NDArray[np.float64]] = field(repr=False)
    planned: int = 0
    population: Population | None = field(default=None, repr=False)

    def __getitem__(self, name: str) -> Estimate:
        """Mean over the replicates, with the interval that holds 95 % of them: what one such trial may show."""
        own = self.values[name]
        known = own[np.isfinite(own)]
        if not known.size:
            return Estimate(np.nan, method=f"{len(own)} replicates", note="not estimated in any")
        low, high = np.quantile(known, [0.025, 0.975])
        missing = len(own) - known.size
        note = f"not reached in {missing} of {len(own)}" if missing else ""
        return Estimate(float(known.mean()), low=float(low), high=float(high), note=note,
                        method=f"95 % of {known.size} replicates of {self.patients} patients")  # fmt: skip

    def table(self) -> pd.DataFrame:
        """One row per number: mean, low, high (95 % of the replicates), Monte-Carlo error of the mean, missing."""
        import pandas as pd

        rows = []
        for name, own in self.values.items():
            one, known = self[name], own[np.isfinite(own)]
            error = float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else np.nan
            rows.append({"number": name, "mean": one.value, "low": one.low, "high": one.high, "error": error,
                         "missing": len(own) - known.size})  # fmt: skip
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def __str__(self) -> str:
        part = f" of {self.planned} planned" if self.planned > len(self.seeds) else ""
        lines = [f"{self.name}: {len(self.seeds)} replicates{part} of {self.patients} patients"]
        return "\n".join([*lines, *(f"  {name:<34} {self[name]}" for name in self.values)])


def gathered(
    name: str, patients: int, found: Sequence[tuple[int, Mapping[str, float]]], planned: int, population: Population
) -> Replicates:
    """The replicates' numbers side by side; `found` holds seed and numbers of each."""
    names = list(dict.fromkeys(key for _, one in found for key in one))
    values = {key: np.array([one.get(key, np.nan) for _, one in found]) for key in names}
    return Replicates(name, patients, tuple(seed for seed, _ in found), values, planned, population)


def _lowest(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The lowest of each row; NaN where nothing was measured."""
    filled = np.where(np.isnan(counts), np.inf, counts).min(axis=1)
    return np.where(np.isinf(filled), np.nan, filled)


def _at(times: Times, month: float) -> float:
    """Kaplan-Meier share without an event at a month, by the product over the event times."""
    t, e = times.inside("month"), times.events
    share = 1.0
    for moment in np.unique(t[e & (t <= month)]):
        share *= 1 - float(((t == moment) & e).sum()) / float((t >= moment).sum())
    return share
