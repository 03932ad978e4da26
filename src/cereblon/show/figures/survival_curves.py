"""Kaplan-Meier curves with their intervals, censorings, and the table of those at risk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import INK, OTHERS, QUIET, themed

if TYPE_CHECKING:
    import pandas as pd

COLOURS = ("#1F4E9E", "#C8390B", "#00856A", *OTHERS)
WIDTH, HEIGHT = 560, 300


def survival_chart(
    table: pd.DataFrame, risk: pd.DataFrame, *, title: str = "", unit: str = "months", what: str = "share without event"
) -> Any:
    """`table` is that of `statistics.survival.Survival` (arm, time, survival, low, high, censored), `risk` that of
    `statistics.follow_up.at_risk` (arm, time, at_risk); its times are the ticks of the axis."""
    import altair as alt

    arms = list(dict.fromkeys(table["arm"]))
    last = max(float(table["time"].max()), float(risk["time"].max()))
    ticks = sorted(set(risk["time"]))
    across = alt.Scale(domain=[0, last * 1.02], nice=False)
    x = alt.X("time:Q", scale=across, title=None, axis=alt.Axis(values=ticks, grid=False, labelFlush=False))
    y = alt.Y("survival:Q", scale=alt.Scale(domain=[0, 1.02], nice=False), title=what,
              axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1]))  # fmt: skip
    legend = None if len(arms) == 1 else alt.Legend(orient="top-right", symbolType="stroke", symbolOpacity=1)
    scale = alt.Scale(domain=arms, range=_colours(arms))
    colour = alt.Color("arm:N", scale=scale, legend=legend, sort=arms)
    data = inline(table[["arm", "time", "survival", "low", "high", "censored", "at_risk"]])
    base = alt.Chart(data)
    band = base.mark_area(interpolate="step-after", opacity=0.15).encode(
        x=x, y=alt.Y("low:Q", title=what), y2="high:Q", color=colour
    )
    tooltip = ["arm:N", alt.Tooltip("time:Q", format=".3g"), alt.Tooltip("survival:Q", format=".1%"),
               alt.Tooltip("low:Q", format=".1%"), alt.Tooltip("high:Q", format=".1%"), "at_risk:Q"]  # fmt: skip
    line = base.mark_line(interpolate="step-after", strokeWidth=2.2).encode(x=x, y=y, color=colour, tooltip=tooltip)
    lost = base.transform_filter("datum.censored > 0 && datum.time > 0").mark_tick(
        thickness=1.4, size=9, orient="vertical", opacity=1
    ).encode(x=x, y=y, color=colour)  # fmt: skip
    half = alt.Chart(inline([{"at": 0.5}])).mark_rule(color=QUIET, strokeDash=[3, 3]).encode(y="at:Q")
    curves = alt.layer(half, band, line, lost).properties(width=WIDTH, height=HEIGHT, title=title)
    counted = alt.Chart(inline(risk[["arm", "time", "at_risk"]])).mark_text(fontSize=11.5).encode(
        x=alt.X("time:Q", scale=across, title=unit, axis=alt.Axis(values=ticks, labels=False, ticks=False, domain=False,
                                                                   grid=False)),
        y=alt.Y("arm:N", sort=arms, title=None, axis=alt.Axis(domain=False, ticks=False, grid=False,
                                                              labels=len(arms) > 1, labelLimit=120, labelPadding=18)),
        text="at_risk:Q", color=alt.Color("arm:N", scale=scale, legend=None, sort=arms),
    )  # fmt: skip
    head = alt.Title("at risk", fontSize=11.5, fontWeight="normal", anchor="start", color=INK, offset=2)
    below = counted.properties(width=WIDTH, height=17 * len(arms), title=head)
    return themed(alt.vconcat(curves, below, spacing=4))


def _colours(arms: Sequence[str]) -> list[str]:
    return [COLOURS[i % len(COLOURS)] for i in range(len(arms))]
