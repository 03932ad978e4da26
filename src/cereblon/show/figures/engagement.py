"""Target engagement: displacement curves, what is made of their IC50, binding capacity, and the ternary signal."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import frame, heading, inline, key, label, share_axis, side_by_side
from cereblon.show.figures.theme import INK, QUIET, colours, decades, dose_axis, name, themed

if TYPE_CHECKING:
    import pandas as pd

METHODS = {"naive": "IC50 itself", "Cheng_Prusoff": "Cheng-Prusoff", "exact": "with depletion"}
SHAPES = ("diamond", "triangle-up", "circle")
READINGS = {"Kd": "apparent affinity", "competent": "closed occupancy"}
BAND = "#E6E6E6"


def displacement_chart(table: pd.DataFrame, affinities: pd.DataFrame, *, assumed: Collection[str] = ()) -> Any:
    """A column per assay: tracer still held over total glue above, and below the affinity that each analysis finds.

    `table`: compound, assay, concentration (nM, total), left (share of the tracer held without glue). `affinities`:
    compound, assay, method (of `METHODS`, or "put in"), Kd (nM).
    """
    import altair as alt

    compounds, assays = list(dict.fromkeys(table["compound"])), list(dict.fromkeys(table["assay"]))
    shown = key(compounds, assumed)
    low, high = float(table["concentration"].min()), float(table["concentration"].max())
    charts = []
    for assay in assays:
        part = table[table["assay"] == assay][["compound", "concentration", "left"]].rename(columns={"left": "value"})
        y = share_axis("tracer held, of that without glue" if assay == assays[0] else "")
        tips = [alt.Tooltip("label:N", title="compound"), alt.Tooltip("concentration:Q", title="nM", format=".3g"),
                alt.Tooltip("value:Q", title="held", format=".1%")]  # fmt: skip
        charts.append(frame(part, dose_axis(low, high, "total glue"), y, shown, assumed=assumed, width=400, height=210,
                            title=name(assay), tooltip=tips))  # fmt: skip
    charts += [_affinities(affinities[affinities["assay"] == assay], assay == assays[0], assumed) for assay in assays]
    return themed(side_by_side(charts, len(assays)))


def _affinities(table: pd.DataFrame, first: bool, assumed: Collection[str]) -> Any:
    import altair as alt

    compounds = list(dict.fromkeys(table["compound"]))
    names = [label(c, assumed) for c in compounds]
    rows = table.assign(label=[label(c, assumed) for c in table["compound"]]).dropna(subset=["Kd"])
    rows = rows.assign(said=[METHODS.get(m, m) for m in rows["method"]])
    span = decades(*_around(rows["Kd"]))
    found_at = alt.Axis(values=span, title="affinity found (nM)", labelExpr="format(datum.value, ',')")
    x = alt.X("Kd:Q", scale=alt.Scale(type="log", domain=[span[0], span[-1]], nice=False), axis=found_at)
    axis = alt.Axis(labels=first, title=None, ticks=False, domain=False, grid=True, labelFontSize=12)
    y = alt.Y("label:N", sort=names, axis=axis, scale=alt.Scale(domain=names))
    colour = alt.Color("label:N", scale=alt.Scale(domain=names, range=list(colours(compounds).values())), legend=None)
    put_in = alt.Chart(inline(rows[rows["method"] == "put in"][["label", "Kd"]]))
    ticks = put_in.mark_tick(thickness=2.5, size=20, color=INK).encode(x, y)
    shape = alt.Shape(
        "said:N", scale=alt.Scale(domain=list(METHODS.values()), range=list(SHAPES)), sort=list(METHODS.values()),
        legend=alt.Legend(orient="bottom", title="tick: put in", symbolFillColor=INK, symbolStrokeColor=INK,
                          titleFontSize=12, titleFontWeight="normal"),
    )  # fmt: skip
    found = alt.Chart(inline(rows[rows["method"] != "put in"][["label", "said", "Kd"]]))
    tips = [alt.Tooltip("label:N", title="compound"), alt.Tooltip("said:N", title="by"),
            alt.Tooltip("Kd:Q", title="nM", format=".3g")]  # fmt: skip
    marks = found.mark_point(filled=True, size=80, opacity=0.9).encode(x, y, color=colour, shape=shape, tooltip=tips)
    return alt.layer(ticks, marks).properties(width=400, height=26 * len(names))


def _around(values: Any) -> tuple[float, float]:
    """The decades that hold these numbers."""
    import math

    low, high = float(values.min()), float(values.max())
    return 10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(high))


def capacity_chart(table: pd.DataFrame, *, band: Sequence[float] = (), assumed: Collection[str] = ()) -> Any:
    """Ratios with their intervals, a frame per reading and concentration, a row per glue compared with.

    `table`: compound, versus, reading (of `READINGS`), concentration (nM; NaN for affinity), ratio, low, high. `band`
    is what was claimed, drawn grey.
    """
    import altair as alt

    low, high = _around(table[["low", "high"]].fillna(1.0).stack())
    scale = alt.Scale(type="log", domain=[min(low, 1.0), high], nice=False)
    rows = table.assign(
        label=[label(v, assumed) for v in table["versus"]],
        row=[
            READINGS["Kd"] if c != c else f"{READINGS['competent']}, {_free(c)}"
            for c in table["concentration"]
        ],
    )
    order, names = list(dict.fromkeys(rows["row"])), list(dict.fromkeys(rows["label"]))
    versus = list(dict.fromkeys(rows["versus"]))
    axis = alt.Axis(values=decades(min(low, 1.0), high), labelExpr="format(datum.value, ',')",
                    title=f"{name(table['compound'].iloc[0])}, times the other glue")  # fmt: skip
    x = alt.X("ratio:Q", scale=scale, axis=axis)
    bare = alt.Axis(title=None, ticks=False, domain=False, labelLimit=260, labelFontSize=12)
    y = alt.Y("row:N", sort=order, axis=bare)
    offset = alt.YOffset("label:N", sort=names)
    colour = alt.Color("label:N", sort=names, scale=alt.Scale(domain=names, range=list(colours(versus).values())),
                       legend=alt.Legend(orient="top", symbolType="circle"))  # fmt: skip
    base = alt.Chart(inline(rows[["label", "row", "ratio", "low", "high"]]))
    tips = [alt.Tooltip("label:N", title="over"), alt.Tooltip("row:N", title="reading"),
            alt.Tooltip("ratio:Q", format=".3g"), alt.Tooltip("low:Q", format=".3g"),
            alt.Tooltip("high:Q", format=".3g")]  # fmt: skip
    layers = []
    if len(band):
        claimed = alt.Chart(inline([{"low": band[0], "high": band[1]}]))
        layers.append(claimed.mark_rect(fill=BAND).encode(x=alt.X("low:Q", scale=scale), x2="high:Q"))
    layers.append(alt.Chart(inline([{"one": 1.0}])).mark_rule(color=QUIET, strokeDash=[2, 3]).encode(
        x=alt.X("one:Q", scale=scale)))  # fmt: skip
    layers.append(base.mark_rule(strokeWidth=2).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q", y=y, yOffset=offset, color=colour))  # fmt: skip
    dots = base.mark_point(filled=True, size=75, opacity=1)
    layers.append(dots.encode(x, y, yOffset=offset, color=colour, tooltip=tips))
    chart = alt.layer(*layers).properties(width=460, height=46 * len(order))
    if len(band):
        words = f"grey: claimed, {band[0]:g} to {band[1]:g} times; dotted: alike"
        chart = chart.properties(title=alt.Title(words, fontSize=11.5, color=QUIET, fontWeight="normal"))
    return themed(chart)


def _free(concentration: float) -> str:
    """A free concentration in words."""
    return "all cereblon filled" if concentration >= 1e5 else f"{concentration:g} nM free"


def ternary_chart(table: pd.DataFrame, *, assumed: Collection[str] = ()) -> Any:
    """A column per assay and protein: the proximity signal over its own floor, and the bivalent comparator's, dashed.

    `table`: compound, of, assay, concentration (nM), signal, bivalent, bottom.
    """
    import altair as alt

    compounds = list(dict.fromkeys(table["compound"]))
    shown = key(compounds, assumed)
    low, high = float(table["concentration"].min()), float(table["concentration"].max())
    frames = list(dict.fromkeys(zip(table["assay"], table["of"], strict=True)))
    charts = []
    for assay, of in frames:
        part = table[(table["assay"] == assay) & (table["of"] == of)]
        part = part.assign(value=part["signal"] / part["bottom"], other=part["bivalent"] / part["bivalent"].min())
        top = 1.08 * float(part[["value", "other"]].max().max())
        title = "signal, times that without a drug" if (assay, of) == frames[0] else ""
        y = alt.Y("value:Q", scale=alt.Scale(domain=[0, top], nice=False), axis=alt.Axis(title=title, tickCount=6))
        x = dose_axis(low, high, "drug")
        tips = [alt.Tooltip("label:N", title="compound"), alt.Tooltip("concentration:Q", title="nM", format=".3g"),
                alt.Tooltip("value:Q", title="signal", format=".3g")]  # fmt: skip
        lines = frame(part[["compound", "concentration", "value"]], x, y, shown, assumed=assumed, width=400, height=250,
                      tooltip=tips)  # fmt: skip
        one = part[part["compound"] == part["compound"].iloc[0]][["concentration", "other"]]
        hook = alt.Chart(inline(one.rename(columns={"other": "value"})))
        dashed = hook.mark_line(color=INK, strokeWidth=1.8, strokeDash=[5, 3], clip=True).encode(x, y)
        peak = one.loc[one["other"].idxmax()]
        words = alt.Chart(inline([{"concentration": peak["concentration"], "value": peak["other"]}])).mark_text(
            text="a bivalent degrader", dy=20, fontSize=11.5, color=INK, fontStyle="italic"
        )
        both = alt.layer(lines, dashed, words.encode(x, y)).properties(width=400, height=250)
        charts.append(both.properties(title=heading(f"{name(of)}, {name(assay)}")))
    return themed(side_by_side(charts, min(2, len(charts))))


