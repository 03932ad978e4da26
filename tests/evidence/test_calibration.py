"""One set of cell constants, set by the committed script: what it reproduces and what it predicts."""

import shutil
from pathlib import Path

import pytest

import cereblon
from cereblon.evidence.calibrate import (
    CELL,
    EQUAL,
    SUBSTRATES,
    WEAKER,
    Calibration,
    calibrate,
    simulated,
    write,
)
from cereblon.evidence.rows import reported_degradation
from cereblon.model import dish
from cereblon.records import cell, compound, sources

DATA = Path(cereblon.__file__).parent / "data"


@pytest.fixture(scope="module")
def shipped() -> dict[str, float]:
    rows = reported_degradation()
    return simulated(rows, {r.compound: dish(r.compound, CELL, SUBSTRATES) for r in rows}, None)


@pytest.fixture(scope="module")
def rerun() -> Calibration:
    return calibrate()


@pytest.mark.parametrize(
    "row", [r for r in reported_degradation() if r.quantity == "DC50"], ids=lambda r: r.id
)
def test_a_reported_DC50_is_met_within_three_fold(row, shipped) -> None:  # type: ignore[no-untyped-def]
    if row.role == "calibrate":
        assert 1 / 3 < shipped[row.id] / row.value < 3
    else:
        assert row.low <= shipped[row.id] <= row.high


@pytest.mark.parametrize(
    "row", [r for r in reported_degradation() if r.quantity != "DC50"], ids=lambda r: r.id
)
def test_a_reported_range_of_time_or_depth_is_met(row, shipped) -> None:  # type: ignore[no-untyped-def]
    assert row.low <= shipped[row.id] <= row.high


def test_the_shipped_constants_are_those_of_a_rerun(rerun: Calibration) -> None:
    c, line = rerun.constants, cell(CELL)
    assert line["CRL4.k_ub"].value == pytest.approx(c.k_ub, rel=0.01)
    assert line["IKZF1.t_half"].value == line["IKZF3.t_half"].value == pytest.approx(c.t_half, rel=0.01)
    for glue in (*EQUAL, WEAKER):
        for s, Kd in c.recruitments(glue).items():
            assert compound(glue)[f"{s}.Kd"].coherent == pytest.approx(Kd, rel=0.01)


def test_what_a_row_determined_is_graded_calibrated_and_what_it_did_not_is_assumed() -> None:
    assert cell(CELL)["CRL4.k_ub"].grade == "calibrated"
    assert compound("pomalidomide")["IKZF1.Kd"].grade == "calibrated"
    assert compound("mezigdomide")["IKZF1.Kd"].grade == "assumed"


def test_writing_the_constants_again_changes_nothing(rerun: Calibration, tmp_path: Path) -> None:
    for folder in ("cells", "compounds"):
        shutil.copytree(DATA / folder, tmp_path / folder)
    for path in write(rerun.constants, tmp_path):
        assert path.read_text() == (DATA / path.relative_to(tmp_path)).read_text()


def test_no_prediction_is_among_the_rows_that_set_the_constants() -> None:
    roles = {(r.compound, r.role) for r in reported_degradation()}
    assert ("mezigdomide", "calibrate") not in roles


def test_every_row_cites_a_known_source() -> None:
    assert {r.source for r in reported_degradation()} <= set(sources())
