"""ADCC with an antibody on CD38: simulated."""

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
from cereblon.show.cli.plates import write_folder


@click.command(short_help="lysis by an antibody and PBMC")
@click.argument("compound", shell_complete=shipped_compounds)
@click.option("--antibody", default="daratumumab", show_default=True, help="an antibody on CD38")
@click.option("--cell", default="MOLP8", show_default=True, help="the target line, or a file of your own")
@click.option("--concentration", default="10 nM", show_default=True, help="of the glue")
@click.option("--comparator", default="pomalidomide", show_default=True, help='another glue; "none" for no other')
@click.option("--comparator-at", default=None, help="its concentration (default: that of the glue)")
@click.option("--antibody-at", default="1 ug/mL", show_default=True, help="where E:T or time is varied")
@click.option("--preincubation", default="24 h", show_default=True, help="targets with the glue, before")
@click.option("--effectors", default="72 h", show_default=True, help='PBMC with the glue, before; "0 h": fresh')
@click.option("--duration", default="4 h", show_default=True, help="targets, antibody and PBMC together")
@click.option("--ratio", default=25.0, show_default=True, help="E:T, PBMC per target")
@click.option("--nk", type=float, default=None, help="NK cells among PBMC, 0 to 1 (default: of the record)")
@click.option("--in-place", is_flag=True, help="no counting and plating: all in one well")
@click.option("--washed", is_flag=True, help="no glue in the medium of the assay")
@click.option("--dexamethasone", default=None, help='its level ("1 uM") with the PBMC, beside the same without')
@draws_option
@click.option("--series", type=click.Choice(["antibody", "ratio"]), default="antibody", show_default=True,
              help="what is varied on the plate")  # fmt: skip
@set_option
@format_option
@plate_options
@out_figures
def bench(
    compound: str, antibody: str, cell: str, concentration: str, comparator: str, comparator_at: str | None,
    antibody_at: str, preincubation: str, effectors: str, duration: str, ratio: float, nk: float | None,
    in_place: bool, washed: bool, dexamethasone: str | None, draws: int, series: str, changes: tuple[str, ...],
    form: str, plate: Path | None, wells: str, replicates: int, seed: int, out: Path | None,
) -> None:  # fmt: skip
    """Targets with a glue, then antibody and PBMC: lysis by arm, antibody EC50, E:T50.

    \b
    Examples:
      cereblon bench adcc mezigdomide
      cereblon bench adcc mezigdomide --comparator-at "100 nM" --dexamethasone "1 uM" --draws 100
      cereblon bench adcc mezigdomide --preincubation "72 h" --effectors "0 h" --out out/adcc
      cereblon bench adcc mezigdomide --plate ldh.csv --wells 384
    """
    from cereblon.bench import Protocol, adcc
    from cereblon.ground.errors import InputError
    from cereblon.show.cli.assays.results import plated
    from cereblon.show.cli.options import a_glue
    from cereblon.show.cli.output import emit

    if plate is not None and dexamethasone:
        raise InputError("a plate is of one medium", where="--plate", found="--dexamethasone beside the same without",
                         expected="one of the two options")  # fmt: skip
    protocol = Protocol(preincubation, effectors, duration, ratio, nk, replated=not in_place, glue_stays=not washed)
    found = []
    for steroid in (0.0, dexamethasone) if dexamethasone else (0.0,):
        assay = adcc(
            a_glue(compound), antibody, cell, concentration, antibody_at=antibody_at, dexamethasone=steroid,
            comparator=None if comparator == "none" else a_glue(comparator), comparator_at=comparator_at,
            protocol=protocol, changes=parsed(changes),
        )  # fmt: skip
        found.append(assay.spread(draws, seed) if draws else assay)
    plated([assay.plate(series, replicates, size=int(wells), seed=seed)] if plate is not None else [], plate)
    if plate is not None:
        dish = next(record for record in assay.model.records if record.kind == "dish")
        volumes = (f'--{name} "{dish[f"{name}.volume"].to("uL").value:g} uL"' for name in ("medium", "buffer"))
        click.echo(f"cereblon analyse ldh {plate} {' '.join(volumes)}", err=True)
    if form == "table":
        click.echo("\n".join(map(str, found)))
    else:
        rows = [{str(k): v for k, v in row.items()} for one in found for row in one.table().to_dict("records")]
        emit(rows, form)
    if out is not None:
        import pandas as pd

        from cereblon.show.cytotoxicity import adcc_arms
        from cereblon.show.figures.adcc import arms_chart
        from cereblon.show.figures.workflow import workflow_chart
        from cereblon.show.plot import plot

        steps = found[-1].workflow.table()
        tables = {"adcc": pd.concat([one.table() for one in found], ignore_index=True), "workflow": steps}
        charts = {"lysis": plot(found), "arms": arms_chart(adcc_arms(found)), "workflow": workflow_chart(steps)}
        write_folder(out, tables, charts)
        click.echo(str(out), err=True)
