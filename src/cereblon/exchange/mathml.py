"""Expressions as MathML trees of python-libsbml, with a unit on every number.

A bare number has no unit, with two exceptions that the engine makes too: a zero in a sum, `min` or `max` takes
the unit of its partner, and a lone number where a quantity stands is coherent. `hill(x, K, n)` is written with
the ratio x / K, so that the definition of the function compares numbers without unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cereblon.exchange.names import sid
from cereblon.exchange.units import HOUR, NONE, Dimension, Units
from cereblon.network.balance import dimension
from cereblon.network.expression import Expression, Item

HILL = "hill"


@dataclass(frozen=True)
class _Term:
    """A tree, the items it was made from, and its number when it is a plain one (a zero may take any unit)."""

    tree: Any
    items: tuple[Item, ...]
    constant: Any = None


@dataclass(frozen=True)
class Mathematics:
    """Builds trees; `sizes` maps parameter names and `[species]` to dimensions."""

    sbml: Any
    units: Units
    sizes: Mapping[str, Dimension]

    def tree(self, expression: Expression, wanted: Dimension = NONE) -> Any:
        """The tree of an expression; a lone number gets the unit of `wanted`."""
        term: _Term = expression.fold(self._leaf, self._apply)  # type: ignore[assignment]
        if term.constant is not None:
            term.constant.setUnits(self.units.of(wanted))
        return term.tree

    def number(self, value: float, size: Dimension = NONE) -> Any:
        """A number with its unit."""
        tree = self.sbml.ASTNode()
        if float(value).is_integer() and abs(value) < 2**31:
            tree.setType(self.sbml.AST_INTEGER)
            tree.setValue(int(value))
        else:
            tree.setValue(float(value))
        tree.setUnits(self.units.of(size))
        return tree

    def name(self, identifier: str) -> Any:
        """A reference to something of the model."""
        tree = self.sbml.ASTNode(self.sbml.AST_NAME)
        tree.setName(identifier)
        return tree

    def time(self) -> Any:
        """The time of the simulation."""
        tree = self.sbml.ASTNode(self.sbml.AST_NAME_TIME)
        tree.setName("time")
        return tree

    def apply(self, operator: str, *operands: Any) -> Any:
        """An operator or function on trees."""
        tree = self.sbml.ASTNode(self._types()[operator])
        for operand in operands:
            tree.addChild(operand)
        return tree

    def hill(self) -> Any:
        """The function of (ratio, n): 0 for ratio <= 0, else 1 / (1 + ratio^-n)."""
        ratio, n = (self.name(word) for word in ("ratio", "n"))
        power = self.apply("^", ratio.deepCopy(), self.apply("neg", n.deepCopy()))
        above = self.apply("/", self.number(1), self.apply("+", self.number(1), power))
        below = self.apply("<=", ratio.deepCopy(), self.number(0))
        body = self.apply("piecewise", self.number(0), below, above)
        tree = self.sbml.ASTNode(self.sbml.AST_LAMBDA)
        for child in (ratio, n, body):
            tree.addChild(child)
        return tree

    def _leaf(self, kind: str, value: str | float) -> _Term:
        items: tuple[Item, ...] = ((kind, value),)
        if kind == "number":
            tree = self.number(float(value))
            return _Term(tree, items, tree)
        if kind == "time":
            return _Term(self.time(), items)
        return _Term(self.name(sid("s" if kind == "species" else "p", str(value))), items)

    def _apply(self, name: str, terms: list[_Term]) -> _Term:
        trees = [term.tree for term in terms]
        items = tuple(item for term in terms for item in term.items)
        if name == "neg":
            return _Term(self.apply(name, *trees), (*items, ("op", name)), terms[0].constant)
        if name in ("+", "-", "min", "max"):
            self._share_unit(*terms)
        kind = "op" if name in "+-*/^" else "call"
        return _Term(self._call(name, trees), (*items, (kind, name)))

    def _share_unit(self, a: _Term, b: _Term) -> None:
        for zero, other in ((a, b), (b, a)):
            if zero.constant is not None and other.constant is None:
                size = dimension(Expression(other.items), dict(self.sizes), HOUR, "").dimension
                zero.constant.setUnits(self.units.of(size))

    def _call(self, name: str, trees: list[Any]) -> Any:
        if name == "hill":
            tree = self.sbml.ASTNode(self.sbml.AST_FUNCTION)
            tree.setName(HILL)
            tree.addChild(self.apply("/", trees[0], trees[1]))
            tree.addChild(trees[2])
            return tree
        if name == "sqrt":
            return self.apply("root", self.number(2), trees[0])
        return self.apply("^" if name == "pow" else name, *trees)

    def _types(self) -> dict[str, int]:
        s = self.sbml
        return {
            "+": s.AST_PLUS, "-": s.AST_MINUS, "neg": s.AST_MINUS, "*": s.AST_TIMES, "/": s.AST_DIVIDE,
            "^": s.AST_POWER, "exp": s.AST_FUNCTION_EXP, "log": s.AST_FUNCTION_LN, "root": s.AST_FUNCTION_ROOT,
            "min": s.AST_FUNCTION_MIN, "max": s.AST_FUNCTION_MAX, "piecewise": s.AST_FUNCTION_PIECEWISE,
            "<=": s.AST_RELATIONAL_LEQ, ">=": s.AST_RELATIONAL_GEQ,
        }  # fmt: skip
