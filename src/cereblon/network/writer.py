"""Graph nodes as machine instructions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cereblon.network.graph import TINY, Graph
from cereblon.network.lanes import Lanes


class Writer:
    """Writes the nodes that a set of results needs, each once, products fused into the sums that use them."""

    def __init__(
        self,
        graph: Graph,
        lanes: Lanes,
        results: Iterable[int],
        rows: Mapping[int, int] | None = None,
        parameters: str = "",
    ) -> None:
        self.graph, self.lanes = graph, lanes
        self.rows = rows or {}
        self.parameters = parameters
        self.names: dict[int, str] = {}
        results = list(results)
        uses: dict[int, int] = {}
        seen: set[int] = set()
        waiting = list(results)
        for node in results:
            uses[node] = uses.get(node, 0) + 1
        while waiting:
            node = waiting.pop()
            if node in seen or node in self.rows:
                continue
            seen.add(node)
            operation, operands = graph.nodes[node]
            if operation not in ("number", "parameter", "state", "time"):
                for operand in operands:
                    uses[int(operand)] = uses.get(int(operand), 0) + 1
                    waiting.append(int(operand))
        self.uses = uses

    def value(self, node: int) -> str:
        """The SSA name of a node, writing what is missing first (iteratively, so depth is no limit)."""
        waiting = [node]
        while waiting:
            current = waiting[-1]
            if current in self.names:
                waiting.pop()
                continue
            missing = [o for o in self._operands(current) if o not in self.names]
            if missing:
                waiting.extend(reversed(missing))
                continue
            waiting.pop()
            self.names[current] = self._write(current)
        return self.names[node]

    def _product(self, node: int) -> tuple[int, int] | None:
        """The factors of a product that only one sum uses, and that can therefore be fused into it."""
        operation, operands = self.graph.nodes[node]
        if operation == "*" and self.uses.get(node, 0) == 1 and node not in self.rows and node not in self.names:
            return int(operands[0]), int(operands[1])
        return None

    def _operands(self, node: int) -> list[int]:
        operation, operands = self.graph.nodes[node]
        if node in self.rows or operation in ("number", "parameter", "state", "time"):
            return []
        a = [int(o) for o in operands]
        if operation in ("+", "-"):
            for fused, other in ((a[0], a[1]), (a[1], a[0])):
                factors = self._product(fused)
                if factors is not None:
                    return [*factors, other]
        return a

    def _write(self, node: int) -> str:
        e = self.lanes
        if node in self.rows:
            return e.load("%par", self.rows[node])
        operation, operands = self.graph.nodes[node]
        if operation == "number":
            return e.constant(float(operands[0]))
        if operation == "time":
            return "%time"
        if operation == "state":
            return e.load("%y", int(operands[0]))
        if operation == "parameter":
            return e.load(self.parameters, int(operands[0]))
        a = [int(o) for o in operands]
        if operation in ("+", "-"):
            return self._sum(operation, a[0], a[1])
        v = [self.names[o] for o in a]
        match operation:
            case "*":
                return e.mul(*v)
            case "/":
                return e.div(*v)
            case "neg":
                return e.neg(*v)
            case "exp" | "log":
                return e.call(operation, *v)
            case "pow":
                return e.call("power", *v)
            case "sqrt":
                return e.intrinsic("sqrt", *v)
            case "min":
                return e.minimum(*v)
            case "max":
                return e.maximum(*v)
            case "step":
                return e.select(e.compare("oge", *v), e.constant(1.0), e.constant(0.0))
            case "hill":
                ratio = e.div(v[1], e.maximum(v[0], e.constant(TINY)))
                one, zero = e.constant(1.0), e.constant(0.0)
                share = e.div(one, e.add(one, e.call("power", ratio, v[2])))
                return e.select(e.compare("ole", v[0], zero), zero, share)
        raise AssertionError(operation)

    def _sum(self, operation: str, a: int, b: int) -> str:
        e, names = self.lanes, self.names
        first, second = self._product(a), self._product(b)
        if first is not None:
            x, y = names[first[0]], names[first[1]]
            return e.fma(x, y, names[b] if operation == "+" else e.neg(names[b]))
        if second is not None:
            x, y = names[second[0]], names[second[1]]
            return e.fma(x if operation == "+" else e.neg(x), y, names[a])
        return (e.add if operation == "+" else e.sub)(names[a], names[b])
