"""Numbers meet equations: addresses, changes, dishes and patients."""

import numpy as np
import pytest

import cereblon as cb
from cereblon.ground.errors import AddressError, InputError, RecordError, UnitError
from cereblon.model import Model, Result, dish, exposure, patient


@pytest.fixture(scope="module")
def well() -> Model:
    return dish("mezigdomide", substrates=("IKZF1", "IKZF3"))


@pytest.fixture(scope="module")
def person() -> Model:
    return patient("mezigdomide")


@pytest.mark.parametrize("address", ["CRBN.total@tumour", "H929.CRBN.total", "CRBN.total", "CRBN.total@H929"])
def test_one_slot_has_several_names_in_a_dish(well: Model, address: str) -> None:
    assert well.resolve(address) == "CRBN.total@tumour"


def test_a_cell_names_its_place_in_a_patient(person: Model) -> None:
    assert person.resolve("progenitor.CRBN.total") == "CRBN.total@marrow"
    assert person.resolve("typical.marrow.volume") == "marrow.volume"


def test_an_address_that_fits_three_places_is_refused_with_the_matches(person: Model) -> None:
    with pytest.raises(AddressError, match=r"fits 3 places.*CRBN.total@tumour, CRBN.total@T_cell"):
        person.resolve("CRBN.total")
    twice = patient("mezigdomide", {"tumour": "H929", "marrow": "H929"})
    with pytest.raises(AddressError, match="fits 2 places"):
        twice.resolve("H929.CRBN.total")


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("mezigdomide.CRBN.KD", "mezigdomide.CRBN.Kd"),
        ("H929.CRBN.totl", "H929.CRBN.total"),
        ("CRBN.totl@tumour", "CRBN.total@tumour"),
    ],
)
def test_an_unknown_address_names_the_nearest(well: Model, wrong: str, near: str) -> None:
    with pytest.raises(AddressError, match=f"nearest is {near}"):
        well.resolve(wrong)


def test_a_number_that_no_equation_reads_is_not_set_in_silence(well: Model) -> None:
    with pytest.raises(AddressError, match="no equation of this model reads"):
        well.replace({"H929.doubling_time": "40 h"})


def test_a_change_is_an_assumption_of_the_user_and_leaves_the_model_as_it_was(well: Model) -> None:
    changed = well.replace({"H929.CRBN.total": "12.5 nM"})
    new = changed["CRBN.total@tumour"]
    assert (new.value, new.grade, new.source) == (12.5, "assumed", "user")
    assert "was 50 nM" in new.note
    assert well["CRBN.total@tumour"].value == 50


@pytest.mark.parametrize(
    ("value", "error"),
    [("5 h", UnitError), ("-5 nM", RecordError), ("5 furlong", UnitError), ("nan nM", UnitError)],
)
def test_a_change_is_checked(well: Model, value: str, error: type[InputError]) -> None:
    with pytest.raises(error):
        well.replace({"CRBN.total": value})


def test_a_number_that_no_record_has_is_named_with_its_record() -> None:
    with pytest.raises(RecordError, match=r"mezigdomide has no CSNK1A1\.Kd.*mezigdomide\.CSNK1A1\.Kd"):
        dish("mezigdomide", substrates=("IKZF1", "CSNK1A1"))


def test_without_drug_every_state_stands_still(person: Model) -> None:
    result = person.simulate([0, 100], rtol=1e-8)
    for name in ("IKZF1.remaining@tumour", "IKZF3.remaining@marrow", "MEIS2.remaining@T_cell"):
        assert result[name] == pytest.approx([1, 1], abs=1e-9)


def test_concentrations_run_side_by_side_and_more_glue_leaves_less(well: Model) -> None:
    given = np.logspace(-3, 4, 15)
    result = well.simulate(["0 h", "4 h"], exposure(well, {"mezigdomide": given}))
    left = result["IKZF1.remaining"]
    assert left.shape == (15, 2)
    assert (np.diff(left[:, 1]) < 0).all()
    alone = well.simulate([0, 4], exposure(well, {"mezigdomide": given[7]}))
    assert alone["IKZF1.remaining"][0, 1] == left[7, 1]  # bit for bit


def test_the_medium_holds_what_was_given(well: Model) -> None:
    result = well.simulate([0, 1e-9], exposure(well, {"mezigdomide": 3.0}))
    assert result["mezigdomide@medium"][0, 1] == pytest.approx(3.0, rel=1e-6)


def test_a_line_without_cereblon_keeps_its_substrates() -> None:
    null = dish("mezigdomide", "DF15R", ("IKZF1", "IKZF3"))
    result = null.simulate([0, 24], exposure(null, {"mezigdomide": 1000.0}))
    assert result["IKZF1.remaining"][0, 1] == pytest.approx(1, abs=1e-6)


def test_a_neddylation_inhibitor_given_before_abolishes_degradation(well: Model) -> None:
    blocked = well.replace({"CRL4.inhibition": "1"})
    result = blocked.simulate([0, 28], exposure(blocked, {"mezigdomide": 100.0}, at=24))
    assert result["IKZF1.remaining"][0, 1] > 0.99


def test_a_regimen_runs_in_a_patient_with_a_plasma_level_and_three_cells() -> None:
    result = cb.simulate(cb.regimen("mezigdomide_21_28"), until="3 d")
    assert result.ok
    assert result.time[-1] == 72
    assert result["mezigdomide@central"].max() > 5
    assert result["IKZF1.remaining@tumour"].min() < 1
    assert "assumption" in result.sources()
    assert "mezigdomide.CL_F" in result.model.assumptions


def test_the_fluxes_around_a_substrate_add_up_to_its_change(well: Model) -> None:
    step = 1e-4
    result: Result = well.simulate([0, 1, 1 + step], exposure(well, {"mezigdomide": 1.0}), rtol=1e-9)
    flux = result.flux("1 h")
    made = flux.loc[flux.reaction.str.startswith("0 -> IKZF1"), "rate"].sum()
    lost = flux.loc[flux.reaction.str.contains(r"IKZF1.* -> (?:.* \+ )?0$"), "rate"].sum()
    change = np.diff(result["IKZF1.remaining"][0, 1:])[0] / step * 100
    assert made - lost == pytest.approx(change, rel=1e-3)


def test_a_result_prints_itself_and_saves_a_table(well: Model, tmp_path) -> None:  # type: ignore[no-untyped-def]
    result = well.simulate([0, 1], exposure(well, {"mezigdomide": [1, 10]}))
    assert "H929" in str(result)
    assert "2 subject(s)" in str(result)
    assert result.save(tmp_path / "run.csv").read_text().startswith("subject,time")
    assert result.unit("mezigdomide@medium") == "nM"
