"""One test per claim of the guide that this model judges."""

import re
from pathlib import Path

import pytest

import cereblon as cb
from cereblon.evidence.claims import JUDGES, Finding, Judgement
from cereblon.evidence.effects import own_and_drawn, sized
from cereblon.evidence.rows import reported_claims
from cereblon.ground.errors import AddressError
from cereblon.ground.quantity import Quantity


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
def test_an_effect_has_an_interval_that_holds_it_and_says_what_it_is_of(claim: str, judged: Judgement) -> None:
    effects = judged[claim].effects
    if claim in ("C19", "C20", "C36", "C40"):
        assert not effects.sizes
        assert re.match(r"not an effect: a (protocol|figure|search), .*\d", effects.instead)
        return
    assert effects.sizes
    assert re.search(r"\d+ of \d+", effects.held)
    for name, size in effects.sizes.items():
        assert size.low <= size.value <= size.high, name
        assert size.low < size.high, name
        assert re.search(r"of \d+ draws|mixed model|of 2000 resamples", size.method), name


def test_effects_are_of_the_numbers_beside_them(judged: Judgement) -> None:
    def of(claim: str, effect: str, number: float, rel: float = 1e-3) -> None:
        assert judged[claim].effects.sizes[effect].value == pytest.approx(number, rel=rel)

    n = {claim: judged[claim].numbers for claim in judged.ids}
    of("C04", "share with ubiquitin, glue less no glue", n["C04"]["with glue"] - n["C04"]["without glue"])
    of("C05", "share left, 26S stopped less running", n["C05"]["left, 26S stopped"] - n["C05"]["left"])
    of("C06", "Dmax, mezigdomide less lenalidomide", n["C06"]["Dmax mezigdomide"] - n["C06"]["Dmax lenalidomide"])
    slow, fast = (n["C06"][f"half-time {glue} (h)"] for glue in ("pomalidomide", "mezigdomide"))
    of("C06", "half-time, pomalidomide over mezigdomide", slow / fast)
    of("C07", "ratio of apparent Kd, lenalidomide over mezigdomide", n["C07"]["Kd, lenalidomide / mezigdomide"])
    of("C08", "ratio of DC50, lenalidomide over mezigdomide", n["C08"]["lenalidomide / mezigdomide"])
    IC50 = [cb.bench.viability(glue).IC50.value for glue in ("pomalidomide", "mezigdomide")]
    of("C08", "ratio of IC50 (H929, 5 d), pomalidomide over mezigdomide", IC50[0] / IC50[1], rel=0.01)
    of("C03", "IKZF1 held at 100 nM, less that without glue (0)", n["C03"]["IKZF1 at 100 nM (nM)"])
    of("C12", "IL-2, fold of no drug", n["C12"]["IL-2 over rest"])
    of("C13", "T cells, fold of no drug", n["C13"]["T cells over rest"])
    of("C14", "NK activity, fold of no drug", n["C14"]["NK activity over rest"])
    of("C35", "ANC, day 28 less nadir", n["C35"]["ANC on day 28 (1e9/L)"] - n["C35"]["ANC at the nadir (1e9/L)"])
    of("C37", "MEIS2, fold of no drug", n["C37"]["MEIS2 under the glue"])
    of("C39", "share of the burden that T and NK cells take", n["C39"]["share of the burden that they take"])
    spared = n["C38"]["ZFP91 left"] - max(n["C38"][f"{p} left"] for p in ("IKZF1", "IKZF3"))
    of("C38", "share left, most degraded other protein less the more left of IKZF1 and IKZF3", spared, rel=0.02)


def test_the_draws_of_a_ratio_against_the_closed_form_of_two_log_normals() -> None:
    """Two numbers within a factor of 2 (95 %): their ratio lies within 2 to the root of 2, either way."""
    two = {"a": Quantity(10, "nM", 5, 20), "b": Quantity(100, "nM", 50, 200)}
    found = own_and_drawn(two, draws=4000)
    ratio = sized(found["b"] / found["a"])
    assert ratio.value == 10
    assert ratio.low == pytest.approx(10 / 2**2**0.5, rel=0.05)
    assert ratio.high == pytest.approx(10 * 2**2**0.5, rel=0.05)


def test_few_draws_bear_a_claim_whose_number_is_an_assumption(judged: Judgement) -> None:
    """C07 asks for a ratio of 10 to 20 by two IMiDs, and the affinity is known within a factor of four."""
    assert judged["C07"].said == "holds, as assumed (5 of 40 draws)"
    assert judged["C07"].effects.sizes["ratio of apparent Kd, pomalidomide over mezigdomide"].low < 10


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
    table = judged.table()
    assert set(table["id"]) == set(JUDGES)
    effects = table[table["kind"] == "effect"]
    assert (effects["low"] <= effects["value"]).all()
    assert (effects["value"] <= effects["high"]).all()
    assert set(table["id"]) - set(effects["id"]) == {"C19", "C20", "C36", "C40"}
    assert table[table["id"] == "C07"]["held"].iloc[0] == "5 of 40 draws"
    assert judged.save(tmp_path / "claims.csv").exists()
    assert "C07" in str(judged)
    assert "calibration" in judged.sources()
