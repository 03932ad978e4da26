"""Effects: what the partners of a glue do, gathered as the texts that other modules take.

A partner's network says what it does by its observables (`partners`): factors are 1 without drug, gains, kills and
shares taken are 0. Effects of several partners add: factors multiply, gains and kills stand side by side, and of the
26S each takes its share of what the others leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cereblon.mechanism.growth_factor import TARGETS
from cereblon.mechanism.myeloma import Kill
from cereblon.mechanism.neutrophils import CELLS
from cereblon.mechanism.partners import read_out
from cereblon.network.network import Network

FACTORS = ("IL2", "NK", "MYC", "platelet", "lymphocyte", "infection")


@dataclass(frozen=True)
class Effects:
    """Texts; without a partner every factor is "1", and nothing is gained, taken or killed.

    `factors`: on IL2, NK activation, MYC that needs no IKZF, release of platelets, lymphocytes in circulation, the base
    hazard of infection, and on production, maturation and release of neutrophils. `taken`: share of the 26S.
    `demargination`: gain in counted neutrophils. `kills`: routes of their own. `antibodies`: name -> free level (nM).
    """

    factors: Mapping[str, str] = field(default_factory=dict)
    taken: str = "0"
    demargination: str = "0"
    kills: tuple[Kill, ...] = ()
    antibodies: Mapping[str, str] = field(default_factory=dict)

    def on(self, target: str) -> str:
        """The factor on `target` as text."""
        return self.factors.get(target, "1")

    def __add__(self, other: Effects) -> Effects:
        both = {**self.factors, **other.factors}
        for target in self.factors.keys() & other.factors.keys():
            both[target] = f"({self.factors[target]} * {other.factors[target]})"
        return Effects(
            both,
            _either(self.taken, other.taken),
            " + ".join(t for t in (self.demargination, other.demargination) if t != "0") or "0",
            (*self.kills, *other.kills),
            {**self.antibodies, **other.antibodies},
        )


def effects(drug: str, net: Network) -> Effects:
    """What the partner `drug` does, read off its network."""

    def seen(name: str, otherwise: str) -> str:
        return read_out(net, name) if name in net.observables else otherwise

    factors = {target: f"{drug}.{target}.factor" for target in FACTORS}
    factors |= {target: f"{CELLS}.{target}" for target in TARGETS}
    level = f"{drug}.free"
    kills = {f"{drug}.myeloma.kill": False, f"{drug}.cell.kill": True}  # of a patient, of a dish
    return Effects(
        {target: read_out(net, name) for target, name in factors.items() if name in net.observables},
        seen(f"{drug}.proteasome.inhibition", "0"),
        seen(f"{drug}.neutrophil.demargination", "0"),
        tuple(Kill(drug, read_out(net, kill), in_dish) for kill, in_dish in kills.items() if kill in net.observables),
        {drug: read_out(net, level)} if level in net.observables else {},
    )


def _either(one: str, other: str) -> str:
    if "0" in (one, other):
        return other if one == "0" else one
    return f"(1 - (1 - {one}) * (1 - {other}))"
