"""Readings over time with the fitted fall, a frame a course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import INK, QUIET, themed

if TYPE_CHECKING:
    import pandas as pd

COLOUR = "#1F4E9E"
MOST = 24  # frames of one figure
WIDE = {1: 460, 2: 330, 3: 280}


def time_course_chart(points: pd.DataFrame, lines: pd.DataFrame, above: Mapping[str, str], *, of: str) -> Any:
    """Points and curve of each course, what is left of it written above its frame; the first 24 are drawn.

    `points` and `lines`: course, time (h), value.
    """
    import altair as alt

    names = list(dict.fromkeys(points["course"]))[:MOST]
    columns = min(len(names), 4 if len(names) > 6 else 3)
    width = WIDE.get(columns, 220)
    x = alt.X("time:Q", title="time (h)", scale=alt.Scale(nice=False, zero=True), axis=alt.Axis(tickCount=6))
    charts = []
    for name in names:
        y = alt.Y("value:Q", title=of if name in names[::columns] else "", axis=alt.Axis(tickCount=5),
                  scale=alt.Scale(zero=True))  # fmt: skip
        line = alt.Chart(inline(lines[lines["course"] == name].drop(columns="course")))
        dots = alt.Chart(inline(points[points["course"] == name].drop(columns="course")))
        tips = [alt.Tooltip("time:Q", format=".3g"), alt.Tooltip("value:Q", format=".4g")]
        title = alt.Title(name, subtitle=above.get(name, "not fitted"), fontSize=12.5, subtitleFontSize=11,
                          subtitleColor=QUIET, anchor="start", color=INK, offset=6)  # fmt: skip
        both = alt.layer(
            line.mark_line(color=COLOUR, strokeWidth=2.2).encode(x, y),
            dots.mark_point(size=34, filled=True, opacity=0.75, color=INK).encode(x, y, tooltip=tips),
        )
        charts.append(both.properties(width=width, height=round(width * 0.72), title=title))
    return themed(alt.concat(*charts, columns=columns, spacing={"row": 24, "column": 26}))
