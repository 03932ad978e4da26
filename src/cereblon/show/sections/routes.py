"""By which route myeloma cells die under each regimen: the typical patient, and the spread over patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cereblon.model import kill_shares
from cereblon.show.figures.routes import ROUTES, routes_chart
from cereblon.show.sections.cohort import HIGH, LOW, NO_TRIAL
from cereblon.show.sections.section import Figure, Section
from cereblon.show.sections.treatment import assumed_pk, unusual_dose
from cereblon.show.study import Study
from cereblon.show.treatment import DAYS, DOUBLET, REGIMENS, STRUCTURES, followed

if TYPE_CHECKING:
    import pandas as pd

TYPICAL = "typical patient"


def routes(study: Study) -> Section:
    """Stacked shares of the kill, doublet and triplets."""
    table = shares(study)
    weight = study.treatment.typical(DOUBLET).model["interferon.weight@tumour"]
    caption = (
        f"Of all myeloma cells killed in {DAYS} days, the share that each route took. Left: the typical patient, and "
        f"of each cohort the mean share; right: {LOW}-{HIGH} % of patients. A share says nothing of how many were "
        "killed: where hardly any are, T cells and the steroid take most of the few. Put in, not found: the split "
        f"between MYC and interferon hangs on interferon.weight, a prior ({weight} in the typical patient, from 0 to 1 "
        "by its record); how fast T cells, NK cells, the antibody, dexamethasone and bortezomib kill is assumed. T and "
        "NK cells count beyond what they do at rest. Trametinib has no route of its own: it lowers MYC. "
        f"{assumed_pk(study)}{NO_TRIAL}{unusual_dose(study)}"
    )
    mine = table[table["subject"] == TYPICAL]
    said = "Stacked bars. Typical patient: " + "; ".join(
        f"{regimen} " + ", ".join(f"{ROUTES[r][0]} {s:.0%}" for r, s in zip(part["route"], part["share"], strict=True))
        for regimen, part in mine.groupby("regimen", sort=False)
    )
    words = (
        "A glue kills a myeloma cell for want of MYC and IRF4 and by interferon genes that wake, and it arms T and NK "
        "cells; its partners kill by themselves. What the model says of their shares is what was put into it, and is "
        "shown so that it can be disputed.",
    )
    figure = Figure("routes", "Share of the kill by route", routes_chart(table), caption, said + ".", table)
    return Section("routes", "What kills", words, (figure,))


def shares(study: Study) -> pd.DataFrame:
    """regimen, subject, cohort, route, share (mean of a cohort), low, median, high, n (patients)."""
    import pandas as pd

    rows = []
    for name in REGIMENS:
        given = study.treatment.title(name)
        for route, share in kill_shares(study.treatment.typical(name)).items():
            one = {"subject": TYPICAL, "cohort": False, "share": share[0], "n": 1}
            rows.append({"regimen": given, "route": route, **one})
        for structure, said in STRUCTURES.items():
            result = study.treatment.cohort(name, structure)
            there = followed(result)
            for route, share in kill_shares(result).items():
                of = share[there]
                ends = np.percentile(of, (LOW, 50, HIGH)) if len(of) else np.full(3, np.nan)
                row = {"regimen": given, "subject": said, "cohort": True, "route": route, "n": len(of)}
                row |= {"share": of.mean() if len(of) else np.nan}
                rows.append(row | dict(zip(("low", "median", "high"), ends, strict=True)))
    return pd.DataFrame(rows)
