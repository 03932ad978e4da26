"""Readings: curves and their controls, normalisation, quality of a plate."""

import math

import numpy as np
import pytest

from cereblon.bench.plate import Readings, layout, measure, quality, series
from cereblon.ground.errors import InputError

CONTROLLED = Readings(
    value=[10, 12, 8, 1, 1, 2, 2, 5.5, 5.5],
    role=["untreated"] * 3 + ["blank"] * 2 + ["positive"] * 2 + ["sample"] * 2,
    concentration=[0, 0, 0, 0, 0, 0, 0, 10, 10],
    compound=[""] * 7 + ["X", "Y"],
    plate="P1",
    well=[f"A{i}" for i in range(1, 10)],
)


def test_untreated_wells_are_one_and_blanks_nothing():
    read = CONTROLLED.normalised()
    assert read.only(role="untreated").value.mean() == pytest.approx(1)
    assert read.only(role="blank").value.mean() == 0
    assert read.only(role="sample").value.tolist() == [0.5, 0.5]
    assert CONTROLLED.normalised(to="positive").only(role="positive").value.mean() == 0


def test_each_plate_is_normalised_by_its_own_controls():
    given = layout(series("X", [1.0]), replicates=3, apart=True)
    read = measure(given, given.response({"X": ([1.0], [0.4])}), seed=2).normalised()
    for plate in given.plates:
        assert read.only(plate=plate, role="untreated").value.mean() == pytest.approx(1)


def test_cells_and_times_of_a_plate_have_their_own_controls_where_they_have_any():
    read = Readings(
        value=[10, 5, 100, 50], role=["untreated", "sample"] * 2, concentration=[0, 1, 0, 1],
        cell=["H929", "H929", "MM1S", "MM1S"], plate="P", well=["A1", "A2", "A3", "A4"],
    )  # fmt: skip
    assert read.normalised().only(role="sample").value.tolist() == [0.5, 0.5]


def test_untreated_wells_are_the_zero_dose_of_every_curve_they_control():
    curves = dict(CONTROLLED.curves())
    assert list(curves) == ["X", "Y"]
    assert [int((c.concentration == 0).sum()) for c in curves.values()] == [3, 3]
    assert not any((c.role == "blank").any() or (c.role == "positive").any() for c in curves.values())


def test_a_control_of_one_compound_is_not_the_control_of_another():
    read = Readings(
        value=[1, 2, 3, 4], role=["untreated", "sample"] * 2, concentration=[0, 1, 0, 1], compound=["X", "X", "Y", "Y"]
    )
    assert [c.value.tolist() for _, c in read.curves()] == [[1, 2], [3, 4]]


def test_quality_against_its_published_definitions():
    """Zhang 1999: Z' = 1 - 3 (s+ + s-) / |m+ - m-|; Sittampalam 1997: the window in s of the high control."""
    high, low = [100.0, 110.0, 90.0], [10.0, 12.0, 8.0]
    read = Readings(value=[*high, *low], role=["untreated"] * 3 + ["positive"] * 3)
    (plate,) = quality(read)
    assert pytest.approx(1 - 3 * (10 + 2) / 90) == plate.Z
    assert plate.signal_window == pytest.approx((90 - 36) / 10)
    assert (plate.CV_high, plate.CV_low) == (pytest.approx(0.1), pytest.approx(0.2))
    assert plate.verdict == "excellent"


def test_a_rising_signal_has_its_positive_control_on_top():
    read = Readings(value=[1, 1.1, 9, 9.1], role=["untreated"] * 2 + ["positive"] * 2)
    (plate,) = quality(read)
    assert (plate.high, plate.low) == ("positive", "untreated")


def test_controls_that_do_not_differ_are_not_usable():
    (plate,) = quality(Readings(value=[1, 2, 1, 2], role=["untreated"] * 2 + ["positive"] * 2))
    assert -math.inf == plate.Z
    assert plate.verdict == "not usable"


def test_readings_without_controls_have_no_quality_and_no_normal():
    read = Readings(value=[1.0, 2.0], concentration=[1, 10])
    for act in (read.quality, read.normalised):
        with pytest.raises(InputError, match="untreated"):
            act()


def test_missing_wells_are_kept_and_counted():
    read = Readings(value=[1.0, math.nan], concentration=[0, 1], role=["untreated", "sample"])
    assert (read.count, read.missing) == (2, 1)
    assert "1 missing" in str(read)
    assert read.normalised().missing == 1


def test_the_table_leaves_out_what_is_not_there_and_names_the_unit():
    columns = list(Readings(value=[1.0], concentration=[2.0], compound="X").table().columns)
    assert columns == ["role", "compound", "concentration (nM)", "replicate", "value"]


def test_readings_add():
    both = CONTROLLED + CONTROLLED.replace(plate=np.asarray("P2"))
    assert both.count == 18
    with pytest.raises(InputError, match="twice"):
        CONTROLLED + CONTROLLED
