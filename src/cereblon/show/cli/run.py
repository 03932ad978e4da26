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

PATIENTS, FEW = 100, 12
TRIALS = 20


@click.command(short_help="the whole journey of a glue, as a page")
@click.argument("compound", metavar="NAME|FILE.toml", shell_complete=shipped_compounds)
@out_folder
@click.option("--dose", default="", help='what the patient takes a day, e.g. "1 mg" (default: the dose on record)')
@click.option("--patients", type=click.IntRange(2, 10_000), default=None,
              help=f"how many patients a cohort has (default: {PATIENTS}; {FEW} with --quick)")  # fmt: skip
@click.option("--replicates", type=click.IntRange(2, 10_000), default=None,
              help=f"how many trials of phase 2, a second each (default: {TRIALS}; 2 with --quick)")  # fmt: skip
@click.option("--quick", is_flag=True, help="the same chapters sooner: fewer patients, no intervals; the page says so")
@set_option
@seed_option
def run(
    compound: str, out: Path, dose: str, patients: int | None, replicates: int | None, quick: bool,
    changes: tuple[str, ...], seed: int,
) -> None:  # fmt: skip
    """Simulate a glue from dose to degraded protein and blood count beside the six, and write its page.

    NAME is a shipped compound, FILE.toml a glue of your own. The page goes to OUT/<name>/index.html, with its
    figures (svg, png) and tables (csv); it opens from disk and needs no network.

    \b
    Examples:
      cereblon run mezigdomide
      cereblon run mezigdomide --quick
      cereblon run my_glue.toml --dose "2 mg" --out results
      cereblon run mezigdomide --set "mezigdomide.CRBN.Kd=500 nM" --set "CRBN.total@tumour=12.5 nM"
    """
    from cereblon.ground.files import inside
    from cereblon.show.figures.theme import sentence
    from cereblon.show.report import check_target, write_page
    from cereblon.show.sections.section import Figure
    from cereblon.show.study import study

    size, trials = patients or (FEW if quick else PATIENTS), replicates or (2 if quick else TRIALS)
    subject = study(compound, parsed(changes), dose, seed, size, trials, quick)
    check_target(inside(out, subject.focus.name))  # before the work, not after
    steps = chapters(subject)
    with _Bar(2 * len(steps)) as bar:  # about as many figures as chapters, until they are counted
        sections = []
        for what, make in steps.items():
            bar(what)
            sections.append(make(subject))
        drawn = sum(isinstance(part, Figure) for section in sections for part in section.parts)
        bar.expect(len(steps) + drawn + 1)
        name = subject.focus.symbol
        heading = f"{sentence(name)}: from the dose to the patient"
        lead = (
            f"What {name} does to cereblon, IKZF1 and IKZF3, and what follows in tumour, immune cells and marrow, "
            "simulated beside the other glues from numbers that each carry a source and a grade."
        )
        if quick:
            lead += f" Quick: {subject.size} patients in a cohort, {subject.replicates} trials, no intervals."
        write_page(out, subject.focus.name, heading, lead, sections, bar)
    click.echo(str(out / subject.focus.name / "index.html"))


def chapters(study: Study) -> dict[str, Callable[[Study], Section]]:
    """The sections of a study's page, in order."""
    from cereblon.show.sections import (
        adcc,
        bedside,
        binding,
        cells,
        claims,
        cohort,
        degradation,
        dose,
        immune,
        lines,
        mechanism,
        numbers,
        patient,
        potency,
        routes,
        synergy,
        times,
        treatment,
        xenograft,
    )  # fmt: skip

    under_treatment = {
        "a cohort": cohort.cohort,
        "three triplets": cohort.triplets,
        "what kills": routes.routes,
        "phase 1": bedside.phase_1,
        "phase 2": bedside.phase_2,
        "dose and schedule": dose.dose,
        "the same patients otherwise": dose.otherwise,
    }
    return {
        "mechanism of action": mechanism.mechanism,
        "binding and closing": binding.binding,
        "degradation": degradation.degradation,
        "potency": potency.potency,
        "selectivity": potency.selectivity,
        "the tumour cell": cells.cells,
        "the immune system": immune.immune,
        "the bench: lines": lines.lines,
        "the bench: DC50 against time": times.times,
        "the bench: ADCC": adcc.adcc,
        "the bench: two drugs": synergy.synergy,
        "the bench: mice": xenograft.xenograft,
        "a patient's cells": patient.patient,
        "one patient, four cycles": treatment.treatment,
        **({} if study.treatment.absent else under_treatment),
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

    def expect(self, steps: int) -> None:
        """How many steps there are, once that is known."""
        self.bar.update(self.task, total=steps)

    def __call__(self, what: str) -> None:
        short = what if len(what) <= 34 else what[:33] + "…"
        self.bar.update(self.task, description=short, advance=0 if self.first else 1)
        self.first = False
