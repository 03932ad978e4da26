"""A user's table: what is read however it is written, and what is refused with file and line."""

from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cereblon.bedside import response, toxicity
from cereblon.bedside.table import measurements, read, split_unit
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import unit

GOOD = "patient,day,test,value,unit\nP1,1,serum_M,4.2,g/dL\nP1,1,urine_M,850,mg/24h\nP1,29,serum_M,1.8,g/dL\n"


def written(folder: Path, text: str | bytes, name: str = "trial.csv") -> Path:
    file = folder / name
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def values(folder: Path, text: str | bytes) -> list[tuple[str, float]]:
    found = read(written(folder, text))
    return list(zip(found.test, found.value.tolist(), strict=True))


PLAIN = [("serum_M", 4.2), ("urine_M", 850.0), ("serum_M", 1.8)]


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        "\ufeff" + GOOD,
        GOOD.replace("\n", "\r\n"),
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace(".", "#").replace(",", ";").replace("#", ","),
        GOOD.replace("patient,day", "Patient,DAY"),
        GOOD.replace("serum_M", "SPEP").replace("urine_M", "Bence Jones"),
        GOOD + "\n\n",
        GOOD.replace("4.2,g/dL", "42,g/L").replace("850,mg/24h", "0.85,g/24 h"),
        "value,unit,patient,test,day\n4.2,g/dL,P1,serum_M,1\n850,mg/d,P1,urine_M,1\n1.8,g/dL,P1,serum_M,29\n",
    ],
)
def test_one_table_in_many_hands(tmp_path, text):
    found = values(tmp_path, text)
    assert [name for name, _ in found] == [name for name, _ in PLAIN]
    np.testing.assert_allclose([x for _, x in found], [x for _, x in PLAIN])


def test_counts_come_in_the_units_of_laboratories(tmp_path):
    text = "patient,day,test,value,unit\n" + "".join(
        f"P{i},1,ANC,{v},{u}\n" for i, (v, u) in enumerate(
            [("0.8", "1e9/L"), ("0.8", "10^9/L"), ("0.8", "K/uL"), ("800", "/uL"), ("800", "cells/mm3"),
             ("0.8", "x10^3/uL")])
    )  # fmt: skip
    np.testing.assert_allclose([x for _, x in values(tmp_path, text)], 0.8)


def test_missing_values_are_left_out_and_counted(tmp_path):
    found = read(written(tmp_path, GOOD + "P1,57,serum_M,NA,g/dL\nP1,85,serum_M,,g/dL\n"))
    assert len(found) == 3
    assert "2 rows without a value" in "\n".join(found.notes)


def test_below_the_limit_of_electrophoresis_is_not_seen(tmp_path):
    found = read(written(tmp_path, GOOD + "P1,57,serum_M,<0.1,g/dL\n"))
    assert found.value[-1] == 0
    assert "taken as 0" in "\n".join(found.notes)
    with pytest.raises(InputError, match="not a number"):
        read(written(tmp_path, GOOD + "P1,57,ANC,<0.1,1e9/L\n"))


def test_signs_events_and_other_columns(tmp_path):
    text = "patient,day,test,value,unit,centre\nP1,1,serum_IFE,pos,,A\nP1,9,urine_IFE,negative,,A\nP1,80,death,,,A\n"
    found = read(written(tmp_path, text))
    assert found.value.tolist() == [1, 0, 1]
    assert "centre" in "\n".join(found.notes)
    assert found.first("death").tolist() == [80]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "empty"),
        ("\n", "empty"),
        ("patient,day,test,value,unit\n", "no row with a value"),
        (GOOD.replace("value", "result"), "value is missing"),
        (GOOD.replace("unit", "day"), "day stands twice"),
        (GOOD.replace("serum_M", "serum_N"), "line 2.*nearest is serum_M"),
        (GOOD.replace("4.2", "4,2"), "one cell a column.*semicolons"),
        (GOOD.replace("4.2", "high"), "line 2, value: this is not a number"),
        (GOOD.replace("4.2", "1e999"), "out of range"),
        (GOOD.replace("4.2", "-4.2"), "below 0"),
        (GOOD.replace("4.2,g/dL", "4.2,"), "needs its unit"),
        (GOOD.replace("4.2,g/dL", "4.2,g"), "wrong unit"),
        (GOOD.replace("4.2,g/dL", "4.2,furlong"), "unknown unit"),
        (GOOD.replace("P1,29,serum_M", "P1,1,serum_M"), "line 4.*second value.*line 2"),
        (GOOD.replace("P1,1,serum_M", ",1,serum_M"), "without a patient"),
        (GOOD.replace("P1,29", "P1,2024-01-05"), "a day is a number"),
        (GOOD.replace(",", ";").replace("4.2", "4,2"), "decimal points and decimal commas"),
        (GOOD + 'P1,57,"serum', "not a table"),
        (GOOD + "P1,57,marrow_PC,30,1\n", "share above 1"),
        (GOOD + "P1,57,serum_IFE,perhaps,\n", "neither positive nor negative"),
        (GOOD + "P1,57,adverse_event,3,\n", "has a name"),
        (b"\xff\xfe\x00", "not text"),
        (b"patient,day\0,test", "not text"),
    ],
)
def test_bad_tables_are_refused(tmp_path, text, what):
    with pytest.raises(InputError, match=f"(?s){what}"):
        read(written(tmp_path, text))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(InputError, match="folder"):
        read(tmp_path)


@given(st.text(max_size=300))
def test_random_text_raises_only_our_errors(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("random", numbered=True)
    with suppress(InputError):
        read(written(folder, ("patient,day,test,value,unit\n" + text).encode("utf-8", "replace")))


def test_every_unit_of_the_closed_list_is_known():
    for one in measurements().values():
        assert one.kind in ("number", "sign", "event", "grade")
        assert one.meaning
        if one.kind == "number":
            unit(one.unit)


def test_a_number_with_its_unit():
    assert split_unit("800 /uL", "1e9/L", "ANC") == pytest.approx(0.8)
    for bad in ("4.2", "g/dL", "", "4..2 g/dL", None):
        with pytest.raises(InputError):
            split_unit(bad, "g/dL", "serum")


TRIAL = """patient,day,test,value,unit,term
P1,-6,serum_M,3.9,g/dL,
P1,-5,marrow_PC,40,%,
P1,1,serum_M,4.0,g/dL,
P1,1,urine_M,0,mg/24h,
P1,1,kappa,100,mg/L,
P1,1,lambda,5,mg/L,
P1,29,serum_M,1.6,g/dL,
P1,30,urine_M,0,mg/24h,
P1,57,serum_M,1.5,g/dL,
P1,57,urine_M,0,mg/24h,
P1,1,ANC,2.5,1e9/L,
P1,8,ANC,0.4,1e9/L,
P1,15,adverse_event,3,,Febrile neutropenia
P1,15,adverse_event,2,,fatigue
P2,1,serum_M,0,g/dL,
P2,1,kappa,8,mg/L,
P2,1,lambda,600,mg/L,
P2,29,kappa,8,mg/L,
P2,29,lambda,30,mg/L,
P2,57,kappa,8,mg/L,
P2,57,lambda,30,mg/L,
P2,90,death,,,
"""


def test_a_table_becomes_visits_with_the_baseline_before_the_first_dose(tmp_path):
    measured = response.from_table(read(written(tmp_path, TRIAL)))
    assert measured.values["serum"][0, 0] == 4.0
    assert measured.values["marrow"][0, 0] == pytest.approx(0.4)
    assert measured.day[0].tolist()[:2] == [1, 29]
    found = response.best_response(measured)
    assert found.table()["best"].tolist() == ["PR", "VGPR"]
    assert found.measured.values["involved"][1].tolist()[:3] == pytest.approx([60, 3, 3])
    assert found.measured.death.tolist()[1] == 90


def test_a_window_joins_what_belongs_to_one_visit(tmp_path):
    """Urine of day 30 beside serum of day 29: with a window of a day there are two visits after baseline."""
    seen = read(written(tmp_path, TRIAL.replace("P1,1,urine_M,0", "P1,1,urine_M,900")))
    apart, joined = response.from_table(seen), response.from_table(seen, window=1)
    assert (~np.isnan(apart.day[0])).sum() == 4
    assert (~np.isnan(joined.day[0])).sum() == 3
    assert response.best_response(apart).table()["best"][0] == "SD"
    assert response.best_response(joined).table()["best"][0] == "PR"


def test_a_table_becomes_counts_and_events(tmp_path):
    seen = toxicity.from_table(read(written(tmp_path, TRIAL)))
    found = toxicity.toxicity(seen)
    assert found.worst["neutropenia"].tolist() == [4, -1]
    assert found.reported["febrile neutropenia"].tolist() == [3, 0]


def test_tables_of_other_things_are_refused(tmp_path):
    only_counts = read(written(tmp_path, "patient,day,test,value,unit\nP1,1,ANC,2,1e9/L\n"))
    with pytest.raises(InputError, match="no test of response"):
        response.from_table(only_counts)
    only_serum = read(written(tmp_path, GOOD))
    with pytest.raises(InputError, match="no count"):
        toxicity.from_table(only_serum)
    late = read(written(tmp_path, GOOD + "P2,29,serum_M,3,g/dL\n"))
    with pytest.raises(InputError, match=r"no value at baseline.*P2"):
        response.from_table(late)
