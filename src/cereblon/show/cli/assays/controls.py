"""Controls of degradation: simulated."""

from __future__ import annotations

from pathlib import Path

import click

from cereblon.show.cli.options import (
    draws_option,
    format_option,
    out_figures,
    parsed,
    plate_options,
    set_option,
    shipped_compounds,
)


@click.command(short_help="what must abolish degradation")
@click.argument("compounds", nargs=-1, required=True, metavar="COMPOUND...", shell_complete=shipped_compounds)
@click.option("--of", default="IKZF1", show_default=True, help="the protein")
@click.option("--cell", default="H929", show_default=True, help="the cell line, or a file of your own")
@click.option("--at", default="4 h", show_default=True, help="time of the reading after the glue")
@click.option("--concentration", default=None, help='of the glue, "10 nM" (default: ten times its DC50)')
@click.option("--incubation", default=None, help='inhibitors before the glue, "2 h" (default: of the record)')
@draws_option
@set_option
@format_option
@plate_options
@out_figures
def bench(
    compounds: tuple[str, ...], of: str, cell: str, at: str, concentration: str | None, incubation: str | None,
    draws: int, changes: tuple[str, ...], form: str, plate: Path | None, wells: str, replicates: int, seed: int,
    out: Path | None,
) -> None:  # fmt: skip
    """Degradation beside a NEDD8 inhibitor, a proteasome inhibitor, an excess of a competing ligand, without cereblon.

    Each is judged: abolished, in part, or untouched, with the share of the glue's effect that it blocks. The clinical
    dose of a proteasome inhibitor is there as the control that must leave degradation as it is.

    \b
    Examples:
      cereblon bench controls mezigdomide
      cereblon bench controls mezigdomide --concentration "1 uM" --draws 50
      cereblon bench controls pomalidomide --incubation "0 h" --out out/controls
    """
    from cereblon.bench import controls
    from cereblon.show.cli.assays.results import its_own, plated, report
    from cereblon.show.cli.options import glues

    given, numbers = glues(compounds), parsed(changes)
    found = [
        controls(g, of, cell, at, concentration, incubation=incubation, changes=its_own(numbers, g, given))
        for g in given
    ]
    plated((one.measured(replicates=replicates, seed=seed, plate=int(wells)) for one in found), plate)
    report([one.spread(draws, seed) if draws else one for one in found], form, out, "controls")
