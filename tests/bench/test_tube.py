"""Target engagement and ternary complex at the bench: check rows through the bench, biases, ranges, refusals."""

import math
from pathlib import Path

import numpy as np
import pytest

from cereblon.bench import capacity, displacement, ternary
from cereblon.ground.errors import AddressError, InputError
from cereblon.mechanism.bivalent import bivalent_equilibrium, ternary_peak
from cereblon.mechanism.displacement import half_displacement

GLUES = ("thalidomide", "lenalidomide", "pomalidomide", "avadomide", "iberdomide", "mezigdomide")
NO_LEAK = {"IKZF1.CRBN.Kd": "1e12 nM"}


# -- displacement ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("assay", ["FP", "TR_FRET"])
@pytest.mark.parametrize("glue", GLUES)
def test_IC50_of_the_tracer_is_the_closed_form(glue: str, assay: str) -> None:
    """Read where the tracer itself is halved; the signal of FP is bent, so its own middle lies a little higher."""
    curve = displacement(glue, assay)
    tube = (curve.model[a].coherent for a in ("CRBN.total", "tracer.total"))
    exact = float(half_displacement(*tube, curve.Kd.coherent, curve.model["tracer.CRBN.Kd"].coherent))
    halved = displacement(glue, assay, concentrations=[exact]).bound[0] / curve.bound[0]
    assert halved == pytest.approx(0.5, abs=1e-3)
    assert 1 <= curve.IC50.value / exact < (1.04 if assay == "FP" else 1.001)


def test_Cheng_Prusoff_makes_a_tight_glue_look_loose_where_cereblon_is_plenty() -> None:
    fp, fret = displacement("mezigdomide", "FP"), displacement("mezigdomide", "TR_FRET")
    assert fp.bias["Cheng_Prusoff"] > 10
    assert 1.2 < fret.bias["Cheng_Prusoff"] < 1.6
    assert fp.bias["exact"] == pytest.approx(1, abs=0.08)  # polarisation bends; see the exact tube below
    assert fret.bias["exact"] == pytest.approx(1, abs=1e-3)
    scarce = displacement("mezigdomide", "FP", changes={"CRBN.total": "0.01 nM", "tracer.total": "0.001 nM"})
    assert scarce.bias["Cheng_Prusoff"] == pytest.approx(1, abs=0.005)


def test_a_ratio_of_affinities_shrinks_in_a_tube_full_of_cereblon() -> None:
    """The 14-fold of the records is 3.5-fold by Cheng-Prusoff in FP: 143 nM of cereblon have to be filled first."""
    loose, tight = displacement("lenalidomide", "FP"), displacement("mezigdomide", "FP")
    assert loose.Kd.coherent / tight.Kd.coherent > 14
    assert 3 < loose.Kd_Cheng_Prusoff.value / tight.Kd_Cheng_Prusoff.value < 4
    assert tight.IC50.value > tight.floor > 140


def test_an_IC50_beyond_the_tested_range_is_flagged() -> None:
    curve = displacement("lenalidomide", concentrations=[0.1, 1, 10])
    for found in (curve.IC50, curve.Kd_exact, curve.Kd_Cheng_Prusoff):
        assert math.isnan(found.value)
        assert "above 10 nM" in found.note


def test_draws_of_the_tube_give_an_interval_that_a_seed_repeats() -> None:
    wide = displacement("mezigdomide", "TR_FRET").spread(60, seed=3)
    assert wide.Kd_exact.low < 12.6 < wide.Kd_exact.high
    assert wide.Kd_exact.low >= 0
    assert (displacement("mezigdomide", "TR_FRET").spread(60, seed=3).draws == wide.draws).all()


def test_capacity_shows_both_readings_with_intervals() -> None:
    """C07: 10 to 20 times as apparent affinity; as closed occupancy it depends on the concentration."""
    found = capacity("mezigdomide", draws=500)
    for other in ("lenalidomide", "pomalidomide"):
        assert 10 < found.Kd[other].value < 20
        assert found.Kd[other].low < 2  # the interval of mezigdomide's own affinity is that wide
        assert found.Kd[other].high > 40
        levels = [found.competent[other, at].value for at in (1.0, 10.0, 100.0, 1e6)]
        assert levels == sorted(levels, reverse=True)
        assert levels[0] > 40
        assert levels[-1] < 7
    # at saturation it is the ratio of closed fractions, .98 over .17
    assert found.competent["lenalidomide", 1e6].value == pytest.approx(0.98 / (0.205 / 1.205), rel=1e-3)
    assert {"starting_values", "fischer_2014", "watson_2022"} == set(found.sources())


def test_ratios_are_taken_within_one_family_of_assays() -> None:
    from cereblon.records import compound

    with pytest.raises(InputError, match="family"):
        capacity(compound("mezigdomide", affinity="cell_extract"))


# -- ternary complex -------------------------------------------------------------------------------------------


def test_glue_row_of_the_check_values_through_the_bench() -> None:
    tube = {"CRBN.total": "0.1 uM", "IKZF1.total": "0.05 uM", "mezigdomide.CRBN.Kd": "0.1 uM"}
    tube |= {"mezigdomide.IKZF1.Kd": "0.01 uM", "mezigdomide.CRBN.K_c": "1e9", **NO_LEAK}
    curve = ternary("mezigdomide", concentrations=[1, 10, 100, 1e3, 1e4, 1e5], changes=tube)
    expected = [0.000710472, 0.00674188, 0.0337314, 0.0419693, 0.0425261, 0.0425777]
    np.testing.assert_allclose(curve.ternary / 1000, expected, rtol=3e-6)
    assert (np.diff(curve.signal) > 0).all()


@pytest.mark.parametrize(
    ("K_c", "expected"),
    [
        (0.25, [0.00249, 0.02382, 0.16905, 0.46093, 0.56976]),
        (99, [0.41614, 0.75499, 0.83931, 0.84938, 0.85041]),
    ],
)
def test_closing_row_of_the_check_values_through_the_bench(K_c: float, expected: list[float]) -> None:
    """Free glue, as cells in a medium see it: the NanoBRET form. K1 1 uM of the open state is Kd = K1 / (1 + K_c)."""
    cell = {"CRBN.total": "0.1 uM", "IKZF1.total": "0.05 uM", "mezigdomide.CRBN.Kd": f"{1 / (1 + K_c)} uM"}
    cell |= {"mezigdomide.IKZF1.Kd": "0.01 uM", "mezigdomide.CRBN.K_c": f"{K_c}", **NO_LEAK}
    curve = ternary("mezigdomide", assay="NanoBRET", concentrations=[1, 10, 100, 1e3, 1e4], changes=cell)
    np.testing.assert_allclose(curve.pairs / 50, expected, atol=6e-6)


def test_bivalent_row_of_the_check_values_through_the_bench() -> None:
    tube = {"CRBN.total": "0.5 uM", "IKZF1.total": "0.2 uM"}  # the comparator's constants are those of the row
    given = [10, 100, 300, 500, 1e3, 3e3, 1e4, 1e5]
    curve = ternary("mezigdomide", concentrations=given, changes=tube)
    gain, baseline = curve.model["donor.gain"].coherent, curve.model["donor.baseline"].coherent
    found = (curve.bivalent / baseline - 1) / gain * 500
    expected = [0.94192, 8.20814, 16.8618, 19.5601, 20.0532, 15.2191, 7.49367, 0.968907]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    for alpha in (1, 10, 100):
        near = np.geomspace(700, 850, 41)
        fine = ternary("mezigdomide", concentrations=near, changes={**tube, "bivalent.BTK.alpha": str(alpha)})
        assert near[np.argmax(fine.bivalent)] == pytest.approx(775.01, rel=0.01)
        peak = (fine.bivalent.max() / baseline - 1) / gain * 500
        assert peak == pytest.approx(1000 * float(ternary_peak(0.2, 0.5, 0.091, 3.1, alpha)), rel=1e-4)


@pytest.mark.parametrize("assay", ["TR_FRET_ternary", "NanoBRET"])
def test_a_glue_rises_to_its_plateau_where_the_bivalent_degrader_falls(assay: str) -> None:
    for glue in GLUES:
        curve = ternary(glue, assay=assay)
        assert (np.diff(curve.signal) >= 0).all()
        full = ternary(glue, assay=assay, concentrations=[1e12]).signal[0]
        assert curve.plateau.value == pytest.approx(full, rel=0.01)
        assert curve.hook.value > 0.9
    drugs = np.geomspace(1, 1e5, 30)
    judge = bivalent_equilibrium(drugs, 200, 50, 91, 3100).ternary
    shown = ternary("mezigdomide", concentrations=drugs)
    np.testing.assert_allclose(shown.bivalent, 0.05 * (1 + 8 * judge / 50), rtol=1e-9)


def test_glues_rank_by_plateau_and_EC50_as_by_closing_and_affinity() -> None:
    curves = [ternary(glue) for glue in GLUES]
    for values in ([c.plateau.value for c in curves], [-c.EC50.value for c in curves], [c.alpha.value for c in curves]):
        assert values == sorted(values)


def test_cooperativity_from_the_EC50_holds_in_a_tube_with_a_trace_of_cereblon_and_fails_in_a_full_one() -> None:
    for glue in ("lenalidomide", "mezigdomide"):
        trace = ternary(glue, changes={"CRBN.total": "0.01 nM"})
        assert trace.alpha_from_shift.value == pytest.approx(trace.alpha.value, rel=0.02)
    full = ternary("mezigdomide")
    assert math.isnan(full.alpha_from_shift.value)
    assert "uses up the glue" in full.alpha_from_shift.note
    assert ternary("lenalidomide").alpha_from_shift.value < 0.6 * ternary("lenalidomide").alpha.value
    cells = ternary("lenalidomide", assay="NanoBRET")  # free glue, cereblon in excess
    assert cells.alpha_from_shift.value == pytest.approx(cells.alpha.value, rel=0.02)


def test_a_ternary_curve_that_still_rises_says_so() -> None:
    curve = ternary("lenalidomide", concentrations=[0.1, 1, 10])
    assert "not flat" in curve.plateau.note
    assert ternary("mezigdomide").spread(40, seed=2).EC50.low < ternary("mezigdomide").EC50.value


def test_what_an_assay_cannot_do_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no displacement assay"):
        displacement("mezigdomide", "HiBiT")
    with pytest.raises(InputError, match="no proximity assay"):
        ternary("mezigdomide", assay="FP")
    with pytest.raises(InputError, match="SALL4"):
        ternary("mezigdomide", of="SALL4")
    with pytest.raises(InputError, match="above 0"):
        ternary("mezigdomide", concentrations=[1, math.nan])
    for empty in ({"CRBN.total": "0 nM"}, {"tracer.total": "0 nM"}):
        with pytest.raises(InputError, match="nothing of this in the tube"):
            displacement("mezigdomide", changes=empty)
    with pytest.raises(InputError, match="above 0"):
        displacement("mezigdomide", concentrations=[])
    with pytest.raises(AddressError):
        displacement("mezigdomide", changes={"IKZF1.total": "1 nM"})
    for result in (displacement("mezigdomide"), ternary("mezigdomide"), capacity(draws=20)):
        assert result.save(tmp_path / "one.csv").read_text().startswith("compound,")
        assert result.sources()
        assert "mezigdomide" in str(result)
