"""Files of volumes as laboratories keep them: read, or refused with their line."""

import numpy as np
import pandas as pd
import pytest

from cereblon.bench import read_xenograft, xenograft
from cereblon.ground.errors import InputError

LONG = """Treatment,Mouse,Day,TV
Vehicle,1,0,100
Vehicle,1,7,300
Vehicle,2,0,120
Vehicle,2,7,420
Drug A,3,0,110
Drug A,3,7,180
Drug A,4,0,100
Drug A,4,7,150
"""


@pytest.fixture
def file(tmp_path):
    """`file(text)` writes the text, or bytes, and gives its path."""

    def write(content, name="volumes.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_a_public_study_is_read_as_it_comes(require):
    for name, mice, day in (("LS_1034", 41, 17), ("SNU_81", 26, 15), ("SW837", 24, 25)):
        path = require(f"shared/data/data_invivosyn_{name}.csv")
        study, frame = read_xenograft(path), pd.read_csv(path)
        assert (len(study.sizes.subjects), study.day, study.vehicle) == (mice, day, "Vehicle")
        assert study.combinations == {study.arms[-1]: ("Irinotecan", "Rabusertib")}
        assert len(study.table()) == len(frame)
        pd.testing.assert_series_equal(
            study.table()["volume_mm3"], frame["TV"], check_names=False
        )
        assert study.mixed_model().p({study.arms[-1]: 1, "Vehicle": -1}) < 1e-5


def test_what_a_simulation_saves_is_read_back_and_analysed_alike(tmp_path):
    made = xenograft(arms=["vehicle", "mezigdomide", "bortezomib", "mezigdomide + bortezomib"], n=4)
    read = read_xenograft(made.save(tmp_path / "made.csv"), blocked=True)
    assert read.combinations == made.combinations
    for form in ("change", "ratio"):
        assert read.TGI(form=form) == made.TGI(form=form)
    assert str(read.mixed_model()) == str(made.mixed_model())
    assert read.bliss().scores == made.bliss().scores


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        "\ufeff" + LONG,
        LONG.replace("\n", "\r\n"),
        LONG.replace(",", "\t"),
        LONG.replace(",", ";").replace("100", "100,0"),
        LONG.replace("\nDrug A,3,0", "\n\n,,,\nDrug A,3,0"),
        '"Treatment","Mouse","Day","TV"\n' + LONG.partition("\n")[2],
        "arm,animal ID,Study Day,Tumour volume (mm3)\n" + LONG.partition("\n")[2],
        "Group," + LONG.replace("\nV", "\nG1,V").replace("\nD", "\nG2,D"),
        "Treatment,Mouse,0,7\nVehicle,1,100,300\nVehicle,2,120,420\nDrug A,3,110,180\nDrug A,4,100,150\n",
        "Treatment,Mouse,Day 0,D7\nVehicle,1,100,300\nVehicle,2,120,420\nDrug A,3,110,180\nDrug A,4,100,150\n",
    ],
)  # fmt: skip
def test_dialects_and_layouts_give_the_same_study(file, text):
    study = read_xenograft(file(text))
    np.testing.assert_array_equal(study.sizes.values, [[100, 300], [120, 420], [110, 180], [100, 150]])
    assert study.arms == ("Vehicle", "Drug A")
    assert study.TGI(7)["Drug A"].value == pytest.approx(100 * (1 - 60 / 250))


def test_diameters_become_volumes_whichever_is_the_longer(file):
    text = LONG.replace("TV", "L,W").replace("300", "10,8").replace("100", "8,5").replace("120", "5,8")
    text = text.replace("420", "12,9").replace("110", "8,5").replace("180", "9,6").replace("150", "9,5")
    study = read_xenograft(file(text))
    assert study.sizes.values[0].tolist() == [100, 320]
    assert study.sizes.values[1, 0] == 100
    assert {"length_mm", "width_mm"} <= set(study.table())


def test_columns_arms_and_days_are_named_by_hand(file):
    text = LONG.replace("Treatment,Mouse,Day,TV", "G,N,T,X").replace("Vehicle", "G1").replace("Drug A", "G2")
    text = text.replace(",0,", ",10,").replace(",7,", ",17,")
    study = read_xenograft(file(text), "g1", {"arm": "G", "mouse": "N", "day": "T", "volume": "X"})
    assert study.vehicle == "G1"
    assert study.sizes.times.tolist() == [0, 7]
    assert "days count from 10 of the file" in study.notes


def test_a_combination_is_named_by_hand(file):
    more = (("B", 5, 200), ("B", 6, 210), ("AB", 7, 90), ("AB", 8, 95))
    text = LONG + "".join(f"{arm},{mouse},0,100\n{arm},{mouse},7,{volume}\n" for arm, mouse, volume in more)
    study = read_xenograft(file(text), combinations={"AB": ["Drug A", "B"]})
    assert study.bliss().both == "AB"
    with pytest.raises(InputError, match="no such group"):
        read_xenograft(file(text), combinations={"AB": ["Drug A", "C"]})


def test_centimetres_are_turned_into_millimetres_and_small_numbers_asked_about(file):
    text = LONG.replace("100", "0.1").replace("300", "0.3").replace("120", "0.12").replace("420", "0.42")
    text = text.replace("110", "0.11").replace("180", "0.18").replace("150", "0.15")
    assert any("another unit" in note for note in read_xenograft(file(text)).notes)
    study = read_xenograft(file(text), unit="cm3")
    assert study.sizes.values[0].tolist() == [100, 300]
    assert not any("another unit" in note for note in study.notes)


def test_a_missing_reading_is_missing_and_counted(file):
    for blank in ("", "NA", "nan", "n/a", "."):
        study = read_xenograft(file(LONG.replace("2,7,420", f"2,7,{blank}")))
        assert np.isnan(study.sizes.values[1, 1])
        assert any("not followed to day 7: 1 of Vehicle" in note for note in study.notes)


def test_a_mouse_without_a_start_is_left_out_and_named(file):
    study = read_xenograft(file(LONG.replace("Vehicle,2,0,120", "Vehicle,2,0,0")))
    assert study.sizes.subjects == ("1", "3", "4")
    assert any("left out, without a volume above 0 on day 0: mouse 2" in note for note in study.notes)


def test_zero_volumes_are_kept_and_told(file):
    study = read_xenograft(file(LONG.replace("4,7,150", "4,7,0")))
    assert study.sizes.values[3, 1] == 0
    assert any("1 volume(s) of 0 have no logarithm" in note for note in study.notes)
    assert np.isfinite(study.TGI(7)["Drug A"].value)


def test_two_readings_of_a_mouse_on_a_day_are_refused_or_averaged(file):
    path = file(LONG + "Drug A,4,7,250\n")
    with pytest.raises(InputError, match=r"lines 9, 10.*mouse 4, day 7: 150, 250"):
        read_xenograft(path)
    study = read_xenograft(path, duplicates="mean")
    assert study.sizes.values[3, 1] == 200
    assert "1 mouse-day(s) stood twice: their mean is read" in study.notes


def test_numbers_of_mice_that_begin_anew_in_each_arm_are_told_apart(file):
    study = read_xenograft(file(LONG.replace("A,3,", "A,1,").replace("A,4,", "A,2,")))
    assert study.sizes.subjects == ("Vehicle/1", "Vehicle/2", "Drug A/1", "Drug A/2")
    assert any("stand in several arms" in note for note in study.notes)


def test_readings_before_the_first_dose_are_left_out(file):
    text = LONG + "Vehicle,1,-3,60\nDrug A,3,-3,70\n"
    study = read_xenograft(file(text))
    assert study.sizes.times.tolist() == [0, 7]
    assert any("2 reading(s) before day 0" in note for note in study.notes)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "no columns were found"),
        ("Treatment\nVehicle\n", "no columns were found"),
        ("Treatment,Mouse,Day,TV\n", "a header and no row"),
        (LONG.replace("420", "4.2.0"), r"line 5, TV: this is not a number. Found: 4.2.0"),
        (LONG.replace("420", "much"), r"line 5, TV"),
        (LONG.replace("420", "inf"), r"line 5, TV"),
        (LONG.replace("420", "-420"), r"line 5: a volume is not negative"),
        (LONG.replace("2,7,420", '2,7,"420,5"'), "decimal comma needs semicolons"),
        (LONG.replace("2,7,420", "2,,420"), "line 5: a row without a day"),
        (LONG.replace("Vehicle,2,7", "Vehicle,,7"), "line 5: a row without a mouse"),
        (LONG.replace("2,7,420", "2,7,420,9"), "line 5: a row with another number of cells"),
        (LONG.replace("2,7,420", "2,7"), "line 5: a row with another number of cells"),
        (LONG.replace("TV", "Day"), "two columns have one name. Found: Day"),
        (LONG.replace("TV", "weight"), "no column is the volume"),
        (LONG.replace("Mouse", "cage"), "no column is the mouse"),
        (LONG.replace("Treatment", "what"), "no column is the arm"),
        (LONG.replace("Vehicle", "Drug B"), "which arm is the vehicle is not clear"),
        (LONG.replace("Drug A", "untreated"), "which arm is the vehicle is not clear"),
        (LONG.replace("Drug A", "Vehicle").replace(",3,", ",8,"), "two arms or more"),
        (LONG.replace(",7,", ",0,").replace("1,0,300", "1,1,300"), "stand twice"),
        ("Treatment,Mouse,Day,TV\n" + "Vehicle,1,0,\nDrug,2,0,\n", "no volume was measured"),
        ("Treatment,Mouse,Day,TV\n" + "Vehicle,1,0,0\nDrug,2,0,0\n", "no mouse has a volume above 0"),
        ("Treatment,Mouse,D1,Day 1\nVehicle,1,3,4\n", "two columns are of one day"),
        (b"\xff\xfe\x00\x01", "no text in UTF-8"),
        (b"a,b\n\x00,1\n", "this is no text"),
        ("noise,noise2\n" * 3, "no column is the mouse"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(file, text, what):
    with pytest.raises(InputError, match=what) as refusal:
        read_xenograft(file(text))
    assert "volumes.csv" in str(refusal.value)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"vehicle": "Vehikel"}, "the nearest is Vehicle"),
        ({"columns": {"volume": "size"}}, "no such column"),
        ({"columns": {"mass": "TV"}}, "no such role"),
        ({"start": 3}, "nothing was measured on the day"),
        ({"unit": "m3"}, "unknown unit"),
        ({"duplicates": "first"}, "refused or averaged"),
        ({"offset": -1}, "from 0 up"),
    ],
)
def test_options_that_do_not_fit_the_file_are_refused(file, options, what):
    with pytest.raises(InputError, match=what):
        read_xenograft(file(LONG), **options)


def test_a_file_too_large_is_refused_unread(file, monkeypatch):
    monkeypatch.setattr("cereblon.bench.volume_file.LARGEST_FILE", 50)
    with pytest.raises(InputError, match="too large"):
        read_xenograft(file(LONG))
    with pytest.raises(InputError, match="no such file"):
        read_xenograft("nowhere.csv")


@pytest.mark.parametrize("limit", [-1.0, 0.0, float("nan"), float("inf")])
def test_a_volume_limit_that_is_none_is_refused(limit: float, require) -> None:  # type: ignore[no-untyped-def]
    file = require("shared/data/data_invivosyn_SW837.csv")
    with pytest.raises(InputError, match="volume above 0"):
        read_xenograft(file, limit=limit)


def test_the_mixed_model_says_to_which_day_it_reads(require) -> None:  # type: ignore[no-untyped-def]
    study = read_xenograft(require("shared/data/data_invivosyn_LS_1034.csv"))
    assert study.mixed_model().last == study.last_of_vehicle == 17
    assert "164 measurements of 41 subjects, to 17 d" in str(study.mixed_model())
