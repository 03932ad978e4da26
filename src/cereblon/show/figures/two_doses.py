"""Two doses in a randomised comparison: what trials would show of their difference, beside what is true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import QUIET, themed

if TYPE_CHECKING:
    import pandas as pd

COLOUR = "#1F4E9E"
ROW = 58  # pixels


def differences_chart(table: pd.DataFrame, doses: Sequence[str], note: str) -> Any:
    """A line per comparison: the difference between the doses in the pool, and what 95 % of trials show of it.

    `table`: of, difference, low, high (shares), told (the words beneath its name).
    """
    import altair as alt

    rows = [f"{of}|{told}" for of, told in zip(table["of"], table["told"], strict=True)]
    reach = 1.05 * float(max(table["high"].max(), -table["low"].min(), 0.1))
    data = alt.Chart(inline(table.assign(row=rows)[["row", "difference", "low", "high"]]))
    axis = alt.Axis(format="+%", title=f"patients with it at {doses[1]} less at {doses[0]}", tickCount=7)
    x = alt.X("difference:Q", scale=alt.Scale(domain=[-reach, reach], nice=False), axis=axis)
    axis = alt.Axis(title=None, ticks=False, domain=False, labelLimit=360, labelExpr="split(datum.label, '|')")
    y = alt.Y("row:N", sort=rows, axis=axis)
    zero = alt.Chart(inline([{"difference": 0.0}])).mark_rule(color=QUIET, strokeDash=[5, 4]).encode(x)
    tips = ["row:N", *(alt.Tooltip(f"{name}:Q", format="+.0%") for name in ("difference", "low", "high"))]
    layers = [
        zero,
        data.mark_rule(color=COLOUR, strokeWidth=2.2).encode(alt.X("low:Q"), alt.X2("high:Q"), y),
        data.mark_point(color=COLOUR, filled=True, size=110, opacity=1).encode(x, y, tooltip=tips),
    ]
    told = [note, "dot: the pool's own difference; line: what 95 % of trials show"]
    head = alt.TitleParams(f"{doses[0]} against {doses[1]}", subtitle=told, subtitleColor=QUIET, subtitleFontSize=11.5)
    return themed(alt.layer(*layers).properties(width=400, height=ROW * len(rows), title=head))
