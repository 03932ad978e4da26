"""Numbers of a design that must lie within limits, refused in one way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from cereblon.ground.errors import InputError


def whole_number(where: str, value: object, least: int, most: int | None = None) -> None:
    """InputError unless `value` is a whole number from `least`, and to `most`."""
    if isinstance(value, bool) or not isinstance(value, int) or value < least or (most is not None and value > most):
        to = "" if most is None else f" to {most:,}"
        raise InputError(f"a whole number from {least}{to}", where=where, found=repr(value), example=str(max(least, 3)))


def share(where: str, value: object, low: float = 0.0, high: float = 1.0) -> None:
    """InputError unless `value` is a number strictly between `low` and `high`."""
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not low < number < high:
        example = f"{(low + high) / 2:.2g}" if math.isfinite(high) else ""
        raise InputError(f"a number between {low:g} and {high:g}", where=where, found=repr(value), example=example)


def shares(where: str, values: Sequence[float], rising: bool = False) -> tuple[float, ...]:
    """The values as a tuple; InputError unless each is a number strictly between 0 and 1 (and they rise)."""
    if isinstance(values, str) or not hasattr(values, "__len__") or not len(values):
        raise InputError("one number between 0 and 1 per dose", where=where, found=repr(values), example="0.1, 0.3")
    for dose, value in enumerate(values, 1):
        share(f"{where}, dose {dose}", float(value) if hasattr(value, "item") else value)
    clean = tuple(float(value) for value in values)
    if rising and any(b <= a for a, b in pairwise(clean)):
        raise InputError("the numbers must rise from dose to dose", where=where, found=str(list(clean)),
                         example="0.05, 0.12, 0.25")  # fmt: skip
    return clean
