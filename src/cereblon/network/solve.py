"""Integrate a network for one subject or many: arrays in, a Trajectory out.

Work is handed to threads that run the compiled loop without the interpreter's lock; each takes the next subject
when a lane is free. The result does not depend on how many threads there are.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.ground.errors import Cancelled, DoseError, InputError, SolveError
from cereblon.network.dosing import Dose, schedules
from cereblon.network.kernel import structure
from cereblon.network.machine import Program, compiled, native_width
from cereblon.network.network import Network
from cereblon.network.rosenbrock import METHODS, Method
from cereblon.network.trajectory import OUTCOMES, Status, Trajectory
from cereblon.network.workspace import CONTEXT, ROW, STATUS

Floats = NDArray[np.float64]
MOST_CYCLES = 20_000  # of repeated dosing on the way to steady state
SETTLED = 1e-9  # distance to steady state, relative to each species
FIRST_STEP_AFTER_SS = 1e-3  # h
CANCELLED = OUTCOMES.index("cancelled")


@dataclass(frozen=True)
class Visit:
    """What a policy sees: the visit's number and time (h), the subjects who reached it, their read-outs there
    (name -> array, coherent units), and the factor each dosing row has had so far (subjects, rows)."""

    number: int
    time: Floats
    subjects: NDArray[np.int64]
    observed: Mapping[str, Floats]
    factor: Floats
    doses: tuple[Dose, ...]


@dataclass(frozen=True)
class Decision:
    """One logged change of one subject's dosing row at a visit."""

    subject: int
    visit: int
    time: float
    row: int
    species: str
    before: float
    after: float
    reason: str


Policy = Callable[[Visit], tuple[Floats, Sequence[str]]]
"""Given a visit, the new factors (subjects, rows) of the coming doses and a reason per subject."""


def solve(
    network: Network,
    values: Mapping[str, ArrayLike],
    times: ArrayLike,
    doses: Iterable[Dose] | Sequence[Iterable[Dose]] = (),
    *,
    observe: Iterable[str] | None = None,
    rtol: float = 1e-6,
    start: float = 0.0,
    method: Method | str = "RODAS4",
    threads: int | None = None,
    width: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancel: threading.Event | None = None,
    first_step: float = 0.0,
    largest_step: float = math.inf,
    most_steps: int = 100_000,
    visits: ArrayLike | None = None,
    policy: Policy | None = None,
    check: bool = True,
) -> Trajectory:
    """Integrate `network`.

    values: address -> coherent float, or an array with one entry per subject; every parameter without a default.
    times: sample times in h, ascending, (times,) for all or (subjects, times); the last ends the run.
    doses: one table for all, or one per subject.
    observe: names of observables, species or derived parameters (default: all observables and species).
    rtol: relative tolerance; the absolute one of a species is 1e-3 rtol scale.
    visits, policy: times (h) at which every subject's run pauses and `policy` may scale the doses to come.
    progress: called with (subjects done, subjects) from this thread; cancel: set it to stop early. Ctrl-C and
    `cancel` keep what is finished: unfinished subjects have the status "cancelled" and NaN.

    Raises InputError for unknown or missing values and times out of order, DoseError for doses before `start`,
    NetworkError from `network.check()`.
    """
    if check:
        network.check()
    single, subjects, given = _values(network, values)
    sampled = _times(times, subjects, start)
    calendars, which = schedules(doses, subjects)
    rows = [dose for calendar in calendars for dose in calendar]
    _check_doses(network, rows, start)
    wanted = tuple(observe) if observe is not None else (*network.observables, *network.species)
    rule = METHODS[method] if isinstance(method, str) else method
    attributes = [name for dose in rows for name in (dose.lag, dose.F) if name]
    shape, slots = structure(network, wanted, attributes, [d.species for d in rows if d.is_infusion])
    program = compiled(shape, rule, width or native_width())
    run = _Run(program, network, given, slots.extra, calendars, which, sampled, subjects, start)
    run.settings = (float(rtol), float(first_step), float(largest_step), float(most_steps))
    run.threads = max(1, min(threads or os.cpu_count() or 1, subjects))
    run.progress, run.cancel = progress, cancel or threading.Event()
    if any(dose.ss for dose in rows):
        repeated = [tuple(replace(d, ss=False, addl=MOST_CYCLES * 4) for d in c if d.ss) for c in calendars]
        before = _Run(program, network, given, slots.extra, repeated, which, np.array([start]), subjects, start)
        before.settings, before.threads, before.progress, before.cancel = run.settings, run.threads, None, run.cancel
        run.reach_steady_state(before, _intervals(calendars, which))
    decisions = run.through_visits(visits, policy)
    return Trajectory(
        sampled,
        run.out,
        wanted,
        {name: _unit(network, name) for name in wanted},
        run.statuses(slots.species),
        slots.species,
        run.state[:, : len(slots.species)].copy(),
        single,
        tuple(decisions),
    )


def _unit(network: Network, name: str) -> str:
    for table in (network.observables, network.species, network.derived, network.parameters):
        if name in table:
            return str(table[name].unit)
    raise AssertionError(name)


def _values(network: Network, values: Mapping[str, ArrayLike]) -> tuple[bool, int, list[Floats]]:
    """Whether plain numbers were given, how many subjects, and one array per parameter (length 1 or subjects)."""
    for name in values:
        network.require(name, network.parameters, "parameter", "values")
    missing = [n for n, p in network.parameters.items() if n not in values and p.value is None]
    if missing:
        raise InputError(
            f"{len(missing)} parameter(s) without a value",
            where=f"network {network.name}",
            found=", ".join(missing[:8]) + (" ..." if len(missing) > 8 else ""),
            expected="a coherent number (h, nM, L, g, cells) for each",
            example=f"{{{missing[0]!r}: 1.0}}",
        )
    arrays, subjects, single = [], 1, True
    for name, parameter in network.parameters.items():
        array = np.asarray(values.get(name, parameter.value), dtype=np.float64)
        if array.ndim > 1 or array.size == 0:
            raise InputError("a value is a number or one number per subject", where=name, found=f"shape {array.shape}")
        if np.isinf(array).any():
            raise InputError(
                "a value is infinite", where=name, found=str(array.ravel()[:3]), expected="a finite number"
            )
        if array.ndim:
            single = False
            if array.size > 1 and subjects > 1 and array.size != subjects:
                raise InputError(
                    "values for different numbers of subjects",
                    where=name,
                    found=f"{array.size}",
                    expected=f"{subjects}",
                )
            subjects = max(subjects, array.size)
        arrays.append(np.ascontiguousarray(array.ravel()))
    return single, subjects, arrays


def _times(times: ArrayLike, subjects: int, start: float) -> Floats:
    sampled = np.array(times, dtype=np.float64, order="C")
    if (
        sampled.ndim == 0
        or sampled.ndim > 2
        or sampled.shape[-1] == 0
        or (sampled.ndim == 2 and len(sampled) != subjects)
    ):
        raise InputError(
            "times must be one row for all or one row per subject",
            found=f"shape {sampled.shape}",
            expected=f"(times,) or ({subjects}, times)",
        )
    if not np.isfinite(sampled).all() or (np.diff(sampled, axis=-1) < 0).any() or (sampled < start).any():
        raise InputError(
            "times must be finite, ascending and not before the start",
            found=str(sampled.ravel()[:5]),
            expected=f"numbers from {start:g} h on",
            example="[0, 24, 48]",
        )
    return sampled


def _check_doses(network: Network, rows: Sequence[Dose], start: float) -> None:
    for dose in rows:
        network.require(dose.species, network.species, "species", f"dose at {dose.time:g} h")
        for name in (dose.lag, dose.F):
            if name:
                network.require(name, [*network.parameters, *network.derived], "parameter", f"dose at {dose.time:g} h")
        if dose.time < start:
            raise DoseError(
                "a dose before the start",
                where=dose.species,
                found=f"{dose.time:g} h",
                expected=f"{start:g} h or later",
            )
        if dose.ss and dose.time != start:
            raise DoseError(
                "a steady-state dose begins a subject's history",
                where=dose.species,
                found=f"ss at {dose.time:g} h",
                expected=f"time {start:g}",
            )


def _intervals(calendars: list[tuple[Dose, ...]], which: list[int]) -> Floats:
    """The one dosing interval of each subject's ss rows (1 h for subjects without)."""
    found = []
    for calendar in calendars:
        intervals = {dose.ii for dose in calendar if dose.ss} or {1.0}
        if len(intervals) > 1:
            raise DoseError(
                "steady state needs one interval",
                found=", ".join(f"ii {i:g} h" for i in sorted(intervals)),
                expected="the same ii in all ss rows of a subject",
            )
        found.append(intervals.pop())
    return np.array([found[w] for w in which])


class _Run:
    """The arrays that the machine code reads and writes, and the threads that run it."""

    settings: tuple[float, ...]
    threads: int
    progress: Callable[[int, int], None] | None
    cancel: threading.Event

    def __init__(
        self,
        program: Program,
        network: Network,
        given: list[Floats],
        attributes: tuple[str, ...],
        calendars: list[tuple[Dose, ...]],
        which: list[int],
        sampled: Floats,
        subjects: int,
        start: float,
    ) -> None:
        self.program, self.subjects, self.sampled, self.begin = program, subjects, sampled, start
        self.given, self.calendars = given, calendars
        self.species = list(network.species)
        kernel = program.kernel
        self.rows = [dose for calendar in calendars for dose in calendar]
        self.table = np.zeros((max(1, len(self.rows)), len(ROW)))
        infused = {self.species[slot]: k for k, slot in enumerate(kernel.structure.infused)}
        for k, dose in enumerate(self.rows):
            self.table[k] = (
                dose.time, dose.amt, dose.ii, dose.addl + 1, self.species.index(dose.species), dose.duration, dose.rate,
                attributes.index(dose.lag) if dose.lag else -1, attributes.index(dose.F) if dose.F else -1,
                infused.get(dose.species, -1), float(dose.reset),
            )  # fmt: skip
        first = np.concatenate([[0], np.cumsum([len(c) for c in calendars])]).astype(np.int64)
        shared = len(calendars) == 1
        self.schedule = np.array(
            [[first[w], len(calendars[w])] for w in (which[:1] if shared else which)], dtype=np.int64
        )
        self.schedule_stride = 0 if shared else 2
        self.max_rows = max(len(c) for c in calendars)
        self.which = which
        self.out = np.full((subjects, sampled.shape[-1], len(kernel.observed)), np.nan)
        self.state = np.zeros((subjects, program.workspace.state_size(self.max_rows)))
        self.status = np.zeros((subjects, len(STATUS)), dtype=np.int64)
        self.raw = np.array([a.ctypes.data for a in given] or [0], dtype=np.int64)
        self.raw_stride = np.array([int(a.size > 1) for a in given] or [0], dtype=np.int64)
        self.factor: Floats | None = None
        self.resume = False
        self.settings = ()

    def leg(self, end: Floats, active: NDArray[np.int64] | None = None) -> None:
        """Integrate every subject (or the active ones) to its end; start or resume as `resume` says."""
        pick = np.arange(self.subjects) if active is None else active
        begin = np.array([self.begin])
        queue, done = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
        flag = np.zeros(1, dtype=np.int64)
        options = np.array(self.settings)
        self.status[pick, 0] = CANCELLED
        work = self.program.workspace.total(self.max_rows) * self.program.width
        memory = [_aligned(work) for _ in range(self.threads)]
        contexts = []
        for area in memory:
            cells = {
                "subjects": self.subjects, "queue": queue, "done": done, "cancel": flag, "workspace": area,
                "raw": self.raw, "raw_stride": self.raw_stride, "sample_time": self.sampled,
                "sample_stride": self.sampled.shape[1] if self.sampled.ndim == 2 else 0,
                "samples": self.sampled.shape[-1], "out": self.out, "rows": self.table, "schedule": self.schedule,
                "schedule_stride": self.schedule_stride, "factor": 0 if self.factor is None else self.factor,
                "state": self.state, "max_rows": self.max_rows, "start": begin, "start_stride": 0, "end": end,
                "end_stride": int(end.size > 1), "status": self.status, "options": options, "resume": int(self.resume),
            }  # fmt: skip
            contexts.append(
                np.array(
                    [c.ctypes.data if isinstance(c, np.ndarray) else c for c in (cells[n] for n in CONTEXT)],
                    dtype=np.int64,
                )
            )
        if self.threads == 1 and self.progress is None and threading.current_thread() is not threading.main_thread():
            self.program.run(contexts[0].ctypes.data)
        else:
            self._watch(contexts, done, flag)
        if flag[0] and not self.cancel.is_set():
            raise Cancelled("the run was stopped before anything was finished")

    def _watch(self, contexts: list[NDArray[np.int64]], done: NDArray[np.int64], flag: NDArray[np.int64]) -> None:
        """Run the threads; report progress, pass on Ctrl-C and `cancel` to the machine code."""
        workers = [threading.Thread(target=self.program.run, args=(c.ctypes.data,), daemon=True) for c in contexts]
        for worker in workers:
            worker.start()
        wait = 0.001
        try:
            while any(worker.is_alive() for worker in workers):
                try:
                    for worker in workers:
                        worker.join(wait)
                    wait = min(0.1, wait * 1.5)
                    if self.progress:
                        self.progress(int(done[0]), self.subjects)
                except KeyboardInterrupt:
                    self.cancel.set()
                if self.cancel.is_set():
                    flag[0] = 1
        finally:
            flag[0] = 1 if self.cancel.is_set() else flag[0]
            for worker in workers:
                worker.join()
        if self.progress:
            self.progress(int(done[0]), self.subjects)

    def through_visits(self, visits: ArrayLike | None, policy: Policy | None) -> list[Decision]:
        """All legs from visit to visit, asking the policy at each, and the last leg to the end."""
        end = np.ascontiguousarray(np.atleast_1d(self.sampled[..., -1]), dtype=np.float64)
        decisions: list[Decision] = []
        if policy is not None:
            if visits is None:
                raise InputError("a policy needs visits", expected="visits= with their times in h")
            if len(self.calendars) != 1:
                raise InputError("a policy needs one calendar shared by all", found=f"{len(self.calendars)} calendars")
            self.factor = np.ones((self.subjects, max(1, self.max_rows)))
            grid = np.atleast_1d(np.asarray(visits, dtype=np.float64))
            if (np.diff(grid) <= 0).any() or (grid < self.begin).any() or not np.isfinite(grid).all():
                raise InputError("visits must ascend from the start", found=str(grid[:5]), example="[168, 336, 504]")
            for number, time in enumerate(grid):
                if time >= end.max():
                    break
                self.leg(np.minimum(end, time) if end.size > 1 else np.array([time]))
                self.resume = True
                decisions.extend(self._ask(policy, number, float(time)))
        self.leg(end)
        return decisions

    def _ask(self, policy: Policy, number: int, time: float) -> list[Decision]:
        assert self.factor is not None
        subjects = np.flatnonzero(self.status[:, 0] == 0)
        species = {name: self.state[subjects, i].copy() for i, name in enumerate(self.species)}
        before = self.factor[subjects].copy()
        moment = np.full(len(subjects), time)
        after, reasons = policy(Visit(number, moment, subjects, species, before.copy(), tuple(self.rows)))
        after = np.broadcast_to(np.asarray(after, dtype=np.float64), before.shape)
        if not np.isfinite(after).all() or (after < 0).any():
            raise InputError(
                "a policy returned factors that no dose can have", where=f"visit {number}", expected="numbers from 0 up"
            )
        self.factor[subjects] = after
        changed = np.argwhere(after != before)
        return [
            Decision(
                int(subjects[i]),
                number,
                time,
                int(r),
                self.rows[r].species,
                float(before[i, r]),
                float(after[i, r]),
                reasons[i],
            )
            for i, r in changed
        ]

    def reach_steady_state(self, before: _Run, intervals: Floats) -> None:
        """Start from where `before` (the repeated ss doses alone) settles, read just before a dose.

        The distance still to go is estimated from how the change from cycle to cycle shrinks.
        Raises SolveError when some subject does not settle.
        """
        n = len(self.species)
        last: Floats | None = None
        change: Floats | None = None
        cycle = 0
        while True:
            ahead = 1 if cycle % 2 else max(1, cycle)
            cycle += ahead
            before.leg(self.begin + cycle * intervals)
            before.resume = True
            state = before.state[:, :n].copy()
            if last is not None and ahead == 1:
                new = np.abs(state - last)
                size = np.abs(state).max(axis=0) + 1e-12 * np.abs(state).max()
                if change is not None and (before.status[:, 0] == 0).all():
                    shrink = np.clip(new / np.maximum(change, 1e-300), 0.0, 1.0 - 1e-9)
                    if (new / (1.0 - shrink) <= SETTLED * size + 1e-300).all():
                        break
                change = new
            last = state
            if cycle > MOST_CYCLES or (before.status[:, 0] != 0).any():
                raise SolveError(
                    f"no steady state under repeated dosing within {cycle} cycles (a growing species has none)"
                )
        self.state[:, :n] = before.state[:, :n]
        self.state[:, n] = self.begin
        self.state[:, n + 1] = self.settings[1] or FIRST_STEP_AFTER_SS
        self.state[:, n + 2] = 1e-4
        self.resume = True

    def statuses(self, species: tuple[str, ...]) -> tuple[Status, ...]:
        """A Status per subject."""
        n = len(species)
        return tuple(
            Status(
                OUTCOMES[code],
                float(self.state[i, n]),
                species[bad] if code in (1, 3, 4) else "",
                int(accepted),
                int(rejected),
            )
            for i, (code, bad, accepted, rejected) in enumerate(self.status.tolist())
        )


def _aligned(doubles: int) -> Floats:
    """Memory on a 64-byte boundary, for aligned vector loads."""
    raw = np.zeros(doubles + 8)
    offset = (-raw.ctypes.data % 64) // 8
    return raw[offset : offset + doubles]
