"""Verbs about numbers and where they come from: compound, trace, check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
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


@click.group(short_help="list the compounds, or show one")
def compound() -> None:
    """List the compounds, or show one with all its numbers."""


@compound.command("list")
@format_option
@out_file
def list_(form: str, out: Path | None) -> None:
    """List the compounds that come with the package: glues, then the drugs given beside them.

    \b
    Example:
      cereblon compound list --format csv
    """
    from cereblon.records import compound as load
    from cereblon.records import compounds, partners
    from cereblon.show.cli.output import emit

    rows = []
    for record in map(load, (*compounds(), *partners())):
        assumed = sum(q.grade == "assumed" for q in record.values.values())
        Kd = record.values.get(record.address("CRBN.Kd"))
        rows.append(
            {
                "compound": record.name,
                "kind": record.kind,
                "Kd": str(Kd or ""),
                "assay": record.affinity if Kd else "",
                "grade": Kd.grade if Kd else "",
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


@click.command(short_help="a number's route: source, equations, what it moves")
@click.argument("address", shell_complete=shipped_addresses)
@click.option("--glue", help="the compound of the models where the address names none; a .toml file of your own")
@click.option("--cell", default="H929", show_default=True, help="the cells where the address names none")
@format_option
@out_file
def trace(address: str, glue: str | None, cell: str, form: str, out: Path | None) -> None:
    """Print a number's whole route: file and source, equations, outputs that it moves.

    \b
    Examples:
      cereblon trace mezigdomide.CRBN.Kd
      cereblon trace IKZF1.t_half@tumour
      cereblon trace H929.CRBN.total --format json
    """
    from cereblon.evidence.trace import trace as follow
    from cereblon.show.cli.output import emit

    route = follow(address, glue=glue, cell=cell)
    if form == "table":
        text = f"{route}\n"
        if out is None:
            click.echo(text, nl=False)
        else:
            from cereblon.ground.files import write_atomically

            write_atomically(out, text)
        return
    steps: list[tuple[str, str, str]] = [
        ("number", route.address, str(route.quantity)),
        ("record", route.record, route.file),
        ("source", str(route.source), route.quantity.grade),
        *(("slot", name, slot) for name, slot in route.slots.items()),
        *(("derived", name, text) for name, text in route.derived),
        *(("reaction", scheme, text) for scheme, text in route.reactions),
        *(("read-out", name, text) for name, text in route.observables),
        *(("moves", f"{e.model}: {e.output}", f"{e.sensitivity:+.3g}") for e in route.effects),
    ]
    emit([{"step": step, "name": name, "text": text} for step, name, text in steps], form, out)


@click.command(short_help="is this file good?")
@click.argument("file", type=click.Path(path_type=Path))
@format_option
@out_file
def check(file: Path, form: str, out: Path | None) -> None:
    """Check a FILE: a compound, a cell, a dish, a patient, or a network of your own.

    Prints what it holds and what falls to the defaults of its class; leaves with 2 and one paragraph when it
    is not good.

    \b
    Examples:
      cereblon check my_glue.toml
      cereblon check my_network.toml
    """
    from cereblon.show.cli.output import emit
    from cereblon.show.network_file import KIND, kind_of, read_network

    if file.suffix == ".toml" and kind_of(file) == KIND:
        net, doses, _ = read_network(file)
        reactions = [{"reaction": r.scheme, "rate": str(r.rate)} for r in net.reactions]
        caption = f"{file} is good: units fit, mass balances, {len(net.species)} species, {len(doses)} rows of doses."
        emit(reactions, form, out, title=net.name, caption=caption)
        return
    record = _any(file)
    numbers = list(record.values.values())
    own = sum(not q.note.startswith(("class default", "common cell", "shared by trials")) for q in numbers)
    grades = ", ".join(f"{n} {grade}" for grade, n in Counter(q.grade for q in numbers).most_common())
    caption = f"{file} is good: {own} numbers of its own, {len(numbers) - own} defaults of its class; {grades}."
    emit(
        _numbers(record),
        form,
        out,
        title=f"{record.symbol} ({record.kind})",
        keep=("address", "value"),
        caption=caption,
    )


def _any(file: Path) -> Record:
    """The record in a file of any kind, which its `kind` says; the reader of that kind judges it."""
    from cereblon.ground.errors import RecordError
    from cereblon.records import cell, dish, patient
    from cereblon.records import compound as compound_
    from cereblon.records.policy import policy
    from cereblon.records.population import population
    from cereblon.records.trial import protocol
    from cereblon.show.network_file import KIND, kind_of

    if file.suffix != ".toml":
        raise RecordError(
            "a record is a .toml file", where=str(file), found=file.suffix or "no suffix", example="my_glue.toml"
        )
    readers: dict[str, Callable[[Path], Record]] = {"dish": dish, "patient": patient}
    readers |= {"population": population, "policy": policy, "trial": protocol}
    readers |= dict.fromkeys(("myeloma line", "T cell", "NK cell", "marrow progenitor", "cell"), cell)
    readers |= dict.fromkeys(("glue", "bivalent", "partner", ""), compound_)
    kind = kind_of(file)
    if kind not in readers:
        raise RecordError(
            "this is no kind of record that is checked here",
            where=f"{file}: kind",
            found=kind,
            expected=f"one of {', '.join(filter(None, [*readers, KIND]))}",
            example='kind = "glue"',
        )
    return readers[kind](file)
