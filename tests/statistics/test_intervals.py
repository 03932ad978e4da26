"""Intervals of a proportion, isotonic regression, the beta-binomial: against published numbers, SciPy, statsmodels."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom, binomtest
from statsmodels.stats.proportion import proportion_confint

from cereblon.ground.errors import InputError
from cereblon.statistics.beta_binomial import posterior, predictive, probability_above
from cereblon.statistics.intervals import clopper_pearson, jeffreys, newcombe, wilson
from cereblon.statistics.isotonic import isotonic

COUNTS = [(0, 1), (1, 1), (0, 10), (3, 7), (15, 30), (41, 101), (75, 101), (101, 101)]


@pytest.mark.parametrize(
    ("events", "n", "low", "high"), [(41, 101, 0.3093, 0.5082), (15, 30, 0.3130, 0.6870), (0, 10, 0.0, 0.3085)]
)
def test_clopper_pearson_against_published_values(events: int, n: int, low: float, high: float) -> None:
    """checks.md, row Intervals."""
    found = clopper_pearson(events, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_wilson_against_a_published_value() -> None:
    """checks.md, row Intervals."""
    found = wilson(41, 101)
    assert (found.low, found.high) == pytest.approx((0.3153, 0.5035), abs=5e-5)


@pytest.mark.parametrize(("events", "n"), COUNTS)
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_clopper_pearson_and_wilson_against_scipy_binomtest(events: int, n: int, level: float) -> None:
    for ours, method in ((clopper_pearson, "exact"), (wilson, "wilson")):
        judge = binomtest(events, n).proportion_ci(level, method=method)
        found = ours(events, n, level)
        assert (found.low, found.high) == pytest.approx((judge.low, judge.high), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("events", "n"), [(3, 7), (15, 30), (41, 101)])
def test_jeffreys_against_statsmodels(events: int, n: int) -> None:
    found = jeffreys(events, n)
    assert (found.low, found.high) == pytest.approx(proportion_confint(events, n, method="jeffreys"), rel=1e-9)


def test_jeffreys_at_the_ends_is_one_sided_as_brown_cai_and_dasgupta_have_it() -> None:
    assert jeffreys(0, 10).low == 0
    assert jeffreys(0, 10).high == pytest.approx(0.2172, abs=5e-5)  # 2001, table of the Jeffreys interval
    assert jeffreys(10, 10).high == 1


def test_an_exact_upper_bound_without_events_is_a_closed_form() -> None:
    assert clopper_pearson(0, 10, side="upper").high == pytest.approx(1 - 0.05 ** (1 / 10), rel=1e-12)
    assert clopper_pearson(0, 10).high == pytest.approx(1 - 0.025 ** (1 / 10), rel=1e-12)


@pytest.mark.parametrize("interval", [clopper_pearson, wilson, jeffreys])
@pytest.mark.parametrize(("events", "n"), COUNTS)
def test_a_one_sided_bound_is_an_end_of_the_wider_interval(interval, events: int, n: int) -> None:  # type: ignore[no-untyped-def]
    both = interval(events, n, 0.9)
    lower, upper = interval(events, n, 0.95, side="lower"), interval(events, n, 0.95, side="upper")
    assert (lower.low, upper.high) == pytest.approx((both.low, both.high), rel=1e-12)
    assert (lower.high, upper.low) == (1, 0)


def test_clopper_pearson_never_covers_less_than_it_says_and_wilson_does_on_average() -> None:
    n, shares = 20, np.linspace(0.02, 0.98, 97)
    covered = {}
    for interval in (clopper_pearson, wilson):
        ends = [interval(y, n) for y in range(n + 1)]
        inside = np.array([[e.low <= p <= e.high for e in ends] for p in shares])
        covered[interval] = (inside * binom.pmf(np.arange(n + 1), n, shares[:, None])).sum(axis=1)
    assert covered[clopper_pearson].min() > 0.95
    assert covered[wilson].min() < 0.95 < covered[wilson].mean() + 0.005


@pytest.mark.parametrize("interval", [clopper_pearson, wilson, jeffreys])
@pytest.mark.parametrize(("events", "n"), [(3, 2), (-1, 2), (0, 0), (1.5, 3), (math.nan, 3)])
def test_counts_that_are_none_are_refused(interval, events: float, n: int) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match="from 0 to n"):
        interval(events, n)


def test_a_level_or_side_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        wilson(1, 3, 95)
    with pytest.raises(InputError, match="both, lower, upper"):
        wilson(1, 3, side="left")


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_isotonic_regression_rises_and_keeps_the_mean(values: list[float]) -> None:
    found = isotonic(values, [1.0] * len(values))
    assert (np.diff(found) >= -1e-12).all()
    assert np.mean(found) == pytest.approx(np.mean(values), abs=1e-12)


def test_isotonic_regression_against_scipy() -> None:
    from scipy.optimize import isotonic_regression

    values, weights = [0.017, 0.017, 0.268, 0.445, 0.1], [50.0, 40.0, 77.0, 30.0, 9.0]
    assert isotonic(values, weights) == pytest.approx(isotonic_regression(values, weights=weights).x, rel=1e-12)


def test_predictive_probability_against_lee_and_liu() -> None:
    """Lee and Liu 2008: 40 patients, prior Beta(.6, .4), p0 .6, certainty .9; 16 responses of 23."""
    assert predictive(16, 23, 40, 0.6, 0.9, (0.6, 0.4)) == pytest.approx(0.5656, abs=5e-5)


@pytest.mark.parametrize(("events", "n", "planned"), [(0, 0, 12), (4, 9, 20), (9, 9, 15)])
def test_predictive_probability_against_scipy_betabinom(events: int, n: int, planned: int) -> None:
    a, b, m = 1 + events, 1 + n - events, planned - n
    expected = sum(
        betabinom.pmf(i, m, a, b) for i in range(m + 1) if probability_above(0.3, events + i, planned) > 0.9
    )
    assert predictive(events, n, planned, 0.3, 0.9) == pytest.approx(expected, rel=1e-9)


def test_predictive_probability_of_a_finished_trial_is_its_result() -> None:
    assert predictive(20, 40, 40, 0.3, 0.95) == 1
    assert predictive(10, 40, 40, 0.3, 0.95) == 0


def test_posterior_of_nothing_is_the_prior() -> None:
    found = posterior(0, 0, (2, 6))
    assert found.value == 0.25
    assert probability_above(0.25, 0, 0, (1, 1)) == pytest.approx(0.75)


def test_a_prior_or_plan_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="beta prior"):
        posterior(1, 2, (0, 1))
    with pytest.raises(InputError, match="fewer are planned"):
        predictive(1, 5, 4, 0.3)
    with pytest.raises(InputError, match="share"):
        probability_above(30, 1, 2)


@pytest.mark.parametrize(
    ("more", "less", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((5, 56), (0, 29), -0.0381, 0.1926),
     ((0, 10), (0, 10), -0.2775, 0.2775)],
)  # fmt: skip
def test_newcombe_against_the_table_of_newcombe_1998(
    more: tuple[int, int], less: tuple[int, int], low: float, high: float
) -> None:
    found = newcombe((less[0], more[0]), (less[1], more[1]))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)
