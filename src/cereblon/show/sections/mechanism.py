"""Mechanism of action: the network of a dish, and what flowed through it in a day."""

from __future__ import annotations

import numpy as np

from cereblon.model import dish, exposure
from cereblon.model.result import Result
from cereblon.show.figures.degradation import written
from cereblon.show.figures.mechanism import mechanism_chart
from cereblon.show.figures.theme import name, sentence
from cereblon.show.sections.section import Figure, Section
from cereblon.show.study import Study

HOURS = 24.0


def mechanism(study: Study) -> Section:
    """The focus in the dish at a concentration equal to its affinity."""
    import pandas as pd

    glue = study.focus
    model = dish(glue, study.line, study.recruited(glue, study.substrates)[:2])
    concentration = model[f"{glue.name}.CRBN.Kd"].coherent
    times = np.concatenate([[0.0], np.geomspace(1e-4, HOURS, 160)])
    result = model.simulate(times, exposure(model, {glue.name: concentration}))
    passed = turned_over(result)
    reactions = model.network.reactions
    table = pd.DataFrame({"reaction": [r.scheme for r in reactions], "passed_nM": passed})
    left = ", ".join(
        f"{name(s)} {float(result[f'{s}.remaining'].ravel()[-1]):.0%}"
        for s in study.recruited(glue, study.substrates)[:2]
    )
    caption = (
        f"Drawn from the {len(reactions)} reactions of the network. Numbers: net nM of the cell that passed in "
        f"{HOURS:g} h, "
        f"with {written(concentration)} of {glue.symbol} (its apparent Kd) in the medium of {study.line.symbol} at "
        "time 0; width: their "
        "logarithm. A chain of one to n ubiquitins is one box. NEDD8: turns per molecule of CRL4 (×). Left after "
        f"{HOURS:g} h: {left}."
    )
    said = (
        f"Flow diagram from left to right: {glue.symbol} enters the cell, binds open cereblon, cereblon closes, "
        "closed cereblon "
        "recruits the neosubstrates, each gains a ubiquitin chain, and the 26S proteasome degrades it while glue and "
        "cereblon "
        "come free."
    )
    figure = Figure(
        "mechanism",
        f"How {glue.symbol} works, with what flows on each arrow",
        mechanism_chart(model.network, passed),
        caption,
        said,
        table,
    )
    words = (
        f"{sentence(glue.symbol)} is not an inhibitor. It binds cereblon, the substrate receptor of the ligase CRL4; "
        "cereblon closes around it; "
        "the closed surface holds proteins that cereblon does not degrade otherwise. They gain a chain of ubiquitin "
        "and go to the 26S "
        "proteasome, and the glue is free to do it again.",
    )
    return Section("mechanism", "Mechanism of action", words, (figure,))


def turned_over(result: Result) -> list[float]:
    """Net amount that each reaction passed over the run (concentration of its place), by the trapezoid rule."""
    rates = np.array([result.flux(float(t))["rate"].to_numpy() for t in np.ravel(result.time)])
    return [float(x) for x in np.trapezoid(rates, np.ravel(result.time), axis=0)]
