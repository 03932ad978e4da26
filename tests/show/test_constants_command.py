"""`cereblon analyse constants`, and the plates of several times that it reads: printed, written, refused."""

import csv
import io
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cereblon.bench import constants

MY_GLUE = """
kind = "glue"
[CRBN]
Kd = {value = "10 nM", source = "a test", grade = "measured"}
K_c = {value = "20", source = "a test", grade = "measured"}
[IKZF1]
Kd = {value = "50 nM", source = "a test", grade = "measured"}
[IKZF3]
Kd = {value = "50 nM", source = "a test", grade = "measured"}
"""
Command = Callable[..., tuple[int, str, str]]


def test_constants_products_and_the_next_experiment_are_printed_and_written(command: Command, tmp_path: Path) -> None:
    code, out, err = command("analyse", "constants", "degradation_times", "--out", "made")
    assert code == 0, err
    for text in ("identified within a factor of 3: affinity", "recruitment and ubiquitination only as",
                 "next experiment, best first", "not measured", "Research use only"):  # fmt: skip
        assert text in out
    names = {f"{name}.csv" for name in ("constants", "products", "next", "curves")}
    assert {p.name for p in (tmp_path / "made").iterdir()} == names | {"constants.svg", "constants.png"}


def test_each_table_is_printed_for_other_programs(command: Command) -> None:
    code, out, _ = command("analyse", "constants", "degradation_times", "--format", "json", "--free", "turnover",
                           "--free", "affinity", "--known", "affinity=30 nM, 27 nM, 33 nM")  # fmt: skip
    assert code == 0
    rows = {row["constant"]: row for row in json.loads(out)}
    assert list(rows) == ["turnover", "affinity"]
    assert rows["affinity"]["high"] / rows["affinity"]["low"] < 1.25
    code, out, _ = command("analyse", "constants", "degradation_times", "--what", "next", "--format", "csv")
    table = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    decades = [float(row["decades"]) for row in table]
    assert decades == sorted(decades, reverse=True)


def test_a_plate_of_two_times_is_simulated_and_analysed(command: Command, tmp_path: Path) -> None:
    """The loop closed: a half-life of one's own comes back from the plate that was made with it."""
    code, _, err = command("bench", "degradation", "mezigdomide", "--at", "2 h", "--at", "24 h", "--plate", "two.csv",
                           "--set", "IKZF1.t_half=8 h", "--seed", "4")  # fmt: skip
    assert code == 0, err
    assert "78 wells" in err
    code, out, err = command("analyse", "constants", "two.csv", "--format", "json")
    assert code == 0, err
    row = next(row for row in json.loads(out) if row["constant"] == "turnover")
    assert row["verdict"] == "identified"
    assert row["low"] < 8 < row["high"]


def test_a_glue_of_one_s_own_without_intervals_is_searched_freely(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(MY_GLUE)
    code, out, err = command("analyse", "constants", "degradation_times", "--glue", "mine.toml", "--out", "made")
    assert code == 0, err
    assert "is taken for mine" in " ".join(out.split())
    row = next(csv.DictReader(io.StringIO((tmp_path / "made" / "constants.csv").read_text())))
    assert row["constant"] == "affinity"
    assert (row["record_low"], row["verdict"] in ("identified", "wide", "at least", "at most")) == ("", True)


def test_a_fit_takes_less_than_three_seconds() -> None:
    """In a warm process, in processor time."""
    start = time.process_time()
    assert constants("degradation_times").experiments
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.csv",), "no such file"),
        (("flat.csv",), "not lost"),
        (("degradation_96", "--glue", "lenalidomide"), "several compounds"),
        (("degradation_times", "--glue", "nobody"), "nobody"),
        (("degradation_times", "--glue", "dexamethasone"), "of a glue"),
        (("degradation_times", "--cell", "HeLa"), "HeLa"),
        (("degradation_times", "--free", "Kd"), "no such constant"),
        (("degradation_times", "--known", "affinity=30 nM"), "CONSTANT=VALUE,LOW,HIGH"),
        (("degradation_times", "--known", "affinity=30 nM, 40 nM, 50 nM"), "interval"),
        (("degradation_times", "--within", "1"), "--within"),
        (("degradation_times", "--out", "flat.csv"), "folder"),
    ],
)
def test_bad_input_leaves_with_2_one_paragraph_and_nothing_written(
    command: Command, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    rows = [f"{dose},{hour},{1 + 0.01 * (k % 3)}" for hour in (2, 24) for k, dose in enumerate((0, 0, 0, 1, 3, 10, 30))]
    (tmp_path / "flat.csv").write_text("\n".join(["conc (nM),time (h),value", *rows]) + "\n")
    code, out, err = command("analyse", "constants", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert {p.name for p in tmp_path.iterdir()} == {"flat.csv"}


def test_a_time_named_twice_is_refused(command: Command) -> None:
    code, _, err = command("bench", "degradation", "mezigdomide", "--at", "4 h", "--at", "4 h")
    assert code == 2
    assert "named twice" in err
