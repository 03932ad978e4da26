"""One test per claim on the tumour cell and on T and NK cells."""

import math

import numpy as np
import pytest

import cereblon as cb
from cereblon.evidence.cell_claims import CELL_JUDGES, half_rise
from cereblon.evidence.claims import Judgement
from cereblon.evidence.experiments import EXPERIMENTS, _null_of
from cereblon.evidence.immune_claims import IMMUNE_JUDGES
from cereblon.evidence.laboratory import Laboratory
from cereblon.evidence.rows import evidence_rows


@pytest.fixture(scope="module")
def judged() -> Judgement:
    return cb.judge("mezigdomide", (*CELL_JUDGES, *IMMUNE_JUDGES))


def test_C09_IKZF1_falls_before_MYC_before_IRF4_before_growth(judged: Judgement) -> None:
    finding = judged["C09"]
    times = [value for name, value in finding.numbers.items() if name.startswith("half-time")]
    assert times == sorted(times)
    assert len(times) == 4
    assert finding.numbers["fall of MYC"] > 0.7
    assert finding.verdict == "holds, as assumed"


def test_C09_the_share_of_each_road_is_said_to_be_a_prior(judged: Judgement) -> None:
    numbers = judged["C09"].numbers
    roads = [value for name, value in numbers.items() if name.startswith("share of kill, death by")]
    assert sum(roads) == pytest.approx(1)
    assert numbers["share of kill, interferon, at weight 0"] == pytest.approx(0, abs=1e-9)
    assert numbers["share of kill, interferon, at weight 1"] > 0.4
    assert "prior" in judged["C09"].note
    assert "Fedele 2018" in judged["C09"].note


def test_C09_that_growth_comes_last_hangs_on_the_paces(judged: Judgement) -> None:
    numbers = judged["C09"].numbers
    assert numbers["ends at which IKZF1, MYC, IRF4 keep the order"] == 12
    assert numbers["ends at which growth comes last"] < 12


def test_C10_G1_fills_before_cells_die_and_the_delay_decides_it(judged: Judgement) -> None:
    numbers = judged["C10"].numbers
    assert numbers["half-time G1 (h)"] < numbers["half-time annexin (h)"]
    assert numbers["half-time G1 without delay (h)"] > numbers["half-time annexin without delay (h)"]
    assert judged["C10"].verdict == "holds, as assumed"


def test_C11_the_resistant_line_survives_lenalidomide_and_dies_under_mezigdomide(judged: Judgement) -> None:
    finding = judged["C11"]
    assert finding.numbers["viable H929 R10, 10 uM lenalidomide"] > 0.6
    assert finding.numbers["alive over control H929 R10, 10 nM mezigdomide"] < 0.5
    assert finding.numbers["the same at 18.75 nM cereblon"] < 0.6
    assert "chosen in view of its survival" in finding.note
    assert finding.verdict == "holds, as assumed"


def test_C11_without_cereblon_nothing_happens_and_a_downstream_line_lives(judged: Judgement) -> None:
    numbers = judged["C11"].numbers
    assert numbers["least alive over control DF15R"] == pytest.approx(1, abs=1e-3)
    assert numbers["least viable H929 MYC"] > 0.7


def test_C11_the_missed_mutant_is_reported_with_its_number(judged: Judgement) -> None:
    finding = judged["C11"]
    assert finding.numbers["IKZF1 left in H929 Q146H"] > 0.99
    assert finding.numbers["IC50 H929 Q146H (nM)"] < 2
    assert "Missed: H929 Q146H" in finding.note
    assert "1.01 times" in finding.note


def test_C11_what_each_form_of_the_coupling_says_of_the_mutant_stands_beside_the_miss(judged: Judgement) -> None:
    """Only a mean of the two factors spares the mutant, and that form misses the knock-downs (decision 0012)."""
    numbers, sizes = judged["C11"].numbers, judged["C11"].effects.sizes
    for form, least, most in (("minimum", 0, 0.01), ("product", 0.01, 0.1), ("geometric mean", 0.2, 0.5)):
        usual, mutant = (
            numbers[f"viable on day 5, 10 nM, {line}, by {form}"] for line in ("NCI-H929", "H929 Q146H")
        )
        spared = sizes[f"viable, 10 nM mezigdomide, H929 Q146H less NCI-H929, by {form}"]
        assert spared.value == pytest.approx(mutant - usual, abs=1e-3)
        assert least <= spared.value < most
    assert "set with the minimum" in judged["C11"].note


def test_C12_IL2_rises_three_to_ten_times_and_only_through_cereblon(judged: Judgement) -> None:
    numbers = judged["C12"].numbers
    assert 3 < numbers["IL-2 over rest"] < 10
    assert numbers["IL-2 over rest, no cereblon"] == pytest.approx(1, abs=1e-3)
    assert judged["C12"].verdict == "holds, as assumed"


def test_C13_T_cells_multiply_beyond_what_exhaustion_takes(judged: Judgement) -> None:
    numbers = judged["C13"].numbers
    assert numbers["T cells over rest"] > numbers["working T cells over rest"] > 1
    assert numbers["T cells over rest, with dexamethasone"] < 1


def test_C14_NK_activity_rises_and_dexamethasone_takes_it_below_rest(judged: Judgement) -> None:
    numbers = judged["C14"].numbers
    assert 1.1 < numbers["NK activity over rest"] < 3
    assert numbers["with dexamethasone"] < 1


@pytest.mark.parametrize("claim", [*CELL_JUDGES, *IMMUNE_JUDGES])
def test_a_null_model_fails_the_claim(claim: str) -> None:
    null = _null_of(claim, cb.compound("mezigdomide"))
    assert null is not None
    assert cb.judge(null, [claim])[claim].verdict == "fails"


def test_a_curve_that_does_not_rise_has_no_half_time() -> None:
    assert math.isnan(half_rise(np.arange(4.0), np.ones(4)))


@pytest.mark.parametrize(
    "row", ["F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08", "F09", "I05", "M01", "M05", "M06"]
)
def test_a_cell_row_is_simulated_inside_its_reported_range(row: str) -> None:
    reported = evidence_rows()[row]
    simulated = EXPERIMENTS[reported.experiment].run(reported, Laboratory(1, 3))
    assert simulated is not None
    assert reported.low <= simulated.value <= reported.high


def test_the_same_IC50_comes_from_the_bench_and_from_its_row() -> None:
    row = evidence_rows()["M05"]
    simulated = EXPERIMENTS[row.experiment].run(row, Laboratory(1, 1))
    assert simulated is not None
    assert simulated.value * 1000 == pytest.approx(cb.bench.viability("lenalidomide").IC50.value, rel=0.02)


def test_every_row_in_words_is_read_and_its_null_model_fails() -> None:
    rows = [row for row in evidence_rows().values() if row.experiment == "in_words"]
    assert len(rows) == 8
    for row in rows:
        simulated = EXPERIMENTS["in_words"].run(row, Laboratory(1, 1))
        assert simulated is not None, row.id
        assert simulated.holds, row.id
        assert simulated.null_holds is False, row.id
