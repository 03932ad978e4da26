"""Displacement: target engagement as an assay sees it, a tracer on purified cereblon that the glue drives off.

    bound      share of the tracer that cereblon holds, by total glue: glue, cereblon and tracer are all depleted
    signal     what the reader reads of it: polarisation (FP), or the ratio of emissions (TR-FRET)
    IC50       total glue at half of the signal's fall, and three things that are made of it:

    Kd_naive   the IC50 itself        Kd_Cheng_Prusoff   totals taken for free        Kd_exact   Nikolovska-Coleska 2004

`bias` is what each of them is over the affinity that was put in; `floor` the IC50 that no ligand gets below. Numbers
of the tube are those of the assay's record; `spread` draws them, and analyses with the nominal ones, as one does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.curve import Floats, around, crossing
from cereblon.bench.degradation import ascending
from cereblon.bench.plate import Readings
from cereblon.bench.readout import DEFAULT, Scatter, doses, read, scatter
from cereblon.bench.spread import Reader, drawn, ranged, reader
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.mechanism.displacement import (
    Cheng_Prusoff,
    Nikolovska_Coleska,
    floor_of,
    polarisation,
    proximity,
    tracer_bound,
)
from cereblon.model import Model
from cereblon.model.tube import displaced, filled
from cereblon.records.assay import Assay
from cereblon.records.compound import Compound
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("naive", "Cheng_Prusoff", "exact")
MILLI = 1000  # mP
_TRACER = ("tracer.total", "tracer.CRBN.Kd")


@dataclass(frozen=True)
class Displacement:
    """A displacement curve by `concentrations` of total glue (nM): `bound` (share of tracer) and `signal`.

    `ends` are the signals without glue and without any tracer held; `draws` (draws, concentrations) signals and
    `drawn_ends` (draws, 2) where `spread` made them.
    """

    compound: str
    assay: str
    concentrations: Floats
    bound: Floats
    signal: Floats
    ends: Floats
    model: Model = field(repr=False)
    draws: Floats | None = field(default=None, repr=False)
    drawn_ends: Floats | None = field(default=None, repr=False)

    @property
    def Kd(self) -> Quantity:
        """The affinity that was put in, with its source and grade."""
        return self.model[f"{self.compound}.CRBN.Kd"]

    @property
    def left(self) -> Floats:
        """The signal between its ends: 1 without glue, 0 where no tracer is held."""
        return _left(self.signal, self.ends)

    @cached_property
    def IC50(self) -> Estimate:
        """Total glue (nM) at half of the signal's fall; NaN beyond the tested range."""
        return self._estimate("naive", "half of the signal's fall")

    @cached_property
    def Kd_Cheng_Prusoff(self) -> Estimate:
        """The affinity (nM) by Cheng and Prusoff: free taken for total."""
        return self._estimate("Cheng_Prusoff", "Cheng-Prusoff")

    @cached_property
    def Kd_exact(self) -> Estimate:
        """The affinity (nM) with every depletion counted (Nikolovska-Coleska 2004); 0 for an IC50 below the floor."""
        return self._estimate("exact", "Nikolovska-Coleska")

    def apparent(self, IC50: Estimate) -> dict[str, Estimate]:
        """What each of `METHODS` makes of an IC50 that was measured in this tube, ends of its interval included (nM).

        The exact one is 0 where an IC50 lies below the floor: as tight as you like.
        """
        measured = IC50.to("nM")
        ends = (measured.value, measured.low, measured.high)
        found = {}
        for method in METHODS:
            value, low, high = (self._by(method, x) for x in ends)
            found[method] = replace(measured, value=value, low=low, high=high, method=f"{method}, of an IC50")
        return found

    def _by(self, method: str, IC50: float) -> float:
        """The affinity (nM) that a method makes of an IC50 (nM) in this tube."""
        CRBN, total, Kd_tracer = self._tube
        if method == "naive" or not np.isfinite(IC50):
            return IC50
        if method == "Cheng_Prusoff":
            return float(Cheng_Prusoff(IC50, total, Kd_tracer))
        return max(0.0, float(Nikolovska_Coleska(IC50, CRBN, total, Kd_tracer)))

    @property
    def floor(self) -> float:
        """The IC50 (nM) of an infinitely tight ligand."""
        return float(floor_of(*self._tube))

    @property
    def bias(self) -> dict[str, float]:
        """What each method's Kd is over the one that was put in: 1 is none."""
        found = (self.IC50, self.Kd_Cheng_Prusoff, self.Kd_exact)
        return {method: one.value / self.Kd.coherent for method, one in zip(METHODS, found, strict=True)}

    def spread(self, draws: int = 200, seed: int = 1) -> Displacement:
        """The same curve with intervals: tube and glue drawn from their records, analysed with the nominal tube.

        Raises InputError unless `draws` is a whole number from 1 to 10,000.
        """
        numbers = {slot: column[:, None] for slot, column in drawn(self.model, draws, seed).items()}
        at = reader(self.model, numbers)
        _, signal, ends = _curve(at, self.compound, self.concentrations)
        wide = np.broadcast_to(signal, (draws, self.concentrations.size))
        return replace(self, draws=wide, drawn_ends=np.broadcast_to(ends, (draws, 2)))

    def over(self, concentrations: ArrayLike) -> Displacement:
        """The same tube over other concentrations (nM, total). Raises InputError as `displacement`."""
        given = ascending(concentrations)
        bound, signal, ends = _curve(reader(self.model, {}), self.compound, given)
        return Displacement(self.compound, self.assay, given, bound, signal, ends, self.model)

    def measured(
        self,
        concentrations: ArrayLike | None = None,
        *,
        replicates: int = 3,
        seed: int = 1,
        plate: int = 96,
        noise: Scatter = DEFAULT,
    ) -> Readings:
        """A plate of this experiment as a reader shows it: mP (FP) or emission ratio; no cereblon in `positive` wells.

        `concentrations` in nM (default ten, half a decade apart around the IC50); `noise` a record, its name, a file,
        or None. Raises InputError as `bench.layout` and `bench.measure` do.
        """
        record = next(r for r in self.model.records if isinstance(r, Assay))
        one = self.over(doses(concentrations, self.IC50, self.concentrations))
        top, none = (float(end) for end in one.ends)
        fluoresces = "tracer.polarisation" in record
        return read(
            {self.compound: (one.concentrations, one.signal / top)}, noise=scatter(noise, record), positive=none / top,
            blank=None, replicates=replicates, seed=seed, plate=plate, scale=top * (MILLI if fluoresces else 1),
            of="polarisation (mP)" if fluoresces else "emission ratio", name=f"{self.compound}-",
        )  # fmt: skip

    @property
    def _tube(self) -> tuple[float, float, float]:
        """Total cereblon and tracer, and the tracer's constant (nM), as the analysis takes them."""
        CRBN, total, Kd = (self.model[a].coherent for a in ("CRBN.total", *_TRACER))
        return CRBN, total, Kd

    def _read(self, signal: Floats, ends: Floats) -> Estimate:
        return crossing(self.concentrations, _left(signal, ends), 0.5, "nM", "half of the signal's fall")

    def _estimate(self, by: str, method: str) -> Estimate:
        found = self._read(self.signal, self.ends)
        one = replace(found, value=self._by(by, found.value), method=method)
        if self.draws is None or self.drawn_ends is None:
            return one
        values = [self._by(by, self._read(s, e).value) for s, e in zip(self.draws, self.drawn_ends, strict=True)]
        return ranged(one, values, f"range of {len(values)} draws of the records' intervals")

    def table(self) -> pd.DataFrame:
        """One row per concentration: compound, assay, concentration (nM, total), bound, signal."""
        import pandas as pd

        return pd.DataFrame(
            {
                "compound": self.compound,
                "assay": self.assay,
                "concentration_nM": self.concentrations,
                "bound": self.bound,
                "signal": self.signal,
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
            f"{printed(self.compound)} in {printed(self.assay)}: IC50 {self.IC50} (none below {self.floor:.3g} nM); "
            f"Kd {self.Kd_exact} with depletion, {self.Kd_Cheng_Prusoff} by Cheng-Prusoff, {self.Kd} put in"
        )


def displacement(
    compound: str | Path | Compound,
    assay: str | Path | Assay = "FP",
    *,
    concentrations: ArrayLike | None = None,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Displacement:
    """Displacement of the tracer of `assay` ("FP", "TR_FRET", or a file) by one glue at equilibrium.

    `concentrations` are total glue in nM (default 1e-4 to 1e3 times what halves the signal); `changes` as in
    `Model.replace` ("CRBN.total", "tracer.total", "tracer.CRBN.Kd", ...). Raises InputError for unknown names or
    concentrations that are not positive and ascending.

    >>> curve = displacement("mezigdomide", "FP")
    >>> 12 < curve.Kd_exact.value < 14, curve.bias["Cheng_Prusoff"] > 10
    (True, True)
    """
    model = displaced(compound, assay)
    if changes:
        model = model.replace(changes)
    filled(model, "CRBN.total", "tracer.total")
    glue, tube = model.records[0].name, model.records[1].name
    at = reader(model, {})
    if concentrations is None:
        CRBN, total, Kd_tracer = (at(a) for a in ("CRBN.total", *_TRACER))
        Kd = at(f"{glue}.CRBN.Kd")
        given = around(float(floor_of(CRBN, total, Kd_tracer) + Kd * (1 + total / Kd_tracer)))
    else:
        given = ascending(concentrations)
    bound, signal, ends = _curve(at, glue, given)
    return Displacement(glue, tube, given, bound, signal, ends, model)


def _left(signal: Floats, ends: Floats) -> Floats:
    return (signal - ends[1]) / (ends[0] - ends[1])


def _curve(at: Reader, glue: str, given: Floats) -> tuple[Floats, Floats, Floats]:
    """Bound share of the tracer, signal, and the signals at both ends, (..., concentrations) and (..., 2)."""
    CRBN, total, Kd_tracer, Kd = (at(a) for a in ("CRBN.total", *_TRACER, f"{glue}.CRBN.Kd"))
    pairs = tracer_bound(np.append(given, 0.0), CRBN, total, Kd, Kd_tracer)
    none = np.zeros_like(pairs[..., :1])
    held = np.concatenate([pairs, none], axis=-1)
    try:
        of_free, of_bound, brightness = (
            at(a) for a in ("tracer.polarisation", "tracer.CRBN.polarisation", "tracer.CRBN.enhancement")
        )
    except KeyError:
        signal = proximity(held, CRBN, at("donor.baseline"), at("donor.gain"))
    else:
        signal = polarisation(held / total, of_free, of_bound, brightness)
    return pairs[..., :-1] / total, signal[..., :-2], signal[..., -2:]
