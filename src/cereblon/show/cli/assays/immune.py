"""T and NK cells under anti-CD3: simulated."""

from __future__ import annotations

from pathlib import Path

import click

from cereblon.show.cli.options import format_option, out_figures, parsed, plate_options, set_option, shipped_compounds
from cereblon.show.cli.plates import write_folder


@click.command(short_help="IL-2, T cells and NK cells")
@click.argument("compound", shell_complete=shipped_compounds)
@click.option("--dexamethasone", default="1 uM", show_default=True, help="beside which everything is seen once more")
@click.option("--at", default="72 h", show_default=True, help="when T and NK cells are counted")
@click.option("--il2-at", default="24 h", show_default=True, help="when IL-2 is measured")
@click.option("--refeed", default=None, help='make good what decayed, every so often ("24 h")')
@click.option("--of", type=click.Choice(["IL2", "T", "NK", "NK_activity"]), default="IL2", show_default=True,
              help="what the plate is read for")  # fmt: skip
@set_option
@format_option
@plate_options
@out_figures
def bench(
    compound: str, dexamethasone: str, at: str, il2_at: str, refeed: str | None, of: str, changes: tuple[str, ...],
    form: str, plate: Path | None, wells: str, replicates: int, seed: int, out: Path | None,
) -> None:  # fmt: skip
    """Dose-response of IL-2 release, T-cell numbers and NK activity, with and without dexamethasone.

    \b
    Examples:
      cereblon bench immune mezigdomide
      cereblon bench immune lenalidomide --dexamethasone "100 nM" --format csv
      cereblon bench immune pomalidomide --out out/immune
      cereblon bench immune mezigdomide --plate il2.csv
    """
    from cereblon.bench import immune
    from cereblon.show.cli.assays.results import plated
    from cereblon.show.cli.options import a_glue
    from cereblon.show.cli.output import emit

    glue, numbers = a_glue(compound), parsed(changes)
    pair = [immune(glue, level, at, IL2_at=il2_at, refeed=refeed, changes=numbers) for level in (False, dexamethasone)]
    plated((one.measured(of, replicates=replicates, seed=seed, plate=int(wells)) for one in pair), plate)
    if form == "table":
        click.echo("\n".join(map(str, pair)))
    else:
        emit([{str(k): v for k, v in row.items()} for one in pair for row in one.table().to_dict("records")], form)
    if out is not None:
        import pandas as pd

        from cereblon.show.plot import plot

        table = pd.concat([one.table() for one in pair], ignore_index=True)
        write_folder(out, {"immune": table}, {"immune": plot(pair)})
        click.echo(str(out), err=True)
