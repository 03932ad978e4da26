"""Kaplan-Meier, log-rank and Cox against Freireich's trial (checks.md), closed forms and hand sums."""

import math
import warnings

import numpy as np
import pytest

from cereblon.ground.errors import InputError
from cereblon.statistics.survival import cox, kaplan_meier, log_rank, quietly

# Freireich 1963, weeks in remission: 6-mercaptopurine and placebo; the published rows that every textbook prints.
SIX_MP = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
SIX_MP_EVENTS = [1] * 9 + [0] * 12
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
TIMES = SIX_MP + PLACEBO
EVENTS = SIX_MP_EVENTS + [1] * 21
ARMS = ["6-MP"] * 21 + ["placebo"] * 21


def test_medians_of_freireich_against_checks():
    curves = kaplan_meier(TIMES, EVENTS, ARMS, unit="week")
    assert curves.median("6-MP").value == 23
    assert curves.median("placebo").value == 8
    assert curves.median("placebo").unit == "week"


def test_curve_of_freireich_against_its_published_table():
    """Cox and Oakes 1984, table 1.1: survival at 6, 7, 10, 13, 16, 22 and 23 weeks, at risk beside it."""
    table = kaplan_meier(SIX_MP, SIX_MP_EVENTS).table()
    steps = table[table["events"] > 0]
    assert steps["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    np.testing.assert_allclose(
        steps["survival"], [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482], atol=5e-5
    )
    assert table["censored"].sum() == 12


def test_intervals_against_greenwood_by_hand():
    """S(10) of 6-MP is .7529 with Greenwood's error .0963; both scales from these two numbers."""
    curve = kaplan_meier(SIX_MP, SIX_MP_EVENTS)["all"]
    row = int(np.searchsorted(curve.times, 10))
    S, error = curve.survival[row], curve.survival[row] * math.sqrt(curve.greenwood[row])
    assert error == pytest.approx(0.0963, abs=5e-5)
    z = 1.959963985
    low, high = curve.interval(0.95, "log")
    assert low[row] == pytest.approx(S * math.exp(-z * error / S))
    assert high[row] == pytest.approx(S * math.exp(z * error / S))
    low, high = curve.interval(0.95, "log-log")
    width = z * error / (S * abs(math.log(S)))
    assert (low[row], high[row]) == (pytest.approx(S ** math.exp(width)), pytest.approx(S ** math.exp(-width)))


def test_interval_of_the_median_on_the_scale_of_r():
    """R: survfit of the 6-MP arm prints 23 with 0.95LCL 16 and no upper end, of the placebo arm 8 (4, 12)."""
    curves = kaplan_meier(TIMES, EVENTS, ARMS, scale="log")
    median = curves.median("6-MP")
    assert (median.low, math.isnan(median.high)) == (16, True)
    other = curves.median("placebo")
    assert (other.low, other.high) == (4, 12)


def test_log_rank_of_freireich_against_checks():
    test = log_rank(TIMES, EVENTS, ARMS)
    assert test.chi2 == pytest.approx(16.7929, abs=5e-5)
    assert test.degrees == 1
    assert test.p == pytest.approx(math.erfc(math.sqrt(16.7929 / 2)), rel=1e-4)
    assert test.expected["6-MP"] == pytest.approx(19.25, abs=5e-3)  # Cox and Oakes 1984
    assert sum(test.observed.values()) == pytest.approx(sum(test.expected.values()))


def test_log_rank_of_three_arms_against_its_closed_form():
    """Without ties and censoring the quadratic form of observed minus expected, summed by hand."""
    rng = np.random.default_rng(1)
    times = rng.permutation(np.arange(1.0, 31))
    arms = np.repeat(["a", "b", "c"], 10)
    U, V = np.zeros(2), np.zeros((2, 2))
    for moment in np.sort(times):
        at_risk = np.array([((times >= moment) & (arms == k)).sum() for k in "abc"], float)
        share = at_risk / at_risk.sum()
        seen = np.array([float((times[arms == k] == moment).any()) for k in "ab"])
        U += seen - share[:2]
        V += np.diag(share[:2]) - np.outer(share[:2], share[:2])
    assert log_rank(times, np.ones(30), arms).chi2 == pytest.approx(float(U @ np.linalg.solve(V, U)))
    assert log_rank(times, np.ones(30), arms).degrees == 2


def test_cox_of_freireich_against_checks():
    model = cox(TIMES, EVENTS, {"6-MP": [1] * 21 + [0] * 21})
    assert model.coefficients["6-MP"] == pytest.approx(-1.57212, abs=5e-6)
    assert model.errors["6-MP"] == pytest.approx(0.41240, abs=5e-6)
    assert model.HR().low < model.HR().value < model.HR().high < 1
    assert (model.subjects, model.events) == (42, 30)


def test_strata_give_each_its_own_baseline():
    """Times of one stratum drawn out ten-fold leave a stratified coefficient as it is: only the order counts."""
    x = [1] * 21 + [0] * 21
    strata = (["here", "there"] * 21)[:42]
    stretched = [t * (10 if s == "there" else 1) for t, s in zip(TIMES, strata, strict=True)]
    one = cox(TIMES, EVENTS, {"x": x}, strata=strata)
    other = cox(stretched, EVENTS, {"x": x}, strata=strata)
    assert one.coefficients["x"] == pytest.approx(other.coefficients["x"], abs=1e-6)


def test_nobody_censored_is_the_empirical_survival():
    times = np.array([3.0, 1, 4, 1, 5, 9, 2, 6])
    curve = kaplan_meier(times, np.ones(8))["all"]
    for t, S in zip(curve.times, curve.survival, strict=True):
        assert pytest.approx((times > t).mean()) == S


def test_a_median_that_is_not_reached_is_no_number():
    median = kaplan_meier([1, 2, 3, 4], [1, 0, 0, 0], unit="d").median()
    assert math.isnan(median.value)
    assert "not reached" in str(median)


def test_a_curve_that_rests_at_one_half_says_where_r_differs():
    median = kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]).median()
    assert median.value == 2
    assert "R gives the middle" in median.note


def test_without_an_event_the_test_is_no_number():
    test = log_rank([1, 2, 3, 4], [0, 0, 0, 0], list("aabb"))
    assert math.isnan(test.p)
    assert "no event" in str(test)


@pytest.mark.parametrize(
    ("times", "events", "arms", "what"),
    [
        ([-1, 2], [1, 1], None, "from 0 up"),
        ([1, math.nan], [1, 1], None, "from 0 up"),
        ([1, 2], [1, 2], None, "1 or"),
        ([1, 2], [1, math.nan], None, "1 or"),
        ([1, 2], [1], None, "as many events"),
        ([], [], None, "no subject"),
        ([1, 2], [1, 1], ["a"], "for every subject"),
        ([1, 2], [1, 1], ["a", ""], "without an arm"),
        (["soon", 2], [1, 1], None, "are numbers"),
    ],
)
def test_bad_input_is_refused(times, events, arms, what):
    with pytest.raises(InputError, match=what):
        kaplan_meier(times, events, arms)


def test_one_arm_has_nothing_to_be_compared_with():
    with pytest.raises(InputError, match="two or more arms"):
        log_rank([1, 2], [1, 1], ["a", "a"])
    with pytest.raises(InputError, match="two or more arms"):
        kaplan_meier(TIMES, EVENTS, ARMS).log_rank("6-MP", "nobody")


def test_covariates_that_say_nothing_are_refused():
    for x, what in (([1, 1, 1], "same for all"), ([1, math.nan, 0], "finite"), ([1, 0], "finite"), ({}, "covariate")):
        with pytest.raises(InputError, match=what):
            cox([1, 2, 3], [1, 1, 1], {"x": x} if x else {})


def test_a_separated_arm_is_told_and_not_hidden():
    """Every event of one arm before every one of the other: the likelihood has no maximum."""
    model = cox([1, 2, 3, 4, 5, 6], [1, 1, 1, 0, 0, 0], {"x": [1, 1, 1, 0, 0, 0]})
    assert math.isnan(model.HR("x").value)
    assert "above 1 without bound" in str(model)
    assert model.notes


def test_third_parties_warnings_become_notes():
    notes: list[str] = []
    with quietly(notes):
        warnings.warn("hessian\n is odd", RuntimeWarning, stacklevel=1)
        warnings.warn("hessian is odd", RuntimeWarning, stacklevel=1)
        warnings.warn("will go away", FutureWarning, stacklevel=1)
    assert notes == ["hessian is odd"]


def test_a_result_prints_and_saves_itself(tmp_path):
    curves = kaplan_meier(TIMES, EVENTS, ARMS, unit="week")
    assert "6-MP: 21 subjects, 9 events, median 23 week" in str(curves)
    assert "log-rank chi2 16.79" in str(curves)
    for result in (curves, curves.log_rank(), cox(TIMES, EVENTS, {"x": [1] * 21 + [0] * 21})):
        assert result.save(tmp_path / "x.csv").read_text().count("\n") == len(result.table()) + 1


@pytest.mark.parametrize("seed", range(5))
def test_curve_against_lifelines(seed):
    """Ties of events with censoring, a start at 0 and a last time that is an event or is not."""
    from lifelines import KaplanMeierFitter

    draw = np.random.default_rng(seed)
    times, events = draw.integers(0, 12, 40).astype(float), draw.integers(0, 2, 40)
    curve = kaplan_meier(times, events)["all"]
    with quietly([]):
        fitter = KaplanMeierFitter().fit(times, events)
        table = fitter.event_table
    np.testing.assert_array_equal(curve.times, table.index)
    np.testing.assert_array_equal(curve.at_risk, table["at_risk"])
    np.testing.assert_array_equal(curve.events, table["observed"])
    np.testing.assert_array_equal(curve.censored, table["censored"])
    np.testing.assert_allclose(curve.survival, fitter.survival_function_.iloc[:, 0], atol=1e-14)
    assert curve.quantile().value == pytest.approx(fitter.median_survival_time_, nan_ok=True)
