"""Policies and trials that no clinic could follow are refused in one paragraph, before anything is simulated."""

from pathlib import Path

import pytest

import cereblon as cb
from cereblon.ground.errors import InputError
from cereblon.records.policy import policy
from cereblon.records.reader import DATA

TRIAL = (DATA / "trials" / "MM_001_phase_2.toml").read_text()
SHARED = (DATA / "trials" / "defaults.toml").read_text()
TRIAL = TRIAL[: TRIAL.index("[cut.least]")] + SHARED[SHARED.index("[laboratory.neutrophil]") :]
ASSESSED = '[visit.assessment]\nduration = {{value = "{}", source = "mine", grade = "assumed"}}\n\n'
PHASE_1 = (DATA / "trials" / "MM_001_phase_1_21_28.toml").read_text()
REGIMEN = (DATA / "regimens" / "mezi_dex.toml").read_text()
POLICY = (DATA / "policies" / "pomalidomide_label.toml").read_text()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[visit]\n", f"{ASSESSED.format('10 d')}[visit]\n", "whole weeks"),
        ("[visit]\n", f"{ASSESSED.format('0 d')}[visit]\n", "whole weeks"),
        ("cycles = 12", f"cycles = 1\n\n{ASSESSED.format('56 d')}", "at least once"),
        ("[laboratory.neutrophil]", "[laboratory.red_cell]", "nothing in a trial reads|unknown word"),
        ("[death]\nhazard", "[death.least]\nhazard", r"nothing in a trial reads.*nearest is death\.hazard"),
        ("cycles = 12", "", "whole numbers of patients and cycles"),
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
        ('value = "0.6 mg"', 'value = "2 mg"', "dose levels rise"),
        ('value = "0.6 mg"', 'value = "0 mg"', "a dose above 0"),
        ('value = "0.6 mg"', 'value = "0.6 d"', "a dose above 0"),
        ('design = "BLRM"', "", "says its drug, design and definition"),
        ("[reference]\ndose", "[reference.least]\ndose", "reference dose|nothing in a trial reads"),
        ("cohort = 3\n", "", "cohort and cohorts"),
        (PHASE_1[PHASE_1.index("[[levels]]") : PHASE_1.index("[structure]")], "", "no dose levels"),
    ],
)  # fmt: skip
def test_an_escalation_that_cannot_be_run_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in PHASE_1
    file = tmp_path / "mine.toml"
    file.write_text(PHASE_1.replace(old, new))
    with pytest.raises(InputError, match=said):
        cb.trial(file)


def test_cycles_that_are_no_weeks_or_overlap_are_refused(tmp_path: Path) -> None:
    own, file = tmp_path / "own.toml", tmp_path / "mine.toml"
    file.write_text(TRIAL.replace('regimen = "mezi_dex"', f'regimen = "{own}"'))
    own.write_text(REGIMEN.replace('"28 d"', '"30 d"'))
    with pytest.raises(InputError, match="whole weeks"):
        cb.trial(file)
    two = cb.dose("mezigdomide", "1 mg", days="1-21") + cb.dose("dexamethasone", "40 mg", days="1,8", cycle="21 d")
    with pytest.raises(InputError, match="overlap"):
        two.cycle  # noqa: B018


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
