"""Kinetic proofreading of a bivalent degrader against the published model's numbers, and against
equilibrium."""

import numpy as np
import pytest

from cereblon.mechanism.binding import cereblon, uptake
from cereblon.mechanism.bivalent import bivalent, bivalent_equilibrium
from cereblon.network.dosing import Dose

CELLS, CELL, MEDIUM = 5e3, 5e-13, 2e-4  # number, L per cell, L

BTK = {
    "bivalent.CRBN.Kd": 3100.0, "bivalent.CRBN.k_on": 3.6, "bivalent.BTK.Kd": 91.0, "bivalent.BTK.k_on": 3.6,
    "bivalent.BTK.alpha": 1.0, "bivalent.BTK.CRBN.k_on": 3.6, "bivalent.uptake": 1.0,
    "bivalent.k_exchange": 1e-12 / CELL, "BTK.total@tumour": 1.0, "BTK.t_half@tumour": np.log(2) / 0.058,
    "BTK.k_dub@tumour": 0.0, "BTK.proteasome.k_cat@tumour": 2667.0, "BTK.CRL4.k_cat@tumour": 0.0,
    "CRL4.k_ub@tumour": 2667.0, "CRBN.total@tumour": 100.0, "tumour.volume": CELLS * CELL, "medium.volume": MEDIUM,
}  # fmt: skip
"""The BTK set of Park 2023 in nM and h: amounts per cell become concentrations through the volumes."""


def degrader(target, n_ub):
    net = (bivalent("bivalent", target, n_ub) + cereblon() + uptake("bivalent", "medium", fu=False)).at("tumour")
    for place in ("tumour", "medium"):
        net.place(place, f"{place}.volume")
        net.parameter(f"{place}.volume", "L", f"volume of the {place}", shared=True)
    return net


@pytest.mark.parametrize(
    ("uM", "expected"),
    [(1e-4, 81.886), (1e-3, 18.492), (1e-2, 2.323), (0.1, 0.452), (1, 0.324), (10, 0.932), (100, 6.902)],
)
def test_kinetic_proofreading_against_check_rows(uM, expected):
    found = degrader("BTK", 3).simulate(BTK, [24], [Dose(0, "bivalent@medium", 1000 * uM * MEDIUM)])
    assert 100 * found["BTK.remaining@tumour"][-1] == pytest.approx(expected, rel=0.01)


def test_the_published_curve_of_a_bivalent_degrader_has_a_hook():
    doses = np.geomspace(1e-4, 1e2, 13) * 1000
    net = degrader("BTK", 3)
    left = [
        net.simulate(BTK, [24], [Dose(0, "bivalent@medium", d * MEDIUM)])["BTK.remaining@tumour"][-1] for d in doses
    ]
    assert 0 < int(np.argmin(left)) < len(doses) - 1
    assert left[-1] > 10 * min(left)


@pytest.mark.parametrize("alpha", [0.2, 1.0, 30.0])
def test_binding_faces_against_the_equilibrium_of_both_ends(alpha):
    """No chain and no turnover: the thermodynamic cycle must close on the closed form, whatever alpha is."""
    still = BTK | {
        "bivalent.BTK.alpha": alpha, "CRL4.k_ub@tumour": 0.0, "BTK.t_half@tumour": 1e12, "BTK.total@tumour": 50.0,
        "tumour.volume": 1e-4, "medium.volume": 1e-12,
    }  # fmt: skip
    for dose in (1.0, 100.0, 1e4, 1e6):
        found = degrader("BTK", 1).simulate(still, [200], [Dose(0, "bivalent@tumour", dose * 1e-4)], rtol=1e-9)
        expected = bivalent_equilibrium(dose, 50, 100, 91, 3100, alpha)
        assert found["bivalent.BTK.ternary@tumour"][-1] == pytest.approx(float(expected.ternary), rel=1e-5)
        assert found["bivalent:BTK@tumour"][-1] == pytest.approx(float(expected.target_drug), rel=1e-5)
        assert found["CRBN:bivalent@tumour"][-1] == pytest.approx(float(expected.drug_ligase), rel=1e-5)


def test_deubiquitination_off_the_ligase_proofreads():
    """Without it a weak ternary complex degrades nearly as well as a strong one; with it, it does not."""
    net = degrader("BTK", 4)
    dose = [Dose(0, "bivalent@medium", 10 * MEDIUM)]

    def lost(k_dub, alpha):
        values = BTK | {"BTK.k_dub@tumour": k_dub, "bivalent.BTK.alpha": alpha, "BTK.proteasome.k_cat@tumour": 60.0}
        return 1 / net.simulate(values, [24], dose)["BTK.remaining@tumour"][-1] - 1

    without, with_ = (lost(k, 10.0) / lost(k, 1.0) for k in (0.0, 5000.0))
    assert with_ > 2 * without
