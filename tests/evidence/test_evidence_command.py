"""The verb evidence: table, forest plot, exit codes."""

import contextlib
import csv
import io
import json
from pathlib import Path

import pytest

import cereblon.evidence
from cereblon.evidence.compare import Evidence, compare
from cereblon.evidence.rows import evidence_rows
from cereblon.show.cli import run
from cereblon.show.cli.evidence import drawn
from cereblon.show.figures.forest import forest_chart


def called(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(arguments))
    return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def few() -> Evidence:
    """Rows of dishes and plasma: those of patients take most of the time (test_compare.py has all)."""
    return compare([row for row in evidence_rows() if row.startswith(("B", "C0", "D", "P"))], draws=20)


@pytest.fixture
def quick(few: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verb with twenty draws, made once."""
    monkeypatch.setattr(cereblon.evidence, "table", lambda seed, progress: few)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_the_table_is_printed_and_the_plot_written(form: str, tmp_path: Path, few: Evidence) -> None:
    code, out, _ = called("evidence", "--format", form, "--out", str(tmp_path))
    assert code == 0
    folder = tmp_path / "evidence"
    assert sorted(p.name for p in folder.iterdir()) == ["evidence.csv", "forest.png", "forest.svg"]
    assert (folder / "forest.png").read_bytes().startswith(b"\x89PNG")
    if form == "csv":
        assert len(list(csv.DictReader(io.StringIO(out)))) == len(few)
    elif form == "json":
        assert {row["id"] for row in json.loads(out)} >= {"C01", "D01", "P01"}
    else:
        assert "not simulated yet" in out


@pytest.mark.parametrize(
    "arguments", [["--seed", "-1"], ["--seed", "one"], ["--format", "xml"], ["D01"], ["--draws", "3"]]
)
def test_a_bad_option_leaves_with_two_and_writes_nothing(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = called("evidence", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("cereblon: ")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_refused_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    code, _, err = called("evidence", "--out", str(tmp_path / "taken"))
    assert code == 2
    assert "taken" in err


def test_the_forest_plot_shows_every_simulated_number_once(few: Evidence) -> None:
    shown = drawn(few)
    simulated = [c.row.id for c in few if c.simulated is not None and c.simulated.holds is None]
    assert set(simulated) <= set(shown["id"])
    assert shown["label"].is_unique
    assert "simulated over reported" in str(forest_chart(shown).to_dict())
