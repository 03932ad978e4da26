"""The bench: a glue, an antibody on CD38 and effector cells in one well, beside a second glue and no glue."""

from __future__ import annotations

import numpy as np

from cereblon import bench
from cereblon.ground.quantity import Estimate
from cereblon.show.cytotoxicity import adcc_arms, adcc_table
from cereblon.show.figures.adcc import adcc_chart, arms_chart
from cereblon.show.figures.theme import name
from cereblon.show.sections.cells import not_simulated, subject
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.study import REFERENCE, Study

COMPARATOR = "pomalidomide"
LINE = "MOLP8"
ANTIBODY = "daratumumab"
AT = 10.0  # nM of either glue
DRAWS = 30


def adcc(study: Study) -> Section:
    """Curves over antibody, E:T and time; every arm by three read-outs; what halves the lysis."""
    focus = subject(study)
    other = study.glue(COMPARATOR if focus.name != COMPARATOR else REFERENCE)
    antibody = next(p for p in study.partners if p.name == ANTIBODY)
    assay = study.spread(bench.adcc(focus, antibody, LINE, AT, comparator=other), DRAWS)
    plan = assay.design.protocol
    assumed = (
        f"{name(LINE)} with {AT:g} nM of a glue, then {antibody.symbol} and PBMC for {plan.calendar.duration:g} h, E:T "
        f"{plan.ratio:g}:1, {assay.design.antibody_at:.3g} nM of the antibody where another thing is varied. Assumed: "
        f"how fast an NK cell finds and kills, the share of NK cells ({assay.model['NK.share']}) in PBMC, their "
        "receptors, and that no other effector counts."
    )
    table = adcc_table(assay)
    caption = (
        f"{assumed} LDH is per cent cytotoxicity, each arm against its own controls (with the drug, without "
        "effectors); taken is the share of plated targets that effectors really took. In the right frame targets stand "
        "longer with the glue before: those that it kills by itself are in the controls too, so what LDH shows of the "
        "effectors can fall although they take nearly as many."
    )
    arms = {c: assay.EC50[c].value for c in assay.EC50}
    said = "Three frames of rising curves: antibody, E:T, time. Antibody EC50: " + "; ".join(
        f"{name(c) + ' + ' + antibody.symbol if c else antibody.symbol + ' alone'} {v:.3g} nM" for c, v in arms.items()
    )
    curves = Figure("adcc", "Lysis with a glue, an antibody, or both", adcc_chart(table), caption, f"{said}.", table)
    every = adcc_arms([assay])
    both = {one: assay.of("taken", one) for one in assay.arms if not one.endswith("no PBMC")}
    second = Figure(
        "adcc_arms", "Every arm, with and without effectors", arms_chart(every),
        "A glue without effectors shows its own kill, effectors without an antibody theirs. Bars: "
        + ("none on a quick page." if study.quick else f"95 % of {DRAWS} draws of the records' intervals."),
        "Dots by arm. Taken by effectors: " + "; ".join(f"{a} {e.value:.0%}" for a, e in both.items()) + ".", every,
    )  # fmt: skip
    rows = [
        {
            "arm": f"{name(c)} + {antibody.symbol}" if c else f"{antibody.symbol} alone",
            "antibody EC50": _half(assay.EC50[c]),
            "E:T50": _half(assay.ratio50[c]),
        }
        for c in assay.EC50
    ]
    gain = assay.difference("taken", f"{focus.name} + {antibody.name}", antibody.name)
    listing = Listing(
        "adcc_halves", "What halves the lysis", rows,
        f"By LDH. At least: the curve has not flattened at its end, so half of its rise is a lower bound. "
        f"{study.ranges(DRAWS).rstrip('.')}. {focus.symbol} adds {100 * gain.value:.1f} points to what effectors take "
        "beside the antibody.",
    )  # fmt: skip
    words = (
        f"{antibody.symbol} marks a myeloma cell for NK cells by its CD38. A glue may add in three ways, all in this "
        "well: it arms the NK cells by IL-2, it raises CD38 on the target, and it kills the target itself, which a "
        "plate cannot tell from the others without its controls.",
        *not_simulated(study),
    )
    return Section("adcc", "The bench: antibody and effectors", words, (curves, second, listing))


def _half(found: Estimate) -> str:
    if not np.isfinite(found.value):
        return found.note or "no effect"
    return f"{'at least ' if found.note.startswith('at least') else ''}{found}"
