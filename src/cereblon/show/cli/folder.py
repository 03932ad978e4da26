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


def check_folder(folder: Path) -> None:
    """InputError when the folder cannot be made, or nothing can be written into it; nothing is left behind."""
    import tempfile

    from cereblon.ground.errors import InputError

    above = next((p for p in (folder, *folder.absolute().parents) if p.exists()), folder)
    if not above.is_dir():
        raise InputError("a file stands where a folder should be", where=str(above), expected="another --out")
    made: list[Path] = []
    try:
        for missing in reversed([p for p in (folder.absolute(), *folder.absolute().parents) if not p.exists()]):
            missing.mkdir()
            made.append(missing)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        found = error.strerror or ""
        raise InputError("cannot write here", where=str(folder), found=found, example="--out results") from None
    finally:
        for one in reversed(made):
            one.rmdir()
