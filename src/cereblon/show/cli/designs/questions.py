"""What now, what then, and what can be expected: questions to any design of a dose escalation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cereblon.ground.errors import InputError
from cereblon.show.cli.designs.options import NUMBERS, made, options_of
from cereblon.show.cli.designs.tables import plain
from cereblon.show.cli.options import format_option, out_file
from cereblon.show.cli.output import emit

if TYPE_CHECKING:
    from cereblon.bedside.operating import Operating

EVERY = ("3+3", "BOIN", "mTPI-2", "Keyboard", "CRM", "TITE-CRM", "BLRM", "backfill")
DATA = click.option("--data", default="", help='cohorts so far, e.g. "1NNN 2NNT": dose, then N or T (a DLT) a patient')


@click.command(name="next", short_help="what now, given these data")
@click.argument("name")
@DATA
@click.option("--waiting", default="", help='TITE-CRM: patients still watched, "2:0.5 3:0.1": dose, part of the window')
@options_of(*EVERY)
@format_option
@out_file
def what_next(name: str, data: str, waiting: str, form: str, out: Path | None, **given: Any) -> None:
    """The decision of design NAME after the cohorts of --data, what each outcome of the next cohort would lead to, and
    the MTD if the trial ended here.

    \b
    Examples:
      cereblon design next boin --target 0.3 --data "1NNN 2NNN 3NTT"
      cereblon design next crm --target 0.25 --skeleton 0.05,0.12,0.25,0.4,0.55 --data "1NNN 2NNT"
      cereblon design next blrm --amounts 0.3,0.6,1,1.5,2 --reference 1 --data "1NNN 2NNN"
      cereblon design next tite-crm --skeleton 0.05,0.12,0.25,0.4 --data "1NNN" --waiting "2:0.6 2:0.1"
    """
    from cereblon.bedside import pathways
    from cereblon.bedside.escalation.blrm import BLRM
    from cereblon.bedside.escalation.crm import CRM, TITECRM
    from cereblon.bedside.escalation.decision import outcomes

    (design,) = made([name], given)
    y, n, at = outcomes(data, design.doses)
    if waiting:
        if not isinstance(design, TITECRM):
            raise InputError("only TITE-CRM counts patients still watched", where="--waiting", found=waiting,
                             expected="the data of patients who have been watched to the end")  # fmt: skip
        watched = _waiting(waiting)
        decision = design.decide(y, n, watched[-1][0], waiting=watched)
        estimates = design.posterior(y, n, watched).to_dict("records")
        rows = [{str(k): plain(v) for k, v in row.items()} for row in estimates]
        emit(rows, form, out, title=f"{design}\nNow: {decision}")
        return
    decision = design.decide(y, n, at or None)
    MTD = design.MTD(y, n)
    told = f"If the trial ended here, the MTD would be {design.called(MTD) if MTD else 'no dose'}."
    if decision.action == "stop":
        rows = [{"dose": 0, "patients": 0, "DLT": None, "then": "stop", "next": 0}]
    else:
        rows = []
        for (step,) in pathways(design, y, n, at or None, cohorts=1).paths:
            then = step.decision
            rows.append({"dose": step.dose, "patients": step.patients, "DLT": step.DLT, "then": then.action,
                         "next": then.dose})  # fmt: skip
    title = f"{design}\nNow: {decision}"
    if isinstance(design, CRM | BLRM) and form == "table" and out is None:
        estimates = design.posterior(y, n).to_dict("records")
        emit([{str(k): plain(v) for k, v in row.items()} for row in estimates], title=title)
        title = "After the next cohort"
    emit(rows, form, out, title=title, caption=told)


def _waiting(text: str) -> list[tuple[int, float]]:
    """Dose and weight of each patient of "2:0.5 3:0.1"; the last is the one who came last."""
    found = []
    for word in text.replace(",", " ").split():
        dose, _, weight = word.partition(":")
        try:
            found.append((int(dose), float(weight)))
        except ValueError:
            raise InputError("a patient still watched is dose:part of the window", where="--waiting", found=word,
                             example="2:0.5 3:0.1") from None  # fmt: skip
    return found


@click.command(short_help="what each outcome of the next cohorts leads to")
@click.argument("name")
@DATA
@click.option("--ahead", type=click.IntRange(1, 6), default=2, show_default=True, help="how many cohorts")
@click.option("--truth", type=NUMBERS, default=None, help="DLT rates, for the probability of each path")
@options_of(*EVERY)
@format_option
@out_file
def paths(
    name: str, data: str, ahead: int, truth: tuple[float, ...] | None, form: str, out: Path | None, **given: Any
) -> None:
    """Dose-transition pathways of design NAME: every outcome of the next cohorts, and the decisions after them.

    \b
    Examples:
      cereblon design paths boin --target 0.3 --data "1NNN 2NNT"
      cereblon design paths 3+3 --ahead 3 --truth 0.05,0.12,0.25,0.4,0.55 --format csv
    """
    from cereblon.bedside import pathways
    from cereblon.bedside.escalation.decision import outcomes
    from cereblon.bedside.simulated import truth_of

    (design,) = made([name], given, len(truth) if truth else None)
    y, n, at = outcomes(data, design.doses)
    found = pathways(design, y, n, at or None, cohorts=ahead)
    if form == "table" and out is None and truth is None:
        click.echo(str(found))
        return
    rates = None if truth is None else [float(p) for p in truth_of(design, truth, "--truth")]
    rows = [{str(k): plain(v) for k, v in row.items()} for row in found.table(rates).to_dict("records")]
    emit(rows, form, out, title=str(design))


@click.command(short_help="operating characteristics")
@click.argument("designs", nargs=-1, required=True, metavar="NAME...")
@click.option("--truth", type=NUMBERS, required=True, help="the DLT rate of each dose, as assumed")
@click.option("--responses", type=NUMBERS, help="backfill: the response rate of each dose")
@click.option("--trials", type=int, help="how many to simulate (10000; TITE-CRM and backfill 1000)")
@click.option("--seed", type=int, default=1, show_default=True, help="seed of the simulation")
@click.option("--exact", is_flag=True, help="enumerate every course instead; no Monte-Carlo error")
@click.option("--accrual", default="2/month", show_default=True, help="patients who come")
@click.option("--window", default="28 d", show_default=True, help="how long a patient is watched for a DLT")
@click.option("--queue", is_flag=True, help="who comes while a cohort is watched waits for the next")
@click.option("--chart", type=click.Path(path_type=Path), help="draw bars into this .svg or .png")
@options_of(*EVERY)
@format_option
@out_file
def oc(
    designs: tuple[str, ...], truth: tuple[float, ...], responses: tuple[float, ...] | None, trials: int | None,
    seed: int, exact: bool, accrual: str, window: str, queue: bool, chart: Path | None, form: str, out: Path | None,
    **given: Any,
) -> None:  # fmt: skip
    """What one or several designs will probably do if the DLT rates are --truth: selection, patients and DLTs per dose,
    early stops, accrual and duration, with Monte-Carlo error. An option goes to the designs that take it.

    \b
    Examples:
      cereblon design oc boin --target 0.3 --truth 0.05,0.12,0.25,0.4,0.55
      cereblon design oc 3+3 --exact --truth 0.05,0.12,0.25,0.4,0.55
      cereblon design oc boin mtpi-2 3+3 --target 0.3 --truth 0.05,0.12,0.25,0.4,0.55 --chart oc.svg
      cereblon design oc backfill --target 0.25 --truth 0.05,0.12,0.25,0.4 --responses 0.1,0.2,0.3,0.3
    """
    from cereblon.bedside import operating
    from cereblon.bedside.designs import options
    from cereblon.bedside.escalation.backfill import Backfill
    from cereblon.bedside.escalation.crm import TITECRM

    if chart is not None and chart.suffix not in (".svg", ".png"):
        raise InputError("a chart is an .svg or a .png", where="--chart", found=str(chart), example="oc.svg")
    found, target = [], given["target"]  # which also tells the correct dose of a design that aims at none
    if all("target" not in options(name) for name in designs):
        given["target"] = None
    for design in made(designs, given, len(truth)):
        def run(step: Callable[[int], None] | None, design: Any = design) -> Operating:
            return operating(
                design, truth, trials=trials, seed=seed, exact=exact, accrual=accrual, window=window, queue=queue,
                responses=responses if isinstance(design, Backfill) or len(designs) == 1 else None, target=target,
                progress=step,
            )  # fmt: skip

        slow = isinstance(design, TITECRM | Backfill) and not exact
        found.append(_with_bar(run, trials or 1000, design.name) if slow else run(None))
    if chart is not None:
        _draw(found, chart)
    if form == "table" and out is None:
        click.echo("\n\n".join(str(one) for one in found))
    else:
        rows = [{"design": one.design.name, **{str(k): v for k, v in row.items()}}
                for one in found for row in one.table().to_dict("records")]  # fmt: skip
        emit(rows, form, out)


def _draw(found: list[Operating], chart: Path) -> None:
    from cereblon.ground.files import write_atomically
    from cereblon.show import render
    from cereblon.show.plot import plot

    drawing = render.svg(render.spec(plot(found)))
    write_atomically(chart, drawing if chart.suffix == ".svg" else render.png(drawing))
    click.echo(str(chart), err=True)


def _with_bar(run: Callable[[Callable[[int], None]], Operating], trials: int, name: str) -> Operating:
    """The work with a progress bar on standard error, which goes away when it is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    parts = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    console = Console(stderr=True)
    with Progress(*parts, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=trials)
        return run(lambda done: bar.update(task, completed=done))
