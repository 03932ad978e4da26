"""The verb run: the main job."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cereblon.show.cli.options import out_folder, parsed, seed_option, set_option, shipped_compounds

if TYPE_CHECKING:
    from cereblon.show.sections.section import Section
    from cereblon.show.study import Study


@click.command(short_help="the whole journey of a glue, as a page")
@click.argument("compound", metavar="NAME|FILE.toml", shell_complete=shipped_compounds)
@out_folder
@click.option("--dose", default="", help='what the patient takes a day, e.g. "1 mg" (default: the dose on record)')
@set_option
@seed_option
def run(compound: str, out: Path, dose: str, changes: tuple[str, ...], seed: int) -> None:
    """Simulate a glue from dose to degraded protein beside the six, and write its page.

    NAME is a shipped compound, FILE.toml a glue of your own. The page goes to OUT/<name>/index.html, with its
    figures (svg, png) and tables (csv); it opens from disk and needs no network.

    \b
    Examples:
      cereblon run mezigdomide
      cereblon run my_glue.toml --dose "2 mg" --out results
      cereblon run mezigdomide --set "mezigdomide.CRBN.Kd=500 nM" --set "CRBN.total@tumour=12.5 nM"
    """
    from cereblon.ground.files import inside
    from cereblon.show.figures.theme import sentence
    from cereblon.show.report import check_target, write_page
    from cereblon.show.study import study

    subject = study(compound, parsed(changes), dose, seed)
    check_target(inside(out, subject.focus.name))  # before the work, not after
    steps = chapters()
    with _Bar(len(steps) + FIGURES) as bar:
        sections = []
        for what, make in steps.items():
            bar(what)
            sections.append(make(subject))
        name = subject.focus.symbol
        heading = f"{sentence(name)}: from the dose to the degraded protein"
        lead = (
            f"What {name} does to cereblon, IKZF1 and IKZF3, simulated beside the other glues from numbers that each "
            "carry a source and a grade."
        )
        write_page(out, subject.focus.name, heading, lead, sections, bar)
    click.echo(str(out / subject.focus.name / "index.html"))


FIGURES = 13  # drawn by write_page, the page itself included


def chapters() -> dict[str, Callable[[Study], Section]]:
    """The sections of the page, in order."""
    from cereblon.show.sections import binding, cells, claims, degradation, immune, mechanism, numbers, patient, potency

    return {
        "mechanism of action": mechanism.mechanism,
        "binding and closing": binding.binding,
        "degradation": degradation.degradation,
        "potency": potency.potency,
        "selectivity": potency.selectivity,
        "the tumour cell": cells.cells,
        "the immune system": immune.immune,
        "a patient's cells": patient.patient,
        "claims": claims.claims,
        "assumptions": numbers.assumptions,
        "sources": numbers.cited,
    }


class _Bar:
    """A progress bar on standard error; only the steps' names where that is no terminal."""

    def __init__(self, steps: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self.bar = Progress(
            TextColumn("{task.description:<34}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self.task = self.bar.add_task("starting", total=steps)
        self.first = True

    def __enter__(self) -> _Bar:
        self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.stop()

    def __call__(self, what: str) -> None:
        short = what if len(what) <= 34 else what[:33] + "…"
        self.bar.update(self.task, description=short, advance=0 if self.first else 1)
        self.first = False
