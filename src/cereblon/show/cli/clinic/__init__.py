"""The verb clinic: a trial's own tables into responses, grades and survival. A file of this folder is one of them."""

from __future__ import annotations

import click

from cereblon.show.cli.verbs import Verbs

_KINDS = ("response", "toxicity", "survival")


@click.command(
    cls=Verbs,
    verbs={kind: f"{__name__}.{kind}" for kind in _KINDS},
    word="analysis",
    short_help="responses, toxicity and survival of your own trial",
)
def clinic() -> None:
    """Read a table of a trial (one row per patient, day and test) and judge it as the simulated trials are judged.

    \b
    Columns: patient, day, test, value, unit. The first dose is on day 1 (or test first_dose).
      P01,1,serum_M,4.2,g/dL
      P01,29,serum_M,1.8,g/dL
      P01,29,serum_IFE,positive,
      P01,300,death,,
    """
