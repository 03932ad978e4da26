"""How patients come, and how long each is watched: what turns patients and cohorts into months."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Quantity


@dataclass(frozen=True)
class Accrual:
    """Patients come at random, `rate` a month; each is watched for `window` months.

    A cohort is closed until the last of its patients has been watched to the end. Who comes meanwhile goes elsewhere,
    or waits (`queue`) and enters the next cohort at once.
    """

    rate: float = 2.0
    window: float = 28 / 30.4375
    queue: bool = False


def accrual(rate: str | float = "2/month", window: str | float = "28 d", queue: bool = False) -> Accrual:
    """An `Accrual` of texts with units, or of numbers (patients per month, months). Raises InputError.

    >>> print(round(accrual("1.5/month", "21 d").window, 3))
    0.69
    """
    per_month = _number("accrual", rate, "1/month", "2/month")
    months = _number("window", window, "month", "28 d")
    return Accrual(per_month, months, bool(queue))


def _number(where: str, given: str | float, unit: str, example: str) -> float:
    if isinstance(given, str):
        try:
            given = Quantity.parse(given).to(unit).value
        except InputError as error:
            raise type(error)(error.message, where=where, found=error.found, expected=error.expected,
                              example=example) from None  # fmt: skip
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < math.inf:
        raise InputError("a number above 0", where=where, found=repr(given), example=example)
    return float(given)
