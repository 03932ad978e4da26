"""A study in mice: mean volumes with every mouse behind them, and the time to a size or to death."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import GLUES, INK, QUIET, themed

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

ARMS = ("#C8390B", "#1F4E9E", "#B87700", "#00856A", "#9C3D88", "#3E9BD6", "#4B3B2A", "#5A7D1C")
CONTROL = "#8A8A8A"
FAINT, WIDE, HALF = 0.35, 330, 0.5
LIGHT = 1e6  # volumes (mm3) are below this, light (photons a second) above


def xenograft_chart(
    volumes: pd.DataFrame, survival: pd.DataFrame, *, control: str, size: str, limit: float = 0.0
) -> Any:
    """Above: means with their standard errors, and the share of mice below a size (or alive); below: every mouse by
    arm, with the mean of its arm and, broken, that of the control while all their mice are there.

    `volumes`: mouse, arm, day, volume; `survival`: arm, time, survival, censored; `size` says what the event is;
    `limit` is drawn where mice were taken out (0: not): at their last reading they stand above it, and so may a mean of
    the day. A mean is of the mice still there, nothing is carried forward; it is dotted once one of its arm is gone,
    and ends when half of them are.
    """
    import altair as alt

    arms = list(dict.fromkeys(volumes["arm"]))
    shades = dict(zip(arms, _shades(arms, control), strict=True))
    legend = alt.Legend(orient="top", columns=3, symbolType="stroke", symbolOpacity=1, labelLimit=330)
    scale = alt.Scale(domain=arms, range=list(shades.values()))
    colour = alt.Color("arm:N", scale=scale, legend=legend, sort=arms)
    unit = "light (1/s)" if volumes["volume"].max() > LIGHT else "volume (mm³)"
    last = float(volumes["day"].max())
    top = alt.hconcat(_means(volumes, colour, unit, last, limit), _steps(survival, colour, size), spacing=40)
    columns = len(arms) if len(arms) < 5 else 3
    mice = [_mice(volumes, arm, shades[arm], control, unit, last, limit, 480 / columns) for arm in arms]
    below = alt.concat(*mice, columns=columns, spacing={"row": 14, "column": 18})
    return themed(alt.vconcat(top, below, spacing=26).resolve_scale(color="shared"))


def measured_chart(simulated: pd.DataFrame, measured: pd.DataFrame, *, limit: float = 0.0) -> Any:
    """A frame an arm: simulated means as a line with every simulated mouse pale behind it, measured mice as points,
    joined thinly. Means are of the mice still there, and end when half of them are.

    Both tables: mouse, arm, day, volume; `limit` as in `xenograft_chart`.
    """
    import altair as alt
    import pandas as pd

    every = pd.concat([simulated, measured], ignore_index=True)
    arms, last = list(dict.fromkeys(every["arm"])), float(every["day"].max())
    unit = "light (1/s)" if every["volume"].max() > LIGHT else "volume (mm³)"
    columns, charts = min(3, len(arms)), []
    for arm in arms:
        x, y = _days(last), _volume(unit, every)
        tips = [alt.Tooltip("mouse:N"), alt.Tooltip("day:Q"), alt.Tooltip("value:Q", format=",.0f")]
        layers = _line_at(limit, last)
        own = simulated[simulated["arm"] == arm].rename(columns={"volume": "value"})
        if len(own):
            mice = alt.Chart(inline(own[["mouse", "day", "value"]]))
            layers.append(mice.mark_line(color=ARMS[1], opacity=0.2, strokeWidth=1).encode(x, y, detail="mouse:N"))
            mean = own.groupby("day")["value"]
            middle = mean.mean()[mean.count() > HALF * mean.count().max()].rename("value").reset_index()
            layers.append(alt.Chart(inline(middle)).mark_line(color=ARMS[1], strokeWidth=2.4).encode(x, y))
        seen = measured[measured["arm"] == arm].rename(columns={"volume": "value"})
        if len(seen):
            wells = alt.Chart(inline(seen[["mouse", "day", "value"]]))
            joined = wells.mark_line(color=INK, opacity=FAINT, strokeWidth=0.8)
            layers.append(joined.encode(x, y, detail="mouse:N"))
            layers.append(wells.mark_point(color=INK, filled=True, size=24, opacity=0.8).encode(x, y, tooltip=tips))
        without = "" if len(own) and len(seen) else ", not measured" if len(own) else ", not simulated"
        title = alt.TitleParams(f"{arm}{without}", fontSize=12, offset=4, fontWeight="normal")
        charts.append(alt.layer(*layers).properties(width=250, height=190, title=title))
    note = alt.Title("blue: simulated, mean and mice; black: measured", fontSize=11.5, color=QUIET, fontWeight="normal")
    return themed(alt.concat(*charts, columns=columns, spacing={"row": 18, "column": 24}).properties(title=note))


def _shades(arms: Sequence[str], control: str) -> list[str]:
    """Grey for the control, the house's colour for a glue alone, the others in turn."""
    fixed = {arm: CONTROL if arm == control else GLUES.get(arm, "") for arm in arms}
    spare = iter([c for c in ARMS * 2 if c not in fixed.values()])
    return [fixed[arm] or next(spare, INK) for arm in arms]


def _days(last: float, title: str = "day") -> alt.X:
    import altair as alt

    scale = alt.Scale(domain=[0, last], nice=False)
    return alt.X("day:Q", scale=scale, axis=alt.Axis(title=title, tickCount=6, grid=False))


def _volume(title: str, volumes: pd.DataFrame | None = None) -> alt.Y:
    """Volumes from 0, light by decades; up to the largest of `volumes` where they are given."""
    import altair as alt

    if "light" in title:
        axis = alt.Axis(title=title, tickCount=4, format=".0e")
        return alt.Y("value:Q", scale=alt.Scale(type="log"), axis=axis)
    top = alt.Undefined if volumes is None else [0, float(volumes["volume"].max())]
    scale = alt.Scale(zero=True, domain=top, nice=volumes is None)
    return alt.Y("value:Q", scale=scale, axis=alt.Axis(title=title, tickCount=5, format=",.0f"))


def _means(volumes: pd.DataFrame, colour: Any, unit: str, last: float, limit: float) -> Any:
    import altair as alt
    import pandas as pd

    grouped = volumes.groupby(["arm", "day"], sort=False)["volume"]
    table = pd.DataFrame({"value": grouped.mean(), "n": grouped.count(), "sd": grouped.std()}).reset_index()
    table["error"] = (table["sd"] / np.sqrt(table["n"])).fillna(0.0)
    whole = table.groupby("arm")["n"].transform("max") == table["n"]
    # the step to the first day on which one is gone is dotted too, so the line stays in one piece
    table["gone"] = ~whole
    table["low"], table["high"] = table["value"] - table["error"], table["value"] + table["error"]
    table = table[(table["n"] > HALF * table.groupby("arm")["n"].transform("max")) & (table["low"] > 0)]
    after = table[table["gone"] | table.groupby("arm")["gone"].shift(-1, fill_value=False)]
    x, y = _days(last), _volume(f"{unit}, mean of those there ± SEM")
    tips = [alt.Tooltip("arm:N"), alt.Tooltip("day:Q"), alt.Tooltip("value:Q", format=",.0f", title="mean"),
            alt.Tooltip("n:Q", title="mice")]  # fmt: skip
    shown = [
        alt.Chart(inline(table[~table["gone"]])).mark_line(strokeWidth=2.2).encode(x, y, color=colour, tooltip=tips),
        alt.Chart(inline(after)).mark_line(strokeWidth=1.6, strokeDash=[2, 3]).encode(x, y, color=colour, tooltip=tips),
        alt.Chart(inline(table)).mark_rule(strokeWidth=1.2).encode(x, alt.Y("low:Q"), alt.Y2("high:Q"), color=colour),
        alt.Chart(inline(table)).mark_point(filled=True, size=26, opacity=1).encode(x, y, color=colour, tooltip=tips),
        *_line_at(limit, last, "taken out above"),
    ]
    return alt.layer(*shown).properties(width=WIDE, height=230)


def _steps(survival: pd.DataFrame, colour: Any, size: str) -> Any:
    import altair as alt

    last = float(survival["time"].max())
    axis = alt.Axis(title=size, format="%", tickCount=5)
    y = alt.Y("survival:Q", scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)
    table = survival.rename(columns={"time": "day"})
    x = _days(last)
    tips = [alt.Tooltip("arm:N"), alt.Tooltip("day:Q"), alt.Tooltip("survival:Q", format=".0%")]
    steps = alt.Chart(inline(table)).mark_line(interpolate="step-after", strokeWidth=2.2)
    lost = alt.Chart(inline(table[table["censored"] > 0])).mark_tick(thickness=1.8, size=11, orient="vertical")
    return alt.layer(
        steps.encode(x, y, color=colour, tooltip=tips), lost.encode(x, y, color=colour, tooltip=tips)
    ).properties(width=WIDE - 60, height=230)


def _mice(
    volumes: pd.DataFrame, arm: str, shade: str, control: str, unit: str, last: float, limit: float, width: float
) -> Any:
    import altair as alt

    own = volumes[volumes["arm"] == arm].rename(columns={"volume": "value"})
    if "light" in unit:
        own = own[own["value"] > 0]
    x, y = _days(last), _volume(unit, volumes)
    tips = [alt.Tooltip("mouse:N"), alt.Tooltip("day:Q"), alt.Tooltip("value:Q", format=",.0f")]
    line = alt.Chart(inline(own[["mouse", "day", "value"]])).mark_line(color=shade, opacity=FAINT, strokeWidth=1.3)
    layers = [line.encode(x, y, detail="mouse:N", tooltip=tips), *_line_at(limit, last)]
    if arm != control:
        beside = volumes[volumes["arm"] == control].groupby("day")["volume"]
        whole = beside.mean()[beside.count() == beside.count().max()].rename("value").reset_index()
        broken = alt.Chart(inline(whole)).mark_line(color=CONTROL, strokeDash=[5, 3], strokeWidth=1.2)
        layers.append(broken.encode(x, y))
    mean = own.groupby("day")["value"]
    middle = mean.mean()[mean.count() == mean.count().max()].rename("value").reset_index()
    layers.append(alt.Chart(inline(middle)).mark_line(color=shade, strokeWidth=2.4).encode(x, y))
    title = alt.TitleParams(arm, fontSize=12, offset=4, fontWeight="normal", limit=width + 30)
    return alt.layer(*layers).properties(width=width, height=120, title=title)


def _line_at(limit: float, last: float, said: str = "") -> list[Any]:
    """The volume at which mice were taken out, as a thin line, with what is `said` on it."""
    import altair as alt

    if not limit or not np.isfinite(limit):
        return []
    rows: list[Mapping[str, float]] = [{"day": 0.0, "value": limit}, {"day": last, "value": limit}]
    line = alt.Chart(inline(rows)).mark_line(color=QUIET, strokeWidth=0.8, strokeDash=[1, 3])
    shown = [line.encode(_days(last), alt.Y("value:Q"))]
    if said:
        words = alt.Chart(inline(rows[:1])).mark_text(align="left", dx=5, dy=-6, fontSize=10.5, color=QUIET)
        shown.append(words.encode(_days(last), alt.Y("value:Q"), text=alt.value(said)))
    return shown
