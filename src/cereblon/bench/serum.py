"""Serum shift: what more serum in the medium makes of an IC50, by the share of the glue that it binds.

    fu(s) = 1 / (1 + s (1 / fu - 1))          from the unbound fraction fu in plasma
    shift = IC50 at s / IC50 in the serum of the record       about fu(record) / fu(s): only free glue enters

The constants of this package were set with what a glue shows in the well of the record, so its serum is where the
shift is 1. No unbound fraction in a medium was measured: each is derived from that of plasma, itself mostly assumed.
Left out: serum that keeps a glutarimide from hydrolysing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.curve import Floats
from cereblon.bench.spread import drawn_numbers, ranged
from cereblon.bench.viability import Viability, viability
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.mechanism.binding import fu_in
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.dish import dish as dish_record
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

SERUM = (0.1, 0.5)


@dataclass(frozen=True)
class Serum:
    """`curves` by share of serum, and the unbound fraction `fu` there; `recorded` is the serum where the shift is 1."""

    compound: str
    cell: str
    at: str
    recorded: float
    fu: Mapping[float, Estimate]
    shifts: Mapping[float, Estimate]
    curves: Mapping[float, Viability] = field(repr=False)

    def shift(self, serum: float) -> Estimate:
        """IC50 at this share of serum over that in the recorded one, with the interval of the plasma binding."""
        return self.shifts[serum]

    def table(self) -> pd.DataFrame:
        """One row per share of serum: compound, cell, at, serum, fu, IC50 (nM), shift, low, high."""
        import pandas as pd

        return pd.DataFrame(
            [
                {
                    "compound": self.compound,
                    "cell": self.cell,
                    "at": self.at,
                    "serum": share,
                    "fu": self.fu[share].value,
                    "IC50_nM": curve.IC50.value,
                    "shift": self.shifts[share].value,
                    "low": self.shifts[share].low,
                    "high": self.shifts[share].high,
                }
                for share, curve in self.curves.items()
            ]
        )

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that the curves were made of."""
        return {key: source for curve in self.curves.values() for key, source in curve.sources().items()}

    def __str__(self) -> str:
        shown = "; ".join(
            f"{share:.0%} serum: fu {self.fu[share]}, IC50 {curve.IC50}, shift {self.shifts[share]}"
            for share, curve in self.curves.items()
        )
        return f"{printed(self.compound)} on {printed(self.cell)} at {self.at}: {shown}"


def serum(
    compound: str | Path | Compound,
    cell: str | Path | Cell = "H929",
    at: str | float = "5 d",
    shares: Sequence[float] = SERUM,
    *,
    concentrations: ArrayLike | None = None,
    refeed: str | float | None = None,
    draws: int = 1000,
    seed: int = 1,
) -> Serum:
    """IC50 of a glue on a line with these shares of serum in the medium (0 to 1, ascending), and the shift.

    The interval is that of the record's unbound fraction in plasma, drawn; the IC50s are `viability`'s. Raises
    InputError for a share outside 0 to 1, or as `viability`.

    >>> found = serum("mezigdomide")
    >>> bool(1.5 < found.shift(0.5).value < 2)
    True
    """
    given = np.atleast_1d(np.asarray(shares, dtype=np.float64))
    if given.ndim != 1 or not given.size or not ((given >= 0) & (given <= 1)).all() or not (np.diff(given) > 0).all():
        raise InputError("shares of serum lie from 0 to 1, ascending", found=str(shares), example="[0.1, 0.5]")
    glue = compound if isinstance(compound, Compound) else compound_record(compound)
    recorded = dish_record()["serum"].coherent
    own, at_rest = glue["fu"].coherent, glue["uptake"]
    drawn = drawn_numbers({"fu": glue["fu"]}, draws, seed).get("fu", np.array([own]))
    fu, shifts, curves = {}, {}, {}
    reference = float(fu_in(recorded, own))
    plain = viability(glue, cell, at, concentrations=concentrations, refeed=refeed)
    for share in map(float, given):
        free = float(fu_in(share, own))
        fu[share] = _ranged(free, fu_in(share, drawn), "derived from the unbound fraction in plasma")
        inside = Quantity(
            at_rest.value * free / reference, at_rest.unit, source=at_rest.source, grade="derived",
            note=f"free inside over nominal outside at {share:.0%} serum",
        )  # fmt: skip
        changes = {f"{glue.name}.uptake": inside}
        curves[share] = viability(glue, cell, at, concentrations=concentrations, refeed=refeed, changes=changes)
        ratio = curves[share].IC50.value / plain.IC50.value
        method = f"IC50 over that at {recorded:.0%} serum"
        if np.isfinite(ratio):
            shifts[share] = _ranged(ratio, fu_in(recorded, drawn) / fu_in(share, drawn), method)
        else:
            shifts[share] = Estimate(np.nan, method=method, note=curves[share].IC50.note or plain.IC50.note)
    return Serum(glue.name, plain.cell, plain.at, recorded, fu, shifts, curves)


def _ranged(value: float, drawn: Floats, method: str) -> Estimate:
    return ranged(Estimate(value, method=method), list(drawn), f"range of {drawn.size} draws of the record's interval")
