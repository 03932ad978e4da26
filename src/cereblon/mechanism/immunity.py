"""Immunity: T cells that lose IKZF1 and IKZF3 release IL-2; T and NK cells answer; dexamethasone holds them down.

    0 -> IL2 -> 0              made k (1 + gain TCR (1 - h(I))) x suppression, lost k
    0 -> T -> 0                supply and loss
    T -> 2 T                   driven by TCR and IL2, up to a ceiling
    T <-> T~exhausted -> 0     driven by TCR and IL2; recovery
    0 -> NK -> 0               supply driven by IL2
    NK <-> NK* -> 0            driven by IL2 and by their own loss of IKZF, x suppression
    effector + cell -> effector + cell~annexin          k E N / (K + E + N)

Everything is over its drug-free rest: IL2 is 1, T and T~exhausted add to 1, so do NK and NK* (cytotoxic); `count`
turns them into cells. T cells make IL-2 and use it up, so its level does not follow their number. Without stimulation
of the T-cell receptor (`TCR.stimulation` 0) the loss of IKZF releases nothing (Gandhi 2014); that is also how a host
without T cells is said. The NK gain runs through IL-2 and is lost under dexamethasone (Hsu 2011): `suppression` is a
multiplier, 1 without the steroid. Double saturation (Gadhamsetty 2014) is right where either side is in excess. Left
out: Treg and what they use of IL-2, less release by exhausted cells, receptor trafficking, traffic to the marrow.
"""

from __future__ import annotations

from collections.abc import Iterable

from cereblon.mechanism.equilibrium import sum_text
from cereblon.mechanism.transcription import IKZF, Coupling, Shares, coupled, level, response
from cereblon.network.network import Network


def immunity(substrates: Shares = IKZF, coupling: Coupling = "product", *, suppression: str = "1") -> Network:
    """T and NK cells in one place that share one set of shares left, as in blood cells in a dish."""
    return T_cells(substrates, coupling, suppression=suppression) + NK_cells(
        substrates, coupling, suppression=suppression
    )


def T_cells(substrates: Shares = IKZF, coupling: Coupling = "product", *, suppression: str = "1") -> Network:
    """IL2, T and T~exhausted; `substrates` as in `transcription`, `suppression` (text, 1 to 0) acts on IL2.

    Observables: `T.number` (all) and `T.exhausted` (share of them).
    """
    net = Network("T cells")
    net.parameter("TCR.stimulation", "1", "stimulation of the T-cell receptor, 0 to 1")
    net.parameter("IL2.IKZF.gain", "1", "rise of IL-2 over rest without IKZF1 and IKZF3, at full stimulation")
    net.parameter("T.t_half", "h", "half-life of T cells")
    net.parameter(
        "T.k_divide", "1/h", "division of T cells under full stimulation at the IL-2 of rest, as much being lost"
    )
    net.parameter("T.ceiling", "1", "largest number of T cells over rest")
    net.parameter("T.k_exhaust", "1/h", "exhaustion of T cells under full stimulation, at the IL-2 of rest")
    net.parameter("T.k_recover", "1/h", "recovery of exhausted T cells")
    net.derive("T.k_deg", "1/h", "log(2) / T.t_half", "loss of T cells")
    tired = "T.k_exhaust * TCR.stimulation"
    net.derive("T.rest", "1", f"1 - {tired} / ({tired} + T.k_recover + T.k_deg)", "working share of T cells at rest")
    repressed = response(net, "IL2.IKZF", coupled(net, substrates, coupling))
    driven = response(net, "T.IL2", "[IL2]")
    every = "([T] + [T~exhausted])"
    room = f"(T.ceiling - {every}) / (T.ceiling - 1)"
    released = f"1 + IL2.IKZF.gain * TCR.stimulation * (1 - {repressed})"
    net += level("IL2", f"({released}) * ({suppression})", rest="1")
    net.add_species("T", "1", initial="T.rest", scale="1", meaning="working T cells over all at rest")
    net.add_species("T~exhausted", "1", initial="1 - T.rest", scale="1", meaning="exhausted T cells over all at rest")
    net.reaction("0 -> T", rate="T.k_deg")
    net.reaction("T -> 0", forward="T.k_deg + T.k_divide * TCR.stimulation")
    net.reaction("T~exhausted -> 0", forward="T.k_deg")
    net.reaction("T -> 2 T + 0", rate=f"T.k_divide * TCR.stimulation * {driven} * {room} * [T]")
    net.reaction("T <-> T~exhausted", forward=f"{tired} * [IL2]", reverse="T.k_recover")
    net.observable("T.number", "1", every, "T cells over rest")
    net.observable("T.exhausted", "1", f"[T~exhausted] / {every}", "exhausted share of T cells")
    net.name = "T cells"
    return net


def NK_cells(
    substrates: Shares = IKZF, coupling: Coupling = "product", *, IL2: str = "[IL2]", suppression: str = "1"
) -> Network:
    """NK and NK* (cytotoxic), fed by `IL2` (text, 1 at rest; "[IL2@T_cell]" when they stand apart).

    `suppression` acts on activation: the steroid takes the killing, while numbers follow IL2. Observables:
    `NK.number` (all) and `NK_activity` (cytotoxic cells), both over rest.
    """
    net = Network("NK cells")
    net.parameter("NK.t_half", "h", "half-life of NK cells")
    net.parameter("NK.active", "1", "cytotoxic share of NK cells at rest")
    net.parameter("NK_activity.half_time", "h", "half-time at which cytotoxicity is lost")
    net.parameter("NK_activity.IKZF.gain", "1", "rise of activation over rest without IKZF1 and IKZF3")
    net.derive("NK.k_deg", "1/h", "log(2) / NK.t_half", "loss of NK cells")
    net.derive("NK_activity.k_fall", "1/h", "log(2) / NK_activity.half_time", "loss of cytotoxicity")
    held = "(NK_activity.k_fall + NK.k_deg) * NK.active / (1 - NK.active)"
    net.derive("NK_activity.k_rise", "1/h", held, "activation at rest")
    own = response(net, "NK_activity.IKZF", coupled(net, substrates, coupling))
    aroused = f"{response(net, 'NK_activity.IL2', IL2)} * (1 + NK_activity.IKZF.gain * (1 - {own}))"
    net.add_species("NK", "1", initial="1 - NK.active", scale="1", meaning="resting NK cells over all at rest")
    net.add_species("NK*", "1", initial="NK.active", scale="1", meaning="cytotoxic NK cells over all at rest")
    net.reaction("0 -> NK", rate=f"NK.k_deg * {response(net, 'NK.IL2', IL2)}")
    for form in ("NK", "NK*"):
        net.reaction(f"{form} -> 0", forward="NK.k_deg")
    net.reaction("NK -> NK*", forward=f"NK_activity.k_rise * {aroused} * ({suppression})")
    net.reaction("NK* -> NK", forward="NK_activity.k_fall")
    net.observable("NK.number", "1", "[NK] + [NK*]", "NK cells over rest")
    net.observable("NK_activity", "1", "[NK*] / NK.active", "cytotoxic NK cells over rest")
    return net


def killing(
    route: str, effector: str, targets: Iterable[str], *, killer: str = "", engaged: str = "1", unit: str = "1"
) -> Network:
    """effector + target -> effector + target~annexin, at `kill_rate`; observable `route.kill` (1/h, per target)."""
    net, targets = Network("killing"), tuple(targets)
    rate = kill_rate(net, route, effector, targets, killer=killer, engaged=engaged, unit=unit)
    for target in targets:
        name, at, place = target.partition("@")
        net.reaction(f"{target} -> {name.partition('~')[0]}~annexin{at}{place}", forward=rate)
    net.observable(f"{route}.kill", "1/h", rate, f"rate at which {route} takes living cells")
    return net


def kill_rate(
    net: Network,
    route: str,
    effector: str,
    targets: Iterable[str],
    *,
    killer: str = "",
    engaged: str = "1",
    unit: str = "1",
) -> str:
    """Text (1/h, per target): route.k_kill x engaged x E / (route.K_kill + E + N); declares its numbers in `net`.

    E is `killer.count` (by default that of `route`: the killers among the targets at rest, in `unit`) times
    `effector` (text, over rest, e.g. "[T@T_cell]"); N are all `targets` (species, `fate.living`), which share the
    killers; `engaged` (text, 0 to 1) is the share of contacts that count. Nothing dies without killers, targets or
    engagement, and the rate saturates in both numbers.
    """
    killer = killer or route
    net.parameter(f"{killer}.count", unit, f"{killer} among the targets at rest", shared=True)
    net.parameter(f"{route}.K_kill", unit, f"killers and targets at half the rate of {route}", shared=True)
    net.parameter(f"{route}.k_kill", "1/h", f"most targets that one killer takes in an hour by {route}")
    E = f"{killer}.count * ({effector})"
    return f"{route}.k_kill * ({engaged}) * {E} / ({route}.K_kill + {E} + {sum_text(targets)})"
