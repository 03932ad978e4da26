"""Combination of two drugs: a matrix simulated in a dish, and matrices of a user's own file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cereblon.show.cli.options import format_option, out_figures, parsed, set_option, shipped_compounds
from cereblon.show.cli.plates import plate_file, read_plate

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bench import Protocol, Synergy
    from cereblon.statistics.combination import Options

F = TypeVar("F", bound=Callable[..., Any])


def _analysis(function: F) -> F:
    """The options of every analysis of a matrix, and where it goes."""
    options = (
        click.option("--single", type=click.Choice(["measured", "fitted"]), default="measured", show_default=True,
                     help="what Bliss and HSA take a drug alone from: its own wells, or its fitted curve"),
        click.option("--beyond", type=click.Choice(["HSA", "weakest", "nan"]), default="HSA", show_default=True,
                     help="what Loewe expects where one drug exceeds all that the weaker can do"),
        click.option("--gamma", is_flag=True, help="fit MuSyC with synergy of cooperativity"),
        click.option("--floor", is_flag=True, help="let no fitted plateau fall below 0 survival"),
        click.option("--draws", type=click.IntRange(0, 10_000), default=200, show_default=True,
                     help="bootstrap draws behind the intervals; 0 for none"),
        click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True,
                     help="seed of noise and bootstrap"),
        click.option("--level", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.5,
                     show_default=True, help="survival at which the isobole is drawn"),
        format_option,
        out_figures,
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


@click.command(short_help="two drugs, every pair of doses, every reference")
@click.argument("compound", metavar="GLUE", shell_complete=shipped_compounds)
@click.option("--with", "partner", required=True,
              help="the other drug: dexamethasone, bortezomib, carfilzomib, trametinib, another glue, or daratumumab "
                   "(then beside PBMC)")  # fmt: skip
@click.option("--cell", default="H929", show_default=True, help="the cell line, or a file of your own")
@click.option("--at", default=None, help='time of the reading [default: "5 d"]; with an antibody the time together '
              '[default: "24 h"]')  # fmt: skip
@click.option(
    "--concentrations", default="", metavar="LIST", help='of the glue in nM, e.g. "0.1,0.3,1" (default: seven)'
)
@click.option("--partner-concentrations", default="", metavar="LIST", help="of the other drug in nM (default: seven)")
@click.option("--refeed", help='make good what decayed in the medium, e.g. "24 h"')
@click.option("--ratio", type=float, default=None, help="with an antibody: E:T, PBMC per target [default: 25]")
@click.option("--preincubation", default=None, help='with an antibody: targets with the glue, before [default: "24 h"]')
@click.option("--effectors", default=None, help='with an antibody: PBMC with the glue, before [default: "72 h"]')
@click.option("--replicates", type=click.IntRange(1, 50), default=4, show_default=True, help="wells of each pair")
@click.option(
    "--noise", default="luminescence", show_default=True, help="the read-out's scatter, or a file of your own"
)
@click.option("--plate", type=click.Path(path_type=Path),
              help="also write the simulated wells to this file, for `cereblon analyse synergy`")  # fmt: skip
@click.option("--exact", is_flag=True, help="no plate and no noise: the mechanism alone, without intervals")
@set_option
@_analysis
def bench(
    compound: str, partner: str, cell: str, at: str | None, concentrations: str, partner_concentrations: str,
    refeed: str | None, ratio: float | None, preincubation: str | None, effectors: str | None, replicates: int,
    noise: str, plate: Path | None, exact: bool, changes: tuple[str, ...], single: Any, beyond: Any, gamma: bool,
    floor: bool, draws: int, seed: int, level: float, form: str, out: Path | None,
) -> None:  # fmt: skip
    """A dose matrix of a glue and another drug in a dish: simulated, measured on plates with noise, and scored against
    Bliss, HSA, Loewe, ZIP, the combination index, MuSyC and BRAID. Positive is synergy in every one of them.

    \b
    Examples:
      cereblon bench synergy mezigdomide --with bortezomib
      cereblon bench synergy mezigdomide --with dexamethasone --cell MM1S --at "3 d" --out out/synergy
      cereblon bench synergy mezigdomide --with lenalidomide --exact --format csv
      cereblon bench synergy mezigdomide --with trametinib --cell H929_MYC --replicates 3 --seed 7
      cereblon bench synergy mezigdomide --with daratumumab --cell MOLP8 --ratio 10
    """
    from cereblon.bench import synergy
    from cereblon.ground.errors import InputError
    from cereblon.show.cli.assays.results import plated
    from cereblon.show.cli.options import a_glue
    from cereblon.show.cli.output import bar

    if plate is not None and exact:
        raise InputError("without noise there is no plate", where="--plate", found="--exact", expected="one of the two")
    found = synergy(
        a_glue(compound), partner, cell, at, concentrations=_numbers(concentrations, "--concentrations"),
        partner_concentrations=_numbers(partner_concentrations, "--partner-concentrations"), refeed=refeed,
        protocol=_protocol(ratio=ratio, preincubation=preincubation, effectors=effectors), changes=parsed(changes),
        options=_options(single, beyond, gamma, floor),
    )  # fmt: skip
    if not exact:
        with bar("draws") as step:
            found = found.measured(replicates, noise, seed, draws=draws, progress=step)
        plated([found.readings] if found.readings is not None else [], plate)
    _show([found], level, form, out)
    if form == "table":
        click.echo(f"{len(found.assumptions)} numbers behind this are assumed or recalled. Research use only.")


class _OneScale(click.Command):
    """The analysis, which refuses both of --percent and --share."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if {"--percent", "--share"} <= set(args):
            raise click.UsageError("--percent and --share exclude each other: give one of them", ctx)
        return super().parse_args(ctx, args)


@click.command(cls=_OneScale, short_help="matrices of two drugs in a file")
@plate_file
@click.option("--response", type=click.Choice(["viability", "inhibition"]),
              help="what the numbers are, where header and untreated wells do not say")  # fmt: skip
@click.option("--percent/--share", default=None, help="whether all is 100 or 1, where the numbers do not say")
@click.option("--over-control", is_flag=True, help="divide each block by the mean of its untreated wells first")
@_analysis
def analyse(
    file: Path, columns: tuple[str, ...], unit: str | None, group: tuple[str, ...], layout: Path | None,
    decimal: str | None, response: str | None, percent: bool | None, over_control: bool, single: Any, beyond: Any,
    gamma: bool, floor: bool, draws: int, seed: int, level: float, form: str, out: Path | None,
) -> None:  # fmt: skip
    """Score every matrix of FILE, a row a well or condition, against Bliss, HSA, Loewe, ZIP, the combination index,
    MuSyC and BRAID. Positive is synergy in every one of them.

    Columns are found by their names (compound, concentration, partner, partner_concentration, value; those of
    synergyfinder and of the Python package synergy too), single agents have 0 of the other drug, rows that agree are
    replicates.

    \b
    Examples:
      cereblon analyse synergy screen.csv
      cereblon analyse synergy screen.csv --response inhibition --percent --out out/screen
      cereblon analyse synergy wells.csv --column "concentration=A (nM)" --column "partner_concentration=B (nM)"
    """
    from cereblon.bench.synergy import analysed
    from cereblon.show.cli.output import bar

    readings = read_plate(file, columns, unit, group, layout, decimal)
    with bar("draws") as step:
        found = analysed(
            readings, _options(single, beyond, gamma, floor), response=response, percent=percent,
            over_control=over_control, draws=draws, seed=seed, progress=step,
        )  # fmt: skip
    _show(found, level, form, out)


def _protocol(**given: Any) -> Protocol | None:
    """What was said of an assay beside PBMC; None where nothing was."""
    from cereblon.bench import Protocol
    from cereblon.bench.matrix_wells import BESIDE_AT

    said = {name: value for name, value in given.items() if value is not None}
    return Protocol(duration=BESIDE_AT, **said) if said else None


def _options(single: Any, beyond: Any, gamma: bool, floor: bool) -> Options:
    from cereblon.statistics.combination import Options

    return Options(single, beyond, gamma, floor)


def _numbers(text: str, option: str) -> list[float] | None:
    """The numbers of a list in text; None for an empty one."""
    from cereblon.ground.errors import InputError

    if not text.strip():
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError("a list of numbers is needed", where=option, found=text, example="0.1,0.3,1,3") from None


def _show(found: Sequence[Synergy], level: float, form: str, out: Path | None) -> None:
    """Print the scores, and write the tables and figures of each matrix into a folder."""
    import pandas as pd

    from cereblon.ground.errors import InputError
    from cereblon.show.cli.output import emit

    if not 0 < level < 1:  # NaN passes the range of an option
        raise InputError("an isobole is of a share that lives", where="--level", found=f"{level:g}", example="0.5")
    if form == "table":
        click.echo("\n\n".join(map(str, found)))
    else:
        parts = [
            one.scores().assign(drug_1=one.matrix.names[0], drug_2=one.matrix.names[1], matrix=name)
            for name, one in zip(_names(found), found, strict=True)
        ]
        table = pd.concat(parts, ignore_index=True)
        emit([{str(k): v for k, v in row.items()} for row in table.to_dict("records")], form)
    if out is None:
        return
    from cereblon.show.cli.folder import write

    for name, one in zip(_names(found), found, strict=True):
        write(out / name if len(found) > 1 else out, *_files(one, level))


def _files(one: Synergy, level: float) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Tables and charts of one matrix, by the names of their files."""
    from cereblon.show.figures.synergy import isobologram_chart, map_chart
    from cereblon.show.plot import plot
    from cereblon.show.synergy_plot import score

    table, isobole = one.table(), one.isobole(level)
    tables = {"matrix": table, "scores": one.scores(), "numbers": one.numbers(), "isobole": isobole}
    if one.readings is not None and one.model is not None:
        tables["wells"] = one.readings.table()
    charts = {"synergy": plot(one), "survival": map_chart(table, "survival")}
    for name, reference in one.analysis.references.items():
        charts[name] = map_chart(table, name, score(reference.score))
    return tables, charts | {"isobologram": isobologram_chart(isobole, table, level)}


def _names(found: Sequence[Synergy]) -> list[str]:
    """A folder's name for each matrix: its place and the two drugs, letters and digits alone."""
    import re

    return [
        f"{i}-" + "-".join(re.sub(r"[^A-Za-z0-9]+", "_", drug).strip("_")[:40] or "drug" for drug in one.matrix.names)
        for i, one in enumerate(found, 1)
    ]
