"""How every figure looks: one colour for each glue, one font, labels that keep apart, ticks of the field.

Colours are told apart by readers with any common colour blindness (darkened from Okabe and Ito 2008) and are
dark enough for text on white.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cereblon.ground.vocabulary import printed

if TYPE_CHECKING:
    import altair as alt

GLUES = {
    "thalidomide": "#8A8A8A",
    "lenalidomide": "#B87700",
    "pomalidomide": "#3E9BD6",
    "avadomide": "#00856A",
    "iberdomide": "#1F4E9E",
    "mezigdomide": "#C8390B",
}
OTHERS = ("#9C3D88", "#4B3B2A", "#5A7D1C")  # compounds of a user, in the order given
INK, QUIET, GRID, UNKNOWN = "#222222", "#666666", "#E6E6E6", "#D9D9D9"
FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
MARK = "†"  # stands beside what rests on an assumption


def colours(glues: Iterable[str]) -> dict[str, str]:
    """One colour per compound: fixed for the six, the next free one for others."""
    spare = iter(OTHERS)
    return {glue: GLUES.get(glue) or next(spare, INK) for glue in glues}


def glue_scale(glues: Sequence[str], labels: Mapping[str, str] | None = None) -> alt.Scale:
    """The colour scale of these compounds; `labels` are what the data call them (default their own names)."""
    import altair as alt

    table = colours(glues)
    return alt.Scale(domain=[(labels or {}).get(g, name(g)) for g in glues], range=list(table.values()))


def name(word: str) -> str:
    """A word as it is printed."""
    return printed(word)


def sentence(text: str) -> str:
    """The text as a sentence begins.

    >>> sentence("mezigdomide binds")
    'Mezigdomide binds'
    """
    return text[:1].upper() + text[1:] if text[:1].isalpha() and "_" not in text.split()[0] else text


def themed(chart: Any) -> Any:
    """The chart with the house's fonts, axes and legend; call it once, on the outermost chart."""
    import altair as alt

    styled = chart.copy(deep=False)  # each `configure_...` of altair would copy the whole chart again
    styled.config = alt.Config(
        font=FONT,
        background="white",
        padding={"left": 6, "right": 10, "top": 6, "bottom": 6},
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelFontSize=11.5,
            titleFontSize=12,
            titleFontWeight="normal",
            labelColor=INK,
            titleColor=INK,
            gridColor=GRID,
            domainColor="#999999",
            tickColor="#999999",
            titlePadding=7,
            labelPadding=4,
            labelOverlap="greedy",
        ),
        legend=alt.LegendConfig(
            labelFontSize=12,
            title=None,
            symbolStrokeWidth=3,
            symbolSize=160,
            labelColor=INK,
            labelLimit=260,
            columnPadding=16,
        ),
        title=alt.TitleConfig(fontSize=13, anchor="start", color=INK, offset=10),
        concat=alt.CompositionConfig(spacing=26),
    )
    return styled


def decades(low: float, high: float) -> list[float]:
    """The powers of ten from `low` to `high`.

    >>> decades(0.1, 100)
    [0.1, 1.0, 10.0, 100.0]
    """
    import math

    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    return [float(f"1e{k}") for k in range(first, last + 1)]


def dose_axis(low: float, high: float, title: str) -> alt.X:
    """A logarithmic axis of concentration (nM), a tick a decade."""
    import altair as alt

    axis = alt.Axis(
        values=decades(low, high), labelExpr="format(datum.value, ',')", title=f"{title} (nM)", labelFlush=False
    )
    return alt.X("concentration:Q", scale=alt.Scale(type="log", domain=[low, high], nice=False), axis=axis)


def spread(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The places nudged until neighbours are `gap` apart, within [low, high], in their given order.

    >>> spread([0.5, 0.5], 0.2, 0, 1)
    [0.4, 0.6]
    """
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    blocks: list[tuple[float, list[int]]] = []  # centre and members of each block of touching labels
    for i in order:
        blocks.append(_block([i], places, gap, low, high))
        while len(blocks) > 1:
            (c1, m1), (c2, m2) = blocks[-2:]
            if c2 - c1 >= gap * (len(m1) + len(m2)) / 2 - 1e-12:
                break
            blocks[-2:] = [_block(m1 + m2, places, gap, low, high)]
    out = [0.0] * len(places)
    for centre, members in blocks:
        for k, i in enumerate(members):
            out[i] = round(centre + (k - (len(members) - 1) / 2) * gap, 10)
    return out


def _block(members: list[int], places: Sequence[float], gap: float, low: float, high: float) -> tuple[float, list[int]]:
    """Labels that touch: their centre is the mean of their places, moved inside where they stand out."""
    centre = sum(places[i] for i in members) / len(members)
    return _within(centre, len(members) * gap, low, high), members


def _within(centre: float, height: float, low: float, high: float) -> float:
    return min(max(centre, low + height / 2), high - height / 2) if height <= high - low else (low + high) / 2
