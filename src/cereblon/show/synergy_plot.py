"""What `cb.plot` draws of a combination matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cereblon.ground.errors import InputError


def synergy_plot(given: Sequence[Any]) -> Any:
    """Survival, the excess over four references and the isobole of one matrix. Raises InputError for several."""
    from cereblon.show.figures.synergy import synergy_chart

    if len(given) != 1:
        raise InputError("one matrix at a time is drawn", found=f"{len(given)} matrices", expected="one result")
    found = given[0]
    said = {name: score(one.score) for name, one in found.analysis.references.items()}
    shown = [name for name in ("Bliss", "HSA", "Loewe", "ZIP") if name in said]
    return synergy_chart(found.table(), found.isobole(), shown, said)


def score(of: Any) -> str:
    """The score of a reference with its interval, as it stands over a map."""
    if of.value != of.value:
        return "not estimated"
    unit, digits = (" %", 1) if of.unit == "%" else ("", 2)
    ends = "" if of.low != of.low else f" ({_number(of.low, digits)} to {_number(of.high, digits)})"
    return f"{_number(of.value, digits)}{unit}{ends}"


def _number(value: float, digits: int) -> str:
    """Without a negative zero.

    >>> _number(-0.01, 1)
    '0.0'
    """
    return f"{round(value, digits) + 0.0:.{digits}f}"
