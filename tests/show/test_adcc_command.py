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
    code, out, err = command(*words, "--format", "csv", "--dexamethasone", "1 uM", "--in-place")
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


PLATE = """well,Sample type,A490
A1,experimental,1.30
A2,experimental,1.28
A3,effector spontaneous,0.35
A4,effector spontaneous,0.36
A5,target spontaneous,0.25
A6,target spontaneous,0.26
A7,target maximum,1.75
A8,target maximum,1.73
A9,medium,0.10
A10,medium,0.11
"""


def test_a_plate_is_analysed_as_a_user_brings_it(command: Command, tmp_path: Path) -> None:
    (tmp_path / "plate.csv").write_text(PLATE)
    code, out, err = command("analyse", "ldh", "plate.csv", "--out", "made")
    assert code == 0, err
    assert "sample: 52.9 %" in out
    assert {path.name for path in (tmp_path / "made").iterdir()} == {"ldh.csv", "ldh.svg", "ldh.png"}
    code, out, _ = command("analyse", "ldh", "plate.csv", "--column", "role=Sample type", "--format", "csv")
    assert code == 0
    assert float(next(csv.DictReader(io.StringIO(out)))["cytotoxicity_percent"]) == pytest.approx(52.86, abs=0.01)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["nowhere.csv"], "there is no such file"),
        (["plate.csv", "--column", "role"], "KEY=VALUE"),
        (["plate.csv", "--column", "role=type"], "no column 'type'"),
        (["plate.csv", "--column", "role=type", "--column", "role=A490"], "one column is the role"),
        (["plate.csv", "--medium", "100 uL"], "volume is corrected by two"),
        (["plate.csv", "--buffer", "10 nM", "--medium", "100 uL"], "wrong dimension"),
    ],
)
def test_a_plate_that_cannot_be_analysed_is_refused(
    command: Command, tmp_path: Path, words: list[str], says: str
) -> None:
    (tmp_path / "plate.csv").write_text(PLATE)
    code, out, err = command("analyse", "ldh", *words, "--out", "made")
    assert (code, out) == (2, "")
    assert says in err
    assert not (tmp_path / "made").exists()


def test_a_simulated_plate_is_drawn_over_its_simulation(tmp_path: Path) -> None:
    import cereblon as cb
    from cereblon.show import render

    assay = cb.bench.adcc("mezigdomide", comparator=None, preincubations=[24.0])
    found = cb.bench.ldh(assay.plate(seed=2), medium="200 uL", buffer="20 uL")
    alone, both = (render.svg(render.spec(cb.plot(given))) for given in (found, [found, assay]))
    assert "mezigdomide 10 nM" in alone
    assert both.count("stroke-dasharray") > alone.count("stroke-dasharray")


def test_draws_below_none_are_refused(command: Command) -> None:
    code, out, err = command("bench", "adcc", "mezigdomide", "--draws", "-5")
    assert (code, out) == (2, "")
    assert "--draws" in err
