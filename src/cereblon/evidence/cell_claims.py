"""The guide's claims on the tumour cell and on T and NK cells (C09-C14), judged in a dish.

A verdict says "as assumed" where the number that settles the claim is assumed, or was set on rows of the same claim.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from cereblon.bench.curve import Floats, crossing
from cereblon.bench.immune import USUAL, Immune, immune
from cereblon.bench.pathway import Pathway, pathway
from cereblon.bench.viability import Viability, viability
from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import printed
from cereblon.records.cell import cell
from cereblon.records.compound import Compound

LINE, RESISTANT, NULL, DOWNSTREAM, MUTANT = "H929", "H929_R10", "DF15R", "H929_MYC", "H929_Q146H"
IMIDS = ("lenalidomide", "pomalidomide")
PLASMA = 10.0  # nM, near the plasma level of 1 mg mezigdomide (its PK is assumed)
USUAL_IMID = 10_000.0  # nM lenalidomide, which a resistant line survives
SURVIVES = 0.6  # share viable on day 5 of a line that survives
INERT = 0.01  # nothing happens: less than this is lost
FALLS = 0.5  # a factor is lowered when this much of it is gone
RISES = 1.5  # a response rises when it gets to this many times rest
PACES = ("MYC.half_time", "IRF4.half_time", "interferon.half_time", "apoptosis.tau", "apoptosis.k_max", "survival.K")
NO_DELAY = "0.1 h"
PUT_IN = ("assumed", "calibrated")


class Judged(NamedTuple):
    """What is said of one claim: numbers by name, the definition they follow, the verdict, what it rests on."""

    numbers: dict[str, float]
    definition: str
    verdict: str
    note: str = ""


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
    def alone(self) -> Immune:
        return immune(self.glue)

    @cached_property
    def with_steroid(self) -> Immune:
        return immune(self.glue, dexamethasone=True)

    @cached_property
    def without_cereblon(self) -> Immune:
        return immune(self.glue, changes={f"CRBN.total@{place}": "0 nM" for place in ("T_cell", "NK_cell")})

    @cached_property
    def imids(self) -> dict[str, Immune]:
        return {name: immune(name) for name in IMIDS}

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
    return Judged(numbers, definition, _verdict(holds, line["MYC.IKZF.K"], line["IRF4.half_time"]), note)


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
    return Judged(numbers, definition, _verdict(holds, line["apoptosis.tau"], line["apoptosis.k_max"]), note)


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
            f"{ratio:.2f} times "
            f"the IC50 of {cell(LINE).symbol}; the loss of IKZF3 alone kills it."
        )
    return Judged(numbers, definition, _verdict(holds, chosen, put_in=True), note)


def derepression(cells: Cells) -> Judged:
    """C12: IL-2 rises, and only through cereblon."""
    alone, gain = cells.alone, cells.alone.model["IL2.IKZF.gain"]
    numbers = {"IL-2 over rest": alone.IL2_fold.value, "EC50 (nM)": alone.EC50.value}
    numbers |= {f"IL-2 over rest, {printed(n)}": other.IL2_fold.value for n, other in cells.imids.items()}
    numbers |= {f"EC50, {printed(n)} (nM)": other.EC50.value for n, other in cells.imids.items()}
    numbers["IL-2 over rest, no cereblon"] = cells.without_cereblon.IL2_fold.value
    holds = numbers["IL-2 over rest"] > RISES and numbers["IL-2 over rest, no cereblon"] < 1 + INERT
    high = alone.concentrations[-1]
    definition = f"T cells under anti-CD3, {alone.IL2_at}, {high:.3g} nM; rises: {RISES:g} times rest or more"
    note = (
        f"The height is that of IL2.IKZF.gain ({gain.value:g}), set on the plateau under lenalidomide; so was "
        "its EC50, and "
        "pomalidomide's. That of any other glue is predicted."
    )
    return Judged(numbers, definition, _verdict(holds, gain), note)


def T_cells(cells: Cells) -> Judged:
    """C13: T cells multiply."""
    alone, model = cells.alone, cells.alone.model
    numbers = {
        "T cells over rest": float(alone.T[-1]),
        "exhausted share": float(alone["T_exhausted"][-1]),
        "exhausted share, lowest dose": float(alone["T_exhausted"][0]),
        "working T cells over rest": float(working(alone)),
        "T cells over rest, no cereblon": float(cells.without_cereblon.T[-1]),
        "T cells over rest, with dexamethasone": float(cells.with_steroid.T[-1]),
    }
    holds = numbers["T cells over rest"] > RISES and numbers["working T cells over rest"] > 1
    definition = (
        f"T cells under anti-CD3, {alone.at}, {alone.concentrations[-1]:.3g} nM, over the same cells at rest; working: "
        f"not exhausted, over those at the lowest dose; dexamethasone {USUAL:g} nM"
    )
    note = "Division, its answer to IL-2 and exhaustion are assumptions; no row of evidence sets them."
    return Judged(numbers, definition, _verdict(holds, model["T.k_divide"], model["T.IL2.K"]), note)


def NK_cells(cells: Cells) -> Judged:
    """C14: NK activity rises, and dexamethasone takes it back."""
    alone, both, model = cells.alone, cells.with_steroid, cells.alone.model
    numbers = {
        "NK activity over rest": float(alone.NK_activity[-1]),
        "NK cells over rest": float(alone["NK"][-1]),
        "with dexamethasone": float(both.NK_activity[-1]),
        "dexamethasone alone": float(both.NK_activity[0]),
        "glue, both with dexamethasone": float(both.NK_activity[-1] / both.NK_activity[0]),
        "no cereblon": float(cells.without_cereblon.NK_activity[-1]),
    }
    numbers |= {printed(n): float(other.NK_activity[-1]) for n, other in cells.imids.items()}
    definition = (
        f"cytotoxic NK cells beside T cells, {alone.at}, {alone.concentrations[-1]:.3g} nM, over rest; rises: "
        "by a tenth "
        f"or more; dexamethasone {USUAL:g} nM, alone: at {both.concentrations[0]:.2g} nM of the glue"
    )
    note = (
        "The rise was set on killing under lenalidomide (Hsu 2011); the direction under dexamethasone is theirs, its "
        "size is assumed. The claim is judged without dexamethasone: with it activity lies below rest."
    )
    return Judged(
        numbers, definition, _verdict(numbers["NK activity over rest"] > 1.1, model["NK_activity.IL2.K"]), note
    )


CELL_JUDGES = {
    "C09": order,
    "C10": arrest,
    "C11": resistance,
    "C12": derepression,
    "C13": T_cells,
    "C14": NK_cells,
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


def working(found: Immune) -> float:
    """T cells that are not exhausted at the highest dose, over those at the lowest."""
    able = found.T * (1 - found["T_exhausted"])
    return float(able[-1] / able[0])


def _times(course: Pathway) -> list[float]:
    return [time.value for time in course.half_times.values()]


def _ascending(times: list[float]) -> bool:
    return bool(np.all(np.diff(times) > 0))  # NaN, where nothing falls, is no order


def _verdict(holds: bool, *deciding: Quantity, put_in: bool = False) -> str:
    if not holds:
        return "fails"
    return "holds, as assumed" if put_in or any(q.grade in PUT_IN for q in deciding) else "holds"
