"""MuSyC and BRAID against check rows, the linear system they solve, and the numbers of the package synergy."""

import numpy as np
import pytest

from cereblon.statistics.combination import BRAID, Hill, MuSyC

POINTS = np.array([(0.5, 0.5), (1, 2), (2, 4), (10, 10)]).T
FURTHER = np.array([(0.5, 0.5), (1, 2), (2, 4), (10, 10), (0.1, 30), (30, 0.1)]).T
ONE, TWO = Hill(1, 0.4, 1.2, 1), Hill(1, 0.2, 0.8, 2)


def test_musyc_against_the_check_rows() -> None:
    """checks.md, "Synergy": without synergy, and with alpha12 = 3, alpha21 = .5."""
    np.testing.assert_allclose(MuSyC(ONE, TWO, 0.05)(*POINTS), [0.653449, 0.4125, 0.272963, 0.140372], rtol=1e-5)
    found = MuSyC(ONE, TWO, 0.05, alpha12=3, alpha21=0.5)(*POINTS)
    np.testing.assert_allclose(found, [0.633763, 0.390438, 0.250116, 0.109789], rtol=1e-5)


@pytest.mark.parametrize("numbers", [(1, 1, 1, 1), (3, 0.5, 1, 1), (3, 0.5, 1.5, 0.7), (0.01, 40, 0.5, 2)])
def test_musyc_against_the_steady_state_of_its_four_states(numbers: tuple[float, ...]) -> None:
    """Wooten 2021: the null space of the rates between U, A1, A2, A12, solved as a linear system."""
    alpha12, alpha21, gamma12, gamma21 = numbers
    surface = MuSyC(ONE, TWO, 0.05, *numbers)
    for d1, d2 in FURTHER.T:
        a, b = d1**1.2, (d2 / 2) ** 0.8
        a2, b2 = (alpha21 * d1) ** (gamma21 * 1.2), (alpha12 * d2 / 2) ** (gamma12 * 0.8)
        rates = np.array([[-a - b, 1, 1, 0], [a, -1 - b2, 0, 1], [b, 0, -1 - a2, 1], [0, b2, a2, -2]])
        rates[3] = 1  # the shares add up to 1
        U, A1, A2, A12 = np.linalg.solve(rates, [0, 0, 0, 1])
        assert float(surface(d1, d2)) == pytest.approx(U + 0.4 * A1 + 0.2 * A2 + 0.05 * A12, rel=1e-10)


def test_musyc_with_gamma_against_synergy_of_wooten() -> None:
    """The Python package synergy 1.0.0: E0 1, E1 .4, E2 .2, E3 .05, h 1.2, .8, C 1, 2, alpha 3, .5, gamma 1.5, .7."""
    expected = [0.63154166, 0.36043881, 0.22248022, 0.09779168, 0.26510732, 0.37778521]
    np.testing.assert_allclose(MuSyC(ONE, TWO, 0.05, 3, 0.5, 1.5, 0.7)(*FURTHER), expected, rtol=1e-7)


def test_musyc_has_its_limits_and_beta() -> None:
    surface = MuSyC(ONE, TWO, 0.05, 3, 0.5)
    np.testing.assert_allclose(surface([0, 1e9, 0, 1e9], [0, 0, 1e12, 1e12]), [1, 0.4, 0.2, 0.05], atol=1e-6)
    assert float(surface.beta) == pytest.approx((0.2 - 0.05) / (1 - 0.2))
    assert float(surface.without_synergy.beta) == 0


def test_slopes_of_musyc_and_hill_against_differences() -> None:
    p, (d1, d2) = np.array([1, 0.4, 0.2, 0.05, 0.1, -0.2, 0.3, 0.5, 0.7, -0.4, 0.2, -0.3]), FURTHER
    for make, size, doses in ((MuSyC.of, 12, (d1, d2)), (Hill.of, 4, (d1,))):
        slopes = make(p[None, :size]).slopes(*doses)[0]
        for i in range(size):
            step = 1e-6 * (np.arange(size) == i)
            up, down = (make((p[:size] + s)[None])(*doses)[0] for s in (step, -step))
            np.testing.assert_allclose(slopes[i], (up - down) / 2e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("kappa", "expected"),
    [
        (0, [0.68587504, 0.48720625, 0.37649915, 0.26798953, 0.28028129, 0.40073081]),
        (1, [0.59767856, 0.39798938, 0.29843979, 0.20888604, 0.26348754, 0.36231639]),
        (-1, [0.80947719, 0.64004194, 0.5283665, 0.39928461, 0.29998863, 0.45014845]),
        (5, [0.4039495, 0.24274758, 0.17782635, 0.12675676, 0.21544149, 0.26765827]),
    ],
)
def test_braid_against_synergy_of_wooten(kappa: float, expected: list[float]) -> None:
    """The Python package synergy 1.0.0, whose exponents are those of Twarog 2016 with delta 1."""
    np.testing.assert_allclose(BRAID(ONE, TWO, 0.05, kappa)(*FURTHER), expected, rtol=1e-7)


def test_braid_leaves_each_drug_alone_as_it_is() -> None:
    surface, doses = BRAID(ONE, TWO, 0.05, 2.0), np.array([0, 0.1, 1, 10.0])
    np.testing.assert_allclose(surface(doses, 0), ONE(doses), atol=1e-9)
    np.testing.assert_allclose(surface(0, doses), TWO(doses), atol=1e-9)


def test_braid_with_kappa_0_is_loewe_additive_for_a_drug_with_itself() -> None:
    """Twarog 2016: with equal Hill coefficients and plateaus the surface is that of the sum of the doses."""
    drug = Hill(1, 0.1, 1.4, 3)
    np.testing.assert_allclose(BRAID(drug, drug, 0.1)([1, 2.5, 4], [4, 2.5, 1]), drug(5), rtol=1e-9)
