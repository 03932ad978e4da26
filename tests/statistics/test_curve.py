"""Dose-response fits, judged by NIST, by published output of R's drc, by closed forms, by scipy, by simulation."""

import csv
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.optimize import curve_fit

from cereblon.ground.errors import InputError
from cereblon.statistics.curve import fit, fit_together

RAT42 = (
    [9, 14, 21, 28, 42, 57, 63, 70, 79],
    [8.93, 10.8, 18.59, 22.33, 39.35, 56.11, 61.73, 64.62, 67.08],
)
RAT43 = (
    list(range(1, 16)),
    [16.08, 33.83, 65.8, 97.2, 191.55, 326.2, 386.87, 520.53, 590.03, 651.92, 724.93, 699.56, 689.96, 637.56, 717.41],
)
DOSES = np.repeat([0, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000], 3)


def hill(x: Any, bottom: float, top: float, EC50: float, h: float) -> Any:
    with np.errstate(divide="ignore"):
        return bottom + (top - bottom) / (1 + (np.asarray(x, float) / EC50) ** h)


def noisy(seed: int, noise: float = 0.05, EC50: float = 20.0, doses: Any = DOSES) -> np.ndarray:
    return hill(doses, 0.1, 1, EC50, 1.2) + np.random.default_rng(seed).normal(0, noise, len(doses))


@pytest.fixture(scope="module")
def data(request: pytest.FixtureRequest) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    require = request.getfixturevalue("require")

    def read(name: str, x: str, y: str, **only: str) -> tuple[np.ndarray, np.ndarray]:
        with require(f"shared/data/data_{name}.csv").open() as file:
            rows = [r for r in csv.DictReader(file) if all(r[k] == v for k, v in only.items())]
        return np.array([float(r[x]) for r in rows]), np.array([float(r[y]) for r in rows])

    return read


# NIST StRD


def test_Rat42_against_its_certified_values() -> None:
    """y = b1 / (1 + exp(b2 - b3 x)): a rising 3PL in e^x."""
    x, y = RAT42
    found = fit(np.exp(np.array(x, float)), y, "3PL")
    b = found.top.value, found.hill.value * found.theta[2], found.hill.value
    assert b == pytest.approx((72.462237576, 2.6180768402, 0.067359200066), rel=1e-8)
    assert found.residual_SE == pytest.approx(1.1587725499, rel=1e-9)
    assert pytest.approx(8.0565229338, rel=1e-9) == found.RSS
    assert found.SE("top", expected=True) == pytest.approx(1.7340283401, rel=1e-6)
    assert found.SE("hill", expected=True) == pytest.approx(3.4465663377e-3, rel=1e-6)


def test_Rat43_against_its_certified_values() -> None:
    """y = b1 / (1 + exp(b2 - b3 x))^(1/b4): a rising 5PL in e^x with bottom 0."""
    x, y = RAT43
    found = fit(np.exp(np.array(x, float)), y, "5PL", fixed={"bottom": 0})
    b3, s = found.hill.value, found.asymmetry.value
    location, _ = found.shape.log_location(found.theta, 1)
    b = found.top.value, b3 * location, b3, 1 / s
    assert b == pytest.approx((699.64151270, 5.2771253025, 0.75962938329, 1.2792483859), rel=1e-7)
    assert found.residual_SE == pytest.approx(28.262414662, rel=1e-9)
    assert found.SE("top", expected=True) == pytest.approx(16.302297817, rel=1e-5)
    assert found.SE("hill", expected=True) == pytest.approx(0.19566123451, rel=1e-5)


# R package drc: published output of its examples


def agrees(found: Any, values: dict[str, tuple[float, float]], rel: float = 1e-4) -> None:
    for name, (value, SE) in values.items():
        assert getattr(found, name).value == pytest.approx(value, rel=rel, abs=2e-5), name
        assert found.SE(name) == pytest.approx(SE, rel=5e-4), name


def test_ryegrass_LL4_against_drc(data: Any) -> None:
    found = fit(*data("ryegrass", "conc", "rootl"), "LL.4")
    agrees(found, {
        "hill": (2.98222, 0.46506), "bottom": (0.48141, 0.21219), "top": (7.79296, 0.18857),
        "EC50": (3.05795, 0.18573),
    })  # fmt: skip
    assert (found.residual_SE, found.df) == (pytest.approx(0.5196256, abs=5e-8), 20)
    assert found.log_likelihood == pytest.approx(-16.15514, abs=5e-6)
    assert pytest.approx(42.31029, abs=5e-6) == found.AIC
    test = found.lack_of_fit
    assert (test.df1, test.df2) == (3, 17)
    assert (test.F, test.p) == (pytest.approx(0.2411, abs=5e-5), pytest.approx(0.866483043, abs=1e-8))
    for per_cent, value in {10: 1.463706, 20: 1.921091, 50: 3.057955, 90: 6.38864}.items():
        assert found.EC(per_cent).value == pytest.approx(value, rel=5e-6)


def test_ryegrass_weibull_against_drc(data: Any) -> None:
    one = fit(*data("ryegrass", "conc", "rootl"), "W1.4")
    agrees(one, {
        "hill": (2.39341, 0.47832), "bottom": (0.66045, 0.18857), "top": (7.80586, 0.20852),
        "location": (3.60013, 0.20311), "EC50": (3.08896, 0.17331),
    })  # fmt: skip
    assert one.residual_SE == pytest.approx(0.5488238, abs=5e-8)
    assert pytest.approx(0.9236, abs=5e-5) == one.lack_of_fit.F
    two = fit(*data("ryegrass", "conc", "rootl"), "W2.4")
    agrees(two, {
        "hill": (1.96791, 0.29070), "bottom": (0.32459, 0.24902), "top": (7.72630, 0.17339),
        "location": (2.48765, 0.14781),
    }, rel=2e-4)  # fmt: skip
    assert two.residual_SE == pytest.approx(0.5144203, abs=5e-8)


def test_ryegrass_LL5_against_drc(data: Any) -> None:
    found = fit(*data("ryegrass", "conc", "rootl"), "LL.5")
    assert found.log_likelihood == pytest.approx(-15.87828, abs=5e-6)
    assert pytest.approx(43.75656, abs=5e-6) == found.AIC


def test_secalonic_LL4_against_drc(data: Any) -> None:
    found = fit(*data("secalonic", "dose", "rootl"), "LL.4")
    agrees(found, {
        "hill": (2.6542086, 0.6962333), "bottom": (0.0917852, 0.3747246), "top": (5.5297495, 0.2010300),
        "EC50": (0.0803547, 0.0078829),
    })  # fmt: skip
    assert (found.residual_SE, found.df) == (pytest.approx(0.2957497, abs=5e-8), 3)


def test_lettuce_LL3_against_drc(data: Any) -> None:
    found = fit(*data("lettuce", "conc", "weight"), "LL.3")
    assert (found.RSS, found.df) == (pytest.approx(0.24222, abs=5e-6), 11)


def test_S_alba_with_shared_limits_against_drc(data: Any) -> None:
    """drc stops a little before the least sum of squares: its residual error is 0.3705151, ours 0.3705140."""
    curves = {h: data("salba", "Dose", "DryMatter", Herbicide=h) for h in ("Bentazone", "Glyphosate")}
    found = fit_together(curves, "LL.4", share=("bottom", "top"))
    published = {"Bentazone": (5.046141, 28.632355), "Glyphosate": (2.390218, 66.890545)}
    for name, (b, e) in published.items():
        assert found[name].hill.value == pytest.approx(b, rel=3e-3)
        assert found[name].EC50.value == pytest.approx(e, rel=1e-3)
        assert found[name].bottom.value == pytest.approx(0.716559, rel=3e-4)
        assert found[name].top.value == pytest.approx(3.854861, rel=3e-4)
        assert (found[name].residual_SE, found[name].df) == (pytest.approx(0.3705151, abs=2e-6), 62)
        assert found[name].residual_SE < 0.3705151
    assert found["Bentazone"].SE("EC50") == pytest.approx(2.038098, rel=5e-3)
    assert found["Glyphosate"].SE("EC50") == pytest.approx(5.968819, rel=5e-3)


def test_spinach_curves_by_herbicide_and_a_common_variance_against_drc(data: Any) -> None:
    """Curves 1 to 3 are bentazon, 4 and 5 diuron; drc pools the residual variance of one call."""
    parts = [data("spinach", "DOSE", "SLOPE", CURVE=str(k)) for k in range(1, 6)]
    both = {"bentazon": parts[:3], "diuron": parts[3:]}
    curves = {n: (np.concatenate([p[0] for p in ps]), np.concatenate([p[1] for p in ps])) for n, ps in both.items()}
    found = fit_together(curves, "LL.4", pooled=True)
    assert (found["diuron"].residual_SE, found["diuron"].df) == (pytest.approx(0.2022188, abs=5e-8), 97)
    agrees(found["diuron"], {
        "hill": (1.750572, 0.334200), "bottom": (0.036149, 0.080884), "top": (1.979936, 0.055804),
        "EC50": (0.203161, 0.022802),
    }, rel=3e-4)  # fmt: skip
    assert found["bentazon"].hill.value == pytest.approx(0.508817, rel=1e-3)
    assert found["bentazon"].EC50.value == pytest.approx(1.599804, rel=2e-3)


# scipy, closed forms


@pytest.mark.parametrize("seed", range(3))
def test_4PL_against_scipy(seed: int) -> None:
    y = noisy(seed)
    found = fit(DOSES, y)
    theirs, covariance = curve_fit(hill, DOSES, y, p0=(0, 1, 15, 1), ftol=1e-14, xtol=1e-14)
    ours = found.bottom.value, found.top.value, found.EC50.value, found.hill.value
    assert ours == pytest.approx(theirs, rel=1e-5)
    errors = [found.SE(n, expected=True) for n in ("bottom", "top", "EC50", "hill")]
    assert errors == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-3)


@pytest.mark.parametrize("rises", [False, True])
def test_a_curve_without_noise_is_found_exactly(rises: bool) -> None:
    y = hill(DOSES, 0.1, 1, 20, 1.2)
    found = fit(DOSES, -y if rises else y)
    assert found.EC50.value == pytest.approx(20, rel=1e-9)
    assert found.hill.value == pytest.approx(1.2, rel=1e-9)
    assert found.falls != rises
    assert (found.E0.value, found.Einf.value) == pytest.approx((-1, -0.1) if rises else (1, 0.1), rel=1e-9)


def test_weights_by_the_reading_against_scipy() -> None:
    """1/Y2 of the fitted reading, iterated: at its end it is scipy's fit with sigma proportional to the curve."""
    y = hill(DOSES, 5, 100, 20, 1.2) * np.exp(np.random.default_rng(3).normal(0, 0.1, DOSES.size))
    found = fit(DOSES, y, weights="1/Y2")
    theirs, _ = curve_fit(hill, DOSES, y, p0=(5, 100, 20, 1), sigma=found.predict(DOSES))
    ours = found.bottom.value, found.top.value, found.EC50.value, found.hill.value
    assert ours == pytest.approx(theirs, rel=1e-5)


def test_Emax_against_the_plateaus_and_free_of_scale() -> None:
    y = noisy(5)
    found = fit(DOSES, y)
    assert found.Emax.value == pytest.approx(1 - found.bottom.value / found.top.value)
    assert fit(DOSES, 7 * y).Emax.low == pytest.approx(found.Emax.low, rel=1e-7)


def test_given_weights_are_replicates() -> None:
    """A reading of weight 2 counts as two."""
    x, y = DOSES[::3], noisy(4)[::3]
    weight = np.where(np.arange(x.size) == 4, 2.0, 1.0)
    twice = fit(np.append(x, x[4]), np.append(y, y[4]))
    assert fit(x, y, weights=weight).EC50.value == pytest.approx(twice.EC50.value, rel=1e-8)


def test_absolute_IC50_against_the_inverted_curve() -> None:
    y = hill(DOSES, 0.2, 1, 20, 1.5)
    found = fit(DOSES, y)
    assert found.IC50.value == pytest.approx(20 * (0.8 / 0.3 - 1) ** (1 / 1.5), rel=1e-8)
    assert found.absolute(0.9).value == pytest.approx(20 * (0.8 / 0.7 - 1) ** (1 / 1.5), rel=1e-8)
    assert math.isnan(found.absolute(0.1).value)
    assert "not reached" in found.absolute(0.1).note


def test_EC50_of_curves_that_share_all_but_it_against_a_shift() -> None:
    """Two curves a factor 10 apart, without noise."""
    curves = {"a": (DOSES, hill(DOSES, 0.1, 1, 3, 1)), "b": (DOSES, hill(DOSES, 0.1, 1, 30, 1))}
    found = fit_together(curves, share=("bottom", "top", "hill"))
    assert found["b"].EC50.value / found["a"].EC50.value == pytest.approx(10, rel=1e-9)
    assert found["a"].df == 2 * DOSES.size - 5


def test_bounds_hold_a_parameter_at_its_edge_and_free_the_others() -> None:
    y = noisy(1)
    kept = fit(DOSES, y, bounds={"hill": (1.5, 5)})
    assert kept.hill.value == pytest.approx(1.5)
    assert kept.EC50.value == pytest.approx(fit(DOSES, y, fixed={"hill": 1.5}).EC50.value, rel=1e-9)
    assert fit(DOSES, y, bounds={"hill": (0.1, 5)}).hill.value == pytest.approx(fit(DOSES, y).hill.value)


# intervals


def test_profile_ends_are_where_the_sum_of_squares_has_risen_by_F() -> None:
    """Bates and Watts 1988: refit with the parameter held at an end, and compare."""
    from scipy.stats import t

    y = noisy(2)
    found = fit(DOSES, y)
    rise = t.ppf(0.975, found.df) ** 2 * found.RSS / found.df
    for name in ("bottom", "top", "EC50", "hill"):
        for end in (getattr(found, name).low, getattr(found, name).high):
            assert pytest.approx(rise, rel=1e-4) == fit(DOSES, y, fixed={name: end}).RSS - found.RSS, name


def test_delta_interval_is_symmetric_in_the_logarithm() -> None:
    from scipy.stats import t

    found = fit(DOSES, noisy(2), interval="delta")
    e = found.EC50
    assert e.low * e.high == pytest.approx(e.value**2)
    assert math.log(e.high / e.value) == pytest.approx(t.ppf(0.975, found.df) * found.SE("EC50") / e.value)


def test_intervals_cover_the_truth() -> None:
    """200 seeds; the two-sided 99.9 % binomial region around 95 % is 178 to 199."""
    inside = {"EC50": 0, "hill": 0, "bottom": 0}
    for seed in range(200):
        found = fit(DOSES, noisy(seed + 1000), outliers="ignore")
        for name, truth in (("EC50", 20), ("hill", 1.2), ("bottom", 0.1)):
            e = getattr(found, name)
            inside[name] += e.low <= truth <= e.high
    assert all(178 <= n <= 199 for n in inside.values()), inside


# what may not be said


@pytest.mark.parametrize(("EC50", "word", "bound"), [(5000, "above 1000 nM", 1000), (0.01, "below 0.1 nM", 0.1)])
def test_an_EC50_outside_the_tested_range_is_flagged_and_bounded(EC50: float, word: str, bound: float) -> None:
    e = fit(DOSES, noisy(5, noise=0.01, EC50=EC50), fixed={"top": 1, "bottom": 0.1}, unit="nM").EC50
    assert math.isnan(e.value)
    assert word in e.note
    assert e.low <= bound if word.startswith("above") else e.high >= bound
    assert e.low <= EC50 <= e.high


def test_a_flat_curve_has_no_effect() -> None:
    flat = np.random.default_rng(3).normal(1, 0.1, DOSES.size)
    found = fit(DOSES, flat)
    assert math.isnan(found.EC50.value)
    assert math.isnan(found.hill.value)
    assert "no effect" in found.EC50.note


def test_flat_curves_are_called_effects_at_the_rate_of_the_test() -> None:
    """200 seeds at 5 %: up to 22 (99.9 % binomial); 300 of another run gave 5.0 %."""
    called = sum(
        not fit(DOSES, np.random.default_rng(s).normal(1, 0.1, DOSES.size), outliers="ignore").no_effect
        for s in range(200)
    )
    assert called <= 22


def test_constant_readings_have_no_effect() -> None:
    assert "constant" in fit(DOSES, np.ones(DOSES.size)).EC50.note


def test_a_step_is_placed_between_its_concentrations_and_has_no_hill() -> None:
    y = np.where(DOSES < 20, 1.0, 0.0) + np.random.default_rng(1).normal(0, 0.01, DOSES.size)
    found = fit(DOSES, y)
    assert 10 < found.EC50.value < 30
    assert found.EC50.low > 9
    assert found.EC50.high < 31
    assert math.isnan(found.hill.value)
    assert "between 10 and 30" in found.hill.note


def test_a_plateau_that_is_not_seen_leaves_its_interval_open() -> None:
    doses = DOSES[DOSES <= 30]
    found = fit(doses, noisy(2, noise=0.05, EC50=25, doses=doses))
    assert found.bottom.low == -math.inf


def test_lack_of_fit_is_flagged() -> None:
    hump = noisy(3, 0.02) + 0.3 * np.exp(-((np.log(np.maximum(DOSES, 1e-9)) - 0) ** 2))
    assert any("does not fit its replicates" in flag for flag in fit(DOSES, hump).flags)


def test_an_outlier_is_flagged_kept_and_removed_on_demand() -> None:
    y = noisy(6)
    y[10] += 1.5
    clean = fit(np.delete(DOSES, 10), np.delete(y, 10), outliers="ignore")
    flagged, removed = fit(DOSES, y), fit(DOSES, y, outliers="remove")
    assert flagged.outliers.tolist() == [10]
    assert flagged.count == DOSES.size
    assert removed.EC50.value == pytest.approx(clean.EC50.value, rel=1e-9)
    assert removed.removed.tolist() == [10]


def test_few_clean_readings_are_called_outliers() -> None:
    """1 % false discovery: of 60 clean curves few have any (Motulsky and Brown saw 1 to 3 %)."""
    assert sum(fit(DOSES, noisy(s)).outliers.size > 0 for s in range(60)) <= 3


def test_missing_readings_are_left_out_and_outliers_keep_their_places() -> None:
    y = noisy(6)
    y[20] += 1.5
    y[3] = math.nan
    found = fit(DOSES, y)
    assert found.count == DOSES.size - 1
    assert found.outliers.tolist() == [20]


# the same, whatever the units and the run


def test_nM_and_M_give_the_same_curve() -> None:
    for seed in range(5):
        y = noisy(seed, 0.15)
        one, other = fit(DOSES, y), fit(DOSES * 1e-9, y)
        assert math.log(other.EC50.value / one.EC50.value) == pytest.approx(math.log(1e-9), abs=1e-9)
        for end in ("low", "high"):
            ours, theirs = getattr(one.EC50, end), getattr(other.EC50, end)
            assert theirs == pytest.approx(ours * 1e-9, rel=1e-8)
        assert other.hill.value == pytest.approx(one.hill.value, rel=1e-9)


def test_counts_and_shares_give_the_same_curve() -> None:
    y = noisy(3)
    one, other = fit(DOSES, y), fit(DOSES, 2e5 * y + 300)
    assert other.EC50.value == pytest.approx(one.EC50.value, rel=1e-9)
    assert other.top.value == pytest.approx(2e5 * one.top.value + 300, rel=1e-9)
    assert other.SE("top") == pytest.approx(2e5 * one.SE("top"), rel=1e-6)


def test_runs_are_identical_and_the_order_of_readings_does_not_matter() -> None:
    y = noisy(3)
    order = np.random.default_rng(1).permutation(DOSES.size)
    assert fit(DOSES, y).theta.tolist() == fit(DOSES, y).theta.tolist()
    assert fit(DOSES[order], y[order]).theta == pytest.approx(fit(DOSES, y).theta, rel=1e-10)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: fit([1, 2, 3], [1, 2, 3]),
        lambda: fit([1] * 9, list(range(9))),
        lambda: fit([0, 0, 0, 0, 1, 1], range(6)),
        lambda: fit([-1, 1, 10, 100, 1000], range(5)),
        lambda: fit([1, 2], [1, 2, 3]),
        lambda: fit(DOSES, np.full(DOSES.size, np.nan)),
        lambda: fit(DOSES, np.full(DOSES.size, np.inf)),
        lambda: fit(DOSES, noisy(1), weights="1/X"),
        lambda: fit(DOSES, noisy(1), weights=[1, 2]),
        lambda: fit(DOSES, noisy(1), weights=-np.ones(DOSES.size)),
        lambda: fit([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], weights="1/SD2"),
        lambda: fit(DOSES, noisy(1), outliers="delete"),
        lambda: fit(DOSES, noisy(1), level=95),
        lambda: fit(DOSES, noisy(1), bounds={"hill": (5, 1)}),
        lambda: fit(DOSES, noisy(1), interval="exact"),
        lambda: fit(DOSES, noisy(1), direction=2),
        lambda: fit_together({}),
        lambda: fit_together({"a": (DOSES, noisy(1))}, share=("slope",)),
        lambda: fit_together({"a": (DOSES, noisy(1))}, "3PL", share=("bottom",)),
        lambda: fit(DOSES, noisy(1)).EC(100),
        lambda: fit(DOSES, noisy(1)).SE("slope"),
    ],
)
def test_what_cannot_be_fitted_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(InputError):
        wrong()
