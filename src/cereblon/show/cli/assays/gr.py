"""Growth-rate inhibition: the GR metrics of a file of counts."""

from __future__ import annotations

from pathlib import Path

import click

from cereblon.show.cli.options import format_option, out_figures
from cereblon.show.cli.plates import plate_file, read_plate, say, write_folder

SHOWN = (
    "curve", "n", "GR50", "GR50_low", "GR50_high", "GRmax", "GR_AOC", "GEC50", "GRinf", "h_GR", "p", "fit", "flags",
)  # fmt: skip


@click.command(short_help="GR50, GRmax, GR_AOC of every curve of a file of cell counts")
@plate_file
@format_option
@out_figures
def analyse(
    file: Path,
    columns: tuple[str, ...],
    unit: str | None,
    group: tuple[str, ...],
    layout: Path | None,
    decimal: str | None,
    form: str,
    out: Path | None,
) -> None:
    """Growth-rate inhibition (Hafner 2016) of every compound, cell and time of FILE.

    FILE holds counts, or a signal that stands for them, with the count at time 0 and of the control on each row
    (cell_count, cell_count__time0, cell_count__ctrl), or in wells of their own: time 0, and untreated.

    \b
    Examples:
      cereblon analyse gr counts.csv
      cereblon analyse gr counts.csv --column start=x0 --column control=x_ctrl --unit uM --out results
    """
    from cereblon.show.cli.output import bar, emit
    from cereblon.show.plot import plot

    readings = read_plate(file, columns, unit, group, layout, decimal)
    with bar("curves") as step:
        found = readings.growth(progress=step)
    table = found.table()
    if out is not None:
        write_folder(out, {"growth": table, "GR": found.readings.table()}, {"growth": plot(found)})
    if form == "table":
        table = table.reindex(columns=list(SHOWN))
    rows = [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
    title = f"growth-rate inhibition, {file.name}" + (f", {readings.unit}" if readings.unit != "1" else "")
    emit(rows, form, title=title, keep=("curve",), caption=say(readings.notes))
    if out is not None and form == "table":
        click.echo(str(out))
