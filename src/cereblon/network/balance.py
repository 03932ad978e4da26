"""What a network must satisfy before it runs: known names, units that fit, mass that balances.

A reaction conserves what its species are made of, unless one side says `0`. Units are compared by dimension:
values are held in coherent units, so a parameter in 1/d beside one in 1/h is no mistake.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from cereblon.ground.errors import NetworkError
from cereblon.ground.quantity import unit as parse_unit
from cereblon.network.expression import Expression
from cereblon.network.reaction import Reaction, components

if TYPE_CHECKING:
    from cereblon.network.network import Network

Dimension = tuple[Fraction | int, ...]


@dataclass(frozen=True)
class _Sized:
    """A value's dimension, and its number when it is a plain constant (an exponent must be one)."""

    dimension: Dimension
    constant: float | None = None


def check(network: Network) -> None:
    """Raise NetworkError for the first unknown name, unit that does not fit, or mass that is not conserved."""
    known = {**network.parameters, **network.derived}
    _check_circles(network)
    sizes: dict[str, Dimension] = {}
    for name, parameter in network.parameters.items():
        sizes[name] = parse_unit(parameter.unit).dimension
    for name, derived in network.derived.items():
        sizes[name] = parse_unit(derived.unit).dimension
    for name, thing in network.species.items():
        sizes[f"[{name}]"] = parse_unit(thing.unit).dimension
    hour, litre = parse_unit("h").dimension, parse_unit("L").dimension

    def expect(expression: Expression, wanted: Dimension, where: str, *, constant: bool = False) -> None:
        for name in expression.parameters:
            network.require(name, known, "parameter", where)
        for name in expression.species:
            if constant:
                raise NetworkError("a number fixed per subject cannot read a species", where=where, found=f"[{name}]")
            network.require(name, network.species, "species", where)
        if constant and expression.reads_time:
            raise NetworkError("a number fixed per subject cannot read the time", where=where, found=str(expression))
        found = dimension(expression, sizes, hour, where)
        if found.dimension != wanted and not (constant and found.constant is not None):
            raise NetworkError(
                "units do not fit",
                where=where,
                found=f"{expression} in {_text(found.dimension)}",
                expected=_text(wanted),
            )

    for place, volume in network.places.items():
        expect(volume, litre, f"volume of {place}", constant=True)
    for name, derived in network.derived.items():
        expect(derived.expression, sizes[name], f"derived parameter {name}", constant=True)
    for name, species in network.species.items():
        size = sizes[f"[{name}]"]
        expect(species.initial, size, f"initial value of {name}", constant=True)
        expect(species.scale, size, f"scale of {name}", constant=True)
        if species.volume is not None:
            expect(species.volume, litre, f"volume of {name}", constant=True)
    per_hour = tuple(-x for x in hour)
    for reaction in network.reactions:
        where = f"reaction {reaction.scheme}"
        anchor = sizes[f"[{reaction.anchor}]"]
        expect(reaction.rate, _joined(anchor, per_hour, 1), where)
        for name in reaction.stoichiometry:
            if sizes[f"[{name}]"] != anchor:
                raise NetworkError(
                    "species of different units in one reaction",
                    where=where,
                    found=f"{name} in {network.species[name].unit}",
                    expected=f"{network.species[reaction.anchor].unit}, as {reaction.anchor}",
                )
        _check_mass(reaction)
    for name, observable in network.observables.items():
        expect(observable.expression, parse_unit(observable.unit).dimension, f"observable {name}")


def _check_mass(reaction: Reaction) -> None:
    def content(side: tuple[tuple[str, int], ...]) -> Counter[str]:
        total: Counter[str] = Counter()
        for name, count in side:
            for part, number in components(name).items():
                total[part] += count * number
        return total

    before, after = content(reaction.reactants), content(reaction.products)
    if before != after and not reaction.open:
        lost, gained = before - after, after - before
        change = [f"loses {p}" for p in lost] + [f"gains {p}" for p in gained]
        raise NetworkError(
            "mass is not balanced",
            where=f"reaction {reaction.scheme}",
            found=", ".join(change),
            expected="the same entities on both sides, or '+ 0' where something is made or destroyed on purpose",
            example="CRBN*:glue:IKZF1~Ub4 -> CRBN*:glue + 0",
        )


def _check_circles(network: Network) -> None:
    done: set[str] = set()
    for root in network.derived:
        path: list[tuple[str, list[str]]] = [(root, _reads(network, root))]
        on_path = {root}
        while path:
            name, left = path[-1]
            if not left:
                path.pop()
                on_path.discard(name)
                done.add(name)
                continue
            following = left.pop()
            if following in on_path:
                raise NetworkError("a derived parameter reads itself", where=f"network {network.name}", found=following)
            if following not in done:
                path.append((following, _reads(network, following)))
                on_path.add(following)


def _reads(network: Network, name: str) -> list[str]:
    return [n for n in sorted(network.derived[name].expression.parameters) if n in network.derived]


def _joined(a: Dimension, b: Dimension, sign: int) -> Dimension:
    return tuple(x + sign * y for x, y in zip(a, b, strict=True))


def dimension(expression: Expression, sizes: dict[str, Dimension], hour: Dimension, where: str) -> _Sized:
    """The dimension of an expression; NetworkError where a sum, a function or an exponent does not fit."""
    none: Dimension = tuple(0 for _ in hour)

    def leaf(kind: str, value: str | float) -> _Sized:
        if kind == "number":
            return _Sized(none, float(value))
        if kind == "time":
            return _Sized(hour)
        return _Sized(sizes[f"[{value}]" if kind == "species" else str(value)])

    def clash(name: str, arguments: list[_Sized]) -> NetworkError:
        units = " and ".join(_text(a.dimension) for a in arguments)
        return NetworkError("units do not fit", where=where, found=f"{name} of {units}, in {expression}")

    def apply(name: str, arguments: list[_Sized]) -> _Sized:
        a = arguments[0]
        b = arguments[-1]
        if name == "neg":
            return _Sized(a.dimension, None if a.constant is None else -a.constant)
        if name in ("*", "/"):
            return _Sized(_joined(a.dimension, b.dimension, 1 if name == "*" else -1))
        if name in ("+", "-", "min", "max"):
            zero = [x for x in arguments if x.constant == 0.0]
            if a.dimension != b.dimension and not zero:
                raise clash(name, arguments)
            return _Sized(b.dimension if a in zero else a.dimension)
        if name in ("^", "pow"):
            if b.dimension != none or (a.dimension != none and b.constant is None):
                raise clash(name, arguments)
            power = Fraction(b.constant).limit_denominator(1000) if b.constant is not None else Fraction(1)
            return _Sized(tuple(x * power for x in a.dimension))
        if name == "sqrt":
            return _Sized(tuple(Fraction(x) / 2 for x in a.dimension))
        if name == "hill":
            if arguments[0].dimension != arguments[1].dimension or b.dimension != none:
                raise clash(name, arguments)
            return _Sized(none)
        if a.dimension != none:
            raise clash(name, arguments)
        return _Sized(none)

    return expression.fold(leaf, apply)  # type: ignore[return-value]


_SYMBOLS = ("h", "nmol", "dm", "g", "cell")


def _text(dimension: Dimension) -> str:
    parts = [s if x == 1 else f"{s}^{x}" for s, x in zip(_SYMBOLS, dimension, strict=True) if x]
    return " ".join(parts) or "no unit"
