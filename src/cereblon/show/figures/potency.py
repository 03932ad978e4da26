"""Where potency comes from: the decomposition, the law of depth and potency, and the selectivity panel."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline, label
from cereblon.show.figures.theme import INK, MARK, QUIET, UNKNOWN, colours, decades, name, themed

if TYPE_CHECKING:
    import pandas as pd

TOTAL, SIMULATED = "total", "simulated"


def decomposition_chart(table: pd.DataFrame, *, reference: str, assumed: Collection[str] = ()) -> Any:
    """Small multiples: a column of bars per factor, and their sum.

    `table`: compound, factor (in the order shown; the last is "total"), log10 (more potent than `reference` is
    positive).
    """
    import altair as alt

    compounds = [c for c in dict.fromkeys(table["compound"]) if c != reference]
    names = [label(c, assumed) for c in compounds]
    data = table[table["compound"].isin(compounds)].assign(
        label=lambda t: [label(c, assumed) for c in t["compound"]],
        fold=lambda t: [_fold(v) for v in t["log10"]],
        edge=lambda t: t["log10"].clip(lower=0),
    )
    low, high = min(0.0, float(data["log10"].min())), max(0.0, float(data["log10"].max()))
    low, high = low - 0.12 * (high - low), high + 0.42 * (high - low)
    factors = list(dict.fromkeys(data["factor"]))
    charts = []
    for i, factor in enumerate(factors):
        part = data[data["factor"] == factor][["label", "log10", "fold", "edge"]]
        base = alt.Chart(inline(part))
        axis = alt.Axis(labels=i == 0, ticks=False, domain=False, title=None, labelLimit=150, labelFontSize=12)
        y = alt.Y("label:N", sort=names, axis=axis, scale=alt.Scale(domain=names, paddingInner=0.35))
        x = alt.X(
            "log10:Q",
            scale=alt.Scale(domain=[low, high], nice=False),
            axis=alt.Axis(title="log10 fold" if i == 0 else None, tickCount=4, grid=True),
        )
        colour = alt.Color(
            "label:N", scale=alt.Scale(domain=names, range=list(colours(compounds).values())), legend=None
        )
        bars = base.mark_bar(cornerRadiusEnd=2).encode(
            x, y, color=colour, opacity=alt.value(1.0 if factor == TOTAL else 0.6)
        )
        text = base.mark_text(align="left", dx=5, fontSize=11, color=INK).encode(
            alt.X("edge:Q", scale=alt.Scale(domain=[low, high], nice=False)), y, text="fold:N"
        )
        zero = (
            alt.Chart(inline([{"zero": 0}]))
            .mark_rule(color="#888888")
            .encode(alt.X("zero:Q", scale=alt.Scale(domain=[low, high], nice=False)))
        )
        sign = "= " if factor == TOTAL else "× " if i else ""
        title = alt.Title(f"{sign}{factor}", fontSize=12.5, anchor="start", offset=6)
        charts.append(alt.layer(bars, zero, text).properties(width=118, height=30 * len(names), title=title))
    return themed(alt.hconcat(*charts, spacing=14))


def _fold(log10: float) -> str:
    if log10 != log10:
        return ""
    fold = 10**log10
    return f"×{fold:.0f}" if fold >= 10 else f"×{fold:.2g}"


def law_chart(table: pd.DataFrame, *, assumed: Collection[str] = ()) -> Any:
    """Dmax = 1 - DC50/Kd on logarithmic axes: what is left at saturation against how far DC50 lies below Kd.

    `table`: compound, kind ("law" or "simulated"), Kd, DC50 (half effect, steady state; nM), Dmax.
    """
    import altair as alt

    data = table.assign(
        gain=table["Kd"] / table["DC50"], left=1 - table["Dmax"], label=[label(c, assumed) for c in table["compound"]]
    )
    data = data[(data["gain"] > 0) & (data["left"] > 0)]
    reach = float(max(data["gain"].max(), 1 / data["left"].min())) * 2
    top = 10.0 ** _ceiling(reach)
    least = min(1.0, float(data["gain"].min()) * 0.75)
    ticks = [t for d in decades(1, top) for t in (d, 3 * d) if t <= top]
    x = alt.X(
        "gain:Q",
        scale=alt.Scale(type="log", domain=[least, top], nice=False),
        axis=alt.Axis(values=ticks, title="Kd / DC50: how far potency outruns affinity", format="~g"),
    )
    shares = [1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]
    y = alt.Y(
        "left:Q",
        scale=alt.Scale(type="log", domain=[1 / top, 1], nice=False),
        axis=alt.Axis(values=[s for s in shares if s >= 1 / top], format="~%", title="left at saturation: 1 − Dmax"),
    )
    line = (
        alt.Chart(inline([{"gain": 1, "left": 1}, {"gain": top, "left": 1 / top}]))
        .mark_line(color="#999999", strokeWidth=1.5)
        .encode(x, y)
    )
    compounds = list(dict.fromkeys(data["compound"]))
    colour = alt.Color(
        "label:N",
        scale=alt.Scale(domain=[label(c, assumed) for c in compounds], range=list(colours(compounds).values())),
        legend=None,
    )
    shape = alt.Shape("kind:N", scale=alt.Scale(domain=["law", SIMULATED], range=["circle", "diamond"]), legend=None)
    wanted = ["label", "kind", "gain", "left"]
    tips = [
        alt.Tooltip("label:N", title="compound"),
        "kind:N",
        alt.Tooltip("gain:Q", title="Kd/DC50", format=".3g"),
        alt.Tooltip("left:Q", title="left", format=".2%"),
    ]
    hollow = (
        alt.Chart(inline(data[data["kind"] == "law"][wanted]))
        .mark_point(size=150, strokeWidth=2, fill="white", opacity=1)
        .encode(x, y, color=colour, shape=shape, tooltip=tips)
    )
    full = (
        alt.Chart(inline(data[data["kind"] == SIMULATED][wanted]))
        .mark_point(size=110, filled=True, opacity=1)
        .encode(x, y, color=colour, shape=shape, tooltip=tips)
    )
    words = (
        alt.Chart(inline(data[data["kind"] == "law"][wanted]))
        .mark_text(align="left", dx=13, dy=-9, fontSize=11.5, fontWeight="bold")
        .encode(x, y, text="label:N", color=colour)
    )
    note = (
        alt.Chart(inline([{"gain": top**0.5, "left": top**-0.5}]))
        .mark_text(align="right", dx=-12, dy=14, fontSize=11.5, color=QUIET, fontStyle="italic")
        .encode(x, y, text=alt.value("Dmax = 1 − DC50/Kd"))
    )
    said = [("law", "from the law (linear regime)"), (SIMULATED, "simulated")]
    signs = [
        {"gain": top**0.56, "left": top ** -(0.06 + 0.07 * i), "kind": k, "said": t} for i, (k, t) in enumerate(said)
    ]
    sign = alt.Chart(inline(signs))
    signed = [
        sign.transform_filter(f"datum.kind == '{kind}'")
        .mark_point(size=120, strokeWidth=2, stroke=INK, fill="white" if kind == "law" else INK, opacity=1)
        .encode(x, y, shape=shape)
        for kind, _ in said
    ] + [sign.mark_text(align="left", dx=12, fontSize=11.5, color=INK).encode(x, y, text="said:N")]
    return themed(alt.layer(line, note, hollow, full, words, *signed).properties(width=520, height=360))


def _ceiling(reach: float) -> float:
    import math

    return math.ceil(math.log10(reach) * 2) / 2


def panel_chart(
    table: pd.DataFrame,
    *,
    native: Sequence[str] = (),
    assumed: Collection[str] = (),
    constants: Collection[tuple[str, str]] = (),
) -> Any:
    """A heat map: what is left of each protein under each glue.

    `table`: compound, protein, remaining (share of the drug-free level; NaN where nothing is known), status (said
    in the cell where there is no number). `native` proteins stand last, under a line. `constants` are the pairs of
    compound and protein whose recruitment is assumed.
    """
    import altair as alt

    compounds = list(dict.fromkeys(table["compound"]))
    proteins = sorted(dict.fromkeys(table["protein"]), key=lambda p: p in native)
    data = table.assign(
        label=[label(c, assumed) for c in table["compound"]],
        row=[_protein(p, native) for p in table["protein"]],
        said=[
            f"{left:.0%} {MARK}" if (c, p) in constants else f"{left:.0%}"
            for c, p, left in zip(table["compound"], table["protein"], table["remaining"], strict=True)
        ],
    )
    known, unknown = data[data["remaining"].notna()], data[data["remaining"].isna()]
    names, order = [label(c, assumed) for c in compounds], [_protein(p, native) for p in proteins]
    x = alt.X(
        "label:N",
        sort=names,
        scale=alt.Scale(domain=names, paddingInner=0.04),
        axis=alt.Axis(
            orient="top", labelAngle=0, title=None, ticks=False, domain=False, labelFontSize=12, labelLimit=140
        ),
    )
    y = alt.Y(
        "row:N",
        sort=order,
        scale=alt.Scale(domain=order, paddingInner=0.06),
        axis=alt.Axis(title=None, ticks=False, domain=False, labelFontSize=12, labelLimit=170),
    )
    ramp = alt.Scale(domain=[0, 0.5, 1, 1.6], range=["#7F2704", "#F0955A", "#F7F7F7", "#6BAED6"], clamp=True)
    legend = alt.Legend(
        title="left of the drug-free level",
        format="%",
        orient="bottom",
        direction="horizontal",
        gradientLength=320,
        gradientThickness=12,
        titleFontSize=12,
        values=[0, 0.25, 0.5, 0.75, 1, 1.5],
    )
    wanted = ["label", "row", "remaining", "status", "said"]
    cells = (
        alt.Chart(inline(known[wanted]))
        .mark_rect(stroke="white")
        .encode(
            x,
            y,
            color=alt.Color("remaining:Q", scale=ramp, legend=legend),
            tooltip=["label:N", "row:N", alt.Tooltip("remaining:Q", format=".1%")],
        )
    )
    text = (
        alt.Chart(inline(known[wanted]))
        .mark_text(fontSize=12)
        .encode(
            x,
            y,
            text="said:N",
            color=alt.condition("datum.remaining < 0.35", alt.value("white"), alt.value(INK)),
        )
    )
    layers = [cells, text]
    if len(unknown):
        grey = alt.Chart(inline(unknown[wanted]))
        layers += [
            grey.mark_rect(fill=UNKNOWN, stroke="white").encode(x, y, tooltip=["label:N", "row:N", "status:N"]),
            grey.mark_text(fontSize=20, color="#BDBDBD").encode(x, y, text=alt.value("╱ ╱ ╱ ╱ ╱ ╱")),
            grey.mark_text(fontSize=11, color=INK, fontStyle="italic", stroke=UNKNOWN, strokeWidth=6).encode(
                x, y, text="status:N"
            ),
            grey.mark_text(fontSize=11, color=INK, fontStyle="italic").encode(x, y, text="status:N"),
        ]
    return themed(alt.layer(*layers).properties(width=118 * len(names), height=40 * len(order)))


def _protein(protein: str, native: Collection[str]) -> str:
    return f"{name(protein)} (native)" if protein in native else name(protein)


def with_status(panel: pd.DataFrame) -> pd.DataFrame:
    """The table of a selectivity panel with a short `status` for the cells that have no number."""
    short = [
        "" if left == left else str(note).split(":")[0].replace("no constant on record", "unknown")
        for note, left in zip(panel["note"], panel["remaining"], strict=True)
    ]
    return panel.assign(status=short)
