"""What every simulated assay does with its results: print them, draw them into a folder, put them on a plate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cereblon.show.cli.folder import write

if TYPE_CHECKING:
    from cereblon.bench import Readings
    from cereblon.records import Compound


def report(results: Sequence[Any], form: str, out: Path | None, name: str) -> None:
    """Results of one kind: in words, or their tables as csv or json; with `out`, table and figure into that folder."""
    import pandas as pd

    from cereblon.show.cli.output import emit

    table = pd.concat([one.table() for one in results], ignore_index=True)
    if form == "table":
        click.echo("\n".join(map(str, results)))
    else:
        emit([{str(k): v for k, v in row.items()} for row in table.to_dict("records")], form)
    if out is not None:
        from cereblon.show.plot import plot

        write(out, {name: table}, {name: plot(list(results))})


def its_own(changes: Mapping[str, str], glue: Compound, given: Iterable[Compound]) -> dict[str, str]:
    """The changes that are not of another of the given glues: what a dish of this one alone can take."""
    others = tuple(f"{other.name}." for other in given if other.name != glue.name)
    return {address: value for address, value in changes.items() if not address.startswith(others)}


def plated(readings: Iterable[Readings], file: Path | None) -> None:
    """The plates of an experiment into one file that `cereblon analyse` reads."""
    if file is None:
        return
    from cereblon.bench import Readings

    whole = Readings.joined(list(readings))
    whole.save(file)
    click.echo(f"{file}: {whole.count} wells, simulated", err=True)
