"""Transfusion and extra blood counts: units by hand, a log that says every one, counts that are seen again."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cereblon as cb
from cereblon.bedside.outcome import Outcome
from cereblon.bedside.phase_1 import EscalationTrial
from cereblon.bedside.transfusion import CELLS, Transfusion
from cereblon.bedside.trial import Trial
from cereblon.records.dlt import definition
from cereblon.records.policy import Policy, policy
from cereblon.records.reader import DATA

SHIPPED = (DATA / "trials" / "MM_001_phase_2.toml").read_text()


def without(rules: Policy) -> Policy:
    """The policy that transfuses nobody."""
    return replace(rules, values={a: q for a, q in rules.values.items() if ".transfusion." not in a})


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """The shipped trial with 40 patients and six cycles, in whom nothing holds a dose."""
    file = tmp_path_factory.mktemp("trial") / "small.toml"
    text = SHIPPED.replace("patients = 101", "patients = 40").replace("cycles = 12", "cycles = 6")
    file.write_text(text.replace('policy = "pomalidomide_label"', 'policy = "never_held"'))
    return cb.trial(file)


@pytest.fixture(scope="module")
def outcome(small: Trial) -> Outcome:
    return small.run(3, cut=False)


def test_as_many_units_are_given_as_bring_the_count_back() -> None:
    """By hand: 8 g/dL is the limit and a unit adds 1; 10 and 30 1e9/L for platelets."""
    rules = Transfusion(policy())
    units = rules.units({"Hb": np.array([8.0, 7.9, 6.5, np.nan]), "PLT": np.array([10.0, 9.9, 0.0, np.nan])})
    assert units["Hb"].tolist() == [0, 1, 2, 0]
    assert units["PLT"].tolist() == [0, 1, 1, 0]
    assert [dose.amt for dose in rules.doses(24, 48)] == [10, 30e9]  # g and cells into one litre
    assert [dose.last for dose in rules.doses(24, 48)] == [48, 48]
    assert Transfusion(without(policy())).limits == {}


def test_every_transfusion_is_in_the_log_with_its_reason(small: Trial) -> None:
    often = small.policy.replace({"transfusion.haemoglobin.level": "9.5 g/dL"})
    outcome = replace(small, policy=often).run(3, cut=False)
    clinic = outcome.clinic
    for test, cells in CELLS.items():
        told = {(d.subject, d.visit): d for d in outcome.decisions if d.species == cells.species and d.after}
        given = {(i, v): clinic.units[test][i, v] for i, v in np.argwhere(clinic.units[test] > 0).tolist()}
        assert {key: d.after for key, d in told.items()} == given
        for (i, v), d in told.items():
            assert d.reason.startswith(f"{test} below")
            assert clinic.labs[test][i, v] < clinic.transfusion.limits[test][0]
    assert (clinic.units["Hb"][:, 1:-1].astype(bool) & clinic.units["Hb"][:, 2:].astype(bool)).any()  # weeks on end
    table = outcome.datasets()["ADEX"].query("EXTRT == 'red cells'")
    assert table["EXDOSE"].sum() == clinic.units["Hb"].sum()
    assert outcome.table()["haemoglobin_units"].sum() == clinic.units["Hb"].sum()
    assert outcome.numbers()["transfused, red cells"] == (clinic.units["Hb"] > 0).any(axis=1).mean() > 0


def test_a_unit_adds_to_the_week_after_and_changes_nothing_before(small: Trial, outcome: Outcome) -> None:
    """The same patients without transfusion: equal until the first unit, a week later higher by nearly what was given
    (of the first age hardly anything is gone by then; the median is by who leads to another dose or lives apart)."""
    bare = replace(small, policy=without(small.policy)).run(3, cut=False)
    units, rise = outcome.clinic.units["Hb"], []
    for i in np.flatnonzero((units[:, :-1] > 0).any(axis=1)):
        first = int(np.argmax(units[i] > 0))
        with_, alone = (one.clinic.truth["Hb"][i] for one in (outcome, bare))
        assert with_[: first + 1] == pytest.approx(alone[: first + 1], rel=1e-6)
        if not np.isnan(with_[first + 1]):
            rise.append((with_[first + 1] - alone[first + 1]) / units[i, first])
    assert rise == pytest.approx(np.ones(len(rise)), abs=0.05)
    assert len(rise) > 5


def test_blood_is_taken_again_in_the_week_after_a_count_of_grade_4(outcome: Outcome) -> None:
    """Beyond two cycles blood is due every other week; what is taken between follows grade 4 or a fever alone."""
    clinic = outcome.clinic
    between = np.arange(2 * clinic.in_cycle + 1, len(clinic.days), 2)
    severe = (clinic.labs["ANC"] < 0.5) | (clinic.labs["PLT"] < 25)
    there = ~np.isnan(clinic.truth["ANC"])
    seen = ~np.isnan(clinic.labs["ANC"])
    again = 0
    for v in between.tolist():
        fever = {i for i, day in clinic.events["febrile_neutropenia"] if clinic.days[v - 1] < day <= clinic.days[v]}
        due = np.isin(np.arange(clinic.patients), list(fever))
        due |= severe[:, v - 1] & ~clinic.missed[:, v]
        left = np.isfinite(clinic.left) & (clinic.left < clinic.days[v])
        known = there[:, v] & ~left & ~clinic.missed[:, v - 1]  # of who missed a visit the last count holds
        assert (seen[known, v] == due[known]).all()
        again += int(seen[known, v].sum())
    assert again > 3


def test_days_after_grade_4_tell_how_long_it_lasts() -> None:
    """In the window of an escalation, blood that is due every other week is taken every third day until it recovers."""
    plan: EscalationTrial = cb.trial("MM_001_phase_1_21_28")
    free = replace(plan, policy=policy("never_held"), labs="every other week", support="none")
    window = free.lived([free.population.sample(12, seed=1)] * 2, [3, 5])[0]
    found = 0
    for lane in range(window.patients):
        counts = window.seen["ANC"][lane]
        for day in np.flatnonzero((counts < 0.5) | (window.seen["PLT"][lane] < 25)).tolist():
            end = len(counts) - 1 if np.isnan(window.left[lane]) else int(window.left[lane])
            if day + 3 <= end and not window.missed[lane, day + 1 : day + 4].any():
                assert not np.isnan(counts[day + 1 : day + 4]).all()
                found += 1
    assert found > 5
    told = window.limiting(definition()).causes["platelets transfused"]
    assert (told <= ~np.isnan(window.platelets)).all()


def test_a_file_without_transfusions_transfuses_nobody(tmp_path: Path) -> None:
    text = (DATA / "policies" / "pomalidomide_label.toml").read_text()
    file = tmp_path / "mine.toml"
    file.write_text(text[: text.index("[transfusion.haemoglobin]")])
    assert Transfusion(policy(file)).doses(24, 48) == ()
