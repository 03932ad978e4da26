"""Readings over concentration with their fitted curve, a frame a curve: what was measured stays in sight."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import heading, inline
from cereblon.show.figures.theme import INK, QUIET, decades, themed

if TYPE_CHECKING:
    import pandas as pd

COLOUR, ODD = "#1F4E9E", "#C8390B"
ZERO = 0.6  # decades left of the lowest concentration, where a concentration of 0 stands
MOST = 24  # frames of one figure
WIDE = {1: 460, 2: 330, 3: 280}


def fit_chart(
    points: pd.DataFrame, lines: pd.DataFrame, estimates: Mapping[str, str], *, of: str, unit: str
) -> Any:
    """Points, curve and its 95 % band of each curve; what stands out is a cross; the untreated stand left, at 0.

    `points`: curve, concentration, value, outlier. `lines`: curve, concentration, value, low, high, and `mark`, the
    concentration of a dashed line (NaN for none). `estimates` curve -> what is written above its frame. The first 24
    curves are drawn.
    """
    import altair as alt

    names = list(dict.fromkeys(points["curve"]))[:MOST]
    columns = min(len(names), 4 if len(names) > 6 else 3)
    width = WIDE.get(columns, 220)
    charts = []
    for name in names:
        some, line = points[points["curve"] == name], lines[lines["curve"] == name]
        doses = some.loc[some["concentration"] > 0, "concentration"]
        low, high = float(doses.min()), float(doses.max())
        at_zero = low / 10**ZERO
        zero = bool((some["concentration"] == 0).any())
        place = some["concentration"].where(some["concentration"] > 0, at_zero)
        x = _axis(low, high, at_zero if zero else low / 1.3, unit, zero)
        said = of if name in names[::columns] else ""
        ends = _range(some, line)
        y = alt.Y("value:Q", title=said, axis=alt.Axis(tickCount=5),
                  scale=alt.Scale(domain=ends, nice=False, zero=False))  # fmt: skip
        data = inline(some.assign(concentration=place, kind=some["outlier"].map({True: "stands out", False: "well"})))
        layers = []
        if len(line):
            line = line.assign(low=line["low"].clip(*ends), high=line["high"].clip(*ends))
            drawn = alt.Chart(inline(line.drop(columns=["curve", "mark"])))
            layers.append(drawn.mark_area(opacity=0.16, color=COLOUR, clip=True).encode(
                x, alt.Y("low:Q", title=said), alt.Y2("high:Q")))  # fmt: skip
            layers.append(drawn.mark_line(color=COLOUR, strokeWidth=2.2, clip=True).encode(x, y))
            mark = float(line["mark"].iloc[0])
            if math.isfinite(mark):
                rule = alt.Chart(inline([{"concentration": mark}]))
                layers.append(rule.mark_rule(color=QUIET, strokeDash=[4, 3]).encode(x))
        marks = {
            "color": alt.Color("kind:N", scale=alt.Scale(domain=["well", "stands out"], range=[INK, ODD]), legend=None),
            "shape": alt.Shape("kind:N", legend=None,
                               scale=alt.Scale(domain=["well", "stands out"], range=["circle", "cross"])),
        }  # fmt: skip
        tips = [alt.Tooltip("concentration:Q", format=".3g"), alt.Tooltip("value:Q", format=".4g"), "kind:N"]
        dots = alt.Chart(data).mark_point(size=34, filled=True, opacity=0.75)
        layers.append(dots.encode(x, y, **marks, tooltip=tips))
        title = alt.Title(name, subtitle=estimates.get(name, ""), fontSize=12.5, subtitleFontSize=11,
                          subtitleColor=QUIET, anchor="start", color=INK, offset=6)  # fmt: skip
        title = title if estimates.get(name) else heading(name)
        charts.append(alt.layer(*layers).properties(width=width, height=round(width * 0.72), title=title))
    return themed(alt.concat(*charts, columns=columns, spacing={"row": 24, "column": 26}))


def _axis(low: float, high: float, first: float, unit: str, zero: bool) -> Any:
    """A logarithmic axis with a tick a decade, and one for 0."""
    import altair as alt

    ticks = decades(low, high) or [low]
    step = math.ceil(len(ticks) / 6)
    shown = ticks[::step]
    written = "format(datum.value, datum.value >= 1e5 || datum.value < 1e-4 ? '~e' : '~r')"
    label = f"datum.value < {first * 1.01!r} ? '0' : {written}" if zero else written
    axis = alt.Axis(values=[first, *shown] if zero else shown, labelExpr=label, labelFlush=False, labelOverlap=False,
                    title=f"concentration ({unit})" if unit not in ("", "1") else "concentration")  # fmt: skip
    scale = alt.Scale(type="log", domain=[first / 1.15, high * 1.3], nice=False)
    return alt.X("concentration:Q", scale=scale, axis=axis)


def _range(points: pd.DataFrame, line: pd.DataFrame) -> list[float]:
    """The readings and the curve, with some room; the band may leave the frame."""
    ends = [float(points["value"].min()), float(points["value"].max())]
    if len(line):
        ends += [float(line["value"].min()), float(line["value"].max())]
    low, high = min(ends), max(ends)
    flat = high - low <= 1e-9 * max(abs(low), abs(high))  # but for rounding: no frame is drawn that finely
    room = 0.1 * max(abs(high), 1e-9) if flat else 0.07 * (high - low)
    return [low - room, high + room]
