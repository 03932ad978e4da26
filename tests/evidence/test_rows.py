"""Rows of evidence: what the loader takes and what it refuses, with file and line."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from cereblon.evidence.experiments import EXPERIMENTS
from cereblon.evidence.rows import Row, evidence_rows, read_rows, reported_claims
from cereblon.ground.errors import RecordError

GOOD = {
    "id": "X01",
    "description": "a test",
    "quantity": "DC50",
    "value": "24",
    "unit": "nM",
    "compound": "pomalidomide",
    "of": "IKZF1",
    "cell": "H929",
    "at": "4 h",
    "source": "matyskiela_2018",
    "grade": "recalled",
    "confidence": "high",
    "role": "calibrate",
    "experiment": "dose_response",
}
COLUMNS = [name for name in Row.__dataclass_fields__ if name != "file"]
Load = Callable[..., Row]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def one(**changes: str) -> Row:
        path = tmp_path / "made.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerow({c: (GOOD | changes).get(c, "") for c in COLUMNS})
        return read_rows(path, EXPERIMENTS)[0]

    return one


def test_a_good_row_is_read(load: Load) -> None:
    row = load()
    assert (row.centre, row.unit, row.interval[0]) == (24.0, "nM", pytest.approx(float("nan"), nan_ok=True))
    assert str(row) == "24 nM"


BAD = {
    "no_source": ({"source": ""}, "source is missing"),
    "no_grade": ({"grade": ""}, "grade is missing"),
    "no_role": ({"role": ""}, "role is missing"),
    "unknown_source": ({"source": "matyskiela_2081"}, "the nearest is matyskiela_2018"),
    "unknown_grade": ({"grade": "guessed"}, "unknown grade"),
    "unknown_role": ({"role": "validation"}, "the nearest is validate"),
    "unknown_unit": ({"unit": "nMm"}, "unknown unit"),
    "no_unit": ({"unit": ""}, "needs its unit"),
    "unknown_compound": ({"compound": "pomalidomid"}, "the nearest is pomalidomide"),
    "unknown_partner": ({"compound": "pomalidomide;dexamethason"}, "the nearest is dexamethasone"),
    "unknown_cell": ({"cell": "H92"}, "the nearest is H929"),
    "unknown_protein": ({"of": "IKZF9"}, "unknown of"),
    "unknown_experiment": ({"experiment": "dose_responses"}, "the nearest is dose_response"),
    "unknown_claim": ({"claim": "C99"}, "unknown claim"),
    "no_description": ({"description": ""}, "says what it is"),
    "anecdote_calibrates": ({"grade": "anecdote", "confidence": ""}, "may not calibrate"),
    "low_confidence_calibrates": ({"confidence": "low"}, "may not calibrate"),
    "recalled_without_confidence": ({"confidence": ""}, "has a confidence"),
    "measured_with_confidence": ({"grade": "measured"}, "has a confidence"),
    "not_a_number": ({"value": "nan"}, "not a number"),
    "a_word": ({"value": "about 24"}, "not a number"),
    "one_end": ({"low": "1"}, "two ends"),
    "value_outside": ({"low": "1", "high": "3"}, "holds its value"),
    "typed_proportion": ({"events": "4", "n": "10", "unit": "1"}, "events of n"),
    "more_events_than_n": ({"value": "", "events": "11", "n": "10", "unit": "1"}, "events of n"),
    "half_a_count": ({"n": "10.5"}, "not a count"),
    "no_time": ({"at": "4 doses"}, "unknown unit"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_row_is_refused_with_file_and_line(load: Load, name: str) -> None:
    changes, message = BAD[name]
    with pytest.raises(RecordError, match=r"made\.csv, line 2") as refused:
        load(**changes)
    assert message in str(refused.value)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    path.write_text("id,value\nX01,1\n")
    with pytest.raises(RecordError, match="columns are others"):
        read_rows(path, EXPERIMENTS)


def test_a_row_with_a_cell_too_many_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    path.write_text(",".join(COLUMNS) + "\n" + "," * len(COLUMNS) + "\n")
    with pytest.raises(RecordError, match="one cell a column"):
        read_rows(path, EXPERIMENTS)


def test_every_claim_of_the_guide_has_one_row_that_says_the_same() -> None:
    rows = evidence_rows()
    for id, claim in reported_claims().items():
        row = rows[id]
        assert row.description == claim.claim
        if claim.value:
            assert row.centre == pytest.approx(float(claim.value), abs=5e-3)
        if claim.low and row.events is None:
            assert row.interval == (float(claim.low), float(claim.high))


def test_proportions_of_the_trial_are_counts() -> None:
    rates = [row for row in evidence_rows().values() if row.quantity in ("ORR", "TEAE_G34") and row.n]
    assert len(rates) > 12
    assert all(row.events is not None for row in rates)


def test_what_calibrates_is_neither_an_anecdote_nor_a_faint_memory() -> None:
    calibrating = [row for row in evidence_rows().values() if row.role == "calibrate"]
    assert len(calibrating) > 20
    assert not [row.id for row in calibrating if row.grade == "anecdote" or row.confidence == "low"]


def test_an_experiment_is_the_name_of_its_function() -> None:
    assert [e.run.__name__ for e in EXPERIMENTS.values()] == list(EXPERIMENTS)
