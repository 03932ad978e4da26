"""Phase 1, all treated: the window's patients beyond it, at the doses that the escalation gave them."""

from dataclasses import replace

import numpy as np
import pytest

import cereblon as cb
from cereblon.bedside.followed import Followed, came, follow, lived_on
from cereblon.bedside.lanes import share_of, together
from cereblon.bedside.phase_1 import EscalationTrial
from cereblon.bedside.schedules import Schedules, _chosen, schedules
from cereblon.cohort import Cohort
from cereblon.ground.errors import InputError
from cereblon.model import whole_patient

SEED, PATIENTS = 4, 50


@pytest.fixture(scope="module")
def plan() -> EscalationTrial:
    whole = cb.escalation_trial("MM_001_phase_1_21_28")
    return replace(whole, protocol=replace(whole.protocol, structure={**whole.protocol.structure, "cycles": 4}))


@pytest.fixture(scope="module")
def found(plan: EscalationTrial) -> Followed:
    return plan.followed(SEED, PATIENTS, design="3+3")


def test_doses_are_those_of_the_escalation_and_the_rest_is_an_expansion_at_the_MTD(found: Followed) -> None:
    ended = found.escalated
    treated = [one.dose for one in ended.treated]
    assert found.doses[: len(treated)].tolist() == treated
    assert ended.MTD is not None
    assert (found.doses[len(treated) :] == ended.course.MTD).all()
    assert len(found.doses) == len(found.outcome.patients) == PATIENTS
    assert found.expansion == PATIENTS - len(treated)
    by_dose = found.by_dose()
    assert by_dose["patients"].sum() == PATIENTS
    assert by_dose["responders"].sum() == round(found.ORR.value * PATIENTS)
    assert by_dose["DLT"].sum() == sum(one.DLT for one in ended.treated)
    assert found.sources()


def test_who_is_followed_is_who_lived_through_the_window(plan: EscalationTrial, found: Followed) -> None:
    """Blood of the first weekly visits is the same, whether the window or the clinic takes it: one person."""
    some = list(enumerate(found.doses[:6].tolist()))
    cohorts = [Cohort(plan.population, SEED, (patient,)) for patient, _ in some]
    window, _ = plan.lived(cohorts, [dose - 1 for _, dose in some])
    for week in (1, 2):
        for name in ("ANC", "PLT"):
            seen, labs = window.seen[name][:, 7 * week], found.outcome.clinic.labs[name][:6, week]
            both = np.isfinite(seen) & np.isfinite(labs)
            assert both.sum() >= 3
            assert seen[both] == pytest.approx(labs[both], rel=5e-3)


def test_who_responds_at_the_end_of_the_window_has_half_his_protein_at_the_visit(
    plan: EscalationTrial, found: Followed
) -> None:
    some = list(enumerate(found.doses[:12].tolist()))
    cohorts = [Cohort(plan.population, SEED, (patient,)) for patient, _ in some]
    window, _ = plan.lived(cohorts, [dose - 1 for _, dose in some])
    protein = found.outcome.clinic.disease["protein"][:12]
    own = (protein[:, 0] > 0) & np.isfinite(protein[:, 4])
    assert own.sum() >= 4
    assert (window.responds(28)[own] == (protein[own, 4] <= protein[own, 0] / 2)).all()


def test_the_last_to_come_is_followed_shortest(found: Followed) -> None:
    cut = found.outcome.clinic.cut_day
    assert (np.diff(cut) < 0).all()
    assert cut[-1] == pytest.approx(found.escalated.trial.protocol["cut.least.duration"].to("d").value)


def test_fewer_are_the_first_who_came_and_without_an_MTD_nobody_is_added(found: Followed) -> None:
    ended = found.escalated
    assert came(ended, 5).doses.tolist() == [one.dose for one in ended.treated[:5]]
    assert (np.diff(came(ended, PATIENTS).month) > 0).all()
    none = replace(ended, course=replace(ended.course, MTD=0))
    assert len(came(none, PATIENTS).doses) == len(ended.treated)


def test_a_share_a_patient_is_the_share_of_his_cohort(plan: EscalationTrial) -> None:
    model = whole_patient(plan.regimen.compounds, plan.population.cells, body=plan.population.body)
    cohorts = [plan.population.sample(2, seed) for seed in (1, 2)]
    drug, share = plan.protocol.drug, share_of(plan.regimen, plan.protocol.drug, plan.levels[0])
    one = together(cohorts, plan.regimen, model, drug, [share, 1.0])
    each = together(cohorts, plan.regimen, model, drug, [np.full(2, share), np.ones(2)])
    assert all((one[slot] == each[slot]).all() for slot in one)
    with pytest.raises(InputError, match="share of the planned dose"):
        together(cohorts, plan.regimen, model, drug, [np.full(3, share), 1.0])


@pytest.fixture(scope="module")
def two(plan: EscalationTrial) -> Schedules:
    found = schedules("both", ("MM_001_phase_1_21_28", "MM_001_phase_1_7_14"), 1, seed=SEED)
    short = tuple(replace(a, protocol=replace(a.protocol, structure={**a.protocol.structure, "cycles": 2}))
                  for a in found.arms)  # fmt: skip
    return replace(found, arms=short)


def test_schedules_are_one_trial_of_other_people_each(two: Schedules) -> None:
    """Its shares are counted over all of them: the sum of the arms' patients, not the mean of two rates."""
    seeds = [one.seed for arm in two.ended for one in arm]
    assert len(set(seeds)) == len(seeds)
    who = _chosen([arm[0] for arm in two.ended], 13)
    assert sum(len(one.patients) for one in who) == 13
    whole = two.all_treated(13)
    arms = [lived_on(plan, [own])[0] for plan, own in zip(two.arms, who, strict=True)]
    hits = [int(arm.outcome.endpoints.responses.responders.sum()) for arm in arms]
    assert whole["ORR"].value == pytest.approx(sum(hits) / 13)
    assert whole["ORR, mezi_dex_7_14"].value == pytest.approx(hits[1] / len(arms[1].doses))
    assert "median PFS" not in whole.values
    assert arms[0].table()["patient"].tolist() == who[0].patients.tolist()


def test_those_drawn_by_lot_keep_their_doses_and_months(two: Schedules) -> None:
    ended = [arm[0] for arm in two.ended]
    for one, own in zip(ended, _chosen(ended, 13), strict=True):
        table = one.table().iloc[own.patients]
        assert own.doses.tolist() == table["dose"].tolist()
        assert own.month.tolist() == table["month"].tolist()
    assert [len(own.patients) for own in _chosen(ended, sum(len(one.treated) for one in ended))] == [
        len(one.treated) for one in ended
    ]


def test_what_the_escalations_did_not_treat_is_an_expansion_where_a_dose_is_tolerated(two: Schedules) -> None:
    one, other = (arm[0] for arm in two.ended)
    none = replace(one, course=replace(one.course, MTD=0), treated=one.treated[:3])
    going = replace(other, course=replace(other.course, MTD=1), treated=other.treated[:4])
    sizes = [[len(own.patients) for own in _chosen(pair, 20)] for pair in ((none, going), (going, going), (none, none))]
    assert sizes == [[3, 17], [10, 10], [3, 3]]


def test_laboratory_days_that_no_later_visit_has_are_refused(plan: EscalationTrial) -> None:
    with pytest.raises(InputError, match="beyond the window visits are weekly"):
        follow(replace(plan, labs="daily"), [])
    with pytest.raises(InputError, match="patients"):
        follow(plan, [], 0)
