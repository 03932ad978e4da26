"""The rules of a phase 1 protocol: the same patients under each set of them, and the dose that each would tolerate."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import INK, QUIET, UNKNOWN, themed

if TYPE_CHECKING:
    import pandas as pd

TOLERATED, AT_LIMIT, TOXIC = "#DCE8F2", "#F6E3C5", "#C8390B"
CELL = (40, 19)  # pixels of one cell


def grid_chart(table: pd.DataFrame, limit: float, patients: int, *, title: str) -> Any:
    """A frame per definition of DLT and laboratory days; in it a row per rule of holding and use of growth factor, a
    column per dose, its colour the DLT rate; a ring on the MTD of the row.

    `table`: definition, labs, hold, GCSF, dose (mg), DLT_rate (NaN: nobody was evaluable), MTD (mg; 0 or NaN: none).
    """
    import altair as alt

    labs, definitions = (list(dict.fromkeys(table[name])) for name in ("labs", "definition"))
    table = table.assign(rules=table["hold"] + ", G-CSF " + table["GCSF"].map(lambda use: _use(use)))
    rows, doses = list(dict.fromkeys(table["rules"])), [f"{dose:g}" for dose in sorted(set(table["dose"]))]
    frames = []
    for definition in definitions:
        line = []
        for days in labs:
            part = table[(table["definition"] == definition) & (table["labs"] == days)]
            line.append(_frame(part, rows, doses, limit, f"blood {days}", named=days == labs[0]))
        frames.append(alt.hconcat(*line, spacing=14, title=alt.TitleParams(definition, offset=4)))
    told = [
        f"The same {patients} patients in every cell. Number and colour: evaluable patients with a DLT (%), orange to "
        f"red above the limit of {100 * limit:.0f} %; grey: nobody evaluable.",
        "Ring: the highest dose whose rate, smoothed to rise with the dose, is at most the limit; a row without: none.",
    ]
    head = alt.TitleParams(title, subtitle=told, subtitleColor=QUIET, subtitleFontSize=11.5)
    return themed(alt.vconcat(*frames, spacing=14, title=head))


def _use(use: str) -> str:
    return {"none": "never", "policy": "by policy", "prophylactic": "to all"}.get(use, use)


def _frame(part: pd.DataFrame, rows: list[str], doses: list[str], limit: float, title: str, *, named: bool) -> Any:
    import altair as alt

    said = ["" if math.isnan(rate) else f"{100 * rate:.0f}" for rate in part["DLT_rate"]]
    ring = ["yes" if dose == MTD else "" for MTD, dose in zip(part["MTD"], part["dose"], strict=True)]
    cells = part.assign(dose=[f"{dose:g}" for dose in part["dose"]], said=said, ring=ring)
    cells = cells[["rules", "dose", "DLT_rate", "said", "ring"]]
    x = alt.X("dose:N", sort=doses, scale=alt.Scale(domain=doses, padding=0),
              axis=alt.Axis(title="dose (mg)", labelAngle=0, ticks=False, domain=False, grid=False))  # fmt: skip
    axis = alt.Axis(title=None, labelLimit=330, ticks=False, domain=False, grid=False) if named else None
    y = alt.Y("rules:N", sort=rows, scale=alt.Scale(domain=rows, padding=0), axis=axis)
    scale = alt.Scale(domain=[0, limit, limit + 1e-9, 1], range=["#FFFFFF", TOLERATED, AT_LIMIT, TOXIC])
    color = alt.Color("DLT_rate:Q", scale=scale, legend=None)
    base = alt.Chart(inline(cells))
    tips = ["rules:N", "dose:N", alt.Tooltip("DLT_rate:Q", format=".0%", title="DLT rate")]
    known_ = base.transform_filter("isValid(datum.DLT_rate)")
    layers = [
        base.mark_rect(stroke="white", color=UNKNOWN).encode(x, y),
        known_.mark_rect(stroke="white").encode(x, y, color, tooltip=tips),
        base.transform_filter("datum.ring == 'yes'").mark_point(
            shape="circle", size=290, stroke=INK, strokeWidth=1.5, fillOpacity=0, opacity=1
        ).encode(x, y),
        known_.mark_text(fontSize=10, color=INK).encode(x, y, text="said:N"),
    ]  # fmt: skip
    width, height = CELL[0] * len(doses), CELL[1] * len(rows)
    head = alt.TitleParams(title, fontWeight="normal", fontSize=12, anchor="middle", offset=4)
    return alt.layer(*layers).properties(width=width, height=height, title=head)
