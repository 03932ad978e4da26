"""The assays of the bench on the command line and as figures: what they print, draw, put on a plate and refuse."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cereblon import bench
from cereblon.ground.errors import InputError
from cereblon.show import render
from cereblon.show.plot import plot

Command = Callable[..., tuple[int, str, str]]
FEW = [0.1, 1.0, 10.0, 100.0]

LINES = {
    "displacement": ("bench", "binding", "mezigdomide", "lenalidomide", "--assay", "TR_FRET"),
    "capacity": ("bench", "binding", "mezigdomide", "--read", "capacity", "--draws", "50"),
    "occupancy": ("bench", "binding", "iberdomide", "--read", "occupancy"),
    "ternary": ("bench", "ternary", "lenalidomide", "--of", "CSNK1A1", "--set", "CRBN.total=1 nM"),
    "degradation": ("bench", "degradation", "mezigdomide", "--draws", "10"),
    "course": ("bench", "degradation", "mezigdomide", "--course", "100 nM", "--until", "6 h"),
    "washout": ("bench", "washout", "pomalidomide", "--concentration", "1 uM", "--remove", "4 h"),
    "controls": ("bench", "controls", "pomalidomide", "mezigdomide"),
    "selectivity": ("bench", "selectivity", "lenalidomide", "mezigdomide"),
    "viability": ("bench", "viability", "mezigdomide", "--at", "3 d", "--refeed", "24 h"),
    "pathway": ("bench", "viability", "mezigdomide", "--course", "10 nM"),
    "serum": ("bench", "viability", "mezigdomide", "--serum", "0.1,0.5", "--draws", "20"),
    "panel": ("bench", "panel", "mezigdomide", "--cell", "H929", "--cell", "DF15R"),
}


@pytest.mark.parametrize("what", LINES)
def test_an_assay_prints_its_table(command: Command, what: str) -> None:
    code, out, err = command(*LINES[what], "--format", "csv")
    assert code == 0, err
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) > 1
    assert any("domide" in row["compound"] for row in rows)


@pytest.mark.parametrize("what", ["washout", "panel"])
def test_an_assay_is_drawn_into_a_folder(command: Command, tmp_path: Path, what: str) -> None:
    code, out, err = command(*LINES[what], "--format", "csv", "--out", "made")
    assert code == 0, err
    made = tmp_path / "made"
    assert {f.name for f in made.iterdir()} == {f"{what}.{kind}" for kind in ("csv", "svg", "png")}
    assert len((made / f"{what}.csv").read_text().splitlines()) == len(out.splitlines())


def test_words_and_json_say_the_same(command: Command) -> None:
    _, words, _ = command("bench", "degradation", "mezigdomide")
    _, text, _ = command("bench", "degradation", "mezigdomide", "--format", "json")
    assert "DC50 0.6" in words
    assert {row["compound"] for row in json.loads(text)} == {"mezigdomide"}


@pytest.mark.parametrize(
    "line",
    [
        ("binding", "mezigdomide"),
        ("ternary", "mezigdomide", "pomalidomide"),
        ("degradation", "mezigdomide", "--readout", "western"),
        ("controls", "mezigdomide"),
        ("viability", "mezigdomide", "--stain", "annexin"),
        ("panel", "mezigdomide", "--cell", "H929", "--cell", "DF15R"),
    ],
)
def test_a_plate_is_labelled_simulated_and_the_same_from_its_seed(
    command: Command, tmp_path: Path, line: tuple[str, ...]
) -> None:
    for name, seed in (("a.csv", "1"), ("b.csv", "1"), ("c.csv", "2")):
        code, _, err = command("bench", *line, "--plate", name, "--seed", seed, "--wells", "384", "--replicates", "2")
        assert code == 0, err
        assert "simulated" in err
    first, again, other = ((tmp_path / name).read_text() for name in ("a.csv", "b.csv", "c.csv"))
    assert first.startswith("# simulated, not measured")
    assert first == again != other
    wells = [row["plate"] + row["well"] for row in csv.DictReader(first.splitlines()[1:])]
    assert len(wells) == len(set(wells)) > 20


def test_a_change_of_one_glue_leaves_the_others(command: Command) -> None:
    _, plain, _ = command("bench", "degradation", "lenalidomide", "mezigdomide")
    code, changed, _ = command(
        "bench", "degradation", "lenalidomide", "mezigdomide", "--set", "mezigdomide.CRBN.Kd=100 nM"
    )
    assert code == 0
    assert changed.splitlines()[0] == plain.splitlines()[0]
    assert changed.splitlines()[1] != plain.splitlines()[1]


REFUSED = {
    "a partner": (("binding", "dexamethasone"), "of a glue"),
    "named twice": (("controls", "mezigdomide", "mezigdomide"), "named twice"),
    "a wrong assay": (("ternary", "mezigdomide", "--assay", "FP"), "no proximity assay"),
    "an unknown assay": (("binding", "mezigdomide", "--assay", "fp"), "the nearest is FP"),
    "an unknown recruitment": (("degradation", "mezigdomide", "--of", "SALL4"), "no recruitment"),
    "a late washing": (("washout", "mezigdomide", "--remove", "9 d"), "within the course"),
    "serum in words": (("viability", "mezigdomide", "--serum", "much"), "from 0 to 1"),
    "a plate of a course": (("viability", "mezigdomide", "--course", "1 nM", "--plate", "x.csv"), "dose-response"),
    "a plate of a ratio": (("binding", "mezigdomide", "--read", "capacity", "--plate", "x.csv"), "displacement"),
    "a wrong read-out": (("degradation", "mezigdomide", "--plate", "x.csv", "--readout", "CTG"), "does not see"),
    "an unknown line": (("panel", "mezigdomide", "--cell", "H92"), "the nearest is H929"),
    "a change of nothing": (("ternary", "mezigdomide", "--set", "IKZF3.total=1 nM"), "IKZF3.total"),
    "a negative concentration": (("washout", "mezigdomide", "--concentration", "-1 nM"), "above 0"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_bad_input_is_one_paragraph_and_nothing_is_written(command: Command, tmp_path: Path, what: str) -> None:
    line, said = REFUSED[what]
    code, out, err = command("bench", *line)
    assert code == 2
    assert err.startswith("cereblon: ")
    assert err.count("\n") == 1
    assert said in err
    assert not (tmp_path / "x.csv").exists()
    assert out == ""


def test_every_result_is_drawn_by_one_verb() -> None:
    results = [
        [bench.displacement(c, a) for a in ("FP", "TR_FRET") for c in ("pomalidomide", "mezigdomide")],
        bench.capacity(draws=20),
        [bench.ternary(c, assay="NanoBRET") for c in ("pomalidomide", "mezigdomide")],
        bench.washout("mezigdomide", concentration="10 nM"),
        [bench.controls("mezigdomide"), bench.controls("mezigdomide", cell="DF15R")],
        bench.panel(["mezigdomide", "thalidomide"], ["H929", "DF15R"], concentrations=FEW),
        [bench.serum(c, concentrations=FEW, draws=20) for c in ("pomalidomide", "mezigdomide")],
    ]
    for result in results:
        drawn = render.svg(render.spec(plot(result)))
        assert "<svg" in drawn
        assert "NaN" not in drawn
        assert "mezigdomide" in drawn
    with pytest.raises(InputError, match="knows how to draw"):
        plot(bench.capacity)


def test_a_heat_map_says_what_was_not_reached() -> None:
    few = bench.panel(["mezigdomide", "thalidomide"], ["H929", "DF15R"], concentrations=FEW)
    said = render.svg(render.spec(plot(few)))
    assert said.count(">&gt; 100 nM<") == 3
    assert "DF15R" in said


def test_readings_are_drawn_over_the_simulation_of_their_assay() -> None:
    for make in (bench.degradation, bench.viability, bench.displacement, bench.ternary):
        curve = make("mezigdomide")
        drawn = render.svg(render.spec(plot([curve, curve.measured(seed=3)])))
        assert drawn.count("mark-symbol role-mark") == 1
        assert "NaN" not in drawn
    with pytest.raises(InputError, match="one assay"):
        plot([bench.degradation("mezigdomide"), bench.viability("mezigdomide"), curve.measured()])
