"""A mouse: exact growth without drug, the cells of dish and patient, a silent wild-type host, scaled disposition."""

import numpy as np
import pytest

from cereblon.bench.arms import arms_of
from cereblon.ground.errors import InputError, RecordError
from cereblon.mechanism.pharmacokinetics import half_lives
from cereblon.model.mouse import host_response, in_mouse, mouse
from cereblon.records.compound import compound
from cereblon.records.design import design
from cereblon.records.host import host

DAYS = np.array([0.0, 7, 14, 21, 28])
DRUGS = ("mezigdomide", "lenalidomide", "dexamethasone", "bortezomib", "daratumumab")
PLAN, SCID = design("subcutaneous"), host("SCID")


def doses(text, strain=SCID):
    return arms_of(["vehicle", text], PLAN)[1].doses(strain)


def volumes(line, *arms, strain="SCID", changes=None, observe="xenograft.measured", days=DAYS):
    """(arms, days) of a read-out; an arm of None gets nothing."""
    model = mouse(DRUGS, line, strain)
    if changes:
        model = model.replace(changes)
    run = model.simulate(days * 24, [doses(a) if a else () for a in arms], observe=[observe])
    assert run.ok
    return np.atleast_2d(run[observe])


def TGI(line, arm, day=21, **options):
    treated, control = volumes(line, arm, None, days=np.array([0.0, day]), **options)
    return float(1 - (treated[-1] - treated[0]) / (control[-1] - control[0]))


def test_without_drug_a_tumour_grows_as_its_line_is_said_to():
    """Exponential at the stated rate below the switch, within the mass at which Simeoni's growth turns linear."""
    model = mouse(DRUGS)
    mass = volumes("H929_R10", None)[0]
    rate = model["xenograft.growth"].to("1/d").value
    assert mass[0] == pytest.approx(0.15)
    np.testing.assert_allclose(mass[:3], 0.15 * np.exp(rate * DAYS[:3]), rtol=1e-4)
    per_day = model["xenograft.linear_growth"].to("g/d").value
    assert mass[-1] - mass[-2] == pytest.approx(7 * per_day, rel=1e-3)


def test_a_lenalidomide_resistant_line_answers_to_mezigdomide_and_not_to_lenalidomide():
    assert TGI("H929_R10", "lenalidomide") < 0.2 < 0.5 < TGI("H929", "lenalidomide")
    assert TGI("H929_R10", "mezigdomide") > 0.7
    assert TGI("H929", "mezigdomide") > TGI("H929_R10", "mezigdomide")


def test_a_line_without_cereblon_grows_as_if_nothing_was_given():
    control, treated = volumes("DF15R", None, "mezigdomide 10 mg/kg")
    np.testing.assert_allclose(treated, control, rtol=1e-6)


def test_more_of_a_glue_leaves_less_tumour():
    found = volumes("H929_R10", *(f"mezigdomide {x} mg/kg" for x in ("0.01", "0.1", "1", "10")))
    assert (np.diff(found[:, -1]) < 0).all()


def test_both_drugs_leave_less_than_either():
    for other in ("dexamethasone", "bortezomib", "daratumumab"):
        one, two, both = volumes("MOLP8", "mezigdomide", other, f"mezigdomide + {other}")[:, -1]
        assert both < min(one, two)


def test_wild_type_hosts_are_silent_whatever_the_glue():
    """Krönke 2015, Fink 2018: mouse cereblon (Ile391) degrades no IKZF1, so counts and IL-2 stay at rest."""
    for strain in ("SCID", "NSG", "C57BL6"):
        run = host_response("mezigdomide", strain).simulate(DAYS * 24, doses("mezigdomide 10 mg/kg"))
        np.testing.assert_allclose(run["ANC"], run["ANC"][0], rtol=1e-9)
        np.testing.assert_allclose(run["IKZF1.remaining@marrow"], 1, rtol=1e-9)
        if strain == "C57BL6":
            np.testing.assert_allclose(run["IL2"], 1, rtol=1e-9)


def test_the_knock_in_answers_in_blood_counts_and_IL2():
    """Fink 2018: with valine at 391 the host shows the cytopenias."""
    run = host_response("mezigdomide", "C57BL6", "I391V").simulate(DAYS * 24, doses("mezigdomide"))
    assert run["ANC"].min() < 0.6 * run["ANC"][0]
    assert run["IL2"].max() > 1.1
    assert run["IKZF1.remaining@marrow"].min() < 0.9


def test_a_host_without_T_cells_has_no_IL2_to_read():
    model = host_response("mezigdomide", "SCID", "I391V")
    assert not any(name.startswith("IL2") for name in (*model.network.species, *model.network.observables))


def test_daratumumab_gains_from_a_glue_through_CD38_of_the_tumour_alone():
    """The host's killers are as many as before; without a rise of CD38 they take cells at the same rate."""
    fixed = {"CD38.interferon.gain": "0"}
    rate = {"observe": "FcR.occupancy", "days": np.array([0.0, 2, 4, 6])}
    alone, both = volumes("MOLP8", "daratumumab", "mezigdomide + daratumumab", **rate)
    assert (both[1:] > alone[1:]).all()
    alone, both = volumes("MOLP8", "daratumumab", "mezigdomide + daratumumab", changes=fixed, **rate)
    np.testing.assert_allclose(both, alone, rtol=1e-6)


def test_what_the_strain_keeps_decides_on_the_antibody():
    """Overdijk 2015: SCID keeps NK cells and macrophages, NSG macrophages that are impaired."""
    SCID_, NSG = (TGI("MOLP8", "daratumumab", strain=s) for s in ("SCID", "NSG"))
    assert 0 < NSG < SCID_
    assert "ADCC.kill@tumour" not in mouse(DRUGS, "MOLP8", "NSG").network.observables
    for gone in ({"macrophage.count": "0", "NK.count": "0"}, {"CD38.total": "0 nM"}):
        assert TGI("MOLP8", "daratumumab", changes=gone) == pytest.approx(0, abs=1e-6)


def test_a_steroid_holds_down_the_hosts_NK_cells():
    kill = {"observe": "ADCC.kill@tumour", "days": np.array([0.0, 0.25, 1])}
    alone, both = volumes("MOLP8", "daratumumab", "daratumumab + dexamethasone", **kill)
    assert (both[1:] < 0.95 * alone[1:]).all()
    kill["observe"] = "ADCP.kill@tumour"
    alone, both = volumes("MOLP8", "daratumumab", "daratumumab + dexamethasone", **kill)
    np.testing.assert_allclose(both, alone, rtol=1e-3)  # macrophages are not known to be held down


def test_no_human_target_takes_the_antibody_up_in_a_mouse():
    model = mouse(DRUGS, "MOLP8")
    assert not any(name.startswith("CD38@central") for name in model.network.species)
    assert "CD38.total@central" not in model.values


def test_disposition_is_scaled_from_the_human_one_and_says_so():
    """Clearance by weight^.75 and volumes by weight: half-lives go by its fourth root (Boxenbaum 1982)."""
    human = compound("bortezomib")
    there = in_mouse(human, SCID)
    ratio = 20 / 70_000
    assert there["CL"].value == pytest.approx(human["CL"].value * ratio**0.75)
    assert there["V3"].value == pytest.approx(human["V3"].value * ratio)
    names = ("CL", "V", "Q", "V2", "Q2", "V3")
    slow, fast = (half_lives(*(c[n].coherent for n in names)) for c in (human, there))
    np.testing.assert_allclose(fast / slow, ratio**0.25)
    scaled = there["CL"]
    assert (scaled.grade, scaled.source) == ("assumed", "allometry")
    assert scaled.low < scaled.value < scaled.high
    assert "no mouse pharmacokinetics was found" in scaled.note


def test_a_compounds_own_numbers_of_a_mouse_are_taken_as_they_are(tmp_path):
    text = """
kind = "partner"
[molar_mass]
value = "400 g/mol"
source = "formula of ours"
grade = "derived"
[CL]
value = "10 L/h"
source = "a paper"
grade = "measured"
[V]
value = "20 L"
source = "a paper"
grade = "measured"
[mouse]
CL = {value = "5 mL/h", source = "our mice", grade = "measured"}
"""
    (tmp_path / "my_drug.toml").write_text(text)
    there = in_mouse(compound(tmp_path / "my_drug.toml"), SCID)
    assert there["CL"].coherent == pytest.approx(5e-3)
    assert there["CL"].source == "our mice"
    assert there["V"].value == pytest.approx(20 * 20 / 70_000)


def test_the_dose_of_a_mouse_has_the_exposure_of_a_patient():
    """The design's choice: AUC of .1 mg/kg in the scaled mouse is that of 1 mg in a patient, within a tenth."""
    mezi = compound("mezigdomide")
    patient = mezi.amount("1 mg") / mezi["CL_F"].coherent
    amount = doses("mezigdomide")[0].amt
    assert amount / in_mouse(mezi, SCID)["CL_F"].coherent == pytest.approx(patient, rel=0.15)


def test_hosts_that_are_none_are_refused():
    with pytest.raises(InputError, match="rejects a human tumour"):
        mouse(DRUGS, "H929", "C57BL6")
    with pytest.raises(RecordError, match="no strain"):
        mouse(DRUGS, "H929", "wild_type")
    with pytest.raises(RecordError, match="no genotype"):
        host_response("mezigdomide", "SCID", "NSG")
    with pytest.raises(InputError, match="no host of this name"):
        mouse(DRUGS, "H929", "BALB")
