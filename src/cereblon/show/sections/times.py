"""The bench: one dose-response at many times, and how its DC50 and Dmax move between them."""

from __future__ import annotations

import numpy as np

from cereblon import bench
from cereblon.show.figures.degradation import potency_course_chart
from cereblon.show.figures.theme import MARK, name
from cereblon.show.sections.section import Figure, Section
from cereblon.show.study import PRIMARY, Study

HOURS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 24.0, 48.0, 72.0)


def times(study: Study) -> Section:
    """DC50 and Dmax of every glue over the time of the assay."""
    import pandas as pd

    rows = []
    for glue in study.glues:
        among = study.recruited(glue, study.substrates)
        rivals = tuple(dict.fromkeys((*among, *study.recruited(glue, PRIMARY))))
        for of in among:
            for hours in HOURS:
                curve = bench.degradation(glue, of=of, cell=study.line, at=f"{hours:g} h", substrates=rivals)
                found = {"DC50": curve.DC50.value, "Dmax": curve.Dmax.value}
                rows.append({"compound": glue.name, "substrate": of, "hours": hours, **found})
    table = pd.DataFrame(rows)
    caption = (
        f"Of one addition in {study.line.symbol}. The DC50 falls as loss builds up; it rises again when the drug, "
        "which decays in the medium, no longer holds the protein down at the low concentrations and the cell makes it "
        "anew. How deep a glue goes (Dmax, at 1,000 times its affinity) says whether a DC50 means much: half of a "
        f"small loss is smaller still. Two laboratories that read at 4 and at 24 h report two numbers of one glue. "
        f"Dashed and {MARK}: its own affinity is an assumption."
    )
    first = study.substrates[0]
    own = table[(table["substrate"] == first) & np.isfinite(table["DC50"])].groupby("compound", sort=False)
    said = f"Curves of DC50 of {name(first)} over time, with their lowest: " + "; ".join(
        f"{name(str(glue))} {part['DC50'].min():.3g} nM at {part.loc[part['DC50'].idxmin(), 'hours']:g} h"
        for glue, part in own
    )
    chart = potency_course_chart(table, assumed=study.with_assumed_affinity)
    figure = Figure("times", "DC50 and Dmax against time", chart, caption, f"{said}.", table)
    words = (
        "A degrader has no potency without a time. The same dish is read here at nine of them, each with its own "
        "dose-response.",
    )
    return Section("times", "The bench: DC50 against time", words, (figure,))
