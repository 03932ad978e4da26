"""T and NK cells over concentration, with and without dexamethasone."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.degradation import written
from cereblon.show.figures.lines import frame, heading, inline, key, side_by_side
from cereblon.show.figures.theme import QUIET, dose_axis, themed

if TYPE_CHECKING:
    import pandas as pd

READ_OUTS = {"IL2": "IL-2", "T": "T cells", "NK_activity": "NK activity"}
"""Column of `bench.Immune` -> how it is said."""


def immune_chart(table: pd.DataFrame, *, assumed: Collection[str] = ()) -> Any:
    """A row per read-out, as fold of the same cells without any drug (dotted: 1); a column per level of dexamethasone.

    `table`: compound, dexamethasone (nM), concentration (nM, at time 0), at, IL2_at, IL2, T, NK_activity.
    """
    import altair as alt

    compounds = list(dict.fromkeys(table["compound"]))
    shown = key(compounds, assumed)
    low, high = float(table["concentration"].min()), float(table["concentration"].max())
    levels = sorted(set(table["dexamethasone"]))
    charts = []
    for read_out, said in READ_OUTS.items():
        at = table["IL2_at" if read_out == "IL2" else "at"].iloc[0]
        top = max(1.2, 1.08 * float(table[read_out].max()))
        last = read_out == list(READ_OUTS)[-1]
        for level in levels:
            part = table[table["dexamethasone"] == level]
            part = part[["compound", "concentration", read_out]].rename(columns={read_out: "value"})
            x = dose_axis(low, high, "glue at time 0")
            if not last:
                x["axis"].title = None
            title = f"{said}, {at}: fold of no drug" if level == levels[0] else ""
            y = alt.Y("value:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(title=title, tickCount=5))
            tips = [
                alt.Tooltip("label:N", title="compound"),
                alt.Tooltip("concentration:Q", title="nM", format=".3g"),
                alt.Tooltip("value:Q", title=f"{said}, fold of no drug", format=".3g"),
            ]
            lines = frame(part, x, y, shown, assumed=assumed, width=370, height=150, tooltip=tips)
            rest = alt.Chart(inline([{"value": 1.0}])).mark_rule(color=QUIET, strokeDash=[2, 3]).encode(y)
            both = alt.layer(rest, lines).properties(width=370, height=150)
            if read_out == next(iter(READ_OUTS)):
                beside = f"beside {written(level)} dexamethasone" if level else "glue alone"
                both = both.properties(title=heading(beside))
            charts.append(both)
    return themed(side_by_side(charts, len(levels)).properties(spacing={"row": 16, "column": 24}))
