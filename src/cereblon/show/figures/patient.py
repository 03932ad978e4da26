"""A patient over the cycles: plasma level, and what is left of IKZF1 and IKZF3 in three kinds of cell."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline, share_axis
from cereblon.show.figures.theme import MARK, colours, name, themed

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

ACROSS, HEIGHT = 832, 118  # pixels for all columns together; of one frame
SHADES = ("#4B4FA3", "#C2571A", "#2A8C7E", "#7A6A58")
SAID = {"tumour": "tumour", "T_cell": "T cells", "marrow": "marrow"}


def patient_chart(
    tables: Mapping[str, pd.DataFrame],
    *,
    substrates: Sequence[str],
    places: Sequence[str],
    dosing: Mapping[str, Sequence[tuple[float, float]]],
    titles: Mapping[str, str],
    assumed: Collection[str] = (),
) -> Any:
    """A column per compound: plasma, then a row per kind of cell.

    `tables` compound -> day, plasma (nM), and `substrate@place` (share of the drug-free level); `dosing` compound
    -> spans of days with a dose, shaded; `titles` what was given.
    """
    import altair as alt

    last = max(float(t["day"].max()) for t in tables.values())
    ticks = list(range(0, int(last) + 1, 14))

    def days(title: str | None) -> alt.X:
        axis = alt.Axis(values=ticks, title=title, grid=False, labelFlush=False)
        return alt.X("day:Q", scale=alt.Scale(domain=[0, last], nice=False), axis=axis)

    shades = alt.Scale(domain=[name(s) for s in substrates], range=list(SHADES[: len(substrates)]))
    legend = alt.Legend(orient="bottom", symbolType="stroke", symbolStrokeWidth=3)
    width = ACROSS / max(4, len(tables))
    columns = []  # bevelled joins: a mitred one would draw the sharp daily peaks higher than they are
    for i, (compound, table) in enumerate(tables.items()):
        spans = [{"day": a, "day2": b} for a, b in dosing[compound]]

        def shade(across: alt.X, spans: list[dict[str, float]] = spans) -> alt.Chart:
            return alt.Chart(inline(spans)).mark_rect(color="#EEF1F5", opacity=1).encode(across, x2="day2:Q")

        colour = colours([compound])[compound]
        y = alt.Y("plasma:Q", axis=alt.Axis(title="plasma (nM)" if i == 0 else None, tickCount=4),
                  scale=alt.Scale(domain=[0, float(table["plasma"].max()) * 1.05], nice=False))  # fmt: skip
        plasma = alt.Chart().mark_line(strokeWidth=1.1, strokeJoin="bevel", color=colour).encode(days(None), y)
        said = titles[compound] + (f" · PK assumed {MARK}" if compound in assumed else "")
        head = alt.Title(name(compound), subtitle=said, fontSize=13, anchor="start", color=colour,
                         subtitleFontSize=11, subtitleColor="#555555", offset=8)  # fmt: skip
        frames = [alt.layer(shade(days(None)), plasma).properties(width=width, height=HEIGHT, title=head)]
        for place in places:
            axis = share_axis(f"left in {SAID.get(place, name(place))}" if i == 0 else "")
            across = days("day" if place == places[-1] else None)
            lines = []
            for substrate in substrates:
                up = axis.copy(deep=True)
                up.shorthand = f"{substrate}_{place}:Q"
                line = alt.Chart().transform_calculate(protein=f"'{name(substrate)}'")
                line = line.mark_line(strokeWidth=1.2, strokeJoin="bevel")
                lines.append(line.encode(across, up, color=alt.Color("protein:N", scale=shades, legend=legend)))
            frames.append(alt.layer(shade(across), *lines).properties(width=width, height=HEIGHT))
        columns.append(
            alt.vconcat(*frames, spacing=12, data=inline(table.rename(columns=lambda c: c.replace("@", "_"))))
        )
    return themed(alt.hconcat(*columns, spacing=16).resolve_scale(color="shared"))
