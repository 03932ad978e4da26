"""Curves of several compounds in one frame, and frames beside each other: the parts of most figures."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.theme import INK, MARK, colours, name, spread

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


def inline(table: pd.DataFrame | Iterable[Mapping[str, Any]], digits: int = 4) -> alt.InlineData:
    """The rows as text of `digits` significant figures: a page stays small, and a chart quick to copy.

    An empty number is missing.
    """
    import altair as alt
    import pandas as pd

    frame = table if isinstance(table, pd.DataFrame) else pd.DataFrame(list(table))
    text = frame.to_csv(index=False, float_format=f"%.{digits}g")
    parse = {c: "number" for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c])}
    return alt.InlineData(values=text, format=alt.CsvDataFormat(type="csv", parse=parse))


def label(compound: str, assumed: Collection[str] = ()) -> str:
    """The compound's printed name, with the mark of what rests on an assumption."""
    return f"{name(compound)} {MARK}" if compound in assumed else name(compound)


def key(compounds: Sequence[str], assumed: Collection[str] = (), columns: int = 6) -> Mapping[str, Any]:
    """Colour and dash of each compound, with one legend above the figure: encodings for `label` fields."""
    import altair as alt

    names = [label(c, assumed) for c in compounds]
    legend = alt.Legend(orient="top", columns=columns, symbolType="stroke", symbolOpacity=1)
    scale = alt.Scale(domain=names, range=list(colours(compounds).values()))
    return {"color": alt.Color("label:N", scale=scale, legend=legend, sort=names)}


def frame(
    table: pd.DataFrame,
    x: alt.X,
    y: alt.Y,
    shown: Mapping[str, Any],
    *,
    assumed: Collection[str] = (),
    width: float = 300,
    height: float = 230,
    title: str = "",
    tooltip: Sequence[Any] = (),
) -> Any:
    """One frame of lines. `table` has the column compound beside those of `x` and `y`; what is `assumed` is
    dashed."""
    import altair as alt

    def part(compounds: Collection[str], dash: list[int]) -> alt.Chart:
        some = table[table["compound"].isin(list(compounds))].assign(
            label=lambda t: [label(c, assumed) for c in t["compound"]]
        )
        mark = alt.Chart(inline(some.drop(columns="compound")))
        return mark.mark_line(strokeWidth=2.2, strokeDash=dash, clip=True).encode(
            x, y, **shown, tooltip=list(tooltip) or alt.Undefined
        )

    present = list(dict.fromkeys(table["compound"]))
    layers = [
        part([c for c in present if c not in assumed], [1, 0]),
        part([c for c in present if c in assumed], [6, 3]),
    ]
    chart = alt.layer(*(layer for layer, any_ in zip(layers, _split(present, assumed), strict=True) if any_))
    chart = chart.properties(width=width, height=height)
    return chart.properties(title=heading(title)) if title else chart


def _split(present: Sequence[str], assumed: Collection[str]) -> tuple[bool, bool]:
    return any(c not in assumed for c in present), any(c in assumed for c in present)


def heading(text: str) -> alt.TitleParams:
    """The title of one frame."""
    import altair as alt

    return alt.Title(text, fontSize=12.5, anchor="middle", color=INK, offset=6)


def end_labels(
    ends: Mapping[str, float],
    x: float,
    scale_x: alt.X,
    scale_y: alt.Y,
    *,
    height: float,
    low: float,
    high: float,
    assumed: Collection[str] = (),
    gap: float = 14.0,
) -> alt.Chart:
    """The compounds' names at the right end of their lines, kept apart; `ends` compound -> last y."""
    import altair as alt

    unit = (high - low) / height
    ys = spread(list(ends.values()), gap * unit, low, high)
    table = colours(ends)
    data = [
        {"at": x, "y": round(y, 5), "text": label(c, assumed), "colour": table[c]}
        for (c, _), y in zip(ends.items(), ys, strict=True)
    ]
    across, up = scale_x.copy(deep=True), scale_y.copy(deep=True)
    across.shorthand, up.shorthand = "at:Q", "y:Q"
    return alt.Chart(inline(data)).mark_text(
        align="left", dx=6, fontSize=11.5, fontWeight="bold", clip=False
    ).encode(across, up, text="text:N", color=alt.Color("colour:N", scale=None))  # fmt: skip


def share_axis(title: str, high: float = 1.05) -> alt.Y:
    """A vertical axis of shares from 0 to 1, in per cent."""
    import altair as alt

    axis = alt.Axis(format="%", title=title, values=[0, 0.25, 0.5, 0.75, 1])
    return alt.Y("value:Q", scale=alt.Scale(domain=[0, high], nice=False), axis=axis)


def side_by_side(charts: Sequence[Any], columns: int) -> Any:
    """The charts in rows of `columns`; scales of colour are shared and the legend stands once."""
    import altair as alt

    return alt.concat(*charts, columns=columns).resolve_scale(color="shared")
