"""Progression-free survival and its kin under FDA and EMA rules: the tables of the two guidances, case by case."""

import numpy as np
import pytest

from cereblon.bedside.endpoints import (
    EMA,
    FDA,
    Censoring,
    duration_of_response,
    endpoints,
    overall_survival,
    progression_free,
    time_to_response,
)
from cereblon.bedside.endpoints.times import WHY
from cereblon.bedside.response import assessments, best_response
from cereblon.ground.errors import InputError

NAN = np.nan
BETTER = [4, 1.5, 1.5, 1.5, 1.5, 1.5]
WORSE = [4, 1.5, 1.5, 2.6, 2.6, 2.6]  # progression on day 85


def trial(serum, **single):
    x = np.atleast_2d(np.array(serum, float))
    values = {"serum": x, "urine": np.where(np.isnan(x), NAN, 0.0)}
    return best_response(assessments(1 + 28 * np.arange(x.shape[1]), values, **single))


def case(serum, rule, **single):
    found = progression_free(trial(serum, **single), rule, interval=28)
    return float(found.days[0]), bool(found.events[0]), WHY[int(found.why[0])]


@pytest.mark.parametrize("rule", ["FDA", "EMA"])
def test_what_both_rules_agree_on(rule):
    assert case(WORSE, rule) == (84, True, "progression")
    assert case(BETTER, rule) == (140, False, "no event until the last assessment")
    assert case(BETTER, rule, death=150) == (149, True, "death")
    assert case([4, NAN, NAN], rule, death=20) == (19, True, "death")  # before the first assessment
    assert case([4, NAN, NAN], rule) == (0, False, "no assessment after baseline")


def test_another_therapy_censors_for_the_fda_and_not_for_the_ema():
    assert case(WORSE, "FDA", new_therapy=70) == (56, False, "another therapy")
    assert case(WORSE, "EMA", new_therapy=70) == (84, True, "progression")
    assert case(BETTER, "FDA", new_therapy=70, death=150) == (56, False, "another therapy")
    assert case(BETTER, "EMA", new_therapy=70, death=150) == (149, True, "death")
    assert case(WORSE, "FDA", new_therapy=120) == (84, True, "progression")  # after the event it changes nothing


def test_two_missed_visits_censor_for_the_fda_and_not_for_the_ema():
    gap = [4, 1.5, NAN, NAN, 5.5, 5.5]
    assert case(gap, "FDA") == (28, False, "event after missed visits")
    assert case(gap, "EMA") == (112, True, "progression")
    assert case([4, 1.5, 1.5, NAN, 5.5, 5.5], "FDA") == (112, True, "progression")  # one missed is none
    assert case([4, 1.5, NAN], "FDA", death=110) == (28, False, "event after missed visits")
    assert case([4, 1.5, NAN], "FDA", death=85) == (84, True, "death")


def test_another_therapy_may_be_an_event_by_rules_of_one_s_own():
    own = Censoring("ours", "event", None)
    assert case(BETTER, own, new_therapy=70) == (69, True, "another therapy")
    assert case(WORSE, own, new_therapy=120) == (84, True, "progression")


def test_unconfirmed_progression_and_death_keep_the_earlier_date():
    assert case([4, 1.5, 1.5, 2.6], "FDA", death=100) == (84, True, "progression")
    assert case([4, 1.5, 1.5, 2.6], "FDA") == (84, False, "no event until the last assessment")


def test_deaths_and_visits_after_the_cut_are_not_known():
    assert case(BETTER, "EMA", death=150, cut=120) == (112, False, "no event until the last assessment")
    assert case(WORSE, "EMA", cut=90) == (84, False, "no event until the last assessment")  # not yet confirmed


def test_overall_survival_counts_deaths_and_the_last_contact():
    death, contact = [150, NAN, 500], [NAN, 300, NAN]
    found = overall_survival(trial([BETTER, BETTER, BETTER], death=death, last_contact=contact, cut=400))
    assert found.days.tolist() == [149, 299, 140]
    assert found.events.tolist() == [True, False, False]


def test_duration_runs_from_the_first_of_the_pair_to_progression():
    found = duration_of_response(trial([WORSE, BETTER, [4, 4, 4, 4, 4, 4]]), "FDA", interval=28)
    assert found.patients == ("P1", "P2")
    assert found.days.tolist() == [56, 112]
    assert found.events.tolist() == [True, False]


def test_time_to_response_is_that_of_responders():
    found = time_to_response(trial([WORSE, [4, 3, 1.5, 1.5, 1.5, 1.5], [4, 4, 4, 4, 4, 4]], start=8.0))
    assert found.days.tolist() == [21, 49]


def test_the_interval_is_taken_from_the_data_and_said():
    found = progression_free(trial(WORSE), "FDA")
    assert "every 28 d" in "\n".join(found.notes)
    assert not progression_free(trial(WORSE), "EMA").notes


def test_months_are_of_30_4375_days():
    assert progression_free(trial(WORSE), "EMA").median().value == pytest.approx(84 / 30.4375)


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (lambda: progression_free(trial(WORSE), "FDAA"), "unknown censoring rules"),
        (lambda: progression_free(trial(WORSE, death=-5), "FDA"), "death before the first dose"),
        (lambda: progression_free(trial(WORSE, new_therapy=0), "FDA"), "another therapy before the first dose"),
        (lambda: Censoring("x", "maybe", None), "unknown rule"),
        (lambda: Censoring("x", "censor", 0), "missed"),
        (lambda: duration_of_response(trial([4, 4, 4]), "FDA").survival(), "nobody"),
    ],
)
def test_bad_input_is_refused(act, what):
    with pytest.raises(InputError, match=what):
        act()


# -- the whole ---------------------------------------------------------------------------------------------


def many(n=101, seed=3):
    rng = np.random.default_rng(seed)
    slope = rng.normal(-0.25, 0.5, n)
    serum = 3 * np.exp(np.cumsum(slope[:, None] + 0.12 * np.arange(9) + rng.normal(0, 0.1, (n, 9)), axis=1))
    serum[:, 0] = 3.0
    serum[rng.random(serum.shape) < 0.05] = NAN
    serum[:, 0] = 3.0
    values = {"serum": serum, "urine": np.where(np.isnan(serum), NAN, 0.0)}
    death = np.where(rng.random(n) < 0.3, rng.uniform(20, 260, n), NAN)
    return best_response(assessments(1 + 28 * np.arange(9), values, death=death))


def test_the_response_rate_is_the_sum_of_its_categories():
    found = endpoints(many())
    table = found.response_table().set_index("category")["n"]
    assert table["ORR"] == table[["sCR", "CR", "VGPR", "PR"]].sum()
    assert table[["sCR", "CR", "VGPR", "PR", "MR", "SD", "PD", "NE"]].sum() == 101
    assert found.ORR.value == pytest.approx(table["ORR"] / 101)


def test_exact_interval_of_41_of_101_against_checks():
    x = np.array([[4, 1.5, 1.5]] * 41 + [[4, 4, 4]] * 60, float)
    found = endpoints(best_response(assessments([1, 29, 57], {"serum": x, "urine": np.zeros_like(x)})))
    assert (found.ORR.low, found.ORR.high) == (pytest.approx(0.3093, abs=5e-5), pytest.approx(0.5082, abs=5e-5))


def test_those_who_cannot_be_evaluated_stay_in_the_denominator_of_all():
    x = np.array([[4, 1.5, 1.5], [4, NAN, NAN], [0.1, 0.1, 0.1]], float)
    found = endpoints(best_response(assessments([1, 29, 57], {"serum": x, "urine": np.zeros_like(x)})))
    assert (found.ORR.value, found.ORR_evaluable.value) == (pytest.approx(1 / 3), 1.0)


def test_fda_and_ema_differ_where_therapies_change_and_agree_elsewhere():
    found = many()
    one, other = progression_free(found, FDA, interval=28), progression_free(found, EMA)
    assert (one.days <= other.days).all()
    same = one.why == other.why
    np.testing.assert_array_equal(one.days[same], other.days[same])


def test_response_and_progression_compete():
    found = endpoints(many())
    incidence = found.incidence_of_response()
    last = float(incidence.times[-1])
    assert incidence.at(last, "response").value == pytest.approx(found.ORR.value, abs=0.05)
    total = sum(F[-1] for F in incidence.incidence.values())
    assert total + incidence.survival[-1] == pytest.approx(1)


def test_all_patients_failing_is_an_honest_result():
    x = np.tile([2.0, 3.0, 3.5], (5, 1))
    found = endpoints(best_response(assessments([1, 29, 57], {"serum": x, "urine": np.zeros_like(x)})))
    assert found.ORR.value == 0
    assert len(found.DOR) == 0
    assert "not estimated" in str(found.DOR.median())
    assert "median TTR" not in found.table()["endpoint"].tolist()


def test_a_result_prints_and_saves_itself(tmp_path):
    found = endpoints(many(), "EMA")
    assert "EMA" in str(found)
    assert found.save(tmp_path / "e.csv").read_text().count("\n") == len(found.table()) + 1
    assert found.PFS.save(tmp_path / "p.csv").read_text().count("\n") == 102
    assert found.follow_up.value > 0
