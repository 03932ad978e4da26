"""Simon's two-stage design: a phase 2 that stops early when too few respond.

    n1 patients; r1 or fewer respond -> stop          n patients in all; r or fewer respond -> not worth pursuing
    P(pursue | p)  = sum over x > r1 of  b(x; n1, p) P(X2 > r - x; n - n1, p)
    PET(p) = B(r1; n1, p)         EN(p) = n1 + (1 - PET(p)) (n - n1)

Optimal: least EN(p0). Minimax: least n, of those least EN(p0). Admissible (Jung 2004): the corners of the lower convex
hull of (n, EN(p0)), optimal for some weight of the two. Both errors hold exactly: P(pursue | p0) <= alpha, P(pursue |
p1) >= 1 - beta. Source: Simon 1989.

The search is complete. For n, n1 and r the best r1 is the largest that leaves the power; totals n are tried upward
until no design of that total can have a smaller EN: a first stage stops wrongly in at most beta, which bounds its
PET(p0). Totals at which even the best test of n patients fails (Neyman and Pearson) are passed over; and since the
responders tell as much as their order, an early stop saves at most L(r + 1) of false positives for each true one that
it loses (L: likelihood ratio), which passes over most r.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.limits import share, whole_number
from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
MOST = 500  # patients; more is not a phase 2


@dataclass(frozen=True)
class TwoStage:
    """A two-stage design: more than `r1` of `n1` must respond to go on, more than `r` of `n` to pursue the drug.

    >>> design = TwoStage(3, 13, 12, 43)
    >>> round(design.EN(0.2), 2), round(design.pursue(0.2), 4), round(design.pursue(0.4), 4)
    (20.58, 0.0496, 0.8002)
    """

    r1: int
    n1: int
    r: int
    n: int

    def __post_init__(self) -> None:
        for where, number, least in (("r1", self.r1, 0), ("n1", self.n1, 1), ("r", self.r, 0), ("n", self.n, 2)):
            whole_number(where, number, least)
        if not (self.r1 < self.n1 < self.n and self.r1 <= self.r < self.n):
            raise InputError("no two-stage design", where="r1/n1 r/n", found=f"{self.r1}/{self.n1} {self.r}/{self.n}",
                             expected="r1 < n1 < n and r1 <= r < n", example="3/13 12/43")  # fmt: skip

    def PET(self, p: float) -> float:
        """The probability of early termination if a share `p` responds."""
        return float(_mass(self.n1, p)[: self.r1 + 1].sum())

    def EN(self, p: float) -> float:
        """The expected number of patients if a share `p` responds."""
        return self.n1 + (1 - self.PET(p)) * (self.n - self.n1)

    def pursue(self, p: float) -> float:
        """The probability to find the drug worth pursuing if a share `p` responds."""
        first, beyond = _mass(self.n1, p), _tails(self.n - self.n1, p)
        x = np.arange(self.r1 + 1, self.n1 + 1)
        return float(first[x] @ beyond[np.clip(self.r - x, -1, self.n - self.n1) + 1])

    def decide(self, responders: int, patients: int) -> str:
        """What now, after `responders` of `patients`: stop, go on, or pursue. Raises InputError."""
        whole_number("patients", patients, 0)
        whole_number("responders", responders, 0)
        if responders > patients or patients > self.n:
            raise InputError("counts that cannot be", where="responders, patients", found=f"{responders} of {patients}",
                             expected=f"at most {self.n} patients")  # fmt: skip
        if responders > self.r:
            return "pursue"
        of_first = self.n1 - patients  # below 0: the second stage is under way, so the first was passed
        hopeless = of_first >= 0 and responders + of_first <= self.r1
        return "stop" if hopeless or responders + self.n - patients <= self.r else "go on"

    def __str__(self) -> str:
        return f"{self.r1}/{self.n1} {self.r}/{self.n}"


@dataclass(frozen=True)
class Simon:
    """The two-stage designs for p0 against p1: `optimal`, `minimax`, `admissible` (these and those between)."""

    p0: float
    p1: float
    alpha: float
    beta: float
    optimal: TwoStage
    minimax: TwoStage
    admissible: tuple[TwoStage, ...]

    def table(self) -> pd.DataFrame:
        """One row per design: r1, n1, r, n, exact alpha and power, EN and PET under p0 and p1."""
        import pandas as pd

        return pd.DataFrame([{"design": self._name(d), **properties(d, self.p0, self.p1)} for d in self.admissible])

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def _name(self, design: TwoStage) -> str:
        names = [name for name, one in (("optimal", self.optimal), ("minimax", self.minimax)) if one == design]
        return " and ".join(names) or "admissible"

    def __str__(self) -> str:
        lines = [f"Simon: {self.p0:g} against {self.p1:g}, alpha {self.alpha:g}, power {1 - self.beta:g}"]
        for design in self.admissible:
            lines.append(
                f"  {self._name(design):20} stop if at most {design.r1} of {design.n1} respond, pursue if more than "
                f"{design.r} of {design.n} do; EN {design.EN(self.p0):.2f}, PET {design.PET(self.p0):.2f}"
            )
        return "\n".join(lines)


def properties(design: TwoStage, p0: float, p1: float) -> dict[str, float]:
    """Exact properties of a given design, as one row. Raises InputError."""
    share("p0", p0)
    share("p1", p1, p0)
    return {
        "r1": design.r1, "n1": design.n1, "r": design.r, "n": design.n, "alpha": design.pursue(p0),
        "power": design.pursue(p1), "EN_p0": design.EN(p0), "PET_p0": design.PET(p0), "EN_p1": design.EN(p1),
        "PET_p1": design.PET(p1),
    }  # fmt: skip


def simon(p0: float, p1: float, alpha: float = 0.05, beta: float = 0.2) -> Simon:
    """The optimal, minimax and admissible two-stage designs. Raises InputError.

    >>> print(simon(0.1, 0.3).optimal, "|", simon(0.1, 0.3).minimax)
    1/10 5/29 | 1/15 5/25
    """
    share("p0", p0)
    share("p1", p1, p0)
    share("alpha", alpha, 0, 0.5)
    share("beta", beta, 0, 0.5)
    best: dict[int, tuple[float, TwoStage]] = {}  # total -> least EN and its design
    least = math.inf
    pet = _most_stopped(p0, p1, beta)
    for n in range(2, MOST + 1):
        n1 = np.arange(1, n)
        bound = n1 + (1 - pet[1:n]) * (n - n1)
        if bound.min() >= least:
            break
        r = _feasible(n, p0, p1, alpha, beta)
        if not r.size:
            continue
        for first in n1[bound < least]:
            found = _best_first_stop(int(first), n, r, p0, p1, alpha, beta)
            if found is not None and found[0] < least:
                least = found[0]
                best[n] = found
    else:
        if not best:
            raise InputError(f"no two-stage design of at most {MOST} patients", where="p0, p1", found=f"{p0:g}, {p1:g}",
                             expected="rates further apart, or larger errors")  # fmt: skip
    designs = [design for _, design in _hull([(n, EN, design) for n, (EN, design) in best.items()])]
    return Simon(p0, p1, alpha, beta, designs[-1], designs[0], tuple(designs))


def _best_first_stop(
    n1: int, n: int, r: NDArray[np.int64], p0: float, p1: float, alpha: float, beta: float
) -> tuple[float, TwoStage] | None:
    """The least EN(p0), and its design, over r and r1 of this n1 and n; None where no design holds both errors."""
    x = np.arange(n1 + 1)[:, None]
    place = np.clip(r[None, :] - x, -1, n - n1) + 1
    kept = {p: _mass(n1, p)[:, None] * _tails(n - n1, p)[place] for p in (p0, p1)}
    power = np.cumsum(kept[p1][::-1], axis=0)[::-1]  # of a first stage that goes on from x responders
    goes = (power >= 1 - beta).sum(axis=0) - 1  # the largest x from which it may go on; r1 is one less
    column = np.flatnonzero(goes >= 1)
    if not column.size:
        return None
    wrong = np.cumsum(kept[p0][::-1], axis=0)[::-1][goes[column], column]
    column = column[wrong <= alpha]
    if not column.size:
        return None
    stopped = np.cumsum(_mass(n1, p0))[goes[column] - 1]
    EN = n1 + (1 - stopped) * (n - n1)
    i = int(EN.argmin())
    return float(EN[i]), TwoStage(int(goes[column[i]]) - 1, n1, int(r[column[i]]), n)


def _feasible(n: int, p0: float, p1: float, alpha: float, beta: float) -> NDArray[np.int64]:
    """The r for which a total of n can hold both errors, whatever the first stage."""
    r = np.arange(n)
    wrong, right = _tails(n, p0)[r + 1], _tails(n, p1)[r + 1]
    last = int((right >= 1 - beta).sum()) - 1
    if last < 0:
        return np.zeros(0, np.int64)
    # of all tests of n patients with this power the likelihood ratio's errs least: above r, and in part at r + 1
    spare = (right[last] - (1 - beta)) / _mass(n, p1)[last + 1]
    if wrong[last] - spare * _mass(n, p0)[last + 1] > alpha:
        return np.zeros(0, np.int64)
    ratio = np.exp((r + 1) * math.log(p0 / p1) + (n - r - 1) * math.log((1 - p0) / (1 - p1)))
    good: NDArray[np.int64] = np.flatnonzero((right >= 1 - beta) & (wrong - ratio * (right - (1 - beta)) <= alpha))
    return good


def _most_stopped(p0: float, p1: float, beta: float) -> Floats:
    """For each n1 the most PET(p0) of a first stage that stops wrongly in at most beta."""
    out = np.zeros(MOST + 1)
    for n1 in range(1, MOST + 1):
        lost = np.cumsum(_mass(n1, p1)) <= beta
        out[n1] = _mass(n1, p0)[: int(lost.sum())].sum()
    return out


def _hull(points: Sequence[tuple[int, float, TwoStage]]) -> list[tuple[int, TwoStage]]:
    """The lower convex hull of (n, EN), n rising, EN falling."""
    kept: list[tuple[int, float, TwoStage]] = []
    for point in sorted(points, key=lambda one: one[0]):
        while len(kept) > 1 and _turns(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return [(n, design) for n, _, design in kept]


def _turns(a: tuple[int, float, TwoStage], b: tuple[int, float, TwoStage], c: tuple[int, float, TwoStage]) -> bool:
    """Whether b lies on or above the line from a to c."""
    return (b[1] - a[1]) * (c[0] - a[0]) >= (c[1] - a[1]) * (b[0] - a[0])


def _mass(n: int, p: float) -> Floats:
    """P(X = 0), ..., P(X = n) of the binomial."""
    from scipy.special import gammaln

    x = np.arange(n + 1)
    ways = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    out: Floats = np.exp(ways + x * math.log(p) + (n - x) * math.log1p(-p))
    return out


def _tails(n: int, p: float) -> Floats:
    """P(X > -1), P(X > 0), ..., P(X > n)."""
    mass = _mass(n, p)
    return np.append(np.minimum(np.cumsum(mass[::-1])[::-1], 1.0), 0.0)
