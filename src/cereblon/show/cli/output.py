"""Rows printed as a table, as csv or as json; to the screen or, whole or not at all, to a file."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


def emit(
    rows: Sequence[Row],
    form: str = "table",
    out: Path | None = None,
    *,
    title: str = "",
    keep: Sequence[str] = (),
    caption: str = "",
) -> None:
    """Print `rows` (all with the same keys). `keep` are columns never wrapped; `title` and `caption` stand
    around a table and are left out of csv and json. InputError when `out` cannot be written."""
    text = {"csv": as_csv, "json": as_json}[form](rows) if form != "table" else ""
    if out is not None:
        from cereblon.ground.files import write_atomically

        write_atomically(out, text or as_table(rows, title=title, keep=keep, caption=caption, width=160))
    elif text:
        sys.stdout.write(text)
    else:
        sys.stdout.write(as_table(rows, title=title, keep=keep, caption=caption))


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on standard error that goes away when the work is done; to be told (done, whole)."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    parts = (TextColumn("{task.description:<6}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    shown = console.is_terminal
    with Progress(*parts, TimeElapsedColumn(), console=console, transient=True, disable=not shown) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, whole: progress.update(task, completed=done, total=whole)


def as_csv(rows: Sequence[Row]) -> str:
    """Rows as csv with a header."""
    file = io.StringIO()
    writer = csv.DictWriter(file, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({k: "" if _missing(v) else v for k, v in row.items()} for row in rows)
    return file.getvalue()


def as_json(rows: Sequence[Row]) -> str:
    """Rows as a json array; what is not a finite number is null."""
    clean = [{k: None if _missing(v) else _plain(v) for k, v in row.items()} for row in rows]
    return json.dumps(clean, indent=1, ensure_ascii=False) + "\n"


def as_table(
    rows: Sequence[Row],
    *,
    title: str = "",
    keep: Sequence[str] = (),
    caption: str = "",
    width: int | None = None,
) -> str:
    """Rows as a table of text, coloured only on a terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    terminal = width is None and sys.stdout.isatty()
    file = io.StringIO()
    console = Console(file=file, width=None if terminal else width or 160, force_terminal=terminal, highlight=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    columns = list(rows[0]) if rows else []
    numeric = {c for c in columns if all(isinstance(_plain(r[c]), int | float) for r in rows)}
    for column in columns:
        table.add_column(
            column, justify="right" if column in numeric else "left", no_wrap=column in keep, overflow="fold"
        )
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    if title:  # beside the table, not in it: a narrow table would break the lines
        console.print(title, style="italic", markup=False)
    console.print(table)
    if caption:
        console.print(caption, style="dim", markup=False)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def _cell(value: Any) -> str:
    from rich.markup import escape

    if _missing(value):
        return ""
    plain = _plain(value)
    return f"{plain:.4g}" if isinstance(plain, float) else escape(str(plain))


def _plain(value: Any) -> Any:
    """Numpy scalars as Python's own."""
    return value.item() if hasattr(value, "item") else value


def _missing(value: Any) -> bool:
    return value is None or (isinstance(_plain(value), float) and not math.isfinite(_plain(value)))
