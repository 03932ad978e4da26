"""`cereblon bench adcc`, `bench immune` and `analyse ldh`: what they print, write and refuse."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., tuple[int, str, str]]


def test_adcc_says_arms_and_curves_and_writes_figures(command: Command, tmp_path: Path) -> None:
    code, out, err = command("bench", "adcc", "mezigdomide", "--out", "made")
    assert code == 0, err
    assert "mezigdomide + daratumumab: taken" in out
    assert "EC50" in out
    names = {path.name for path in (tmp_path / "made").iterdir()}
    assert {"adcc.csv", "workflow.csv", "lysis.svg", "lysis.png", "arms.svg", "workflow.svg", "workflow.png"} <= names
    assert "E:T 25:1" in (tmp_path / "made/workflow.svg").read_text()


def test_adcc_follows_its_options(command: Command, tmp_path: Path) -> None:
    words = ["bench", "adcc", "mezigdomide", "--comparator", "none", "--ratio", "50", "--preincubation", "72 h"]
    code, out, err = command(*words, "--format", "csv", "--dexamethasone", "--in-place")
    assert code == 0, err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {row["compound"] for row in rows} == {"", "mezigdomide"}
    assert {row["dexamethasone_nM"] for row in rows} == {"0.0", "1000.0"}
    assert {row["ratio"] for row in rows if row["series"] == "antibody"} == {"50.0"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--antibody", "bortezomib"], "antibody against CD38"),
        (["--comparator", "mezigdomide"], "the glue itself"),
        (["--in-place", "--washed"], "change of medium"),
        (["--ratio", "0"], "E:T is a number above 0"),
        (["--duration", "4 nM"], "wrong dimension"),
    ],
)
def test_adcc_refuses_in_one_paragraph(command: Command, tmp_path: Path, words: list[str], says: str) -> None:
    code, out, err = command("bench", "adcc", "mezigdomide", *words, "--out", "made")
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
    assert not (tmp_path / "made").exists()


def test_immune_is_seen_with_and_without_the_steroid(command: Command, tmp_path: Path) -> None:
    code, out, err = command("bench", "immune", "mezigdomide", "--out", "made")
    assert code == 0, err
    assert "IL-2 5" in out.splitlines()[0]
    assert "beside" in out.splitlines()[1]
    assert {path.name for path in (tmp_path / "made").iterdir()} == {"immune.csv", "immune.svg", "immune.png"}
    rows = list(csv.DictReader((tmp_path / "made/immune.csv").read_text().splitlines()))
    assert {row["dexamethasone_nM"] for row in rows} == {"0.0", "1000.0"}
