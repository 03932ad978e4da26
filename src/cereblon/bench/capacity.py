"""Binding capacity: how much more one glue holds of cereblon than others, in the two readings that the word allows.

    Kd           ratio of apparent affinities, the other's over the glue's           what a binding assay reports
    competent    ratio of closed occupancy at one free concentration, the glue's over the other's      what recruits

The first knows no concentration; the second falls towards the ratio of closed fractions as cereblon fills. Each has
the range that the records' intervals make of it, every compound drawn by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.curve import Floats
from cereblon.bench.degradation import ascending
from cereblon.bench.spread import drawn, ranged
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.ground.vocabulary import printed
from cereblon.mechanism.binding import competent_occupancy
from cereblon.model import Model
from cereblon.model.dish import as_compounds
from cereblon.model.tube import displaced
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

IMIDS = ("lenalidomide", "pomalidomide")
AT = (1.0, 10.0, 100.0, 1e6)  # nM free glue; 10 is near the plasma of 1 mg mezigdomide, the last saturates all
_NUMBERS = ("Kd", "K_c")


@dataclass(frozen=True)
class Capacity:
    """Ratios of one glue to others: `Kd` by name, `competent` by name and free concentration (nM)."""

    compound: str
    Kd: Mapping[str, Estimate]
    competent: Mapping[tuple[str, float], Estimate]
    models: tuple[Model, ...] = field(repr=False)

    def table(self) -> pd.DataFrame:
        """One row per ratio: compound, versus, reading, concentration (nM, free), ratio, low, high."""
        import pandas as pd

        head = {"compound": self.compound}
        rows = [
            {**head, "versus": name, "reading": "Kd", "concentration_nM": np.nan, **_ends(ratio)}
            for name, ratio in self.Kd.items()
        ]
        rows += [
            {**head, "versus": name, "reading": "competent", "concentration_nM": at, **_ends(ratio)}
            for (name, at), ratio in self.competent.items()
        ]
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that were compared."""
        known: dict[str, Source] = {}
        for model in self.models:
            cited = {model[f"{model.records[0].name}.CRBN.{number}"].source for number in _NUMBERS}
            known |= {key: source for key, source in model.sources().items() if key in cited}
        return known

    def __str__(self) -> str:
        lines = [f"Binding capacity of {printed(self.compound)}"]
        for name, ratio in self.Kd.items():
            shown = ", ".join(f"{r} at {at:g} nM" for (n, at), r in self.competent.items() if n == name)
            lines.append(f"  over {printed(name)}: affinity x {ratio}; competent occupancy x {shown}")
        return "\n".join(lines)


def capacity(
    compound: str | Path | Compound = "mezigdomide",
    versus: str | Compound | Iterable[str | Compound] = IMIDS,
    *,
    at: ArrayLike = AT,
    draws: int = 2000,
    seed: int = 1,
) -> Capacity:
    """Binding capacity of a glue over others, at free concentrations `at` (nM, above 0 and ascending).

    Raises InputError for unknown names, or for affinities of two assay families, which differ ten-fold by themselves.

    >>> found = capacity("mezigdomide")
    >>> round(found.Kd["lenalidomide"].value, 1), found.competent["lenalidomide", 1e6].value < 7
    (14.1, True)
    """
    glue = compound if isinstance(compound, Compound) else compound_record(compound)
    others, given = as_compounds(versus), ascending(at)
    for other in others:
        if other.affinity != glue.affinity:
            raise InputError(
                "a ratio of affinities is taken within one family of assays",
                where=other.name,
                found=f"{other.affinity} beside {glue.affinity}",
                expected=glue.affinity,
            )
    mine, *theirs = (_drawn(g, given, draws, seed) for g in (glue, *others))
    what = f"range of {draws} draws of the records' intervals"
    Kd, competent = {}, {}
    for other, one in zip(others, theirs, strict=True):
        Kd[other.name] = _estimate(one.Kd / mine.Kd, "ratio of apparent Kd", what)
        for i, free in enumerate(given):
            ratio = mine.competent[:, i] / one.competent[:, i]
            competent[other.name, float(free)] = _estimate(ratio, f"ratio of closed occupancy at {free:g} nM", what)
    return Capacity(glue.name, Kd, competent, (mine.model, *(one.model for one in theirs)))


@dataclass(frozen=True)
class _Drawn:
    """Affinity (draws + 1) and closed occupancy (draws + 1, concentrations) of one glue; the first is the record's."""

    model: Model
    Kd: Floats
    competent: Floats


def _drawn(glue: Compound, given: Floats, draws: int, seed: int) -> _Drawn:
    model = displaced(glue)
    numbers, own = drawn(model, draws, seed), model.coherent()

    def column(address: str) -> Floats:
        slot = f"{glue.name}.{address}"
        return np.concatenate([[own[slot]], numbers.get(slot, np.full(draws, own[slot]))])

    Kd, K_c = (column(f"CRBN.{number}") for number in _NUMBERS)
    return _Drawn(model, Kd, competent_occupancy(given, Kd[:, None], K_c[:, None]))


def _estimate(ratios: Floats, method: str, what: str) -> Estimate:
    return ranged(Estimate(float(ratios[0]), method=method), list(ratios[1:]), what)


def _ends(ratio: Estimate) -> dict[str, float]:
    return {"ratio": ratio.value, "low": ratio.low, "high": ratio.high}
