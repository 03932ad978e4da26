"""The kinetic ligase against its closed form, and what its switches must do."""

import numpy as np
import pytest

from cereblon.mechanism.binding import binding, cereblon, decay, uptake
from cereblon.mechanism.catalysis import DC50_half_effect, Dmax, decompose
from cereblon.mechanism.ligase import ligase, potency, quasi_steady
from cereblon.mechanism.ternary import competition
from cereblon.network.dosing import Dose
from cereblon.network.network import Network

SUBSTRATES = ("IKZF1", "IKZF3")
GLUES = ("mezigdomide", "pomalidomide")
LEVELS = np.geomspace(0.01, 1e4, 7)


def only(net, values):
    return {name: value for name, value in values.items() if name in net.parameters}


def test_drug_free_cell_stands_still_for_28_days(values):
    net = ligase(GLUES, SUBSTRATES, 4)
    found = net.simulate(values, [0, 1, 24, 672])
    assert found.ok
    for name in net.species:
        assert np.abs(found[name] - found[name][0]).max() <= 1e-9 * max(found[name][0], 1e-3), name
    for S in (*SUBSTRATES, "MEIS2"):
        np.testing.assert_allclose(found[f"{S}.remaining"], 1, rtol=1e-12)


def test_without_cereblon_nothing_happens(values, hold):
    net = ligase(["mezigdomide"], SUBSTRATES, 3)
    found = hold(net, values | {"CRBN.total": 0.0}, "mezigdomide", [1e4], [0, 24, 672])
    for S in SUBSTRATES:
        np.testing.assert_allclose(found[f"{S}.remaining"], 1, rtol=1e-9)
    assert (found["mezigdomide.CRBN.occupancy"] == 0).all()


@pytest.mark.parametrize("glue", GLUES)
def test_binding_network_against_the_closed_form(values, hold, glue):
    """No turnover, no chain: the network must come to rest where the closed form says, competitors and
    all."""
    still = values | {"CRL4.k_ub": 0.0, "MEIS2.CRBN.k_cat": 0.0}
    still |= {f"{S}.t_half": 1e12 for S in (*SUBSTRATES, "MEIS2")}
    found = hold(ligase([glue], SUBSTRATES, 1), still, glue, LEVELS, [0, 100], rtol=1e-9)
    pool = competition(
        LEVELS, 60, [100, 100], values[f"{glue}.CRBN.Kd"], [1000, 1000], values[f"{glue}.CRBN.K_c"],
        native=50, Kd_native=500,
    )  # fmt: skip
    np.testing.assert_allclose(found[f"CRBN:{glue}"][:, -1], pool.open, rtol=1e-6)
    np.testing.assert_allclose(found[f"CRBN*:{glue}"][:, -1], pool.closed, rtol=1e-6)
    np.testing.assert_allclose(found[f"{glue}.IKZF3.ternary"][:, -1], pool.complexes[:, 1], rtol=1e-6)
    np.testing.assert_allclose(found["CRBN:MEIS2"][:, -1], pool.native, rtol=1e-6)
    np.testing.assert_allclose(found[f"{glue}.CRBN.occupancy"][:, -1], pool.occupancy, rtol=1e-6)


@pytest.mark.parametrize("glue", GLUES)
def test_kinetic_network_against_the_quasi_steady_form_where_assumptions_coincide(values, hold, glue):
    """Fast binding, nothing queued at the 26S, nothing engaged: one point of the baseline at every time, with
    chains that bind again as often as they are trimmed (the chain itself needs minutes to fill)."""
    same = values | {f"{S}.total": 1e-3 for S in SUBSTRATES} | {"MEIS2.total": 1e-6, f"{glue}.CRBN.k_on": 100.0}
    times = [0.5, 1, 4, 24, 200]
    found = hold(ligase([glue], SUBSTRATES, 3), same, glue, LEVELS, times)
    closed = quasi_steady(same, glue, SUBSTRATES, 3).course(times, LEVELS)
    for i, S in enumerate(SUBSTRATES):
        np.testing.assert_allclose(found[f"{S}.remaining"], closed[:, i], atol=0.01)


@pytest.mark.parametrize("glue", GLUES)
def test_steady_state_of_the_network_against_the_quasi_steady_form_where_assumptions_coincide(values, hold, glue):
    same = values | {f"{S}.total": 1e-3 for S in SUBSTRATES} | {"MEIS2.total": 1e-6, "IKZF3.t_half": 2.0}
    found = hold(ligase([glue], SUBSTRATES, 3), same, glue, LEVELS, [500], rtol=1e-8)
    closed = quasi_steady(same, glue, SUBSTRATES, 3)
    steady = np.column_stack([found[f"{S}.remaining"][:, -1] for S in SUBSTRATES])
    np.testing.assert_allclose(steady, closed.steady(LEVELS), rtol=1e-4)
    np.testing.assert_allclose(closed.glue_for(steady[:4, 0]), LEVELS[:4], rtol=0.01)


@pytest.mark.parametrize("glue", GLUES)
def test_kinetic_network_stays_near_the_quasi_steady_form_in_an_ordinary_cell(values, hold, glue):
    """Left out of it: the queue at the 26S, and that binding and chains take minutes. 3 points of the baseline."""
    times = [0.5, 1, 4, 24, 200]
    found = hold(ligase([glue], SUBSTRATES, 3), values, glue, LEVELS, times)
    closed = quasi_steady(values, glue, SUBSTRATES, 3).course(times, LEVELS)
    for i, S in enumerate(SUBSTRATES):
        assert np.abs(found[f"{S}.remaining"] - closed[:, i]).max() < 0.03


def test_catalytic_law_of_the_gathered_constants_is_the_network_at_scarce_cereblon(values, hold):
    """Linear regime: Dmax and DC50 of the kinetic network from rho alone, and the factors of the potency ratio."""
    scarce = values | {"CRBN.total": 0.05, "MEIS2.total": 1e-6, "CRL4.k_ub": 36000.0}
    scarce |= {f"{S}.total": 1e-4 for S in SUBSTRATES}
    strong, weak = (potency(scarce, glue, "IKZF1", 3) for glue in GLUES)
    DC50 = {}
    for glue, law in zip(GLUES, (strong, weak), strict=True):
        found = hold(ligase([glue], SUBSTRATES, 3), scarce, glue, [1e9], [500], rtol=1e-8)
        assert 1 - found["IKZF1.remaining"][0, -1] == pytest.approx(float(Dmax(law.rho)), rel=0.01)
        DC50[glue] = float(quasi_steady(scarce, glue, SUBSTRATES, 3).half_effect())
        assert DC50[glue] == pytest.approx(float(DC50_half_effect(law.Kd, law.rho)), rel=0.01)
    split = decompose(strong, weak, full=DC50[GLUES[1]] / DC50[GLUES[0]])
    assert split.remainder == pytest.approx(1, abs=0.01)
    assert split.affinity == pytest.approx(157 / 12.6)


def test_glue_shows_no_hook_effect_in_the_kinetic_network(values, hold):
    levels = np.geomspace(1e-3, 1e7, 21)
    found = hold(ligase(["mezigdomide"], SUBSTRATES, 3), values, "mezigdomide", levels, [4, 24])
    assert (np.diff(found["IKZF1.remaining"], axis=0) <= 1e-6).all()


def test_closing_separates_glues_of_equal_affinity(values, hold):
    loose = values | {"mezigdomide.CRBN.K_c": 0.25}
    net = ligase(["mezigdomide"], SUBSTRATES, 3)
    shut = hold(net, values, "mezigdomide", [10.0], [24])
    open_ = hold(net, loose, "mezigdomide", [10.0], [24])
    assert shut["IKZF1.remaining"] < 0.6 * open_["IKZF1.remaining"]


def test_NEDD8_inhibitor_abolishes_degradation_after_pre_incubation(values):
    net = ligase(["mezigdomide"], SUBSTRATES, 3)
    dose = [Dose(24, "mezigdomide", 1000.0)]
    times = [24, 48]
    given = only(net, values)
    assert net.simulate(given, times, dose)["IKZF1.remaining"][-1] < 0.1
    silent = net.simulate(given | {"CRL4.inhibition": 1.0}, times, dose)
    np.testing.assert_allclose(silent["IKZF1.remaining"], 1, atol=1e-6)
    assert silent["CRL4*"][0] < 1e-6


def test_NEDD8_inhibitor_without_pre_incubation_lets_some_degradation_through(values):
    net = ligase(["mezigdomide"], SUBSTRATES, 3)
    slow = only(net, values) | {"CRL4.k_ned": 0.05, "CRL4.inhibition": 1.0}
    after = np.array([0, 1, 2, 4, 8, 24])
    at_once = net.simulate(slow, after, [Dose(0, "mezigdomide", 1000.0)])["IKZF1.remaining"].min()
    waited = net.simulate(slow, after + 48, [Dose(48, "mezigdomide", 1000.0)])["IKZF1.remaining"].min()
    assert at_once < 0.8 < 0.99 < waited


def test_seventy_percent_proteasome_inhibition_shifts_Dmax_by_a_few_points_only(values, hold):
    net = ligase(["mezigdomide"], SUBSTRATES, 3)
    Dmax = {
        i: 1 - hold(net, values | {"proteasome.inhibition": i}, "mezigdomide", [1e4], [24])["IKZF1.remaining"][0, 0]
        for i in (0.0, 0.7, 0.999)
    }
    assert 0 <= Dmax[0.0] - Dmax[0.7] < 0.05
    assert Dmax[0.0] - Dmax[0.999] > 0.1  # capacity is spare, not endless


def test_a_full_proteasome_is_shared(values, hold):
    net = ligase(["mezigdomide"], SUBSTRATES, 3)
    busy = values | {"proteasome.load": 1e5, "proteasome.capacity": 1e4}
    free = hold(net, values, "mezigdomide", [1e3], [24])["IKZF1.remaining"]
    assert hold(net, busy, "mezigdomide", [1e3], [24])["IKZF1.remaining"] > free + 0.05


def test_glue_blocks_MEIS2_from_cereblon_and_it_rises(values, hold):
    found = hold(ligase(["mezigdomide"], SUBSTRATES, 3), values, "mezigdomide", [1e4], [0, 200])
    assert found["CRBN:MEIS2"][0, -1] < 0.01 * found["CRBN:MEIS2"][0, 0]
    assert found["MEIS2.remaining"][0, -1] > 1.005


def test_engaged_substrate_protects_the_ligase(values, hold):
    net = ligase(["mezigdomide"], SUBSTRATES, 3, native_substrate=None)
    held = values | {"CRL4.k_ub": 0.0, "mezigdomide.IKZF1.Kd": 1.0}
    found = hold(net, held, "mezigdomide", [1e3], [0, 24])["CRL4*"][0]
    assert found[0] == 0.2
    assert found[-1] > 0.5


def test_neosubstrates_compete_for_cereblon(values, hold):
    """Sperling 2019: a rival substrate in excess slows the loss of IKZF1."""
    net = ligase(["mezigdomide"], SUBSTRATES, 3)
    rival = values | {"IKZF3.total": 3e4, "IKZF3.t_half": 0.2, "mezigdomide.IKZF3.Kd": 1.0}  # made faster than lost
    alone = hold(net, values, "mezigdomide", [10.0], [4])["IKZF1.remaining"]
    assert hold(net, rival, "mezigdomide", [10.0], [4])["IKZF1.remaining"] > alone + 0.2


def test_a_glue_that_closes_less_antagonises_one_that_closes_more(values):
    net = ligase(GLUES, SUBSTRATES, 3)
    strong = Dose(0, "mezigdomide", 100.0)
    weak = values | {"pomalidomide.CRBN.K_c": 1e-3}
    alone = net.simulate(weak, [8], [strong])["IKZF1.remaining"][-1]
    both = net.simulate(weak, [8], [strong, Dose(0, "pomalidomide", 1e6)])["IKZF1.remaining"][-1]
    assert both > alone + 0.3


def test_glue_catalyses(values):
    """One glue destroys many substrates: fewer glue molecules than substrates suffice."""
    net = ligase(["mezigdomide"], SUBSTRATES, 3)
    found = net.simulate(only(net, values), [48], [Dose(0, "mezigdomide", 20.0)])
    assert 100 * (2 - found["IKZF1.remaining"][-1] - found["IKZF3.remaining"][-1]) > 2 * 20


# --- the way into the cell ---


def last(net, values, time, doses=()):
    result = net.simulate(values, [time], doses)
    assert result.ok
    return {name: result[name][-1] for name in net.species}


def dish(**volumes):
    net = (cereblon() + binding("mezigdomide") + uptake("mezigdomide", "medium", fu=False)).at("tumour")
    net += decay("mezigdomide")
    for place in ("tumour", "medium"):
        net.place(place, f"{place}.volume")
        net.parameter(f"{place}.volume", "L", f"volume of the {place}", shared=True)
    values = {
        "mezigdomide.CRBN.Kd": 12.6, "mezigdomide.CRBN.K_c": 49.0, "mezigdomide.CRBN.k_on": 0.36,
        "mezigdomide.CRBN.k_close": 3600.0, "mezigdomide.uptake": 3.0, "mezigdomide.k_exchange": 10.0,
        "mezigdomide.medium.t_half": 1e12, "CRBN.total@tumour": 60.0, "tumour.volume": 1e-6, "medium.volume": 1e-4,
    }  # fmt: skip
    return net, values | volumes


def test_free_glue_in_the_cell_comes_to_uptake_times_medium():
    net, values = dish()
    found = last(net, values, 100, [Dose(0, "mezigdomide@medium", 1.0)])
    assert found["mezigdomide@tumour"] == pytest.approx(3 * found["mezigdomide@medium"], rel=1e-6)


def test_cells_empty_a_dilute_medium_of_a_tight_glue():
    net, values = dish()
    nominal = 0.1  # nM in 1e-4 L
    found = last(net, values, 100, [Dose(0, "mezigdomide@medium", nominal * 1e-4)])
    assert found["mezigdomide@medium"] < 0.95 * nominal
    held = found["mezigdomide@tumour"] + found["CRBN:mezigdomide@tumour"] + found["CRBN*:mezigdomide@tumour"]
    assert found["mezigdomide@medium"] * 1e-4 + held * 1e-6 == pytest.approx(nominal * 1e-4, rel=1e-6)


def test_glue_decays_in_medium_with_its_half_life():
    net, values = dish(**{"mezigdomide.medium.t_half": 8.0, "CRBN.total@tumour": 0.0, "tumour.volume": 1e-12})
    found = last(net, values, 8, [Dose(0, "mezigdomide@medium", 1.0)])
    assert found["mezigdomide@medium"] == pytest.approx(0.5e4, rel=1e-4)


def test_a_cell_that_does_not_draw_leaves_plasma_alone():
    plasma = Network("plasma")
    plasma.add_species("mezigdomide@central", "nM", initial="1", scale="1")
    net = (cereblon() + binding("mezigdomide") + uptake("mezigdomide", "central", draws=False)).at("tumour") + plasma
    values = only(net, dish()[1]) | {"mezigdomide.fu": 0.1}
    found = last(net, values, 100)
    assert found["mezigdomide@central"] == 1
    assert found["mezigdomide@tumour"] == pytest.approx(0.3, rel=1e-6)
