"""Calibration of the population: what is free, on which scale, and how it is written. (A fit takes minutes.)"""

from pathlib import Path

import numpy as np
import pytest

from cereblon.cohort import population
from cereblon.evidence.calibrate_population import OWN, ROWS, STRUCTURES, Fit, _numbers, free, reported, write
from cereblon.evidence.rows import evidence_rows
from cereblon.ground.quantity import Quantity


@pytest.mark.parametrize("structure", STRUCTURES)
def test_a_free_number_starts_where_the_record_stands_and_comes_back_as_it(structure: str) -> None:
    people, scales = population(structure), free(structure)
    back = _numbers(scales, np.array([scale.start for scale in scales]))
    for address, q in back.items():
        assert q.value == pytest.approx(people[address].value, rel=1e-2), address
        assert q.unit == people[address].unit
        assert people[address].grade == "calibrated"
    assert {scale.address for scale in scales} >= set(OWN[structure])


def test_a_prior_is_the_interval_of_the_record_as_95_percent() -> None:
    """Against the closed form: growth .0115 in (.004, .02)/d, on the logarithm."""
    growth = next(scale for scale in free(STRUCTURES[0]) if scale.address == "myeloma.growth")
    assert growth.value(growth.prior) == pytest.approx(0.0115)
    assert growth.width == pytest.approx(np.log(0.02 / 0.004) / (2 * 1.96))


def test_what_resistance_a_structure_has_is_free_within_its_interval_and_pulled_nowhere() -> None:
    for structure in STRUCTURES:
        own = [scale for scale in free(structure) if scale.address in OWN[structure]]
        assert len(own) == 2
        for scale in own:
            q = population(structure)[scale.address]
            assert np.isinf(scale.width)
            assert [scale.value(end) for end in scale.ends] == pytest.approx([q.low, q.high], rel=1e-2)
            assert scale.ends[0] <= scale.start <= scale.ends[1]


def test_what_is_fitted_has_the_role_calibrate_and_a_median_is_the_half() -> None:
    assert all(evidence_rows()[row].role == "calibrate" for row in ROWS)
    assert reported()["C21b"] == 0.5
    assert reported()["C21a"] == pytest.approx(41 / 101)


def test_numbers_are_written_where_they_stand_and_nothing_else_moves(tmp_path: Path) -> None:
    shipped = Path(population(STRUCTURES[1]).file)
    copy = tmp_path / "mine.toml"
    copy.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    new = {
        "myeloma.growth": Quantity(0.0123, "1/d"),
        "variability.myeloma.growth": Quantity(0.456, "1"),
        "tumour.MYC.independent": Quantity(0.789, "1"),
    }
    write(Fit(str(copy), new, {}, {}, {}))
    before, after = population(shipped), population(copy)
    for address, q in after.values.items():
        own = address.removeprefix("mine.")
        assert q.value == (new[own].value if own in new else before[own].value), address
