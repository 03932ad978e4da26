"""Profile intervals of every number of one least-squares problem, followed side by side.

    ends of number i:   all v with  S(v) - S <= far,   S(v) the least sum of squares with number i held at v

Two problems a number, one for each side, walk outwards together, so that each step is one call of the model for all.
A side on which the sum of squares never rises enough within `reach` is open: its end is infinite. Slopes are carried
along and corrected by what each step finds (Broyden 1965); they are taken anew where that does not settle.
`profile` is the same for dose-response curves (Bates and Watts 1988; Raue 2009 for what an open side means).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cereblon.statistics.least_squares import Floats, Predict, Problems

Flags = NDArray[np.bool_]

STEPS, RENEWALS = 8, 3  # of the fit at each held value: it starts where the last point says it ends
SETTLED = 1e-3  # gain of a step, over the rise that an end is at
ROUNDS, CLOSE = 16, 0.02  # of the search for an end; how near the height comes, in units of the interval
NEARLY = 0.98  # of the reach, beyond which an end is taken for open: it is that of the search
LEAST = 1e-3  # first step, of a logarithm


@dataclass
class _Walks:
    """The walks, a row each: where a row is (`x`), its slopes there, and which number it holds."""

    predict: Predict
    slopes: Predict
    held: Problems
    root_w: Floats
    y: Floats
    x: Floats
    J: Floats
    r: Floats

    def residuals(self, x: Floats, rows: Problems) -> Floats:
        return np.asarray((self.predict(x, rows) - self.y) * self.root_w)

    def settle(self, rows: Problems, x: Floats, enough: float) -> tuple[Floats, Floats, Floats]:
        """From `x`, the held number as it stands: numbers, residuals and slopes where the others have settled."""
        J, r = self.J[rows].copy(), self.residuals(x, rows)
        left = np.arange(rows.size)
        for renewal in range(RENEWALS + 1):
            if renewal:
                J[left] = self.slopes(x[left], rows[left]) * self.root_w
            left = self._steps(rows, x, J, r, left, enough)
            if not left.size:
                break
        return x, r, J

    def _steps(self, rows: Problems, x: Floats, J: Floats, r: Floats, left: Problems, enough: float) -> Problems:
        """A few damped steps of the rows `left`, in place; those that have not settled."""
        damping, open_ = np.full(len(x), 1e-3), left
        for _ in range(STEPS):
            step = _damped(J[open_], r[open_], self.held[rows[open_]], damping[open_])
            trial = self.residuals(x[open_] + step, rows[open_])
            before, after = (np.einsum("kn,kn->k", q, q) for q in (r[open_], trial))
            lengths = np.einsum("kp,kp->k", step, step)[:, None]
            missed = trial - r[open_] - np.einsum("kp,kpn->kn", step, J[open_])
            with np.errstate(invalid="ignore", divide="ignore"):
                update = np.einsum("kp,kn->kpn", step / lengths, missed)
            J[open_] += np.where(np.isfinite(update), update, 0.0)
            better = after <= before
            taken = open_[better]
            x[taken] += step[better]
            r[taken] = trial[better]
            damping[open_] *= np.where(better, 0.3, 10.0)
            done = better & (before - after <= enough)
            open_ = open_[~done]
            if not open_.size:
                break
        return open_


def _damped(J: Floats, r: Floats, held: Problems, damping: Floats) -> Floats:
    """The step of every number but the held one, (k, P)."""
    J = J.copy()
    J[np.arange(len(J)), held] = 0.0
    A, i = np.matmul(J, J.transpose(0, 2, 1)), np.arange(J.shape[1])
    A[:, i, i] = A[:, i, i] * (1 + damping[:, None]) + 1e-12 + (i == held[:, None])
    return np.asarray(np.linalg.solve(A, -np.einsum("kpn,kn->kp", J, r)[:, :, None])[:, :, 0])


def profiles(
    predict: Predict,
    slopes: Predict,
    best: Floats,
    covariance: Floats,
    y: Floats,
    weights: Floats,
    *,
    counted: Flags,
    far: float,
    times: float,
    reach: float,
    follow: Problems | None = None,
) -> Floats:
    """Both ends (P, 2) of the interval of each number, or of those at positions `follow`; infinite where it is open.

    `predict`, `slopes`, `y`, `weights` as in `least_squares`, for one problem: y and weights (N,). `counted` (N,) are
    the points whose squares make S; others (a range that is searched) only steer. `covariance` (P, P) leads the first
    step, `times` of its standard deviations out; no end is sought farther than `reach`.

    >>> line = lambda p, which: np.concatenate([p, p[:, :1] + p[:, 1:]], axis=1)        # y = a, b, a + b
    >>> by = lambda p, which: np.broadcast_to([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]], (len(p), 2, 3))
    >>> C = np.array([[2.0, -1.0], [-1.0, 2.0]]) / 3
    >>> profiles(line, by, np.zeros(2), C, np.zeros(3), np.ones(3), counted=np.ones(3, bool), far=1, times=1,
    ...          reach=9).round(2).tolist()
    [[-0.82, 0.82], [-0.82, 0.82]]
    """
    root_w, followed = np.sqrt(weights), np.arange(best.size) if follow is None else follow
    held, sign = np.repeat(followed, 2), np.tile([-1.0, 1.0], followed.size)
    lean = covariance / np.diag(covariance)[:, None]  # by how much the others follow a held one
    one = np.zeros(1, dtype=np.intp)
    r, J = (predict(best[None], one) - y) * root_w, slopes(best[None], one) * root_w
    least = float(np.sum(r[0, counted] ** 2))
    many = (held.size, *J.shape[1:])
    walks = _Walks(predict, slopes, held, root_w, y, np.tile(best, (held.size, 1)), np.broadcast_to(J, many).copy(),
                   np.tile(r, (held.size, 1)))  # fmt: skip
    inner, outer = np.zeros(held.size), np.full(held.size, np.inf)
    at_inner, at_outer = np.full(held.size, -1.0), np.full(held.size, np.nan)
    distance = np.clip(times * np.sqrt(np.diag(covariance))[held], LEAST, reach)
    ends, rows = np.full(held.size, np.inf), np.arange(held.size)
    for _ in range(ROUNDS):
        mine = held[rows]
        further = best[mine] + sign[rows] * distance[rows] - walks.x[rows, mine]
        x, r, J = walks.settle(rows, walks.x[rows] + further[:, None] * lean[mine], SETTLED * far)
        risen = np.einsum("kn,kn->k", r[:, counted], r[:, counted]) - least
        found = np.sqrt(np.maximum(risen, 0.0) / far) - 1
        found = np.where(np.isfinite(found), found, 1.0)  # a run that failed lies outside
        over = found >= 0
        up, down = rows[over], rows[~over]
        outer[up], at_outer[up] = distance[up], found[over]
        inner[down], at_inner[down] = distance[down], found[~over]
        walks.x[down], walks.J[down] = x[~over], J[~over]
        close = np.abs(found) < CLOSE
        ends[rows[close]] = distance[rows[close]]
        rows = rows[~close & ~(~over & (distance[rows] >= reach))]
        if not rows.size:
            break
        with np.errstate(invalid="ignore"):
            share = -at_inner[rows] / (at_outer[rows] - at_inner[rows])
        between = inner[rows] + np.clip(share, 0.1, 0.9) * (outer[rows] - inner[rows])
        distance[rows] = np.where(np.isfinite(outer[rows]), between, np.minimum(2 * distance[rows], reach))
    else:
        ends[rows] = outer[rows]
    ends[ends > NEARLY * reach] = np.inf
    return np.asarray((best[held] + sign * ends).reshape(-1, 2))
