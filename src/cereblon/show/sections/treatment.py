"""One typical patient through four cycles: from the dose to M-protein and blood counts."""

from __future__ import annotations

import numpy as np

from cereblon.bedside.toxicity import ctcae
from cereblon.model import Result
from cereblon.records.days import DAY
from cereblon.show.figures.theme import MARK, sentence
from cereblon.show.figures.treatment import treatment_chart
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.study import Study
from cereblon.show.treatment import DAYS, DOUBLET, dosing_days

PLACES = ("tumour", "T_cell", "marrow")
COUNTED = ("ANC", "PLT", "Hb")
"""Read-out -> its word in the criteria of adverse events."""
SHOWN = (0, 8, 15, 22, 28, 56, 84, DAYS)  # days of the table
ALIKE = 0.005  # shares that a figure does not tell apart
COINCIDE = (
    "The three lines of IKZF1 lie upon each other: T cells and marrow stand on the numbers of the common cell. "
)
NUMBERS = {
    "M_protein": "M-protein (g/L)", "FLC": "light chain (mg/L)", "ANC": "ANC (1e9/L)", "PLT": "platelets (1e9/L)",
    "Hb": "haemoglobin (g/dL)", "IKZF1.remaining@tumour": "IKZF1 left in tumour",
}  # fmt: skip


def treatment(study: Study) -> Section:
    """The focus with dexamethasone in the typical patient; a word in its place where no patient gets it."""
    import pandas as pd

    title = "One patient, four cycles"
    if study.treatment.absent:
        return Section("treatment", title, (study.treatment.absent,))
    given = study.treatment.regimens[DOUBLET]
    result = study.treatment.typical(DOUBLET)
    glue = study.focus.name
    columns = {f"IKZF1@{place}": result[f"IKZF1.remaining@{place}"] for place in PLACES}
    columns |= {name: result[name] for name in ("M_protein", "FLC", *COUNTED)}
    table = pd.DataFrame({"day": result.time / DAY, "plasma": result[f"{glue}@central"], **columns})
    alike = all(np.allclose(columns[f"IKZF1@{place}"], columns["IKZF1@tumour"], atol=ALIKE) for place in PLACES)
    chart = treatment_chart(
        table,
        glue=glue,
        dosing={row.drug.name: dosing_days(row) for row in given.rows},
        given={row.drug.name: str(row).rpartition(", ")[0] for row in given.rows},
        limits={n: {g: q.to(result.unit(n)).value for g, q in ctcae().cutoffs[n].severe.items()} for n in COUNTED},
    )
    caption = (
        f"The typical patient, without variability, under {study.treatment.title(DOUBLET)}; shaded: days with "
        f"{study.focus.symbol}. {assumed_pk(study)}{COINCIDE if alike else ''}Light chain is drawn down to 1 mg/L. "
        f"Dashed: where grades of CTCAE {ctcae().version} begin (anaemia has no number for grade 4). No dose is held, "
        "no G-CSF and no transfusion is given, and the patient is not calibrated: the effect on platelets and red "
        f"cells is empirical, put in, and says nothing for the mechanism.{unusual_dose(study)}"
    )
    ANC, M = result["ANC"], result["M_protein"]
    said = (
        f"Seven frames over {DAYS} days. Lowest neutrophil count {ANC.min():.2f} on day "
        f"{result.time[ANC.argmin()] / DAY:.0f}, {_at(result, 'ANC', 28):.1f} at the end of the first week off; "
        f"M-protein {M[0]:.3g} g/L at the start, {M[-1]:.3g} at the end."
    )
    figure = Figure("treatment", sentence(study.treatment.title(DOUBLET)), chart, caption, said, table)
    listing = Listing(
        "treatment_numbers", "In numbers", [_row(result, a, words) for a, words in NUMBERS.items()],
        f"{assumed_pk(study)}Read just before the dose of the day that then begins. Lowest, highest: of all times, not "
        "these days alone; the day in brackets.",
    )  # fmt: skip
    words = (
        "The mechanism of the chapters above in one body: the glue and its partner from the gut to plasma, a ligase in "
        "tumour, T cells and marrow, two clones of myeloma (the second resistant downstream of the ligase), M-protein "
        "and light chain, and the counts that the marrow sends out. *Not a prediction for any patient.*",
    )
    return Section("treatment", title, words, (figure, listing))


def assumed_pk(study: Study) -> str:
    """What a caption says where the compound's clearance is an assumption."""
    if study.focus.name not in study.with_assumed_pk:
        return ""
    return f"{MARK} PK assumed: the clearance of {study.focus.symbol} is an assumption. "


def unusual_dose(study: Study) -> str:
    """What a caption says where the page chose the dose."""
    if not study.guessed(study.focus.name):
        return ""
    return f" {MARK} No dose of {study.focus.symbol} is on record: {study.amount(study.focus.name)} is an assumption."


def _at(result: Result, address: str, day: float) -> float:
    return float(np.interp(day * DAY, result.time, result[address]))


def _row(result: Result, address: str, words: str) -> dict[str, str]:
    share = address.startswith("IKZF1")
    level = result[address]

    def shown(x: float) -> str:
        return f"{x:.0%}" if share else f"{x:.3g}"

    row = {"read-out": words} | {("start" if d == 0 else f"day {d}"): shown(_at(result, address, d)) for d in SHOWN}
    for extreme, i in (("lowest", int(level.argmin())), ("highest", int(level.argmax()))):
        row[extreme] = f"{shown(float(level[i]))} ({result.time[i] / DAY:.0f})"
    return row
