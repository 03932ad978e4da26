"""What is left of a neosubstrate: over concentration at stated times, and over time."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import end_labels, frame, heading, key, share_axis, side_by_side
from cereblon.show.figures.theme import decades, dose_axis, name, themed

if TYPE_CHECKING:
    import pandas as pd


def dose_response_chart(table: pd.DataFrame, *, assumed: Collection[str] = ()) -> Any:
    """A row per protein, a column per assay time.

    `table`: compound, substrate, hours, concentration (nM, at time 0), remaining (share of the drug-free level).
    """
    import altair as alt

    compounds = list(dict.fromkeys(table["compound"]))
    shown = key(compounds, assumed)
    low, high = float(table["concentration"].min()), float(table["concentration"].max())
    times = sorted(set(table["hours"]))
    charts = []
    for substrate in dict.fromkeys(table["substrate"]):
        for hours in times:
            part = table[(table["substrate"] == substrate) & (table["hours"] == hours)]
            part = part[["compound", "concentration", "remaining"]].rename(columns={"remaining": "value"})
            y = share_axis(f"{name(substrate)} left" if hours == times[0] else "")
            charts.append(
                frame(part, dose_axis(low, high, "glue at time 0"), y, shown, assumed=assumed, width=272, height=210,
                      title=f"{name(substrate)} at {hours:g} h", tooltip=_tooltip(alt, "concentration", "nM"))
            )  # fmt: skip
    return themed(side_by_side(charts, len(times)))


def course_chart(table: pd.DataFrame, *, assumed: Collection[str] = ()) -> Any:
    """A row per concentration, a column per protein, names at the ends of the lines.

    `table`: compound, substrate, concentration (nM), hours, remaining.
    """
    import altair as alt

    last = float(table["hours"].max())
    width, height = 380, 215
    ticks = [t for t in (0, 1, 2, 4, 6, 8, 12, 16, 20, 24, 36, 48, 72) if t <= last]
    x = alt.X("hours:Q", scale=alt.Scale(domain=[0, last], nice=False), axis=alt.Axis(title="time (h)", values=ticks))
    shown = {"color": key(list(dict.fromkeys(table["compound"])), assumed)["color"].legend(None)}
    charts = []
    for concentration in sorted(set(table["concentration"])):
        for substrate in dict.fromkeys(table["substrate"]):
            part = table[(table["substrate"] == substrate) & (table["concentration"] == concentration)]
            ends = {c: float(g["remaining"].iloc[-1]) for c, g in part.groupby("compound", sort=False)}
            part = part[["compound", "hours", "remaining"]].rename(columns={"remaining": "value"})
            y = share_axis(f"{name(substrate)} left")
            lines = frame(part, x, y, shown, assumed=assumed, width=width, height=height,
                          tooltip=_tooltip(alt, "hours", "h"))  # fmt: skip
            names = end_labels(ends, last, x, y, height=height, low=0, high=1.05, assumed=assumed)
            title = f"{name(substrate)}, {written(concentration)} at time 0"
            charts.append(alt.layer(lines, names).properties(width=width, height=height, title=heading(title)))
    columns = len(set(table["substrate"]))
    return themed(alt.concat(*charts, columns=columns, spacing={"row": 26, "column": 112}))


def potency_course_chart(table: pd.DataFrame, *, assumed: Collection[str] = ()) -> Any:
    """DC50 above Dmax over the time of the assay, a column per protein; a DC50 that is none leaves a gap.

    `table`: compound, substrate, hours, DC50 (nM), Dmax (share).
    """
    import altair as alt

    shown = key(list(dict.fromkeys(table["compound"])), assumed)
    ticks = sorted(set(table["hours"]))
    known = table["DC50"].dropna()
    low, high = 10 ** math.floor(math.log10(known.min())), 10 ** math.ceil(math.log10(known.max()))
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    charts = []
    for read_out in ("DC50", "Dmax"):
        for of in dict.fromkeys(table["substrate"]):
            part = table[table["substrate"] == of].rename(columns={read_out: "value"})
            part = part[["compound", "hours", "value"]].dropna()
            title = "time of the reading (h)" if read_out == "Dmax" else None
            axis = alt.Axis(title=title, values=ticks, labelExpr="format(datum.value, '~g')", labelFlush=False)
            x = alt.X("hours:Q", axis=axis, scale=alt.Scale(type="log", domain=[ticks[0], ticks[-1]], nice=False))
            y = share_axis(f"Dmax of {name(of)}")
            if read_out == "DC50":
                axis = alt.Axis(title=f"DC50 of {name(of)} (nM)", values=decades(low, high),
                                labelExpr="format(datum.value, ',')")  # fmt: skip
                y = alt.Y("value:Q", scale=scale, axis=axis)
            tips = [alt.Tooltip("label:N", title="compound"), alt.Tooltip("hours:Q", title="h"),
                    alt.Tooltip("value:Q", title=read_out, format=".3g")]  # fmt: skip
            charts.append(frame(part, x, y, shown, assumed=assumed, width=400, height=190,
                                title=name(of) if read_out == "DC50" else "", tooltip=tips))  # fmt: skip
    return themed(side_by_side(charts, len(set(table["substrate"]))))


def written(concentration: float) -> str:
    """A concentration in nM as it is said.

    >>> written(1000), written(0.5)
    ('1 µM', '0.5 nM')
    """
    if concentration >= 1000:
        return f"{concentration / 1000:g} µM"
    return f"{concentration:g} nM" if concentration >= 0.1 else f"{concentration * 1000:g} pM"


def _tooltip(alt: Any, field: str, unit: str) -> list[Any]:
    return [
        alt.Tooltip("label:N", title="compound"),
        alt.Tooltip(f"{field}:Q", title=unit, format=".3g"),
        alt.Tooltip("value:Q", title="left", format=".1%"),
    ]
