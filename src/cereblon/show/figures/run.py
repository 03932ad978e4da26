"""Any run of any network: read-outs over time, a frame per unit, one line per read-out and subject."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cereblon.network.trajectory import Trajectory
from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import OTHERS, themed

MOST = 12  # read-outs and subjects drawn; the table has them all
PALETTE = ("#1F4E9E", "#C8390B", "#00856A", "#B87700", "#3E9BD6", "#8A8A8A", *OTHERS)


def run_chart(trajectory: Trajectory, shown: Sequence[str]) -> Any:
    """`shown` are names of read-outs; of many, the first twelve are drawn, and of many subjects the first twelve."""
    import altair as alt
    import pandas as pd

    time = np.atleast_2d(trajectory.time)
    subjects = range(min(trajectory.values.shape[0], MOST))
    units = list(dict.fromkeys(trajectory.unit(name) for name in shown[:MOST]))
    charts = []
    for unit in units:
        parts = []
        for name in (n for n in shown[:MOST] if trajectory.unit(n) == unit):
            column = np.atleast_2d(trajectory[name])
            for i in subjects:
                hours = time[i if len(time) > 1 else 0]
                parts.append(pd.DataFrame({"h": hours, "value": column[i], "read_out": name, "subject": i}))
        table = pd.concat(parts, ignore_index=True).dropna()
        names = list(dict.fromkeys(table["read_out"]))
        scale = alt.Scale(domain=names, range=[PALETTE[i % len(PALETTE)] for i in range(len(names))])
        legend = alt.Legend(orient="right", symbolType="stroke")
        charts.append(
            alt.Chart(inline(table)).mark_line(strokeWidth=2).encode(
                alt.X("h:Q", title="time (h)"),
                alt.Y("value:Q", title="share" if unit == "1" else unit),
                alt.Color("read_out:N", scale=scale, legend=legend),
                detail="subject:N",
                tooltip=["read_out:N", "h:Q", "value:Q"],
            ).properties(width=520, height=240)
        )  # fmt: skip
    return themed(alt.vconcat(*charts).resolve_scale(color="independent"))
