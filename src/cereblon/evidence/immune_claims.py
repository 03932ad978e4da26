"""The guide's claims on T and NK cells (C12-C14), judged in a dish; "as assumed" as in `cell_claims`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cereblon.bench.immune import USUAL, Immune, immune
from cereblon.evidence.cell_claims import IMIDS, INERT, cell_verdict
from cereblon.evidence.effects import DRAWS, Effects, Floats, Judged, held, sized, subjects
from cereblon.ground.vocabulary import printed
from cereblon.model import exposure
from cereblon.model.culture import STEROID
from cereblon.records.compound import Compound
from cereblon.records.regimen import hours

RISES = 1.5  # a response rises when it gets to this many times rest
NK_RISES = 1.1  # and NK activity, which has a ceiling, to this


@dataclass(frozen=True)
class Lymphocytes:
    """What the judges share: each simulation is run once, when first asked for."""

    glue: Compound

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

    @cached_property
    def drawn_immune(self) -> dict[str, tuple[Floats, Floats, Floats, Floats]]:
        """Read-out -> own and drawn at rest, under the glue, under the steroid, under both, each at its time."""
        model, given = self.alone.model, self.alone.concentrations[-1]
        times = [0.0, *sorted({float(hours(self.alone.IL2_at)), float(hours(self.alone.at))})]
        count = DRAWS + 1
        level = {
            self.glue.name: np.tile([0.0, given, 0.0, given], count),
            STEROID: np.tile([0.0, 0.0, USUAL, USUAL], count),
        }
        seen = {"IL2": 1, "T.number": -1, "T.exhausted": -1, "NK_activity": -1}  # read at
        run = model.simulate(times, exposure(model, level), vary=subjects(model, 4), observe=list(seen))
        return {name: tuple(run[name][:, at].reshape(count, 4).T) for name, at in seen.items()}  # type: ignore[misc]


def derepression(cells: Lymphocytes) -> Judged:
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

    def measure() -> Effects:
        rest, under, steroid, both = cells.drawn_immune["IL2"]
        without = cells.without_cereblon.IL2_fold.value
        sizes = {
            "IL-2, fold of no drug": sized(under / rest),
            f"IL-2, fold of no glue, both with {USUAL:g} nM dexamethasone": sized(both / steroid),
        }
        return Effects(sizes, held((under > RISES) & (without < 1 + INERT)))

    return Judged(numbers, definition, cell_verdict(holds, gain), note, measure)


def T_cells(cells: Lymphocytes) -> Judged:
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

    def measure() -> Effects:
        number, tired = cells.drawn_immune["T.number"], cells.drawn_immune["T.exhausted"]
        rest, under = number[0] * (1 - tired[0]), number[1] * (1 - tired[1])
        sizes = {
            "T cells, fold of no drug": sized(number[1] / number[0]),
            "working T cells, fold of no drug": sized(under / rest),
        }
        return Effects(sizes, held((number[1] > RISES) & (under > rest)))

    return Judged(numbers, definition, cell_verdict(holds, model["T.k_divide"], model["T.IL2.K"]), note, measure)


def NK_cells(cells: Lymphocytes) -> Judged:
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

    def measure() -> Effects:
        rest, under, steroid, taken = cells.drawn_immune["NK_activity"]
        sizes = {
            "NK activity, fold of no drug": sized(under / rest),
            f"NK activity, fold of no glue, both with {USUAL:g} nM dexamethasone": sized(taken / steroid),
        }
        return Effects(sizes, held(under > NK_RISES))

    deciding = model["NK_activity.IL2.K"]
    return Judged(
        numbers, definition, cell_verdict(numbers["NK activity over rest"] > NK_RISES, deciding), note, measure
    )


IMMUNE_JUDGES = {
    "C12": derepression,
    "C13": T_cells,
    "C14": NK_cells,
}


def working(found: Immune) -> float:
    """T cells that are not exhausted at the highest dose, over those at the lowest."""
    able = found.T * (1 - found["T_exhausted"])
    return float(able[-1] / able[0])
