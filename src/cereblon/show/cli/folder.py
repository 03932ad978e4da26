"""Tables and figures of a verb into one folder: csv, svg and png."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import pandas as pd


def write(folder: Path, tables: Mapping[str, pd.DataFrame], charts: Mapping[str, Any]) -> None:
    """Draw all, then write name.csv of each table, name.svg and name.png of each chart, and say where on standard
    error."""
    from cereblon.ground.files import inside, write_atomically
    from cereblon.show import render

    drawn = {name: render.svg(render.spec(chart)) for name, chart in charts.items()}
    for name, table in tables.items():
        write_atomically(inside(folder, f"{name}.csv"), table.to_csv(index=False))
    for name, svg in drawn.items():
        write_atomically(inside(folder, f"{name}.svg"), svg)
        write_atomically(inside(folder, f"{name}.png"), render.png(svg))
    click.echo(str(folder), err=True)


def writable(folder: Path) -> None:
    """InputError before the work, not after, when the folder cannot be made."""
    from cereblon.ground.errors import InputError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            "cannot write here", where=str(folder), found=error.strerror or "", example="--out results"
        ) from None
