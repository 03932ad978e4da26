"""Time courses: how fast what a plate file reads falls, and to where."""

from __future__ import annotations

from pathlib import Path

import click

from cereblon.show.cli.options import format_option, out_figures
from cereblon.show.cli.plates import plate_file, read_plate, say, write_folder


@click.command(short_help="rate, half-time, plateau and lag of every time course of a plate file")
@plate_file
@click.option("--normalise", type=click.Choice(["untreated", "positive"]),
              help="put readings over their controls first: 1 untreated, 0 blank (or the positive control)")
@click.option("--lag", is_flag=True, help="also fit a time before which nothing changes")
@click.option("--weights", type=click.Choice(["none", "variance"]), default="none", show_default=True,
              help="variance estimates an additive and a proportional error")
@format_option
@out_figures
def analyse(
    file: Path,
    columns: tuple[str, ...],
    unit: str | None,
    group: tuple[str, ...],
    layout: Path | None,
    decimal: str | None,
    normalise: str | None,
    lag: bool,
    weights: str,
    form: str,
    out: Path | None,
) -> None:
    """Fit a fall (or rise) to a plateau to every compound and concentration of FILE that was read at several times.

    FILE is a table with a row a well and a column of times in h; untreated wells without a time stand for time 0. A
    half-time outside the times that were read is bounded, not reported.

    \b
    Examples:
      cereblon bench degradation lenalidomide --course "10 uM" --plate course.csv
      cereblon analyse time-course course.csv --normalise untreated --weights variance
      cereblon analyse time-course blot.csv --column value=intensity --lag --out results
    """
    from cereblon.show.cli.output import emit
    from cereblon.show.plot import plot

    readings = read_plate(file, columns, unit, group, layout, decimal)
    found = readings.decay(normalise=normalise, lag=lag, weights=None if weights == "none" else weights)
    table = found.table()
    if out is not None:
        write_folder(out, {"courses": table, "points": found.points()}, {"courses": plot(found)})
    if form != "table":
        emit([{str(k): v for k, v in row.items()} for row in table.to_dict("records")], form)
        return
    rows = []
    for name, one in found.fits.items():
        shown = {"half-time (h)": one.half_time, "rate (1/h)": one.rate, "lag (h)": one.lag if lag else "",
                 "plateau": one.plateau, "depth": one.depth}  # fmt: skip
        rows.append({"course": name, "n": one.count, **{k: _plain(e) for k, e in shown.items() if e != ""},
                     "flags": "; ".join(one.flags)})  # fmt: skip
    rows += [{"course": name, "flags": f"not fitted: {why}"} for name, why in found.failed.items()]
    emit(rows, title=f"{found.readings.of} of {file.name}, in time", keep=("course",), caption=say(readings.notes))
    if out is not None:
        click.echo(str(out))


def _plain(estimate: object) -> str:
    """An estimate without its unit; what could only be bounded, by its bounds."""
    from dataclasses import replace

    from cereblon.ground.quantity import Estimate

    assert isinstance(estimate, Estimate)
    if estimate.value != estimate.value:
        known = estimate.low == estimate.low
        return f"{estimate.low:.3g}-{estimate.high:.3g}" if known else "-"
    return str(replace(estimate, unit="1"))
