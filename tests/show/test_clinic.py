"""The verb clinic and the figures of a trial: what they print, write, draw and refuse."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cereblon.bedside.endpoints import endpoints
from cereblon.bedside.response import assessments, best_response
from cereblon.bedside.response.drawing import best_changes, courses, lanes
from cereblon.bedside.toxicity import course, events, toxicity
from cereblon.show import render
from cereblon.show.figures.response import spider_chart, swimmer_chart, waterfall_chart
from cereblon.show.figures.survival_curves import survival_chart
from cereblon.show.figures.toxicity import butterfly_chart
from cereblon.show.plot import plot
from cereblon.statistics.follow_up import at_risk
from cereblon.statistics.survival import kaplan_meier

Command = Callable[..., tuple[int, str, str]]

TABLE = """patient,day,test,value,unit,term
P1,1,serum_M,4.0,g/dL,
P1,1,urine_M,0,mg/24h,
P1,29,serum_M,1.6,g/dL,
P1,29,urine_M,0,mg/24h,
P1,57,serum_M,1.5,g/dL,
P1,57,urine_M,0,mg/24h,
P1,1,ANC,2.5,1e9/L,
P1,8,ANC,0.4,1e9/L,
P1,15,ANC,0.3,1e9/L,
P1,22,ANC,0.4,1e9/L,
P1,29,ANC,1.6,1e9/L,
P1,15,adverse_event,3,,Febrile neutropenia
P2,1,serum_M,3.0,g/dL,
P2,1,urine_M,0,mg/24h,
P2,29,serum_M,4.2,g/dL,
P2,29,urine_M,0,mg/24h,
P2,57,serum_M,4.4,g/dL,
P2,57,urine_M,0,mg/24h,
P2,90,death,,,
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "trial.csv"
    file.write_text(TABLE)
    return file


def test_response_is_printed_and_drawn(command: Command, table: Path, tmp_path: Path) -> None:
    code, out, err = command("clinic", "response", table.name, "--figures", "figs")
    assert code == 0, err
    assert "P1" in out
    assert "PR" in out
    assert "ORR 0.5" in out
    drawn = {f.name for f in (tmp_path / "figs").iterdir()}
    assert drawn == {f"{n}.{e}" for n in ("waterfall", "spider", "swimmer", "PFS") for e in ("svg", "png")}


def test_a_patient_is_explained(command: Command, table: Path) -> None:
    code, out, _ = command("clinic", "response", table.name, "--patient", "P2")
    assert code == 0
    assert "40 % above its nadir of 3" in out
    assert "Progression on day 29" in out


def test_rates_and_endpoints_as_csv(command: Command, table: Path) -> None:
    _, out, _ = command("clinic", "response", table.name, "--show", "rates", "--format", "csv")
    assert "\nORR,1,2,0.5" in out
    own = ("--show", "endpoints", "--censoring", "EMA", "--format", "csv")
    _, out, _ = command("clinic", "response", table.name, *own)
    assert "median PFS" in out
    assert "EMA" in out


def test_toxicity_prints_its_version_and_dlt(command: Command, table: Path, tmp_path: Path) -> None:
    code, out, err = command("clinic", "toxicity", table.name, "--version", "6.0", "--figures", "figs")
    assert code == 0, err
    assert "6.0" in out
    assert (tmp_path / "figs" / "adverse_events.png").is_file()
    _, out, _ = command("clinic", "toxicity", table.name, "--dlt", "class_precedent")
    assert "grade 4 neutropenia for more than 7 d" in out
    assert "DLT, precedent of the class, CTCAE 4.03" in out


def test_survival_of_freireich_from_a_file(command: Command, tmp_path: Path) -> None:
    six_mp = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    lines = [f"{t},{int(i < 9)},6-MP" for i, t in enumerate(six_mp)] + [f"{t},1,placebo" for t in placebo]
    (tmp_path / "f.csv").write_text("time,event,arm\n" + "\n".join(lines) + "\n")
    code, out, err = command("clinic", "survival", "f.csv", "--unit", "week", "--scale", "log", "--figures", "figs")
    assert code == 0, err
    assert "median 23 week (16-?)" in out
    assert "chi2 16.79" in out
    assert "HR 0.208" in out
    assert (tmp_path / "figs" / "survival.svg").is_file()


def test_causes_of_two_arms_stand_apart(command: Command, tmp_path: Path) -> None:
    """By hand: of three a third each in one arm; in the other a third, then the last of all."""
    rows = "time,event,arm\n1,PD,A\n2,death,A\n3,,A\n1.5,PD,B\n2.5,,B\n4,death,B\n"
    (tmp_path / "cr.csv").write_text(rows)
    code, out, _ = command("clinic", "survival", "cr.csv", "--format", "csv")
    assert code == 0
    found = list(csv.DictReader(out.splitlines()))
    last = {(r["arm"], r["cause"]): float(r["incidence"]) for r in found}
    assert last == pytest.approx({("A", "PD"): 1 / 3, ("A", "death"): 1 / 3, ("B", "PD"): 1 / 3, ("B", "death"): 2 / 3})


def test_causes_compete(command: Command, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("time,event\n1,relapse\n2,death\n3,\n4,relapse\n")
    code, out, _ = command("clinic", "survival", "c.csv")
    assert code == 0
    assert "relapse: 0.75" in out


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("response", "none.csv"), "no such file"),
        (("response", "trial.csv", "--criteria", "IMWG_2015"), "nearest is IMWG_20"),
        (("response", "trial.csv", "--measurable", "1 mg/h"), "wrong unit"),
        (("response", "trial.csv", "--censoring", "FAD"), "unknown censoring"),
        (("response", "trial.csv", "--patient", "P9"), "no such patient"),
        (("toxicity", "trial.csv", "--version", "5"), "unknown version"),
        (("toxicity", "trial.csv", "--dlt", "any_grade_5"), "nearest is any_grade_4"),
        (("toxicity", "trial.csv", "--lower-limit", "PLT"), "TEST=VALUE"),
        (("survival", "trial.csv"), "time is missing"),
        (("respons", "trial.csv"), "did you mean response"),
    ],
)
def test_bad_input_is_one_paragraph(command: Command, table: Path, tmp_path: Path, arguments: Any, what: str) -> None:
    code, out, err = command("clinic", *arguments)
    assert (code, out) == (2, "")
    assert what in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [table]


# -- figures -------------------------------------------------------------------------------------------------


def trial(n: int = 30) -> Any:
    rng = np.random.default_rng(2)
    serum = 3 * np.exp(np.cumsum(rng.normal(-0.1, 0.5, (n, 8)), axis=1))
    serum[:, 0] = 3.0
    values = {"serum": serum, "urine": np.zeros((n, 8))}
    death = np.where(rng.random(n) < 0.3, rng.uniform(60, 250, n), np.nan)
    return best_response(assessments(1 + 28 * np.arange(8), values, death=death))


def words(chart: Any) -> str:
    return render.svg(render.spec(chart))


def test_the_waterfall_holds_every_patient_worst_first() -> None:
    table = best_changes(trial())
    assert len(table) == 30
    assert table["change"].is_monotonic_decreasing
    drawn = words(waterfall_chart(table))
    assert "30 patients" in drawn
    assert "change from baseline" in drawn


def test_no_change_is_counted_after_progression() -> None:
    found = trial()
    table = courses(found)
    for i, name in enumerate(found.patients):
        own = table[table["patient"] == name]
        if not np.isnan(found.progression_day[i]):
            assert own["days"].max() <= found.progression_day[i] - 1
    assert "months from the first dose" in words(spider_chart(table))


def test_lanes_are_whole_and_marks_lie_on_them() -> None:
    found = trial()
    table = lanes(found)
    bars = table[table["kind"] == "bar"]
    for name, own in bars.groupby("patient"):
        ends = own.sort_values("start")
        assert (ends["start"].to_numpy()[1:] == ends["end"].to_numpy()[:-1]).all(), name
    assert (table["what"] == "death").sum() == int((~np.isnan(found.measured.death)).sum())
    drawn = words(swimmer_chart(table))
    assert "after progression" in drawn
    assert "P1<" in drawn or ">P1" in drawn


def test_the_survival_figure_counts_those_at_risk() -> None:
    curve = kaplan_meier([1, 2, 3, 4, 5, 6], [1, 0, 1, 1, 0, 1], ["a", "b"] * 3)
    drawn = words(survival_chart(curve.table(), at_risk(curve, [0, 2, 4]), title="Title", unit="months"))
    assert "at risk" in drawn
    assert "Title" in drawn


def test_the_butterfly_keeps_both_sides_on_the_same_rows() -> None:
    table = pd.DataFrame([("a", "left", 3, 0.2), ("b", "right", 4, 0.1)], columns=["term", "side", "grade", "share"])
    spec = render.spec(butterfly_chart(table))
    domains = [layer["encoding"]["y"]["scale"]["domain"] for half in spec["hconcat"] for layer in half["layer"]]
    assert all(d == ["a", "b"] for d in domains)


def test_plot_draws_the_results_of_a_trial() -> None:
    found = trial()
    seen = course([1, 8], {"ANC": [[2.5, 0.4]]}, events_=events([0], ["infection"], [9], [3]))
    for result in (found, endpoints(found), kaplan_meier([1, 2], [1, 1]), toxicity(seen)):
        assert plot(result).to_dict()["config"]["background"] == "white"
