"""Grades of counts against the tables of CTCAE 4.03, 5.0 and 6.0 as two others transcribed them."""

import csv

import numpy as np
import pytest

from cereblon.bedside.toxicity import VERSIONS, ctcae, grade
from cereblon.bedside.toxicity.ctcae import FOLDER, is_blood, term_name
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import GRADES
from cereblon.records.sources import sources

# count -> grade, at the edges: the published ranges read "<1.5 - 1.0", so the edge itself has the lower grade
OLD = {
    "ANC": [(2.0, 0), (1.99, 1), (1.5, 1), (1.49, 2), (1.0, 2), (0.99, 3), (0.5, 3), (0.49, 4), (0.0, 4)],
    "PLT": [(150, 0), (149, 1), (75, 1), (74, 2), (50, 2), (49, 3), (25, 3), (24, 4), (0, 4)],
    "Hb": [(12, 0), (11.9, 1), (10, 1), (9.9, 2), (8, 2), (7.9, 3), (3, 3)],
    "ALC": [(1.0, 0), (0.9, 1), (0.8, 1), (0.79, 2), (0.5, 2), (0.49, 3), (0.2, 3), (0.19, 4)],
}
SIX = {
    "ANC": [(1.5, 0), (1.49, 1), (1.0, 1), (0.99, 2), (0.5, 2), (0.49, 3), (0.1, 3), (0.09, 4)],
    "PLT": [(149, 1), (75, 1), (74, 2), (50, 2), (49, 3), (10, 3), (9.9, 4)],
    "Hb": OLD["Hb"],
}


@pytest.mark.parametrize(("version", "table"), [("4.03", OLD), ("5.0", OLD), ("6.0", SIX)])
def test_edges_of_every_grade_against_the_published_ranges(version, table):
    for test, edges in table.items():
        values, grades = zip(*edges, strict=True)
        assert ctcae(version).grade(test, values).tolist() == list(grades), test


def test_version_six_moved_neutropenia_by_one_grade():
    values = np.linspace(0.0, 1.49, 60)
    old, new = ctcae("5.0").grade("ANC", values), ctcae("6.0").grade("ANC", values)
    assert ((old - new) == np.where(values < 0.1, 0, 1)).all()


def test_units_and_single_values():
    assert grade("PLT", "24000 /uL", "5.0") == 4
    assert grade("PLT", "24000 /uL", "6.0") == 3
    assert grade("Hb", "79 g/L") == 3
    assert grade("PLT", "145 1e9/L", lower_limit="140 1e9/L") == 0


def test_what_was_not_measured_has_no_grade():
    assert ctcae("5.0").grade("ANC", [np.nan, 0.4]).tolist() == [-1, 4]


def test_anaemia_has_no_fourth_grade_from_a_count():
    assert 4 not in ctcae("5.0").cutoffs["Hb"].below
    assert "life-threatening" in ctcae("5.0").clinical["anaemia"][4]


def test_lymphocytes_of_version_six_are_left_out_and_not_guessed():
    with pytest.raises(InputError, match=r"6\.0"):
        ctcae("6.0").grade("ALC", [0.3])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_prints_itself_and_its_source(version):
    assert str(ctcae(version)).startswith(f"CTCAE {version}")
    assert ctcae(version).sources()
    assert ctcae(version).clinical["febrile neutropenia"]


@pytest.mark.parametrize(
    ("test", "value", "version"),
    [("ANC", "0.8", "5.0"), ("ANC", "0.8 g", "5.0"), ("ANCC", "0.8 1e9/L", "5.0"), ("ANC", "0.8 1e9/L", "5")],
)
def test_bad_input_is_refused(test, value, version):
    with pytest.raises(InputError):
        grade(test, value, version)


def test_terms_are_known_however_they_are_written():
    assert term_name("Platelet  count decreased") == "thrombocytopenia"
    assert is_blood("Anemia")
    assert not is_blood("pneumonia")


def test_severe_limits_carry_their_source():
    """Common Terminology Criteria 5.0 (National Cancer Institute 2017)."""
    found = {test: cutoffs.severe for test, cutoffs in ctcae("5.0").cutoffs.items()}
    assert {n: str(q) for n, q in found["PLT"].items()} == {3: "50 1e9/L", 4: "25 1e9/L"}
    assert {n: q.to("g/L").value for n, q in found["Hb"].items()} == {3: 80}
    assert all(q.source in sources() and q.grade in GRADES for own in found.values() for q in own.values())


def test_every_row_of_the_data_has_a_source_and_a_grade():
    for name in ("ctcae.csv", "lower_limits.csv"):
        with (FOLDER / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                assert row["source"] in sources(), row
                assert row["grade"] in GRADES, row
                assert row["note"] or row["below"], row
