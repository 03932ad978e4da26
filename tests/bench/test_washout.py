"""Washout and controls: recovery by the protein's own turnover, what abolishes degradation, and what only seems to."""

import math
from pathlib import Path

import numpy as np
import pytest

from cereblon.bench import controls, degradation, washout
from cereblon.bench.controls import ARMS
from cereblon.ground.errors import InputError
from cereblon.model import dish, exposure
from cereblon.model.dish import wash
from cereblon.records import assay, cell

CLEAN = {"washing.carryover": "1e-12"}
GLUES = ("lenalidomide", "pomalidomide", "iberdomide", "mezigdomide")


# -- washout ---------------------------------------------------------------------------------------------------


def test_a_washing_leaves_its_carryover_in_the_medium() -> None:
    times = np.array([0.0, 1.0, 1.5, 3.0])
    stable = dish("pomalidomide", washed=True).replace({"pomalidomide.medium.t_half": "1e9 h", "CRBN.total": "0 nM"})
    for cells, low, high in (("1e-3 cells", 0.999, 1.001), ("2e4 cells", 1.0, 1.1)):
        model = stable.replace({"cells": cells})
        run = model.simulate(times, [*exposure(model, {"pomalidomide": 1000.0})[0], wash(model, 1.0)], rtol=1e-8)
        medium = run["pomalidomide@medium"]
        assert medium[1] == pytest.approx(1000, rel=1e-3)
        # a thousandth stays; cells have 1e-4 of the volume, and give off what was not washed with the medium
        assert low < medium[-1] < high


def test_without_carryover_the_protein_comes_back_with_its_own_half_life() -> None:
    """1 - S falls by half every half-life of the protein: the closed form of turnover without a drug."""
    own = cell("H929")["IKZF1.t_half"].coherent
    found = washout("pomalidomide", concentration="1 uM", remove="4 h", changes=CLEAN)
    assert found.half_time.value == pytest.approx(own, rel=0.03)
    low = found.lowest
    expected = own * math.log2((1 - low) / 0.1)
    assert found.time_to(0.9).value == pytest.approx(expected, rel=0.03)


def test_what_a_washing_leaves_of_a_potent_glue_still_degrades() -> None:
    clean = washout("mezigdomide", concentration="1 uM", changes=CLEAN).half_time.value
    as_done = washout("mezigdomide", concentration="1 uM").half_time.value
    assert clean < 17
    assert as_done > 2 * clean  # a thousandth of 1 uM is above its DC50
    lenalidomide = washout("lenalidomide", concentration="1 uM").half_time.value
    without = washout("lenalidomide", concentration="1 uM", changes=CLEAN).half_time.value
    assert lenalidomide == pytest.approx(without, rel=0.05)


def test_a_drug_that_stays_decays_and_the_protein_comes_back_later() -> None:
    found = washout("pomalidomide", concentration="1 uM")
    after = found.times > found.removed + 12
    assert (found.remaining[after] > found.kept[after]).all()
    before = found.times <= found.removed
    np.testing.assert_allclose(found.remaining[before], found.kept[before], rtol=1e-6)
    assert found.kept[-1] > 0.9


def test_recovery_to_ninety_per_cent_takes_about_two_days() -> None:
    """D22, recalled: 2-4 d after the last dose of a patient; here from concentrations of the clinic, washed away."""
    clinic = {"lenalidomide": "1 uM", "pomalidomide": "200 nM", "iberdomide": "30 nM", "mezigdomide": "10 nM"}
    for glue, given in clinic.items():
        assert 30 < washout(glue, concentration=given).time_to(0.9).value < 96


def test_a_washout_without_effect_or_beyond_its_course_is_no_number(tmp_path: Path) -> None:
    none = washout("mezigdomide", cell="DF15R")
    assert "no effect" in none.half_time.note
    brief = washout("mezigdomide", concentration="1 uM", until="12 h")
    assert "out of range" in brief.time_to(0.9).note
    shallow = washout("lenalidomide", concentration="50 nM")
    assert "never below" in shallow.time_to(0.5).note
    for wrong in ("0 h", "6 d", "9 d"):
        with pytest.raises(InputError, match="within the course"):
            washout("mezigdomide", remove=wrong)
    wide = washout("mezigdomide", concentration="100 nM").spread(20, seed=1)
    assert wide.half_time.low < wide.half_time.value < wide.half_time.high
    assert brief.save(tmp_path / "w.csv").read_text().startswith("compound,of,cell")
    assert "recovery half-time" in str(wide)


# -- controls --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("glue", GLUES)
@pytest.mark.parametrize("of", ["IKZF1", "IKZF3"])
def test_every_control_does_what_it_must(glue: str, of: str) -> None:
    found = controls(glue, of)
    assert found.ok, str(found)
    for arm in ARMS:
        assert found.without[arm] == pytest.approx(1, abs=0.01)


def test_the_glue_alone_is_the_degradation_curve() -> None:
    found = controls("pomalidomide", concentration="400 nM", incubation="0 h")
    curve = degradation("pomalidomide", concentrations=[400])
    assert found.with_glue["none"] == pytest.approx(curve.remaining[0], rel=1e-3)
    assert found.bands["none"] == pytest.approx(curve.bands[0], rel=1e-3)


def test_a_hundredfold_excess_does_not_displace_a_catalyst_that_saturates() -> None:
    shares = [controls("mezigdomide", concentration=c).blocked("competing ligand").value for c in (10, 100, 1000)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.9
    assert shares[-1] < 0.3
    assert controls("mezigdomide", concentration=1000).verdict("competing ligand") == "in part"


def test_a_nearly_stopped_proteasome_does_not_abolish_degradation_by_a_potent_glue() -> None:
    """Capacity is spare by choice of the records (3000 1/h): 99 % inhibition leaves more than the glue needs."""
    almost = assay("degradation_controls").replace({"proteasome.inhibition": "0.99"})
    loose, tight = (
        controls(g, settings=almost).blocked("proteasome inhibitor").value for g in ("lenalidomide", "mezigdomide")
    )
    assert 0.7 < loose < 0.9
    assert 0.3 < tight < 0.5


def test_a_blot_sees_the_ubiquitinated_forms_leave_where_a_tag_does_not() -> None:
    found = controls("mezigdomide", concentration="100 nM")
    assert found.with_glue["proteasome inhibitor"] == pytest.approx(1, abs=0.01)
    assert found.bands["proteasome inhibitor"] < 0.85


def test_controls_without_an_effect_to_block_say_so(tmp_path: Path) -> None:
    null = controls("mezigdomide", cell="DF15R")
    assert not null.ok
    assert {null.verdict(arm) for arm in ARMS} == {"no effect"}
    assert null.table()["blocked"].isna().all()
    wide = controls("mezigdomide").spread(20, seed=1)
    assert wide.blocked("competing ligand").low < 0.95
    assert wide.blocked("no cereblon").low == pytest.approx(1, abs=1e-6)
    assert wide.save(tmp_path / "c.csv").exists()
    with pytest.raises(InputError, match="before the glue"):
        controls("mezigdomide", incubation=-1.0)
    with pytest.raises(InputError, match="no controls assay"):
        controls("mezigdomide", settings="FP")
