"""Closed-form equilibria against the check values and against their own laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cereblon.mechanism.binding import (
    Kd_apparent,
    Kd_open,
    closed_fraction,
    closing_constant,
    competent_occupancy,
    competitive_occupancy,
    occupancy,
)
from cereblon.mechanism.bivalent import bivalent_equilibrium, peak_drug, ternary_peak
from cereblon.mechanism.equilibrium import complex_of, rising_root
from cereblon.mechanism.ternary import K_app, competition, depletion, ternary_complex

constant = st.floats(-4, 4).map(lambda x: 10.0**x)


# --- the check rows ---


@pytest.mark.parametrize(
    ("drug", "expected"),
    [
        (0.01, 0.94192), (0.1, 8.20814), (0.3, 16.8618), (0.5, 19.5601),
        (1, 20.0532), (3, 15.2191), (10, 7.49367), (100, 0.968907),
    ],
)  # fmt: skip
def test_bivalent_ternary_against_check_rows(drug, expected):
    found = bivalent_equilibrium(drug, target=0.2, ligase=0.5, Kd_target=0.091, Kd_ligase=3.1)
    assert 1000 * found.ternary == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("alpha", [1, 10, 100])
def test_bivalent_peak_against_a_search(alpha):
    at = float(peak_drug(0.2, 0.5, 0.091, 3.1))
    assert at == pytest.approx(0.77501, rel=1e-5)
    drugs = np.append(np.geomspace(0.1, 5, 4001), at)
    found = bivalent_equilibrium(drugs, 0.2, 0.5, 0.091, 3.1, alpha).ternary
    assert found[-1] == pytest.approx(float(ternary_peak(0.2, 0.5, 0.091, 3.1, alpha)), rel=1e-12)
    assert found[:-1].max() <= found[-1]


def test_bivalent_peak_height_against_the_check_row():
    assert 1000 * ternary_peak(0.2, 0.5, 0.091, 3.1) == pytest.approx(20.27168, rel=1e-6)


def test_bivalent_without_cooperativity_against_the_published_closed_form():
    drugs = np.geomspace(1e-3, 1e3, 31)
    published = complex_of(0.2, drugs, 0.091) * complex_of(0.5, drugs, 3.1) / drugs
    found = bivalent_equilibrium(drugs, 0.2, 0.5, 0.091, 3.1)
    np.testing.assert_allclose(found.ternary, published, rtol=1e-12)


def test_glue_ternary_against_check_rows():
    totals = [0.001, 0.01, 0.1, 1, 10, 100]
    expected = [0.000710472, 0.00674188, 0.0337314, 0.0419693, 0.0425261, 0.0425777]
    found = depletion(totals, CRBN=0.1, S=[0.05], Kd=0.1, Kd_S=[0.01])
    np.testing.assert_allclose(found.complexes[:, 0], expected, rtol=2e-6)
    assert ternary_complex(1e12, 0.1, 0.05, 0.1, 0.01) == pytest.approx(0.0425834, rel=2e-6)


@pytest.mark.parametrize(
    ("K_c", "expected"),
    [
        (0.25, [0.00249, 0.02382, 0.16905, 0.46093, 0.56976]),
        (99, [0.41614, 0.75499, 0.83931, 0.84938, 0.85041]),
    ],
)
def test_closing_against_check_rows(K_c, expected):
    free = np.array([0.001, 0.01, 0.1, 1, 10])
    bound = ternary_complex(free, CRBN=0.1, S=0.05, Kd=Kd_apparent(1, K_c), Kd_S=0.01, K_c=K_c) / 0.05
    np.testing.assert_allclose(bound, expected, atol=6e-6)


# --- binding and closing ---


@given(constant, constant)
def test_apparent_and_open_constants_are_inverse(Kd, K_c):
    assert Kd_apparent(Kd_open(Kd, K_c), K_c) == pytest.approx(Kd, rel=1e-12)
    assert closing_constant(closed_fraction(K_c)) == pytest.approx(K_c, rel=1e-9)


@given(constant, constant, constant)
def test_apparent_Kd_gives_the_occupancy_of_both_bound_states(glue, Kd, K_c):
    open_ = glue / Kd_open(Kd, K_c)
    closed = open_ * K_c
    assert occupancy(glue, Kd) == pytest.approx((open_ + closed) / (1 + open_ + closed), rel=1e-10)
    assert competent_occupancy(glue, Kd, K_c) == pytest.approx(closed / (1 + open_ + closed), rel=1e-10)


def test_a_second_glue_takes_the_pocket_from_the_first():
    alone = occupancy(1, 1)
    shared = competitive_occupancy([1, 100], [1, 1])
    assert shared[0] < alone / 10
    assert shared.sum() == pytest.approx(float(occupancy(101, 1)))


# --- the laws of a glue ---


@given(constant, constant, constant, constant, constant)
def test_glue_shows_no_hook_effect(CRBN, S, Kd, Kd_S, K_c):
    glue = np.geomspace(1e-6, 1e8, 60)
    by_free = ternary_complex(glue, CRBN, S, Kd, Kd_S, K_c)
    by_total = depletion(glue, CRBN, [S], Kd, [Kd_S], K_c).complexes[:, 0]
    for found in (by_free, by_total):
        assert (np.diff(found) >= -1e-12 * found.max()).all()
        assert (found <= min(CRBN, S)).all()
    plateau = complex_of(CRBN, S, Kd_S / closed_fraction(K_c))
    assert by_free.max() <= plateau * (1 + 1e-12)


def test_bivalent_shows_the_hook_that_a_glue_does_not():
    drugs = np.geomspace(1e-2, 1e4, 50)
    hook = bivalent_equilibrium(drugs, 0.2, 0.5, 0.091, 3.1).ternary
    assert hook[-1] < hook.max() / 100
    assert np.argmax(depletion(drugs, 0.5, [0.2], 3.1, [0.091]).complexes[:, 0]) == len(drugs) - 1


def test_glue_EC50_lies_left_of_its_Kd_when_cereblon_exceeds_the_recruitment_constant():
    glue = np.geomspace(1e-5, 1e3, 2001)
    found = ternary_complex(glue, CRBN=1, S=0.05, Kd=0.1, Kd_S=0.01)
    assert glue[np.searchsorted(found, found.max() / 2)] < 0.1 / 10


@given(constant, constant, constant, constant, constant, constant)
def test_depletion_conserves_cereblon_glue_and_obeys_mass_action(glue, CRBN, S, Kd, Kd_S, K_c):
    pool = depletion(glue, CRBN, [S], Kd, [Kd_S], K_c)
    held = pool.bound + pool.complexes.sum(-1)
    assert pool.glue + held == pytest.approx(glue, rel=1e-12)
    assert pool.free + held == pytest.approx(CRBN, rel=1e-12)
    # the free glue it reports gives the same complex through the explicit formula
    if pool.glue > 1e-6 * glue and pool.free > 1e-6 * CRBN:
        assert pool.complexes[0] == pytest.approx(ternary_complex(pool.glue, CRBN, S, Kd, Kd_S, K_c), rel=1e-7)


@given(
    st.lists(st.tuples(constant, constant), min_size=1, max_size=6),
    constant,
    constant,
    constant,
    constant,
    constant,
)
def test_competition_balances_every_pool(partners, glue, CRBN, Kd, K_c, native):
    S, Kd_S = np.array(partners).T
    pool = competition(glue, CRBN, S, Kd, Kd_S, K_c, native=native, Kd_native=1)
    assert pool.total == pytest.approx(CRBN, rel=1e-9)
    np.testing.assert_allclose(pool.complexes * Kd_S, pool.closed * (S - pool.complexes), rtol=1e-6, atol=1e-9 * CRBN)
    assert (pool.complexes <= S * (1 + 1e-12)).all()
    assert pool.native <= native


def test_competition_of_one_is_the_quadratic():
    glue = np.geomspace(1e-4, 1e4, 40)
    pool = competition(glue, 0.1, [0.05], 1, [0.01], 0.25)
    np.testing.assert_allclose(pool.complexes[:, 0], ternary_complex(glue, 0.1, 0.05, 1, 0.01, 0.25), rtol=1e-10)


def test_another_substrate_takes_cereblon_from_the_first():
    one = competition(10, 0.1, [0.2], 1, [0.01]).complexes[0]
    two = competition(10, 0.1, [0.2, 1.0], 1, [0.01, 0.01]).complexes[0]
    assert two < one / 3


def test_glue_blocks_the_native_substrate():
    pool = competition([0, 1, 1e6], 0.1, [0.05], 1, [0.01], native=0.1, Kd_native=0.05)
    assert pool.native[0] == pytest.approx(float(complex_of(0.1, 0.1, 0.05)), rel=1e-12)
    assert pool.native[0] > pool.native[1] > pool.native[2]
    assert pool.native[2] < 1e-6


def test_no_glue_and_no_cereblon_give_no_complex():
    assert ternary_complex(0, 1, 1, 1, 1) == 0
    assert ternary_complex(1, 0, 1, 1, 1) == 0
    assert K_app(0, 1, 1) == np.inf
    assert competition(0, 1, [1, 1], 1, [1, 1]).complexes.tolist() == [0, 0]
    assert depletion(0, 1, [1], 1, [1]).complexes.tolist() == [0]
    assert bivalent_equilibrium(0, 1, 1, 1, 1).ternary == 0


def test_an_unknown_constant_stays_unknown():
    assert np.isnan(ternary_complex(1, 1, 1, np.nan, 1)) or ternary_complex(1, 1, 1, np.nan, 1) != 0
    assert np.isnan(rising_root(lambda x: x - np.nan, 0, 1))


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=5))
def test_root_of_a_cubic_is_found(at):
    at = np.array(at)
    found = rising_root(lambda x: (x - at) ** 3 + 1e-3 * (x - at), np.full(at.shape, -9.0), 9)
    np.testing.assert_allclose(found, at, atol=1e-9)


def test_a_root_outside_the_bracket_gives_the_nearer_end():
    assert rising_root(lambda x: x + 1, [0, 0], [1, 2]).tolist() == [0, 0]
    assert rising_root(lambda x: x - 5, [0, 0], [1, 2]).tolist() == [1, 2]
    assert rising_root(lambda x: x, 0, 1) == 0
