"""Ternary complex: simulated."""

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


@click.command(short_help="proximity of cereblon and a neosubstrate")
@click.argument("compounds", nargs=-1, required=True, metavar="COMPOUND...", shell_complete=shipped_compounds)
@click.option("--of", default="IKZF1", show_default=True, help="the neosubstrate")
@click.option("--assay", default="TR_FRET_ternary", show_default=True,
              help="TR_FRET_ternary (in a tube), NanoBRET (in cells), or a file of your own")  # fmt: skip
@draws_option
@set_option
@format_option
@plate_options
@out_figures
def bench(
    compounds: tuple[str, ...], of: str, assay: str, draws: int, changes: tuple[str, ...], form: str,
    plate: Path | None, wells: str, replicates: int, seed: int, out: Path | None,
) -> None:  # fmt: skip
    """Proximity signal over concentration: EC50, plateau, cooperativity; a bivalent degrader and its hook beside it.

    \b
    Examples:
      cereblon bench ternary mezigdomide
      cereblon bench ternary lenalidomide mezigdomide --assay NanoBRET --out out/ternary
      cereblon bench ternary lenalidomide --of CSNK1A1 --set "CRBN.total=1 nM"
    """
    from cereblon.bench import ternary
    from cereblon.show.cli.assays.results import its_own, plated, report
    from cereblon.show.cli.options import glues

    given, numbers = glues(compounds), parsed(changes)
    curves = [ternary(glue, of, assay, changes=its_own(numbers, glue, given)) for glue in given]
    plated((c.measured(replicates=replicates, seed=seed, plate=int(wells)) for c in curves), plate)
    report([c.spread(draws, seed) if draws else c for c in curves], form, out, "ternary")
