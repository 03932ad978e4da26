"""Errors on the command line name its options; what cannot be written is refused before anything is said to be done."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from cereblon.ground.errors import InputError
from cereblon.show.cli import run
from cereblon.show.cli.arguments import in_options

Answer = Callable[..., tuple[int, str, str]]
CURVE = "compound,concentration (nM),value\n" + "".join(
    f"X,{x:g},{1 / (1 + x / 30) + 0.01 * k:.4f}\n" for x in (1, 3, 10, 30, 100, 300) for k in range(2)
)
MICE = "arm,mouse,day,volume\n" + "".join(
    f"{arm},{arm[0]}{m},{d},{100 + m + d * rate}\n"
    for arm, rate in (("vehicle", 30), ("treated", 9)) for m in range(4) for d in (0, 4, 8)
)  # fmt: skip


@pytest.fixture
def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Answer:
    """(exit code, output, errors) of a command line, in a folder with two files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "curve.csv").write_text(CURVE)
    (tmp_path / "mice.csv").write_text(MICE)

    def call(line: str) -> tuple[int, str, str]:
        code = run(shlex.split(line))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_arguments_of_python_are_told_as_options_of_the_command() -> None:
    options = [
        click.Option(["--fix", "fixed"]), click.Option(["--column", "columns"]), click.Option(["--decimal"]),
        click.Option(["--blanked"], is_flag=True), click.Option(["--percent/--share"], default=None),
    ]  # fmt: skip
    told = {
        'fixed={"hill": 1}': "--fix hill=1",
        'columns={"start": "x 0", "control": "x_ctrl"}': '--column "start=x 0" --column control=x_ctrl',
        'read(path, decimal=",")': "--decimal ,",
        "; blanked=True for readings already less the medium": "; --blanked for readings already less the medium",
        "percent=True or percent=False": "--percent or --share",
        "chi2=3 where decimals=2 and so on": "chi2=3 where decimals=2 and so on",
    }
    for python, line in told.items():
        assert in_options(InputError("x", expected=python), options).expected == line
    assert in_options(InputError("x", where="plate.csv, columns"), options).where == "plate.csv, --column"
    assert in_options(InputError("x", where="fixed"), options).where == "--fix"
    assert in_options(InputError("x", where="plate.csv, line 3"), options).where == "plate.csv, line 3"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("analyse dose-response curve.csv --model 9PL", "--model: no curve"),
        ("analyse dose-response curve.csv --fix slope=1", "--fix: a curve has no such parameter"),
        ("analyse dose-response curve.csv --fix bottom=5", "on another scale"),
        ("analyse dose-response curve.csv --fix top=100", "on another scale"),
        ("analyse dose-response curve.csv --share EC60", "--share: this parameter cannot be shared"),
        ("analyse gr curve.csv", "--column start=x0 --column control=x_ctrl"),
        ("analyse dose-response mice.csv", "--column concentration=arm"),
        ("analyse synergy curve.csv --percent --share", "--percent and --share exclude each other"),
        ("analyse ldh curve.csv --medium '100 uL'", "column called role"),
        ("analyse xenograft mice.csv --day -3", "--day: nothing was measured on this day. Found: -3. Expected: one of"),
        ("analyse xenograft mice.csv --day nan", "--day: nothing was measured on this day. Found: nan"),
        ("analyse xenograft mice.csv --limit -1", "--limit:"),
        ("analyse xenograft mice.csv --column volume=TV", "mice.csv, --column:"),
        ("analyse xenograft curve.csv", "--column mouse=NAME"),
    ],
)
def test_an_error_names_the_option(line: str, said: str, answer: Answer) -> None:
    code, out, err = answer(line)
    assert code == 2
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


def test_a_plateau_may_be_held_outside_of_partial_curves(answer: Answer) -> None:
    for fixed in ("bottom=0", "top=1", "bottom=-0.2", "top=1.6"):
        assert answer(f"analyse dose-response curve.csv --fix {fixed} --format csv")[0] == 0


@pytest.mark.parametrize(
    "line",
    ["bench degradation mezigdomide", "bench viability mezigdomide", "bench immune mezigdomide",
     "bench xenograft", "bench synergy mezigdomide --with bortezomib", "analyse dose-response curve.csv",
     "analyse xenograft mice.csv"],
)  # fmt: skip
def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_printed(
    line: str, answer: Answer, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    for folder in ("/proc/zz", "curve.csv/sub"):
        code, out, err = answer(f"{line} --out {folder}")
        assert (code, out) == (2, "")
        assert folder.split("/")[0] in err
    assert sorted(tmp_path.iterdir()) == before


def test_a_stopped_analysis_prints_what_is_done_and_leaves_with_1(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def bar(what: str) -> Iterator[Callable[[int, int], None]]:
        def step(done: int, whole: int) -> None:
            if done == 2:
                raise KeyboardInterrupt

        yield step

    monkeypatch.setattr("cereblon.show.cli.output.bar", bar)
    header, _, rows = CURVE.partition("\n")
    (tmp_path / "three.csv").write_text(f"{header}\n" + "".join(rows.replace("X,", f"{name},") for name in "XYZ"))
    code, out, err = answer("analyse dose-response three.csv --format csv")
    assert code == 1
    assert out.count("\nX,") == out.count("\nY,") == out.count("stopped before it was reached") == 1
    assert "1 of 3 curves were not reached" in err


def test_the_folder_of_a_refused_analysis_is_not_left_behind(answer: Answer, tmp_path: Path) -> None:
    assert answer("analyse dose-response mice.csv --out new/folder")[0] == 2
    assert not (tmp_path / "new").exists()
