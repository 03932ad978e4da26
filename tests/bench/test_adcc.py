"""ADCC in a dish: limits, what a glue adds and through what, what each read-out makes of it, and its plates."""

import math
from typing import Any

import numpy as np
import pytest

import cereblon as cb
from cereblon.bench.adcc import ADCC, adcc
from cereblon.bench.adcc_protocol import Protocol
from cereblon.ground.errors import InputError
from cereblon.show import render
from cereblon.show.cytotoxicity import adcc_arms
from cereblon.show.figures.adcc import arms_chart
from cereblon.show.figures.workflow import workflow_chart
from cereblon.show.plot import plot

BOTH, ALONE, GLUE = "mezigdomide + daratumumab", "daratumumab", "mezigdomide"
OTHER = "pomalidomide + daratumumab"
FRESH = Protocol(effectors="0 h")


def arms(**given: Any) -> ADCC:
    """The arms, and no more of the series than there must be; no comparator unless it is asked for."""
    few = {"antibodies": [1.0], "ratios": [25.0], "preincubations": [24.0], "comparator": None}
    return adcc("mezigdomide", **(few | given))


@pytest.fixture(scope="module")
def assay() -> ADCC:
    return adcc("mezigdomide")


@pytest.fixture(scope="module")
def with_steroid() -> ADCC:
    return adcc("mezigdomide", dexamethasone=True)


def value(assay: ADCC, read_out: str, arm: str) -> float:
    return assay.of(read_out, arm).value


def test_no_PBMC_no_lysis_and_no_antibody_little(assay: ADCC) -> None:
    for arm in assay.arms:
        if arm.endswith("no PBMC"):
            assert value(assay, "taken", arm) == pytest.approx(0, abs=1e-9)
            assert value(assay, "cytotoxicity", arm) == pytest.approx(0, abs=1e-6)
    assert 0 < value(assay, "taken", "no drug") < 0.2 * value(assay, "taken", ALONE)


def test_antibody_without_effectors_does_nothing_to_targets(assay: ADCC) -> None:
    for glue in ("", GLUE):
        with_, without = (f"{glue} + {ALONE}" if glue else ALONE), glue or "no drug"
        alive = [value(assay, "alive", f"{arm}, no PBMC") for arm in (with_, without)]
        assert alive[0] == pytest.approx(alive[1], rel=1e-6)


def test_C15_both_beat_either_alone(assay: ADCC) -> None:
    for read_out, sign in (("taken", 1), ("annexin", 1), ("viability", -1), ("alive", -1)):
        for single in (ALONE, GLUE):
            assert sign * assay.difference(read_out, BOTH, single).value > 0.05, (read_out, single)


def test_C16_more_apoptosis_than_with_pomalidomide_at_equal_and_at_ten_times_the_concentration(assay: ADCC) -> None:
    higher = arms(comparator="pomalidomide", comparator_at="100 nM")
    for one, least in ((assay, 0.05), (higher, 0.02)):
        assert one.difference("annexin", BOTH, OTHER).value > least
    assert higher.difference("annexin", BOTH, OTHER).value < assay.difference("annexin", BOTH, OTHER).value


def test_fresh_PBMC_have_no_time_for_IL2_so_the_gain_is_the_direct_kill() -> None:
    fresh = arms(protocol=FRESH)
    assert abs(fresh.difference("taken", BOTH, ALONE).value) < 0.01
    longer = arms(protocol=FRESH.replace(preincubation="72 h"))
    assert longer.difference("viability", BOTH, ALONE).value < -0.2


def test_the_gain_in_lysis_is_carried_by_IL2_and_little_else(assay: ADCC) -> None:
    table = assay.carriers().set_index(["read_out", "carrier"])
    taken = table.loc["taken"]
    assert taken["gain"].iloc[0] == pytest.approx(assay.difference("taken", BOTH, ALONE).value, rel=1e-6)
    assert taken["carried"].idxmax() == "NK activity by IL-2"
    assert taken.loc["NK activity by IL-2", "carried"] > 0.5 * taken["gain"].iloc[0]
    assert 0 < taken.loc["CD38", "carried"] < 0.2 * taken["gain"].iloc[0]
    assert table.loc[("annexin", "direct kill"), "carried"] > 0


def test_a_glue_whose_ways_to_the_NK_cells_and_CD38_are_shut_adds_no_lysis() -> None:
    shut = {"CD38.interferon.gain@tumour": "0", "NK_activity.IKZF.gain@NK_cell": "0", "IL2.IKZF.gain@T_cell": "0"}
    closed = arms(changes=shut)
    assert closed.difference("taken", BOTH, ALONE).value == pytest.approx(0, abs=0.005)
    assert closed.difference("annexin", BOTH, ALONE).value > 0.005  # the direct kill is open


def test_dexamethasone_takes_the_lysis_below_that_of_the_antibody_alone(assay: ADCC, with_steroid: ADCC) -> None:
    """Hsu 2011: the gain of NK killing by lenalidomide is abrogated."""
    assert value(with_steroid, "taken", BOTH) < value(assay, "taken", ALONE)
    assert value(with_steroid, "taken", ALONE) < 0.5 * value(assay, "taken", ALONE)


def test_a_steroid_that_comes_with_fresh_PBMC_comes_too_late() -> None:
    fresh = [arms(protocol=FRESH, dexamethasone=s) for s in (False, True)]
    without, beside = (value(one, "taken", ALONE) for one in fresh)
    assert beside == pytest.approx(without, rel=0.05)


def test_without_cereblon_in_the_line_only_PBMC_answer() -> None:
    deaf = arms(cell="DF15R")
    assert deaf.difference("annexin", f"{GLUE}, no PBMC", "no drug, no PBMC").value == pytest.approx(0, abs=1e-4)
    assert deaf.difference("taken", BOTH, ALONE).value > 0.03
    silent = arms(changes={f"CRBN.total@{p}": "0 nM" for p in ("T_cell", "NK_cell")})
    assert silent.difference("taken", BOTH, ALONE).value < 0.02


def test_lysis_rises_and_saturates_in_antibody_and_in_effectors(assay: ADCC) -> None:
    c = assay.columns
    for series in ("antibody", "ratio"):
        for glue in ("", "mezigdomide", "pomalidomide"):
            rows = (c["series"] == series) & (c["compound"] == glue)
            steps = np.diff(c["taken"][rows])
            assert (steps > 0).all()
            assert steps[-1] < 0.5 * steps.max()


def test_EC50_of_the_antibody_lies_below_its_affinity_and_falls_with_a_glue(assay: ADCC) -> None:
    """Half the receptors need K / (K + CD38) of Kd, a quarter of 4.36 nM; lysis saturates below that."""
    assert 0.3 < assay.EC50[""].value < 4.36 / 4
    assert assay.EC50["mezigdomide"].value < assay.EC50["pomalidomide"].value < assay.EC50[""].value
    assert assay.ratio50["mezigdomide"].value < assay.ratio50[""].value
    assert "not flat" in assay.ratio50[""].note


def test_LDH_reads_less_than_was_lysed_and_dye_almost_all(assay: ADCC) -> None:
    for arm in (ALONE, BOTH):
        taken = value(assay, "taken", arm)
        assert 0.6 * taken < value(assay, "cytotoxicity", arm) / 100 < 0.9 * taken
        assert value(assay, "dye", arm) == pytest.approx(taken, rel=0.05)


def test_lysis_by_the_drug_beforehand_is_lost_to_drug_free_controls() -> None:
    """In one well, 72 h: LDH of cells that died early has decayed, and the drug-free maximum is of many more cells."""
    plan = Protocol(preincubation="72 h", replated=False)
    one = arms(protocol=plan)
    c = one.columns
    row = one.arms.index(BOTH)
    assert c["cytotoxicity_common"][row] < 0.5 * c["cytotoxicity"][row]
    assert c["cytotoxicity_common"][one.arms.index(f"{GLUE}, no PBMC")] < 10
    assert c["alive"][one.arms.index(f"{GLUE}, no PBMC")] < 0.4


def test_NK_cells_per_target_follow_the_share_that_is_said() -> None:
    poor, rich = (arms(protocol=Protocol(NK_share=s)) for s in (0.05, 0.2))
    assert value(poor, "taken", ALONE) < value(rich, "taken", ALONE)
    double = arms(protocol=Protocol(NK_share=0.05, ratio=50))
    single = arms(protocol=Protocol(NK_share=0.1, ratio=25))
    assert value(double, "taken", BOTH) == pytest.approx(value(single, "taken", BOTH), rel=1e-6)


def test_intervals_hold_the_value_and_are_the_same_for_the_same_seed(assay: ADCC) -> None:
    few = [assay.spread(8, seed=s) for s in (1, 1, 2)]
    gains = [one.difference("annexin", BOTH, ALONE) for one in few]
    assert gains[0] == gains[1] != gains[2]
    assert gains[0].low <= gains[0].value <= gains[0].high
    assert few[0].EC50[""].low < few[0].EC50[""].high
    assert math.isnan(assay.difference("annexin", BOTH, ALONE).low)


def test_the_steps_follow_the_protocol_and_the_figure_the_steps(assay: ADCC) -> None:
    usual = render.svg(render.spec(workflow_chart(assay.workflow.table())))
    assert all(word in usual for word in ("24 h", "E:T 25:1", "500,000 PBMC", "25 x 0.1 = 2.5", "0.0015-15 µg/mL"))
    plan = Protocol(preincubation="72 h", effectors="0 h", ratio=50)
    other = arms(protocol=plan).workflow
    changed = render.svg(render.spec(workflow_chart(other.table())))
    assert "E:T 50:1" in changed
    assert "72 h" in changed
    assert "pomalidomide" not in changed
    assert {s.name for s in assay.workflow} - {s.name for s in other} == {"glue on effectors"}
    assert other["glue on targets"].at == 0
    assert other["read"].at == 76


def test_figures_say_arms_and_axes(assay: ADCC, with_steroid: ADCC) -> None:
    curves = render.svg(render.spec(plot([assay, with_steroid])))
    for word in ("daratumumab alone", BOTH, OTHER, "PBMC per target", "dexamethasone"):
        assert word in curves, word
    arms = render.svg(render.spec(arms_chart(adcc_arms([assay]))))
    assert "annexin-positive" in arms


def test_noise_free_plates_give_back_what_was_simulated(assay: ADCC) -> None:
    found = cb.bench.ldh(assay.plate(noise=None), medium="200 uL", buffer="20 uL")
    c = assay.columns
    for group in found:
        row = (c["series"] == ("antibody" if group.concentration else "arms")) & (c["compound"] == group.drug)
        row &= (c["antibody"] == group.concentration) & (c["ratio"] == group.ratio)
        np.testing.assert_allclose(group.cytotoxicity.value, c["cytotoxicity"][row], rtol=1e-9)
    assert len(found) == 30


def test_the_arm_without_a_glue_has_none_on_its_plate_with_or_without_a_comparator(assay: ADCC) -> None:
    for one in (assay, arms()):
        plate = one.plate(noise=None)
        assert set(plate.partner_concentration[plate.partner == ""]) == {0.0}


@pytest.mark.prove
def test_intervals_of_a_simulated_plate_cover_the_truth() -> None:
    """200 seeds, declared here; the 99.9 % binomial region of 95 % is 88.5 to 99.5 % of them for EC50.

    The intervals of one plate share its controls, so of the cytotoxicities only the mean coverage is judged.
    """
    one = adcc("mezigdomide", comparator=None, preincubations=[24.0])
    volumes = {"medium": "200 uL", "buffer": "20 uL"}
    truth = cb.bench.ldh(one.plate(noise=None), **volumes)
    EC50 = {name: value.value for name, value in truth.EC50.items()}
    held, wells = dict.fromkeys(EC50, 0), []
    for seed in range(200):
        found = cb.bench.ldh(one.plate(seed=seed), **volumes)
        for name, value in found.EC50.items():
            held[name] += bool(value.low <= EC50[name] <= value.high)
        pairs = zip(found, truth, strict=True)
        wells += [g.cytotoxicity.low <= t.cytotoxicity.value <= g.cytotoxicity.high for g, t in pairs]
    assert len(held) == 2
    assert all(177 <= count <= 199 for count in held.values()), held
    assert 0.93 < np.mean(wells) < 0.98


def test_a_plate_that_holds_no_arm_is_refused(assay: ADCC) -> None:
    with pytest.raises(InputError, match="does not fit"):
        assay.plate(replicates=12)
    with pytest.raises(InputError, match="no plate is read of this"):
        assay.plate("preincubation")


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"antibody": "bortezomib"}, "antibody against CD38"),
        ({"comparator": "mezigdomide"}, "the glue itself"),
        ({"ratios": [10, 1]}, "ascending"),
        ({"concentration": "0 nM"}, "above 0"),
        ({"concentration": "10 mg"}, "wrong dimension"),
        ({"antibody_at": -1.0}, "above 0"),
    ],
)
def test_what_cannot_be_done_is_a_paragraph(given: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        adcc("mezigdomide", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"duration": "0 h"},
        {"preincubation": -1},
        {"ratio": 0},
        {"NK_share": 2},
        {"replated": False, "glue_stays": False},
    ],
)
def test_a_protocol_that_cannot_be_done_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Protocol(**wrong)  # type: ignore[arg-type]
