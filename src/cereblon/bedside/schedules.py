"""Several escalations as one trial: the arms of a phase 1, each a schedule, and all whom they treat.

    schedules("MM-001 phase 1", [...], count=8).all_treated(77)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from cereblon.bedside.escalated import Escalated
from cereblon.bedside.followed import Came, Changes, Followed, came, lived_on
from cereblon.bedside.limits import whole_number
from cereblon.bedside.outcome import Replicates, gathered
from cereblon.bedside.phase_1 import EscalationTrial, escalation_trial
from cereblon.statistics.resampling import stream


@dataclass(frozen=True)
class Schedules:
    """Several escalations as one trial. `ended`: per arm, its escalations, one a replicate; no two share a seed."""

    name: str
    arms: tuple[EscalationTrial, ...]
    ended: tuple[tuple[Escalated, ...], ...] = field(repr=False)

    def all_treated(self, patients: int, changes: Changes | None = None) -> Replicates:
        """The headline numbers of so many of all treated, a replicate each; `changes` as in `Trial.treated`.

        Where the escalations treated more they are drawn by lot, so that each dose keeps its share; where fewer, the
        rest is an expansion at the MTDs, an even part each. Where there are several arms, response and reported events
        stand there for each too ("ORR, mezi_dex").
        """
        whole_number("patients", patients, 1)
        who = [_chosen(arms, patients) for arms in zip(*self.ended, strict=True)]
        found: list[list[Followed]] = [[] for _ in who]
        for k, plan in enumerate(self.arms):
            own = [r for r, arms in enumerate(who) if len(arms[k].patients)]
            for r, one in zip(own, lived_on(plan, [who[r][k] for r in own], changes), strict=True):
                found[r].append(one)
        pooled = [(self.ended[0][r].seed, _pooled(arms, len(self.arms) > 1)) for r, arms in enumerate(found)]
        return gathered(self.name, patients, pooled, len(who), self.arms[0].population)


def schedules(name: str, records: Sequence[str | Path], count: int, seed: int = 1) -> Schedules:
    """`count` escalations of each record; arm k of replicate r has seed `seed` + r (number of arms) + k: other people.

    Raises InputError.
    """
    whole_number("count", count, 1)
    arms = tuple(escalation_trial(record) for record in records)
    ended = [arm.escalations(range(seed + k, seed + k + count * len(arms), len(arms))) for k, arm in enumerate(arms)]
    return Schedules(name, arms, tuple(map(tuple, ended)))


def _chosen(ended: Sequence[Escalated], patients: int) -> list[Came]:
    """Who is followed of each arm of one replicate."""
    all_ = [came(one) for one in ended]
    sizes = [len(one.patients) for one in all_]
    if sum(sizes) < patients:
        able = [k for k, one in enumerate(ended) if one.MTD is not None]
        for place, k in enumerate(able):
            part, left = divmod(patients - sum(sizes), len(able))
            all_[k] = came(ended[k], sizes[k] + part + (place < left))
        return all_
    lot = np.sort(stream(ended[0].seed, "phase 1:lot").permutation(sum(sizes))[:patients])
    edges = np.cumsum([0, *sizes])
    return [one.some(lot[(lot >= low) & (lot < low + len(one.patients))] - low)
            for one, low in zip(all_, edges[:-1], strict=True)]  # fmt: skip


def _pooled(arms: Sequence[Followed], apart: bool) -> dict[str, float]:
    """Shares of all patients of several arms: the mean of each, weighted by its patients. A median is left out."""
    each = [arm.outcome.numbers() for arm in arms]
    weights = [len(arm.doses) for arm in arms]
    names = [name for name in each[0] if not name.startswith(("median", "odds", "PFS", "ORR,"))]
    pooled = {name: float(np.average([one[name] for one in each], weights=weights)) for name in names}
    own = [name for name in names if apart and (name == "ORR" or name.endswith(", reported"))]
    return pooled | {
        f"{name}, {arm.escalated.trial.regimen.name}": one[name]
        for arm, one in zip(arms, each, strict=True) for name in own
    }  # fmt: skip
