"""Response rates with exact intervals, over all treated and over those who can be evaluated.

    ORR = sCR + CR + VGPR + PR          patients who were not evaluable stay in the denominator of all treated
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from cereblon.bedside.response.category import CR, LEVELS, MR, PR, VGPR
from cereblon.bedside.response.result import Responses
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.intervals import clopper_pearson

if TYPE_CHECKING:
    import pandas as pd

Among = Literal["all", "evaluable"]
GROUPS = {
    "ORR": (PR, "partial response or better"),
    "VGPR or better": (VGPR, "very good partial response or better"),
    "CR or better": (CR, "complete response or better"),
    "MR or better": (MR, "minimal response or better"),
}


def response_rate(found: Responses, least: str = "PR", *, among: Among = "all", level: float = 0.95) -> Estimate:
    """Share of patients with at least this category. Raises InputError for an unknown category, or for nobody.

    `among` "all" are all treated, "evaluable" those with measurable disease and an assessment that could be judged.
    """
    if least not in LEVELS:
        raise InputError("unknown category", found=least, expected=", ".join(LEVELS))
    if among not in ("all", "evaluable"):
        raise InputError("unknown set of patients", found=str(among), expected="all or evaluable")
    own = found.measurable & found.evaluable if among == "evaluable" else found.best == found.best
    hits = int(((found.best >= LEVELS.index(least)) & own).sum())
    return clopper_pearson(hits, int(own.sum()), level)


def response_table(found: Responses, *, among: Among = "all", level: float = 0.95) -> pd.DataFrame:
    """One row per category, from sCR down, then the sums (ORR and others): n, of, share, low, high."""
    import pandas as pd

    own = found.measurable & found.evaluable if among == "evaluable" else found.best == found.best
    total = int(own.sum())
    if not total:
        raise InputError("no patient to take a share of", found=f"{len(found)} patients, none {among}")
    counted = {LEVELS[k]: int(((found.best == k) & own).sum()) for k in reversed(range(len(LEVELS)))}
    counted |= {name: int(((found.best >= least) & own).sum()) for name, (least, _) in GROUPS.items()}
    rows = []
    for name, n in counted.items():
        share = clopper_pearson(n, total, level)
        rows.append({"category": name, "n": n, "of": total, "share": share.value, "low": share.low, "high": share.high})
    return pd.DataFrame(rows)
