"""Policies and trials that no clinic could follow are refused in one paragraph, before anything is simulated."""

from pathlib import Path

import pytest

import cereblon as cb
from cereblon.ground.errors import InputError
from cereblon.records.policy import policy
from cereblon.records.reader import DATA

TRIAL = (DATA / "trials" / "MM_001_phase_2.toml").read_text()
POLICY = (DATA / "policies" / "pomalidomide_label.toml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('regimen = "mezi_dex"', 'regimen = "mezi_bortezomib_dex"', "cycles of 28 d"),
        ('share = {value = "0.02"', 'share = {value = "1.2"', "missed"),
        ('rate = {value = "7 1/month"', 'rate = {value = "0 1/month"', "nobody would ever come|interval"),
        ('jitter = {value = "4 d", source = "prototype", grade = "assumed", interval = ["0 d", "7 d"]',
         'jitter = {value = "40 d", source = "prototype", grade = "assumed"', "change places"),
        ("patients = 101", "patients = 20000", "whole numbers of patients"),
    ],
)  # fmt: skip
def test_a_trial_that_cannot_be_run_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TRIAL
    file = tmp_path / "mine.toml"
    file.write_text(TRIAL.replace(old, new))
    with pytest.raises(InputError, match=said):
        cb.trial(file)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('[hold.neutrophil]\ncount = {value = "0.5', '[hold.neutrophil]\ncount = {value = "-0.5', "hold.neutrophil"),
        ('share = {value = "0.2", source = "prototype", grade = "assumed", interval = ["0.1", "0.4"]',
         'share = {value = "0", source = "prototype", grade = "assumed"', "takes something away"),
        ('share = {value = "0.2", source = "prototype", grade = "assumed", interval = ["0.1", "0.4"]',
         'share = {value = "2", source = "prototype", grade = "assumed"', "reduction.share"),
    ],
)  # fmt: skip
def test_a_policy_out_of_range_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in POLICY
    file = tmp_path / "mine.toml"
    file.write_text(POLICY.replace(old, new))
    with pytest.raises(InputError, match=said):
        policy(file)


def test_a_place_that_no_patient_has_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean tumour"):
        cb.simulate("mezi_dex", "typical", cells={"tumor": "DF15R"})


@pytest.mark.parametrize("patients", [5, cb.population("triple_class_refractory").sample(3)[:0]])
def test_nobody_to_simulate_is_refused(patients: object) -> None:
    with pytest.raises(InputError, match="sampled cohort of somebody"):
        cb.simulate("mezi_dex", patients)  # type: ignore[arg-type]


def test_a_spread_beyond_all_numbers_is_refused() -> None:
    wide = cb.population("triple_class_refractory").replace({"variability.age": "1e6"})
    with pytest.raises(InputError, match="beyond all numbers"):
        cb.simulate("mezi_dex", wide.sample(3))
