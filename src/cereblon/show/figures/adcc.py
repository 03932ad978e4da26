"""ADCC: lysis over antibody, over E:T and over the time of pre-incubation; every arm beside the others.

A solid line is percent cytotoxicity by LDH, as a plate shows it; a dotted one the share of targets that effectors took.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.degradation import written
from cereblon.show.figures.lines import heading, inline, side_by_side
from cereblon.show.figures.theme import QUIET, colours, decades, name, themed

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT = 290, 210
SERIES = {
    "antibody": "antibody (nM)",
    "ratio": "PBMC per target (E:T)",
    "preincubation": "targets with the glue before (h)",
}
READ_OUTS = {"taken": "taken by effectors", "annexin": "annexin-positive", "viability": "viable, of all targets"}
FALL = 3.0  # points of percent below the highest
PLAIN = "#5B5B5B"  # the arm without a glue


def adcc_chart(table: pd.DataFrame) -> Any:
    """A column per series, a row per level of dexamethasone, a line per glue.

    `table`: series, compound ("" without a glue), dexamethasone, antibody (nM), ratio, preincubation (h), cytotoxicity
    (percent), taken (share), antibody_name.
    """
    curves = table[table["series"] != "arms"]
    compounds = list(dict.fromkeys(curves["compound"]))
    antibody = name(curves["antibody_name"].iloc[0])
    names = {c: f"{name(c)} + {antibody}" if c else f"{antibody} alone" for c in compounds}
    levels = sorted(set(curves["dexamethasone"]))
    charts = []
    for level in levels:
        for series, title in SERIES.items():
            part = curves[(curves["series"] == series) & (curves["dexamethasone"] == level)]
            first = series == next(iter(SERIES))
            beside = f"{written(level)} dexamethasone" if level else "no steroid" if len(levels) > 1 else ""
            charts.append(
                _frame(part, series, title.replace("antibody", antibody), names, beside if first else "", first)
            )
    note = _note(_read_out(curves))
    return themed(side_by_side(charts, len(SERIES)).properties(title=note))


def _frame(part: pd.DataFrame, series: str, title: str, names: Mapping[str, str], head: str, first: bool) -> Any:
    import altair as alt

    points = part[["compound", series, "cytotoxicity", "taken"]].assign(label=[names[c] for c in part["compound"]])
    points = points.rename(columns={series: "x", "cytotoxicity": "value"}).assign(took=100 * part["taken"])
    low, high = float(points["x"].min()), float(points["x"].max())
    if series == "preincubation":
        x = alt.X("x:Q", scale=alt.Scale(domain=[low, high], nice=False),
                  axis=alt.Axis(title=title, values=sorted(set(points["x"])), labelFlush=False))  # fmt: skip
    else:
        ticks = decades(low, high) if high / low > 200 else sorted(set(points["x"]))
        axis = alt.Axis(title=title, values=ticks, labelExpr="format(datum.value, '~g')", labelFlush=False)
        x = alt.X("x:Q", scale=alt.Scale(type="log", domain=[low, high], nice=False), axis=axis)
    axis = alt.Axis(title="lysed (%)" if first else "", tickCount=6)
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, 100], nice=False), axis=axis)
    shown = _key(names)
    fields = {"x": title, "value": "% by LDH", "took": "% taken by effectors"}
    tips = [alt.Tooltip("label:N", title="arm")]
    tips += [alt.Tooltip(f"{field}:Q", title=said, format=".3g") for field, said in fields.items()]
    data = inline(points.drop(columns=["compound", "taken"]))
    by_LDH = (
        alt.Chart(data)
        .mark_line(strokeWidth=2.2, point=alt.OverlayMarkDef(size=24))
        .encode(x, y, **shown, tooltip=tips)
    )
    took = (
        alt.Chart(data).mark_line(strokeWidth=1.6, strokeDash=[2, 3]).encode(x, alt.Y("took:Q"), **shown, tooltip=tips)
    )
    chart = alt.layer(took, by_LDH).properties(width=WIDTH, height=HEIGHT)
    return chart.properties(title=heading(head)) if head else chart


def _key(names: Mapping[str, str]) -> Mapping[str, Any]:
    import altair as alt

    table = {"": PLAIN} | colours([c for c in names if c])
    legend = alt.Legend(orient="top", columns=4, symbolType="stroke", symbolOpacity=1)
    scale = alt.Scale(domain=list(names.values()), range=[table[c] for c in names])
    return {"color": alt.Color("label:N", scale=scale, legend=legend, sort=list(names.values()))}


def arms_chart(table: pd.DataFrame) -> Any:
    """A column per read-out, a row per arm; filled with PBMC, hollow without, a bar where an interval is known.

    `table`: arm, compound, dexamethasone, PBMC (bool), read_out, value, low, high.
    """
    import altair as alt

    arms: Sequence[str] = list(dict.fromkeys(table["arm"]))
    compounds = list(dict.fromkeys(table["compound"]))
    shade = {"": PLAIN} | colours([c for c in compounds if c])
    charts = []
    for read_out, title in READ_OUTS.items():
        part = table[table["read_out"] == read_out]
        part = part.assign(colour=[shade[c] for c in part["compound"]], fill=[shade[c] if p else "white" for c, p in
                           zip(part["compound"], part["PBMC"], strict=True)])  # fmt: skip
        first = read_out == next(iter(READ_OUTS))
        y = alt.Y("arm:N", sort=arms, axis=alt.Axis(title=None, labels=first, ticks=False, domain=False, grid=True,
                  labelLimit=360, labelPadding=12))  # fmt: skip
        scale = alt.Scale(domain=[0, 1], nice=False)
        x = alt.X("value:Q", scale=scale, axis=alt.Axis(format="%", title=title, values=[0, 0.25, 0.5, 0.75, 1]))
        tips = [alt.Tooltip("arm:N"), *(alt.Tooltip(f"{n}:Q", format=".3g") for n in ("value", "low", "high"))]
        colour = alt.Color("colour:N", scale=None)
        known = part[part["low"].notna()]
        base = alt.Chart(inline(part.drop(columns="PBMC")))
        dots = base.mark_point(size=85, opacity=1, strokeWidth=2).encode(
            x, y, stroke=alt.Stroke("colour:N", scale=None), fill=alt.Fill("fill:N", scale=None), tooltip=tips
        )
        layers = [dots]
        if len(known):
            bars = alt.Chart(inline(known.drop(columns="PBMC"))).mark_rule(strokeWidth=2, opacity=0.5)
            layers.insert(0, bars.encode(alt.X("low:Q", scale=scale), y, x2="high:Q", color=colour, tooltip=tips))
        charts.append(alt.layer(*layers).properties(width=200, height=30 * len(arms)))
    note = _note("filled with PBMC, hollow without")
    return themed(alt.concat(*charts, columns=len(READ_OUTS), spacing=18).properties(title=note))


def _read_out(curves: pd.DataFrame) -> str:
    """What solid and dotted are; and, where it happens, why LDH falls although effectors take as many."""
    said, some = "solid: by LDH; dotted: taken by effectors", curves[curves["series"] == "preincubation"]
    for _, arm in some.groupby(["compound", "dexamethasone"], sort=False):
        if arm["cytotoxicity"].max() - arm["cytotoxicity"].iloc[-1] > FALL:
            return (
                f"{said}. Right: LDH falls where the glue alone killed targets before, for they are in the controls "
                "that it is counted against"
            )
    return said


def _note(text: str) -> Any:
    import altair as alt

    return alt.Title(text, fontSize=11.5, color=QUIET, fontWeight="normal", anchor="middle")
