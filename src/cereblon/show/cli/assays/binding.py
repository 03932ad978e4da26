"""Target engagement: simulated."""

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

READINGS = ("displacement", "capacity", "occupancy")


@click.command(short_help="displacement of a tracer, capacity, occupancy")
@click.argument("compounds", nargs=-1, required=True, metavar="COMPOUND...", shell_complete=shipped_compounds)
@click.option("--read", "reading", type=click.Choice(READINGS), default=READINGS[0], show_default=True,
              help="what is shown: an assay's curve, ratios to the IMiDs, or shares of cereblon in a cell")  # fmt: skip
@click.option("--assay", default="FP", show_default=True, help="of a displacement: FP, TR_FRET, or a file of your own")
@click.option("--cell", default="H929", show_default=True, help="of the occupancy: the line, or a file of your own")
@draws_option
@set_option
@format_option
@plate_options
@out_figures
def bench(
    compounds: tuple[str, ...], reading: str, assay: str, cell: str, draws: int, changes: tuple[str, ...], form: str,
    plate: Path | None, wells: str, replicates: int, seed: int, out: Path | None,
) -> None:  # fmt: skip
    """A tracer displaced from purified cereblon: IC50, and the affinity that each analysis makes of it.

    With --read capacity the two readings of "binds so many times better": the ratio of affinities, and that of closed
    occupancy at equal concentrations, over lenalidomide and pomalidomide.

    \b
    Examples:
      cereblon bench binding mezigdomide lenalidomide --assay TR_FRET
      cereblon bench binding mezigdomide --set "CRBN.total=20 nM" --draws 100
      cereblon bench binding mezigdomide --read capacity --out out/capacity
      cereblon bench binding mezigdomide --plate plate.csv
    """
    from cereblon.bench import binding, capacity, displacement
    from cereblon.ground.errors import InputError
    from cereblon.show.cli.assays.results import its_own, plated, report
    from cereblon.show.cli.options import glues

    given, numbers = glues(compounds), parsed(changes)
    if reading != READINGS[0] and plate is not None:
        raise InputError("only a displacement has a plate", where="--plate", found=f"--read {reading}")
    if reading == "capacity":
        if numbers:
            raise InputError("ratios are taken between records as they stand", where="--set", found="; ".join(numbers))
        report([capacity(glue, draws=draws or 2000, seed=seed) for glue in given], form, out, reading)
    elif reading == "occupancy":
        report([binding(glue, cell, changes=its_own(numbers, glue, given)) for glue in given], form, out, reading)
    else:
        curves = [displacement(glue, assay, changes=its_own(numbers, glue, given)) for glue in given]
        plated((c.measured(replicates=replicates, seed=seed, plate=int(wells)) for c in curves), plate)
        report([c.spread(draws, seed) if draws else c for c in curves], form, out, reading)
