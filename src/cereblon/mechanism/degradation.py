"""Degradation: the 26S takes chains of n; glue and cereblon are free again; the substrate is made and lost.

    0 -> S -> 0                              baseline S.total is the parameter, synthesis = k_deg S.total
    CRBN*:glue:S  --k_cat-->  CRBN*:glue     catalysis

Quasi-steady form: binding (seconds) is at equilibrium inside turnover (hours),

    dS/dt = k_deg (S.total - S) - k_cat [CRBN*:glue:S]

with S the substrate in all its forms; or, in place of k_cat, a whole chain that binds again before it is trimmed.
Time courses and steady states of `Turnover` are exact for that equation, several neosubstrates competing for the
cereblon they share. Its linear limit is the law of `catalysis`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError, SolveError
from cereblon.mechanism.binding import closed_fraction
from cereblon.mechanism.equilibrium import EPS, Floats, floats, rising_root, sum_text
from cereblon.mechanism.ternary import free_cereblon
from cereblon.mechanism.ubiquitination import Fate, active_fraction, forms
from cereblon.network.network import Network


@dataclass(frozen=True)
class Turnover:
    """A glue in a cell, quasi-steady: what it does to n neosubstrates that compete for cereblon.

    Concentrations in one unit, rates in one unit. Arrays (..., n), the last axis being the neosubstrate: `S`
    drug-free totals, `k_deg` basal loss. Arrays (...), one per glue or cell: `CRBN` total, `Kd` apparent affinity,
    `K_c` closing, `native` and `Kd_native` of the native substrate of open cereblon, `active` the neddylated share
    of CRL4 while nothing is engaged, `inhibition` of NEDD8. `fate` says what closed cereblon does to them:
    `Michaelis(Kd_S, k_cat)`, or a whole `Chain`.

    >>> from cereblon.mechanism.ubiquitination import Michaelis
    >>> cell = Turnover(CRBN=0.1, S=[0.05], Kd=0.1, k_deg=0.05, fate=Michaelis(Kd_S=0.01, k_cat=20))
    >>> cell.steady(1e-4).round(4).tolist()
    [0.2019]
    """

    CRBN: ArrayLike
    S: ArrayLike
    Kd: ArrayLike
    k_deg: ArrayLike
    fate: Fate
    K_c: ArrayLike = np.inf
    native: ArrayLike = 0
    Kd_native: ArrayLike = 1
    active: ArrayLike = 1
    inhibition: ArrayLike = 0

    def _steady(self, loss: Floats) -> Floats:
        return floats(self.k_deg) / (floats(self.k_deg) + loss)

    def _held(self, closed: Floats, active: Floats, level: ArrayLike | None) -> tuple[Floats, Floats]:
        """Cereblon (...) that holds substrates at `level` or (None) at their steady level, and that level."""
        held, loss = self.fate.at(closed[..., None], active[..., None])
        there = self._steady(loss) if level is None else floats(level)
        return (floats(self.S) * there * held).sum(axis=-1), there

    def _neddylated(self, engaged: Floats) -> Floats:
        """Neddylated share of CRL4 (...) when so much cereblon holds a neosubstrate."""
        with np.errstate(invalid="ignore"):
            share = np.where(floats(self.CRBN) > 0, engaged / floats(self.CRBN), 0)
        return active_fraction(self.active, np.clip(share, 0, 1), self.inhibition)

    def _rest(self, glue: ArrayLike, level: ArrayLike | None) -> tuple[Floats, Floats]:
        """Closed, empty cereblon and the neddylated share at free `glue`, both (...).

        The unknown is free cereblon: it gives the closed one, what the native substrate holds and, as the rest
        of the pool, what is engaged.
        """
        CRBN, ratio = floats(self.CRBN), floats(glue) / floats(self.Kd)
        native, Kd_native = floats(self.native), floats(self.Kd_native)
        per_free = ratio * closed_fraction(self.K_c)

        def rest(free: Floats) -> tuple[Floats, Floats]:
            return free * per_free, CRBN - free * (1 + ratio) - native * free / (Kd_native + free)

        def balance(free: Floats) -> Floats:
            closed, left = rest(free)
            return self._held(closed, self._neddylated(left), level)[0] - left

        top = CRBN / (1 + ratio) + 0 * per_free
        free = rising_root(balance, np.zeros(balance(top).shape), top)
        closed, left = rest(free)
        return closed, self._neddylated(left)

    def steady(self, glue: ArrayLike) -> Floats:
        """Steady level of each neosubstrate over its baseline, (..., n), at a constant free glue (...)."""
        return self._held(*self._rest(glue, None), None)[1]

    def deepest(self) -> Floats:
        """Steady level of each neosubstrate under a saturating glue, (..., n); Dmax is 1 minus this."""
        CRBN, share = floats(self.CRBN), closed_fraction(self.K_c)

        def balance(closed: Floats) -> Floats:
            left = CRBN - closed / share
            return self._held(closed, self._neddylated(left), None)[0] - left

        top = share * CRBN
        closed = rising_root(balance, np.zeros(balance(top).shape), top)
        return self._held(closed, self._neddylated(CRBN - closed / share), None)[1]

    def glue_for(self, level: ArrayLike = 1 / 2, of: int = 0) -> Floats:
        """Free glue at which substrate number `of` stands at `level` of its baseline in the steady state, (...).

        The inverse of `steady`: the level fixes closed cereblon, that the cereblon which every substrate holds,
        and what remains of cereblon the glue. Infinite where no concentration reaches that level. The default is
        the absolute DC50.
        """
        CRBN, share, level = floats(self.CRBN), closed_fraction(self.K_c), floats(level)

        def active(closed: Floats) -> Floats:
            return rising_root(lambda f: f - self._neddylated(self._held(closed, f, None)[0]), 0 * closed, 1)

        def above(closed: Floats) -> Floats:
            return level - self._held(closed, active(closed), None)[1][..., of]

        top = np.broadcast_to(share * CRBN, above(share * CRBN).shape)
        closed = rising_root(above, 0 * top, top)
        left = CRBN - closed / share - self._held(closed, active(closed), None)[0]
        reached = (above(top) >= 0) & (left > 0)
        native, grip = np.broadcast_arrays(floats(self.native), 1 / floats(self.Kd_native))
        free = free_cereblon(np.where(reached, left, 1), 1, native[..., None], grip[..., None])
        return np.where(reached, closed / share * floats(self.Kd) / free, np.inf)[()]

    def half_effect(self, of: int = 0) -> Floats:
        """Free glue at half of that substrate's own deepest loss (the relative DC50), steady state, (...)."""
        return self.glue_for((1 + self.deepest()[..., of]) / 2, of)

    def course(self, times: ArrayLike, glue: ArrayLike, *, k_loss: float = 0, start: ArrayLike = 1) -> Floats:
        """Level of each neosubstrate over its baseline, (..., n, times); the glue arrives at time 0.

        `times` in the unit of the rates, rising and not negative (InputError); `glue` (...) free glue, lost from
        its medium with the rate constant `k_loss`; `start` (..., n) levels at time 0. All glues and
        concentrations are integrated together: each is a block of n equations, so the Jacobian is a band.
        SolveError when the integration fails.
        """
        from scipy.integrate import solve_ivp

        times, glue, k_deg = floats(times), floats(glue), floats(self.k_deg)
        if times.ndim != 1 or not (times >= 0).all() or not (np.diff(times) >= 0).all():
            raise InputError("the times of a course must rise from 0 on", found=str(times), example="[0, 1, 2]")
        shape = np.broadcast_shapes(self.steady(glue).shape, floats(start).shape, floats(self.S).shape)
        first = np.broadcast_to(floats(start), shape)
        if not times.size or times[-1] == 0:
            return np.repeat(first[..., None], times.size, axis=-1)

        def change(t: float, flat: Floats) -> Floats:
            level = flat.reshape(shape)
            closed, active = self._rest(glue * np.exp(-k_loss * t), np.maximum(level, 0))
            loss = self.fate.at(closed[..., None], active[..., None])[1]
            return np.asarray(k_deg * (1 - level) - loss * level).ravel()

        tight, band = float(np.sqrt(EPS)), shape[-1] - 1
        solved = solve_ivp(
            change, (0, float(times[-1])), first.ravel(), "LSODA",
            t_eval=times, rtol=tight, atol=tight**2, lband=band, uband=band,
        )  # fmt: skip
        if not solved.success:
            raise SolveError(f"the time course stopped at {solved.t[-1]:g} h: {solved.message}")
        return np.asarray(solved.y).reshape(*shape, times.size)

    def glue_for_at(self, time: float, level: ArrayLike = 1 / 2, of: int = 0, *, k_loss: float = 0) -> Floats:
        """Glue at time 0 that brings substrate number `of` to `level` of its baseline after `time`, (...).

        The DC50 of an assay read at that hour; early it lies well above the steady one. Infinite where even a
        glue at 1/sqrt(eps) times its Kd does not get there. Searched in the logarithm.
        """
        level, Kd = np.broadcast_arrays(floats(level), floats(self.Kd))
        reach = np.full(level.shape, np.log(1 / np.sqrt(EPS)))

        def above(x: Floats) -> Floats:
            return level - self.course([time], Kd * np.exp(x), k_loss=k_loss)[..., of, -1]

        x = rising_root(above, -2 * reach, reach, tolerance=float(np.sqrt(EPS)))
        return np.where(above(reach) >= 0, Kd * np.exp(x), np.inf)[()]


def turnover(S: str, n_ub: int, holders: Iterable[str] = ()) -> Network:
    """0 -> S -> 0, the production derived from the baseline; every form is lost at the basal rate.

    `holders` are the complexes that carry S and its chains ("CRBN*:glue"); they come free when S is lost.
    """
    net, holders = Network("turnover"), tuple(holders)
    net.parameter(f"{S}.total", "nM", f"all {S} of the cell without drug")
    net.parameter(f"{S}.t_half", "h", f"basal half-life of {S}")
    net.derive(f"{S}.k_deg", "1/h", f"log(2) / {S}.t_half", f"basal loss of {S}")
    net.derive(f"{S}.k_syn", "nM/h", f"{S}.k_deg * {S}.total", f"production of {S}")
    net.add_species(S, "nM", initial=f"{S}.total", scale=f"{S}.total", meaning=f"free {S}")
    net.reaction(f"0 -> {S}", rate=f"{S}.k_syn")
    for form in forms(S, n_ub):
        net.reaction(f"{form} -> 0", forward=f"{S}.k_deg")
        for holder in holders:
            net.reaction(f"{holder}:{form} -> {holder} + 0", forward=f"{S}.k_deg")
    return net


def proteasome(substrates: Iterable[str], n_ub: int, holders: Iterable[str] = (), *, taken: str = "0") -> Network:
    """S~Ubn -> 0 and holder:S~Ubn -> holder: the 26S takes full chains, on the ligase or off it.

    One machine, shared: with U all full chains and `proteasome.load` the other ubiquitinated proteins, each
    chain is taken at k_cat (1 - inhibition) / (1 + k_cat (load + U) / capacity): k_cat while capacity is
    spare, and never more than the capacity in all. Glue and cereblon are free again. `taken` (text, 0 to 1) is the
    share that an inhibitor of the hour takes of what `proteasome.inhibition` leaves.
    """
    net, substrates, holders = Network("proteasome"), tuple(substrates), tuple(holders)
    net.parameter("proteasome.k_cat", "1/h", "rate at which an idle 26S takes a full chain")
    net.parameter("proteasome.capacity", "nM/h", "largest degradation by the 26S of the cell")
    net.parameter("proteasome.load", "nM", "other ubiquitinated proteins in the queue")
    net.parameter("proteasome.inhibition", "1", "share of the 26S taken away by an inhibitor")
    full = [forms(S, n_ub)[-1] for S in substrates]
    held = [(holder, form) for holder in holders for form in full]
    queue = sum_text([*full, *(f"{holder}:{form}" for holder, form in held)])
    left = "(1 - proteasome.inhibition)" + ("" if taken == "0" else f" * (1 - {taken})")
    rate = f"proteasome.k_cat * {left} / (1 + proteasome.k_cat * (proteasome.load + {queue}) / proteasome.capacity)"
    for form in full:
        net.reaction(f"{form} -> 0", forward=rate)
    for holder, form in held:
        net.reaction(f"{holder}:{form} -> {holder} + 0", forward=rate)
    return net
