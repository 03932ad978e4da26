"""Measured wells over a simulated dose-response: the same axes, the same colours, no fit between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import frame, inline, key, label
from cereblon.show.figures.theme import dose_axis, themed

if TYPE_CHECKING:
    import pandas as pd


def overlay_chart(lines: pd.DataFrame, points: pd.DataFrame, *, of: str) -> Any:
    """Simulated curves as lines, wells as points; what was measured of another compound has a colour of its own.

    `lines` and `points`: compound, concentration (nM), value. `of` is what the axis says.
    """
    import altair as alt

    compounds = list(dict.fromkeys([*lines["compound"], *points["compound"]]))
    shown = key(compounds)
    every = [*lines["concentration"], *points["concentration"]]
    x = dose_axis(min(every), max(every), "drug")
    low = min(0.0, float(points["value"].min()))
    top = 1.06 * float(max(lines["value"].max(), points["value"].max()))
    y = alt.Y("value:Q", scale=alt.Scale(domain=[low, top], nice=False), axis=alt.Axis(title=of, tickCount=6))
    tips = [alt.Tooltip("label:N", title="compound"), alt.Tooltip("concentration:Q", title="nM", format=".3g"),
            alt.Tooltip("value:Q", title=of, format=".3g")]  # fmt: skip
    drawn = frame(lines, x, y, shown, width=520, height=300, tooltip=tips)
    wells = points.assign(label=[label(c) for c in points["compound"]]).drop(columns="compound")
    marks = alt.Chart(inline(wells)).mark_point(filled=True, size=34, opacity=0.75).encode(x, y, **shown, tooltip=tips)
    return themed(alt.layer(drawn, marks).properties(width=520, height=300))
