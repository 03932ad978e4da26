"""One test per claim on a preclinical experiment."""

import pytest

import cereblon as cb
from cereblon.evidence.bench_claims import BENCH_JUDGES
from cereblon.evidence.claims import Judgement
from cereblon.evidence.experiments import _null_of


@pytest.fixture(scope="module")
def judged() -> Judgement:
    return cb.judge("mezigdomide", BENCH_JUDGES)


def test_C15_both_leave_fewer_alive_than_either_alone(judged: Judgement) -> None:
    numbers = judged["C15"].numbers
    assert numbers["viable, mezigdomide + daratumumab"] < numbers["viable, daratumumab"] < numbers["viable, no drug"]
    assert numbers["the same, upper end, daratumumab"] < 0
    assert numbers["the same, upper end, mezigdomide"] < 0
    assert judged["C15"].verdict == "holds, as assumed"


def test_C16_more_apoptosis_than_with_pomalidomide_also_at_its_usual_level(judged: Judgement) -> None:
    numbers = judged["C16"].numbers
    assert numbers["difference, equal concentrations"] > numbers["difference, 100 nM pomalidomide"] > 0.01


def test_C17a_the_resistant_tumour_grows_slower_where_lenalidomide_fails(judged: Judgement) -> None:
    numbers = judged["C17a"].numbers
    assert numbers["TGI, lenalidomide (%)"] < 20
    assert numbers["its upper end, mezigdomide + dexamethasone"] < 0
    assert numbers["its upper end, mezigdomide + bortezomib"] < 0


def test_C17b_is_missed_with_dexamethasone_and_says_so(judged: Judgement) -> None:
    finding = judged["C17b"]
    assert finding.verdict == "fails"
    assert finding.numbers["gain over the better one, bortezomib (points)"] > 1
    assert finding.numbers["gain over the better one, daratumumab (points)"] > 1
    assert 0 < finding.numbers["gain over the better one, dexamethasone (points)"] < 1
    assert "Missed with dexamethasone; holds with bortezomib, daratumumab" in finding.note


def test_C18_references_disagree_and_the_miss_by_Bliss_is_said(judged: Judgement) -> None:
    finding = judged["C18"]
    assert finding.verdict == "fails"
    assert abs(finding.numbers["Bliss, dexamethasone (%)"]) < 0.1 < finding.numbers["Loewe, dexamethasone (%)"]
    assert finding.numbers["Bliss, daratumumab (%)"] > 1
    assert finding.numbers["Loewe, daratumumab (%)"] > 1
    assert "Missed by Bliss with dexamethasone, bortezomib, carfilzomib." in finding.note


def test_C18_beside_PBMC_says_where_loewe_ends(judged: Judgement) -> None:
    """The glue alone leaves more targets than the antibody does: past its plateau Loewe is the antibody alone."""
    finding = judged["C18"]
    glue, antibody = (finding.numbers[f"least alive, {d} alone beside PBMC"] for d in ("mezigdomide", "daratumumab"))
    assert glue > 0.5 > 0.1 > antibody
    assert "one drug alone exceeds the other's plateau: there Loewe is the stronger drug alone (HSA)" in finding.note


def test_C17_the_drawn_typical_mouse_is_the_typical_mouse_of_the_study(judged: Judgement) -> None:
    sizes, numbers = judged["C17a"].effects.sizes, judged["C17a"].numbers
    for arm in ("mezigdomide + dexamethasone", "mezigdomide + bortezomib", "lenalidomide"):
        assert sizes[f"TGI, {arm}"].value == pytest.approx(numbers[f"TGI, {arm} (%)"], rel=1e-3)
    slower = sizes["growth, mezigdomide + bortezomib less vehicle (one study, 8 mice an arm)"]
    assert slower.high == numbers["its upper end, mezigdomide + bortezomib"]
    assert "mixed model" in slower.method


def test_C19_the_steps_of_the_assay_come_in_the_order_of_the_guide(judged: Judgement) -> None:
    numbers = judged["C19"].numbers
    assert numbers["first step with glue"] < numbers["first step with antibody"] < numbers["first step with LDH"]


def test_C20_a_study_has_arms_volumes_in_time_and_excised_tumours(judged: Judgement) -> None:
    numbers = judged["C20"].numbers
    assert numbers["tumours excised"] > 0
    assert numbers["deaths followed after systemic inoculation"] > 0
    assert numbers["largest over smallest mean volume at the lots"] < 1.5


@pytest.mark.parametrize("claim", ["C15", "C16", "C17a"])
def test_a_null_model_fails_the_claim_of_the_bench(claim: str) -> None:
    null = _null_of(claim, cb.compound("mezigdomide"))
    assert null is not None
    assert cb.judge(null, [claim])[claim].verdict == "fails"
