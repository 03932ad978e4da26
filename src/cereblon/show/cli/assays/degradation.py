"""Degradation: simulated."""

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


@click.command(short_help="dose-response or time course of a protein")
@click.argument("compounds", nargs=-1, required=True, metavar="COMPOUND...", shell_complete=shipped_compounds)
@click.option("--of", default="IKZF1", show_default=True, help="the protein")
@click.option("--cell", default="H929", show_default=True, help="the cell line, or a file of your own")
@click.option("--at", "times", multiple=True, default=("4 h",), show_default=True,
              help="time of the reading; repeatable, for plates of several times")  # fmt: skip
@click.option("--course", "concentration", default=None, metavar="CONCENTRATION",
              help='the time course at this concentration instead ("100 nM")')  # fmt: skip
@click.option("--until", default="24 h", show_default=True, help="end of the time course")
@click.option("--readout", default="HiBiT", show_default=True, help="of the plate: HiBiT, western, or a file")
@draws_option
@set_option
@format_option
@plate_options
@out_figures
def bench(
    compounds: tuple[str, ...], of: str, cell: str, times: tuple[str, ...], concentration: str | None, until: str,
    readout: str, draws: int, changes: tuple[str, ...], form: str, plate: Path | None, wells: str, replicates: int,
    seed: int, out: Path | None,
) -> None:  # fmt: skip
    """Dose-response of one protein at one time (DC50, Dmax), or its time course (half-time, lag, plateau).

    \b
    Examples:
      cereblon bench degradation mezigdomide --of IKZF1
      cereblon bench degradation pomalidomide --of IKZF3 --at "24 h" --format csv
      cereblon bench degradation lenalidomide mezigdomide --course "100 nM" --until "12 h"
      cereblon bench degradation mezigdomide --plate plate.csv --readout western
      cereblon bench degradation mezigdomide --at "2 h" --at "24 h" --plate plate.csv   (for analyse constants)
      cereblon bench degradation lenalidomide --course "10 uM" --plate course.csv   (cereblon analyse time-course)
    """
    from cereblon.bench import course, degradation
    from cereblon.ground.errors import InputError
    from cereblon.show.cli.assays.results import its_own, plated, report
    from cereblon.show.cli.options import glues

    said = click.get_current_context().get_parameter_source
    given_by_hand = click.core.ParameterSource.COMMANDLINE
    if concentration is None and said("until") is given_by_hand:
        raise InputError("the end of a time course, which was not asked for", where="--until", found=until,
                         example='--course "100 nM"')  # fmt: skip
    if concentration is not None and said("times") is given_by_hand:
        raise InputError("a time course is read at many times", where="--at", found=", ".join(times),
                         expected="--until, or no --course")  # fmt: skip
    given, numbers = glues(compounds), parsed(changes)
    if concentration is not None:
        courses = [
            course(g, of, cell, concentration, until=until, changes=its_own(numbers, g, given)) for g in given
        ]
        plated(
            (c.measured(readout=readout, replicates=replicates, seed=seed, plate=int(wells)) for c in courses), plate
        )
        report(courses, form, out, "course")
        return
    if len(set(times)) < len(times):
        raise InputError("a time is named twice", where="--at", found=", ".join(times), expected="each once")
    curves = [degradation(g, of, cell, at, changes=its_own(numbers, g, given)) for at in times for g in given]
    plated(
        (c.measured(readout=readout, replicates=replicates, seed=seed, plate=int(wells)) for c in curves), plate
    )
    report([c.spread(draws, seed) if draws else c for c in curves], form, out, "degradation")
