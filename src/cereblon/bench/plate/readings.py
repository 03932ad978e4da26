"""Readings: what a reader measured, one row a well. Here simulation and analysis meet.

A simulated assay is measured into Readings (`measure`), a user's file is read into Readings (`read`); the same code
then normalises, judges and fits both. A row holds

    plate, well            where it was ("" where the file does not say)
    role                   sample | untreated | positive | blank | another control by its name
    compound, concentration, and for combinations partner, partner_concentration
    cell, time (h), replicate
    group                  what else tells curves apart ("" where nothing does)
    value                  the reading; NaN where the well is missing

Concentrations are in nM where the unit is one of amount per volume, else in the unit of the file; `unit` "1" means
that nobody said. A concentration of 0 is a control: the curve's value there is its asymptote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bench.plate.decays import Decays
    from cereblon.bench.plate.fits import Fits
    from cereblon.bench.plate.growth import Growth
    from cereblon.bench.plate.quality import Quality
    from cereblon.bench.synergy import Synergy

Floats = NDArray[np.float64]
Words = NDArray[np.str_]

SAMPLE, UNTREATED, POSITIVE, BLANK = "sample", "untreated", "positive", "blank"
TEXTS = ("plate", "well", "role", "compound", "partner", "cell", "group")
NUMBERS = ("concentration", "partner_concentration", "time", "replicate", "start", "control")
CURVE = ("compound", "partner", "partner_concentration", "cell", "time", "group")
"""What the wells of one curve have in common."""


@dataclass(frozen=True, eq=False)
class Readings:
    """Readings of any number of plates. Every column is given whole, or once for all wells.

    `start` and `control` are the counts at time 0 and of the untreated at the same time, where a file brings them on
    each row (for growth rates); NaN otherwise. `of` says what was read. Raises InputError for columns of unequal
    length, a negative or unbounded concentration, or a well that was read twice.

    >>> few = Readings(value=[9.8, 5.1, 1.2], concentration=[0, 10, 1000], compound="X", unit="nM")
    >>> few.count, few.doses.tolist()
    (3, [10.0, 1000.0])
    """

    value: Floats
    concentration: Floats = field(default_factory=lambda: np.array(0.0))
    compound: Words = field(default_factory=lambda: np.array(""))
    role: Words = field(default_factory=lambda: np.array(SAMPLE))
    plate: Words = field(default_factory=lambda: np.array(""))
    well: Words = field(default_factory=lambda: np.array(""))
    partner: Words = field(default_factory=lambda: np.array(""))
    partner_concentration: Floats = field(default_factory=lambda: np.array(0.0))
    cell: Words = field(default_factory=lambda: np.array(""))
    time: Floats = field(default_factory=lambda: np.array(np.nan))
    replicate: Floats = field(default_factory=lambda: np.array(1.0))
    group: Words = field(default_factory=lambda: np.array(""))
    start: Floats = field(default_factory=lambda: np.array(np.nan))
    control: Floats = field(default_factory=lambda: np.array(np.nan))
    unit: str = "nM"
    partner_unit: str = "nM"
    of: str = "signal"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        value = np.atleast_1d(np.asarray(self.value, dtype=np.float64))
        columns: dict[str, NDArray[Any]] = {"value": value}
        for name in (*TEXTS, *NUMBERS):
            kind: Any = np.str_ if name in TEXTS else np.float64
            column = np.asarray(getattr(self, name), dtype=kind)
            if column.ndim > 1 or (column.ndim == 1 and column.size != value.size):
                raise InputError(f"the column {name} has another length", found=str(column.size),
                                 expected=f"{value.size}, one a well")  # fmt: skip
            columns[name] = np.broadcast_to(column, value.shape).copy()
        for name, column in columns.items():
            column.flags.writeable = False
            object.__setattr__(self, name, column)
        for name in ("concentration", "partner_concentration"):
            bad = np.flatnonzero(~(np.isfinite(columns[name]) & (columns[name] >= 0)))
            if bad.size:
                raise InputError("a concentration is a number not below 0", where=self._place(int(bad[0])),
                                 found=f"{columns[name][bad[0]]:g}", example="0 for an untreated well")  # fmt: skip
        self._refuse_twice()

    def _place(self, row: int) -> str:
        return " ".join(filter(None, (self.plate[row], self.well[row]))) or f"row {row + 1}"

    def _refuse_twice(self) -> None:
        named = np.flatnonzero(self.well != "")
        seen: dict[tuple[Any, ...], int] = {}
        twice = []
        for row in named:
            key = (self.plate[row], self.well[row], str(self.time[row]), self.group[row])
            if key in seen:
                twice.append(self._place(int(row)))
            seen[key] = int(row)
        if twice:
            more = f" and {len(twice) - 5} more" if len(twice) > 5 else ""
            raise InputError("a well was read twice", found=", ".join(twice[:5]) + more,
                             expected="one reading a well, or a column plate, time or group that tells them apart",
                             example="plate,well,value")  # fmt: skip

    @property
    def count(self) -> int:
        """How many wells there are, missing ones among them."""
        return int(self.value.size)

    @property
    def missing(self) -> int:
        """How many wells have no reading."""
        return int(np.isnan(self.value).sum())

    @property
    def doses(self) -> Floats:
        """The concentrations above 0 of the samples, ascending."""
        given = self.concentration[(self.role == SAMPLE) & (self.concentration > 0)]
        return np.unique(given)

    def where(self, mask: NDArray[np.bool_] | NDArray[np.intp]) -> Readings:
        """The readings of some wells, by a mask or by their places."""
        columns: dict[str, Any] = {name: getattr(self, name)[mask] for name in ("value", *TEXTS, *NUMBERS)}
        return replace(self, **columns)

    def only(self, **wanted: str | float) -> Readings:
        """The wells in which each named column has the given value: `only(compound="mezigdomide", time=72)`.

        Raises InputError for a column that there is not, or when no well is left.
        """
        mask = np.ones(self.count, dtype=bool)
        for name, value in wanted.items():
            if name not in (*TEXTS, *NUMBERS):
                raise InputError("readings have no such column", found=name, expected=", ".join((*TEXTS, *NUMBERS)))
            mask &= getattr(self, name) == value
            if not mask.any():
                there = ", ".join(str(v) for v in np.unique(getattr(self, name))[:8])
                raise InputError("no well is left", found=f"{name} = {value}", expected=f"one of {there}")
        return self.where(mask)

    def __add__(self, other: Readings) -> Readings:
        """Both sets of wells. Raises InputError when their units differ or a well would stand twice."""
        return Readings.joined((self, other))

    @classmethod
    def joined(cls, parts: Sequence[Readings]) -> Readings:
        """The wells of all parts, one after the other. Raises InputError as their sum does."""
        first = parts[0]
        for one in parts:
            if (first.unit, first.partner_unit) != (one.unit, one.partner_unit):
                raise InputError("readings in different units do not add", found=f"{first.unit} and {one.unit}",
                                 expected="one unit")  # fmt: skip
        columns: dict[str, Any] = {n: np.concatenate([getattr(one, n) for one in parts])
                                   for n in ("value", *TEXTS, *NUMBERS)}  # fmt: skip
        of = " and ".join(dict.fromkeys(one.of for one in parts))
        return replace(first, **columns, of=of, notes=tuple(dict.fromkeys(n for one in parts for n in one.notes)))

    def replace(self, **columns: Any) -> Readings:
        """A copy with other columns, each whole or once for all wells."""
        return replace(self, **columns)

    def curves(self) -> Iterator[tuple[str, Readings]]:
        """(name, wells) of each curve, in the order of the file; untreated wells go to every curve that they control.

        Samples that agree in compound, partner and its concentration, cell, time and group make a curve. An untreated
        well of the same cell, time, group and plates, and of the same compound, is its zero dose; so is one whose
        compound or group no sample has ("", or a control's own name).
        """
        sample = self.role == SAMPLE
        keys = list(zip(*(getattr(self, name).astype(np.str_).tolist() for name in CURVE), strict=True))
        members: dict[tuple[Any, ...], list[int]] = {}
        for row in np.flatnonzero(sample).tolist():
            members.setdefault(keys[row], []).append(row)
        told = [name for i, name in enumerate(CURVE) if len({key[i] for key in members}) > 1]
        controls = self._controls(sample)
        for rows in members.values():
            zero = controls(rows[0], set(self.plate[rows].tolist()))
            yield self._named(rows[0], told), self.where(np.array(sorted(rows + zero)))

    def _controls(self, sample: NDArray[np.bool_]) -> Callable[[int, set[str]], list[int]]:
        """(a sample, plates) -> the untreated wells of these plates that control it.

        An untreated well goes with the samples that share its words, but for words that no sample has: these hold for
        all. So the wells are kept by the words that bind them, and a curve looks up its own.
        """
        names = ("compound", "cell", "time", "group", "partner", "partner_concentration")
        columns = [getattr(self, name).astype(np.str_).tolist() for name in names]
        of_samples = [{"", *np.array(column)[sample].tolist()} for column in columns]
        free = [
            {"", "nan", *column} - (words - {""}) if name in ("compound", "group", "cell")
            else set() if name == "partner_concentration" else {"", "nan"}
            for name, column, words in zip(names, columns, of_samples, strict=True)
        ]  # fmt: skip
        found: dict[tuple[bool, ...], dict[tuple[str, ...], list[int]]] = {}
        for row in np.flatnonzero(self.role == UNTREATED).tolist():
            words = [column[row] for column in columns]
            bound = tuple(word not in some for word, some in zip(words, free, strict=True))
            key = (str(self.plate[row]), *(word for word, is_bound in zip(words, bound, strict=True) if is_bound))
            found.setdefault(bound, {}).setdefault(key, []).append(row)

        def of(row: int, plates: set[str]) -> list[int]:
            words = [column[row] for column in columns]
            out: list[int] = []
            for bound, wells in found.items():
                mine = tuple(word for word, is_bound in zip(words, bound, strict=True) if is_bound)
                for plate in plates:
                    out += wells.get((plate, *mine), [])
            return out

        return of

    def _named(self, row: int, told: list[str]) -> str:
        """The name of the curve of one well, by what tells the curves apart."""
        words = []
        if "partner_concentration" in told and "compound" not in told:
            told = ["compound", *told]
        for name in told or ["compound", "group"]:
            value = getattr(self, name)[row]
            if name == "partner_concentration":
                unit = f" {self.partner_unit}".removesuffix(" 1")
                words.append(f"+ {value:.4g}{unit} {self.partner[row]}".rstrip() if value > 0 else "")
            elif name != "partner" or "partner_concentration" not in told:
                words.append(f"{value:g} h" if name == "time" else str(value))
        return " ".join(filter(None, words)) or str(self.compound[row]) or self.of

    def normalised(self, to: str = UNTREATED) -> Readings:
        """The readings over their own controls, plate by plate (and cell and time, where these have controls).

        `to` "untreated": 1 is the mean of the untreated wells, 0 the mean of the blanks (or 0 itself, without blanks).
        `to` "positive": 0 is the mean of the positive controls instead. Raises InputError where controls are missing,
        or where the two means do not differ.
        """
        from cereblon.bench.plate.controls import normalised

        return normalised(self, to)

    def quality(self) -> Quality:
        """Z', signal window and CVs of each plate (see `plate.quality`). Raises InputError without controls."""
        from cereblon.bench.plate.quality import quality

        return quality(self)

    def fit(self, model: str = "4PL", *, normalise: str | None = None, **options: Any) -> Fits:
        """The dose-response curve of each compound (see `plate.fits.fits` for the options). Raises InputError."""
        from cereblon.bench.plate.fits import fits

        return fits(self, model, normalise=normalise, **options)

    def decay(self, *, normalise: str | None = None, **options: Any) -> Decays:
        """The time course of each compound and concentration: rate, half-time, plateau, lag (see
        `plate.decays.decays` for the options). Raises InputError."""
        from cereblon.bench.plate.decays import decays

        return decays(self, normalise=normalise, **options)

    def growth(self, *, progress: Callable[[int, int], None] | None = None) -> Growth:
        """Growth-rate inhibition of each compound: GR50, GRmax and their kin. Raises InputError without counts at
        time 0 and of untreated cells."""
        from cereblon.bench.plate.growth import growth

        return growth(self, progress=progress)

    def synergy(self, **options: Any) -> tuple[Synergy, ...]:
        """Every combination matrix in these wells, scored against every reference (see `bench.synergy.analysed` for the
        options). Raises InputError for wells of one drug, or numbers of which nobody can say what they are."""
        from cereblon.bench.synergy import analysed

        return analysed(self, **options)

    def table(self) -> pd.DataFrame:
        """One row a well. Columns in which nothing stands are left out; units stand in the names."""
        import pandas as pd

        unit = {"1": ""}.get(self.unit, f" ({self.unit})")
        other = {"1": ""}.get(self.partner_unit, f" ({self.partner_unit})")
        columns = {
            "plate": self.plate,
            "well": self.well,
            "role": self.role,
            "compound": self.compound,
            f"concentration{unit}": self.concentration,
            "partner": self.partner,
            f"partner concentration{other}": self.partner_concentration,
            "cell": self.cell,
            "time (h)": self.time,
            "replicate": self.replicate.astype(int),
            "group": self.group,
            "start": self.start,
            "control": self.control,
            "value": self.value,
        }
        alone = not (self.partner != "").any()
        kept = {}
        for name, column in columns.items():
            empty = (column == "").all() if column.dtype.kind == "U" else np.isnan(column).all()
            if name.startswith("partner c") and alone:
                continue
            if not empty or name == "value":
                kept[name] = column
        return pd.DataFrame(kept)

    def save(self, path: str | Path) -> Path:
        """Write the table as CSV that `read` takes back, whole or not at all; notes stand on top after "#"."""
        from cereblon.bench.plate.columns import meaning_of
        from cereblon.ground.files import write_atomically

        head = "".join(f"# {note}\n" for note in self.notes)
        name = self.of if meaning_of(self.of) == "value" else "value"
        return write_atomically(Path(path), head + self.table().rename(columns={"value": name}).to_csv(index=False))

    def __str__(self) -> str:
        roles = {role: int((self.role == role).sum()) for role in dict.fromkeys(self.role.tolist())}
        plates = {plate for plate in self.plate.tolist() if plate}
        lines = [
            f"{self.of}: {self.count} wells"
            + (f" of {len(plates)} plates" if len(plates) > 1 else "")
            + f" ({', '.join(f'{n} {role}' for role, n in roles.items())})"
            + (f", {self.missing} missing" if self.missing else "")
        ]
        unit = {"1": ""}.get(self.unit, f" {self.unit}")
        for name, wells in self.curves():
            doses = wells.doses
            if doses.size:
                lines.append(f"  {name}: {doses.size} concentrations, {doses[0]:.4g} to {doses[-1]:.4g}{unit}")
        return "\n".join((*lines, *self.notes))
