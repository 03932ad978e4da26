"""By what a patient's disease is followed: what was measurable at baseline.

    serum, urine     M-protein from the measurable level on (either, or both)
    light chains     else the involved chain from its level on, with an abnormal ratio
    marrow           else plasma cells from their share on
    plasmacytoma     beside any of these, or alone
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cereblon.bedside.response.condition import Bools, Values, at, get, least
from cereblon.bedside.response.rules import Thresholds


@dataclass(frozen=True)
class Followed:
    """One flag per patient and way."""

    serum: Bools
    urine: Bools
    FLC: Bools
    marrow: Bools
    lesion: Bools

    @property
    def protein(self) -> Bools:
        """Serum or urine."""
        return self.serum | self.urine

    @property
    def only_lesion(self) -> Bools:
        """A plasmacytoma and nothing else."""
        return self.lesion & ~(self.protein | self.FLC | self.marrow)

    @property
    def any(self) -> Bools:
        """Whether there is measurable disease."""
        return self.protein | self.FLC | self.marrow | self.lesion

    def words(self, i: int) -> str:
        """For patient i: "serum and urine"."""
        own = {"serum": self.serum, "urine": self.urine, "free light chains": self.FLC, "marrow": self.marrow,
               "plasmacytoma": self.lesion}  # fmt: skip
        return " and ".join(name for name, flags in own.items() if at(flags, i))


def follow(base: Values, c: Thresholds) -> Followed:
    """What baseline makes of each patient."""
    with np.errstate(divide="ignore", invalid="ignore"):
        serum = least(get(base, "serum"), c.measurable_serum)
        urine = least(get(base, "urine"), c.measurable_urine)
        FLC = ~(serum | urine) & least(get(base, "involved"), c.measurable_FLC) & ratio(base, c)[1]
        marrow = ~(serum | urine | FLC) & least(get(base, "marrow"), c.measurable_marrow)
        return Followed(serum, urine, FLC, marrow, np.asarray(get(base, "SPD") > 0))


def ratio(values: Values, c: Thresholds) -> tuple[Bools, Bools]:
    """Whether kappa over lambda is surely normal, and surely abnormal: from the ratio, or blindly from the two chains.

    Where it is not said which chain is which, both must agree: with limits of .26 and 1.65 involved over uninvolved is
    normal up to 1.65 and abnormal above 3.85; between them it is neither.
    """
    given = get(values, "ratio")
    low, high = c.lowest_ratio, c.highest_ratio
    over = get(values, "involved") / get(values, "uninvolved")
    inner, outer = min(high, 1 / low), max(high, 1 / low)
    blind = np.isnan(given)
    normal = ((given >= low) & (given <= high)) | (blind & (over <= inner) & (over >= 1 / inner))
    abnormal = (given < low) | (given > high) | (blind & ((over > outer) | (over < 1 / outer)))
    return np.asarray(normal), np.asarray(abnormal)
