"""Dose-response: the curves of a plate file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cereblon.show.cli.options import format_option, out_figures
from cereblon.show.cli.plates import (
    pairs,
    plate_file,
    plate_quality,
    quality_rows,
    read_plate,
    say,
    write_folder,
)

if TYPE_CHECKING:
    from cereblon.bench.plate import Fits


@click.command(short_help="EC50, hill and plateaus of every curve of a plate file")
@plate_file
@click.option("--model", default="4PL", show_default=True,
              help="2PL, 3PL (bottom 0), 4PL, 5PL, weibull1, weibull2, or the R package drc's name (LL.4)")
@click.option("--normalise", type=click.Choice(["untreated", "positive"]),
              help="put readings over their controls first: 1 untreated, 0 blank (or the positive control)")
@click.option("--share", multiple=True, metavar="PARAMETER", help="common to all curves: bottom, top, hill ...")
@click.option("--pooled", is_flag=True, help="one residual variance for all curves, as drc has")
@click.option("--fix", "fixed", multiple=True, metavar="PARAMETER=VALUE", help="hold a parameter, e.g. --fix hill=1")
@click.option("--weights", type=click.Choice(["none", "1/Y", "1/Y2", "variance", "1/SD2"]), default="none",
              show_default=True, help="by the fitted reading; variance estimates an additive and a proportional error")
@click.option("--interval", type=click.Choice(["profile", "delta"]), default="profile", show_default=True)
@click.option("--outliers", type=click.Choice(["flag", "remove", "ignore"]), default="flag", show_default=True)
@format_option
@out_figures
def analyse(
    file: Path,
    columns: tuple[str, ...],
    unit: str | None,
    group: tuple[str, ...],
    layout: Path | None,
    decimal: str | None,
    model: str,
    normalise: str | None,
    share: tuple[str, ...],
    pooled: bool,
    fixed: tuple[str, ...],
    weights: str,
    interval: str,
    outliers: str,
    form: str,
    out: Path | None,
) -> None:
    """Fit a dose-response curve to every compound (cell, time, group) of FILE and print its parameters.

    FILE is a table with a row a well (columns are recognised by name; a concentration of 0 is a control), or 96- and
    384-well plates as blocks with their layout. An EC50 outside the tested range is flagged, not reported.

    \b
    Examples:
      cereblon analyse dose-response plate.csv
      cereblon analyse dose-response ryegrass.csv --column concentration=conc --column value=rootl
      cereblon analyse dose-response plate.csv --normalise untreated --model 4PL --fix top=1 --out results
      cereblon analyse dose-response herbicides.csv --share bottom --share top --format csv
    """
    from cereblon.show.cli.output import bar, emit
    from cereblon.show.plot import plot

    readings = read_plate(file, columns, unit, group, layout, decimal)
    with bar("curves") as step:
        fits = readings.fit(
            model, normalise=normalise, share=[p for text in share for p in text.split(",")], pooled=pooled,
            fixed=_numbers(fixed), weights=weights, interval=interval, outliers=outliers, progress=step,
        )  # fmt: skip
    quality = plate_quality(readings)
    if out is not None:
        tables = {"parameters": fits.parameters(), "curves": fits.table()}
        if quality is not None:
            tables["quality"] = quality.table()
        write_folder(out, tables, {"curves": plot(fits)})
    if form != "table":
        emit([{str(k): v for k, v in row.items()} for row in fits.table().to_dict("records")], form)
    else:
        title = f"{readings.of} of {file.name}, {model}"
        emit(_shown(fits), title=title, keep=("curve",), caption=say(readings.notes))
        if quality is not None:
            emit(quality_rows(quality), title="plates", keep=("plate", "high", "low"))
        if out is not None:
            click.echo(str(out))
    if fits.stopped:
        click.echo(f"cereblon: stopped; {fits.stopped} of {len(fits.curves)} curves were not reached", err=True)
        raise click.exceptions.Exit(1)


def _shown(fits: Fits) -> list[dict[str, Any]]:
    """The rows that are printed: estimates with their intervals."""
    rows: list[dict[str, Any]] = []
    for name, one in fits.fits.items():
        unit = f" ({fits.unit})" if fits.unit != "1" else ""
        rows.append(
            {
                "curve": name, "n": one.count, f"EC50{unit}": _plain(one.EC50), "hill": _plain(one.hill),
                "bottom": _plain(one.bottom), "top": _plain(one.top), "half left at": _plain(one.IC50),
                "residual SE": one.residual_SE, "flags": "; ".join(one.flags),
            }
        )  # fmt: skip
    blank = dict.fromkeys(rows[0], "") if rows else {}
    return rows + [blank | {"curve": name, "flags": f"not fitted: {why}"} for name, why in fits.failed.items()]


def _plain(estimate: Any) -> str:
    """An estimate without its unit; a number that there is not is a dash."""
    from dataclasses import replace

    return "-" if estimate.value != estimate.value else str(replace(estimate, unit="1"))


def _numbers(texts: tuple[str, ...]) -> dict[str, float]:
    from cereblon.ground.errors import InputError

    out = {}
    for key, values in pairs(texts, "--fix", "--fix hill=1").items():
        try:
            out[key] = float(values[-1])
        except ValueError:
            raise InputError("a parameter is held at a number", where="--fix", found=f"{key}={values[-1]}",
                             example="--fix hill=1") from None  # fmt: skip
    return out
