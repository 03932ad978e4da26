"""The page's chapters on the bench, the quick page, and a user's data over a simulation."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cereblon as cb
from cereblon.ground.errors import InputError
from cereblon.show.render import spec
from cereblon.show.sections import adcc, lines, synergy, times, xenograft
from cereblon.show.sections.section import Figure, Section
from cereblon.show.study import Study, study

MAKERS: Mapping[str, Callable[[Study], Section]] = {
    "lines": lines.lines, "times": times.times, "adcc": adcc.adcc, "synergy": synergy.synergy,
    "xenograft": xenograft.xenograft,
}  # fmt: skip


@pytest.fixture(scope="module")
def subject() -> Study:
    return study("mezigdomide", quick=True)


@pytest.fixture(scope="module")
def chapters(subject: Study) -> dict[str, Section]:
    return {key: make(subject) for key, make in MAKERS.items()}


def listing(section: Section, key: str) -> list[Mapping[str, Any]]:
    return list(next(part.rows for part in section.parts if not isinstance(part, Figure) and part.key == key))


def figure(section: Section, key: str) -> Figure:
    return next(part for part in section.parts if isinstance(part, Figure) and part.key == key)


@pytest.mark.parametrize("key", MAKERS)
def test_chapter_says_what_is_put_in_or_shows_nothing(chapters: dict[str, Section], key: str) -> None:
    words = " ".join([*chapters[key].words, *(part.caption for part in chapters[key].parts)])
    assert "assum" in words.lower()


def test_every_glue_stands_on_every_line_and_none_is_a_number_beyond_the_range(chapters: dict[str, Section]) -> None:
    table = figure(chapters["lines"], "lines").table
    assert len(table) == 6 * 9
    dead = table[table["cell"] == "DF15R"]  # without cereblon
    assert dead["IC50_nM"].isna().all()
    assert set(dead["bound"]) == {"> 100000 nM"}
    shown = listing(chapters["lines"], "lines_IC50")
    assert all(value == "> 100000 nM" for head, value in shown[-1].items() if head != "line")
    assert all(value == "no effect" for head, value in listing(chapters["lines"], "lines_DC50")[-1].items() if
               head != "line")  # fmt: skip


def test_heat_map_and_single_curve_say_one_IC50(chapters: dict[str, Section]) -> None:
    """Judge: `bench.viability` of the pair, by itself."""
    table = figure(chapters["lines"], "lines").table.set_index(["compound", "cell"])
    alone = cb.bench.viability("pomalidomide", "H929_R10", "5 d", concentrations=np.geomspace(1e-2, 1e5, 57))
    assert table.loc[("pomalidomide", "H929_R10"), "IC50_nM"] == pytest.approx(alone.IC50.value, rel=1e-9)


def test_DC50_against_time_is_that_of_a_single_assay_and_turns(chapters: dict[str, Section]) -> None:
    """Judge: `bench.degradation` at 4 h. The drug decays in the medium, so the DC50 falls and then rises."""
    table = figure(chapters["times"], "times").table
    mine = table[(table["compound"] == "mezigdomide") & (table["substrate"] == "IKZF1")].set_index("hours")["DC50"]
    assert mine[4.0] == pytest.approx(cb.bench.degradation("mezigdomide", of="IKZF1", at="4 h").DC50.value, rel=1e-9)
    assert mine[0.5] > mine[4.0] > mine[16.0] < mine[72.0]


def test_ADCC_of_the_page_sets_glue_with_antibody_beside_comparator_and_antibody(chapters: dict[str, Section]) -> None:
    rows = listing(chapters["adcc"], "adcc_halves")
    assert [row["arm"] for row in rows] == [
        "daratumumab alone", "mezigdomide + daratumumab", "pomalidomide + daratumumab"
    ]  # fmt: skip
    arms = figure(chapters["adcc"], "adcc_arms").table
    taken = arms[(arms["read_out"] == "taken") & arms["PBMC"]].set_index("arm")["value"]
    assert taken["mezigdomide + daratumumab"] > taken["pomalidomide + daratumumab"] > taken["daratumumab"]


def test_synergy_of_the_page_has_references_that_disagree_and_says_so(chapters: dict[str, Section]) -> None:
    rows = {row["reference"]: row for row in listing(chapters["synergy"], "synergy_scores")}
    assert {"Bliss", "Loewe", "HSA", "ZIP", "CI, median effect"} < set(rows)
    assert set(rows["Bliss"]) == {"reference", "bortezomib", "dexamethasone"}
    for partner in ("bortezomib", "dexamethasone"):
        assert "synergy by" in rows["do they agree"][partner]
        assert "no difference by Bliss" in rows["do they agree"][partner]
        assert "-0.0" not in rows["Bliss"][partner]


def test_mice_of_the_page_agree_with_the_study_by_itself(chapters: dict[str, Section]) -> None:
    """Judge: `bench.xenograft` with the same seed."""
    rows = {row["arm"]: row for row in listing(chapters["xenograft"], "xenograft_TGI")}
    alone = cb.bench.xenograft(seed=1, draws=xenograft.FEW)
    assert set(rows) == set(alone.arms)
    found = alone.TGI()["mezigdomide"]
    assert rows["mezigdomide"]["TGI, change (%)"] == f"{found.value:.0f} ({found.low:.0f} to {found.high:.0f})"
    assert rows["vehicle"]["TGI, change (%)"] == ""


def test_mice_get_the_glue_of_the_page_at_the_dose_of_the_design() -> None:
    arms = xenograft._arms(study("iberdomide", quick=True))
    assert [arm.name for arm in arms if "iberdomide" in arm.name] == [
        "iberdomide", "iberdomide + dexamethasone", "iberdomide + bortezomib"
    ]  # fmt: skip


def test_a_glue_without_clearance_is_given_to_no_mouse(subject: Study) -> None:
    bare = replace(subject.focus, values={a: q for a, q in subject.focus.values.items() if not a.endswith(".CL_F")})
    section = xenograft.xenograft(
        replace(subject, focus=bare, glues=tuple(bare if g.name == bare.name else g for g in subject.glues))
    )
    assert section.parts == ()
    assert "no mouse is dosed" in section.words[0]


def test_a_change_of_the_study_reaches_the_bench(chapters: dict[str, Section]) -> None:
    other = study("mezigdomide", {"mezigdomide.CRBN.Kd": "500 nM"}, quick=True)
    before, after = (
        figure(s, "times").table.query("compound == 'mezigdomide' and hours == 4")["DC50"].to_numpy()
        for s in (chapters["times"], times.times(other))
    )
    assert (after > 10 * before).all()


def test_quick_page_draws_no_interval_and_says_it(chapters: dict[str, Section], subject: Study) -> None:
    assert figure(chapters["lines"], "lines").table["low_nM"].isna().all()
    assert "quick" in subject.ranges(20).lower()
    slow = replace(subject, quick=False)
    assert "20 draws" in slow.ranges(20)


# -- a user's data over the simulation -------------------------------------------------------------------------


def drawn(chart: Any) -> str:
    return str(spec(chart))


def test_readings_stand_over_degradation_and_viability(tmp_path: Path) -> None:
    curve, dish = cb.bench.degradation("mezigdomide", of="IKZF3"), cb.bench.viability("mezigdomide")
    for one, axis in ((curve, "IKZF3 left"), (dish, "living, of control")):
        readings = one.measured(seed=2)
        text = drawn(cb.plot(one, data=readings))
        assert axis in text
        assert "point" in text
        assert text == drawn(cb.plot([one, readings]))
        file = readings.save(tmp_path / "plate.csv")
        assert axis in drawn(cb.plot(one, data=file))


def test_an_LDH_plate_stands_over_ADCC() -> None:
    assay = cb.bench.adcc("mezigdomide", comparator=None, preincubations=[0.0])
    plate = cb.bench.ldh(assay.plate(seed=3), medium="200 uL", buffer="20 uL")
    assert "dotted: simulated" in drawn(cb.plot(assay, data=plate))
    assert "dotted: simulated" not in drawn(cb.plot(plate))


def test_a_measured_matrix_stands_beside_the_simulated_one() -> None:
    doses = {"concentrations": [0.3, 1.0, 3.0], "partner_concentrations": [0.5, 1.5, 4.5]}
    pair = cb.bench.synergy("mezigdomide", "bortezomib", at="3 d", **doses)
    wells = pair.measured(draws=0)
    text = drawn(cb.plot(pair, data=wells))
    assert "simulated: survival" in text
    assert "measured: survival" in text
    assert "measured, Loewe" in drawn(cb.plot(pair, data=wells.readings))
    other = cb.bench.synergy("mezigdomide", "dexamethasone", at="3 d")
    with pytest.raises(InputError, match="other drugs"):
        cb.plot(pair, data=other)


def test_volumes_of_a_file_stand_over_arms_of_their_name(tmp_path: Path) -> None:
    simulated = cb.bench.xenograft(arms=["vehicle", "mezigdomide", "bortezomib"], n=4)
    theirs = {"Vehicle": None, "MEZIGDOMIDE": "mezigdomide", "house drug": "dexamethasone"}
    file = cb.bench.xenograft(arms=theirs, n=4, seed=9).save(tmp_path / "volumes.csv")
    text = drawn(cb.plot(simulated, data=file))
    assert "bortezomib, not measured" in text
    assert "house drug, not simulated" in text
    assert "MEZIGDOMIDE" not in text
    strange = cb.bench.xenograft(arms={"a": None, "b": "mezigdomide"}, n=4)
    cb.plot(simulated, data=strange)  # the control is the control, whatever its name


@pytest.mark.parametrize("data", [3.0, ["x"]])
def test_what_is_no_data_is_refused(data: Any) -> None:
    with pytest.raises(InputError, match="no data of such an assay"):
        cb.plot(cb.bench.degradation("mezigdomide"), data=data)
