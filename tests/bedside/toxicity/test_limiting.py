"""Dose-limiting toxicity: every clause of the definitions, one patient for each."""

from dataclasses import replace

import numpy as np
import pytest

from cereblon.bedside.toxicity import course, dose_limiting, events
from cereblon.ground.errors import InputError
from cereblon.records.dlt import definition, definitions

DAY = [1, 8, 15, 22, 29]
FINE = [2.5, 2.0, 2.0, 2.0, 2.5]


def one(ANC=FINE, PLT=(200.0,) * 5, by="class_precedent", told=None, **single):
    seen = course(DAY, {"ANC": [ANC], "PLT": [list(PLT)]}, events_=told, **single)
    return dose_limiting(seen, by)


def test_grade_4_neutropenia_limits_when_it_lasts_more_than_seven_days():
    long = one([2.5, 0.4, 0.3, 0.4, 1.5])
    assert long.limited[0]
    assert "grade 4 neutropenia for more than 7 d" in long.reason(0)
    assert not one([2.5, 0.4, 1.1, 2.0, 2.5]).limited[0]


def test_the_interpolation_is_part_of_the_definition():
    """Two low samples a week apart: 7 days as seen, 8 and more by the line, 14 until recovery."""
    counts = [2.5, 0.4, 0.4, 2.0, 2.5]
    limited = {}
    for rule in ("linear", "log", "until recovery", "observed"):
        limited[rule] = bool(one(counts, by=replace(definition(), interpolation=rule)).limited[0])
    assert limited == {"linear": True, "log": True, "until recovery": True, "observed": False}


def test_the_version_of_the_grades_is_part_of_the_definition():
    d = replace(definition(), ctcae="6.0")
    assert not one([2.5, 0.4, 0.3, 0.4, 1.5], by=d).limited[0]  # grade 4 of 6.0 lies below .1


def test_any_grade_4_count_limits_by_the_other_definition():
    assert not one([2.5, 0.4, 2.0, 2.0, 2.5]).limited[0]
    found = one([2.5, 0.4, 2.0, 2.0, 2.5], by="any_grade_4")
    assert found.limited[0]
    assert found.day[0] == pytest.approx(1 + 7 * 2.0 / 2.1)


def test_platelets_limit_by_duration_or_transfusion():
    assert one(PLT=[200, 60, 20, 60, 150]).limited[0]
    assert not one(PLT=[200, 60, 26, 60, 150]).limited[0]
    assert "platelets transfused" in one(transfusion=15.0).reason(0)
    assert not one(transfusion=30.0).limited[0]  # after the window


def test_febrile_neutropenia_limits_and_fatigue_does_not():
    assert one(told=events([0], ["Febrile neutropenia"], [16], [3])).limited[0]
    assert not one(told=events([0], ["fatigue"], [16], [2])).limited[0]
    assert one(told=events([0], ["fatigue"], [16], [3])).limited[0]
    assert not one(told=events([0], ["fatigue"], [16], [3], related=0)).limited[0]
    assert not one(told=events([0], ["fatigue"], [29], [3])).limited[0]  # the window ends with day 28
    assert not one(told=events([0], ["Anemia"], [16], [4])).limited[0]  # of the blood


def test_missed_doses_limit_where_the_definition_says_so():
    doses = {"planned": 21.0, "taken": 15.0, "missed": 6.0}
    assert not one(**doses).limited[0]
    assert one(by="missed_doses", **doses).limited[0]
    assert not one(by="missed_doses", planned=21.0, taken=16.0, missed=5.0).limited[0]


def test_doses_held_for_toxicity_replace_nobody_unless_the_definition_says_so():
    held = {"planned": 21.0, "taken": 14.0, "missed": 7.0}
    assert one(**held).evaluable[0]
    assert not one(planned=21.0, taken=14.0, missed=1.0).evaluable[0]  # six were left out for another reason
    literal = replace(definition(), held_doses="replace")
    assert one(by=literal, **held).reason(0) == "replaced: took 14 of 21 doses, 7 kept back for toxicity"


def test_who_is_evaluable_and_who_is_replaced():
    assert one().evaluable[0]
    assert "last seen on day 20" in one(last_day=20.0).reason(0)
    assert "took 10 of 21" in one(planned=21.0, taken=10.0, missed=0.0).reason(0)
    assert one(planned=21.0, taken=16.0, missed=0.0).evaluable[0]
    assert one(planned=21.0, taken=10.0, missed=6.0).evaluable[0]  # those kept back for toxicity count
    assert "10 of 21 doses, 5 kept back" in one(planned=21.0, taken=10.0, missed=5.0).reason(0)
    assert "ANC was not measured" in one([np.nan] * 5).reason(0)
    assert one([2.5, 0.4, 0.3, 0.4, 0.4], last_day=29.0).evaluable[0]  # a DLT counts, whatever else
    early = course([1, 8, 15], {"ANC": [[2.5, 0.4, 0.4]], "PLT": [[200.0] * 3]},
                   events_=events([0], ["febrile neutropenia"], [9], [3]))  # fmt: skip
    assert dose_limiting(early).evaluable[0]


def test_prophylactic_growth_factor_is_told_from_treatment():
    assert "prophylactic G-CSF" in one(GCSF=3.0).reason(0)
    assert one([2.5, 0.8, 1.2, 2.0, 2.0], GCSF=9.0).evaluable[0]  # given for a grade 3 count
    assert one(GCSF=3.0, by="any_grade_4").evaluable[0]
    d = replace(definition(), prophylactic_GCSF="DLT")
    assert one(GCSF=3.0, by=d).limited[0]


def test_the_rate_is_of_the_evaluable_with_its_exact_interval():
    ANC = [[2.5, 0.4, 0.3, 0.4, 1.5], FINE, FINE, FINE]
    last = [29, 29, 29, 12]
    found = dose_limiting(course(DAY, {"ANC": ANC, "PLT": np.full((4, 5), 200.0)}, last_day=last))
    assert (found.rate.value, found.evaluable.sum()) == (pytest.approx(1 / 3), 3)
    assert (found.rate.low, found.rate.high) == (pytest.approx(0.0084, abs=1e-4), pytest.approx(0.9057, abs=1e-4))
    assert "1 to be replaced" in str(found)


def test_a_result_prints_saves_and_cites_itself(tmp_path):
    found = one()
    assert found.save(tmp_path / "d.csv").read_text().count("\n") == 2
    assert {"nct02509039", "ctcae_4_transcription"} <= set(found.sources())


def test_shipped_definitions_are_read_and_unknown_ones_refused():
    assert {"class_precedent", "missed_doses", "any_grade_4"} == set(definitions())
    with pytest.raises(InputError, match="nearest is class_precedent"):
        one(by="class_president")
