"""Experiments in wells: washout and recovery, controls of degradation, IC50 by line, serum shift."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.degradation import written
from cereblon.show.figures.lines import frame, heading, inline, key, label, share_axis
from cereblon.show.figures.theme import INK, QUIET, UNKNOWN, colours, decades, name, themed

if TYPE_CHECKING:
    import pandas as pd


def washout_chart(table: pd.DataFrame, *, assumed: Collection[str] = ()) -> Any:
    """A column per protein: washed at the grey line, whole; with the drug left in, pale and dashed.

    `table`: compound, of, concentration (nM), removed (h), hours, remaining, kept.
    """
    import altair as alt

    given = zip(table["compound"], table["concentration"], strict=True)
    rows = table.assign(line=[f"{name(c)}, {_concentration(n)}" for c, n in given])
    lines = rows.drop_duplicates("line")
    last = float(rows["hours"].max()) / 24
    x = alt.X("days:Q", scale=alt.Scale(domain=[0, last], nice=False), axis=alt.Axis(title="time (d)", tickCount=8))
    shade = alt.Color(
        "line:N",
        sort=list(lines["line"]),
        scale=alt.Scale(domain=list(lines["line"]), range=[colours([c])[c] for c in lines["compound"]]),
        legend=alt.Legend(orient="top", columns=4, symbolType="stroke", symbolOpacity=1),
    )
    charts = []
    for of in dict.fromkeys(rows["of"]):
        part = rows[rows["of"] == of].assign(days=lambda t: t["hours"] / 24)
        y = share_axis(f"{name(of)} left")
        layers = [
            alt.Chart(inline([{"days": at / 24} for at in dict.fromkeys(part["removed"])]))
            .mark_rule(color=QUIET, strokeWidth=1.2)
            .encode(x)
        ]
        for column, mark in (("kept", {"strokeDash": [4, 3], "opacity": 0.5}), ("remaining", {"strokeWidth": 2.4})):
            some = part[["line", "days", column]].rename(columns={column: "value"})
            tips = [alt.Tooltip("line:N", title="drug"), alt.Tooltip("days:Q", format=".2f"),
                    alt.Tooltip("value:Q", title="left", format=".1%")]  # fmt: skip
            layers.append(alt.Chart(inline(some)).mark_line(clip=True, **mark).encode(x, y, color=shade, tooltip=tips))
        charts.append(alt.layer(*layers).properties(width=460, height=250, title=heading(name(of))))
    return themed(alt.concat(*charts, columns=2).resolve_scale(color="shared"))


def controls_chart(table: pd.DataFrame) -> Any:
    """A frame per compound, a bar per control: what is left with the glue; the tick is what is left without it.

    `table`: compound, of, at, concentration (nM), control, without, with_glue, blocked, verdict.
    """
    import altair as alt

    order = list(dict.fromkeys(table["control"]))
    charts = []
    frames = dict.fromkeys(zip(table["compound"], table["concentration"], strict=True))
    for i, (compound, concentration) in enumerate(frames):
        part = table[(table["compound"] == compound) & (table["concentration"] == concentration)]
        judged = zip(part["control"], part["verdict"], part["blocked"], strict=True)
        rows = part.assign(
            row=["glue alone" if c == "none" else c for c in part["control"]],
            said=[v if c == "none" or b != b else f"{v}: {b:.0%}" for c, v, b in judged],
        )[["row", "without", "with_glue", "said"]]
        axis = alt.Axis(format="%", title=f"{name(part['of'].iloc[0])} left", values=[0, 0.25, 0.5, 0.75, 1])
        scale = alt.Scale(domain=[0, 1.05], nice=False)
        x = alt.X("with_glue:Q", scale=scale, axis=axis)
        first = i % 2 == 0
        y = alt.Y("row:N", sort=["glue alone" if c == "none" else c for c in order],
                  axis=alt.Axis(title=None, labels=first, ticks=False, domain=False, grid=False, labelLimit=220,
                                labelFontSize=12))  # fmt: skip
        base = alt.Chart(inline(rows))
        bars = base.mark_bar(size=17, color=colours([compound])[compound], opacity=0.85).encode(x, y)
        ticks = base.mark_tick(color=INK, thickness=2, size=22).encode(alt.X("without:Q", scale=scale, axis=axis), y)
        words = base.mark_text(align="left", dx=8, fontSize=11.5, color=INK).encode(
            alt.X("edge:Q", scale=scale), y, text="said:N"
        ).transform_calculate(edge="1.05")  # fmt: skip
        chart = alt.layer(bars, ticks, words).properties(width=270, height=31 * len(order))
        charts.append(chart.properties(title=heading(f"{name(compound)}, {written(float(f'{concentration:.2g}'))}")))
    return themed(alt.concat(*charts, columns=2, spacing={"column": 125, "row": 24}))


def lines_chart(table: pd.DataFrame, *, assumed: Collection[str] = ()) -> Any:
    """A heat map of IC50: a row per line, a column per glue; grey where it was not reached in the tested range.

    `table`: compound, cell, at, IC50_nM, bound ("> 1e+05 nM" where there is no number).
    """
    import altair as alt

    compounds, cells = list(dict.fromkeys(table["compound"])), list(dict.fromkeys(table["cell"]))
    rows = table.assign(
        label=[label(c, assumed) for c in table["compound"]],
        line=[name(c) for c in table["cell"]],
        said=[_beyond(b) if b else _concentration(v) for v, b in zip(table["IC50_nM"], table["bound"], strict=True)],
    )[["label", "line", "IC50_nM", "said"]]
    names, order = [label(c, assumed) for c in compounds], [name(c) for c in cells]
    top = alt.Axis(orient="top", labelAngle=0, title=None, ticks=False, domain=False, labelFontSize=12, labelLimit=140)
    x = alt.X("label:N", sort=names, axis=top, scale=alt.Scale(domain=names, paddingInner=0.04))
    y = alt.Y("line:N", sort=order, scale=alt.Scale(domain=order, paddingInner=0.06),
              axis=alt.Axis(title=None, ticks=False, domain=False, labelFontSize=12, labelLimit=150))  # fmt: skip
    stops = {0.1: "#7F2704", 10: "#F0955A", 1000: "#F3E3D3", 1e5: "#9DB7D5"}
    ramp = alt.Scale(type="log", domain=list(stops), range=list(stops.values()), clamp=True)
    legend = alt.Legend(
        title=f"IC50 at {table['at'].iloc[0]} (nM)", orient="bottom", direction="horizontal", gradientLength=320,
        gradientThickness=12, titleFontSize=12, values=decades(0.1, 1e5), labelExpr="format(datum.value, ',')",
    )  # fmt: skip
    reached, other = rows[rows["IC50_nM"].notna()], rows[rows["IC50_nM"].isna()]
    cells_of = alt.Chart(inline(reached))
    dark = alt.condition("datum.IC50_nM < 3", alt.value("white"), alt.value(INK))
    layers = [
        cells_of.mark_rect(stroke="white").encode(x, y, color=alt.Color("IC50_nM:Q", scale=ramp, legend=legend)),
        cells_of.mark_text(fontSize=12).encode(x, y, text="said:N", color=dark),
    ]
    if len(other):
        grey = alt.Chart(inline(other))
        layers += [
            grey.mark_rect(fill=UNKNOWN, stroke="white").encode(x, y),
            grey.mark_text(fontSize=11.5, color=INK, fontStyle="italic").encode(x, y, text="said:N"),
        ]
    return themed(alt.layer(*layers).properties(width=104 * len(names), height=34 * len(order)))


def _concentration(value: float) -> str:
    return written(float(f"{value:.3g}"))


def _beyond(bound: str) -> str:
    """A bound as it is said.

    >>> _beyond("> 100000 nM")
    '> 100 µM'
    """
    sign, value, _ = bound.split()
    return f"{sign} {_concentration(float(value))}"


def serum_chart(table: pd.DataFrame, *, assumed: Collection[str] = ()) -> Any:
    """The shift of the IC50 by serum: a line per glue, with the interval of its plasma binding at each share.

    `table`: compound, serum (share), shift, low, high.
    """
    import altair as alt

    compounds = list(dict.fromkeys(table["compound"]))
    shown = key(compounds, assumed)
    top = 1.05 * float(table[["shift", "high"]].max().max())
    axis = alt.Axis(format="%", title="serum in the medium", values=sorted(set(table["serum"])))
    spread = max(0.02, 0.03 * float(table["serum"].max()))
    low, high = float(table["serum"].min()), float(table["serum"].max())
    ends = [max(0.0, low - 2 * spread), high + 4 * spread]
    x = alt.X("serum:Q", axis=axis, scale=alt.Scale(domain=ends, nice=False))
    scale = alt.Scale(domain=[0, top], nice=False)
    y = alt.Y("value:Q", scale=scale, axis=alt.Axis(title="IC50, times that in the record's serum"))
    part = table.rename(columns={"shift": "value"})
    # neighbours side by side, so that intervals do not hide each other
    apart = {c: (i - (len(compounds) - 1) / 2) * spread / 2 for i, c in enumerate(compounds)}
    part = part.assign(serum=[s + apart[c] for c, s in zip(part["compound"], part["serum"], strict=True)])
    lines = frame(part[["compound", "serum", "value"]], x, y, shown, assumed=assumed, width=380, height=270)
    bars = alt.Chart(inline(part.assign(label=[label(c, assumed) for c in part["compound"]])))
    lower = alt.Y("low:Q", scale=scale)
    intervals = bars.mark_rule(strokeWidth=1.6, opacity=0.7).encode(x, lower, y2="high:Q", **shown)
    dots = bars.mark_point(filled=True, size=60, opacity=1).encode(x, y, **shown)
    return themed(alt.layer(lines, intervals, dots).properties(width=380, height=270))
