"""In-vivo Bliss and HSA: closed forms, and invivoSyn's definitions on the public studies (see test_growth)."""

import math

import numpy as np
import pandas as pd
import pytest

from cereblon.ground.errors import InputError
from cereblon.statistics.growth import growth_rates, inhibition
from cereblon.statistics.joint import ROWS, joint

K = {"C": 0.2, "A": 0.12, "B": 0.1}


def four(grown, k_both, each=3):
    rates = [k for g in ("C", "A", "B") for k in [K[g]] * each] + [k_both] * each
    groups = [g for g in ("C", "A", "B", "AB") for _ in range(each)]
    return grown(rates, groups)


def test_independent_treatments_score_nothing_and_better_ones_are_positive(grown):
    """Rates that add are Bliss on the scale of growth: k_C - (k_C - k_A) - (k_C - k_B)."""
    independent = K["A"] + K["B"] - K["C"]
    none = joint(four(grown, independent), "AB", ["A", "B"], 10)
    better = joint(four(grown, independent - 0.03), "AB", ["A", "B"], 10)
    for row in ("Bliss, log ratio", "Bliss, growth rate", "Bliss, log ratio, all days"):
        assert none[row].value == pytest.approx(0, abs=1e-12)
    assert better["Bliss, log ratio"].value == pytest.approx(0.03 * 10)
    assert better["Bliss, log ratio, all days"].value == pytest.approx(0.03 * 7.5)
    assert better["Bliss, growth rate"].value == pytest.approx(0.03)
    assert better["HSA, log ratio"].value == pytest.approx((K["B"] - independent + 0.03) * 10)
    assert better["Bliss, growth rate"].unit == "1/d"


def test_scores_on_inhibition_against_their_definition(grown):
    sizes = four(grown, 0.03)
    TGI = {g: e.value / 100 for g, e in inhibition(sizes, 10).items()}
    found = joint(sizes, "AB", ["A", "B"], 10)
    assert found["Bliss, TGI"].value == pytest.approx(100 * (TGI["AB"] - (1 - (1 - TGI["A"]) * (1 - TGI["B"]))))
    assert found["HSA, TGI"].value == pytest.approx(100 * (TGI["AB"] - max(TGI["A"], TGI["B"])))


def test_scores_of_the_public_studies_against_invivosyn(study):
    frame, sizes, day = study
    C, A, B, AB = sizes.order
    found = joint(sizes, AB, [A, B], day)
    start = frame[frame["Day"] == 0].set_index("Mouse")["TV"]
    frame = frame.assign(RTV=frame["TV"] / start[frame["Mouse"]].to_numpy())
    means = frame.groupby(["Day", "Treatment"])["RTV"].mean().unstack()[[C, A, B, AB]]
    # CombPDX_CI and the global index, the mean over the days after 0 that all groups have
    daily = np.log(means[A]) + np.log(means[B]) - np.log(means[C]) - np.log(means[AB])
    assert found["Bliss, log ratio"].value == pytest.approx(daily[day])
    assert found["Bliss, log ratio, all days"].value == pytest.approx(daily.dropna().drop(0).mean())
    assert found["HSA, log ratio"].value == pytest.approx(np.log(min(means[A][day], means[B][day]) / means[AB][day]))
    # its standard error by the delta method
    there = frame[frame["Day"] == day].groupby("Treatment")["RTV"]
    assert found.error == pytest.approx(math.sqrt((there.var() / there.count() / there.mean() ** 2).sum()))
    # TGI_synergy
    TGI = {g: e.value for g, e in inhibition(sizes, day).items()}
    expected = 100 * (1 - (1 - TGI[A] / 100) * (1 - TGI[B] / 100))
    assert found["Bliss, TGI"].value == pytest.approx(TGI[AB] - expected)
    # AUC_synergy: survival exp((k - k_vehicle) t) of each, their ratio is the index
    rates = pd.Series(growth_rates(sizes.until(day), 1.0)).groupby(list(sizes.groups)).mean()
    S = {g: math.exp((rates[g] - rates[C]) * 21) for g in (A, B, AB)}
    index = S[AB] / (S[A] * S[B])
    with_one = joint(sizes, AB, [A, B], day, offset=1.0)["Bliss, growth rate"].value
    assert -math.log(index) / 21 == pytest.approx(with_one)


def test_three_single_treatments_take_the_control_twice(grown):
    rates = {"C": 0.2, "A": 0.15, "B": 0.12, "D": 0.1, "ABD": 0.0}
    groups = [g for g in rates for _ in range(2)]
    sizes = grown([rates[g] for g in groups], groups)
    found = joint(sizes, "ABD", ["A", "B", "D"], 10)
    assert found["Bliss, growth rate"].value == pytest.approx(0.15 + 0.12 + 0.1 - 2 * 0.2)


def test_references_that_differ_in_sign_are_told(small):
    """Two treatments that each stop growth: none is left for Bliss on TGI, while the logarithms still see a gap."""
    rows = [[100, 1000, 2000]] * 3 + [[100, 110, 120]] * 3 + [[100, 110, 120]] * 3 + [[100, 108, 118.0]] * 3
    noisy = np.array(rows) * (1 + 0.002 * np.random.default_rng(1).standard_normal((12, 3)))
    found = joint(small(noisy, [g for g in ("C", "A", "B", "AB") for _ in range(3)]), "AB", ["A", "B"], 14)
    assert found["Bliss, log ratio"].value < 0 < found["HSA, log ratio"].value
    assert found.disagree
    assert "disagree in sign" in str(found)


def test_the_interval_is_that_of_its_seed(tmp_path, grown):
    rng = np.random.default_rng(2)
    groups = [g for g in ("C", "A", "B", "AB") for _ in range(6)]
    rates = [{**K, "AB": 0.0}[g] + 0.02 * rng.standard_normal() for g in groups]
    sizes = grown(rates, groups)
    one, again, other = (joint(sizes, "AB", ["A", "B"], 10, seed=s) for s in (1, 1, 2))
    assert one == again
    assert one["Bliss, TGI"] != other["Bliss, TGI"]
    for row in ROWS:
        assert one[row].low <= one[row].value <= one[row].high
        assert 0 <= one.p[row] <= 1
    assert one.save(tmp_path / "x.csv").read_text().count("\n") == 1 + len(ROWS)


def test_groups_that_are_not_there_are_refused(grown):
    sizes = four(grown, 0.0)
    for both, singles, what in (
        ("AB", ["A"], "groups of their own"),
        ("AB", ["A", "A"], "groups of their own"),
        ("AB", ["A", "nobody"], "no such group"),
        ("C", ["A", "B"], "groups of their own"),
    ):
        with pytest.raises(InputError, match=what):
            joint(sizes, both, singles)
