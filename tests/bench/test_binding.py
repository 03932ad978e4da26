"""Binding, ternary complex and selectivity at the bench."""

from pathlib import Path

import numpy as np
import pytest

from cereblon.bench import binding, selectivity
from cereblon.model import dish, exposure


def test_occupancy_is_one_half_at_Kd_and_competence_is_its_closed_part() -> None:
    curve = binding("iberdomide", concentrations=[18.0])
    assert curve.occupancy[0] == pytest.approx(0.5)
    assert curve.competent[0] == pytest.approx(0.25)
    assert curve.closed_fraction.low < 0.5 < curve.closed_fraction.high


def test_the_ternary_complex_agrees_with_the_network_before_anything_is_degraded() -> None:
    still = {"CRL4.k_ub": "0 1/h"}
    curve = binding("mezigdomide", concentrations=[1.0, 10.0], changes=still)
    model = dish("mezigdomide", substrates=("IKZF1", "IKZF3")).replace({**still, "MEIS2.CRBN.k_cat": "0 1/h"})
    model = model.replace({"mezigdomide.medium.t_half": "1e9 h"})
    run = model.simulate([0, 5], exposure(model, {"mezigdomide": [1.0, 10.0]}))
    inside = run["mezigdomide@tumour"][:, 1]
    assert inside == pytest.approx([1, 10], rel=0.05)  # the cells draw a little from the medium
    free = binding("mezigdomide", concentrations=inside, changes=still)
    assert run["mezigdomide.IKZF1.ternary"][:, 1] == pytest.approx(free.ternary["IKZF1"], rel=0.02)
    assert (np.diff(curve.ternary["IKZF1"]) > 0).all()


def test_the_native_substrate_is_displaced_as_the_glue_binds() -> None:
    curve = binding("mezigdomide")
    assert curve.native[0] == pytest.approx(1, abs=1e-3)
    assert curve.native[-1] < 0.01


def test_the_panel_shows_IKZF1_and_IKZF3_first_and_MEIS2_rising() -> None:
    panel = selectivity(["lenalidomide", "mezigdomide"])
    for glue in ("lenalidomide", "mezigdomide"):
        left = {p: panel.remaining(glue, p) for p in ("IKZF1", "IKZF3", "ZFP91")}
        assert max(left["IKZF1"], left["IKZF3"]) < left["ZFP91"]
        assert panel.remaining(glue, "MEIS2") > 1.1
    assert panel.remaining("lenalidomide", "CSNK1A1") < 1


def test_an_unknown_protein_is_a_word_and_not_a_zero(tmp_path: Path) -> None:
    panel = selectivity("mezigdomide", concentration="100 nM")
    assert np.isnan(panel.remaining("mezigdomide", "GSPT1"))
    table = panel.table().set_index("protein")
    assert "not degraded" in table.loc["GSPT1", "note"]
    assert "unknown" in table.loc["SALL4", "note"]
    assert panel.save(tmp_path / "panel.csv").exists()
    assert "MEIS2" in str(panel)
