"""Degradation: the 26S takes chains of n; glue and cereblon are free again; the substrate is made and lost
anew.

    0 -> S -> 0                              baseline S.total is the parameter, synthesis = k_deg S.total
    CRBN*:glue:S  --k_cat-->  CRBN*:glue     catalysis

Quasi-steady form: binding (seconds) is at equilibrium inside turnover (hours),

    dS/dt = k_deg (S.total - S) - k_cat [CRBN*:glue:S]

with S the substrate in all its forms. Time courses and steady states below are exact for that equation,
several neosubstrates competing for the cereblon they share. Its linear limit is the law of `catalysis`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError, SolveError
from cereblon.mechanism.binding import closed_fraction
from cereblon.mechanism.equilibrium import EPS, Floats, floats, rising_root
from cereblon.mechanism.ternary import Pool, competition, free_cereblon


@dataclass(frozen=True)
class Turnover:
    """A glue in a cell, quasi-steady: what it does to n neosubstrates that compete for cereblon.

    Concentrations in one unit, rates in one unit. Arrays (..., n), the last axis being the neosubstrate: `S`
    drug-free totals, `Kd_S` recruitment, `k_cat` catalysed and `k_deg` basal loss. Arrays (...), one per glue
    or cell: `CRBN` total, `Kd` apparent affinity, `K_c` closing, `native` and `Kd_native` of the native
    substrate of open cereblon. Scalars everywhere give n = 1.

    >>> cell = Turnover(CRBN=0.1, S=0.05, Kd=0.1, Kd_S=0.01, k_cat=20, k_deg=0.05)
    >>> cell.steady(1e-4).round(4).tolist()
    [0.2019]
    """

    CRBN: ArrayLike
    S: ArrayLike
    Kd: ArrayLike
    Kd_S: ArrayLike
    k_cat: ArrayLike
    k_deg: ArrayLike
    K_c: ArrayLike = np.inf
    native: ArrayLike = 0
    Kd_native: ArrayLike = 1

    def _by_substrate(self) -> tuple[Floats, Floats, Floats, Floats]:
        """S, Kd_S over the closed fraction, k_cat / k_deg, k_deg; all of one shape (..., n)."""
        K = floats(self.Kd_S) / closed_fraction(self.K_c)[..., None]
        r = floats(self.k_cat) / floats(self.k_deg)
        S, K, r, k_deg = np.broadcast_arrays(np.atleast_1d(floats(self.S)), K, r, floats(self.k_deg))
        return S, K, r, k_deg

    def pool(self, glue: ArrayLike, level: ArrayLike = 1) -> Pool:
        """Cereblon at free `glue` (...) when each substrate stands at `level` (..., n) of its baseline."""
        held = np.maximum(floats(level), 0) * np.atleast_1d(floats(self.S))
        return competition(
            glue, self.CRBN, held, self.Kd, self.Kd_S, self.K_c, native=self.native, Kd_native=self.Kd_native
        )

    def steady(self, glue: ArrayLike) -> Floats:
        """Steady level of each neosubstrate over its baseline, (..., n), at a constant free glue (...).

        No integration: with r = k_cat / k_deg the steady complex is S b / (Kd_S / c + b (1 + r)), b being the
        binary complex and c the closed fraction: the pool is again one concave equation.
        """
        S, K, r, _ = self._by_substrate()
        pool = competition(
            glue, self.CRBN, S, self.Kd, self.Kd_S, self.K_c,
            native=self.native, Kd_native=self.Kd_native, relief=1 + r,
        )  # fmt: skip
        return _level(pool.bound[..., None] / K, r)

    def deepest(self) -> Floats:
        """Steady level of each neosubstrate under a saturating glue, (..., n); Dmax is 1 minus this."""
        S, K, r, _ = self._by_substrate()
        return _level(free_cereblon(self.CRBN, 1, S, 1 / K, 1 + r)[..., None] / K, r)

    def glue_for(self, level: ArrayLike = 1 / 2, of: int = 0) -> Floats:
        """Free glue at which substrate number `of` stands at `level` of its baseline in the steady state,
        (...).

        The inverse of `steady`, exact: the level fixes the binary complex b, b the cereblon that every
        substrate holds, and what remains of cereblon the glue. Infinite where no concentration reaches that
        level. The default is the absolute DC50."""
        S, K, r, _ = self._by_substrate()
        level = floats(level)
        with np.errstate(divide="ignore", invalid="ignore"):
            b = K[..., of] * (1 - level) / (level * (1 + r[..., of]) - 1)
            held = (S * b[..., None] / (K + b[..., None] * (1 + r))).sum(axis=-1)
            rest = floats(self.CRBN) - b - held
            reached = (b >= 0) & (rest > 0)
            native, grip = np.broadcast_arrays(floats(self.native), 1 / floats(self.Kd_native))
            free = free_cereblon(np.where(reached, rest, 1), 1, native[..., None], grip[..., None])
            return np.where(reached, b * floats(self.Kd) / free, np.inf)[()]

    def half_effect(self, of: int = 0) -> Floats:
        """Free glue at half of that substrate's own deepest loss (the relative DC50), steady state, (...)."""
        return self.glue_for((1 + self.deepest()[..., of]) / 2, of)

    def course(self, times: ArrayLike, glue: ArrayLike, *, k_loss: float = 0, start: ArrayLike = 1) -> Floats:
        """Level of each neosubstrate over its baseline, (..., n, times); the glue arrives at time 0.

        `times` in the unit of the rates, rising and not negative (InputError); `glue` (...) free glue, lost
        from its medium with the rate constant `k_loss`; `start` (..., n) levels at time 0. All glues and
        concentrations are integrated together: each is a block of n equations, so the Jacobian is a band.
        SolveError when the integration fails."""
        from scipy.integrate import solve_ivp

        times, glue = floats(times), floats(glue)
        if times.ndim != 1 or not (times >= 0).all() or not (np.diff(times) >= 0).all():
            raise InputError(
                "the times of a course must rise from 0 on", found=str(times), example="[0, 1, 2]"
            )
        S, _K, r, k_deg = self._by_substrate()
        shape = np.broadcast_shapes(glue[..., None].shape, floats(self.CRBN)[..., None].shape, S.shape)
        shape = np.broadcast_shapes(shape, floats(self.Kd)[..., None].shape, floats(start).shape)
        first = np.broadcast_to(floats(start), shape)
        if not times.size or times[-1] == 0:
            return np.repeat(first[..., None], times.size, axis=-1)

        def change(t: float, flat: Floats) -> Floats:
            level = flat.reshape(shape)
            pool = self.pool(glue * np.exp(-k_loss * t), level)
            return np.asarray(k_deg * (1 - level - r * pool.complexes / S)).ravel()

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
        glue at 1/sqrt(eps) times its Kd does not get there. Searched by halving in the logarithm.
        """
        level, Kd = np.broadcast_arrays(floats(level), floats(self.Kd))
        reach = float(np.log(1 / np.sqrt(EPS)))

        def above(x: Floats) -> tuple[Floats, None]:
            return level - self.course([time], Kd * np.exp(x), k_loss=k_loss)[..., of, -1], None

        high = np.full(level.shape, reach)
        x = rising_root(above, -2 * high, high, tolerance=float(np.sqrt(EPS)))
        return np.where(above(high)[0] > 0, Kd * np.exp(x), np.inf)[()]


def _level(pull: Floats, r: Floats) -> Floats:
    """S/S0 = 1 / (1 + r X/S) with X/S = pull / (1 + pull)."""
    return (1 + pull) / (1 + pull * (1 + r))
