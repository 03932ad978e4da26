"""The mechanism of action, drawn from the network and what flowed through it (figure 1 of the guide).

A node is a stack of its parts; an arrow is as wide as the logarithm of the molecules that passed, and says
how many.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cereblon.network.network import Network
from cereblon.show.figures.arrows import BLOCK, LIGASE, MARGIN_X, WIDTH, Box, help_line, key_of, path_of
from cereblon.show.figures.lines import inline
from cereblon.show.figures.pathway import LOST, MADE, Arrow, Node, Pathway, pathway
from cereblon.show.figures.theme import INK, QUIET, colours, name, themed

SUBSTRATES = ("#4B4FA3", "#7E4A94", "#3F6E8C", "#6B5B95", "#54638C", "#7A6A58", "#5C7285")
CEREBLON, CLOSED, CHAIN, MACHINE = "#BFDCD5", "#00695C", "#F0C24B", "#444444"
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
    boxes = {key: Box(node, lowest) for key, node in nodes.items()}
    colour = _part_colours(picture)
    paths = [path for path in (path_of(a, boxes, nodes) for a in arrows) if path]
    paths += [help_line(h, a, boxes) for a in arrows if a.kind == "ubiquitination" for h in a.helpers if h in boxes]
    right = max(b.x for b in boxes.values()) + MARGIN_X
    bottom = max([b.bottom for b in boxes.values()] + [y for p in paths for _, y in p.points]) + 30
    key_lines, key_words = key_of(paths, bottom)
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


def _block_rows(node: Node, box: Box, colour: dict[str, tuple[str, str]]) -> list[dict[str, Any]]:
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


def _headings(boxes: dict[str, Box], nodes: dict[str, Node]) -> list[dict[str, Any]]:
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
