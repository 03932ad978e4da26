"""Occupancy, closed cereblon and ternary complex over concentration."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import frame, key, share_axis, side_by_side
from cereblon.show.figures.theme import dose_axis, name, themed

if TYPE_CHECKING:
    import pandas as pd


def binding_chart(table: pd.DataFrame, *, of: str = "IKZF1", assumed: Collection[str] = ()) -> Any:
    """Three frames over free glue.

    `table`: compound, concentration (nM), occupancy (share of cereblon), closed (share of cereblon), ternary
    (nM of the complex with `of`).
    """
    import altair as alt

    compounds = list(dict.fromkeys(table["compound"]))
    shown = key(compounds, assumed)
    low, high = float(table["concentration"].min()), float(table["concentration"].max())
    top = float(table["ternary"].max()) * 1.08
    frames = {
        "occupancy": ("Occupancy", share_axis("cereblon that holds the glue")),
        "closed": ("Closed", share_axis("cereblon that is closed")),
        "ternary": (
            "Ternary complex",
            alt.Y("value:Q", scale=alt.Scale(domain=[0, top], nice=False), title=f"CRBN·glue·{name(of)} (nM)"),
        ),
    }
    charts = []
    for column, (title, y) in frames.items():
        part = table[["compound", "concentration", column]].rename(columns={column: "value"})
        tooltip = [alt.Tooltip("label:N", title="compound"), alt.Tooltip("concentration:Q", title="nM", format=".3g"),
                   alt.Tooltip("value:Q", title=title, format=".3g")]  # fmt: skip
        charts.append(
            frame(part, dose_axis(low, high, "free glue"), y, shown, assumed=assumed, width=272, height=230,
                  title=title, tooltip=tooltip)
        )  # fmt: skip
    return themed(side_by_side(charts, 3))
