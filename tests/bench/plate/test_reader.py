"""Plate files as users bring them: every quirk is read for sure or refused with its place."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cereblon.bench.plate import Readings, layout, measure, read, serial, series
from cereblon.ground.errors import InputError

LONG = """plate,well,compound,conc (uM),signal
P1,A1,DMSO,0,100
P1,A2,X,0.1,80
P1,A3,X,1,40
P1,A4,X,10,12
"""


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(text: str | bytes, name: str = "plate.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def block(head: str = "", cells: dict[str, str] | None = None, rows: int = 8, columns: int = 12, sep: str = ",") -> str:
    """A block with `cells` filled; a title above it."""
    lines = [head] if head else []
    lines.append(sep.join(["", *map(str, range(1, columns + 1))]))
    for r in range(rows):
        letter = chr(65 + r)
        lines.append(sep.join([letter, *((cells or {}).get(f"{letter}{c + 1}", "") for c in range(columns))]))
    return "\n".join(lines) + "\n"


READ = {"A1": "100", "A2": "80", "A3": "40", "A4": "12", "B1": "2"}
HELD = {"A1": "DMSO", "A2": "X 0.1 uM", "A3": "X 1 uM", "A4": "X 10 uM", "B1": "blank"}


# tables


def test_a_table_is_read_into_nM_with_its_controls(file: Callable[..., Path]) -> None:
    read_ = read(file(LONG))
    assert read_.role.tolist() == ["untreated", "sample", "sample", "sample"]
    assert read_.concentration.tolist() == [0, 100, 1000, 10000]
    assert (read_.unit, read_.of, read_.compound.tolist()) == ("nM", "signal", ["", "X", "X", "X"])
    assert [name for name, _ in read_.curves()] == ["X"]


@pytest.mark.parametrize(
    "changed",
    [
        "\ufeff" + LONG,
        LONG.replace("\n", "\r\n"),
        LONG.replace("\n", "\r"),
        LONG.replace(",", ";"),
        LONG.replace(",", "\t"),
        LONG.replace(",", ";").replace("0.1", "0,1"),
        "sep=;\n" + LONG.replace(",", ";"),
        LONG.replace("conc (uM)", "conc (µM)"),
        LONG.replace("conc (uM)", "Conc [μM]"),
        LONG.replace("conc (uM)", "dose_uM"),
        LONG.replace("conc (uM)", "Concentration in uM"),
        LONG.replace(",A1", ",a01").replace(",A2", ",A02"),
        LONG.replace("DMSO", "vehicle"),
        LONG + ",,,,\n\n",
        "# a note\n" + LONG,
        "exported by reader 7\n\n" + LONG,
        LONG.replace("signal", '"signal"').replace("P1", '"P1"'),
    ],
)
def test_the_same_plate_in_other_dress(file: Callable[..., Path], changed: str) -> None:
    ours, theirs = read(file(LONG, "a.csv")), read(file(changed, "b.csv"))
    for name in ("plate", "well", "role", "compound", "concentration", "value"):
        assert getattr(theirs, name).tolist() == getattr(ours, name).tolist(), name


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "utf-8-sig"])
def test_encodings_of_spreadsheets(file: Callable[..., Path], encoding: str) -> None:
    assert read(file(LONG.replace("uM", "µM").encode(encoding))).concentration[-1] == 10000


def test_columns_may_be_named_by_the_user(file: Callable[..., Path]) -> None:
    text = "a,b,c\n1,2,3\n10,4,5\n100,6,7\n"
    read_ = read(file(text), columns={"concentration": "b", "value": "c"}, unit="uM")
    assert (read_.concentration.tolist(), read_.value.tolist()) == ([2000, 4000, 6000], [3, 5, 7])


def test_replicates_side_by_side_are_replicates(file: Callable[..., Path]) -> None:
    read_ = read(file("dose,rep1,rep2\n0,10,11\n1,5,6\n10,1,2\n"))
    assert read_.count == 6
    assert read_.only(replicate=2).value.tolist() == [11, 6, 2]


def test_units_may_stand_on_each_row_and_in_each_cell(file: Callable[..., Path]) -> None:
    by_row = read(file("conc,unit,value\n0,,9\n100,nM,5\n1,uM,4\n"))
    by_cell = read(file("conc,value\n0,9\n100 nM,5\n1 uM,4\n"))
    assert by_row.concentration.tolist() == by_cell.concentration.tolist() == [0, 100, 1000]


def test_units_of_mass_are_kept(file: Callable[..., Path]) -> None:
    read_ = read(file("dose (ug/mL),value\n0,9\n1,5\n10,4\n"))
    assert (read_.unit, read_.concentration.tolist()) == ("ug/mL", [0, 1, 10])


def test_an_unknown_unit_is_kept_as_it_stands_and_said(file: Callable[..., Path]) -> None:
    read_ = read(file("dose (g/ha),weight\n0,9\n1,5\n10,4\n"))
    assert read_.unit == "1"
    assert "g/ha" in " ".join(read_.notes)


def test_logarithms_of_concentrations(file: Callable[..., Path]) -> None:
    read_ = read(file("log_conc (M),value\n-9,9\n-8,5\n-7,4\n"))
    assert read_.concentration == pytest.approx([1, 10, 100])


def test_missing_readings_are_kept_and_negative_ones_too(file: Callable[..., Path]) -> None:
    read_ = read(file(LONG.replace(",40", ",").replace(",12", ",-3")))
    assert math.isnan(read_.value[2])
    assert (read_.missing, read_.value[3]) == (1, -3)


def test_words_that_have_a_series_each_tell_curves_apart_and_others_do_not(file: Callable[..., Path]) -> None:
    one = ((0, 9, "ann"), (1, 5, "bob"), (2, 3, "ann"), (9, 1, "ann"))
    rows = [f"{d},{v},{s},{o}" for s in ("new", "old") for d, v, o in one]
    read_ = read(file("conc,value,batch of serum,operator\n" + "\n".join(rows) + "\n"))
    assert [name for name, _ in read_.curves()] == ["new", "old"]
    assert any("operator is not used" in note for note in read_.notes)


def test_a_group_of_the_user(file: Callable[..., Path]) -> None:
    text = "conc,value,lot\n" + "".join(f"{d},{10 - d},{lot}\n" for lot in (1, 2) for d in (0, 1, 2, 3))
    assert [name for name, _ in read(file(text), group="lot").curves()] == ["lot 1", "lot 2"]


def test_rows_and_columns_make_wells_and_days_hours(file: Callable[..., Path]) -> None:
    read_ = read(file("row,column,dose,value,time (d)\nA,1,0,9,3\nB,12,1,5,3\nH,2,10,4,3\n"))
    assert read_.well.tolist() == ["A1", "B12", "H2"]
    assert read_.time.tolist() == [72, 72, 72]


def test_a_combination_has_a_partner(file: Callable[..., Path]) -> None:
    read_ = read(file("drug1.conc,drug2.conc,E\n0,0,1\n1,0,.9\n0,1,.8\n1,1,.2\n"))
    assert (read_.compound[1], read_.partner[2]) == ("drug1", "drug2")
    assert read_.role.tolist() == ["untreated", "sample", "sample", "sample"]


def test_roles_have_many_names_and_unknown_ones_stay(file: Callable[..., Path]) -> None:
    text = "role,dose,value\nNegative control,,1\npos,,2\nBackground,,3\neffector spontaneous,,4\nsample,5,5\n"
    assert read(file(text)).role.tolist() == ["untreated", "positive", "blank", "effector spontaneous", "sample"]


# blocks


@pytest.mark.parametrize("columns", [12, 24])
def test_a_block_with_a_layout_below(file: Callable[..., Path], columns: int) -> None:
    rows = {12: 8, 24: 16}[columns]
    text = block("Plate 7", READ, rows, columns) + "\n" + block("Layout", HELD, rows, columns)
    read_ = read(file(text))
    assert read_.plate.tolist() == ["Plate 7"] * 5
    assert read_.well.tolist() == ["A1", "A2", "A3", "A4", "B1"]
    assert read_.role.tolist() == ["untreated", "sample", "sample", "sample", "blank"]
    assert read_.concentration.tolist() == [0, 100, 1000, 10000, 0]


def test_a_layout_in_a_file_of_its_own_as_block_or_table(file: Callable[..., Path]) -> None:
    plate = file(block("", READ))
    one = read(plate, layout=file(block("", HELD), "layout.csv"))
    table = "well,compound,conc (uM)\nA1,DMSO,\nA2,X,0.1\nA3,X,1\nA4,X,10\nB1,blank,\n"
    other = read(plate, layout=file(table, "table.csv"))
    for name in ("well", "role", "compound", "concentration", "value"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name


def test_blocks_of_doses_compounds_and_cells(file: Callable[..., Path]) -> None:
    text = "\n".join(
        [
            block("Signal at 72 h", READ),
            block("Concentration (nM)", {"A1": "0", "A2": "1", "A3": "10", "A4": "100"}),
            block("Compound", {"A2": "X", "A3": "X", "A4": "X", "B1": "blank"}),
            block("Cell line", dict.fromkeys(READ, "H929")),
        ]
    )
    read_ = read(file(text))
    assert read_.concentration.tolist() == [0, 1, 10, 100, 0]
    assert (read_.time[0], read_.cell[0]) == (72, "H929")


def test_several_plates_in_one_file(file: Callable[..., Path]) -> None:
    text = "\n".join([block("Plate A", READ), block("Plate B", READ), block("Layout", HELD)])
    read_ = read(file(text, "two.csv"))
    assert read_.count == 10
    assert set(read_.plate) == {"Plate A", "Plate B"}


def test_a_bare_grid_of_numbers_is_a_plate(file: Callable[..., Path]) -> None:
    grid = "\n".join(",".join(str(r * 12 + c) for c in range(12)) for r in range(8))
    read_ = read(file(grid), layout=file(block("", HELD), "layout.csv"))
    assert read_.value.tolist() == [0, 1, 2, 3, 12]


def test_a_missing_well_of_a_block_is_missing_and_a_well_without_layout_is_told(file: Callable[..., Path]) -> None:
    cells = {w: v for w, v in READ.items() if w != "A3"} | {"H12": "7"}
    read_ = read(file(block("", cells) + "\n" + block("Layout", HELD)))
    assert math.isnan(read_.value[2])
    assert any("H12" in note for note in read_.notes)


def test_a_word_behind_every_row_of_a_block_is_what_was_read(file: Callable[..., Path]) -> None:
    """As some readers print the wavelength."""
    text = block("", READ)
    lines = [line + ",450" if line[:1].isalpha() else line for line in text.splitlines()]
    plate = file("\n".join(lines).replace(",1,2,3", "<>,1,2,3", 1))
    assert read(plate, layout=file(block("", HELD), "layout.csv")).value.tolist() == [100, 80, 40, 12, 2]


def test_a_table_of_wells_and_readings_takes_a_layout(file: Callable[..., Path]) -> None:
    plate = file("Well,RLU\nA1,100\nA2,80\nA3,40\nA4,12\nB1,2\nC1,7\n")
    read_ = read(plate, layout=file(block("", HELD), "layout.csv"))
    assert read_.concentration.tolist() == [0, 100, 1000, 10000, 0]
    assert read_.value.tolist() == [100, 80, 40, 12, 2]
    assert any("C1" in note for note in read_.notes)


def test_numbers_of_rows_and_labels_of_rows_are_no_data(file: Callable[..., Path]) -> None:
    """As R and pandas write them; and a column called cell that numbers the plants."""
    text = "rownames,cell,dose,rgr\n" + "".join(f"{k + 1},{k},{d},{9 - d}\n" for k, d in enumerate((0, 1, 2, 4, 8)))
    (curve,) = read(file(text)).curves()
    assert curve[1].value.tolist() == [9, 8, 7, 5, 1]


def test_controls_with_a_name_of_their_own_control_every_curve(file: Callable[..., Path]) -> None:
    text = "product,dose,gain\nctl,0,9\nX,1,5\nX,2,4\nY,1,6\nY,2,3\n"
    assert [c.value.tolist() for _, c in read(file(text)).curves()] == [[9, 5, 4], [9, 6, 3]]


def test_a_column_that_is_called_by_its_unit_and_one_of_days(file: Callable[..., Path]) -> None:
    read_ = read(file("µM,signal,time\n0,9,day 3\n1,5,day 3\n2,4,day 3\n"))
    assert read_.concentration.tolist() == [0, 1000, 2000]
    assert read_.time.tolist() == [72, 72, 72]


# what comes back


def test_saved_readings_are_read_as_they_were(tmp_path: Path) -> None:
    plan = layout(series(["X", "Y"], serial(1000, 4)), replicates=2)
    ours = measure(plan, np.linspace(1, 0.1, plan.count), cell="H929", time=72, of="viability")
    theirs = read(ours.save(tmp_path / "plate.csv"))
    for name in ("plate", "well", "role", "compound", "concentration", "cell", "time", "replicate", "value"):
        assert getattr(theirs, name).tolist() == getattr(ours, name).tolist(), name
    assert theirs.notes == ours.notes
    assert "simulated" in theirs.notes[0]


def test_a_combination_comes_back_too(tmp_path: Path) -> None:
    from cereblon.bench.plate import matrix

    plan = layout(matrix("X", [1, 10], "Y", [5]), replicates=1)
    ours = measure(plan, np.linspace(1, 0.1, plan.count))
    theirs = read(ours.save(tmp_path / "matrix.csv"))
    for name in ("compound", "concentration", "partner", "partner_concentration", "value", "role"):
        assert getattr(theirs, name).tolist() == getattr(ours, name).tolist(), name


# what is refused, and where it says so


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("conc,value\n", "no row below"),
        ("1,2\n3,4\n", "no header"),
        ("conc,conc,value\n1,1,2\n", "same name"),
        ("conc,dose,value\n1,1,2\n", "conc and dose"),
        ("conc,a,b\n1,2,3\n2,3,4\n", "which column holds the readings. Found: a, b"),
        ("a,value\n1,2\n", "recognised as the concentration"),
        ("conc,value\n1,2\n2,OVER\n", "line 3"),
        ("conc,value\n1,2\n2,#DIV/0!\n", "line 3"),
        ("conc,value\n1,2\n2,2-Mar\n", "line 3"),
        ("conc,value\nhigh,2\n", "line 2"),
        ("conc,value\n-1,2\n", "not negative"),
        ("conc,value\n1e999,2\n", "line 2"),
        ("conc,value\n1,1e200\n", "out of range"),
        ("pressure,rate\n1,2\n2,3\n", "recognised as the concentration"),
        ("conc,value\n1,2,3\n", "number of cells"),
        ("conc,value\n1\n", "number of cells"),
        ("conc,value\n1,NA\n2,\n", "no well has a reading"),
        ("well,conc,value\nA1,1,2\nA1,2,3\n", "A1 on lines 2 and 3"),
        ("well,conc,value\nA1,1,2\na01,2,3\n", "A1 on lines 2 and 3"),
        ("well,conc,value\nZ9,1,2\n", "no well"),
        ("well,conc,value\nA25,1,2\n", "no well"),
        ("well,conc,value\nA1,,2\n", "concentration of A1 is missing"),
        ("conc,unit,value\n1,nM,2\n2,ng/mL,3\n", "do not fit together"),
        ("conc,unit,value\n1,nM,2\n2,,3\n", "others none"),
        ("conc;value\n1,5;2.5\n", "decimal comma and others a point"),
        ("conc;value\n1;1,234\n2;2,345\n", "decimals or for thousands"),
        ('conc,value\n"1,2\n', "no row of cells"),
        (block("", READ), "what is in the wells is not said"),
        (block("", READ) + "\n" + block("Layout", {"A1": "DMSO", "A2": "X"}), "well A2"),
        (block("", READ | {"B7": "OVER"}) + "\n" + block("Layout", HELD), "well B7"),
        (block("Layout", HELD), "no block of readings"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(file: Callable[..., Path], text: str, told: str) -> None:
    with pytest.raises(InputError) as caught:
        read(file(text))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_none(tmp_path: Path, file: Callable[..., Path]) -> None:
    workbook, binary = file(b"PK\x03\x04....", "a.xlsx"), file(b"a,b\x00\n")
    for path, told in ((tmp_path, "folder"), (tmp_path / "none.csv", "no such file"), (workbook, "Excel workbook"),
                       (binary, "not a text")):  # fmt: skip
        with pytest.raises(InputError, match=told):
            read(path)


def test_a_large_file_is_refused_unread(file: Callable[..., Path]) -> None:
    with pytest.raises(InputError, match="too large"):
        read(file(b"noise,"*4_000_000))


def test_noise_is_refused_quickly(file: Callable[..., Path]) -> None:
    text = np.random.default_rng(1).bytes(3_000_000)
    with pytest.raises(InputError):
        read(file(text))


@pytest.mark.parametrize(
    "options",
    [
        {"columns": {"dose": "conc (uM)"}},
        {"columns": {"concentration": "concentration"}},
        {"unit": "furlong"},
        {"unit": "nM"},
        {"group": "lot"},
        {"layout": "plate.csv"},
        {"decimal": ";"},
    ],
)
def test_options_that_do_not_fit_the_file_are_refused(
    file: Callable[..., Path], options: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file(LONG)
    monkeypatch.chdir(path.parent)
    with pytest.raises(InputError):
        read(path, **options)  # type: ignore[arg-type]


def test_thousands_are_read_when_the_user_says_so(file: Callable[..., Path]) -> None:
    path = file("conc;value\n0;1,234\n1;2,345\n")
    assert read(path, decimal=".").value.tolist() == [1234, 2345]
    assert read(path, decimal=",").value.tolist() == [1.234, 2.345]


def test_the_public_data_sets_are_read_without_options(request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue("require")("shared/data")
    curves = {
        "data_ryegrass.csv": 1, "data_lettuce.csv": 1, "data_secalonic.csv": 1, "data_salba.csv": 2,
        "data_spinach.csv": 5, "gr_values_input.csv": 8, "data_mathews_screening.csv": 12,
        "data_synergy_2d_example.csv": 6,
    }  # fmt: skip
    for name, number in curves.items():
        found = read(folder / name)
        assert isinstance(found, Readings)
        assert len(list(found.curves())) == number, name
