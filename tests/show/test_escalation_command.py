"""The verbs of phase 1 and of dose: what they print, write and refuse."""

import json
from functools import partial
from pathlib import Path

import pytest

from cereblon.bedside.protocol_grid import protocol_grid
from cereblon.records.trial import protocols
from cereblon.show.cli import run

DRAWN = ("path_3_3.csv", "path_3_3.svg", "path_3_3.png")


def test_help_names_every_shipped_trial(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["trial", "--help"]) == 0
    said = capsys.readouterr().out.replace("\n", " ")
    assert all(name in said for name in protocols())


def test_an_escalation_prints_its_path_and_writes_its_patients(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["trial", "MM_001_phase_1_21_28", "--seed", "2", "--design", "3+3", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "3+3: 6 doses" in said
    assert "MTD:" in said
    assert {file.name for file in tmp_path.iterdir()} == {"patients_3_3.csv", *DRAWN}


def test_all_treated_are_followed_and_filled_up_at_the_MTD(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["trial", "MM_001_phase_1_21_28", "--seed", "4", "--design", "3+3", "--follow", "--patients", "20"]
    assert run([*arguments, "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "All treated: 20 patients" in said
    assert "Research use only" in said
    names = {"patients_3_3.csv", "followed_3_3.csv", "by_dose_3_3.csv", *DRAWN}
    assert {file.name for file in tmp_path.iterdir()} == names
    assert len((tmp_path / "followed_3_3.csv").read_text().splitlines()) == 21
    assert run(["trial", "MM_001_phase_1_7_14", "--follow", "--replicates", "1", "--patients", "4"]) == 0
    assert "all treated, 1 replicates of 4 patients" in capsys.readouterr().out


def test_a_grid_is_written_with_its_effects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = partial(protocol_grid, labs=("weekly",), holds=("pomalidomide_label",))
    monkeypatch.setattr("cereblon.bedside.protocol_grid.protocol_grid", small)
    arguments = ["trial", "MM_001_phase_1_7_14", "--protocol-grid", "--patients", "2", "--out", str(tmp_path)]
    assert run(arguments) == 0
    assert "sets of rules" in capsys.readouterr().out
    assert {file.name for file in tmp_path.iterdir()} == {"grid.csv", "grid.svg", "grid.png", "MTD.csv", "effects.csv"}


def test_doses_are_compared_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["optimise", "--regimens", "mezi_dex", "--doses", "0.3 mg,1 mg", "--patients", "3", "--cycles", "1",
                 "--months", "0.5", "--format", "json"]  # fmt: skip
    assert run(arguments) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 4
    assert {row["dose"] for row in rows} == {0.3, 1.0}


def test_two_doses_are_compared_in_a_randomised_trial(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["optimise", "--doses", "0.3 mg,1 mg", "--randomised", "2", "--patients", "4", "--cycles", "1"]
    assert run(arguments) == 0
    assert "2 patients an arm, of 4" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("trial", "MM_001_phase_2", "--design", "boin"), "--design"),
        (("trial", "MM_001_phase_2", "--support", "much"), "use of a growth factor"),
        (("trial", "MM_001_phase_2", "--policy", "none_such"), "none_such"),
        (("trial", "MM_001_phase_1", "--no-cut"), "--no-cut"),
        (("trial", "MM_001_phase_2", "--follow"), "--follow"),
        (("trial", "MM_001_phase_1", "--patients", "5"), "--patients"),
        (("trial", "MM_001_phase_1", "--patients", "3"), "--patients"),
        (("trial", "MM_001_phase_1", "--labs", "hourly"), "laboratory days"),
        (("trial", "MM_001_phase_1", "--dlt", "none_such"), "none_such"),
        (("trial", "MM_001_phase_1", "--protocol-grid", "--labs", "daily"), "--protocol-grid"),
        (("optimise", "--doses", "much"), "much"),
        (("optimise", "--regimens", "nowhere"), "nowhere"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_runs(
    arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(list(arguments)) == 2
    assert said in capsys.readouterr().err
