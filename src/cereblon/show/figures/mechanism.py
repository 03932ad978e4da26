"""The mechanism of action, drawn from the network and what flowed through it (figure 1 of the guide).

A node is a stack of its parts; an arrow is as wide as the logarithm of the molecules that passed, and says
how many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cereblon.network.network import Network
from cereblon.show.figures.lines import inline
from cereblon.show.figures.pathway import LOST, MADE, Arrow, Node, Pathway, pathway
from cereblon.show.figures.theme import INK, QUIET, colours, name, themed

if TYPE_CHECKING:
    pass

PITCH, RISE, WIDTH, BLOCK = 154.0, 128.0, 108.0, 24.0  # pixels: column, row, node, height of one part
MARGIN_X, TOP, STUB = 58.0, 30.0, 36.0
SUBSTRATES = ("#4B4FA3", "#7E4A94", "#3F6E8C", "#6B5B95", "#54638C", "#7A6A58", "#5C7285")
CEREBLON, CLOSED, CHAIN, MACHINE, LIGASE = "#BFDCD5", "#00695C", "#F0C24B", "#444444", "#7B8794"
ARROWS = {
    "binding": "#4D4D4D",
    "change": "#4D4D4D",
    "transport": "#4D4D4D",
    "ubiquitination": "#B8860B",
    "degradation": "#B03A2E",
    "recycling": "#2E8B57",
    "release": "#A6A6A6",
    "deubiquitination": "#A6A6A6",
    "synthesis": "#A6A6A6",
    "loss": "#A6A6A6",
}
STAGES = {(2, 0, 0): "bound, still open", (2, 1, 0): "bound and closed", (3, 1, 0): "ternary complex"}


def mechanism_chart(network: Network, flux: Sequence[float]) -> Any:
    """Draw a network with what each reaction turned over (`flux`, nM of the cell, in the network's order).

    Arrows that carry less than 1 % of the largest flow of their kind are left out.
    """
    picture = pathway(network, flux)
    return _drawn(picture)


def _drawn(picture: Pathway) -> Any:
    import altair as alt

    nodes = {k: n for k, n in picture.nodes.items() if not k.startswith((MADE, LOST))}
    arrows = _shown(picture)
    lowest = min(n.row for n in nodes.values())
    boxes = {key: _Box(node, lowest) for key, node in nodes.items()}
    colour = _part_colours(picture)
    paths = [path for path in (_path(a, boxes, nodes) for a in arrows) if path]
    paths += [_help(h, a, boxes) for a in arrows if a.kind == "ubiquitination" for h in a.helpers if h in boxes]
    right = max(b.x for b in boxes.values()) + MARGIN_X
    bottom = max([b.bottom for b in boxes.values()] + [y for p in paths for _, y in p.points]) + 30
    key_lines, key_words = _key(paths, bottom)
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, right], nice=False, zero=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[bottom, 0], nice=False, zero=False), axis=None)

    def pinned(field: str) -> Any:
        return alt.Color(f"{field}:N", scale=None)

    lines = (
        alt.Chart(inline(r for p in (*paths, *key_lines) for r in p.line_rows()))
        .mark_line(strokeCap="butt")
        .encode(
            x,
            y,
            detail="path:N",
            order="step:Q",
            color=pinned("colour"),
            strokeWidth=alt.StrokeWidth("width:Q", scale=None),
            strokeDash=alt.StrokeDash(
                "dash:N", scale=alt.Scale(domain=["solid", "dashed"], range=[[1, 0], [4, 3]]), legend=None
            ),
            tooltip=["what:N", "passed:N"],
        )
    )
    heads = (
        alt.Chart(inline(p.head_row() for p in (*paths, *key_lines) if p.headed))
        .mark_point(shape="triangle-right", filled=True, opacity=1)
        .encode(
            x,
            y,
            color=pinned("colour"),
            angle=alt.Angle("angle:Q", scale=None),
            size=alt.Size("size:Q", scale=None),
        )
    )
    numbers = [p.label_row() for p in paths if p.label]
    halo = (
        alt.Chart(inline(numbers))
        .mark_text(fontSize=10.5, stroke="white", strokeWidth=4, strokeJoin="round")
        .encode(x, y, text="label:N")
    )
    labels = alt.Chart(inline(numbers)).mark_text(fontSize=10.5).encode(x, y, text="label:N", color=pinned("ink"))
    blocks = [row for key, box in boxes.items() for row in _block_rows(nodes[key], box, colour)]
    rects = (
        alt.Chart(inline(blocks))
        .mark_rect(cornerRadius=4, stroke="white", strokeWidth=1.5, opacity=1)
        .encode(x, y, x2="x2:Q", y2="y2:Q", fill=alt.Fill("colour:N", scale=None), tooltip=["meaning:N"])
    )
    for row in blocks:
        row.update(cx=(row["x"] + row["x2"]) / 2, cy=(row["y"] + row["y2"]) / 2)
    words = (
        alt.Chart(inline(blocks))
        .mark_text(fontSize=11, fontWeight="bold")
        .encode(x.copy(deep=True), y.copy(deep=True), text="text:N", color=pinned("ink"))
    )
    words.encoding.x.shorthand, words.encoding.y.shorthand = "cx:Q", "cy:Q"
    heading = (
        alt.Chart(inline(_headings(boxes, nodes)))
        .mark_text(fontSize=11.5, color=QUIET, fontStyle="italic", baseline="top")
        .encode(x, y, text="text:N")
    )
    keys = alt.Chart(inline(key_words)).mark_text(fontSize=11, align="left", color=INK).encode(x, y, text="text:N")
    layers = alt.layer(lines, heads, rects, words, halo, labels, heading, keys).properties(width=right, height=bottom)
    return themed(layers)


class _Box:
    """Where a node stands, in pixels."""

    def __init__(self, node: Node, lowest: float) -> None:
        self.count = len(node.parts) + int(node.chained)
        self.height = BLOCK * self.count
        self.x = MARGIN_X + PITCH * node.column
        self.y = TOP + 56 + STUB + RISE * (node.row - lowest)
        self.row = node.row

    @property
    def top(self) -> float:
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height / 2

    def edge(self, towards_x: float, towards_y: float, gap: float = 3.0) -> tuple[float, float]:
        """Where a straight line from the middle to that point leaves the box."""
        dx, dy = towards_x - self.x, towards_y - self.y
        w, h = WIDTH / 2 + gap, self.height / 2 + gap
        scale = min(w / abs(dx) if dx else math.inf, h / abs(dy) if dy else math.inf)
        return self.x + dx * min(scale, 1), self.y + dy * min(scale, 1)


class _Path:
    """One arrow in pixels."""

    def __init__(
        self,
        arrow: Arrow,
        points: list[tuple[float, float]],
        *,
        name: str,
        label: str,
        side: float,
        headed: bool = True,
    ) -> None:
        self.arrow, self.points, self.name, self.label, self.headed = arrow, points, name, label, headed
        self.side = side  # the label stands left (-1) or right (1) of an upright line, above or below another
        self.width = 1.0 if not headed else min(7.0, 1.2 + 1.25 * max(0.0, math.log10(max(arrow.flux, 1e-9))))
        self.colour = ARROWS.get(arrow.kind, QUIET) if headed else LIGASE

    def line_rows(self) -> list[dict[str, Any]]:
        points = list(self.points)
        if self.headed:  # the line ends inside its head
            (x0, y0), (x1, y1) = points[-2:]
            length = math.hypot(x1 - x0, y1 - y0) or 1.0
            cut = min(self.head * 0.75, length * 0.9)
            points[-1] = (x1 - (x1 - x0) / length * cut, y1 - (y1 - y0) / length * cut)
        what = "; ".join(self.arrow.schemes[:4]) + (" …" if len(self.arrow.schemes) > 4 else "")
        common = {
            "path": self.name,
            "colour": self.colour,
            "width": self.width,
            "what": what,
            "dash": "solid" if self.headed else "dashed",
            "passed": f"{_figures(self.arrow.flux)} nM",
        }
        return [{"x": round(x, 1), "y": round(y, 1), "step": i, **common} for i, (x, y) in enumerate(points)]

    @property
    def free(self) -> tuple[float, float]:
        """The end of a stub that touches no node."""
        return self.points[0] if self.arrow.kind == "synthesis" else self.points[-1]

    @property
    def head(self) -> float:
        return 6.0 + 1.3 * self.width

    def head_row(self) -> dict[str, Any]:
        (x0, y0), (x1, y1) = self.points[-2:]
        angle = math.degrees(math.atan2(y1 - y0, x1 - x0))
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        size = self.head
        return {
            "x": round(x1 - (x1 - x0) / length * size / 2, 1),
            "y": round(y1 - (y1 - y0) / length * size / 2, 1),
            "angle": round(angle, 1),
            "size": round(1.0 * size**2, 1),
            "colour": self.colour,
        }

    def label_row(self) -> dict[str, Any]:
        if self.arrow.kind in ("synthesis", "loss"):  # beyond the free end
            (x, near), (_, far) = sorted((self.points[0], self.points[-1]), key=lambda p: p == self.free)
            return {"x": x, "y": far + (9 if far > near else -9), "label": self.label, "ink": INK}
        middle = len(self.points) // 2
        (x0, y0), (x1, y1) = self.points[middle - 1], self.points[middle]
        if len(self.points) == 3:
            (x0, y0), (x1, y1) = self.points[0], self.points[-1]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        nx, ny = (y1 - y0) / length, -(x1 - x0) / length
        along = nx if abs(ny) <= 0.2 else ny
        nx, ny = (nx, ny) if along * self.side > 0 else (-nx, -ny)
        off = self.width / 2 + 8 + abs(nx) * 3.2 * len(self.label)
        t = {"recycling": 0.2, "release": 0.35}.get(self.arrow.kind, 0.5)
        t = 0.72 if self.arrow.kind == "binding" and abs(ny) < 0.95 else t
        x, y = x0 + (x1 - x0) * t + nx * off, y0 + (y1 - y0) * t + ny * off
        return {"x": round(x, 1), "y": round(y, 1), "label": self.label, "ink": INK}


def _shown(picture: Pathway) -> list[Arrow]:
    most: dict[str, float] = {}
    kin = {"release": "binding", "loss": "synthesis"}
    for arrow in picture.arrows:
        kind = kin.get(arrow.kind, arrow.kind)
        most[kind] = max(most.get(kind, 0.0), arrow.flux)
    always = ("transport", "change", "binding", "synthesis")
    shown = []
    for arrow in picture.arrows:
        least = 0.01 * most.get(kin.get(arrow.kind, arrow.kind), 0.0)
        if arrow.kind == "loss":  # the basal loss of what is on its way is small beside what is made
            parts = set(picture.nodes[arrow.source].parts)
            least = 0.1 * sum(
                a.flux for a in picture.arrows if a.kind == "synthesis" and parts & set(picture.nodes[a.target].parts)
            )
        if arrow.kind in always or (arrow.flux > 0 and arrow.flux >= least):
            shown.append(arrow)
    return shown


def _path(arrow: Arrow, boxes: dict[str, _Box], nodes: dict[str, Node]) -> _Path | None:
    label = _figures(arrow.flux) + ("×" if arrow.source.startswith("CRL4") else "")
    key = f"{arrow.source}>{arrow.target}>{arrow.kind}"
    middle = sum(box.y for box in boxes.values() if box.row == 0) / max(1, sum(box.row == 0 for box in boxes.values()))
    if arrow.source.startswith(MADE):
        box = boxes[arrow.target]
        return _Path(arrow, _stub(box, inward=True), name=key, label=f"made {label}", side=-1)
    if arrow.target.startswith(LOST):
        box = boxes[arrow.source]
        return _Path(arrow, _stub(box, inward=False), name=key, label=f"lost {label}", side=1)
    if arrow.source not in boxes or arrow.target not in boxes:
        return None
    a, b = boxes[arrow.source], boxes[arrow.target]
    side = -1.0 if (a.y + b.y) / 2 <= middle else 1.0  # away from the middle, where most arrows meet
    if abs(a.x - b.x) < 1 or arrow.kind == "release":
        side = 1.0 if abs(a.x - b.x) < 1 else -side
    if arrow.kind == "recycling":
        return _Path(arrow, _round_trip(a, b), name=key, label=f"freed {label}", side=-1)
    if arrow.kind == "degradation" and len(nodes[arrow.source].parts) == 1:
        return _Path(arrow, _corner(a, b), name=key, label=label, side=side)
    bend = 12.0 if arrow.kind == "change" and abs(a.row - b.row) < 0.01 and a.count == 1 else 0.0
    if bend:
        side = -1.0 if a.x < b.x else 1.0
    return _Path(arrow, _curve(a, b, bend), name=key, label=label, side=side)


def _help(helper: str, arrow: Arrow, boxes: dict[str, _Box]) -> _Path:
    """A dashed line from what speeds a reaction to the middle of its arrow."""
    a, b, h = boxes[arrow.source], boxes[arrow.target], boxes[helper]
    middle = ((a.x + b.x) / 2, (a.y + b.y) / 2 + (4 if h.y > a.y else -4))
    start = (h.x - WIDTH / 2 + 8, h.top - 2 if middle[1] < h.y else h.bottom + 2)
    return _Path(arrow, [start, middle], name=f"{helper}>{arrow.source}", label="", side=0, headed=False)


def _stub(box: _Box, *, inward: bool) -> list[tuple[float, float]]:
    """A short arrow from or to nowhere, on the outer side of the box."""
    up = box.row <= 0
    x = box.x + (-30 if inward else 30)
    near = box.top - 3 if up else box.bottom + 3
    far = near - STUB if up else near + STUB
    return [(x, far), (x, near)] if inward else [(x, near), (x, far)]


def _curve(a: _Box, b: _Box, bend: float) -> list[tuple[float, float]]:
    """A straight line between two boxes, or a shallow curve `bend` pixels to its left."""
    (x0, y0), (x1, y1) = a.edge(b.x, b.y), b.edge(a.x, a.y)
    if not bend:
        return [(x0, y0), ((x0 + x1) / 2, (y0 + y1) / 2), (x1, y1)]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    cx = (x0 + x1) / 2 + (y1 - y0) / length * bend * 2
    cy = (y0 + y1) / 2 - (x1 - x0) / length * bend * 2
    steps = [i / 12 for i in range(13)]
    return [
        ((1 - t) ** 2 * x0 + 2 * t * (1 - t) * cx + t * t * x1, (1 - t) ** 2 * y0 + 2 * t * (1 - t) * cy + t * t * y1)
        for t in steps
    ]


def _corner(a: _Box, b: _Box) -> list[tuple[float, float]]:
    """Out to the right and round into the top or the bottom of the other box."""
    down = a.y < b.y
    x0, y0, x1 = a.x + WIDTH / 2 + 3, a.y, b.x + 20
    y1 = b.top - 3 if down else b.bottom + 3
    r = 26.0
    turn = [i * math.pi / 16 for i in range(9)]
    way = 1 if down else -1
    return [(x0, y0), *((x1 - r + r * math.sin(t), y0 + way * (r - r * math.cos(t))) for t in turn), (x1, y1)]


def _round_trip(a: _Box, b: _Box) -> list[tuple[float, float]]:
    """From the right back to the left, below what stands between."""
    y = max(a.y, b.y) + RISE * 0.42
    x0, x1, r = a.x - 14, b.x + 14, 16
    start, end = (x0, a.bottom + 3), (x1, b.bottom + 3)
    corner = [(x0 - r * (1 - math.cos(t)), y - r + r * math.sin(t)) for t in (0.0, 0.5, 1.0, math.pi / 2)]
    turn = [(x1 + r * (1 - math.sin(t)), y - r + r * math.cos(t)) for t in (0.0, 0.5, 1.0, math.pi / 2)]
    return [start, *corner, *turn, end]


def _block_rows(node: Node, box: _Box, colour: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
    texts = [(part, _word(part)) for part in node.parts]
    if node.chained:
        texts.append(("~", f"Ub 1–{node.forms}" if node.forms > 1 else "Ub"))
    rows = []
    for i, (part, text) in enumerate(texts):
        fill, ink = colour[part]
        y = box.top + i * BLOCK
        rows.append(
            {
                "x": box.x - WIDTH / 2,
                "x2": box.x + WIDTH / 2,
                "y": y,
                "y2": y + BLOCK,
                "text": text,
                "colour": fill,
                "ink": ink,
                "meaning": f"{node.key}: {node.meaning}".rstrip(": "),
            }
        )
    return rows


def _word(part: str) -> str:
    printed = name(part.rstrip("*"))
    if part.startswith("CRBN"):
        return f"{printed} closed" if part.endswith("*") else f"{printed} open"
    return f"{printed} + NEDD8" if part.endswith("*") else printed


def _part_colours(picture: Pathway) -> dict[str, tuple[str, str]]:
    """part -> (fill, ink): cereblon by its form, glues by their own colour, proteins that are made by turn."""
    parts = list(dict.fromkeys(p for n in picture.nodes.values() for p in n.parts))
    table: dict[str, tuple[str, str]] = {
        "CRBN": (CEREBLON, INK),
        "CRBN*": (CLOSED, "white"),
        "~": (CHAIN, INK),
        "proteasome": (MACHINE, "white"),
    }
    turn = iter(SUBSTRATES * 4)
    for part in parts:
        if part in table:
            continue
        if part in picture.lanes:
            table[part] = (next(turn), "white")
        elif part.startswith("CRL4"):
            table[part] = (LIGASE, "white")
        else:
            table[part] = (colours([part])[part], "white")
    return table


def _headings(boxes: dict[str, _Box], nodes: dict[str, Node]) -> list[dict[str, Any]]:
    """What each column is, from the stage of the nodes in it."""
    rows: dict[float, str] = {}
    for key, node in nodes.items():
        x = boxes[key].x
        if node.parts == ("proteasome",):
            rows[x] = "degradation"
        elif node.chained and len(node.parts) > 1:
            rows[x] = "ubiquitin chain"
        elif (node.stage in STAGES and "CRBN*" in node.parts) or (node.stage == (2, 0, 0) and node.row == 0):
            rows[x] = STAGES[node.stage]
    outside = {n.place for n in nodes.values() if len(n.parts) == 1} - {
        n.place for n in nodes.values() if len(n.parts) > 1
    }
    for key, node in nodes.items():
        if boxes[key].x not in rows and node.parts != ("proteasome",) and "*" not in node.parts[0]:
            rows[boxes[key].x] = name(node.place) if node.place in outside else "free in the cell"
    return [{"x": x, "y": 14, "text": text} for x, text in sorted(rows.items())]


KEY = {
    "binding": "enters, binds, closes, recruits",
    "ubiquitination": "gains ubiquitin",
    "degradation": "degraded by the 26S",
    "recycling": "glue and cereblon come free",
    "release": "made, lost, falls off, loses its chain",
}


def _key(paths: Sequence[_Path], bottom: float) -> tuple[list[_Path], list[dict[str, Any]]]:
    """What the colours of the arrows mean, at the lower left."""
    kinds = {p.arrow.kind for p in paths}
    kinds |= {"release"} if kinds & {"synthesis", "loss", "deubiquitination"} else set()
    shown = [(kind, text) for kind, text in KEY.items() if kind in kinds]
    entries: list[_Path] = []
    words = []
    dashed = [p for p in paths if not p.headed][:1]
    for i, (kind, text) in enumerate([*shown, *(("", "speeds up") for _ in dashed)]):
        y = bottom - 18 * (len(shown) + len(dashed) - i) - 4
        points = [(10.0, y), (24.0, y), (40.0, y)]
        arrow = Arrow("", "", kind, 30.0)
        entries.append(_Path(arrow, points, name=f"key {kind}", label="", side=0, headed=bool(kind)))
        words.append({"x": 50, "y": y, "text": text})
    return entries, words


def _figures(flux: float) -> str:
    """Two figures, in whole numbers where they are.

    >>> _figures(10374), _figures(3.14), _figures(0.012)
    ('10,000', '3.1', '0.012')
    """
    if flux <= 0:
        return "0"
    digits = 1 - math.floor(math.log10(flux))
    rounded = round(flux, digits)
    return (
        f"{rounded:,.0f}"
        if digits <= 0
        else f"{rounded:.{digits}f}".rstrip("0").rstrip(".")
        if rounded < 1
        else f"{rounded:g}"
    )
