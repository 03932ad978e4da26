"""T and NK cells under each glue, with and without dexamethasone."""

from __future__ import annotations

import numpy as np

from cereblon import bench
from cereblon.bench.immune import USUAL
from cereblon.ground.quantity import Estimate
from cereblon.model import dish
from cereblon.model.culture import blood
from cereblon.show.figures.degradation import written
from cereblon.show.figures.immune import READ_OUTS, immune_chart
from cereblon.show.figures.theme import MARK
from cereblon.show.sections.cells import acting, listed, not_simulated, subject
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.study import PRIMARY, Study

CONCENTRATIONS = np.geomspace(1e-2, 1e4, 49)  # nM


def immune(study: Study) -> Section:
    """IL-2, T cells and NK activity over concentration, alone and beside the steroid."""
    import pandas as pd

    frames, rows = [], []
    for glue in acting(study):
        pair = [bench.immune(glue, level, concentrations=CONCENTRATIONS) for level in (False, True)]
        for run in pair:
            part = run.table().rename(
                columns={"concentration_nM": "concentration", "dexamethasone_nM": "dexamethasone"}
            )
            frames.append(part.assign(IL2_at=run.IL2_at))
        rows.append(_row(glue.symbol + (f" {MARK}" if glue.name in study.with_assumed_affinity else ""), *pair))
    table = pd.concat(frames, ignore_index=True)
    steroid = written(USUAL)
    caption = (
        "T and NK cells in one medium under anti-CD3, over the same cells without any drug (dotted: rest). One "
        f"addition at time 0, which decays; dexamethasone does not. Left the glue alone, right beside {steroid} "
        "dexamethasone, about half of the plasma peak of 40 mg. Calibrated: the height and the place of the rise of "
        "IL-2, and how NK activity reads IL-2. Assumed: the pace of all, how T cells divide, tire and die. "
        f"Dashed and {MARK}: its own affinity is an assumption."
    )
    mine = table[table["compound"] == subject(study).name].groupby("dexamethasone").last()
    ends = [
        f"{'beside dexamethasone' if level else 'alone'} "
        + ", ".join(f"{said} {row[column]:.2f}" for column, said in READ_OUTS.items())
        for level, row in mine.iterrows()
    ]
    said = (
        "Curves that rise with concentration, and lie below rest beside dexamethasone. At the highest concentration "
        f"of {subject(study).symbol}, over rest: {'; '.join(ends)}."
    )
    figure = Figure(
        "immune",
        "IL-2, T cells and NK activity",
        immune_chart(table, assumed=study.with_assumed_affinity),
        caption,
        said,
        table,
    )
    listing = Listing(
        "immune_potency",
        "Effect on T and NK cells",
        rows,
        f"Simulated, over rest, at {written(float(CONCENTRATIONS[-1]))}. EC50: half of the rise of IL-2 at 24 h. The "
        "reported distance between lenalidomide and pomalidomide in IL-2 potency is 15-fold (150 against 8-10 nM); "
        "this model, where both act by degradation alone, does not reach it; iberdomide is reported at .3-.5 nM. "
        "Beside dexamethasone NK activity falls further here than in patients on weekly doses, whose killing fell to "
        ".56 of what it was.",
    )
    glue = subject(study)
    constants = listed(
        blood(glue), dish(glue, study.line, PRIMARY), "immune_constants", "What the T and NK cells rest on"
    )
    words = (
        "In a T cell IKZF1 and IKZF3 hold IL-2 down. Their loss lets it rise; T cells divide and NK cells arm. "
        "Dexamethasone, which every myeloma regimen adds, suppresses IL-2 and NK activity by itself: beside it the "
        "rise starts from far lower, and the combination stays below rest.",
        *not_simulated(study),
    )
    return Section("immune", "The immune system", words, (figure, listing, constants))


def _row(glue: str, alone: bench.Immune, both: bench.Immune) -> dict[str, str]:
    row = {"glue": glue, "EC50 of IL-2": _said(alone.EC50)}
    for column, said in READ_OUTS.items():
        row[said] = f"{alone[column][-1]:.2f}"
        row[f"{said} + dexamethasone"] = f"{both[column][-1]:.2f}"
    return row


def _said(estimate: Estimate) -> str:
    return str(estimate) if np.isfinite(estimate.value) else "no effect"
