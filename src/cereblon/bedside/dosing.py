"""Dosing at visits: hold, resume one level lower, stop; a growth factor after severe neutropenia.

    held        neutrophils or platelets below their limit, or febrile neutropenia, while doses are due
    resumed     both counts high enough again: one level lower; below the lowest level treatment ends
    new cycle   begins where both counts allow it, else when they do, at the same level
    G-CSF       those who would be given it, daily until the next visit, while neutrophils are below its limit;
                with prophylaxis from the first dose on, as long as treatment lasts

Doses that a hold takes are not made up. What was not measured changes nothing. Every decision carries its reason and
is logged by the engine (`Trajectory.decisions`), from which `network.visits.replay` gives the same doses again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cereblon.network.dosing import Dose
from cereblon.records.policy import Policy

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Seen:
    """What a visit shows of the patients who came: counts (1e9/L, NaN where not measured), fever since the last one."""

    neutrophil: Floats
    platelet: Floats
    fever: Bools


class Dosing:
    """The memory of one policy for `patients` patients; all arrays have one entry per patient.

    `level` is the share of the planned dose, `held` whether it is withheld now (`taken`: from within a cycle, which
    costs a level), `stopped` whether it has ended;
    `interrupted` and `reduced` whether that ever happened, `supported` whether a growth factor was ever given;
    `support_reason` why it begins or ends at this visit ("": it does neither).
    """

    def __init__(self, rules: Policy, patients: int, willing: Bools) -> None:
        self.rules = rules
        self.limits = {
            name: rules[f"{name}.count"].to("1e9/L").value
            for name in (*(f"{w}.{c}" for w in ("hold", "resume", "cycle") for c in ("neutrophil", "platelet")),
                         "hold.febrile_neutropenia", *(["growth_factor.neutrophil"] if rules.growth_factor else []),
                         *(["at_risk.neutrophil"] if rules.prophylaxis == "at risk" else []))
        }  # fmt: skip
        self.step, self.least = (rules[name].coherent for name in ("reduction.share", "least.share"))
        self.level = np.ones(patients)
        self.held = np.zeros(patients, dtype=bool)
        self.stopped, self.interrupted, self.taken = self.held.copy(), self.held.copy(), self.held.copy()
        self.reduced, self.supported, self.support = self.held.copy(), self.held.copy(), self.held.copy()
        self.prophylaxis = self.held.copy()
        self.willing = willing
        self.support_reason = np.full(patients, "", dtype=object)

    def begin(self, who: NDArray[np.int64], seen: Seen) -> None:
        """Before the first dose: who of `who` is given a growth factor in advance."""
        rule = self.rules.prophylaxis
        if rule != "never":
            self.prophylaxis[who] = seen.neutrophil < self.limits["at_risk.neutrophil"] if rule == "at risk" else True
            self.support[who] = self.supported[who] = self.prophylaxis[who]
        given = self.prophylaxis[who]
        self.support_reason[who] = np.where(given, f"growth factor in advance: {rule}", "no growth factor yet")

    def supports(self, rows: Sequence[Dose], drugs: Mapping[str, str]) -> list[int]:
        """The rows by which the growth factor is given."""
        return [r for r, row in enumerate(rows) if drugs.get(row.species) == "support"]

    def decide(self, who: NDArray[np.int64], seen: Seen, *, due: bool, new_cycle: bool) -> list[str]:
        """Change the state of `who` by what was `seen`; a reason for each ("" for none).

        `due`: doses were due since the last visit or are due now, so that a hold takes some away.
        """
        n, limit = len(who), self.limits
        reason = np.full(n, "", dtype=object)
        low = (seen.neutrophil < limit["hold.neutrophil"]) | (seen.platelet < limit["hold.platelet"])
        fever = seen.fever & ~(seen.neutrophil >= limit["hold.febrile_neutropenia"])
        was_held, live = self.held[who], ~self.stopped[who]
        able = (seen.neutrophil >= limit["resume.neutrophil"]) & (seen.platelet >= limit["resume.platelet"]) & ~fever

        back = live & was_held & able
        punished = back & self.taken[who]
        lower = np.round(self.level[who] - self.step, 9)
        ends = punished & (lower < self.least)
        self.held[who] = was_held & ~back
        self.level[who] = np.where(punished & ~ends, lower, self.level[who])
        self.reduced[who] |= punished & ~ends
        self.stopped[who] |= ends
        reason[back] = "counts recovered: the cycle begins"
        reason[punished] = "counts recovered: one level lower"
        reason[ends] = "below the lowest level: stopped"

        takes = live & ~was_held & (low | fever) & due
        begins = live & ~was_held & ~takes & new_cycle
        begins &= (seen.neutrophil < limit["cycle.neutrophil"]) | (seen.platelet < limit["cycle.platelet"])
        self.held[who] |= takes | begins
        self.taken[who] = np.where(takes | begins, takes, self.taken[who])
        self.interrupted[who] |= takes | begins
        reason[takes] = np.where(fever[takes], "febrile neutropenia: held", "counts low: held")
        reason[begins] = "counts too low for a new cycle: held"

        if self.rules.growth_factor:
            before, measured = self.support[who].copy(), ~np.isnan(seen.neutrophil)
            needs = live & self.willing[who] & (seen.neutrophil < limit["growth_factor.neutrophil"])
            self.support[who] = (needs & measured) | (live & self.prophylaxis[who])
            self.supported[who] |= self.support[who]
            after = self.support[who]
            why = np.where(after, "neutrophils low: growth factor", "neutrophils recovered: growth factor ends")
            why[~live & before] = "treatment has ended: growth factor too"
            self.support_reason[who] = np.where(after != before, why, "")
        return [str(text) for text in reason]

    def factors(self, who: NDArray[np.int64], before: Floats, rows: Sequence[Dose], drugs: Mapping[str, str]) -> Floats:
        """The share of each coming dose (patients, rows). `drugs`: species that is dosed -> "treated" or "support";
        other rows are left as they are, but end with the treatment."""
        after = before.copy()
        given = np.where(self.held[who] | self.stopped[who], 0.0, self.level[who])
        for r, row in enumerate(rows):
            kind = drugs.get(row.species, "")
            if kind == "treated":
                after[:, r] = given
            elif kind == "support":
                after[:, r] = self.support[who]
            else:
                after[:, r] = np.where(self.stopped[who], 0.0, before[:, r])
        return after
