"""A chain of transit stages under feedback from the blood (Friberg 2002): platelets, and a rival for neutrophils.

    0 -> proliferating -> transit1 -> ... -> transitn -> cells@blood -> 0

A drug that kills proliferating cells empties the chain from its beginning, and the nadir comes when the gap arrives:
the contrast to a block of maturation. With n stages the mean transit time is MTT = (n + 1) / k. Under a constant loss E
the count settles at (1 - E)^(1/feedback) of its baseline, so a small feedback makes a violent answer.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.mechanism.blood import COUNT, LITRE
from cereblon.mechanism.equilibrium import Floats, floats
from cereblon.network.network import Network


def steady_count(loss: ArrayLike, feedback: ArrayLike) -> Floats:
    """Count over baseline under a lasting `loss` of production (0 to 1).

    >>> round(float(steady_count(0.2, 0.161)), 4)
    0.2501
    """
    return np.power(1 - floats(loss), 1 / floats(feedback))


def friberg(cells: str, n_transit: int, loss: str = "0", *, release: str = "1") -> Network:
    """The chain above with `n_transit` stages (1 or more, else InputError).

    `loss` is the share of production that a drug takes away, `release` the share of the last stage that reaches the
    blood (texts). What does not is lost: held back, it would pile up until as many cells came out as before.
    `cells` names the blood cell; its addresses are `count`, `MTT` and `feedback`.
    """
    if n_transit < 1:
        raise InputError("a chain has at least one stage", where="n_transit", found=str(n_transit), example="1")
    net = Network("friberg")
    net.parameter(f"{cells}.count", COUNT, f"{cells}s in blood without drug", shared=True)
    net.parameter(f"{cells}.MTT", "h", "mean transit time through the marrow", shared=True)
    net.parameter(f"{cells}.feedback", "1", "power by which a low count speeds proliferation", shared=True)
    k, total = f"{cells}.k_transit", f"{cells}.count"
    net.derive(k, "1/h", f"{n_transit + 1} / {cells}.MTT", "rate of every step", shared=True)
    stages = ["proliferating", *(f"transit{i}" for i in range(1, n_transit + 1))]
    chain = [*(f"{cells}~{stage}@marrow" for stage in stages), f"{cells}@blood"]
    for name in chain:
        net.add_species(name, COUNT, initial=total, scale=total, meaning=f"{cells}s, counted per litre of blood",
                        volume=LITRE)  # fmt: skip
    first, last = chain[0], chain[-1]
    net.reaction(f"0 -> {first}", rate=f"{k} * (1 - ({loss})) * pow({total} / [{last}], {cells}.feedback) * [{first}]")
    for before, after in itertools.pairwise(chain[:-1]):
        net.reaction(f"{before} -> {after}", forward=k)
    if release == "1":
        net.reaction(f"{chain[-2]} -> {last}", forward=k)
    else:
        net.reaction(f"{chain[-2]} -> 0", forward=k)
        net.reaction(f"0 -> {last}", rate=f"{k} * ({release}) * [{chain[-2]}]")
    net.reaction(f"{last} -> 0", forward=k)
    return net


def platelets(n_transit: int, loss: str = "0", *, release: str = "1") -> Network:
    """Platelets by the same chain (Centanni 2025: five stages); observable `PLT` (1e9/L).

    A glue takes production away (`loss`), an empirical effect; a proteasome inhibitor holds megakaryocytes from letting
    go (`release`, Lonial 2005), which is why counts are back so soon after it.
    """
    net = friberg("platelet", n_transit, loss, release=release)
    net.observable("PLT", COUNT, "[platelet@blood]", "platelet count")
    net.name = "platelets"
    return net
