"""Adverse events by grade, two sides of a butterfly: laboratory and reported, two arms, or simulated and seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import INK, themed

if TYPE_CHECKING:
    import pandas as pd

GRADES = {1: "#F0DFC0", 2: "#E3B569", 3: "#D2712B", 4: "#A62B0C", 5: "#3D0C05"}
STEP, WIDTH = 26, 270


def butterfly_chart(table: pd.DataFrame, *, title: str = "Adverse events by worst grade") -> Any:
    """`table`: term, side (two of them, left first), grade (1 to 5), share of patients. Rows in the order of the
    table."""
    import altair as alt

    sides, terms = list(dict.fromkeys(table["side"])), list(dict.fromkeys(table["term"]))
    kinds = sorted({int(g) for g in table["grade"][table["share"] > 0]}) or [1]
    most = float(table.groupby(["term", "side"])["share"].sum().max()) if len(table) else 1.0
    top = min(1.0, max(0.1, 1.05 * most))
    scale = alt.Scale(domain=[str(k) for k in kinds], range=[GRADES[k] for k in kinds])
    legend = alt.Legend(orient="bottom", title="worst grade", titleFontSize=12, titleOrient="left", symbolType="square",
                        symbolStrokeWidth=0)  # fmt: skip
    # severe grades stand at the middle line, where both sides can be compared
    data = table.assign(grade=table["grade"].astype(int).astype(str), place=-table["grade"].astype(int))
    charts = []
    for i, side in enumerate(sides[:2]):
        own = data[data["side"] == side]
        x = alt.X("share:Q", stack="zero", title="patients", axis=alt.Axis(format="%", tickCount=4),
                  scale=alt.Scale(domain=[0, top], nice=False, reverse=i == 0))  # fmt: skip
        axis = alt.Axis(labels=i == 1, ticks=False, domain=False, title=None, grid=False, labelLimit=220,
                        labelFontSize=12, labelAlign="center", labelPadding=66, minExtent=130 if i else 0)  # fmt: skip
        y = alt.Y("term:N", sort=terms, axis=axis, scale=alt.Scale(domain=terms, paddingInner=0.25))
        bars = alt.Chart(inline(own)).mark_bar().encode(
            x=x, y=y, color=alt.Color("grade:N", scale=scale, legend=legend, sort=[str(k) for k in kinds]),
            order=alt.Order("place:Q"), tooltip=["term:N", "side:N", "grade:N", alt.Tooltip("share:Q", format=".0%")],
        )  # fmt: skip
        severe = own[own["grade"].astype(int) >= 3].groupby("term", sort=False, as_index=False)["share"].sum()
        total = own.groupby("term", sort=False, as_index=False)["share"].sum().rename(columns={"share": "end"})
        words = total.merge(severe, on="term", how="left").fillna({"share": 0.0})
        words["text"] = [f"{100 * s:.0f} %" for s in words["share"]]
        ends = alt.Chart(inline(words)).mark_text(align="right" if i == 0 else "left", dx=-5 if i == 0 else 5,
                                                  fontSize=11, color=INK)  # fmt: skip
        ends = ends.encode(x=alt.X("end:Q"), y=y, text="text:N")
        head = alt.Title(side, anchor="end" if i == 0 else "start", fontSize=12.5, fontWeight="normal", color=INK,
                         frame="group")  # fmt: skip
        charts.append(alt.layer(bars, ends).properties(width=WIDTH, height=alt.Step(STEP), title=head))
    note = "The number at a bar's end: patients with grade 3 or more."
    head = alt.Title(title, subtitle=note, subtitleFontSize=11.5, anchor="middle")
    whole = alt.hconcat(*charts, spacing=4, title=head)
    return themed(whole.resolve_scale(color="shared"))
