"""The workflow of an assay, drawn from its own steps (figure 2 of the guide): a box a step, an arrow to what follows.

A column holds what stands together (targets, the well, effectors), a row what is done at one stage; each box says its
numbers and the hour at which it begins.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cereblon.show.figures.lines import inline
from cereblon.show.figures.theme import INK, QUIET, themed

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {"targets": 0, "well": 1, "reading": 1, "effectors": 2, "controls": 2}
FILLS = {"targets": "#F4DED4", "well": "#DCEEE7", "reading": "#F6EDCB", "effectors": "#D8E5F3", "controls": "#ECECEC"}
HEADS = {0: "targets", 1: "in the well", 2: "effectors"}
WIDTH, GAP_X, GAP_Y, LINE, MARGIN, TOP = 228.0, 34.0, 26.0, 15.0, 12.0, 30.0  # pixels
ARROW = "#7B8794"


@dataclass(frozen=True)
class Box:
    """A step where it stands, in pixels."""

    title: str
    lines: tuple[str, ...]
    lane: str
    hour: str
    x: float
    y: float
    height: float

    @property
    def middle(self) -> float:
        return self.x + WIDTH / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def rows(self) -> list[dict[str, Any]]:
        """Its lines of text, the first of them its title."""
        texts = [{"x": self.middle, "y": self.y + 14, "text": self.title, "weight": "bold"}]
        return texts + [
            {"x": self.middle, "y": self.y + 14 + LINE * (i + 1), "text": line, "weight": "normal"}
            for i, line in enumerate(self.lines)
        ]


def workflow_chart(table: pd.DataFrame) -> Any:
    """`table`: step, lane, at_h, does, numbers ("; " between lines) and after ("; " between names), in order."""
    import altair as alt

    steps = table.to_dict("records")
    boxes = _placed(steps)
    arrows = [(boxes[before], boxes[step["step"]]) for step in steps for before in _words(step["after"])]
    right = max(box.x for box in boxes.values()) + WIDTH + MARGIN
    bottom = max(box.bottom for box in boxes.values()) + MARGIN
    x = alt.X("x:Q", scale=alt.Scale(domain=[0, right], nice=False, zero=False), axis=None)
    y = alt.Y("y:Q", scale=alt.Scale(domain=[bottom, 0], nice=False, zero=False), axis=None)
    rects = [
        {"x": b.x, "x2": b.x + WIDTH, "y": b.y, "y2": b.bottom, "colour": FILLS.get(b.lane, "#ECECEC"), "what": b.title}
        for b in boxes.values()
    ]
    paths = [_path(a, b) for a, b in arrows]
    points = [
        {"x": px, "y": py, "path": i, "order": k} for i, path in enumerate(paths) for k, (px, py) in enumerate(path)
    ]
    heads = [_head(path) for path in paths]
    texts = [row for box in boxes.values() for row in box.rows()]
    hours = [{"x": b.x + 5, "y": b.y - 7, "text": b.hour} for b in boxes.values() if b.hour]
    tops = [
        {"x": MARGIN + column * (WIDTH + GAP_X) + WIDTH / 2, "y": 10, "text": text}
        for column, text in HEADS.items()
        if any(COLUMNS.get(b.lane, 2) == column for b in boxes.values())
    ]
    def said(rows: list[dict[str, Any]], **how: Any) -> Any:
        return alt.Chart(inline(rows, 6)).mark_text(**how).encode(x, y, text="text:N")

    lines = alt.Chart(inline(points, 6)).mark_line(color=ARROW, strokeWidth=1.6)
    tips = alt.Chart(inline(heads, 6)).mark_point(shape="triangle-right", filled=True, size=75, opacity=1, color=ARROW)
    fills = alt.Chart(inline(rects, 6)).mark_rect(cornerRadius=5, opacity=1, stroke=ARROW, strokeWidth=0.8)
    fill = alt.Fill("colour:N", scale=None)
    layers = [
        lines.encode(x, y, detail="path:N", order="order:Q"),
        tips.encode(x, y, angle=alt.Angle("angle:Q", scale=None)),
        fills.encode(x, y, x2="x2:Q", y2="y2:Q", fill=fill, tooltip=["what:N"]),
        *(
            said([t for t in texts if t["weight"] == weight], fontSize=11.5, fontWeight=weight, color=INK)
            for weight in ("bold", "normal")
        ),
        said(hours, fontSize=11, align="left", color=QUIET, fontStyle="italic"),
        said(tops, fontSize=12, color=QUIET),
    ]
    return themed(alt.layer(*layers).properties(width=right, height=bottom))


def _placed(steps: Sequence[Mapping[Any, Any]]) -> dict[str, Box]:
    rows = levels({str(step["step"]): _words(step["after"]) for step in steps})
    lines = {str(step["step"]): _words(step["numbers"]) for step in steps}
    height = {name: LINE * (len(texts) + 1) + 12 for name, texts in lines.items()}
    tops, y = {}, TOP + 8.0
    for level in range(max(rows.values()) + 1):
        tops[level] = y
        y += max((height[step] for step, at in rows.items() if at == level), default=0.0) + GAP_Y
    boxes = {}
    for step in steps:
        name, lane, hour = str(step["step"]), str(step["lane"]), float(step["at_h"])
        x = MARGIN + COLUMNS.get(lane, 2) * (WIDTH + GAP_X)
        said = "" if math.isnan(hour) else f"{hour:g} h"
        boxes[name] = Box(str(step["does"]), lines[name], lane, said, x, tops[rows[name]], height[name])
    return boxes


def levels(after: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """Step -> its row: below all that it follows; a step that follows none stands just above the next.

    >>> levels({"a": (), "b": ("a",), "late": (), "c": ("b", "late")})
    {'a': 0, 'b': 1, 'late': 1, 'c': 2}
    """
    found: dict[str, int] = {}
    for step, before in after.items():
        found[step] = max((found[name] + 1 for name in before), default=0)
    for step, before in after.items():
        followers = [found[name] for name, others in after.items() if step in others]
        if not before and followers:
            found[step] = min(followers) - 1
    return found


def _path(one: Box, other: Box) -> list[tuple[float, float]]:
    """Straight down within a column; else down, then sideways into the other's edge."""
    if one.x == other.x:
        return [(one.middle, one.bottom), (other.middle, other.y - 1)]
    level, side = other.y + other.height / 2, other.x - 1 if one.x < other.x else other.x + WIDTH + 1
    return [(one.middle, one.bottom), (one.middle, level), (side, level)]


def _head(path: list[tuple[float, float]]) -> dict[str, float]:
    (x0, y0), (x1, y1) = path[-2:]
    angle = math.degrees(math.atan2(y1 - y0, x1 - x0))
    back = 4.0
    return {
        "x": x1 - back * math.cos(math.radians(angle)),
        "y": y1 - back * math.sin(math.radians(angle)),
        "angle": angle,
    }


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in str(text).split("; ") if word)
