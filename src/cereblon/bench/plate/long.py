"""A table with a row a well (or a reading) as Readings."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from cereblon.bench.plate.amounts import TIMES, concentration_unit, in_one_unit
from cereblon.bench.plate.columns import Column, are_replicates, folded, recognised
from cereblon.bench.plate.mangled import what_happened
from cereblon.bench.plate.readings import SAMPLE, UNTREATED, Readings
from cereblon.bench.plate.roles import control_of, role_of, well_name
from cereblon.bench.plate.text import MISSING, Row, Sheet
from cereblon.ground.errors import InputError, shorten

Asked = Mapping[str, str | Sequence[str]]
TEXT_COLUMNS = ("plate", "well", "role", "compound", "partner", "cell")
_PREFIX = re.compile(r"(.+?)[ ._-]+(?:conc|concentration|dose)\b.*", re.I)
_AMOUNT = re.compile(r"[^A-Za-zµμ%]*[A-Za-zµμ%].*")
LABELS = ("cell", "compound", "group")
NUMBERING = {"rownames", "rowname", "index", "unnamed0", "unnamed", "obs", "id", "no", "nr"}
MOST_DECADES = 30
LEAST_DOSES = 3  # in each part, for a column of words to tell curves apart


class Table:
    """The rows below a header, by meaning of the columns."""

    def __init__(self, sheet: Sheet, rows: Sequence[Row], asked: Asked) -> None:
        header, *body = rows
        self.sheet, self.header = sheet, header.cells
        self.rows = [self._full(row) for row in body if not row.empty]
        self.where = f"{sheet.file}, line {header.line}"
        if not self.rows:
            raise InputError("there is no row below the header", where=self.where)
        self.found = recognised(header.cells, asked, sheet.file, header.line)
        self.notes: list[str] = []
        self._settle(asked)

    def _full(self, row: Row) -> Row:
        width = len(self.header)
        if len(row.cells) > width and not any(row.cells[width:]):
            return Row(row.line, row.cells[:width])
        if len(row.cells) != width:
            raise InputError("this row has another number of cells than the header",
                             where=f"{self.sheet.file}, line {row.line}", found=str(len(row.cells)),
                             expected=str(width))  # fmt: skip
        return row

    def texts(self, place: int) -> list[str]:
        """The cells of a column."""
        return [row.cells[place] for row in self.rows]

    def numbers(self, column: Column) -> list[float]:
        """The numbers of a column; NaN where missing."""
        what = f"column {shorten(column.header, 40)}"
        wells = [f", well {w}" for w in self.texts(self.found["well"][0].place)] if "well" in self.found else None
        return [
            self.sheet.number(row.cells[column.place], row.line, what + (wells[k] if wells else ""))
            for k, row in enumerate(self.rows)
        ]

    def is_numeric(self, place: int, but: Collection[str] = ()) -> bool:
        """Whether a column has numbers and nothing else, `but` for some cells."""
        seen = False
        for row in self.rows:
            cell = row.cells[place]
            if cell.lower() in MISSING or cell in but:
                continue
            try:
                self.sheet.number(cell, row.line, "")
            except InputError:
                return False
            seen = True
        return seen

    def _settle(self, asked: Asked) -> None:
        """What names alone did not say: a column of types that are no roles, and which numbers are the readings."""
        role = self.found.get("role")
        if role and "role" not in asked:
            words = {w for w in self.texts(role[0].place) if w}
            if not any(role_of(w) in ("sample", "untreated", "positive", "blank") for w in words):
                del self.found["role"]
        if "log_concentration" in self.found and "concentration" in self.found:
            self._drop("log_concentration")
        for meaning in LABELS:
            self._drop_numbering(meaning, asked)
        taken = {c.place for columns in self.found.values() for c in columns}
        left = [i for i, name in enumerate(self.header) if i not in taken and name]
        if "value" not in self.found:
            for place in left:
                self._refuse_mangled(place)
            self._find_readings([i for i in left if self.is_numeric(i) and not self._numbers_rows(i)])
            taken |= {c.place for c in self.found["value"]}
        self.left = [i for i in left if i not in taken and not self._numbers_rows(i)]

    def _refuse_mangled(self, place: int) -> None:
        """Raise InputError for a cell that was a number, where the others of its column are numbers."""
        cells = [(row, row.cells[place]) for row in self.rows]
        odd = [(row, cell) for row, cell in cells if what_happened(cell)]
        if odd and 2 * len(odd) < len(cells) and self.is_numeric(place, {cell for _, cell in odd}):
            self.sheet.refuse(odd[0][1], odd[0][0].line, f"column {shorten(self.header[place], 40)}")

    def _drop_numbering(self, meaning: str, asked: Asked) -> None:
        """Leave out a column that is called cell, compound or curve and has another word on every row."""
        for column in list(self.found.get(meaning, [])):
            words = self.texts(column.place)
            if meaning not in asked and len(words) > LEAST_DOSES and len(set(words)) == len(words):
                self.notes.append(f"column {column.header} numbers the rows and is not used")
                self.found[meaning].remove(column)
        if meaning in self.found and not self.found[meaning]:
            del self.found[meaning]

    def _numbers_rows(self, place: int) -> bool:
        """Whether an unnamed or unknown column only counts the rows, as R and pandas write it."""
        if folded(self.header[place]) in NUMBERING:
            return True
        try:
            counted = [float(text) for text in self.texts(place)]
        except ValueError:
            return False
        return counted in (list(range(len(counted))), list(range(1, len(counted) + 1)))

    def _drop(self, meaning: str) -> None:
        self.notes.append(f"column {self.found.pop(meaning)[0].header} is not used")

    def _find_readings(self, numeric: list[int]) -> None:
        names = [self.header[i] for i in numeric]
        doses = {"concentration", "log_concentration"} & self.found.keys()
        if doses and (len(numeric) == 1 or are_replicates(names)):
            self.found["value"] = [Column(i, self.header[i]) for i in numeric]
            return
        if not doses:
            self.require("concentration")
        raise InputError("it is not clear which column holds the readings", where=self.where,
                         found=", ".join(names) or "no column of numbers",
                         expected="a column called value, or its name", example='columns={"value": "'
                         + (shorten(names[0], 40) if names else "signal") + '"}')  # fmt: skip

    def require(self, meaning: str) -> None:
        """Raise InputError unless some column has this meaning."""
        if meaning in self.found:
            return
        names = [n for n in self.header if n]
        first = shorten(names[0], 40) if names else "dose"
        raise InputError(f"no column was recognised as the {meaning}", where=self.where, found=", ".join(names),
                         expected=f"a column called {meaning}, or its name",
                         example=f'columns={{"{meaning}": "{first}"}}')  # fmt: skip


def from_long(
    sheet: Sheet, rows: Sequence[Row], asked: Asked, unit_asked: str | None, group: Sequence[str]
) -> Readings:
    """Readings of a table with a header. Raises InputError with line numbers and the names of wells."""
    wanted = dict(asked)
    if group:
        wanted["group"] = list(group)
    table = Table(sheet, rows, wanted)
    columns: dict[str, Any] = {}
    for name in TEXT_COLUMNS:
        if name in table.found:
            columns[name] = table.texts(table.found[name][0].place)
    if "well" not in columns and {"row", "column"} <= table.found.keys():
        pairs = zip(*(table.texts(table.found[n][0].place) for n in ("row", "column")), strict=True)
        columns["well"] = [f"{r}{c}" for r, c in pairs]
    if "well" in columns:
        columns["well"] = [
            well_name(w, f"{sheet.file}, line {r.line}") if w else ""
            for w, r in zip(columns["well"], table.rows, strict=True)
        ]
    _roles(table, columns)
    _doses(table, columns, unit_asked)
    _time(table, columns)
    _counts(table, columns)
    columns["replicate"] = _replicates(table)
    columns["group"] = _group(table, columns, bool(group))
    values = table.found["value"]
    of = values[0].header if len(values) == 1 else "signal"
    readings = [table.numbers(column) for column in values]
    if len(readings) > 1:
        columns = {k: v * len(readings) if isinstance(v, list) else v for k, v in columns.items()}
        columns["replicate"] = [float(k + 1) for k in range(len(readings)) for _ in table.rows]
        columns.pop("well", None)
    value = [v for one in readings for v in one]
    if all(math.isnan(v) for v in value):
        raise InputError("no well has a reading", where=table.where, found=f"{len(value)} missing values in "
                         + ", ".join(c.header for c in values))  # fmt: skip
    _refuse_twice(table, columns)
    arrays: dict[str, Any] = {k: np.asarray(v) if isinstance(v, list) else v for k, v in columns.items()}
    return Readings(value=np.array(value), of=of, notes=tuple(dict.fromkeys((*sheet.notes, *table.notes))), **arrays)


def _refuse_twice(table: Table, columns: Mapping[str, Any]) -> None:
    """Raise InputError with the lines of the first well that was read twice."""
    if "well" not in columns:
        return
    names = [columns.get(n) for n in ("plate", "well", "time", "group")]
    seen: dict[tuple[Any, ...], int] = {}
    twice: list[str] = []
    for k, row in enumerate(table.rows):
        key = tuple(str(column[k]) for column in names if isinstance(column, list))
        if not columns["well"][k]:
            continue
        if key in seen:
            plate = columns["plate"][k] if isinstance(columns.get("plate"), list) else ""
            twice.append(f"{plate} {columns['well'][k]} on lines {seen[key]} and {row.line}".strip())
        seen[key] = row.line
    if twice:
        more = f" and {len(twice) - 3} more" if len(twice) > 3 else ""
        raise InputError("a well was read twice", where=table.sheet.file, found=", ".join(twice[:3]) + more,
                         expected="one reading a well, or a column plate or time that tells them apart")  # fmt: skip


def _roles(table: Table, columns: dict[str, Any]) -> None:
    """Roles by their own column, or by compounds called DMSO, blank and the like, which then are no compounds."""
    count = len(table.rows)
    roles = [role_of(w) if w else SAMPLE for w in columns["role"]] if "role" in columns else [SAMPLE] * count
    if "compound" in columns:
        named = columns["compound"]
        for k, word in enumerate(named):
            role = control_of(word)
            if role and roles[k] == SAMPLE:
                roles[k], named[k] = role, ""
            elif word.lower() in MISSING or role:
                named[k] = ""
    columns["role"] = roles


def _doses(table: Table, columns: dict[str, Any], unit_asked: str | None) -> None:
    """Concentrations of compound and partner, in nM or the unit of the file; 0 for controls that have none."""
    if "concentration" not in table.found and "log_concentration" not in table.found:
        table.require("concentration")
    columns["concentration"], columns["unit"] = _one_dose(table, "concentration", "unit", unit_asked, columns["role"])
    if "partner_concentration" in table.found:
        columns["partner_concentration"], columns["partner_unit"] = _one_dose(
            table, "partner_concentration", "partner_unit", unit_asked, columns["role"]
        )
    for name, dose in (("compound", "concentration"), ("partner", "partner_concentration")):
        match = _PREFIX.fullmatch(table.found[dose][0].header) if dose in table.found else None
        if name not in columns and match and "partner_concentration" in table.found:
            columns[name] = [match[1]] * len(table.rows)
    if "partner_concentration" not in columns:
        columns.pop("partner", None)
    alone = columns.get("partner_concentration", [0.0] * len(table.rows))
    for k, (first, second) in enumerate(zip(columns["concentration"], alone, strict=True)):
        if first == 0 and second == 0 and columns["role"][k] == SAMPLE:
            columns["role"][k] = UNTREATED


def _one_dose(
    table: Table, meaning: str, unit_meaning: str, unit_asked: str | None, roles: list[str]
) -> tuple[list[float], str]:
    logs = meaning == "concentration" and "concentration" not in table.found
    column = table.found["log_concentration" if logs else meaning][0]
    by_row = table.texts(table.found[unit_meaning][0].place) if unit_meaning in table.found else None
    what = f"column {shorten(column.header, 40)}"
    out: list[float] = []
    units: list[str] = []
    for k, row in enumerate(table.rows):
        cell = row.cells[column.place]
        where = f"{table.sheet.file}, line {row.line}"
        written = (by_row[k] if by_row else "") or column.unit
        if unit_asked and written and concentration_unit(written)[0] != concentration_unit(unit_asked)[0]:
            raise InputError("the file has another unit of concentration than was asked for", where=where,
                             found=f"{written} and {unit_asked}", expected="one of the two")  # fmt: skip
        written = unit_asked or written
        if cell.lower() in MISSING:
            if roles[k] == SAMPLE:
                well = row.cells[table.found["well"][0].place] if "well" in table.found else "a sample"
                raise InputError(f"the concentration of {well} is missing", where=where,
                                 expected="a number; 0 for an untreated well")  # fmt: skip
            out.append(0.0)
            units.append("")
            continue
        if _AMOUNT.fullmatch(cell) and not re.fullmatch(r"[-+.,\d]+[eE][-+]?\d+", cell):
            if what_happened(cell):
                table.sheet.refuse(cell, row.line, what)
            number, own = _with_unit(cell.replace(",", ".") if table.sheet.comma else cell, where)
            out.append(number)
            units.append(own)
        else:
            number = table.sheet.number(cell, row.line, what)
            if logs and abs(number) > MOST_DECADES:
                raise InputError("this is no logarithm of a concentration", where=where, found=cell, example="-7.5")
            out.append(10.0**number if logs else number)
            units.append(written if number != 0 or logs else "")
        if out[-1] < 0:
            raise InputError("a concentration is not negative", where=where, found=cell,
                             example="a column of logarithms is called log_concentration")  # fmt: skip
    scaled, unit, notes = in_one_unit(out, units, table.where)
    table.notes += notes
    return scaled, unit


def _with_unit(cell: str, where: str) -> tuple[float, str]:
    """A cell like "10 nM"."""
    match = re.fullmatch(r"\s*([-+]?[\d.]+(?:[eE][-+]?\d+)?)\s*(\S+)\s*", cell)
    if match is None:
        raise InputError("this is no concentration", where=where, found=cell, expected="a number, with its unit or not",
                         example="10 nM")  # fmt: skip
    try:
        return float(match[1]), match[2]
    except ValueError:
        raise InputError("this is no concentration", where=where, found=cell, example="10 nM") from None


def _time(table: Table, columns: dict[str, Any]) -> None:
    if "time" not in table.found:
        return
    column = table.found["time"][0]
    scale = TIMES.get(column.unit.lower())
    if scale is None:
        raise InputError("this is no unit of time", where=table.where, found=column.header, expected="h, min or d",
                         example="time (h)")  # fmt: skip
    out = []
    for row in table.rows:
        cell = row.cells[column.place]
        match = re.fullmatch(r"([\d.]+)\s*(h|hr|hrs|hours?|d|days?|min)", cell.lower())
        early = re.fullmatch(r"(day|d|hour|h)\s*([\d.]+)", cell.lower())
        if match:
            out.append(float(match[1]) * TIMES[match[2]])
        elif early:
            out.append(float(early[2]) * TIMES[early[1]])
        else:
            out.append(table.sheet.number(cell, row.line, f"column {shorten(column.header, 40)}") * scale)
    columns["time"] = out


def _counts(table: Table, columns: dict[str, Any]) -> None:
    """Counts at time 0 and of the control, where each row brings them; from the division time where it does."""
    for name in ("start", "control"):
        if name in table.found:
            columns[name] = table.numbers(table.found[name][0])
    if "division_time" in table.found and "control" in columns and "start" not in columns and "time" in columns:
        division = table.numbers(table.found["division_time"][0])
        columns["start"] = [
            c / 2 ** (t / d) if d > 0 else math.nan
            for c, t, d in zip(columns["control"], columns["time"], division, strict=True)
        ]


def _replicates(table: Table) -> list[float]:
    """Numbers of the replicates: as they stand, the digits of rep1, or numbered by name."""
    if "replicate" not in table.found:
        return [1.0] * len(table.rows)
    words = table.texts(table.found["replicate"][0].place)
    digits = [re.fullmatch(r"[A-Za-z_ -]*(\d+)(?:\.0*)?", w) for w in words]
    if all(digits):
        return [float(m[1]) for m in digits if m]
    order = {w: float(i + 1) for i, w in enumerate(dict.fromkeys(words))}
    return [order[w] for w in words]


def _group(table: Table, columns: Mapping[str, Any], asked: bool) -> list[str]:
    """What else tells curves apart: the columns of that name, and words each of which has a series of its own."""
    places = [c.place for c in table.found.get("group", [])]
    if not asked:
        for place in table.left:
            words = table.texts(place)
            kinds = set(words)
            if table.is_numeric(place) or len(kinds) < 2:
                if len(kinds) > 1:
                    table.notes.append(f"column {table.header[place]} is not used")
                continue
            doses: dict[str, set[float]] = {}
            for word, dose, role in zip(words, columns["concentration"], columns["role"], strict=True):
                if role == SAMPLE:
                    doses.setdefault(word, set()).add(dose)
            if len(doses) > 1 and all(len(d) >= LEAST_DOSES for d in doses.values()):
                places.append(place)
                table.notes.append(f"column {table.header[place]} tells curves apart")
            else:
                table.notes.append(f"column {table.header[place]} is not used")
    if not places:
        return [""] * len(table.rows)
    names = [table.header[p] for p in places]
    return [
        " ".join(_told(name, row.cells[place]) for name, place in zip(names, places, strict=True)).strip()
        for row in table.rows
    ]


def _told(name: str, word: str) -> str:
    """A group's word, with the column's name before a bare number."""
    return f"{name} {word}" if re.fullmatch(r"[\d.]+", word) and folded(name) else word
