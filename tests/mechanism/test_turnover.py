"""Quasi-steady turnover and the law of a catalytic glue, against the check rows and against each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cereblon.ground.errors import InputError
from cereblon.mechanism import catalysis
from cereblon.mechanism.catalysis import Potency, course_linear, decompose, needed_loss, steady_linear
from cereblon.mechanism.degradation import Turnover as Cell
from cereblon.mechanism.pharmacokinetics import AUC
from cereblon.mechanism.ubiquitination import Chain, Michaelis, active_fraction, chain_flux, chain_turnover


def one_step(*, Kd_S, k_cat, **rest):
    """A cell in which one step stands for the chain."""
    return Cell(fate=Michaelis(Kd_S=Kd_S, k_cat=k_cat), **rest)


constant = st.floats(-2, 2).map(lambda x: 10.0**x)

CHECK = {"CRBN": 0.1, "S": [0.05], "Kd": 0.1, "Kd_S": [0.01], "k_cat": 20, "k_deg": 0.05}
"""The turnover row of the check values, uM and 1/h."""


@pytest.mark.parametrize(
    ("glue", "expected"),
    [(1e-4, [0.907382, 0.825486, 0.689060, 0.499124, 0.204026]),
     (1e-2, [0.014723, 0.005306, 0.005226, 0.005226, 0.005226])],
)  # fmt: skip
def test_turnover_against_check_rows(glue, expected):
    found = one_step(**CHECK).course([0.5, 1, 2, 4, 24], glue)
    np.testing.assert_allclose(found[0], expected, rtol=1e-4)


def test_time_course_ends_in_the_steady_level_of_competing_substrates():
    cell = one_step(
        CRBN=1, S=[0.5, 2, 0.1], Kd=10, Kd_S=[1, 3, 0.2], K_c=0.25, k_cat=[20, 5, 1], k_deg=[0.1, 0.2, 0.05],
        native=0.3, Kd_native=0.1,
    )  # fmt: skip
    glue = np.array([0, 0.1, 1, 10, 1000])
    found = cell.course([0, 500], glue)
    np.testing.assert_allclose(found[..., 0], 1)
    steady = cell.steady(glue)
    np.testing.assert_allclose(found[..., 1], steady, rtol=1e-6)
    assert (np.diff(steady, axis=0) < 0).all()


def test_without_cereblon_nothing_is_degraded():
    cell = one_step(**CHECK | {"CRBN": 0})
    assert cell.course([1, 100], 10).tolist() == [[1, 1]]
    assert cell.steady(10).tolist() == [1]


def test_a_decaying_glue_lets_the_substrate_return():
    found = one_step(**CHECK).course([2, 200], 1e-2, k_loss=0.5)[0]
    assert found[0] < 0.02 < 0.99 < found[1]


@given(constant, constant, constant, constant)
def test_glue_for_inverts_the_steady_level(glue, CRBN, Kd_S, native):
    cell = one_step(CRBN=CRBN, S=[0.5, 1], Kd=1, Kd_S=[Kd_S, 1], K_c=1, k_cat=[5, 2], k_deg=0.1, native=native)
    level = cell.steady(glue)
    for of in (0, 1):
        if 1 - level[of] > 1e-3:
            assert cell.glue_for(level[of], of) == pytest.approx(glue, rel=1e-6)


def test_a_level_below_the_floor_has_no_glue():
    cell = one_step(**CHECK | {"k_cat": 0.02})
    floor = cell.deepest()[0]
    assert cell.steady(1e9)[0] == pytest.approx(floor, rel=1e-6)
    assert cell.glue_for(floor * 0.99) == np.inf
    assert np.isfinite(cell.glue_for(floor * 1.01))


# --- the law ---

LINEAR = {"CRBN": 1.0, "S": [1e-5], "Kd": 157.0, "Kd_S": [1e4], "K_c": 0.25}
"""Complex small beside cereblon and substrate; k_cat is chosen to give rho = 7.54."""
RHO, K_DEG = 7.54, 0.1
K_CAT = RHO * K_DEG * 1e4 * 5


def test_law_of_a_catalytic_glue_against_check_row():
    assert catalysis.rho(K_CAT, 1.0, K_DEG, 1e4, 0.25) == pytest.approx(RHO)
    assert catalysis.Dmax(RHO) == pytest.approx(0.8829, rel=1e-4)
    assert catalysis.DC50_half_effect(157, RHO) == pytest.approx(18.38, rel=1e-3)
    assert catalysis.DC50(157, RHO) == pytest.approx(24.0, rel=1e-3)


def test_full_model_obeys_the_law_in_the_linear_regime():
    cell = one_step(**LINEAR, k_cat=K_CAT, k_deg=K_DEG)
    floor = cell.deepest()[0]
    assert 1 - floor == pytest.approx(float(catalysis.Dmax(RHO)), rel=1e-2)
    assert cell.half_effect() == pytest.approx(float(catalysis.DC50_half_effect(157, RHO)), rel=1e-2)
    assert 1 - floor == pytest.approx(1 - cell.half_effect() / 157, rel=1e-2)
    assert cell.glue_for() == pytest.approx(24.0, rel=1e-2)
    times = np.array([0.2, 0.5, 1, 2])
    found = cell.course(times, 1e9)[0]
    rate = -np.diff(np.log(found - floor)) / np.diff(times)
    np.testing.assert_allclose(rate, catalysis.approach_rate(K_DEG, RHO), rtol=1e-2)
    np.testing.assert_allclose(found, course_linear(times, 1e9, 157, RHO, K_DEG), rtol=1e-2)


@pytest.mark.parametrize(
    ("name", "Kd", "rho", "DC50", "Dmax", "half_time"),
    [("lenalidomide", 178, 3.7, 67, 0.79, 1.5), ("pomalidomide", 157, 7.5, 24, 0.88, 0.8),
     ("iberdomide", 18, 18.9, 1.0, 0.95, 0.35), ("mezigdomide", 12.6, 37, 0.35, 0.97, 0.18)],
)  # fmt: skip
def test_law_reproduces_the_starting_table(name, Kd, rho, DC50, Dmax, half_time):
    assert catalysis.DC50(Kd, rho) == pytest.approx(DC50, rel=0.02)
    assert catalysis.Dmax(rho) == pytest.approx(Dmax, abs=0.006)
    assert catalysis.half_time(0.1, rho) == pytest.approx(half_time, abs=0.03)


def test_DC50_at_4_h_lies_severalfold_above_its_steady_value():
    ratio = catalysis.DC50(157, RHO, turnovers=0.4) / catalysis.DC50_half_effect(157, RHO)
    assert 3 < ratio < 5
    cell = one_step(**LINEAR, k_cat=K_CAT, k_deg=K_DEG)
    assert cell.glue_for_at(4) == pytest.approx(float(catalysis.DC50(157, RHO, turnovers=0.4)), rel=1e-2)


@given(st.floats(0.05, 0.95), st.floats(0.01, 100))
def test_needed_loss_reaches_its_level(level, turnovers):
    r = needed_loss(turnovers, level)
    assert course_linear(turnovers, 1e12, 1, r, 1) == pytest.approx(level, rel=1e-9)
    assert r >= needed_loss(np.inf, level) - 1e-9


def test_steady_linear_is_the_end_of_the_linear_course():
    assert course_linear(1e4, 20, 157, RHO, K_DEG) == pytest.approx(float(steady_linear(20, 157, RHO)))


# --- decomposition ---

glues = st.builds(
    Potency, Kd=constant, K_c=constant, Kd_S=constant, k_cat=constant, k_deg=st.just(0.1), CRBN=st.just(10.0)
)


@given(glues, glues)
def test_potency_factors_multiply_to_the_ratio_exactly(a, b):
    found = decompose(a, b)
    expected = catalysis.DC50_half_effect(b.Kd, b.rho) / catalysis.DC50_half_effect(a.Kd, a.rho)
    assert found.ratio == pytest.approx(float(expected), rel=1e-9)
    assert decompose(b, a).ratio == pytest.approx(1 / found.ratio, rel=1e-9)


@given(glues, glues)
def test_absolute_potency_factors_multiply_to_the_ratio_exactly(a, b):
    for turnovers in (0.4, np.inf):
        need = needed_loss(turnovers, 0.5)
        if a.rho > need * 1.001 and b.rho > need * 1.001:
            expected = catalysis.DC50(b.Kd, b.rho, turnovers) / catalysis.DC50(a.Kd, a.rho, turnovers)
            assert decompose(a, b, level=0.5, turnovers=turnovers).ratio == pytest.approx(float(expected), rel=1e-6)
        else:
            continue


def test_remainder_carries_what_the_law_misses():
    mezi = Potency(Kd=12.6, K_c=49, Kd_S=1000, k_cat=38, k_deg=0.1, CRBN=100)
    poma = Potency(Kd=157, K_c=0.25, Kd_S=1000, k_cat=38, k_deg=0.1, CRBN=100)
    cell = {"CRBN": 100, "S": [200.0], "k_cat": 38, "k_deg": 0.1, "Kd_S": [1000]}
    full = one_step(Kd=157, K_c=0.25, **cell).glue_for() / one_step(Kd=12.6, K_c=49, **cell).glue_for()
    found = decompose(mezi, poma, level=0.5, full=float(full))
    assert found.ratio == pytest.approx(float(full))
    assert found.affinity == pytest.approx(157 / 12.6)
    assert found.recruitment == found.turnover == 1
    assert found.closing > 4.9
    assert found.remainder != 1


def test_unreachable_level_is_refused():
    weak = Potency(Kd=1, K_c=0.1, Kd_S=100, k_cat=1, k_deg=1, CRBN=1)
    with pytest.raises(InputError, match="out of reach"):
        decompose(weak, weak, level=0.5)


# --- chain and ligase ---


@given(constant, constant, constant, st.integers(1, 6))
def test_chain_turnover_against_the_steady_chain_solved_as_a_linear_system(k_ub, k_off, k_26S, n):
    rates = np.zeros((n + 1, n + 1))
    for i in range(n):
        rates[i, i] -= k_ub + k_off
        rates[i + 1, i] += k_ub
    rates[n, n] = -(k_off + k_26S)
    states = np.linalg.solve(rates[1:, 1:], -rates[1:, 0])
    total = 1 + states.sum()
    assert chain_flux(1, k_ub, k_off, k_26S, n) == pytest.approx(k_26S * states[-1], rel=1e-9)
    assert chain_turnover(k_ub, k_off, k_26S, n) == pytest.approx(k_26S * states[-1] / total, rel=1e-9)


@given(constant, constant, constant, constant, constant, st.integers(1, 5))
def test_chain_at_rest_against_the_linear_system_of_both_rails(closed, k_off, k_ub, k_dub, k_26S, n):
    """Synthesis into the bare free form, every other step of the network, solved as one matrix."""
    k_deg, k_on = 0.1, 2.0
    rails = np.zeros((2 * (n + 1), 2 * (n + 1)))  # off the ligase: 0..n, on it: n+1..2n+1

    def move(a, b, rate):
        rails[a, a] -= rate
        if b is not None:
            rails[b, a] += rate

    for i in range(n + 1):
        held = n + 1 + i
        move(i, held, k_on * closed)
        move(held, i, k_off)
        move(i, None, k_deg)
        move(held, None, k_deg)
        if i < n:
            move(held, held + 1, k_ub)
            move(i + 1, i, k_dub)
    move(n, None, k_26S)
    move(2 * n + 1, None, k_26S)
    made = np.zeros(len(rails))
    made[0] = -k_deg
    states = np.linalg.solve(rails, made)
    share, loss = Chain(k_off / k_on, k_on, k_ub, k_dub, k_26S, k_deg, n).at(np.array([closed]), np.array([1.0]))
    assert share[0] == pytest.approx(states[n + 1 :].sum() / states.sum(), rel=1e-8)
    assert k_deg / (k_deg + loss[0]) == pytest.approx(states.sum(), rel=1e-8)


def test_a_longer_chain_separates_residence_times_more():
    gain = [chain_flux(1, 100, 50, 1e3, n) / chain_flux(1, 100, 500, 1e3, n) for n in (1, 4)]
    assert gain[1] > 3 * gain[0]


def test_engaged_substrate_protects_the_ligase_and_the_inhibitor_silences_it():
    assert active_fraction(0.2, engaged=0.9) > 0.7
    assert active_fraction(0.2, inhibition=1) == 0


def test_pomalidomide_AUC_against_Li_2015():
    assert AUC(4e6, CL_F=8.52 * 0.913) / 1e3 == pytest.approx(514.2, rel=1e-3)
