"""What is counted and what happens to patients under treatment: blood counts at visits, and adverse events."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.bedside.table import Observations
from cereblon.bedside.toxicity.ctcae import term_name
from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import nearest

Floats = NDArray[np.float64]

TESTS = ("ANC", "PLT", "Hb", "ALC")  # 1e9/L, haemoglobin in g/dL


@dataclass(frozen=True)
class Events:
    """Adverse events as reported, one entry each: patient (index), `term`, first and last `day`, `grade` 1 to 5, and
    whether it is `related` to treatment (1, 0, NaN: not said)."""

    who: NDArray[np.int64]
    term: NDArray[np.str_]
    day: Floats
    end: Floats
    grade: Floats
    related: Floats

    def __len__(self) -> int:
        return len(self.who)


@dataclass(frozen=True)
class Course:
    """The visits of many patients: `day` (patients, visits), `counts` test -> (patients, visits), NaN not measured.

    Values up to `start` are baseline. `GCSF` and `transfusion` (of platelets) are the first day of each or NaN;
    `planned`, `taken` and `missed` doses of the window of a DLT (NaN: not known), `missed` those kept back for
    toxicity; `last_day` is the last that is known of a patient.
    """

    patients: tuple[str, ...]
    day: Floats = field(repr=False)
    counts: Mapping[str, Floats] = field(repr=False)
    start: Floats = field(repr=False)
    last_day: Floats = field(repr=False)
    events: Events = field(repr=False)
    GCSF: Floats = field(repr=False)
    transfusion: Floats = field(repr=False)
    planned: Floats = field(repr=False)
    taken: Floats = field(repr=False)
    missed: Floats = field(repr=False)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.patients)


def events(
    who: ArrayLike = (),
    term: Sequence[str] = (),
    day: ArrayLike = (),
    grade: ArrayLike = (),
    *,
    end: ArrayLike = math.nan,
    related: ArrayLike = math.nan,
) -> Events:
    """Adverse events as arrays, one entry each; terms are named as in `ctcae.term_name`.

    Raises InputError for arrays of different lengths, a grade that is not 1 to 5, a day that is no number.
    """
    index, when, grades = np.asarray(who, np.int64), np.asarray(day, np.float64), np.asarray(grade, np.float64)
    names = np.array([term_name(t) for t in term], dtype=str)
    if not (index.shape == when.shape == grades.shape == names.shape):
        raise InputError("one patient, term, day and grade per event",
                         found=f"{index.size}, {names.size}, {when.size} and {grades.size}")  # fmt: skip
    if not np.isin(grades, (1, 2, 3, 4, 5)).all():
        raise InputError("a grade is 1 to 5", where="grade", example="3")
    if not np.isfinite(when).all():
        raise InputError("an event has a day", where="day", found="NaN", example="12")
    ends = np.broadcast_to(np.asarray(end, np.float64), index.shape)
    return Events(index, names, when, ends, grades, np.broadcast_to(np.asarray(related, np.float64), index.shape))


def course(
    day: ArrayLike,
    counts: Mapping[str, ArrayLike],
    *,
    patients: Sequence[str] = (),
    start: ArrayLike = 1.0,
    events_: Events | None = None,
    **single: ArrayLike,
) -> Course:
    """Visits as arrays: `day` (visits,) or (patients, visits), every count (patients, visits) in 1e9/L, Hb in g/dL.

    `single` are last_day, GCSF, transfusion, planned, taken and missed, one number per patient (or for all). Raises
    InputError for other names and shapes, and for values below 0.
    """
    columns = {name: np.asarray(v, np.float64) for name, v in counts.items()}
    for name, v in columns.items():
        if name not in TESTS:
            close = nearest(name, TESTS)
            hint = f"the nearest is {close}" if close else ", ".join(TESTS)
            raise InputError("unknown count", found=name, expected=hint)
        if v.ndim != 2 or v.shape != next(iter(columns.values())).shape:
            raise InputError("one number per patient and visit", where=name, found=f"an array of shape {v.shape}")
        if (v < 0).any() or np.isinf(v).any():
            raise InputError("a value below 0 or without end", where=name, expected="numbers from 0 up, or NaN")
    if not columns:
        raise InputError("no count was given", where="counts", example='{"ANC": [[2.5, 0.4, 1.9]]}')
    shape = next(iter(columns.values())).shape
    when = np.asarray(day, np.float64)
    if when.shape not in (shape, shape[1:]):
        raise InputError("a day per visit", where="day", found=f"shape {when.shape}", expected=str(shape))
    when = np.broadcast_to(when, shape)
    names = tuple(patients) or tuple(f"P{i + 1}" for i in range(shape[0]))
    known = ("last_day", "GCSF", "transfusion", "planned", "taken", "missed")
    odd = [name for name in single if name not in known]
    if odd:
        raise InputError("unknown name", found=odd[0], expected=", ".join(known))
    if len(names) != shape[0]:
        raise InputError("a name for every patient", found=str(len(names)), expected=str(shape[0]))
    seen = np.where(np.isnan(when), -np.inf, when).max(axis=1, initial=-np.inf)
    own = {name: np.broadcast_to(np.asarray(single.get(name, np.nan), np.float64), shape[:1]) for name in known}
    own["last_day"] = np.where(np.isnan(own["last_day"]), seen, own["last_day"])
    began = np.broadcast_to(np.asarray(start, np.float64), shape[:1])
    return Course(names, when, columns, began, own["last_day"], events_ or events(), own["GCSF"], own["transfusion"],
                  own["planned"], own["taken"], own["missed"])  # fmt: skip


def from_table(seen: Observations, *, window: float = 28.0) -> Course:
    """The visits of a user's table: counts, adverse events, doses, growth factor, transfusions.

    The first dose is `first_dose`, else the first `dose`, else day 1; doses are counted within `window` days. Raises
    InputError for a table without counts and without adverse events.
    """
    n = len(seen.patients)
    notes = list(seen.notes)
    start = np.where(np.isnan(seen.first("first_dose")), seen.first("dose"), seen.first("first_dose"))
    if np.isnan(start).any():
        notes.append(f"{int(np.isnan(start).sum())} patients without first_dose: it is taken to be day 1")
    start = np.where(np.isnan(start), 1.0, start)
    if not set(seen.test) & {*TESTS, "adverse_event"}:
        raise InputError("no count and no adverse event", where=seen.file, found=", ".join(dict.fromkeys(seen.test)),
                         expected=", ".join((*TESTS, "adverse_event")))  # fmt: skip
    days: list[dict[float, int]] = [{} for _ in range(n)]
    rows = [i for i, t in enumerate(seen.test) if t in TESTS]
    for i in sorted(rows, key=lambda i: seen.day[i]):
        own = days[seen.who[i]]
        own.setdefault(float(seen.day[i]), len(own))
    most = max(1, *(len(own) for own in days)) if days else 1
    day = np.full((n, most), np.nan)
    counts = {t: np.full((n, most), np.nan) for t in TESTS if t in seen.test} or {"ANC": np.full((n, most), np.nan)}
    for i in rows:
        p = int(seen.who[i])
        place = days[p][float(seen.day[i])]
        day[p, place] = seen.day[i]
        counts[seen.test[i]][p, place] = seen.value[i]
    own = [i for i, t in enumerate(seen.test) if t == "adverse_event"]
    reported = events(seen.who[own], [seen.term[i] for i in own], seen.day[own], seen.value[own], end=seen.end[own],
                      related=seen.related[own])  # fmt: skip
    return Course(seen.patients, day, counts, start, seen.last(), reported, seen.first("GCSF"),
                  seen.first("platelet_transfusion"), *_doses(seen, start, window), tuple(notes))  # fmt: skip


def _doses(seen: Observations, start: Floats, window: float) -> tuple[Floats, Floats, Floats]:
    """Doses planned, taken, and missed for toxicity, of the window; NaN for patients of a table without doses."""

    def count(test: str, given: bool) -> Floats:
        who, day, value = seen.of(test)
        inside = (day >= start[who]) & (day < start[who] + window) & ((value > 0) == given)
        return np.bincount(who[inside], minlength=len(seen.patients)).astype(np.float64)

    taken, missed = count("dose", True), count("missed_dose", True)
    planned = taken + missed + count("dose", False)
    known = planned > 0
    return (
        np.where(known, planned, np.nan),
        np.where(known, taken, np.nan),
        np.where(known, missed, np.nan),
    )
