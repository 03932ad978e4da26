"""The boxes and arrows of a drawn pathway, in pixels: where they stand, how they bend, what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cereblon.show.figures.pathway import LOST, MADE, Arrow, Node
from cereblon.show.figures.theme import INK, QUIET

PITCH, RISE, WIDTH, BLOCK = 154.0, 128.0, 108.0, 24.0  # pixels: column, row, node, height of one part
MARGIN_X, TOP, STUB = 58.0, 30.0, 36.0
LIGASE = "#7B8794"
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
KEY = {
    "binding": "enters, binds, closes, recruits",
    "ubiquitination": "gains ubiquitin",
    "degradation": "degraded by the 26S",
    "recycling": "glue and cereblon come free",
    "release": "made, lost, falls off, loses its chain",
}


class Box:
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


class Path:
    """One arrow: its points, its width by the logarithm of what passed, and where its number stands."""

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
            "passed": f"{amount(self.arrow.flux)} nM",
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


def path_of(arrow: Arrow, boxes: dict[str, Box], nodes: dict[str, Node]) -> Path | None:
    label = amount(arrow.flux) + ("×" if arrow.source.startswith("CRL4") else "")
    key = f"{arrow.source}>{arrow.target}>{arrow.kind}"
    middle = sum(box.y for box in boxes.values() if box.row == 0) / max(1, sum(box.row == 0 for box in boxes.values()))
    if arrow.source.startswith(MADE):
        box = boxes[arrow.target]
        return Path(arrow, _stub(box, inward=True), name=key, label=f"made {label}", side=-1)
    if arrow.target.startswith(LOST):
        box = boxes[arrow.source]
        return Path(arrow, _stub(box, inward=False), name=key, label=f"lost {label}", side=1)
    if arrow.source not in boxes or arrow.target not in boxes:
        return None
    a, b = boxes[arrow.source], boxes[arrow.target]
    side = -1.0 if (a.y + b.y) / 2 <= middle else 1.0  # away from the middle, where most arrows meet
    if abs(a.x - b.x) < 1 or arrow.kind == "release":
        side = 1.0 if abs(a.x - b.x) < 1 else -side
    if arrow.kind == "recycling":
        return Path(arrow, _round_trip(a, b), name=key, label=f"freed {label}", side=-1)
    if arrow.kind == "degradation" and len(nodes[arrow.source].parts) == 1:
        return Path(arrow, _corner(a, b), name=key, label=label, side=side)
    bend = 12.0 if arrow.kind == "change" and abs(a.row - b.row) < 0.01 and a.count == 1 else 0.0
    if bend:
        side = -1.0 if a.x < b.x else 1.0
    return Path(arrow, _curve(a, b, bend), name=key, label=label, side=side)


def help_line(helper: str, arrow: Arrow, boxes: dict[str, Box]) -> Path:
    """A dashed line from what speeds a reaction to the middle of its arrow."""
    a, b, h = boxes[arrow.source], boxes[arrow.target], boxes[helper]
    middle = ((a.x + b.x) / 2, (a.y + b.y) / 2 + (4 if h.y > a.y else -4))
    start = (h.x - WIDTH / 2 + 8, h.top - 2 if middle[1] < h.y else h.bottom + 2)
    return Path(arrow, [start, middle], name=f"{helper}>{arrow.source}", label="", side=0, headed=False)


def _stub(box: Box, *, inward: bool) -> list[tuple[float, float]]:
    """A short arrow from or to nowhere, on the outer side of the box."""
    up = box.row <= 0
    x = box.x + (-30 if inward else 30)
    near = box.top - 3 if up else box.bottom + 3
    far = near - STUB if up else near + STUB
    return [(x, far), (x, near)] if inward else [(x, near), (x, far)]


def _curve(a: Box, b: Box, bend: float) -> list[tuple[float, float]]:
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


def _corner(a: Box, b: Box) -> list[tuple[float, float]]:
    """Out to the right and round into the top or the bottom of the other box."""
    down = a.y < b.y
    x0, y0, x1 = a.x + WIDTH / 2 + 3, a.y, b.x + 20
    y1 = b.top - 3 if down else b.bottom + 3
    r = 26.0
    turn = [i * math.pi / 16 for i in range(9)]
    way = 1 if down else -1
    return [(x0, y0), *((x1 - r + r * math.sin(t), y0 + way * (r - r * math.cos(t))) for t in turn), (x1, y1)]


def _round_trip(a: Box, b: Box) -> list[tuple[float, float]]:
    """From the right back to the left, below what stands between."""
    y = max(a.y, b.y) + RISE * 0.42
    x0, x1, r = a.x - 14, b.x + 14, 16
    start, end = (x0, a.bottom + 3), (x1, b.bottom + 3)
    corner = [(x0 - r * (1 - math.cos(t)), y - r + r * math.sin(t)) for t in (0.0, 0.5, 1.0, math.pi / 2)]
    turn = [(x1 + r * (1 - math.sin(t)), y - r + r * math.cos(t)) for t in (0.0, 0.5, 1.0, math.pi / 2)]
    return [start, *corner, *turn, end]


def key_of(paths: Sequence[Path], bottom: float) -> tuple[list[Path], list[dict[str, Any]]]:
    """What the colours of the arrows mean, at the lower left."""
    kinds = {p.arrow.kind for p in paths}
    kinds |= {"release"} if kinds & {"synthesis", "loss", "deubiquitination"} else set()
    shown = [(kind, text) for kind, text in KEY.items() if kind in kinds]
    entries: list[Path] = []
    words = []
    dashed = [p for p in paths if not p.headed][:1]
    for i, (kind, text) in enumerate([*shown, *(("", "speeds up") for _ in dashed)]):
        y = bottom - 18 * (len(shown) + len(dashed) - i) - 4
        points = [(10.0, y), (24.0, y), (40.0, y)]
        arrow = Arrow("", "", kind, 30.0)
        entries.append(Path(arrow, points, name=f"key {kind}", label="", side=0, headed=bool(kind)))
        words.append({"x": 50, "y": y, "text": text})
    return entries, words


def amount(flux: float) -> str:
    """Two figures, in whole numbers where they are.

    >>> amount(10374), amount(3.14), amount(0.012)
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
