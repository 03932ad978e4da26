"""The guide's claims, judged by simulation: each with its number, the definition used, and a verdict.

    judge("mezigdomide")            C01-C20, C31, C32, C34, C35, C37-C40: mechanism, cells, bench, patient

"holds" and "fails" speak of the model. Where the deciding number is itself an assumption the verdict says so: a
claim that was put in is not a claim that came out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.bench import Course, Curve, Selectivity, binding, course, degradation, selectivity
from cereblon.evidence.bench_claims import BENCH_JUDGES, Bench
from cereblon.evidence.cell_claims import CELL_JUDGES, Cells
from cereblon.evidence.patient_claims import PATIENT_JUDGES, Patients
from cereblon.evidence.rows import Claim, reported_claims, reported_degradation
from cereblon.ground.errors import AddressError, InputError
from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import nearest, printed
from cereblon.mechanism.binding import closed_fraction, competent_occupancy, occupancy
from cereblon.model import Model, Result, dish, exposure
from cereblon.model.dish import NATIVE
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

REFERENCES = ("lenalidomide", "pomalidomide")
SUBSTRATES = ("IKZF1", "IKZF3")
AT = 10.0  # nM, near the plasma level of 1 mg mezigdomide (its PK is assumed)
HIGH = 100.0  # nM
WELL_ABOVE = 3.0  # "well above": at least this many times
LOSS = 0.1  # a protein counts as degraded when more than this is gone
SATURATION = 1e6  # nM
NEVER = 1e-9  # closing constant of a ligand that binds and never closes


@dataclass(frozen=True)
class Finding:
    """One claim judged: `numbers` by name, the `definition` they follow, the `verdict`, and what it rests on."""

    claim: Claim
    numbers: dict[str, float]
    definition: str
    verdict: str
    note: str = ""

    def __str__(self) -> str:
        shown = "; ".join(f"{name} {value:.3g}" for name, value in self.numbers.items())
        note = f" {self.note}" if self.note else ""
        return f"{self.claim.id} {self.claim.claim}\n    {self.verdict}: {shown}\n    {self.definition}.{note}"


@dataclass(frozen=True)
class Judgement:
    """The findings on one compound, in the order of the claims; `refused` says of others why they were not put."""

    compound: str
    findings: tuple[Finding, ...]
    cited: dict[str, Source] = field(repr=False)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """The claims that were judged."""
        return tuple(finding.claim.id for finding in self.findings)

    def __getitem__(self, claim: str) -> Finding:
        for finding in self.findings:
            if finding.claim.id == claim:
                return finding
        raise AddressError("this claim was not judged", found=claim, expected=", ".join(self.ids))

    def table(self) -> pd.DataFrame:
        """One row per number: id, claim, quantity, value, definition, verdict, note."""
        import pandas as pd

        rows = [
            {
                "id": f.claim.id,
                "claim": f.claim.claim,
                "quantity": name,
                "value": value,
                "definition": f.definition,
                "verdict": f.verdict,
                "note": f.note,
            }
            for f in self.findings
            for name, value in f.numbers.items()
        ]
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that the simulations used."""
        return self.cited

    def __str__(self) -> str:
        return "\n".join(str(f) for f in self.findings)


def judge(compound: str | Path | Compound = "mezigdomide", claims: Iterable[str] | None = None) -> Judgement:
    """Judge claims of the guide on one glue, lenalidomide and pomalidomide beside it.

    Without `claims` all are judged that can be put to this glue; those that cannot (no dose is on record, say) stand in
    `refused` with the reason. Raises AddressError for a claim that is not judged here, InputError for one that was
    asked for and cannot be put.

    >>> judge(claims=["C07"])["C07"].verdict
    'holds, as assumed'
    """
    case = _Case(compound if isinstance(compound, Compound) else compound_record(compound))
    chosen = tuple(claims) if claims is not None else tuple(JUDGES)
    unknown = [c for c in chosen if c not in JUDGES]
    if unknown:
        raise AddressError(
            "no judge for this claim",
            found=unknown[0],
            expected=", ".join(JUDGES),
            example=nearest(unknown[0], JUDGES),
        )
    findings, refused = [], {}
    for c in chosen:
        try:
            findings.append(JUDGES[c](case, reported_claims()[c]))
        except InputError as error:  # asked for by name, it is the answer; else one of many that cannot be put
            if claims is not None:
                raise
            refused[c] = error.message
    return Judgement(case.glue.name, tuple(findings), case.model.sources(), refused)


@dataclass(frozen=True)
class _Case:
    """What the judges share: each simulation is run once, when first asked for."""

    glue: Compound

    @property
    def substrates(self) -> tuple[str, ...]:
        return tuple(s for s in SUBSTRATES if s in self.glue.neosubstrates) or self.glue.neosubstrates[:1]

    @property
    def of(self) -> str:
        """The protein that stands for all where one is asked for: IKZF1 where the glue recruits it."""
        return self.substrates[0]

    @cached_property
    def model(self) -> Model:
        return dish(self.glue, substrates=self.substrates)

    @cached_property
    def curves(self) -> dict[str, Curve]:
        return {g.name: degradation(g, self.of) for g in (self.glue, *map(compound_record, REFERENCES))}

    @cached_property
    def courses(self) -> dict[str, Course]:
        return {g.name: course(g, self.of) for g in (self.glue, *map(compound_record, REFERENCES))}

    @cached_property
    def panel(self) -> Selectivity:
        return selectivity(self.glue, concentration=HIGH)

    @cached_property
    def cells(self) -> Cells:
        return Cells(self.glue)

    @cached_property
    def bench(self) -> Bench:
        return Bench(self.glue)

    @cached_property
    def patients(self) -> Patients:
        return Patients(self.glue)

    def run(
        self, changes: dict[str, str | Quantity], drug: float = HIGH, at: float = 4.0, before: float = 0.0
    ) -> Result:
        """The cell `at` hours after the drug, with other numbers from `before` hours earlier on."""
        model = self.model.replace(changes)
        return model.simulate([0, before + at], exposure(model, {self.glue.name: drug}, at=before))

    def left(self, result: Result, of: str = "") -> float:
        return float(result[f"{of or self.of}.remaining"][0, -1])

    def chained(self, result: Result) -> float:
        """Share of the protein that carries ubiquitin."""
        names = [n for n in result.trajectory.outputs if f"{self.of}~Ub" in n]
        total = self.model[f"{self.of}.total"].coherent
        return float(sum(result.trajectory[n][0, -1] for n in names) / total)

    def ratios(self, quantity: Callable[[Compound], float]) -> dict[str, float]:
        """The references' number over the glue's."""
        mine = quantity(self.glue)
        return {f"{printed(g)} / {self.glue.symbol}": quantity(compound_record(g)) / mine for g in REFERENCES}


def _verdict(holds: bool, *deciding: Quantity) -> str:
    """`deciding`: the numbers that settle the claim by themselves; if one is assumed the claim was put in."""
    if not holds:
        return "fails"
    return "holds, as assumed" if any(q.grade == "assumed" for q in deciding) else "holds"


def _binding(case: _Case, claim: Claim) -> Finding:
    Kd = case.glue["CRBN.Kd"]
    ratios = case.ratios(lambda g: g["CRBN.Kd"].coherent)
    numbers = {"Kd (nM)": Kd.coherent, f"occupancy at {AT:g} nM": float(occupancy(AT, Kd.coherent))}
    numbers |= {f"Kd {name}": value for name, value in ratios.items()}
    definition = f"apparent Kd in the {case.glue.affinity} family of assays; high: tighter than both IMiDs"
    return Finding(claim, numbers, definition, _verdict(min(ratios.values()) > 1, Kd), Kd.note)


def _closing(case: _Case, claim: Claim) -> Finding:
    K_c = case.glue["CRBN.K_c"]
    share = binding(case.glue, substrates=case.substrates).closed_fraction
    numbers = {"without glue": 0.0, "of bound": share.value, "low": share.low, "high": share.high}
    numbers |= {printed(g): float(closed_fraction(compound_record(g)["CRBN.K_c"].value)) for g in REFERENCES}
    definition = "closed share, K_c / (1 + K_c); cereblon without a glue is open by structure (Watson 2022)"
    return Finding(claim, numbers, definition, _verdict(share.value > 0.5, K_c), K_c.note)


def _recruiting(case: _Case, claim: Claim) -> Finding:
    curve = binding(case.glue, concentrations=[AT, HIGH], substrates=case.substrates)
    held = {s: curve.ternary[s] for s in case.substrates}
    numbers = {f"{s} at {AT:g} nM (nM)": float(column[0]) for s, column in held.items()}
    numbers |= {f"{s} at {HIGH:g} nM (nM)": float(column[1]) for s, column in held.items()}
    empty = case.model.simulate([0, 4])
    without = sum(float(empty[f"{case.glue.name}.{s}.ternary"][-1]) for s in case.substrates)
    definition = "held by closed cereblon at equilibrium, before any is degraded; free glue"
    holds = min(float(column[1]) for column in held.values()) > 1 > without
    deciding = [case.glue[f"{s}.Kd"] for s in case.substrates]
    return Finding(claim, numbers | {"without glue (nM)": without}, definition, _verdict(holds, *deciding))


def _chain(case: _Case, claim: Claim) -> Finding:
    stopped: dict[str, str | Quantity] = {"proteasome.inhibition": "1"}
    silenced: dict[str, str | Quantity] = {**stopped, "CRL4.inhibition": "1"}
    numbers = {
        "with glue": case.chained(case.run(stopped, at=1.0)),
        "without glue": case.chained(case.run(stopped, drug=0.0, at=1.0)),
        "with glue after a NEDD8 inhibitor": case.chained(case.run(silenced, at=1.0, before=24.0)),
    }
    with_glue, *others = numbers.values()
    definition = (
        f"share of {printed(case.of)} with ubiquitin 1 h after {HIGH:g} nM, the 26S stopped; "
        "the NEDD8 inhibitor is given 24 h before"
    )
    return Finding(claim, numbers, definition, _verdict(with_glue > LOSS and max(others) < LOSS / 10))


def _destroying(case: _Case, claim: Claim) -> Finding:
    numbers = {
        "left": case.left(case.run({})),
        "left, 26S inhibited by 70 %": case.left(case.run({"proteasome.inhibition": "0.7"})),
        "left, 26S stopped": case.left(case.run({"proteasome.inhibition": "1"})),
        "left, no cereblon": case.left(case.run({"CRBN.total": "0 nM"})),
    }
    definition = f"{printed(case.of)} 4 h after {HIGH:g} nM, over its drug-free level"
    holds = numbers["left"] < 0.5 < min(numbers["left, 26S stopped"], numbers["left, no cereblon"])
    return Finding(claim, numbers, definition, _verdict(holds))


def _rate_and_depth(case: _Case, claim: Claim) -> Finding:
    order = (case.glue.name, "pomalidomide", "lenalidomide")
    depth = [case.curves[g].Dmax.value for g in order]
    time = [case.courses[g].half_time.value for g in order]
    numbers = {f"Dmax {printed(g)}": d for g, d in zip(order, depth, strict=True)}
    numbers |= {f"half-time {printed(g)} (h)": t for g, t in zip(order, time, strict=True)}
    definition = f"{printed(case.of)} in H929: Dmax at 4 h; time to half of the fall at 100 x Kd"
    holds = depth[0] > depth[1] > depth[2] and time[0] < time[1] < time[2]
    deciding = (case.glue["CRBN.Kd"], case.glue[f"{case.of}.Kd"])
    return Finding(claim, numbers, definition, _verdict(holds, *deciding), _predicted(case))


def _capacity(case: _Case, claim: Claim) -> Finding:
    Kd = case.ratios(lambda g: g["CRBN.Kd"].coherent)
    numbers = {f"Kd, {name}": value for name, value in Kd.items()}
    for level, concentration in ((f"{AT:g} nM", AT), (f"{HIGH:g} nM", HIGH), ("saturation", SATURATION)):

        def idle(g: Compound, concentration: float = concentration) -> float:
            return 1 / float(competent_occupancy(concentration, g["CRBN.Kd"].coherent, g["CRBN.K_c"].value))

        for g, value in zip(REFERENCES, case.ratios(idle).values(), strict=True):
            numbers[f"competent occupancy at {level}, {case.glue.symbol} / {printed(g)}"] = value
    low, high = float(claim.low), float(claim.high)
    definition = (
        f"two readings: ratio of apparent Kd ({case.glue.affinity} assays), judged against {low:g}-{high:g}; "
        "ratio of competent (closed) occupancy at equal concentration, shown"
    )
    holds = all(low <= ratio <= high for ratio in Kd.values())
    note = f"Kd of {case.glue.symbol}: {case.glue['CRBN.Kd'].note}" if case.glue["CRBN.Kd"].note else ""
    return Finding(claim, numbers, definition, _verdict(holds, case.glue["CRBN.Kd"]), note)


def _potency(case: _Case, claim: Claim) -> Finding:
    found = {g: curve.DC50.value for g, curve in case.curves.items()}
    ratios = {f"{printed(g)} / {case.glue.symbol}": found[g] / found[case.glue.name] for g in REFERENCES}
    numbers = {f"DC50 {printed(g)} (nM)": value for g, value in found.items()} | ratios
    of = printed(case.of)
    definition = f"DC50 of {of} at 4 h (half of the achieved effect); well above: {WELL_ABOVE:g} times or more"
    note = f"{_predicted(case)} The IC50 stands with C11."
    deciding = (case.glue["CRBN.Kd"], case.glue[f"{case.of}.Kd"])
    return Finding(claim, numbers, definition, _verdict(min(ratios.values()) >= WELL_ABOVE, *deciding), note)


def _specificity(case: _Case, claim: Claim) -> Finding:
    name = case.glue.name
    gained = sum(case.panel.remaining(name, p) < 1 - LOSS for (_, p) in case.panel.curves)
    binder = case.run({f"{name}.CRBN.K_c": f"{NEVER}"})
    native, spared, kept = case.panel.remaining(name, NATIVE), case.left(binder, NATIVE), case.left(binder)
    numbers = {
        "neosubstrates gained": float(gained),
        f"{NATIVE} under the glue": native,
        f"{NATIVE} under a binder that never closes": spared,
        f"{printed(case.of)} under a binder that never closes": kept,
    }
    definition = (
        f"4 h at {HIGH:g} nM, over the drug-free level; gained: more than {LOSS:.0%} lost; "
        "the binder has the glue's Kd and closes nothing, as an inhibitor would"
    )
    return Finding(claim, numbers, definition, _verdict(gained >= 1 and min(native, spared) > 1 and kept > 0.99))


def _primary(case: _Case, claim: Claim) -> Finding:
    name = case.glue.name
    left = {p: case.panel.remaining(name, p) for (_, p) in case.panel.curves}
    numbers = {f"{printed(p)} left": value for p, value in left.items()}
    others = [p for p in left if p not in SUBSTRATES]
    deciding = [case.glue[f"{p}.Kd"] for p in left]
    holds = all(left.get(s, 1.0) < min((left[p] for p in others), default=1.0) for s in SUBSTRATES)
    words = [f"{printed(p)} {w.partition(':')[0]}" for (_, p), w in case.panel.words.items() if p not in left]
    note = "Without a constant: " + ", ".join(words) if words else ""
    return Finding(claim, numbers, f"4 h at {HIGH:g} nM, all in competition", _verdict(holds, *deciding), note)


def _figure(case: _Case, claim: Claim) -> Finding:
    flux = case.run({}, at=1.0).flux(1.0)
    glue, of = case.glue.name, case.of
    steps = {
        "binding": f"+ {glue}@",
        "closing": f"<-> CRBN*:{glue}@",
        "recruitment": f"<-> CRBN*:{glue}:{of}@",
        "ubiquitination": f"-> CRBN*:{glue}:{of}~Ub1@",
        "degradation": f"~Ub{_chain_length(case)}@tumour -> CRBN*:{glue}@tumour + 0",
    }
    rate = {
        name: flux.loc[flux.reaction.str.contains(text, regex=False), "rate"].abs().max()
        for name, text in steps.items()
    }
    network = case.model.network
    numbers = {"reactions": float(len(network.reactions)), "species": float(len(network.species))}
    numbers |= {f"flux of {name} (nM/h)": float(value) for name, value in rate.items()}
    definition = (
        f"drawn from the network that is simulated; the numbers here are the fluxes 1 h after {HIGH:g} nM, "
        "those on the arrows what passed in the time that the caption states"
    )
    return Finding(claim, numbers, definition, _verdict(all(np.isfinite(r) and r > 0 for r in rate.values())))


def _chain_length(case: _Case) -> int:
    return next(r for r in case.model.records if isinstance(r, Cell)).structure["n_ub"]


def _predicted(case: _Case) -> str:
    """What the reader of a comparison must know: nothing was tuned on it, and what it rests on all the same."""
    rows = [r for r in reported_degradation() if r.compound == case.glue.name and r.role == "calibrate"]
    if rows:
        return f"Constants were set on {len(rows)} rows of {case.glue.symbol}."
    assumed = [a for a in ("CRBN.Kd", f"{case.of}.Kd") if case.glue[a].grade == "assumed"]
    rests = f"; rests on assumed {' and '.join(assumed)}" if assumed else ""
    return f"Predicted: no row of {case.glue.symbol} set a constant{rests}."


def _in_cells(case: _Case, claim: Claim) -> Finding:
    return Finding(claim, **CELL_JUDGES[claim.id](case.cells)._asdict())


def _on_the_bench(case: _Case, claim: Claim) -> Finding:
    return Finding(claim, **BENCH_JUDGES[claim.id](case.bench)._asdict())


def _in_patients(case: _Case, claim: Claim) -> Finding:
    return Finding(claim, **PATIENT_JUDGES[claim.id](case.patients)._asdict())


JUDGES: dict[str, Callable[[_Case, Claim], Finding]] = {
    "C01": _binding,
    "C02": _closing,
    "C03": _recruiting,
    "C04": _chain,
    "C05": _destroying,
    "C06": _rate_and_depth,
    "C07": _capacity,
    "C08": _potency,
    **dict.fromkeys(CELL_JUDGES, _in_cells),
    **dict.fromkeys(BENCH_JUDGES, _on_the_bench),
    **dict.fromkeys(PATIENT_JUDGES, _in_patients),
    "C37": _specificity,
    "C38": _primary,
    "C40": _figure,
}
