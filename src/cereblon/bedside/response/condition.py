"""Conditions over many patients, each with its words for one of them; and comparisons that forgive lost digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.response.assessment import Floats

Bools = NDArray[np.bool_]
Values = Mapping[str, Any]  # field -> array over patients, or one number for all
Text = Callable[[int], str]

NAN = np.float64("nan")
TINY = 1e-9  # what arithmetic may lose: 2.3 - 1.8 is .5


@dataclass(frozen=True)
class Condition:
    """Whether it holds, over patients; and how that reads for patient i, "" where it does not concern him."""

    holds: Bools
    text: Text


def every(conditions: Iterable[Condition]) -> Bools:
    """Where all of them hold."""
    return reduce(np.bitwise_and, (c.holds for c in conditions))


def some(conditions: Iterable[Condition]) -> Bools:
    """Where one of them holds."""
    return reduce(np.bitwise_or, (c.holds for c in conditions))


def get(values: Values, name: str) -> Floats:
    """A field's values; one NaN for all where it was never measured."""
    return values.get(name, NAN)


def at(x: Any, i: int) -> Any:
    """The value of patient i."""
    return x[i] if np.ndim(x) else x


def least(x: Floats, limit: Any) -> Bools:
    """x >= limit; NaN is not."""
    return np.asarray(x >= limit - TINY)


def below(x: Floats, limit: float) -> Bools:
    """x < limit; NaN is not."""
    return np.asarray(x < limit * (1 - TINY))


def fall(before: Floats, after: Floats) -> Floats:
    """Share of `before` that is gone; NaN where there was nothing."""
    return np.where(before > 0, (before - after) / before, np.nan)


def with_difference(values: Values) -> Values:
    """The values and, where the involved light chain is among them, `dFLC`: involved less uninvolved.

    A chain that is not given apart counts as none.
    """
    if "involved" not in values:
        return values
    uninvolved = get(values, "uninvolved")
    return {**values, "dFLC": values["involved"] - np.where(np.isnan(uninvolved), 0.0, uninvolved)}


# -- words -----------------------------------------------------------------------------------------------


def fixed(text: str) -> Text:
    """The same words for everybody."""
    return lambda i: text


def only(concerned: Bools, text: Text) -> Text:
    """The words for those concerned, "" for the others."""
    return lambda i: text(i) if at(concerned, i) else ""


def percent(share: float) -> str:
    """A share as it is printed: 57 %."""
    return f"{100 * share:.0f} %"


def level_text(x: Floats, said: str, unit: str, needs: str) -> Text:
    """ "urine 150 mg/24 h (needs below 100)" """

    def text(i: int) -> str:
        value = at(x, i)
        if value != value:
            return f"{said} was not measured"
        return f"{said} {value:.4g}{f' {unit}' if unit else ''} (needs {needs})"

    return text


def change_text(before: Floats, after: Floats, said: str, unit: str, needs: str) -> Text:
    """ "serum M-protein 4.2 to 1.8 g/dL, down 57 % (needs 50 %)" """

    def text(i: int) -> str:
        a, b = at(before, i), at(after, i)
        if b != b:
            return f"{said} was not measured"
        way = f", {'down' if b <= a else 'up'} {percent(abs(a - b) / a)}" if a > 0 else ""
        return f"{said} {a:.4g} to {b:.4g} {unit}{way} (needs {needs})"

    return text


def rise_text(now: Floats, nadir: Floats, said: str, unit: str, needs: str) -> Text:
    """ "serum M-protein 1.2 g/dL is 0.8 g/dL and 200 % above its nadir of 0.4 (needs 25 % and 0.5)" """

    def text(i: int) -> str:
        low, high = at(nadir, i), at(now, i)
        share = f" and {percent(high / low - 1)}" if low > 0 else ""
        above = f"{high - low:.4g} {unit}{share} above its nadir of {low:.4g}"
        return f"{said} {high:.4g} {unit} is {above} (needs {needs})"

    return text


def sign_text(x: Floats, said: str) -> Text:
    """ "immunofixation of the urine negative" """

    def text(i: int) -> str:
        value = at(x, i)
        return f"{said} {'not done' if value != value else 'positive' if value else 'negative'}"

    return text
