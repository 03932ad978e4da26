"""From a network to straight-line machine code: rates, Jacobian with sparse LU, triangular solves, read-outs.

Names become slots, so networks of the same structure share one `Structure`, and with it one compiled kernel.
What depends on parameters alone is computed once per subject (`prepare`). The LU of I/(h gamma) - J is ordered
after Markowitz (1957) and eliminated symbolically: no pivoting, no loops, no zeros.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cereblon.network.expression import Expression
from cereblon.network.graph import Graph
from cereblon.network.lanes import Lanes
from cereblon.network.network import Network
from cereblon.network.writer import Writer

SMALLEST_SCALE = 1e-9  # in coherent units
READS = "{} %time, ptr noalias readonly %y, ptr noalias readonly %par"


@dataclass(frozen=True)
class Structure:
    """A network with its names replaced by slots; equal structures compile to the same code.

    `rates` holds per reaction (rate, ((species slot, count), ...), anchor slot); the expressions of `derived`
    read earlier ones only. Slots stand in the expressions as text ("p3", "d0", "s7").
    """

    parameters: int
    derived: tuple[Expression, ...]
    initial: tuple[Expression, ...]
    scale: tuple[Expression, ...]
    volume: tuple[Expression, ...]
    rates: tuple[tuple[Expression, tuple[tuple[int, int], ...], int], ...]
    observed: tuple[Expression, ...]
    extra: tuple[Expression, ...]
    infused: tuple[int, ...]

    @property
    def species(self) -> int:
        """Number of species."""
        return len(self.initial)


@dataclass(frozen=True)
class Slots:
    """Which name stands in which slot."""

    parameters: tuple[str, ...]
    species: tuple[str, ...]
    observed: tuple[str, ...]
    extra: tuple[str, ...]


def structure(
    network: Network, observe: Iterable[str], extra: Iterable[str], infused: Iterable[str]
) -> tuple[Structure, Slots]:
    """The canonical structure of a network for the read-outs `observe` (observables, species or derived names),
    the dosing attributes `extra` (parameter or derived names) and the species `infused` into."""
    parameters = tuple(network.parameters)
    species = tuple(network.species)
    order = derived_order(network)
    names = {name: f"p{i}" for i, name in enumerate(parameters)} | {name: f"d{i}" for i, name in enumerate(order)}
    slots = {name: f"s{i}" for i, name in enumerate(species)}

    def canonical(expression: Expression) -> Expression:
        return expression.rename(names.__getitem__, slots.__getitem__)

    index = {name: i for i, name in enumerate(species)}
    observed = tuple(observe)
    attributes = tuple(dict.fromkeys(extra))
    return (
        Structure(
            len(parameters),
            tuple(canonical(network.derived[name].expression) for name in order),
            tuple(canonical(s.initial) for s in network.species.values()),
            tuple(canonical(s.scale) for s in network.species.values()),
            tuple(canonical(network.volume(name)) for name in species),
            tuple(
                (canonical(r.rate), tuple((index[s], n) for s, n in r.stoichiometry.items()), index[r.anchor])
                for r in network.reactions
            ),
            tuple(canonical(readout(network, name)) for name in observed),
            tuple(canonical(Expression((("parameter", name),))) for name in attributes),
            tuple(sorted(index[name] for name in set(infused))),
        ),
        Slots(parameters, species, observed, attributes),
    )


def readout(network: Network, name: str) -> Expression:
    """The expression behind a name asked for: an observable, a species or a derived parameter."""
    if name in network.observables:
        return network.observables[name].expression
    if name in network.species:
        return Expression((("species", name),))
    if name in network.derived or name in network.parameters:
        return Expression((("parameter", name),))
    known = [*network.observables, *network.species, *network.derived]
    network.require(name, known, "output", f"network {network.name}")
    raise AssertionError


def derived_order(network: Network) -> list[str]:
    """Derived parameters, each after those it reads; NetworkError on a circle is raised by `check`."""
    order: dict[str, None] = {}
    waiting = [(name, False) for name in reversed(list(network.derived))]
    while waiting:
        name, ready = waiting.pop()
        if ready:
            order[name] = None
        elif name not in order:
            waiting.append((name, True))
            reads = network.derived[name].expression.parameters
            waiting.extend((r, False) for r in sorted(reads) if r in network.derived and r not in order)
    return list(order)


class Kernel:
    """The functions of one structure, written for W lanes. Row numbers are those of the `par` array:
    initial values, scales, volumes, then `extra`, then whatever else is fixed per subject."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        n = self.species = structure.species
        g = self.graph = Graph()
        parameters = {f"p{i}": g.parameter(i) for i in range(structure.parameters)}
        states = {f"s{i}": g.state(i) for i in range(n)}
        self.states = [states[f"s{i}"] for i in range(n)]

        def node(expression: Expression) -> int:
            return g.expression(expression, parameters, states)

        for i, expression in enumerate(structure.derived):
            parameters[f"d{i}"] = node(expression)
        volume = [node(e) for e in structure.volume]
        change = [g.zero] * n
        for rate, stoichiometry, anchor in structure.rates:
            flux = node(rate)
            for slot, count in stoichiometry:
                share = flux
                if volume[slot] != volume[anchor]:
                    share = g.multiply(g.divide(volume[anchor], volume[slot]), flux)
                if abs(count) != 1:
                    share = g.multiply(g.number(abs(count)), share)
                change[slot] = g.add(change[slot], share) if count > 0 else g.subtract(change[slot], share)
        self.change = change
        self.drift = [g.slope(f, g.time()) for f in change] if any(g.time() in g.reads(f) for f in change) else []
        slopes = {
            (i, j): g.slope(change[i], self.states[j])
            for i in range(n)
            for j in range(n)
            if self.states[j] in g.reads(change[i])
        }
        # a slope may cancel to nothing: then there is no entry
        self.jacobian = {place: node for place, node in slopes.items() if g.value(node) != 0.0}
        self.observed = [node(e) for e in structure.observed]
        initial = [node(e) for e in structure.initial]
        scale = [self._size(node(e)) for e in structure.scale]
        self.fixed = initial + scale + volume + [node(e) for e in structure.extra]
        self.order, self.fill = eliminate(n, self.jacobian)
        self._hoist()

    def _size(self, scale: int) -> int:
        """|scale|, and never quite 0: a line without cereblon has complexes of scale 0."""
        g = self.graph
        return g.maximum(g.maximum(scale, g.negate(scale)), g.number(SMALLEST_SCALE))

    def _hoist(self) -> None:
        """Give every parameter-only node that state-dependent code reads a row of its own."""
        g = self.graph
        results = [*self.change, *self.drift, *self.jacobian.values(), *self.observed]
        rows: dict[int, int] = {}
        hoisted = list(self.fixed)

        def take(node: int) -> None:
            if g.nodes[node][0] != "number" and node not in rows:
                rows[node] = len(hoisted)
                hoisted.append(node)

        for node in g.needed(results):
            operation, operands = g.nodes[node]
            if g.reads(node) and operation not in ("number", "parameter", "state", "time"):
                for operand in operands:
                    if not g.reads(int(operand)):
                        take(int(operand))
        for node in results:
            if not g.reads(node):
                take(node)
        self.rows, self.hoisted = rows, hoisted

    @property
    def lu_size(self) -> int:
        """Rows of the LU array: one per entry of L, U and the inverted pivots."""
        return len(self.fill)

    # -- functions -------------------------------------------------------------------------------------------

    def functions(self, width: int) -> str:
        """IR of all functions on `width` lanes; every pointer is to 8 x width bytes per row, aligned."""
        return "\n".join(
            (
                self._prepare(width),
                self._rates(width),
                self._factor(width),
                self._solve(width),
                self._observe(width),
            )
        )

    def _prepare(self, width: int) -> str:
        """(raw, par): everything fixed per subject."""
        e = Lanes(width)
        writer = Writer(self.graph, e, self.hoisted, parameters="%raw")
        for row, node in enumerate(self.hoisted):
            e.store("%par", row, writer.value(node))
        return _define(e, f"prepare.{width}", "ptr noalias %raw, ptr noalias %par")

    def _rates(self, width: int) -> str:
        """(time, y, par, infusion, dy)."""
        e = Lanes(width)
        writer = Writer(self.graph, e, self.change, rows=self.rows)
        infusion = {slot: row for row, slot in enumerate(self.structure.infused)}
        for i, node in enumerate(self.change):
            value = writer.value(node)
            if i in infusion:
                value = e.add(value, e.load("%infusion", infusion[i]))
            e.store("%dy", i, value)
        return _define(
            e,
            f"rates.{width}",
            f"{READS.format(e.v)}, ptr noalias readonly %infusion, ptr noalias %dy",
        )

    def _factor(self, width: int) -> str:
        """(time, y, par, 1/(h gamma), lu, df/dt): Jacobian, elimination, and the drift when time is read."""
        e = Lanes(width)
        writer = Writer(self.graph, e, [*self.jacobian.values(), *self.drift], rows=self.rows)
        entry: dict[tuple[int, int], str] = {}
        for (i, j), node in self.jacobian.items():
            if i != j:
                entry[i, j] = e.neg(writer.value(node))
        for i in range(self.species):
            node_ii = self.jacobian.get((i, i))
            entry[i, i] = "%shift" if node_ii is None else e.sub("%shift", writer.value(node_ii))
        one = e.constant(1.0)
        done: set[int] = set()
        for k in self.order:
            done.add(k)
            inverse = e.div(one, entry[k, k])
            e.store("%lu", self.fill[k, k], inverse)
            below = [i for i in range(self.species) if i not in done and (i, k) in self.fill]
            right = [j for j in range(self.species) if j not in done and (k, j) in self.fill]
            for j in right:
                e.store("%lu", self.fill[k, j], entry[k, j])
            for i in below:
                factor = e.mul(entry[i, k], inverse)
                e.store("%lu", self.fill[i, k], factor)
                minus = e.neg(factor) if right else ""
                for j in right:
                    old = entry.get((i, j))
                    entry[i, j] = e.mul(minus, entry[k, j]) if old is None else e.fma(minus, entry[k, j], old)
        for i, node in enumerate(self.drift):
            e.store("%drift", i, writer.value(node))
        return _define(
            e,
            f"factor.{width}",
            f"{READS.format(e.v)}, {e.v} %shift, ptr noalias %lu, ptr noalias %drift",
        )

    def _solve(self, width: int) -> str:
        """(lu, rhs, x): x = U^-1 L^-1 rhs, with rhs negated nowhere."""
        e = Lanes(width)
        value = {i: e.load("%b", i) for i in range(self.species)}
        for position, k in enumerate(self.order):
            for i in self.order[position + 1 :]:
                if (i, k) in self.fill:
                    value[i] = e.fma(e.neg(e.load("%lu", self.fill[i, k])), value[k], value[i])
        for position in range(self.species - 1, -1, -1):
            k = self.order[position]
            for j in self.order[position + 1 :]:
                if (k, j) in self.fill:
                    value[k] = e.fma(e.neg(e.load("%lu", self.fill[k, j])), value[j], value[k])
            value[k] = e.mul(value[k], e.load("%lu", self.fill[k, k]))
            e.store("%x", k, value[k])
        return _define(e, f"solve.{width}", "ptr noalias readonly %lu, ptr noalias readonly %b, ptr noalias %x")

    def _observe(self, width: int) -> str:
        """(time, y, par, out)."""
        e = Lanes(width)
        writer = Writer(self.graph, e, self.observed, rows=self.rows)
        for i, node in enumerate(self.observed):
            e.store("%out", i, writer.value(node))
        return _define(
            e, f"observe.{width}", f"{e.v} %time, ptr noalias readonly %y, ptr noalias readonly %par, ptr noalias %out"
        )


def eliminate(
    n: int, entries: Mapping[tuple[int, int], int] | Iterable[tuple[int, int]]
) -> tuple[list[int], dict[tuple[int, int], int]]:
    """Pivot order by least Markowitz count, and the rows of L + U after fill-in.

    >>> order, fill = eliminate(3, [(0, 1), (1, 0), (1, 2), (2, 1)])
    >>> len(fill)
    7
    """
    rows = {i: {i} for i in range(n)}
    columns = {j: {j} for j in range(n)}
    for i, j in entries:
        rows[i].add(j)
        columns[j].add(i)
    left = set(range(n))
    order: list[int] = []
    fill: set[tuple[int, int]] = set()
    while left:
        k = min(left, key=lambda p: ((len(rows[p] & left) - 1) * (len(columns[p] & left) - 1), p))
        left.discard(k)
        order.append(k)
        right, below = rows[k] & left, columns[k] & left
        fill.add((k, k))
        fill.update((k, j) for j in right)
        fill.update((i, k) for i in below)
        for i in below:
            rows[i] |= right
        for j in right:
            columns[j] |= below
    return order, {place: row for row, place in enumerate(sorted(fill))}


def _define(e: Lanes, name: str, arguments: str) -> str:
    body = e.body()
    declared = "\n".join(sorted(e.calls))
    return f"{declared}\ndefine internal void @{name}({arguments}) #1 {{\nentry:\n{body}\n  ret void\n}}\n"
