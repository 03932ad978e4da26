"""Rows on patients: replicates of the trial that reported them, beside a null model."""

import math
from dataclasses import replace

import numpy as np
import pytest

import cereblon as cb
from cereblon.bedside.outcome import Replicates, gathered
from cereblon.evidence.experiments import EXPERIMENTS
from cereblon.evidence.laboratory import Laboratory
from cereblon.evidence.rows import evidence_rows
from cereblon.evidence.trial_experiments import GRADE_3, NUMBERS, SETTINGS, SUMS, TREATED, _next_trial, reported_odds
from cereblon.ground.errors import InputError
from cereblon.records.trial import protocols

TRIAL = "MM_001_phase_2"


@pytest.fixture(scope="module")
def lab() -> Laboratory:
    return Laboratory(1, 60)  # two replicates


def test_every_row_of_a_trial_names_a_number_that_a_replicate_has(lab: Laboratory) -> None:
    rows = [r for r in evidence_rows().values() if r.experiment in ("in_trial", "category", "subgroup", "duration")]
    assert {r.id for r in rows} == {*NUMBERS, *GRADE_3, *SUMS}
    known = lab.trial(TRIAL).values
    assert {*NUMBERS.values(), *(n for some in (*GRADE_3.values(), *SUMS.values()) for n in some)} <= set(known)
    assert TRIAL in protocols()
    assert {r.setting for r in rows} == set(SETTINGS)


def test_a_trial_is_run_once_for_all_its_rows(lab: Laboratory) -> None:
    assert lab.trial(TRIAL) is lab.trial(TRIAL)
    assert lab.trial(TRIAL, idle=True).values["ORR"].max() < 0.1  # a glue that never closes does nothing


def test_grade_3_is_what_is_severe_without_grade_4(lab: Laboratory) -> None:
    row = evidence_rows()["T09"]
    found = EXPERIMENTS[row.experiment].run(row, lab)
    assert found is not None
    severe, worst = (lab.trial(TRIAL).values[name] for name in GRADE_3["T09"])
    assert found.value == pytest.approx(float(np.mean(severe - worst)))
    assert found.null < found.value


def test_an_investigator_reports_no_more_than_the_laboratory_found(lab: Laboratory) -> None:
    values = lab.trial(TRIAL).values
    for term in ("neutropenia", "thrombocytopenia", "anaemia"):
        assert (values[f"{term}, reported"] <= values[f"{term}, grade 3/4"]).all()
    assert (values["infection, reported"] == values["infection, grade 3/4"]).all()


def test_replicates_are_judged_on_their_own_numbers(lab: Laboratory) -> None:
    own = lab.trial(TRIAL)
    judged = cb.compare(own, draws=50)
    assert {c.row.id for c in judged} == {*NUMBERS, *GRADE_3} - {"C24", "C25", "T23", "T24"}  # of other trials
    assert judged["C21a"].simulated is not None
    assert judged["C21a"].simulated.value == own["ORR"].value
    assert judged["C21a"].basis == "set on it"
    assert judged["C22"].verdict.word == "cannot discriminate"  # no mechanism parts them
    with pytest.raises(InputError, match="nothing was reported of this trial"):
        cb.compare(replace(own, name="another"))


def test_odds_of_a_part_against_the_rest_against_the_table_by_hand() -> None:
    """15 of 30 against 26 of 71: conditional odds ratio near (15/15) / (26/45) = 1.73, with an interval around it."""
    odds = reported_odds(evidence_rows()["C22"])
    assert odds.value == pytest.approx(15 / 15 / (26 / 45), rel=0.02)
    assert odds.low < 1 < odds.high


def test_the_null_of_a_category_spreads_responders_evenly() -> None:
    row = evidence_rows()["T01"]
    shown = [(1, {"ORR": 0.4, "sCR": 0.0}), (2, {"ORR": 0.4, "sCR": 0.02})]
    made: Replicates = gathered("MM-001 phase 2", 101, shown, 2, cb.population("triple_class_refractory"))
    found = EXPERIMENTS["category"].run(row, Laboratory(1, 60, trials={(TRIAL, False): made}))
    assert found is not None
    assert found.null == pytest.approx(0.1)
    assert math.isclose(found.value, 0.01)


# -- phase 1 -------------------------------------------------------------------------------------------------------


def test_rows_of_phase_1_are_those_of_all_treated_at_the_doses_of_the_escalations(lab: Laboratory) -> None:
    rows = [row for row in evidence_rows().values() if row.experiment == "all_treated"]
    assert {row.id for row in rows} == set(TREATED)
    assert {row.setting for row in rows} == {lab.phase_1().name}
    for row in rows:
        found = EXPERIMENTS[row.experiment].run(row, lab)
        assert found is not None
        assert found.null < found.value  # a glue that never closes spares the marrow
        assert "replicates of 77 of all treated" in found.says
    assert lab.all_treated(77) is lab.all_treated(77)


def test_the_interval_of_one_more_trial_against_the_table_of_student() -> None:
    """t of 4 degrees of freedom is 2.776 at 97.5 % (any table); 1 to 5 have a variance of 2.5."""
    assert _next_trial(np.arange(1.0, 6.0)) == pytest.approx(2.776 * math.sqrt(2.5 * 1.2), rel=1e-3)
    assert math.isnan(_next_trial(np.array([1.0])))


def test_the_MTD_of_the_row_is_in_the_middle_and_without_toxicity_it_is_the_highest(lab: Laboratory) -> None:
    row = evidence_rows()["C33"]
    found = EXPERIMENTS[row.experiment].run(row, lab)
    assert found is not None
    assert found.low <= found.value <= found.high
    assert found.null == pytest.approx(1.4)  # 1.2 mg on one schedule, 1.6 mg on the other: the records' highest
    assert found.says.startswith("4 escalations")


def test_another_dose_of_a_trial_is_the_same_patients_with_less(lab: Laboratory) -> None:
    low, high = (lab.trial("pomalidomide_dex_28_28", dose=dose) for dose in ("2 mg", "4 mg"))
    assert low.seeds == high.seeds
    assert low["neutropenia, grade 3/4"].value <= high["neutropenia, grade 3/4"].value
    assert high["ORR"].value == lab.trial("pomalidomide_dex_28_28")["ORR"].value  # 4 mg is the record's
