"""A file of volumes as a laboratory keeps it: long or wide, by caliper or as volumes, read into a `Xenograft`.

    Treatment,Mouse,Day,TV                  long: a row per mouse and day
    arm,mouse,day,length,width              the same by caliper, volume 1/2 L W^2
    Treatment,Mouse,0,3,7,10                wide: a column per day ("Day 3", "D3" too)

Commas, semicolons (then with decimal commas) or tabs; with or without a byte order mark; lines that begin with "# "
are notes. Nothing is mended in
silence: what is left out stands in the notes, what is ambiguous is refused with its lines.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cereblon.bench.plate.examples import or_example
from cereblon.bench.plate.mangled import what_happened
from cereblon.bench.volumes import Xenograft, combinations_of_names
from cereblon.ground.errors import InputError, shorten
from cereblon.ground.vocabulary import nearest
from cereblon.statistics.growth import Sizes
from cereblon.statistics.resampling import DRAWS, Interval

LARGEST_FILE = 20_000_000  # bytes; a study of 1,000 mice and 60 days has two million
MOST_DAYS, MOST_MICE = 1000, 2000
NAMES: Mapping[str, tuple[str, ...]] = {
    "mouse": ("mouse", "mouse id", "mouseid", "mouse no", "mouse number", "animal", "animal id", "animalid", "subject",
              "id"),
    "arm": ("arm", "treatment", "treatment arm", "treatment group", "group", "cohort"),
    "day": ("day", "days", "time", "study day", "day of study", "day post treatment", "dpt"),
    "volume": ("volume", "tv", "tumor volume", "tumour volume", "tumorvolume", "vol", "volume mm3", "tv mm3",
               "tumor volume mm3", "tumour volume mm3", "size"),
    "length": ("length", "length mm", "l"),
    "width": ("width", "width mm", "w"),
}  # fmt: skip
VEHICLES = ("vehicle", "control", "ctrl", "placebo", "pbs", "saline", "untreated")
MISSING = ("", "na", "n/a", "nan", "null", ".", "-")
TO_MM3 = {"mm3": 1.0, "cm3": 1000.0, "mL": 1000.0}
FURTHEST = 1e15  # mm3, or counts of light: nothing of a mouse is beyond
SMALL = 5.0  # mm3, below which a median start is hardly one: perhaps another unit
DUPLICATES = ("refuse", "mean")
_DAY = re.compile(r"(?:day|d|t)?[\s_]*(-?\d+(?:[.,]\d+)?)", re.IGNORECASE)
_EXAMPLE = "Treatment,Mouse,Day,TV"


class Reading(NamedTuple):
    """One measurement: where it stands in the file, whose, when, and its volume (mm3, NaN if not measured)."""

    line: int
    mouse: str
    arm: str
    day: float
    volume: float
    length: float = math.nan
    width: float = math.nan


def read_xenograft(
    path: str | Path,
    vehicle: str = "",
    columns: Mapping[str, str] | None = None,
    *,
    combinations: Mapping[str, Sequence[str]] | None = None,
    start: float | None = None,
    unit: str = "mm3",
    duplicates: str = "refuse",
    limit: float | None = None,
    offset: float = 0.0,
    seed: int = 1,
    draws: int = DRAWS,
    interval: Interval = "expanded",
    blocked: bool = False,
) -> Xenograft:
    """A study from a file of volumes.

    `vehicle` names the control arm (else the one that is called so); `columns` says which column is the mouse, arm,
    day, volume, length or width ({"volume": "TV"}); `combinations` names an arm and those of its
    single drugs (else arms called "A + B"); `start` is the day of the first dose (else 0 if that was measured, else the
    first day), from which days are counted; `unit` of volumes is mm3, cm3 or mL; `duplicates` "mean" averages two
    readings of one mouse on one day instead of refusing them; `limit` (mm3) is the volume at which mice were taken out,
    if known; `offset` (mm3) is added before a logarithm (invivoSyn: 1). `interval` is that
    of `statistics.resampling`, `blocked` where lots were drawn within blocks of like volume (`statistics.growth`).
    Raises InputError with the file and line.
    """
    file = or_example(path)
    if unit not in TO_MM3:
        raise InputError("unknown unit of volume", where="unit", found=str(unit), expected=", ".join(TO_MM3))
    if duplicates not in DUPLICATES:
        raise InputError("readings of one mouse and day are refused or averaged", where="duplicates",
                         found=str(duplicates), expected=", ".join(DUPLICATES))  # fmt: skip
    if not 0 <= offset < math.inf:
        raise InputError("an offset is a volume from 0 up", where="offset", found=str(offset), example="1")
    sheet = _sheet(file)
    notes = list(sheet.notes)
    readings = _readings(sheet, dict(columns or {}), TO_MM3[unit])
    readings = _mice_apart(readings, notes)
    readings = _once_a_day(readings, duplicates, sheet.file, notes)
    readings = _from_start(readings, start, sheet.file, notes)
    study = _study(readings, sheet.file, vehicle, notes)
    if combinations:
        named = {both: tuple(singles) for both, singles in combinations.items()}
        for arm in (a for both, singles in named.items() for a in (both, *singles)):
            study.sizes.of(arm)  # refuses what is no arm
        study = replace(study, combinations=named)
    if limit is not None and not 0 < limit < math.inf:
        raise InputError(
            "a mouse is taken out at a volume above 0", where="limit", found=f"{limit:g} mm3", example="2000"
        )
    return replace(study, limit=limit, offset=offset, seed=seed, draws=draws, interval=interval, blocked=blocked)


@dataclass(frozen=True)
class _Sheet:
    """The cells of a file; `lines` are their line numbers."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    decimal_comma: bool
    notes: tuple[str, ...] = ()

    def number(self, cell: str, line: int, column: str) -> float:
        """The number of a cell, NaN for a missing one. Raises InputError naming line and column."""
        text = cell.strip().strip('"')
        if text.casefold() in MISSING:
            return math.nan
        try:
            value = float(text.replace(",", ".") if self.decimal_comma else text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            where, why = f"{self.file}, line {line}, {column}", what_happened(text)
            if why:
                raise InputError(f"this is not a number but {why}", where=where, found=text)
            hint = "a number; a decimal comma needs semicolons between the columns" if "," in text else "a number"
            raise InputError("this is not a number", where=where, found=text, expected=hint, example="152.4")
        return value


def _sheet(file: Path) -> _Sheet:
    name = file.name
    try:
        if file.is_dir() or not file.is_file():
            raise InputError("there is no such file", where=str(file), expected="a csv file of volumes")
        if file.stat().st_size > LARGEST_FILE:
            raise InputError("this file is too large for a study in mice", where=name,
                             found=f"{file.stat().st_size:,} bytes", expected=f"at most {LARGEST_FILE:,}")  # fmt: skip
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("this is no text in UTF-8", where=name, expected="a csv file") from None
    except OSError as error:
        raise InputError("this file cannot be read", where=name, found=error.strerror or str(error)) from None
    if "\0" in text:
        raise InputError("this is no text", where=name, expected="a csv file")
    notes = tuple(line.strip().lstrip("#").strip() for line in text.splitlines() if line.lstrip().startswith("# "))
    text = "\n".join("" if line.lstrip().startswith("# ") else line for line in text.splitlines())
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max((";", "\t", ","), key=first.count)
    if not first.count(separator):
        raise InputError("no columns were found", where=name, found=first or "an empty file", example=_EXAMPLE)
    try:
        reader = csv.reader(io.StringIO(text), delimiter=separator)
        table = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise InputError("this is no csv file", where=name, found=str(error), example=_EXAMPLE) from None
    filled = [(line, tuple(cell.strip() for cell in row)) for line, row in table if any(cell.strip() for cell in row)]
    (_, header), *body = filled
    while header and not header[-1]:
        header = header[:-1]
    twice = [h for h in header if header.count(h) > 1]
    if twice:
        raise InputError("two columns have one name", where=name, found=twice[0] or "an empty name")
    for line, row in body:
        if len(row) < len(header) or any(row[len(header) :]):
            raise InputError("a row with another number of cells than the header", where=f"{name}, line {line}",
                             found=f"{len(row)} cells", expected=f"{len(header)}")  # fmt: skip
    if not body:
        raise InputError("the file has a header and no row", where=name, example=_EXAMPLE)
    return _Sheet(name, header, tuple(row[: len(header)] for _, row in body), tuple(line for line, _ in body),
                  separator == ";", notes)  # fmt: skip


def _readings(sheet: _Sheet, given: dict[str, str], factor: float) -> list[Reading]:
    unknown = [key for key in given if key not in NAMES]
    if unknown:
        raise InputError("no such role of a column", where="columns", found=unknown[0], expected=", ".join(NAMES))
    column = {role: _column(sheet, role, given.get(role, "")) for role in NAMES}
    for role in ("mouse", "arm"):
        if column[role] is None:
            raise _no_column(sheet, role)
    taken = {i for i in column.values() if i is not None}
    days = {i: float(m[1].replace(",", ".")) for i, h in enumerate(sheet.header)
            if i not in taken and (m := _DAY.fullmatch(h))}  # fmt: skip
    if column["day"] is None and len(days) > 1 and column["length"] is None:
        if len(set(days.values())) < len(days):
            raise InputError("two columns are of one day", where=sheet.file, found=", ".join(sheet.header))
        return list(_wide(sheet, column["mouse"], column["arm"], days, factor))
    by_caliper = column["length"] is not None and column["width"] is not None and not given.get("volume")
    for role in ("day", *(() if by_caliper else ("volume",))):
        if column[role] is None:
            raise _no_column(sheet, role)
    return list(_long(sheet, column, by_caliper, factor))


def _column(sheet: _Sheet, role: str, named: str) -> int | None:
    """The index of a role's column: the one that is named, else the first of its usual names that is there."""
    if named:
        if named not in sheet.header:
            close = nearest(named, sheet.header)
            known = ", ".join(sheet.header) + (f"; the nearest is {close}" if close else "")
            raise InputError("there is no such column", where=f"{sheet.file}, columns", found=f"{role}: {named}",
                             expected=known)  # fmt: skip
        return sheet.header.index(named)
    plain = [" ".join(re.sub(r"[^a-z0-9]+", " ", h.casefold()).split()) for h in sheet.header]
    found = [plain.index(name) for name in NAMES[role] if name in plain]
    return found[0] if found else None


def _no_column(sheet: _Sheet, role: str) -> InputError:
    usual = ", ".join(NAMES[role][:4])
    return InputError(f"no column is the {role}", where=sheet.file, found=", ".join(sheet.header),
                      expected=f'a column called {usual} (or say which: columns={{"{role}": "NAME"}})',
                      example=_EXAMPLE)  # fmt: skip


def _long(sheet: _Sheet, column: Mapping[str, int | None], by_caliper: bool, factor: float) -> Iterable[Reading]:
    at = {role: -1 if i is None else i for role, i in column.items()}
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        day = sheet.number(row[at["day"]], line, sheet.header[at["day"]])
        if math.isnan(day):
            raise InputError("a row without a day", where=f"{sheet.file}, line {line}", expected="a day")
        length = width = math.nan
        if by_caliper:
            length, width = (sheet.number(row[at[r]], line, sheet.header[at[r]]) for r in ("length", "width"))
            volume = max(length, width) * min(length, width) ** 2 / 2
            wrong = min(length, width)
        else:
            volume = wrong = sheet.number(row[at["volume"]], line, sheet.header[at["volume"]]) * factor
        yield _reading(sheet, line, row[at["mouse"]], row[at["arm"]], day, volume, wrong)._replace(
            length=length, width=width
        )


def _wide(
    sheet: _Sheet, mouse: int | None, arm: int | None, days: Mapping[int, float], factor: float
) -> Iterable[Reading]:
    assert mouse is not None  # both were looked for
    assert arm is not None
    for line, row in zip(sheet.lines, sheet.rows, strict=True):
        for i, day in days.items():
            volume = sheet.number(row[i], line, sheet.header[i]) * factor
            yield _reading(sheet, line, row[mouse], row[arm], day, volume, volume)


def _reading(sheet: _Sheet, line: int, mouse: str, arm: str, day: float, volume: float, checked: float) -> Reading:
    where = f"{sheet.file}, line {line}"
    if not mouse or not arm:
        raise InputError("a row without a mouse or an arm", where=where, found=f"mouse {mouse!r}, arm {arm!r}")
    if abs(volume) > FURTHEST:
        raise InputError("this number is out of range: the volume", where=where, found=f"{volume:g}")
    if checked < 0:
        raise InputError("a volume is not negative", where=where, found=f"{checked:g}", expected="a number from 0 up")
    return Reading(line, mouse, " ".join(arm.split()), day, volume)


def _mice_apart(readings: list[Reading], notes: list[str]) -> list[Reading]:
    """A number that stands in several arms is a mouse of each."""
    arms: dict[str, set[str]] = {}
    for r in readings:
        arms.setdefault(r.mouse, set()).add(r.arm)
    shared = [mouse for mouse, own in arms.items() if len(own) > 1]
    if not shared:
        return readings
    listed = shorten(", ".join(shared), 40)
    notes.append(f"{len(shared)} number(s) of mice stand in several arms ({listed}): taken for a mouse of each")
    return [r._replace(mouse=f"{r.arm}/{r.mouse}") for r in readings]


def _once_a_day(readings: list[Reading], duplicates: str, file: str, notes: list[str]) -> list[Reading]:
    seen: dict[tuple[str, float], list[Reading]] = {}
    for r in readings:
        seen.setdefault((r.mouse, r.day), []).append(r)
    twice = {key: group for key, group in seen.items() if len(group) > 1}
    if twice and duplicates == "refuse":
        (mouse, day), group = next(iter(twice.items()))
        lines, volumes = ", ".join(str(r.line) for r in group), ", ".join(f"{r.volume:g}" for r in group)
        raise InputError(f"{len(twice)} mouse-day(s) stand twice", where=f"{file}, lines {lines}",
                         found=f"mouse {mouse}, day {day:g}: {volumes}",
                         expected="one reading of a mouse a day, or duplicates=mean")  # fmt: skip
    if twice:
        notes.append(f"{len(twice)} mouse-day(s) stood twice: their mean is read")
    out = []
    for group in seen.values():
        known = [r.volume for r in group if not math.isnan(r.volume)]
        one = group[0]
        out.append(one if len(group) == 1 else one._replace(
            volume=sum(known) / len(known) if known else math.nan, length=math.nan, width=math.nan))  # fmt: skip
    return out


def _from_start(readings: list[Reading], start: float | None, file: str, notes: list[str]) -> list[Reading]:
    """Days counted from the first dose; readings before it are left out, and mice without one on that day."""
    days = sorted({r.day for r in readings if not math.isnan(r.volume)})
    if not days:
        raise InputError("no volume was measured", where=file, expected="numbers in the column of volumes")
    many = len({r.mouse for r in readings})
    if many > MOST_MICE:
        raise InputError("too many mice for one study", where=file, found=f"{many:,}",
                         expected=f"at most {MOST_MICE:,}")  # fmt: skip
    if len(days) > MOST_DAYS:
        raise InputError("too many days for a study in mice", where=file, found=f"{len(days):,}")
    first = (0.0 if 0.0 in days else days[0]) if start is None else float(start)
    if first not in days:
        raise InputError("nothing was measured on the day of the first dose", where="start", found=f"{first:g}",
                         expected=f"one of {', '.join(f'{d:g}' for d in days[:12])}")  # fmt: skip
    earlier = sum(r.day < first for r in readings)
    if earlier:
        notes.append(f"{earlier} reading(s) before day {first:g} are left out")
    if first != 0:
        notes.append(f"days count from {first:g} of the file")
    kept = [r._replace(day=r.day - first) for r in readings if r.day >= first]
    at_start = {r.mouse: r.volume for r in kept if r.day == 0}
    mice = dict.fromkeys(r.mouse for r in kept)
    without = [m for m in mice if not at_start.get(m, math.nan) > 0]
    if len(without) == len(mice):
        raise InputError("no mouse has a volume above 0 at the start", where=file, found=f"day {first:g}")
    if without:
        notes.append(f"left out, without a volume above 0 on day {first:g}: mouse {shorten(', '.join(without), 60)}")
    return [r for r in kept if r.mouse not in set(without)]


def _study(readings: list[Reading], file: str, vehicle: str, notes: list[str]) -> Xenograft:
    mice = list(dict.fromkeys(r.mouse for r in readings))
    arm = {r.mouse: r.arm for r in readings}
    order = list(dict.fromkeys(arm[m] for m in mice))
    mice.sort(key=lambda m: order.index(arm[m]))  # stable: the file's order within an arm
    days = sorted({r.day for r in readings if not math.isnan(r.volume)})
    column = {day: i for i, day in enumerate(days)}
    row = {mouse: i for i, mouse in enumerate(mice)}
    values, length, width = (np.full((len(mice), len(days)), math.nan) for _ in range(3))
    for r in readings:
        if r.day in column:
            values[row[r.mouse], column[r.day]] = r.volume
            length[row[r.mouse], column[r.day]], width[row[r.mouse], column[r.day]] = r.length, r.width
    control = _control(order, vehicle, file)
    sizes = Sizes(tuple(mice), tuple(arm[m] for m in mice), np.array(days), values, control, "mm3")
    if len(order) < 2 or len(days) < 2:
        raise InputError("a study has two arms or more, and two days", where=file,
                         found=f"{len(order)} arm(s), {len(days)} day(s)")  # fmt: skip
    alone = [a for a in order if sum(arm[m] == a for m in mice) < 2]
    if alone:
        notes.append(f"one mouse only in {', '.join(alone)}: no interval, no test")
    zeros = int((values == 0).sum())
    if zeros:
        notes.append(f"{zeros} volume(s) of 0 have no logarithm: left out where one is taken, but for an offset")
    known = values[np.isfinite(values)]
    if known.size and not np.ptp(known) > 0:
        notes.append(f"every volume is {known[0]:g} mm3: nothing grew, so no comparison says anything")
    middle = float(np.median(values[:, 0]))
    if middle < SMALL:
        notes.append(f"the middle volume at the start is {middle:.3g} mm3: is the file in another unit?")
    gone = {a: sum(arm[m] == a and math.isnan(values[row[m], -1]) for m in mice) for a in order}
    if any(gone.values()):
        listed = ", ".join(f"{n} of {a}" for a, n in gone.items() if n)
        why = "Mice that leave for their size leave small ones behind: read the mixed model and the time to a size"
        notes.append(f"not followed to day {days[-1]:g}: {listed}. {why}")
    by_caliper = bool(np.isfinite(length).any())
    diameters = {"length_mm": length, "width_mm": width} if by_caliper else {}
    return Xenograft(file, sizes, combinations_of_names(order), notes=tuple(notes), diameters=diameters)


def _control(arms: list[str], vehicle: str, file: str) -> str:
    if vehicle:
        match = [a for a in arms if a.casefold() == " ".join(vehicle.split()).casefold()]
        if not match:
            close = nearest(vehicle, arms)
            raise InputError("there is no such arm", where="vehicle", found=vehicle,
                             expected=", ".join(arms) + (f"; the nearest is {close}" if close else ""))  # fmt: skip
        return match[0]
    found = [a for a in arms if any(word in re.split(r"[^a-z]+", a.casefold()) for word in VEHICLES)]
    if len(found) != 1:
        raise InputError("which arm is the vehicle is not clear", where=file, found=", ".join(arms),
                         expected="the name of one of them as the vehicle", example=f"vehicle={arms[0]!r}")  # fmt: skip
    return found[0]
