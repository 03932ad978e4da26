"""The one reader of record files: closed TOML in, checked quantities out, every error with file and address.

A file is a tree of tables whose path is the address: `[CRBN]` with `Kd = {value = "12.6 nM", source = "...",
grade = "assumed"}` is `CRBN.Kd`. Each number has value, source and grade, and may have `interval` and `note`;
other keys are refused. The unit must have the dimension of the quantity that the last word names, the value
its sign. A shipped file cites keys of `data/sources.toml`; a user's own file may write the source as text.
Top-level keys that are not addresses ("header") are closed by the pydantic model of each kind of record.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cereblon.ground.errors import InputError, RecordError
from cereblon.ground.quantity import Quantity, unit
from cereblon.ground.vocabulary import Word, nearest, vocabulary
from cereblon.records.sources import sources

DATA = Path(__file__).parent.parent / "data"
LARGEST_FILE = 250_000  # bytes; the largest shipped record has 20,000
LONGEST_LINE = 1_000  # tomllib's time grows with the square of the parts of a dotted key
DEEPEST = 5  # words of an address

EXAMPLE = 'Kd = {value = "12.6 nM", source = "Fischer 2014", grade = "measured"}'
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")

Grade = Literal["measured", "label", "secondary", "derived", "recalled", "anecdote", "assumed", "calibrated"]
Shown = str  # text that is shown as it stands


class Closed(BaseModel):
    """A table whose keys are all known; nothing is coerced."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Entry(Closed):
    """One number of a record file."""

    value: str = Field(max_length=64)
    source: Shown = Field(min_length=3, max_length=300)
    grade: Grade
    interval: list[str] | None = Field(default=None, min_length=2, max_length=2)
    note: Shown = Field(default="", max_length=600)


class Header(Closed):
    """What stands at the top of every record file."""

    symbol: str = Field(default="", max_length=60)
    note: Shown = Field(default="", max_length=1000)
    structure: dict[str, int] = Field(default_factory=dict)


H = TypeVar("H", bound=Header)


@dataclass(frozen=True)
class Contents(Generic[H]):
    """A file as read: its name, its header, and its numbers by address (without the record's name)."""

    name: str
    file: Path
    header: H
    values: Mapping[str, Quantity]


def shipped(folder: str) -> tuple[str, ...]:
    """Names of the records that come with the package, sorted; files of class defaults are not among them."""
    return tuple(sorted(p.stem for p in (DATA / folder).glob("*.toml") if not p.stem.startswith("default")))


def locate(name_or_path: str | Path, folder: str, what: str) -> Path:
    """The file of a shipped record by name, or a user's own `.toml` file by path.

    A name is an identifier and never part of a path. Raises InputError naming the nearest shipped record.
    """
    text = str(name_or_path)
    if text.endswith(".toml") and "\0" not in text:
        return Path(text)
    names = shipped(folder)
    if text in names:
        return DATA / folder / f"{text}.toml"
    if not _NAME.fullmatch(text):
        raise InputError(
            f"this is not the name of a {what}",
            found=text or "nothing",
            expected="a name of letters, digits and _, or the path of a .toml file",
            example=names[0],
        )
    close = nearest(text, names)
    raise InputError(
        f"there is no {what} of this name",
        found=text,
        expected=(f"the nearest is {close}; all: " if close else "one of ") + ", ".join(names),
        example=close or names[0],
    )


def read(file: Path, header: type[H], families: Callable[[str], bool] = lambda address: False) -> Contents[H]:
    """Read and check one record file.

    `families(address)` is true where a number may stand once per assay family (`CRBN.Kd.FP`).
    Raises RecordError (one paragraph: file and address, found, expected, example).
    """
    stem = file.stem
    if not _NAME.fullmatch(stem):
        raise RecordError(
            "the file's name is the record's name",
            where=str(file),
            found=stem,
            expected="letters, digits and _",
            example="my_glue.toml",
        )
    tree = _toml(file)
    names = set(header.model_fields)
    where = _label(file)
    checked = _validated(header, {k: v for k, v in tree.items() if k in names}, where, "", names)
    for word in checked.structure:
        _known(word, where, f"structure.{word}", {"structure"})
    cites = None if DATA not in file.parents else set(sources())
    values: dict[str, Quantity] = {}
    for address, leaf in _leaves({k: v for k, v in tree.items() if k not in names}, where, names):
        values[address] = _quantity(address, leaf, where, cites, families)
    return Contents(stem, file, checked, values)


def check_beneath(values: Mapping[str, Quantity], where: str) -> None:
    """Check numbers behind modifiers (`hold.neutrophil.count`) as those of what the modifiers speak of.

    Raises RecordError as `check_value` does.
    """
    for address, value in values.items():
        words = address.split(".")
        while len(words) > 1 and vocabulary()[words[0]].kind == "modifier":
            words.pop(0)
        check_value(".".join(words), value, f"{where}: {address}")


def check_value(address: str, value: Quantity, where: str = "") -> None:
    """Check words, dimension and sign of a number at `address` (with or without a record's name in front).

    Raises RecordError for a word outside the vocabulary, a wrong unit, or a number outside its range.
    """
    words = address.split(".")
    rows = [_known(word, where, address) for word in words]
    rule = rows[0] if rows[0].kind == "modifier" else rows[-1]
    if rule.kind not in ("quantity", "modifier"):
        raise RecordError(
            "an address ends with a quantity",
            where=f"{where}: {address}".lstrip(": "),
            found=words[-1],
            expected="a quantity of the vocabulary",
            example="CRBN.Kd",
        )
    place = f"{where}: {address}" if where else address
    if rule.units and not any(unit(value.unit).fits(unit(u)) for u in rule.units):
        raise RecordError(
            "wrong unit",
            where=place,
            found=str(value),
            expected=f"a unit like {' or '.join(rule.units)}",
            example=EXAMPLE.replace("12.6 nM", f"1 {rule.units[0]}").replace("Kd", words[-1]),
        )
    for number in (value.value, value.low, value.high):
        if number is None:
            continue
        scaled = number * unit(value.unit).factor
        expected = {
            "positive": "a number above 0" if scaled <= 0 else "",
            "nonnegative": "a number not below 0" if scaled < 0 else "",
            "fraction": "a number from 0 to 1" if not 0 <= scaled <= 1 else "",
        }.get(rule.range, "")
        if expected:
            raise RecordError(
                "a number out of its range",
                where=place,
                found=f"{number:g} {value.unit}".removesuffix(" 1"),
                expected=expected,
            )


def _label(file: Path) -> str:
    return str(file.relative_to(DATA)) if DATA in file.parents else str(file)


def _toml(file: Path) -> dict[str, Any]:
    where = _label(file)
    try:
        if file.is_dir():
            raise RecordError("this is a folder", where=where, expected="the path of a .toml file")
        if not file.is_file():
            raise RecordError("there is no such file", where=where, expected="the path of a .toml file")
        size = file.stat().st_size  # asked before reading: a large file is refused unread
        if size > LARGEST_FILE:
            raise RecordError(
                "this file is too large for a record",
                where=where,
                found=f"{size:,} bytes",
                expected=f"at most {LARGEST_FILE:,} bytes",
            )
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = "it is not text in UTF-8" if isinstance(error, UnicodeError) else str(error)
        raise RecordError(
            "this file cannot be read", where=where, found=reason, expected="a TOML file"
        ) from None
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            raise RecordError(
                f"line {number} is too long",
                where=where,
                found=f"{len(line):,} characters",
                expected=f"at most {LONGEST_LINE:,}",
            )
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "tables nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise RecordError(
            "this is not TOML", where=where, found=reason, expected="closed TOML", example=EXAMPLE
        ) from None


def _leaves(tree: dict[str, Any], where: str, names: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(address, table of one number), in the file's order; without recursion, as a file may be deep."""
    fields = set(Entry.model_fields)
    todo: list[tuple[tuple[str, ...], Any]] = [((key,), value) for key, value in reversed(tree.items())]
    while todo:
        path, value = todo.pop()
        address = ".".join(path)
        if not isinstance(value, dict):
            close = nearest(path[0], names) if len(path) == 1 else ""
            raise RecordError(
                "a number stands with its source and grade",
                where=f"{where}: {address}",
                found=repr(value),
                expected="a table {value, source, grade}" + (f" (or the key {close}?)" if close else ""),
                example=EXAMPLE,
            )
        if fields & value.keys():
            yield address, value
        elif len(path) == DEEPEST:
            raise RecordError("this table is nested too deeply", where=f"{where}: {address}", example=EXAMPLE)
        else:
            todo += [((*path, key), below) for key, below in reversed(value.items())]


def _quantity(
    address: str, leaf: dict[str, Any], where: str, cites: set[str] | None, families: Callable[[str], bool]
) -> Quantity:
    entry = _validated(Entry, leaf, where, address, set(Entry.model_fields))
    place = f"{where}: {address}"
    if cites is not None and entry.source not in cites:
        close = nearest(entry.source, cites)
        raise RecordError(
            "unknown source",
            where=place,
            found=entry.source,
            expected="a key of data/sources.toml" + (f"; the nearest is {close}" if close else ""),
        )
    if not entry.source.strip():
        raise RecordError("source is missing", where=place, expected="who says so", example=EXAMPLE)
    try:
        value = Quantity.parse(
            entry.value, interval=entry.interval, source=entry.source, grade=entry.grade, note=entry.note
        )
    except InputError as error:
        raise RecordError(
            error.message,
            where=place,
            found=error.found,
            expected=error.expected,
            example=error.example or EXAMPLE,
        ) from None
    named, _, last = address.rpartition(".")
    check_value(
        named if families(named) and _known(last, where, address).kind == "assay" else address, value, where
    )
    return value


def _known(word: str, where: str, address: str, kinds: set[str] | None = None) -> Word:
    rows = vocabulary()
    row = rows.get(word)
    if row is None or (kinds and row.kind not in kinds):
        close = nearest(word, [w for w, r in rows.items() if not kinds or r.kind in kinds])
        raise RecordError(
            "unknown word",
            where=f"{where}: {address}" if where else address,
            found=word or "nothing",
            expected="a word of the vocabulary" + (f"; the nearest is {close}" if close else ""),
            example="CRBN.Kd",
        )
    return row


M = TypeVar("M", bound=BaseModel)


def _validated(model: type[M], data: dict[str, Any], where: str, address: str, names: set[str]) -> M:
    """The model of `data`, or the first of pydantic's findings as one of our paragraphs."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"])
    place = f"{where}: " + ".".join(filter(None, (address, key)))
    last = str(first["loc"][-1]) if first["loc"] else ""
    if last == "kind" and not address:
        allowed = [a for a in get_args(model.model_fields["kind"].annotation) if isinstance(a, str)]
        raise RecordError(
            "kind is missing" if first["type"] == "missing" else "this is no kind of record that is read here",
            where=place,
            found="" if first["type"] == "missing" else repr(first["input"]),
            expected=f"one of {', '.join(allowed)}" if allowed else "what the file is of",
            example=f'kind = "{allowed[0] if allowed else "glue"}"',
        )
    if first["type"] == "missing":
        raise RecordError(
            f"{last} is missing",
            where=place,
            expected="value, source and grade of every number",
            example=EXAMPLE,
        )
    if first["type"] == "extra_forbidden":
        close = nearest(last, names)
        raise RecordError(
            "unknown key",
            where=place,
            found=last,
            example=EXAMPLE,
            expected=", ".join(sorted(names)) + (f"; the nearest is {close}" if close else ""),
        )
    expected = ", ".join(get_args(Grade)) if last == "grade" else first["msg"].lower()
    raise RecordError(
        "this does not fit", where=place, found=repr(first["input"]), expected=expected, example=EXAMPLE
    )
