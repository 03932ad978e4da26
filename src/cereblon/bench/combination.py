"""Readings of two drugs as matrices of survival: on which scale they were written, and which wells make one matrix.

A combination file is a plate file like any other (`plate.read`): a row a well or condition, with compound,
concentration, partner and partner concentration; headers of synergyfinder (`drug_row`, `conc_c`, `block_id`) and of
the Python package synergy (`drug1.conc`, `E`) are known. Its numbers are viability or inhibition, in percent or as
shares: as told, by the header, or by the untreated wells, which read near 100 % of viability and near 0 of
inhibition. Anything between is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from cereblon.bench.plate import UNTREATED, Readings
from cereblon.ground.errors import InputError, shorten
from cereblon.statistics.combination import Matrix

Response = Literal["viability", "inhibition"]
OF = "survival"
OVER = "over untreated control"  # what `Readings.normalised` says of itself
_WORDS: Mapping[str, Response] = {
    "inhib": "inhibition", "viab": "viability", "surviv": "viability", OVER: "viability",
}  # fmt: skip
_PERCENT, _SHARE = 3.0, 2.0  # numbers above are percent, numbers up to it shares; between them nobody can say
_NEAR = 0.3  # how far from 1 or 0 untreated wells may lie to tell viability from inhibition


@dataclass(frozen=True)
class Part:
    """One matrix of some readings, and what tells it from the others."""

    matrix: Matrix
    cell: str
    at: str
    readings: Readings = field(repr=False)
    notes: tuple[str, ...] = ()


def survival(
    readings: Readings, response: str | None = None, percent: bool | None = None, *, over_control: bool = False
) -> Readings:
    """The readings as survival, 1 untreated and 0 dead; `notes` say how their numbers were taken.

    `response` "viability" or "inhibition", `percent` whether 100 is all: both are found out where that cannot go
    wrong. `over_control` divides each block by the mean of its untreated wells. Raises InputError where the scale
    cannot be told.

    >>> seen = Readings(value=[100, 80, 30], concentration=[0, 1, 10], role=["untreated", "sample", "sample"])
    >>> survival(seen).value.tolist()
    [1.0, 0.8, 0.3]
    """
    if response not in (None, "viability", "inhibition"):
        raise InputError("a response is viability or inhibition", found=str(response), example="viability")
    seen = readings.value[np.isfinite(readings.value)]
    if not seen.size:
        raise InputError("no well has a response", found=f"{readings.count} wells")
    percent = _in_percent(readings, seen) if percent is None else percent
    share = readings.value / (100 if percent else 1)
    control = share[(readings.role == UNTREATED) & np.isfinite(share)]
    reads = f"untreated wells read {control.mean():.0%}" if control.size else "there is no untreated well"
    kind, by = cast("Response | None", response), "as told"
    if kind is None:
        kind = next((k for word, k in _WORDS.items() if word in readings.of.lower()), None)
        by = f"by the name {shorten(readings.of, 40)!r}"
    if kind is None and control.size:
        mean, by = float(control.mean()), reads
        kind = "viability" if mean > 1 - _NEAR else "inhibition" if abs(mean) < _NEAR else None
    if kind is None:
        raise InputError(
            "it cannot be told whether this is viability or inhibition",
            where=shorten(readings.of, 40),
            found=reads,
            expected='which of the two it is (response="viability" or response="inhibition")',
        )
    notes = [*readings.notes, f"{kind} in {'percent' if percent else 'shares'} ({by})"]
    if readings.missing:
        notes.append(f"{readings.missing} of {readings.count} wells have no response")
    value, of = share if kind == "viability" else 1 - share, f"{OF} {OVER}" if OVER in readings.of else OF
    out = readings.replace(value=value, of=of, notes=tuple(notes))
    return _over_control(out) if over_control else out


def matrices(readings: Readings) -> Iterator[Part]:
    """The matrices of readings of survival: wells that agree in block, cell, time and drugs, replicates gathered.

    Untreated wells that name no drug belong to every matrix of their cell and time. Raises InputError without a well
    of two drugs, for a block with more than one pair, without single agents, or without a well that holds both.
    """
    named = of_two(readings)
    keys = list(zip(readings.group.tolist(), readings.cell.tolist(), readings.time.astype(str).tolist(), strict=True))
    of_block: dict[tuple[str, str, str], list[int]] = {}
    of_all: dict[tuple[str, str], list[int]] = {}  # untreated wells without a drug, by cell and time
    for row, (key, both, role) in enumerate(zip(keys, named.tolist(), readings.role.tolist(), strict=True)):
        if both:
            of_block.setdefault(key, []).append(row)
        elif role == UNTREATED:
            of_all.setdefault(key[1:], []).append(row)
    for key, rows in of_block.items():
        here = np.array(rows)
        one_each, other = readings.compound[here], readings.partner[here]
        pairs = list(dict.fromkeys(zip(one_each, other, strict=True)))
        if key[0] and len(pairs) > 1:
            found = "; ".join(f"{a} and {b}" for a, b in pairs[:3])
            raise InputError("a block holds more than one pair of drugs", where=key[0], found=found)
        free = np.array(of_all.get(key[1:], []), dtype=np.intp)
        for one, two in pairs:
            mine = here[(one_each == one) & (other == two)]
            yield _part(readings.where(np.sort(np.append(mine, free))), (str(one), str(two)), readings.notes, key)


def of_two(readings: Readings) -> NDArray[np.bool_]:
    """Which wells name two drugs. Raises InputError where none does."""
    named = (readings.partner != "") & (readings.compound != "")
    if not named.any():
        raise InputError(
            "no well names two drugs", expected="columns compound, concentration, partner and partner_concentration"
        )
    return named


def _part(wells: Readings, drugs: tuple[str, str], notes: tuple[str, ...], key: tuple[str, str, str]) -> Part:
    first, second = ("" if u == "1" else u for u in (wells.unit, wells.partner_unit))
    where = key[0] or " and ".join(drugs)
    seen = wells.value[np.isfinite(wells.value)]
    if seen.size and not np.ptp(seen) > 0:
        raise InputError("every well of this matrix reads the same: there is nothing to score", where=where,
                         found=f"{seen[0]:g} as the share that lives, in {seen.size} wells")  # fmt: skip
    try:
        matrix = Matrix.of_wells(
            wells.concentration, wells.partner_concentration, wells.value, names=drugs, units=(first, second),
            over_control=True if OVER in wells.of else None,
        )  # fmt: skip
    except InputError as error:
        raise InputError(error.message, where=where, found=error.found, expected=error.expected) from None
    at = "" if key[2] == "nan" else f"{float(key[2]):g} h"
    told = (key[0],) if key[0] else ()
    return Part(matrix, key[1], at, wells, (*told, *notes))


def _in_percent(readings: Readings, seen: NDArray[np.float64]) -> bool:
    most = float(np.abs(seen).max())
    if _SHARE < most <= _PERCENT:
        raise InputError(
            "it cannot be told whether this is in percent or in shares",
            where=shorten(readings.of, 40),
            found=f"responses up to {most:.3g}",
            expected="the scale (percent=True or percent=False)",
        )
    return most > _PERCENT


def _over_control(readings: Readings) -> Readings:
    value = readings.value.copy()
    for key in dict.fromkeys(zip(readings.group, readings.cell, readings.time.astype(str), strict=True)):
        here = (readings.group == key[0]) & (readings.cell == key[1]) & (readings.time.astype(str) == key[2])
        control = readings.value[here & (readings.role == UNTREATED)]
        control = control[np.isfinite(control)]
        if not control.size or not control.mean() > 0:
            raise InputError(
                "there is no untreated well to divide by",
                where=key[0] or "the matrix",
                expected="a well with 0 of both drugs that survives",
            )
        value[here] = readings.value[here] / control.mean()
    return readings.replace(value=value, of=f"{OF} {OVER}", notes=(*readings.notes, "over the untreated of each block"))
