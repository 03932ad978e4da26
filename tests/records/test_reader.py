"""The one reader: what is refused, and that the refusal is a paragraph with file, address and example."""

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cereblon.ground import CereblonError, InputError, RecordError
from cereblon.records import cell, compound, dish, patient

KD = '{value = "500 nM", source = "my notebook", grade = "measured"}'
STATUS = '{status = "unknown", source = "my notebook", grade = "assumed"}'
MINIMUM = f"""kind = "glue"
[CRBN]
Kd = {KD}
K_c = {{value = "2", source = "my notebook", grade = "assumed"}}
[IKZF1]
Kd = {KD}
"""


@pytest.fixture
def write(tmp_path):
    def to_file(text, name="my_glue.toml"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return to_file


def refused(path, *words):
    with pytest.raises(RecordError) as caught:
        compound(path)
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 900
    for word in (Path(path).name, *words):
        assert word in said, said


def test_the_minimum_record_loads_and_takes_the_class_defaults(write):
    glue = compound(write(MINIMUM))
    assert glue.name == "my_glue"
    assert glue["CRBN.Kd"].source == "my notebook"
    assert glue["CL_F"].grade == "assumed"
    assert glue["CL_F"].note.startswith("class default")
    assert "my_glue.CL_F" in glue.defaults
    assert glue.structure["n_compartments"] == 2


def test_each_part_of_the_minimum_is_missed(write):
    refused(write(MINIMUM.replace("[CRBN]", "[CSNK1A1]").replace("K_c", "alpha")), "CRBN.Kd is missing")
    refused(write(MINIMUM.replace("K_c", "k_on").replace('"2"', '"2 1/nM/h"')), "CRBN.K_c is missing")
    refused(write(MINIMUM.split("[IKZF1]")[0]), "no neosubstrate")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('source = "my notebook", grade', "grade", ["CRBN.Kd", "source is missing"]),
        ('source = "my notebook", grade = "measured"', 'source = "x y z"', ["CRBN.Kd", "grade is missing"]),
        ('value = "500 nM", ', "", ["CRBN.Kd", "value is missing"]),
        ('"my notebook", grade = "measured"', '"   ", grade = "measured"', ["source is missing"]),
        ('"measured"', '"certain"', ["CRBN.Kd.grade", "assumed"]),
        ('"500 nM"', '"500 h"', ["CRBN.Kd", "wrong unit", "nM"]),
        ('"500 nM"', '"500"', ["CRBN.Kd", "wrong unit"]),
        ('"500 nM"', '"-500 nM"', ["CRBN.Kd", "above 0"]),
        ('"500 nM"', '"0 nM"', ["CRBN.Kd", "above 0"]),
        ('"500 nM"', '"nan nM"', ["CRBN.Kd"]),
        ('"500 nM"', '"1e400 nM"', ["CRBN.Kd", "out of range"]),
        ('"500 nM"', '"9**9**9 nM"', ["CRBN.Kd"]),
        ('"500 nM"', '"500 kd"', ["CRBN.Kd", "unknown unit"]),
        ('"500 nM"', "500", ["CRBN.Kd.value"]),
        ('"500 nM"', "nan", ["CRBN.Kd.value"]),
        (KD, '"500 nM"', ["CRBN.Kd", "source and grade"]),
        ('grade = "measured"}', 'grade = "measured", nite = "x"}', ["CRBN.Kd.nite", "nearest is note"]),
        ('grade = "measured"}', 'grade = "measured", interval = ["1 nM"]}', ["CRBN.Kd.interval"]),
        ('grade = "measured"}', 'grade = "measured", interval = ["600 nM", "700 nM"]}', ["does not hold"]),
        ('grade = "measured"}', 'grade = "measured", interval = ["-1 nM", "700 nM"]}', ["above 0"]),
        ("[CRBN]", "[CRBM]", ["CRBM", "nearest is CRBN"]),
        ("K_c", "K_C", ["CRBN.K_C", "nearest is K_c"]),
        ('kind = "glue"', 'kind = "glu"', ["kind"]),
        ('kind = "glue"', "", ["kind is missing"]),
        ('kind = "glue"', 'kind = "glue"\nsymbl = "x"', ["symbl", "symbol"]),
        ('kind = "glue"', 'kind = "glue"\nstructure = {n_compartment = 1}', ["n_compartments"]),
        ('kind = "glue"', 'kind = "glue"\nstructure = {n_compartments = 1.5}', ["structure"]),
        ('kind = "glue"', 'kind = "glue"\nCL_F = ' + KD.replace("nM", "L/h"), ["disposition", "V_F"]),
        ("[IKZF1]", f"[IKZF1.CRBN.MYC.CD38.IL2.IRF4]\nKd = {KD}\n[IKZF1]", ["too deeply"]),
        ("[IKZF1]", "[IKZF1]\nCRBN = []", ["IKZF1.CRBN"]),
        ("[IKZF1]", "[status]\nIKZF1 = " + STATUS + "\n[IKZF1]", ["status.IKZF1"]),
    ],
)  # fmt: skip
def test_a_faulty_record_is_refused(write, old, new, words):
    assert old in MINIMUM
    refused(write(MINIMUM.replace(old, new, 1)), *words)


def test_malformed_toml_says_line_and_column(write):
    refused(write('kind = "glue"\n[CRBN\n'), "line 2, column")
    refused(write(b"kind = \xff"), "UTF-8")
    refused(write("a = " + "[" * 900), "")
    refused(write("a = " + "{a=" * 300), "")
    refused(write("a" + ".a" * 600 + " = 1"), "line 1 is too long")
    refused(write("x = " + "9" * 900), "x")
    refused(write(""), "kind is missing")


def test_a_50_megabyte_file_is_refused_unread(tmp_path):
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    start = time.perf_counter()
    refused(path, "too large", "50,000,000 bytes")
    assert time.perf_counter() - start < 0.1


def test_a_missing_file_a_folder_and_a_device_are_refused(tmp_path):
    refused(tmp_path / "none.toml", "no such file")
    (tmp_path / "folder.toml").mkdir()
    refused(tmp_path / "folder.toml", "this is a folder")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.toml")
        refused(tmp_path / "pipe.toml", "no such file")


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd", "a/b", "", ".", "..", "mezigdomide.tom", "C:\\x", "mezigdomide ", "\0.toml",
        "a" * 5000, "defaults", "ā",
    ],
)  # fmt: skip
@pytest.mark.parametrize("load", [compound, cell, patient, dish])
def test_a_path_is_not_a_name(load, name):
    with pytest.raises(InputError) as caught:
        load(name)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_gives_the_nearest():
    with pytest.raises(InputError, match="nearest is mezigdomide"):
        compound("mezigdomid")
    with pytest.raises(InputError, match="nearest is H929"):
        cell("h929")


def test_a_record_cannot_take_the_name_of_another_thing(write):
    refused(write(MINIMUM, "CRBN.toml"), "CRBN")
    refused(write(MINIMUM, "my-glue.toml"), "my-glue")
    refused(write(MINIMUM, ".toml"))


def test_a_shipped_file_cites_known_sources(write, monkeypatch, tmp_path):
    monkeypatch.setattr("cereblon.records.reader.DATA", tmp_path)
    refused(write(MINIMUM.replace("my notebook", "watson_2023", 1)), "unknown source", "watson_2022")


LOOSE = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@settings(max_examples=150, **LOOSE)
@given(st.binary(max_size=300))
def test_random_bytes_raise_only_our_errors(write, raw):
    with pytest.raises(CereblonError):
        compound(write(raw))


VALUES = st.recursive(
    st.sampled_from(['"1 nM"', '"x"', "1", "nan", "true", "1979-05-27", '"""a\n"""', KD])
    | st.text(alphabet='"abc\\n 1', max_size=8).map(repr),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda xs: "[" + ", ".join(xs) + "]")
        | st.dictionaries(
            st.sampled_from(["value", "source", "grade", "note", "Kd", "CRBN"]), inner, max_size=3
        ).map(lambda d: "{" + ", ".join(f"{k} = {v}" for k, v in d.items()) + "}")
    ),
    max_leaves=6,
)
KEYS = st.lists(
    st.sampled_from(
        ["kind", "structure", "status", "CRBN", "IKZF1", "Kd", "FP", "variability", "x", '""', "note"]
    ),
    min_size=1,
    max_size=3,
).map(".".join)


@settings(max_examples=200, **LOOSE)
@given(st.lists(st.tuples(KEYS, VALUES), max_size=4))
def test_random_toml_raises_only_our_errors(write, lines):
    text = "".join(f"{key} = {value}\n" for key, value in lines)
    for name, load in (("my_glue.toml", compound), ("my_line.toml", cell)):
        with suppress(CereblonError):
            load(write(text + (MINIMUM if "kind" not in text else ""), name))
