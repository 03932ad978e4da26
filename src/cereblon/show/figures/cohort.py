"""Cohorts under a regimen: the median and the 5-95 % band of each read-out, two structures upon each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import heading, inline, side_by_side
from cereblon.show.figures.theme import INK, QUIET, decades, themed

if TYPE_CHECKING:
    import pandas as pd

STRUCTURES = ("#2B6CA3", "#9A4F96")  # told apart where they overlap, too; no colour of a glue
CYCLE = 28  # d, a tick of the axis


@dataclass(frozen=True)
class Frame:
    """How a read-out is drawn: its title in two lines, the ends of its axis (None: from the data), lines to read by."""

    title: tuple[str, str]
    low: float
    high: float | None
    log: bool = False
    format: str = ",.6~g"
    lines: tuple[float, ...] = ()


FRAMES = {
    "M_protein": Frame(("M-protein", "over start"), 0.01, 10, log=True, lines=(0.5,)),
    "FLC": Frame(("light chain", "(mg/L)"), 1, 10_000, log=True),
    "IKZF1": Frame(("IKZF1 left", "in tumour"), 0, 1.05, format="%"),
    "ANC": Frame(("neutrophils", "(1e9/L)"), 0.05, 10, log=True),
    "PLT": Frame(("platelets", "(1e9/L)"), 0, None),
    "Hb": Frame(("haemoglobin", "(g/dL)"), 4, None),
}
"""Read-out -> its frame; what lies beyond the ends is cut off there."""


def cohort_chart(table: pd.DataFrame, limits: Mapping[str, Sequence[float]]) -> Any:
    """A frame per read-out of one regimen, two in a row.

    `table`: structure, read_out, day, low, median, high. `limits` read-out -> where the grades of adverse events begin.
    """
    structures = list(dict.fromkeys(table["structure"]))
    charts = []
    for read_out, part in table.groupby("read_out", sort=False):
        frame = FRAMES[str(read_out)]
        chart = _bands(part, frame, limits.get(str(read_out), ()), 420, 150, structures)
        charts.append(chart.properties(title=heading(" ".join(frame.title))))
    return themed(side_by_side(charts, 2).properties(spacing={"row": 18, "column": 30}))


def triplets_chart(table: pd.DataFrame, reference: pd.DataFrame, limits: Mapping[str, Sequence[float]]) -> Any:
    """A column per regimen, a row per read-out; dotted the median of `reference`, a regimen to set them against.

    `table` as in `cohort_chart`, and regimen, as a column is headed; `reference`: read_out, day, median.
    """
    structures = list(dict.fromkeys(table["structure"]))
    read_outs, regimens = (list(dict.fromkeys(table[column])) for column in ("read_out", "regimen"))
    charts = []
    for read_out in read_outs:
        frame, every = FRAMES[read_out], table[table["read_out"] == read_out]
        top = frame.high or 1.05 * float(every["high"].max())
        beside = reference[reference["read_out"] == read_out]
        for regimen in regimens:
            chart = _bands(
                every[every["regimen"] == regimen], frame, limits.get(read_out, ()), 300, 84, structures, top=top,
                title=frame.title, beside=beside, left=regimen == regimens[0], bottom=read_out == read_outs[-1],
            )  # fmt: skip
            charts.append(chart.properties(title=heading(f"+ {regimen}")) if read_out == read_outs[0] else chart)
    grid = side_by_side(charts, len(regimens))
    return themed(grid.properties(spacing={"row": 14, "column": 18}, bounds="flush"))  # all columns stand in line


def _bands(
    table: pd.DataFrame,
    frame: Frame,
    limits: Sequence[float],
    width: float,
    height: float,
    structures: Sequence[str],
    *,
    top: float = 0.0,
    title: Sequence[str] = (),
    beside: pd.DataFrame | None = None,
    left: bool = True,
    bottom: bool = True,
) -> Any:
    import altair as alt

    last = int(table["day"].max())
    below = "days since the first dose" if bottom else None
    axis = alt.Axis(values=list(range(0, last + 1, CYCLE)), title=below, labels=bottom, ticks=bottom)
    x = alt.X("day:Q", scale=alt.Scale(domain=[0, last], nice=False), axis=axis)
    high = top or frame.high or 1.05 * float(table["high"].max())
    scale = alt.Scale(domain=[frame.low, high], nice=False, type="log" if frame.log else "linear")
    ticks: dict[str, Any] = {"values": decades(frame.low, high)} if frame.log else {"tickCount": 4}
    up = alt.Axis(
        title=list(title) if title and left else None, labels=left, ticks=left, labelFlush=True, format=frame.format,
        minExtent=44 if left else 0, **ticks,
    )  # fmt: skip

    def y(column: str) -> Any:
        return alt.Y(f"{column}:Q", scale=scale, axis=up)

    legend = alt.Legend(orient="top", symbolType="square", symbolOpacity=1, offset=14)
    colours = alt.Scale(domain=list(structures), range=list(STRUCTURES))
    colour = alt.Color("structure:N", sort=list(structures), legend=legend, scale=colours)
    ends = [alt.Tooltip(f"{column}:Q", format=".3g") for column in ("low", "median", "high")]
    base = alt.Chart(inline(table[["structure", "day", "low", "median", "high"]])).encode(x, color=colour)
    layers = [base.mark_area(opacity=0.22, clip=True, line=False).encode(y("low"), y2="high:Q")]
    for values, dash in ((frame.lines, [2, 3]), (limits, [4, 3])):
        if values:
            rules = alt.Chart(inline([{"low": float(v)} for v in values]))
            layers.append(rules.mark_rule(color=QUIET, strokeDash=dash, strokeWidth=1).encode(y("low")))
    if beside is not None:
        dots = alt.Chart(inline(beside[["day", "median"]])).mark_line(strokeDash=[1, 3], strokeWidth=1.6, clip=True)
        layers.append(dots.encode(x, y("median"), color=alt.value(INK)))
    layers.append(base.mark_line(strokeWidth=2, clip=True).encode(y("median"), tooltip=["structure:N", "day:Q", *ends]))
    return alt.layer(*layers).properties(width=width, height=height)
