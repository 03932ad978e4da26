"""Policies: the shipped one, and files that are not one."""

from pathlib import Path

import pytest

from cereblon.ground.errors import InputError, RecordError
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


def test_a_use_of_growth_factor_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="use of a growth factor"):
        policy().supporting("much")


ZERO = ('increase = {value = "1 g/dL"', '"0.7 g/dL"'), ('increase = {value = "0 g/dL"', '"0 g/dL"')


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (('drug = "filgrastim"',), ('prophylaxis = "all"',), "nothing to give"),
        (('drug = "filgrastim"',), ('drug = "filgrastim"\nprophylaxis = "some"',), "'never', 'at risk' or 'all'"),
        (("[at_risk.neutrophil]",), ("[at_risk.platelet]",), "nothing in a policy reads this number"),
        (("[transfusion.platelet]",), ("[transfusion.lymphocyte]",), "nothing in a policy reads this number"),
        (('increase = {value = "1 g/dL"',), ('error = {value = "1 g/dL"',), "wrong unit"),
        (*ZERO, "a unit that adds something"),
    ],
)
def test_support_that_cannot_be_given_is_refused(
    old: tuple[str, ...], new: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    text, file = SHIPPED, tmp_path / "mine.toml"
    for one, other in zip(old, new, strict=True):
        text = text.replace(one, other)
    file.write_text(text)
    with pytest.raises(RecordError, match=said):
        policy(file)


def test_who_is_at_risk_has_a_number(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    before, _, after = SHIPPED.partition("[at_risk.neutrophil]")
    file.write_text(before + after[after.index("[transfusion") :])
    assert policy(file).prophylaxis == "never"
    with pytest.raises(RecordError, match=r"lacks a rule.*at_risk\.neutrophil\.count"):
        policy(file).supporting("at risk")


def test_prophylaxis_is_said_in_the_file_or_by_the_use_of_the_growth_factor(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SHIPPED.replace('drug = "filgrastim"', 'drug = "filgrastim"\nprophylaxis = "all"'))
    assert policy(file).prophylaxis == policy().supporting("prophylactic").prophylaxis == "all"
    assert policy(file).supporting("none").prophylaxis == "never"


def test_a_drug_that_raises_no_neutrophils_is_no_growth_factor(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SHIPPED.replace('drug = "filgrastim"', 'drug = "bortezomib"'))
    with pytest.raises(RecordError, match=r"no growth factor of neutrophils.*bortezomib"):
        policy(file)
