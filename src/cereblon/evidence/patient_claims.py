"""The guide's claims on a patient (C31, C32, C34-C36, C39), judged on 21 days of 28 with dexamethasone.

C32, C34 and C36 are put to simulated trials; for the others there are no holds, no growth factor and no laboratory
error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cereblon.bedside.optimisation import optimise
from cereblon.bedside.outcome import Outcome
from cereblon.bedside.toxicity.ctcae import SEVERE, ctcae
from cereblon.bedside.trial import Trial, trial
from cereblon.cohort import Cohort, population
from cereblon.evidence.cell_claims import cell_verdict
from cereblon.evidence.effects import Effects, Floats, Judged, held, no_effect, sized, subjects
from cereblon.evidence.laboratory import NEVER
from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import printed
from cereblon.model import Result, kill_shares, simulate
from cereblon.model.patient import COHORT_RTOL
from cereblon.records.compound import Compound, compound
from cereblon.records.days import DAY
from cereblon.records.regimen import Regimen, dose, regimen, regimens
from cereblon.statistics.resampling import stream

POPULATION, PATIENTS, SEED = "triple_class_refractory", 100, 1
CYCLE, CYCLES, LATER = 28, 4, 6
COUNTED = ("ANC", "PLT", "Hb")
WORST = {test: list(ctcae().cutoffs[test].severe.values())[-1].value for test in COUNTED}  # grade 4; of Hb grade 3
LOW = ctcae().threshold("ANC", SEVERE)  # 1e9/L
HELPS = 0.05  # share of the burden that the immune routes must take away
TRIAL, TRIALS = "MM_001_phase_2", (1, 2)  # and seeds of its replicates
KEPT = 0.5  # share of the responses that a policy must leave
NEVER_LOW = 0.001  # 1e9/L: no count is below
NOT_RECRUITED = {"IKZF1.CRBN.k_on@marrow": "0 1/nM/h"}
IMMUNE = ("T", "NK")
SEARCHED = {"with bortezomib": POPULATION, "earlier lines": "earlier_lines", "lymphoma": "lymphoma"}  # -> its patients
TRIPLET, SEARCH_PATIENTS, LOW_DOSE = "mezi_bortezomib_dex", 20, 0.3
RESAMPLES = 2000
RESAMPLED = f"95 % of {RESAMPLES} resamples of {PATIENTS} patients at the records' numbers"


@dataclass(frozen=True)
class Patients:
    """What the judges share: each simulation is run once, when first asked for."""

    glue: Compound

    def given(self, *, cycles: int, days: str = "1-21", steroid: float = 40.0) -> Regimen:
        """The glue at its dose on record, and weekly dexamethasone (mg); InputError where no dose is on record."""
        named = f"{self.glue.name}_21_28"
        if named not in regimens():
            raise InputError(
                "no dose of this glue is on record, so nothing can be said of a patient",
                where=self.glue.name,
                expected=", ".join(r for r in regimens() if r.endswith("_21_28")),
            )
        amount = regimen(named).rows[0].amount
        whole = dose(self.glue, amount, days=days, cycle=f"{CYCLE} d", cycles=cycles)
        if steroid:
            weekly = dose("dexamethasone", f"{steroid:g} mg", days="1,8,15,22", cycle=f"{CYCLE} d", cycles=cycles)
            return whole + weekly
        return whole

    def typical(self, changes: Mapping[str, str] | None = None, **given: object) -> Result:
        """The typical patient, daily, over the cycles given (default: four)."""
        chosen = self.given(**{"cycles": CYCLES, **given})  # type: ignore[arg-type]
        days = np.arange(0.0, chosen.end + 1, DAY)
        return simulate(chosen, "typical", times=days, changes=changes)

    def drawn_typical(
        self, read_out: str, changes: Mapping[str, str] | None = None, *, cycles: int = CYCLES, days: str = "1-21"
    ) -> Floats:
        """(own and drawn, days) of one read-out in the typical patient."""
        chosen = self.given(cycles=cycles, days=days)
        model = simulate(chosen, "typical", times=[0.0], changes=changes).model
        vary = {slot: c for slot, c in subjects(model).items() if slot not in set(map(model.resolve, changes or {}))}
        at = np.arange(0.0, chosen.end + 1, DAY)
        return np.asarray(model.simulate(at, chosen, vary=vary, observe=[read_out], rtol=COHORT_RTOL)[read_out])

    @cached_property
    def course(self) -> Result:
        return self.typical()

    @cached_property
    def cohort(self) -> Cohort:
        return population(POPULATION).sample(PATIENTS, SEED)

    @cached_property
    def plan(self) -> Trial:
        """The phase 2 trial with this glue in mezigdomide's place, at its own dose."""
        shipped = trial(TRIAL)
        if self.glue == compound(shipped.regimen.compounds[0].name):
            return shipped
        return replace(shipped, regimen=self.given(cycles=shipped.protocol.structure["cycles"]))

    @cached_property
    def trials(self) -> list[Outcome]:
        return self.plan.outcomes(TRIALS)

    def first_cycle(self, changes: Mapping[str, str] | None = None) -> Result:
        return simulate(self.given(cycles=1), self.cohort, observe=list(WORST), changes=changes)


def limiting(patients: Patients) -> Judged:
    """C31: neutrophils reach their worst grade most often, and only where marrow loses IKZF1."""
    numbers, worst, hit = {}, {}, {}
    for name, changes in (("", None), (", IKZF1 of the marrow not recruited", NOT_RECRUITED)):
        run = patients.first_cycle(changes)
        for count, limit in WORST.items():
            lowest = np.nanmin(run[count], axis=1)
            hit[count + name] = lowest < limit
            worst[count + name] = float(np.mean(hit[count + name]))
            numbers[f"share with {printed(count)} below {limit:g}{name}"] = worst[count + name]
        numbers[f"failed patients{name}"] = float(len(run.trajectory.failed))
    spared = "ANC, IKZF1 of the marrow not recruited"
    holds = worst["ANC"] > max(worst["PLT"], worst["Hb"]) and worst[spared] == 0 < worst["ANC"]
    body = patients.course.model
    definition = (
        f"{PATIENTS} patients of {POPULATION}, first cycle of {CYCLE} d, daily counts without holds or laboratory "
        "error; neutrophils and platelets at grade 4, haemoglobin at grade 3 (it has no grade 4 by number)"
    )
    note = (
        "The block of maturation is the model's own and its strength was set on the trial's neutropenia; platelets and "
        "red cells fall by empirical terms that were set on their own rates. That neutropenia limits the dose was "
        "therefore put in; that it vanishes when the marrow keeps its IKZF1 is the mechanism."
    )

    def measure() -> Effects:
        drawn = stream(SEED, "claim C31").integers(PATIENTS, size=(RESAMPLES, PATIENTS))
        share = {name: np.append(worst[name], one[drawn].mean(axis=1)) for name, one in hit.items()}
        less = {
            f"share of patients, {printed('ANC')} less {printed(count)}": share["ANC"] - share[count]
            for count in COUNTED if count != "ANC"
        }  # fmt: skip
        less[f"share of patients, {printed('ANC')} less the same with marrow IKZF1 kept"] = share["ANC"] - share[spared]
        sizes = {name: replace(sized(found), method=RESAMPLED) for name, found in less.items()}
        return Effects(sizes, held(np.all([found > 0 for found in less.values()], axis=0), "resamples of patients"))

    return Judged(
        numbers, definition, cell_verdict(bool(holds), body["neutrophil.block.L50"], put_in=True), note, measure
    )


def schedule(patients: Patients) -> Judged:
    """C35: 21 days on and 7 off: the count falls and comes back in the off week, which daily dosing does not allow."""
    one, daily = patients.typical(cycles=1), patients.typical(cycles=1, days=f"1-{CYCLE}")
    days, ANC = one.time / DAY, one["ANC"]
    nadir = int(np.argmin(ANC))
    numbers = {f"ANC on day {day} (1e9/L)": float(ANC[np.searchsorted(days, day)]) for day in (0, 8, 15, 22, CYCLE)}
    numbers |= {
        "day of the nadir": float(days[nadir]),
        "ANC at the nadir (1e9/L)": float(ANC[nadir]),
        f"ANC on day {CYCLE}, dosed daily (1e9/L)": float(daily["ANC"][-1]),
        "IKZF1 of the marrow on day 21": float(one["IKZF1.remaining@marrow"][21]),
        f"IKZF1 of the marrow on day {CYCLE}": float(one["IKZF1.remaining@marrow"][-1]),
    }
    back = float(ANC[-1])
    holds = ANC[nadir] < LOW < back and back > 2 * daily["ANC"][-1]
    later = patients.typical(cycles=LATER)["ANC"][CYCLE::CYCLE]
    numbers |= {f"ANC at the end of cycle {k} (1e9/L)": float(x) for k, x in enumerate(later, 1)}
    definition = (
        f"typical patient, one cycle without holds: below {LOW:g} on treatment, above it again on day {CYCLE}, and at "
        "least twice what dosing every day leaves"
    )
    note = (
        f"Without holds recovery becomes smaller with every cycle ({later[-1] / later[0]:.0%} of the first in the "
        "last): the proliferating pool wears out behind the block (decision 0014)."
    )
    block = one.model["neutrophil.block.L50"]

    def measure() -> Effects:
        found = patients.drawn_typical("ANC", cycles=1)
        every_day = patients.drawn_typical("ANC", cycles=1, days=f"1-{CYCLE}")[:, -1]
        lowest, last = found.min(axis=1), found[:, -1]
        sizes = {
            "ANC, nadir less start": sized(lowest - found[:, 0], "1e9/L"),
            f"ANC, day {CYCLE} less nadir": sized(last - lowest, "1e9/L"),
            f"ANC on day {CYCLE}, off week over dosed daily": sized(last / every_day),
        }
        return Effects(sizes, held((lowest < LOW) & (last > LOW) & (last > 2 * every_day)))

    return Judged(numbers, definition, cell_verdict(bool(holds), block), note, measure)


def immune_share(patients: Patients) -> Judged:
    """C39: T and NK cells take a share of the kill, and the tumour is smaller for it."""
    course, alone = patients.course, patients.typical(steroid=0.0)
    numbers: dict[str, float] = {}
    for name, run in (("with dexamethasone", course), ("without", alone)):
        shares = {route: float(share[0]) for route, share in kill_shares(run).items()}
        numbers |= {f"share of kill, {printed(r)}, {name}": x for r, x in shares.items()}
        numbers[f"immune share, {name}"] = sum(shares[r] for r in IMMUNE)
    shut = {f"{r}.k_kill@{place}": "0 1/h" for r in IMMUNE for place in ("tumour", "subclone")}
    left = float(course["myeloma.burden"][-1])
    without = float(patients.typical(shut)["myeloma.burden"][-1])
    numbers |= {"burden after four cycles": left, "the same without T and NK killing": without}
    numbers["share of the burden that they take"] = 1 - left / without
    holds = numbers["share of the burden that they take"] > HELPS
    model = course.model
    definition = (
        f"typical patient, {CYCLES} cycles; share of all killed cells that T and NK cells take beyond what they do at "
        f"rest; helps: the burden is lower by more than {HELPS:.0%} for it"
    )
    note = (
        "The numbers of T and NK cells in the marrow and their rates of killing are assumptions, so the share is one. "
        "Dexamethasone suppresses both and takes cells itself; the share without it stands beside."
    )

    def measure() -> Effects:
        usual, bare = (patients.drawn_typical("myeloma.burden", changes)[:, -1] for changes in (None, shut))
        taken = 1 - usual / bare
        return Effects({"share of the burden that T and NK cells take": sized(taken)}, held(taken > HELPS))

    deciding = (model["T.count"], model["NK.count"])
    return Judged(numbers, definition, cell_verdict(bool(holds), *deciding), note, measure)


def manageable(patients: Patients) -> Judged:
    """C32: holds and G-CSF take weeks of grade 4 neutropenia away, and leave the response."""
    shipped = patients.plan.policy
    off = {a.removeprefix(f"{shipped.name}."): f"{NEVER_LOW!r} 1e9/L" for a in shipped if a.endswith(".count")}
    lax = replace(patients.plan, policy=shipped.replace(off))
    limit, numbers = WORST["ANC"], {}
    weeks, rate, low, seen = [], [], [], []
    for name, outcomes in (("with the policy", patients.trials), ("without", lax.outcomes(TRIALS))):
        counts = np.concatenate([one.clinic.truth["ANC"][one.patients] for one in outcomes])
        low.append((counts < limit).sum(axis=1))
        seen.append(np.isfinite(counts).sum(axis=1))
        weeks.append(float(low[-1].sum() / seen[-1].sum()))
        rate.append(float(np.mean([one.ORR.value for one in outcomes])))
        numbers[f"share of weeks with ANC below {limit:g}, {name}"] = weeks[-1]
        numbers[f"ORR, {name}"] = rate[-1]
        for shown in ("neutropenia, grade 4", "febrile neutropenia, grade 3/4", "dose intensity"):
            numbers[f"{shown}, {name}"] = float(np.mean([one.numbers()[shown] for one in outcomes]))
    holds = weeks[0] < weeks[1] and rate[0] > KEPT * rate[1]
    definition = (
        f"{len(TRIALS)} simulated trials of {patients.plan.patients} under {shipped.symbol}, and the same patients "
        f"never held, reduced or given G-CSF: fewer of the weeks on treatment below {limit:g}, and more than "
        f"{KEPT:.0%} of the responses"
    )
    note = (
        "Patients with at least one grade 4 count are hardly fewer: the first such count is what brings the first "
        "hold. The rules are a label's; the share who get G-CSF is an assumption."
    )

    def measure() -> Effects:
        n = len(low[0])
        who = np.vstack([np.arange(n), stream(SEED, "claim C32").integers(n, size=(RESAMPLES, n))])  # first as they are
        share, bare = (one[who].sum(axis=1) / all_[who].sum(axis=1) for one, all_ in zip(low, seen, strict=True))
        size = replace(sized(bare - share), method=f"95 % of {RESAMPLES} resamples of {n} patients")
        named = f"share of weeks with {printed('ANC')} below {limit:g} that the policy takes away"
        return Effects({named: size}, held(bare > share, "resamples of patients"))

    return Judged(numbers, definition, cell_verdict(bool(holds)), note, measure)


def expansion(patients: Patients) -> Judged:
    """C34: an expansion at the recommended dose answers its question, the overall response rate."""
    plan, glue = patients.plan, patients.glue.name
    idle = plan.outcomes(TRIALS[:1], changes={f"{glue}.CRBN.K_c": NEVER})[0].ORR.value
    found = [one.ORR for one in patients.trials]
    above = float(np.mean([one.low > idle for one in found]))
    numbers = {
        "ORR": float(np.mean([one.value for one in found])),
        "lower exact limit, lowest of the trials": min(one.low for one in found),
        "ORR of a glue that never closes": float(idle),
        "share of trials whose lower limit lies above it": above,
    }
    definition = (
        f"{len(TRIALS)} simulated trials of {plan.patients} at {plan.regimen.rows[0].amount}: the exact interval of "
        "each overall response rate lies above that of the same patients under a glue that never closes"
    )
    note = (
        "The rate itself was set on the trial. That this dose is the recommended one is taken from the publication and "
        "not shown here."
    )

    def measure() -> Effects:
        responded = np.concatenate([one.endpoints.responses.responders for one in patients.trials])
        n = len(responded)
        who = np.vstack([np.arange(n), stream(SEED, "claim C34").integers(n, size=(RESAMPLES, n))])
        more = responded[who].mean(axis=1) - idle
        size = replace(sized(more), method=f"95 % of {RESAMPLES} resamples of {n} patients")
        return Effects({"ORR less that of a glue that never closes": size}, held(more > 0, "resamples of patients"))

    return Judged(numbers, definition, cell_verdict(above == 1, put_in=True), note, measure)


def search(patients: Patients) -> Judged:
    """C36: doses are searched with a partner, in earlier lines and in another malignancy that needs IKZF1 and IKZF3."""
    doublet, glue = patients.given(cycles=CYCLES), patients.glue
    amount = doublet.rows[0].amount
    partner = regimen(TRIPLET)
    rows = (replace(row, drug=glue, amount=amount) if row.drug.kind == "glue" else row for row in partner.rows)
    triplet = replace(partner, rows=tuple(rows))
    doses = [f"{share * amount.value:g} {amount.unit}" for share in (0, LOW_DOSE, 1)]
    numbers: dict[str, float] = {}
    rises = []
    for setting, people in SEARCHED.items():
        given = triplet if people == POPULATION else doublet
        found = optimise([given], doses, [people], drug=glue.name, patients=SEARCH_PATIENTS, cycles=CYCLES, months=3)
        rates = [point.ORR.value for point in found.points]
        numbers |= {f"ORR at {dose}, {setting}": rate for dose, rate in zip(doses, rates, strict=True)}
        numbers[f"choices on the front, {setting}"] = float(len(found.front()))
        rises.append(rates[0] < rates[-1] and rates == sorted(rates))
    definition = (
        f"{SEARCH_PATIENTS} patients, {CYCLES} cycles: with {TRIPLET} in {POPULATION}, and with dexamethasone in "
        f"earlier_lines and in lymphoma, response rises from none of the glue over {LOW_DOSE:g} of its dose to all"
    )
    note = (
        "A capability: no trial of earlier lines or of a lymphoma is on record, their populations are assumed, and a "
        "lymphoma's response is judged by the volume of its nodes, not by Lugano."
    )
    verdict = cell_verdict(all(rises), put_in=True)
    searched = f"a search, of {len(doses)} doses in {len(SEARCHED)} settings"
    return Judged(numbers, definition, verdict, note, no_effect(searched))


PATIENT_JUDGES = {
    "C31": limiting, "C32": manageable, "C34": expansion, "C35": schedule, "C36": search, "C39": immune_share,
}  # fmt: skip
