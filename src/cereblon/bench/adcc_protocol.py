"""The protocol of an ADCC assay: times and ratios that the experimenter chooses, and the steps that they make."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.curve import Floats
from cereblon.bench.workflow import Step, Workflow
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import unit
from cereblon.ground.vocabulary import printed
from cereblon.model import Model
from cereblon.model.coculture import Calendar
from cereblon.records.regimen import hours

Time = str | float
READ_OUTS = ("LDH in the medium", "dye in the medium", "annexin V of the targets")
ROLES = {
    "experimental": "targets, effectors and antibody",
    "effector spontaneous": "effectors alone, at each E:T",
    "target spontaneous": "targets alone, with and without the glue",
    "target maximum": "the same, with lysis buffer",
    "medium": "medium alone",
    "volume control": "medium with lysis buffer",
}
"""Role of a well -> what is in it."""


@dataclass(frozen=True)
class Protocol:
    """Times as "24 h" or in h. Raises InputError for what cannot be done.

    preincubation: targets with the glue, before the antibody.
    effectors: PBMC with the glue (and the steroid), before they are added; "0 h": fresh PBMC.
    duration: targets, antibody and PBMC together.
    ratio: E:T, PBMC per target; NK cells per target are `ratio` times their share of PBMC.
    NK_share: that share; None is the number of the record.
    replated: living targets are counted and put into fresh medium for the assay; else all happens in one well.
    glue_stays: the glue is in the assay's medium too (after a change of medium, once more).
    """

    preincubation: Time = "24 h"
    effectors: Time = "72 h"
    duration: Time = "4 h"
    ratio: float = 25.0
    NK_share: float | None = None
    replated: bool = True
    glue_stays: bool = True

    def __post_init__(self) -> None:
        for name in ("preincubation", "effectors", "duration"):
            time, least = float(hours(getattr(self, name))), 0.0
            if not (math.isfinite(time) and (time > 0 if name == "duration" else time >= least)):
                raise InputError("a time of the assay", where=name, found=str(getattr(self, name)), example="24 h")
        if not (math.isfinite(self.ratio) and self.ratio > 0):
            raise InputError("E:T is a number above 0", where="ratio", found=f"{self.ratio}", example="25")
        if self.NK_share is not None and not 0 <= self.NK_share <= 1:
            raise InputError("a share from 0 to 1", where="NK_share", found=f"{self.NK_share}", example="0.1")
        if not (self.replated or self.glue_stays):
            raise InputError(
                "a glue is washed off with a change of medium", where="glue_stays", found="False without replating",
                expected="replated=True, or a glue that stays",
            )  # fmt: skip

    def replace(self, **changes: Any) -> Protocol:
        """A copy with other times or ratios: `protocol.replace(preincubation="72 h")`."""
        return replace(self, **changes)

    @property
    def calendar(self) -> Calendar:
        """Its hours."""
        before, effectors, together = (float(hours(t)) for t in (self.preincubation, self.effectors, self.duration))
        return Calendar(before, effectors, together, self.replated, self.glue_stays)


@dataclass(frozen=True)
class Design:
    """What is compared in one assay, in nM: the glue and a comparator, the antibody's level, and the series.

    `antibodies` (nM), `ratios` (E:T) and `preincubations` (h) are varied one at a time around `antibody_at` and the
    protocol; `comparator` is "" without one.
    """

    glue: str
    concentration: float
    comparator: str
    comparator_at: float
    antibody: str
    antibody_at: float
    antibodies: Floats
    ratios: Floats
    preincubations: Floats
    dexamethasone: float
    protocol: Protocol

    def workflow(self, model: Model) -> Workflow:
        """The steps, with the numbers that `model` was simulated with."""
        calendar, protocol, line = self.protocol.calendar, self.protocol, printed(model.stands["tumour"])
        placed, early, added = (
            calendar.added - calendar.preincubated,
            calendar.added - calendar.effectors,
            calendar.added,
        )
        targets = [Step("targets", "targets", placed, "myeloma cells", (line,))]
        if calendar.preincubated:
            where = "" if protocol.replated else "in the well"
            targets.append(Step("glue on targets", "targets", placed, "pre-incubate with glue",
                                self._glues(calendar.preincubated, where), ("targets",)))  # fmt: skip
        share = model["NK.share"].value
        PBMC = [Step("effectors", "effectors", early, "PBMC", (f"{share:.0%} NK cells",))]
        steroid = f"dexamethasone {self.dexamethasone:.4g} nM" if self.dexamethasone else ""
        if calendar.effectors:
            PBMC.append(Step("glue on effectors", "effectors", early, "pre-incubate with glue",
                             self._glues(calendar.effectors, steroid), ("effectors",)))  # fmt: skip
        well = self._in_the_well(model, targets[-1].name, PBMC[-1].name, "" if calendar.effectors else steroid, added)
        controls = tuple(role for role in ROLES if role != "experimental")
        buffer = f"lysis buffer {_uL(model, 'buffer.volume')} on {_uL(model, 'medium.volume')}"
        formula = ("100 (experimental - effector - target)", "/ (maximum - target)", "each less its medium")
        end = [
            Step("controls", "controls", added, "controls", (*controls, buffer)),
            Step("read", "reading", calendar.end, "read", READ_OUTS, (well[-1].name, "controls")),
            Step("cytotoxicity", "reading", calendar.end, "% cytotoxicity", formula, ("read",)),
        ]
        return Workflow(f"ADCC assay, {line}", (*targets, *PBMC, *well, *end))

    def _glues(self, time: float, *more: str) -> tuple[str, ...]:
        other = f"or {printed(self.comparator)} {self.comparator_at:.4g} nM" if self.comparator else ""
        given = (f"{printed(self.glue)} {self.concentration:.4g} nM", other, *more, f"{time:g} h")
        return tuple(text for text in given if text)

    def _in_the_well(self, model: Model, targets: str, effectors: str, steroid: str, at: float) -> list[Step]:
        protocol, share, cells = self.protocol, model["NK.share"].value, model["cells"].value
        steps = []
        if protocol.replated:
            fresh = "fresh medium, glue once more" if protocol.glue_stays else "fresh medium, no glue"
            steps.append(Step("plate", "well", at, "count and plate",
                              (f"{cells:,.0f} living, {_uL(model, 'medium.volume')}", fresh), (targets,)))  # fmt: skip
        low, high = self.antibodies[[0, -1]]
        levels = (f"{mass(model, self.antibody, low):.2g}-{mass(model, self.antibody, high):.2g} µg/mL",
                  f"{low:.2g}-{high:.3g} nM")  # fmt: skip
        steps.append(Step("antibody", "well", at, f"add {printed(self.antibody)}", levels,
                          (steps[-1].name if steps else targets,)))  # fmt: skip
        many = (
            f"E:T {protocol.ratio:g}:1, {cells * protocol.ratio:,.0f} PBMC",
            f"NK:target {protocol.ratio:g} x {share:g} = {protocol.ratio * share:.3g}",
            steroid,
        )
        steps.append(
            Step("add effectors", "well", at, "add PBMC", tuple(t for t in many if t), ("antibody", effectors))
        )
        time = f"{protocol.calendar.duration:g} h"
        return [*steps, Step("together", "well", at, "co-culture", (time,), ("add effectors",))]


def _uL(model: Model, address: str) -> str:
    record = next(r for r in model.records if r.kind == "dish")
    return f"{record[address].to('uL').value:g} µL"


def mass(model: Model, antibody: str, level: ArrayLike) -> Floats:
    """ug/mL of a level in nM."""
    record = next(r for r in model.records if r.name == antibody)
    return np.asarray(level) * record["molar_mass"].coherent / unit("ug/mL").factor
