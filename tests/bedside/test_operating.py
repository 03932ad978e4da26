"""Operating characteristics: simulated against enumerated, enumerated against a plain simulation of its own."""

from math import comb

import numpy as np
import pytest

from cereblon.bedside.accrual import accrual
from cereblon.bedside.escalation.backfill import Backfill
from cereblon.bedside.escalation.blrm import BLRM
from cereblon.bedside.escalation.boin import BOIN
from cereblon.bedside.escalation.course import escalate
from cereblon.bedside.escalation.crm import CRM, TITECRM
from cereblon.bedside.escalation.design import Design
from cereblon.bedside.escalation.mtpi2 import MTPI2, Keyboard
from cereblon.bedside.escalation.pathways import pathways
from cereblon.bedside.escalation.skeleton import skeleton
from cereblon.bedside.escalation.three_plus_three import ThreePlusThree
from cereblon.bedside.operating import Operating, operating
from cereblon.bedside.simulated import cohort_trials, tolerances
from cereblon.ground.errors import InputError

TRUTH = (0.05, 0.12, 0.25, 0.4, 0.55)
GUESS = skeleton(0.06, 0.3, 3, 5)
SMALL: dict[str, Design] = {
    "3+3": ThreePlusThree(),
    "BOIN": BOIN(target=0.3, cohorts=6),
    "titrated": BOIN(target=0.3, cohorts=6, titration=True, stop_at=9, extra_safe=True),
    "mTPI-2": MTPI2(target=0.3, cohorts=6),
    "Keyboard": Keyboard(target=0.3, cohorts=6, start=2),
    "CRM": CRM(skeleton=GUESS, target=0.3, cohorts=6, too_toxic=0.95),
}


def near(simulated: float, exact: float, trials: int, spread: float) -> None:
    """Within 4.5 Monte-Carlo errors: some hundred of such comparisons are made here."""
    assert abs(simulated - exact) < 4.5 * spread / np.sqrt(trials) + 1e-9


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("truth", [TRUTH, (0.45, 0.5, 0.6, 0.7, 0.8)])
def test_simulation_against_enumeration(name: str, truth: tuple[float, ...]) -> None:
    design, trials = SMALL[name], 4000
    exact = operating(design, truth, exact=True)
    found = operating(design, truth, trials=trials, seed=3)
    every = [*zip(found.selection, exact.selection, strict=True), (found.none, exact.none)]
    every += [(found.ended[word], exact.ended[word]) for word in exact.ended]
    for one, other in every:
        near(one.value, other.value, trials, np.sqrt(max(other.value * (1 - other.value), 1 / trials)))
    rows = found.trials
    assert rows is not None
    for counts, one in ((rows.n, exact.patients), (rows.y, exact.DLT)):
        for dose in range(5):
            near(counts[:, dose].mean(), one[dose].value, trials, counts[:, dose].std() + 0.05)
    near(found.months.value, exact.months.value, trials, rows.months.std())
    near(found.enrolled.value, exact.enrolled.value, trials, rows.enrolled.std())
    near(found.total.value, exact.total.value, trials, rows.n.sum(axis=1).std() + 0.05)
    assert found.cohorts.value == pytest.approx(exact.cohorts.value, abs=0.15)


def test_enumeration_of_boin_against_a_plain_simulation_of_its_own() -> None:
    """The rule of Liu and Yuan 2015 with its published counts for .3 (checks.md), trial by trial; selection by hand."""
    up, down = {3: 0, 6: 1, 9: 2, 12: 2}, {3: 2, 6: 3, 9: 4, 12: 5}
    gone = {3: 3, 6: 4, 9: 5, 12: 7}
    random, trials, p = np.random.default_rng(5), 20_000, (0.2, 0.35, 0.5)
    patients, stopped = np.zeros(3), 0
    for _ in range(trials):
        y, n, d, top = [0] * 3, [0] * 3, 0, 2
        for _ in range(4):
            n[d] += 3
            y[d] += int(random.binomial(3, p[d]))
            if y[d] >= gone[n[d]]:
                top = d - 1
            if top < 0:
                stopped += 1
                break
            if d > top or y[d] >= down[n[d]]:
                d = max(min(d - 1, top), 0)
            elif y[d] <= up[n[d]]:
                d = min(d + 1, top)
        patients += n
    exact = operating(BOIN(target=0.3, doses=3, cohorts=4), p, exact=True)
    assert [one.value for one in exact.patients] == pytest.approx(patients / trials, abs=0.12)
    assert exact.none.value == pytest.approx(stopped / trials, abs=0.006)


def test_operating_characteristics_against_bfboin() -> None:
    """The example of bfboin (Magirr and Zhang 2025), 100 trials in which next to nobody responds: BOIN alone."""
    design = BOIN(target=0.25, doses=2, stop_at=9, extra_safe=True, offset=0.1)
    exact = operating(design, (0.1, 0.5), exact=True)
    for one, published in zip((*exact.selection, exact.none), (0.75, 0.18, 0.07), strict=True):
        assert one.value == pytest.approx(published, abs=3 * np.sqrt(one.value * (1 - one.value) / 100))
    spread = operating(design, (0.1, 0.5), trials=2000).trials
    assert spread is not None
    for counts, found, published in (
        (spread.n, exact.patients, (10.54, 7.41)), (spread.y, exact.DLT, (1.01, 3.71)),
    ):  # fmt: skip
        for dose in range(2):
            assert found[dose].value == pytest.approx(published[dose], abs=3 * counts[:, dose].std() / 10)


@pytest.mark.parametrize("name", SMALL)
def test_trial_i_of_a_seed_is_the_same_however_many_there_are(name: str) -> None:
    few = operating(SMALL[name], TRUTH, trials=40, seed=9).trials
    many = operating(SMALL[name], TRUTH, trials=300, seed=9).trials
    other = operating(SMALL[name], TRUTH, trials=300, seed=10).trials
    assert few is not None
    assert many is not None
    assert other is not None
    for column in ("n", "y", "MTD", "ending", "cohorts", "enrolled", "months"):
        assert (getattr(few, column) == getattr(many, column)[:40]).all()
    assert (many.n != other.n).any()


CALENDAR: dict[str, tuple[Design, dict]] = {
    "TITE-CRM": (TITECRM(skeleton=GUESS, target=0.3, cohorts=18), {}),
    "backfill": (Backfill(design=BOIN(target=0.3, cohorts=6), cap=8), {"responses": (0.1, 0.2, 0.4, 0.4, 0.4)}),
}


@pytest.mark.parametrize("name", CALENDAR)
def test_day_by_day_trials_are_the_same_however_many_there_are(name: str) -> None:
    design, more = CALENDAR[name]
    few, many = (operating(design, TRUTH, trials=k, seed=2, **more).trials for k in (5, 30))
    assert few is not None
    assert many is not None
    for column in ("n", "y", "MTD", "ending", "cohorts", "enrolled", "months"):
        assert (getattr(few, column) == getattr(many, column)[:5]).all()


def test_tite_crm_is_faster_than_crm_and_treats_as_many() -> None:
    design, _ = CALENDAR["TITE-CRM"]
    tite = operating(design, TRUTH, trials=60, window="84 d")
    plain = operating(CRM(skeleton=GUESS, target=0.3, cohorts=6), TRUTH, trials=60, window="84 d")
    assert tite.total.value == plain.total.value == 18
    assert tite.months.value == pytest.approx(18 / 2 + 84 / 30.4375, abs=0.8)  # everybody enters as they come
    assert plain.months.value == pytest.approx(18 / 2 + 6 * 84 / 30.4375, abs=0.8)


def test_tite_crm_of_a_short_window_chooses_as_crm_of_one_patient_at_a_time() -> None:
    """When every patient is watched to the end before the next comes, nobody counts in part."""
    tite = operating(TITECRM(skeleton=GUESS, target=0.3, cohorts=12), TRUTH, trials=150, window=1e-6)
    plain = operating(CRM(skeleton=GUESS, target=0.3, cohort=1, cohorts=12), TRUTH, exact=True)
    for one, other in zip(tite.selection, plain.selection, strict=True):
        near(one.value, other.value, 150, np.sqrt(max(other.value * (1 - other.value), 1 / 150)))


def test_backfill_adds_patients_at_lower_active_doses_and_no_time() -> None:
    design, more = CALENDAR["backfill"]
    assert isinstance(design, Backfill)
    found = operating(design, TRUTH, trials=120, **more)
    plain = operating(design.design, TRUTH, exact=True)
    assert found.total.value > plain.total.value + 2
    assert found.months.value == pytest.approx(plain.months.value, abs=1.2)
    idle = operating(design, TRUTH, trials=60, responses=(0.0,) * 5)
    assert idle.total.value <= 18
    rows = found.trials
    assert rows is not None
    assert (rows.n[:, :4] <= design.cap + 18).all()


def test_a_queue_shortens_the_trial_by_the_waiting() -> None:
    """Who waits enters at once: cohorts follow each other a window apart when patients abound."""
    design = BOIN(target=0.3, cohorts=6)
    away = operating(design, TRUTH, trials=400, accrual="3/month")
    queue = operating(design, TRUTH, trials=400, accrual="3/month", queue=True)
    assert [p.value for p in queue.selection] == [p.value for p in away.selection]
    assert queue.months.value < away.months.value
    crowd = operating(design, TRUTH, trials=400, accrual="1000/month", queue=True)
    assert crowd.months.value == pytest.approx(crowd.cohorts.value * 28 / 30.4375, abs=0.02)


def test_accrual_and_duration_of_cohorts_against_the_closed_form() -> None:
    """A gap of mean 1/rate before each patient, a window after each cohort."""
    found = operating(ThreePlusThree(doses=2), (0.2, 0.4), exact=True, accrual="1.5/month", window="21 d")
    window = 21 / 30.4375
    assert found.months.value == pytest.approx(found.total.value / 1.5 + found.cohorts.value * window, abs=1e-12)
    assert found.enrolled.value == pytest.approx(found.months.value - window, abs=1e-12)


def test_every_operating_characteristic_tells_accrual_and_duration() -> None:
    designs: list[tuple[Design, dict]] = [
        *((design, {"exact": True}) for design in SMALL.values()),
        *((design, {"trials": 3, **more}) for design, more in CALENDAR.values()),
    ]
    for design, more in designs:
        table = operating(design, TRUTH, **more).table().set_index("what")
        assert table.loc["duration", "value"] > table.loc["accrual", "value"] > 0
        assert table.loc["duration", "unit"] == "month"


def test_a_course_follows_the_simulated_trial_of_the_same_patients() -> None:
    design, truth = BOIN(target=0.3), np.array(TRUTH)
    trials = cohort_trials(design, truth, 3, 4, accrual())
    for i in range(3):
        patients = tolerances(4, 3, design.patients)[i]
        course = escalate(
            design, lambda dose, k, before, them=patients: list(them[before : before + k] < truth[dose - 1])
        )
        assert course.n == tuple(trials.n[i])
        assert course.y == tuple(trials.y[i])
        assert trials.MTD[i] == course.MTD
        assert len(course.table()) == len(course.cohorts) == trials.cohorts[i]
        assert course.table()["reason"].str.len().min() > 5


def test_a_cohort_must_answer_for_each_patient() -> None:
    with pytest.raises(InputError, match="cohort 1"):
        escalate(BOIN(target=0.3), lambda dose, patients, before: [True])


@pytest.mark.parametrize("name", SMALL)
def test_probabilities_of_all_pathways_sum_to_one(name: str) -> None:
    found = pathways(SMALL[name], cohorts=3)
    table = found.table(TRUTH)
    assert table["probability"].sum() == pytest.approx(1, abs=1e-12)
    assert len(table) == len(found.paths) > 3


def test_pathways_of_3_plus_3_are_its_rule() -> None:
    table = pathways(ThreePlusThree(), cohorts=1).table([0.3] * 5)
    assert list(table["next"]) == [2, 1, 0, 0]
    assert list(table["probability"]) == pytest.approx([comb(3, k) * 0.3**k * 0.7 ** (3 - k) for k in range(4)])


def test_pathways_after_the_end_are_refused() -> None:
    with pytest.raises(InputError, match="no next cohort"):
        pathways(BOIN(target=0.3), (3, 0, 0, 0, 0), (3, 0, 0, 0, 0), 1)


def test_a_share_that_no_trial_met_still_has_an_interval() -> None:
    found = operating(BOIN(target=0.3), [0.0] * 5, trials=100)
    assert found.none.value == 0
    assert found.none.high == pytest.approx(0.037, abs=0.001)  # Wilson
    assert operating(BOIN(target=0.3), [0.0] * 5, exact=True).selection[4].value == pytest.approx(1)


def test_the_correct_dose_is_the_nearest_to_the_target() -> None:
    found = operating(BOIN(target=0.3, cohorts=6), TRUTH, exact=True)
    assert found.best == 3
    assert found.correct.value == found.selection[2].value
    above = (found.patients[3].value + found.patients[4].value) / found.total.value
    assert found.overdosed.value == pytest.approx(above, abs=1e-12)
    assert operating(ThreePlusThree(), TRUTH, exact=True).best == 0
    assert operating(ThreePlusThree(), TRUTH, exact=True, target=0.25).best == 3


def test_blrm_is_simulated_through_the_same_interface() -> None:
    design = BLRM(amounts=(0.3, 0.6, 1.0, 1.5, 2.0), reference=1.0, cohorts=5)
    found = operating(design, TRUTH, trials=60)
    assert sum(p.value for p in found.selection) + found.none.value == pytest.approx(1)
    assert isinstance(found, Operating)


def test_a_result_prints_and_saves_itself(tmp_path) -> None:  # type: ignore[no-untyped-def]
    found = operating(BOIN(target=0.3, names=("0.1 mg", "0.3 mg", "0.6 mg", "1.0 mg", "2.0 mg")), TRUTH, trials=50)
    assert "0.6 mg" in str(found)
    assert "duration" in str(found)
    assert found.save(tmp_path / "oc.csv").read_text().startswith("what,dose,value,error")
    assert list(found.by_dose()["dose"]) == list(found.design.names)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"truth": (0.1, 0.2)}, "5 numbers"), ({"truth": (0.1, 0.2, 0.3, 0.4, 1.4)}, "truth"),
        ({"truth": (0.1, 0.2, float("nan"), 0.4, 0.5)}, "truth"), ({"truth": ("a",) * 5}, "truth"),
        ({"trials": 0}, "trials"), ({"seed": -1}, "seed"), ({"accrual": "2 mg"}, "dimension"),
        ({"accrual": 0}, "accrual"),
        ({"window": "-28 d"}, "window"), ({"responses": TRUTH}, "backfill"), ({"exact": True, "queue": True}, "queue"),
        ({"target": 3}, "target"),
    ],
)  # fmt: skip
def test_bad_input_is_refused(options: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        operating(BOIN(target=0.3), **{"truth": TRUTH, **options})


def test_backfill_asks_for_responses_and_is_never_exact() -> None:
    with pytest.raises(InputError, match="responses"):
        operating(Backfill(), TRUTH)
    with pytest.raises(InputError, match="simulation"):
        operating(Backfill(), TRUTH, responses=TRUTH, exact=True)


def test_a_queue_of_patients_who_are_treated_as_they_come_is_refused() -> None:
    with pytest.raises(InputError, match="queue"):
        operating(CALENDAR["TITE-CRM"][0], TRUTH, trials=2, queue=True)


def test_a_day_by_day_trial_that_ends_for_toxicity_has_no_mtd() -> None:
    toxic = (0.9,) * 5
    tite = TITECRM(skeleton=GUESS, target=0.3, cohorts=18, too_toxic=0.9)
    for design, more in ((tite, {}), (CALENDAR["backfill"][0], CALENDAR["backfill"][1])):
        found = operating(design, toxic, trials=15, **more)
        assert found.none.value == 1
        assert found.ended["toxic"].value == 1
        assert found.total.value < 18


def test_too_many_courses_are_refused_and_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cereblon.bedside.enumerated.MOST", 1000)
    with pytest.raises(InputError, match="too many"):
        operating(BOIN(target=0.3), TRUTH, exact=True)
