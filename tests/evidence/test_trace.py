"""A number's whole route: record, source, equations, slot, outputs."""

from pathlib import Path

import pytest

import cereblon as cb
from cereblon.ground.errors import AddressError, InputError


def test_an_affinity_is_followed_from_its_file_to_the_outputs_it_moves() -> None:
    route = cb.trace("mezigdomide.CRBN.Kd")
    assert route.file == "data/compounds/mezigdomide.toml"
    assert route.source.key == "starting_values"
    assert set(route.slots) == {"dish", "patient"}
    assert ("mezigdomide.CRBN.Kd_open", "mezigdomide.CRBN.Kd * (1 + mezigdomide.CRBN.K_c)") in route.derived
    assert any("CRBN:mezigdomide@tumour" in scheme for scheme, _ in route.reactions)
    felt = {e.output: e.sensitivity for e in route.effects}
    assert 0.5 < felt["DC50 of IKZF1 at 4 h"] <= 1.05  # the law: DC50 goes with Kd
    assert felt["mean plasma mezigdomide, day 2 (1 mg a day)"] == 0


def test_more_cereblon_lowers_the_level_left() -> None:
    felt = {e.output: e.sensitivity for e in cb.trace("H929.CRBN.total").effects}
    assert felt["share of IKZF1 left at 4 h, saturated"] < -0.5
    assert felt["mean IKZF1.remaining@marrow, day 2"] == 0


def test_plasma_level_goes_with_the_inverse_of_clearance() -> None:
    effects = cb.trace("mezigdomide.CL_F").effects
    assert effects[0].sensitivity == pytest.approx(-1, abs=0.1)


def test_a_number_of_the_common_cell_names_the_file_that_states_it() -> None:
    assert cb.trace("progenitor.IKZF1.t_half").file == "data/cells/defaults.toml"
    assert cb.trace("progenitor.IKZF1.t_half").slots["patient"] == "IKZF1.t_half@marrow"


def test_a_constant_of_one_protein_moves_that_protein() -> None:
    felt = {e.output: e.sensitivity for e in cb.trace("lenalidomide.CSNK1A1.Kd").effects}
    assert felt["share of CK1α left at 4 h, saturated"] > 0


def test_a_number_that_no_equation_reads_says_so() -> None:
    assert "no equation reads it" in str(cb.trace("typical.weight"))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("mezigdomide.CRBN.KD", "nearest is mezigdomide.CRBN.Kd"),
        ("mezi.CRBN.Kd", "nearest is mezigdomide.CRBN.Kd"),
        ("CRBN.total@tumor", "nearest is CRBN.total@tumour"),
        ("H929", "a record, not a number"),
    ],
)
def test_an_unknown_address_names_the_nearest(address: str, message: str) -> None:
    with pytest.raises(AddressError, match=message):
        cb.trace(address)


def test_a_dose_is_refused_with_its_calendar() -> None:
    with pytest.raises(InputError, match="days 1-21 of 28 d"):
        cb.trace("mezigdomide_21_28.dose")


def test_a_route_prints_itself_and_saves_a_table(tmp_path: Path) -> None:
    route = cb.trace("mezigdomide.IKZF1.Kd")
    assert "sensitivity" in str(route)
    assert route.save(tmp_path / "route.csv").read_text().startswith("model,output")
