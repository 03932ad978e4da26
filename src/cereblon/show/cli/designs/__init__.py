"""The verb design: designs of trials by name, what they decide and what can be expected of them."""

from __future__ import annotations

import click

from cereblon.show.cli.verbs import Verbs

_TABLES, _ASKED, _LATER = f"{__name__}.tables", f"{__name__}.questions", f"{__name__}.later"
_VERBS = {
    "3+3": f"{_TABLES}:three_plus_three",
    "boin": _TABLES,
    "mtpi-2": f"{_TABLES}:mtpi_2",
    "keyboard": _TABLES,
    "crm": _TABLES,
    "tite-crm": f"{_TABLES}:tite_crm",
    "blrm": _TABLES,
    "backfill": _TABLES,
    "skeleton": _TABLES,
    "next": f"{_ASKED}:what_next",
    "paths": _ASKED,
    "oc": _ASKED,
    "simon": _LATER,
    "single-arm": f"{_LATER}:single_arm",
    "log-rank": f"{_LATER}:log_rank",
}

EXAMPLES = """\b
Phase 1, the table to print:
  cereblon design boin --target 0.3 --cohorts 10
  cereblon design 3+3 --variant traditional
  cereblon design mtpi-2 --target 0.3 --grid
  cereblon design blrm --amounts 0.3,0.6,1,1.5,2 --reference 1
What now, given these data? (N: no DLT, T: a DLT)
  cereblon design next boin --target 0.3 --data "1NNN 2NNT"
  cereblon design paths crm --target 0.25 --skeleton 0.05,0.12,0.25,0.4,0.55
What can be expected?
  cereblon design oc boin 3+3 --target 0.3 --truth 0.05,0.12,0.25,0.4,0.55 --chart oc.svg
Phases 2 and 3:
  cereblon design simon --p0 0.2 --p1 0.4
  cereblon design single-arm --p0 0.2 --n 36 --looks 10,20
  cereblon design log-rank --hr 0.7 --median 6.9 --rate 20 --patients 420 --looks 0.5,0.75,1

\b
Research use only: not for the conduct of a trial."""


@click.command(cls=Verbs, verbs=_VERBS, word="design", epilog=EXAMPLES, short_help="designs of trials, phases 1 to 3")
def design() -> None:
    """Designs of clinical trials: their rules as tables, the next decision, the operating characteristics."""
