"""A panel of lines: simulated."""

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


@click.command(short_help="IC50 of glues on lines, resistant ones among them")
@click.argument("compounds", nargs=-1, metavar="[COMPOUND...]", shell_complete=shipped_compounds)
@click.option("--cell", "cells", multiple=True, help="a line, or a file of your own; may be repeated (default: all)")
@click.option("--at", default="5 d", show_default=True, help="day of the reading")
@click.option("--refeed", default=None, help='make good what decayed, every so often ("24 h")')
@draws_option
@set_option
@format_option
@plate_options
@out_figures
def bench(
    compounds: tuple[str, ...], cells: tuple[str, ...], at: str, refeed: str | None, draws: int,
    changes: tuple[str, ...], form: str, plate: Path | None, wells: str, replicates: int, seed: int, out: Path | None,
) -> None:  # fmt: skip
    """IC50 of every glue on every line (default: all that are shipped); what lies beyond 0.01 nM to 100 uM is said so.

    \b
    Examples:
      cereblon bench panel
      cereblon bench panel lenalidomide mezigdomide --cell H929 --cell H929_R10 --cell DF15R --refeed "24 h"
      cereblon bench panel --out out/panel --plate plates.csv --wells 384
    """
    from cereblon.bench import panel
    from cereblon.bench.panel import GLUES, LINES
    from cereblon.show.cli.assays.results import plated, report
    from cereblon.show.cli.options import glues

    given = glues(compounds) if compounds else GLUES
    found = panel(given, cells or LINES, at, refeed=refeed, changes=parsed(changes))
    plated([found.measured(replicates=replicates, seed=seed, plate=int(wells))] if plate else [], plate)
    report([found.spread(draws, seed) if draws else found], form, out, "panel")
