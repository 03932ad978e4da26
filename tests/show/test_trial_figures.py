"""Figures of a simulated trial and the verb that writes them: what they show, what is refused."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cereblon as cb
from cereblon.bedside.drawing import FEWEST, counts_by_visit
from cereblon.bedside.outcome import Outcome, Replicates
from cereblon.cohort import population
from cereblon.ground.errors import InputError
from cereblon.records.reader import DATA
from cereblon.show import render
from cereblon.show.figures.escalation import rates_chart
from cereblon.show.figures.pareto import pareto_chart
from cereblon.show.figures.response import waterfall_chart
from cereblon.show.study import study
from cereblon.show.trial_plot import FIGURES, drawn

Command = Callable[..., tuple[int, str, str]]
SHIPPED = (DATA / "trials" / "MM_001_phase_2.toml").read_text()
SMALL = SHIPPED.replace("patients = 101", "patients = 24").replace("cycles = 12", "cycles = 4")


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    file = tmp_path_factory.mktemp("trial") / "small.toml"
    file.write_text(SMALL)
    return cb.trial(file).run(1)


def words(chart: object) -> str:
    return render.svg(render.spec(chart))


def test_every_figure_of_a_trial_is_drawn_and_says_what_it_is(outcome: Outcome) -> None:
    said = {
        "waterfall": "change from baseline", "spider": "months from the first dose", "swimmer": "best response so far",
        "PFS": "Progression-free survival", "OS": "at risk", "DOR": "months from the response",
        "adverse_events": "CTCAE 5.0", "ANC": "grade 4",
    }  # fmt: skip
    assert set(said) == set(FIGURES)
    for name, text in said.items():
        assert text in words(cb.plot(outcome, name)), name
    assert cb.plot(outcome).to_dict() == cb.plot(outcome, "waterfall").to_dict()


def test_an_unknown_figure_is_refused_with_the_nearest(outcome: Outcome) -> None:
    with pytest.raises(InputError, match="the nearest is waterfall"):
        cb.plot(outcome, "waterfal")
    with pytest.raises(InputError, match="one figure"):
        cb.plot(outcome.endpoints, "waterfall")


def test_no_duration_is_drawn_where_nobody_responded(tmp_path: Path) -> None:
    (tmp_path / "four.toml").write_text(SMALL.replace("cycles = 4", "cycles = 1"))  # one assessment confirms nothing
    nobody = cb.trial(tmp_path / "four.toml").run(1)
    assert nobody.ORR.value == 0
    assert set(drawn(nobody)) == set(FIGURES) - {"DOR"}
    with pytest.raises(InputError, match="nobody"):
        cb.plot(nobody, "DOR")


def test_bands_are_of_visits_at_which_all_are_measured(outcome: Outcome) -> None:
    """Between the others only those with a hold are measured: a median of them would be a median of low counts."""
    table = counts_by_visit(outcome)
    weeks = (table["day"] / 7).astype(int)
    assert ((weeks <= 8) | (weeks % 2 == 0)).all()
    assert (table["n"] >= FEWEST).all()
    first = outcome.clinic.labs["ANC"][outcome.patients, 0]
    assert table["median"][0] == np.median(first)
    assert (table["low"] <= table["lower"]).all()
    assert (table["upper"] <= table["high"]).all()


def test_what_is_reported_stands_beside_what_the_laboratory_saw(outcome: Outcome) -> None:
    """Severe counts alone, as many as `reported` says; events are on the side of reports only."""
    table = outcome.by_grade()
    severe = table[table["grade"] >= 3].groupby(["side", "term"])["share"].sum()
    for term in outcome.toxicity.emergent:
        assert severe["reported", term] == pytest.approx(outcome.reported[term].value)
        assert severe["laboratory", term] == pytest.approx(outcome.TEAE[term].value)
    assert set(table["term"][table["side"] == "laboratory"]) == set(outcome.toxicity.emergent)
    mild = table[(table["grade"] < 3) & table["term"].isin(outcome.toxicity.emergent)]
    assert set(mild["side"]) == {"laboratory"}


def test_a_change_below_nothing_is_drawn_as_all() -> None:
    """A difference of light chains falls below 0 once the involved chain is the lesser."""
    table = pd.DataFrame([("P1", -1.2, "free light chains", "VGPR")], columns=["patient", "change", "marker", "best"])
    texts = [str(data) for data in render.spec(waterfall_chart(table))["datasets"].values()]
    header, row = next(text.splitlines()[:2] for text in texts if "shown" in text)
    assert dict(zip(header.split(","), row.split(","), strict=True))["shown"] == "-1"


def pareto() -> pd.DataFrame:
    rows = [("21/28", 1.0, 0.4, 0.7, True), ("21/28", 0.6, 0.3, 0.5, True), ("14/28", 1.0, 0.25, 0.6, False)]
    table = pd.DataFrame(rows, columns=["schedule", "dose_mg", "ORR", "neutropenia_34", "front"])
    for name in ("ORR", "neutropenia_34"):
        table[f"{name}_low"], table[f"{name}_high"] = table[name] - 0.05, table[name] + 0.05
    return pd.concat([table.assign(population="structure 1", counts=c) for c in ("sampled", "continuous")])


def test_the_front_is_joined_and_what_is_beaten_is_hollow() -> None:
    drawn_ = words(pareto_chart(pareto()))
    for text in ("counts sampled", "counts continuous", "21/28", "14/28", "0.6", "response rate"):
        assert text in drawn_
    frame = render.spec(pareto_chart(pareto()))["concat"][0]["layer"]
    assert frame[0]["transform"] == [{"filter": "datum.front == 'front'"}]


def test_replicates_stand_beside_the_report() -> None:
    values = {"ORR": np.array([0.3, 0.4, 0.5]), "median DOR": np.array([7.0, np.nan, np.nan])}
    many = Replicates("MM-001 phase 2", 101, (1, 2, 3), values, 3, population("triple_class_refractory"))
    said = words(cb.plot(many))
    assert "overall response" in said
    assert "3 replicates of 101 patients, seeds 1 to 3" in said
    assert "not reached in 2 of 3" in said


def test_rates_of_two_rules_stand_beside_each_other() -> None:
    table = pd.DataFrame({"dose": ["1 mg"] * 2, "rule": ["held", "never"], "rate": [0.1, 0.4], "low": [0, 0.2],
                          "high": [0.3, 0.6]})  # fmt: skip
    said = words(rates_chart(table, 0.25))
    assert "evaluable patients with a DLT" in said
    assert "never" in said


def test_phase_1_of_a_page_is_of_the_same_patients_at_each_dose() -> None:
    made = study("mezigdomide", size=6).bedside
    held, unheld = (made.limiting[rule] for rule in made.limiting)
    assert made.doses == ("0.3 mg", "0.6 mg", "1 mg", "1.5 mg", "2 mg")
    assert {len(one.course) for one in (*held, *unheld)} == {40}
    starts = [one.course.counts["ANC"][:, 0] for one in (*held, *unheld)]
    assert all(np.array_equal(start, starts[0]) for start in starts)
    assert unheld[-1].rate.value > held[-1].rate.value  # a hold is what keeps grade 4 below a week
    course = made.course(next(iter(made.limiting)))
    for cohort in course.cohorts:
        assert len(cohort.toxic) == 3


def test_the_verb_writes_figures_and_tables(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(SMALL)
    code, out, err = command("trial", "mine.toml", "--out", "figures", "--adam", "adam")
    assert code == 0, err
    assert "ORR" in out
    written = {f.name for f in (tmp_path / "figures").iterdir()}
    tables = {"patients.csv", "endpoints.csv", "decisions.csv"}
    assert written == {*tables, *(f"{n}.{e}" for n in FIGURES for e in ("svg", "png"))}
    assert (tmp_path / "adam" / "dictionary.csv").is_file()
    code, out, err = command("trial", "mine.toml", "--replicates", "2", "--adam", "other")
    assert (code, out) == (2, "")
    assert "--adam" in err
    assert not (tmp_path / "other").exists()
