"""The verbs bench and analyse: every assay has two halves, simulated here and analysed from a user's own file.

A file of this folder is one assay; its commands are called `bench` and `analyse`, as far as it has them.
"""

from __future__ import annotations

import click

from cereblon.show.cli.verbs import Verbs

_SIMULATED = (
    "binding", "ternary", "degradation", "washout", "controls", "selectivity", "viability", "panel", "immune", "adcc",
    "synergy", "xenograft",
)  # fmt: skip
_ANALYSED = ("dose_response", "time_course", "constants", "gr", "ldh", "synergy", "xenograft")


def _modules(assays: tuple[str, ...]) -> dict[str, str]:
    return {assay.replace("_", "-"): f"{__name__}.{assay}" for assay in assays}


@click.command(cls=Verbs, verbs=_modules(_SIMULATED), attribute="bench", word="assay", short_help="simulate an assay")
def bench() -> None:
    """Simulate an experiment in a dish or a mouse: the mechanism, the plate, its noise, from a seed."""


@click.command(
    cls=Verbs, verbs=_modules(_ANALYSED), attribute="analyse", word="assay", short_help="analyse your own file"
)
def analyse() -> None:
    """Analyse a file of your own, as a plate reader or a caliper gave it, with the code that reads the simulation."""
