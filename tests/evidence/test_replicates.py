"""Replicates beside a trial's report: the right rows, the verdict of the house, what was not reached said as such."""

from dataclasses import replace

import numpy as np
import pytest

from cereblon.bedside.outcome import Replicates
from cereblon.cohort import population
from cereblon.evidence import calibrate_population as calibration
from cereblon.evidence.replicates import PREDICTED, PROTOTYPE, ROWS, SET, basis, beside_report, is_reported
from cereblon.evidence.rows import evidence_rows
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Quantity
from cereblon.statistics.intervals import clopper_pearson

PEOPLE = population("triple_class_refractory")


def replicates(**values: list[float]) -> Replicates:
    columns = {name.replace("_", " "): np.array(column) for name, column in values.items()}
    count = len(next(iter(columns.values())))
    return Replicates("MM-001 phase 2", 101, tuple(range(count)), columns, count, PEOPLE)


def test_every_row_is_of_the_trial_and_known_to_a_replicate() -> None:
    for key in ROWS:
        assert evidence_rows()[key].setting == "MM-001 phase 2", key
    assert is_reported("MM-001 phase 2")
    assert not is_reported("MM-001 phase 9")


def test_the_reported_interval_is_the_exact_one_and_the_verdict_follows() -> None:
    """41 of 101, by Clopper and Pearson; rates that hold it, and rates that all lie below."""
    exact = clopper_pearson(41, 101)
    near = beside_report(replicates(ORR=[0.36, 0.41, 0.45])).iloc[0]
    assert (near["reported_low"], near["reported_high"]) == (exact.low, exact.high)
    assert near["verdict"] == "agrees"
    far = beside_report(replicates(ORR=[0.1, 0.12, 0.15])).iloc[0]
    assert far["verdict"] == "misses"
    assert far["by"].endswith("points below")


def test_a_median_that_most_did_not_reach_is_no_agreement() -> None:
    """Of four trials one reached 7.6 months, the reported duration: the mean of those that did would agree."""
    found = beside_report(replicates(median_DOR=[7.6, np.nan, np.nan, np.nan])).iloc[0]
    assert np.isnan(found["simulated"])
    assert found["simulated_high"] == np.inf
    assert "not reached in 3 of 4" in found["label"]
    some = beside_report(replicates(median_PFS=[4.0, 4.4, 5.0, np.nan])).iloc[0]
    assert some["simulated"] == 4.4
    assert {found["verdict"], some["verdict"]} == {"uninformative"}  # an interval without end could not have missed


def test_what_a_population_was_set_on_is_not_called_predicted() -> None:
    growth = "variability.myeloma.growth"
    mine = {growth: Quantity(0.4, "1", source="calibration", grade="calibrated", note=calibration.NOTE)}
    assert basis("C21a", PEOPLE.replace(mine)) == SET
    assert basis("T04", PEOPLE.replace(mine)) == PREDICTED
    bare = replace(PEOPLE, values={a: replace(q, source="assumption", note="") for a, q in PEOPLE.values.items()})
    assert basis("C21a", bare) == PREDICTED
    old = {growth: Quantity(0.4, "1", source="prototype", grade="calibrated")}
    assert basis("C21a", bare.replace(old)) == PROTOTYPE


def test_a_trial_without_a_report_is_refused() -> None:
    with pytest.raises(InputError, match="nothing was reported"):
        beside_report(replace(replicates(ORR=[0.4]), name="mine"))
