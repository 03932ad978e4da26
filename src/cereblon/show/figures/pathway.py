"""The picture of a network, before it is drawn: reactions gathered into nodes and arrows, and laid out.

Everything comes from the reactions. Forms of one species that differ only in the length of their chain are
one node; a node's column is how far its assembly has come, its row the substrate that it carries; an arrow
is the sum of the reactions between two nodes, with the molecules that passed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cereblon.network.network import Network
from cereblon.network.reaction import Reaction, components

_CHAIN = re.compile(r"~[A-Za-z]+\d*")


@dataclass(frozen=True)
class Node:
    """Species drawn as one: `parts` from left to right (CRBN*, glue, IKZF1), `chained` with a chain,
    `forms` how many species it stands for. `column` and `row` are places on the grid."""

    key: str
    parts: tuple[str, ...]
    place: str = ""
    chained: bool = False
    forms: int = 1
    meaning: str = ""
    column: float = 0.0
    row: float = 0.0

    @property
    def stage(self) -> tuple[int, int, int]:
        """How far assembly has come: parts, active parts, chain."""
        return len(self.parts), sum(p.endswith("*") for p in self.parts), int(self.chained)


@dataclass(frozen=True)
class Arrow:
    """Reactions from one node to another: `kind` says what they do, `flux` how much passed (nM of the cell),
    `schemes` are the reactions, `helpers` the species that speed them and stay."""

    source: str
    target: str
    kind: str
    flux: float
    schemes: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pathway:
    """Nodes by key, and arrows; `lanes` are the proteins that are made and destroyed, each with its row."""

    nodes: Mapping[str, Node]
    arrows: tuple[Arrow, ...]
    lanes: Mapping[str, float] = field(default_factory=dict)


MADE, LOST = "made", "lost"


def pathway(network: Network, flux: Sequence[float]) -> Pathway:
    """The picture of `network`; `flux` is what each of its reactions turned over, in their order."""
    nodes = _nodes(network)
    arrows: dict[tuple[str, str, str], Arrow] = {}
    for reaction, amount in zip(network.reactions, flux, strict=True):
        for arrow in _arrows(reaction, amount, nodes):
            key = (arrow.source, arrow.target, arrow.kind)
            old = arrows.get(key)
            arrows[key] = arrow if old is None else _joined(old, arrow)
    netted = _net(arrows.values())
    for end in {a.source for a in netted} | {a.target for a in netted}:
        nodes.setdefault(end, Node(end, (end,)))
    return _laid_out(Pathway(nodes, netted))


def group(species: str) -> str:
    """The node of a species: its name without the length of its chain.

    >>> group("CRBN*:glue:IKZF1~Ub2@tumour")
    'CRBN*:glue:IKZF1~Ub@tumour'
    """
    return _CHAIN.sub(lambda chain: chain[0].rstrip("0123456789"), species)


def _nodes(network: Network) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for species, known in network.species.items():
        key = group(species)
        if key in nodes:
            nodes[key] = replace(nodes[key], forms=nodes[key].forms + 1)
            continue
        bare, _, place = species.partition("@")
        parts = tuple(_CHAIN.sub("", part) for part in bare.split(":"))
        nodes[key] = Node(key, parts, place, "~" in bare, 1, known.meaning)
    return nodes


def _arrows(reaction: Reaction, flux: float, nodes: Mapping[str, Node]) -> list[Arrow]:
    """The arrows of one reaction: from each reactant to what it becomes."""
    before = [group(n) for n, _ in reaction.reactants]
    after = [group(n) for n, _ in reaction.products]
    if flux < 0:
        before, after, flux = after, before, -flux
    helpers = _helpers(reaction)
    enzyme = next((h for h in helpers if h == "proteasome"), "")

    def arrow(source: str, target: str, kind: str) -> Arrow:
        return Arrow(source, target, kind, flux, (reaction.scheme,), tuple(h for h in helpers if h != enzyme))

    if not before:
        return [arrow(f"{MADE} {target}", target, "synthesis") for target in after]
    if not after or _content(after) != _content(before):
        gone = sorted(_content(before) - _content(after))
        end = enzyme or f"{LOST} {' '.join(gone)}{_place(before[0])}"
        kind = "degradation" if enzyme else "loss"
        freed = [arrow(enzyme, target, "recycling") for target in after] if enzyme else [
            arrow(source, target, "release") for source in before for target in after
        ]  # fmt: skip
        return [arrow(source, end, kind) for source in before] + freed
    pairs = [(s, t) for s in before for t in after if s != t and _content([s]) & _content([t])]
    return [arrow(s, t, _kind(nodes[s], nodes[t])) for s, t in pairs]


def _helpers(reaction: Reaction) -> tuple[str, ...]:
    """Species and enzymes that a rate reads and the scheme does not hold, a whole queue or sum left out."""
    inside = {group(s) for s in reaction.species}
    own = {part for s in reaction.species for part in components(s)}
    read = [group(s) for s in sorted(reaction.rate.species) if group(s) not in inside]
    species = [s for s in read if ":" not in s and "~" not in s]
    named = {p.split(".")[0] for p in reaction.rate.parameters}
    return tuple(dict.fromkeys([*species, *sorted((named - own) & {"proteasome"})]))


def _content(names: Sequence[str]) -> set[str]:
    return {part for name in names for part in components(name)}


def _place(species: str) -> str:
    _, at, place = species.partition("@")
    return at + place


def _kind(source: Node, target: Node) -> str:
    if len(source.parts) != len(target.parts):
        return "binding" if len(source.parts) < len(target.parts) else "release"
    if source.place != target.place:
        return "transport"
    if source.chained != target.chained:
        return "ubiquitination" if target.chained else "deubiquitination"
    return "change"


def _joined(a: Arrow, b: Arrow) -> Arrow:
    return replace(
        a,
        flux=a.flux + b.flux,
        schemes=a.schemes + b.schemes,
        helpers=tuple(dict.fromkeys(a.helpers + b.helpers)),
    )


def _net(arrows: object) -> tuple[Arrow, ...]:
    """Arrows between the same two nodes and of opposite ways, as the one that remains."""
    left: dict[tuple[str, str], Arrow] = {}
    out: list[Arrow] = []
    for arrow in arrows:  # type: ignore[attr-defined]
        if arrow.kind not in ("binding", "release"):
            out.append(arrow)
            continue
        there, back = (arrow.source, arrow.target), (arrow.target, arrow.source)
        if back in left:
            other = left.pop(back)
            more, less = (other, arrow) if other.flux >= arrow.flux else (arrow, other)
            left[more.source, more.target] = replace(
                more, flux=more.flux - less.flux, schemes=more.schemes + less.schemes
            )
        elif there in left:
            left[there] = _joined(left[there], arrow)
        else:
            left[there] = arrow
    return (*left.values(), *out)


# -- the grid ------------------------------------------------------------------------------------------------


def _laid_out(picture: Pathway) -> Pathway:
    turned = [replace(a, source=a.target, target=a.source) if a.kind == "release" else a for a in picture.arrows]
    forward = [a for a in turned if _forward(picture.nodes, a)]
    column = _columns(picture.nodes, forward)
    lanes = _lanes(picture, column)
    placed = {k: replace(n, column=column[k], row=_row(n, lanes)) for k, n in picture.nodes.items()}
    _put_aside(placed, picture.arrows, lanes)
    return Pathway(placed, picture.arrows, lanes)


def _forward(nodes: Mapping[str, Node], arrow: Arrow) -> bool:
    """Whether the arrow takes assembly on: those give the columns, all others may run back."""
    start = nodes.get(arrow.source)
    if start is not None and start.chained and len(start.parts) == 1:
        return False  # stands aside, see _put_aside
    if arrow.kind in ("transport", "degradation"):
        return True
    a, b = nodes.get(arrow.source), nodes.get(arrow.target)
    return (
        a is not None
        and b is not None
        and arrow.kind in ("binding", "release", "change", "ubiquitination")
        and a.stage < b.stage
    )


def _columns(nodes: Mapping[str, Node], forward: Sequence[Arrow]) -> dict[str, float]:
    """The longest way to each node; what only enters a reaction stands just left of it."""
    column = dict.fromkeys(nodes, 0.0)
    entered = {a.target for a in forward}
    for _ in nodes:
        for arrow in forward:
            column[arrow.target] = max(column[arrow.target], column[arrow.source] + 1)
        for key in nodes:
            following = [column[a.target] for a in forward if a.source == key]
            if key not in entered and following:
                column[key] = max(following) - 1
    return column


def _lanes(picture: Pathway, column: Mapping[str, float]) -> dict[str, float]:
    """A row for each protein that is made: above and below in turn, one row for two that never meet."""
    made = [p for a in picture.arrows if a.kind == "synthesis" for p in picture.nodes[a.target].parts]
    spans: dict[str, tuple[float, float]] = {}
    for protein in dict.fromkeys(made):
        inside = [
            column[k] for k, n in picture.nodes.items() if protein in n.parts and not (n.chained and len(n.parts) == 1)
        ]
        spans[protein] = min(inside), max(inside)
    lanes: dict[str, float] = {}
    for protein in sorted(spans, key=lambda p: -spans[p][1]):
        for row in (-1.0, 1.0, -2.0, 2.0, -3.0, 3.0, -4.0, 4.0):
            taken = [spans[other] for other, r in lanes.items() if r == row]
            if all(high < spans[protein][0] or spans[protein][1] < low for low, high in taken):
                lanes[protein] = row
                break
    return lanes


def _row(node: Node, lanes: Mapping[str, float]) -> float:
    rows = [lanes[p] for p in node.parts if p in lanes]
    return rows[-1] if rows else 0.0


def _put_aside(nodes: dict[str, Node], arrows: Sequence[Arrow], lanes: Mapping[str, float]) -> None:
    """Places for what stands outside the grid: chains off the ligase, sources and sinks, helpers."""
    for key, node in list(nodes.items()):
        outward = 1.0 if node.row > 0 else -1.0
        if node.chained and len(node.parts) == 1:
            held = [n for n in nodes.values() if n.chained and node.parts[0] in n.parts and len(n.parts) > 1]
            at = min((n.column for n in held), default=node.column + 1)
            nodes[key] = replace(node, column=at, row=node.row + outward * 1.05)
    helped = [(h, a) for a in arrows for h in a.helpers if h in nodes and a.kind == "ubiquitination"]
    for helper in dict.fromkeys(h for h, _ in helped):
        at = max(nodes[a.target].column for h, a in helped if h == helper)
        inactive = next((a.source for a in arrows if a.kind == "change" and a.target == helper), None)
        nodes[helper] = replace(nodes[helper], column=at, row=0.0)
        if inactive:
            nodes[inactive] = replace(nodes[inactive], column=at - 1, row=0.0)
    shared: dict[tuple[float, float], list[str]] = {}
    for key, node in nodes.items():
        if not key.startswith((MADE, LOST)):
            shared.setdefault((node.column, node.row), []).append(key)
    for keys in shared.values():
        for i, key in enumerate(keys):
            shift = (i - (len(keys) - 1) / 2) * 0.8
            nodes[key] = replace(nodes[key], row=nodes[key].row + shift)
