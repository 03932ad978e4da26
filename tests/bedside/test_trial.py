"""A trial simulated: the same patients whoever stands beside them, numbers that add up, a policy that helps."""

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import cereblon as cb
from cereblon.bedside.outcome import Outcome
from cereblon.bedside.response import assessments, best_response
from cereblon.bedside.response.category import LEVELS
from cereblon.bedside.response.rules import rules
from cereblon.bedside.trial import Trial
from cereblon.ground.errors import InputError, RecordError
from cereblon.records.policy import policy
from cereblon.records.reader import DATA

SHIPPED = (DATA / "trials" / "MM_001_phase_2.toml").read_text()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """The shipped trial with 24 patients and six cycles."""
    file = tmp_path_factory.mktemp("trial") / "small.toml"
    file.write_text(SHIPPED.replace("patients = 101", "patients = 24").replace("cycles = 12", "cycles = 6"))
    return cb.trial(file)


@pytest.fixture(scope="module")
def pair(small: Trial) -> list[Outcome]:
    return small.outcomes([1, 2])


def test_a_replicate_is_the_same_alone_and_in_a_batch(small: Trial, pair: list[Outcome]) -> None:
    alone = small.run(2)
    assert alone.table().equals(pair[1].table())
    assert alone.numbers() == pytest.approx(pair[1].numbers(), nan_ok=True, abs=0)


def test_categories_add_up_to_the_response_rate(pair: list[Outcome]) -> None:
    for outcome in pair:
        numbers = outcome.numbers()
        assert sum(numbers[k] for k in ("sCR", "CR", "VGPR", "PR")) == pytest.approx(numbers["ORR"])
        assert sum(numbers[k] for k in ("sCR", "CR", "VGPR", "PR", "MR", "SD", "PD", "NE")) == pytest.approx(1)


def test_a_deep_response_is_stringent_once_no_clone_is_seen_and_free_of_disease_only_below_1_in_100000(
    pair: list[Outcome],
) -> None:
    """Values of the clinic, judged one by one by `category`: a remission keeps the polyclonal chain, so its ratio is
    that of a healthy serum (.26 to 1.65, Kumar 2016), and what a biopsy still shows blocks sCR alone."""
    clinic = copy.deepcopy(pair[0].clinic)
    for name in ("protein", "serum", "urine", "involved", "volume", "marrow"):
        clinic.disease[name][:2, 0] = {"protein": 2, "serum": 2, "involved": 40, "marrow": 0.3}.get(name, 0)
    left = {0: 0.004, 1: 0.02}  # marrow: below and above what a biopsy shows; both far above 1e-5
    for who, marrow in left.items():
        for name in ("protein", "serum", "urine", "volume"):
            clinic.disease[name][who, 4] = 0
        clinic.disease["involved"][who, 4], clinic.disease["marrow"][who, 4] = 1.001, marrow
    clinic.missed[:2] = False
    values = clinic._values(np.arange(2), np.array([0, 4]))
    seen = best_response(assessments([0, 28], values), rules())
    assert [LEVELS[k] for k in seen.raw[:, 1]] == ["sCR", "CR"]
    assert (values["ratio"][:, 1] < 1.65).all()
    assert (values["MRD"][:, 1] > 1e-5).all()


def test_light_chain_disease_alone_is_followed_in_the_urine(pair: list[Outcome]) -> None:
    """200 mg a day is measurable (Durie 2006), whatever the error of the collection."""
    for outcome in pair:
        clinic, chains = outcome.clinic, np.array(outcome.cohort.kind("isotype")) == "light_chain"
        urine = clinic.disease["urine"][outcome.patients, 0]
        assert (urine[~chains] == 0).all()
        assert (urine[chains] > 200).any()
        assert not (clinic.disease["protein"][outcome.patients, 0] > 0)[chains].any()


def test_nobody_is_measured_after_leaving(pair: list[Outcome]) -> None:
    clinic = pair[0].clinic
    for i in np.flatnonzero(np.isfinite(clinic.left)):
        after = clinic.days > clinic.left[i] + 7
        assert np.isnan(clinic.labs["ANC"][i, after]).all()
        assert clinic.reason[i] in ("death", "progression", "progression by protein", "withdrawal", "data cut")


def test_nothing_is_seen_of_a_patient_after_death_withdrawal_or_the_cut(pair: list[Outcome]) -> None:
    outcome = pair[0]
    clinic, who, seen = outcome.clinic, outcome.patients, outcome.endpoints.responses
    gone = np.flatnonzero(np.isin(clinic.reason[who].astype(str), ("death", "withdrawal", "data cut")))
    assert len(gone) > 3
    for i in gone:
        left = clinic.left[who[i]]
        assert np.isnan(clinic.labs["ANC"][who[i], clinic.days > left]).all()
        judged = seen.raw[i] > 0  # NE
        assert (seen.measured.day[i, judged] <= left).all()
    events = outcome.toxicity.course.events
    assert not (events.day > clinic.left[who][events.who]).any()


def test_holds_and_growth_factor_lower_grade_4_neutropenia(small: Trial) -> None:
    nothing = "0.001 1e9/L"
    lax = policy().replace(
        {f"{name}.count": nothing for name in ("hold.neutrophil", "hold.platelet", "hold.febrile_neutropenia",
                                               "cycle.neutrophil", "cycle.platelet", "growth_factor.neutrophil")}
    )  # fmt: skip
    never = replace(small, policy=lax)
    kept, let = (t.run(3, cut=False) for t in (small, never))

    def weeks_low(outcome: Outcome) -> float:
        counts = outcome.clinic.truth["ANC"]
        return float(np.nansum(counts < 0.5) / np.isfinite(counts).sum())

    assert weeks_low(kept) < 0.8 * weeks_low(let)
    assert kept.ORR.value > 0


def test_prophylaxis_reaches_those_whom_it_names_from_the_first_day(small: Trial) -> None:
    everybody, some = (small.under(support=use).run(1, cut=False) for use in ("prophylactic", "at risk"))
    at_risk = some.clinic.labs["ANC"][some.patients, 0] < 1.5
    assert 0 < at_risk.sum() < len(at_risk)
    assert (everybody.clinic.growth_factor[:, 0]).all()
    assert (some.clinic.growth_factor[some.patients, 0] == at_risk).all()
    told = {d.subject for d in some.decisions if d.visit == 0 and d.reason == "growth factor in advance: at risk"}
    assert told == set(np.flatnonzero(at_risk).tolist())
    assert everybody.numbers()["supported"] == 1
    usual = small.run(1, cut=False)
    assert everybody.numbers()["neutropenia, grade 4"] < usual.numbers()["neutropenia, grade 4"]


def test_another_policy_is_named_like_that_of_the_record(small: Trial) -> None:
    assert small.under("held_at_grade_3").policy == policy("held_at_grade_3")
    assert small.under().policy == small.policy


def test_doses_are_given_at_the_level_that_was_decided(pair: list[Outcome]) -> None:
    outcome = pair[0]
    intensity = outcome.dose_intensity()
    assert ((intensity >= 0) & (intensity <= 1)).all()
    never_held = ~outcome.clinic.dosing.interrupted[outcome.patients]
    assert (intensity[never_held] == 1).all()


def test_replicates_hold_every_seed_and_say_what_95_percent_show(small: Trial) -> None:
    many = small.replicates(3, seed=1)
    assert many.seeds == (1, 2, 3)
    assert many.values["ORR"][1] == small.run(2).ORR.value
    assert many["ORR"].low <= many["ORR"].value <= many["ORR"].high
    assert "3 replicates of 24 patients" in str(many)


@pytest.mark.parametrize("count", [0, -1, 1.5, True])
def test_no_number_of_replicates_is_refused(small: Trial, count: object) -> None:
    with pytest.raises(InputError, match="whole number"):
        small.replicates(count)  # type: ignore[arg-type]


def test_a_trial_without_patients_or_a_number_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SHIPPED.replace("patients = 101", "patients = 0"))
    with pytest.raises(RecordError, match="whole numbers of patients"):
        cb.trial(file)
    file.write_text(SHIPPED.replace("[accrual]\nrate", "[accrual.least]\nrate"))
    with pytest.raises(RecordError, match=r"lacks numbers.*accrual\.rate"):
        cb.trial(file)


def test_deaths_after_progression_come_at_the_protocols_hazard_and_move_nothing_else(small: Trial) -> None:
    """Deaths over months at risk, by the exponential's maximum likelihood, against the hazard that was put in."""
    address = "progression.death.hazard"
    put_in = 0.5  # 1/month: enough deaths for a count
    fast = replace(small, protocol=small.protocol.replace({address: f"{put_in} 1/month"}))
    outcomes = fast.outcomes(range(1, 9), cut=False)
    deaths, months = 0, 0.0
    for outcome in outcomes:
        clinic, who = outcome.clinic, outcome.patients
        died, last = clinic.survival(who)
        gone = np.isin(clinic.reason[who].astype(str), ("progression", "progression by protein"))
        deaths += int((~np.isnan(died) & gone).sum())
        months += float((np.fmin(died, last) - clinic.left[who])[gone].sum()) / 30.4375
    assert deaths > 30
    assert abs(deaths / months - put_in) < 2.5 * np.sqrt(deaths) / months  # its standard error
    never = replace(small, protocol=small.protocol.replace({address: "0 1/month"}))
    silent = never.outcomes(range(1, 9), cut=False)
    for with_deaths, without in zip(outcomes, silent, strict=True):
        assert with_deaths.table().equals(without.table())
        assert with_deaths.OS.events.sum() >= without.OS.events.sum()
        assert (without.OS.days <= with_deaths.OS.days.max()).all()


def test_an_antibodys_band_blocks_a_complete_response_of_an_IgG_myeloma() -> None:
    """While daratumumab is above what immunofixation sees; who has another protein, or no antibody, is not blocked."""
    plan = cb.trial("mezi_daratumumab_dex")
    outcome = plan.run(2, cut=False)
    clinic, responses = outcome.clinic, outcome.endpoints.responses
    finest = clinic.protocol["laboratory.IFE.level"].to("g/dL").value
    level = clinic.disease["antibody"][outcome.patients, clinic.in_assessment :]
    IgG = np.array(outcome.cohort.kind("isotype")) == "IgG"
    always = IgG & ((level >= finest) | np.isnan(level)).all(axis=1)
    complete = np.array([LEVELS[k] in ("CR", "sCR") for k in responses.best])
    assert always.sum() > 5
    assert not complete[always].any()
    assert complete[~IgG].any()
    bare = cb.trial("mezi_bortezomib_dex").run(2, cut=False)
    assert not np.nan_to_num(bare.clinic.disease["antibody"]).any()


def test_every_decision_has_a_reason_and_the_growth_factor_its_own(small: Trial) -> None:
    outcome = small.run(1)
    own = [d for d in outcome.decisions if "filgrastim" in d.species]
    assert all(d.reason for d in outcome.decisions)
    assert {d.reason for d in own if d.visit} == {
        "neutrophils low: growth factor", "neutrophils recovered: growth factor ends",
        "treatment has ended: growth factor too",
    } & {d.reason for d in own if d.visit}  # fmt: skip
    assert not any("growth factor" in d.reason for d in outcome.decisions if "mezigdomide" in d.species)
    assert "dose intensity" in str(outcome)
    log = outcome.log()
    assert len(log) == len(outcome.decisions)
    held = log[(log["after"] == 0) & log["reason"].str.endswith(": held")]
    assert set(held["patient"]) == set(np.flatnonzero(outcome.table()["interrupted"]))
