"""Constants of the myeloma cell and of T and NK cells, set by the committed script: what is met, by which coupling."""

import shutil
from pathlib import Path

import pytest

import cereblon
from cereblon.evidence.calibrate import put
from cereblon.evidence.calibrate_fate import (
    BLOOD,
    CELL,
    FATE,
    PLACES,
    RATIOS,
    SAME,
    Fit,
    calibrate_blood,
    calibrate_fate,
    edits,
)
from cereblon.evidence.rows import evidence_rows
from cereblon.mechanism.pathway import COUPLING
from cereblon.records import cell

DATA = Path(cereblon.__file__).parent / "data"


@pytest.fixture(scope="module")
def fate() -> Fit:
    return calibrate_fate()


@pytest.fixture(scope="module")
def immune() -> Fit:
    return calibrate_blood()


def test_the_coupling_of_the_pathway_meets_every_range_at_once(fate: Fit) -> None:
    assert fate.name == COUPLING == "minimum"
    assert fate.missed == ()


@pytest.mark.prove
def test_no_other_coupling_does(fate: Fit) -> None:
    for other in ("product", "geometric_mean"):
        rival = calibrate_fate(other)
        assert set(rival.missed) & set(RATIOS)
        assert rival.cost > 2 * fate.cost


def test_the_shipped_constants_are_those_of_a_rerun(fate: Fit, immune: Fit) -> None:
    for name, value in fate.constants.items():
        assert cell(CELL)[name].coherent == pytest.approx(value, rel=0.01)
    for tied, to in SAME.items():
        assert cell(CELL)[tied].value == cell(CELL)[to].value
    for name, value in immune.constants.items():
        assert cell(PLACES[name])[name].coherent == pytest.approx(value, rel=0.01)
    assert {cell(CELL)[name].grade for name in (*FATE, *SAME, *BLOOD)} == {"calibrated"}


def test_writing_the_constants_again_changes_nothing(fate: Fit, immune: Fit, tmp_path: Path) -> None:
    shutil.copytree(DATA / "cells", tmp_path / "cells")
    for path in put(edits(fate, immune), tmp_path):
        assert path.read_text() == (DATA / path.relative_to(tmp_path)).read_text()


def test_mezigdomide_is_predicted(fate: Fit) -> None:
    assert {row.compound for row, _ in fate.rows if row.role == "calibrate"} & {"mezigdomide"} == set()
    assert evidence_rows()["F08"].role == "validate"
    assert "F08" in fate.met


def test_potency_of_pomalidomide_on_IL2_is_missed_whatever_the_constants(immune: Fit) -> None:
    found = {row.id: number for row, number in immune.rows}
    assert immune.missed == ("I01",)
    assert found["I01"] > 3 * 10
