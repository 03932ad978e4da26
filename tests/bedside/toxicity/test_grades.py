"""Worst grades at the visits, worsening from baseline, reported events; shares with exact intervals."""

import numpy as np
import pytest

from cereblon.bedside.toxicity import course, events, toxicity
from cereblon.ground.errors import InputError

NAN = np.nan


def seen(**more):
    counts = {
        "ANC": [[2.5, 1.2, 0.4, 1.8], [1.2, 1.1, 1.3, 1.4], [2.0, NAN, NAN, NAN], [0.4, 0.45, 0.9, 0.4]],
        "PLT": [[200, 90, 40, 160], [60, 55, 70, 60], [180, NAN, NAN, NAN], [30, 20, 35, 28]],
    }
    return course([1, 8, 15, 22], counts, **more)


def test_worst_is_what_the_visits_saw_and_emergent_what_worsened():
    found = toxicity(seen())
    assert found.worst["neutropenia"].tolist() == [4, 2, -1, 4]
    assert found.baseline["neutropenia"].tolist() == [0, 2, 0, 4]
    assert found.emergent["neutropenia"].tolist() == [4, 0, -1, 0]
    assert found.emergent["thrombocytopenia"].tolist() == [3, 0, -1, 4]


def test_shares_have_exact_intervals_over_those_measured():
    share = toxicity(seen()).share("neutropenia", 3)
    assert (share.value, share.method) == (pytest.approx(1 / 3), "Clopper-Pearson")
    assert toxicity(seen()).share("neutropenia", 3, how="worst").value == pytest.approx(2 / 3)


def test_the_version_changes_the_grades_and_stands_beside_them():
    old, new = toxicity(seen(), "5.0"), toxicity(seen(), "6.0")
    assert old.share("neutropenia", 4).value > new.share("neutropenia", 4).value
    assert new.worst["neutropenia"].tolist() == [3, 1, -1, 3]
    assert set(new.table()["CTCAE"]) == {"6.0"}
    assert "CTCAE 6.0" in str(new)


def test_events_are_taken_as_reported_from_the_first_dose_on():
    told = events([0, 0, 1, 3], ["Infection", "infection", "Platelet count decreased", "infection"], [10, 20, 12, -4],
                  [2, 3, 4, 4])  # fmt: skip
    found = toxicity(seen(events_=told))
    assert found.reported["infection"].tolist() == [3, 0, 0, 0]  # day -4 was before
    assert found.reported["thrombocytopenia"].tolist() == [0, 4, 0, 0]
    assert found.share("infection", 3, how="reported").value == pytest.approx(0.25)


def test_laboratory_and_reported_stand_side_by_side():
    told = events([0], ["neutropenia"], [16], [4])
    table = toxicity(seen(events_=told)).table()
    own = table[table["term"] == "neutropenia"].set_index("way")
    assert own.loc["laboratory", "grade_4"] == 1
    assert own.loc["reported", "n"] == 4
    by_grade = toxicity(seen(events_=told)).by_grade()
    assert by_grade.groupby(["term", "side"])["n"].sum().loc["neutropenia", "laboratory"] == 1


def test_the_laboratory_s_own_lower_limit_decides_grade_one():
    counts = {"PLT": [[200.0, 145.0]]}
    assert toxicity(course([1, 8], counts)).worst["thrombocytopenia"].tolist() == [1]
    own = toxicity(course([1, 8], counts), lower_limits={"PLT": 140})
    assert own.worst["thrombocytopenia"].tolist() == [0]
    assert "assumed lower limit" not in "\n".join(own.notes)


def test_visits_after_the_cut_do_not_count():
    assert toxicity(seen(), until=10).worst["neutropenia"].tolist() == [2, 2, -1, 4]


def test_lymphocytes_of_version_six_are_said_to_be_left_out():
    found = toxicity(course([1, 8], {"ALC": [[1.0, 0.3]]}), "6.0")
    assert "lymphopenia" not in found.worst
    assert "no cut-offs of CTCAE 6.0" in "\n".join(found.notes)


def test_a_result_prints_saves_and_cites_itself(tmp_path):
    found = toxicity(seen())
    assert found.save(tmp_path / "t.csv").read_text().count("\n") == len(found.table()) + 1
    assert "ctcae_5_transcription" in found.sources()
    assert len(found.patients()) == 8


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (lambda: course([1], {"ANCC": [[1.0]]}), "nearest is ANC"),
        (lambda: course([1], {"ANC": [[-1.0]]}), "below 0"),
        (lambda: course([1], {"ANC": [1.0]}), "per patient and visit"),
        (lambda: course([1, 2], {"ANC": [[1.0]]}), "a day per visit"),
        (lambda: course([1], {}), "no count"),
        (lambda: course([1], {"ANC": [[1.0]]}, gcsf=3), "unknown name"),
        (lambda: events([0], ["x"], [1], [6]), "1 to 5"),
        (lambda: events([0], ["x"], [NAN], [3]), "has a day"),
        (lambda: events([0, 1], ["x"], [1], [3]), "one patient, term"),
        (lambda: toxicity(seen(), "5.1"), "unknown version"),
        (lambda: toxicity(seen()).share("anaemia"), "no emergent grades"),
        (lambda: toxicity(seen()).share("neutropenia", how="seen"), "unknown way"),
    ],
)
def test_bad_input_is_refused(act, what):
    with pytest.raises(InputError, match=what):
        act()
