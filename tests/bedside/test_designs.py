"""Designs by name."""

import pytest

import cereblon as cb
from cereblon.bedside.designs import ESCALATIONS, NAMES, design, known, options
from cereblon.bedside.escalation.boin import BOIN
from cereblon.ground.errors import InputError

NEEDED: dict[str, dict] = {
    "CRM": {"skeleton": (0.1, 0.2, 0.3)}, "TITE-CRM": {"skeleton": (0.1, 0.2, 0.3)},
    "BLRM": {"amounts": (1, 2, 4), "reference": 2}, "Simon": {"p0": 0.1, "p1": 0.4}, "single arm": {"p0": 0.2, "n": 30},
    "log-rank": {"HR": 0.7, "median": 7, "rate": 20, "patients": 450},
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_design_is_made_by_name_prints_and_saves_itself(name: str, tmp_path) -> None:  # type: ignore[no-untyped-def]
    made = design(name, **NEEDED.get(name, {}))
    assert known(name) in str(made) or "log-rank" in str(made)
    assert len(made.table()) > 0
    assert made.save(tmp_path / "table.csv").read_text().count("\n") == len(made.table()) + 1


@pytest.mark.parametrize("name", ESCALATIONS)
def test_every_escalation_answers_its_two_questions(name: str) -> None:
    made = design(name, **NEEDED.get(name, {}))
    none = (0,) * made.doses
    assert made.decide(none, none).dose == made.start == 1
    once = (made.cohort, *none[1:])
    assert made.decide(none, once, 1).action in ("escalate", "stay")
    assert made.MTD(none, none) == 0
    assert made.source


def test_names_are_known_however_they_are_written() -> None:
    assert [known(text) for text in ("boin", "3+3", "MTPI2", "single-arm", "log rank", "tite_crm")] == [
        "BOIN", "3+3", "mTPI-2", "single arm", "log-rank", "TITE-CRM",
    ]  # fmt: skip


def test_an_unknown_design_or_option_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="BOIN"):
        design("BOIM")
    with pytest.raises(InputError, match="target, or another"):
        design("BOIN", targt=0.3)
    with pytest.raises(InputError, match="skeleton"):
        design("CRM", target=0.3)
    with pytest.raises(InputError, match="no such option"):
        design("3+3", target=0.3)


@pytest.mark.parametrize(
    ("given", "where"),
    [({"doses": 10**7}, "doses"), ({"cohorts": 10**6}, "cohorts"), ({"cohort": 100, "cohorts": 11}, "cohort, cohorts")],
)
def test_a_design_has_a_sensible_size(given: dict[str, int], where: str) -> None:
    with pytest.raises(InputError) as refused:
        design("BOIN", **given)
    assert refused.value.where == where


def test_trials_that_memory_would_not_hold_are_refused() -> None:
    with pytest.raises(InputError, match="too many patients to simulate at once"):
        cb.operating(design("BOIN", cohorts=30), (0.05, 0.12, 0.25, 0.4, 0.55), trials=1_000_000)


def test_backfill_takes_the_options_of_boin() -> None:
    made = design("backfill", target=0.25, doses=4, cap=9)
    assert made.design == BOIN(target=0.25, doses=4)
    assert made.cap == 9
    assert {"target", "cap", "design"} <= set(options("backfill"))


def test_the_public_names_are_those_of_the_bedside() -> None:
    made = cb.design("BOIN", target=0.3)
    assert cb.operating(made, (0.05, 0.12, 0.25, 0.4, 0.55), trials=20).design == made
    assert cb.bedside.skeleton(0.05, 0.25, 3, 5)[2] == pytest.approx(0.25)
