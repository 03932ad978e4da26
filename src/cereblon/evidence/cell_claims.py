"""The guide's claims on the tumour cell (C09-C11), judged in a dish.

A verdict says "as assumed" where the number that settles the claim is assumed, or was set on rows of the same claim.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, get_args

import numpy as np

from cereblon.bench.curve import Floats, crossing
from cereblon.bench.pathway import ORDER, Pathway, pathway
from cereblon.bench.viability import Viability, viability
from cereblon.evidence.effects import DRAWS, SEED, Effects, Judged, held, sized, subjects
from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import printed
from cereblon.mechanism.pathway import COUPLING
from cereblon.mechanism.transcription import Coupling
from cereblon.model import exposure
from cereblon.model.culture import culture
from cereblon.records.cell import cell
from cereblon.records.compound import Compound

LINE, RESISTANT, NULL, DOWNSTREAM, MUTANT = "H929", "H929_R10", "DF15R", "H929_MYC", "H929_Q146H"
IMIDS = ("lenalidomide", "pomalidomide")
PLASMA = 10.0  # nM, near the plasma level of 1 mg mezigdomide (its PK is assumed)
USUAL_IMID = 10_000.0  # nM lenalidomide, which a resistant line survives
SURVIVES = 0.6  # share viable on day 5 of a line that survives
INERT = 0.01  # nothing happens: less than this is lost
FALLS = 0.5  # a factor is lowered when this much of it is gone
DAYS = 120.0  # h, when viability is read
PACES = ("MYC.half_time", "IRF4.half_time", "interferon.half_time", "apoptosis.tau", "apoptosis.k_max", "survival.K")
NO_DELAY = "0.1 h"
PUT_IN = ("assumed", "calibrated")


class Wells(NamedTuple):
    """Living over control, and living over all cells; the records' numbers, then draws."""

    alive: Floats
    viable: Floats


@dataclass(frozen=True)
class Cells:
    """What the judges share: each simulation is run once, when first asked for."""

    glue: Compound

    @cached_property
    def course(self) -> Pathway:
        return pathway(self.glue, LINE)

    @cached_property
    def at_the_ends(self) -> tuple[Pathway, ...]:
        """The course at both ends of the interval of every pace, one at a time."""
        line = cell(LINE)
        ends = [(a, f"{end!r} {line[a].unit}") for a in PACES for end in (line[a].low, line[a].high)]
        return tuple(pathway(self.glue, LINE, changes={address: text}) for address, text in ends)

    @cached_property
    def drawn_courses(self) -> tuple[Pathway, ...]:
        """The course with the records' numbers, then with draws of their intervals."""
        return (self.course, *self.course.spread(DRAWS, SEED))

    def drawn_wells(self, line: str, glue: str | Compound, at: float, coupling: Coupling = COUPLING) -> Wells:
        """A line on day 5 at one concentration (nM), own and drawn."""
        model = culture(glue, line, coupling=coupling)
        name = glue if isinstance(glue, str) else glue.name
        doses = exposure(model, {name: np.tile([0.0, at], DRAWS + 1)})
        seen = ("cell.alive", "cell.viability")
        run = model.simulate([0.0, DAYS], doses, vary=subjects(model, 2), observe=seen, rtol=1e-4)
        alive, viable = (run[one][:, -1].reshape(-1, 2) for one in seen)
        return Wells(alive[:, 1] / alive[:, 0], viable[:, 1])

    def curve(self, line: str, glue: str = "") -> Viability:
        return viability(glue or self.glue, line)


def order(cells: Cells) -> Judged:
    """C09: IKZF1, MYC, IRF4, growth, in this order; which road kills."""
    course, line = cells.course, cell(LINE)
    numbers = {f"half-time {name} (h)": time.value for name, time in course.half_times.items()}
    numbers |= {f"fall of {name}": 1 - float(course[name].min()) for name in ("IKZF1", "MYC", "IRF4")}
    numbers["lowest growth rate over control"] = float(course["growth"].min())
    numbers |= {f"share of kill, {printed(road)}": share for road, share in course.shares.items()}
    holds = _ascending(_times(course)) and min(numbers["fall of MYC"], numbers["fall of IRF4"]) > FALLS
    note = (
        f"The share of each road is the prior of interferon.weight ({line['interferon.weight'].value:g}), no finding."
    )
    if holds:
        ends = cells.at_the_ends
        for weight in ("0", "1"):
            shares = pathway(cells.glue, LINE, changes={"interferon.weight": weight}).shares
            numbers[f"share of kill, interferon, at weight {weight}"] = shares["interferon_death"]
        numbers["ends at which IKZF1, MYC, IRF4 keep the order"] = float(sum(_ascending(_times(e)[:3]) for e in ends))
        numbers["ends at which growth comes last"] = float(sum(_ascending(_times(e)) for e in ends))
        note = (
            f"Of {len(ends)} ends of intervals ({', '.join(PACES)}). The arrows are the model's own, the falls were "
            f"set on knock-downs (Bjorklund 2015), and that growth comes after IRF4 hangs on the paces. {note} "
            "Death without loss of MYC and IRF4 is Fedele 2018."
        )
    definition = (
        f"{line.symbol}, 5 d, one addition of {course.concentration:.3g} nM; time to half of the way to the lowest "
        f"level (growth: net rate over the control's); lowered: more than {FALLS:.0%} lost; kill up to day 5"
    )

    def measure() -> Effects:
        times = np.array([_times(one) for one in cells.drawn_courses])
        falls = np.array([[1 - one[name].min() for name in ("MYC", "IRF4")] for one in cells.drawn_courses])
        sizes = {
            f"hours from {a} to {b} (half of the fall)": sized(times[:, i + 1] - times[:, i], "h")
            for i, (a, b) in enumerate(itertools.pairwise(ORDER))
        }
        sizes |= {f"fall of {name}": sized(falls[:, i]) for i, name in enumerate(("MYC", "IRF4"))}
        return Effects(sizes, held([_ascending(t) and min(f) > FALLS for t, f in zip(times, falls, strict=True)]))

    deciding = (line["MYC.IKZF.K"], line["IRF4.half_time"])
    return Judged(numbers, definition, cell_verdict(holds, *deciding), note, measure)


def arrest(cells: Cells) -> Judged:
    """C10: G1 fills, then cells die."""
    course, line = cells.course, cell(LINE)
    numbers = {
        "G1 without drug": float(course["G1_fraction"][0]),
        "G1, highest": float(course["G1_fraction"].max()),
        "annexin, highest": float(course["annexin"].max()),
        "viable on day 5": float(course["viability"][-1]),
        "half-time G1 (h)": rise(course, "G1_fraction"),
        "half-time annexin (h)": rise(course, "annexin"),
    }
    in_order = numbers["half-time G1 (h)"] < numbers["half-time annexin (h)"]
    holds = (
        in_order and numbers["G1, highest"] - numbers["G1 without drug"] > INERT and numbers["annexin, highest"] > FALLS
    )
    note = ""
    if holds:
        ends = cells.at_the_ends
        kept = sum(rise(end, "G1_fraction") < rise(end, "annexin") for end in ends)
        at_once = pathway(cells.glue, LINE, changes={"apoptosis.tau": NO_DELAY})
        numbers["ends at which G1 comes first"] = float(kept)
        numbers["half-time G1 without delay (h)"] = rise(at_once, "G1_fraction")
        numbers["half-time annexin without delay (h)"] = rise(at_once, "annexin")
        note = (
            f"Of {len(ends)} ends of intervals ({', '.join(PACES)}). The order is that of the assumed delay of "
            "apoptosis; the height of annexin was set on a knock-down (Bjorklund 2015)."
        )
    definition = (
        f"{line.symbol} under {course.concentration:.3g} nM; time to half of the rise of the share in G1 and of "
        f"annexin-positive cells; without delay: {NO_DELAY} a stage"
    )

    def measure() -> Effects:
        runs = cells.drawn_courses
        G1, annexin = (np.array([rise(one, name) for one in runs]) for name in ("G1_fraction", "annexin"))
        filled = np.array([one["G1_fraction"].max() - one["G1_fraction"][0] for one in runs])
        highest = np.array([one["annexin"].max() for one in runs])
        sizes = {
            "hours from G1 to annexin (half of the rise)": sized(annexin - G1, "h"),
            "share in G1, highest less no drug": sized(filled),
            "annexin, highest less none": sized(highest),
        }
        return Effects(sizes, held((annexin > G1) & (filled > INERT) & (highest > FALLS)))

    deciding = (line["apoptosis.tau"], line["apoptosis.k_max"])
    return Judged(numbers, definition, cell_verdict(holds, *deciding), note, measure)


def resistance(cells: Cells) -> Judged:
    """C11: kills where lenalidomide and pomalidomide have lost activity, and nothing without cereblon."""
    glue, chosen = cells.glue, cell(RESISTANT)["CRBN.total"]
    middle = f"{(chosen.value + (chosen.high or chosen.value)) / 2:g} {chosen.unit}"
    imid, at = IMIDS[0], [USUAL_IMID]
    mine = {line: cells.curve(line) for line in (LINE, RESISTANT, NULL, DOWNSTREAM, MUTANT)}
    level = viability(glue, RESISTANT, concentrations=[PLASMA])
    survives = viability(imid, RESISTANT, concentrations=at).viability[0]
    halfway = viability(imid, RESISTANT, concentrations=at, changes={"CRBN.total": middle}).viability[0]
    resistant = cell(RESISTANT).symbol
    numbers = {
        f"viable {resistant}, {USUAL_IMID / 1000:g} uM {imid}": float(survives),
        f"the same at {middle} cereblon": float(halfway),
        f"alive over control {resistant}, {PLASMA:g} nM {glue.symbol}": float(level.alive[0]),
        f"IC50 {resistant} (nM)": mine[RESISTANT].IC50.value,
        f"IC50 {resistant} / {cell(LINE).symbol}": mine[RESISTANT].IC50.value / mine[LINE].IC50.value,
    }
    for name in IMIDS:
        lost = cells.curve(RESISTANT, name).IC50.value
        numbers[f"IC50 {resistant}, {name} (nM)"] = lost
        numbers[f"IC50 {resistant} / {cell(LINE).symbol}, {name}"] = lost / cells.curve(LINE, name).IC50.value
    numbers[f"least alive over control {cell(NULL).symbol}"] = float(mine[NULL].alive.min())
    numbers[f"least viable {cell(DOWNSTREAM).symbol}"] = float(mine[DOWNSTREAM].viability.min())
    numbers[f"IC50 {cell(MUTANT).symbol} (nM)"] = mine[MUTANT].IC50.value
    numbers[f"IKZF1 left in {cell(MUTANT).symbol}"] = float(mine[MUTANT]["IKZF1"].min())
    by_form = {form: _by_form(glue, form) for form in get_args(Coupling)}
    for form, (usual, mutant) in by_form.items():
        name = form.replace("_", " ")
        numbers[f"viable on day 5, {PLASMA:g} nM, {cell(LINE).symbol}, by {name}"] = usual
        numbers[f"viable on day 5, {PLASMA:g} nM, {cell(MUTANT).symbol}, by {name}"] = mutant
    inert = abs(1 - mine[NULL].alive).max() < INERT
    holds = bool(survives > SURVIVES and level.alive[0] < 0.5 and inert)
    definition = (
        f"day 5, one addition; {imid} survived: more than {SURVIVES:.0%} viable; {glue.symbol} active: fewer than "
        f"half of the control's living cells at {PLASMA:g} nM; without cereblon less than {INERT:.0%} changes at any "
        "concentration"
    )
    note = (
        f"The cereblon of {resistant} ({chosen.value:g} {chosen.unit}) was chosen in view of its survival. No "
        "line that is "
        f"resistant to pomalidomide dies: {cell(NULL).symbol} has no cereblon, {cell(DOWNSTREAM).symbol} was "
        "given both "
        "roads shut."
    )
    ratio = mine[MUTANT].IC50.value / mine[LINE].IC50.value
    if np.isfinite(ratio):
        note += (
            f" Missed: {cell(MUTANT).symbol} was expected not to respond by the share of IKZF1, and has "
            f"{ratio:.2f} times the IC50 of {cell(LINE).symbol}; the loss of IKZF3 alone kills it. Every form of the "
            f"coupling has the constants that were set with the {COUPLING}, which knock-downs ask for (decision 0012)."
        )

    def measure() -> Effects:
        old = cells.drawn_wells(RESISTANT, imid, USUAL_IMID)
        new = cells.drawn_wells(RESISTANT, glue, PLASMA)
        bare = cells.drawn_wells(NULL, glue, float(mine[NULL].concentrations[-1])).alive
        ends = (f"{USUAL_IMID / 1000:g} uM {imid}", f"{PLASMA:g} nM {glue.symbol}")
        sizes = {
            f"alive over control, {resistant}, {ends[0]} less {ends[1]}": sized(old.alive - new.alive),
            f"viable, {resistant}, {ends[0]}": sized(old.viable),
            f"alive over control, {resistant}, {ends[1]}": sized(new.alive),
            f"alive over control, {cell(NULL).symbol}, less 1": sized(bare - 1),
        }
        for form in get_args(Coupling):
            usual, mutant = (cells.drawn_wells(one, glue, PLASMA, form).viable for one in (LINE, MUTANT))
            by = f"viable, {ends[1]}, {cell(MUTANT).symbol} less {cell(LINE).symbol}, by {form.replace('_', ' ')}"
            sizes[by] = sized(mutant - usual)
        return Effects(
            sizes, held((old.viable > SURVIVES) & (new.alive < 0.5) & (np.abs(bare - 1) < INERT))
        )

    return Judged(numbers, definition, cell_verdict(holds, chosen, put_in=True), note, measure)


CELL_JUDGES = {
    "C09": order,
    "C10": arrest,
    "C11": resistance,
}


def rise(course: Pathway, name: str) -> float:
    """Hours to half of the rise from the start to the highest level; NaN where nothing rises."""
    return half_rise(course.times, course[name])


def half_rise(times: Floats, y: Floats) -> float:
    """As `rise`, for any curve from time 0.

    >>> 1 < half_rise(np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 0.2, 0.8, 1.0])) < 2
    True
    """
    top = float(y.max())
    if top - y[0] < INERT:
        return float("nan")
    return crossing(times[1:], -y[1:], -(float(y[0]) + top) / 2, "h", "").value


def _by_form(glue: Compound, form: Coupling) -> tuple[float, float]:
    """Viable on day 5 at the plasma level, by a form of the coupling: the line, and the one whose IKZF1 stays."""
    found = []
    for line in (LINE, MUTANT):
        model = culture(glue, line, coupling=form)
        run = model.simulate([0.0, DAYS], exposure(model, {glue.name: PLASMA}), observe=["cell.viability"])
        found.append(float(np.ravel(run["cell.viability"])[-1]))
    return found[0], found[1]


def _times(course: Pathway) -> list[float]:
    return [time.value for time in course.half_times.values()]


def _ascending(times: list[float]) -> bool:
    return bool(np.all(np.diff(times) > 0))  # NaN, where nothing falls, is no order


def cell_verdict(holds: bool, *deciding: Quantity, put_in: bool = False) -> str:
    if not holds:
        return "fails"
    return "holds, as assumed" if put_in or any(q.grade in PUT_IN for q in deciding) else "holds"
