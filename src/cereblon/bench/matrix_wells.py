"""What lives in the wells of a combination matrix: cells alone in a dish, or targets beside PBMC.

    Alone            both drugs are given at time 0                                  most partners, another glue
    WithEffectors    targets with the glue, then an antibody and PBMC (`bench.adcc`) an antibody on CD38

Effectors are in every well of the second, those without drug too: what PBMC do by themselves is the zero of the matrix
and in both of its margins, and what a glue does to PBMC is part of the glue alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from cereblon.bench.adcc_protocol import Protocol
from cereblon.bench.adcc_wells import living
from cereblon.bench.curve import Floats
from cereblon.ground.errors import InputError, SolveError
from cereblon.model import Model, exposure

ALONE_AT, BESIDE_AT = "5 d", "24 h"
"""When a matrix is read unless it is said: after the drugs, or after PBMC and antibody come."""


@dataclass(frozen=True)
class Alone:
    """A line in a dish, read at the hour `end`; `every` (h) makes good what decayed."""

    model: Model = field(repr=False)
    glue: str
    partner: str
    end: float
    every: float | None = None
    _KEPT: ClassVar = ("medium.volume",)  # the concentrations are what was asked for, whatever the well holds

    def alive(
        self, dose1: Floats, dose2: Floats, vary: Mapping[str, Floats] | None = None, **options: Any
    ) -> Floats:
        """Living cells of each well over those at the start; NaN for one that did not reach the end."""
        kept = {slot: column for slot, column in (vary or {}).items() if slot not in self._KEPT}
        doses = exposure(self.model, {self.glue: dose1, self.partner: dose2}, every=self.every, until=self.end)
        run = self.model.simulate([0.0, self.end], doses, vary=kept, observe=["cell.alive"], **options)
        return np.asarray(run["cell.alive"][:, -1])

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the matrix must know."""
        return ()


@dataclass(frozen=True)
class WithEffectors:
    """Targets and PBMC in one well, by the times and the E:T of `protocol`."""

    model: Model = field(repr=False)
    glue: str
    partner: str
    protocol: Protocol
    _KEPT: ClassVar = ("medium.volume", "PBMC.count", "cell.count")  # the experimenter's, not drawn

    def alive(
        self, dose1: Floats, dose2: Floats, vary: Mapping[str, Floats] | None = None, **options: Any
    ) -> Floats:
        """Living targets of each well over those at the first step, losses before the assay counted."""
        given = {"concentration": dose1, "antibody": dose2, "ratio": np.full(np.size(dose1), self.protocol.ratio)}
        given |= {slot: column for slot, column in (vary or {}).items() if slot not in self._KEPT}
        return living(self.model, self.glue, self.partner, self.protocol.calendar, given, **options)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the matrix must know."""
        plan, share = self.protocol, self.model["NK.share"].value
        times = plan.calendar
        return (
            f"PBMC are in every well, E:T {plan.ratio:g}:1 (NK:target {plan.ratio * share:.3g}), {times.duration:g} h "
            f"with the antibody; the glue {times.preincubated:g} h before with the targets, {times.effectors:g} h with "
            "the PBMC",
            "effectors alone are the zero, and they stand in both margins of single agents: what the glue does to PBMC "
            "counts as the glue's",
        )


Setting = Alone | WithEffectors
READABLE = 0.01  # of the targets: where effectors alone leave fewer, there is no zero to score against


def whole(alive: Floats, untreated: float) -> None:
    """That every well was read and the one without drug lives. Raises SolveError or InputError otherwise."""
    if not np.isfinite(alive).all():
        raise SolveError(f"{int((~np.isfinite(alive)).sum())} of {alive.size} wells did not reach the end of the run")
    if not untreated >= READABLE:
        raise InputError(
            "effectors alone leave too few targets to score a drug against", where="the well without drug",
            found=f"{untreated:.2g} of the targets alive", expected=f"{READABLE:g} or more: a lower E:T, or less time",
        )  # fmt: skip
