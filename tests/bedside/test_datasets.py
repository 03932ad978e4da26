"""Tables with ADaM's names: the dictionary is true, and what is computed from the files is what the trial says."""

import copy
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cereblon as cb
from cereblon.bedside.datasets import DICTIONARY, Datasets
from cereblon.bedside.outcome import Outcome
from cereblon.bedside.trial import Trial
from cereblon.ground.errors import InputError
from cereblon.records.reader import DATA

SHIPPED = (DATA / "trials" / "MM_001_phase_2.toml").read_text()
NAMES = ("ADSL", "ADEX", "ADLB", "ADAE", "ADRS", "ADTTE")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """The shipped trial with 40 patients and six cycles."""
    file = tmp_path_factory.mktemp("trial") / "small.toml"
    file.write_text(SHIPPED.replace("patients = 101", "patients = 40").replace("cycles = 12", "cycles = 6"))
    return cb.trial(file)


@pytest.fixture(scope="module")
def outcome(small: Trial) -> Outcome:
    return small.outcomes([1, 2])[1]  # not the first of its batch


@pytest.fixture(scope="module")
def made(outcome: Outcome) -> Datasets:
    return outcome.datasets()


@pytest.fixture(scope="module")
def files(outcome: Outcome, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pd.DataFrame]:
    """What a reader of the folder has."""
    folder = outcome.save_datasets(tmp_path_factory.mktemp("datasets") / "adam")
    assert {f.name for f in folder.iterdir()} == {*(f"{n}.csv" for n in NAMES), DICTIONARY, "README.txt"}
    assert "no claim of conformance" in (folder / "README.txt").read_text()
    return {name: pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""]) for name in NAMES}


def test_every_variable_is_in_the_dictionary_and_every_row_of_it_in_a_table(made: Datasets) -> None:
    written = {(name, column) for name, table in made.tables.items() for column in table.columns}
    explained = list(zip(made.table()["dataset"], made.table()["variable"], strict=True))
    assert len(explained) == len(set(explained))
    assert set(explained) == written
    for row in made.table().itertuples():
        assert row.label
        assert row.type in ("text", "flag", "integer", "number")
        assert bool(row.unit) == (row.type in ("integer", "number"))
        column = made[row.dataset][row.variable]
        assert pd.api.types.is_numeric_dtype(column) == (row.type in ("integer", "number")), row.variable
        if row.type == "flag":
            assert set(column) <= {"Y", "N", ""}
        if row.unit.isupper() and len(row.unit) > 1:  # a unit that another variable holds
            assert row.unit in made[row.dataset]


def test_the_response_rate_of_the_file_is_that_of_the_trial(outcome: Outcome, files: dict[str, pd.DataFrame]) -> None:
    best = files["ADRS"].query("PARAMCD == 'BOR'")
    assert len(best) == len(files["ADSL"]) == 40
    assert best["AVALC"].isin(["PR", "VGPR", "CR", "sCR"]).mean() == outcome.ORR.value
    confirmed = files["ADRS"].query("PARAMCD == 'CONFRESP'").groupby("USUBJID")["AVAL"].max()
    responders = set(best.loc[best["AVAL"] >= 4, "USUBJID"])
    assert {p for p, level in confirmed.items() if level >= 4} == responders
    for code in ("DOR", "TTR"):
        times = files["ADTTE"]
        assert set(times.loc[times["PARAMCD"] == code, "USUBJID"]) == responders


@pytest.mark.parametrize("code", ["PFS", "OS"])
def test_median_times_of_the_file_by_lifelines(
    outcome: Outcome, files: dict[str, pd.DataFrame], code: str, require: Any
) -> None:
    fitter = require("lifelines").KaplanMeierFitter()
    own = files["ADTTE"][files["ADTTE"]["PARAMCD"] == code]
    fitter.fit(own["AVAL"] / 30.4375, 1 - own["CNSR"])
    expected = getattr(outcome, code).median().value
    found = fitter.median_survival_time_
    assert (np.isinf(found) and np.isnan(expected)) or found == pytest.approx(expected, rel=1e-12)
    table = fitter.event_table
    assert int(table["observed"].sum()) == int(getattr(outcome, code).events.sum())


def test_deaths_are_the_same_in_two_tables(files: dict[str, pd.DataFrame]) -> None:
    died = files["ADSL"].query("DTHFL == 'Y'").set_index("USUBJID")["DTHDY"]
    ended = files["ADTTE"].query("PARAMCD == 'OS' and CNSR == 0").set_index("USUBJID")["AVAL"]
    assert len(died) > 0
    assert (np.floor(ended) + 1).sort_index().equals(died.astype(float).sort_index())


def test_worst_emergent_grades_follow_from_either_table(outcome: Outcome, files: dict[str, pd.DataFrame]) -> None:
    """The episodes of ADAE and the flags of ADLB against `toxicity`, which neither of them reads for counts."""
    tests = {"neutropenia": "NEUT", "thrombocytopenia": "PLAT", "anaemia": "HGB", "lymphopenia": "LYMPH"}
    patients = files["ADSL"]["USUBJID"]
    for term, grades in outcome.toxicity.emergent.items():
        seen = np.maximum(grades, 0)
        events, flagged = files["ADAE"], files["ADLB"].query("TRTEMFL == 'Y'")
        by_event = events[events["AETERM"] == term].groupby("USUBJID")["AETOXGR"].max()
        by_test = flagged[flagged["PARAMCD"] == tests[term]].groupby("USUBJID")["ATOXGR"].max()
        for worst in (by_event, by_test):
            assert worst.reindex(patients, fill_value=0).astype(int).tolist() == seen.tolist(), term
    for term, grades in outcome.toxicity.reported.items():
        events = files["ADAE"]
        assert events.loc[events["AETERM"] == term, "USUBJID"].nunique() == int((grades > 0).sum())


def test_doses_are_those_of_the_clinic_and_end_with_the_patient(
    outcome: Outcome, files: dict[str, pd.DataFrame]
) -> None:
    """The table reads the engine's log; the clinic kept the share of the dose by itself."""
    clinic, who = outcome.clinic, outcome.patients
    patients = {name: i for i, name in enumerate(files["ADSL"]["USUBJID"])}
    left = files["ADSL"].set_index("USUBJID")["EOSDY"]
    glue = files["ADEX"].query("EXTRT == 'mezigdomide'")
    for row in glue.itertuples():
        share = clinic.intensity[who[patients[row.USUBJID]], row.AVISITN]
        assert pytest.approx(share * row.EXDOSEP) == row.EXDOSE
        assert (share == 1) == (row.EXACN == "DOSE NOT CHANGED")
        assert left[row.USUBJID] >= row.AENDY or np.isnan(left[row.USUBJID])
    assert set(glue["EXACN"]) >= {"DRUG INTERRUPTED", "DOSE REDUCED"}
    assert glue.loc[glue["EXACN"] != "DOSE NOT CHANGED", "EXADJ"].notna().all()
    given = files["ADEX"].query("EXTRT == 'filgrastim'")
    assert set(given["USUBJID"]) <= set(files["ADSL"].query("GCSFFL == 'Y'")["USUBJID"])
    old = files["ADSL"].set_index("USUBJID")["AGE"] > 75
    steroid = files["ADEX"].query("EXTRT == 'dexamethasone'").groupby("USUBJID")["EXDOSEP"].agg(["min", "max"])
    assert (steroid["min"] == np.where(old[steroid.index], 20.0, 40.0)).all()
    assert (steroid["min"] == steroid["max"]).all()


def test_a_patient_whose_run_failed_is_followed_to_the_last_visit_before(outcome: Outcome) -> None:
    clinic = copy.deepcopy(outcome.clinic)
    i = int(np.flatnonzero(np.isnan(clinic.left[outcome.patients]))[0])  # one who went through all cycles
    gone = clinic.days > 21
    for column in (*clinic.labs.values(), *clinic.truth.values(), *clinic.disease.values(), clinic.intensity):
        column[outcome.patients[i], gone] = np.nan
    lost = replace(outcome, clinic=clinic, failed=(i,))
    made = lost.datasets()
    name = made["ADSL"]["USUBJID"][i]
    row = made["ADSL"].iloc[i]
    assert (row["FAILFL"], row["EOSSTT"], row["LSTALVDY"]) == ("Y", "", 22)
    assert lost.OS.days[i] == 21
    assert made["ADEX"].loc[made["ADEX"]["USUBJID"] == name, "AENDY"].max() <= 28
    assert (made["ADSL"]["FAILFL"] == "Y").sum() == 1


def test_tables_are_the_same_alone_and_in_a_batch(small: Trial, made: Datasets) -> None:
    alone = small.run(2).datasets()
    for name in NAMES:
        pd.testing.assert_frame_equal(alone[name], made[name], check_exact=True)


def test_an_unknown_table_is_refused_with_the_nearest(made: Datasets) -> None:
    with pytest.raises(InputError, match="the nearest is ADTTE"):
        made["ADTE"]
