"""`cereblon bench xenograft` and `cereblon analyse xenograft FILE`, as a user calls them; its figure."""

import csv
import io
import json

import pytest

import cereblon as cb
from cereblon.show import render

WIDE = "Treatment,Mouse,0,7\nVehicle,1,100,300\nVehicle,2,120,420\nDrug,3,110,180\nDrug,4,100,150\n"


@pytest.mark.parametrize(("name", "day"), [("LS_1034", 17), ("SNU_81", 15), ("SW837", 25)])
def test_a_public_study_runs_as_it_comes(command, require, tmp_path, name, day):
    path = require(f"shared/data/data_invivosyn_{name}.csv")
    code, out, err = command("analyse", "xenograft", str(path), "--out", "results")
    assert (code, err.strip()) == (0, "results")
    for said in (f"day {day}; TGI against Vehicle", "TGI, changes", "TGI, ratios", "T/C", "less control",
                 "log-rank chi2", "Bliss, log ratio", "HSA, TGI", "time to 1,000 mm3"):  # fmt: skip
        assert said in out
    made = {p.name for p in (tmp_path / "results").iterdir()}
    assert made == {f"{n}.csv" for n in ("volumes", "summary", "survival", "mixed_model", "synergy")} | {
        "volumes.svg", "volumes.png"}  # fmt: skip


def test_numbers_for_other_programs(command, require):
    path = str(require("shared/data/data_invivosyn_LS_1034.csv"))
    code, out, _ = command("analyse", "xenograft", path, "--format", "json", "--day", "10", "--interval", "percentile")
    rows = json.loads(out)
    assert code == 0
    assert [row["arm"] for row in rows] == ["Vehicle", "Rabusertib", "Irinotecan", "Irinotecan+Rabusertib"]
    assert rows[0]["TGI_change_%"] is None
    assert {row["day"] for row in rows} == {10}
    again = list(csv.DictReader(io.StringIO(command("analyse", "xenograft", path, "--format", "csv")[1])))
    assert float(again[2]["TGI_ratio_%"]) == pytest.approx(87.6, abs=0.05)


def test_a_study_of_the_design_runs_without_an_option(command):
    code, out, err = command("bench", "xenograft")
    assert (code, err) == (0, "")
    for said in ("H929 R10 in a SCID mouse", "mezigdomide + dexamethasone", "taken out at 1500 mm3",
                 "a choice of the design", "mouse pharmacokinetics: assumed", "Research use only"):  # fmt: skip
        assert said in out
    assert out == command("bench", "xenograft")[1]
    assert out != command("bench", "xenograft", "--seed", "2")[1]


def test_arms_line_host_and_figure_are_asked_for(command, tmp_path):
    code, out, _ = command(
        "bench", "xenograft", "--line", "MOLP8", "--host", "NSG", "--n", "3", "--days", "0,7,14", "--seed", "3",
        "--arm", "mezigdomide 0.05 mg/kg days 1-5", "--arm", "daratumumab", "--set", "xenograft.protection=0.5",
        "--limit", "2000 mm3", "--out", "out",
    )  # fmt: skip
    assert code == 0
    assert "MOLP-8 in a NSG mouse" in out
    assert "mezigdomide 0.05 mg/kg, days 1-5" in out
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "volumes.csv").read_text())))
    assert {row["arm"] for row in rows} == {"vehicle", "mezigdomide", "daratumumab"}
    assert (tmp_path / "out" / "excised.csv").exists()
    assert (tmp_path / "out" / "volumes.png").read_bytes()[:4] == b"\x89PNG"


def test_the_typical_mouse_has_neither_tests_nor_intervals(command):
    code, out, _ = command("bench", "xenograft", "--typical", "--arm", "lenalidomide", "--day", "21")
    assert code == 0
    assert "ln size" not in out
    assert "log-rank chi2" not in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bench", "xenograft", "--arm", "mezigdomyde"), "the nearest is mezigdomide"),
        (("bench", "xenograft", "--host", "C57BL6"), "rejects a human tumour"),
        (("bench", "xenograft", "--arm", "mezigdomide", "--day", "5"), "nothing was measured on this day"),
        (("analyse", "xenograft", "nowhere.csv"), "no such file"),
        (("analyse", "xenograft", "wide.csv", "--vehicle", "nobody"), "no such arm"),
        (("analyse", "xenograft", "wide.csv", "--column", "TV"), "NAME=VALUE"),
        (("analyse", "xenograft", "wide.csv", "--day", "3"), "nothing was measured on this day"),
        (("analyse", "xenograft", "noise.csv"), "no column is the mouse"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_one_paragraph_and_nothing_is_written(command, tmp_path, arguments, said):
    (tmp_path / "wide.csv").write_text(WIDE)
    (tmp_path / "noise.csv").write_text("a,b\n" * 50)
    code, out, err = command(*arguments, "--out", "out")
    assert code == 2
    assert out == ""
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_small_wide_files_run_too(command, tmp_path):
    (tmp_path / "wide.csv").write_text(WIDE)
    code, out, _ = command("analyse", "xenograft", "wide.csv")
    assert code == 0
    assert "TGI against Vehicle" in out


def test_the_figure_shows_every_mouse_and_ends_a_mean_when_half_are_gone(tmp_path):
    study = cb.bench.xenograft(n=4)
    drawn = render.spec(cb.plot(study))
    svg = render.svg(drawn)
    for said in ("volume (mm³), mean of those there ± SEM", "mice below 1,000 mm³", "mezigdomide + bortezomib", "day"):
        assert said in svg
    text = json.dumps(drawn)
    assert all(f"\\n{mouse}," in text for mouse in study.sizes.subjects)
    light = render.svg(render.spec(cb.plot(cb.bench.xenograft(design="disseminated", n=2))))
    assert "mice alive" in light
    with pytest.raises(cb.InputError, match="one study at a time"):
        cb.plot([study, study])
