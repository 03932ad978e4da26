"""A reaction as the field writes it: a scheme and its rate.

    CRBN*:mezigdomide + IKZF1 <-> CRBN*:mezigdomide:IKZF1     mass action both ways
    0 -> IKZF1                                                synthesis
    CRBN*:mezigdomide:IKZF1~Ub4 -> CRBN*:mezigdomide + 0      IKZF1 destroyed, and said so with 0

`A:B` is a complex, `X*` an active or closed form, `X~Ub2` a modification, `@place` a place, `0` nothing,
`2 X` two of them. A reversible scheme becomes one net rate, forward minus reverse.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cereblon.ground.errors import SchemeError
from cereblon.network.expression import SPECIES_PATTERN, Expression, parse

MAX_SCHEME = 2_000
_TERM = re.compile(r"(?:(?P<count>[1-9][0-9]?)\s+)?(?P<name>\S+)")


@dataclass(frozen=True)
class Reaction:
    """`reactants -> products` with counts, the net `rate` (concentration of the reaction's place per hour) and
    the `anchor`: the species whose volume turns that rate into an amount."""

    scheme: str
    reactants: tuple[tuple[str, int], ...]
    products: tuple[tuple[str, int], ...]
    rate: Expression
    anchor: str
    open: bool
    forward: Expression | None = None
    reverse: Expression | None = None

    @property
    def stoichiometry(self) -> Mapping[str, int]:
        """Net change of every species in one event; catalysts are left out."""
        change = Counter(dict(self.products))
        change.subtract(dict(self.reactants))
        return {name: count for name, count in change.items() if count}

    @property
    def species(self) -> tuple[str, ...]:
        """Every species of the scheme, in the order written, once."""
        return tuple(dict.fromkeys(name for name, _ in (*self.reactants, *self.products)))

    def rename(self, parameter: Callable[[str], str], species: Callable[[str], str]) -> Reaction:
        """A copy with every name passed through the two functions."""

        def side(terms: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
            return tuple((species(name), count) for name, count in terms)

        def changed(expression: Expression | None) -> Expression | None:
            return expression and expression.rename(parameter, species)

        reactants, products = side(self.reactants), side(self.products)
        return Reaction(
            _scheme_text(reactants, products, "<->" in self.scheme, self.open),
            reactants,
            products,
            self.rate.rename(parameter, species),
            species(self.anchor),
            self.open,
            changed(self.forward),
            changed(self.reverse),
        )


def _scheme_text(
    reactants: tuple[tuple[str, int], ...], products: tuple[tuple[str, int], ...], reversible: bool, is_open: bool
) -> str:
    arrow = "<->" if reversible else "->"
    return f"{_side_text(reactants, '')} {arrow} {_side_text(products, '0' if is_open and reactants else '')}"


def _side_text(terms: tuple[tuple[str, int], ...], nothing: str) -> str:
    written = [name if count == 1 else f"{count} {name}" for name, count in terms]
    return " + ".join([*written, nothing] if nothing and terms else written) or "0"


def components(species: str) -> Counter[str]:
    """What a species is made of: entities counted, forms, modifications and place dropped.

    >>> sorted(components("CRBN*:mezigdomide:IKZF1~Ub2@tumour").items())
    [('CRBN', 1), ('IKZF1', 1), ('mezigdomide', 1)]
    """
    return Counter(part.split("~")[0].rstrip("*") for part in species.split("@")[0].split(":"))


def reaction(
    scheme: str,
    *,
    forward: str | None = None,
    reverse: str | None = None,
    rate: str | None = None,
    anchor: str | None = None,
) -> Reaction:
    """Read one reaction; see `Network.reaction` for the meaning of the arguments.

    Raises SchemeError when the scheme or a rate cannot be read, or the rate does not fit the arrow.
    """
    if not isinstance(scheme, str) or len(scheme) > MAX_SCHEME:
        raise SchemeError(
            "cannot read a reaction", found=repr(scheme)[:80], expected=f"text of at most {MAX_SCHEME} characters"
        )
    reversible = "<->" in scheme
    sides = scheme.split("<->" if reversible else "->")
    if len(sides) != 2:
        raise _wrong(scheme, "no single arrow", "one '->' or '<->'")
    reactants, products = (_side(scheme, side) for side in sides)
    is_open = any("0" in [term.strip() for term in side.split(" + ")] for side in sides)
    if not reactants and not products:
        raise _wrong(scheme, "nothing on either side", "at least one species")
    anchor = anchor or (reactants or products)[0][0]
    written = _scheme_text(reactants, products, reversible, is_open)
    if rate is not None:
        if forward is not None or reverse is not None:
            raise _wrong(scheme, "rate= beside forward= or reverse=", "either a whole rate or mass-action constants")
        return Reaction(written, reactants, products, parse(rate), anchor, is_open)
    if forward is None:
        raise _wrong(scheme, "no rate", "forward= (and reverse= for '<->'), or rate=")
    if reversible != (reverse is not None):
        raise _wrong(scheme, "reverse= given" if reverse else "no reverse=", "reverse= exactly when the arrow is '<->'")
    k_forward = parse(forward)
    net = _mass_action(k_forward, reactants)
    k_reverse = parse(reverse) if reverse is not None else None
    if k_reverse is not None:
        net = net.minus(_mass_action(k_reverse, products))
    return Reaction(written, reactants, products, net, anchor, is_open, k_forward, k_reverse)


def _mass_action(constant: Expression, terms: tuple[tuple[str, int], ...]) -> Expression:
    for name, count in terms:
        for _ in range(count):
            constant = constant.times(Expression((("species", name),)))
    return constant


def _side(scheme: str, text: str) -> tuple[tuple[str, int], ...]:
    counts: Counter[str] = Counter()
    for term in text.strip().split(" + "):
        if term.strip() == "0":
            continue
        match = _TERM.fullmatch(term.strip())
        if match is None or not SPECIES_PATTERN.fullmatch(match["name"]):
            raise _wrong(scheme, f"{term.strip()!r}", "species such as CRBN*:glue, joined by ' + '")
        counts[match["name"]] += int(match["count"] or 1)
    return tuple(counts.items())


def _wrong(scheme: str, found: str, expected: str) -> SchemeError:
    return SchemeError(
        "cannot read a reaction",
        where=repr(scheme if len(scheme) <= 120 else scheme[:117] + "..."),
        found=found,
        expected=expected,
        example="CRBN + glue <-> CRBN:glue",
    )
