"""The forward model of the fit: the shipped dish, its constants varied, every condition of every trial in one run.

A trial is a set of constants; with C conditions and k trials the dish is run once, with k x C subjects side by side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from cereblon.bench.constants.wells import Floats
from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import nearest
from cereblon.model import Model, exposure
from cereblon.model.dish import wash

RTOL = 1e-6
STEP = 1e-2  # of a logarithm, central differences: their error is of its square, the engine's a tenth of that

ROLES = {
    "affinity": "{glue}.CRBN.Kd",
    "closing": "{glue}.CRBN.K_c",
    "recruitment": "{glue}.{of}.Kd",
    "ubiquitination": "CRL4.k_ub",
    "turnover": "{of}.t_half",
}
"""What a degradation curve depends on, in words, and the address that holds it."""


def constants_of(model: Model, glue: str, of: str, free: Iterable[str]) -> dict[str, str]:
    """Word -> slot of the constants that are fitted: words of `ROLES`, or addresses of the dish.

    Raises InputError for a number that is 0, is no constant of a fit, or is named twice.
    """
    found: dict[str, str] = {}
    for word in free:
        slot = model.resolve(ROLES[word].format(glue=glue, of=of) if word in ROLES else _address(model, word))
        if slot in found.values():
            raise InputError("this constant is named twice", found=word)
        if not model.values[slot].coherent > 0:
            raise InputError("a constant that is fitted lies above 0", where=word, found=str(model.values[slot]))
        found[word if word in ROLES else slot] = slot
    if not found:
        raise InputError("no constant is to be fitted", expected=", ".join(ROLES), example='free=["affinity"]')
    return found


def _address(model: Model, word: str) -> str:
    if "." not in word:
        close = nearest(word, ROLES)
        raise InputError("there is no such constant", found=word, expected=f"{', '.join(ROLES)}, or an address",
                         example=close or "CRBN.total")  # fmt: skip
    return word


@dataclass(frozen=True)
class Dish:
    """`model` (a dish that can be washed) with the `slots` that are varied, read for the share of `of` that remains."""

    model: Model = field(repr=False)
    glue: str
    of: str
    slots: tuple[str, ...]

    @property
    def start(self) -> Floats:
        """Logarithms of the constants as the model holds them, in the coherent system."""
        return np.log([self.model.values[slot].coherent for slot in self.slots])

    def remaining(self, x: Floats, conditions: Floats, times: Floats) -> Floats:
        """Share of the protein that remains, (k, C, T), at `x` (k, P) logarithms; NaN for a run that failed.

        `conditions` and `times` as in `Wells`.
        """
        trials, count = len(x), len(conditions)
        grid = times if times[0] == 0 else np.concatenate([[0.0], times])
        given = exposure(self.model, {self.glue: conditions[:, 0]})
        hours = conditions[:, 1]
        doses = [
            (*one, wash(self.model, float(hour))) if np.isfinite(hour) else one
            for one, hour in zip(given, hours, strict=True)
        ]
        numbers = {slot: np.repeat(np.exp(x[:, i]), count) for i, slot in enumerate(self.slots)}
        watched = f"{self.of}.remaining"
        if grid.size == 1:  # everything was read at time 0
            return np.ones((trials, count, 1))
        result = self.model.simulate(grid, doses * trials, vary=numbers, observe=[watched], rtol=RTOL)
        return np.asarray(result[watched].reshape(trials, count, -1)[:, :, -times.size :])

    def stepped(self, x: Floats) -> Floats:
        """Each trial with each number a step up, then a step down: (k x 2 P, P)."""
        size = len(self.slots)
        shifts = np.concatenate([np.eye(size), -np.eye(size)]) * STEP
        return np.asarray((x[:, None, :] + shifts).reshape(-1, size))

    def differences(self, y: Floats) -> Floats:
        """Slopes (k, P, ...) of what was computed at `stepped` numbers, (k x 2 P, ...)."""
        size = len(self.slots)
        both = y.reshape(-1, 2, size, *y.shape[1:])
        return np.asarray((both[:, 0] - both[:, 1]) / (2 * STEP))
