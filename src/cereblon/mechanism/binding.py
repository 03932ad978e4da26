"""Binding and closing: a glue binds open cereblon, and bound cereblon closes.

    CRBN + glue  <->  CRBN:glue  <->  CRBN*:glue

Cereblon without a glue is open; only the closed form (CRBN*) recruits, so occupancy alone does not degrade
(Watson 2022). Assays measure the **apparent** Kd of both steps together; the constant of the open state is
derived from it and from the closing constant K_c = [CRBN*:glue] / [CRBN:glue]:

    Kd_open = Kd (1 + K_c)          closed fraction of what is bound = K_c / (1 + K_c)

At a given apparent Kd, closing therefore moves no occupancy at all: it only decides how much of it is
competent. Left out: closed cereblon without a glue (none was seen).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from cereblon.mechanism.equilibrium import Floats, floats
from cereblon.network.network import Network


def Kd_open(Kd: ArrayLike, K_c: ArrayLike) -> Floats:
    """Dissociation constant of the open state (unit of `Kd`) from the apparent `Kd` and the closing
    constant."""
    return floats(Kd) * (1 + floats(K_c))


def Kd_apparent(Kd_open: ArrayLike, K_c: ArrayLike) -> Floats:
    """The `Kd` that an assay measures (unit of `Kd_open`): closing draws on the bound state and tightens
    it."""
    return floats(Kd_open) / (1 + floats(K_c))


def closed_fraction(K_c: ArrayLike) -> Floats:
    """Share of glue-bound cereblon that is closed, 0 to 1. `K_c` may be infinite: no open bound state.

    >>> float(closed_fraction(1)), float(closed_fraction(float("inf")))
    (0.5, 1.0)
    """
    with np.errstate(divide="ignore"):
        return 1 / (1 + 1 / floats(K_c))


def closing_constant(closed_fraction: ArrayLike) -> Floats:
    """K_c from the closed fraction at saturation; infinite for a fraction of 1."""
    fraction = floats(closed_fraction)
    with np.errstate(divide="ignore"):
        return fraction / (1 - fraction)


def occupancy(glue: ArrayLike, Kd: ArrayLike) -> Floats:
    """Share of cereblon that holds the glue, open or closed, at free glue and apparent Kd (one unit).

    >>> float(occupancy(3, Kd=1))
    0.75
    """
    glue = floats(glue)
    return glue / (glue + floats(Kd))


def competent_occupancy(glue: ArrayLike, Kd: ArrayLike, K_c: ArrayLike) -> Floats:
    """Share of all cereblon that is closed around the glue and can recruit: occupancy x closed fraction."""
    return occupancy(glue, Kd) * closed_fraction(K_c)


def competitive_occupancy(glues: ArrayLike, Kds: ArrayLike) -> Floats:
    """Occupancy by each of several glues that share the pocket; the last axis of both arguments is the glue.

    >>> competitive_occupancy([1, 2], [1, 1]).tolist()
    [0.25, 0.5]
    """
    ratio = floats(glues) / floats(Kds)
    return ratio / (1 + ratio.sum(axis=-1, keepdims=True))


def fu_in(serum: ArrayLike, fu: ArrayLike) -> Floats:
    """Unbound fraction in a medium with the share `serum` of serum, from the unbound fraction `fu` in plasma.

    What binds is diluted, and its sites are in excess: 1 / (1 + serum (1 / fu - 1)) (Kalvass and Maurer 2002).

    >>> round(float(fu_in(0.5, fu=0.5)), 4)
    0.6667
    """
    return 1 / (1 + floats(serum) * (1 / floats(fu) - 1))


def cereblon(native: str | None = None) -> Network:
    """The pool of cereblon before any drug: all of it open, part of it held by the `native` substrate."""
    net = Network("cereblon")
    net.parameter("CRBN.total", "nM", "cereblon of the cell")
    # 1 nM, far below any line with cereblon: shares of cereblon are 0, not 0/0, in a line without it
    net.derive("CRBN.trace", "nM", "1", "least cereblon that shares are taken of", shared=True)
    initial = "CRBN.total" if native is None else f"CRBN.total * (1 - {native}.CRBN.engaged)"
    net.add_species("CRBN", "nM", initial=initial, scale="max(CRBN.total, CRBN.trace)", meaning="open, empty cereblon")
    return net


def binding(glue: str) -> Network:
    """CRBN + glue <-> CRBN:glue <-> CRBN*:glue, from the apparent Kd."""
    net = Network("binding")
    net.parameter(f"{glue}.CRBN.Kd", "nM", "apparent dissociation constant from cereblon, as measured", shared=True)
    net.parameter(f"{glue}.CRBN.K_c", "1", "closing constant of glue-bound cereblon, closed over open", shared=True)
    net.parameter(f"{glue}.CRBN.k_on", "1/nM/h", "association rate, glue to open cereblon", shared=True)
    net.parameter(f"{glue}.CRBN.k_close", "1/h", "rate of closing of glue-bound cereblon", shared=True)
    Kd, K_c, k_on, k_close = (f"{glue}.CRBN.{name}" for name in ("Kd", "K_c", "k_on", "k_close"))
    net.derive(f"{Kd}_open", "nM", f"{Kd} * (1 + {K_c})", "dissociation constant from open cereblon", shared=True)
    for form, meaning in ((f"CRBN:{glue}", "open"), (f"CRBN*:{glue}", "closed")):
        net.add_species(form, "nM", scale="max(CRBN.total, CRBN.trace)", meaning=f"cereblon {meaning} around {glue}")
    net.reaction(f"CRBN + {glue} <-> CRBN:{glue}", forward=k_on, reverse=f"{k_on} * {Kd}_open")
    net.reaction(f"CRBN:{glue} <-> CRBN*:{glue}", forward=k_close, reverse=f"{k_close} / {K_c}")
    return net


def uptake(drug: str, outside: str, *, fu: bool = True, draws: bool = True, present: str = "1") -> Network:
    """drug@outside <-> drug: free drug crosses into the cell until inside = fu x uptake x outside.

    `fu=False` takes the outside concentration as free (a medium); `draws=False` lets the cell see the outside
    without emptying it: plasma, whose distribution volume already counts the tissues. `present` (text, 0 or 1) is
    whether the cell stands there. The cell is whatever place the network is put at; `outside` is a place of its own.
    """
    net = Network("uptake")
    net.parameter(f"{drug}.uptake", "1", "free drug inside the cell over free drug outside, at rest", shared=True)
    net.parameter(f"{drug}.k_exchange", "1/h", "exchange of free drug across the cell membrane", shared=True)
    net.add_species(drug, "nM", scale=f"{drug}.CRBN.Kd", meaning=f"free {drug} in the cell")
    gate = "" if present == "1" else f"({present}) * "
    drive = f"{gate}{drug}.k_exchange * {drug}.uptake"
    if fu:
        net.parameter(f"{drug}.fu", "1", "unbound fraction in plasma", shared=True)
        drive += f" * {drug}.fu"
    if draws:
        rate = f"{drive} * [{drug}@{outside}] - {gate}{drug}.k_exchange * [{drug}]"
        net.reaction(f"{drug}@{outside} <-> {drug}", rate=rate, anchor=drug)
    else:
        net.reaction(f"0 -> {drug}", rate=f"{drive} * [{drug}@{outside}]")
        net.reaction(f"{drug} -> 0", forward=f"{gate}{drug}.k_exchange")
    return net


def decay(drug: str, place: str = "medium", vessel: str = "") -> Network:
    """drug@vessel -> 0: what the drug loses by itself, as glutarimides do in medium.

    Its half-life is that of `place`; `vessel`, where that medium stands, is the same place unless one is named.
    """
    net, vessel = Network("decay"), vessel or place
    net.parameter(f"{drug}.{place}.t_half", "h", f"half-life of the drug in the {place}", shared=True)
    net.add_species(f"{drug}@{vessel}", "nM", scale="1", meaning=f"{drug} in the {vessel}")
    net.reaction(f"{drug}@{vessel} -> 0", forward=f"log(2) / {drug}.{place}.t_half")
    return net


def washing(drugs: Iterable[str], place: str = "medium") -> Network:
    """drug@place -> 0 while the place is washed: a dose of ln(1 / carry-over) into washing@place starts it.

    The washing that is still to come falls with `washing.half_time`; once it is gone, `washing.carryover` of each drug
    is left there. What the cells hold leaves them as it does otherwise, into what is by then a clean medium.
    """
    net = Network("washing")
    net.parameter("washing.half_time", "h", "time in which half of a washing is done", shared=True)
    net.parameter("washing.carryover", "1", "share of a drug that a washing leaves", shared=True)
    net.derive("washing.k_loss", "1/h", "log(2) / washing.half_time", "pace of a washing", shared=True)
    left = f"washing@{place}"
    net.add_species(left, "1", scale="1", meaning="washing still to be done, in factors of e")
    net.reaction(f"{left} -> 0", forward="washing.k_loss")
    for drug in drugs:
        net.reaction(f"{drug}@{place} -> 0", rate=f"washing.k_loss * [{left}] * [{drug}@{place}]")
    return net
