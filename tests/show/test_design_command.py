"""The verb design, and the charts of escalations."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cereblon.bedside import design, escalate, operating
from cereblon.bedside.designs import ESCALATIONS, options
from cereblon.ground.errors import InputError
from cereblon.show import render
from cereblon.show.cli.designs.options import OPTIONS
from cereblon.show.plot import plot

Command = Callable[..., tuple[int, str, str]]
TRUTH = "0.05,0.12,0.25,0.4,0.55"
RATES = (0.05, 0.12, 0.25, 0.4, 0.55)
SKELETON = ("--skeleton", "0.05,0.12,0.25,0.4,0.55")
AMOUNTS = ("--amounts", "0.3,0.6,1,1.5,2", "--reference", "1")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    "arguments",
    [
        ("3+3",), ("boin",), ("mtpi-2",), ("keyboard",), ("backfill",),
        ("crm", *SKELETON), ("tite-crm", *SKELETON), ("blrm", *AMOUNTS),
        ("skeleton", "--target", "0.25", "--at", "3", "--doses", "5"),
        ("simon", "--p0", "0.2", "--p1", "0.4"), ("single-arm", "--p0", "0.2", "--n", "36", "--looks", "10,20"),
        ("log-rank", "--hr", "0.7", "--median", "6.9", "--rate", "20", "--patients", "420"),
    ],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_every_design_prints_its_table(command: Command, arguments: tuple[str, ...], form: str) -> None:
    code, out, err = command("design", *arguments, "--format", form)
    assert (code, err) == (0, "")
    parsed = {"csv": rows, "json": json.loads, "table": str.splitlines}[form](out)
    assert len(parsed) > 1 or arguments[0] == "log-rank"


def test_the_table_of_boin_is_the_published_one(command: Command) -> None:
    """checks.md, row BOIN."""
    _, out, _ = command("design", "boin", "--target", "0.3", "--cohorts", "10", "--format", "csv")
    third = {row["patients"]: tuple(row.values())[1:] for row in rows(out)}
    assert len(third) == 30
    assert third["12"] == ("2", "5", "7")


def test_the_grid_of_mtpi2_has_letters(command: Command, tmp_path: Path) -> None:
    code, out, _ = command("design", "mtpi-2", "--grid", "--out", "grid.txt")
    assert (code, out) == (0, "")
    assert "DU" in (tmp_path / "grid.txt").read_text()


def test_next_says_what_now_and_what_then(command: Command) -> None:
    code, out, _ = command("design", "next", "boin", "--target", "0.3", "--data", "1NNN 2NNN 3NTT")
    assert code == 0
    assert "Now: de-escalate: 3 patients at dose 2" in out
    assert "the MTD would be dose 2" in out
    code, out, _ = command("design", "next", "crm", *SKELETON, "--target", "0.25", "--data", "1NNN", "--format", "csv")
    assert [row["next"] for row in rows(out)] == ["3", "2", "1", "1"]
    _, out, _ = command("design", "next", "blrm", *AMOUNTS, "--data", "1TTT")
    assert "Now: stop" in out
    _, out, _ = command("design", "next", "tite-crm", *SKELETON, "--data", "1NNN", "--waiting", "2:0.5")
    assert "Now: stay" in out


def test_paths_have_probabilities_under_a_truth(command: Command) -> None:
    code, out, _ = command("design", "paths", "3+3", "--truth", TRUTH, "--ahead", "3", "--format", "csv")
    assert code == 0
    assert sum(float(row["probability"]) for row in rows(out)) == pytest.approx(1)
    code, out, _ = command("design", "paths", "boin", "--data", "1NNN")
    assert "0 of 3 at dose 2 -> escalate: dose 3" in out


def test_operating_characteristics_of_several_designs_and_their_chart(command: Command, tmp_path: Path) -> None:
    arguments = ("boin", "3+3", "--target", "0.3", "--truth", TRUTH, "--trials", "60")
    code, out, err = command("design", "oc", *arguments, "--chart", "oc.svg")
    assert code == 0
    assert out.count("duration") == out.count("accrual") == 2
    assert err.strip() == "oc.svg"
    assert "<svg" in (tmp_path / "oc.svg").read_text()
    again = command("design", "oc", *arguments)
    assert again[1] == out
    code, out, _ = command("design", "oc", "3+3", "--exact", "--truth", TRUTH, "--target", "0.3", "--format", "csv")
    table = {row["what"]: row["value"] for row in rows(out) if not row["dose"]}
    assert {"duration", "accrual", "correct selection"} <= table.keys()


def test_backfill_and_tite_crm_are_simulated_with_a_bar(command: Command) -> None:
    code, out, _ = command(
        "design", "oc", "backfill", "--truth", TRUTH, "--responses", "0.1,0.2,0.3,0.4,0.4", "--trials", "4"
    )
    assert (code, "duration" in out) == (0, True)
    code, out, _ = command("design", "oc", "tite-crm", *SKELETON, "--truth", TRUTH, "--trials", "2", "--cohorts", "6")
    assert (code, "duration" in out) == (0, True)


def test_a_design_of_simon_is_judged_exactly(command: Command) -> None:
    _, out, _ = command("design", "simon", "--p0", ".2", "--p1", ".4", "--given", "3/13 12/43", "--format", "json")
    assert json.loads(out)[0]["EN_p0"] == pytest.approx(20.58, abs=5e-3)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("boim",), "did you mean boin"), (("boin", "--target", "0.9"), "--target"),
        (("boin", "--target", "x"), "float"), (("boin", "--start", "9"), "--start"),
        (("crm",), "--skeleton 0.05,0.12"), (("next", "boim"), "unknown design"),
        (("next", "simon"), "design of a dose escalation"), (("next", "boin", "--data", "1XX"), "1NNN 2NNT"),
        (("next", "boin", "--waiting", "2:0.5"), "TITE-CRM"),
        (("next", "tite-crm", *SKELETON, "--waiting", "2"), "0.5"),
        (("paths", "boin", "--data", "1TTT"), "no next cohort"), (("oc", "boin"), "--truth"),
        (("oc", "boin", "--truth", "0.1,a"), "numbers parted by commas"),
        (("oc", "boin", "--truth", "0.1,1.2"), "truth"), (("oc", "boin", "--truth", "0.1,nan"), "truth"),
        (("oc", "boin", "--truth", "0.1,0.2", "--trials", "0"), "trials"),
        (("oc", "boin", "--truth", "0.1,0.2", "--chart", "x.pdf"), "--chart"),
        (("oc", "boin", "--truth", "0.1,0.2", "--accrual", "fast"), "2/month"),
        (("oc", "boin", "--truth", "0.1,0.2", *SKELETON), "no such option"),
        (("oc", "crm", *SKELETON, "--truth", "0.1,0.2"), "5 numbers"),
        (("oc", "backfill", "--truth", "0.1,0.2"), "responses"), (("simon", "--p0", "0.4", "--p1", "0.2"), "p1"),
        (("simon", "--p0", "0.2", "--p1", "0.4", "--given", "3/13"), "--given"),
        (("single-arm", "--p0", "0.2", "--n", "36", "--looks", "40"), "looks"),
        (("log-rank", "--hr", "1.7", "--median", "7", "--rate", "20", "--patients", "400"), "--hr"),
        (("log-rank", "--hr", "0.7", "--median", "7", "--rate", "20"), "patients"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, tuple) else None,
)  # fmt: skip
def test_bad_input_is_one_paragraph_and_nothing_is_written(
    command: Command, tmp_path: Path, arguments: tuple[str, ...], word: str
) -> None:
    code, out, err = command("design", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("cereblon: ")
    assert err.count("\n") == 1
    assert word in err
    assert list(tmp_path.iterdir()) == []


def test_every_field_of_a_design_is_an_option() -> None:
    fields = {field for name in ESCALATIONS for field in options(name)} - {"design"}
    assert fields == OPTIONS.keys()


def test_help_teaches_by_examples_that_run(command: Command) -> None:
    for verb in ("boin", "next", "oc", "simon", "log-rank"):
        code, out, _ = command("design", verb, "--help")
        assert code == 0
        assert f"cereblon design {verb}" in out


# -- charts ----------------------------------------------------------------------------------------------------


def drawn(chart: Any) -> str:
    return render.svg(render.spec(chart))


def test_operating_characteristics_are_drawn_with_their_error_and_truth() -> None:
    names = ("0.1 mg", "0.3 mg", "0.6 mg", "1.0 mg", "2.0 mg")
    both = [operating(design(name, names=names), RATES, trials=50) for name in ("BOIN", "3+3")]
    text = drawn(plot(both))
    for word in ("BOIN", "3+3", "0.6 mg", "0.25", "▲", "none", "selected as MTD", "Monte-Carlo"):
        assert word in text
    spec = json.dumps(plot(both[0]).to_dict())
    assert "low" in spec
    assert "Operating characteristics of BOIN" in drawn(plot(both[0]))


def test_two_of_one_design_are_told_apart_and_two_truths_not_mixed() -> None:
    one = operating(design("BOIN"), RATES, trials=20)
    others = [operating(design("BOIN", target=target), RATES, trials=20) for target in (0.2, 0.25)]
    text = drawn(plot([one, *others]))
    assert "BOIN (2)" in text
    assert "BOIN (3)" in text
    with pytest.raises(InputError, match="one truth"):
        plot([one, operating(design("BOIN"), (0.1,) * 5, trials=20)])


def test_an_escalation_is_drawn_patient_by_patient() -> None:
    course = escalate(design("BOIN", cohorts=4), lambda dose, patients, before: [dose > 2] * patients)
    text = drawn(plot(course))
    for word in ("dose 3", "MTD", "with a DLT", "patient"):
        assert word in text
    none = escalate(design("BOIN"), lambda dose, patients, before: [True] * patients)
    assert "no dose is the MTD" in drawn(plot(none))
    with pytest.raises(InputError, match="one escalation"):
        plot([course, none])
