"""Survival, from a table of times and events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cereblon.show.cli.options import format_option, out_file


@click.command(short_help="Kaplan-Meier, log-rank, hazard ratio, restricted means, competing risks")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--unit", default="month", show_default=True, help="unit of the times: d, week, month, year")
@click.option("--scale", type=click.Choice(["log-log", "log"]), default="log-log", show_default=True,
              help="scale of the intervals; R's survfit draws log")  # fmt: skip
@click.option("--tau", type=click.FloatRange(min=0, min_open=True),
              help="time up to which means are taken (default: the last that all arms know)")  # fmt: skip
@click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.95, show_default=True,
              help="level of the intervals")  # fmt: skip
@click.option("--figures", type=click.Path(path_type=Path), help="write the curves with their table into this folder")
@format_option
@out_file
def survival(
    file: Path, unit: str, scale: Any, tau: float | None, level: float, figures: Path | None, form: str,
    out: Path | None,
) -> None:  # fmt: skip
    """Survival curves of one or several arms.

    \b
    Columns: time, event (1 happened, 0 censored; or the name of a cause, blank where none was seen), arm (optional).

    \b
    Examples:
      cereblon clinic survival pfs.csv
      cereblon clinic survival remission.csv --unit week --scale log --format csv
    """
    import pandas as pd

    from cereblon.bedside.endpoints.reading import read_times
    from cereblon.show.cli.output import emit
    from cereblon.statistics.competing import competing_risks
    from cereblon.statistics.follow_up import at_risk, follow_up
    from cereblon.statistics.restricted_mean import restricted_mean
    from cereblon.statistics.survival import cox, kaplan_meier

    given = read_times(file)
    if given.causes:
        of = given.arms or ("all",) * len(given.times)
        tables, said = [], list[str]()
        for arm in dict.fromkeys(of):
            own = [i for i, one in enumerate(of) if one == arm]
            incidence = competing_risks(given.times[own], [given.causes[i] for i in own], unit=unit, level=level)
            tables.append(incidence.table().assign(arm=arm))
            said += [f"{arm}:", str(incidence)]
        if len(tables) > 1:
            said.append("arms stand beside each other: no test between them (Gray 1988) is made")
        _emit(pd.concat(tables), form, out, file.name, "\n".join([*said, *given.notes]), emit)
        return
    curves = kaplan_meier(given.times, given.events, given.arms or None, unit=unit, level=level, scale=scale)
    arms = list(curves.curves)
    watched = follow_up(given.times, given.events, given.arms or None, unit=unit, level=level, scale=scale)
    said = [str(curves), *(f"{arm}: median follow-up {watched.median(arm)}" for arm in arms)]
    mean = restricted_mean(curves, tau)
    said += [f"{arm}: mean {mean[arm]} of {mean.tau:g}" for arm in arms]
    if len(arms) == 2 and given.events.any():
        first = [float(arm == arms[0]) for arm in given.arms]
        ratio = cox(given.times, given.events, {arms[0]: first}, level=level)
        said.append(f"{arms[0]} over {arms[1]}: HR {ratio.HR()}, p = {ratio.p():.3g} (Cox, Efron's ties)")
        said.append(f"{arms[0]} less {arms[1]}: mean {mean.difference(*arms)}, p = {mean.p(*arms):.3g}")
    if figures is not None:
        from cereblon.show.cli.folder import write
        from cereblon.show.figures.survival_curves import survival_chart

        write(figures, {}, {"survival": survival_chart(curves.table(), at_risk(curves), title=file.stem, unit=unit)})
    _emit(curves.table(), form, out, file.name, "\n".join([*said, *given.notes]), emit)


def _emit(table: Any, form: str, out: Path | None, title: str, caption: str, emit: Any) -> None:
    rows = [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
    emit(rows, form, out, title=title, caption=caption)
