"""The guide's claims on a patient (C31, C35, C39), judged in the whole patient on 21 days of 28 with dexamethasone.

Nothing here is a trial: no holds, no growth factor, no laboratory error (those are `bedside.trial`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from cereblon.bedside.toxicity.ctcae import SEVERE, ctcae
from cereblon.cohort import Cohort, population
from cereblon.evidence.cell_claims import cell_verdict
from cereblon.evidence.effects import Effects, Floats, Judged, held, sized, subjects
from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import printed
from cereblon.model import Result, kill_shares, simulate
from cereblon.model.patient import COHORT_RTOL
from cereblon.records.compound import Compound
from cereblon.records.regimen import DAY, Regimen, dose, regimen, regimens
from cereblon.statistics.resampling import stream

POPULATION, PATIENTS, SEED = "triple_class_refractory", 100, 1
CYCLE, CYCLES, LATER = 28, 4, 6
COUNTED = ("ANC", "PLT", "Hb")
WORST = {test: list(ctcae().cutoffs[test].severe.values())[-1].value for test in COUNTED}  # grade 4; of Hb grade 3
LOW = ctcae().threshold("ANC", SEVERE)  # 1e9/L
HELPS = 0.05  # share of the burden that the immune routes must take away
NOT_RECRUITED = {"IKZF1.CRBN.k_on@marrow": "0 1/nM/h"}
IMMUNE = ("T", "NK")
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


PATIENT_JUDGES = {"C31": limiting, "C35": schedule, "C39": immune_share}
