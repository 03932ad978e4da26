"""Charts of a trial into a folder, as SVG and PNG."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click


def write(folder: Path, charts: Mapping[str, Any]) -> None:
    """Draw all, then write name.svg and name.png of each, and say where on standard error."""
    from cereblon.ground.files import inside, write_atomically
    from cereblon.show import render

    drawn = {name: render.svg(render.spec(chart)) for name, chart in charts.items()}
    for name, drawing in drawn.items():
        write_atomically(inside(folder, f"{name}.svg"), drawing)
        write_atomically(inside(folder, f"{name}.png"), render.png(drawing))
    click.echo(str(folder), err=True)
