"""Selectivity over neosubstrates: simulated."""

from __future__ import annotations

from pathlib import Path

import click

from cereblon.show.cli.options import format_option, out_figures, shipped_compounds


@click.command(short_help="what a glue takes, protein by protein")
@click.argument("compounds", nargs=-1, required=True, metavar="COMPOUND...", shell_complete=shipped_compounds)
@click.option("--cell", default="H929", show_default=True, help="the cell line, or a file of your own")
@click.option("--at", default="4 h", show_default=True, help="time of the reading")
@click.option("--concentration", default=None, help='"100 nM" (default: 100 times each affinity)')
@format_option
@out_figures
def bench(
    compounds: tuple[str, ...], cell: str, at: str, concentration: str | None, form: str, out: Path | None
) -> None:
    """IKZF1, IKZF3, ZFP91, CK1α, SALL4, GSPT1 and the native substrate MEIS2, all in competition in one cell.

    A protein without a constant on record has a word for what is known of it, and no number.

    \b
    Examples:
      cereblon bench selectivity mezigdomide --concentration "100 nM"
      cereblon bench selectivity lenalidomide pomalidomide mezigdomide --at "24 h" --out out/selectivity
    """
    from cereblon.bench import selectivity
    from cereblon.show.cli.assays.results import report
    from cereblon.show.cli.options import glues

    report([selectivity(glues(compounds), cell, at, concentration=concentration)], form, out, "selectivity")
