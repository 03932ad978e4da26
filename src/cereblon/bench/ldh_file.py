"""A user's file of an LDH plate: one row a well, by the names of its columns, or as the user says.

    role                       what is in the well (see `ROLES`)
    value                      the reading
    antibody, antibody_concentration, drug, drug_concentration, ratio (E:T), plate, well, replicate

None but role and value is needed. A header may carry its unit: "antibody_nM", "dara (ug/mL)". Cells, separators,
decimal signs and numbers are read as those of every plate file (`bench.plate.text`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from cereblon.bench.plate.amounts import in_one_unit
from cereblon.bench.plate.columns import folded, parted
from cereblon.bench.plate.readings import BLANK, SAMPLE, Readings
from cereblon.bench.plate.roles import well_name
from cereblon.bench.plate.text import MISSING, Row, Sheet, load
from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import nearest

EFFECTOR, TARGET, MAXIMUM, VOLUME = "effector", "target", "maximum", "volume"
_NAMES = {
    SAMPLE: "sample experimental experiment test exp treated untreated",
    EFFECTOR: "effector effectors effectorspontaneous effectorcontrol effectoralone effectorsalone eff effspont",
    TARGET: "target targets targetspontaneous spontaneous targetcontrol targetalone targetsalone targ targspont",
    MAXIMUM: "maximum max targetmaximum targetmax maximumrelease maximumlysis lysis lysed total",
    BLANK: "blank medium mediumblank mediumbackground mediumonly background culturemedium",
    VOLUME: "volume volumecontrol volumecorrection volumecorrectioncontrol mediumwithlysisbuffer lysisbuffer",
}
ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType({role: tuple(names.split()) for role, names in _NAMES.items()})
"""Role -> what plates call it, in small letters and without anything between."""

MEANINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        meaning: tuple(names.split())
        for meaning, names in {
            "role": "role type welltype wellrole sampletype content contents control condition",
            "value": "value reading readings signal od od490 a490 absorbance absorbance490 ldh rfu fluorescence",
            "antibody": "antibody mab antibodyname compound",
            "antibody_concentration": "antibodyconcentration antibodyconc antibody mab dara daratumumab concentration",
            "drug": "drug glue imid celmod drugname partner",
            "drug_concentration": "drugconcentration drugconc drug glue dose partnerconcentration",
            "ratio": "ratio et etratio effectortarget effectortotarget effectorspertarget group",
            "plate": "plate plateid platename",
            "well": "well wellid wellname position wellposition",
            "replicate": "replicate rep repl replicates",
        }.items()
    }
)
"""Meaning of a column -> names; where a name may mean a word or a number, what stands in the column decides."""

EXAMPLE = "well,role,ratio,antibody_nM,drug,drug_nM,value"


def role_of(text: str, where: str = "") -> str:
    """The role of a well by any of its names. Raises InputError with the nearest one.

    >>> role_of("Target Spontaneous"), role_of("max")
    ('target', 'maximum')
    """
    plain = folded(text)
    for role, names in ROLES.items():
        if plain in names:
            return role
    close = nearest(plain, [name for names in ROLES.values() for name in names])
    raise InputError("no well of an LDH plate has this role", where=where, found=text or "nothing",
                     expected=", ".join(ROLES), example=close or SAMPLE)  # fmt: skip


def ratio_of(text: str, where: str = "") -> float:
    """E:T as a number; NaN where nothing stands.

    >>> ratio_of("25:1"), ratio_of("E:T 2.5"), ratio_of("")
    (25.0, 2.5, nan)
    """
    plain = text.strip().removeprefix("E:T").strip().removesuffix(":1").strip()
    try:
        value = float(plain) if plain and plain.lower() not in MISSING else math.nan
    except ValueError:
        value = -1.0
    if not (math.isnan(value) or 0 <= value < math.inf):
        raise InputError("E:T is a number of effectors per target", where=where, found=text, example="25")
    return value


def read_ldh(
    path: str | Path, *, columns: Mapping[str, str] | None = None, decimal: str | None = None
) -> Readings:
    """Readings of an LDH plate's file, as `ldh` takes them.

    `columns` meaning -> name of the column, for what its name does not say: `{"role": "Sample type", "value": "A490"}`.
    `decimal` as in `read`. Raises InputError, with the line, for a file without role or value, a sample without the
    concentration that others have, an unknown role, a well that stands twice, and all that is no number.
    """
    file = _Table(load(path, decimal), columns or {})
    file.require("role", "value")
    roles = [role_of(word, line) for word, line in zip(file.words("role"), file.lines, strict=True)]
    wells = [well_name(w, line) if w else "" for w, line in zip(file.words("well"), file.lines, strict=True)]
    file.refuse_twice(wells)
    antibody, unit = file.doses("antibody_concentration", roles)
    drug, drug_unit = file.doses("drug_concentration", roles)
    ratios = file.ratios()
    given = {
        "value": file.numbers("value"),
        "role": roles,
        "well": wells,
        "plate": file.words("plate"),
        "compound": [word if level else "" for word, level in zip(file.words("antibody"), antibody, strict=True)],
        "concentration": antibody,
        "partner": [word if level else "" for word, level in zip(file.words("drug"), drug, strict=True)],
        "partner_concentration": drug,
        "group": ["" if math.isnan(ratio) else f"{ratio:g}" for ratio in ratios],
    }
    arrays: dict[str, Any] = {name: np.asarray(column) for name, column in given.items()}
    if np.isnan(arrays["value"]).all():
        raise InputError("no well has a reading", where=file.where, found=f"{len(roles)} missing values")
    of = file.header.cells[file.places["value"]]
    return Readings(**arrays, unit=unit, partner_unit=drug_unit, of=of, notes=tuple(dict.fromkeys(file.notes)))


class _Table:
    """The rows below the header of a file, by what its columns mean."""

    def __init__(self, sheet: Sheet, asked: Mapping[str, str]) -> None:
        self.sheet, self.notes = sheet, list(sheet.notes)
        self.header, body = _header(sheet, asked)
        self.where = f"{sheet.file}, line {self.header.line}"
        self.rows = [row for row in body if not row.empty]
        if not self.rows:
            raise InputError("there is no row below the header", where=self.where, example=EXAMPLE)
        self.lines = [f"{sheet.file}, line {row.line}" for row in self.rows]
        for row, line in zip(self.rows, self.lines, strict=True):
            if len(row.cells) != len(self.header.cells):
                raise InputError("this row has another number of cells than the header", where=line,
                                 found=str(len(row.cells)), expected=str(len(self.header.cells)))  # fmt: skip
        self.places = self._recognised(asked)

    def _recognised(self, asked: Mapping[str, str]) -> dict[str, int]:
        """Meaning -> place of its column: as asked, then by name; a name and its number are told apart by the cells."""
        names, found = self.header.cells, {}
        for name in names:
            if name and names.count(name) > 1:
                raise InputError("two columns have the same name", where=self.where, found=name)
        for meaning, name in asked.items():
            if meaning not in MEANINGS:
                raise InputError("columns of an LDH plate do not mean this", found=str(meaning),
                                 expected=", ".join(MEANINGS), example='columns={"role": "Sample type"}')  # fmt: skip
            if name not in names:
                close = nearest(str(name), [n for n in names if n])
                raise InputError(f"there is no column {name!r} for {meaning}", where=self.where,
                                 found=", ".join(n for n in names if n), expected=close)  # fmt: skip
            found[meaning] = names.index(name)
        for place, name in enumerate(names):
            if not name or place in found.values():
                continue
            meaning = self._meaning(place)
            if meaning in found and meaning not in asked:
                raise InputError(f"two columns may be the {meaning.replace('_', ' ')}", where=self.where,
                                 found=f"{names[found[meaning]]} and {name}", expected="which of them it is",
                                 example=f'columns={{"{meaning}": "{name}"}}')  # fmt: skip
            if meaning and meaning not in asked:
                found[meaning] = place
            else:
                self.notes.append(f"column {name} is not used")
        return found

    def _meaning(self, place: int) -> str:
        """What a column means by its name, "" for an unknown one."""
        name, unit = parted(self.header.cells[place])
        words = [m for m, known in MEANINGS.items() if {folded(self.header.cells[place]), folded(name)} & set(known)]
        if len(words) > 1:
            a_number = bool(unit) or self._is_numeric(place)
            words = [m for m in words if m.endswith("_concentration") == a_number]
        return words[0] if words else ""

    def _is_numeric(self, place: int) -> bool:
        try:
            return not all(math.isnan(self.sheet.number(row.cells[place], row.line, "")) for row in self.rows)
        except InputError:
            return False

    def require(self, *meanings: str) -> None:
        """Raise InputError unless there is a column for each."""
        for meaning in meanings:
            if meaning not in self.places:
                raise InputError(f"no column was recognised as the {meaning}", where=self.where,
                                 found=", ".join(name for name in self.header.cells if name),
                                 expected=f"a column called {meaning}, or its name", example=EXAMPLE)  # fmt: skip

    def words(self, meaning: str) -> list[str]:
        """The cells of a column; "" where there is none."""
        place = self.places.get(meaning)
        cells = ["" if place is None else row.cells[place] for row in self.rows]
        return ["" if cell.lower() in MISSING else cell for cell in cells]

    def numbers(self, meaning: str) -> list[float]:
        """The numbers of a column, NaN where missing."""
        what = f"column {self.header.cells[self.places[meaning]]}"
        wells = [f", well {well}" if well else "" for well in self.words("well")]
        words = zip(self.words(meaning), wells, self.rows, strict=True)
        return [self.sheet.number(word, row.line, what + well) for word, well, row in words]

    def ratios(self) -> list[float]:
        """E:T of each well, NaN where nothing stands."""
        comma = self.sheet.comma
        words = (word.replace(",", ".") if comma else word for word in self.words("ratio"))
        return [ratio_of(word, line) for word, line in zip(words, self.lines, strict=True)]

    def doses(self, meaning: str, roles: Sequence[str]) -> tuple[list[float], str]:
        """Concentrations in nM, or in the unit of the file; a control need not have one, a sample must."""
        if meaning not in self.places:
            return [0.0] * len(self.rows), "nM"
        header = self.header.cells[self.places[meaning]]
        found = self.numbers(meaning)
        for level, role, line in zip(found, roles, self.lines, strict=True):
            if math.isnan(level) and role == SAMPLE:
                raise InputError(f"{header} of a sample is missing", where=line, expected="a number; 0 for none")
            if level < 0:
                raise InputError("a concentration is not negative", where=line, found=f"{level:g}")
        levels = [0.0 if math.isnan(level) else level for level in found]
        scaled, unit, notes = in_one_unit(levels, [parted(header)[1]] * len(levels), self.where)
        self.notes += notes
        return scaled, unit

    def refuse_twice(self, wells: Sequence[str]) -> None:
        """Raise InputError where a well of a plate stands on two lines."""
        seen: dict[tuple[str, str], int] = {}
        for plate, well, row in zip(self.words("plate"), wells, self.rows, strict=True):
            if well and (plate, well) in seen:
                raise InputError("a well was read twice", where=self.sheet.file,
                                 found=f"{plate} {well} on lines {seen[plate, well]} and {row.line}".strip(),
                                 expected="one reading a well, or a column plate that tells them apart")  # fmt: skip
            seen[plate, well] = row.line


def _header(sheet: Sheet, asked: Mapping[str, str]) -> tuple[Row, Sequence[Row]]:
    """The first row with two names and no number, one of the names known or asked for, and the rows below it."""
    known = {name for names in MEANINGS.values() for name in names}
    for i, row in enumerate(sheet.rows[:50]):
        names = [cell for cell in row.cells if cell]
        is_known = any(n in asked.values() or {folded(n), folded(parted(n)[0])} & known for n in names)
        if len(names) > 1 and is_known and not any(map(_is_number, names)):
            return row, sheet.rows[i + 1 :]
    first = next(row for row in sheet.rows if not row.empty)
    raise InputError("no header was found", where=f"{sheet.file}, line {first.line}", found=", ".join(first.cells[:8]),
                     expected="a row of names above the wells", example=EXAMPLE)  # fmt: skip


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
