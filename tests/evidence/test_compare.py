"""Verdicts, each reached on a small made row, and rows simulated like for like."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cereblon as cb
from cereblon.evidence.compare import Evidence
from cereblon.evidence.laboratory import Laboratory, Simulated, interval
from cereblon.evidence.rows import Row, evidence_rows
from cereblon.evidence.verdict import VERDICTS, verdict
from cereblon.ground.errors import AddressError, InputError

FEW = 60  # draws: enough for a verdict on rows that are far from doubtful


def made(**changes: object) -> Row:
    row = evidence_rows()["D09"]  # .05-2 nM
    return replace(row, **{"low": 1.0, "high": 4.0, **changes})  # type: ignore[arg-type]


def share(**changes: object) -> Row:
    return replace(evidence_rows()["C21a"], experiment="in_patient", **changes)  # type: ignore[arg-type]  # 41 of 101


REACHED = {
    "agrees": (made(), Simulated(2, 1.5, 3, null=10)),
    "misses": (made(), Simulated(8, 5, 12, null=2)),
    "uninformative": (made(), Simulated(2, 0.1, 40, null=10)),
    "cannot discriminate": (made(), Simulated(2, 1.5, 3, null=3)),
    "not simulated yet": (made(experiment=""), None),
}


@pytest.mark.parametrize("word", VERDICTS)
def test_every_verdict_can_be_reached(word: str) -> None:
    row, simulated = REACHED[word]
    assert verdict(row, simulated).word == word


@pytest.mark.parametrize(
    ("word", "simulated"),
    [
        ("agrees", Simulated(0.4, 0.32, 0.49, null=0.1)),
        ("misses", Simulated(0.2, 0.15, 0.3, null=0.4)),
        ("uninformative", Simulated(0.4, 0.2, 0.6, null=0.1)),
        ("cannot discriminate", Simulated(0.4, 0.32, 0.49, null=0.45)),
    ],
)
def test_a_share_is_judged_on_its_own_scale_against_its_exact_interval(word: str, simulated: Simulated) -> None:
    assert verdict(share(), simulated).word == word


def test_a_miss_says_by_how_much() -> None:
    assert str(verdict(made(), Simulated(8))) == "misses by x2 above"
    assert str(verdict(made(), Simulated(0.25))) == "misses by x4 below"
    assert str(verdict(share(), Simulated(0.2093))) == "misses by 10 points below"
    assert str(verdict(made(), Simulated(math.nan))) == "misses"


def test_a_wide_interval_that_does_not_hold_the_reported_value_is_a_miss() -> None:
    assert verdict(made(), Simulated(400, 40, 4000)).word == "misses"


def test_a_value_without_a_range_is_judged_within_the_tolerance_of_its_experiment() -> None:
    row = made(value=2.0, low=math.nan, high=math.nan)
    assert verdict(row, Simulated(5.9)).word == "agrees"
    assert verdict(row, Simulated(6.1)).word == "misses"


def test_a_claim_that_the_null_model_meets_too_discriminates_nothing() -> None:
    row = evidence_rows()["C06"]
    assert verdict(row, Simulated(holds=True, null_holds=False)).word == "agrees"
    assert verdict(row, Simulated(holds=True, null_holds=True)).word == "cannot discriminate"
    assert verdict(row, Simulated(holds=False)).word == "misses"


def test_the_interval_of_weighted_draws_holds_the_number_itself() -> None:
    values = np.concatenate([[20.0], np.linspace(0, 10, 1001)])
    low, high = interval(values, np.concatenate([[0.0], np.ones(1001)]))
    assert (low, high) == (pytest.approx(0.25, abs=0.02), 20.0)


@pytest.fixture(scope="module")
def found() -> Evidence:
    return cb.evidence.table(seed=1, draws=FEW)


def test_every_row_has_a_verdict(found: Evidence) -> None:
    assert len(found) == len(evidence_rows())
    assert sum(found.counts.values()) == len(found)
    assert found.counts["agrees"] > 20


def test_a_row_without_an_experiment_is_not_simulated_yet(found: Evidence) -> None:
    for c in found:
        if not c.row.experiment:
            assert c.verdict.word == "not simulated yet"


def test_a_number_of_the_record_is_called_put_in_and_a_fitted_one_set_on_it(found: Evidence) -> None:
    assert found["B03"].basis == "put in"
    assert found["D03"].basis == "set on it"
    assert found["D13"].basis == "predicted"


def test_the_rows_that_set_the_constants_agree(found: Evidence) -> None:
    rows = [c for c in found if c.row.id in {f"D{i:02d}" for i in range(1, 9)}]
    assert {c.verdict.word for c in rows} <= {"agrees", "uninformative"}


def test_a_thousandfold_over_lenalidomide_is_missed_and_said_so(found: Evidence) -> None:
    assert found["D14"].verdict.word in ("misses", "uninformative")
    assert found["D14"].simulated.value == pytest.approx(207, rel=0.05)  # type: ignore[union-attr]


def test_daily_exposure_is_dose_over_clearance(found: Evidence) -> None:
    """Against the closed form: 4 mg over 7.78 L/h."""
    assert found["P02"].simulated.value == pytest.approx(4e6 / 7780, rel=0.01)  # type: ignore[union-attr]


def test_the_table_has_reported_beside_simulated(found: Evidence, tmp_path: Path) -> None:
    table = found.table().set_index("id")
    assert table.loc["C21a", ["reported_low", "reported_high"]].tolist() == pytest.approx([0.3093, 0.5082], abs=1e-4)
    assert table.loc["C21a", "interval"] == "exact"
    assert table.loc["D01", "interval"] == "tolerance"
    assert found.save(tmp_path / "evidence.csv").exists()
    assert "richardson_2023" in found.sources()
    assert "not simulated yet" in str(found)


def test_the_seed_decides_the_intervals() -> None:
    one, same, other = (cb.compare("P08", seed=seed, draws=FEW)["P08"].simulated for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_the_first_draw_is_the_records_own_numbers() -> None:
    lab = Laboratory(1, 3)
    curve = cb.bench.degradation("iberdomide")
    mine = lab.dish(cb.compound("iberdomide"), "H929", "4 h").read("DC50", "IKZF1")
    assert mine[0] == pytest.approx(curve.DC50.value, rel=0.02)


def test_a_result_is_judged_on_its_own_number() -> None:
    weak = cb.compound("pomalidomide").replace({"CRBN.Kd": "5 uM"})
    judged = cb.compare(cb.bench.degradation(weak))
    assert [c.row.id for c in judged] == ["D03"]
    assert judged["D03"].verdict.word == "misses"
    assert cb.compare(cb.bench.course("pomalidomide"))["D08"].verdict.word == "agrees"
    assert cb.compare(cb.bench.binding("mezigdomide"))["B18"].verdict.word == "agrees"
    assert cb.compare(cb.judge(claims=["C07"]))["C07"].basis == "put in"


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(AddressError, match="no such row"):
        cb.compare("D99")
    with pytest.raises(InputError, match="knows how to judge"):
        cb.compare(3)
    with pytest.raises(InputError, match="nothing was reported"):
        cb.compare(cb.bench.degradation("avadomide"))
