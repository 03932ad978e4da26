"""Constants: what degradation read-outs say of a glue's constants, and which experiment would say more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cereblon.show.cli.options import at_option, format_option, out_figures, parsed, set_option
from cereblon.show.cli.plates import plate_file, read_plate, say, write_folder

if TYPE_CHECKING:
    from cereblon.bench import Constants
    from cereblon.ground.quantity import Quantity

TABLES = ("constants", "products", "next")


@click.command(short_help="Kd, closing, recruitment, turnover from degradation read-outs; the next experiment")
@plate_file
@click.option("--glue", default="mezigdomide", show_default=True, help="the glue, or the one yours is related to, or "
              "a file of your own: constants that the data do not give are those of its record")  # fmt: skip
@click.option("--of", default="IKZF1", show_default=True, help="the protein whose level was read")
@click.option("--cell", default="H929", show_default=True, help="the cell line, or a file of your own")
@click.option("--at", help="time of the readings, where the file states none")
@click.option("--free", multiple=True, metavar="CONSTANT",
              help="fit this one (repeatable): affinity, closing, recruitment, ubiquitination, turnover (default: all "
              "five), or an address such as CRBN.total")  # fmt: skip
@click.option("--known", multiple=True, metavar="CONSTANT=VALUE,LOW,HIGH",
              help='what another experiment measured, with its 95 % interval, e.g. "affinity=25 nM, 18 nM, 34 nM"')
@click.option("--alone", is_flag=True, help="from the data alone, without the records' intervals")
@click.option("--within", type=click.FloatRange(1, min_open=True), default=3.0, show_default=True,
              help="the factor within which a constant counts as identified")  # fmt: skip
@click.option("--what", type=click.Choice(TABLES), default="constants", show_default=True,
              help="the table that is printed as csv or json")  # fmt: skip
@set_option
@format_option
@out_figures
def analyse(
    file: Path, columns: tuple[str, ...], unit: str | None, group: tuple[str, ...], layout: Path | None,
    decimal: str | None, glue: str, of: str, cell: str, at: str | None, free: tuple[str, ...], known: tuple[str, ...],
    alone: bool, within: float, what: str, changes: tuple[str, ...], form: str, out: Path | None,
) -> None:  # fmt: skip
    """Constants of a glue from the levels of a protein in FILE, fitted with the mechanism itself.

    FILE has a row a well: concentration, time (two or more times tell most), reading; a column "condition" says
    "washed 6 h" of wells that were. Printed are the constants with their intervals and whether the data identify them;
    what the data give only as a product; and candidates for the next experiment, each simulated, ranked by how much
    narrower (in decades) the intervals of what is not identified would be.

    \b
    Examples:
      cereblon analyse constants degradation_times
      cereblon analyse constants plate.csv --glue pomalidomide --cell MM1S --out results
      cereblon analyse constants plate.csv --known "affinity=25 nM, 18 nM, 34 nM" --set "CRBN.total=40 nM"
      cereblon analyse constants plate.csv --alone --what next --format csv
    """
    from cereblon.bench import constants
    from cereblon.show.cli.options import a_glue
    from cereblon.show.cli.output import emit
    from cereblon.show.plot import plot

    record, numbers, measured = a_glue(glue), parsed(changes), _measured(known)
    found = constants(
        read_plate(file, columns, unit, group, layout, decimal), record, of, cell, at=at, prior=not alone,
        known=measured, changes=numbers, within=within, **({"free": free} if free else {}),
    )  # fmt: skip
    tables = {"constants": found.table(), "products": found.products(), "next": found.next()}
    if out is not None:
        write_folder(out, {**tables, "curves": found.curves()}, {"constants": plot(found)})
    if form != "table":
        emit([{str(k): v for k, v in row.items()} for row in tables[what].to_dict("records")], form)
        return
    emit(_shown(found), title=f"constants, {found}".split("\n")[0], keep=("constant",))
    click.echo("\n".join((*found.sentences, "")))
    emit(_next(found), title="next experiment, best first", keep=("experiment",), caption=say(found.wells.notes))
    if out is not None:
        click.echo(str(out))


def _measured(texts: tuple[str, ...]) -> dict[str, Quantity]:
    """Constant -> value with interval of `--known` options; InputError for one that is not CONSTANT=VALUE,LOW,HIGH."""
    from cereblon.ground.errors import InputError
    from cereblon.ground.quantity import Quantity

    out: dict[str, Quantity] = {}
    for text in texts:
        word, _, numbers = text.partition("=")
        parts = [part.strip() for part in numbers.split(",")]
        if not word.strip() or len(parts) != 3:
            raise InputError("what is known is CONSTANT=VALUE,LOW,HIGH", where="--known", found=text,
                             example="affinity=25 nM, 18 nM, 34 nM")  # fmt: skip
        if word.strip() in out:
            raise InputError("this constant is known twice", where="--known", found=text)
        with at_option("--known"):
            out[word.strip()] = Quantity.parse(parts[0], interval=parts[1:])
    return out


def _shown(found: Constants) -> list[dict[str, Any]]:
    rows = []
    for word in found.words:
        q = found.record(word)
        ends = "" if q.low is None or q.high is None else f" ({q.low:.3g}-{q.high:.3g})"
        rows.append({"constant": word, "verdict": found.verdicts[word], "estimate": str(found[word]),
                     "of the record": f"{q}{ends}", "grade": q.grade, "address": found.slot(word)})  # fmt: skip
    return rows


def _next(found: Constants) -> list[dict[str, Any]]:
    return [
        {"experiment": one.name, "plates": one.plates, "decades": round(one.decades, 2), "bits": round(one.bits, 1),
         "interval of what is not identified": found.effect(one)}
        for one in found.experiments
    ]  # fmt: skip
