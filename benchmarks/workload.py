"""The work that every engine is given: the shipped patient, from the dose to blood counts, a year of treatment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from judges import Equations, Floats, Leg, legs

from cereblon.cohort import population
from cereblon.model import whole_patient
from cereblon.model.patient import for_age
from cereblon.network.dosing import Dose
from cereblon.network.network import Network
from cereblon.records.regimen import dose

OUTPUTS = (
    "mezigdomide@central",
    "IKZF1.remaining@tumour",
    "IKZF1.remaining@marrow",
    "MYC@tumour",
    "ANC",
    "PLT",
    "Hb",
    "M_protein",
    "FLC",
    "myeloma.burden",
)
POPULATION = "triple_class_refractory"
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
    """`size` refractory patients on mezigdomide 1 mg days 1-21, weekly dexamethasone and bortezomib, of 28 days.

    Read weekly. Patient i does not depend on `size`.
    """
    regimen = (
        dose("mezigdomide", "1 mg", days="1-21", cycle="28 d", cycles=cycles)
        + dose("dexamethasone", "40 mg", days="1,8,15,22", cycle="28 d", cycles=cycles)
        + dose("bortezomib", "2.34 mg", days="1,4,8,11", cycle="28 d", cycles=cycles)
    )
    patients = population(POPULATION).sample(size, seed)
    model = whole_patient(regimen.compounds, patients.cells, body=patients.body)
    values = {**model.coherent(), **for_age(regimen, model, patients.numbers(model))}
    times = np.arange(1, 4 * cycles + 1) * 168.0 - BEFORE
    return Cohort(model.network, values, regimen.doses(), times, size)
