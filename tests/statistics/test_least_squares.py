"""Many least-squares problems side by side, judged by scipy one at a time, and by the fitter of single curves."""

import numpy as np
import pytest
from scipy import optimize

from cereblon.statistics.combination.hill import Box, Hill, fit_curves
from cereblon.statistics.curve import fit
from cereblon.statistics.least_squares import least_squares

DOSES = np.r_[0.0, np.logspace(-2, 2, 9)]


@pytest.fixture(scope="module")
def noisy():  # type: ignore[no-untyped-def]
    truth = Hill(1.0, 0.1, 1.3, 1.0)(DOSES)
    return truth + np.random.default_rng(3).normal(0, 0.03, (12, DOSES.size))


def test_curves_against_scipy_one_at_a_time(noisy):  # type: ignore[no-untyped-def]
    box = Box(-1.0, 2.0)
    curves, found = fit_curves(DOSES, noisy, np.ones(DOSES.size), box)
    low, high = [-1, -1, np.log(0.1), np.log(1e-5)], [2, 2, np.log(10), np.log(1e5)]
    for row, y in enumerate(noisy):
        judge = optimize.least_squares(
            lambda p, y=y: Hill.of(p[None])(DOSES)[0] - y, [1, 0, 0, 0], bounds=(low, high), xtol=1e-14, ftol=1e-14,
        )  # fmt: skip
        assert found.squares[row] == pytest.approx(2 * judge.cost, rel=1e-9)
        np.testing.assert_allclose(curves.numbers[row], judge.x, atol=2e-6)


def test_curves_against_the_fitter_of_single_curves(noisy):  # type: ignore[no-untyped-def]
    """Two solvers, one curve: what intervals are drawn around is what `Readings.fit` reports."""
    curves, _ = fit_curves(DOSES, noisy[:3], np.ones(DOSES.size), Box(-1.0, 2.0))
    for row in range(3):
        judge = fit(DOSES, noisy[row], "4PL")
        assert float(curves.EC50[row, 0]) == pytest.approx(judge.EC50.value, rel=1e-5)
        assert float(curves.hill[row, 0]) == pytest.approx(judge.hill.value, rel=1e-5)
        assert float(curves.Emax[row, 0]) == pytest.approx(judge.bottom.value, abs=1e-6)


def test_a_problem_does_not_depend_on_its_neighbours(noisy):  # type: ignore[no-untyped-def]
    box, ones = Box(-1.0, 2.0), np.ones(DOSES.size)
    together, alone = fit_curves(DOSES, noisy, ones, box)[1], fit_curves(DOSES, noisy[5:6], ones, box)[1]
    np.testing.assert_allclose(together.numbers[5], alone.numbers[0], rtol=1e-9)


def test_a_missing_point_is_as_if_it_were_not_there(noisy):  # type: ignore[no-untyped-def]
    box, holed = Box(-1.0, 2.0), noisy[:1].copy()
    holed[0, 4] = np.nan
    keep = np.arange(DOSES.size) != 4
    with_hole, without = (
        fit_curves(DOSES, holed, np.ones(DOSES.size), box)[1],
        fit_curves(DOSES[keep], noisy[:1, keep], np.ones(keep.sum()), box)[1],
    )
    np.testing.assert_allclose(with_hole.numbers, without.numbers, atol=1e-6)


def test_a_number_pushed_outward_ends_on_its_bound_and_the_others_at_their_best() -> None:
    """y = a + b x with b <= 1 where the data say 2: then a is the mean of y - x."""
    x = np.arange(5.0)
    y = 3 + 2 * x

    def line(p, rows):  # type: ignore[no-untyped-def]
        return p[:, :1] + p[:, 1:] * x

    found = least_squares(line, np.zeros((1, 2)), y[None], low=[-10, -1], high=[20, 1])
    np.testing.assert_allclose(found.numbers[0], [(y - x).mean(), 1.0], atol=1e-8)
    assert found.settled.all()


def test_weights_count_a_point_as_often_as_they_say() -> None:
    def mean(p, rows):  # type: ignore[no-untyped-def]
        return p * np.ones(3)

    found = least_squares(mean, np.zeros((1, 1)), np.array([[0.0, 1.0, 2.0]]), [1.0, 1.0, 2.0])
    assert found.numbers[0, 0] == pytest.approx(5 / 4)
