"""Backfill: which doses are open, and what happens when a lower dose speaks against the present one (BF-BOIN, 2024)."""

import pytest

from cereblon.bedside.escalation.backfill import Backfill
from cereblon.bedside.escalation.boin import BOIN
from cereblon.bedside.escalation.crm import CRM
from cereblon.bedside.escalation.mtpi2 import MTPI2
from cereblon.ground.errors import InputError

# target .25: lambda_e .197, lambda_d .298; 1 of 3 and 2 of 6 are D
TRIAL = Backfill(design=BOIN(target=0.25, cohorts=12), cap=12)


@pytest.mark.parametrize(
    ("y", "n", "responders", "at", "expected"),
    [
        ((0, 0, 0, 0, 0), (3, 3, 3, 0, 0), (0, 0, 0, 0, 0), 3, ()),  # nobody responded
        ((0, 0, 0, 0, 0), (3, 3, 3, 0, 0), (1, 1, 1, 0, 0), 3, (1, 2)),  # only below the present dose
        ((0, 0, 0, 0, 0), (3, 3, 3, 0, 0), (0, 1, 0, 0, 0), 3, (2,)),
        ((0, 0, 0, 0, 0), (3, 12, 3, 0, 0), (1, 1, 0, 0, 0), 3, (1,)),  # dose 2 is full
        ((0, 3, 0, 0, 0), (3, 6, 3, 0, 0), (1, 1, 0, 0, 0), 3, (1,)),  # dose 2 is D, and with dose 3 it is (3 of 9)
        ((0, 2, 0, 0, 0), (3, 6, 6, 0, 0), (1, 1, 0, 0, 0), 3, (1, 2)),  # dose 2 is D, with dose 3 (2 of 12) it is not
        ((2, 3, 0, 0, 0), (3, 6, 3, 0, 0), (1, 1, 0, 0, 0), 3, ()),  # what is unsafe closes what lies above
        ((0, 0, 0, 0, 0), (3, 3, 0, 0, 0), (1, 1, 0, 0, 0), 1, ()),
    ],
)
def test_doses_that_are_safe_active_and_not_full_are_open(y, n, responders, at, expected) -> None:  # type: ignore[no-untyped-def]
    assert TRIAL.open(y, n, responders, at) == expected


@pytest.mark.parametrize(
    ("y", "n", "at", "dose"),
    [
        ((0, 1, 0, 0, 0), (3, 9, 3, 0, 0), 3, 4),  # all agree: as BOIN alone
        ((0, 3, 0, 0, 0), (3, 9, 9, 0, 0), 3, 4),  # dose 2 (3 of 9) against, pooled 3 of 18 is E: up
        ((0, 4, 0, 0, 0), (3, 9, 9, 0, 0), 3, 3),  # pooled 4 of 18 (.222) is S: stay
        ((0, 4, 1, 0, 0), (3, 9, 3, 0, 0), 3, 1),  # pooled 5 of 12 is D, dose 2 alone too: below it
        ((0, 2, 2, 0, 0), (3, 9, 3, 0, 0), 3, 2),  # dose 3 alone is D, dose 2 (2 of 9) is not against it: one down
        ((3, 0, 0, 0, 0), (3, 3, 3, 0, 0), 3, 0),  # the lowest dose is too toxic
    ],
)
def test_a_lower_dose_that_speaks_against_is_pooled(y, n, at, dose) -> None:  # type: ignore[no-untyped-def]
    assert TRIAL.decide(y, n, at, escalated=9).dose == dose


def test_the_plan_counts_patients_of_cohorts_alone() -> None:
    short = Backfill(design=BOIN(target=0.25, cohorts=4))
    data = ((0, 0, 0, 0, 0), (9, 9, 3, 0, 0), 3)
    assert short.decide(*data, escalated=9).dose == 4
    assert short.decide(*data, escalated=12).end == "full"


def test_any_interval_design_takes_backfill_and_no_other() -> None:
    assert Backfill(design=MTPI2(target=0.25)).aim == 0.25
    with pytest.raises(InputError, match="interval design"):
        Backfill(design=CRM(skeleton=(0.1, 0.2), target=0.25))  # type: ignore[arg-type]


def test_more_responders_than_patients_are_refused() -> None:
    with pytest.raises(InputError, match="more patients"):
        TRIAL.open((0,) * 5, (3, 3, 0, 0, 0), (4, 0, 0, 0, 0), 2)
