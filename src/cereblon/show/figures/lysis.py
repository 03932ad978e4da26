"""An LDH plate: percent cytotoxicity of each condition with its interval, fitted curves, a simulation behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cereblon.show.figures.adcc import PLAIN
from cereblon.show.figures.lines import inline, side_by_side
from cereblon.show.figures.theme import INK, QUIET, colours, decades, themed

if TYPE_CHECKING:
    import pandas as pd

LAYERS = ("measured", "fitted", "simulated")


def lysis_chart(table: pd.DataFrame) -> Any:
    """A frame per axis: points with intervals, a line for each fit, a dotted one for each simulated arm.

    `table`: axis (the title of x), layer (of `LAYERS`), label, compound ("" without a drug), x, value, low, high
    (percent). Conditions without a curve have their label as x and stand in a frame of their own ("").
    """
    import altair as alt

    charts = [
        _conditions(part) if axis == "" else _frame(part, str(axis)) for axis, part in table.groupby("axis", sort=False)
    ]
    grid = side_by_side(charts, 2)
    if (table["layer"] == "simulated").any():
        words = "points: measured; solid: fitted to them; dotted: simulated, fitted to nothing"
        grid = grid.properties(title=alt.Title(words, fontSize=11.5, color=QUIET, fontWeight="normal"))
    return themed(grid)


def _frame(part: pd.DataFrame, title: str) -> Any:
    import altair as alt

    shown = _colour(part)
    above = part["x"][part["x"] > 0]
    low, high = float(above.min()), float(above.max())
    part = part[part["x"] > 0]
    ticks = decades(low, high) if high / low > 200 else sorted(set(part["x"][part["layer"] == "measured"]))
    axis = alt.Axis(title=title, values=ticks, labelExpr="format(datum.value, '~g')", labelFlush=False)
    x = alt.X("x:Q", scale=alt.Scale(type="log", domain=[low, high], nice=False, padding=8), axis=axis)
    y = _percent(part)
    tips = ["label:N", "x:Q", "value:Q", "low:Q", "high:Q"]
    layers = []
    for layer, dash in (("simulated", [2, 3]), ("fitted", [1, 0])):
        some = part[part["layer"] == layer]
        if len(some):
            mark = alt.Chart(inline(some)).mark_line(strokeWidth=2, strokeDash=dash, clip=True)
            layers.append(mark.encode(x, y, color=shown, tooltip=tips))
    points = inline(part[part["layer"] == "measured"])
    layers.append(alt.Chart(points).mark_rule(strokeWidth=1.5).encode(x, alt.Y("low:Q"), y2="high:Q", color=shown))
    dots = alt.Chart(points).mark_point(size=45, filled=True, opacity=1).encode(x, y, color=shown, tooltip=tips)
    return alt.layer(*layers, dots).properties(width=360, height=240)


def _conditions(part: pd.DataFrame) -> Any:
    import altair as alt

    order = list(part["label"])
    y = alt.Y("label:N", sort=order, axis=alt.Axis(title=None, ticks=False, domain=False, grid=True, labelLimit=360))
    x = alt.X("value:Q", axis=alt.Axis(title="cytotoxicity (%)"), scale=alt.Scale(nice=True))
    base = alt.Chart(inline(part))
    dots = base.mark_point(size=60, filled=True, opacity=1, color=INK)
    bars = base.mark_rule(strokeWidth=1.5, color=INK).encode(alt.X("low:Q"), y, x2="high:Q")
    tips = ["label:N", "value:Q", "low:Q", "high:Q"]
    return alt.layer(bars, dots.encode(x, y, tooltip=tips)).properties(width=360, height=24 * len(order))


def _percent(part: pd.DataFrame) -> Any:
    import altair as alt

    low, high = min(0.0, float(part["low"].min()), float(part["value"].min())), max(100.0, float(part["high"].max()))
    scale = alt.Scale(domain=[low, high], nice=False, zero=False)
    return alt.Y("value:Q", scale=scale, axis=alt.Axis(title="cytotoxicity (%)", tickCount=6))


def _colour(part: pd.DataFrame) -> Any:
    import altair as alt

    names = dict(zip(part["label"], part["compound"], strict=True))
    table = {"": PLAIN} | colours([c for c in dict.fromkeys(names.values()) if c])
    legend = alt.Legend(orient="top", columns=3, symbolType="stroke", symbolOpacity=1)
    scale = alt.Scale(domain=list(names), range=[table[c] for c in names.values()])
    return alt.Color("label:N", scale=scale, legend=legend, sort=list(names))
