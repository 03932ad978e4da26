"""Ternary complex: closed, glue-bound cereblon recruits a neosubstrate.

    CRBN*:glue + S  <->  CRBN*:glue:S

Only closed cereblon (CRBN*) holds S (Watson 2022). The glue alone does not, so a glue shows no hook effect.
Several neosubstrates compete for one limiting pool of cereblon (Sperling 2019), and a native substrate sits
on open, empty cereblon until a glue takes the pocket (MEIS2: Fischer 2014). Left out: S on bare cereblon, too
weak to matter.

Closed forms, exact at equilibrium. With the apparent Kd of the glue and its closed fraction c = K_c / (1 +
K_c),

    K_app = Kd_S / c * (1 + Kd / glue)          [CRBN*:glue:S] = complex_of(CRBN, S, K_app)

so closing acts as a weaker recruitment and as nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cereblon.mechanism.binding import closed_fraction
from cereblon.mechanism.equilibrium import Floats, complex_of, floats, rising_root
from cereblon.network.network import Network


def K_app(glue: ArrayLike, Kd: ArrayLike, Kd_S: ArrayLike, K_c: ArrayLike = np.inf) -> Floats:
    """Apparent dissociation constant of S from all cereblon at a free glue concentration.

    `glue` free glue, `Kd` apparent constant of the glue, `Kd_S` of the substrate from closed, glue-bound
    cereblon, `K_c` closing constant (infinite: every bound cereblon is closed). One unit for all
    concentrations; infinite without glue, `Kd_S / closed fraction` under a saturating one.
    """
    with np.errstate(divide="ignore"):
        return floats(Kd_S) / closed_fraction(K_c) * (1 + floats(Kd) / floats(glue))


def ternary_complex(
    glue: ArrayLike, CRBN: ArrayLike, S: ArrayLike, Kd: ArrayLike, Kd_S: ArrayLike, K_c: ArrayLike = np.inf
) -> Floats:
    """[CRBN*:glue:S] at a free glue concentration; `CRBN` and `S` are totals. Exact, and monotone in the
    glue.

    >>> round(float(ternary_complex(10, CRBN=0.1, S=0.05, Kd=0.1, Kd_S=0.01)), 5)
    0.04253
    """
    return complex_of(CRBN, S, K_app(glue, Kd, Kd_S, K_c))


@dataclass(frozen=True)
class Pool:
    """One pool of cereblon at equilibrium; every field in the unit of the totals.

    `free` open and empty · `bound` holds glue, no substrate · `open` and `closed` the two parts of `bound` ·
    `complexes` (..., n) with each neosubstrate · `native` with the native substrate · `glue` free glue.
    """

    free: Floats
    bound: Floats
    open: Floats
    closed: Floats
    complexes: Floats
    native: Floats
    glue: Floats

    @property
    def total(self) -> Floats:
        """All cereblon."""
        return self.free + self.bound + self.native + self.complexes.sum(axis=-1)

    @property
    def occupancy(self) -> Floats:
        """Share of cereblon that holds a glue."""
        return (self.bound + self.complexes.sum(axis=-1)) / self.total


def free_cereblon(CRBN: ArrayLike, load: ArrayLike, partners: ArrayLike, grip: ArrayLike) -> Floats:
    """Free cereblon x from its balance: x load + sum_j partners_j grip_j x / (1 + grip_j x) = CRBN.

    `load` is 1 + sum of glue/Kd (dimensionless); `partners` (..., n) total substrates; `grip` (..., n) their
    affinity per free cereblon (1/concentration). The left side rises, so one root exists.
    """
    CRBN, load, partners, grip = floats(CRBN), floats(load), floats(partners), floats(grip)
    shape = np.broadcast_shapes(CRBN.shape, load.shape, partners.shape[:-1], grip.shape[:-1])

    def balance(x: Floats) -> Floats:
        pull = grip * x[..., None]
        return x * load + (partners * pull / (1 + pull)).sum(axis=-1) - CRBN

    return rising_root(balance, np.zeros(shape), np.broadcast_to(CRBN / load, shape))


def competition(
    glue: ArrayLike,
    CRBN: ArrayLike,
    S: ArrayLike,
    Kd: ArrayLike,
    Kd_S: ArrayLike,
    K_c: ArrayLike = np.inf,
    *,
    native: ArrayLike = 0,
    Kd_native: ArrayLike = 1,
) -> Pool:
    """Neosubstrates compete for one pool of cereblon; a native substrate sits on open cereblon.

    `glue` (...) free glue; `S` and `Kd_S` (..., n), the last axis being the neosubstrate; `native` and
    `Kd_native` total and constant of the native substrate. `relief` (..., n) as in `free_cereblon`: with it
    `S` is the drug-free baseline and the result the steady state of turnover; without it `S` is what there
    is.

    >>> pool = competition(10, CRBN=1, S=[1, 1], Kd=1, Kd_S=[1, 10])
    >>> bool(pool.complexes[0] > pool.complexes[1])
    True
    """
    glue, S, Kd_S = floats(glue), floats(S), floats(Kd_S)
    closed = closed_fraction(K_c)
    ratio = glue / floats(Kd)
    grip = (ratio * closed)[..., None] / Kd_S
    native_grip = 1 / floats(Kd_native)
    shape = np.broadcast_shapes(grip.shape, S.shape)
    lead = np.broadcast_shapes(shape[:-1], floats(native).shape, native_grip.shape)

    def with_native(x: ArrayLike, native: ArrayLike) -> Floats:
        columns = np.broadcast_to(floats(x), (*lead, shape[-1]))
        return np.concatenate([columns, np.broadcast_to(floats(native), lead)[..., None]], axis=-1)

    partners, grips = with_native(S, native), with_native(grip, native_grip)
    free = free_cereblon(CRBN, 1 + ratio, partners, grips)
    pull = grips * free[..., None]
    complexes = partners * pull / (1 + pull)
    bound = free * ratio
    return Pool(
        free=free,
        bound=bound,
        open=bound * (1 - closed),
        closed=bound * closed,
        complexes=complexes[..., :-1],
        native=complexes[..., -1],
        glue=np.broadcast_to(glue, free.shape)[()],
    )


def depletion(
    glue: ArrayLike, CRBN: ArrayLike, S: ArrayLike, Kd: ArrayLike, Kd_S: ArrayLike, K_c: ArrayLike = np.inf
) -> Pool:
    """The same pool when the **total** glue is given, as in a tube of purified proteins.

    Shapes as in `competition`, which has the free glue instead. The unknown is the binary complex b =
    CRBN:glue (open and closed): all glue-bound cereblon is B(b) = b + sum_j S_j b / (Kd_S,j / c + b), and
    what is left of both partners obeys Kd b = (glue - B)(CRBN - B), whose difference rises in b.
    """
    glue, CRBN, Kd = np.broadcast_arrays(floats(glue), floats(CRBN), floats(Kd))
    closed = closed_fraction(K_c)
    S, K = np.broadcast_arrays(floats(S), floats(Kd_S) / closed[..., None])
    lead = np.broadcast_shapes(glue.shape, S.shape[:-1])

    def balance(b: Floats) -> Floats:
        held = b + (S * b[..., None] / (K + b[..., None])).sum(axis=-1)
        return Kd * b - np.maximum(glue - held, 0) * np.maximum(CRBN - held, 0)

    bound = rising_root(balance, np.zeros(lead), np.broadcast_to(np.minimum(glue, CRBN), lead))
    complexes = S * bound[..., None] / (K + bound[..., None])
    held = bound + complexes.sum(axis=-1)
    return Pool(
        free=CRBN - held,
        bound=bound,
        open=bound * (1 - closed),
        closed=bound * closed,
        complexes=complexes,
        native=np.zeros_like(bound),
        glue=glue - held,
    )


def ternary(glue: str, S: str, form: str | None = None) -> Network:
    """CRBN*:glue + S <-> CRBN*:glue:S; `form` is S with a modification (S~Ub1), which binds as S does."""
    net = Network("ternary")
    net.parameter(f"{glue}.{S}.Kd", "nM", f"dissociation constant of {S} from closed, glue-bound cereblon", shared=True)
    net.parameter(f"{S}.CRBN.k_on", "1/nM/h", f"association rate, {S} to cereblon")
    form = form or S
    held = f"CRBN*:{glue}:{form}"
    net.add_species(held, "nM", scale=f"{S}.total", meaning=f"ternary complex of {glue} and {form}")
    net.reaction(
        f"CRBN*:{glue} + {form} <-> {held}",
        forward=f"{S}.CRBN.k_on",
        reverse=f"{S}.CRBN.k_on * {glue}.{S}.Kd",
    )
    return net
