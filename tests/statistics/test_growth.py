"""Growth inhibition, T/C, growth rates and the bootstrap: closed forms, checks.md, and invivoSyn's definitions.

invivoSyn (R) is no module of Python; what it prints follows from definitions that are sums and means. They are written
out here with pandas, from its published source, and compared on the public studies.
"""

import math

import numpy as np
import pandas as pd
import pytest

from cereblon.ground.errors import InputError
from cereblon.statistics.growth import (
    Sizes,
    T_over_C,
    TGI_of_change,
    TGI_of_ratio,
    growth_rate_of_AUC,
    growth_rates,
    inhibition,
    median_ratio,
    rates_of_groups,
)
from cereblon.statistics.resampling import interval, stream, tails


def test_the_two_forms_against_the_check_row(small):
    assert TGI_of_change(450, 1500, 150) == pytest.approx(0.7778, abs=5e-5)
    assert TGI_of_ratio(450, 1500) == pytest.approx(0.70)
    assert TGI_of_ratio(450, 1500, 150, 150) == pytest.approx(0.70)
    assert TGI_of_change(100, 1500, 150) > 1  # a tumour that shrank
    both = small([[150, 800, 1500], [150, 800, 1500], [150, 300, 450], [150, 300, 450]])
    assert inhibition(both, 14)["A"].value == pytest.approx(77.78, abs=5e-3)
    assert inhibition(both, 14, "ratio")["A"].value == pytest.approx(70)
    assert T_over_C(both, 14)["A"].value == pytest.approx(30)


def test_inhibition_of_the_public_studies_against_invivosyn(study):
    """getTGI: 1 - mean(DeltaTV) / mean(DeltaTV of the vehicle), or of RTV, on the mice of that day."""
    frame, sizes, day = study
    start = frame[frame["Day"] == 0].set_index("Mouse")["TV"]
    there = frame[frame["Day"] == day].assign(TV0=lambda t: start[t["Mouse"]].to_numpy())
    for form, column in (("change", there["TV"] - there["TV0"]), ("ratio", there["TV"] / there["TV0"])):
        means = column.groupby(there["Treatment"]).mean()
        found = inhibition(sizes, day, form)
        for group in sizes.treated:
            assert found[group].value == pytest.approx(100 * (1 - means[group] / means["Vehicle"]))
            assert found[group].low < found[group].value < found[group].high
            assert f"day {day:g}" in found[group].method


def test_growth_rates_of_the_public_studies_against_invivosyn(study):
    """get_AUC: trapezoids of ln(TV + 1) less its first value, twice over the squared span."""
    frame, sizes, _ = study
    theirs = []
    for _, mouse in frame.groupby("Mouse", sort=False):
        t, logs = mouse["Day"].to_numpy(float), np.log(mouse["TV"].to_numpy() + 1)
        steps = np.diff(t) * (logs[1:] + logs[:-1]) / 2
        theirs.append(2 * (steps.sum() - logs[0] * (t[-1] - t[0])) / (t[-1] - t[0]) ** 2)
    np.testing.assert_allclose(growth_rates(sizes, offset=1.0), theirs)
    # mAUCr: the median over all pairs of a treated and a vehicle mouse
    rates = pd.Series(theirs).groupby(frame.groupby("Mouse", sort=False)["Treatment"].first().to_numpy())
    for group in sizes.treated:
        pairs = [a / b for a in rates.get_group(group) for b in rates.get_group("Vehicle")]
        assert median_ratio(sizes, group, 1.0) == pytest.approx(np.median(pairs))


def test_growth_rate_of_exponential_growth_is_its_rate(grown):
    times = np.array([0.0, 3, 7, 10, 14])
    assert growth_rate_of_AUC(times, 150 * np.exp(0.17 * times)) == pytest.approx(0.17)
    assert growth_rate_of_AUC(times + 5, 150 * np.exp(-0.05 * times)) == pytest.approx(-0.05)
    assert rates_of_groups(grown([0.1, 0.2, 0.05, 0.07], "CCAA"))["C"].value == pytest.approx(0.15)


def test_a_mouse_taken_out_keeps_its_rate_and_is_counted_as_gone(small):
    values = [[100, 800, math.nan], [100, 400, 1600], [100, 200, 400], [100, 200, 400]]
    sizes = small(values)
    assert growth_rates(sizes)[0] == pytest.approx(math.log(8) / 7)
    gone = inhibition(sizes, 14)["A"]
    assert gone.value == pytest.approx(100 * (1 - 300 / 1500))
    assert "1 of 2 in C" in gone.note
    assert inhibition(sizes)["A"].note == ""  # without a day: the last one on which everybody was there
    assert "day 7" in inhibition(sizes)["A"].method
    assert inhibition(sizes.carried(), 14)["A"].value == pytest.approx(100 * (1 - 300 / 1100))


def test_a_control_that_does_not_grow_gives_no_number(small):
    flat = small([[100, 100, 100], [100, 90, 80], [100, 50, 20], [100, 50, 20]])
    found = inhibition(flat, 14)["A"]
    assert math.isnan(found.value)
    assert "did not grow" in found.note


def test_zeros_have_no_rate_unless_something_is_added(small):
    sizes = small([[100, 200, 400], [100, 200, 400], [100, 10, 0], [100, 50, 20]])
    assert math.isnan(growth_rates(sizes)[2])
    assert np.isfinite(growth_rates(sizes, offset=1.0)).all()
    assert "1 subject(s) without a rate" in rates_of_groups(sizes)["A"].note
    assert inhibition(sizes, 14)["A"].value == pytest.approx(100 * (1 - (-90 / 300)))


def test_an_interval_for_a_mean_is_as_wide_as_students():
    """Hesterberg 2015: the expanded percentile interval of a mean of n has Student's width, to its own error."""
    from scipy.stats import t

    x = stream(3, "sample").standard_normal(10)
    again = x[stream(4, "again").integers(0, 10, (40_000, 10))].mean(axis=1)
    found = interval(float(x.mean()), again, (10,))
    width = 2 * t.ppf(0.975, 9) * x.std(ddof=1) / math.sqrt(10)
    assert found.high - found.low == pytest.approx(width, rel=0.05)
    short = interval(float(x.mean()), again, (10,), kind="percentile")
    assert short.high - short.low < 0.9 * width


def test_tails_of_large_groups_are_those_of_the_percentile():
    assert tails(0.95, 100_000)[0] == pytest.approx(0.025, rel=1e-3)
    assert tails(0.9, 8, "percentile")[0] == pytest.approx(0.05)


def test_a_group_of_one_has_no_interval(small):
    one = inhibition(small([[100, 200, 400], [100, 150, 200]], "CA"), 14)["A"]
    assert one.value == pytest.approx(100 * (1 - 100 / 300))
    assert math.isnan(one.low)
    assert "group of one" in one.note


def test_the_same_seed_gives_the_same_interval_whoever_stands_beside(grown):
    rates = 0.1 + 0.02 * stream(1, "rates").standard_normal(24)
    three = grown(rates, "C" * 8 + "A" * 8 + "B" * 8)
    two = three.among(["A"])
    assert inhibition(three, seed=5)["A"] == inhibition(two, seed=5)["A"]
    assert inhibition(three, seed=5)["A"] != inhibition(three, seed=6)["A"]


def test_the_day_of_a_study_is_the_last_on_which_all_are_there(small):
    values = [[1, 2, 3]] * 5 + [[1, 2, math.nan]] + [[1, 2, 3]] * 3
    nine = small(values, "CCCCCAAAA")
    assert nine.last_common() == 7
    assert nine.last_common(["C"]) == 14
    sparse = small([[1, math.nan, 3]] + [[1, 2, 3]] * 4 + [[1, 2, math.nan]], "CCCCCA", (0.0, 7.0, 14.0))
    assert sparse.last_common(["C"]) == 14
    assert sparse.last_common() == 7  # four of five in C, all of A
    with pytest.raises(InputError, match="four fifths"):
        small([[1, math.nan, 3], [1, 2, math.nan]], "CA").last_common()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"control": "nobody"}, "no subject is in the control"),
        ({"values": np.array([[0.0, 1], [1, 2]])}, "no size above 0 at the start"),
        ({"values": np.array([[math.nan, 1], [1, 2]])}, "no size above 0 at the start"),
        ({"values": np.array([[1.0, -1], [1, 2]])}, "from 0 up"),
        ({"values": np.array([[1.0, math.inf], [1, 2]])}, "from 0 up"),
        ({"times": np.array([7.0, 0])}, "ascend"),
        ({"groups": ("C",)}, "a group for each"),
    ],
)
def test_sizes_that_are_none_are_refused(change, what):
    good = {
        "subjects": ("1", "2"), "groups": ("C", "A"), "times": np.array([0.0, 7]),
        "values": np.array([[1.0, 2], [1, 2]]), "control": "C",
    }  # fmt: skip
    assert Sizes(**good).treated == ("A",)
    with pytest.raises(InputError, match=what):
        Sizes(**good | change)


def test_what_was_not_measured_is_refused(grown):
    sizes = grown([0.1, 0.2, 0.05, 0.07], "CCAA")
    with pytest.raises(InputError, match="nothing was measured"):
        inhibition(sizes, 6)
    with pytest.raises(InputError, match="unknown form"):
        inhibition(sizes, form="delta")
    with pytest.raises(InputError, match="no such group"):
        sizes.of("B")
    with pytest.raises(InputError, match="unknown interval"):
        interval(1, [1, 2], (2, 2), kind="bca")
    for seed in (-1, 1.5, True):
        with pytest.raises(InputError, match="seed"):
            stream(seed, "x")
    for draws in (0, 2.0, 10**6):
        with pytest.raises(InputError, match="draws"):
            inhibition(sizes, draws=draws)
