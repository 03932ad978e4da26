"""A panel of lines and the serum shift: what is reached, what is beyond the range, and what follows from binding."""

import math
from pathlib import Path

import numpy as np
import pytest

from cereblon.bench import Panel, panel, pathway, serum, viability
from cereblon.bench.panel import LINES
from cereblon.ground.errors import InputError
from cereblon.records import cell, compound

COARSE = np.geomspace(1e-2, 1e5, 29)
ACTING = ("lenalidomide", "pomalidomide", "avadomide", "iberdomide", "mezigdomide")


@pytest.fixture(scope="module")
def found() -> Panel:
    return panel(concentrations=COARSE)


def test_potency_ranks_the_glues_on_every_line_that_responds(found: Panel) -> None:
    for line in ("H929", "MM1S", "OPM2", "MOLP8", "AMO1", "H929_R10", "H929_Q146H"):
        values = [found.IC50(glue, line).value for glue in ACTING]
        assert values == sorted(values, reverse=True), line


def test_mezigdomide_acts_where_the_IMiDs_have_lost_activity_but_not_without_cereblon(found: Panel) -> None:
    """C11, on the record's lines: H929 R10 has a quarter of the cereblon, DF15R none."""
    assert found.resistance("lenalidomide", "H929_R10").value > 50
    assert found.IC50("lenalidomide", "H929_R10").value > 10_000
    assert found.resistance("mezigdomide", "H929_R10").value < 5
    assert found.IC50("mezigdomide", "H929_R10").value < 10
    for glue in ACTING:
        for line in ("DF15R", "H929_MYC"):
            assert math.isnan(found.IC50(glue, line).value)
            assert found.bound(glue, line) == "> 100000 nM"
            assert "above" in found.resistance(glue, line).note


def test_the_mutant_Q146H_of_one_factor_does_not_protect(found: Panel) -> None:
    """A miss (decision 0012): expected was resistance."""
    assert found.resistance("mezigdomide", "H929_Q146H").value == pytest.approx(1, abs=0.05)


def test_a_pair_of_the_panel_is_the_curve_of_viability(found: Panel) -> None:
    alone = viability("pomalidomide", "MM1S", concentrations=COARSE)
    assert found.IC50("pomalidomide", "MM1S").value == alone.IC50.value
    assert found["pomalidomide", "MM1S"].GRmax == alone.GRmax < 0
    assert found.cells == LINES


def test_a_panel_prints_and_tabulates_its_bounds(found: Panel, tmp_path: Path) -> None:
    table = found.table().set_index(["compound", "cell"])
    assert len(table) == 6 * len(LINES)
    assert table.loc[("mezigdomide", "DF15R"), "bound"] == "> 100000 nM"
    assert np.isnan(table.loc[("mezigdomide", "DF15R"), "IC50_nM"])
    low = panel("mezigdomide", "H929", concentrations=[100, 1000])
    assert low.bound("mezigdomide", "H929") == "< 100 nM"
    assert "< 100 nM" in str(low)
    assert found.save(tmp_path / "p.csv").exists()
    with pytest.raises(InputError, match="no cell line"):
        panel("mezigdomide", [])


def test_IC50_falls_with_the_day_and_with_feeding() -> None:
    days = [viability("pomalidomide", at=f"{d} d", concentrations=COARSE).IC50.value for d in (3, 5, 7)]
    assert days[0] > days[1]
    fed = viability("pomalidomide", at="7 d", concentrations=COARSE, refeed="24 h").IC50.value
    assert fed < days[2] / 3


def test_GR_metrics_of_a_closed_form_curve() -> None:
    """GR_AOC is the mean of 1 - GR over the logarithm; a step at the middle of the range gives half of its depth."""
    curve = viability("mezigdomide", concentrations=np.geomspace(1e-3, 1e3, 61))
    inner = np.interp(np.linspace(-3, 3, 2001), np.linspace(-3, 3, 61), 1 - curve.GR)
    assert pytest.approx(inner.mean(), rel=1e-3) == curve.GR_AOC
    assert curve.GRmax == curve.GR[-1]


def test_caspase_rises_before_annexin_and_is_the_kill_over_the_largest() -> None:
    course = pathway("mezigdomide", changes={"interferon.weight": "0"})
    half = {name: course.times[np.argmax(course[name] > 0.5 * course[name].max())] for name in ("caspase", "annexin")}
    assert half["caspase"] < half["annexin"]
    largest = cell("H929")["apoptosis.k_max"].coherent
    kill = course["MYC_death"] + course["interferon_death"]
    np.testing.assert_allclose(course["caspase"], kill / largest, rtol=1e-9, atol=1e-12)
    assert 0.9 < course["caspase"].max() <= 1
    assert viability("mezigdomide", "DF15R", concentrations=[100])["caspase"][0] == pytest.approx(0, abs=1e-9)


# -- serum -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("glue", ["lenalidomide", "iberdomide", "mezigdomide"])
def test_the_shift_is_the_ratio_of_unbound_fractions(glue: str) -> None:
    """Only free glue enters, so the nominal IC50 goes with 1 / fu; the cells of a well take next to nothing."""
    fu = compound(glue)["fu"].coherent
    free = {s: 1 / (1 + s * (1 / fu - 1)) for s in (0.1, 0.5)}
    found = serum(glue, concentrations=COARSE, draws=100)
    assert found.shift(0.5).value == pytest.approx(free[0.1] / free[0.5], rel=0.02)
    assert found.shift(0.1).value == pytest.approx(1)
    assert found.shift(0.5).low < found.shift(0.5).value < found.shift(0.5).high


def test_serum_is_a_share_and_a_line_without_response_has_no_shift() -> None:
    for wrong in ([0.5, 0.1], [-0.1], [2.0], [math.nan], []):
        with pytest.raises(InputError, match="shares of serum"):
            serum("mezigdomide", shares=wrong)
    none = serum("mezigdomide", "DF15R", concentrations=COARSE, draws=10)
    assert math.isnan(none.shift(0.5).value)
    assert "out of range" in none.shift(0.5).note
    assert "50% serum" in str(none)
    assert list(none.table()["serum"]) == [0.1, 0.5]
