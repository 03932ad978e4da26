"""Response of a trial: the waterfall of best changes, the spider of courses, the swimmer of patients.

Each is a function of a table (`bedside.response.drawing`); colours go by the best confirmed response.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import INK, QUIET, themed

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

LEVELS = {
    "sCR": "#00463A", "CR": "#00856A", "VGPR": "#1F4E9E", "PR": "#3E9BD6", "MR": "#B9A15A", "SD": "#9A9A9A",
    "PD": "#C8390B", "NE": "#D9D9D9", "after progression": "#E6E6E6",
}  # fmt: skip
"""Category -> colour, from the deepest response down."""

SHAPES = {"response": "triangle-up", "progression": "circle", "another therapy": "square", "death": "cross",
          "still followed": "triangle-right"}  # fmt: skip
MONTH = 30.4375  # days
LOWEST, HIGHEST = -1.0, 1.0  # a difference of light chains may turn negative; a change beyond a doubling is cut


def waterfall_chart(table: pd.DataFrame, *, title: str = "Best change of the marker from baseline") -> Any:
    """A bar per patient, worst first. `table`: patient, change (share of baseline), marker, best.

    Lines at -50 % and -90 %: the falls of a partial and of a very good partial response.
    """
    import altair as alt

    cut = table.assign(shown=table["change"].clip(LOWEST, HIGHEST), beyond=table["change"] > HIGHEST)
    y = _share("shown:Q", "change from baseline", float(cut["shown"].max()) if len(cut) else 0.0)
    width = max(240, min(900, 9 * len(cut)))
    x = alt.X("patient:N", sort=list(cut["patient"]), title=f"{len(cut)} patients",
              axis=alt.Axis(labels=False, ticks=False, grid=False))  # fmt: skip
    tooltip = ["patient:N", "best:N", "marker:N", alt.Tooltip("change:Q", format=".0%")]
    base = alt.Chart(inline(cut))
    bars = base.mark_bar().encode(x=x, y=y, color=_colour(cut["best"]), tooltip=tooltip)
    top = base.transform_filter("datum.beyond == 'True'").mark_text(text="▲", dy=-7, color=QUIET, fontSize=9)
    lines = alt.Chart(inline([{"at": -0.5}, {"at": -0.9}])).mark_rule(color=QUIET, strokeDash=[3, 3]).encode(y="at:Q")
    zero = alt.Chart(inline([{"at": 0.0}])).mark_rule(color=INK).encode(y="at:Q")
    chart = alt.layer(bars, top.encode(x=x, y=y), lines, zero)
    return themed(chart.properties(width=width, height=300, title=title))


def spider_chart(table: pd.DataFrame, *, title: str = "Change of the marker over time") -> Any:
    """A line per patient. `table`: patient, days, change, marker, best."""
    import altair as alt

    shown = table.assign(months=table["days"] / MONTH, shown=table["change"].clip(LOWEST, HIGHEST))
    y = _share("shown:Q", "change from baseline", float(shown["shown"].max()) if len(shown) else 0.0)
    x = alt.X("months:Q", title="months from the first dose", axis=alt.Axis(grid=False, tickMinStep=1))
    tooltip = ["patient:N", "best:N", "marker:N", alt.Tooltip("months:Q", format=".1f"),
               alt.Tooltip("change:Q", format=".0%")]  # fmt: skip
    colour = _colour(shown["best"], stroke=True)
    lines = alt.Chart(inline(shown)).mark_line(
        strokeWidth=1.4, opacity=0.8, point=alt.OverlayMarkDef(size=14, opacity=0.8)
    )
    zero = alt.Chart(inline([{"at": 0.0}])).mark_rule(color=INK).encode(y="at:Q")
    half = alt.Chart(inline([{"at": -0.5}, {"at": -0.9}])).mark_rule(color=QUIET, strokeDash=[3, 3]).encode(y="at:Q")
    drawn = lines.encode(x=x, y=y, color=colour, detail="patient:N", tooltip=tooltip)
    return themed(alt.layer(zero, half, drawn).properties(width=620, height=320, title=title))


def swimmer_chart(table: pd.DataFrame, *, title: str = "Patients over time", names: bool | None = None) -> Any:
    """A lane per patient, longest on top. `table`: patient, kind (bar, mark), start, end, level, what (days).

    `names` writes the patients beside their lanes (default: up to 60).
    """
    import altair as alt

    order = list(dict.fromkeys(table["patient"]))
    shown = len(order) <= 60 if names is None else names
    step = max(4, min(15, 900 // max(1, len(order))))
    months = table.assign(start=table["start"] / MONTH, end=table["end"] / MONTH)
    bars, marks = months[months["kind"] == "bar"], months[months["kind"] == "mark"]
    axis = alt.Axis(labels=shown, ticks=False, domain=False, labelFontSize=10)
    y = alt.Y("patient:N", sort=order, title=None if shown else f"{len(order)} patients", axis=axis)
    x = alt.X("start:Q", title="months from the first dose", scale=alt.Scale(nice=False), axis=alt.Axis(tickMinStep=1))
    lanes = alt.Chart(inline(bars[["patient", "start", "end", "level"]])).mark_bar(height={"band": 0.78}).encode(
        x=x, x2="end:Q", y=y, color=_colour(bars["level"], said="best response so far"),
        tooltip=["patient:N", "level:N", alt.Tooltip("start:Q", format=".1f"), alt.Tooltip("end:Q", format=".1f")],
    )  # fmt: skip
    kinds = [k for k in SHAPES if k in set(marks["what"])]
    shape = alt.Shape("what:N", scale=alt.Scale(domain=kinds, range=[SHAPES[k] for k in kinds]), sort=kinds,
                      legend=alt.Legend(orient="right", symbolFillColor=INK, symbolStrokeColor="white", symbolSize=70,
                                        symbolStrokeWidth=1, title="event", titleFontSize=12))  # fmt: skip
    points = alt.Chart(inline(marks[["patient", "start", "what"]])).mark_point(
        filled=True, fill=INK, stroke="white", strokeWidth=0.8, size=min(60, 5 * step), opacity=1
    ).encode(x=x, y=y, shape=shape, tooltip=["patient:N", "what:N", alt.Tooltip("start:Q", format=".1f")])  # fmt: skip
    both = alt.layer(lanes, points).properties(width=560, height=alt.Step(step), title=title)
    return themed(both)


def _share(field: str, title: str, highest: float) -> alt.Y:
    """An axis of changes in per cent, from -100 up."""
    import altair as alt

    top = max(0.25, min(HIGHEST, highest) * 1.08)
    ticks = [v for v in (-1, -0.9, -0.5, 0, 0.25, 0.5, 1) if v <= top]
    words = "datum.value == 0 ? '0%' : format(datum.value, '+.0%')"
    axis = alt.Axis(labelExpr=words, title=title, values=ticks)
    return alt.Y(field, scale=alt.Scale(domain=[-1.04, top], nice=False), axis=axis)


def _colour(present: pd.Series[str], *, said: str = "best response", stroke: bool = False) -> alt.Color:
    import altair as alt

    kinds = [k for k in LEVELS if k in set(present)]
    legend = alt.Legend(orient="right", title=said, titleFontSize=12, symbolType="stroke" if stroke else "square",
                        symbolStrokeWidth=3 if stroke else 0)  # fmt: skip
    field = "level:N" if said != "best response" else "best:N"
    return alt.Color(field, scale=alt.Scale(domain=kinds, range=[LEVELS[k] for k in kinds]), sort=kinds, legend=legend)
