"""ADCC: an antibody on CD38 shows its tail to the Fc receptors of NK cells, and these kill the target.

    antibody + CD38 <-> antibody:CD38                         at equilibrium, the antibody not used up
    FcR + antibody:CD38 <-> FcR:antibody:CD38                 occupancy R = held / (FcR.K + held)
    NK* + cell -> NK* + cell~annexin                          k R E N / (K + E + N)
    macrophage + cell -> macrophage + cell~annexin            k R M N / (K + M + N)       ADCP: no glue in it
    CD38 -> 0, NK -> 0, NK* -> 0                              taken away by the antibody

CD38 is that of `transcription`, which the interferon road raises; NK* that of `immunity`. So a glue enters at both
ends, and lysis is 0 without antibody, effector or CD38. Daratumumab strips CD38 from its targets and lets NK cells,
which carry it too, kill each other. In mice macrophages do the work (Overdijk 2015); wild-type mouse cereblon does
not degrade IKZF1, so their term reads CD38 at rest and no glue changes it. Comparator: the kinetic model of Hoffman
2018. Left out: complement, other Fc classes, a hook of free antibody on the Fc receptor.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.quantity import unit as unit_of
from cereblon.mechanism.equilibrium import Floats, floats
from cereblon.mechanism.immunity import killing
from cereblon.network.network import Network


def cytotoxicity(
    experimental: ArrayLike, effector: ArrayLike, target: ArrayLike, maximum: ArrayLike, medium: ArrayLike = 0
) -> Floats:
    """Lysis in percent from released LDH: signals with effectors and targets, of effectors alone, of targets alone,
    of lysed targets, and of medium, which is taken off each. Not clipped: a negative value is a finding.

    >>> round(float(cytotoxicity(1.20, 0.25, 0.15, 1.65)), 2)
    53.33
    """
    experimental, effector, target, maximum, medium = map(floats, (experimental, effector, target, maximum, medium))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (experimental - effector - target + medium) / (maximum - target)
    return share / unit_of("%").factor


def adcc(
    antibody: str,
    targets: Iterable[str],
    *,
    level: str | None = None,
    effector: str = "[NK*]",
    unit: str = "1",
) -> Network:
    """Killing of `targets` (species, `fate.living`) through `antibody`, present at `level` (text, nM), by NK.count
    times `effector` (text).

    Put it at the place of the targets, where CD38 is; by default antibody and NK cells are there too. Observables:
    `FcR.occupancy` and `ADCC.kill` (1/h, per target).
    """
    net = Network("ADCC")
    occupied = engagement(net, antibody, level)
    net.observable("FcR.occupancy", "1", occupied, "share of Fc receptors occupied at the contact")
    net += killing("ADCC", effector, targets, killer="NK", engaged=occupied, unit=unit)
    net.name = "ADCC"
    return net


def engagement(net: Network, antibody: str, level: str | None = None, CD38: str = "[CD38]") -> str:
    """Occupancy of the Fc receptors that meet a target, as text, 0 to 1; declares its numbers in `net`."""
    net.parameter("FcR.K", "nM", "antibody on a target at which half the Fc receptors that meet it are occupied")
    held = f"{CD38} * {covered(net, antibody, level)}"
    return f"{held} / (FcR.K + {held})"


def covered(net: Network, antibody: str, level: str | None = None) -> str:
    """Share of CD38 under the antibody, as text, at its `level` (text, nM); declares its Kd in `net`."""
    level = level or f"[{antibody}]"
    net.parameter(f"{antibody}.CD38.Kd", "nM", "dissociation constant from CD38", shared=True)
    return f"({level}) / ({antibody}.CD38.Kd + ({level}))"


def phagocytosis(antibody: str, targets: Iterable[str], *, level: str | None = None, unit: str = "1") -> Network:
    """The same by the macrophages of a mouse, `macrophage.count` of them; CD38 counts as at rest, so no glue acts."""
    net = Network("ADCP")
    net.parameter("CD38.total", "nM", "CD38 of the cell without drug")
    occupied = engagement(net, antibody, level, CD38="CD38.total")
    net += killing("ADCP", "1", targets, killer="macrophage", engaged=occupied, unit=unit)
    net.name = "ADCP"
    return net


def stripping(antibody: str, *, level: str | None = None) -> Network:
    """CD38 -> 0 where the antibody sits on it: carried off with it, or gnawed away by effectors."""
    net = Network("stripping")
    net.parameter(f"{antibody}.CD38.k_strip", "1/h", f"loss of CD38 under {antibody}", shared=True)
    net.reaction("CD38 -> 0", forward=f"{antibody}.CD38.k_strip * {covered(net, antibody, level)}")
    return net


def fratricide(antibody: str, *, level: str | None = None) -> Network:
    """NK -> 0, NK* -> 0: NK cells carry CD38 and kill each other as far as `antibody` covers it."""
    net = Network("fratricide")
    net.parameter(f"{antibody}.NK.k_kill", "1/h", f"loss of NK cells under saturating {antibody}", shared=True)
    for form in ("NK", "NK*"):
        net.reaction(f"{form} -> 0", forward=f"{antibody}.NK.k_kill * {covered(net, antibody, level)}")
    return net


def hoffman() -> Network:
    """The comparator, without units but time (Hoffman 2018): antibody A, occupancy R, conjugates C, targets S.

        A -> 0        a1 (1 - R) A S - a2 y R S          bound by the targets
        0 -> R        a1 / y (1 - R) A - a2 R
        0 -> C        v1 (u - C) (S - C) - v2 C - f C    f = fk R / (rk + R), u effectors per target
        S -> 0        f C

    A and S start at `Hoffman.A` and 1.
    """
    net = Network("Hoffman")
    for name, unit, meaning in _HOFFMAN:
        net.parameter(f"Hoffman.{name}", unit, meaning, shared=True)
    net.add_species("A", "1", initial="Hoffman.A", scale="1", meaning="antibody")
    for name, initial, meaning in (("R", "0", "receptor occupancy"), ("C", "0", "conjugates"), ("S", "1", "targets")):
        net.add_species(name, "1", initial=initial, scale="1", meaning=meaning)
    free, lysis = "(1 - [R]) * [A]", "Hoffman.fk * [R] / (Hoffman.rk + [R]) * [C]"
    net.reaction("A -> 0", rate=f"(Hoffman.a1 * {free} - Hoffman.a2 * Hoffman.y * [R]) * [S]")
    net.reaction("0 -> R", rate=f"Hoffman.a1 / Hoffman.y * {free} - Hoffman.a2 * [R]")
    net.reaction("0 -> C", rate="Hoffman.v1 * (Hoffman.u - [C]) * ([S] - [C]) - Hoffman.v2 * [C]")
    net.reaction("C -> 0", rate=lysis)
    net.reaction("S -> 0", rate=lysis)
    return net


_HOFFMAN = (
    ("A", "1", "antibody at the start"),
    ("a1", "1/h", "association of the antibody"),
    ("a2", "1/h", "dissociation of the antibody"),
    ("y", "1", "occupancy over antibody used"),
    ("v1", "1/h", "formation of conjugates"),
    ("v2", "1/h", "falling apart of conjugates"),
    ("u", "1", "effectors per target"),
    ("fk", "1/h", "largest lysis of a conjugate"),
    ("rk", "1", "occupancy at half of it"),
)
