"""Constants from a plate: the wells with the fitted curves, and each constant's interval beside its record's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import INK, QUIET, dose_axis, themed

if TYPE_CHECKING:
    import pandas as pd

TIMES = ("#3E9BD6", "#1F4E9E", "#00856A", "#B87700", "#C8390B", "#9C3D88")  # early to late; then again
RECORD = "#D9D9D9"
VERDICTS = {
    "identified": "#00856A", "with the record": "#1F4E9E", "as the record": "#8A8A8A", "wide": "#B87700",
    "at least": "#9C3D88", "at most": "#4B3B2A", "not separated": "#C8390B",
}  # fmt: skip
LOW, HIGH = 0.01, 100.0  # of an interval over the record's value; what lies beyond is cut at the frame


def constants_chart(points: pd.DataFrame, lines: pd.DataFrame, intervals: pd.DataFrame, *, of: str) -> Any:
    """`points`: concentration (nM), hours, condition, value (over the untreated). `lines`: the same but fitted.
    `intervals`: constant, verdict, value, low, high, record_low, record_high, all over the record's value, NaN where
    open. `of` is what the axis says."""
    import altair as alt

    hours = [f"{h:g} h" for h in sorted(set(points["hours"]))]
    conditions = list(dict.fromkeys(points["condition"]))
    scale = alt.Scale(domain=hours, range=[TIMES[i % len(TIMES)] for i in range(len(hours))])
    colour = alt.Color("time:N", scale=scale, legend=alt.Legend(orient="top", symbolType="circle"))
    every = points["concentration"]
    x = dose_axis(float(every.min()) / 1.3, float(every.max()) * 1.3, "drug")
    top = max(1.15, 1.05 * float(points["value"].max()))
    y = alt.Y("value:Q", scale=alt.Scale(domain=[min(0.0, float(points["value"].min())), top], nice=False),
              axis=alt.Axis(title=of, tickCount=6))  # fmt: skip
    shape = alt.Shape("condition:N", scale=alt.Scale(domain=conditions), legend=None if len(conditions) < 2 else
                      alt.Legend(orient="top"))  # fmt: skip
    tips = ["time:N", "condition:N", alt.Tooltip("concentration:Q", title="nM", format=".3g"),
            alt.Tooltip("value:Q", format=".3g")]  # fmt: skip
    named = points.assign(time=[f"{h:g} h" for h in points["hours"]])
    drawn = lines.assign(time=[f"{h:g} h" for h in lines["hours"]])
    curve = alt.Chart(inline(drawn)).mark_line(strokeWidth=2.2).encode(x, y, colour)
    wells = alt.Chart(inline(named)).mark_point(filled=True, size=34, opacity=0.75)
    left = alt.layer(curve, wells.encode(x, y, colour, shape, tooltip=tips)).properties(width=440, height=280)
    return themed(alt.hconcat(left, _intervals(intervals), spacing=34).resolve_scale(color="independent"))


def _intervals(table: pd.DataFrame) -> Any:
    import altair as alt

    cut = table.fillna({"low": LOW, "high": HIGH, "record_low": 1.0, "record_high": 1.0})
    cut = cut.assign(**{c: cut[c].clip(LOW, HIGH) for c in ("low", "high", "value", "record_low", "record_high")})
    scale = alt.Scale(type="log", domain=[LOW, HIGH], nice=False)
    ticks = alt.Axis(values=[0.01, 0.1, 1, 10, 100], labelExpr="format(datum.value, '~g')")
    shown = [word for word in VERDICTS if word in set(cut["verdict"])]
    colour = alt.Color("verdict:N", scale=alt.Scale(domain=shown, range=[VERDICTS[w] for w in shown]),
                       legend=alt.Legend(orient="top", symbolType="circle", columns=3))  # fmt: skip
    y = alt.Y("constant:N", sort=list(cut["constant"]), title=None,
              axis=alt.Axis(ticks=False, domain=False, grid=False, labelFontSize=12))  # fmt: skip
    base = alt.Chart(inline(cut)).encode(y=y)
    title = "over the record's value"
    bar = base.mark_bar(height=16, color=RECORD).encode(
        alt.X("record_low:Q", scale=scale, axis=ticks, title=title), alt.X2("record_high:Q"))  # fmt: skip
    one = alt.Chart(inline([{"at": 1.0}])).mark_rule(color=INK, strokeDash=[3, 3]).encode(alt.X("at:Q", scale=scale))
    line = base.mark_rule(strokeWidth=2.4).encode(alt.X("low:Q", scale=scale), alt.X2("high:Q"), color=colour)
    dot = base.transform_filter("isValid(datum.value)").mark_point(filled=True, size=70, opacity=1)
    layers = alt.layer(bar, one, line, dot.encode(alt.X("value:Q", scale=scale), color=colour))
    head = alt.Title("95 % intervals", subtitle="grey: what the record held before", subtitleColor=QUIET)
    return layers.properties(width=380, height=alt.Step(42), title=head)
