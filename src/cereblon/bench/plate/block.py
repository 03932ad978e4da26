"""Plates as blocks: rows A to H (or P), columns 1 to 12 (or 24), one block below another.

A line above a block says what it is: a plate's name for readings; "layout" or "compound" for what is in the wells
("mezigdomide 10 nM", "DMSO", "blank"); "concentration (nM)", "role", "cell" for one thing of each well. A block without
such a line holds readings. Blocks of the wells may stand in the file or in one of their own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from cereblon.bench.plate.amounts import AMOUNT, UNIT, UNSAID, in_one_unit
from cereblon.bench.plate.columns import folded, parted
from cereblon.bench.plate.layout import SIZES, split
from cereblon.bench.plate.mangled import what_happened
from cereblon.bench.plate.readings import SAMPLE, UNTREATED, Readings
from cereblon.bench.plate.roles import control_of, role_of
from cereblon.bench.plate.text import MISSING, MOST_WELLS, Row, Sheet
from cereblon.ground.errors import InputError

_KINDS = {
    "layout": "layout platelayout platemap map wells contents content",
    "compound": "compound compounds drug drugs treatment treatments agent",
    "concentration": "concentration concentrations conc dose doses",
    "role": "role roles type types welltype controls",
    "cell": "cell cells cellline celllines",
    "partner": "partner partners drug2 compound2 secondcompound",
    "partner_concentration": "partnerconcentration partnerconcentrations conc2 dose2 concentration2",
    "replicate": "replicate replicates",
}
_KNOWN = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_CONTENT = re.compile(rf"(?:(.*?)[\s_@:;,]+)?{AMOUNT}\s*{UNIT}?")
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(h|hours?|d|days?)\b", re.I)


@dataclass(frozen=True)
class Block:
    """One block: what it is, its title, and its cells by well with their lines."""

    kind: str
    title: str
    unit: str
    size: int
    cells: Mapping[str, tuple[str, int]] = field(repr=False)


def is_block(rows: Sequence[Row]) -> bool:
    """Whether the rows hold a plate as a block rather than a table with a header."""
    return any(_columns(row) or _bare(rows, i) for i, row in enumerate(rows))


def blocks(sheet: Sheet) -> list[Block]:
    """The blocks of a file. Raises InputError for one with a row or column that a plate does not have."""
    return list(_found(sheet))


def from_blocks(sheet: Sheet, given: Placement | None, unit_asked: str | None) -> Readings:
    """Readings of every block of numbers, with what the other blocks (or `given`) say is in the wells."""
    found = blocks(sheet)
    readings = [b for b in found if b.kind == "value"]
    wells_read = sum(len(b.cells) for b in readings)
    if wells_read > MOST_WELLS:
        raise InputError("more wells than one analysis takes", where=sheet.file, found=f"{wells_read:,}",
                         expected=f"at most {MOST_WELLS:,}; several files")  # fmt: skip
    if not readings:
        raise InputError("there is no block of readings", where=sheet.file, found=", ".join(b.kind for b in found))
    wells = given or Placement.of(sheet, [b for b in found if b.kind != "value"], unit_asked)
    if not wells.columns:
        raise InputError("what is in the wells is not said", where=sheet.file,
                         expected="a block layout or concentration below the readings, or a file of them",
                         example='read("plate.csv", layout="layout.csv")')  # fmt: skip
    parts: list[Readings] = []
    notes = list(sheet.notes) + wells.notes
    for number, block in enumerate(readings, 1):
        name = block.title or (f"plate {number}" if len(readings) > 1 else "")
        time = _TIME.search(block.title)
        hours = math.nan if time is None else float(time[1]) * (24.0 if time[2].lower().startswith("d") else 1.0)
        plate = name if time is None else (block.title[: time.start()] + block.title[time.end() :]).strip(" ,;:-at")
        parts.append(_read(sheet, block, wells, plate, hours, notes))
    return Readings.joined(parts).replace(notes=tuple(dict.fromkeys(notes)))


def from_wells(sheet: Sheet, table: Readings, wells: Placement) -> Readings:
    """Readings of a table of wells and values, with a layout from elsewhere."""
    parts = []
    notes = list(dict.fromkeys((*(n for n in table.notes if n != UNSAID), *wells.notes)))
    plates: dict[tuple[str, str], list[int]] = {}
    for k, (plate, hours) in enumerate(zip(table.plate.tolist(), table.time.tolist(), strict=True)):
        plates.setdefault((plate, str(hours)), []).append(k)
    for (plate, time), mine in plates.items():
        cells = {str(table.well[k]): (repr(float(table.value[k])), 0) for k in mine}
        size = 96 if all(split(w)[0] < 8 and split(w)[1] < 12 for w in cells) else 384
        plain = Sheet(sheet.file, (), (), comma=False)
        parts.append(_read(plain, Block("value", plate, "", size, cells), wells, plate, float(time), notes))
    return Readings.joined(parts).replace(of=table.of, notes=tuple(dict.fromkeys(notes)))


@dataclass(frozen=True)
class Placement:
    """What is in each well, as a user's file says: meaning -> well -> word or number, with the unit."""

    columns: Mapping[str, Mapping[str, Any]]
    unit: str = "1"
    partner_unit: str = "1"
    notes: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, sheet: Sheet, given: Sequence[Block], unit_asked: str | None) -> Placement:
        """The layout of some blocks. Raises InputError naming the well."""
        columns: dict[str, dict[str, Any]] = {}
        notes: list[str] = []
        units = {"concentration": "1", "partner_concentration": "1"}
        for block in given:
            if block.kind == "layout":
                units["concentration"] = _mixed(sheet, block, columns, unit_asked, notes)
            elif block.kind in units:
                units[block.kind] = _amounts(sheet, block, columns, unit_asked, notes)
            elif block.kind == "replicate":
                columns["replicate"] = {
                    w: sheet.number(text, line, f"the replicate of well {w}")
                    for w, (text, line) in block.cells.items() if text.lower() not in MISSING
                }  # fmt: skip
            else:
                kept = {w: text for w, (text, _) in block.cells.items() if text.lower() not in MISSING}
                columns.setdefault(block.kind, {}).update(kept)
        return cls(columns, units["concentration"], units["partner_concentration"], notes)

    @classmethod
    def of_readings(cls, table: Readings) -> Placement:
        """The layout of a table with a row a well."""
        wells = table.well.tolist()
        names = ("role", "compound", "concentration", "partner", "partner_concentration", "cell", "replicate", "group")
        columns = {name: dict(zip(wells, getattr(table, name).tolist(), strict=True)) for name in names}
        return cls(columns, table.unit, table.partner_unit, list(table.notes))


def _columns(row: Row) -> int:
    """12 or 24 where the row is the head of a block, 1 to 12 after an empty or named corner; otherwise 0."""
    cells = list(row.cells)
    while cells and not cells[-1]:
        cells.pop()
    for size in (24, 12):
        if len(cells) == size + 1 and [_whole(c) for c in cells[1:]] == list(range(1, size + 1)):
            return size
    return 0


def _whole(text: str) -> int:
    return int(float(text)) if re.fullmatch(r"\d{1,2}(\.0)?", text) else -1


def _bare(rows: Sequence[Row], first: int) -> int:
    """12 or 24 where a block without any head begins here: numbers alone, as many rows as such a plate has."""
    for height, width in SIZES.values():
        some = rows[first : first + height]
        if len(some) < height or (first > 0 and not rows[first - 1].empty):
            continue
        if all(len(_trimmed(r)) == width and all(_is_number(c) for c in _trimmed(r)) for r in some):
            return width
    return 0


def _trimmed(row: Row) -> list[str]:
    cells = list(row.cells)
    while len(cells) not in (12, 24) and cells and not cells[-1]:
        cells.pop()
    return cells


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[-+]?[\d.,]+(?:[eE][-+]?\d+)?", text)) or text.lower() in MISSING


def _found(sheet: Sheet) -> Iterator[Block]:
    rows = sheet.rows
    title, i = "", 0
    while i < len(rows):
        row = rows[i]
        width, bare = _columns(row), _bare(rows, i)
        if width:
            corner = row.cells[0] if re.search(r"[A-Za-z]", row.cells[0]) else ""
            block, i = _headed(sheet, i + 1, width)
            yield _block(sheet, corner if folded(parted(corner)[0]) in _KNOWN or not title else title, width, block)
            title = ""
        elif bare:
            height = {w: h for h, w in SIZES.values()}[bare]
            cells: dict[str, tuple[str, int]] = {}
            for r, one in enumerate(rows[i : i + height]):
                cells |= {f"{chr(65 + r)}{c + 1}": (cell, one.line) for c, cell in enumerate(_trimmed(one))}
            yield _block(sheet, title, bare, cells)
            title, i = "", i + height
        else:
            if not row.empty:
                title = " ".join(cell for cell in row.cells if cell)
            i += 1


def _headed(sheet: Sheet, first: int, width: int) -> tuple[dict[str, tuple[str, int]], int]:
    """The cells below the head of a block, and the row after it."""
    height = {w: h for h, w in SIZES.values()}[width]
    cells: dict[str, tuple[str, int]] = {}
    i, seen, behind = first, set[str](), set[str]()
    while i < len(sheet.rows) and sheet.rows[i].cells and re.fullmatch(r"[A-Za-z]", sheet.rows[i].cells[0]):
        row = sheet.rows[i]
        letter = row.cells[0].upper()
        where = f"{sheet.file}, line {row.line}"
        if ord(letter) - 65 >= height:
            raise InputError("a plate of this width has no such row", where=where, found=letter,
                             expected=f"A to {chr(64 + height)}")  # fmt: skip
        if letter in seen:
            raise InputError("a row of the plate stands twice in a block", where=where, found=letter)
        more = [cell for cell in row.cells[width + 1 :] if cell]
        behind.update(more)
        if len(behind) > 1 or len(more) > 1:  # one word behind every row is what was read: a wavelength
            raise InputError("this row has more cells than the plate has columns", where=where,
                             found=str(len(row.cells) - 1), expected=str(width))  # fmt: skip
        seen.add(letter)
        padded = (*row.cells[1 : width + 1], *[""] * (width + 1 - len(row.cells)))
        cells |= {f"{letter}{c + 1}": (cell, row.line) for c, cell in enumerate(padded)}
        i += 1
    if not seen:
        line = sheet.rows[first - 1].line
        raise InputError("no row follows the head of this block", where=f"{sheet.file}, line {line}",
                         expected=f"rows A to {chr(64 + height)}")  # fmt: skip
    return cells, i


def _block(sheet: Sheet, title: str, width: int, cells: Mapping[str, tuple[str, int]]) -> Block:
    name, text = parted(title)
    bare = re.sub(r"\bblock\b|:", "", name, flags=re.I)
    kind = _KNOWN.get(folded(bare), "value")
    size = {w: h * w for h, w in SIZES.values()}[width]
    return Block(kind, title if kind == "value" else bare, text, size, cells)


def _mixed(
    sheet: Sheet, block: Block, columns: dict[str, dict[str, Any]], unit_asked: str | None, notes: list[str]
) -> str:
    """Cells like "mezigdomide 10 nM", DMSO or blank."""
    amounts: dict[str, tuple[float, str]] = {}
    for well, (text, line) in block.cells.items():
        if text.lower() in MISSING:
            continue
        role = control_of(text)
        match = _CONTENT.fullmatch(text)
        if role:
            columns.setdefault("role", {})[well] = role
        elif match and match[1]:
            columns.setdefault("compound", {})[well] = match[1].strip()
            amounts[well] = (float(match[2]), match[3] or block.unit or unit_asked or "")
        elif match:
            amounts[well] = (float(match[2]), match[3] or block.unit or unit_asked or "")
        else:
            if text[0] in "0123456789#" and what_happened(text):
                sheet.refuse(text, line, f"what is in well {well}")
            columns.setdefault("compound", {})[well] = text
    if not amounts:
        return "1"
    return _in_one_unit(sheet, "concentration", amounts, columns, notes)


def _amounts(
    sheet: Sheet, block: Block, columns: dict[str, dict[str, Any]], unit_asked: str | None, notes: list[str]
) -> str:
    """A block of concentrations."""
    amounts: dict[str, tuple[float, str]] = {}
    for well, (text, line) in block.cells.items():
        if text.lower() in MISSING:
            continue
        match = re.fullmatch(rf"(\S+?)\s*{UNIT}", text)
        number = sheet.number(match[1] if match else text, line, f"the concentration of well {well}")
        if number < 0:
            raise InputError("a concentration is not negative", where=f"{sheet.file}, line {line}, well {well}",
                             found=text)  # fmt: skip
        amounts[well] = (number, (match[2] if match else "") or block.unit or unit_asked or "")
    return _in_one_unit(sheet, block.kind, amounts, columns, notes)


def _in_one_unit(
    sheet: Sheet,
    kind: str,
    amounts: Mapping[str, tuple[float, str]],
    columns: dict[str, dict[str, Any]],
    notes: list[str],
) -> str:
    numbers, unit, more = in_one_unit([n for n, _ in amounts.values()], [u for _, u in amounts.values()], sheet.file)
    notes += more
    columns.setdefault(kind, {}).update(zip(amounts, numbers, strict=True))
    return unit


def _read(
    sheet: Sheet, block: Block, wells: Placement, plate: str, time: float, notes: list[str]
) -> Readings:
    """One block of readings with its wells."""
    placed = {w for column in wells.columns.values() for w in column}
    values = {
        w: sheet.number(text, line, f"the reading of well {w}{f' of {plate}' if plate else ''}")
        for w, (text, line) in block.cells.items()
    }
    unplaced = [w for w, v in values.items() if w not in placed and not math.isnan(v)]
    outside = [w for w in placed if w not in values]
    if outside:
        raise InputError("the layout has wells that the block of readings has not", where=sheet.file,
                         found=", ".join(sorted(outside, key=split)[:5]),
                         expected=f"wells of a plate of {block.size}")  # fmt: skip
    if unplaced:
        shown = ", ".join(sorted(unplaced, key=split)[:6]) + (" ..." if len(unplaced) > 6 else "")
        notes.append(f"{len(unplaced)} wells are read and not in the layout, and left out: {shown}")
    order = sorted(placed, key=split)

    def column(name: str, empty: Any) -> list[Any]:
        return [wells.columns.get(name, {}).get(w, empty) for w in order]

    dose, partner = column("concentration", math.nan), column("partner_concentration", 0.0)
    roles = [role_of(r) if r else "" for r in column("role", "")]
    compound = column("compound", "")
    for k, well in enumerate(order):
        role = roles[k] or control_of(compound[k])
        if role and role != SAMPLE:
            compound[k] = "" if control_of(compound[k]) else compound[k]
            dose[k] = 0.0 if math.isnan(dose[k]) else dose[k]
        elif math.isnan(dose[k]):
            raise InputError("a sample has no concentration in the layout", where=f"{sheet.file}, well {well}",
                             found=compound[k] or "nothing", example="mezigdomide 10 nM")  # fmt: skip
        roles[k] = role or (UNTREATED if dose[k] == 0 and partner[k] == 0 else SAMPLE)
        if roles[k] == SAMPLE and dose[k] == 0 and partner[k] == 0:
            roles[k] = UNTREATED
    if all(math.isnan(values[w]) for w in order):
        raise InputError("no well has a reading", where=sheet.file, found=plate)
    return Readings(
        value=np.array([values[w] for w in order]), concentration=np.array(dose),
        compound=np.array(compound, dtype=str), role=np.array(roles), plate=np.asarray(plate), well=np.array(order),
        partner=np.array(column("partner", ""), dtype=str), partner_concentration=np.array(partner),
        cell=np.array(column("cell", ""), dtype=str), time=np.asarray(time),
        replicate=np.array([float(r) for r in column("replicate", 1.0)]),
        group=np.array(column("group", ""), dtype=str), unit=wells.unit, partner_unit=wells.partner_unit,
    )  # fmt: skip
