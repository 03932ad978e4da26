"""How large is what a claim says: effect sizes with intervals, from draws of the records' intervals.

    sizes      name -> Estimate, its method says what the interval is of
    held       in how many of the draws the claim holds by the same definition ("37 of 40 draws")
    instead    what stands where there is no effect ("not an effect: a protocol")

A model's own numbers come first, draws after them (`bench.spread`): numbers that several models share are drawn alike,
so what they share falls out of a comparison. Draws are not weighted by the rows that calibrate (`evidence.laboratory`
does that), so an interval is that of the assumptions: if anything too wide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.bench.spread import drawn_numbers, ranged
from cereblon.ground.quantity import Estimate, Quantity
from cereblon.model import Model

Floats = NDArray[np.float64]
DRAWS, SEED = 40, 1
DRAWN = "95 % of {} draws of the records' intervals"
KEPT = ("medium.volume",)  # the concentrations are what was asked for, whatever the well holds


@dataclass(frozen=True)
class Effects:
    """Sizes by name, the share of draws in which the claim holds, or what stands instead."""

    sizes: Mapping[str, Estimate] = field(default_factory=dict)
    held: str = ""
    instead: str = ""

    def __str__(self) -> str:
        return "; ".join(f"{name}: {size}" for name, size in self.sizes.items()) or self.instead


class Judged(NamedTuple):
    """What is said of one claim: numbers by name, the definition they follow, the verdict, what it rests on, and how to
    measure its effect, which is done when it is asked for."""

    numbers: dict[str, float]
    definition: str
    verdict: str
    note: str = ""
    measure: Callable[[], Effects] = Effects


def own_and_drawn(values: Mapping[str, Quantity], draws: int = DRAWS, seed: int = SEED) -> dict[str, Floats]:
    """Slot -> its own coherent number, then `draws` of its interval; a number without one stays as it is."""
    known = drawn_numbers(values, draws, seed)
    return {
        slot: np.append(q.coherent, known[slot] if slot in known else np.full(draws, q.coherent))
        for slot, q in values.items()
    }


def subjects(model: Model, each: int = 1, draws: int = DRAWS, seed: int = SEED) -> dict[str, Floats]:
    """What `Model.simulate` varies for its own numbers and `draws` of them, each set `each` times in a row."""
    known = drawn_numbers(model.values, draws, seed)
    own = model.coherent()
    return {s: np.repeat(np.append(own[s], column), each) for s, column in known.items() if s not in KEPT}


def sized(values: ArrayLike, unit: str = "1", what: str = "") -> Estimate:
    """The first of `values` with the 95 % range of the others.

    >>> print(sized([2.0, 1.0, 3.0]))
    2 (1.05-2.95)
    """
    found = np.asarray(values, np.float64)
    said = DRAWN.format(found.size - 1)
    return ranged(Estimate(float(found[0]), unit, method=what or "the records' numbers"), list(found[1:]), said)


def held(holds: ArrayLike, of: str = "draws") -> str:
    """In how many draws a claim holds; the first entry is the model's own numbers and does not count.

    >>> held([True, True, False])
    '1 of 2 draws'
    """
    each = np.asarray(holds, bool)[1:]
    return f"{int(each.sum())} of {each.size} {of}"


def no_effect(what: str) -> Callable[[], Effects]:
    """For a claim that says what there is, not how much."""
    return lambda: Effects(instead=f"not an effect: {what}")
