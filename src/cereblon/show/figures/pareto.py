"""Dose and schedule: what a gain in response costs in neutropenia, and which choices no other beats in both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import heading, inline
from cereblon.show.figures.theme import QUIET, themed

if TYPE_CHECKING:
    import pandas as pd

COLOURS = ("#1F4E9E", "#C8390B", "#00856A", "#B87700", "#9C3D88", "#3E9BD6", "#5A7D1C", "#4B3B2A")
SIZE = 300
NEEDED = ("schedule", "dose_mg", "population", "ORR", "ORR_low", "ORR_high", "neutropenia_34", "neutropenia_34_low",
          "neutropenia_34_high", "front", "counts")  # fmt: skip


def pareto_chart(table: pd.DataFrame, *, title: str = "Response and neutropenia by dose and schedule") -> Any:
    """A frame per population and way of counting, a dot per dose and schedule; the front joined, with its intervals.

    `table`: schedule, dose_mg, population, ORR, ORR_low, ORR_high, neutropenia_34, neutropenia_34_low,
    neutropenia_34_high (shares), front (bool: no other choice of the frame is better in one and as good in the other),
    counts ("sampled" at visits, or "continuous").
    """
    schedules = list(dict.fromkeys(table["schedule"]))
    frames = []
    for (population, counts), part in table.groupby(["population", "counts"], sort=False):
        frames.append(_frame(part, schedules).properties(title=heading(f"{population}, counts {counts}")))
    return themed(_side_by_side(frames, title))


def _frame(table: pd.DataFrame, schedules: Sequence[str]) -> Any:
    import altair as alt

    cost, gain = "grade 3/4 neutropenia (share of patients)", "response rate"
    rows = table[[c for c in NEEDED if c not in ("population", "counts")]].assign(
        front=table["front"].map({True: "front", False: "beaten"}), text=[f"{d:g}" for d in table["dose_mg"]]
    )
    rows = rows.sort_values("neutropenia_34")
    base = alt.Chart(inline(rows))

    def scale(*columns: str) -> Any:
        low, high = float(table[list(columns)].to_numpy().min()), float(table[list(columns)].to_numpy().max())
        edge = 0.06 * max(high - low, 0.05)
        return alt.Scale(domain=[max(0.0, low - edge), min(1.0, high + edge)], nice=False)

    across = scale("neutropenia_34", "neutropenia_34_low", "neutropenia_34_high")
    up = scale("ORR", "ORR_low", "ORR_high")
    axis = alt.Axis(format="%", tickCount=5)
    x = alt.X("neutropenia_34:Q", scale=across, axis=axis, title=cost)
    y = alt.Y("ORR:Q", scale=up, axis=axis, title=gain)
    colour = alt.Color("schedule:N", sort=list(schedules),
                       scale=alt.Scale(domain=list(schedules), range=[COLOURS[i % len(COLOURS)] for i, _ in
                                                                      enumerate(schedules)]),
                       legend=alt.Legend(orient="bottom", columns=6, symbolType="circle", symbolOpacity=1))  # fmt: skip
    tips = ["schedule:N", alt.Tooltip("dose_mg:Q", title="dose (mg)"),
            *(alt.Tooltip(f"{c}:Q", format=".0%") for c in ("ORR", "ORR_low", "ORR_high", "neutropenia_34")),
            "front:N"]  # fmt: skip
    ends = base.transform_filter("datum.front == 'front'").mark_rule(opacity=0.45, strokeWidth=1.1)
    joined = base.transform_filter("datum.front == 'front'").mark_line(
        color=QUIET, strokeDash=[4, 3], interpolate="step-after", strokeWidth=1.4
    )
    dots = base.mark_point(size=95, opacity=1, strokeWidth=1.8, filled=False)
    fill = alt.condition("datum.front == 'front'", colour, alt.value("white"))
    return alt.layer(
        joined.encode(x, y),
        ends.encode(x.copy(), alt.Y("ORR_low:Q", scale=up), alt.Y2("ORR_high:Q"), color=colour),
        ends.encode(alt.X("neutropenia_34_low:Q", scale=across), alt.X2("neutropenia_34_high:Q"), y,
                                      color=colour),
        dots.encode(x, y, stroke=colour, fill=fill, tooltip=tips),
        base.mark_text(dx=9, dy=-9, fontSize=10.5, align="left").encode(x, y, text="text:N", color=colour),
    ).properties(width=SIZE, height=SIZE)  # fmt: skip


def _side_by_side(frames: Sequence[Any], title: str) -> Any:
    import altair as alt

    note = "Numbers: mg. Filled: no other choice of the frame has both more response and less neutropenia."
    head = alt.Title(title, subtitle=note, subtitleFontSize=11.5, subtitleColor=QUIET)
    return alt.concat(*frames, columns=2, title=head).resolve_scale(color="shared")
