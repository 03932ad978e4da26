"""Simeoni's tumour against its published numbers (checks.md) and its own closed forms."""

import numpy as np
import pytest

from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import check_address
from cereblon.mechanism.xenograft import growth_delay, switch_mass, tumour_static, xenograft
from cereblon.statistics.growth import growth_rate_of_AUC

DAY, NG_ML = 24.0, 1e-6
PACLITAXEL = {
    "xenograft.mass": 0.05, "xenograft.growth": 0.273 / DAY, "xenograft.linear_growth": 0.814 / DAY,
    "xenograft.sharpness": 20.0, "xenograft.k_transit": 0.968 / DAY,
}  # fmt: skip
"""Simeoni 2004, paclitaxel, experiment 1."""
POTENCY = 6.29e-4 / DAY / NG_ML


def treated():
    net = xenograft(3, "drug.potency * drug.level")
    net.parameter("drug.potency", "mL/ng/h", "kill per concentration")
    net.parameter("drug.level", "ng/mL", "concentration held")
    return net


def masses(level, days, **options):
    values = PACLITAXEL | {"drug.potency": POTENCY, "drug.level": np.asarray(level) * NG_ML}
    found = treated().simulate(values, np.asarray(days) * DAY, **options)
    assert found.ok
    return found["xenograft.measured"]


def test_control_against_its_check_rows():
    expected = [0.76664, 2.28475, 7.05917, 15.19917, 23.33917]
    np.testing.assert_allclose(masses(0.0, [10, 14, 20, 30, 40]), expected, rtol=1e-4)


def test_treated_tumour_against_its_check_rows():
    np.testing.assert_allclose(masses(100.0, [10, 20, 30]), [0.463190, 3.664744, 8.139049], rtol=1e-4)


def test_growth_turns_linear_at_the_switch():
    mass = switch_mass(0.273, 0.814)
    assert mass == pytest.approx(2.98168, rel=1e-5)
    # the pure exponential reaches it on day 14.975
    assert np.log(mass / 0.05) / 0.273 == pytest.approx(14.975, rel=1e-4)
    late = masses(0.0, [30, 31])
    assert late[1] - late[0] == pytest.approx(0.814, rel=1e-4)


def test_the_static_concentration_stops_the_living_cells():
    level = tumour_static(0.273, 6.29e-4)
    assert level == pytest.approx(434.022, rel=1e-5)
    found = treated().simulate(
        PACLITAXEL | {"drug.potency": POTENCY, "drug.level": float(level) * NG_ML}, [0, 5 * DAY, 60 * DAY]
    )
    np.testing.assert_allclose(found["xenograft~growing"], 0.05, rtol=1e-5)
    assert found["xenograft.measured"][-1] > 0.05  # the calliper sees dying cells too


def test_growth_delay_against_the_simulated_one():
    """A short exposure in the exponential phase shifts the curve by k2 AUC / growth."""
    net, small = treated(), PACLITAXEL | {"xenograft.mass": 1e-4, "drug.potency": POTENCY}
    days = np.linspace(0, 25, 2501)
    control = net.simulate(small | {"drug.level": 0.0}, days * DAY)["xenograft.measured"]
    held = net.simulate(small | {"drug.level": 100 * NG_ML}, [0, 2 * DAY])
    living, dying = held["xenograft~growing"][-1], held["xenograft.measured"][-1]
    assert dying > living
    # two days of exposure take living cells back by as many days as the formula says
    behind = 2 - np.log(living / 1e-4) / 0.273
    assert behind == pytest.approx(float(growth_delay(0.273, 6.29e-4, 100 * 2)), rel=1e-3)
    assert growth_rate_of_AUC(days[:1001], control[:1001]) == pytest.approx(0.273, rel=1e-3)


def test_more_drug_means_a_smaller_tumour():
    assert (np.diff(masses([0.0, 10, 100, 400, 1000], [5, 10, 20, 30])[:, 1:], axis=0) < 0).all()


def test_a_tumour_without_stages_of_damage_is_refused():
    with pytest.raises(InputError, match="at least one"):
        xenograft(0)


def test_every_address_is_made_of_known_words():
    net = xenograft(3)
    for name in (*net.parameters, *net.derived, *net.observables, *net.species):
        check_address(name)


def test_a_tumour_that_is_held_up_grows_by_that_share():
    net = xenograft(1, held="held.share")
    net.parameter("held.share", "1", "share of growth left")
    grown = net.simulate(PACLITAXEL | {"held.share": [1.0, 0.5, 0.0]}, [0, 5 * DAY])["xenograft.measured"][:, -1]
    np.testing.assert_allclose(np.log(grown / 0.05), 0.273 * 5 * np.array([1.0, 0.5, 0.0]), atol=1e-6)


def test_killed_cells_are_seen_until_the_host_has_cleared_them():
    """One stage: growing cells fall at kill - growth, the dead are cleared at their own rate."""
    net = xenograft(1, "kill.rate")
    net.parameter("kill.rate", "1/h", "kill")
    k, growth, clear = 0.5, 0.273, 0.968
    days = np.array([0.0, 1, 3, 6])
    found = net.simulate(PACLITAXEL | {"kill.rate": k / DAY}, days * DAY)
    living = 0.05 * np.exp((growth - k) * days)
    dead = 0.05 * k / (clear + growth - k) * (np.exp((growth - k) * days) - np.exp(-clear * days))
    np.testing.assert_allclose(found["xenograft~growing"], living, rtol=1e-5)
    np.testing.assert_allclose(found["xenograft.measured"], living + dead, rtol=1e-5)
