"""Time courses: exact data, SciPy's own least squares, the F test of a flat line, and how often intervals hold."""

import math

import numpy as np
import pytest
from scipy.optimize import curve_fit
from scipy.stats import binom

from cereblon.ground.errors import InputError
from cereblon.statistics.decay import decay

TIMES = np.repeat([0, 0.25, 0.5, 1, 2, 3, 4, 6, 8, 12, 24], 3)
RATE, PLATEAU = 0.7, 0.15


def level(t: np.ndarray, lag: float = 0.0, rate: float = RATE) -> np.ndarray:
    return PLATEAU + (1 - PLATEAU) * np.exp(-rate * np.maximum(t - lag, 0))


def readings(seed: int, lag: float = 0.0, rate: float = RATE) -> np.ndarray:
    draws = np.random.default_rng(seed)
    held = level(TIMES, lag, rate)
    return np.asarray(held * np.exp(0.08 * draws.standard_normal(held.size)) + 0.01 * draws.standard_normal(held.size))


@pytest.mark.parametrize("lag", [0.0, 0.6])
def test_exact_readings_give_their_numbers_back(lag: float) -> None:
    found = decay(TIMES, level(TIMES, lag), lag=lag > 0)
    assert found.rate.value == pytest.approx(RATE, rel=1e-6)
    assert found.plateau.value == pytest.approx(PLATEAU, rel=1e-6)
    assert found.lag.value == pytest.approx(lag, abs=1e-6)
    assert found.half_time.value == pytest.approx(lag + math.log(2) / RATE, rel=1e-6)
    assert found.depth.value == pytest.approx(1 - PLATEAU, rel=1e-6)


def test_the_fit_is_that_of_scipy() -> None:
    y = readings(5)
    judged, _ = curve_fit(lambda t, a, b, k: b + (a - b) * np.exp(-k * t), TIMES, y, p0=(1, 0.1, 1))
    found = decay(TIMES, y)
    assert [found.top.value, found.plateau.value, found.rate.value] == pytest.approx(judged.tolist(), rel=1e-5)


def test_the_ends_of_an_interval_are_where_scipy_s_least_sum_of_squares_is_what_t_allows() -> None:
    from scipy.stats import t as student

    y = readings(5)
    found = decay(TIMES, y)
    allowed = found.RSS * (1 + student.ppf(0.975, found.df) ** 2 / found.df)
    for end in (found.rate.low, found.rate.high):
        held, _ = curve_fit(lambda t, a, b, k=end: b + (a - b) * np.exp(-k * t), TIMES, y, p0=(1, 0.1))
        squares = np.sum((y - held[1] - (held[0] - held[1]) * np.exp(-end * TIMES)) ** 2)
        assert squares == pytest.approx(allowed, rel=1e-4)


def test_a_unit_of_readings_changes_levels_alone_and_a_rise_is_a_fall_upside_down() -> None:
    y = readings(2)
    one, counts, up = decay(TIMES, y), decay(TIMES, 1e5 * y), decay(TIMES, 3 - y)
    for other in (counts, up):
        assert other.rate.value == pytest.approx(one.rate.value, rel=1e-6)
        assert other.rate.high == pytest.approx(one.rate.high, rel=1e-4)
    assert counts.plateau.low == pytest.approx(1e5 * one.plateau.low, rel=1e-4)


def test_what_does_not_change_has_no_rate() -> None:
    flat = decay(TIMES, 1 + 0.05 * np.random.default_rng(1).standard_normal(TIMES.size))
    assert flat.flags == ("no change in time",)
    assert math.isnan(flat.rate.value)
    assert math.isnan(flat.plateau.value)


def test_a_half_time_that_was_not_seen_is_bounded() -> None:
    scatter = 0.005 * np.random.default_rng(3).standard_normal(TIMES.size)
    slow = decay(TIMES, level(TIMES, rate=0.01) + scatter)
    assert "after the last time" in slow.flags[0]
    assert math.isnan(slow.half_time.value)
    assert slow.half_time.high == math.inf
    assert slow.half_time.low > 15
    fast = decay(TIMES, readings(1, rate=20.0))
    assert "before the first time" in fast.flags[0]
    assert math.isnan(fast.rate.value)
    assert fast.half_time.high < 0.25


def test_a_lag_that_was_not_fitted_is_seen_in_the_replicates() -> None:
    y = readings(3, lag=0.9)
    assert decay(TIMES, y, weights="variance").flags == ("the times do not follow the curve; perhaps there is a lag",)
    assert decay(TIMES, y, weights="variance", lag=True).flags == ()


def covered(seeds: range, lag: float) -> dict[str, int]:
    truth = {"rate": RATE, "half_time": lag + math.log(2) / RATE, "plateau": PLATEAU, "top": 1.0}
    truth |= {"lag": lag} if lag else {}
    held = dict.fromkeys(truth, 0)
    for seed in seeds:
        found = decay(TIMES, readings(seed, lag), lag=lag > 0, weights="variance")
        for name, value in truth.items():
            one = getattr(found, name)
            held[name] += bool(one.low <= value <= one.high)
    return held


@pytest.mark.prove
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Seeds 1000 to 1199, pre-declared: the two-sided 99.9 % binomial region around 95 % of 200."""
    low, high = binom.ppf([0.0005, 0.9995], 200, 0.95)
    held = covered(range(1000, 1200), 0.0)
    assert all(low <= times <= high for times in held.values()), held


@pytest.mark.parametrize(
    ("t", "y", "options"),
    [
        ([0, 1], [1.0, 0.5], {}),
        ([0, 0, 0, 0], [1.0, 0.5, 0.4, 0.3], {}),
        ([0, 1, -2, 3], [1.0, 0.5, 0.4, 0.3], {}),
        ([0, 1, 2, 3], [1.0, math.inf, 0.4, 0.3], {}),
        ([0, 1, 2, 3], [math.nan] * 4, {}),
        ([0, 1, 2], [1.0, 0.5], {}),
        ([0, 1, 2, 3], [1.0, 0.5, 0.4, 0.3], {"weights": "1/Y9"}),
        ([0, 1, 2, 3], [1.0, 0.5, 0.4, 0.3], {"weights": [0, 0, 0, 0]}),
        ([0, 1, 2, 3], [1.0, 0.5, 0.4, 0.3], {"level": 2}),
    ],
)
def test_what_is_no_course_is_refused(t: list[float], y: list[float], options: dict[str, object]) -> None:
    with pytest.raises(InputError):
        decay(t, y, **options)  # type: ignore[arg-type]
