"""Dose-response and time course in a dish: definitions, ranges, two layers, and the orders that the dossier states."""

import math
from pathlib import Path

import numpy as np
import pytest

from cereblon.bench import course, degradation
from cereblon.ground.errors import InputError
from cereblon.records import compound

GLUES = ("thalidomide", "lenalidomide", "pomalidomide", "avadomide", "iberdomide", "mezigdomide")


def test_DC50_is_half_of_the_achieved_effect_and_DC50_absolute_half_of_the_protein() -> None:
    curve = degradation("lenalidomide")
    at_relative = degradation("lenalidomide", concentrations=[curve.DC50.value])
    at_absolute = degradation("lenalidomide", concentrations=[curve.DC50_absolute.value])
    assert at_relative.remaining[0] == pytest.approx(1 - curve.Dmax.value / 2, abs=1e-3)
    assert at_absolute.remaining[0] == pytest.approx(0.5, abs=1e-3)
    assert curve.DC50.value < curve.DC50_absolute.value


def test_what_lies_beyond_the_range_is_flagged_and_no_number() -> None:
    high = degradation("mezigdomide", concentrations=[100, 1000])
    assert math.isnan(high.DC50.value)
    assert "below 100 nM" in high.DC50.note
    low = degradation("mezigdomide", concentrations=[0.01, 0.1])
    assert math.isnan(low.DC50_absolute.value)
    assert "above 0.1 nM" in low.DC50_absolute.note
    assert "not flat" in low.Dmax.note


def test_a_line_without_cereblon_has_no_DC50() -> None:
    curve = degradation("mezigdomide", cell="DF15R")
    assert "no effect" in str(curve.DC50)


def test_a_glue_shows_no_hook_effect() -> None:
    for glue in GLUES:
        assert (np.diff(degradation(glue).remaining) < 1e-6).all()


@pytest.mark.parametrize("glue", GLUES)
@pytest.mark.parametrize("of", ["IKZF1", "IKZF3"])
def test_both_layers_give_the_same_curve(glue: str, of: str) -> None:
    kinetic = degradation(glue, of)
    quasi = degradation(glue, of, layer="quasi-steady", concentrations=kinetic.concentrations[::4])
    # at low dose cereblon soaks up more drug than is free, so the cell fills within minutes; the closed form at once
    assert quasi.remaining == pytest.approx(kinetic.remaining[::4], abs=0.06)


def test_DC50_falls_with_assay_time_towards_its_steady_state() -> None:
    early, late = (degradation("pomalidomide", at=at).DC50.value for at in ("2 h", "6 h"))
    steady = degradation("pomalidomide", at="steady", layer="quasi-steady").DC50.value
    assert early > late > steady


def test_potency_and_depth_rank_as_the_dossier_says() -> None:
    curves = [degradation(glue) for glue in GLUES]
    potency = [curve.DC50.value for curve in curves]
    assert potency == sorted(potency, reverse=True)
    four = [
        degradation(g, at="4 h").Dmax.value
        for g in ("lenalidomide", "pomalidomide", "iberdomide", "mezigdomide")
    ]
    assert four == sorted(four)


@pytest.mark.parametrize(
    ("glue", "low", "high"), [("lenalidomide", 1, 3), ("pomalidomide", 0.5, 1), ("mezigdomide", 1 / 6, 0.5)]
)
def test_half_time_at_saturation_lies_in_its_range(glue: str, low: float, high: float) -> None:
    run = course(glue)
    assert low <= run.half_time.value <= high
    assert 0 < run.lag.value < run.half_time.value


def test_clinical_proteasome_inhibition_moves_Dmax_by_a_few_points_only() -> None:
    for glue in ("lenalidomide", "pomalidomide", "iberdomide", "mezigdomide"):
        free = degradation(glue, at="24 h")
        blocked = degradation(glue, at="24 h", changes={"proteasome.inhibition": "0.7"})
        assert 0 <= free.Dmax.value - blocked.Dmax.value < 0.05
    total = degradation("mezigdomide", changes={"proteasome.inhibition": "1"})
    assert total.Dmax.value < 0.01


def test_a_resistant_line_keeps_most_of_its_IKZF1_under_lenalidomide_and_loses_it_under_mezigdomide() -> None:
    quarter = {"CRBN.total": "12.5 nM"}
    spared = degradation("lenalidomide", at="24 h", concentrations=[1000], changes=quarter)
    lost = degradation("mezigdomide", at="24 h", concentrations=[1000], changes=quarter)
    assert spared.remaining[0] > 0.5
    assert lost.remaining[0] < 0.05


def test_an_unknown_recruitment_says_what_is_known() -> None:
    with pytest.raises(InputError, match="not degraded"):
        degradation("mezigdomide", of="CSNK1A1")
    mezi = compound("mezigdomide").replace({"CSNK1A1.Kd": "500 nM"})
    assert degradation(mezi, of="CSNK1A1").Dmax.value >= 0


@pytest.mark.parametrize("wrong", [[0.0, 1.0], [2.0, 1.0], [-1.0], [math.nan], [[1.0]]])
def test_concentrations_are_checked(wrong: list[float]) -> None:
    with pytest.raises(InputError, match="above 0 and ascending"):
        degradation("mezigdomide", concentrations=wrong)


def test_a_curve_prints_itself_saves_itself_and_names_its_sources(tmp_path: Path) -> None:
    curve = degradation("mezigdomide", concentrations=[0.01, 0.1, 1, 10, 100])
    assert "DC50" in str(curve)
    assert len(curve.table()) == 5
    assert curve.save(tmp_path / "curve.csv").read_text().startswith("compound,of,cell,at")
    assert "calibration" in curve.sources()
    assert "mezigdomide.CRBN.Kd" in curve.assumptions


def test_the_records_intervals_give_a_range_that_a_seed_repeats() -> None:
    curve = degradation("pomalidomide", concentrations=np.logspace(-1, 5, 19))
    wide = curve.spread(draws=40, seed=1)
    assert wide.DC50.low < curve.DC50.value < wide.DC50.high
    assert wide.DC50.value == curve.DC50.value
    assert (curve.spread(draws=40, seed=1).draws == wide.draws).all()
    assert (curve.spread(draws=10, seed=1).draws == wide.draws[:10]).all()
    assert (curve.spread(draws=10, seed=2).draws != wide.draws[:10]).any()
    with pytest.raises(InputError):
        curve.spread(draws=0)
