"""One test per claim on a patient."""

import pytest

import cereblon as cb
from cereblon.evidence.claims import Judgement
from cereblon.evidence.experiments import _null_of
from cereblon.evidence.patient_claims import PATIENT_JUDGES
from cereblon.ground.errors import InputError


@pytest.fixture(scope="module")
def judged() -> Judgement:
    return cb.judge("mezigdomide", PATIENT_JUDGES)


@pytest.fixture(scope="module")
def null() -> Judgement:
    idle = _null_of("C31", cb.compound("mezigdomide"))
    assert idle is not None
    return cb.judge(idle, PATIENT_JUDGES)


def test_C31_neutrophils_are_worst_and_only_where_the_marrow_loses_IKZF1(judged: Judgement) -> None:
    finding = judged["C31"]
    worst = [finding.numbers[f"share with {count} below {limit}"] for count, limit in (("PLT", 25), ("Hb", 8))]
    assert finding.numbers["share with ANC below 0.5"] > 3 * max(worst)
    assert finding.numbers["share with ANC below 0.5, IKZF1 of the marrow not recruited"] == 0
    assert finding.verdict == "holds, as assumed"
    assert "put in" in finding.note


def test_C35_the_count_falls_on_treatment_and_recovers_in_the_off_week(judged: Judgement) -> None:
    numbers = judged["C35"].numbers
    assert numbers["ANC at the nadir (1e9/L)"] < 0.5
    assert 14 <= numbers["day of the nadir"] <= 22
    assert numbers["ANC on day 28 (1e9/L)"] > 0.8 * numbers["ANC on day 0 (1e9/L)"]
    assert numbers["ANC on day 28, dosed daily (1e9/L)"] < 0.5
    ends = [numbers[f"ANC at the end of cycle {k} (1e9/L)"] for k in (1, 2, 3, 4, 5, 6)]
    assert ends == sorted(ends, reverse=True)
    assert ends[-1] < 0.8 * ends[0]


def test_C39_the_immune_share_of_the_kill_is_small_and_dexamethasone_makes_it_smaller(judged: Judgement) -> None:
    numbers = judged["C39"].numbers
    for steroid in ("with dexamethasone", "without"):
        shares = [x for name, x in numbers.items() if name.startswith("share of kill") and name.endswith(steroid)]
        assert sum(shares) == pytest.approx(1)
    assert 0 < numbers["immune share, with dexamethasone"] < numbers["immune share, without"] < 0.1
    assert numbers["burden after four cycles"] < numbers["the same without T and NK killing"]
    assert judged["C39"].verdict == "holds, as assumed"


@pytest.mark.parametrize("claim", PATIENT_JUDGES)
def test_a_ligand_that_never_closes_fails_the_claim(null: Judgement, claim: str) -> None:
    assert null[claim].verdict == "fails"


def test_a_glue_without_a_dose_cannot_be_judged_in_a_patient() -> None:
    with pytest.raises(InputError, match="no dose of this glue"):
        cb.judge("avadomide", ["C35"])


def test_C36_doses_are_searched_with_a_partner_in_earlier_lines_and_in_a_lymphoma(
    judged: Judgement, null: Judgement
) -> None:
    finding = judged["C36"]
    for setting in ("with bortezomib", "earlier lines", "lymphoma"):
        rates = [finding.numbers[f"ORR at {dose}, {setting}"] for dose in ("0 mg", "0.3 mg", "1 mg")]
        assert rates == sorted(rates)
        assert rates[0] < rates[2]
        idle = {null["C36"].numbers[f"ORR at {dose}, {setting}"] for dose in ("0 mg", "0.3 mg", "1 mg")}
        assert len(idle) == 1  # a glue that never closes: dexamethasone and the partner alone
        assert rates[0] == idle.pop()
    assert finding.verdict == "holds, as assumed"
    assert null["C36"].verdict.startswith("fails")
