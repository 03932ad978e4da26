"""Criteria of response and definitions of DLT as records."""

import pytest

from cereblon.ground.errors import InputError, RecordError
from cereblon.records.criteria import all_criteria, criteria
from cereblon.records.dlt import definition
from cereblon.records.reader import DATA


def test_three_versions_ship_and_differ_where_the_guidelines_do():
    assert set(all_criteria()) == {"IMWG_2006", "IMWG_2011", "IMWG_2016"}
    new, middle, old = (criteria(f"IMWG_{y}") for y in (2016, 2011, 2006))
    assert (new.nadir, middle.nadir, old.nadir) == ("lowest confirmed", "lowest", "lowest")
    assert new.number("PD.marrow.increase") == pytest.approx(0.1)
    assert middle.number("PD.marrow.increase") is None
    assert middle.number("PD.marrow.infiltration") == pytest.approx(0.1)
    assert new.number("PD.calcium.level", "mg/dL") is None
    assert old.number("MR.M_protein.fall") is None
    for record in (new, middle, old):
        assert record.number("PD.M_protein.increase", "g/L") == pytest.approx(5)
        assert record.number("PD.FLC.increase", "mg/L") == pytest.approx(100)  # not the misprinted 10 mg/L


def test_a_user_s_own_criteria_are_a_file(tmp_path):
    text = (DATA / "criteria" / "IMWG_2016.toml").read_text().replace('"0.5 g/dL", source', '"1 g/dL", source', 1)
    (tmp_path / "ours.toml").write_text(text)
    assert criteria(tmp_path / "ours.toml").number("measurable.M_protein.level", "g/dL") == 1


def test_criteria_that_lack_a_number_or_a_unit_are_refused(tmp_path):
    text = (DATA / "criteria" / "IMWG_2016.toml").read_text()
    (tmp_path / "short.toml").write_text("\n".join(x for x in text.splitlines() if not x.startswith("urine.fall")))
    with pytest.raises(RecordError, match=r"PR\.urine\.fall"):
        criteria(tmp_path / "short.toml")
    (tmp_path / "unit.toml").write_text(text.replace("200 mg/d", "200 mg"))
    with pytest.raises(RecordError, match="wrong unit"):
        criteria(tmp_path / "unit.toml")
    with pytest.raises(InputError, match="nearest is IMWG_2016"):
        criteria("IMWG_2017")


def test_a_definition_without_a_window_or_with_an_unknown_rule_is_refused(tmp_path):
    text = (DATA / "dlt" / "class_precedent.toml").read_text()
    without = text.replace("[window]", "[doses_missed]").replace('duration = {value = "28 d"', 'share = {value = "0.2"')
    (tmp_path / "open.toml").write_text(without.replace('interval = ["21 d", "28 d"], ', ""))
    with pytest.raises(RecordError, match="has a window"):
        definition(tmp_path / "open.toml")
    (tmp_path / "odd.toml").write_text(text.replace('"linear"', '"spline"'))
    with pytest.raises(RecordError, match="interpolation"):
        definition(tmp_path / "odd.toml")
