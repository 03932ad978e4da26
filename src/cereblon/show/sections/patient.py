"""A patient over two cycles: plasma, and IKZF1 and IKZF3 in tumour, T cells and marrow."""

from __future__ import annotations

import numpy as np

from cereblon.model import patient as patient_model
from cereblon.records.regimen import dose
from cereblon.show.figures.patient import patient_chart
from cereblon.show.figures.theme import MARK, name
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.study import PRIMARY, Study

CYCLES, STEP = 2, 2.0  # cycles of 28 d; h between samples
EARLY = (0.5, 1.0)  # h after a dose: where a fast absorption peaks between two samples


def patient(study: Study) -> Section:
    """The focus and the glues with a dose in use, each alone in the same typical patient."""
    tables, dosing, titles, rows = {}, {}, {}, []
    for glue in study.patients:
        record = study.glue(glue)
        given = dose(record, study.amount(glue), days="1-21", cycle="28 d", cycles=CYCLES)
        among = study.recruited(record, PRIMARY) or study.recruited(record, study.substrates)[:2]
        model = patient_model(record, study.tissues, among, body=study.body)
        doses = [float(t) for d in given.doses() for t in d.time + d.ii * np.arange(d.addl + 1)]
        times = np.unique([*np.arange(0.0, given.end, STEP), given.end, *(t + e for t in doses for e in EARLY)])
        result = model.simulate(times, given)
        import pandas as pd

        columns = {f"{s}@{place}": result[f"{s}.remaining@{place}"] for s in among for place in study.tissues}
        tables[glue] = pd.DataFrame({"day": times / 24, "plasma": result[f"{glue}@central"], **columns})
        row = given.rows[0]
        dosing[glue] = [(c * row.cycle + min(row.days) - 1, c * row.cycle + max(row.days)) for c in range(row.cycles)]
        guessed = f" {MARK}" if study.guessed(glue) else ""
        titles[glue] = f"{row.amount}{guessed}, days {min(row.days)}-{max(row.days)} of {row.cycle}"
        rows.append(_summary(study, glue, tables[glue], among))
    columns_of = [str(c) for t in tables.values() for c in t.columns]
    substrates = tuple(dict.fromkeys((*PRIMARY, *(c.split("@")[0] for c in columns_of if "@" in c))))
    chart = patient_chart(
        tables,
        substrates=substrates[:4],
        places=tuple(study.tissues),
        dosing=dosing,
        titles=titles,
        assumed=study.with_assumed_pk,
    )
    joined = pd.concat([t.assign(compound=g) for g, t in tables.items()], ignore_index=True)
    joined.insert(0, "compound", joined.pop("compound"))
    assumed = ", ".join(name(g) for g in study.patients if g in study.with_assumed_pk)
    caption = (
        "Plasma level and what is left of the proteins in three kinds of cell of one typical patient without "
        "variability; days with a dose are shaded. "
        + (
            f"{MARK} PK assumed: the clearance of {assumed} is an assumption, so no time and no level of these "
            "columns is a prediction of a patient. "
            if assumed
            else ""
        )
        + "T cells and marrow stand on the numbers of the common cell until their own are known."
    )
    said = (
        "Per glue, a saw-tooth of plasma levels over two periods of 21 dosing days, with IKZF1 and IKZF3 falling "
        "within hours and returning in the week off."
    )
    figure = Figure("patient", "Two cycles of 21 days on, 7 off", chart, caption, said, joined)
    listing = Listing("patient_summary", "Day 21 in numbers", rows, "Over the last 24 hours of the first 21 days.")
    missing = "" if study.focus.name in study.patients else (
        f" No dose of {study.focus.symbol} is on record; `--dose` gives one."
    )  # fmt: skip
    words = (
        "The same cell modules as in the dish, reached from plasma by the unbound fraction and uptake. "
        "*Not a prediction for any patient.*" + missing,
    )
    return Section("patient", "A patient’s cells", words, (figure, listing))


def _summary(study: Study, glue: str, table: object, among: tuple[str, ...]) -> dict[str, str]:
    import pandas as pd

    assert isinstance(table, pd.DataFrame)
    day = table[(table["day"] >= 20) & (table["day"] < 21)]
    row = {
        "glue": name(glue) + (f" {MARK}" if glue in study.with_assumed_pk else ""),
        "plasma, lowest to highest": f"{_level(day['plasma'].min())} – {_level(day['plasma'].max())} nM",
    }
    for s in among:
        for place in study.tissues:
            row[f"{name(s)}, {name(place)}"] = f"{day[f'{s}@{place}'].min():.0%} – {day[f'{s}@{place}'].max():.0%}"
    return row


def _level(nM: float) -> str:
    """Three figures, never a power of ten.

    >>> _level(1511.3), _level(1.4912)
    ('1511', '1.49')
    """
    return f"{nM:.0f}" if nM >= 100 else f"{nM:.3g}"
