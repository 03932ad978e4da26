"""Arithmetic as a shared graph: equal subexpressions are one node, and every node can be differentiated.

A node is an integer; its operation and operands stand in `Graph.nodes`. Operands always come before the node
that uses them, so the integers are already an order in which machine code can be written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from cereblon.network.expression import Expression

Operands = tuple[int, ...]
TINY = 1e-300  # stands for x = 0 inside hill, so that its logarithm and its slope stay finite


class Graph:
    """Operations: `number` (value), `parameter` / `state` (slot), `time`, `+ - * / neg`, `exp log sqrt pow min max`,
    and `step(a, b)`: 1 where a >= b, else 0, the derivative of min and max."""

    def __init__(self) -> None:
        self.nodes: list[tuple[str, tuple[float, ...] | Operands]] = []
        self._known: dict[tuple[str, tuple[float, ...] | Operands], int] = {}
        self._slopes: dict[tuple[int, int], int] = {}
        self._reads: list[frozenset[int]] = []
        self.zero, self.one = self.number(0.0), self.number(1.0)

    def _add(self, operation: str, operands: tuple[float, ...] | Operands) -> int:
        key = (operation, operands)
        node = self._known.get(key)
        if node is None:
            node = self._known[key] = len(self.nodes)
            self.nodes.append(key)
            if operation == "state":
                self._reads.append(frozenset((node,)))
            elif operation in ("number", "parameter", "time"):
                self._reads.append(frozenset((node,)) if operation == "time" else frozenset())
            else:
                self._reads.append(frozenset().union(*(self._reads[int(o)] for o in operands)))
        return node

    def number(self, value: float) -> int:
        """A constant; 0.0 and -0.0 are one."""
        return self._add("number", (float(value) + 0.0,))

    def parameter(self, slot: int) -> int:
        """A parameter slot."""
        return self._add("parameter", (slot,))

    def state(self, slot: int) -> int:
        """A species slot."""
        return self._add("state", (slot,))

    def time(self) -> int:
        """The time."""
        return self._add("time", ())

    def reads(self, node: int) -> frozenset[int]:
        """The states (and the time) a node depends on."""
        return self._reads[node]

    def value(self, node: int) -> float | None:
        """The value of a constant, else None."""
        operation, operands = self.nodes[node]
        return float(operands[0]) if operation == "number" else None

    # -- construction with the identities that are exact in IEEE arithmetic for finite operands ------------------

    def add(self, a: int, b: int) -> int:
        """a + b."""
        if a == self.zero or b == self.zero:
            return b if a == self.zero else a
        if self.nodes[b][0] == "neg":
            return self.subtract(a, int(self.nodes[b][1][0]))
        if self.nodes[a][0] == "neg":
            return self.subtract(b, int(self.nodes[a][1][0]))
        return self._fold("+", (min(a, b), max(a, b)))

    def subtract(self, a: int, b: int) -> int:
        """a - b."""
        if b == self.zero:
            return a
        if a == self.zero:
            return self.negate(b)
        if a == b:
            return self.zero
        if self.nodes[b][0] == "neg":
            return self.add(a, int(self.nodes[b][1][0]))
        return self._fold("-", (a, b))

    def negate(self, a: int) -> int:
        """-a."""
        if self.nodes[a][0] == "neg":
            return int(self.nodes[a][1][0])
        return self._fold("neg", (a,))

    def multiply(self, a: int, b: int) -> int:
        """a * b; parameters are gathered so that their product is computed once per subject."""
        if a == self.zero or b == self.zero:
            return self.zero
        if a == self.one or b == self.one:
            return b if a == self.one else a
        if self.nodes[a][0] == "neg":
            return self.negate(self.multiply(int(self.nodes[a][1][0]), b))
        if self.nodes[b][0] == "neg":
            return self.negate(self.multiply(a, int(self.nodes[b][1][0])))
        if self._reads[a] and not self._reads[b]:
            a, b = b, a
        if not self._reads[a] and self._reads[b] and self.nodes[b][0] == "*":
            left, right = (int(o) for o in self.nodes[b][1])
            if not self._reads[left]:
                return self.multiply(self.multiply(a, left), right)
        if self._reads[a] and self._reads[b] and self.nodes[b][0] == "*" and not self._reads[int(self.nodes[b][1][0])]:
            left, right = (int(o) for o in self.nodes[b][1])
            return self.multiply(left, self.multiply(a, right))
        if self._reads[a] and self._reads[b] and self.nodes[a][0] == "*" and not self._reads[int(self.nodes[a][1][0])]:
            left, right = (int(o) for o in self.nodes[a][1])
            return self.multiply(left, self.multiply(right, b))
        if self._reads[a] or not self._reads[b]:
            a, b = min(a, b), max(a, b)
        return self._fold("*", (a, b))

    def divide(self, a: int, b: int) -> int:
        """a / b; division by what is fixed per subject becomes a multiplication with its reciprocal."""
        if a == self.zero:
            return a
        if b == self.one:
            return a
        if self._reads[a] and not self._reads[b]:
            return self.multiply(self._fold("/", (self.one, b)), a)
        return self._fold("/", (a, b))

    def power(self, a: int, b: int) -> int:
        """a ^ b; small whole exponents by repeated multiplication, the rest as exp(b log a)."""
        exponent = self.value(b)
        if exponent is not None and exponent.is_integer() and abs(exponent) <= 8:
            if exponent < 0:
                return self.divide(self.one, self.power(a, self.number(-exponent)))
            result, square, count = self.one, a, int(exponent)
            while count:
                if count & 1:
                    result = self.multiply(result, square)
                count >>= 1
                square = self.multiply(square, square) if count else square
            return result
        if exponent == 0.5:
            return self._fold("sqrt", (a,))
        return self._fold("pow", (a, b))

    def hill(self, x: int, K: int, n: int) -> int:
        """x^n / (K^n + x^n), and 0 for x <= 0, with a slope that is defined there too."""
        order = self.value(n)
        if order is not None and order.is_integer() and 1 <= order <= 4:
            ratio = self.power(self.divide(self.maximum(x, self.zero), K), n)
            return self.divide(ratio, self.add(self.one, ratio))
        return self._fold("hill", (x, K, n))

    def maximum(self, a: int, b: int) -> int:
        """The larger of a and b."""
        return self._fold("max", (a, b))

    def call(self, name: str, operands: list[int]) -> int:
        """An operator or function by its name in an expression."""
        table: dict[str, Callable[..., int]] = {
            "+": self.add, "-": self.subtract, "*": self.multiply, "/": self.divide, "^": self.power,
            "pow": self.power, "neg": self.negate, "hill": self.hill, "max": self.maximum,
        }  # fmt: skip
        return table[name](*operands) if name in table else self._fold(name, tuple(operands))

    def expression(self, expression: Expression, parameters: dict[str, int], states: dict[str, int]) -> int:
        """The node of an expression; names are looked up as nodes."""

        def leaf(kind: str, value: str | float) -> int:
            if kind == "number":
                return self.number(float(value))
            if kind == "time":
                return self.time()
            return (parameters if kind == "parameter" else states)[str(value)]

        return int(expression.fold(leaf, self.call))  # type: ignore[call-overload]

    def _fold(self, operation: str, operands: Operands) -> int:
        values = [self.value(o) for o in operands]
        if None not in values:
            result = _evaluate(operation, [float(v) for v in values if v is not None])
            if math.isfinite(result):
                return self.number(result)
        return self._add(operation, operands)

    # -- differentiation -----------------------------------------------------------------------------------------

    def slope(self, node: int, variable: int) -> int:
        """The node of d(node)/d(variable); `variable` is a state or the time.

        Works from operands to result (operands have smaller numbers), so depth is no limit.
        """
        wanted = [node]
        while wanted:
            current = wanted[-1]
            if (current, variable) in self._slopes:
                wanted.pop()
                continue
            operation, operands = self.nodes[current]
            inner = [] if operation in ("number", "parameter", "state", "time") else [int(o) for o in operands]
            missing = [o for o in inner if variable in self._reads[o] and (o, variable) not in self._slopes]
            if missing:
                wanted.extend(missing)
                continue
            wanted.pop()
            self._slopes[current, variable] = self._slope(current, operation, inner, variable)
        return self._slopes[node, variable]

    def _slope(self, node: int, operation: str, operands: list[int], variable: int) -> int:
        if node == variable:
            return self.one
        if variable not in self._reads[node]:
            return self.zero
        d = [self._slopes[o, variable] if variable in self._reads[o] else self.zero for o in operands]
        a = operands[0]
        if operation == "neg":
            return self.negate(d[0])
        if operation in ("exp", "log", "sqrt"):
            outer = {
                "exp": lambda: node,
                "log": lambda: self.divide(self.one, a),
                "sqrt": lambda: self.divide(self.number(0.5), node),
            }[operation]()
            return self.multiply(d[0], outer)
        b = operands[1]
        if operation in ("+", "-"):
            return self.add(d[0], d[1]) if operation == "+" else self.subtract(d[0], d[1])
        if operation == "*":
            return self.add(self.multiply(d[0], b), self.multiply(a, d[1]))
        if operation == "/":
            return self.divide(self.subtract(d[0], self.multiply(node, d[1])), b)
        if operation in ("min", "max"):
            first = self._fold("step", (a, b) if operation == "max" else (b, a))
            return self.add(self.multiply(first, d[0]), self.multiply(self.subtract(self.one, first), d[1]))
        if operation == "hill":
            return self._hill_slope(node, operands, d)
        if operation == "pow":
            base = self.multiply(self.multiply(b, self.power(a, self.subtract(b, self.one))), d[0])
            if d[1] == self.zero:
                return base
            logarithm = self._fold("log", (self.maximum(a, self.number(TINY)),))
            return self.add(base, self.multiply(self.multiply(node, logarithm), d[1]))
        return self.zero  # step is flat

    def _hill_slope(self, node: int, operands: list[int], d: list[int]) -> int:
        x, K, n = operands
        positive = self.maximum(x, self.number(TINY))
        spread = self.multiply(node, self.subtract(self.one, node))
        by_x = self.multiply(self.divide(self.multiply(n, spread), positive), self._fold("step", (x, self.zero)))
        by_K = self.negate(self.divide(self.multiply(n, spread), K))
        slope = self.add(self.multiply(by_x, d[0]), self.multiply(by_K, d[1]))
        if d[2] == self.zero:
            return slope
        logs = self.subtract(self._fold("log", (positive,)), self._fold("log", (K,)))
        return self.add(slope, self.multiply(self.multiply(spread, logs), d[2]))

    def needed(self, results: Iterable[int]) -> list[int]:
        """Every node the results depend on, operands first."""
        seen: set[int] = set()
        waiting = list(results)
        while waiting:
            node = waiting.pop()
            if node in seen:
                continue
            seen.add(node)
            operation, operands = self.nodes[node]
            if operation not in ("number", "parameter", "state", "time"):
                waiting.extend(int(o) for o in operands)
        return sorted(seen)


def _evaluate(operation: str, v: list[float]) -> float:
    try:
        match operation:
            case "+":
                return v[0] + v[1]
            case "-":
                return v[0] - v[1]
            case "*":
                return v[0] * v[1]
            case "/":
                return v[0] / v[1]
            case "neg":
                return -v[0]
            case "exp":
                return math.exp(v[0])
            case "log":
                return math.log(v[0])
            case "sqrt":
                return math.sqrt(v[0])
            case "pow":
                return float(v[0] ** v[1])
            case "min":
                return min(v)
            case "max":
                return max(v)
            case "hill":
                return 0.0 if v[0] <= 0 else 1.0 / (1.0 + (v[1] / max(v[0], TINY)) ** v[2])
            case "step":
                return float(v[0] >= v[1])
    except (ArithmeticError, ValueError, TypeError):
        pass
    return math.nan
