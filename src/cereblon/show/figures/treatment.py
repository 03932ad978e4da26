"""One patient under a regimen: plasma, IKZF1 by place, tumour markers and blood counts on one axis of days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import INK, QUIET, colours, name, spread, themed

if TYPE_CHECKING:
    import pandas as pd

WIDTH, HEIGHT = 780, 84
SLOW = 4  # samples a day that are drawn of what moves slowly
GAP = 0.08  # d, between the bars of neighbouring days
DIGITS = 5  # of the data: four would round the hours of a day beyond the hundredth
DOSED = "#EEF1F5"  # days on which the glue is given
CYCLE = 28  # d, a tick of the axis
PLACES = {"tumour": ("tumour", "#B9C0D6", 6), "T_cell": ("T cells", "#C2571A", 2.6), "marrow": ("marrow", "#1C5B54", 1)}
"""Place -> how it is said, colour, width: broad below and thin above, so that lines which coincide are all seen."""
COUNTS = {"ANC": "neutrophils (1e9/L)", "PLT": "platelets (1e9/L)", "Hb": "haemoglobin (g/dL)"}
FLOOR = 1.0  # mg/L; an assay of free light chain reads no lower


def treatment_chart(
    table: pd.DataFrame,
    *,
    glue: str,
    dosing: Mapping[str, Sequence[int]],
    given: Mapping[str, str],
    limits: Mapping[str, Mapping[int, float]],
) -> Any:
    """One column of frames over `day`.

    `table`: day, plasma (nM), `IKZF1@place`, M_protein (g/L), FLC (mg/L), ANC and PLT (1e9/L), Hb (g/dL). `dosing`
    drug -> days (from 0) on which it is given, `given` drug -> what is given, `limits` count -> grade -> below what.
    """
    import altair as alt

    last = float(table["day"].max())
    spans = inline([{"day": float(a), "day2": float(b)} for a, b in _runs(dosing[glue])])
    slow = table[table["day"] * SLOW % 1 == 0]
    panels = {
        f"{name(glue)} in plasma (nM)": (_up(0, 1.05 * _top(table, "plasma")), _line(table, "plasma", glue)),
        "IKZF1 left": (_up(0, 1.05, format="%", values=[0, 0.5, 1]), _places(table)),
        "M-protein (g/L)": (_up(0, 1.1 * _top(table, "M_protein")), _line(slow, "M_protein")),
        "free light chain (mg/L)": (_up(FLOOR, 1.3 * _top(table, "FLC"), log=True), _line(slow, "FLC")),
        **{said: (_up(0, 1.08 * _top(table, count)), _line(slow, count)) for count, said in COUNTS.items()},
    }
    grades = {said: limits.get(count, {}) for count, said in COUNTS.items()}
    frames = [_calendar(dosing, given, glue, last)]
    for said, (y, marks) in panels.items():
        bottom = len(frames) == len(panels)
        x = _days(last, "days since the first dose" if bottom else None, labels=bottom)
        shade = alt.Chart(spans).mark_rect(color=DOSED, opacity=1).encode(x, x2="day2:Q")
        layers = [shade, *_limits(grades.get(said, {}), x, y, last), *(mark.encode(x, y) for mark in marks)]
        title = alt.Title(said, fontSize=12, fontWeight="normal", frame="group", offset=4)
        frames.append(alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=title))
    return themed(alt.vconcat(*frames, spacing=28, bounds="flush").resolve_scale(color="independent"))


def _top(table: pd.DataFrame, column: str) -> float:
    return float(table[column].max())


def _line(table: pd.DataFrame, column: str, glue: str = "") -> list[Any]:
    import altair as alt

    tips = [alt.Tooltip("day:Q", format=".1f"), alt.Tooltip("value:Q", format=".3g")]
    chart = alt.Chart(inline(table[["day", column]].rename(columns={column: "value"}), DIGITS))
    colour = colours([glue])[glue] if glue else INK
    mark = chart.mark_line(strokeWidth=1 if glue else 1.8, strokeJoin="bevel", color=colour, clip=True)
    return [mark.encode(tooltip=tips)]


def _calendar(dosing: Mapping[str, Sequence[int]], given: Mapping[str, str], glue: str, last: float) -> Any:
    """A row per drug, a bar per day on which it is given."""
    import altair as alt

    rows = [
        {"drug": name(drug), "day": d + GAP, "day2": d + 1 - GAP,
         "colour": colours([glue])[glue] if drug == glue else INK}
        for drug, days in dosing.items() for d in days
    ]  # fmt: skip
    axis = alt.Axis(title=None, ticks=False, domain=False, labelLimit=140)
    y = alt.Y("drug:N", sort=[name(drug) for drug in dosing], axis=axis)
    x, colour = _days(last, None, labels=False), alt.Color("colour:N", scale=None)
    bars = alt.Chart(inline(rows)).mark_bar(height=9).encode(x, y, x2="day2:Q", color=colour)
    title = alt.Title("; ".join(given.values()), fontSize=12, fontWeight="normal", frame="group", offset=6)
    return bars.properties(width=WIDTH, height=19 * len(dosing), title=title)


def _places(table: pd.DataFrame) -> list[Any]:
    import altair as alt

    said = [words for words, *_ in PLACES.values()]
    scale = alt.Scale(domain=said, range=[colour for _, colour, _ in PLACES.values()])
    legend = alt.Legend(orient="right", symbolType="stroke", offset=8)
    colour = alt.Color("place:N", scale=scale, sort=said, legend=legend)
    layers = []
    for place, (words, _, width) in PLACES.items():
        column = f"IKZF1@{place}"
        part = table[["day", column]].rename(columns={column: "value"}).assign(place=words)
        line = alt.Chart(inline(part, DIGITS)).mark_line(strokeWidth=width, strokeJoin="bevel")
        layers.append(line.encode(color=colour))
    return layers


def _limits(grades: Mapping[int, float], x: Any, y: Any, last: float) -> list[Any]:
    """A quiet line where each grade begins, with its name at the right."""
    import altair as alt

    if not grades:
        return []
    top = float(y.to_dict()["scale"]["domain"][1])
    places = spread(list(grades.values()), 12 * top / HEIGHT, 0, top)
    rules = alt.Chart(inline([{"value": limit} for limit in grades.values()]))
    words = alt.Chart(
        inline(
            [
                {"day": last, "value": place, "said": f"grade {grade} < {limit:g}"}
                for (grade, limit), place in zip(grades.items(), places, strict=True)
            ]
        )
    )
    return [
        rules.mark_rule(color=QUIET, strokeDash=[3, 3], strokeWidth=1).encode(y),
        words.mark_text(align="left", dx=6, fontSize=10.5, color=QUIET).encode(x, y, text="said:N"),
    ]


def _days(last: float, title: str | None, *, labels: bool) -> Any:
    import altair as alt

    ticks = list(range(0, int(last) + 1, CYCLE // 4))
    expression = f"datum.value % {CYCLE // 2} ? '' : datum.value"
    axis = alt.Axis(values=ticks, title=title, labels=labels, labelExpr=expression, ticks=labels, labelOverlap=False,
                    gridOpacity=alt.condition(f"datum.value % {CYCLE}", alt.value(0), alt.value(1)))  # fmt: skip
    return alt.X("day:Q", scale=alt.Scale(domain=[0, last], nice=False), axis=axis)


def _up(low: float, high: float, *, log: bool = False, **axis: Any) -> Any:
    import altair as alt

    scale = alt.Scale(domain=[low, high], nice=False, type="log" if log else "linear")
    if log:
        axis = {"values": [1, 10, 100, 1000, 10000], "labelExpr": "format(datum.value, ',')", **axis}
    return alt.Y("value:Q", scale=scale, axis=alt.Axis(**{"tickCount": 4, "title": None, "minExtent": 36, **axis}))


def _runs(days: Sequence[int]) -> list[tuple[int, int]]:
    """(first, one after the last) of every run of consecutive days.

    >>> _runs([0, 1, 2, 7])
    [(0, 3), (7, 8)]
    """
    starts = [d for d in days if d - 1 not in days]
    ends = [d + 1 for d in days if d + 1 not in days]
    return list(zip(starts, ends, strict=True))

