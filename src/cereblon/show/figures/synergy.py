"""Two drugs: what survived at each pair of doses, how much more was taken than a reference expects, and the isobole.

Red is synergy and blue antagonism in every map of excess, white what the reference expects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import heading, inline
from cereblon.show.figures.theme import INK, QUIET, UNKNOWN, name, themed

if TYPE_CHECKING:
    import pandas as pd

SYNERGY, ANTAGONISM = "#B2182B", "#2166AC"
SURVIVAL = "survival"
WIDEST = 470  # pixels of one map
SAID = {"CI": "CI", "CI_median_effect": "CI, median effect"}


def synergy_chart(
    table: pd.DataFrame,
    isobole: pd.DataFrame,
    references: Sequence[str],
    scores: Mapping[str, str],
    *,
    level: float = 0.5,
) -> Any:
    """Survival, the excess over each reference, and the isobole, three beside each other.

    `table`: drug_1, drug_2, dose_1, dose_2, unit_1, unit_2, survival, and `<reference>_excess`; `isobole` as in
    `isobologram_chart`; `scores` is what stands beside a reference's name.
    """
    import altair as alt

    charts = [_map(table, SURVIVAL, "survival, %")]
    charts += [_map(table, one, f"{SAID.get(one, one)}: {scores.get(one, '')}".rstrip(": ")) for one in references]
    charts.append(_isobologram(isobole, table, level))
    return themed(alt.concat(*charts, columns=3, spacing={"row": 26, "column": 30}).resolve_scale(color="independent"))


def beside_chart(
    tables: Mapping[str, pd.DataFrame], references: Sequence[str], scores: Mapping[str, Mapping[str, str]]
) -> Any:
    """A row a matrix (what is said of it -> its table, as in `synergy_chart`): survival and the excesses."""
    import altair as alt

    charts = []
    for said, table in tables.items():
        charts.append(_map(table, SURVIVAL, f"{said}: survival, %"))
        charts += [_map(table, one, f"{said}, {one}: {scores[said].get(one, '')}".rstrip(": ")) for one in references]
    grid = alt.concat(*charts, columns=1 + len(references), spacing={"row": 26, "column": 30})
    return themed(grid.resolve_scale(color="independent"))


def map_chart(table: pd.DataFrame, reference: str, score: str = "") -> Any:
    """One map: `survival`, or the excess over a reference (see `synergy_chart`)."""
    title = f"{SAID.get(reference, reference)}: {score}" if score else SAID.get(reference, reference)
    return themed(_map(table, reference, title))


def _map(table: pd.DataFrame, reference: str, title: str) -> Any:
    import altair as alt

    column, by, digits = f"{reference}_excess", 100.0, 0
    if reference == SURVIVAL:
        column = SURVIVAL
    elif reference.startswith("CI"):
        by, digits = 1.0, 1
    data = table if reference == SURVIVAL else table[(table["dose_1"] > 0) & (table["dose_2"] > 0)]
    data = data.assign(
        value=data[column] * by,
        x=[_dose(d) for d in data["dose_1"]],
        y=[_dose(d) for d in data["dose_2"]],
        said=[_said(v * by, digits) for v in data[column]],
    )
    across, up = ([_dose(d) for d in sorted(set(data[f"dose_{i}"]))] for i in (1, 2))
    size = max(24.0, min(44.0, WIDEST / max(len(across), len(up))))
    titles = [f"{name(d)} ({u})" if u else name(d) for d, u in zip(*_drugs(table), strict=True)]
    axis = alt.Axis(title=titles[0], labelAngle=-40, ticks=False, domain=False)
    x = alt.X("x:N", sort=across, scale=alt.Scale(domain=across), axis=axis)
    axis = alt.Axis(title=titles[1], ticks=False, domain=False)
    y = alt.Y("y:N", sort=up[::-1], scale=alt.Scale(domain=up[::-1]), axis=axis)
    scale, legend, dark = _shades(reference, data["value"])
    key = alt.Legend(
        title=legend, orient="bottom", direction="horizontal", gradientLength=150, gradientThickness=9,
        titleFontSize=11, labelFontSize=10, tickCount=4,
    )  # fmt: skip
    tips = [alt.Tooltip("x:N", title=titles[0]), alt.Tooltip("y:N", title=titles[1])]
    tips.append(alt.Tooltip("value:Q", title=legend, format=".3g"))
    base = alt.Chart(inline(data[["x", "y", "value", "said"]])).encode(x, y)
    blank = base.mark_rect(stroke="#DDDDDD", strokeWidth=0.5, fill=UNKNOWN)
    fill = alt.Color("value:Q", scale=scale, legend=key)
    tiles = base.mark_rect(stroke="#DDDDDD", strokeWidth=0.5).encode(color=fill, tooltip=tips)
    text = base.mark_text(fontSize=11 if size > 36 else 9.5).encode(
        text="said:N", color=alt.condition(dark, alt.value("white"), alt.value(INK))
    )
    part = alt.layer(blank, tiles, text).properties(width=size * len(across), height=size * len(up))
    return part.properties(title=heading(title))


def _shades(reference: str, values: pd.Series) -> tuple[Any, str, str]:
    """The scale of a map's colours, what its legend says, and where the text on it is white."""
    import altair as alt

    if reference == SURVIVAL:
        scale = alt.Scale(domain=[0, 100], range=["#2B3A55", "#F4F1EA"], clamp=True, interpolate="rgb")
        return scale, "% of the untreated", "datum.value < 55"
    least, most = (0.5, 2.0) if reference.startswith("CI") else (20.0, 60.0)
    known = values.dropna().abs()
    end = min(most, max(least, float(known.max()) if len(known) else 0.0))
    shades = [ANTAGONISM, "#FFFFFF", SYNERGY]
    scale = alt.Scale(domain=[-end, 0, end], range=shades, clamp=True, interpolate="rgb")
    legend = "-log10 CI" if reference.startswith("CI") else "excess, % of effect"
    return scale, legend, f"abs(datum.value) > {0.62 * end:g}"


def _said(value: float, digits: int) -> str:
    """The number in a cell, without a negative zero.

    >>> _said(-0.2, 0), _said(12.6, 0)
    ('0', '13')
    """
    return "" if value != value else f"{round(value, digits) + 0.0:.{digits}f}"


def isobologram_chart(isobole: pd.DataFrame, table: pd.DataFrame, level: float = 0.5) -> Any:
    """The measured isobole over the additive line, both doses on straight axes; points below the line are synergy.

    `isobole`: kind (measured, alone, additive), dose_1, dose_2, index; `table` names drugs and units (see
    `synergy_chart`).
    """
    return themed(_isobologram(isobole, table, level))


def _drugs(table: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Names and units of the two drugs."""
    names, units = ([str(table[f"{word}_{i}"].iloc[0]) for i in (1, 2)] for word in ("drug", "unit"))
    return names, units


def _isobologram(isobole: pd.DataFrame, table: pd.DataFrame, level: float) -> Any:
    import altair as alt

    seen, line = isobole[isobole["kind"] != "additive"], isobole[isobole["kind"] == "additive"]
    titles = [f"{name(d)} ({u})" if u else name(d) for d, u in zip(*_drugs(table), strict=True)]
    ends = []
    for dose in ("dose_1", "dose_2"):
        reached = float(isobole[dose].max()) if len(isobole) else 0.0
        ends.append(1.08 * (reached or float(table[dose].max())))
    x, y = (
        kind(
            f"dose_{i}:Q",
            scale=alt.Scale(domain=[-0.03 * end, end], nice=False),
            axis=alt.Axis(title=title, tickCount=6),
        )
        for i, kind, end, title in zip((1, 2), (alt.X, alt.Y), ends, titles, strict=True)
    )
    layers = []
    if len(line):
        layers.append(
            alt.Chart(inline(line[["dose_1", "dose_2"]])).mark_line(color=QUIET, strokeDash=[5, 4]).encode(x, y)
        )
    if len(seen):
        below = seen["index"] < 1
        side = [SYNERGY if b else ANTAGONISM for b in below] if seen["index"].notna().all() else [INK] * len(seen)
        sides = [INK if kind == "alone" else shade for kind, shade in zip(seen["kind"], side, strict=True)]
        rows = seen.assign(side=sides)
        colour = alt.Color("side:N", scale=None)
        tips = [alt.Tooltip("dose_1:Q", title=titles[0], format=".3g"),
                alt.Tooltip("dose_2:Q", title=titles[1], format=".3g"),
                alt.Tooltip("index:Q", title="d1/D1 + d2/D2", format=".2f")]  # fmt: skip
        layers.append(
            alt.Chart(inline(rows[["dose_1", "dose_2", "index", "side"]]))
            .mark_point(size=75, filled=True, opacity=0.9, clip=True)
            .encode(x, y, color=colour, tooltip=tips)
        )
    said = f"{level:.0%} alive" + (
        "; dashed: additive (Loewe)" if len(line) else "; a drug alone is not seen to get there"
    )
    if not layers:
        layers.append(alt.Chart(inline([{"dose_1": 0.0, "dose_2": 0.0}])).mark_point(opacity=0).encode(x, y))
    return alt.layer(*layers).properties(width=330, height=300, title=heading(said))


def _dose(dose: float) -> str:
    return f"{dose:.0f}" if 1000 <= dose < 1e6 else f"{dose:.3g}"
