"""The chapters on the tumour cell and the immune system: what they show, and what they admit."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from cereblon import bench
from cereblon.records import compound
from cereblon.show import render
from cereblon.show.figures.cells import SHADES
from cereblon.show.figures.theme import GLUES, OTHERS
from cereblon.show.plot import plot
from cereblon.show.sections.cells import cells
from cereblon.show.sections.immune import immune
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.study import SIX, study


@cache
def chapter(make: Callable[..., Section]) -> Section:
    return make(study("mezigdomide"))


def part(make: Callable[..., Section], key: str) -> Any:
    return next(p for p in chapter(make).parts if p.key == key)


@pytest.mark.parametrize("make", [cells, immune])
def test_every_figure_is_drawn_with_words_and_numbers(make: Callable[..., Section]) -> None:
    for one in chapter(make).parts:
        if isinstance(one, Figure):
            assert "<svg" in render.svg(render.spec(one.chart))
            assert one.caption.endswith(".")
            assert "%" in one.said or "over rest" in one.said
            assert not one.table.drop(columns="share", errors="ignore").isna().any().any()
        else:
            assert isinstance(one, Listing)
            assert one.rows


def test_the_same_drug_kills_one_line_and_spares_another() -> None:
    last = part(cells, "cell_courses").table.groupby(["compound", "cell"]).last()["viability"]
    assert last["mezigdomide", "H929"] < 0.2
    assert last["mezigdomide", "H929_R10"] < 0.2 < 0.6 < last["lenalidomide", "H929_R10"]
    assert last["mezigdomide", "H929_MYC"] > 0.6
    assert last["mezigdomide", "DF15R"] == pytest.approx(1, abs=1e-3)


def test_a_potency_that_is_not_reached_is_said_to_be_out_of_range() -> None:
    rows = {row["glue"]: row for row in part(cells, "IC50").rows}
    assert len(rows) == len(SIX)
    assert rows["mezigdomide †"]["DF15R"] == "out of range"
    assert rows["lenalidomide"]["NCI-H929"].count("nM (") == 1  # with its range


def test_the_miss_of_the_mutant_is_said_with_its_number() -> None:
    said = next(words for words in chapter(cells).words if "Q146H" in words)
    curve = bench.viability("mezigdomide", "H929_Q146H")
    assert "should not respond" in said
    assert f"{curve.IC50.value:.2f} nM" in said


def test_parts_of_a_bar_add_up_to_what_died() -> None:
    table = part(cells, "kill").table
    mine = table[(table["group"] == "NCI-H929") & (table["bar"] == "lenalidomide")]
    run = bench.pathway("lenalidomide")
    assert mine["died"].sum() == pytest.approx(1 - run["viability"][-1])
    assert mine["share"].sum() == pytest.approx(1)


def test_the_split_of_the_kill_is_called_a_prior() -> None:
    figure = part(cells, "kill")
    swept = figure.table[figure.table["bar"].str.startswith("weight")]
    by_interferon = swept[swept["road"] == "interferon_death"]["share"].tolist()
    assert by_interferon == sorted(by_interferon)
    assert by_interferon[0] == pytest.approx(0, abs=1e-9)
    assert "not a finding" in figure.caption


def test_constants_are_listed_with_their_grades() -> None:
    for make, key, address in ((cells, "cell_constants", "interferon.weight"),
                               (immune, "immune_constants", "IL2.IKZF.K@T_cell")):  # fmt: skip
        rows = {row["address"]: row["grade"] for row in part(make, key).rows}
        assert address in rows
        assert {"calibrated", "assumed"} <= set(rows.values())
    assert "IKZF1.total" not in rows  # that is of the chapters before


def test_dexamethasone_lowers_every_read_out_under_every_glue() -> None:
    table = part(immune, "immune").table
    assert set(table["compound"]) == set(SIX)
    alone, both = (table[table["dexamethasone"] == level].reset_index(drop=True) for level in (0.0, 1000.0))
    for column in ("IL2", "T", "NK_activity"):
        assert (both[column] < alone[column]).all()


def test_lines_have_no_colour_of_a_glue() -> None:
    assert not {shade.upper() for shade in SHADES} & {c.upper() for c in (*GLUES.values(), *OTHERS)}


def test_a_glue_that_spares_the_factors_gets_the_chapter_of_the_others(tmp_path: Any) -> None:
    file = tmp_path / "other.toml"
    number = 'source = "a test", grade = "measured"}\n'
    file.write_text(
        f'kind = "glue"\n[CRBN]\nKd = {{value = "10 nM", {number}K_c = {{value = "5", {number}'
        f'[GSPT1]\nKd = {{value = "50 nM", {number}'
    )
    subject = study(file)
    for make in (cells, immune):
        section = make(subject)
        assert any("is on record" in words for words in section.words)
        assert "mezigdomide" in " ".join(section.words)


def test_a_changed_line_is_told_apart_from_the_shipped_ones() -> None:
    said = " ".join(cells(study("mezigdomide", {"CRBN.total@tumour": "12 nM"})).words)
    assert "the others stand as shipped" in said
    assert "the others stand as shipped" not in " ".join(chapter(cells).words)


@pytest.mark.parametrize("name", ["lenalidomide", "thalidomide"])
def test_a_weak_glue_gets_both_chapters(name: str) -> None:
    assert "out of range, that of" not in " ".join(cells(study(name)).words)


RESULTS = {
    "viability": lambda: bench.viability("mezigdomide"),
    "viabilities": lambda: [bench.viability("mezigdomide", c, concentrations=[1, 10]) for c in ("H929", "DF15R")],
    "pathway": lambda: bench.pathway("mezigdomide"),
    "pathways": lambda: [bench.pathway(compound("mezigdomide"), c) for c in ("H929", "H929_MYC")],
    "immune": lambda: [bench.immune("mezigdomide", level) for level in (False, True)],
}


@pytest.mark.parametrize("kind", RESULTS)
def test_plot_draws_cells(kind: str) -> None:
    assert "<svg" in render.svg(render.spec(plot(RESULTS[kind]())))
