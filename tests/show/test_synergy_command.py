"""Combinations on the command line: what is printed, what is drawn, what is refused."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., tuple[int, str, str]]

FEW = ("--concentrations", "0.1,0.5,2,8", "--partner-concentrations", "2,6,20,60")
MATRIX = """drug1;drug2;dose1 (nM);dose2 (nM);inhibition
A;B;0;0;1,5
A;B;1;0;20,5
A;B;2;0;40
A;B;4;0;60
A;B;0;1;10
A;B;0;2;30
A;B;0;4;50
A;B;1;1;45
A;B;2;2;70
A;B;4;4;
"""


def refused(code: int, out: str, err: str) -> str:
    assert code == 2
    assert out == ""
    assert err.startswith("cereblon: ")
    assert err.count("\n") == 1
    return err


def test_a_matrix_is_simulated_printed_and_drawn_into_a_folder(command: Command, tmp_path: Path) -> None:
    code, out, err = command(
        "bench", "synergy", "mezigdomide", "--with", "dexamethasone", *FEW, "--draws", "20", "--out", "here"
    )
    assert code == 0, err
    for word in ("Bliss", "HSA", "Loewe", "ZIP", "MuSyC", "BRAID", "CI", "positive = synergy", "Research use only"):
        assert word in out
    files = {path.name for path in (tmp_path / "here").iterdir()}
    assert {"matrix.csv", "scores.csv", "numbers.csv", "isobole.csv", "wells.csv"} <= files
    for figure in ("synergy", "survival", "Bliss", "HSA", "Loewe", "ZIP", "MuSyC", "BRAID", "CI", "isobologram"):
        assert {f"{figure}.svg", f"{figure}.png"} <= files
    svg = (tmp_path / "here" / "Bliss.svg").read_text()
    assert "mezigdomide (nM)" in svg
    assert "excess, % of effect" in svg


def test_the_same_seed_prints_the_same(command: Command) -> None:
    arguments = ("bench", "synergy", "mezigdomide", "--with", "bortezomib", *FEW, "--draws", "10", "--format", "csv")
    assert command(*arguments, "--seed", "3") == command(*arguments, "--seed", "3")
    exact = command(*arguments, "--exact")[1]
    assert all(row["low"] == "" for row in csv.DictReader(io.StringIO(exact)))


def test_a_file_of_synergyfinder_runs_as_it_comes(command: Command, require: Callable[[str], Any]) -> None:
    file = str(require("shared/data/data_mathews_screening.csv"))
    code, out, err = command("analyse", "synergy", file, "--draws", "0", "--format", "csv")
    assert code == 0, err
    rows = {(r["matrix"], r["reference"]): r for r in csv.DictReader(io.StringIO(out))}
    assert float(rows["1-ispinesib-ibrutinib", "HSA"]["score"]) == pytest.approx(20.195, abs=1e-3)
    assert float(rows["2-canertinib-ibrutinib", "Bliss"]["score"]) < 0


def test_a_file_of_synergy_runs_as_it_comes(command: Command, require: Callable[[str], Any]) -> None:
    file = str(require("shared/data/data_synergy_2d_example.csv"))
    code, out, err = command("analyse", "synergy", file, "--draws", "20")
    assert code == 0, err
    assert "Loewe             14.5 (" in out
    assert "kappa             0.865" in out


def test_semicolons_decimal_commas_missing_wells_and_inhibition_by_its_header(
    command: Command, tmp_path: Path
) -> None:
    (tmp_path / "mine.csv").write_bytes(b"\xef\xbb\xbf" + MATRIX.replace("\n", "\r\n").encode())
    code, out, err = command("analyse", "synergy", "mine.csv")
    assert code == 0, err
    assert "inhibition in percent (by the name" in out
    assert "1 of 10 wells have no response" in out
    assert "7 of 9 pairs" in out


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", (), "empty"),
        ("drug1,drug2,dose1,dose2,response\n", (), "no row"),
        ("drug1,drug2,dose1,dose2,response\nA,B,0,0,x\n", (), "not a number"),
        ("drug1,drug2,dose1,dose2,response\nA,B,-1,0,1\n", (), "negative"),
        ("drug1,drug2,dose1,response\nA,B,1,1\n", (), "two drugs"),
        ("drug1,drug2,dose1,dose2,response\nA,B,1,1,.5\nA,B,1,2,.4\n", (), "viability or inhibition"),
        ("drug1,drug2,dose1,dose2,viability\nA,B,1,1,.5\nA,B,1,2,.4\n", (), "alone"),
        ("drug1,drug2,dose1,dose2,viability\nA,B,0,0,1\nA,B,1,0,.4\n", (), "both drugs"),
        ("drug1,drug2,dose1,dose2,viability\nA,B,0,0,1\nA,B,1,0,.4\n", ("--column", "dose1"), "KEY=VALUE"),
        (None, (), "no such file"),
    ],
)
def test_files_that_cannot_be_scored_are_refused_in_one_paragraph(
    command: Command, tmp_path: Path, text: str | None, options: tuple[str, ...], message: str
) -> None:
    if text is not None:
        (tmp_path / "bad.csv").write_text(text)
    assert message in refused(*command("analyse", "synergy", "bad.csv", *options, "--out", "results"))
    assert not (tmp_path / "results").exists()


def test_a_matrix_beside_effectors_says_its_ratio_and_times(command: Command) -> None:
    code, out, err = command(
        "bench", "synergy", "mezigdomide", "--with", "daratumumab", "--cell", "MOLP8", "--ratio", "10",
        "--preincubation", "48 h", "--concentrations", "0.1,0.5,2,8", "--partner-concentrations", "0.05,0.2,1,5",
        "--draws", "20",
    )  # fmt: skip
    assert code == 0, err
    assert "E:T 10:1 (NK:target 1), 24 h with the antibody; the glue 48 h before" in out
    assert "effectors alone are the zero" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mezigdomide", "--with", "bortezomib", "--ratio", "10"), "effectors"),
        (("mezigdomide", "--with", "daratumumab", "--refeed", "24 h"), "not fed"),
        (("mezigdomide", "--with", "daratumumab", "--at", "20 d", "--ratio", "1e3"), "effectors alone"),
        (("mezigdomide", "--with", "nothing"), "no compound of this name"),
        (("mezigdomide", "--with", "bortezomib", "--concentrations", "1,x"), "--concentrations"),
        (("mezigdomide", "--with", "bortezomib", "--concentrations", "3,1"), "ascending"),
        (("mezigdomide", "--with", "bortezomib", "--noise", "loud"), "loud"),
        (("mezigdomide",), "--with"),
    ],
)
def test_matrices_that_cannot_be_made_are_refused(command: Command, arguments: tuple[str, ...], message: str) -> None:
    assert message in refused(*command("bench", "synergy", *arguments))
