"""Degradation in a dish: dose-response at a stated time (the time course is `bench.course`).

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

from cereblon.bench.curve import Floats, around, crossing, depth, half_effect
from cereblon.bench.spread import drawn, ranged
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.mechanism.degradation import Turnover
from cereblon.mechanism.ligase import quasi_steady
from cereblon.mechanism.ubiquitination import forms
from cereblon.model import Model, dish, exposure
from cereblon.records.cell import Cell
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.regimen import hours
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bench.plate import Readings
    from cereblon.bench.readout import Scatter
    from cereblon.records.assay import Assay

Layer = Literal["kinetic", "quasi-steady"]

SUBSTRATES = ("IKZF1", "IKZF3")  # they compete in every lymphoid cell
SATURATING = 100  # times the affinity: 99 % occupancy
STEADY = "steady"


@dataclass(frozen=True)
class Curve:
    """Dose-response: `remaining` of protein `of` over its drug-free level, by `concentrations` (nM).

    `bands` (kinetic layer only) is the part that carries no ubiquitin, over the same level: a Western blot at the
    protein's own weight, while a fused tag (HiBiT) shines on every form.
    """

    compound: str
    of: str
    cell: str
    at: str
    layer: str
    concentrations: Floats
    remaining: Floats
    model: Model = field(repr=False)
    draws: Floats | None = field(default=None, repr=False)
    bands: Floats | None = field(default=None, repr=False)

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

    def over(self, concentrations: ArrayLike) -> Curve:
        """The same dish over other concentrations (nM). Raises InputError as `degradation`."""
        return _curve(self.model, self.compound, self.of, ascending(concentrations), self.at, self.layer)

    def measured(
        self,
        concentrations: ArrayLike | None = None,
        *,
        readout: str | Path | Assay = "HiBiT",
        replicates: int = 3,
        seed: int = 1,
        plate: int = 96,
        noise: Scatter = "default",
    ) -> Readings:
        """A plate of this experiment as a reader shows it, beside untreated wells and blanks without the protein.

        `readout` "HiBiT" (every form of the protein), "western" (the band without ubiquitin, lane by lane) or a file;
        `concentrations` in nM (default ten, half a decade apart around the DC50); `noise` a record, its name, a file,
        or None. Raises InputError as `bench.layout` and `bench.measure` do, for a blot of the quasi-steady layer, and
        for the steady state, which no plate has.
        """
        from cereblon.bench.readout import WESTERN, as_readout, doses, read, scatter

        record = as_readout(readout, ("every form", WESTERN))
        if self.at == STEADY:
            raise InputError("a plate is read at an hour", found=self.at, example='at="4 h"')
        one = self.over(doses(concentrations, self.DC50, self.concentrations))
        seen = one.bands if record.reads == WESTERN else one.remaining
        if seen is None:
            raise InputError("the quasi-steady layer does not tell ubiquitinated forms apart", expected="kinetic")
        return read(
            {self.compound: (one.concentrations, seen)}, noise=scatter(noise, record), replicates=replicates, seed=seed,
            plate=plate, scale=record["signal.counts"].coherent, of=f"{record.symbol} of {printed(self.of)}",
            cell=self.cell, time=float(hours(self.at)), lanes=record if record.reads == WESTERN else None,
            name=f"{self.compound}-",
        )  # fmt: skip

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
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

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
    model, glue, _ = well(compound, of, cell, substrates, changes)
    Kd = model[f"{glue.name}.CRBN.Kd"].coherent
    given = around(Kd) if concentrations is None else ascending(concentrations)
    return _curve(model, glue.name, of, given, at if isinstance(at, str) else f"{at:g} h", layer)


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
    if column.ndim != 1 or not column.size or not (
        np.isfinite(column).all() and (column > 0).all() and (np.diff(column) > 0).all()
    ):
        raise InputError(
            "concentrations in nM, above 0 and ascending", found=str(column), example="[0.1, 1, 10]"
        )
    return column


def _curve(model: Model, glue: str, of: str, given: Floats, at: str, layer: str) -> Curve:
    substrates = competing(model)
    if at == STEADY:
        if layer == "kinetic":
            raise InputError(
                "a steady state is what the quasi-steady layer gives", expected='layer="quasi-steady"'
            )
        inside = given * model[f"{glue}.uptake"].coherent
        remaining, bands = turnover(model, glue, substrates).steady(inside)[:, substrates.index(of)], None
    else:
        levels, bare = courses(model, glue, substrates, of, given, np.atleast_1d(hours(at)), layer)
        remaining, bands = levels[:, -1], None if bare is None else bare[:, -1]
    return Curve(glue, of, model.stands["tumour"], at, layer, given, remaining, model, bands=bands)


def competing(model: Model) -> tuple[str, ...]:
    """The neosubstrates that compete in a dish, in the order in which they were put there."""
    seen = (name.partition("@")[0].split(".") for name in model.network.observables)
    return tuple(words[1] for words in seen if len(words) == 3 and words[2] == "ternary")


def courses(
    model: Model, glue: str, substrates: tuple[str, ...], of: str, given: Floats, times: Floats, layer: str
) -> tuple[Floats, Floats | None]:
    """Remaining share of `of`, and what of it carries no ubiquitin (kinetic layer), (concentrations, times)."""
    if layer == "quasi-steady":
        k_loss = float(np.log(2)) / model[f"{glue}.medium.t_half"].coherent
        inside = given * model[f"{glue}.uptake"].coherent
        levels = turnover(model, glue, substrates).course(times, inside, k_loss=k_loss)
        return np.asarray(levels[:, substrates.index(of), :]), None
    if layer != "kinetic":
        raise InputError(
            "unknown layer", found=str(layer), expected="kinetic or quasi-steady", example="kinetic"
        )
    start = np.concatenate([[0.0], times]) if times[0] > 0 else times
    bare = unmodified(of, (glue,))
    result = model.simulate(start, exposure(model, {glue: given}), observe=[f"{of}.remaining", *bare])
    bands = sum((result[name] for name in bare), start=np.zeros(())) / model[f"{of}.total"].coherent
    left = np.atleast_2d(result[f"{of}.remaining"])[:, -times.size :]
    return np.asarray(left), np.atleast_2d(bands)[:, -times.size :]


def unmodified(of: str, glues: Iterable[str]) -> list[str]:
    """The species of a protein that carry no ubiquitin: free, and held through each of the glues."""
    bare = forms(of, 0)[0]
    return [f"{bare}@tumour", *(f"CRBN*:{glue}:{bare}@tumour" for glue in glues)]

