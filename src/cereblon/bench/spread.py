"""What the intervals of the records make of a simulated number.

Every number with an interval is drawn from a log-normal on each side of its value, the interval being its 95 %.
Calibrated numbers stay: the fit ties them together, and drawn apart they would contradict the rows that set them.
The stream of random numbers is keyed by (seed, address), so a new number does not shift the draws of the others.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from cereblon.bench.curve import Floats
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate, Quantity, unit
from cereblon.model import Model

Reader = Callable[[str], Floats]
Z = 1.96
MOST = 10_000


def drawn(model: Model, draws: int, seed: int) -> dict[str, Floats]:
    """Slot -> `draws` coherent numbers, for every slot with an interval that no calibration has set.

    Raises InputError unless `draws` is a whole number from 1 to 10,000.
    """
    return drawn_numbers(model.values, draws, seed)


def drawn_numbers(values: Mapping[str, Quantity], draws: int, seed: int) -> dict[str, Floats]:
    """Address -> `draws` coherent numbers, for every number with an interval that no calibration has set; a share stays
    at most 1. Raises InputError as `drawn`."""
    if isinstance(draws, bool) or not isinstance(draws, int) or not 1 <= draws <= MOST:
        raise InputError("draws are a whole number from 1 to 10,000", found=repr(draws), example="100")
    columns: dict[str, Floats] = {}
    for slot, q in values.items():
        if q.low is None or q.high is None or q.value <= 0 or q.grade == "calibrated":
            continue
        key = int.from_bytes(hashlib.sha256(f"{seed}:{slot}".encode()).digest()[:16], "little")
        z = np.random.Generator(np.random.Philox(key=key)).standard_normal(draws)
        below = math.log(q.value / q.low) if q.low > 0 else math.log(2)  # an end at 0 has no logarithm
        width = np.where(z < 0, below, math.log(q.high / q.value)) / Z
        numbers = q.value * np.exp(z * width) * unit(q.unit).factor
        is_share = unit(q.unit).fits(unit("1")) and q.high * unit(q.unit).factor <= 1
        columns[slot] = np.minimum(numbers, 1.0) if is_share else numbers
    return columns


def reader(model: Model, numbers: Mapping[str, Floats]) -> Reader:
    """What reads a slot's number: that of `numbers` (drawn ones) where it has it, else the model's own."""
    own = model.coherent()
    return lambda slot: np.asarray(numbers.get(slot, own[slot]))


def ranged(estimate: Estimate, values: Sequence[float], what: str) -> Estimate:
    """The estimate with the 95 % range of `values`; draws without a number are counted in the note."""
    found = np.asarray(values)[np.isfinite(values)]
    missing = len(values) - found.size
    note = "; ".join(
        filter(None, (estimate.note, f"{missing} of {len(values)} draws have none" if missing else ""))
    )
    if math.isnan(estimate.value) or not found.size:
        return replace(estimate, note=note)
    low, high = np.quantile(found, [0.025, 0.975])
    low, high = min(float(low), estimate.value), max(float(high), estimate.value)
    return replace(estimate, low=low, high=high, method=f"{estimate.method}; {what}", note=note)
