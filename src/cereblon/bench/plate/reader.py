"""A user's file of readings: a table with a row a well, or plates as blocks, into Readings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from cereblon.bench.plate.amounts import concentration_unit
from cereblon.bench.plate.block import Placement, blocks, from_blocks, from_wells, is_block
from cereblon.bench.plate.columns import meaning_of
from cereblon.bench.plate.long import from_long
from cereblon.bench.plate.readings import Readings
from cereblon.bench.plate.text import Row, Sheet, load
from cereblon.ground.errors import InputError, UnitError


def read(
    path: str | Path,
    *,
    columns: Mapping[str, str | Sequence[str]] | None = None,
    unit: str | None = None,
    group: str | Sequence[str] = (),
    layout: str | Path | None = None,
    decimal: str | None = None,
) -> Readings:
    """Readings of a file: a table with one row a well in any order of columns, or 96- and 384-well plates as blocks.

    `path` is a file, or the name of a shipped example (`examples()`).
    `columns` meaning -> name of a column, for what its name does not say: `{"concentration": "x", "value": "rootl"}`
    (several names for `value` are replicates side by side). `unit` of the concentrations, where the file has none.
    `group` names columns that tell curves apart. `layout` is a file that says what the wells of a block hold: a table
    (well, compound, concentration, role) or blocks. `decimal` "," or "." settles numbers such as 1,234.

    A concentration of 0, and compounds called DMSO, vehicle, untreated, are controls; missing readings are kept as NaN,
    negative ones as they are. Raises InputError, with line or well, for everything that cannot be read for sure.

    >>> print(read("degradation_96").fit())  # doctest: +ELLIPSIS
    iberdomide: 4PL, ... readings: EC50 ...
    """
    if unit is not None and concentration_unit(unit)[0] == "1":
        raise UnitError("unknown unit of concentration", where="unit", found=unit, expected="a unit like nM, uM or "
                        "ng/mL", example="uM")  # fmt: skip
    sheet = load(path, decimal)
    grouped = [group] if isinstance(group, str) else list(group)
    if is_block(sheet.rows):
        placed = None if layout is None else _placed(load(layout, decimal), columns or {}, unit)
        return from_blocks(sheet, placed, unit)
    rows = _table(sheet, columns or {})
    if layout is None:
        return from_long(sheet, rows, columns or {}, unit, grouped)
    return from_wells(sheet, _only_values(sheet, rows, columns or {}), _placed(load(layout, decimal), {}, unit))


def _table(sheet: Sheet, columns: Mapping[str, str | Sequence[str]]) -> Sequence[Row]:
    """The rows from the header on: the first with two names, at least one of them known or asked for."""
    asked = {name for names in columns.values() for name in ([names] if isinstance(names, str) else names)}
    for i, row in enumerate(sheet.rows[:50]):
        names = [cell for cell in row.cells if cell]
        if len(names) > 1 and any(meaning_of(name) or name in asked for name in names):
            return sheet.rows[i:]
    here = next(i for i, row in enumerate(sheet.rows) if not row.empty)
    first = sheet.rows[here]
    if sum(bool(re.match(r"[^\W\d]", cell)) for cell in first.cells) > 1:  # names, of which none is known
        return sheet.rows[here:]
    raise InputError("no header was found", where=f"{sheet.file}, line {first.line}",
                     found=", ".join(first.cells[:8]), expected="a row of names above the numbers, of which some say "
                     "concentration and value", example="compound,concentration (nM),value")  # fmt: skip


def _only_values(sheet: Sheet, rows: Sequence[Row], columns: Mapping[str, str | Sequence[str]]) -> Readings:
    """A table of wells and readings whose concentrations stand elsewhere, read as if all of them were 1."""
    header, *body = rows
    known = {meaning_of(name) for name in header.cells} | set(columns)
    if "concentration" in known or "log_concentration" in known:
        raise InputError("the file has concentrations of its own, and a layout too", where=sheet.file,
                         expected="one of the two")  # fmt: skip
    filled = [Row(header.line, (*header.cells, "concentration"))]
    filled += [Row(r.line, (*r.cells, "1")) for r in body if not r.empty]
    table = from_long(sheet, filled, columns, None, ())
    if not (table.well != "").all():
        raise InputError("a layout goes with wells: no column of the file names them", where=sheet.file,
                         example="well,value")  # fmt: skip
    return table


def _placed(sheet: Sheet, columns: Mapping[str, str | Sequence[str]], unit: str | None) -> Placement:
    """What is in the wells, of a file of its own."""
    if is_block(sheet.rows):
        found = blocks(sheet)
        plain = [b for b in found if b.kind == "value"]
        if len(found) == 1 and plain:  # a block without a title in a layout's file is the layout
            found = [type(plain[0])("layout", "", plain[0].unit, plain[0].size, plain[0].cells)]
        return Placement.of(sheet, found, unit)
    return Placement.of_readings(_without_values(sheet, columns, unit))


def _without_values(sheet: Sheet, columns: Mapping[str, str | Sequence[str]], unit: str | None) -> Readings:
    """A table of wells that has no readings, read as if all of them were 0."""
    rows = list(_table(sheet, columns))
    header, *body = rows
    filled = [Row(header.line, (*header.cells, "value"))]
    filled += [Row(r.line, (*r.cells, "0")) for r in body if not r.empty]
    table = from_long(sheet, filled, columns, unit, ())
    if not (table.well != "").all():
        raise InputError("each row of a layout names its well", where=sheet.file, example="well,compound,concentration")
    return table
