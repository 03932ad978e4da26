"""The verb network: the reactions that are simulated."""

from __future__ import annotations

from pathlib import Path

import click

from cereblon.show.cli.options import a_glue, format_option, out_file, parsed, set_option, shipped_compounds


@click.group(short_help="the reactions that are simulated")
def network() -> None:
    """Look at the network that is simulated."""


@network.command()
@click.option(
    "--glue",
    default="mezigdomide",
    show_default=True,
    help="shipped name or .toml file",
    shell_complete=shipped_compounds,
)
@click.option(
    "--in", "where", type=click.Choice(["dish", "patient"]), default="dish", show_default=True, help="which model"
)
@click.option("--cell", default="H929", show_default=True, help="the cells of the dish")
@click.option("--numbers", is_flag=True, help="list the numbers of its slots instead of the reactions")
@set_option
@format_option
@out_file
def show(
    glue: str, where: str, cell: str, numbers: bool, changes: tuple[str, ...], form: str, out: Path | None
) -> None:
    """Print every reaction with its rate, or every number with its source.

    \b
    Examples:
      cereblon network show
      cereblon network show --glue pomalidomide --in patient --format csv
      cereblon network show --numbers --set "CRBN.total=12.5 nM"
    """
    from cereblon.model import dish, patient
    from cereblon.show.cli.output import emit

    record = a_glue(glue)
    model = dish(record, cell) if where == "dish" else patient(record)
    model = model.replace(parsed(changes)) if changes else model
    net = model.network
    if numbers:
        rows = [{str(k): v for k, v in row.items()} for row in model.table().to_dict("records")]
        emit(rows, form, out, title=model.name, keep=("address",))
        return
    reactions = [{"reaction": r.scheme, "rate": str(r.rate)} for r in net.reactions]
    caption = (
        f"{len(net.species)} species, {len(reactions)} reactions, {len(net.parameters)} parameters. Rates in nM/h "
        "of the reaction's place."
    )
    emit(reactions, form, out, title=model.name, caption=caption)
