"""Designs of a dose escalation as tables to print."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cereblon.show.cli.designs.options import made, options_of
from cereblon.show.cli.options import format_option, out_file
from cereblon.show.cli.output import emit

GRID = click.option("--grid", is_flag=True, help="letters: E escalate, S stay, D de-escalate, DU eliminate")


def _print(
    name: str, form: str, out: Path | None, given: dict[str, Any], *, grid: bool = False, told: str = ""
) -> None:
    from cereblon.bedside.escalation.interval import IntervalDesign

    (design,) = made([name], given)
    table = design.letters() if grid and isinstance(design, IntervalDesign) else design.table()
    rows = [{str(k): plain(v) for k, v in row.items()} for row in table.to_dict("records")]
    emit(rows, form, out, title=str(design), caption=f"{told}{design.source}.")


def plain(value: Any) -> Any:
    """A cell of a table; what is missing is None."""
    import pandas as pd

    return None if value is pd.NA else value


@click.command(short_help="three patients, and three more where one has a DLT")
@options_of("3+3")
@format_option
@out_file
def three_plus_three(form: str, out: Path | None, **given: Any) -> None:
    """3+3, in one of its two variants. Operating characteristics: cereblon design oc 3+3 --exact.

    \b
    Examples:
      cereblon design 3+3
      cereblon design 3+3 --variant traditional
    """
    _print("3+3", form, out, given)


@click.command(short_help="fixed boundaries for the DLT rate of the present dose")
@options_of("BOIN")
@GRID
@format_option
@out_file
def boin(form: str, out: Path | None, grid: bool, **given: Any) -> None:
    """BOIN: the counts of DLTs at which the dose goes up, down, or is eliminated.

    \b
    Examples:
      cereblon design boin --target 0.3 --cohorts 10
      cereblon design boin --target 0.25 --grid --format csv --out boin.csv
    """
    _print("BOIN", form, out, given, grid=grid)


@click.command(short_help="the densest of many intervals of equal width")
@options_of("mTPI-2")
@GRID
@format_option
@out_file
def mtpi_2(form: str, out: Path | None, grid: bool, **given: Any) -> None:
    """mTPI-2: decisions by the interval that holds the DLT rate most densely.

    \b
    Examples:
      cereblon design mtpi-2 --target 0.3 --grid
      cereblon design mtpi-2 --target 0.25 --below 0.05 --above 0.05
    """
    _print("mTPI-2", form, out, given, grid=grid)


@click.command(short_help="mTPI-2 without the remainders at 0 and 1")
@options_of("Keyboard")
@GRID
@format_option
@out_file
def keyboard(form: str, out: Path | None, grid: bool, **given: Any) -> None:
    """Keyboard: decisions by the strongest key.

    \b
    Example:
      cereblon design keyboard --target 0.3 --grid
    """
    _print("Keyboard", form, out, given, grid=grid)


@click.command(short_help="a model of the dose, re-estimated after each cohort")
@options_of("CRM")
@format_option
@out_file
def crm(form: str, out: Path | None, **given: Any) -> None:
    """CRM: the skeleton and its prior. What to do given data: cereblon design next crm.

    \b
    Examples:
      cereblon design crm --target 0.25 --skeleton 0.05,0.12,0.25,0.4,0.55
      cereblon design crm --target 0.25 --skeleton 0.05,0.12,0.25,0.4,0.55 --model logistic
    """
    _print("CRM", form, out, given, told="above_target: probability before any patient. ")


@click.command(short_help="CRM in which patients still watched count in part")
@options_of("TITE-CRM")
@format_option
@out_file
def tite_crm(form: str, out: Path | None, **given: Any) -> None:
    """TITE-CRM: the skeleton and its prior.

    \b
    Example:
      cereblon design tite-crm --target 0.25 --skeleton 0.05,0.12,0.25,0.4,0.55
    """
    _print("TITE-CRM", form, out, given, told="above_target: probability before any patient. ")


@click.command(short_help="a logistic curve with overdose control (EWOC)")
@options_of("BLRM")
@format_option
@out_file
def blrm(form: str, out: Path | None, **given: Any) -> None:
    """BLRM: what the prior says of each dose, and which overdose control allows.

    \b
    Example:
      cereblon design blrm --amounts 0.3,0.6,1,1.5,2 --reference 1
    """
    _print("BLRM", form, out, given, told="Prior, before any patient. ")


@click.command(short_help="BOIN, lower doses filled up meanwhile")
@options_of("backfill")
@format_option
@out_file
def backfill(form: str, out: Path | None, **given: Any) -> None:
    """Backfill: while a cohort is watched, patients get a lower dose that is safe and active. The table is BOIN's.

    \b
    Example:
      cereblon design backfill --target 0.25 --cap 12
    """
    _print("backfill", form, out, given)


@click.command(short_help="a first guess for CRM, by indifference intervals")
@click.option("--target", type=float, required=True, help="the DLT rate aimed at")
@click.option("--at", type=int, required=True, help="the dose guessed to have it")
@click.option("--doses", type=int, required=True, help="how many doses")
@click.option("--halfwidth", type=float, default=0.05, show_default=True, help="half of the indifference interval")
@click.option("--model", default="empiric", show_default=True, help="empiric or logistic")
@click.option("--intercept", type=float, default=3.0, show_default=True, help="of the logistic model")
@format_option
@out_file
def skeleton(
    target: float, at: int, doses: int, halfwidth: float, model: str, intercept: float, form: str, out: Path | None
) -> None:
    """A skeleton for CRM: whichever dose is chosen, its rate lies within --halfwidth of the target (Lee, Cheung 2009).

    \b
    Example:
      cereblon design skeleton --target 0.25 --at 3 --doses 5
    """
    from cereblon.bedside import skeleton as rates

    found = rates(halfwidth, target, at, doses, model, intercept)
    rows = [{"dose": dose, "skeleton": round(rate, 6)} for dose, rate in enumerate(found, 1)]
    emit(rows, form, out, caption="--skeleton " + ",".join(f"{rate:.4g}" for rate in found))
