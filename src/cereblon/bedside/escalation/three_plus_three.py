"""3+3: three patients, and three more where one of them has a DLT.

    of 3:  0 -> up        1 -> three more    2, 3 -> too toxic
    of 6:  0, 1 -> up     2 to 6 -> too toxic

Two variants. `traditional`: the trial ends at the first dose that is too toxic (or at the top), and the dose below is
the MTD, whether three or six had it. `six`: the MTD must have been given to six, at most one of them with a DLT; so a
dose below a toxic one, and the top one, is filled up to six, and the trial steps down further where that fails. P(up at
DLT rate p) = (1 - p)^3 + 3 p (1 - p)^2 (1 - p)^3. Source: Storer 1989; the variants as in Lin and Shih 2001.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from cereblon.bedside.escalation.decision import Counts, Decision, counted
from cereblon.bedside.escalation.design import DOSES, Design, move, stop
from cereblon.bedside.limits import whole_number
from cereblon.ground.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

VARIANTS = ("traditional", "six")
MOST = 6  # at one dose
ALLOWED = 1  # patients with a DLT at a dose that is tolerated


@dataclass(frozen=True, kw_only=True)
class ThreePlusThree(Design):
    """The 3+3 design in one of its VARIANTS. Raises InputError.

    >>> print(ThreePlusThree(doses=3).decide((0, 1, 0), (3, 3, 0), at=2))
    stay: 3 patients at dose 2 (1 of 3 with a DLT: three more)
    """

    cohorts: int = field(init=False, default=0)
    variant: str = "six"
    name: ClassVar[str] = "3+3"
    source: ClassVar[str] = "Storer 1989; Lin and Shih 2001"

    def __post_init__(self) -> None:
        whole_number("doses", self.doses, 1, DOSES)
        object.__setattr__(self, "cohorts", 2 * self.doses)
        super().__post_init__()
        if self.variant not in VARIANTS:
            raise InputError("unknown variant of 3+3", where="variant", found=str(self.variant),
                             expected=" or ".join(VARIANTS))  # fmt: skip
        if self.cohort != MOST // 2:
            raise InputError("a cohort of 3+3 has three patients", where="cohort", found=str(self.cohort))

    def rule(self, y: Counts, n: Counts, at: int) -> Decision:
        self._check(n)
        here, toxic, top = n[at - 1], y[at - 1], self._highest(y)
        gone = tuple(range(top + 1, self.doses + 1))
        said = f"{toxic} of {here} with a DLT"
        if toxic > ALLOWED:
            if not top:
                return stop("toxic", f"{said} at the lowest dose", gone)
            if not n[top - 1] or (self.variant == "six" and n[top - 1] < MOST):
                return move(at, top, f"{said}: the dose below is filled up", MOST // 2, gone)
            return stop("found", f"{said}: the dose below is the MTD", gone)
        if here % 3:
            return move(at, at, f"{said}: the cohort is not complete", 3 - here % 3, gone)
        if here < MOST and toxic:
            return move(at, at, f"{said}: three more", MOST // 2, gone)
        if at < top:
            return move(at, at + 1, said, MOST // 2, gone)
        if self.variant == "six" and here < MOST:
            return move(at, at, f"{said}: the MTD needs six patients", MOST // 2, gone)
        return stop("found", f"{said}, and no higher dose is left", gone)

    def MTD(self, y: Sequence[int], n: Sequence[int]) -> int:
        """The highest dose below the toxic ones that is tolerated, by the variant's own rule."""
        y, n = counted(y, n, self.doses)
        self._check(n)
        for dose in range(self._highest(y), 0, -1):
            toxic, here = y[dose - 1], n[dose - 1]
            if here == MOST or (self.variant == "traditional" and here == MOST // 2 and not toxic):
                return dose
        return 0

    def _highest(self, y: Counts) -> int:
        """The dose below the lowest that is too toxic; the top one where none is."""
        return next((dose for dose, toxic in enumerate(y) if toxic > ALLOWED), self.doses)

    def _check(self, n: Counts) -> None:
        if max(n) > MOST:
            raise InputError("3+3 treats at most six patients at a dose", where="n", found=str(list(n)),
                             expected="BOIN or another interval design for larger cohorts")  # fmt: skip

    def table(self) -> pd.DataFrame:
        """The rule: one row per patients, patients with a DLT, and what follows."""
        import pandas as pd

        rows = []
        for here in (MOST // 2, MOST):
            for toxic in range(here + 1):
                down = "stop; the dose below is the MTD" if self.variant == "traditional" else "down; fill up to six"
                good = toxic == 0 or (here == MOST and toxic <= ALLOWED)
                then = "up" if good else "three more" if toxic <= ALLOWED else down
                rows.append({"patients": here, "with_DLT": toxic, "then": then})
        return pd.DataFrame(rows)
