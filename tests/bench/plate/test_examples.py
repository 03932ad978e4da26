"""The plates that come with the package: each says that it is simulated and how, and runs through its analysis."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

import cereblon as cb
from cereblon.bench.plate.examples import example, examples
from cereblon.ground.errors import InputError
from cereblon.show.cli import run

FOLDER = Path(cb.__file__).parent / "data" / "plates"
MOST = 20_000  # bytes of one


def test_every_file_is_listed_and_small_and_says_that_it_is_simulated() -> None:
    assert sorted(examples()) == sorted(file.stem for file in FOLDER.glob("*.csv"))
    for name in examples():
        one = example(name)
        assert one.about.startswith("Simulated by cereblon")
        assert "not measured" in one.about
        assert len(one.text) < MOST
    with pytest.raises(InputError, match="the nearest is LDH_96"):
        example("LDH96")


@pytest.mark.parametrize("name", examples())
def test_an_example_runs_through_its_analysis(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    quick = {"synergy": ["--draws", "0"], "xenograft": ["--draws", "50", "--blocked"]}.get(example(name).analysis, [])
    assert run(["analyse", example(name).analysis, name, *quick]) == 0
    assert "imulated" in capsys.readouterr().out


@pytest.mark.parametrize("name", [name for name in examples() if "cereblon bench" in example(name).about])
def test_the_command_of_an_example_is_one_that_runs_today(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its options are known; the numbers may have moved with the records since."""
    line = example(name).about.partition("cereblon bench")[2]
    assert run(["bench", *shlex.split(line), "--help"]) == 0
    capsys.readouterr()


def test_examples_are_listed_and_printed_by_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plate", "list", "--format", "csv"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in examples())
    assert run(["plate", "show", "xenograft", "--out", str(tmp_path / "mine.csv")]) == 0
    assert (tmp_path / "mine.csv").read_text() == example("xenograft").text
    assert run(["analyse", "xenograft", str(tmp_path / "mine.csv"), "--draws", "20"]) == 0
    capsys.readouterr()
    assert run(["plate", "show", "nothing"]) == 2


def test_a_file_of_ones_own_goes_before_an_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("LDH_96").write_text("role,value\nsample,1\n")
    with pytest.raises(InputError):
        cb.bench.ldh(cb.bench.read_ldh("LDH_96"))
    monkeypatch.chdir(tmp_path.parent)
    assert cb.bench.read_ldh("LDH_96").count == 54
