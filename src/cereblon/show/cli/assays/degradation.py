"""Degradation: simulated."""

from __future__ import annotations

import click

from cereblon.show.cli.options import format_option, out_file, parsed, set_option, shipped_compounds


@click.command(short_help="dose-response of a protein")
@click.argument("compound", shell_complete=shipped_compounds)
@click.option("--of", default="IKZF1", show_default=True, help="the protein")
@click.option("--cell", default="H929", show_default=True, help="the cell line, or a file of your own")
@click.option("--at", default="4 h", show_default=True, help="time of the reading")
@set_option
@format_option
@out_file
def bench(compound: str, of: str, cell: str, at: str, changes: tuple[str, ...], form: str, out: object) -> None:
    """Dose-response of one protein at one time: DC50, Dmax.

    \b
    Examples:
      cereblon bench degradation mezigdomide --of IKZF1
      cereblon bench degradation pomalidomide --of IKZF3 --at "24 h" --format csv
    """
    from pathlib import Path

    from cereblon.bench import degradation
    from cereblon.show.cli.options import a_glue
    from cereblon.show.cli.output import emit

    curve = degradation(a_glue(compound), of, cell, at, changes=parsed(changes))
    rows = [{str(k): v for k, v in row.items()} for row in curve.table().to_dict("records")]
    emit(rows, form, out if isinstance(out, Path) else None, title=str(curve))
