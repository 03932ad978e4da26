"""Visits: every subject's run pauses, a policy looks at all who got there, and may scale the doses to come.

A policy may also send subjects away: their run ends there, with the outcome "left".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.ground.errors import InputError
from cereblon.network.dosing import Dose
from cereblon.network.run import Floats, Run
from cereblon.network.trajectory import OUTCOMES

LEFT = OUTCOMES.index("left")


@dataclass(frozen=True)
class Visit:
    """What a policy sees: the visit's number and time (h), the subjects who reached it, their read-outs there
    (name -> array, coherent units; computed when they are asked for), and the factor each dosing row has had so far
    (subjects, rows)."""

    number: int
    time: Floats
    subjects: NDArray[np.int64]
    observed: Mapping[str, Floats]
    factor: Floats
    doses: tuple[Dose, ...]


@dataclass(frozen=True)
class Decision:
    """One logged change of one subject's dosing row at a visit, or a reason for what stays as it is."""

    subject: int
    visit: int
    time: float
    row: int
    species: str
    before: float
    after: float
    reason: str


@dataclass(frozen=True)
class Orders:
    """What a policy decides: factors (subjects, rows) of the coming doses, a reason per subject, who leaves.

    `own`: row -> reasons of that row alone, one per subject; a reason is logged though the factor stays, "" is none.
    """

    factor: Floats
    reasons: Sequence[str]
    leaves: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(1, dtype=bool))
    own: Mapping[int, Sequence[str]] = field(default_factory=dict)


Policy = Callable[[Visit], Orders]


def replay(decisions: Iterable[Decision]) -> Policy:
    """A policy that orders again what a log (`Trajectory.decisions`) says, visit by visit, and sends nobody away.

    At the same visits the trajectories are those of the run that was logged, to the bit, until a subject left it.
    """
    logged: dict[int, list[Decision]] = {}
    for one in decisions:
        logged.setdefault(one.visit, []).append(one)

    def policy(visit: Visit) -> Orders:
        factor, reasons = visit.factor.copy(), [""] * len(visit.subjects)
        place = {subject: i for i, subject in enumerate(visit.subjects.tolist())}
        for one in logged.get(visit.number, ()):
            if one.subject in place:
                i = place[one.subject]
                factor[i, one.row], reasons[i] = one.after, one.reason
        return Orders(factor, reasons)

    return policy


Readouts = Callable[[NDArray[np.int64], Mapping[str, Floats], float], Mapping[str, Floats]]
"""Given subjects, their species and the time (h), every observable of the network, in coherent units."""


def through_visits(run: Run, visits: ArrayLike | None, policy: Policy | None, readouts: Readouts) -> list[Decision]:
    """All legs from visit to visit, asking the policy at each, and the last leg to the end."""
    end = np.ascontiguousarray(np.atleast_1d(run.sampled[..., -1]), dtype=np.float64)
    decisions: list[Decision] = []
    if policy is not None:
        if visits is None:
            raise InputError("a policy needs visits", expected="visits= with their times in h")
        if len(run.calendars) != 1:
            raise InputError("a policy needs one calendar shared by all", found=f"{len(run.calendars)} calendars")
        run.factor = np.ones((run.subjects, max(1, run.max_rows)))
        if any(dose.is_infusion and 0 < dose.ii < dose.infusion_length for dose in run.rows):
            raise InputError("a policy cannot scale infusions that overlap", expected="ii at least the duration")
        grid = np.atleast_1d(np.asarray(visits, dtype=np.float64))
        if (np.diff(grid) <= 0).any() or (grid < run.begin).any() or not np.isfinite(grid).all():
            raise InputError("visits must ascend from the start", found=str(grid[:5]), example="[168, 336, 504]")
        for number, time in enumerate(grid):
            if time >= end.max() or not len(run.active):
                break
            run.leg(np.minimum(end, time) if end.size > 1 else np.array([time]))
            decisions.extend(_ask(run, policy, number, float(time), end, readouts))
    run.leg(end)
    return decisions


def _ask(run: Run, policy: Policy, number: int, time: float, end: Floats, readouts: Readouts) -> list[Decision]:
    assert run.factor is not None
    subjects = run.active[(end[run.active] if end.size > 1 else np.full(len(run.active), end[0])) > time]
    species = {name: run.state[subjects, i].copy() for i, name in enumerate(run.species)}
    before = run.factor[subjects].copy()
    moment = np.full(len(subjects), time)
    seen = readouts(subjects, species, time)
    orders = policy(Visit(number, moment, subjects, seen, before.copy(), tuple(run.rows)))
    after = np.broadcast_to(np.asarray(orders.factor, dtype=np.float64), before.shape)
    if not np.isfinite(after).all() or (after < 0).any():
        raise InputError(
            "a policy returned factors that no dose can have", where=f"visit {number}", expected="numbers from 0 up"
        )
    run.factor[subjects] = after
    gone = subjects[np.broadcast_to(orders.leaves, subjects.shape)]
    run.status[gone, 0] = LEFT
    run.active = np.setdiff1d(run.active, gone)
    logged = after != before
    for row, reasons in orders.own.items():
        logged[:, row] |= np.array([reason != "" for reason in reasons], dtype=bool)
    who, which = np.nonzero(logged)
    was, becomes = before[who, which].tolist(), after[who, which].tolist()
    return [
        Decision(subject, number, time, r, run.rows[r].species, old, new, orders.own.get(r, orders.reasons)[i])
        for i, subject, r, old, new in zip(
            who.tolist(), subjects[who].tolist(), which.tolist(), was, becomes, strict=True
        )
    ]
