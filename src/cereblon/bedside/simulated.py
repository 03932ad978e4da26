"""Simulated escalations: many trials of one design, whose DLTs come from assumed rates.

Patient j of trial i has a tolerance, uniform in (0, 1): a DLT follows a dose whose rate lies above it. Tolerances and
arrivals are streams of their own, filled trial by trial: trial i of a seed is the same however many there are, and two
designs meet the same patients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.accrual import Accrual
from cereblon.bedside.escalation.decision import ENDS
from cereblon.bedside.escalation.design import Design
from cereblon.ground.errors import InputError
from cereblon.statistics.resampling import stream

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
ENDINGS = tuple(ENDS)
MOST = 1_000_000
CELLS = 50_000_000  # patients of all trials: about 1 GB


@dataclass(frozen=True, eq=False)
class Trials:
    """Trials of one design, a row each: patients and DLTs per dose, the MTD (0: none), `ending` (index into ENDINGS).

    `enrolled`, `months`: when the last patient came in, and was watched to the end. `cohorts`: how many decisions.
    """

    n: Ints
    y: Ints
    MTD: Ints
    ending: Ints
    cohorts: Ints
    enrolled: Floats
    months: Floats


def truth_of(design: Design, truth: Sequence[float], where: str = "truth") -> Floats:
    """The assumed rates as an array; InputError unless there is one from 0 to 1 per dose."""
    try:
        rates = np.array([float(p) for p in truth])
    except (TypeError, ValueError):
        rates = np.array([np.nan])
    if rates.size != design.doses or not ((rates >= 0) & (rates <= 1)).all():
        raise InputError(
            "one rate from 0 to 1 per dose", where=where, found=str(truth), expected=f"{design.doses} numbers",
            example=", ".join(f"{p:.2g}" for p in np.linspace(0.05, 0.5, design.doses)),
        )  # fmt: skip
    return rates


def checked(trials: int, seed: int) -> None:
    """InputError unless `trials` is a whole number from 1 to a million and `seed` one from 0."""
    for where, value, least, most in (("trials", trials, 1, MOST), ("seed", seed, 0, 2**63 - 1)):
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            expected = f"a whole number from {least:,} to {most:,}"
            raise InputError("this number is out of range", where=where, found=repr(value), expected=expected)


def tolerances(seed: int, trials: int, patients: int) -> Floats:
    """The tolerance of each patient (trial, patient)."""
    out: Floats = stream(seed, "escalation:tolerance").random((trials, patients))
    return out


def cohort_trials(design: Design, truth: Floats, trials: int, seed: int, accrual: Accrual) -> Trials:
    """All trials side by side, cohort by cohort; a state that several trials meet is decided once."""
    size, rows = design.patients, np.arange(trials)
    if trials * size > CELLS:
        raise InputError("too many patients to simulate at once", where="trials",
                         found=f"{trials:,} trials of {size:,}", expected=f"at most {CELLS:,} in all")  # fmt: skip
    tolerance = tolerances(seed, trials, size)
    gap = stream(seed, "escalation:arrival").standard_exponential((trials, size)) / accrual.rate
    arrival = np.cumsum(gap, axis=1)
    first = design.first()
    n, y = np.zeros((2, trials, design.doses), np.int16)
    at, wanted = np.full(trials, first.dose - 1, np.int16), np.full(trials, first.patients)
    used, cohorts, ending = np.zeros((3, trials), np.int64)
    opened, enrolled, months = np.zeros((3, trials))
    known: dict[bytes, tuple[int, int, int]] = {}
    going = rows
    while going.size:
        for k in range(int(wanted[going].max())):
            some = going[wanted[going] > k]
            patient, dose = used[some], at[some]
            n[some, dose] += 1
            y[some, dose] += tolerance[some, patient] < truth[dose]
            enrolled[some] = np.maximum(enrolled[some], opened[some])
            came = arrival[some, patient] if accrual.queue else enrolled[some] + gap[some, patient]
            enrolled[some] = np.maximum(enrolled[some], came)
            used[some] += 1
        cohorts[going] += 1
        opened[going] = months[going] = enrolled[going] + accrual.window
        state = np.concatenate([y[going], n[going], at[going, None]], axis=1)
        decided = np.array([_decided(design, known, row) for row in state])
        at[going], wanted[going], ending[going] = decided.T
        going = going[decided[:, 2] == 0]
    chosen: dict[bytes, int] = {}
    MTD = np.array([_chosen(design, chosen, row) for row in np.concatenate([y, n], axis=1)])
    return Trials(n.astype(np.int64), y.astype(np.int64), MTD, ending, cohorts, enrolled, months)


def _decided(design: Design, known: dict[bytes, tuple[int, int, int]], row: NDArray[np.int16]) -> tuple[int, int, int]:
    """Next dose from 0, patients, ending of a state y, n, at."""
    key = row.tobytes()
    found = known.get(key)
    if found is None:
        y, n, at = _counts(row[:-1], design.doses), _counts(row[:-1], -design.doses), int(row[-1]) + 1
        decision = design.decide(y, n, at)
        found = known[key] = (max(decision.dose - 1, 0), decision.patients, ENDINGS.index(decision.end))
    return found


def _chosen(design: Design, chosen: dict[bytes, int], row: NDArray[np.int16]) -> int:
    """The MTD of a state y, n."""
    key = row.tobytes()
    found = chosen.get(key)
    if found is None:
        found = chosen[key] = design.MTD(_counts(row, design.doses), _counts(row, -design.doses))
    return found


def _counts(row: NDArray[np.int16], part: int) -> tuple[int, ...]:
    """The first `part` numbers, or the last `-part`."""
    return tuple(int(x) for x in (row[:part] if part > 0 else row[part:]))
