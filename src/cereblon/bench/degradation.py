"""Degradation in a dish: dose-response at a stated time, and the time course at a stated concentration.

    DC50            concentration at half of the **achieved** effect at that time: 1 - Dmax/2 remains
    DC50_absolute   concentration at which half of the protein remains
    Dmax            loss at the highest concentration at that time

Every DC50 carries its assay time: early it lies well above its steady-state value. Two layers give the same
curve: the kinetic network (default) and the quasi-steady closed form (`mechanism.degradation.Turnover`).
Concentrations are nominal: what is added to the medium at time 0; the drug then decays there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.curve import NO_EFFECT, Floats, around, crossing, depth, half_effect
from cereblon.bench.spread import drawn, ranged
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.mechanism.degradation import Turnover
from cereblon.mechanism.ligase import quasi_steady
from cereblon.model import Model, dish, exposure
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.regimen import hours
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

Layer = Literal["kinetic", "quasi-steady"]

SUBSTRATES = ("IKZF1", "IKZF3")  # they compete in every lymphoid cell
SATURATING = 100  # times the affinity: 99 % occupancy
STEADY = "steady"


@dataclass(frozen=True)
class Curve:
    """Dose-response: `remaining` of protein `of` over its drug-free level, by `concentrations` (nM)."""

    compound: str
    of: str
    cell: str
    at: str
    layer: str
    concentrations: Floats
    remaining: Floats
    model: Model = field(repr=False)
    draws: Floats | None = field(default=None, repr=False)

    @cached_property
    def Dmax(self) -> Estimate:
        """Loss at the highest concentration."""
        return self._estimate(lambda remaining: depth(self.concentrations, remaining, "nM"))

    @cached_property
    def DC50(self) -> Estimate:
        """Concentration at half of the achieved effect (nM); NaN where there is no effect."""
        method = f"half of the effect achieved at {self.at}"
        return self._estimate(lambda remaining: half_effect(self.concentrations, remaining, "nM", method))

    @cached_property
    def DC50_absolute(self) -> Estimate:
        """Concentration at which half of the protein remains (nM); NaN where none does that."""
        method = f"half of the protein left at {self.at}"
        return self._estimate(lambda remaining: crossing(self.concentrations, remaining, 0.5, "nM", method))

    def spread(self, draws: int = 100, seed: int = 1) -> Curve:
        """The same curve with intervals on its estimates: the records' intervals, drawn (see `bench.spread`).

        `draws` of the copy is (draws, concentrations). Kinetic layer only; raises InputError.
        """
        if self.layer != "kinetic":
            raise InputError("intervals are drawn by the kinetic layer", found=self.layer, expected="kinetic")
        numbers = drawn(self.model, draws, seed)
        count = self.concentrations.size
        doses = exposure(self.model, {self.compound: np.tile(self.concentrations, draws)})
        # not the medium's volume: the concentrations are what was asked for, whatever the well holds
        vary = {slot: np.repeat(column, count) for slot, column in numbers.items() if slot != "medium.volume"}
        watched = f"{self.of}.remaining"
        result = self.model.simulate(
            [0.0, float(hours(self.at))], doses, vary=vary, observe=[watched], rtol=1e-4
        )
        return replace(self, draws=result[watched][:, -1].reshape(draws, count))

    def _estimate(self, read: Callable[[Floats], Estimate]) -> Estimate:
        if self.draws is None:
            return read(self.remaining)
        what = f"range of {len(self.draws)} draws of the records' intervals"
        return ranged(read(self.remaining), [read(drawn_curve).value for drawn_curve in self.draws], what)

    def table(self) -> pd.DataFrame:
        """One row per concentration: compound, of, cell, at, layer, concentration (nM), remaining."""
        import pandas as pd

        return pd.DataFrame(
            {
                "compound": self.compound,
                "of": self.of,
                "cell": self.cell,
                "at": self.at,
                "layer": self.layer,
                "concentration_nM": self.concentrations,
                "remaining": self.remaining,
            }
        )

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        return _save(self.table(), path)

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that the curve was made of."""
        return self.model.sources()

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Addresses of those of its numbers that are assumed or recalled."""
        return self.model.assumptions

    def __str__(self) -> str:
        return (
            f"{printed(self.of)} in {printed(self.cell)} after {self.at} of {printed(self.compound)} ({self.layer}): "
            f"DC50 {self.DC50}, half left at {self.DC50_absolute}, Dmax {self.Dmax}"
        )


@dataclass(frozen=True)
class Course:
    """Time course: `remaining` over its drug-free level at `times` (h) after one addition of drug (nM)."""

    compound: str
    of: str
    cell: str
    concentration: float
    layer: str
    times: Floats
    remaining: Floats
    model: Model = field(repr=False)

    @property
    def plateau(self) -> float:
        """The lowest level reached."""
        return float(np.min(self.remaining))

    @cached_property
    def half_time(self) -> Estimate:
        """Time (h) at which half of the fall to the plateau is done."""
        return self._time((1 + self.plateau) / 2, "half of the fall to the plateau")

    @cached_property
    def half_time_absolute(self) -> Estimate:
        """Time (h) at which half of the protein is left."""
        return self._time(0.5, "half of the protein left")

    @cached_property
    def lag(self) -> Estimate:
        """Delay (h) before the fall: where the steepest tangent meets the drug-free level."""
        slope = np.gradient(self.remaining, self.times)
        steepest = int(np.argmin(slope))
        if not slope[steepest] < 0:
            return Estimate(np.nan, "h", method="steepest tangent", note="no effect")
        delay = self.times[steepest] - (1 - self.remaining[steepest]) / -slope[steepest]
        return Estimate(max(0.0, float(delay)), "h", method="steepest tangent")

    def _time(self, level: float, method: str) -> Estimate:
        if 1 - self.plateau <= NO_EFFECT:
            return Estimate(np.nan, "h", method=method, note="no effect")
        return crossing(self.times[1:], self.remaining[1:], level, "h", method)

    def table(self) -> pd.DataFrame:
        """One row per time: compound, of, cell, concentration (nM), layer, time (h), remaining."""
        import pandas as pd

        return pd.DataFrame(
            {
                "compound": self.compound,
                "of": self.of,
                "cell": self.cell,
                "concentration_nM": self.concentration,
                "layer": self.layer,
                "time_h": self.times,
                "remaining": self.remaining,
            }
        )

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        return _save(self.table(), path)

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that the course was made of."""
        return self.model.sources()

    def __str__(self) -> str:
        return (
            f"{printed(self.of)} in {printed(self.cell)} under {self.concentration:.4g} nM {printed(self.compound)} "
            f"({self.layer}): half-time {self.half_time}, lag {self.lag}, plateau {self.plateau:.3f}"
        )


def degradation(
    compound: str | Path | Compound,
    of: str = "IKZF1",
    cell: str | Path | Cell = "H929",
    at: str | float = "4 h",
    *,
    concentrations: ArrayLike | None = None,
    layer: Layer = "kinetic",
    substrates: Iterable[str] = SUBSTRATES,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Curve:
    """Dose-response of one protein at one time.

    `concentrations` in nM (default 1e-4 to 1e3 times the affinity). `at` is a time, or "steady" (quasi-steady
    layer only, drug held constant). `changes` as in `Model.replace`. Raises InputError for a protein that the
    compound is not known to recruit, or concentrations that are not positive and ascending.

    >>> curve = degradation("mezigdomide", of="IKZF1", at="4 h")
    >>> bool(curve.Dmax.value > 0.8)
    True
    """
    model, glue, chosen = well(compound, of, cell, substrates, changes)
    Kd = model[f"{glue.name}.CRBN.Kd"].coherent
    given = around(Kd) if concentrations is None else ascending(concentrations)
    if at == STEADY:
        if layer == "kinetic":
            raise InputError(
                "a steady state is what the quasi-steady layer gives", expected='layer="quasi-steady"'
            )
        inside = given * model[f"{glue.name}.uptake"].coherent
        remaining = turnover(model, glue.name, chosen).steady(inside)[:, chosen.index(of)]
    else:
        remaining = _courses(model, glue.name, chosen, of, given, np.atleast_1d(hours(at)), layer)[:, -1]
    text = at if isinstance(at, str) else f"{at:g} h"
    return Curve(glue.name, of, model.stands["tumour"], text, layer, given, remaining, model)


def course(
    compound: str | Path | Compound,
    of: str = "IKZF1",
    cell: str | Path | Cell = "H929",
    concentration: str | float | None = None,
    *,
    until: str | float = "24 h",
    layer: Layer = "kinetic",
    substrates: Iterable[str] = SUBSTRATES,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Course:
    """Time course of one protein at one concentration ("1 uM", or nM; default saturating: 100 times the affinity).

    Raises InputError as `degradation` does.

    >>> course("mezigdomide").half_time.value < course("lenalidomide").half_time.value
    True
    """
    model, glue, chosen = well(compound, of, cell, substrates, changes)
    if concentration is None:
        amount = SATURATING * model[f"{glue.name}.CRBN.Kd"].coherent
    elif isinstance(concentration, str):
        amount = Quantity.parse(concentration).to("nM").value
    else:
        amount = float(concentration)
    given = ascending([amount])
    end = float(np.atleast_1d(hours(until))[0])
    times = np.concatenate([[0.0], np.geomspace(end / 2000, end, 240)])
    remaining = _courses(model, glue.name, chosen, of, given, times, layer)[0]
    return Course(glue.name, of, model.stands["tumour"], amount, layer, times, remaining, model)


def turnover(model: Model, glue: str, substrates: tuple[str, ...]) -> Turnover:
    """The quasi-steady closed form with the numbers of a dish."""
    values = {slot.partition("@")[0]: number for slot, number in model.coherent().items()}
    n_ub = next(r for r in model.records if isinstance(r, Cell)).structure["n_ub"]
    return quasi_steady(values, glue, substrates, n_ub)


def recruited(glue: Compound, of: str, substrates: Iterable[str]) -> tuple[str, ...]:
    """Those of `substrates` that the glue has a constant for, `of` among them; InputError when it has none for it."""
    if of not in glue.neosubstrates:
        known = glue.status.get(of)
        raise InputError(
            f"no recruitment of {printed(of)} by {glue.symbol} is on record",
            where=f"{glue.name}.{of}.Kd",
            found=f"{known.status} ({known.source})" if known else "nothing",
            expected=f"one of {', '.join(glue.neosubstrates)}, or a constant of your own",
            example=f'compound("{glue.name}").replace({{"{of}.Kd": "500 nM"}})',
        )
    return tuple(s for s in dict.fromkeys((*substrates, of)) if s in glue.neosubstrates)


def well(
    compound: str | Path | Compound,
    of: str,
    cell: str | Path | Cell,
    substrates: Iterable[str],
    changes: Mapping[str, str | Quantity] | None = None,
) -> tuple[Model, Compound, tuple[str, ...]]:
    """The dish of one experiment: model, compound, and the substrates that compete in it. InputError as `recruited`."""
    glue = compound if isinstance(compound, Compound) else compound_record(compound)
    chosen = recruited(glue, of, substrates)
    model = dish(glue, cell, chosen)
    return (model.replace(changes) if changes else model), glue, chosen


def ascending(concentrations: ArrayLike) -> Floats:
    """Concentrations (nM) as an array; InputError unless they are finite, above 0 and ascending."""
    column = np.atleast_1d(np.asarray(concentrations, dtype=np.float64))
    if column.ndim != 1 or not (
        np.isfinite(column).all() and (column > 0).all() and (np.diff(column) > 0).all()
    ):
        raise InputError(
            "concentrations in nM, above 0 and ascending", found=str(column), example="[0.1, 1, 10]"
        )
    return column


def _courses(
    model: Model, glue: str, substrates: tuple[str, ...], of: str, given: Floats, times: Floats, layer: Layer
) -> Floats:
    """Remaining share of `of`, (concentrations, times)."""
    if layer == "quasi-steady":
        k_loss = float(np.log(2)) / model[f"{glue}.medium.t_half"].coherent
        inside = given * model[f"{glue}.uptake"].coherent
        levels = turnover(model, glue, substrates).course(times, inside, k_loss=k_loss)
        return np.asarray(levels[:, substrates.index(of), :])
    if layer != "kinetic":
        raise InputError(
            "unknown layer", found=str(layer), expected="kinetic or quasi-steady", example="kinetic"
        )
    start = np.concatenate([[0.0], times]) if times[0] > 0 else times
    result = model.simulate(start, exposure(model, {glue: given}), observe=[f"{of}.remaining"])
    return np.asarray(result[f"{of}.remaining"][:, -times.size :])


def _save(table: pd.DataFrame, path: str | Path) -> Path:
    from cereblon.ground.files import write_atomically

    return write_atomically(Path(path), table.to_csv(index=False))
