"""Rate text, read by our own tokenizer and precedence parser; nothing of a user's text is ever evaluated.

    IKZF1.k_deg * [IKZF1@tumour]              a parameter times a concentration
    hill([MYC], MYC.K, MYC.n)                 x^n / (K^n + x^n), 0 for x <= 0

Bare dotted names are parameters (`CRBN.total@tumour`), names in brackets concentrations
(`[CRBN*:mezigdomide@tumour]`), `time` is the time in hours. Operators `+ - * / ^`, parentheses, and
`exp log sqrt pow hill min max`. An expression is kept in postfix order, so that neither reading it nor
walking it can exhaust the stack; its length and depth are limited.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from cereblon.ground.errors import SchemeError

MAX_LENGTH = 20_000
MAX_DEPTH = 200

FUNCTIONS = {"exp": 1, "log": 1, "sqrt": 1, "pow": 2, "hill": 3, "min": 2, "max": 2}

WORD = r"[A-Za-z_][A-Za-z0-9_]*"
PLACE = rf"(?:@{WORD})?"
COMPONENT = rf"{WORD}\*?(?:~{WORD})*"
SPECIES_PATTERN = re.compile(rf"{COMPONENT}(?::{COMPONENT})*{PLACE}")
PARAMETER_PATTERN = re.compile(rf"{WORD}(?:\.{WORD})*{PLACE}")

_TOKEN = re.compile(
    rf"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>{WORD}(?:\.{WORD})*{PLACE})"
    r"|\[(?P<species>[^\[\]]*)\]"
    r"|(?P<operator>\*\*|[-+*/^(),]))"
)
_BINARY = {"+": 1, "-": 1, "*": 2, "/": 2, "^": 4}
_NEGATION = 3  # binds tighter than * and looser than ^, so -x^2 is -(x^2)

Item = tuple[str, str | float]
"""One postfix item: ("number", 2.0), ("parameter", name), ("species", name), ("time", ""), ("call", "hill"),
or ("op", one of + - * / ^ neg)."""


@dataclass(frozen=True)
class Expression:
    """A parsed expression in postfix order.

    >>> e = parse("k_on * [CRBN] - 2 / k_off")
    >>> sorted(e.parameters), sorted(e.species)
    (['k_off', 'k_on'], ['CRBN'])
    >>> e.evaluate({"k_on": 3.0, "k_off": 4.0}, {"CRBN": 5.0})
    14.5
    >>> str(e)
    'k_on * [CRBN] - 2 / k_off'
    """

    items: tuple[Item, ...]

    @property
    def parameters(self) -> frozenset[str]:
        """Names of the parameters it reads."""
        return frozenset(str(value) for kind, value in self.items if kind == "parameter")

    @property
    def species(self) -> frozenset[str]:
        """Names of the species whose concentration it reads."""
        return frozenset(str(value) for kind, value in self.items if kind == "species")

    @property
    def reads_time(self) -> bool:
        """Whether the time itself stands in it."""
        return any(kind == "time" for kind, _ in self.items)

    def rename(self, parameter: Callable[[str], str], species: Callable[[str], str]) -> Expression:
        """A copy with every name passed through the two functions."""
        change = {"parameter": parameter, "species": species}
        return Expression(tuple((k, change[k](str(v)) if k in change else v) for k, v in self.items))

    def times(self, other: Expression) -> Expression:
        """The product of two expressions."""
        return Expression((*self.items, *other.items, ("op", "*")))

    def minus(self, other: Expression) -> Expression:
        """The difference of two expressions."""
        return Expression((*self.items, *other.items, ("op", "-")))

    def fold(self, leaf: Callable[[str, str | float], object], apply: Callable[[str, list[Any]], object]) -> object:
        """Walk the postfix items with a stack: `leaf(kind, value)` for operands, `apply(name, arguments)` else."""
        stack: list[object] = []
        for kind, value in self.items:
            if kind == "call":
                count = FUNCTIONS[str(value)]
            elif kind == "op":
                count = 1 if value == "neg" else 2
            else:
                stack.append(leaf(kind, value))
                continue
            arguments = stack[-count:]
            del stack[-count:]
            stack.append(apply(str(value), arguments))
        return stack[0]

    def evaluate(self, parameters: Mapping[str, Any], species: Mapping[str, Any] | None = None, time: Any = 0.0) -> Any:
        """Its value by NumPy: a float, or an array when the mappings hold arrays (elementwise).

        For single numbers, read-outs at visits and tests; the engine compiles instead. What is not defined is NaN.
        """

        def leaf(kind: str, value: str | float) -> object:
            table = {"parameter": parameters, "species": species or {}}
            found = table[kind][str(value)] if kind in table else time if kind == "time" else value
            return np.asarray(found, dtype=np.float64)

        with np.errstate(all="ignore"):
            found = np.asarray(self.fold(leaf, lambda name, arguments: _ARITHMETIC[name](*arguments)))
        return float(found) if found.ndim == 0 else found

    def __str__(self) -> str:
        return str(self.fold(_leaf_text, _apply_text))


class _Text(str):
    """Printed text that remembers how tightly its outermost operator binds."""

    binding: int = 9


def _bound(text: str, binding: int) -> _Text:
    result = _Text(text)
    result.binding = binding
    return result


def _leaf_text(kind: str, value: str | float) -> _Text:
    if kind == "number":
        number = float(value)
        return _Text(str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number))
    return _Text({"time": "time", "species": f"[{value}]"}.get(kind, str(value)))


def _apply_text(name: str, arguments: list[_Text]) -> _Text:
    if name == "neg":
        inner = arguments[0]
        return _bound(f"-({inner})" if inner.binding < _NEGATION else f"-{inner}", _NEGATION)
    if name in FUNCTIONS:
        return _Text(f"{name}({', '.join(arguments)})")
    level = _BINARY[name]
    left, right = arguments
    left_text = f"({left})" if left.binding < level or (name == "^" and left.binding <= level) else str(left)
    keep_right = right.binding > level or (name == "^" and right.binding == level)
    return _bound(f"{left_text} {name} {right if keep_right else f'({right})'}", level)


def _hill(x: Any, K: Any, n: Any) -> Any:
    share = 1.0 / (1.0 + np.power(K / np.where(x > 0, x, 1.0), n))
    return np.where(x <= 0, 0.0, np.where(np.isnan(x), x, share))


_ARITHMETIC: Mapping[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
    "pow": np.power,
    "neg": np.negative,
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "hill": _hill,
    "min": np.minimum,
    "max": np.maximum,
}


def parse(text: str) -> Expression:
    """Read an expression.

    Raises SchemeError for anything but arithmetic on names, with the position and what was expected.

    >>> parse("__import__('os')")
    Traceback (most recent call last):
    ...
    cereblon.ground.errors.SchemeError: ...
    """
    if not isinstance(text, str):
        raise SchemeError("an expression is text", found=repr(text)[:80], expected="text", example="k_on * [CRBN]")
    if len(text) > MAX_LENGTH:
        raise SchemeError(
            "an expression is too long",
            where=f"{text[:40]!r}...",
            found=f"{len(text)} characters",
            expected=f"at most {MAX_LENGTH}",
        )
    return _parsed(text)


@lru_cache(maxsize=16384)
def _parsed(text: str) -> Expression:
    return Expression(tuple(_postfix(text)))


def _postfix(text: str) -> Iterator[Item]:
    """The shunting-yard algorithm (Dijkstra 1961) with function calls and prefix minus."""
    waiting: list[tuple[str, int]] = []  # operators, "(" and function names, with the argument count of a call
    operand_next = True
    for kind, value, position in _tokens(text):
        if len(waiting) > MAX_DEPTH:
            raise _wrong(text, position, "nested deeper than allowed", f"at most {MAX_DEPTH} levels")
        if operand_next:
            if kind == "number":
                number = float(value)
                if not math.isfinite(number):
                    raise _wrong(text, position, "a number too large to hold", "a finite number")
                yield "number", number
                operand_next = False
            elif kind == "species":
                yield "species", _species_name(value.strip(), text, position)
                operand_next = False
            elif kind == "call":
                if value not in FUNCTIONS:
                    raise _wrong(text, position, f"an unknown function {value!r}", f"one of {', '.join(FUNCTIONS)}")
                waiting.append((value, 1))
            elif kind == "name":
                yield ("time", "") if value == "time" else ("parameter", value)
                operand_next = False
            elif value == "(":
                if not (waiting and waiting[-1][0] in FUNCTIONS and _opens_call(text, position)):
                    waiting.append(("", 0))
            elif value == "-":
                waiting.append(("neg", _NEGATION))
            elif value != "+":
                raise _wrong(text, position, f"{value!r}", "a name, a number, [a species] or '('")
            continue
        if kind != "operator" or value == "(":
            raise _wrong(text, position, f"{value!r} straight after an operand", "an operator such as * or +")
        if value in (")", ","):
            while waiting and waiting[-1][0] not in ("", *FUNCTIONS):
                yield "op", waiting.pop()[0]
            if not waiting or (value == "," and waiting[-1][0] == ""):
                raise _wrong(text, position, f"{value!r} without its opening parenthesis", "balanced parentheses")
            name, count = waiting[-1]
            if value == ",":
                waiting[-1] = (name, count + 1)
                operand_next = True
                continue
            waiting.pop()
            if name:
                if count != FUNCTIONS[name]:
                    raise _wrong(text, position, f"{name} with {count} arguments", f"{FUNCTIONS[name]} arguments")
                yield "call", name
            continue
        level = _BINARY[value]
        while waiting and waiting[-1][0] not in ("", *FUNCTIONS):
            top_level = waiting[-1][1]
            if top_level < level or (top_level == level and value == "^"):
                break
            yield "op", waiting.pop()[0]
        waiting.append((value, level))
        operand_next = True
    if operand_next:
        raise _wrong(text, len(text), "an end", "a name, a number, [a species] or '('")
    while waiting:
        name, _ = waiting.pop()
        if name == "" or name in FUNCTIONS:
            raise _wrong(text, len(text), "an open parenthesis at the end", "balanced parentheses")
        yield "op", name


def _opens_call(text: str, position: int) -> bool:
    """Whether the '(' at `position` is the one of the function name just read."""
    return bool(re.search(r"[A-Za-z0-9_]\s*$", text[:position]))


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            start = position + len(text[position:]) - len(text[position:].lstrip())
            raise _wrong(text, start, f"{text[start]!r}", "arithmetic on names and numbers")
        kind = str(match.lastgroup)
        value = match.group(kind)
        start = match.start(kind)
        position = match.end()
        if kind == "operator" and value == "**":
            value = "^"
        if kind == "name" and re.match(r"\s*\(", text[position:]):
            kind = "call"
        yield kind, value, start


def _species_name(name: str, text: str, position: int) -> str:
    if not SPECIES_PATTERN.fullmatch(name):
        raise _wrong(text, position, f"[{name}]", "a species such as [CRBN*:mezigdomide@tumour]")
    return name


def _wrong(text: str, position: int, found: str, expected: str) -> SchemeError:
    around = text if len(text) <= 80 else f"...{text[max(0, position - 30) : position + 30]}..."
    return SchemeError(
        "cannot read an expression",
        where=f"{around!r}, character {position + 1}",
        found=found,
        expected=expected,
        example="k_on * [CRBN] * [glue]",
    )
