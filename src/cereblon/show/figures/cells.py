"""A myeloma line that loses IKZF1 and IKZF3: the pathway over time, viability over concentration, the kill by road.

Glues have their colours of every figure. Lines have colours of their own, which no glue has; the line that the others
are set against is drawn broad and pale, so that one which does the same is seen upon it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.degradation import written
from cereblon.show.figures.lines import frame, heading, inline, key, label, share_axis, side_by_side
from cereblon.show.figures.theme import QUIET, dose_axis, name, themed

if TYPE_CHECKING:
    import pandas as pd

NOBODY = 5e-4  # a share of cells that the figure would not show
SHADES = ("#A9B4C2", "#5B2A86", "#B0578D", "#2F7F79", "#6B5B45", "#111111")
READ_OUTS = {
    "MYC": "MYC left",
    "IRF4": "IRF4 left",
    "interferon": "interferon branch",
    "G1_fraction": "living in G1",
    "caspase": "active caspase-3",
    "annexin": "annexin-positive",
    "viability": "viable",
}
"""Column of `bench.Pathway` -> the title of its axis."""
EVERY_SECOND = "round(log(datum.value) / LN10) % 2 ? '' : format(datum.value, ',')"
ROADS = {"MYC_death": "#4F5D75", "interferon_death": "#E0A458"}


def pathway_chart(table: pd.DataFrame) -> Any:
    """A row per read-out, a column per compound and concentration, a line per cell.

    `table`: compound, concentration (nM), cell, hours, and the columns of `READ_OUTS` (shares).
    """
    import altair as alt

    cells = list(dict.fromkeys(table["cell"]))
    shown = _lines(cells)
    last = float(table["hours"].max()) / 24
    columns = list(dict.fromkeys(zip(table["compound"], table["concentration"], strict=True)))
    read_outs = [r for r in READ_OUTS if r in table]
    charts = []
    for row, read_out in enumerate(read_outs):
        title = "time (d)" if read_out == read_outs[-1] else None
        axis = alt.Axis(title=title, tickCount=6)
        x = alt.X("days:Q", scale=alt.Scale(domain=[0, last], nice=False), axis=axis)
        for column, (compound, concentration) in enumerate(columns):
            part = table[(table["compound"] == compound) & (table["concentration"] == concentration)]
            part = part.assign(compound=part["cell"], days=part["hours"] / 24, value=part[read_out])
            head = f"{name(compound)}, {written(float(f'{concentration:.3g}'))} at time 0" if row == 0 else ""
            y = share_axis(READ_OUTS[read_out] if column == 0 else "")
            part = part[["compound", "days", "value"]]
            tips = _tooltip("cell line", "days", "d", READ_OUTS[read_out])
            first = part[part["compound"] == cells[0]].assign(label=label(cells[0])).drop(columns="compound")
            layers = [alt.Chart(inline(first)).mark_line(strokeWidth=7, clip=True).encode(x, y, **shown, tooltip=tips)]
            if len(cells) > 1:
                others = part[part["compound"] != cells[0]]
                layers.append(frame(others, x, y, shown, width=395, height=118, tooltip=tips))
            one = alt.layer(*layers).properties(width=395, height=118)
            charts.append(one.properties(title=heading(head)) if head else one)
    chart = alt.concat(*charts, columns=len(columns), spacing={"row": 14, "column": 24})
    return themed(chart.resolve_scale(color="shared"))


def _lines(cells: Sequence[str]) -> Mapping[str, Any]:
    """Colour of each line, with one legend; that of the first is pale."""
    import altair as alt

    names = [label(c) for c in cells]
    shades = [SHADES[i % len(SHADES)] for i in range(len(cells))]
    legend = alt.Legend(orient="top", columns=6, symbolType="stroke", symbolOpacity=1)
    return {"color": alt.Color("label:N", scale=alt.Scale(domain=names, range=shades), legend=legend, sort=names)}


def viability_chart(table: pd.DataFrame, *, assumed: Collection[str] = ()) -> Any:
    """A column per cell line; living cells over the untreated control above, viability below.

    `table`: compound, cell, at, concentration (nM, at time 0), alive, viability.
    """
    compounds = list(dict.fromkeys(table["compound"]))
    shown = key(compounds, assumed)
    low, high = float(table["concentration"].min()), float(table["concentration"].max())
    cells = list(dict.fromkeys(table["cell"]))
    at = table["at"].iloc[0]
    wide = 175 if len(cells) > 3 else 235
    rows = {"alive": f"living, of control, {at}", "viability": f"viable, of all cells, {at}"}
    charts = []
    for row, title in rows.items():
        for cell in cells:
            part = table[table["cell"] == cell]
            part = part[["compound", "concentration", row]].rename(columns={row: "value"})
            x = dose_axis(low, high, "glue at time 0")
            x["axis"].labelExpr = EVERY_SECOND  # the frames are narrow
            if row == "alive":
                x["axis"].title = None
            charts.append(
                frame(part, x, share_axis(title if cell == cells[0] else ""), shown, assumed=assumed, width=wide,
                      height=165, title=name(cell) if row == "alive" else "",
                      tooltip=_tooltip("compound", "concentration", "nM", title))
            )  # fmt: skip
    return themed(side_by_side(charts, len(cells)).properties(spacing={"row": 14, "column": 20}))


def kill_chart(table: pd.DataFrame) -> Any:
    """A frame per group, a bar per row: the cells that died, by the road that took them.

    `table`: group, bar, road, died (share of all cells of the well).
    """
    import altair as alt

    colour = alt.Color(
        "road_said:N",
        scale=alt.Scale(domain=[name(r) for r in ROADS], range=list(ROADS.values())),
        legend=alt.Legend(orient="top", symbolType="square"),
        sort=[name(r) for r in ROADS],
    )
    groups = list(dict.fromkeys(table["group"]))
    charts = []
    for group in groups:
        part = table[table["group"] == group].assign(road_said=lambda t: [name(r) for r in t["road"]])
        order = {r: i for i, r in enumerate(ROADS)}
        part = part.assign(rank=[order[r] for r in part["road"]])
        axis = alt.Axis(format="%", title="died by day 5, of all cells", values=[0, 0.25, 0.5, 0.75, 1])
        x = alt.X("died:Q", stack="zero", scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)
        bars = list(dict.fromkeys(part["bar"]))
        y = alt.Y("bar:N", sort=bars, axis=alt.Axis(title=None, grid=False, ticks=False, domain=False, labelLimit=200))
        tips = [
            alt.Tooltip("bar:N", title="of"),
            alt.Tooltip("road_said:N", title="road"),
            alt.Tooltip("died:Q", title="died", format=".1%"),
            alt.Tooltip("share:Q", title="of the kill", format=".0%"),
        ]
        chart = alt.Chart(inline(part)).mark_bar(size=15).encode(x, y, color=colour, order="rank:Q", tooltip=tips)
        if part["died"].max() < NOBODY:
            none = alt.Chart(inline([{"bar": bar, "died": 0.0} for bar in bars])).mark_text(
                text="none died", align="left", dx=6, fontSize=11.5, color=QUIET
            )
            chart = alt.layer(chart, none.encode(x, y))
        charts.append(chart.properties(width=190, height=26 * len(bars), title=heading(group)))
    return themed(alt.concat(*charts, columns=3, spacing=26).resolve_scale(color="shared"))


def _tooltip(who: str, field: str, unit: str, what: str) -> list[Any]:
    import altair as alt

    return [
        alt.Tooltip("label:N", title=who),
        alt.Tooltip(f"{field}:Q", title=unit, format=".3g"),
        alt.Tooltip("value:Q", title=what, format=".1%"),
    ]
