"""A user's file as cells: encoding, separator, decimal sign, and numbers, each with the line that it stands on.

Read are comma, semicolon, tab and bar as separators, UTF-8 with or without a mark, UTF-16 with one, Windows-1252,
any end of line, decimal points, and decimal commas where the comma does not separate. Lines that begin with "#" are
notes. What could be read in two ways is refused.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from cereblon.bench.plate.examples import or_example
from cereblon.bench.plate.mangled import what_happened
from cereblon.ground.errors import InputError

LARGEST = 20_000_000  # bytes
MOST_WELLS = 200_000  # of a file: five hundred plates of 384
MOST_LINES = MOST_WELLS + 1000  # with a head and notes
SEPARATORS = ("\t", ";", ",", "|")
FURTHEST = 1e100  # no reading and no concentration lies beyond
LONGEST = 100_000  # characters of a line; 1,536 wells with ten digits each have 17,000
SEEN = 200  # rows by which the separator is chosen
MISSING = {"", "na", "n/a", "nan", "#n/a", "null", "none", "-", "--", "."}
_POINT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
_COMMA = re.compile(r"[+-]?(?:\d+,\d*|,\d+)(?:[eE][+-]?\d{1,3})?")
_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?")
_NOTE = re.compile(r"\s*#(?!#|n/a|div|val|ref|name\?|num!|null!|wert|bezug|zahl)", re.I)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")


@dataclass(frozen=True)
class Row:
    """The cells of one line."""

    line: int
    cells: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing stands in it."""
        return not any(self.cells)


@dataclass(frozen=True)
class Sheet:
    """A file as rows of cells (blank rows among them), its notes, and whether the comma is the decimal sign."""

    file: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    comma: bool
    settled: bool = False
    """Whether the user said which sign it is; the other one then stands between thousands."""

    def number(self, text: str, line: int, what: str) -> float:
        """The number in a cell, NaN where it is missing. Raises InputError naming file, line and column or well."""
        if text.lower() in MISSING:
            return math.nan
        plain = text.replace(",", ".") if self.comma and _COMMA.fullmatch(text) else text
        if self.settled and not self.comma:
            plain = plain.replace(",", "")
        elif self.settled and _POINTS.fullmatch(text):
            plain = text.replace(".", "").replace(",", ".")
        elif self.settled and "." in text:  # the user has said that a point is no decimal sign
            plain = ""
        if not _POINT.fullmatch(plain):
            self.refuse(text, line, what)
        value = float(plain)
        if not abs(value) <= FURTHEST:
            raise InputError(f"this number is out of range: {what}", where=f"{self.file}, line {line}", found=text)
        return value

    def refuse(self, text: str, line: int, what: str) -> NoReturn:
        """Raise InputError for a cell that is no number, with what has likely become of it."""
        why = what_happened(text)
        if why:
            raise InputError(
                f"this is not a number but {why}", where=f"{self.file}, line {line}, {what}", found=text,
                example=('decimal=","' if _POINTS.fullmatch(text) else 'decimal="."')
                if "thousands" in why and not self.settled else "",
            )  # fmt: skip
        raise InputError(f"this is not a number: {what}", where=f"{self.file}, line {line}", found=text,
                         expected="a number, or an empty cell for a missing one", example="1.2e-3")  # fmt: skip


def load(path: str | Path, decimal: str | None = None) -> Sheet:
    """The cells of a file. `decimal` "." or "," settles what cannot be told. Raises InputError."""
    if decimal not in (None, ".", ","):
        raise InputError("the decimal sign is a point or a comma", found=str(decimal), example='decimal=","')
    file = or_example(path)
    name = file.name or str(file)
    text = _decoded(_bytes(file, name), name)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MOST_LINES:
        raise InputError("more lines than one analysis takes", where=name, found=f"{len(lines):,}",
                         expected=f"at most {MOST_LINES:,}; several files")  # fmt: skip
    notes, body, offset = [], [], []
    for number, line in enumerate(lines, 1):
        if _NOTE.match(line):
            notes.append(line.strip().lstrip("#").strip().rstrip(",;\t"))
        elif number == 1 and re.fullmatch(r'"?sep=(.)"?', line.strip(), re.I):
            continue
        else:
            body.append(line)
            offset.append(number)
    if not any(line.strip(" ,;\t|") for line in body):
        raise InputError("this file is empty", where=name, expected="rows of wells", example="well,concentration,value")
    separator = _separator(body, name)
    rows = _rows(body, offset, separator, name)
    comma = _is_comma(rows, separator, decimal, name)
    return Sheet(name, rows, tuple(n for n in notes if n), comma, settled=decimal is not None)


def _bytes(file: Path, name: str) -> bytes:
    try:
        if file.is_dir():
            raise InputError("this is a folder", where=name, expected="the path of a file", example="plate.csv")
        if not file.is_file():
            raise InputError("there is no such file", where=name, expected="the path of a csv file")
        size = file.stat().st_size
        if size > LARGEST:
            raise InputError("this file is too large for a plate reader's", where=name, found=f"{size:,} bytes",
                             expected=f"at most {LARGEST:,} bytes")  # fmt: skip
        return file.read_bytes()
    except (OSError, ValueError) as error:
        raise InputError("this file cannot be read", where=name, found=str(error)) from None


def _decoded(data: bytes, name: str) -> str:
    if data[:4] == b"PK\x03\x04" or data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise InputError("this is an Excel workbook", where=name, expected="the sheet saved as CSV")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
        break
    raise InputError("this is not a text file", where=name, expected="a csv file")


def _separator(body: Sequence[str], name: str) -> str:
    """The separator that cuts the most rows into the same number of cells, at least two."""
    some = [line for line in body if line.strip()][:SEEN]
    if any(len(line) > LONGEST for line in some):
        raise InputError("this is not a table", where=name, found=f"a line of more than {LONGEST:,} characters",
                         expected="a csv file with a row a line", example="well,concentration,value")  # fmt: skip
    best, chosen = (0.0, 0), ","
    for separator in SEPARATORS:
        widths = [len(row) for row in csv.reader(some, delimiter=separator) if row]
        common = max(set(widths), key=lambda w: (widths.count(w), w)) if widths else 1
        score = (widths.count(common) / len(some), common) if common > 1 else (0.0, 0)
        if score > best:
            best, chosen = score, separator
    return chosen


def _rows(body: Sequence[str], offset: Sequence[int], separator: str, name: str) -> tuple[Row, ...]:
    out = []
    reader = csv.reader(io.StringIO("\n".join(body)), delimiter=separator, strict=True)
    try:
        before = 0
        for cells in reader:
            out.append(Row(offset[min(before, len(offset) - 1)], tuple(cell.strip() for cell in cells)))
            before = reader.line_num
    except csv.Error as error:
        line = offset[min(reader.line_num, len(offset)) - 1]
        raise InputError("this line is no row of cells", where=f"{name}, line {line}", found=str(error)) from None
    return tuple(out)


def _is_comma(rows: Sequence[Row], separator: str, decimal: str | None, name: str) -> bool:
    """Whether numbers are written with a decimal comma. Raises InputError where both readings are possible."""
    if decimal is not None:
        return decimal == ","
    commas = [(r.line, c) for r in rows for c in r.cells if "," in c and _COMMA.fullmatch(c)]
    grouped = [(r.line, c) for r in rows for c in r.cells if _THOUSANDS.fullmatch(c)]
    points = [(r.line, c) for r in rows for c in r.cells if "." in c and _POINT.fullmatch(c)]
    if commas and points:
        raise InputError("some numbers have a decimal comma and others a point", where=name,
                         found=f"{commas[0][1]} on line {commas[0][0]}, {points[0][1]} on line {points[0][0]}",
                         expected="one of the two, and no separators of thousands")  # fmt: skip
    if commas and len(commas) == len([c for c in grouped if c in commas]):
        raise InputError("a comma here may stand for decimals or for thousands", where=f"{name}, line {commas[0][0]}",
                         found=commas[0][1], expected='decimal="," or decimal="."',
                         example='read(path, decimal=",")')  # fmt: skip
    return bool(commas)
