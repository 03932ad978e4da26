"""Restricted means against Klein and Moeschberger's example, lifelines and closed forms; replicates against curves."""

import math

import numpy as np
import pytest

from cereblon.ground.errors import InputError
from cereblon.statistics.follow_up import at_risk, follow_up
from cereblon.statistics.replicates import medians, survival_at
from cereblon.statistics.restricted_mean import restricted_mean
from cereblon.statistics.survival import kaplan_meier

SIX_MP = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
SIX_MP_EVENTS = [1] * 9 + [0] * 12
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
CURVES = kaplan_meier(SIX_MP + PLACEBO, SIX_MP_EVENTS + [1] * 21, ["6-MP"] * 21 + ["placebo"] * 21, unit="week")


def test_mean_of_freireich_against_klein_and_moeschberger():
    """Survival Analysis (2003), example 4.1: to 35 weeks 23.3, standard error 2.83 (from rounded survival)."""
    found = restricted_mean(CURVES, 35)
    assert found.means["6-MP"] == pytest.approx(23.303, abs=0.02)
    assert math.sqrt(found.variances["6-MP"]) == pytest.approx(2.827, abs=0.005)


def test_mean_against_lifelines():
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    fitter = KaplanMeierFitter().fit(SIX_MP, SIX_MP_EVENTS)
    for tau in (10, 23, 30):
        assert restricted_mean(CURVES, tau).means["6-MP"] == pytest.approx(restricted_mean_survival_time(fitter, tau))


def test_without_censoring_it_is_a_mean_and_its_error():
    """The mean of the placebo times, with their variance over n."""
    found = restricted_mean(kaplan_meier(PLACEBO, [1] * 21), 23)
    assert found["all"].value == pytest.approx(np.mean(PLACEBO))
    assert found.variances["all"] == pytest.approx(np.var(PLACEBO) / 21)


def test_difference_of_the_arms_has_the_sum_of_their_variances():
    found = restricted_mean(CURVES, 23)
    difference = found.difference("6-MP", "placebo")
    assert difference.value == pytest.approx(found.means["6-MP"] - found.means["placebo"])
    half = 1.959964 * math.sqrt(sum(found.variances.values()))
    assert difference.high - difference.value == pytest.approx(half, rel=1e-6)
    assert 0 < found.p("6-MP", "placebo") < 1e-3


def test_tau_may_not_lie_beyond_what_was_seen():
    with pytest.raises(InputError, match=r"beyond what was seen.*35"):
        restricted_mean(CURVES, 36)
    assert restricted_mean(CURVES).tau == 35  # the placebo curve has come down to 0
    for bad in (0, -1, math.inf, math.nan):
        with pytest.raises(InputError):
            restricted_mean(CURVES, bad)
    with pytest.raises(InputError, match="no such arm"):
        restricted_mean(CURVES).difference("6-MP", "nobody")


def test_follow_up_is_the_curve_with_losses_as_events():
    """Freireich: reverse curve of the 6-MP arm, by hand: at 25 weeks survival from loss falls to .469."""
    found = follow_up(SIX_MP, SIX_MP_EVENTS, unit="week")
    assert found.median().value == 25
    plain = kaplan_meier(SIX_MP, [1 - e for e in SIX_MP_EVENTS])
    np.testing.assert_array_equal(found["all"].survival, plain["all"].survival)


def test_those_at_risk_against_the_published_table():
    table = at_risk(CURVES, [0, 6, 7, 10, 13, 16, 22, 23])
    own = table[table["arm"] == "6-MP"]
    assert own["at_risk"].tolist() == [21, 21, 17, 15, 12, 11, 7, 6]
    assert own["events"].tolist()[-1] == 9
    assert at_risk(CURVES)["time"].max() <= 35
    with pytest.raises(InputError):
        at_risk(CURVES, [-1])


def test_many_replicates_at_once_are_the_curves_one_by_one():
    rng = np.random.default_rng(7)
    times = rng.integers(1, 15, (20, 30)).astype(float)
    events = (rng.random((20, 30)) < 0.7).astype(float)
    times[rng.random((20, 30)) < 0.1] = np.nan
    at = [0.0, 3.0, 7.5, 12.0]
    S, middle = survival_at(times, events, at), medians(times, events)
    for r in range(20):
        own = ~np.isnan(times[r])
        curve = kaplan_meier(times[r][own], events[r][own])
        for k, t in enumerate(at):
            row = int(np.searchsorted(curve["all"].times, t, side="right")) - 1
            if not np.isnan(S[r, k]):
                assert S[r, k] == pytest.approx(curve["all"].survival[row])
        np.testing.assert_equal(middle[r], curve.median().value)


def test_survival_beyond_the_last_loss_is_not_known():
    assert np.isnan(survival_at([[1, 2, 3]], [[1, 1, 0]], [4])[0, 0])
    assert survival_at([[1, 2, 3]], [[1, 1, 1]], [4])[0, 0] == pytest.approx(0)


@pytest.mark.parametrize(
    ("times", "events"),
    [([1, 2], [1, 1]), ([[1, 2]], [[1]]), ([[-1, 2]], [[1, 1]]), ([[1, 2]], [[1, 2]]), ([[np.nan]], [[1]])],
)
def test_bad_replicates_are_refused(times, events):
    with pytest.raises(InputError):
        medians(times, events)


def test_a_mean_prints_and_saves_itself(tmp_path):
    found = restricted_mean(CURVES)
    assert found.save(tmp_path / "m.csv").read_text().count("\n") == 3
    assert "6-MP: 23.3 week" in str(found)
