"""Policies: the shipped one, and files that are not one."""

from pathlib import Path

import pytest

from cereblon.ground.errors import RecordError
from cereblon.records.policy import policies, policy
from cereblon.records.reader import DATA

SHIPPED = (DATA / "policies" / "pomalidomide_label.toml").read_text()


def test_the_label_holds_below_half_and_resumes_one_level_lower() -> None:
    label = policy()
    assert policies() == ("held_at_grade_3", "never_held", "pomalidomide_label")
    assert label["hold.neutrophil.count"].to("1e9/L").value == 0.5
    assert label["resume.platelet.count"].to("1e9/L").value == 50
    assert label.growth_factor == "filgrastim"


def test_a_policy_that_loops_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    loops = '[resume.neutrophil]\ncount = {value = "0.4'
    file.write_text(SHIPPED.replace('[resume.neutrophil]\ncount = {value = "0.5', loops))
    with pytest.raises(RecordError, match="loops"):
        policy(file)


def test_a_policy_without_a_rule_is_refused_by_the_rule(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SHIPPED.replace("[cycle.platelet]\ncount", "[cycle.platelet.most]\ncount"))
    with pytest.raises(RecordError, match=r"cycle\.platelet\.count"):
        policy(file)
