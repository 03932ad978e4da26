"""Dimensions of `ground.quantity` as unit definitions of SBML: h, nmol, L (or dm), g and item for a cell."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from cereblon.ground.quantity import DIMENSIONLESS, Unit, unit

Dimension = tuple[int | Fraction, ...]

NONE: Dimension = DIMENSIONLESS.dimension
HOUR: Dimension = unit("h").dimension
LITRE: Dimension = unit("L").dimension
NMOL: Dimension = unit("nmol").dimension
GRAM: Dimension = unit("g").dimension
CELL: Dimension = unit("cell").dimension

# what SBML lets a species be counted in
SUBSTANCES = (NMOL, GRAM, CELL, NONE)


def joined(a: Dimension, b: Dimension, sign: int = 1) -> Dimension:
    """The dimension of a product, or with `sign=-1` of a quotient."""
    return tuple(x + sign * y for x, y in zip(a, b, strict=True))


class Units:
    """The unit definitions of one SBML model, each made when first asked for."""

    def __init__(self, sbml: Any, model: Any) -> None:
        self._model = model
        self._kinds = {
            "h": (sbml.UNIT_KIND_SECOND, 0, 3600.0),
            "nmol": (sbml.UNIT_KIND_MOLE, -9, 1.0),
            "L": (sbml.UNIT_KIND_LITRE, 0, 1.0),
            "dm": (sbml.UNIT_KIND_METRE, -1, 1.0),
            "g": (sbml.UNIT_KIND_GRAM, 0, 1.0),
            "cell": (sbml.UNIT_KIND_ITEM, 0, 1.0),
        }
        self._known: dict[Dimension, str] = {NONE: "dimensionless"}

    def of(self, dimension: Dimension) -> str:
        """The identifier of the coherent unit of a dimension."""
        if dimension not in self._known:
            self._known[dimension] = self._define(dimension)
        return self._known[dimension]

    def _define(self, dimension: Dimension) -> str:
        time, substance, length, mass, cell = dimension
        litres = Fraction(length) / 3
        volume = ("L", litres) if litres.denominator == 1 else ("dm", Fraction(length))
        powers = [("nmol", substance), volume, ("g", mass), ("cell", cell), ("h", time)]
        given = [(symbol, Fraction(power)) for symbol, power in powers if power]
        words = [_word(symbol, power) for symbol, power in given if power > 0]
        words += [f"per_{_word(symbol, -power)}" for symbol, power in given if power < 0]
        definition = self._model.createUnitDefinition()
        definition.setId("_".join(words))
        definition.setName((Unit("", dimension, Fraction(1)) * DIMENSIONLESS).text)
        for symbol, power in given:
            kind, scale, multiplier = self._kinds[symbol]
            part = definition.createUnit()
            part.setKind(kind)
            part.setScale(scale)
            part.setMultiplier(multiplier)
            part.setExponent(float(power))
        return str(definition.getId())


def _word(symbol: str, power: Fraction) -> str:
    whole = str(power.numerator) if power.denominator == 1 else f"{power.numerator}o{power.denominator}"
    return symbol if power == 1 else symbol + whole
