"""Isobole: the pairs of doses that do the same.

Measured: along each line of the matrix, where the partner's dose stands still, the dose at which survival first falls
to `level`, read between two tested doses (straight in the logarithm). Additive: the straight line between the doses
that do it alone, Loewe's, where both lie within what was tested. Points below the line are synergy; their index is d1
/ D1 + d2 / D2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cereblon.ground.errors import InputError
from cereblon.statistics.combination.hill import Floats, Hill
from cereblon.statistics.combination.matrix import Matrix

if TYPE_CHECKING:
    import pandas as pd

_POINTS = 41


def isobole(matrix: Matrix, curves: tuple[Hill, Hill] | None, level: float) -> pd.DataFrame:
    """One row per point: kind (measured, alone or additive), dose_1, dose_2, index. Raises InputError for a level not
    in (0, 1).

    No additive points where a drug alone is not seen to get there; the index is then NaN.
    """
    import pandas as pd

    if not 0 < level < 1:
        raise InputError("an isobole is at a survival between 0 and 1", found=f"{level:g}", example="0.5")
    alone = [np.inf, np.inf]
    if curves is not None:
        for drug, curve in enumerate(curves):
            tested = matrix.dose(drug)[matrix.alone(drug) & (matrix.dose(drug) > 0)]
            dose = float(np.ravel(curve.dose(level))[0])
            alone[drug] = dose if tested.min() <= dose <= tested.max() else np.inf
    rows: list[dict[str, object]] = []
    for drug in (0, 1):
        other = matrix.dose(1 - drug)
        for held in np.unique(other):
            at = np.flatnonzero(other == held)
            order = at[np.argsort(matrix.dose(drug)[at], kind="stable")]
            found = _crossing(matrix.dose(drug)[order], matrix.mean[order], level)
            if found is not None:
                pair = (found, float(held)) if drug == 0 else (float(held), found)
                rows.append({"kind": "measured" if held else "alone", "dose_1": pair[0], "dose_2": pair[1]})
    if np.isfinite(alone).all():
        for part in np.linspace(0, 1, _POINTS):
            rows.append({"kind": "additive", "dose_1": part * alone[0], "dose_2": (1 - part) * alone[1]})
    table = pd.DataFrame(rows, columns=["kind", "dose_1", "dose_2"])
    known = np.isfinite(alone).all()
    table["index"] = table["dose_1"] / alone[0] + table["dose_2"] / alone[1] if known else np.nan
    return table


def _crossing(doses: Floats, effects: Floats, level: float) -> float | None:
    """The first dose at which the line through the points falls to the level; None where it starts below, never does,
    or does so between no drug and the lowest dose, where nothing tells."""
    if doses.size < 2 or effects[0] <= level:
        return None
    under = np.flatnonzero(effects <= level)
    if not under.size:
        return None
    i = int(under[0])
    part = (effects[i - 1] - level) / (effects[i - 1] - effects[i])
    low, high = doses[i - 1], doses[i]
    return float(low * (high / low) ** part) if low > 0 else None
