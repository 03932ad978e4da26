"""Integrate a network for one subject or many: arrays in, a Trajectory out.

Work is handed to threads that run the compiled loop without the interpreter's lock; each takes the next subject
when a lane is free. The result does not depend on how many threads there are.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.ground.errors import DoseError, InputError
from cereblon.network.dosing import Dose, schedules
from cereblon.network.kernel import derived_order, structure
from cereblon.network.lanes import WIDTHS
from cereblon.network.machine import compiled, native_width
from cereblon.network.network import Network
from cereblon.network.rosenbrock import METHODS, Method
from cereblon.network.run import Floats, Run, Settings
from cereblon.network.steady import reach_steady_state
from cereblon.network.trajectory import Trajectory
from cereblon.network.visits import Policy, Readouts, through_visits


def solve(
    network: Network,
    values: Mapping[str, ArrayLike],
    times: ArrayLike,
    doses: Iterable[Dose] | Sequence[Iterable[Dose]] | None = None,
    *,
    observe: Iterable[str] | None = None,
    rtol: float = 1e-6,
    start: float = 0.0,
    method: Method | str = "RODAS5P",
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
    largest_step: h; needed where a rate wakes with the time while all else rests, which a long step would not see.
    rtol: relative tolerance; the absolute one of a species is 1e-3 rtol scale.
    visits, policy: times (h) at which every subject's run pauses and `policy` may scale the doses to come.
    progress: called with (subjects done, subjects) from this thread; cancel: set it to stop early. Where either is
    given, Ctrl-C and `cancel` keep what is finished: unfinished subjects have the status "cancelled" and NaN. Where
    neither is, Ctrl-C raises KeyboardInterrupt.

    Raises InputError for unknown or missing values and times out of order, DoseError for doses before `start`,
    NetworkError from `network.check()`.
    """
    _check_options(rtol, start, first_step, largest_step, most_steps, width, threads, method)
    if check:
        network.check()
    single, subjects, given = _values(network, values)
    sampled = _times(times, subjects, start)
    calendars, which = schedules(doses or (), subjects)
    rows = [dose for calendar in calendars for dose in calendar]
    _check_doses(network, rows, start)
    lags, fractions = _attributes(network, given, rows, subjects)
    wanted = tuple(observe) if observe is not None else (*network.observables, *network.species)
    rule = METHODS[method] if isinstance(method, str) else method
    attributes = [name for dose in rows for name in (dose.lag, dose.F) if name]
    shape, slots = structure(network, wanted, attributes, [d.species for d in rows if d.is_infusion])
    settings = Settings(
        rtol, first_step, largest_step, most_steps, max(1, min(threads or os.cpu_count() or 1, subjects)), progress,
        cancel or threading.Event(), progress is not None or cancel is not None,
    )  # fmt: skip
    program = compiled(shape, rule, width or native_width(shape.species, rule.stages))
    run = Run(program, slots.species, given, slots.extra, calendars, which, sampled, subjects, float(start), settings)
    run.exclude(lags, fractions)
    if any(dose.ss for dose in rows):
        reach_steady_state(run, lags, fractions)
    decisions = through_visits(run, visits, policy, _readouts(network, given))
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


def _check_options(
    rtol: float,
    start: float,
    first_step: float,
    largest_step: float,
    most_steps: float,
    width: int | None,
    threads: int | None,
    method: Method | str,
) -> None:
    allowed = {
        "rtol": (0 < rtol < math.inf, rtol, "a finite number above 0"),
        "start": (math.isfinite(start), start, "a finite time in h"),
        "threads": (threads is None or threads >= 1, threads, "a whole number from 1 up, or None for all cores"),
        "first_step": (0 <= first_step < math.inf, first_step, "hours, or 0 to have one found"),
        "largest_step": (largest_step > 0, largest_step, "hours above 0"),
        "most_steps": (1 <= most_steps <= 1e12, most_steps, "a whole number from 1 up"),
        "width": (width is None or width in WIDTHS, width, f"one of {WIDTHS}"),
        "method": (isinstance(method, Method) or method in METHODS, method, f"one of {', '.join(METHODS)}"),
    }
    for name, (fits, found, expected) in allowed.items():
        if not fits:
            raise InputError("cannot solve with this", where=name, found=repr(found), expected=expected)


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
        try:
            array = np.asarray(values.get(name, parameter.value), dtype=np.float64)
        except (TypeError, ValueError):
            raise InputError(
                "a value is a coherent number or one number per subject", where=name, found=repr(values[name])[:80]
            ) from None
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


def _numbers(network: Network, given: list[Floats]) -> dict[str, Floats]:
    """Every parameter and derived parameter by name, one number or one per subject."""
    known: dict[str, Floats] = dict(zip(network.parameters, given, strict=True))
    for name in derived_order(network):
        known[name] = np.atleast_1d(network.derived[name].expression.evaluate(known))
    return known


def _readouts(network: Network, given: list[Floats]) -> Readouts:
    """What a policy may read at a visit."""
    numbers: dict[str, Floats] = {}

    def readouts(subjects: NDArray[np.int64], species: Mapping[str, Floats], time: float) -> Mapping[str, Floats]:
        if not numbers:
            numbers.update(_numbers(network, given))
        return _Seen(network, numbers, subjects, species, time)

    return readouts


class _Seen(Mapping[str, Floats]):
    """Species and observables of some subjects at one time, each evaluated when it is asked for."""

    def __init__(
        self, network: Network, numbers: Mapping[str, Floats], subjects: NDArray[np.int64],
        species: Mapping[str, Floats], time: float,
    ) -> None:  # fmt: skip
        self.network, self.numbers, self.subjects, self.species, self.time = network, numbers, subjects, species, time

    def __getitem__(self, name: str) -> Floats:
        if name in self.species:
            return self.species[name]
        expression = self.network.observables[name].expression
        columns = {name: self.numbers[name] for name in expression.parameters}
        own = {name: column[self.subjects] if column.size > 1 else column for name, column in columns.items()}
        return np.broadcast_to(expression.evaluate(own, self.species, self.time), self.subjects.shape)

    def __iter__(self) -> Iterator[str]:
        return iter((*self.species, *self.network.observables))

    def __len__(self) -> int:
        return len(self.species) + len(self.network.observables)


def _attributes(
    network: Network, given: list[Floats], rows: Sequence[Dose], subjects: int
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Lag times and bioavailabilities by name, one number per subject; DoseError for a negative one."""
    names = {name for dose in rows for name in (dose.lag, dose.F) if name}
    known = _numbers(network, given) if names else {}
    found: tuple[dict[str, Floats], dict[str, Floats]] = ({}, {})
    for dose in rows:
        for table, attribute, word in zip(found, (dose.lag, dose.F), ("lag", "F"), strict=True):
            if attribute is not None:
                table[attribute] = np.broadcast_to(known[attribute].astype(np.float64), (subjects,))
                if (table[attribute] < 0).any():
                    raise DoseError(
                        f"a negative {word}",
                        where=attribute,
                        found=f"{np.nanmin(table[attribute]):g}",
                        expected="zero or more",
                    )
    return found
