"""Cycles of any length, assessments in an interval of their own, doses as shares: the same patients under each."""

from dataclasses import replace

import numpy as np
import pytest

import cereblon as cb
from cereblon.bedside.outcome import Outcome
from cereblon.bedside.trial import Trial
from cereblon.ground.errors import InputError
from cereblon.records.regimen import regimen
from cereblon.records.trial import protocols


def short(name: str, patients: int = 8, cycles: int = 4) -> Trial:
    plan: Trial = cb.trial(name)
    return replace(plan, protocol=replace(plan.protocol, structure={"patients": patients, "cycles": cycles}))


@pytest.fixture(scope="module")
def doses() -> list[Outcome]:
    plan = short("MM_001_phase_2", patients=12, cycles=3)
    return plan.outcomes([1, 1, 1], cut=False, drug="mezigdomide", shares=[0.3, 1.0, 0.0], daily=True)


def test_every_shipped_trial_is_found_and_says_its_population() -> None:
    for name in protocols():
        assert cb.trial(name).population.name == "triple_class_refractory"


def test_a_triplet_in_21_d_cycles_is_assessed_every_28_d() -> None:
    outcome = short("mezi_bortezomib_dex").run(1, cut=False)
    clinic = outcome.clinic
    assert clinic.days[-1] == 4 * 21
    seen = np.flatnonzero(np.isfinite(clinic.disease["protein"]).any(axis=0))
    assert seen.tolist() == [0, 4, 8, 12]
    assert outcome.PFS.days.max() > 21


@pytest.mark.parametrize(("days", "cycle"), [("1-5", "7 d"), ("1-10", "14 d"), ("1-14", "21 d")])
def test_a_new_cycle_begins_on_its_own_day(days: str, cycle: str) -> None:
    given = cb.dose("mezigdomide", "1 mg", days=days, cycle=cycle, cycles=4)
    plan = replace(short("MM_001_phase_2", 6, 4), regimen=given)
    outcome = plan.run(1, cut=False)
    length = int(cycle.split()[0])
    assert outcome.clinic.days[-1] == 4 * length
    assert outcome.clinic.in_cycle == length // 7


def test_a_share_of_the_dose_is_that_dose(doses: list[Outcome]) -> None:
    plan = short("MM_001_phase_2", patients=12, cycles=3)
    less = replace(plan, regimen=regimen("mezi_dex", cycles=3))
    rows = tuple(
        replace(row, amount=row.amount.__class__.parse("0.3 mg")) if row.drug.name == "mezigdomide" else row
        for row in less.regimen.rows
    )
    (alone,) = replace(less, regimen=replace(less.regimen, rows=rows)).outcomes([1], cut=False)
    assert alone.table().drop(columns="patient").equals(doses[0].table().drop(columns="patient"))


def test_neutrophils_fall_with_the_dose_and_not_without_it(doses: list[Outcome]) -> None:
    low, full, none = (np.nanmin(one.daily, axis=1) for one in doses if one.daily is not None)
    assert (full <= low * (1 + 1e-3)).all()
    assert (low < none).all()


def test_daily_counts_change_nothing_and_lie_at_or_below_those_of_visits(doses: list[Outcome]) -> None:
    plan = short("MM_001_phase_2", patients=12, cycles=3)
    (alone,) = plan.outcomes([1], cut=False)
    assert alone.table().equals(doses[1].table())
    weekly = doses[1].clinic.truth["ANC"][doses[1].patients]
    assert doses[1].daily is not None
    seen = np.isfinite(weekly).all(axis=1)
    assert np.allclose(doses[1].daily[seen][:, ::7][:, : weekly.shape[1] - 1], weekly[seen][:, :-1], rtol=1e-3)


def test_shares_that_no_dose_can_have_are_refused() -> None:
    plan = short("MM_001_phase_2")
    with pytest.raises(InputError, match="share of the planned dose"):
        plan.outcomes([1], drug="mezigdomide", shares=[-1.0])
    with pytest.raises(InputError, match="share of the planned dose"):
        plan.outcomes([1, 2], drug="mezigdomide", shares=[1.0])


def test_what_trials_share_says_so_and_gives_way_to_a_number_of_their_own() -> None:
    shared, own = (cb.trial(name).protocol["cut.least.duration"] for name in ("mezi_bortezomib_dex", "MM_001_phase_2"))
    assert shared.note.startswith("shared by trials")
    assert (own.grade, own.note.startswith("shared")) == ("recalled", False)
