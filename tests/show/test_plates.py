"""The command line on plate files: tables, figures, folders, refusals; every public data set as a user brings it."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cereblon.bench import read
from cereblon.show import render
from cereblon.show.plot import plot

Command = Callable[..., tuple[int, str, str]]
DRC = ("ryegrass", "lettuce", "secalonic", "salba", "spinach")


@pytest.fixture
def shared(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue("require")("shared/data")


@pytest.mark.parametrize("name", DRC)
def test_a_public_data_set_runs_without_options(command: Command, shared: Path, name: str) -> None:
    code, out, err = command("analyse", "dose-response", str(shared / f"data_{name}.csv"), "--format", "csv")
    assert code == 0, err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert rows
    assert all(float(row["EC50"]) > 0 for row in rows)


def test_columns_may_be_named_and_the_numbers_are_drc_s(command: Command, shared: Path) -> None:
    code, out, _ = command(
        "analyse", "dose-response", str(shared / "data_ryegrass.csv"), "--column", "concentration=conc",
        "--column", "value=rootl", "--model", "LL.4", "--format", "json",
    )  # fmt: skip
    (row,) = json.loads(out)
    assert code == 0
    assert (row["EC50"], row["EC50_SE"]) == (pytest.approx(3.05795, abs=1e-5), pytest.approx(0.18573, abs=1e-5))
    assert (row["residual_SE"], row["df"]) == (pytest.approx(0.5196256, abs=5e-8), 20)


def test_a_folder_holds_parameters_curves_quality_and_figures(command: Command, tmp_path: Path) -> None:
    code, out, err = command("analyse", "dose-response", "viability_384", "--normalise", "untreated", "--out", "here")
    assert code == 0, err
    assert "Z'" in out
    assert "excellent" in out
    files = {p.name for p in (tmp_path / "here").iterdir()}
    assert files == {"parameters.csv", "curves.csv", "quality.csv", "curves.svg", "curves.png"}
    assert "mezigdomide" in (tmp_path / "here" / "curves.svg").read_text()


def test_growth_rates_from_the_command_line(command: Command, shared: Path, tmp_path: Path) -> None:
    file = str(shared / "gr_values_input.csv")
    code, out, err = command("analyse", "gr", file, "--format", "csv", "--out", "gr")
    assert code == 0, err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 8
    assert {row["fit"] for row in rows} == {"sigmoid"}
    assert {p.name for p in (tmp_path / "gr").iterdir()} == {"growth.csv", "GR.csv", "growth.svg", "growth.png"}


@pytest.mark.parametrize(
    "arguments",
    [
        ("dose-response", "none.csv"),
        ("dose-response", "empty.csv", "--out", "here"),
        ("dose-response", "flat.csv", "--model", "9PL", "--out", "here"),
        ("dose-response", "flat.csv", "--column", "value", "--out", "here"),
        ("dose-response", "flat.csv", "--fix", "hill=steep", "--out", "here"),
        ("dose-response", "flat.csv", "--out", "flat.csv"),
        ("dose-response", "one.csv", "--out", "here"),
        ("gr", "flat.csv", "--out", "here"),
        ("dose-respnse", "flat.csv"),
    ],
)
def test_bad_input_leaves_with_2_one_paragraph_and_nothing_written(
    command: Command, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "flat.csv").write_text("conc,value\n" + "".join(f"{d},1\n" for d in (0, 1, 2, 4, 8, 16)))
    (tmp_path / "one.csv").write_text("conc,value\n5,1\n5,2\n5,3\n")
    code, out, err = command("analyse", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("cereblon: ")
    assert err.count("\n") == 1
    assert {p.name for p in tmp_path.iterdir()} == {"empty.csv", "flat.csv", "one.csv"}


def test_constant_readings_are_flagged_and_no_number(command: Command, tmp_path: Path) -> None:
    (tmp_path / "flat.csv").write_text("conc,value\n" + "".join(f"{d},1\n" for d in (0, 1, 2, 4, 8, 16)))
    code, out, _ = command("analyse", "dose-response", "flat.csv", "--format", "csv", "--out", "here")
    (row,) = csv.DictReader(io.StringIO(out))
    assert code == 0
    assert row["EC50"] == ""
    assert "constant" in row["flags"]


def test_the_figure_shows_every_curve_its_untreated_wells_and_its_estimate() -> None:
    drawn = render.svg(render.spec(plot(read("degradation_96").fit(normalise="untreated"))))
    for word in ("iberdomide", "mezigdomide", "pomalidomide", "EC50", "concentration (nM)", ">0<"):
        assert word in drawn


def test_a_simulated_course_closes_the_loop(command: Command, tmp_path: Path) -> None:
    plate, out = tmp_path / "course.csv", tmp_path / "results"
    code, said, err = command("bench", "degradation", "lenalidomide", "--course", "10 uM", "--plate", str(plate))
    assert code == 0, err
    code, said, err = command(
        "analyse", "time-course", str(plate), "--normalise", "untreated", "--weights", "variance", "--out", str(out)
    )
    assert code == 0, err
    assert "lenalidomide 10000 nM" in said
    assert {one.name for one in out.iterdir()} == {"courses.csv", "points.csv", "courses.svg", "courses.png"}
    row = next(csv.DictReader((out / "courses.csv").read_text().splitlines()))
    assert 1.2 < float(row["half_time"]) < 1.9
    assert float(row["rate_low"]) < float(row["rate"]) < float(row["rate_high"])


@pytest.mark.parametrize(
    ("options", "named"), [(["--until", "12 h"], "--until"), (["--course", "1 uM", "--at", "2 h"], "--at")]
)
def test_an_option_of_the_other_experiment_is_refused(command: Command, options: list[str], named: str) -> None:
    code, out, err = command("bench", "degradation", "mezigdomide", *options)
    assert (code, out) == (2, "")
    assert named in err


def test_constants_of_another_compound_are_refused(command: Command, tmp_path: Path) -> None:
    plate = tmp_path / "plate.csv"
    assert command("bench", "degradation", "lenalidomide", "--at", "4 h", "--plate", str(plate))[0] == 0
    code, _, err = command("analyse", "constants", str(plate))
    assert code == 2
    assert "these wells hold another compound. Found: lenalidomide" in err


def test_a_course_without_times_is_refused(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "plate.csv"
    file.write_text("concentration (nM),value\n1,0.9\n10,0.5\n100,0.1\n")
    code, _, err = command("analyse", "time-course", str(file))
    assert code == 2
    assert "no sample has a time" in err
