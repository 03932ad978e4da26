"""A user's file of an LDH plate: names of columns, decimal signs, and what is refused with its line."""

from pathlib import Path

import numpy as np
import pytest

from cereblon.bench.adcc import adcc
from cereblon.bench.ldh import ldh
from cereblon.bench.ldh_file import read_ldh
from cereblon.ground.errors import InputError

PLATE = """well,role,ratio,antibody_nM,drug,drug_nM,A490
A1,experimental,25,6.8,,0,1.30
A2,experimental,25,6.8,,0,1.28
A3,effector spontaneous,25,,,,0.35
A4,effector spontaneous,25,,,,0.36
A5,target spontaneous,,,,,0.25
A6,target spontaneous,,,,,0.26
A7,target maximum,,,,,1.75
A8,target maximum,,,,,1.73
A9,medium,,,,,0.10
A10,medium,,,,,0.11
"""


@pytest.fixture
def file(tmp_path: Path):  # type: ignore[no-untyped-def]
    def written(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "plate.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return written


def only(path: Path, **options: object) -> float:
    (group,) = ldh(path, **options)  # type: ignore[arg-type]
    return group.cytotoxicity.value


def test_a_file_is_read_by_the_names_of_its_columns(file) -> None:  # type: ignore[no-untyped-def]
    found = read_ldh(file(PLATE))
    assert found.count == 10
    assert found.unit == "nM"
    assert found.of == "A490"
    assert found.group.tolist()[:3] == ["25", "25", "25"]
    (group,) = ldh(file(PLATE))
    assert group.cytotoxicity.value == pytest.approx(100 * (1.29 - 0.355 - 0.255 + 0.105) / (1.74 - 0.255))
    assert group.ratio == 25
    assert group.concentration == 6.8


@pytest.mark.parametrize(
    "same",
    [
        PLATE.replace(",", ";").replace(".", ","),
        PLATE.replace(",", "\t"),
        "\ufeff" + PLATE.replace("\n", "\r\n"),
        "# reader 7\n\n" + PLATE,
        PLATE.replace(",25,", ",25:1,"),
        PLATE.replace("well,role", "Well ID,Sample Type").replace("ratio", "E:T").replace("A490", "OD 490"),
        PLATE.replace("experimental", "TEST").replace("target maximum", "Max").replace("target spontaneous", "Targets"),
    ],
    ids=["decimal commas", "tabs", "BOM and CRLF", "notes", "25:1", "other names", "other roles"],
)
def test_the_same_plate_written_otherwise_reads_the_same(file, same: str) -> None:  # type: ignore[no-untyped-def]
    assert only(file(same)) == pytest.approx(only(file(PLATE)))


def test_columns_are_what_the_user_says(file) -> None:  # type: ignore[no-untyped-def]
    odd = PLATE.replace("role", "x1").replace("A490", "x2").replace("antibody_nM", "x3")
    with pytest.raises(InputError, match="no column was recognised as the role"):
        ldh(file(odd))
    found = only(file(odd), columns={"role": "x1", "value": "x2", "antibody_concentration": "x3"})
    assert found == pytest.approx(only(file(PLATE)))


def test_concentrations_by_mass_keep_their_unit(file) -> None:  # type: ignore[no-untyped-def]
    found = ldh(file(PLATE.replace("antibody_nM", "dara (ug/mL)")))
    assert found.unit == "ug/mL"
    assert "antibody 6.8 ug/mL" in str(found)
    molar = ldh(file(PLATE.replace("antibody_nM", "dara (uM)")))
    assert molar.groups[0].concentration == pytest.approx(6800)


def test_columns_that_are_not_used_are_named(file) -> None:  # type: ignore[no-untyped-def]
    more = "\n".join(f"{line},{'operator' if i == 0 else 'me'}" for i, line in enumerate(PLATE.splitlines()))
    assert "column operator is not used" in ldh(file(more)).notes


BAD = {
    "empty": ("", "this file is empty"),
    "no header": ("1,2\n3,4\n", "no header was found"),
    "no rows": (PLATE.splitlines()[0] + "\n", "no row below the header"),
    "no value": (PLATE.replace("A490", "thing"), "no column was recognised as the value"),
    "unknown role": (PLATE.replace("medium", "buffer only"), "line 10: no well of an LDH plate has this role"),
    "no role": (PLATE.replace("A9,medium", "A9,"), "line 10"),
    "twice": (PLATE.replace("A2,", "A1,"), "A1 on lines 2 and 3"),
    "same names": (PLATE.replace("drug_nM", "drug"), "two columns have the same name"),
    "ambiguous": (PLATE.replace("drug,drug_nM", "reading,drug_nM"), "two columns may be the value"),
    "not a number": (PLATE.replace("1.30", "1.3O"), "line 2: this is not a number"),
    "negative": (PLATE.replace("6.8", "-6.8"), "line 2: a concentration is not negative"),
    "missing dose": (PLATE.replace("A1,experimental,25,6.8", "A1,experimental,25,"), "antibody_nM of a sample"),
    "bad ratio": (PLATE.replace("A1,experimental,25", "A1,experimental,few"), "line 2: E:T is a number"),
    "short row": (PLATE.replace(",0,1.28", ",1.28"), "line 3: this row has another number of cells"),
    "bad well": (PLATE.replace("A1,", "Z1,"), "no well of a 96- or 384-well plate"),
    "nothing read": (PLATE.replace("1.30", "").replace("1.28", "NA"), "no well with targets, effectors and antibody"),
    "no maximum": (PLATE.replace("1.75", "").replace("1.73", ""), "no control of role maximum"),
    "max below": (PLATE.replace("1.75", "0.2").replace("1.73", "0.2"), "not above spontaneous"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_in_one_paragraph(file, case: str) -> None:  # type: ignore[no-untyped-def]
    text, says = BAD[case]
    with pytest.raises(InputError) as caught:
        ldh(file(text))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("columns", [{"role": "nowhere"}, {"dose": "drug_nM"}])
def test_a_mapping_that_does_not_fit_is_refused(file, columns: dict[str, str]) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=r"no column 'nowhere'|do not mean this"):
        ldh(file(PLATE), columns=columns)


def test_a_simulated_plate_goes_through_a_file_unchanged(tmp_path: Path) -> None:
    assay = adcc("mezigdomide", preincubations=[24.0])
    plate = assay.plate(seed=4, size=384)
    back = ldh(plate.save(tmp_path / "plate.csv"), medium="200 uL", buffer="20 uL")
    here = ldh(plate, medium="200 uL", buffer="20 uL")
    np.testing.assert_allclose(
        back.table()["cytotoxicity_percent"], here.table()["cytotoxicity_percent"], rtol=1e-9, atol=1e-9
    )
    assert back.table()["drug"].tolist() == here.table()["drug"].tolist()
    assert list(back.EC50) == list(here.EC50)
    assert any("simulated" in note for note in back.notes)
