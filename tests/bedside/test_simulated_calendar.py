"""TITE-CRM and backfill lead simulated patients: what was known on the day, read a second time from the patients."""

import numpy as np
import pytest

import cereblon as cb
from cereblon.bedside.calendar import Lived, calendar_trial
from cereblon.bedside.escalated import Escalated
from cereblon.bedside.escalation.backfill import Backfill
from cereblon.bedside.escalation.boin import BOIN
from cereblon.bedside.escalation.crm import TITECRM
from cereblon.bedside.phase_1 import EscalationTrial

SEED = 4


@pytest.fixture(scope="module")
def plan() -> EscalationTrial:
    return cb.escalation_trial("MM_001_phase_1_21_28")


@pytest.fixture(scope="module")
def tite(plan: EscalationTrial) -> Escalated:
    return plan.run(SEED, "TITE-CRM")


@pytest.fixture(scope="module")
def filled(plan: EscalationTrial) -> Escalated:
    return plan.run(SEED, "backfill")


def test_each_dose_is_the_one_that_weights_of_that_day_ask_for(plan: EscalationTrial, tite: Escalated) -> None:
    """Cheung and Chappell 2000: who is watched counts by the part of his window; read here from the table alone."""
    design, window, table = tite.course.design, plan.accrual.window, tite.table()
    assert isinstance(design, TITECRM)
    days = plan.definition["window.duration"].to("d").value
    for k in range(1, len(table)):
        now, before = table["month"][k], table[:k]
        toxic = before["month"] + np.where(before["DLT"], before["day"].clip(upper=days) / days * window, np.inf)
        known = np.minimum(toxic, before["month"] + window) <= now
        done = before[known & before["evaluable"]]
        doses = range(1, design.doses + 1)
        n = [int((done["dose"] == dose).sum()) for dose in doses]
        y = [int(((done["dose"] == dose) & done["DLT"]).sum()) for dose in doses]
        waiting = [(row.dose, (now - row.month) / window) for row in before[~known].itertuples()]
        at = int(before["dose"][before["evaluable"] | ~known].iloc[-1])  # of the last who counts
        assert design.decide(y, n, at, waiting=waiting).dose == table["dose"][k]


def test_who_is_not_evaluable_counts_no_more_and_is_replaced(tite: Escalated, filled: Escalated) -> None:
    for one in (tite, filled):
        table = one.table()
        assert one.replaced
        assert sum(one.course.n) == table["evaluable"].sum()
        assert sum(one.course.y) == (table["evaluable"] & table["DLT"]).sum()
        assert table["patient"].tolist() == list(range(len(table)))
        assert (np.diff(table["month"]) > 0).all()
    cohorts = filled.table()
    size = cohorts[cohorts["cohort"] > 0].groupby("cohort")["evaluable"].sum()
    assert (size == 3).all()


def test_who_is_backfilled_gets_a_lower_dose_at_which_somebody_responded(
    plan: EscalationTrial, filled: Escalated
) -> None:
    table, window = filled.table(), plan.accrual.window
    extra = table[table["cohort"] == 0]
    assert len(extra)
    for row in extra.itertuples():
        watched = table[(table["cohort"] > 0) & (table["month"] < row.month)]
        assert row.dose < watched["dose"].iloc[-1]
        seen = table[(table["month"] + window <= row.month) & (table["dose"] == row.dose)]
        assert (seen["responds"] & seen["evaluable"]).any()


def test_one_trial_is_the_same_alone_and_among_others(plan: EscalationTrial, tite: Escalated) -> None:
    again = plan.escalations((SEED + 1, SEED), "TITE-CRM")[-1]
    assert again.seed == SEED
    assert again.table().equals(tite.table())


def test_nobody_waits(plan: EscalationTrial, tite: Escalated) -> None:
    """Arrivals alone set the pace: so many gaps of a third of a month, and a window after the last."""
    assert tite.months == pytest.approx(tite.enrolled + plan.accrual.window)
    gaps = np.diff([0.0, *tite.table()["month"]])
    assert gaps.mean() == pytest.approx(1 / plan.accrual.rate, rel=0.5)


class _Three:
    """Every third is not evaluable; nobody has a DLT; all respond; one comes a month."""

    def lived(self, number: int, dose: int) -> Lived:
        return Lived(np.inf, True, number % 3 != 2)

    def gap(self) -> float:
        return 1.0


def test_cohorts_with_replacement_by_hand() -> None:
    """Patients 1, 2 count, 3 does not (known after 1.5 months), so 4 is backfill's or the cohort's; all decisions E."""
    found = calendar_trial(Backfill(design=BOIN(target=0.3, doses=3, cohorts=3), cap=2), _Three(), 1.5)
    assert found.course.n[2] >= 3
    assert sum(found.course.n) == sum(number % 3 != 2 for number in range(len(found.doses)))
    assert all(len(cohort.toxic) == 3 for cohort in found.course.cohorts)
    assert found.doses[0] == 1
    assert found.entries[0] == 1.0
    assert found.course.MTD == 3
