"""Pharmacokinetics: from a dose to a plasma level.

    drug@gut -> drug@central <-> drug@peripheral         absorption, distribution
                drug@central <-> drug@peripheral2
                drug@central -> 0                        elimination

With a target in the blood (target-mediated disposition, Mager and Jusko 2001):

    drug@central + target@central <-> drug:target@central -> 0       0 -> target@central -> 0

Apparent constants of an oral drug carry the unknown bioavailability: CL_F, V_F, Q_F are clearance, volume and
distribution over F. Doses are data: an infusion goes straight into drug@central; lag and F are parameters
that a dose names. Amounts in nmol, volumes in L, concentrations in nM, time in h.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.mechanism.equilibrium import Floats, complex_text, floats
from cereblon.network.network import Network


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


def allometric(value: ArrayLike, weight: ArrayLike, reference: ArrayLike, exponent: ArrayLike) -> Floats:
    """A clearance or volume of a body of `reference` weight in one of another: value (weight / reference)^exponent.

    Kleiber 1932, for drugs Boxenbaum 1982; both weights in one unit.

    >>> float(allometric(8, weight=1, reference=16, exponent=1 / 2))
    2.0
    """
    return floats(value) * (floats(weight) / floats(reference)) ** floats(exponent)


def pharmacokinetics(drug: str, compartments: int, *, oral: bool = True) -> Network:
    """One, two or three compartments (`compartments`); InputError for any other number.

    `oral=True` absorbs from drug@gut at first order and reads the apparent CL_F, V_F, Q_F, V2_F, Q2_F, V3_F
    and ka, lag; `oral=False` has no gut and reads CL, V, Q, V2, Q2, V3. Every compartment has its volume of
    distribution of its own, so that concentrations, not amounts, are what a species shows; the gut borrows
    the central one.
    """
    return _disposition(drug, compartments, oral, f"[{drug}@central]")


def tmdd(drug: str, target: str, compartments: int, *, oral: bool = False, quasi_steady: bool = False) -> Network:
    """The same drug held and internalised by a target of the blood, whose baseline is the parameter.

    Full form: the three reactions above. `quasi_steady=True` (Gibiansky 2008): drug@central and
    target@central are totals, the complex is the quadratic with K_m = Kd + k_int / k_on, and only free drug
    is cleared or moves.
    """
    V = f"{drug}.V_F" if oral else f"{drug}.V"
    K, k_int = f"{drug}.{target}.Kd", f"{drug}.{target}.k_int"
    here, there = f"{drug}@central", f"{target}@central"
    held = complex_text(f"[{here}]", f"[{there}]", f"{drug}.{target}.K_m")
    net = _disposition(drug, compartments, oral, f"([{here}] - {held})" if quasi_steady else f"[{here}]")
    net.parameter(K, "nM", f"dissociation constant from {target}", shared=True)
    net.parameter(f"{drug}.{target}.k_on", "1/nM/h", f"association rate to {target}", shared=True)
    net.parameter(k_int, "1/h", f"internalisation of the complex with {target}", shared=True)
    net.parameter(f"{target}.total@central", "nM", f"{target} of the blood without drug")
    net.parameter(f"{target}.t_half@central", "h", f"half-life of free {target}")
    net.derive(f"{target}.k_deg@central", "1/h", f"log(2) / {target}.t_half@central", f"loss of free {target}")
    k_on, k_deg, total = f"{drug}.{target}.k_on", f"{target}.k_deg@central", f"{target}.total@central"
    meaning = f"{target} of the blood" + (", free and bound" if quasi_steady else ", free")
    net.add_species(there, "nM", initial=total, scale=total, meaning=meaning, volume=V)
    net.reaction(f"0 -> {there}", rate=f"{k_deg} * {total}")
    if quasi_steady:
        net.derive(f"{drug}.{target}.K_m", "nM", f"{K} + {k_int} / {k_on}", "quasi-steady constant", shared=True)
        net.reaction(f"{there} -> 0", rate=f"{k_deg} * ([{there}] - {held}) + {k_int} * {held}")
        net.reaction(f"{here} -> 0", rate=f"{k_int} * {held}")
    else:
        both = f"{drug}:{target}@central"
        net.add_species(both, "nM", scale=total, meaning=f"{drug} on {target}", volume=V)
        net.reaction(f"{here} + {there} <-> {both}", forward=k_on, reverse=f"{k_on} * {K}")
        net.reaction(f"{there} -> 0", forward=k_deg)
        net.reaction(f"{both} -> 0", forward=k_int)
    return net


_MEANING = {
    "CL": ("L/h", "clearance"),
    "V": ("L", "volume of the central compartment"),
    "Q": ("L/h", "clearance between central and peripheral"),
    "V2": ("L", "volume of the peripheral compartment"),
    "Q2": ("L/h", "clearance between central and second peripheral"),
    "V3": ("L", "volume of the second peripheral compartment"),
}


def _disposition(drug: str, compartments: int, oral: bool, free: str) -> Network:
    """The compartments, with `free` the concentration in central that is cleared and distributes (text)."""
    sides = {
        0: (),
        1: (("peripheral", "Q", "V2"),),
        2: (("peripheral", "Q", "V2"), ("peripheral2", "Q2", "V3")),
    }
    if compartments - 1 not in sides:
        raise InputError("the number of compartments must be one, two or three", found=str(compartments), example="2")
    net = Network("pharmacokinetics")

    def number(name: str) -> str:
        unit, meaning = _MEANING[name]
        address = f"{drug}.{name}_F" if oral else f"{drug}.{name}"
        net.parameter(address, unit, f"apparent {meaning} (over F)" if oral else meaning, shared=True)
        return address

    CL, V = number("CL"), number("V")
    central = f"{drug}@central"
    net.add_species(central, "nM", scale="1", meaning=f"{drug} in plasma", volume=V)
    if oral:
        net.parameter(f"{drug}.ka", "1/h", "rate of absorption", shared=True)
        net.parameter(f"{drug}.lag", "h", "lag of absorption", shared=True)
        net.add_species(f"{drug}@gut", "nM", scale="1", meaning=f"{drug} to be absorbed, over V_F", volume=V)
        net.reaction(f"{drug}@gut -> {central}", forward=f"{drug}.ka")
    net.reaction(f"{central} -> 0", rate=f"{CL} / {V} * {free}")
    for place, flow, volume in sides[compartments - 1]:
        Q, W = number(flow), number(volume)
        net.add_species(f"{drug}@{place}", "nM", scale="1", meaning=f"{drug} in the {place} tissues", volume=W)
        net.reaction(f"{central} <-> {drug}@{place}", rate=f"{Q} / {V} * ({free} - [{drug}@{place}])")
    return net
