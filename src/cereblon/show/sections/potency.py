"""Where potency comes from: its factors, the law that ties depth to potency, and the panel of proteins."""

from __future__ import annotations

import numpy as np

from cereblon import bench
from cereblon.bench.selectivity import PANEL
from cereblon.ground.errors import InputError
from cereblon.mechanism.catalysis import DC50_half_effect, Dmax, Potency, decompose
from cereblon.mechanism.ligase import potency as potency_of
from cereblon.model import dish
from cereblon.model.dish import NATIVE
from cereblon.show.figures.potency import SIMULATED, TOTAL, decomposition_chart, law_chart, panel_chart, with_status
from cereblon.show.figures.theme import MARK, name
from cereblon.show.sections.section import Figure, Section
from cereblon.show.study import REFERENCE, Study

AT = "4 h"  # of the panel


def potency(study: Study) -> Section:
    """The decomposition and the law, both of the first protein of the study."""
    of = study.substrates[0] if study.substrates[0] in study.glue(REFERENCE).neosubstrates else "IKZF1"
    words = (
        "Potency = affinity × closing × recruitment × turnover. The first is how tightly the glue holds cereblon, "
        "the second how much of "
        "the held cereblon closes, the third how tightly closed cereblon holds the protein, the fourth how fast what "
        "is held is destroyed "
        "against how fast the cell replaces it.",
    )
    return Section("potency", "Where potency comes from", words, (_decomposition(study, of), _law(study, of)))


def _numbers(study: Study, of: str) -> dict[str, tuple[Potency, bench.Curve]]:
    """glue -> its constants in the catalytic law, and its steady dose-response."""
    out = {}
    for glue in study.glues:
        if of not in glue.neosubstrates:
            continue
        model = dish(glue, study.line, [of])
        values = {slot.partition("@")[0]: q for slot, q in model.coherent().items()}
        constants = potency_of(values, glue.name, of, study.line.structure["n_ub"])
        steady = bench.degradation(glue, of=of, cell=study.line, at="steady", layer="quasi-steady", substrates=[of])
        out[glue.name] = constants, steady
    return out


def _decomposition(study: Study, of: str) -> Figure:
    import pandas as pd

    numbers = _numbers(study, of)
    constants, reference = numbers[REFERENCE]
    rows = []
    for glue, (own, curve) in numbers.items():
        ratio = reference.DC50.value / curve.DC50.value
        try:
            split = decompose(own, constants, full=ratio if np.isfinite(ratio) else None)
        except InputError:
            continue
        rows += [{"compound": glue, "factor": f, "log10": float(np.log10(v))} for f, v in split.factors.items()]
        rows.append({"compound": glue, "factor": TOTAL, "log10": float(np.log10(split.ratio))})
    table = pd.DataFrame(rows)
    caption = (
        f"How many times more potent than {REFERENCE} against {name(of)}, and by what: DC50 at steady state in "
        f"{study.line.symbol}, drug held, "
        "the protein alone. Bars are log10, so the columns add up to the last. Remainder: what the linear law "
        "misses because "
        f"cereblon and substrate are used up. {MARK}: affinity assumed."
    )
    said = "Bars per factor. " + "; ".join(
        f"{c}: {10**v:.3g} times as potent as {REFERENCE}"
        for c, v in table[table["factor"] == TOTAL][["compound", "log10"]].to_numpy()
        if c != REFERENCE
    )
    chart = decomposition_chart(table, reference=REFERENCE, assumed=study.with_assumed_affinity)
    return Figure("decomposition", "Potency, taken apart", chart, caption, said, table)


def _law(study: Study, of: str) -> Figure:
    import pandas as pd

    rows = []
    for glue, (own, curve) in _numbers(study, of).items():
        law = {"DC50": float(DC50_half_effect(own.Kd, own.rho)), "Dmax": float(Dmax(own.rho))}
        rows.append({"compound": glue, "kind": "law", "Kd": own.Kd, "rho": own.rho, **law})
        simulated = {"DC50": curve.DC50.value, "Dmax": curve.Dmax.value}
        rows.append({"compound": glue, "kind": SIMULATED, "Kd": own.Kd, "rho": own.rho, **simulated})
    table = pd.DataFrame(rows)
    caption = (
        f"A catalytic glue that is scarce beside its substrates obeys Dmax = 1 − DC50/Kd ({name(of)}, steady state). "
        "Open circles: the law with the numbers of "
        "each glue. Diamonds: simulated in the full model, where complexes take up cereblon and substrate; their "
        "distance from the "
        "line is that effect. Depth and potency are one number, and only the affinity tells them apart."
    )
    said = (
        "A falling straight line on logarithmic axes and the glues along it, in order of depth: "
        + ", ".join(name(g) for g in table[table["kind"] == SIMULATED].sort_values("Dmax")["compound"])
        + "."
    )
    return Figure(
        "law", "The law Dmax – Kd – DC50", law_chart(table, assumed=study.with_assumed_affinity), caption, said, table
    )


def selectivity(study: Study) -> Section:
    """The panel, with the native substrate."""
    panel = bench.selectivity(study.glues, study.line, AT)
    table = panel.table()
    told = with_status(table)
    constants = {
        (glue.name, protein)
        for glue in study.glues
        for protein in glue.neosubstrates
        if glue[f"{protein}.Kd"].grade == "assumed"
    }
    chart = panel_chart(told, native=[NATIVE], assumed=study.with_assumed_affinity, constants=constants)
    caption = (
        f"What is left in {study.line.symbol} after {AT} of a saturating concentration (100 times each affinity), "
        "over the drug-free level; all proteins of a glue "
        "compete for the same cereblon. Grey and hatched: no constant is known; what is said of it stands in the "
        "cell, and it is "
        f"no zero. {name(NATIVE)} is degraded by cereblon without a drug and is spared while a glue holds the "
        f"pocket. {MARK}: assumed, at a glue its affinity, in a cell what recruits the protein."
    )
    mine = table[(table["compound"] == study.focus.name) & table["remaining"].notna()].sort_values("remaining")
    shares = ", ".join(f"{name(p)} {left:.0%}" for p, left in zip(mine["protein"], mine["remaining"], strict=True))
    said = (
        f"A heat map of {len(PANEL) + 1} proteins by {len(study.glues)} glues. "
        f"Left under {study.focus.symbol}: {shares}."
    )
    figure = Figure("selectivity", "Selectivity panel", chart, caption, said, table)
    words = (
        "A glue changes what the ligase degrades: neosubstrates are gained, and the native substrate is displaced. "
        "An inhibitor would only do the latter.",
    )
    return Section("selectivity", "Selectivity", words, (figure,))
