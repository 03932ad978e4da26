"""By which route myeloma cells were killed: stacked bars, and beside them the spread over a cohort."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cereblon.show.figures.cells import ROADS
from cereblon.show.figures.cohort import STRUCTURES
from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import themed

if TYPE_CHECKING:
    import pandas as pd

ROUTES = {
    "MYC_death": ("want of MYC and IRF4", ROADS["MYC_death"]),
    "interferon_death": ("interferon branch", ROADS["interferon_death"]),
    "T": ("T cells", "#7FB069"),
    "NK": ("NK cells", "#2D6A4F"),
    "ADCC": ("NK cells by antibody", "#B56576"),
    "bortezomib": ("bortezomib", "#6D597A"),
    "dexamethasone": ("dexamethasone", "#B8B0A8"),
}
"""Route -> how it is said, and its colour (no glue has it)."""
BAR, LINE = 26, 22  # pixels of a stacked bar, and of a route in the frame of the spread


def routes_chart(table: pd.DataFrame) -> Any:
    """A row per regimen: left a bar per subject (typical patient; mean of a cohort), right 5-95 % of each cohort.

    `table`: regimen, subject, cohort (whether it is one), route, share, and for a cohort low, median, high.
    """
    import altair as alt

    charts = []
    regimens = list(dict.fromkeys(table["regimen"]))
    for regimen in regimens:
        part = table[table["regimen"] == regimen]
        last = regimen == regimens[-1]
        present = [r for r in ROUTES if r in set(part["route"])]
        height = LINE * len(present)
        charts += [_bars(part, regimen, height, last), _spread(part, present, height, last)]
    grid = alt.concat(*charts, columns=2).properties(spacing={"row": 16, "column": 30})
    return themed(grid.resolve_scale(color="independent"))


def _bars(part: pd.DataFrame, regimen: str, height: float, last: bool) -> Any:
    import altair as alt

    order = {route: i for i, route in enumerate(ROUTES)}
    data = part.assign(said=[ROUTES[r][0] for r in part["route"]], rank=[order[r] for r in part["route"]])
    scale = alt.Scale(domain=[said for said, _ in ROUTES.values()], range=[colour for _, colour in ROUTES.values()])
    return (
        alt.Chart(inline(data[["subject", "said", "rank", "share"]]), title=_title(regimen))
        .mark_bar(size=BAR - 6)
        .encode(
            _share("share:Q", "share of the kill" if last else None, stack="zero"),
            alt.Y("subject:N", sort=list(dict.fromkeys(part["subject"])), axis=_names()),
            color=alt.Color("said:N", scale=scale, legend=_legend(2) if last else None),
            order="rank:Q",
            tooltip=["subject:N", alt.Tooltip("said:N", title="route"), alt.Tooltip("share:Q", format=".1%")],
        )
        .properties(width=330, height=height)
    )


def _spread(part: pd.DataFrame, present: list[str], height: float, last: bool) -> Any:
    import altair as alt

    data = part[part["cohort"]].assign(said=lambda t: [ROUTES[r][0] for r in t["route"]])
    subjects = list(dict.fromkeys(data["subject"]))
    scale = alt.Scale(domain=subjects, range=list(STRUCTURES))
    ends = [alt.Tooltip(f"{column}:Q", format=".1%") for column in ("low", "median", "high")]
    base = alt.Chart(inline(data[["subject", "said", "low", "median", "high"]])).encode(
        alt.Y("said:N", sort=[ROUTES[r][0] for r in present], axis=_names()),
        yOffset=alt.YOffset("subject:N", sort=subjects),
        color=alt.Color("subject:N", scale=scale, legend=_legend(2) if last else None),
        tooltip=["subject:N", alt.Tooltip("said:N", title="route"), *ends],
    )
    title = "5-95 % of patients, dot: median" if last else None
    rules = base.mark_rule(strokeWidth=3).encode(_share("low:Q", title), x2="high:Q")
    dots = base.mark_point(filled=True, size=48, opacity=1).encode(_share("median:Q", title))
    return alt.layer(rules, dots).properties(width=330, height=height)


def _share(field: str, title: str | None, **options: Any) -> Any:
    import altair as alt

    axis = alt.Axis(format="%", title=title, values=[0, 0.25, 0.5, 0.75, 1])
    return alt.X(field, scale=alt.Scale(domain=[0, 1], nice=False), axis=axis, **options)


def _legend(columns: int) -> Any:
    import altair as alt

    return alt.Legend(orient="bottom", columns=columns, symbolType="square", symbolOpacity=1, offset=12)


def _names() -> Any:
    import altair as alt

    return alt.Axis(title=None, grid=False, ticks=False, domain=False, labelLimit=190, minExtent=140)


def _title(text: str) -> Any:
    import altair as alt

    return alt.Title(text, fontSize=12.5, anchor="start", offset=6)
