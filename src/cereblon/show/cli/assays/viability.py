"""Viability of a line: simulated."""

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

SHARES = ("annexin", "caspase", "viability", "G1_fraction")


@click.command(short_help="proliferation, cell cycle and death of a line")
@click.argument("compounds", nargs=-1, required=True, metavar="COMPOUND...", shell_complete=shipped_compounds)
@click.option("--cell", default="H929", show_default=True, help="the cell line, or a file of your own")
@click.option("--at", default="5 d", show_default=True, help="day of the reading")
@click.option("--refeed", default=None, help='make good what decayed, every so often ("24 h")')
@click.option("--course", "concentration", default=None, metavar="CONCENTRATION",
              help='the pathway in time at this concentration instead ("100 nM")')  # fmt: skip
@click.option("--serum", "shares", default=None, metavar="SHARES",
              help='the IC50 in media with these shares of serum instead ("0.1,0.5")')  # fmt: skip
@click.option("--stain", type=click.Choice(SHARES), default=None,
              help="of the plate: flow cytometry of this stain instead of ATP")  # fmt: skip
@click.option("--start", is_flag=True, help="on the plate, also wells of time 0: for `cereblon analyse gr`")
@draws_option
@set_option
@format_option
@plate_options
@out_figures
def bench(
    compounds: tuple[str, ...], cell: str, at: str, refeed: str | None, concentration: str | None,
    shares: str | None, stain: str | None, start: bool, draws: int, changes: tuple[str, ...], form: str,
    plate: Path | None, wells: str, replicates: int, seed: int, out: Path | None,
) -> None:  # fmt: skip
    """Dose-response of a line: IC50, GR50, Emax; annexin V, caspase-3 and the cell cycle in its table.

    \b
    Examples:
      cereblon bench viability mezigdomide --at "3 d"
      cereblon bench viability pomalidomide --refeed "24 h" --draws 50
      cereblon bench viability mezigdomide --course "10 nM" --out out/pathway
      cereblon bench viability mezigdomide iberdomide --serum 0.1,0.5
      cereblon bench viability mezigdomide --plate plate.csv --wells 384
      cereblon bench viability mezigdomide --plate counts.csv --start
    """
    from cereblon.bench import pathway, serum, viability
    from cereblon.ground.errors import InputError
    from cereblon.show.cli.assays.results import its_own, plated, report
    from cereblon.show.cli.options import glues

    given, numbers = glues(compounds), parsed(changes)
    if plate is not None and (concentration is not None or shares is not None):
        beside = "--course" if concentration else "--serum"
        raise InputError("a plate is of a dose-response", where="--plate", found=beside)
    if concentration is not None:
        runs = [
            pathway(g, cell, concentration, until=at, refeed=refeed, changes=its_own(numbers, g, given)) for g in given
        ]
        report(runs, form, out, "pathway")
    elif shares is not None:
        if numbers:
            raise InputError("a serum shift is that of records as they stand", where="--set", found="; ".join(numbers))
        found = [serum(g, cell, at, _shares(shares), refeed=refeed, draws=draws or 1000, seed=seed) for g in given]
        report(found, form, out, "serum")
    else:
        curves = [viability(g, cell, at, refeed=refeed, changes=its_own(numbers, g, given)) for g in given]
        seen = {"readout": "flow", "of": stain} if stain else {"readout": "CTG"}
        read = (c.measured(**seen, start=start, replicates=replicates, seed=seed, plate=int(wells)) for c in curves)
        plated(read, plate)
        report([c.spread(draws, seed) if draws else c for c in curves], form, out, "viability")


def _shares(text: str) -> list[float]:
    """Shares of serum as numbers; InputError for what is none."""
    from cereblon.ground.errors import InputError

    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(
            "shares of serum are numbers from 0 to 1", where="--serum", found=text, example="0.1,0.5"
        ) from None
