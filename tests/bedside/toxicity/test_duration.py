"""How long a count is low: hand sums, and the dense line between the samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cereblon.bedside.toxicity import longest_below
from cereblon.bedside.toxicity.duration import RULES
from cereblon.ground.errors import InputError

DAY, ANC = [1, 8, 15, 22, 29], [2.5, 0.4, 0.3, 0.4, 1.6]


@pytest.mark.parametrize(
    ("rule", "length"),
    [
        ("linear", (22 + 7 * 0.1 / 1.2) - (1 + 7 * 2.0 / 2.1)),
        ("log", (22 + 7 * np.log(0.5 / 0.4) / np.log(4)) - (1 + 7 * np.log(5) / np.log(6.25))),
        ("until recovery", 21),
        ("observed", 14),
    ],
)
def test_every_rule_against_a_hand_sum(rule, length):
    found = longest_below([DAY], [ANC], 0.5, rule)
    assert found.length[0] == pytest.approx(length)
    assert not found.ongoing[0]


def test_a_single_low_sample_lasts_by_rule():
    lengths = [longest_below([[1, 8, 15]], [[2.0, 0.4, 2.0]], 0.5, rule).length[0] for rule in RULES]
    assert lengths == pytest.approx([2 * 7 * 0.1 / 1.6, 2 * 7 * np.log(1.25) / np.log(5), 7, 0])


def test_an_episode_that_is_open_at_the_end_says_so():
    found = longest_below([[1, 8, 15]], [[2.0, 0.4, 0.4]], 0.5, "observed")
    assert (found.length[0], found.ongoing[0]) == (7, True)


def test_nobody_low_and_nothing_measured():
    found = longest_below([[1, 8], [1, 8]], [[2.0, 1.0], [np.nan, np.nan]], 0.5)
    assert found.length.tolist() == [0, 0]
    assert np.isnan(found.onset).all()


def test_missing_samples_are_bridged():
    with_gap = longest_below([DAY], [[2.5, 0.4, np.nan, 0.4, 1.6]], 0.5)
    assert with_gap.length[0] == pytest.approx(longest_below([DAY], [ANC], 0.5).length[0])


def test_the_longest_of_two_and_the_one_inside_the_window():
    day = [1, 8, 15, 22, 29, 36, 43, 50]
    x = [2.0, 0.4, 2.0, 2.0, 0.4, 0.4, 0.4, 2.0]
    assert longest_below([day], [x], 0.5, "until recovery").onset[0] == 29
    found = longest_below([day], [x], 0.5, "until recovery", within=[[1, 29]])
    assert (found.onset[0], found.length[0]) == (8, 7)


def test_an_unknown_rule_is_refused():
    with pytest.raises(InputError, match="unknown rule"):
        longest_below([DAY], [ANC], 0.5, "spline")


@given(st.lists(st.sampled_from([0.1, 0.3, 0.49, 0.51, 0.8, 2.0]), min_size=2, max_size=10))
def test_the_straight_line_against_a_dense_grid(x):
    """Count the days of a fine grid on which the interpolated count is low; the longest run of them."""
    day = np.cumsum(np.full(len(x), 3.0))
    fine = np.linspace(day[0], day[-1], 30_001)
    low = np.interp(fine, day, x) < 0.5 - 1e-12
    edges = np.diff(np.concatenate([[0], low.astype(int), [0]]))
    runs = (np.flatnonzero(edges == -1) - np.flatnonzero(edges == 1)) * (fine[1] - fine[0])
    expected = runs.max() if runs.size else 0.0
    assert longest_below([day], [x], 0.5).length[0] == pytest.approx(expected, abs=0.01)
