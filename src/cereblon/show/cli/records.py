"""Verbs about numbers and where they come from: compound, trace, check."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cereblon.show.cli.options import (
    format_option,
    out_file,
    parsed,
    set_option,
    shipped_addresses,
    shipped_compounds,
)

if TYPE_CHECKING:
    from cereblon.records import Compound, Record


@click.group()
def compound() -> None:
    """List the compounds, or show one with all its numbers."""


@compound.command("list")
@format_option
@out_file
def list_(form: str, out: Path | None) -> None:
    """List the compounds that come with the package.

    \b
    Example:
      cereblon compound list --format csv
    """
    from cereblon.records import compound as load
    from cereblon.records import compounds
    from cereblon.show.cli.output import emit

    rows = []
    for record in map(load, compounds()):
        assumed = sum(q.grade == "assumed" for q in record.values.values())
        rows.append(
            {
                "compound": record.name,
                "kind": record.kind,
                "Kd": str(record["CRBN.Kd"]),
                "assay": record.affinity,
                "grade": record["CRBN.Kd"].grade,
                "recruits": ", ".join(record.neosubstrates),
                "numbers": len(record.values),
                "assumed": assumed,
            }
        )
    emit(rows, form, out, keep=("compound", "Kd"))


@compound.command()
@click.argument("name", shell_complete=shipped_compounds)
@set_option
@format_option
@out_file
def show(name: str, changes: tuple[str, ...], form: str, out: Path | None) -> None:
    """Show every number of a compound: NAME of a shipped one, or the path of a .toml file.

    \b
    Examples:
      cereblon compound show mezigdomide
      cereblon compound show my_glue.toml --format json
      cereblon compound show mezigdomide --set "mezigdomide.CRBN.Kd=500 nM"
    """
    from cereblon.records import compound as load
    from cereblon.show.cli.output import emit

    record = changed(load(name), changes)
    caption = f"affinity family {record.affinity}" + (f". {record.note}" if record.note else "")
    title = f"{record.symbol} ({record.kind})"
    emit(_numbers(record), form, out, title=title, keep=("address", "value"), caption=caption)


def changed(record: Compound, changes: tuple[str, ...]) -> Compound:
    """The compound with the numbers of `--set`; an address of something else is refused."""
    from cereblon.ground.errors import AddressError
    from cereblon.ground.vocabulary import check_address

    new = parsed(changes)
    for address in new:
        check_address(address, extra=(record.name,))
        if address.split(".")[0] != record.name:
            raise AddressError(
                "this is not a number of the compound",
                where="--set",
                found=address,
                expected=f"an address that begins with {record.name}",
                example=f"{record.name}.CRBN.Kd=500 nM",
            )
    return record.replace(new) if new else record


def _numbers(record: Record) -> list[dict[str, Any]]:
    from cereblon.records import sources

    known = sources()
    return [
        {
            "address": address,
            "value": f"{q.value:.6g}",
            "unit": "" if q.unit == "1" else q.unit,
            "low": q.low,
            "high": q.high,
            "grade": q.grade,
            "source": known[q.source].citation if q.source in known else q.source,
            "note": q.note,
        }
        for address, q in record.values.items()
    ]


@click.command()
@click.argument("address", shell_complete=shipped_addresses)
@click.option("--with", "files", multiple=True, metavar="FILE", help="read this .toml file too")
@format_option
@out_file
def trace(address: str, files: tuple[str, ...], form: str, out: Path | None) -> None:
    """Print a number's whole route: file and source, equations, outputs that it moves.

    \b
    Examples:
      cereblon trace mezigdomide.CRBN.Kd
      cereblon trace IKZF1.t_half@tumour
      cereblon trace H929.CRBN.total --format json
    """
    raise NotImplementedError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@format_option
@out_file
def check(file: Path, form: str, out: Path | None) -> None:
    """Check a FILE of numbers: a compound, a cell, a dish or a patient.

    Prints what it holds and what falls to the defaults of its class; leaves with 2 and one paragraph when it
    is not good.

    \b
    Example:
      cereblon check my_glue.toml
    """
    raise NotImplementedError
