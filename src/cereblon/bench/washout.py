"""Washout: the drug is taken away at a stated hour, and the protein comes back.

    lowest            the least that is left, at the washing or after it
    half_time         hours from the washing to half of the way from there back to the drug-free level
    time_to(share)    hours from the washing until so much of the drug-free level is there

A washing leaves a share of the drug behind (`washing.carryover` of the well). What the cells hold they give off into
the clean medium. A glue of which a thousandth still degrades is therefore not gone when it is washed away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cereblon.bench.curve import NO_EFFECT, Floats, crossing
from cereblon.bench.degradation import SATURATING, SUBSTRATES, ascending, recruited
from cereblon.bench.spread import drawn, ranged
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.model import Model, dish, exposure
from cereblon.model.dish import wash
from cereblon.network.dosing import Dose
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.regimen import hours
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

Level = Callable[[Floats], float]
POINTS = 121
SHARES = (0.5, 0.9)


@dataclass(frozen=True)
class Washout:
    """Time course of `of` (share of the drug-free level) at `times` (h), washed at `removed` (h) and, beside it, `kept`
    with its drug, which decays.

    `drug` is the washed medium's (nM); `draws` (draws, times) washed courses where `spread` made them.
    """

    compound: str
    of: str
    cell: str
    concentration: float
    removed: float
    times: Floats
    remaining: Floats
    kept: Floats
    drug: Floats
    model: Model = field(repr=False)
    draws: Floats | None = field(default=None, repr=False)

    @property
    def lowest(self) -> float:
        """The least that is left from the washing on."""
        return float(self._after(self.remaining).min())

    @cached_property
    def half_time(self) -> Estimate:
        """Hours from the washing to half of the way back to the drug-free level; NaN where nothing was lost."""
        return self._estimate(lambda after: (1 + float(after.min())) / 2, "half of the way back")

    def time_to(self, share: float) -> Estimate:
        """Hours from the washing until `share` of the drug-free level is there; NaN where it is out of range."""
        return self._estimate(lambda after: share, f"{share:.0%} of the drug-free level")

    def spread(self, draws: int = 100, seed: int = 1) -> Washout:
        """The same course with intervals: the records' intervals, drawn (see `bench.spread`). Raises InputError."""
        vary = {s: c for s, c in drawn(self.model, draws, seed).items() if s != "medium.volume"}
        doses = [_calendar(self.model, self.compound, self.concentration, self.removed)] * draws
        watched = f"{self.of}.remaining"
        result = self.model.simulate(self.times, doses, vary=vary, observe=[watched], rtol=1e-4)
        return replace(self, draws=result[watched])

    def _after(self, y: Floats) -> Floats:
        return y[..., self.times >= self.removed]

    def _estimate(self, level: Level, method: str) -> Estimate:
        one = self._read(self.remaining, level, method)
        if self.draws is None:
            return one
        values = [self._read(y, level, method).value for y in self.draws]
        return ranged(one, values, f"range of {len(values)} draws of the records' intervals")

    def _read(self, remaining: Floats, level: Level, method: str) -> Estimate:
        after, since = self._after(remaining), self._after(self.times) - self.removed
        low = int(np.argmin(after))
        wanted = level(after)
        if 1 - after[low] <= NO_EFFECT:
            return Estimate(np.nan, "h", method=method, note="no effect")
        if after[low] >= wanted:
            return Estimate(np.nan, "h", method=method, note=f"never below {wanted:.0%}")
        x, y = since[max(low, 1) :], 1 - after[max(low, 1) :]
        return crossing(x, y, 1 - wanted, "h", method)

    def table(self) -> pd.DataFrame:
        """One row per time: compound, of, cell, concentration (nM), time (h), remaining, kept, drug (nM)."""
        import pandas as pd

        return pd.DataFrame(
            {
                "compound": self.compound,
                "of": self.of,
                "cell": self.cell,
                "concentration_nM": self.concentration,
                "removed_h": self.removed,
                "time_h": self.times,
                "remaining": self.remaining,
                "kept": self.kept,
                "drug_nM": self.drug,
            }
        )

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that the course was made of."""
        return self.model.sources()

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Addresses of those of its numbers that are assumed or recalled."""
        return self.model.assumptions

    def __str__(self) -> str:
        back = ", ".join(f"{share:.0%} after {self.time_to(share)}" for share in SHARES)
        return (
            f"{printed(self.of)} in {printed(self.cell)}, {self.concentration:.4g} nM {printed(self.compound)} washed "
            f"away after {self.removed:g} h: lowest {self.lowest:.3f}, recovery half-time {self.half_time}; {back}"
        )


def washout(
    compound: str | Path | Compound,
    of: str = "IKZF1",
    cell: str | Path | Cell = "H929",
    concentration: str | float | None = None,
    *,
    remove: str | float = "6 h",
    until: str | float = "6 d",
    substrates: Iterable[str] = SUBSTRATES,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Washout:
    """Time course of one protein under a drug ("100 nM", or nM; default 100 times the affinity) that is washed away at
    the hour `remove`, to the hour `until`.

    `changes` as in `Model.replace` ("washing.carryover", ...). Raises InputError as `degradation` does, and for a
    washing that does not lie within the course.

    >>> fast = washout("pomalidomide", concentration="1 uM", remove="4 h")
    >>> bool(10 < fast.half_time.value < 20)
    True
    """
    glue = compound if isinstance(compound, Compound) else compound_record(compound)
    chosen = recruited(glue, of, substrates)
    model = dish(glue, cell, chosen, washed=True)
    if changes:
        model = model.replace(changes)
    if concentration is None:
        amount = SATURATING * model[f"{glue.name}.CRBN.Kd"].coherent
    elif isinstance(concentration, str):
        amount = Quantity.parse(concentration).to("nM").value
    else:
        amount = float(concentration)
    ascending([amount])
    at, end = float(hours(remove)), float(hours(until))
    if not 0 < at < end:
        raise InputError(
            "the drug is washed away within the course", found=f"at {at:g} h of {end:g} h", example='remove="6 h"'
        )
    times = np.concatenate(
        [[0.0], np.geomspace(at / 500, at, POINTS - 1), at + np.geomspace((end - at) / 2000, end - at, POINTS)]
    )
    doses = [_calendar(model, glue.name, amount, at), _calendar(model, glue.name, amount, None)]
    watched, medium = f"{of}.remaining", f"{glue.name}@medium"
    result = model.simulate(times, doses, observe=[watched, medium])
    washed, kept = result[watched]
    return Washout(
        glue.name, of, model.stands["tumour"], amount, at, times, washed, kept, result[medium][0], model
    )


def _calendar(model: Model, glue: str, amount: float, removed: float | None) -> tuple[Dose, ...]:
    given = exposure(model, {glue: amount})[0]
    return given if removed is None else (*given, wash(model, removed))
