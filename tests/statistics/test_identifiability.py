"""What a fit has determined: products by their algebra, intervals by closed forms and by the curve fits' profiles."""

import math

import numpy as np
import pytest

from cereblon.statistics.curve import fit
from cereblon.statistics.identifiability import combinations, gain, spread, without
from cereblon.statistics.least_squares import least_squares
from cereblon.statistics.profiles import profiles

WIDE = np.full(3, 3.5)


def test_a_product_is_known_where_its_factors_are_not() -> None:
    """Slopes of log(a b^2 / c) alone: the null space is what is orthogonal to (1, 2, -1)."""
    direction = np.array([1.0, 2.0, -1.0])
    C = spread(400 * np.outer(direction, direction), WIDE)
    (one,) = combinations(C, np.arange(3), 0.5)
    scaled = np.array(one.exponents) / one.exponents[0]
    np.testing.assert_allclose(scaled, direction)
    assert one.sd == pytest.approx(abs(one.exponents[0]) / 20, rel=1e-2)  # 1 / (20 |log(a b^2 / c)|)
    assert one.members == (0, 1, 2)
    assert (np.sqrt(np.diag(C)) > 1).all()  # none of them by itself


def test_two_products_of_three_are_brought_to_two_members_each() -> None:
    """ab and bc known: the echelon form has them, or their ratio a/c, but never three numbers in one."""
    J = 30 * np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
    found = combinations(spread(J.T @ J, WIDE), np.arange(3), 0.5)
    assert [len(one.members) for one in found] == [2, 2]
    span = np.array([one.exponents for one in found])
    assert np.linalg.matrix_rank(np.vstack([span, J])) == 2


def test_no_product_is_named_where_nothing_is_known_or_a_number_is_known_by_itself() -> None:
    assert combinations(spread(np.zeros((3, 3)), WIDE), np.arange(3), 0.5) == ()
    assert combinations(spread(np.diag([1e4, 1e4, 0.0]), WIDE), np.arange(3), 0.5) == ()
    assert combinations(spread(np.diag([1e4, 0.0, 0.0]), WIDE), np.array([2]), 0.5) == ()


def test_numbers_fitted_along_take_their_part_of_the_information() -> None:
    """The Schur complement of the joint information is the information without the nuisance."""
    draws = np.random.default_rng(1)
    J, N = draws.normal(size=(20, 3)), draws.normal(size=(20, 2))
    both = np.hstack([J, N])
    F = both.T @ both
    schur = F[:3, :3] - F[:3, 3:] @ np.linalg.solve(F[3:, 3:], F[3:, :3])
    left = without(J, N)
    np.testing.assert_allclose(left.T @ left, schur, rtol=1e-10)
    assert without(J, np.zeros((20, 1))) is J


def test_gain_is_half_the_logarithm_of_the_ratio_of_variances() -> None:
    """One number: variance 1/4 before, 1/16 with 12 more."""
    assert gain(np.zeros((1, 1)), np.array([[12.0]]), np.array([0.5])) == pytest.approx(1.0)
    assert gain(np.eye(1), np.zeros((1, 1)), np.array([0.5])) == 0.0


def test_profiles_side_by_side_against_those_of_the_curve_fits() -> None:
    """A 4PL through eight doses in duplicate: EC50, hill and both plateaus as `statistics.curve` profiles them."""
    x = np.repeat(10.0 ** np.arange(-2, 2, 0.5), 2)
    y = 0.1 + 0.9 / (1 + (x / 0.7) ** 1.3) + np.random.default_rng(3).normal(scale=0.03, size=x.size)
    judge = fit(x, y, "4PL")

    def predict(p: np.ndarray, which: np.ndarray) -> np.ndarray:
        bottom, top, log_EC50, log_h = (p[:, [i]] for i in range(4))
        return bottom + (top - bottom) / (1 + np.exp(np.exp(log_h) * (np.log(x) - log_EC50)))

    def slopes(p: np.ndarray, which: np.ndarray) -> np.ndarray:
        steps = np.eye(4) * 1e-5
        return np.stack([(predict(p + s, which) - predict(p - s, which)) / 2e-5 for s in steps], axis=1)

    found = least_squares(predict, np.array([[0.0, 1.0, 0.0, 0.0]]), y[None])
    J = slopes(found.numbers, np.zeros(1, dtype=np.intp))[0].T
    variance = float(found.squares[0]) / (x.size - 4)
    t = 2.178812830  # Student, 97.5 %, 12 degrees of freedom
    ends = profiles(
        predict, slopes, found.numbers[0], np.linalg.inv(J.T @ J / variance), y, np.full(x.size, 1 / variance),
        counted=np.ones(x.size, dtype=bool), far=t**2, times=t, reach=10.0,
    )  # fmt: skip
    for row, name in ((0, "bottom"), (1, "top")):
        one = getattr(judge, name)
        np.testing.assert_allclose(ends[row], [one.low, one.high], atol=0.03 * (one.high - one.low))
    for row, name in ((2, "EC50"), (3, "hill")):
        one = getattr(judge, name)
        expected = np.log([one.low, one.high])
        np.testing.assert_allclose(ends[row], expected, atol=0.03 * np.ptp(expected))


def test_a_side_that_never_costs_is_open() -> None:
    """A saturated rise, y = 1 - exp(-b): from below b is bounded where the closed form says, from above not at all."""
    y, sd = np.ones(1), 0.05

    def predict(p: np.ndarray, which: np.ndarray) -> np.ndarray:
        return 1 - np.exp(-np.exp(p[:, :1])) + 0 * p[:, 1:]

    def slopes(p: np.ndarray, which: np.ndarray) -> np.ndarray:
        b = np.exp(p[:, :1])
        return np.stack([np.exp(-b) * b, np.zeros_like(b)], axis=1)

    best = np.log([20.0, 1.0])
    ends = profiles(
        predict, slopes, best, np.diag([9.0, 9.0]), y, np.array([sd**-2]),
        counted=np.ones(1, dtype=bool), far=4.0, times=2.0, reach=6.9,
    )  # fmt: skip
    assert ends[0, 0] == pytest.approx(math.log(-math.log(2 * sd)), abs=0.02)  # exp(-b) = 2 sd
    assert ends[0, 1] == math.inf
    assert np.isinf(ends[1]).all()
