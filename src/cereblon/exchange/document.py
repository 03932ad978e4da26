"""A network as a model of python-libsbml; `sbml` says what becomes of what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cereblon.exchange.mathml import HILL, Mathematics
from cereblon.exchange.names import sid
from cereblon.exchange.units import HOUR, LITRE, NMOL, SUBSTANCES, Dimension, Units, joined
from cereblon.ground.quantity import unit
from cereblon.network.expression import Expression
from cereblon.network.network import Network
from cereblon.network.reaction import Reaction


class Model:
    """The SBML model of a network while it is written."""

    def __init__(self, sbml: Any, model: Any, network: Network) -> None:
        self.sbml, self.model, self.network = sbml, model, network
        self.units = Units(sbml, model)
        self.sizes: dict[str, Dimension] = {n: unit(p.unit).dimension for n, p in network.parameters.items()}
        self.sizes |= {n: unit(d.unit).dimension for n, d in network.derived.items()}
        self.sizes |= {f"[{n}]": unit(s.unit).dimension for n, s in network.species.items()}
        self.math = Mathematics(sbml, self.units, self.sizes)
        self._compartments: dict[str, str] = {}  # species -> compartment
        self._dimensionless: set[str] = set()
        self._changes: dict[str, Any] = {}  # what no SBML species is -> its rate of change

    def write(self, numbers: Mapping[str, float]) -> None:
        """Everything but the doses."""
        self.model.setId("network")
        self.model.setName(self.network.name)
        self.model.setTimeUnits(self.units.of(HOUR))
        self.model.setVolumeUnits(self.units.of(LITRE))
        self.model.setSubstanceUnits(self.units.of(NMOL))
        self.model.setExtentUnits(self.units.of(NMOL))
        self._write_hill()
        self._write_numbers(numbers)
        for name in self.network.species:
            self._write_species(name)
        for i, reaction in enumerate(self.network.reactions, start=1):
            if self.is_species(reaction.anchor):
                self._write_reaction(f"r_{i}", reaction)
            else:
                self._add_change(reaction)
        for name, observable in self.network.observables.items():
            size = unit(observable.unit).dimension
            self.parameter(sid("o", name), name, size, constant=False)
            rule = self.model.createAssignmentRule()
            rule.setVariable(sid("o", name))
            rule.setMath(self.math.tree(observable.expression, size))

    # -- questions ---------------------------------------------------------------------------------------------

    def is_species(self, name: str) -> bool:
        """Whether SBML can hold it as a species (else it is a parameter with a rate rule)."""
        return self._counted_in(name) is not None

    def _counted_in(self, name: str) -> Dimension | None:
        """The dimension of the amount of a species, None if SBML counts no such thing."""
        size = self.sizes[f"[{name}]"]
        amount = size if size in SUBSTANCES else joined(size, LITRE)
        return amount if amount in SUBSTANCES else None

    def amount(self, name: str) -> Dimension:
        """The dimension of a species times that of its compartment."""
        size = self.sizes[f"[{name}]"]
        return size if self._compartments[name] in self._dimensionless else joined(size, LITRE)

    def volume(self, name: str) -> Any:
        """A reference to the compartment of a species."""
        return self.math.name(self._compartments[name])

    # -- parts ---------------------------------------------------------------------------------------------------

    def parameter(self, identifier: str, name: str, size: Dimension, *, constant: bool = True) -> Any:
        """A new parameter, without a value yet."""
        parameter = self.model.createParameter()
        parameter.setId(identifier)
        parameter.setName(name)
        parameter.setUnits(self.units.of(size))
        parameter.setConstant(constant)
        return parameter

    def _assign(self, identifier: str, tree: Any) -> None:
        assignment = self.model.createInitialAssignment()
        assignment.setSymbol(identifier)
        assignment.setMath(tree)

    def _write_hill(self) -> None:
        network = self.network
        read = [reaction.rate for reaction in network.reactions]
        read += [derived.expression for derived in network.derived.values()]
        read += [observable.expression for observable in network.observables.values()]
        for name, species in network.species.items():
            read += [species.initial, network.volume(name)]
        if any(("call", "hill") in expression.items for expression in read):
            function = self.model.createFunctionDefinition()
            function.setId(HILL)
            function.setMath(self.math.hill())

    def _write_numbers(self, numbers: Mapping[str, float]) -> None:
        for name, number in numbers.items():
            parameter = self.parameter(sid("p", name), name, self.sizes[name])
            parameter.setValue(number)
        for name, derived in self.network.derived.items():
            parameter = self.parameter(sid("p", name), name, self.sizes[name])
            constant = _constant(derived.expression)
            if constant is None:
                self._assign(sid("p", name), self.math.tree(derived.expression, self.sizes[name]))
            else:
                parameter.setValue(constant)

    def _write_species(self, name: str) -> None:
        species, size = self.network.species[name], self.sizes[f"[{name}]"]
        constant = _constant(species.initial)
        compartment = self._compartments[name] = self._compartment(name)
        counted = self._counted_in(name)
        identifier = sid("s", name)
        if counted is None:
            made = self.parameter(identifier, name, size, constant=False)
            if constant is not None:
                made.setValue(constant)
        else:
            made = self.model.createSpecies()
            made.setId(identifier)
            made.setName(name)
            made.setCompartment(compartment)
            made.setSubstanceUnits(self.units.of(counted))
            made.setHasOnlySubstanceUnits(False)
            made.setBoundaryCondition(False)
            made.setConstant(False)
            if constant is not None:
                made.setInitialConcentration(constant)
            if counted != NMOL:
                made.setConversionFactor(self._conversion(counted))
        if constant is None:
            self._assign(identifier, self.math.tree(species.initial, size))

    def _compartment(self, name: str) -> str:
        """The compartment of a species: one per place and volume, in litres, or without unit where the
        species' own unit is an amount or none."""
        place = name.partition("@")[2]
        volume = self.network.volume(name)
        bare = self.sizes[f"[{name}]"] in SUBSTANCES
        words = [place] if self.network.places.get(place) == volume else [place, str(volume)]
        title = ", ".join(filter(None, [*words, "without unit" if bare else ""]))
        identifier = sid("c", title)
        if bare:
            self._dimensionless.add(identifier)
        if self.model.getCompartment(identifier) is None:
            made = self.model.createCompartment()
            made.setId(identifier)
            made.setName(title)
            made.setSpatialDimensions(3)
            made.setUnits("dimensionless" if bare else self.units.of(LITRE))
            made.setConstant(True)
            constant = _constant(volume)
            if constant is None:
                tree = self.math.tree(volume, LITRE)
                self._assign(identifier, self.math.apply("/", tree, self.math.number(1, LITRE)) if bare else tree)
            else:
                made.setSize(constant)
        return identifier

    def _conversion(self, counted: Dimension) -> str:
        """The parameter that turns nmol, the unit of all extents, into the unit a species is counted in."""
        size = joined(counted, NMOL, -1)
        identifier = f"conversion_{self.units.of(size)}"
        if self.model.getParameter(identifier) is None:
            self.parameter(identifier, identifier, size).setValue(1)
        return identifier

    def _write_reaction(self, identifier: str, reaction: Reaction) -> None:
        made = self.reaction(identifier, reaction.scheme, "<->" in reaction.scheme)
        for create, side in ((made.createReactant, reaction.reactants), (made.createProduct, reaction.products)):
            for name, count in side:
                self._reference(create(), name, count)
        modifiers = (s for s in self.network.species if s in reaction.rate.species and s not in reaction.species)
        for name in filter(self.is_species, modifiers):
            made.createModifier().setSpecies(sid("s", name))
        size = joined(self.sizes[f"[{reaction.anchor}]"], HOUR, -1)
        rate = self.math.apply("*", self.math.tree(reaction.rate, size), self.volume(reaction.anchor))
        made.createKineticLaw().setMath(self.extent(rate, reaction.anchor))

    def reaction(self, identifier: str, name: str, reversible: bool) -> Any:
        """A new reaction, without sides and law."""
        made = self.model.createReaction()
        made.setId(identifier)
        made.setName(name)
        made.setReversible(reversible)
        return made

    def supply(self, identifier: str, title: str, name: str, rate: Any) -> None:
        """A flow of `rate` (amount per h) into a species: a reaction, or a term of its rate rule."""
        if self.is_species(name):
            made = self.reaction(identifier, title, reversible=False)
            self._reference(made.createProduct(), name, 1)
            made.createKineticLaw().setMath(self.extent(rate, name))
        else:
            self._change(name, self.math.apply("/", rate, self.volume(name)))

    def finish(self) -> None:
        """The rate rules, once every flow is known."""
        for name, tree in self._changes.items():
            rule = self.model.createRateRule()
            rule.setVariable(sid("s", name))
            rule.setMath(tree)

    def _reference(self, reference: Any, name: str, count: int) -> None:
        reference.setSpecies(sid("s", name))
        reference.setStoichiometry(count)
        reference.setConstant(True)

    def extent(self, rate: Any, name: str) -> Any:
        """A rate of amount as one of extent (nmol/h)."""
        counted = self._counted_in(name)
        if counted is None or counted == NMOL:
            return rate
        return self.math.apply("/", rate, self.math.name(self._conversion(counted)))

    def _add_change(self, reaction: Reaction) -> None:
        size = joined(self.sizes[f"[{reaction.anchor}]"], HOUR, -1)
        for name, count in reaction.stoichiometry.items():
            tree = self.math.tree(reaction.rate, size)
            if self._compartments[name] != self._compartments[reaction.anchor]:
                share = self.math.apply("/", self.volume(reaction.anchor), self.volume(name))
                tree = self.math.apply("*", tree, share)
            if count != 1:
                tree = self.math.apply("*", self.math.number(count), tree)
            self._change(name, tree)

    def _change(self, name: str, tree: Any) -> None:
        known = self._changes.get(name)
        self._changes[name] = tree if known is None else self.math.apply("+", known, tree)


def _constant(expression: Expression) -> float | None:
    """The number of an expression that reads nothing."""
    return None if expression.parameters else float(expression.evaluate({}))
