"""The mixed model against the closed form of a balanced study, and power against its own simulation and tables."""

import math

import numpy as np
import pytest
from scipy import stats

from cereblon.ground.errors import InputError
from cereblon.statistics.mixed import INTERCEPTS, SLOPES, SLOPES_ALONE, growth_model
from cereblon.statistics.power import Design, power_of, power_of_difference, subjects_needed

TIMES = np.array([0.0, 3, 7, 10, 14])


@pytest.fixture
def noisy(small):
    """A balanced study of four groups, with the spread of subjects and measurements that is asked for."""

    def make(seed=1, n=8, between=0.03, residual=0.15, rates=(0.17, 0.1, 0.08, 0.02)):
        return small(*drawn(seed, n, between, residual, rates), TIMES)

    return make


def drawn(seed, n, between, residual, rates):
    rng = np.random.default_rng(seed)
    rows, groups = [], []
    for name, k in zip(("C", "A", "B", "AB"), rates, strict=True):
        for _ in range(n):
            slope, start = k + between * rng.standard_normal(), 5 + 0.3 * rng.standard_normal()
            rows.append(np.exp(start + slope * TIMES + residual * rng.standard_normal(TIMES.size)))
            groups.append(name)
    return rows, groups


def slopes_of(sizes):
    """Each subject's own least-squares slope, and the residual variance pooled over all."""
    logs = np.log(sizes.values)
    fits = [np.polyfit(TIMES, row, 1) for row in logs]
    residual = sum(float(((row - np.polyval(f, TIMES)) ** 2).sum()) for row, f in zip(logs, fits, strict=True))
    return np.array([f[0] for f in fits]), residual / (len(fits) * (TIMES.size - 2))


def test_a_balanced_study_against_its_closed_form(noisy):
    """Rates are means of the subjects' own slopes, their errors those of Student's test on these slopes."""
    sizes = noisy()
    model = growth_model(sizes)
    assert model.random == SLOPES
    slopes, residual = slopes_of(sizes)
    own = {g: slopes[sizes.of(g)] for g in sizes.order}
    for g in sizes.order:
        assert model.rate(g).value == pytest.approx(own[g].mean(), abs=1e-9)
    pooled = sum(float(((x - x.mean()) ** 2).sum()) for x in own.values()) / (len(slopes) - 4)
    found = model.difference("A")
    error = math.sqrt(pooled * 2 / 8)
    assert found.value == pytest.approx(own["A"].mean() - own["C"].mean(), abs=1e-9)
    assert found.high - found.low == pytest.approx(2 * stats.t.ppf(0.975, 28) * error, rel=1e-4)
    assert model.p({"A": 1, "C": -1}) == pytest.approx(2 * stats.t.sf(abs(found.value / error), 28), rel=1e-3)
    assert model.residual == pytest.approx(math.sqrt(residual), rel=1e-4)
    spread = pooled - residual / float(((TIMES - TIMES.mean()) ** 2).sum())
    assert model.between == pytest.approx(math.sqrt(spread), rel=1e-3)


def test_synergy_is_the_interaction_of_the_rates(noisy):
    model = growth_model(noisy())
    k = model.rates
    found = model.synergy("AB", ["A", "B"])
    assert found.value == pytest.approx(k["A"] + k["B"] - k["C"] - k["AB"])
    assert found.low < found.value < found.high


def test_random_slopes_that_are_not_there_fall_back_and_say_so(small):
    """What departs from the line is the same for all and has no slope, so the slopes' variance is at its boundary."""
    rng = np.random.default_rng(1)
    bend = np.array([1.0, -2, 1, -1, 1])
    bend -= np.polyval(np.polyfit(TIMES, bend, 1), TIMES)
    starts, signs = 5 + 0.3 * rng.standard_normal(16), rng.choice([-1.0, 1.0], 16)
    rates = [0.17] * 8 + [0.1] * 8
    rows = [np.exp(a + k * TIMES + 0.1 * s * bend) for a, k, s in zip(starts, rates, signs, strict=True)]
    model = growth_model(small(rows, "C" * 8 + "A" * 8, TIMES))
    assert model.random == INTERCEPTS
    assert model.between == 0
    assert any("singular" in note and "share one rate" in note for note in model.notes)
    assert "(1 | subject)" in str(model)


def test_a_large_mouse_that_was_taken_out_does_not_bias_the_rate(small, noisy):
    """Subjects above the limit leave; the mean of those left bends, the mixed model does not."""
    from cereblon.statistics.growth import inhibition

    full = noisy(seed=7, n=40, rates=(0.17, 0.1, 0.08, 0.02))
    values = full.values.copy()
    for row in values:
        over = np.flatnonzero(row >= 600)
        if over.size:
            row[over[0] + 1 :] = np.nan
    cut = small(values, full.groups, TIMES)
    assert np.isnan(cut.values).any()
    assert growth_model(cut).rate("C").value == pytest.approx(growth_model(full).rate("C").value, abs=0.006)
    assert inhibition(cut, 14)["A"].value < inhibition(full, 14)["A"].value - 5
    assert "not measured" in inhibition(cut, 14)["A"].note


def test_the_form_of_invivosyn_has_the_start_as_a_covariate(noisy):
    """`log(TV0) + Day + Day:A + ...` with slopes alone: noise-free rates come out whatever the start."""
    sizes = noisy(residual=0.05)
    model = growth_model(sizes, baseline="start")
    assert model.random == SLOPES_ALONE
    assert "ln start" in str(model)
    for g in sizes.order:
        assert model.rate(g).value == pytest.approx(growth_model(sizes).rate(g).value, abs=0.01)


def test_until_a_day_nothing_later_counts(small, noisy):
    sizes = noisy()
    late = sizes.values.copy()
    late[:, -1] *= 9
    changed = small(late, sizes.groups, TIMES)
    assert growth_model(changed, until=10).rates == growth_model(sizes, until=10).rates


def test_zeros_are_left_out_and_counted(small, noisy):
    values = noisy().values.copy()
    values[-1, -1] = 0
    model = growth_model(small(values, noisy().groups, TIMES))
    assert any(note.startswith("1 measurement(s) of 0") for note in model.notes)
    assert model.measurements == values.size - 1
    assert not any("of 0" in note for note in growth_model(small(values, noisy().groups, TIMES), offset=1.0).notes)


def test_too_little_for_a_model_is_refused(small, grown, noisy):
    with pytest.raises(InputError, match="more subjects than groups"):
        growth_model(grown([0.1, 0.2], "CA"))
    with pytest.raises(InputError, match="one time only"):
        growth_model(small([[1, 2, 3], [1, 2, 4], [1, math.nan, math.nan], [2, math.nan, math.nan]]))
    with pytest.raises(InputError, match="unknown baseline"):
        growth_model(noisy(), baseline="none")
    with pytest.raises(InputError, match="no such group"):
        growth_model(noisy()).rate("nobody")


def test_power_against_cohens_table():
    """Cohen 1988, table 2.3.5: two-sided .05, d .8: n 20 has 69 %, 26 has 81 %; d 1: n 17 has 81 %."""
    for d, n, power in ((0.8, 20, 0.69), (0.8, 26, 0.81), (1.0, 17, 0.81), (0.5, 64, 0.80)):
        assert power_of_difference(d, 1, n) == pytest.approx(power, abs=0.006)
    assert subjects_needed(0.8, 1) == 26
    assert subjects_needed(0.0, 1) == 0
    assert power_of_difference(0, 1, 10) == pytest.approx(0.05, abs=1e-9)


def test_formula_and_simulation_of_power_agree_where_nobody_leaves():
    design = Design(tuple(TIMES), 150, 0.17, 0.12, 0.03, 0.15, 0.25)
    found = power_of(design, (4, 8, 12), studies=2000)
    for formula, simulated in zip(found.formula, found.simulated, strict=True):
        assert simulated.low - 0.01 < formula < simulated.high + 0.01
    assert design.slope_sd == pytest.approx(math.sqrt(0.03**2 + 0.15**2 / float(((TIMES - TIMES.mean()) ** 2).sum())))
    assert found.needed.value == subjects_needed(0.05, design.slope_sd)


def test_mice_that_leave_cost_power():
    long = tuple(np.arange(0.0, 29, 3.5))
    design = Design(long, 150, 0.17, 0.14, 0.02, 0.2, 0.25)
    whole, cut = (power_of(Design(*list(vars(design).values())[:-1], limit), (8,), studies=1000) for limit in
                  (math.inf, 800.0))  # fmt: skip
    assert cut.simulated[0].value < whole.simulated[0].value - 0.1
    assert cut.formula[0] == whole.formula[0]


def test_power_is_bit_identical_and_prints_itself(tmp_path):
    design = Design((0.0, 7, 14), 150, 0.17, 0.1, 0.03, 0.15)
    one, again = power_of(design, (4, 6)), power_of(design, (4, 6))
    assert [s.value for s in one.simulated] == [s.value for s in again.simulated]
    # subject i of a study is the same whatever the group's size, so one number alone gives the same
    assert power_of(design, (6,)).simulated[0].value == one.simulated[1].value
    assert "n = 6" in str(one)
    assert one.save(tmp_path / "p.csv").read_text().count("\n") == 3


@pytest.mark.parametrize(
    ("call", "what"),
    [
        (lambda: Design((0.0,), 150, 0.1, 0.1, 0.03, 0.1), "two times"),
        (lambda: Design((0.0, 1), 150, 0.1, 0.1, 0.0, 0.0), "something varies"),
        (lambda: Design((0.0, 1), 0, 0.1, 0.1, 0.1, 0.0), "sizes above 0"),
        (lambda: power_of(Design((0.0, 1), 1, 0.1, 0.1, 0.1, 0.1), (1,)), "whole numbers"),
        (lambda: power_of(Design((0.0, 1), 1, 0.1, 0.1, 0.1, 0.1), studies=0), "studies"),
        (lambda: power_of_difference(1, 1, 4, alpha=0), "between 0 and 1"),
    ],
)
def test_designs_that_are_none_are_refused(call, what):
    with pytest.raises(InputError, match=what):
        call()
