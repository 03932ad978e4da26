"""The guide's claims on what the glue adds to the ligase and spares (C37, C38), and its figure (C40)."""

from __future__ import annotations

import numpy as np

from cereblon.evidence.effects import DRAWS, Effects, Judged, held, no_effect, sized, subjects
from cereblon.evidence.ligase_claims import (
    HIGH,
    LOSS,
    NEVER,
    SUBSTRATES,
    Ligase,
    bound,
    capacity,
    chain,
    closed,
    destroyed,
    potency,
    rate_and_depth,
    recruited,
    verdict_of,
)
from cereblon.ground.vocabulary import printed
from cereblon.model import exposure
from cereblon.model.dish import NATIVE
from cereblon.records.cell import Cell


def specificity(case: Ligase) -> Judged:
    """C37: substrates gained, the native one spared, which no inhibitor does."""
    name = case.glue.name
    gained = sum(case.panel.remaining(name, p) < 1 - LOSS for (_, p) in case.panel.curves)
    never = {f"{name}.CRBN.K_c": f"{NEVER}"}
    binder = case.run(never)
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
    holds = gained >= 1 and min(native, spared) > 1 and kept > 0.99

    def measure() -> Effects:
        left, idle = _panel(case), case.run(never, drawn=True)
        mine, rest = left[case.of], idle[f"{case.of}.remaining"][:, -1]
        most = np.min([column for p, column in left.items() if p != NATIVE], axis=0)
        both = np.minimum(left[NATIVE], idle[f"{NATIVE}.remaining"][:, -1])
        sizes = {
            f"{printed(case.of)} left, binder that never closes less glue": sized(rest - mine),
            f"{NATIVE}, fold of no drug": sized(left[NATIVE]),
        }
        return Effects(sizes, held((most < 1 - LOSS) & (both > 1) & (rest > 0.99)))

    return Judged(numbers, definition, verdict_of(holds), measure=measure)


def primary(case: Ligase) -> Judged:
    """C38: IKZF1 and IKZF3 are lost most."""
    name = case.glue.name
    left = {p: case.panel.remaining(name, p) for (_, p) in case.panel.curves}
    numbers = {f"{printed(p)} left": value for p, value in left.items()}
    others = [p for p in left if p not in SUBSTRATES]
    deciding = [case.glue[f"{p}.Kd"] for p in left]
    holds = all(left.get(s, 1.0) < min((left[p] for p in others), default=1.0) for s in SUBSTRATES)
    words = [f"{printed(p)} {w.partition(':')[0]}" for (_, p), w in case.panel.words.items() if p not in left]
    note = "Without a constant: " + ", ".join(words) if words else ""

    def measure() -> Effects:
        found = _panel(case)
        rest = np.ones(DRAWS + 1)
        spared = np.min([found[p] for p in others] or [rest], axis=0)
        kept = np.max([found.get(s, rest) for s in SUBSTRATES], axis=0)
        names = " and ".join(map(printed, SUBSTRATES))
        what = "share left, most degraded other protein" if others else "share left, no drug"
        return Effects({f"{what} less the more left of {names}": sized(spared - kept)}, held(spared > kept))

    return Judged(
        numbers, f"4 h at {HIGH:g} nM, all in competition", verdict_of(holds, *deciding), note, measure
    )


def figure(case: Ligase) -> Judged:
    """C40: the mechanism can be drawn from the network."""
    flux = case.run({}, at=1.0).flux(1.0)
    glue, of = case.glue.name, case.of
    n_ub = next(r for r in case.model.records if isinstance(r, Cell)).structure["n_ub"]
    steps = {
        "binding": f"+ {glue}@",
        "closing": f"<-> CRBN*:{glue}@",
        "recruitment": f"<-> CRBN*:{glue}:{of}@",
        "ubiquitination": f"-> CRBN*:{glue}:{of}~Ub1@",
        "degradation": f"~Ub{n_ub}@tumour -> CRBN*:{glue}@tumour + 0",
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
    holds = all(np.isfinite(r) and r > 0 for r in rate.values())
    drawn = f"a figure, of {len(network.reactions)} reactions and {len(network.species)} species"
    return Judged(numbers, definition, verdict_of(holds), measure=no_effect(drawn))


LIGASE_JUDGES = {
    "C01": bound,
    "C02": closed,
    "C03": recruited,
    "C04": chain,
    "C05": destroyed,
    "C06": rate_and_depth,
    "C07": capacity,
    "C08": potency,
    "C37": specificity,
    "C38": primary,
    "C40": figure,
}


def _panel(case: Ligase) -> dict[str, np.ndarray]:
    """Protein -> share left under the glue, all in competition, own and drawn; the native substrate among them."""
    model, name = case.panel.models[0], case.glue.name
    proteins = [p for (_, p) in case.panel.curves]
    doses = exposure(model, {name: np.full(DRAWS + 1, HIGH)})
    watched = [f"{p}.remaining" for p in (*proteins, NATIVE)]
    run = model.simulate([0.0, 4.0], doses, vary=subjects(model), observe=watched)
    return {p: run[w][:, -1] for p, w in zip((*proteins, NATIVE), watched, strict=True)}
