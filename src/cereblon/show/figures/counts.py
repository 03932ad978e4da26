"""Blood counts of a trial from visit to visit: median and bands of those measured, cycle by cycle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import INK, QUIET, decades, themed

if TYPE_CHECKING:
    import pandas as pd

COLOUR = "#1F4E9E"
LOW, HIGH = 0.05, 20.0  # 1e9/L, the ends of the axis
WIDTH, HEIGHT = 620, 260


def counts_chart(
    table: pd.DataFrame, limits: Sequence[float], *, cycle: int, what: str = "neutrophils (1e9/L)", title: str = ""
) -> Any:
    """`table`: day, n, low, lower, median, upper, high. `limits`: where grades 3 and 4 begin; `cycle`: its days."""
    import altair as alt

    last = float(table["day"].max()) if len(table) else float(cycle)
    begins = [float(day) for day in range(0, int(last) + 1, cycle)]
    across = alt.Scale(domain=[0, last], nice=False)
    label = f"'C' + format(datum.value / {cycle} + 1, 'd')"
    x = alt.X("day:Q", scale=across, title=None, axis=alt.Axis(values=begins, labelExpr=label, labelFlush=False))
    scale = alt.Scale(type="log", domain=[LOW, HIGH], nice=False, clamp=True)
    axis = alt.Axis(values=decades(LOW, HIGH), title=what, format=",.6~g", grid=False)

    def y(column: str) -> Any:
        return alt.Y(f"{column}:Q", scale=scale, axis=axis)

    tips = [alt.Tooltip("day:Q"), alt.Tooltip("n:Q", title="patients measured"),
            *(alt.Tooltip(f"{c}:Q", format=".2f") for c in ("low", "lower", "median", "upper", "high"))]  # fmt: skip
    base = alt.Chart(inline(table)).encode(x)
    layers = [
        base.mark_area(color=COLOUR, opacity=0.15, clip=True).encode(y("low"), y2="high:Q"),
        base.mark_area(color=COLOUR, opacity=0.25, clip=True).encode(y("lower"), y2="upper:Q"),
    ]
    for grade, limit in zip((3, 4), limits, strict=False):
        rule = alt.Chart(inline([{"median": limit, "day": last, "text": f"grade {grade}"}]))
        layers.append(rule.mark_rule(color=QUIET, strokeDash=[4, 3]).encode(y("median")))
        words = rule.mark_text(align="left", dx=5, color=QUIET, fontSize=11)
        layers.append(words.encode(x, y("median"), text="text:N"))
    line = base.mark_line(color=COLOUR, strokeWidth=2, clip=True, point=alt.OverlayMarkDef(size=22, color=COLOUR))
    layers.append(line.encode(y("median"), tooltip=tips))
    above = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=title)
    counted = table[table["day"].isin(begins)]
    below = alt.Chart(inline(counted[["day", "n"]])).mark_text(fontSize=11.5, color=INK).encode(
        x=alt.X("day:Q", scale=across, title="day 1 of each cycle",
                axis=alt.Axis(values=begins, labels=False, ticks=False, domain=False, grid=False)),
        text="n:Q",
    )  # fmt: skip
    head = alt.Title("measured", fontSize=11.5, fontWeight="normal", anchor="start", color=INK, offset=2)
    return themed(alt.vconcat(above, below.properties(width=WIDTH, height=16, title=head), spacing=4))
