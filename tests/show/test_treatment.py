"""The chapters on patients: who is given what, what is drawn of it, and what the words admit."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cereblon.cohort import population
from cereblon.model import Result, simulate
from cereblon.records.regimen import regimen
from cereblon.show import render
from cereblon.show.cli.run import chapters
from cereblon.show.figures.cohort import STRUCTURES as COLOURS
from cereblon.show.figures.routes import ROUTES
from cereblon.show.figures.theme import GLUES, OTHERS
from cereblon.show.sections.cohort import bands, cohort, read_outs, triplets
from cereblon.show.sections.routes import routes, shares
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.sections.treatment import treatment
from cereblon.show.study import Study, study
from cereblon.show.treatment import DAYS, DOUBLET, REGIMENS, STRUCTURES, TRIPLETS, dosing_days, followed, marker

SIZE, DAY = 8, 24.0
CEREBLON, DOWNSTREAM = STRUCTURES
CHAPTERS = (treatment, cohort, triplets, routes)


@cache
def shown() -> Study:
    return study("mezigdomide", size=SIZE)


@cache
def chapter(make: Any) -> Section:
    return make(shown())


def part(make: Any, key: str) -> Any:
    return next(p for p in chapter(make).parts if p.key == key)


# -- who is given what ----------------------------------------------------------------------------------------


def test_the_doublet_is_that_of_the_record() -> None:
    own, shipped = shown().treatment.regimens[DOUBLET], regimen(DOUBLET, cycles=4)
    assert [str(row) for row in own.rows] == [str(row) for row in shipped.rows]


def test_all_regimens_are_followed_over_the_same_days() -> None:
    for name in REGIMENS:
        rows = shown().treatment.regimens[name].rows  # one that is given in later cycles only has no days here
        last = max(days[-1] for row in rows if (days := dosing_days(row)))
        assert DAYS - 28 < last < DAYS
        assert shown().treatment.cohort(name, CEREBLON).time[-1] == DAYS * DAY


def test_the_compound_stands_in_mezigdomides_place_with_its_own_dose() -> None:
    given = study("pomalidomide").treatment.regimens["mezi_bortezomib_dex"]
    assert list(dict.fromkeys((row.drug.name, str(row.amount)) for row in given.rows)) == [
        ("pomalidomide", "4 mg"), ("bortezomib", "2.34 mg"), ("dexamethasone", "20 mg"),
    ]  # fmt: skip


def test_a_dose_of_the_user_reaches_every_regimen(my_glue: Path) -> None:
    for subject in (study("mezigdomide", dose="0.3 mg"), study(my_glue, dose="0.3 mg")):
        assert {str(r.rows[0].amount) for r in subject.treatment.regimens.values()} == {"0.3 mg"}


def test_a_dose_that_the_page_chose_is_called_an_assumption(my_glue: Path) -> None:
    caption = treatment(study(my_glue)).parts[0].caption
    assert "1 mg is an assumption" in caption
    assert "PK assumed" in caption
    assert "is an assumption" not in treatment(study("pomalidomide")).parts[0].caption


def test_a_glue_without_a_dose_gets_a_word_in_place_of_patients() -> None:
    subject = study("thalidomide")
    assert "No dose of thalidomide is on record" in treatment(subject).words[0]
    assert treatment(subject).parts == ()
    assert not {"a cohort", "three triplets", "what kills"} & set(chapters(subject))
    assert not study("thalidomide", dose="100 mg").treatment.absent


def test_a_glue_that_spares_the_factors_gets_a_word_in_place_of_patients(tmp_path: Path) -> None:
    number = 'source = "a test", grade = "measured"}\n'
    file = tmp_path / "other.toml"
    file.write_text(
        f'kind = "glue"\n[CRBN]\nKd = {{value = "10 nM", {number}K_c = {{value = "5", {number}'
        f'[GSPT1]\nKd = {{value = "50 nM", {number}'
    )
    assert "No recruitment of both IKZF1 and IKZF3" in treatment(study(file, dose="1 mg")).words[0]


# -- what a user sets -----------------------------------------------------------------------------------------

SET = {
    "CRBN.total@tumour": "5 nM", "typical.myeloma.growth": "0.05 1/d", "CRBN.total@T_cell": "20 nM",
    "dexamethasone.myeloma.k_kill": "0.2 1/d", "mezigdomide.CL_F": "30 L/h", "typical.age": "80 year",
}  # fmt: skip


def test_what_is_set_reaches_the_typical_patient_and_the_cohort() -> None:
    subject = study("mezigdomide", SET, size=2)
    one, many = subject.treatment.typical(DOUBLET), subject.treatment.cohort(DOUBLET, CEREBLON)
    for result in (one, many):
        for address in ("CRBN.total@tumour", "myeloma.growth", "CRBN.total@T_cell", "mezigdomide.CL_F"):
            asked = next(v for a, v in SET.items() if a.endswith(address))
            assert str(result.model[address]) == asked
        assert str(result.model["dexamethasone.myeloma.k_kill"]) == "0.2 1/d"
    assert not {"CRBN.total@tumour", "myeloma.growth"} & set(many.varied)
    assert one.model["dexamethasone.F"].value == pytest.approx(0.5)  # over 75 years: half the dose
    said = " ".join(cohort(subject).words)
    assert "the same in every patient: CRBN.total@tumour = 5 nM, myeloma.growth = 0.05 1/d" in said
    assert "the same in every patient" not in " ".join(chapter(cohort).words)


def test_cells_that_differ_are_not_said_to_coincide() -> None:
    assert "lie upon each other" in part(treatment, "treatment").caption
    moved = treatment(study("mezigdomide", {"CRBN.total@marrow": "1 nM"})).parts[0]
    assert "three lines" not in moved.caption
    assert moved.table["IKZF1@marrow"].min() > moved.table["IKZF1@tumour"].min() + 0.1


# -- one patient ----------------------------------------------------------------------------------------------


def test_the_typical_patient_is_that_of_one_call() -> None:
    """The hourly run of the public call, with every species read out, against the figure's table."""
    asked = simulate(regimen(DOUBLET, cycles=1), "typical")
    table = part(treatment, "treatment").table
    first = table[(table["day"] <= 20) & (table["day"] % 1 == 0)]
    at = [int(day * DAY) for day in first["day"]]
    for column, address in (("ANC", "ANC"), ("M_protein", "M_protein"), ("IKZF1@marrow", "IKZF1.remaining@marrow"),
                            ("plasma", "mezigdomide@central")):  # fmt: skip
        assert np.allclose(first[column], asked[address][at], rtol=1e-4, atol=1e-6)


def test_neutrophils_fall_on_21_days_and_return_in_the_week_off() -> None:
    table = part(treatment, "treatment").table.set_index("day")["ANC"]
    for cycle in range(4):
        start = 28 * cycle
        assert table[start + 21] < 0.5 < 2 < table[start + 28]


def test_every_dosing_day_of_each_drug_is_marked() -> None:
    text = json.dumps(render.spec(part(treatment, "treatment").chart))
    calendar = next(v for v in _strings(json.loads(text)) if v.startswith("drug,day,day2"))
    drugs = [line.split(",")[0] for line in calendar.splitlines()[1:]]
    assert drugs.count("mezigdomide") == 4 * 21
    assert drugs.count("dexamethasone") == 4 * 4
    shaded = next(v for v in _strings(json.loads(text)) if v.startswith("day,day2"))
    assert [line.split(",") for line in shaded.splitlines()[1:]] == [
        [str(28 * c), str(28 * c + 21)] for c in range(4)
    ]


def test_grades_are_drawn_where_the_criteria_set_them() -> None:
    svg = render.svg(render.spec(part(treatment, "treatment").chart))
    for said in ("grade 3 &lt; 1", "grade 4 &lt; 0.5", "grade 3 &lt; 50", "grade 4 &lt; 25", "grade 3 &lt; 8"):
        assert f">{said}<" in svg
    assert "grade 4 &lt; 8" not in svg


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inside for text in _strings(one)]


# -- many patients --------------------------------------------------------------------------------------------


def sampled(name: str, structure: str) -> Result:
    """The same cohort by the public calls alone."""
    given = regimen(name, cycles=6 if "bortezomib" in name else 4)
    return simulate(given, population(structure).sample(SIZE, seed=1), until=f"{DAYS} d")


@pytest.mark.parametrize("structure", STRUCTURES)
def test_bands_are_percentiles_of_the_cohort(structure: str) -> None:
    asked, table = sampled(DOUBLET, structure), bands(shown(), DOUBLET)
    mine = table[table["structure"] == STRUCTURES[structure]]
    for read_out, address in (("ANC", "ANC"), ("IKZF1", "IKZF1.remaining@tumour"), ("FLC", "FLC")):
        row = mine[mine["read_out"] == read_out].set_index("day")
        for column, share in (("low", 5), ("median", 50), ("high", 95)):
            # another set of read-outs is another piece of machine code: the same to a cohort's tolerance
            assert np.allclose(row[column], np.percentile(asked[address], share, axis=0), rtol=1e-3)


def test_patients_without_M_protein_are_in_no_band_of_it_and_are_counted() -> None:
    alone = population(CEREBLON).sample(SIZE, seed=1).kind("isotype").count("light_chain")
    assert 0 < alone < SIZE
    table = bands(shown(), DOUBLET)
    assert set(table.loc[table["read_out"] == "M_protein", "n"]) == {SIZE - alone}
    assert set(table.loc[table["read_out"] == "FLC", "n"]) == {SIZE}
    assert not table[["low", "median", "high"]].isna().any().any()
    assert f"{alone} of {SIZE} have light chain alone" in part(cohort, "cohort").caption


def test_the_marker_of_those_without_M_protein_is_their_light_chain() -> None:
    result = shown().treatment.cohort(DOUBLET, CEREBLON)
    without = result["M_protein"][:, 0] == 0
    light = result["FLC"] / result["FLC"][:, :1]
    assert np.array_equal(marker(result)[without], light[without])
    assert not np.isnan(marker(result)).any()
    assert np.all(marker(result)[:, 0] == 1)


def test_numbers_of_the_table_are_counted_from_the_patients() -> None:
    rows = {(row["beside the glue"], row["structure"]): row for row in part(triplets, "regimens").rows}
    assert len(rows) == len(REGIMENS) * len(STRUCTURES)
    asked = sampled("mezi_bortezomib_dex", DOWNSTREAM)
    mine = rows["bortezomib, dexamethasone", "2: downstream"]
    assert mine["followed"] == f"{SIZE} of {SIZE}"
    assert mine["ANC < 1"] == f"{100 * np.mean(asked['ANC'].min(axis=1) < 1):.0f} %"
    assert mine["Hb < 8"] == f"{100 * np.mean(asked['Hb'].min(axis=1) < 8):.0f} %"
    assert mine["lowest ANC"].startswith(f"{np.median(asked['ANC'].min(axis=1)):.2f} (")


def test_a_patient_who_failed_is_in_no_band_but_counted_and_listed() -> None:
    subject = study("mezigdomide", size=SIZE)
    runs = dict(shown().treatment.runs)
    whole = runs[DOUBLET, CEREBLON]
    values = whole.trajectory.values.copy()
    values[2, 40:] = np.nan
    status = list(whole.status)
    status[2] = replace(status[2], outcome="step size underflow", time=960.0, species="MYC@tumour")
    runs[DOUBLET, CEREBLON] = replace(
        whole, trajectory=replace(whole.trajectory, values=values, status=tuple(status))
    )
    subject.treatment.runs.update(runs)
    assert followed(runs[DOUBLET, CEREBLON]).sum() == SIZE - 1
    section = cohort(subject)
    listed = next(p for p in section.parts if isinstance(p, Listing))
    assert [(row["patient"], row["what happened"]) for row in listed.rows] == [
        (2, "step size underflow at 960 h (MYC@tumour)")
    ]
    assert "1 course(s) failed" in section.parts[0].caption
    table = bands(subject, DOUBLET)
    assert set(table.loc[(table["read_out"] == "ANC") & table["structure"].str.contains("1"), "n"]) == {SIZE - 1}
    assert not table.isna().any().any()
    assert triplets(subject).parts[1].rows[0]["followed"] == f"{SIZE - 1} of {SIZE}"
    kill = shares(subject)
    assert set(kill.loc[kill["cohort"] & (kill["subject"] == STRUCTURES[CEREBLON]) & (kill["regimen"] == subject
               .treatment.title(DOUBLET)), "n"]) == {SIZE - 1}  # fmt: skip


# -- routes ---------------------------------------------------------------------------------------------------


def test_parts_of_every_bar_make_the_whole() -> None:
    table = part(routes, "routes").table
    assert set(table["route"]) == set(ROUTES)
    for _, bar in table.groupby(["regimen", "subject"]):
        assert bar["share"].sum() == pytest.approx(1)
    spread = table[table["cohort"]]
    assert ((spread["low"] <= spread["median"]) & (spread["median"] <= spread["high"])).all()


def test_a_partner_has_its_route_where_it_is_given() -> None:
    table = part(routes, "routes").table
    own = {name: set(table.loc[table["regimen"] == shown().treatment.title(name), "route"]) for name in REGIMENS}
    assert "bortezomib" in own["mezi_bortezomib_dex"]
    assert "ADCC" in own["mezi_daratumumab_dex"]
    assert own["mezi_trametinib_dex"] == own[DOUBLET]  # it kills through MYC, as the caption says
    assert "Trametinib has no route of its own" in part(routes, "routes").caption


# -- honesty --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", CHAPTERS)
def test_every_figure_is_drawn_and_says_what_it_rests_on(make: Any) -> None:
    for one in chapter(make).parts:
        if isinstance(one, Figure):
            assert "<svg" in render.svg(render.spec(one.chart))
            assert "PK assumed" in one.caption
            said = ("patient is not calibrated", "set on MM-001 phase 2", "No partner’s trial set a number")
            assert any(words in one.caption for words in said)
            assert one.caption.endswith(".")
            assert any(letter.isdigit() for letter in one.said)
        else:
            assert one.rows


def test_what_was_put_into_the_shares_is_said_to_be() -> None:
    caption = part(routes, "routes").caption
    assert "Put in, not found" in caption
    assert "a prior (0.5 in the typical patient" in caption
    assert "not a response rate" not in caption
    assert "no share here is a response rate" in caption


def test_structures_and_routes_have_no_colour_of_a_glue() -> None:
    own = {*COLOURS, *(colour for _, colour in ROUTES.values())}
    assert not {c.upper() for c in own} & {c.upper() for c in (*GLUES.values(), *OTHERS)}


def test_read_outs_stand_in_the_order_of_the_frames() -> None:
    result = shown().treatment.cohort(TRIPLETS[0], CEREBLON)
    assert list(read_outs(result)) == list(dict.fromkeys(part(triplets, "triplets").table["read_out"]))


def test_a_cohort_of_the_same_seed_is_the_same_to_the_bit() -> None:
    again = study("mezigdomide", size=SIZE).treatment.cohort(DOUBLET, DOWNSTREAM)
    assert np.array_equal(again.trajectory.values, shown().treatment.cohort(DOUBLET, DOWNSTREAM).trajectory.values)
    other = study("mezigdomide", size=SIZE, seed=2).treatment.cohort(DOUBLET, DOWNSTREAM)
    assert not np.array_equal(other["ANC"], again["ANC"])
