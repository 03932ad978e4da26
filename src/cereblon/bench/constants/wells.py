"""The wells of degradation read-outs, as the fit of the constants takes them.

    reading = floor + (top - floor) x remaining

Every plate has a top and a floor of its own, at each time where it has controls of that time: the untreated wells hold
a remaining share of 1, the blanks of 0, and both are fitted along with the constants, so that the error of a
control's mean is in every interval. Readings that are shares already, without untreated wells, have top 1 and floor 0.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cereblon.bench.plate import BLANK, SAMPLE, UNTREATED, Readings
from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import printed
from cereblon.records.compound import Compound, compounds

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

WASHED = re.compile(r"wash(?:ed|out|ing)?(?:[ _]?(?:out|off|away))?[ _]?(?:at|after)?[ _]?(\d+(?:\.\d+)?)[ _]?h?", re.I)
NEVER = math.inf
MOST = 200  # conditions, times, and plates
SHARES = (-0.5, 1.6)  # readings between these, without untreated wells, are shares of the untreated level
_EXAMPLE = "compound,concentration (nM),time (h),value"


@dataclass(frozen=True)
class Wells:
    """Readings over their own controls, `value` (N,), and what stands in each well.

    `conditions` (C, 2): concentration (nM) and the hour of a washing, infinite without one; `times` (T,) in h.
    `place` (N,) is the position of a well's content among C x T, then 1 (untreated) and 0 (blank). `plate` (N,) is its
    set of controls, of which `tops` and `floors` say whether they are fitted.
    """

    value: Floats
    place: Whole
    plate: Whole
    conditions: Floats
    times: Floats
    tops: NDArray[np.bool_]
    floors: NDArray[np.bool_]
    notes: tuple[str, ...] = field(default=())

    def content(self, remaining: Floats) -> Floats:
        """What the wells hold (k, N), of `remaining` (k, C, T)."""
        flat = remaining.reshape(len(remaining), -1)
        ends = np.broadcast_to([1.0, 0.0], (len(flat), 2))
        return np.asarray(np.concatenate([flat, ends], axis=1)[:, self.place])

    @property
    def treated(self) -> NDArray[np.bool_]:
        """Which wells hold the glue."""
        return np.asarray(self.place < len(self.conditions) * self.times.size)

    @property
    def scales(self) -> int:
        """How many tops and floors are fitted."""
        return int(self.tops.sum() + self.floors.sum())

    def nuisance(self, content: Floats) -> Floats:
        """Slopes of the readings by tops and floors, (N, scales); `content` (N,)."""
        member = self.plate[:, None] == np.arange(self.tops.size)
        tops, floors = (member * content[:, None])[:, self.tops], member[:, self.floors].astype(np.float64)
        return np.concatenate([tops, floors], axis=1)

    def read(self, content: Floats, weights: Floats) -> Floats:
        """The readings (k, N) of what the wells hold (k, N), tops and floors by weighted least squares."""
        member = (self.plate[:, None] == np.arange(self.tops.size)).astype(np.float64)
        w, wr, wy = weights, content * weights, self.value * weights
        W, Wy = w @ member, wy @ member
        R, RR, Ry = wr @ member, (wr * content) @ member, (content * wy) @ member
        with np.errstate(divide="ignore", invalid="ignore"):
            both = (W * Ry - R * Wy) / (W * RR - R**2)
            top = np.where(self.tops, np.where(self.floors, both, Ry / RR), 1.0)
            floor = np.where(self.floors, (Wy - top * R) / W, 0.0)
        return np.asarray(top[:, self.plate] * content + floor[:, self.plate])


def wells_of(readings: Readings, glue: Compound, cell: str, at: float | None) -> Wells:
    """The wells of `glue` and their controls; `at` is the time (h) of readings that state none.

    Raises InputError where the compound, the cell, a unit, a time or the untreated wells cannot be told.
    """
    notes = list(readings.notes)
    mine = _cell(_compound(readings, glue, notes), cell, notes)
    if mine.unit != "nM":
        raise InputError("the concentrations are not molar", found="no unit" if mine.unit == "1" else mine.unit,
                         expected="nM, uM ... in the header, or unit=", example='unit="nM"')  # fmt: skip
    if (mine.partner_concentration > 0).any():
        raise InputError("these wells hold a second compound", expected="wells of the glue alone")
    known = np.isfinite(mine.value)
    if not known.all():
        notes.append(f"{int((~known).sum())} wells without a reading are left out")
        mine = mine.where(known)
    roles = np.isin(mine.role, (SAMPLE, UNTREATED, BLANK))
    if not roles.all():
        notes.append(f"{int((~roles).sum())} wells of other controls are not used")
        mine = mine.where(roles)
    none = (mine.role == SAMPLE) & (mine.concentration == 0)
    mine = mine.replace(role=np.where(none, UNTREATED, mine.role))
    sample = mine.role == SAMPLE
    if not sample.any():
        raise InputError("no well holds the glue", found=f"{mine.count} wells", example=_EXAMPLE)
    hours = _hours(mine, at)
    washed = _washed(mine, notes)
    times, moment = np.unique(hours[sample], return_inverse=True)
    pairs = np.stack([mine.concentration, washed], axis=1)[sample]
    conditions, kind = np.unique(pairs, axis=0, return_inverse=True)
    for what, count in (("concentrations", len(conditions)), ("times", times.size)):
        if count > MOST:
            raise InputError(f"there are too many different {what} for one fit", found=str(count),
                             expected=f"at most {MOST}")  # fmt: skip
    place = np.full(mine.count, conditions.shape[0] * times.size)
    place[sample] = kind.ravel() * times.size + moment
    place[mine.role == BLANK] += 1
    value, plate, tops, floors = _scaled(mine, hours, sample, notes)
    used = plate >= 0
    if not used.all():
        notes.append(f"{int((~used).sum())} control wells stand beside no sample and are left out")
    rest = tuple(dict.fromkeys(notes))
    return Wells(value[used], place[used], plate[used], conditions, times, tops, floors, rest)


def _compound(readings: Readings, glue: Compound, notes: list[str]) -> Readings:
    """The wells of the glue, and all controls."""
    sample = readings.role == SAMPLE
    words = list(dict.fromkeys(readings.compound[sample].tolist()))
    names = {glue.name.lower(), glue.symbol.lower()}
    own = [word for word in words if word.lower() in names]
    if not own:
        if len(words) > 1:
            raise InputError("several compounds, none of which is the glue", found=", ".join(words[:8]),
                             expected=glue.name, example=f'{glue.name} in the column "compound"')  # fmt: skip
        shipped = {name.lower() for name in compounds()}  # a record of one's own may stand for any of them
        if words and glue.name.lower() in shipped and words[0].lower() in shipped:
            raise InputError("these wells hold another compound", found=words[0], expected=glue.name,
                             example=f'glue="{words[0]}"')  # fmt: skip
        own = words
        if words and words[0]:
            notes.append(f"{words[0]} is taken for {glue.symbol}, whose record gives what is not fitted")
    if left := [word for word in words if word not in own]:
        notes.append(f"wells of {', '.join(left)} are left out")
    controls = ~sample & np.isin(readings.compound, ["", *own])
    return readings.where(controls | (sample & np.isin(readings.compound, own)))


def _cell(readings: Readings, cell: str, notes: list[str]) -> Readings:
    """The wells of one cell line, and controls that name none."""
    words = [word for word in dict.fromkeys(readings.cell.tolist()) if word]
    same = [word for word in words if _plain(word) in (_plain(cell), _plain(printed(cell)))]
    if not words or len(words) == 1:
        if words and not same:
            notes.append(f"{words[0]} is taken for {printed(cell)}")
        return readings
    if not same:
        raise InputError("several cell lines, none of which was asked for", found=", ".join(words[:8]),
                         expected=cell, example=f'cell="{words[0]}"')  # fmt: skip
    return readings.where(np.isin(readings.cell, ["", *same]))


def _plain(word: str) -> str:
    return re.sub(r"[^a-z0-9]", "", word.lower())


def _hours(readings: Readings, at: float | None) -> Floats:
    """The time of each well; a control without one has none (NaN)."""
    hours = readings.time.copy()
    sample = readings.role == SAMPLE
    if at is not None:
        said = hours[np.isfinite(hours)]
        if said.size and not np.allclose(said, at):
            raise InputError("the file has times of its own", found=f"{said[0]:g} h", expected=f"{at:g} h, as asked")
        hours = np.full_like(hours, at)
    if np.isnan(hours[sample]).any():
        raise InputError("the time of the readings is not said", expected='a column "time (h)", or at=',
                         example=_EXAMPLE)  # fmt: skip
    if (hours[sample] < 0).any():
        raise InputError("a reading is taken after the glue is added", found=f"{hours[sample].min():g} h",
                         expected="a time from 0 on")  # fmt: skip
    return hours


def _washed(readings: Readings, notes: list[str]) -> Floats:
    """The hour of the washing of each well, infinite without one: "washed 6 h" in a column of conditions."""
    washed = np.full(readings.count, NEVER)
    for word in dict.fromkeys(readings.group.tolist()):
        found = WASHED.search(word) if not re.search(r"\b(not?|un)[ _-]?wash", word, re.I) else None
        if found:
            washed[readings.group == word] = float(found[1])
        elif re.search("wash", word, re.I) and not re.search(r"(not?|un)[ _-]?wash", word, re.I):
            raise InputError("the hour of the washing is not said", found=word, example="washed 6 h")
        elif word:
            notes.append(f"{word}: taken as not washed")
    washed[readings.role != SAMPLE] = NEVER
    if (washed <= 0).any():
        raise InputError("the glue is washed away after it was added", found="washed 0 h", example="washed 6 h")
    return washed


def _scaled(
    readings: Readings, hours: Floats, sample: NDArray[np.bool_], notes: list[str]
) -> tuple[Floats, Whole, NDArray[np.bool_], NDArray[np.bool_]]:
    """Readings over the means of their controls, the set of each well, and which sets have a top and a floor."""
    keys = [""] * readings.count
    for name in dict.fromkeys(readings.plate.tolist()):
        here = readings.plate == name
        untreated = hours[here & (readings.role == UNTREATED)]
        own = set(hours[here & sample].tolist()) <= set(untreated.tolist())  # controls of each time, or for all
        for i in np.flatnonzero(here):
            keys[i] = f"{name} {hours[i]:g}" if own else str(name)
    sets = list(dict.fromkeys(key for key, is_sample in zip(keys, sample, strict=True) if is_sample))
    if len(sets) > MOST:
        raise InputError("there are too many plates for one fit", found=str(len(sets)),
                         expected=f"at most {MOST}")  # fmt: skip
    plate = np.array([sets.index(key) if key in sets else -1 for key in keys])
    value, tops, floors = readings.value.copy(), np.zeros(len(sets), bool), np.zeros(len(sets), bool)
    for k, name in enumerate(sets):
        mine = plate == k
        top, floor = (readings.value[mine & (readings.role == role)] for role in (UNTREATED, BLANK))
        tops[k], floors[k] = top.size > 0, floor.size > 0 and top.size > 0
        if not top.size:
            low, high = value[mine & sample].min(), value[mine & sample].max()
            if low < SHARES[0] or high > SHARES[1]:
                raise InputError("there is no untreated well to take the readings over", where=name.strip(),
                                 found=f"readings of {low:.4g} to {high:.4g}",
                                 expected="wells of concentration 0, or readings that are shares of the untreated",
                                 example=_EXAMPLE)  # fmt: skip
            notes.append("without untreated wells the readings are taken as shares of the untreated level")
            plate[mine & (readings.role == BLANK)] = -1
            continue
        below = float(floor.mean()) if floor.size else 0.0
        width = float(top.mean()) - below
        if not width > 0:
            raise InputError("the untreated wells read no more than the blanks", where=name.strip(),
                             found=f"{top.mean():.4g} and {below:.4g}")  # fmt: skip
        value[mine] = (value[mine] - below) / width
    return value, plate, tops, floors
