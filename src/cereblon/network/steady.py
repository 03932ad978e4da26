"""Steady state under repeated dosing, reached by repeating the doses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cereblon.ground.errors import DoseError
from cereblon.network.dosing import Dose
from cereblon.network.run import CANCELLED, Floats, Run
from cereblon.network.trajectory import OUTCOMES

MOST_CYCLES = 20_000
SETTLED = 1e-9  # distance to steady state, relative to each species
FIRST_STEP_AFTER_SS = 1e-3  # h


def reach_steady_state(run: Run, lags: Mapping[str, Floats], fractions: Mapping[str, Floats]) -> None:
    """Start each subject with ss rows from where `before` (those rows alone, repeated) settles, read just
    before a dose. Each subject settles for itself: after every leap, two single cycles show the change and how
    it shrinks, and from both follows the distance still to go. Those who do not settle fail.
    """
    _check(run.rows, lags, fractions)
    intervals = _intervals(run.calendars, run.which)
    before = run.beginning_with(
        [tuple(replace(d, ss=False, reset=False, addl=MOST_CYCLES * 4) for d in c if d.ss) for c in run.calendars]
    )
    n = len(run.species)
    repeated = np.array([any(d.ss for d in run.calendars[w]) for w in run.which])
    before.active = run.active[repeated[run.active]]
    tolerance = max(SETTLED, 0.1 * run.settings.rtol)
    cycle = 0
    while len(before.active) and not run.settings.cancel.is_set():
        pick = before.active
        states = []
        for ahead in (max(1, cycle), 1, 1):
            cycle += ahead
            before.leg(run.begin + cycle * intervals)
            states.append(before.state[pick, :n].copy())
        size = np.abs(states[2]) + 1e-9 * np.abs(states[2]).max(axis=1, keepdims=True) + 1e-300
        old = (np.abs(states[1] - states[0]) / size).max(axis=1)
        new = (np.abs(states[2] - states[1]) / size).max(axis=1)
        ratio = np.clip(new / np.maximum(old, 1e-300), 0.0, 1.0 - 1e-9)
        settled = (new / (1.0 - ratio) <= tolerance) | (new <= 1e-3 * tolerance)
        failed = before.status[pick, 0] != 0
        done = pick[settled & ~failed]
        run.state[done] = 0.0  # no dose given, no sample taken
        run.state[done, :n] = before.state[done, :n]
        run.state[done, n] = run.begin
        run.state[done, n + 1] = run.settings.first_step or FIRST_STEP_AFTER_SS
        run.state[done, n + 2] = 1e-4
        run.resume[done] = 1
        _give_up(run, before, pick[failed])
        before.active = pick[~settled & ~failed]
        if cycle > MOST_CYCLES:
            before.status[before.active, 0] = OUTCOMES.index("no steady state")
            _give_up(run, before, before.active)
            break
    if run.settings.cancel.is_set():
        run.status[run.active, 0] = CANCELLED
        run.active = run.active[:0]


def _give_up(run: Run, before: Run, subjects: NDArray[np.int64]) -> None:
    run.status[subjects] = before.status[subjects]
    run.state[subjects, : len(run.species) + 1] = before.state[subjects, : len(run.species) + 1]
    run.active = np.setdiff1d(run.active, subjects)


def _check(rows: Sequence[Dose], lags: Mapping[str, Floats], fractions: Mapping[str, Floats]) -> None:
    for dose in rows:
        if dose.ss:
            # a subject whose lag or F is no number has failed already and says nothing here
            lag = np.nan_to_num(lags[dose.lag]).max() if dose.lag else 0.0
            F = np.nan_to_num(fractions[dose.F]).max() if dose.F and dose.rate else 1.0
            if lag + dose.infusion_length * F > dose.ii:
                raise DoseError(
                    "steady state needs each dose over before the next",
                    where=dose.species,
                    found=f"lag and infusion of {lag + dose.infusion_length * F:g} h",
                    expected=f"at most ii, {dose.ii:g} h",
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
