"""A number with its unit, interval, source and grade.

A number and its unit are split by a pattern and the unit is looked up, atom by atom, in the closed list of
`data/vocabulary.csv`; nothing is ever evaluated. (A units library would read `kd` as kiloday and `cycle` as
2 pi, and hang on `9**9**9`.) The factors of the list are exact fractions; a test judges each row by pint.

Inside, numbers are plain floats in one coherent system: h, nmol, dm (a litre is 1 dm^3), g, cell. So nM =
nmol/L has factor 1.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache

from cereblon.ground.errors import UnitError, shorten
from cereblon.ground.vocabulary import nearest, unit_words

DIMENSIONS = ("time", "substance", "length", "mass", "cell")
BASE = ("h", "nmol", "dm", "g", "cell")
GRADES = ("measured", "label", "secondary", "derived", "recalled", "anecdote", "assumed", "calibrated")

_LONGEST = 64
_DIGITS = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?"
_NUMBER = re.compile(rf"\s*({_DIGITS})(?![0-9.])\s*(.*?)\s*", re.S)
_ATOM = r"[^\s*/^·]+(?:\^-?[1-9])?"
_UNIT = re.compile(rf"{_ATOM}(?:[*/·]{_ATOM})*")
_FACTOR = re.compile(r"([*/·]?)([^\s*/^·]+)(?:\^(-?[1-9]))?")
_ZERO: tuple[int, ...] = (0, 0, 0, 0, 0)

Exponents = tuple[int | Fraction, ...]


@dataclass(frozen=True)
class Unit:
    """A unit: its text, its dimension (exponents over DIMENSIONS), its exact factor to the coherent system.

    Two units are equal when dimension and factor are: `unit("nM") == unit("nmol/L")`.
    """

    text: str = field(compare=False)
    dimension: Exponents
    ratio: Fraction

    @property
    def factor(self) -> float:
        """Coherent value of one of this unit: 1000.0 for uM, 1/24 for 1/d."""
        return float(self.ratio)

    @property
    def is_dimensionless(self) -> bool:
        return not any(self.dimension)

    def fits(self, other: Unit) -> bool:
        """Whether a number in this unit can be written in the other."""
        return self.dimension == other.dimension

    def __mul__(self, other: Unit) -> Unit:
        dimension = tuple(a + b for a, b in zip(self.dimension, other.dimension, strict=True))
        return _unit_of(dimension, self.ratio * other.ratio)

    def __truediv__(self, other: Unit) -> Unit:
        dimension = tuple(a - b for a, b in zip(self.dimension, other.dimension, strict=True))
        return _unit_of(dimension, self.ratio / other.ratio)

    def __pow__(self, exponent: int | Fraction) -> Unit:
        power = Fraction(exponent)
        if power.denominator == 1:
            ratio = self.ratio ** int(power)
        else:
            ratio = Fraction(self.factor ** float(power))
        return _unit_of(tuple(_plain(a * power) for a in self.dimension), ratio)

    def __str__(self) -> str:
        return self.text


def _plain(x: Fraction) -> int | Fraction:
    return int(x) if x.denominator == 1 else x


def _unit_of(dimension: Exponents, ratio: Fraction) -> Unit:
    """A unit made by algebra, written in coherent names: nM/h, 1/nM/h, L/h."""
    time, substance, length, mass, cell = dimension
    powers: list[tuple[str, int | Fraction]] = []
    if substance and length == -3 * substance:
        powers.append(("nM", substance))
    else:
        litre = Fraction(length) / 3
        in_litres = litre.denominator == 1
        powers += [("nmol", substance), ("L", _plain(litre)) if in_litres else ("dm", length)]
    powers += [("g", mass), ("cell", cell), ("h", time)]
    above = "*".join(n if p == 1 else f"{n}^{p}" for n, p in powers if p > 0)
    below = "".join(f"/{n}" if p == -1 else f"/{n}^{-p}" for n, p in powers if p < 0)
    scale = "" if ratio == 1 else f"{float(ratio):g} "
    return Unit(scale + (above or "1") + below, dimension, ratio)


DIMENSIONLESS = Unit("1", _ZERO, Fraction(1))


@lru_cache(maxsize=4096)
def unit(text: str) -> Unit:
    """The unit written as `text`: a word of the closed list, or a product or quotient of such words.

    Raises UnitError for anything else, naming the nearest known unit.

    >>> unit("uM").factor, unit("ng/mL").factor, unit("mg/m^2").dimension
    (1000.0, 1e-06, (0, 0, -2, 1, 0))
    """
    if not isinstance(text, str):
        raise UnitError("a unit is a text", found=repr(text), example="nM")
    bare = text.strip()
    if bare in ("", "1"):
        return DIMENSIONLESS
    if len(bare) > _LONGEST or not _UNIT.fullmatch(bare):
        raise UnitError(
            "this is not a unit", found=bare, expected="units of the list joined by * or /", example="1/nM/h"
        )
    dimension, ratio = list(_ZERO), Fraction(1)
    for joiner, atom, power in _FACTOR.findall(bare):
        sign = (-1 if joiner == "/" else 1) * int(power or 1)
        atom_dimension, atom_ratio = _atom(atom)
        dimension = [d + sign * a for d, a in zip(dimension, atom_dimension, strict=True)]
        ratio *= atom_ratio**sign
    return Unit(bare, tuple(dimension), ratio)


@lru_cache(maxsize=1)
def _atom_table() -> dict[str, str]:
    """Every spelling of every unit word -> its definition in coherent base units ("1000 nmol/dm^3")."""
    table: dict[str, str] = {}
    for word in unit_words().values():
        for spelling in (word.word, *word.synonyms):
            table[spelling] = word.unit
    return table


@lru_cache(maxsize=256)
def _atom(word: str) -> tuple[tuple[int, ...], Fraction]:
    if word == "1":
        return _ZERO, Fraction(1)
    definition = _atom_table().get(word)
    if definition is None:
        close = nearest(word, _atom_table())
        hint = f"a unit of the list; the nearest is {close}" if close else "a unit of the list"
        raise UnitError("unknown unit", found=word, expected=hint, example="12.6 nM")
    number, _, base = definition.partition(" ")
    dimension = [0] * len(DIMENSIONS)
    for joiner, name, power in _FACTOR.findall(base):
        if name != "1":
            dimension[BASE.index(name)] += (-1 if joiner == "/" else 1) * int(power or 1)
    return tuple(dimension), Fraction(number)


@dataclass(frozen=True)
class Quantity:
    """A number with unit, interval (in the same unit), source and grade.

    Raises UnitError when a number is not finite, the interval does not hold the value, the unit is unknown.

    >>> kd = Quantity.parse("12.6 nM")
    >>> print(kd, "|", kd.to("pM"), "|", Quantity.parse("0.5 uM").coherent)
    12.6 nM | 12600 pM | 500.0
    """

    value: float
    unit: str = "1"
    low: float | None = None
    high: float | None = None
    source: str = ""
    grade: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        unit(self.unit)
        for number in (self.value, self.low, self.high):
            if number is not None and not math.isfinite(number):
                raise UnitError("a number must be finite", found=str(number), example="12.6 nM")
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            raise UnitError(
                "the interval runs backwards" if low > high else "the interval does not hold the value",
                found=f"{self.value:g} and [{low:g}, {high:g}] {self.unit}".removesuffix(" 1"),
            )
        if self.grade and self.grade not in GRADES:
            raise UnitError("unknown grade", found=self.grade, expected=", ".join(GRADES), example="assumed")

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        interval: tuple[str, str] | list[str] | None = None,
        source: str = "",
        grade: str = "",
        note: str = "",
    ) -> Quantity:
        """Read "12.6 nM"; ".1/h" is read as .1 1/h, a bare number has the unit 1.

        The interval's ends are written like the value, in any unit of the same dimension.
        """
        value, written = _split(text)
        if interval is None:
            return cls(value, written, source=source, grade=grade, note=note)
        if len(interval) != 2:
            raise UnitError("an interval has two ends", found=str(interval), example='["5 nM", "30 nM"]')
        low, high = (cls(*_split(end)).to(written).value for end in interval)
        return cls(value, written, low, high, source, grade, note)

    @property
    def coherent(self) -> float:
        """The value in the coherent system (h, nM or nmol, L, g, cell)."""
        return _scaled(self.value, unit(self.unit).ratio)

    def to(self, other: str) -> Quantity:
        """The same quantity in another unit of the same dimension; raises UnitError otherwise."""
        here, there = unit(self.unit), unit(other)
        if not here.fits(there):
            raise UnitError("wrong dimension", found=str(self), expected=f"a number in {other}")
        ratio = here.ratio / there.ratio
        low = None if self.low is None else _scaled(self.low, ratio)
        high = None if self.high is None else _scaled(self.high, ratio)
        return replace(self, value=_scaled(self.value, ratio), unit=other, low=low, high=high)

    def __str__(self) -> str:
        return f"{self.value:.6g}" if self.unit in ("", "1") else f"{self.value:.6g} {self.unit}"


def _scaled(value: float, ratio: Fraction) -> float:
    """value * ratio, rounded once: 12.6 nM in pM is 12600, not 12599.999999999998."""
    if ratio == 1:
        return value
    try:
        return float(Fraction(repr(float(value))) * ratio)
    except OverflowError:
        raise UnitError("a number must be finite", found=f"{value!r} times {float(ratio):g}") from None


def _split(text: str) -> tuple[float, str]:
    if not isinstance(text, str):
        raise UnitError("a number needs its unit, as one text", found=repr(text), example="12.6 nM")
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise UnitError(
            "this is not a number with a unit",
            found=text,
            expected="a finite number and a unit",
            example="12.6 nM",
        )
    digits, rest = match.groups()
    value = float(digits)
    if not math.isfinite(value) or (value == 0 and re.search("[1-9]", re.split("[eE]", digits)[0])):
        raise UnitError("this number is out of range", found=shorten(text), example="12.6 nM")
    if rest.startswith("/"):
        rest = "1" + rest
    return value, unit(rest).text


@dataclass(frozen=True)
class Estimate:
    """An estimated number with its interval at `level`, and how it was got. NaN: it could not be got.

    >>> print(Estimate(24.02, "nM", 18.1, 33.4))
    24 nM (18.1-33.4)
    """

    value: float
    unit: str = "1"
    low: float = math.nan
    high: float = math.nan
    level: float = 0.95
    method: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        unit(self.unit)
        if not 0 < self.level < 1:
            raise UnitError("a level lies between 0 and 1", found=str(self.level), example="0.95")

    def to(self, other: str) -> Estimate:
        """The same estimate in another unit of the same dimension."""
        here, there = unit(self.unit), unit(other)
        if not here.fits(there):
            raise UnitError("wrong dimension", found=str(self), expected=f"a number in {other}")
        by = float(here.ratio / there.ratio)
        return replace(self, value=self.value * by, unit=other, low=self.low * by, high=self.high * by)

    def __float__(self) -> float:
        return float(self.value)

    def __str__(self) -> str:
        if math.isnan(self.value):
            return "not estimated" + (f" ({self.note})" if self.note else "")
        name = "" if self.unit in ("", "1") else f" {self.unit}"
        known = not (math.isnan(self.low) and math.isnan(self.high))
        joiner = " to " if self.low < 0 else "-"
        ends = f" ({_short(self.low)}{joiner}{_short(self.high)})" if known else ""
        return f"{_short(self.value)}{name}{ends}"


def _short(x: float) -> str:
    if math.isnan(x):
        return "?"
    return f"{x:.0f}" if 1000 <= abs(x) < 1e6 else f"{x:.3g}"
