"""A network: species in places, parameters, and the reactions between them. Equations without numbers.

    net = Network("turnover")
    net.parameter("T.total", "nM", "baseline of the protein")
    net.parameter("T.k_deg", "1/h", "basal loss")
    net.species("T", "nM", initial="T.total", scale="T.total")
    net.reaction("0 -> T", rate="T.k_deg * T.total")
    net.reaction("T -> 0", forward="T.k_deg")

Networks add: the same name is the same thing, and that is all the wiring there is. `.at(place)` puts a network
somewhere: species and parameters that do not yet carry a place take it, shared parameters do not.
Inside, hours, nM, litres, grams and cells (the coherent units of `ground.quantity`); names stand as declared.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from cereblon.ground.errors import NetworkError
from cereblon.ground.quantity import unit as parse_unit
from cereblon.ground.vocabulary import nearest
from cereblon.network.expression import PARAMETER_PATTERN, SPECIES_PATTERN, Expression, parse
from cereblon.network.reaction import Reaction, reaction

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.network.dosing import Dose
    from cereblon.network.trajectory import Trajectory


@dataclass(frozen=True)
class Parameter:
    """A named number that a record or a user supplies; `shared` ones are the same in every place."""

    name: str
    unit: str
    meaning: str
    shared: bool = False
    value: float | None = None


@dataclass(frozen=True)
class Derived:
    """A number computed once per subject from parameters."""

    name: str
    unit: str
    expression: Expression
    meaning: str
    shared: bool = False


@dataclass(frozen=True)
class Species:
    """Something with a concentration: `initial` and `scale` (its natural size, for the error tolerance) are
    expressions of parameters; `volume` is its own volume of distribution, else that of its place."""

    name: str
    unit: str
    initial: Expression
    scale: Expression
    meaning: str
    volume: Expression | None = None
    declared: bool = True


@dataclass(frozen=True)
class Observable:
    """A read-out: an expression of species, parameters and time."""

    name: str
    unit: str
    expression: Expression
    meaning: str


_TABLES = ("_places", "_parameters", "_derived", "_species", "_observables", "_reactions")
_Thing = TypeVar("_Thing", Parameter, Derived, Species, Observable)


class Network:
    """Species, parameters and reactions; see the module for how one is written.

    Raises NetworkError when a name is defined twice with different meanings, and SchemeError for text that
    cannot be read. `check()` tests units, mass balance and unknown names; `simulate` calls it first.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._places: dict[str, Expression] = {}
        self._parameters: dict[str, Parameter] = {}
        self._derived: dict[str, Derived] = {}
        self._species: dict[str, Species] = {}
        self._observables: dict[str, Observable] = {}
        self._reactions: dict[tuple[str, Expression, str], Reaction] = {}
        self._sound: list[dict[Any, Any]] = []

    # -- what it holds -------------------------------------------------------------------------------------

    @property
    def places(self) -> Mapping[str, Expression]:
        """Place -> its volume (L) as an expression."""
        return MappingProxyType(self._places)

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """Address -> parameter."""
        return MappingProxyType(self._parameters)

    @property
    def derived(self) -> Mapping[str, Derived]:
        """Address -> derived parameter."""
        return MappingProxyType(self._derived)

    @property
    def species(self) -> Mapping[str, Species]:
        """Name -> species, declared ones and those that only a reaction names."""
        return MappingProxyType(self._species)

    @property
    def observables(self) -> Mapping[str, Observable]:
        """Name -> read-out."""
        return MappingProxyType(self._observables)

    @property
    def reactions(self) -> tuple[Reaction, ...]:
        """The reactions in the order written."""
        return tuple(self._reactions.values())

    # -- how it is written ---------------------------------------------------------------------------------

    def place(self, name: str, volume: str) -> None:
        """Declare a place and its volume (an expression in L)."""
        self._put(self._places, name, parse(volume), "place")

    def parameter(
        self, name: str, unit: str, meaning: str = "", *, shared: bool = False, value: float | str | None = None
    ) -> None:
        """Declare a parameter. `shared=True` keeps `.at(place)` from giving it a place. `value` is a default for
        networks of one's own: a float in `unit`, or text with a unit such as "0.1 1/h"."""
        _check_name(name, PARAMETER_PATTERN.fullmatch(name), "parameter")
        kind = parse_unit(unit)
        if isinstance(value, str):
            from cereblon.ground.quantity import Quantity

            value = Quantity.parse(value).to(unit).value
        coherent = None if value is None else float(value) * kind.factor
        self._put(self._parameters, name, Parameter(name, unit, meaning, shared, coherent), "parameter")

    def derive(self, name: str, unit: str, expression: str, meaning: str = "", *, shared: bool = False) -> None:
        """Declare a number computed from parameters, e.g. a production that holds a baseline."""
        _check_name(name, PARAMETER_PATTERN.fullmatch(name), "derived parameter")
        parse_unit(unit)
        self._put(self._derived, name, Derived(name, unit, parse(expression), meaning, shared), "derived parameter")

    def add_species(
        self,
        name: str,
        unit: str = "nM",
        *,
        initial: str = "0",
        scale: str = "1",
        meaning: str = "",
        volume: str | None = None,
    ) -> None:
        """Declare a species. `initial` and `scale` are expressions in its unit's dimension (a plain number counts
        as coherent: nM, g/L, cells/L); `volume` its own volume of distribution (L)."""
        _check_name(name, SPECIES_PATTERN.fullmatch(name), "species")
        parse_unit(unit)
        species = Species(name, unit, parse(initial), parse(scale), meaning, parse(volume) if volume else None)
        if name in self._species and not self._species[name].declared:
            self._species[name] = species
        else:
            self._put(self._species, name, species, "species")

    def observable(self, name: str, unit: str, expression: str, meaning: str = "") -> None:
        """Declare a read-out."""
        _check_name(name, PARAMETER_PATTERN.fullmatch(name) or SPECIES_PATTERN.fullmatch(name), "observable")
        parse_unit(unit)
        self._put(self._observables, name, Observable(name, unit, parse(expression), meaning), "observable")

    def reaction(
        self,
        scheme: str,
        *,
        forward: str | None = None,
        reverse: str | None = None,
        rate: str | None = None,
        anchor: str | None = None,
    ) -> None:
        """Declare a reaction. `forward`/`reverse` are mass-action constants, `rate` a whole rate; either gives
        concentration per hour in the volume of `anchor` (the first reactant, else the first product, unless said)."""
        new = reaction(scheme, forward=forward, reverse=reverse, rate=rate, anchor=anchor)
        for name in new.species:
            self._species.setdefault(name, Species(name, "nM", _ZERO, _ONE, "", declared=False))
        self._reactions[_key(new)] = new

    def _put(self, table: dict[str, Any], name: str, thing: object, kind: str) -> None:
        for other in (
            (self._parameters, self._derived) if kind.endswith("parameter") else (self._observables, self._species)
        ):
            if other is not table and name in other and kind != "place":
                raise NetworkError(f"{name} already names something else", where=f"network {self.name}", found=kind)
        if name in table and table[name] != thing:
            raise NetworkError(
                f"two different definitions of the {kind} {name}",
                where=f"network {self.name}",
                found=f"{thing}, beside {table[name]}",
                expected="one definition: the same name in the same place is the same thing",
            )
        table[name] = thing

    # -- how networks combine ------------------------------------------------------------------------------

    def __add__(self, other: Network) -> Network:
        joined = self.copy(self.name if self.name == other.name else f"{self.name} + {other.name}")
        kinds = {"_places": "place", "_parameters": "parameter", "_derived": "derived parameter"}
        for table, kind in (kinds | {"_observables": "observable"}).items():
            for name, thing in getattr(other, table).items():
                joined._put(getattr(joined, table), name, thing, kind)
        for name, species in other._species.items():
            known = joined._species.get(name)
            if known is None or not known.declared:
                joined._species[name] = species
            elif species.declared:
                joined._put(joined._species, name, species, "species")
        joined._reactions.update(other._reactions)
        return joined

    def copy(self, name: str | None = None) -> Network:
        """An independent copy."""
        copy = Network(name or self.name)
        for table in _TABLES:
            setattr(copy, table, dict(getattr(self, table)))
        return copy

    def at(self, place: str) -> Network:
        """A copy in which everything that carries no place yet, and is not shared, stands at `place`."""
        shared = {n for table in (self._parameters, self._derived) for n, p in table.items() if p.shared}
        # a name this network does not declare (a volume, say) is the concern of the network that does
        own = (self._parameters.keys() | self._derived.keys()) - shared

        def parameter(name: str) -> str:
            return f"{name}@{place}" if "@" not in name and name in own else name

        def species(name: str) -> str:
            return name if "@" in name else f"{name}@{place}"

        def observable(name: str) -> str:
            return name if "@" in name else f"{name}@{place}"

        return self._renamed(parameter, species, observable, self.name + f"@{place}")

    def _renamed(
        self,
        parameter: Callable[[str], str],
        species: Callable[[str], str],
        observable: Callable[[str], str],
        name: str,
    ) -> Network:
        def text(expression: Expression) -> Expression:
            return expression.rename(parameter, species)

        copy = Network(name)
        copy._places = {n: text(volume) for n, volume in self._places.items()}
        copy._parameters = {parameter(n): replace(p, name=parameter(n)) for n, p in self._parameters.items()}
        copy._derived = {
            parameter(n): replace(d, name=parameter(n), expression=text(d.expression)) for n, d in self._derived.items()
        }
        copy._species = {
            species(n): replace(
                s, name=species(n), initial=text(s.initial), scale=text(s.scale), volume=s.volume and text(s.volume)
            )
            for n, s in self._species.items()
        }
        copy._observables = {
            observable(n): replace(o, name=observable(n), expression=text(o.expression))
            for n, o in self._observables.items()
        }
        for old in self._reactions.values():
            new = old.rename(parameter, species)
            copy._reactions[_key(new)] = new
        return copy

    # -- questions asked of it -----------------------------------------------------------------------------

    def volume(self, species: str) -> Expression:
        """The volume (L) a species is dissolved in: its own, that of its place, or 1 L when nothing is said."""
        known = self._species[species]
        if known.volume is not None:
            return known.volume
        place = species.partition("@")[2]
        return self._places.get(place, _ONE)

    def require(self, name: str, known: Collection[str], kind: str, where: str) -> None:
        """Raise NetworkError, naming the nearest known name, unless `name` is known."""
        if name not in known:
            names = list(known)
            close = nearest(name, names)
            raise NetworkError(
                f"unknown {kind} {name}",
                where=where,
                found=name,
                expected=f"did you mean {close}?" if close else f"one of the {len(names)} declared",
            )

    def check(self) -> None:
        """Test names, units and mass balance; raises NetworkError for the first thing wrong."""
        from cereblon.network.balance import check

        tables: list[dict[Any, Any]] = [dict(getattr(self, table)) for table in _TABLES]
        if tables != self._sound:  # what was found sound and has not been written to since is not tested again
            check(self)
            self._sound = tables

    def table(self) -> pd.DataFrame:
        """The reactions, one a row: scheme and net rate."""
        import pandas as pd

        return pd.DataFrame(
            {"reaction": [r.scheme for r in self.reactions], "rate": [str(r.rate) for r in self.reactions]}
        )

    def simulate(
        self,
        values: Mapping[str, Any],
        times: Any,
        doses: Iterable[Dose] | Sequence[Iterable[Dose]] | None = None,
        **options: Any,
    ) -> Trajectory:
        """Integrate over `times` (h); `values` maps addresses to coherent floats or arrays, one entry a subject.

        See `cereblon.network.solve.solve` for doses and options.
        """
        from cereblon.network.solve import solve

        return solve(self, values, times, doses, **options)

    def __str__(self) -> str:
        lines = [
            f"{self.name}: {len(self._species)} species, {len(self._reactions)} reactions, "
            f"{len(self._parameters)} parameters, {len(self._derived)} derived, {len(self._observables)} observables"
        ]
        return "\n".join(lines + [f"  {r.scheme}    {r.rate}" for r in self.reactions])

    __repr__ = __str__


def _key(reaction: Reaction) -> tuple[str, Expression, str]:
    """What makes two reactions the same: adding networks that share one does not double it."""
    return reaction.scheme, reaction.rate, reaction.anchor


def _check_name(name: str, valid: object, kind: str) -> None:
    if not valid or name == "time":
        raise NetworkError(
            f"not a name for a {kind}",
            found=repr(name)[:80],
            expected="words of letters, digits and _, joined by dots, with @place",
            example="CRBN.total@tumour",
        )


_ZERO, _ONE = parse("0"), parse("1")
