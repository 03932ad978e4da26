"""Figures of phase 1 and of dose: each says what it is, and what it shows is what the result holds."""

import pytest

import cereblon as cb
from cereblon.bedside.escalated import Escalated
from cereblon.bedside.phase_1 import EscalationTrial
from cereblon.ground.errors import InputError
from cereblon.show import render


@pytest.fixture(scope="module")
def plan() -> EscalationTrial:
    return cb.escalation_trial("MM_001_phase_1_21_28")


@pytest.fixture(scope="module")
def one(plan: EscalationTrial) -> Escalated:
    return plan.run(seed=4, design="3+3")


def words(chart: object) -> str:
    return render.svg(render.spec(chart))


def test_an_escalation_shows_its_patients_their_DLTs_and_who_was_replaced(one: Escalated) -> None:
    said = words(cb.plot(one))
    assert "MM-001 phase 1, 21/28: 3+3, seed 4" in said
    assert all(text in said for text in ("with a DLT", "replaced", "MTD", "1.6 mg"))
    assert one.replaced
    rows = [dot for dot in said.split("outcome: ") if dot.startswith(("with", "replaced"))]
    assert sum(dot.startswith("replaced") for dot in rows) == one.replaced
    assert len(rows) == len(one.treated)


def test_a_grid_rings_the_MTD_of_each_set_of_rules(plan: EscalationTrial) -> None:
    grid = cb.protocol_grid(plan, labs=("weekly",), holds=("pomalidomide_label",), patients=4)
    chart = cb.plot(grid)
    assert str(chart.to_dict()).count(",yes") == sum(cell.MTD > 0 for cell in grid.cells)
    said = words(chart)
    assert all(text in said for text in ("how much of an MTD is protocol", "precedent of the class", "blood weekly"))


def test_doses_and_schedules_are_drawn_with_their_front() -> None:
    found = cb.optimise(["mezi_dex"], ["0.3 mg", "1 mg"], ["lymphoma"], patients=4, cycles=2, months=1)
    said = words(cb.plot(found))
    assert "mezigdomide, 4 patients" in said
    assert "lymphoma, counts continuous" in said


def test_two_doses_are_drawn_with_how_often_the_better_is_chosen() -> None:
    pair = cb.two_doses(("0.3 mg", "1 mg"), 2, pool=6, cycles=2)
    said = words(cb.plot(pair))
    assert "2 patients an arm" in said
    for row in pair.table().to_dict("records"):
        assert ("chosen in" if row["better"] else "alike") in said


def test_what_became_of_all_treated_is_drawn_as_a_trial_is(plan: EscalationTrial, one: Escalated) -> None:
    from cereblon.bedside.followed import follow

    (found,) = follow(plan, [one], 12)
    assert "change from baseline" in words(cb.plot(found))
    assert "CTCAE" in words(cb.plot(found, "adverse_events"))
    with pytest.raises(InputError, match="one at a time"):
        cb.plot([one, one])
    with pytest.raises(InputError, match="one figure"):
        cb.plot(one, "waterfall")
