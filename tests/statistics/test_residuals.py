"""How readings scatter: the variance of two components against another optimiser, and what it does to a fit."""

import numpy as np
import pytest
from scipy.optimize import minimize

from cereblon.statistics.curve import fit
from cereblon.statistics.residuals import EFFICIENCY, variance

FITTED = np.linspace(1, 100, 2000)


def test_two_components_against_nelder_mead() -> None:
    """2,000 readings with an additive standard deviation of 1 and a proportional one of 10 %."""
    residuals = np.random.default_rng(1).normal(0, np.sqrt(1 + (0.1 * FITTED) ** 2))

    def likelihood(p: np.ndarray) -> float:
        v = p[0] ** 2 + (p[1] * FITTED) ** 2
        return float(np.sum(np.log(v) + residuals**2 / v))

    a, b = minimize(likelihood, (2, 0.3), method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-8}).x
    theirs = a**2 + (b * FITTED) ** 2
    ours = variance(FITTED, residuals)
    assert ours / ours[0] == pytest.approx(theirs / theirs[0], rel=1e-3)
    assert abs(b) == pytest.approx(0.1, rel=0.1)


def test_scatter_that_does_not_grow_weighs_the_same_everywhere() -> None:
    v = variance(FITTED, np.random.default_rng(2).normal(0, 1, FITTED.size))
    assert v.max() / v.min() < 1.3


def test_a_fit_trusts_the_readings_that_scatter_less() -> None:
    x = np.repeat(np.geomspace(1, 1000, 8), 4)
    y = (5 + 95 / (1 + (x / 30) ** 1.2)) * np.exp(np.random.default_rng(3).normal(0, 0.1, x.size))
    found = fit(x, y, weights="variance")
    assert found.weights[x == 1000].mean() > 20 * found.weights[x == 1].mean()
    assert found.EC50.low < 30 < found.EC50.high


def test_clean_curves_have_outliers_at_the_rate_that_is_promised_and_a_gross_one_is_found() -> None:
    """Of curves with normal errors at most 3 % have any (Motulsky and Brown 2006 saw 1 to 3 %); 8 SD is found."""
    x = np.concatenate([np.zeros(6), np.repeat(np.logspace(-1.5, 3, 10), 3)])
    truth = 0.05 + 0.95 / (1 + (x / 10) ** 1.2)
    clean = found = 0
    for seed in range(120):
        random = np.random.default_rng(seed)
        y = truth + random.normal(scale=0.03, size=x.size)
        place = int(random.integers(x.size))
        clean += fit(x, y).outliers.size > 0
        y[place] = truth[place] + 8 * 0.03 * random.choice([-1, 1])
        found += place in fit(x, y).outliers
    assert clean <= 4
    assert found >= 110


def test_a_percentile_is_known_as_well_as_so_many_degrees_of_freedom() -> None:
    """The variance of the logarithm of the 68th percentile of normal errors, beside that of their deviation."""
    z = np.random.default_rng(4).normal(size=(4000, 200))
    percentile, deviation = np.quantile(np.abs(z), 0.6827, axis=1), z.std(axis=1)
    assert np.log(deviation).var() / np.log(percentile).var() == pytest.approx(EFFICIENCY, rel=0.1)
