"""Ternary complex: the proximity signal of cereblon and a neosubstrate over glue, and a bivalent degrader beside it.

    signal     baseline (1 + gain x pairs / donor): TR-FRET in a tube of purified proteins, NanoBRET in living cells
    EC50       concentration at half of the rise        plateau     signal at the highest concentration
    alpha      cooperativity, K_apo / K_2               hook        what the comparator loses again beyond its peak

A tube's glue is total, and its proteins use it up; a cell's is that of the medium. Without a glue the pair is held by
K_apo alone. `alpha_from_shift` is what one would compute from this very curve, taking free for total: with much
cereblon in the tube the EC50 cannot fall far enough, and the estimate falls short.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.curve import FLAT, NO_EFFECT, Floats, crossing
from cereblon.bench.degradation import ascending, recruited
from cereblon.bench.plate import Readings
from cereblon.bench.readout import DEFAULT, Scatter, doses, read, scatter
from cereblon.bench.spread import Reader, drawn, ranged, reader
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.ground.vocabulary import printed
from cereblon.mechanism.bivalent import bivalent_at, bivalent_equilibrium
from cereblon.mechanism.cooperativity import alpha, alpha_from_shift, pairs_at, pairs_in_tube
from cereblon.mechanism.displacement import proximity
from cereblon.model import Model
from cereblon.model.tube import TARGET, as_assay, filled, joined
from cereblon.records.assay import Assay
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

CONCENTRATIONS = np.geomspace(1e-2, 1e5, 57)  # nM; up to where a bivalent degrader shows its hook
_MEDIUM = "cell"


@dataclass(frozen=True)
class Ternary:
    """A proximity curve by `concentrations` (nM): `pairs` of cereblon and `of` (nM), `ternary` those that hold a glue,
    `signal`, and `bivalent`, the signal of the comparator at the same concentrations.

    `bottom` is the signal without a glue; `draws` (draws, concentrations) signals where `spread` made them, and
    `drawn_bottom`, `drawn_alpha` (draws,) beside.
    """

    compound: str
    of: str
    assay: str
    concentrations: Floats
    pairs: Floats
    ternary: Floats
    signal: Floats
    bivalent: Floats
    bottom: float
    model: Model = field(repr=False)
    draws: Floats | None = field(default=None, repr=False)
    drawn_bottom: Floats | None = field(default=None, repr=False)
    drawn_alpha: Floats | None = field(default=None, repr=False)

    @cached_property
    def plateau(self) -> Estimate:
        """Signal at the highest concentration; the note says where it still rises."""
        rise = self._rise(self.signal, self.bottom)
        last = float(np.interp(np.log(self.concentrations[-1] / 10), np.log(self.concentrations), rise))
        at = f"{self.concentrations[-1]:.3g} nM"
        note = f"at least: not flat at {at}" if 1 - last > FLAT else ""
        one = Estimate(float(self.signal[-1]), method=f"signal at {at}", note=note)
        return self._ranged(one, [] if self.draws is None else [float(s[-1]) for s in self.draws])

    @cached_property
    def EC50(self) -> Estimate:
        """Concentration (nM) at half of the rise to the plateau; NaN beyond the tested range or without a rise."""
        found: list[float] = []
        if self.draws is not None and self.drawn_bottom is not None:
            found = [self._half(s, b).value for s, b in zip(self.draws, self.drawn_bottom, strict=True)]
        return self._ranged(self._half(self.signal, self.bottom), found)

    @cached_property
    def alpha(self) -> Estimate:
        """Cooperativity, K_apo / K_2, closing included: how much tighter the substrate sits when the glue is there."""
        one = Estimate(float(_alpha(self._at, self.compound, self.of)), method="K_apo / K_2")
        return self._ranged(one, [] if self.drawn_alpha is None else list(self.drawn_alpha))

    @cached_property
    def alpha_from_shift(self) -> Estimate:
        """The same from Kd / EC50, as if the glue and the partner in excess were free: sound where they nearly are."""
        Kd, Kd_apo = (float(self._at(a)) for a in (f"{self.compound}.CRBN.Kd", f"{self.of}.CRBN.Kd"))
        excess, partner = max((float(self._at(f"{p}.total")), p) for p in ("CRBN", self.of))
        method = f"Kd / EC50 beside {excess:.3g} nM {printed(partner)}"
        if not np.isfinite(self.EC50.value):
            return Estimate(np.nan, method=method, note=self.EC50.note)
        found = float(alpha_from_shift(Kd / self.EC50.value, excess, Kd_apo))
        if found <= 0:
            return Estimate(np.nan, method=method, note="EC50 not below Kd: the tube's cereblon uses up the glue")
        return Estimate(found, method=method)

    @cached_property
    def hook(self) -> Estimate:
        """What the comparator's rise has lost again at the highest concentration, 0 to 1; the note says the peak."""
        rise = self.bivalent - self.bivalent.min()
        peak = int(np.argmax(rise))
        note = f"peak at {self.concentrations[peak]:.3g} nM"
        return Estimate(float(1 - rise[-1] / rise[peak]), method="loss from the peak", note=note)

    def spread(self, draws: int = 200, seed: int = 1) -> Ternary:
        """The same curve with intervals: the records' intervals, drawn (see `bench.spread`). Raises InputError."""
        numbers = {slot: column[:, None] for slot, column in drawn(self.model, draws, seed).items()}
        at = reader(self.model, numbers)
        _, _, signal, bottom = _curve(at, self.compound, self.of, self._record, self.concentrations)
        shape = (draws, self.concentrations.size)
        return replace(
            self,
            draws=np.broadcast_to(signal, shape),
            drawn_bottom=np.broadcast_to(bottom[..., 0], (draws,)),
            drawn_alpha=np.broadcast_to(_alpha(at, self.compound, self.of)[..., 0], (draws,)),
        )

    def over(self, concentrations: ArrayLike) -> Ternary:
        """The same assay over other concentrations (nM). Raises InputError as `ternary`."""
        return _made(self.model, self.compound, self.of, self._record, ascending(concentrations))

    def measured(
        self,
        concentrations: ArrayLike | None = None,
        *,
        replicates: int = 3,
        seed: int = 1,
        plate: int = 96,
        noise: Scatter = DEFAULT,
    ) -> Readings:
        """A plate of this experiment as a reader shows it (emission ratio); `positive` wells hold the plateau.

        Arguments as in `Displacement.measured`, the doses around the EC50.
        """
        one = self.over(doses(concentrations, self.EC50, self.concentrations))
        return read(
            {self.compound: (one.concentrations, one.signal / one.bottom)}, noise=scatter(noise, self._record),
            positive=self.plateau.value / self.bottom, blank=None, replicates=replicates, seed=seed, plate=plate,
            scale=one.bottom, of="emission ratio", name=f"{self.compound}-",
        )  # fmt: skip

    @property
    def _at(self) -> Callable[[str], Floats]:
        return reader(self.model, {})

    @property
    def _record(self) -> Assay:
        return next(r for r in self.model.records if isinstance(r, Assay))

    def _rise(self, signal: Floats, bottom: float) -> Floats:
        return (signal - bottom) / (signal[-1] - bottom)

    def _half(self, signal: Floats, bottom: float) -> Estimate:
        method = "half of the rise of the signal"
        if not signal[-1] > bottom * (1 + NO_EFFECT):
            return Estimate(np.nan, "nM", method=method, note="no effect")
        return crossing(self.concentrations, 1 - self._rise(signal, bottom), 0.5, "nM", method)

    def _ranged(self, one: Estimate, found: list[float]) -> Estimate:
        return ranged(one, found, f"range of {len(found)} draws of the records' intervals") if found else one

    def table(self) -> pd.DataFrame:
        """One row per concentration: compound, of, assay, concentration (nM), pairs (nM), ternary (nM), signal,
        bivalent (the comparator's signal)."""
        import pandas as pd

        return pd.DataFrame(
            {
                "compound": self.compound,
                "of": self.of,
                "assay": self.assay,
                "concentration_nM": self.concentrations,
                "pairs_nM": self.pairs,
                "ternary_nM": self.ternary,
                "signal": self.signal,
                "bivalent": self.bivalent,
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
            f"{printed(self.of)} beside cereblon under {printed(self.compound)} ({printed(self.assay)}): "
            f"EC50 {self.EC50}, plateau {self.plateau} over {self.bottom:.3g}, cooperativity {self.alpha} (from the "
            f"EC50 {self.alpha_from_shift}); a bivalent degrader "
            f"loses {self.hook.value:.0%} of its rise ({self.hook.note})"
        )


def ternary(
    compound: str | Path | Compound,
    of: str = "IKZF1",
    assay: str | Path | Assay = "TR_FRET_ternary",
    *,
    concentrations: ArrayLike | None = None,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Ternary:
    """Proximity of cereblon and one neosubstrate by glue, in `assay` ("TR_FRET_ternary", "NanoBRET", or a file).

    `concentrations` in nM (default 0.01 nM to 100 uM): total in a tube, those of the medium in a cell. `changes` as in
    `Model.replace` ("CRBN.total", "IKZF1.total", "bivalent.BTK.alpha", ...). Raises InputError for a protein that the
    compound is not known to recruit, an unknown name, or concentrations that are not positive and ascending.

    >>> curve = ternary("mezigdomide")
    >>> bool(curve.signal[-1] == curve.signal.max()), curve.hook.value > 0.5
    (True, True)
    """
    glue = compound if isinstance(compound, Compound) else compound_record(compound)
    recruited(glue, of, (of,))
    one = as_assay(assay, "proximity")
    model = joined(glue, of, one)
    if changes:
        model = model.replace(changes)
    filled(model, "CRBN.total", f"{of}.total")
    given = CONCENTRATIONS if concentrations is None else ascending(concentrations)
    return _made(model, glue.name, of, one, given)


def _made(model: Model, glue: str, of: str, assay: Assay, given: Floats) -> Ternary:
    at = reader(model, {})
    pairs, held, signal, bottom = _curve(at, glue, of, assay, given)
    bivalent = _comparator(at, of, assay, given)
    return Ternary(glue, of, assay.name, given, pairs, held, signal, bivalent, float(bottom[0]), model)


def _alpha(at: Reader, glue: str, of: str) -> Floats:
    return np.asarray(alpha(at(f"{glue}.{of}.Kd"), at(f"{glue}.CRBN.K_c"), at(f"{of}.CRBN.Kd")))


def _curve(
    at: Reader, glue: str, of: str, assay: Assay, given: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Pairs, those with a glue, signal (..., concentrations), and the signal without a glue (..., 1)."""
    amounts = np.append(given, 0.0)
    numbers = [
        at(a) for a in ("CRBN.total", f"{of}.total", f"{glue}.CRBN.Kd", f"{glue}.{of}.Kd", f"{glue}.CRBN.K_c",
                        f"{of}.CRBN.Kd")
    ]  # fmt: skip
    found = (
        pairs_at(amounts * at(f"{glue}.uptake"), *numbers)
        if assay.within == _MEDIUM
        else pairs_in_tube(amounts, *numbers)
    )
    signal = _signal(at, of, assay, found.pairs)
    return found.pairs[..., :-1], found.ternary[..., :-1], signal[..., :-1], signal[..., -1:]


def _comparator(at: Reader, of: str, assay: Assay, given: Floats) -> Floats:
    numbers = [
        at(a) for a in (f"{of}.total", "CRBN.total", f"bivalent.{TARGET}.Kd", "bivalent.CRBN.Kd",
                        f"bivalent.{TARGET}.alpha")
    ]  # fmt: skip
    found = (bivalent_at if assay.within == _MEDIUM else bivalent_equilibrium)(given, *numbers)
    return _signal(at, of, assay, found.ternary)


def _signal(at: Reader, of: str, assay: Assay, pairs: Floats) -> Floats:
    donor = at("CRBN.total" if assay.labelled == "CRBN" else f"{of}.total")
    return np.asarray(proximity(pairs, donor, at("donor.baseline"), at("donor.gain")))
