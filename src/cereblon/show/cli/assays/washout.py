"""Washout: simulated."""

from __future__ import annotations

from pathlib import Path

import click

from cereblon.show.cli.options import (
    draws_option,
    format_option,
    out_figures,
    parsed,
    seed_option,
    set_option,
    shipped_compounds,
)


@click.command(short_help="a protein comes back when the drug is gone")
@click.argument("compounds", nargs=-1, required=True, metavar="COMPOUND...", shell_complete=shipped_compounds)
@click.option("--of", default="IKZF1", show_default=True, help="the protein")
@click.option("--cell", default="H929", show_default=True, help="the cell line, or a file of your own")
@click.option("--concentration", default=None, help='"100 nM" (default: 100 times the affinity)')
@click.option("--remove", default="6 h", show_default=True, help="when the drug is washed away")
@click.option("--until", default="6 d", show_default=True, help="end of the course")
@draws_option
@seed_option
@set_option
@format_option
@out_figures
def bench(
    compounds: tuple[str, ...], of: str, cell: str, concentration: str | None, remove: str, until: str, draws: int,
    seed: int, changes: tuple[str, ...], form: str, out: Path | None,
) -> None:  # fmt: skip
    """A drug washed away: the lowest level, the half-time of recovery, the time to 50 and 90 % of the drug-free level.

    \b
    Examples:
      cereblon bench washout mezigdomide --concentration "100 nM"
      cereblon bench washout mezigdomide --concentration "1 uM" --set "washing.carryover=0.0001"
      cereblon bench washout lenalidomide pomalidomide --remove "24 h" --out out/washout
    """
    from cereblon.bench import washout
    from cereblon.show.cli.assays.results import its_own, report
    from cereblon.show.cli.options import glues

    numbers, given = parsed(changes), glues(compounds)
    found = [
        washout(g, of, cell, concentration, remove=remove, until=until, changes=its_own(numbers, g, given))
        for g in given
    ]
    report([one.spread(draws, seed) if draws else one for one in found], form, out, "washout")
