"""The command line: what it prints, what it refuses, and with which exit code."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., tuple[int, str, str]]
Edit = Callable[[str], str]


def paragraph(code: int, out: str, err: str) -> str:
    """The one paragraph of a refusal: exit code 2, nothing on standard output, no traceback."""
    assert code == 2
    assert out == ""
    assert err.startswith("cereblon: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


BAD_FILES: dict[str, tuple[Edit, str]] = {
    "wrong_unit": (lambda glue: glue.replace("10 nM", "10 h"), "wrong unit"),
    "foreign_unit": (lambda glue: glue.replace("10 nM", "10 nMm"), "the nearest is"),
    "missing_source": (lambda glue: glue.replace('source = "a test", ', "", 1), "source is missing"),
    "missing_grade": (lambda glue: glue.replace(', grade = "measured"', "", 1), "grade is missing"),
    "unknown_grade": (lambda glue: glue.replace("measured", "guessed", 1), "measured, label"),
    "unknown_word": (lambda glue: glue.replace("IKZF3", "IKZF33"), "the nearest is IKZF3"),
    "negative": (lambda glue: glue.replace("10 nM", "-10 nM"), "above 0"),
    "not_a_number": (lambda glue: glue.replace("10 nM", "nan nM"), "not a number"),
    "infinite": (lambda glue: glue.replace("10 nM", "1e400 nM"), "out of range"),
    "power_tower": (lambda glue: glue.replace("10 nM", "9**9**9 nM"), "this is not a unit"),
    "malformed": (lambda glue: "kind = [[[", "not TOML"),
    "empty": (lambda glue: "", "kind is missing"),
    "deep": (lambda glue: "a = " + "[" * 900, "not TOML"),
    "not_text": (lambda glue: "\0\0\0", "not TOML"),
    "no_kind": (lambda glue: glue.replace('kind = "glue"', ""), "kind is missing"),
    "foreign_kind": (lambda glue: glue.replace('"glue"', '"gloo"'), "glue, bivalent"),
    "backward_interval": (
        lambda glue: glue.replace('"10 nM",', '"10 nM", interval = ["20 nM", "5 nM"],'),
        "runs backwards",
    ),
    "no_substrate": (lambda glue: glue.split("[IKZF1]")[0], "no neosubstrate"),
    "unknown_key": (lambda glue: 'colour = "red"\n' + glue, "colour"),
}


@pytest.mark.parametrize("name", BAD_FILES)
@pytest.mark.parametrize("verb", ["run", "check", "simulate"])
def test_bad_file_is_refused_in_one_paragraph(
    command: Command, my_glue: Path, tmp_path: Path, verb: str, name: str
) -> None:
    edit, expected = BAD_FILES[name]
    file = my_glue.rename(tmp_path / f"{name}.toml")
    file.write_text(edit(file.read_text()))
    said = paragraph(*command(verb, file.name))
    assert expected in said
    assert file.name in said
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_of_50_megabytes_is_refused_unread(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "big.toml"
    with file.open("wb") as handle:
        handle.truncate(50_000_000)
    begin = time.perf_counter()
    assert "too large" in paragraph(*command("run", "big.toml"))
    assert "too large" in paragraph(*command("check", "big.toml"))
    assert time.perf_counter() - begin < 2


NETWORK = """
kind = "network"
[parameters]
k = {value = "1 1/h", source = "a test", grade = "assumed"}
[species]
A = {initial = "1"}
[[reactions]]
scheme = "A -> 0"
rate = "k * [A]"
"""
BAD_NETWORKS: dict[str, tuple[str, str, str]] = {
    "code": ("k * [A]", "__import__('os').system('true') * [A]", "cannot read"),
    "call": ("k * [A]", "k * open([A])", "open"),
    "attribute": ("k * [A]", "k.__class__ * [A]", "__class__"),
    "lambda": ("k * [A]", "(lambda: k)() * [A]", "cannot read"),
    "comparison": ("k * [A]", "k * ([A] > 0)", "cannot read"),
    "unknown species": ("k * [A]", "k * [AA]", "AA"),
    "unknown parameter": ("k * [A]", "kk * [A]", "kk"),
    "units": ("k * [A]", "k", "units do not fit"),
    "mass": ('"A -> 0"', '"A -> B"', "mass is not balanced"),
    "arrow": ('"A -> 0"', '"A to 0"', "arrow"),
    "minus signs": ("k * [A]", "-" * 200_000 + "k * [A]", "too long"),
    "brackets": ("k * [A]", "(" * 200_000 + "k * [A]", "too long"),
    "dotted key": ("[species]", "a." * 100_000 + "a = 1\n[species]", "too long"),
    "half a table": ("[species]", "[species", "not TOML"),
    "infinite": ("1 1/h", "1e400 1/h", "out of range"),
    "no number": ("1 1/h", "nan 1/h", "not a number"),
    "no unit": ('"1 1/h"', '"1"', "units do not fit"),
    "no source": (', source = "a test"', "", "parameters.k.source"),
    "unknown table": ("[species]", "[spices]", "spices"),
    "unit of a dose": ("[species]", '[[doses]]\nspecies = "A"\namount = "3 nM"\n[species]', "wrong unit of a dose"),
    "negative dose": ("[species]", '[[doses]]\nspecies = "A"\namount = "-3 nmol"\n[species]', "-3"),
    "dose of nothing": ("[species]", '[[doses]]\nspecies = "Z"\namount = "3 nmol"\n[species]', "unknown species Z"),
}


@pytest.mark.parametrize("name", BAD_NETWORKS)
@pytest.mark.parametrize("verb", ["check", "simulate"])
def test_bad_network_is_refused_in_one_paragraph(command: Command, tmp_path: Path, verb: str, name: str) -> None:
    old, new, expected = BAD_NETWORKS[name]
    file = tmp_path / "net.toml"
    file.write_text(NETWORK.replace(old, new))
    said = paragraph(*command(verb, "net.toml"))
    assert expected in said
    assert "net.toml" in said
    assert len(said) < 1000
    assert list(tmp_path.iterdir()) == [file]


def test_network_of_a_user_runs_from_its_file(command: Command, tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text(NETWORK)
    words = ["simulate", "net.toml", "--until", "2 h", "--format", "json", "--set", "k=30 1/d"]
    code, out, err = command(*words)
    assert code == 0, err
    assert [row["A nM"] for row in json.loads(out)] == pytest.approx([1, 0.2865048, 0.0820850], rel=1e-4)


NAMES = ["../../etc/passwd", "/etc/passwd", "mezi/../x", "", ".", "a\nb", "~root", "CON:", "x" * 500, "absent.toml"]


@pytest.mark.parametrize("name", NAMES)
def test_a_path_is_no_compound(command: Command, tmp_path: Path, name: str) -> None:
    for arguments in (("run", name), ("compound", "show", name), ("simulate", name)):
        paragraph(*command(*arguments))
    assert list(tmp_path.iterdir()) == []


REFUSED = [
    (["trace", "mezigdomide.CRBN.Kdd"], "the nearest is mezigdomide.CRBN.Kd"),
    (["trace", "H929.CRBN.totl"], "the nearest is H929.CRBN.total"),
    (["trace", "no.such.thing"], "unknown"),
    (["trace", "--", "-" * 200_000 + "1"], "address"),
    (["run", "mezigdomid"], "the nearest is mezigdomide"),
    (["run", "mezigdomide", "--set", "CRBN.total=5 nM"], "fits 4 places"),
    (["run", "mezigdomide", "--set", "mezigdomide.CRBN.Kdd=5 nM"], "unknown word"),
    (["run", "mezigdomide", "--set", "mezigdomide.CRBN.Kd=5 h"], "wrong unit"),
    (["run", "mezigdomide", "--set", "mezigdomide.CRBN.Kd=nan nM"], "not a number"),
    (["run", "mezigdomide", "--set", "mezigdomide.CRBN.Kd=1e400 nM"], "out of range"),
    (["run", "mezigdomide", "--set", "mezigdomide.CRBN.Kd=__import__('os')"], "not a number"),
    (["run", "mezigdomide", "--set", "mezigdomide.CRBN.Kd"], "ADDRESS=VALUE"),
    (["run", "mezigdomide", "--set", "H929.CRBN.totl=1 nM"], "the nearest is H929.CRBN.total"),
    (["run", "mezigdomide", "--dose", "-1 mg"], "not negative"),
    (["simulate", "mezigdomide", "--dose", "-1 mg"], "not negative"),
    (["simulate", "mezigdomide", "--dose", "1 nM"], "a mass or an amount"),
    (["simulate", "mezigdomide", "--dose", "nan mg"], "not a number"),
    (["simulate", "mezigdomide", "--dose", "1 mg", "--days", "9-3"], "backwards"),
    (["simulate", "mezigdomide", "--dose", "1 mg", "--cell", "H929"], "not in both"),
    (["simulate", "mezigdomide", "--cell", "H92"], "the nearest is H929"),
    (["simulate", "mezigdomide", "--concentration", "1 h"], "--concentration"),
    (["simulate", "mezigdomide", "--concentration", "-1 nM"], "not negative"),
    (["simulate", "mezigdomide", "--concentration", "nan nM"], "--concentration"),
    (["simulate", "mezigdomide", "--concentration", "1 nM", "--set", "CRBN.total=nan nM"], "--set CRBN.total"),
    (["simulate", "mezigdomide", "--set", "CRBN.total=1 nM", "--set", "CRBN.total=2 nM"], "set twice"),
    (["simulate", "dexamethasone", "--concentration", "1 nM"], "this model is of a glue"),
    (["network", "show", "--glue", "daratumumab"], "this model is of a glue"),
    (["check", "."], ".toml"),
    (["compound", "list", "--out", "."], "a folder stands where"),
    (["compound", "list", "--out", "x" * 400], "cannot write"),
    (["run", "mezigdomide", "--out", "x" * 400], "cannot write"),
    (["simulate", "mezigdomide", "--concentration", "1 nM", "--every", "1 ng"], "--every"),
    (["simulate", "mezigdomide", "--concentration", "1 nM", "--every", "1e-9 h"], "too many rows"),
    (["simulate", "thalidomide"], "no dose"),
    (["check", "mezigdomide"], ".toml"),
    (["compund"], "did you mean compound"),
    (["run"], "Missing argument"),
    (["run", "mezigdomide", "--nope"], "--nope"),
    (["run", "mezigdomide", "--seed", "x"], "seed"),
    (["compound", "list", "--format", "xml"], "csv"),
]


@pytest.mark.parametrize(("arguments", "expected"), REFUSED, ids=lambda value: str(value)[:40])
def test_bad_input_is_refused_in_one_paragraph(
    command: Command, tmp_path: Path, arguments: list[str], expected: str
) -> None:
    assert expected in paragraph(*command(*arguments))
    assert list(tmp_path.iterdir()) == []


def test_foreign_files_in_the_target_are_not_lost(command: Command, tmp_path: Path) -> None:
    mine = tmp_path / "out" / "mezigdomide" / "thesis.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("years of work")
    assert "thesis.txt" in paragraph(*command("run", "mezigdomide"))
    assert mine.read_text() == "years of work"


@pytest.mark.parametrize("out", ["file", "file/deeper"])
def test_an_output_folder_that_cannot_be_is_refused_before_the_work(command: Command, tmp_path: Path, out: str) -> None:
    (tmp_path / "file").write_text("mine")
    begin = time.perf_counter()
    assert "a file stands where a folder should be" in paragraph(*command("run", "mezigdomide", "--out", out))
    assert time.perf_counter() - begin < 2
    assert (tmp_path / "file").read_text() == "mine"


def test_glues_and_partners_are_listed(command: Command) -> None:
    kinds = {row["compound"]: row["kind"] for row in json.loads(command("compound", "list", "--format", "json")[1])}
    assert kinds["mezigdomide"] == "glue"
    assert kinds["dexamethasone"] == "partner"


def test_a_link_does_not_lead_out_of_the_folder(command: Command, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mezigdomide").symlink_to(elsewhere)
    assert "outside" in paragraph(*command("run", "mezigdomide"))
    assert list(elsewhere.iterdir()) == []


def test_a_result_cannot_be_written_where_nobody_may_write(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot write" in paragraph(*command("compound", "list", "--format", "csv", "--out", "file/list.csv"))


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_every_form_shows_the_same_numbers(command: Command, form: str) -> None:
    code, out, err = command("compound", "show", "mezigdomide", "--format", form)
    assert (code, err) == (0, "")
    if form == "json":
        values = {row["address"]: row["value"] for row in json.loads(out)}
    elif form == "csv":
        values = {row["address"]: row["value"] for row in csv.DictReader(io.StringIO(out))}
    else:
        values = {line.split()[0]: line.split()[1] for line in out.splitlines() if line.strip().startswith("mezi")}
    assert values["mezigdomide.CRBN.Kd"] == "12.6"


def test_a_table_of_times_is_written_whole_to_a_file(command: Command, tmp_path: Path) -> None:
    words = ["simulate", "lenalidomide", "--concentration", "1 uM", "--until", "4 h"]
    code, out, _ = command(*words, "--format", "csv", "--out", "run.csv")
    assert (code, out) == (0, "")
    rows = list(csv.DictReader((tmp_path / "run.csv").read_text().splitlines()))
    assert [float(row["time h"]) for row in rows] == [0, 1, 2, 3, 4]
    left = [float(row["IKZF1.remaining@tumour"]) for row in rows]
    assert left == sorted(left, reverse=True)


def test_a_change_of_a_number_changes_the_result(command: Command) -> None:
    words = [
        "simulate",
        "mezigdomide",
        "--concentration",
        "10 nM",
        "--until",
        "4 h",
        "--every",
        "4 h",
        "--format",
        "json",
    ]
    kept, freed = (json.loads(command(*words, *more)[1]) for more in ([], ["--set", "CRBN.total=0 nM"]))
    assert kept[-1]["IKZF1.remaining@tumour"] < 0.3
    assert freed[-1]["IKZF1.remaining@tumour"] == pytest.approx(1, abs=1e-6)


def test_every_verb_teaches_by_example(command: Command) -> None:
    verbs = [
        ["run"],
        ["simulate"],
        ["compound", "list"],
        ["compound", "show"],
        ["trace"],
        ["network", "show"],
        ["check"],
    ]
    for verb in verbs:
        code, out, _ = command(*verb, "--help")
        assert code == 0
        assert f"cereblon {' '.join(verb)} " in out


def test_without_a_verb_the_help_is_shown(command: Command) -> None:
    code, out, err = command()
    assert (code, err) == (0, "")
    assert "Exit codes" in out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script_is_printed(command: Command, shell: str) -> None:
    code, out, _ = command("completion", shell)
    assert code == 0
    assert "_CEREBLON_COMPLETE" in out


def test_completion_offers_compounds_and_addresses() -> None:
    for words, expected in (
        ("cereblon run mez", "mezigdomide"),
        ("cereblon trace mezigdomide.CRBN.Kd", "mezigdomide.CRBN.Kd"),
    ):
        surroundings = {**os.environ, "_CEREBLON_COMPLETE": "bash_complete", "COMP_WORDS": words}
        surroundings["COMP_CWORD"] = str(len(words.split()) - 1)
        call = [
            sys.executable,
            "-c",
            "import sys; sys.argv[0] = 'cereblon'; from cereblon.show.cli import main; main()",
        ]
        done = subprocess.run(call, env=surroundings, capture_output=True, text=True)
        assert expected in done.stdout


def test_network_show_lists_the_reactions(command: Command) -> None:
    code, out, _ = command("network", "show", "--format", "json")
    assert code == 0
    assert any("CRBN*:mezigdomide:IKZF1~Ub1" in row["reaction"] for row in json.loads(out))


def test_version_answers_at_once() -> None:
    begin = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "cereblon", "--version"], capture_output=True, text=True)
    assert done.stdout.startswith("cereblon ")
    assert time.perf_counter() - begin < 1.0  # the bar is 0.3 s; a shared machine is given room


def test_network_show_lists_numbers_as_they_were_set(command: Command) -> None:
    words = ["network", "show", "--numbers", "--format", "json", "--set", "CRBN.total=12.5 nM"]
    rows = {row["address"]: row for row in json.loads(command(*words)[1])}
    assert rows["CRBN.total@tumour"]["value"] == 12.5
    assert rows["CRBN.total@tumour"]["source"] == "user"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    call = [sys.executable, "-m", "cereblon", "run", "mezigdomide"]
    running = subprocess.Popen(call, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    time.sleep(3)
    running.send_signal(number)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "stopped" in err
    assert "Traceback" not in err
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_closed_pipe_is_no_error() -> None:
    call = f"{sys.executable} -m cereblon compound show mezigdomide | head -1"
    done = subprocess.run(["bash", "-c", call], capture_output=True, text=True)
    assert done.stderr == ""
