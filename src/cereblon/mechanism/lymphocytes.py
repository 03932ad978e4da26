"""Lymphocytes of the blood: turnover, and a share that a glucocorticoid sends out of sight.

    0 -> lymphocyte@blood -> 0

`ALC` counts those in circulation; redistribution changes the count and not the cells, so it ends with the drug.
"""

from __future__ import annotations

from cereblon.mechanism.blood import COUNT, LITRE
from cereblon.network.network import Network


def lymphocytes(production: str = "1", *, circulating: str = "1") -> Network:
    """Turnover with `production` a factor and `circulating` the share left in blood (texts, 1 without drug)."""
    net = Network("lymphocytes")
    net.parameter("lymphocyte.count", COUNT, "lymphocytes in blood without drug", shared=True)
    net.parameter("lymphocyte.t_half", "d", "half-life of the pool that blood shows", shared=True)
    net.derive("lymphocyte.k_loss", "1/h", "log(2) / lymphocyte.t_half", "loss", shared=True)
    cells, total = "lymphocyte@blood", "lymphocyte.count"
    net.add_species(cells, COUNT, initial=total, scale=total, meaning="lymphocytes", volume=LITRE)
    net.reaction(f"0 -> {cells}", rate=f"lymphocyte.k_loss * {total} * ({production})")
    net.reaction(f"{cells} -> 0", forward="lymphocyte.k_loss")
    net.observable("ALC", COUNT, f"[{cells}] * ({circulating})", "absolute lymphocyte count")
    return net
