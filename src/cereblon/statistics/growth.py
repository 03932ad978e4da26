"""Growth of something in subjects of several groups: how much a treatment holds it back, and how fast each grows.

    change       1 - mean(size - start) / mean(size - start of the control)      growth inhibition; above 1 it shrank
    ratio        1 - mean(size / start) / mean(size / start of the control)
    T/C          mean(size) / mean(size of the control)
    growth rate  2 integral(ln size - ln start) dt / T^2          the rate itself where growth is exponential

The two forms of inhibition differ, so a figure says which, and on which day. Sizes are (subjects, times) with NaN where
none was measured. A subject that is taken out when it has grown too large leaves a group of slow ones behind: from then
on a mean of those that are left is not one of the group, and every estimate counts who is missing. Nothing is carried
forward unless it is asked for, and then the method says so.

Groups that were formed by lot within blocks of like size start more alike than chance would have it, and intervals that
do not know it are too wide (they held the truth in 99 of 100 simulated studies). `blocked=True` draws subjects of one
rank of starting size together, one of each group.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.resampling import DRAWS, LEVEL, Interval, drawn, interval

Floats = NDArray[np.float64]
Form = Literal["change", "ratio"]
FORMS = ("change", "ratio")
ENOUGH = 0.8  # of a group, for a day that is taken without being asked for


def TGI_of_change(treated: ArrayLike, control: ArrayLike, start: ArrayLike) -> Floats:
    """Growth inhibition from changes of size: 1 - (treated - start) / (control - start).

    >>> round(float(TGI_of_change(450, 1500, 150)), 4)
    0.7778
    """
    return np.asarray(1 - (np.asarray(treated) - start) / (np.asarray(control) - start), np.float64)


def TGI_of_ratio(
    treated: ArrayLike, control: ArrayLike, start_treated: ArrayLike = 1, start_control: ArrayLike = 1
) -> Floats:
    """Growth inhibition from relative sizes: 1 - (treated / start) / (control / start).

    >>> round(float(TGI_of_ratio(450, 1500)), 4)
    0.7
    """
    ratio = np.asarray(treated) / np.asarray(start_treated) / (np.asarray(control) / np.asarray(start_control))
    return np.asarray(1 - ratio, np.float64)


def growth_rate_of_AUC(times: ArrayLike, sizes: ArrayLike) -> Floats:
    """Growth rate (1 / time unit) from the area under the logarithm; last axis time, no gaps.

    >>> round(float(growth_rate_of_AUC([0, 1, 3], [1, 2, 8])), 6) == round(float(np.log(2)), 6)
    True
    """
    t, logs = np.asarray(times, np.float64), np.log(np.asarray(sizes, np.float64))
    area = np.trapezoid(logs - logs[..., :1], t, axis=-1)
    return np.asarray(2 * area / (t[-1] - t[0]) ** 2, np.float64)


@dataclass(frozen=True)
class Sizes:
    """Sizes (subjects, times), NaN where none was measured; `groups` names each subject's, `control` is one of them.

    `times` ascend from the start of treatment. Raises InputError for arrays that do not fit, sizes below 0, subjects
    without a size at the start, a control that is none of the groups.
    """

    subjects: tuple[str, ...]
    groups: tuple[str, ...]
    times: Floats
    values: Floats
    control: str
    unit: str = "1"
    time_unit: str = "d"

    def __post_init__(self) -> None:
        values, times = np.asarray(self.values, np.float64), np.asarray(self.times, np.float64)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "times", times)
        if values.shape != (len(self.subjects), times.size) or len(self.groups) != len(self.subjects):
            raise InputError("sizes are subjects by times, with a group for each subject",
                             found=f"{values.shape}, {len(self.groups)} groups, {times.size} times")  # fmt: skip
        if not values.size or not (np.diff(times) > 0).all() or not np.isfinite(times).all():
            raise InputError("times ascend, and there is at least one", found=str(times.tolist()))
        if np.isinf(values).any() or (values < 0).any():
            raise InputError("a size is a number from 0 up", found=f"{np.nanmin(values):g}")
        if self.control not in self.groups:
            raise InputError("no subject is in the control", where="control", found=self.control,
                             expected=f"one of {', '.join(self.order)}")  # fmt: skip
        blank = [s for s, first in zip(self.subjects, values[:, 0], strict=True) if not first > 0]
        if blank:
            raise InputError("a subject has no size above 0 at the start", found=", ".join(blank[:6]),
                             expected="a size at the first time, from which its growth is counted")  # fmt: skip

    @property
    def order(self) -> tuple[str, ...]:
        """The groups, each once, in the order of the subjects."""
        return tuple(dict.fromkeys(self.groups))

    @property
    def treated(self) -> tuple[str, ...]:
        """The groups but the control."""
        return tuple(g for g in self.order if g != self.control)

    @property
    def relative(self) -> Floats:
        """Sizes over those at the start."""
        return np.asarray(self.values / self.values[:, :1])

    def of(self, group: str) -> NDArray[np.bool_]:
        """Which subjects are of the group. Raises InputError for one that is not there."""
        if group not in self.groups:
            raise InputError("no such group", found=group, expected=f"one of {', '.join(self.order)}")
        return np.array([g == group for g in self.groups])

    def column(self, at: float) -> int:
        """The index of a time. Raises InputError for one at which nothing was measured."""
        found = np.flatnonzero(np.abs(self.times - at) < 1e-9)
        if not found.size:
            listed = ", ".join(f"{t:g}" for t in self.times)
            raise InputError("nothing was measured at this time", found=f"{at:g} {self.time_unit}", expected=listed)
        return int(found[0])

    def measured(self, at: float) -> dict[str, tuple[int, int]]:
        """Group -> (subjects measured at a time, subjects at the start)."""
        seen = np.isfinite(self.values[:, self.column(at)])
        return {g: (int((seen & self.of(g)).sum()), int(self.of(g).sum())) for g in self.order}

    def last_common(self, groups: Sequence[str] = ()) -> float:
        """The last time at which every group is whole; if there is none after the start, the last at which four
        fifths of every group were measured. Raises InputError if there is none."""
        chosen = tuple(groups) or self.order
        shares = np.array([np.isfinite(self.values[self.of(g)]).mean(axis=0) for g in chosen]).min(axis=0)
        for least in (1.0, ENOUGH):
            good = np.flatnonzero(shares[1:] >= least)
            if good.size:
                return float(self.times[1:][good[-1]])
        raise InputError(
            "at no time after the start were four fifths of every group measured", found=", ".join(chosen),
            expected="a day of your choice",
        )  # fmt: skip

    def until(self, at: float) -> Sizes:
        """The same up to a time, it included."""
        keep = self.times <= at + 1e-9
        return replace(self, times=self.times[keep], values=self.values[:, keep])

    def among(self, groups: Sequence[str]) -> Sizes:
        """The subjects of some groups, the control among them."""
        keep = [i for i, g in enumerate(self.groups) if g in (*groups, self.control)]
        return replace(
            self, subjects=tuple(self.subjects[i] for i in keep), groups=tuple(self.groups[i] for i in keep),
            values=self.values[keep],
        )  # fmt: skip

    def carried(self) -> Sizes:
        """Last sizes carried forward to the end: those of subjects that are gone stand still. Say so where it is used;
        it understates the growth of a group that lost its largest."""
        values = self.values.copy()
        for i in range(1, self.times.size):
            gone = ~np.isfinite(values[:, i])
            values[gone, i] = values[gone, i - 1]
        return replace(self, values=values)

    def missing(self, at: float, groups: Sequence[str]) -> str:
        """Who is not there at a time, as a note; "" when all are."""
        counts = self.measured(at)
        gone = [f"{n - seen} of {n} in {g}" for g, (seen, n) in counts.items() if g in groups and seen < n]
        return f"not measured: {', '.join(gone)}" if gone else ""


def inhibition(
    sizes: Sizes,
    at: float | None = None,
    form: Form = "change",
    *,
    seed: int = 1,
    draws: int = DRAWS,
    level: float = LEVEL,
    kind: Interval = "expanded",
    blocked: bool = False,
) -> dict[str, Estimate]:
    """Group -> growth inhibition (%) against the control at a time (`Sizes.last_common` without one).

    NaN with a note where the control did not grow, or where a group has nobody left. Raises InputError for a time at
    which nothing was measured, or an unknown form.
    """
    if form not in FORMS:
        raise InputError("unknown form of growth inhibition", found=str(form), expected=" or ".join(FORMS))
    day = sizes.last_common() if at is None else float(at)
    column = sizes.column(day)
    grown = sizes.values - sizes.values[:, :1] if form == "change" else sizes.relative
    said = {"change": "of changes", "ratio": "of ratios"}[form]
    method = f"TGI {said} on day {day:g}" if sizes.time_unit == "d" else f"TGI {said} at {day:g} {sizes.time_unit}"
    means = _means(sizes, grown[:, column], seed, draws, blocked)
    out = {}
    for group in sizes.treated:
        note = sizes.missing(day, (group, sizes.control))
        (own, ns), (control, nc) = means[group], means[sizes.control]
        if own is None or control is None or not control[0] > 0:
            left = "the control did not grow" if control is not None and own is not None else "nobody is left"
            out[group] = Estimate(math.nan, "%", method=method, note="; ".join(filter(None, (left, note))))
            continue
        values = 100 * (1 - own / np.where(control > 0, control, math.nan))
        out[group] = interval(float(values[0]), values[1:], (ns, nc), unit="%", level=level, kind=kind, method=method,
                              note=note)  # fmt: skip
    return out


def T_over_C(
    sizes: Sizes,
    at: float | None = None,
    *,
    seed: int = 1,
    draws: int = DRAWS,
    level: float = LEVEL,
    kind: Interval = "expanded",
    blocked: bool = False,
) -> dict[str, Estimate]:
    """Group -> mean size over that of the control (%) at a time; otherwise as `inhibition`."""
    day = sizes.last_common() if at is None else float(at)
    means = _means(sizes, sizes.values[:, sizes.column(day)], seed, draws, blocked)
    out = {}
    for group in sizes.treated:
        note, method = sizes.missing(day, (group, sizes.control)), f"T/C of mean sizes at {day:g} {sizes.time_unit}"
        (own, ns), (control, nc) = means[group], means[sizes.control]
        if own is None or control is None:
            out[group] = Estimate(math.nan, "%", method=method, note=note)
            continue
        values = 100 * own / control
        out[group] = interval(float(values[0]), values[1:], (ns, nc), unit="%", level=level, kind=kind, method=method,
                              note=note)  # fmt: skip
    return out


def growth_rates(sizes: Sizes, offset: float = 0.0) -> Floats:
    """One rate a subject (1 / time unit) by `growth_rate_of_AUC` over the times at which it was measured.

    Until the subject's own last time, so that one taken out early keeps its rate. `offset` is added to every size
    before the logarithm (invivoSyn adds 1 mm3); without it a size of 0 leaves the subject NaN, as one measurement does.
    """
    out = np.full(len(sizes.subjects), math.nan)
    for i, row in enumerate(sizes.values + offset):
        seen = np.isfinite(row)
        if seen.sum() > 1 and (row[seen] > 0).all():
            out[i] = float(growth_rate_of_AUC(sizes.times[seen], row[seen]))
    return out


def rates_of_groups(
    sizes: Sizes, offset: float = 0.0, *, seed: int = 1, draws: int = DRAWS, level: float = LEVEL,
    kind: Interval = "expanded", blocked: bool = False,
) -> dict[str, Estimate]:  # fmt: skip
    """Group -> mean growth rate of its subjects (1/d), with the interval of a bootstrap over them."""
    rates = growth_rates(sizes, offset)
    unit = f"1/{sizes.time_unit}"
    out = {}
    for group, (values, n) in _means(sizes, rates, seed, draws, blocked).items():
        lost = int((sizes.of(group) & ~np.isfinite(rates)).sum())
        note = f"{lost} subject(s) without a rate" if lost else ""
        method = "growth rate from the area under the logarithm"
        out[group] = (
            Estimate(math.nan, unit, method=method, note=note)
            if values is None
            else interval(float(values[0]), values[1:], (n,), unit=unit, level=level, kind=kind, method=method,
                          note=note)
        )  # fmt: skip
    return out


def median_ratio(sizes: Sizes, group: str, offset: float = 0.0) -> float:
    """Median over all pairs of a treated and a control subject of the ratio of their rates (mAUCr of invivoSyn)."""
    rates = growth_rates(sizes, offset)
    own, control = (rates[sizes.of(g) & np.isfinite(rates)] for g in (group, sizes.control))
    with np.errstate(divide="ignore", invalid="ignore"):  # of a control that does not grow there is no ratio
        return float(np.median(own[:, None] / control[None, :])) if own.size and control.size else math.nan


def resampled(
    sizes: Sizes, groups: Sequence[str], seed: int, draws: int, blocked: bool = False
) -> dict[str, NDArray[np.int64]]:
    """Group -> (1 + draws, subjects) numbers of its subjects: as they are, then drawn again with replacement.

    `blocked` draws the subjects of one rank of starting size together; InputError where groups are not of one size.
    """
    members = {group: np.flatnonzero(sizes.of(group)) for group in groups}
    counts = {own.size for own in members.values()}
    if blocked and len(counts) > 1:
        raise InputError("blocks need groups of one size", where="blocked",
                         found=", ".join(f"{own.size} in {g}" for g, own in members.items()))  # fmt: skip
    out = {}
    for group, own in members.items():
        ranked = own[np.argsort(sizes.values[own, 0], kind="stable")] if blocked else own
        purpose = "bootstrap of blocks" if blocked else f"bootstrap {group}"
        out[group] = ranked[np.vstack([np.arange(own.size)[None, :], drawn(own.size, draws, seed, purpose)])]
    return out


def mean_of(values: Floats) -> Floats:
    """Mean over the last axis of what is finite; NaN where nothing is."""
    seen = np.isfinite(values)
    counts = seen.sum(axis=-1)
    return np.asarray(np.where(seen, values, 0.0).sum(axis=-1) / np.where(counts, counts, math.nan))


def _means(
    sizes: Sizes, column: Floats, seed: int, draws: int, blocked: bool
) -> Mapping[str, tuple[Floats | None, int]]:
    """Group -> its mean and those of the draws (1 + draws,), and how many subjects stand behind; None without any."""
    again = resampled(sizes, sizes.order, seed, draws, blocked)
    out: dict[str, tuple[Floats | None, int]] = {}
    for group in sizes.order:
        there = int(np.isfinite(column[sizes.of(group)]).sum())
        out[group] = (mean_of(column[again[group]]) if there else None), there
    return out
