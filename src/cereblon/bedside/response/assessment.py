"""What is measured of a patient's disease: at one visit, or at all visits of many patients.

The field's units inside: serum g/dL, urine mg/24 h, light chains mg/dL, lesions cm and cm2, plasma cells of the
marrow as a share, of the blood per uL, calcium mg/dL. Signs are 1 (positive, present) and 0. NaN is "not measured", 0
is "not seen".
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.bedside.table import NEGATIVE, POSITIVE, Observations, split_unit
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Quantity
from cereblon.ground.vocabulary import nearest
from cereblon.records.criteria import criteria

Floats = NDArray[np.float64]

UNITS: Mapping[str, str] = {
    "serum": "g/dL", "urine": "mg/d", "involved": "mg/dL", "uninvolved": "mg/dL", "ratio": "1",
    "serum_IFE": "", "urine_IFE": "", "shifted_IFE": "", "marrow": "1", "clonal": "", "SPD": "cm^2", "diameter": "cm",
    "short_axis": "cm", "lesions": "1", "new_lesion": "", "circulating": "cell/uL", "calcium": "mg/dL", "MRD": "1",
}  # fmt: skip
"""Field of an assessment -> the unit that it is kept in; "" for a sign."""

# test of a table -> field here; kappa and lambda become involved, uninvolved and ratio
_TESTS = {
    "serum_M": "serum", "urine_M": "urine", "involved_FLC": "involved", "uninvolved_FLC": "uninvolved",
    "FLC_ratio": "ratio", "serum_IFE": "serum_IFE", "urine_IFE": "urine_IFE", "shifted_IFE": "shifted_IFE",
    "marrow_PC": "marrow", "clonal_PC": "clonal", "SPD": "SPD", "longest_diameter": "diameter",
    "short_axis": "short_axis", "lesions": "lesions", "new_lesion": "new_lesion", "circulating_PC": "circulating",
    "calcium": "calcium", "MRD": "MRD",
}  # fmt: skip


def assessment(given: Mapping[str, Any] | None = None, /, *, chain: str = "", **values: Any) -> dict[str, float]:
    """One visit's values as numbers in the units of `UNITS`: `assessment(serum="4.2 g/dL", urine="850 mg/24h")`.

    What has a unit is a text with it ("1.8 g/dL", "18 g/L", "12 %"); ratio, lesions and MRD may be plain numbers, signs
    are "positive" and "negative" or True and False. None and what is not given are not measured. Free light chains may
    come as kappa and lambda: `chain` says which of them is involved (default: the larger). Raises InputError for an
    unknown name (with the nearest), a number without unit, a wrong unit, a value below 0.

    >>> assessment(serum="42 g/L", serum_IFE="positive")["serum"]
    4.2
    """
    out = dict.fromkeys(UNITS, math.nan)
    all_values = {**(given or {}), **values}
    kappa, lambda_ = (_one("involved", all_values.pop(name, None)) for name in ("kappa", "lambda"))
    for name, value in all_values.items():
        if name not in UNITS:
            close = nearest(name, UNITS)
            raise InputError("unknown value of an assessment", found=name,
                             expected=f"the nearest is {close}" if close else ", ".join(UNITS))  # fmt: skip
        if value is not None:
            out[name] = _one(name, value)
    if not (math.isnan(kappa) and math.isnan(lambda_)):
        out["ratio"] = kappa / lambda_ if lambda_ else math.nan
        is_kappa = chain == "kappa" if chain else not kappa < lambda_
        out["involved"], out["uninvolved"] = (kappa, lambda_) if is_kappa else (lambda_, kappa)
    return out


@dataclass(frozen=True)
class Assessments:
    """The visits of many patients: `day` (patients, visits), first the baseline; NaN where there was no visit.

    `values` field -> (patients, visits) in the unit of `UNITS`; a field that is left out was never measured. `start` is
    the first dose, `death`, `new_therapy` and `last_contact` a day or NaN, one per patient; after `cut` nothing is
    known.
    """

    patients: tuple[str, ...]
    day: Floats = field(repr=False)
    values: Mapping[str, Floats] = field(repr=False)
    start: Floats = field(repr=False)
    death: Floats = field(repr=False)
    new_therapy: Floats = field(repr=False)
    last_contact: Floats = field(repr=False)
    cut: float = math.inf
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if math.isnan(self.cut):
            raise InputError("a cut is a day", where="cut", found="NaN", example="400")

    def of(self, patient: str | int) -> Assessments:
        """One patient alone. Raises InputError for an unknown name."""
        i = self.index(patient)
        values = {name: v[i : i + 1] for name, v in self.values.items()}
        own = {f.name: getattr(self, f.name)[i : i + 1] for f in fields(self) if f.name in _PER_PATIENT}
        return Assessments(self.patients[i : i + 1], self.day[i : i + 1], values, cut=self.cut, notes=self.notes, **own)

    def index(self, patient: str | int) -> int:
        """Place of a patient, by name or number from 0; InputError naming the nearest."""
        if isinstance(patient, int) and 0 <= patient < len(self.patients):
            return patient
        if patient in self.patients:
            return self.patients.index(str(patient))
        close = nearest(str(patient), self.patients)
        hint = f"the nearest is {close}" if close else ""
        raise InputError("there is no such patient", found=str(patient), expected=hint)

    def __len__(self) -> int:
        return len(self.patients)


_SHARES = ("marrow", "MRD")
_PER_PATIENT = ("start", "death", "new_therapy", "last_contact")


def assessments(
    day: ArrayLike,
    values: Mapping[str, ArrayLike],
    *,
    patients: Sequence[str] = (),
    start: ArrayLike = math.nan,
    death: ArrayLike = math.nan,
    new_therapy: ArrayLike = math.nan,
    last_contact: ArrayLike = math.nan,
    cut: float = math.inf,
) -> Assessments:
    """Visits as arrays, in the units of `UNITS`: `day` (visits,) or (patients, visits), every value (patients, visits).

    The first visit is the baseline. `start` is the first dose (default: the baseline's day). Raises InputError for
    other shapes, an unknown name, values below 0 or infinite, and days that do not ascend.
    """
    columns = {name: np.asarray(v, np.float64) for name, v in values.items()}
    if not columns:
        raise InputError("no value was given", where="values", example='{"serum": [[4.2, 1.8, 1.7]]}')
    for name, v in columns.items():
        if name not in UNITS:
            close = nearest(name, UNITS)
            raise InputError("unknown value of an assessment", found=name,
                             expected=f"the nearest is {close}" if close else ", ".join(UNITS))  # fmt: skip
        first = next(iter(columns.values()))
        if v.ndim != 2 or v.shape != first.shape or v.shape[1] < 1:
            raise InputError("one number per patient and visit", where=name, found=f"an array of shape {v.shape}",
                             expected=f"{first.shape}" if first.ndim == 2 else "(patients, visits)")  # fmt: skip
        if (v < 0).any() or np.isinf(v).any():
            raise InputError("a value below 0 or without end", where=name, expected="numbers from 0 up, or NaN")
        if name in _SHARES and (v > 1).any():
            raise InputError("a share above 1", where=name, found=f"{np.nanmax(v):g}", expected="0 to 1, or NaN")
    shape = next(iter(columns.values())).shape
    when = np.asarray(day, np.float64)
    if when.shape not in (shape, shape[1:]):
        both = f"{shape[1:]} or {shape}"
        raise InputError("a day per visit", where="day", found=f"shape {when.shape}", expected=both)
    when = np.broadcast_to(when, shape)
    _ascending(when)
    names = tuple(patients) or tuple(f"P{i + 1}" for i in range(shape[0]))
    if len(names) != shape[0] or len(set(names)) != shape[0]:
        raise InputError("a name of its own for every patient", where="patients", found=f"{len(set(names))} names",
                         expected=str(shape[0]))  # fmt: skip
    began = np.asarray(start, np.float64)
    own = {"start": np.where(np.isnan(began), when[:, 0], began)}
    for what, given in (("death", death), ("new_therapy", new_therapy), ("last_contact", last_contact)):
        column = np.asarray(given, np.float64)
        if column.shape not in ((), shape[:1]):
            raise InputError("a day per patient", where=what, found=f"shape {column.shape}", expected=str(shape[:1]))
        own[what] = np.broadcast_to(column, shape[:1])
    return Assessments(names, when, columns, own["start"], own["death"], own["new_therapy"], own["last_contact"],
                       float(cut))  # fmt: skip


def series(visits: Iterable[tuple[float, Mapping[str, Any]]], *, patient: str = "P1", **single: float) -> Assessments:
    """One patient's visits in words, the baseline first: (day, values of `assessment`). `single` are those of
    `assessments`: start, death, new_therapy, last_contact, cut. Raises InputError as both do, and without a visit.

    >>> series([(1, {"serum": "4.2 g/dL"}), (29, {"serum": "18 g/L"})]).values["serum"].tolist()
    [[4.2, 1.8]]
    """
    given = list(visits)
    if not given:
        raise InputError("no visit", where="visits", example='[(1, {"serum": "4.2 g/dL"})]')
    base = assessment(given[0][1])
    chain = "lambda" if base["ratio"] < 1 else "kappa"
    rows = [base, *(assessment(values, chain=chain) for _, values in given[1:])]
    values = {name: [[row[name] for row in rows]] for name in UNITS if any(not math.isnan(row[name]) for row in rows)}
    return assessments([[day for day, _ in given]], values, patients=(patient,), **single)


def from_table(seen: Observations, *, window: float = 0.0, cut: float = math.inf) -> Assessments:
    """The visits of a user's table. Values of one patient within `window` days of a visit's first belong to that visit.

    Baseline is the last value of each test on or before the first dose (`first_dose`, else day 1). Raises InputError
    for a table without a test of response, and for a patient with nothing at baseline.
    """
    if not window >= 0:
        raise InputError("a window is a number of days from 0 up", found=str(window), example="3")
    tests = [*_TESTS, "kappa", "lambda"]
    chosen = [i for i, t in enumerate(seen.test) if t in tests]
    if not chosen:
        raise InputError("no test of response", where=seen.file, found=", ".join(dict.fromkeys(seen.test)),
                         expected="serum_M, urine_M, kappa, lambda, ...")  # fmt: skip
    first = seen.first("first_dose")
    start = np.where(np.isnan(first), 1.0, first)
    notes = list(seen.notes)
    if np.isnan(first).any():
        notes.append(f"{int(np.isnan(first).sum())} patients without first_dose: it is taken to be day 1")
    rows: list[list[tuple[float, str, float]]] = [[] for _ in seen.patients]
    for i in chosen:
        rows[seen.who[i]].append((float(seen.day[i]), seen.test[i], float(seen.value[i])))
    visits = [_visits(own, float(start[p]), window) for p, own in enumerate(rows)]
    bare = [seen.patients[p] for p, own in enumerate(visits) if not own[0][1]]
    if bare:
        raise InputError("no value at baseline", where=seen.file, found=", ".join(bare),
                         expected="a row of each test on or before the first dose")  # fmt: skip
    most = max(len(own) for own in visits)
    day = np.full((len(visits), most), np.nan)
    values = {name: np.full((len(visits), most), np.nan) for name in (*UNITS, "kappa", "lambda")}
    for p, own in enumerate(visits):
        for v, (when, found) in enumerate(own):
            day[p, v] = when
            for test, value in found.items():
                values[_TESTS.get(test, test)][p, v] = value
    _chains(values)
    kept = {name: v for name, v in values.items() if name in UNITS and not np.isnan(v).all()}
    contact, death = seen.last(), seen.first("death")
    later = int((contact > death).sum())
    if later:
        notes.append(f"{later} patients with rows after their death")
    return Assessments(seen.patients, day, kept, start, death, seen.first("new_therapy"), contact,
                       float(cut), tuple(notes))  # fmt: skip


def immunofixation(serum: ArrayLike, limit: str = "", *, band: ArrayLike = False) -> Floats:
    """1 where a simulated M-protein (g/dL) is seen by immunofixation, 0 where not, NaN where there is no value.

    `limit` is what the method still sees (default: `immunofixation.level` of the criteria, assumed); `band` is true
    where a therapeutic antibody such as daratumumab shows a band in the same place.
    """
    level = np.asarray(serum, np.float64)
    seen = (level >= _limit(limit, "immunofixation.level")) | np.asarray(band, bool)
    return np.where(np.isnan(level), np.nan, seen.astype(np.float64))


def electrophoresis(serum: ArrayLike, limit: str = "") -> Floats:
    """A simulated M-protein (g/dL) as electrophoresis gives it: 0 below `limit` (default: `electrophoresis.level` of
    the criteria, assumed)."""
    level = np.asarray(serum, np.float64)
    return np.where(level < _limit(limit, "electrophoresis.level"), 0.0, level)


def _limit(given: str, address: str) -> float:
    return (Quantity.parse(given) if given else criteria()[address]).to("g/dL").value


def _one(name: str, value: Any) -> float:
    """One given value in the unit of its field."""
    kept = UNITS[name]
    if value is None:
        return math.nan
    if kept == "":
        if isinstance(value, bool) or value in (0, 1):
            return float(value)
        folded = str(value).casefold()
        if folded in POSITIVE or folded in NEGATIVE:
            return float(folded in POSITIVE)
        raise InputError("this is neither positive nor negative", where=name, found=str(value), example="negative")
    if isinstance(value, str):
        number = split_unit(value, kept, name)
    elif isinstance(value, Quantity):
        number = value.to(kept).value
    elif kept == "1" and name != "marrow" and isinstance(value, int | float):
        number = float(value)
    else:
        raise InputError("a number needs its unit, as one text", where=name, found=repr(value),
                         example="12 %" if name == "marrow" else f"1.8 {kept}")  # fmt: skip
    if name in _SHARES and number > 1:
        raise InputError("a share above 1", where=name, found=str(value), example="12 %")
    if not (math.isfinite(number) and number >= 0):
        raise InputError("a value below 0 or without end", where=name, found=str(value), expected="a number from 0 up")
    return number


def _ascending(day: Floats) -> None:
    """InputError where a visit lies on or before an earlier one; missing visits do not count."""
    highest = np.full(day.shape[0], -np.inf)
    for v in range(day.shape[1]):
        wrong = np.flatnonzero(day[:, v] <= highest)  # NaN is not
        if wrong.size:
            p = int(wrong[0])
            raise InputError("visits run forward", where=f"patient {p + 1}, visit {v + 1}",
                             found=f"day {day[p, v]:g}", expected=f"a day after {highest[p]:g}")  # fmt: skip
        highest = np.fmax(highest, day[:, v])


def _visits(own: list[tuple[float, str, float]], start: float, window: float) -> list[tuple[float, dict[str, float]]]:
    """Baseline and the later visits of one patient: (day, test -> value)."""
    base: dict[str, float] = {}
    when = -math.inf
    later: list[tuple[float, dict[str, float]]] = []
    for day, test, value in sorted(own, key=lambda row: row[0]):
        if day <= start:
            base[test], when = value, day
        elif later and day - later[-1][0] <= window and test not in later[-1][1]:
            later[-1][1][test] = value
        else:
            later.append((day, {test: value}))
    return [(start if when == -math.inf else when, base), *later]


def _chains(values: dict[str, Floats]) -> None:
    """Involved, uninvolved and ratio from kappa and lambda, in place; the baseline says which chain is involved."""
    kappa, lambda_ = values.pop("kappa"), values.pop("lambda")
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = kappa / lambda_
    is_kappa = ~(ratio[:, :1] < 1)  # at baseline; without a ratio there nothing hangs on it
    for name, found in (
        ("ratio", ratio),
        ("involved", np.where(is_kappa, kappa, lambda_)),
        ("uninvolved", np.where(is_kappa, lambda_, kappa)),
    ):
        values[name] = np.where(np.isnan(values[name]), found, values[name])
