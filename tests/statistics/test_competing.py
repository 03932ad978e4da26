"""Competing risks against counting, against lifelines where nothing is tied, and against Kaplan-Meier for one cause."""

import warnings

import numpy as np
import pytest

from cereblon.ground.errors import InputError
from cereblon.statistics.competing import competing_risks
from cereblon.statistics.survival import kaplan_meier

RNG = np.random.default_rng(4)
TIMES = RNG.permutation(np.arange(1.0, 81.0))
CAUSES = RNG.choice(["relapse", "death", ""], size=80, p=[0.45, 0.3, 0.25]).tolist()


def test_without_censoring_it_is_the_share_counted():
    causes = [c or "death" for c in CAUSES]
    found = competing_risks(TIMES, causes)
    for t in (10.0, 40.0, 79.0):
        counted = np.mean([(s <= t) and c == "relapse" for s, c in zip(TIMES, causes, strict=True)])
        assert found.at(t, "relapse").value == pytest.approx(counted)


def test_without_censoring_the_variance_is_that_of_a_proportion():
    """p (1 - p)/n, which the sum approaches as n grows."""
    times = np.arange(1.0, 2001.0)
    causes = (["relapse", "death"] * 1000)[:2000]
    found = competing_risks(times, causes)
    row = 1000
    p = found.incidence["relapse"][row]
    assert found.variance["relapse"][row] == pytest.approx(p * (1 - p) / 2000, rel=2e-3)


def test_incidences_and_variances_against_lifelines():
    from lifelines import AalenJohansenFitter

    codes = np.array([{"relapse": 1, "death": 2, "": 0}[c] for c in CAUSES])
    found = competing_risks(TIMES, CAUSES)
    for cause, code in (("relapse", 1), ("death", 2)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            judge = AalenJohansenFitter(calculate_variance=True).fit(TIMES, codes, event_of_interest=code)
        rows = judge.cumulative_density_.reindex(found.times, method="ffill")
        np.testing.assert_allclose(found.incidence[cause], rows.iloc[:, 0], atol=1e-12)
        spread = judge.variance_.reindex(found.times, method="ffill").to_numpy().ravel()
        np.testing.assert_allclose(found.variance[cause], spread, rtol=1e-8, atol=1e-12)


def test_one_cause_alone_is_one_minus_kaplan_meier():
    causes = ["x" if c else "" for c in CAUSES]
    found = competing_risks(TIMES, causes)
    curve = kaplan_meier(TIMES, [bool(c) for c in causes])["all"]
    np.testing.assert_allclose(found.incidence["x"], 1 - curve.survival)
    own = curve.survival > 0  # at 0 Greenwood's sum has no end
    np.testing.assert_allclose(found.variance["x"][own], (curve.survival**2 * curve.greenwood)[own], atol=1e-12)


def test_one_minus_kaplan_meier_overstates_a_cause_that_has_a_rival():
    found = competing_risks(TIMES, CAUSES)
    naive = 1 - kaplan_meier(TIMES, [c == "relapse" for c in CAUSES])["all"].survival
    assert (naive >= found.incidence["relapse"] - 1e-12).all()
    assert naive[-1] > found.incidence["relapse"][-1] + 0.05


def test_tied_times_are_not_moved_apart():
    found = competing_risks([2, 2, 2, 2], ["a", "b", "", "a"])
    assert found.at(2, "a").value == 0.5
    assert found.at(2, "b").value == 0.25


def test_a_result_prints_and_saves_itself(tmp_path):
    found = competing_risks(TIMES, CAUSES, unit="month")
    assert "relapse: " in str(found)
    assert found.save(tmp_path / "c.csv").read_text().count("\n") == len(found.table()) + 1
    low, high = found.interval("relapse")
    assert ((low <= found.incidence["relapse"]) & (found.incidence["relapse"] <= high)).all()


@pytest.mark.parametrize(
    ("times", "causes", "what"),
    [
        ([1, 2], ["a"], "a cause for every time"),
        ([-1, 2], ["a", "b"], "from 0 up"),
        ([1, np.nan], ["a", "b"], "from 0 up"),
        ([1, 2], ["", None], "no event"),
        ([], [], "a cause for every time"),
    ],
)
def test_bad_input_is_refused(times, causes, what):
    with pytest.raises(InputError, match=what):
        competing_risks(times, causes)
    with pytest.raises(InputError, match="no such cause"):
        competing_risks([1, 2], ["a", "b"]).at(1, "c")
    with pytest.raises(InputError, match="within what was seen"):
        competing_risks([1, 2], ["a", "b"]).at(3, "a")
