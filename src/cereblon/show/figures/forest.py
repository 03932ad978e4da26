"""The forest plot of the evidence: what was reported, as a grey bar, and what is simulated, as a dot with its interval.

Left, numbers on a logarithm, simulated over reported: a dot on the line of 1 is exact, a dot inside its bar is within
what was reported (or, pale, within the tolerance that stands for a missing range). Right, shares on their own scale;
those that nothing simulates yet stand there as reported.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import INK, QUIET, themed

if TYPE_CHECKING:
    import pandas as pd

COLOURS = {
    "agrees": "#00856A",
    "misses": "#C8390B",
    "uninformative": "#B87700",
    "cannot discriminate": "#1F4E9E",
}
LOW, HIGH = 0.01, 100.0  # of simulated over reported; what lies beyond is cut at the frame
EXACT, TOLERATED = "#BDBDBD", "#E4E4E4"
STEP = 17
FAR = 1e6  # beyond any axis
SHARES = "shares"
MADE = ("set on it", "set in a prototype", "put in")  # bases of what is drawn hollow
KEY = (
    "Grey: what was reported, dark an interval or a range, pale the tolerance around a value without one; the tick is "
    "the value or the middle.",
    "Dot and line: simulated, with its 95 % prediction interval (cut at the frame). Hollow: the number was set on the "
    "row or put in from the record; filled: predicted. Diamond: what a null model says.",
)


def forest_chart(table: pd.DataFrame) -> Any:
    """`table`: label, group (`shares` or other), reported, reported_low, reported_high, interval, simulated,
    simulated_low, simulated_high, null, verdict, basis. Rows stand in the order of the table."""
    import altair as alt

    others, shares = table[table["group"] != SHARES], table[table["group"] == SHARES]
    others = others[(others["reported"] > 0) & others["simulated"].notna()]
    over = others.assign(**{c: others[c] / others["reported"] for c in _PLACES if c in others})
    log = alt.Scale(type="log", domain=[LOW, HIGH], nice=False, clamp=True)
    ticks = alt.Axis(values=[0.01, 0.1, 0.5, 1, 2, 10, 100], labelExpr="format(datum.value, '.3~g')", format="g")
    own = alt.Scale(domain=[0, 1], nice=False, clamp=True)
    left = _panel(over, log, ticks, "simulated over reported", "Potency, affinity, time, plasma level", at=1.0,
                  key=True)  # fmt: skip
    right = _panel(shares, own, alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format="%"), "share", "Shares")
    title = alt.TitleParams("Reported and simulated", subtitle=list(KEY), subtitleColor=QUIET, subtitleFontSize=11.5)
    return themed(alt.hconcat(left, right, spacing=30, title=title))


_PLACES = ("null", "reported_low", "reported_high", "reported", "simulated_low", "simulated_high", "simulated")


def _panel(
    table: pd.DataFrame, scale: Any, axis: Any, title: str, heading: str, *, at: float | None = None, key: bool = False
) -> Any:
    import altair as alt

    order = list(table["label"])
    low, high = scale.domain[0], scale.domain[1]
    ends = {c: table[c].clip(low, high) for c in ("reported_low", "reported_high", "simulated_low", "simulated_high")}
    cut = table.assign(**ends, made=table["basis"].isin(MADE).map({True: "yes", False: "no"}))
    cut = cut[["label", *(c for c in _PLACES if c in cut), "interval", "verdict", "basis", "made"]]
    y = alt.Y("label:N", sort=order, title=None,
              axis=alt.Axis(labelLimit=460, ticks=False, domain=False, labelFontSize=11, grid=False))  # fmt: skip
    base = alt.Chart(inline(cut)).encode(y=y)
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
        legend=alt.Legend(orient="top", symbolType="circle", columns=4) if key else None,
    )
    tooltip = [alt.Tooltip("label:N", title="row"), alt.Tooltip("reported:Q", format=".3g"),
               alt.Tooltip("simulated:Q", format=".3g"), "verdict:N", "basis:N", "interval:N"]  # fmt: skip
    grey = alt.condition("datum.interval == 'tolerance'", alt.value(TOLERATED), alt.value(EXACT))
    layers = []
    if at is not None:
        layers.append(alt.Chart(inline([{"one": at}])).mark_rule(color=INK, strokeDash=[3, 3]).encode(x="one:Q"))
    x = alt.X("reported_low:Q", scale=scale, title=title, axis=axis)
    layers.append(base.mark_bar(height=11).encode(x=x, x2="reported_high:Q", color=grey, tooltip=tooltip))
    layers.append(base.mark_tick(color=INK, thickness=1.5, size=11).encode(x=alt.X("reported:Q", scale=scale)))
    layers.append(base.mark_rule(strokeWidth=2).encode(x=alt.X("simulated_low:Q", scale=scale), x2="simulated_high:Q",
                                                       color=colour))  # fmt: skip
    fill = alt.condition("datum.made == 'yes'", alt.value("white"), colour)
    layers.append(
        base.transform_filter("isValid(datum.simulated)").mark_point(size=55, opacity=1, strokeWidth=2)
        .encode(x=alt.X("simulated:Q", scale=scale), stroke=colour, fill=fill, tooltip=tooltip)
    )  # fmt: skip
    if "null" in cut:
        null = base.transform_filter("isValid(datum.null)").mark_point(shape="diamond", size=34, color=QUIET, opacity=1)
        layers.append(null.encode(x=alt.X("null:Q", scale=scale)))
    layered = alt.layer(*layers)
    return layered.properties(width=380, height=alt.Step(STEP), title=heading)


def report_chart(table: pd.DataFrame, note: str) -> Any:
    """A trial's report beside its replicates: shares, and times in months, each on its own scale.

    `table`: label, group (shares, months), reported, reported_low, reported_high, simulated, simulated_low,
    simulated_high, verdict, basis ("set on it" is drawn hollow). `note` says how many replicates.
    """
    import altair as alt
    import numpy as np

    table = table.assign(interval="reported").replace(math.inf, math.nan)
    beyond = table["simulated_low"].notna() & table["simulated_high"].isna()  # not reached: the line has no end
    table.loc[beyond, "simulated_high"] = FAR
    shares, months = table[table["group"] == SHARES], table[table["group"] == "months"]
    ends = ["reported_high", "simulated_high", "reported", "simulated"]
    known = months[ends].to_numpy()[months[ends].to_numpy() < FAR]
    last = float(known.max()) if known.size else 1.0
    top = min(1.0, 1.05 * float(np.nanmax(shares[ends].to_numpy()))) if len(shares) else 1.0
    charts: list[Any] = []
    for part, high, axis, what in (
        (shares, top, alt.Axis(format="%", tickCount=5), "patients"),
        (months, 1.1 * last, alt.Axis(tickCount=5), "months"),
    ):
        if len(part):
            scale = alt.Scale(domain=[-0.02 * high, high], nice=False, clamp=True)  # a dot at 0 is whole
            charts.append(_panel(part, scale, axis, what, "", key=not charts))
    title = alt.TitleParams("Reported and simulated", subtitle=[*REPORT_KEY, note], subtitleColor=QUIET,
                            subtitleFontSize=11.5)  # fmt: skip
    whole = alt.vconcat(*charts, spacing=14, title=title)
    return themed(whole.resolve_scale(color="independent", fill="independent", stroke="independent"))


REPORT_KEY = (
    "Grey: what was reported, with its exact interval where counts were; the tick is the value or the middle.",
    "Dot and line: mean of the replicates and what 95 % of them show. Hollow: numbers were set on it; filled: "
    "predicted.",
)
