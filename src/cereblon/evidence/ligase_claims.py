"""The guide's claims on the ligase and what it destroys (C01-C08, C37, C38, C40), judged in a dish."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cereblon.bench import Course, Curve, Selectivity, Viability, binding, course, degradation, selectivity, viability
from cereblon.bench.curve import around, crossing, half_effect
from cereblon.evidence.effects import DRAWS, SEED, Effects, Floats, Judged, held, own_and_drawn, sized, subjects
from cereblon.evidence.laboratory import COARSE
from cereblon.evidence.rows import Claim, reported_claims, reported_degradation
from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import printed
from cereblon.mechanism.binding import closed_fraction, competent_occupancy, occupancy
from cereblon.mechanism.ternary import competition
from cereblon.model import Model, Result, dish, exposure
from cereblon.model.dish import NATIVE
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record

REFERENCES = ("lenalidomide", "pomalidomide")
SUBSTRATES = ("IKZF1", "IKZF3")
AT = 10.0  # nM, near the plasma level of 1 mg mezigdomide (its PK is assumed)
HIGH = 100.0  # nM
WELL_ABOVE = 3.0  # "well above": at least this many times
LOSS = 0.1  # a protein counts as degraded when more than this is gone
SATURATION = 1e6  # nM
NEVER = 1e-9  # closing constant of a ligand that binds and never closes


@dataclass(frozen=True)
class Ligase:
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

    @property
    def compared(self) -> tuple[Compound, ...]:
        """The glue, then the references."""
        return (self.glue, *map(compound_record, REFERENCES))

    @cached_property
    def curves(self) -> dict[str, Curve]:
        return {g.name: degradation(g, self.of) for g in self.compared}

    @cached_property
    def drawn_curves(self) -> dict[str, Floats]:
        """Glue -> share left, (own and draws, concentrations), at 4 h."""
        found = {}
        for name, curve in self.curves.items():
            spread = curve.spread(DRAWS, SEED).draws
            assert spread is not None
            found[name] = np.vstack([curve.remaining, spread])
        return found

    @cached_property
    def courses(self) -> dict[str, Course]:
        return {g.name: course(g, self.of) for g in self.compared}

    @cached_property
    def panel(self) -> Selectivity:
        return selectivity(self.glue, concentration=HIGH)

    @cached_property
    def grown(self) -> dict[str, Viability]:
        """Viability of H929 on day 5, drawn."""
        given = {g: around(g["CRBN.Kd"].coherent)[::COARSE] for g in self.compared}
        return {g.name: viability(g, concentrations=at).spread(DRAWS, SEED) for g, at in given.items()}

    def run(
        self, changes: Mapping[str, str | Quantity], drug: float = HIGH, at: float = 4.0, before: float = 0.0,
        drawn: bool = False,
    ) -> Result:  # fmt: skip
        """The cell `at` hours after the drug, with other numbers from `before` hours earlier on; `drawn`: also in
        draws."""
        model = self.model.replace(changes)
        vary = subjects(model) if drawn else {}
        fixed = {model.resolve(slot) for slot in changes}
        vary = {slot: column for slot, column in vary.items() if slot not in fixed}
        level = np.full(DRAWS + 1, drug) if drawn else drug
        return model.simulate([0, before + at], exposure(model, {self.glue.name: level}, at=before), vary=vary)

    def left(self, result: Result, of: str = "") -> float:
        return float(result[f"{of or self.of}.remaining"][0, -1])

    def chained(self, result: Result) -> Floats:
        """Share of the protein that carries ubiquitin, by subject."""
        names = [n for n in result.trajectory.outputs if f"{self.of}~Ub" in n]
        slot = self.model.resolve(f"{self.of}.total")
        total = result.varied.get(slot, np.asarray(self.model[slot].coherent))
        return np.asarray(sum(result.trajectory[n][:, -1] for n in names) / total)

    def ratios(self, quantity: Callable[[Compound], float]) -> dict[str, float]:
        """The references' number over the glue's."""
        mine = quantity(self.glue)
        return {f"{printed(g)} / {self.glue.symbol}": quantity(compound_record(g)) / mine for g in REFERENCES}

    def numbers(self, address: str) -> dict[str, Floats]:
        """Glue -> one of its numbers, own and drawn."""
        return {
            g.name: own_and_drawn({f"{g.name}.{address}": g[address]})[f"{g.name}.{address}"] for g in self.compared
        }

    def over(self, found: Mapping[str, Floats]) -> dict[str, Floats]:
        """Reference over the glue, by a name for the effect's end: "lenalidomide over mezigdomide"."""
        return {f"{printed(g)} over {self.glue.symbol}": found[g] / found[self.glue.name] for g in REFERENCES}


def verdict_of(holds: bool, *deciding: Quantity) -> str:
    """`deciding`: the numbers that settle the claim by themselves; if one is assumed the claim was put in."""
    if not holds:
        return "fails"
    return "holds, as assumed" if any(q.grade == "assumed" for q in deciding) else "holds"


def bound(case: Ligase) -> Judged:
    """C01: tighter than both IMiDs."""
    Kd = case.glue["CRBN.Kd"]
    ratios = case.ratios(lambda g: g["CRBN.Kd"].coherent)
    numbers = {"Kd (nM)": Kd.coherent, f"occupancy at {AT:g} nM": float(occupancy(AT, Kd.coherent))}
    numbers |= {f"Kd {name}": value for name, value in ratios.items()}
    definition = f"apparent Kd in the {case.glue.affinity} family of assays; high: tighter than both IMiDs"

    def measure() -> Effects:
        found = case.over(case.numbers("CRBN.Kd"))
        sizes = {f"ratio of apparent Kd, {name}": sized(ratio) for name, ratio in found.items()}
        return Effects(sizes, held(np.min(list(found.values()), axis=0) > 1))

    return Judged(numbers, definition, verdict_of(min(ratios.values()) > 1, Kd), Kd.note, measure)


def closed(case: Ligase) -> Judged:
    """C02: bound cereblon is closed."""
    K_c = case.glue["CRBN.K_c"]
    share = binding(case.glue, substrates=case.substrates).closed_fraction
    numbers = {"without glue": 0.0, "of bound": share.value, "low": share.low, "high": share.high}
    numbers |= {printed(g): float(closed_fraction(compound_record(g)["CRBN.K_c"].value)) for g in REFERENCES}
    definition = "closed share, K_c / (1 + K_c); cereblon without a glue is open by structure (Watson 2022)"

    def measure() -> Effects:
        found = np.asarray(closed_fraction(case.numbers("CRBN.K_c")[case.glue.name]))
        return Effects({"closed share of bound, less that without glue (0)": sized(found)}, held(found > 0.5))

    return Judged(numbers, definition, verdict_of(share.value > 0.5, K_c), K_c.note, measure)


def recruited(case: Ligase) -> Judged:
    """C03: closed cereblon holds the neosubstrates."""
    curve = binding(case.glue, concentrations=[AT, HIGH], substrates=case.substrates)
    complexes = {s: curve.ternary[s] for s in case.substrates}
    numbers = {f"{s} at {AT:g} nM (nM)": float(column[0]) for s, column in complexes.items()}
    numbers |= {f"{s} at {HIGH:g} nM (nM)": float(column[1]) for s, column in complexes.items()}
    empty = case.model.simulate([0, 4])
    without = sum(float(empty[f"{case.glue.name}.{s}.ternary"][-1]) for s in case.substrates)
    definition = "held by closed cereblon at equilibrium, before any is degraded; free glue"
    holds = min(float(column[1]) for column in complexes.values()) > 1 > without
    deciding = [case.glue[f"{s}.Kd"] for s in case.substrates]

    def measure() -> Effects:
        glue, values = case.glue.name, curve.model.values
        at = own_and_drawn(values)
        own = {address: at[curve.model.resolve(address)] for address in (
            "CRBN.total", f"{glue}.CRBN.Kd", f"{glue}.CRBN.K_c", f"{NATIVE}.total", f"{NATIVE}.CRBN.Kd",
            *(f"{s}.total" for s in case.substrates), *(f"{glue}.{s}.Kd" for s in case.substrates),
        )}  # fmt: skip
        pool = competition(
            np.full(DRAWS + 1, HIGH), own["CRBN.total"], np.stack([own[f"{s}.total"] for s in case.substrates], -1),
            own[f"{glue}.CRBN.Kd"], np.stack([own[f"{glue}.{s}.Kd"] for s in case.substrates], -1),
            own[f"{glue}.CRBN.K_c"], native=own[f"{NATIVE}.total"], Kd_native=own[f"{NATIVE}.CRBN.Kd"],
        )  # fmt: skip
        sizes = {
            f"{printed(s)} held at {HIGH:g} nM, less that without glue (0)": sized(pool.complexes[:, i], "nM")
            for i, s in enumerate(case.substrates)
        }
        return Effects(sizes, held(pool.complexes.min(axis=1) > 1))

    return Judged(
        numbers | {"without glue (nM)": without}, definition, verdict_of(holds, *deciding), measure=measure
    )


def chain(case: Ligase) -> Judged:
    """C04: what is recruited carries ubiquitin."""
    stopped: dict[str, str | Quantity] = {"proteasome.inhibition": "1"}
    silenced: dict[str, str | Quantity] = {**stopped, "CRL4.inhibition": "1"}

    def shares(drawn: bool) -> tuple[Floats, Floats, Floats]:
        return (
            case.chained(case.run(stopped, at=1.0, drawn=drawn)),
            case.chained(case.run(stopped, drug=0.0, at=1.0, drawn=drawn)),
            case.chained(case.run(silenced, at=1.0, before=24.0, drawn=drawn)),
        )

    names = ("with glue", "without glue", "with glue after a NEDD8 inhibitor")
    numbers = {name: float(found[0]) for name, found in zip(names, shares(False), strict=True)}
    with_glue, *others = numbers.values()
    definition = (
        f"share of {printed(case.of)} with ubiquitin 1 h after {HIGH:g} nM, the 26S stopped; "
        "the NEDD8 inhibitor is given 24 h before"
    )

    def measure() -> Effects:
        mine, without, blocked = shares(True)
        sizes = {
            "share with ubiquitin, glue less no glue": sized(mine - without),
            "share with ubiquitin, glue less glue after a NEDD8 inhibitor": sized(mine - blocked),
        }
        return Effects(sizes, held((mine > LOSS) & (np.maximum(without, blocked) < LOSS / 10)))

    return Judged(numbers, definition, verdict_of(with_glue > LOSS and max(others) < LOSS / 10), measure=measure)


def destroyed(case: Ligase) -> Judged:
    """C05: the 26S takes it away."""
    ways: dict[str, dict[str, str | Quantity]] = {
        "left": {},
        "left, 26S inhibited by 70 %": {"proteasome.inhibition": "0.7"},
        "left, 26S stopped": {"proteasome.inhibition": "1"},
        "left, no cereblon": {"CRBN.total": "0 nM"},
    }
    numbers = {name: case.left(case.run(changes)) for name, changes in ways.items()}
    definition = f"{printed(case.of)} 4 h after {HIGH:g} nM, over its drug-free level"
    holds = numbers["left"] < 0.5 < min(numbers["left, 26S stopped"], numbers["left, no cereblon"])

    def measure() -> Effects:
        left, _, stopped, none = (
            case.run(changes, drawn=True)[f"{case.of}.remaining"][:, -1] for changes in ways.values()
        )
        sizes = {
            "share left, 26S stopped less running": sized(stopped - left),
            "share left, no cereblon less with it": sized(none - left),
        }
        return Effects(sizes, held((left < 0.5) & (np.minimum(stopped, none) > 0.5)))

    return Judged(numbers, definition, verdict_of(holds), measure=measure)


def rate_and_depth(case: Ligase) -> Judged:
    """C06: faster and deeper."""
    order = (case.glue.name, "pomalidomide", "lenalidomide")
    depth = [case.curves[g].Dmax.value for g in order]
    time = [case.courses[g].half_time.value for g in order]
    numbers = {f"Dmax {printed(g)}": d for g, d in zip(order, depth, strict=True)}
    numbers |= {f"half-time {printed(g)} (h)": t for g, t in zip(order, time, strict=True)}
    definition = f"{printed(case.of)} in H929: Dmax at 4 h; time to half of the fall at 100 x Kd"
    holds = depth[0] > depth[1] > depth[2] and time[0] < time[1] < time[2]
    deciding = (case.glue["CRBN.Kd"], case.glue[f"{case.of}.Kd"])

    def measure() -> Effects:
        deep = {g: 1 - case.drawn_curves[g][:, -1] for g in order}
        fast = {g: _half_times(case.courses[g]) for g in order}
        mine, sizes = case.glue.name, {}
        for g in order[1:]:
            sizes[f"Dmax, {case.glue.symbol} less {printed(g)}"] = sized(deep[mine] - deep[g])
            sizes[f"half-time, {printed(g)} over {case.glue.symbol}"] = sized(fast[g] / fast[mine])
        ordered = (np.diff([deep[g] for g in order], axis=0) < 0) & (np.diff([fast[g] for g in order], axis=0) > 0)
        return Effects(sizes, held(ordered.all(axis=0)))

    return Judged(numbers, definition, verdict_of(holds, *deciding), _predicted(case), measure)


def capacity(case: Ligase) -> Judged:
    """C07: 10 to 20 times the binding capacity, by two readings."""
    claim: Claim = reported_claims()["C07"]
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

    def measure() -> Effects:
        Kds, K_cs = case.numbers("CRBN.Kd"), case.numbers("CRBN.K_c")
        ratio = case.over(Kds)
        idle = {g: 1 / np.asarray(competent_occupancy(AT, Kds[g], K_cs[g])) for g in Kds}
        sizes = {f"ratio of apparent Kd, {name}": sized(found) for name, found in ratio.items()}
        for g, found in zip(REFERENCES, case.over(idle).values(), strict=True):
            sizes[f"ratio of competent occupancy at {AT:g} nM, {case.glue.symbol} over {printed(g)}"] = sized(found)
        return Effects(sizes, held(np.all([(low <= x) & (x <= high) for x in ratio.values()], axis=0)))

    return Judged(numbers, definition, verdict_of(holds, case.glue["CRBN.Kd"]), note, measure)


def potency(case: Ligase) -> Judged:
    """C08: potency well above both IMiDs."""
    found = {g: curve.DC50.value for g, curve in case.curves.items()}
    ratios = {f"{printed(g)} / {case.glue.symbol}": found[g] / found[case.glue.name] for g in REFERENCES}
    numbers = {f"DC50 {printed(g)} (nM)": value for g, value in found.items()} | ratios
    of = printed(case.of)
    definition = f"DC50 of {of} at 4 h (half of the achieved effect); well above: {WELL_ABOVE:g} times or more"
    note = f"{_predicted(case)} The IC50 stands with C11."
    deciding = (case.glue["CRBN.Kd"], case.glue[f"{case.of}.Kd"])

    def measure() -> Effects:
        DC50 = {
            g: np.array([half_effect(curve.concentrations, y, "nM", "").value for y in case.drawn_curves[g]])
            for g, curve in case.curves.items()
        }
        IC50 = {
            g: np.array([crossing(v.concentrations, y, 0.5, "nM", "").value for y in (v.alive, *_drawn(v))])
            for g, v in case.grown.items()
        }
        over = case.over(DC50)
        sizes = {f"ratio of DC50, {name}": sized(ratio) for name, ratio in over.items()}
        sizes |= {f"ratio of IC50 (H929, 5 d), {name}": sized(ratio) for name, ratio in case.over(IC50).items()}
        return Effects(sizes, held(np.min(list(over.values()), axis=0) >= WELL_ABOVE))

    return Judged(numbers, definition, verdict_of(min(ratios.values()) >= WELL_ABOVE, *deciding), note, measure)


def _half_times(found: Course) -> Floats:
    """Half-times (h) of one course, own and drawn."""
    model = found.model
    doses = exposure(model, {found.compound: np.full(DRAWS + 1, found.concentration)})
    watched = f"{found.of}.remaining"
    left = model.simulate(found.times, doses, vary=subjects(model), observe=[watched])[watched]
    return np.array([crossing(found.times[1:], y[1:], (1 + y.min()) / 2, "h", "").value for y in left])


def _drawn(found: Viability) -> Floats:
    assert found.draws is not None
    return found.draws


def _predicted(case: Ligase) -> str:
    """What the reader of a comparison must know: nothing was tuned on it, and what it rests on all the same."""
    rows = [r for r in reported_degradation() if r.compound == case.glue.name and r.role == "calibrate"]
    if rows:
        return f"Constants were set on {len(rows)} rows of {case.glue.symbol}."
    assumed = [a for a in ("CRBN.Kd", f"{case.of}.Kd") if case.glue[a].grade == "assumed"]
    rests = f"; rests on assumed {' and '.join(assumed)}" if assumed else ""
    return f"Predicted: no row of {case.glue.symbol} set a constant{rests}."
