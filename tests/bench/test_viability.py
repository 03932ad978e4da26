"""Viability, the pathway in time and immune cells: what was reported of lines and glues, met or missed."""

import math
from pathlib import Path

import numpy as np
import pytest

from cereblon.bench import degradation, immune, pathway, viability
from cereblon.ground.errors import InputError
from cereblon.records import cell

GLUES = ("lenalidomide", "pomalidomide", "iberdomide", "mezigdomide")
MUTANT = {"IKZF3.CRBN.k_on": "0 1/nM/h"}


@pytest.fixture(scope="module")
def IC50() -> dict[str, float]:
    return {glue: viability(glue).IC50.value for glue in GLUES}


@pytest.mark.parametrize("glue", GLUES)
def test_IKZF_falls_before_MYC_before_IRF4_before_growth(glue: str) -> None:
    times = [time.value for time in pathway(glue).half_times.values()]
    assert (np.diff(times) > 5).all(), times


def test_MYC_falls_within_a_day_and_IRF4_in_the_second() -> None:
    """6-24 h and 24-48 h (Bjorklund 2015, recalled)."""
    times = pathway("pomalidomide").half_times
    assert 6 < times["MYC"].value < 24 < times["IRF4"].value < 48


def test_cells_stop_in_G1_before_they_die() -> None:
    course = pathway("mezigdomide")
    arrest = course.times[np.argmax(course["G1_fraction"] > 0.8)]
    death = course.times[np.argmax(course["viability"] < 0.5)]
    assert 24 < arrest < death - 12
    assert 72 < death < 120


def test_growth_is_halved_at_one_to_ten_times_what_halves_IKZF1(IC50) -> None:  # type: ignore[no-untyped-def]
    for glue, found in IC50.items():
        assert 1 < found / degradation(glue).DC50.value < 10, glue


def test_potency_lies_in_the_reported_ranges_and_order(IC50) -> None:  # type: ignore[no-untyped-def]
    assert 200 < IC50["lenalidomide"] < 2000
    assert 1 < IC50["iberdomide"] < 10
    assert 0.04 < IC50["mezigdomide"] < 5
    assert IC50["lenalidomide"] > IC50["pomalidomide"] > IC50["iberdomide"] > IC50["mezigdomide"]


def test_pomalidomide_is_within_its_range_only_when_it_is_fed(IC50) -> None:  # type: ignore[no-untyped-def]
    """10-100 nM; a single addition, which decays, gives 136."""
    assert 100 < IC50["pomalidomide"] < 150
    assert 10 < viability("pomalidomide", refeed="24 h").IC50.value < 100


def test_the_lenalidomide_resistant_line_survives_10_uM_lenalidomide_and_dies_under_mezigdomide() -> None:
    spared = viability("lenalidomide", "H929_R10", concentrations=[10_000])
    killed = viability("mezigdomide", "H929_R10", concentrations=[10, 100])
    assert spared.viability[0] > 0.6
    assert (killed.viability < [0.4, 0.15]).all()
    assert viability("lenalidomide", "H929", concentrations=[10_000]).viability[0] < 0.3


def test_survival_of_the_resistant_line_hangs_on_how_much_cereblon_it_lost_and_on_feeding() -> None:
    """What the verdict rests on: at the middle of the reported range, or fed daily, it would not be above 60 %."""
    middle = viability("lenalidomide", "H929_R10", concentrations=[10_000], changes={"CRBN.total": "18.75 nM"})
    fed = viability("lenalidomide", "H929_R10", concentrations=[10_000], refeed="24 h")
    assert 0.5 < middle.viability[0] < 0.6
    assert 0.45 < fed.viability[0] < 0.6


@pytest.mark.parametrize("glue", GLUES)
def test_a_line_without_cereblon_does_not_respond(glue: str) -> None:
    curve = viability(glue, "DF15R")
    assert math.isnan(curve.IC50.value)
    assert "out of range" in curve.IC50.note
    np.testing.assert_allclose(curve.alive, 1, atol=1e-3)
    np.testing.assert_allclose(curve["MYC"], 1, rtol=1e-6)
    assert all(math.isnan(time.value) for time in pathway(glue, "DF15R").half_times.values())


@pytest.mark.parametrize("glue", ["pomalidomide", "mezigdomide"])
def test_resistance_downstream_spares_a_line_that_loses_its_IKZF(glue: str) -> None:
    """IKZF1 and IKZF3 are lost and MYC is not (ex vivo, 2024): no glue, however deep, is the answer."""
    course, curve = pathway(glue, "H929_MYC"), viability(glue, "H929_MYC")
    assert course["IKZF1"].min() < 0.1
    assert course["MYC"].min() > 0.7
    assert math.isnan(curve.IC50.value)
    assert curve.viability.min() > 0.6


def test_IKZF1_Q146H_is_not_degraded_and_protects_only_with_the_mutant_of_IKZF3() -> None:
    """A miss: expected was no response by the share of IKZF1. Knock-down of either factor alone kills (Bjorklund 2015),
    so the loss of IKZF3 alone must; the line responds as H929. With both factors mutant it does not respond."""
    wild, one = viability("mezigdomide"), viability("mezigdomide", "H929_Q146H")
    np.testing.assert_allclose(one["IKZF1"], 1, rtol=1e-9)
    assert one["IKZF3"].min() < 0.02
    assert one.IC50.value == pytest.approx(wild.IC50.value, rel=0.05)
    both = viability("mezigdomide", "H929_Q146H", changes=MUTANT)
    np.testing.assert_allclose(both.alive, 1, atol=1e-3)


def test_each_road_takes_its_share_by_the_weight_of_interferon() -> None:
    shares = {w: pathway("mezigdomide", changes={"interferon.weight": w}).shares["interferon_death"] for w in "01"}
    assert shares["0"] == 0
    assert 0.4 < shares["1"] < 0.6
    assert 0.2 < pathway("mezigdomide").shares["interferon_death"] < 0.4


def test_CD38_rises_on_the_interferon_road() -> None:
    curve = viability("mezigdomide", concentrations=[100])
    assert 1.1 < curve["CD38"][0] / cell("H929")["CD38.total"].coherent < 1.5


def test_GR_is_1_without_effect_and_negative_where_cells_are_lost() -> None:
    curve = viability("mezigdomide")
    assert curve.GR[0] == pytest.approx(1, abs=0.01)
    assert curve.GR[-1] < 0
    assert curve.growth == pytest.approx(2 ** (120 / 60), rel=1e-4)


def test_a_curve_prints_itself_saves_itself_and_has_a_range(tmp_path: Path) -> None:
    curve = viability("mezigdomide", concentrations=np.logspace(-2, 2, 9))
    assert "IC50" in str(curve)
    assert len(curve.table()) == 9
    assert curve.save(tmp_path / "viability.csv").read_text().startswith("compound,cell,at")
    assert {"calibration", "fedele_2018"} <= set(curve.sources())
    assert "interferon.weight@tumour" in curve.assumptions
    wide = curve.spread(draws=20, seed=1)
    assert wide.IC50.low < curve.IC50.value < wide.IC50.high
    with pytest.raises(InputError):
        viability("mezigdomide", concentrations=[1, 0])


# -- T and NK cells --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("glue", GLUES)
def test_IL2_T_cells_and_NK_activity_rise(glue: str) -> None:
    found = immune(glue)
    assert 3 < found.IL2_fold.value < 10
    assert found.T[-1] > 2
    assert found.NK_activity[-1] > 1.3


@pytest.mark.parametrize("glue", GLUES)
def test_dexamethasone_takes_the_gain_of_IL2_and_of_NK_cells(glue: str) -> None:
    """Hsu 2011: killing 38.5 -> 53.3 % under lenalidomide, abrogated by dexamethasone."""
    found = immune(glue, dexamethasone="1 uM")
    assert found.IL2.max() < 1
    assert found.NK_activity.max() < 1
    partly = immune(glue, dexamethasone=20.0)
    assert found.IL2[-1] < partly.IL2[-1] < immune(glue).IL2[-1]


def test_NK_killing_under_lenalidomide_against_Hsu_2011() -> None:
    found = immune("lenalidomide", concentrations=[1000])
    assert 0.385 * found.NK_activity[0] == pytest.approx(0.533, rel=0.05)


def test_IL2_potency_has_the_order_of_the_glues_and_misses_the_distance_of_pomalidomide() -> None:
    """Reported 150, 8-10 and .3-.5 nM: pomalidomide and iberdomide come out three to six times too weak."""
    EC50 = {glue: immune(glue).EC50.value for glue in GLUES}
    assert EC50["lenalidomide"] > EC50["pomalidomide"] > EC50["iberdomide"] > EC50["mezigdomide"]
    assert EC50["lenalidomide"] == pytest.approx(150, rel=0.4)
    assert 4 < EC50["pomalidomide"] / 9 < 7
    assert 2 < EC50["iberdomide"] / 0.4 < 6


def test_without_stimulation_no_IL2_is_released() -> None:
    found = immune("mezigdomide", changes={"TCR.stimulation": "0"})
    np.testing.assert_allclose(found.IL2, 1, rtol=1e-6)
    assert math.isnan(found.EC50.value)


def test_the_T_cell_of_a_patient_releases_a_tenth(tmp_path: Path) -> None:
    dish, body = immune("mezigdomide"), immune("mezigdomide", T="blood_T_cell")
    assert (body.IL2_fold.value - 1) / (dish.IL2_fold.value - 1) == pytest.approx(0.1, rel=0.05)
    assert "IL-2" in str(dish)
    assert dish.save(tmp_path / "immune.csv").read_text().startswith("compound,at,dexamethasone_nM")
    assert "hsu_2011" in dish.sources()
