"""The work that every engine is given: the shipped patient, three kinds of cell, a year of daily doses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from judges import Equations, Floats, Leg, legs

from cereblon.model import patient
from cereblon.network.dosing import Dose
from cereblon.network.network import Network
from cereblon.records.regimen import dose

PLACES = ("tumour", "T_cell", "marrow")
OUTPUTS = (
    "mezigdomide@central",
    *(f"{name}@{p}" for p in PLACES for name in ("IKZF1.remaining", "IKZF3.remaining", "mezigdomide.CRBN.occupancy")),
)
# What differs between patients, lognormal with this spread of the logarithm. No claim on biology: lanes must differ.
SPREAD = 0.3
VARIED = (
    "mezigdomide.CL_F",
    "mezigdomide.V_F",
    "mezigdomide.ka",
    "CRBN.total",
    "IKZF1.total",
    "IKZF3.total",
    "IKZF1.t_half",
)
CYCLES = 12
BEFORE = 1e-3  # h: read just before the visit, so that no sample falls on a dose


@dataclass(frozen=True)
class Cohort:
    """Patients of one network on one calendar: values hold one number per patient where they differ."""

    network: Network
    values: Mapping[str, float | Floats]
    doses: tuple[Dose, ...]
    times: Floats
    size: int

    @property
    def days(self) -> float:
        """Days simulated per patient."""
        return float(self.times[-1]) / 24

    @property
    def years(self) -> float:
        """Years simulated per patient."""
        return self.days / 365.25

    def pick(self, patients: Sequence[int]) -> Cohort:
        """Some of them, in the order given."""
        chosen = {n: v[list(patients)] if isinstance(v, np.ndarray) else v for n, v in self.values.items()}
        return Cohort(self.network, chosen, self.doses, self.times, len(patients))

    def one(self, i: int) -> dict[str, float]:
        """The numbers of patient `i`."""
        return {n: float(v[i]) if isinstance(v, np.ndarray) else float(v) for n, v in self.values.items()}

    @cached_property
    def equations(self) -> list[Equations]:
        """The equations of each patient in NumPy."""
        return [Equations(self.network, self.one(i)) for i in range(self.size)]

    @cached_property
    def legs(self) -> list[list[Leg]]:
        """Each patient's run cut at the doses."""
        return [legs(self.doses, self.times, e.numbers) for e in self.equations]


def cohort(size: int, *, cycles: int = CYCLES, seed: int = 1) -> Cohort:
    """`size` patients on mezigdomide 1 mg, days 1-21 of 28, read weekly. Patient i does not depend on `size`."""
    model = patient("mezigdomide")
    regimen = dose("mezigdomide", "1 mg", days="1-21", cycle="28 d", cycles=cycles)
    values: dict[str, float | Floats] = dict(model.coherent())
    slots = [slot for slot in values if slot.partition("@")[0] in VARIED]
    for k, slot in enumerate(slots):
        draws = np.random.Generator(np.random.Philox(key=[seed, k])).standard_normal(size)
        values[slot] = np.asarray(values[slot] * np.exp(SPREAD * draws))
    times = np.arange(1, 4 * cycles + 1) * 168.0 - BEFORE
    return Cohort(model.network, values, regimen.doses(), times, size)
