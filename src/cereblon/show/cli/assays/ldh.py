"""LDH release: a user's own plate analysed."""

from __future__ import annotations

from pathlib import Path

import click

from cereblon.show.cli.options import format_option, out_figures
from cereblon.show.cli.plates import pairs, write_folder


@click.command(short_help="percent cytotoxicity of an LDH plate")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--column", "columns", multiple=True, metavar="MEANING=NAME",
              help='what a column means, e.g. --column "role=Sample type"; may be repeated')  # fmt: skip
@click.option("--medium", help='volume of a well ("100 uL"), for wells that got lysis buffer on top')
@click.option("--buffer", help='volume of that lysis buffer ("10 uL")')
@click.option("--blanked", is_flag=True, help="the readings are already less the medium")
@click.option("--loaded", is_flag=True, help="a dye (or Cr-51) that targets alone carry: no effector control")
@click.option("--decimal", type=click.Choice([".", ","]), help="decimal sign, where the file does not tell")
@format_option
@out_figures
def analyse(
    file: Path, columns: tuple[str, ...], medium: str | None, buffer: str | None, blanked: bool, loaded: bool,
    decimal: str | None, form: str, out: Path | None,
) -> None:  # fmt: skip
    """Percent cytotoxicity with its interval, each condition against its own controls; antibody EC50 and E:T50.

    A row a well: role (experimental, effector, target, maximum, medium, volume control) and value; where there are
    such, antibody, antibody_nM, drug, drug_nM, ratio (E:T), plate, well. Other names: --column MEANING=NAME.

    \b
    Examples:
      cereblon analyse ldh plate.csv
      cereblon analyse ldh plate.csv --medium "100 uL" --buffer "10 uL" --out out/ldh
      cereblon analyse ldh plate.csv --column "role=Sample type" --column value=A490 --format csv
    """
    from cereblon.bench import ldh, read_ldh
    from cereblon.ground.errors import InputError
    from cereblon.show.cli.output import emit

    named = pairs(columns, "--column", '--column "role=Sample type"')
    for meaning, names in named.items():
        if len(names) > 1:
            raise InputError(f"one column is the {meaning}", where="--column", found=" and ".join(names))
    readings = read_ldh(file, columns={meaning: name for meaning, (name,) in named.items()}, decimal=decimal)
    found = ldh(readings, medium=medium, buffer=buffer, blanked=blanked, loaded=loaded)
    rows = [{str(k): v for k, v in row.items()} for row in found.table().to_dict("records")]
    if form == "table":
        click.echo(str(found))
    else:
        emit(rows, form)
    if out is not None:
        from cereblon.show.plot import plot

        write_folder(out, {"ldh": found.table()}, {"ldh": plot(found)})
        click.echo(str(out), err=True)
