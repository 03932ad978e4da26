"""Options that several verbs share, each written once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cereblon.ground.errors import shorten

if TYPE_CHECKING:
    from cereblon.records import Compound

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("table", "csv", "json")


def format_option(function: F) -> F:
    """--format table|csv|json"""
    text = "how to print: a table to read, csv or json for other programs"
    return click.option("--format", "form", type=click.Choice(FORMATS), default="table", help=text)(function)


def out_file(function: F) -> F:
    """--out FILE, for a verb that prints one table."""
    return click.option("--out", type=click.Path(path_type=Path), help="write to this file instead")(function)


def out_folder(function: F) -> F:
    """--out FOLDER, for a verb that writes a folder."""
    text = "the folder that results go into (default: out)"
    return click.option("--out", type=click.Path(path_type=Path), default=Path("out"), help=text)(function)


def out_figures(function: F) -> F:
    """--out FOLDER, for a verb that prints, and writes tables and figures only where it is told to; a folder that
    cannot be made is refused before anything is computed or printed."""
    text = "also write tables (csv) and figures (svg, png) into this folder"
    return click.option("--out", type=click.Path(path_type=Path), callback=_writable, help=text)(function)


def _writable(ctx: click.Context, parameter: click.Parameter, folder: Path | None) -> Path | None:
    from cereblon.show.cli.folder import check_folder

    if folder is not None and not ctx.resilient_parsing:
        check_folder(folder)
    return folder


def plate_options(function: F) -> F:
    """--plate FILE.csv, with --wells, --replicates and --seed"""
    options = (
        click.option("--plate", type=click.Path(path_type=Path),
                     help="also write a simulated plate of it to this file, for `cereblon analyse`"),
        click.option("--wells", type=click.Choice(["96", "384"]), default="96", show_default=True,
                     help="wells of that plate"),
        click.option("--replicates", type=click.IntRange(1, 48), default=3, show_default=True,
                     help="wells of a point on that plate"),
        click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True,
                     help="seed of that plate's scatter, and of the draws behind intervals"),
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def draws_option(function: F) -> F:
    """--draws N"""
    text = "draws of the records' intervals, for intervals on what is estimated; 0: none"
    return click.option("--draws", type=click.IntRange(0, 10_000), default=0, show_default=True, help=text)(function)


def seed_option(function: F) -> F:
    """--seed N"""
    text = "seed of the draws behind the intervals of a page; a single simulation draws nothing"
    return click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help=text)(function)


def set_option(function: F) -> F:
    """--set ADDRESS=VALUE, any number of times."""
    text = 'change a number, e.g. --set "mezigdomide.CRBN.Kd=500 nM"; may be repeated'
    return click.option("--set", "changes", multiple=True, metavar="ADDRESS=VALUE", help=text)(function)


def parsed(changes: Iterable[str]) -> dict[str, str]:
    """address -> value text of `--set` options; InputError for one that is not ADDRESS=VALUE."""
    from cereblon.ground.errors import InputError
    from cereblon.ground.quantity import Quantity

    out: dict[str, str] = {}
    for text in changes:
        address, equals, value = (part.strip() for part in text.partition("="))
        if not (address and equals and value):
            raise InputError(
                "a change is ADDRESS=VALUE", where="--set", found=text, example="mezigdomide.CRBN.Kd=500 nM"
            )
        if address in out:
            raise InputError("this number is set twice", where="--set", found=f"{address}={out[address]} and {value}")
        with at_option(f"--set {shorten(address, 60)}"):
            Quantity.parse(value)
        out[address] = value
    return out


def glues(names: Iterable[str]) -> list[Compound]:
    """The glues of several names or files, each as `a_glue`; InputError for one that is named twice."""
    from cereblon.ground.errors import InputError

    found = [a_glue(name) for name in names]
    twice = [one.name for i, one in enumerate(found) if one.name in {other.name for other in found[:i]}]
    if twice:
        raise InputError("this compound is named twice", found=twice[0], expected="each once")
    return found


@contextmanager
def at_option(option: str) -> Iterator[None]:
    """Errors of a number inside, told with the option that it was given to."""
    from cereblon.ground.errors import InputError

    try:
        yield
    except InputError as error:
        raise type(error)(
            error.message, where=option, found=error.found, expected=error.expected, example=error.example
        ) from None


def a_glue(name_or_path: str) -> Compound:
    """The glue of a name or file; InputError for a partner, which these models have no place for."""
    from cereblon.ground.errors import InputError
    from cereblon.records import compound, compounds

    record = compound(name_or_path)
    if record.kind != "glue":
        raise InputError(
            "this model is of a glue",
            where=record.name,
            found=f"a {record.kind}",
            expected=f"one of {', '.join(compounds())}, or a file of your own",
            example="mezigdomide",
        )
    return record


def shipped_compounds(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completion of a compound's name."""
    from cereblon.records import compounds

    return [name for name in compounds() if name.startswith(incomplete)]


def shipped_addresses(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Completion of an address."""
    from cereblon.records import cell, cells, compound, compounds

    records = [compound(n) for n in compounds()] + [cell(n) for n in cells()]
    return [address for record in records for address in record if address.startswith(incomplete)]
