"""One test per claim of the guide that this model judges."""

from pathlib import Path

import pytest

import cereblon as cb
from cereblon.evidence.claims import JUDGES, Finding, Judgement
from cereblon.evidence.rows import reported_claims
from cereblon.ground.errors import AddressError


@pytest.fixture(scope="module")
def judged() -> Judgement:
    return cb.judge("mezigdomide")


def test_C01_it_binds_tighter_than_both_imids_as_assumed(judged: Judgement) -> None:
    finding = judged["C01"]
    assert finding.verdict == "holds, as assumed"
    assert finding.numbers["Kd (nM)"] == pytest.approx(12.6)


def test_C02_bound_cereblon_is_closed_and_empty_cereblon_open(judged: Judgement) -> None:
    numbers = judged["C02"].numbers
    assert numbers["without glue"] == 0
    assert numbers["low"] <= numbers["of bound"] <= numbers["high"]
    assert numbers["of bound"] > 0.95


def test_C03_closed_cereblon_holds_IKZF1_and_IKZF3_and_none_without_glue(judged: Judgement) -> None:
    numbers = judged["C03"].numbers
    assert numbers["IKZF1 at 10 nM (nM)"] > 1
    assert numbers["IKZF3 at 10 nM (nM)"] > 1
    assert numbers["without glue (nM)"] == 0


def test_C04_what_is_recruited_carries_ubiquitin_unless_NEDD8_is_blocked(judged: Judgement) -> None:
    finding = judged["C04"]
    assert finding.verdict == "holds"
    assert finding.numbers["with glue"] > 0.1
    assert finding.numbers["with glue after a NEDD8 inhibitor"] < 1e-6


def test_C05_the_26S_takes_it_away(judged: Judgement) -> None:
    numbers = judged["C05"].numbers
    assert numbers["left"] < 0.1
    assert numbers["left, 26S stopped"] > 0.99
    assert numbers["left, no cereblon"] > 0.99


def test_C06_it_is_faster_and_deeper_than_both_imids(judged: Judgement) -> None:
    finding = judged["C06"]
    assert finding.verdict == "holds, as assumed"  # its affinity and its recruitment are assumptions
    assert "no row of mezigdomide set a constant" in finding.note


def test_C07_both_readings_of_binding_capacity_are_shown(judged: Judgement) -> None:
    finding = judged["C07"]
    assert finding.verdict == "holds, as assumed"
    for name in ("Kd, lenalidomide / mezigdomide", "Kd, pomalidomide / mezigdomide"):
        assert 10 <= finding.numbers[name] <= 20
    assert finding.numbers["competent occupancy at 10 nM, mezigdomide / pomalidomide"] > 20
    assert finding.numbers["competent occupancy at saturation, mezigdomide / pomalidomide"] == pytest.approx(
        4.9, abs=0.1
    )


def test_C07_fails_when_the_affinity_is_another() -> None:
    loose = cb.compound("mezigdomide").replace({"CRBN.Kd": "100 nM"})
    assert cb.judge(loose, ["C07"])["C07"].verdict == "fails"


def test_C08_it_is_well_above_both_imids_in_potency(judged: Judgement) -> None:
    numbers = judged["C08"].numbers
    assert numbers["pomalidomide / mezigdomide"] > 3
    assert numbers["lenalidomide / mezigdomide"] > numbers["pomalidomide / mezigdomide"]


def test_C37_a_glue_gains_neosubstrates_where_an_inhibitor_only_spares_the_native_one(
    judged: Judgement,
) -> None:
    finding = judged["C37"]
    assert finding.verdict == "holds"
    assert finding.numbers["neosubstrates gained"] >= 2
    assert finding.numbers["IKZF1 under a binder that never closes"] > 0.99


def test_C38_IKZF1_and_IKZF3_are_lost_most(judged: Judgement) -> None:
    numbers = judged["C38"].numbers
    assert max(numbers["IKZF1 left"], numbers["IKZF3 left"]) < numbers["ZFP91 left"]


def test_C40_the_figure_is_drawn_from_a_network_whose_every_step_flows(judged: Judgement) -> None:
    flows = {name: value for name, value in judged["C40"].numbers.items() if name.startswith("flux")}
    assert len(flows) == 5
    assert all(value > 0 for value in flows.values())


@pytest.mark.parametrize("claim", JUDGES)
def test_a_finding_has_a_number_a_definition_and_a_verdict(claim: str, judged: Judgement) -> None:
    finding: Finding = judged[claim]
    assert finding.numbers
    assert finding.definition
    assert finding.verdict in ("holds", "holds, as assumed", "fails")
    assert finding.claim == reported_claims()[claim]


def test_the_claims_are_those_of_the_seed(require) -> None:  # type: ignore[no-untyped-def]
    seed = require("shared/seed/claims.csv")
    shipped = Path(cb.__file__).parent / "data/evidence/claims.csv"
    assert shipped.read_bytes() == seed.read_bytes()


def test_a_glue_of_ones_own_is_judged_too() -> None:
    weak = cb.compound("thalidomide")
    judged = cb.judge(weak)
    assert judged["C06"].verdict == "fails"
    assert judged["C08"].verdict == "fails"
    assert "no dose" in judged.refused["C35"]
    assert "no usual dose in mice" in judged.refused["C17a"]


def test_a_claim_without_a_judge_is_refused() -> None:
    with pytest.raises(AddressError, match="no judge"):
        cb.judge(claims=["C99"])


def test_a_judgement_is_a_table_and_prints_itself(judged: Judgement, tmp_path: Path) -> None:
    assert set(judged.table()["id"]) == set(JUDGES)
    assert judged.save(tmp_path / "claims.csv").exists()
    assert "C07" in str(judged)
    assert "calibration" in judged.sources()
