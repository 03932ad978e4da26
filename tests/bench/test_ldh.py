"""Percent cytotoxicity from wells: the check row, intervals, which controls count, what is refused."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cereblon.bench.ldh import Lysis, ldh
from cereblon.bench.plate import Readings
from cereblon.ground.errors import InputError
from cereblon.mechanism.adcc import cytotoxicity

ROW = {"sample": 1.20, "effector": 0.25, "target": 0.15, "maximum": 1.65}


def plate(wells: dict[str, object], **columns: object) -> Readings:
    """Wells of each role, one reading or a list of them."""
    values = {role: np.atleast_1d(np.asarray(value, dtype=float)) for role, value in wells.items()}
    roles = [role for role, column in values.items() for _ in column]
    return Readings(np.concatenate(list(values.values())), role=roles, **columns)  # type: ignore[arg-type]


def percent(readings: Readings, **options: object) -> float:
    (group,) = ldh(readings, **options)  # type: ignore[arg-type]
    return group.cytotoxicity.value


def test_the_check_row_of_the_dossier() -> None:
    """checks.md: Exp 1.20, Eff .25, Targ .15, Max 1.65 -> 53.33 %."""
    assert percent(plate(ROW), blanked=True) == pytest.approx(53.3333, abs=1e-4)
    over_medium = {role: value + 0.1 for role, value in ROW.items()} | {"medium": 0.1}
    assert percent(plate(over_medium)) == pytest.approx(53.3333, abs=1e-4)


@settings(max_examples=50)
@given(st.lists(st.floats(0.01, 2), min_size=5, max_size=5))
def test_one_well_of_each_role_is_the_formula_of_the_mechanism(read: list[float]) -> None:
    e, f, t, gap, b = read
    found = percent(plate({"sample": e, "effector": f, "target": t, "maximum": t + gap, "blank": b}))
    assert found == pytest.approx(float(cytotoxicity(e, f, t, t + gap, b)), rel=1e-9, abs=1e-9)


def test_lysis_buffer_on_top_dilutes_the_maximum() -> None:
    """10 uL on 100 uL: 1.65 above its blank reads 1.5 there, and both blanks are their own."""
    diluted = {"sample": 1.3, "effector": 0.35, "target": 0.25, "maximum": 1.65 / 1.1 + 0.12, "medium": 0.1,
               "volume control": 0.12}  # fmt: skip
    assert percent(plate(diluted), medium="100 uL", buffer="10 uL") == pytest.approx(53.3333, abs=1e-4)
    assert percent(plate(diluted), medium=0.1e3, buffer=10) == pytest.approx(53.3333, abs=1e-4)
    uncorrected = ldh(plate(diluted))
    assert uncorrected.groups[0].cytotoxicity.value > 58
    assert "not scaled" in uncorrected.notes[0]


def test_the_interval_is_that_of_a_t_test_where_only_the_samples_scatter() -> None:
    from scipy import stats

    wells = np.array([1.1, 1.2, 1.3, 1.25])
    flat = {role: [value] * 3 for role, value in ROW.items()} | {"sample": wells}
    (group,) = ldh(plate(flat), blanked=True)
    low, high = stats.t.interval(0.95, 3, loc=wells.mean(), scale=stats.sem(wells))
    scale = 100 / (1.65 - 0.15)
    assert group.cytotoxicity.low == pytest.approx((low - 0.4) * scale)
    assert group.cytotoxicity.high == pytest.approx((high - 0.4) * scale)


def test_the_interval_covers_the_truth_of_many_plates() -> None:
    """2,000 plates of three wells a role, seeds declared here: between 93 and 98 in 100 hold the truth."""
    rng = np.random.default_rng(5)
    truth = {"sample": 1.3, "effector": 0.35, "target": 0.25, "maximum": 1.75, "blank": 0.1}
    held = 0
    for _ in range(2000):
        (group,) = ldh(plate({role: value * (1 + 0.05 * rng.standard_normal(3)) for role, value in truth.items()}))
        held += group.cytotoxicity.low <= 53.3333 <= group.cytotoxicity.high
    assert 0.93 < held / 2000 < 0.98


def test_a_dye_that_targets_alone_carry_needs_no_effector_control() -> None:
    """(experimental - spontaneous) / (maximum - spontaneous), as for Cr-51: (1.2 - .15) / (1.65 - .15) = 70 %."""
    wells = {"sample": 1.3, "target": 0.25, "maximum": 1.75, "medium": 0.1}
    assert percent(plate(wells), loaded=True) == pytest.approx(70)
    assert percent(plate({r: v - 0.1 for r, v in wells.items() if r != "medium"}), loaded=True, blanked=True) == (
        pytest.approx(70)
    )


def test_a_single_well_has_a_value_and_no_interval() -> None:
    (group,) = ldh(plate(ROW | {"medium": [0.0, 0.01]}))
    assert math.isnan(group.cytotoxicity.low)
    assert "one well of" in group.cytotoxicity.note


def test_nothing_is_clipped() -> None:
    assert percent(plate(ROW | {"sample": 0.3}), blanked=True) == pytest.approx(-6.667, abs=1e-3)
    above = ldh(plate(ROW | {"sample": 2.5}), blanked=True)
    assert above.groups[0].cytotoxicity.value == pytest.approx(140)
    assert "above the maximum" in above.groups[0].notes


def test_targets_that_leak_more_than_a_fifth_are_flagged() -> None:
    assert ldh(plate(ROW | {"target": 0.33}), blanked=True).groups[0].notes == ()
    (leaky,) = ldh(plate(ROW | {"target": 0.34}), blanked=True)
    assert leaky.leak == pytest.approx(0.34 / 1.65)
    assert "targets leak 21%" in leaky.notes[0]


def with_drug(own: bool) -> Readings:
    """A drug that lysed half of the targets before; controls with it, or drug-free ones alone."""
    rows = [("sample", 10.0, 0.70), ("effector", 0.0, 0.20), ("target", 0.0, 0.10), ("maximum", 0.0, 1.10)]
    rows += [("target", 10.0, 0.14), ("maximum", 10.0, 0.80)] if own else []
    role, dose, value = zip(*rows, strict=True)
    return Readings(list(value), role=list(role), partner=["drug" if d else "" for d in dose],
                    partner_concentration=list(dose))  # type: ignore[arg-type]  # fmt: skip


def test_a_drug_is_read_against_its_own_control_without_effectors() -> None:
    (own,) = ldh(with_drug(own=True), blanked=True)
    assert own.cytotoxicity.value == pytest.approx(100 * 0.36 / 0.66)
    assert own.notes == ()
    (common,) = ldh(with_drug(own=False), blanked=True)
    assert common.cytotoxicity.value == pytest.approx(100 * 0.4 / 1.0)
    assert "drug-free targets instead" in common.notes[0]


def test_each_ratio_has_its_own_effector_control() -> None:
    roles = ["sample", "sample", "effector", "effector", "target", "maximum"]
    ratios = ["25", "5:1", "25", "5:1", "", ""]
    wells = Readings([1.0, 0.6, 0.3, 0.1, 0.1, 1.1], role=roles, group=ratios)  # type: ignore[arg-type]
    found = {g.ratio: g.cytotoxicity.value for g in ldh(wells, blanked=True)}
    assert found == {5.0: pytest.approx(40), 25.0: pytest.approx(60)}
    with pytest.raises(InputError, match="no control of role effector at E:T 5"):
        ldh(wells.where(np.arange(6) != 3), blanked=True)


def test_plates_are_read_each_against_its_own_controls() -> None:
    first, second = (plate(ROW, plate=name) for name in "AB")
    both = first + second.replace(value=second.value * 2)
    assert [g.cytotoxicity.value for g in ldh(both, blanked=True)] == pytest.approx([53.3333, 53.3333], abs=1e-4)


@pytest.mark.parametrize("role", ["effector", "target", "maximum"])
def test_a_missing_control_is_named(role: str) -> None:
    with pytest.raises(InputError, match=f"no control of role {role}"):
        ldh(plate({r: v for r, v in ROW.items() if r != role}), blanked=True)
    gone = plate(ROW | {role: np.nan})
    with pytest.raises(InputError, match=f"no control of role {role}"):
        ldh(gone, blanked=True)


def test_medium_is_asked_for_and_may_be_declined() -> None:
    with pytest.raises(InputError, match="blanked=True"):
        ldh(plate(ROW))
    kept = ldh(plate(ROW | {"medium": 0.1}), blanked=True)
    assert "not taken off" in kept.notes[0]
    assert kept.groups[0].cytotoxicity.value == pytest.approx(53.3333, abs=1e-4)


def test_a_maximum_that_is_not_above_the_spontaneous_release_is_refused_with_its_wells() -> None:
    wells = Readings([1.2, 0.25, 0.15, 0.15], role=list(ROW), well=["A1", "A2", "A3", "A4"])  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"not above spontaneous.*A4.*A3"):
        ldh(wells, blanked=True)


@pytest.mark.parametrize("word", ["Target Spontaneous", "target-spontaneous", "TARGET_SPONTANEOUS", " targets "])
def test_roles_are_known_by_what_plates_call_them(word: str) -> None:
    named = {word if role == "target" else role: value for role, value in ROW.items()}
    assert percent(plate(named), blanked=True) == pytest.approx(53.3333, abs=1e-4)


def test_an_unknown_role_or_ratio_or_volume_is_refused() -> None:
    with pytest.raises(InputError, match="no well of an LDH plate has this role"):
        ldh(plate(ROW | {"maximim releese": 1.0}), blanked=True)
    with pytest.raises(InputError, match="E:T is a number"):
        ldh(plate(ROW, group="many"), blanked=True)
    with pytest.raises(InputError, match="volume is corrected by two"):
        ldh(plate(ROW), blanked=True, medium="100 uL")
    with pytest.raises(InputError, match="volumes above 0"):
        ldh(plate(ROW), blanked=True, medium="0 uL", buffer="10 uL")
    with pytest.raises(InputError, match="no well with targets, effectors and antibody"):
        ldh(plate({r: v for r, v in ROW.items() if r != "sample"}), blanked=True)


def test_wells_without_a_reading_are_counted() -> None:
    some = ldh(plate(ROW | {"sample": [1.2, np.nan]}), blanked=True)
    assert "1 well without a reading" in some.notes
    assert some.groups[0].wells.size == 1


def test_the_table_has_a_row_for_each_condition(tmp_path) -> None:  # type: ignore[no-untyped-def]
    found: Lysis = ldh(plate(ROW), blanked=True)
    assert found.table()["cytotoxicity_percent"].tolist() == pytest.approx([53.3333], abs=1e-4)
    assert found.save(tmp_path / "ldh.csv").read_text().startswith("plate,drug")
    assert "53.3 %" in str(found)
