"""Pharmacokinetics: from a dose to a plasma level.

    gut -> central <-> peripheral (<-> second peripheral)        central -> 0

Apparent constants of an oral drug carry the unknown bioavailability: CL_F, V_F, Q_F are clearance, volume and
distribution over F. Amounts in nmol, volumes in L, concentrations in nM, time in h.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.mechanism.equilibrium import Floats, floats


def AUC(dose: ArrayLike, CL_F: ArrayLike) -> Floats:
    """Area under the curve of one dose to infinity = of one interval at steady state: dose / CL_F.

    Unit: that of `dose` over that of `CL_F`, e.g. nmol / (L/h) = nM h.
    """
    return floats(dose) / floats(CL_F)


def Cavg(dose: ArrayLike, CL_F: ArrayLike, ii: ArrayLike) -> Floats:
    """Mean concentration at steady state of a dose every `ii` hours."""
    return AUC(dose, CL_F) / floats(ii)


def half_lives(CL_F: float, *volumes_and_flows: float) -> Floats:
    """Half-lives of disposition in h, longest first.

    `volumes_and_flows` is V_F for one compartment, V_F, Q_F, V2_F for two, V_F, Q_F, V2_F, Q2_F, V3_F for
    three: the eigenvalues of the mammillary matrix, no root formula needed.

    >>> half_lives(2, 2).round(3).tolist()
    [0.693]
    """
    V, flows, others = volumes_and_flows[0], volumes_and_flows[1::2], volumes_and_flows[2::2]
    if len(flows) != len(others):
        raise InputError("each further compartment needs a flow and a volume", example="V_F, Q_F, V2_F")
    matrix = np.zeros((1 + len(others), 1 + len(others)))
    matrix[0, 0] = -(CL_F + sum(flows)) / V
    for i, (Q, W) in enumerate(zip(flows, others, strict=True), start=1):
        matrix[0, i], matrix[i, 0], matrix[i, i] = Q / V, Q / W, -Q / W
    return np.sort(np.log(2) / -np.linalg.eigvals(matrix).real)[::-1]
