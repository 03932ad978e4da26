"""A whole patient: rest without drug, the order of events under one, partners, and what still runs alone."""

from dataclasses import replace

import numpy as np
import pytest

import cereblon as cb
from cereblon.ground.errors import InputError, RecordError
from cereblon.ground.vocabulary import check_address
from cereblon.mechanism.body import routes
from cereblon.model import Model, Result, kill_shares, simulate, whole_patient
from cereblon.records import patient as record
from cereblon.records.compound import partners
from cereblon.records.regimen import regimens

DAY = 24.0
GROWS = ("myeloma", "M_protein", "FLC", "plasmacytoma", "haemoglobin", "infection", "febrile")
"""What moves without drug, and should: the disease, the anaemia that it brings, cumulative hazards."""


@pytest.fixture(scope="module")
def model() -> Model:
    return whole_patient(["mezigdomide", "dexamethasone"])


@pytest.fixture(scope="module")
def course() -> Result:
    """Four cycles of mezigdomide and dexamethasone in the typical patient, twice a day."""
    return simulate(cb.regimen("mezi_dex", cycles=4), "typical", times=np.arange(0, 112.5, 0.5) * DAY)


def day(result: Result, name: str, *days: float) -> list[float]:
    return [float(result[name][round(d * 2)]) for d in days]


def test_every_name_of_the_patient_is_in_the_vocabulary() -> None:
    everything = whole_patient(["mezigdomide", "pomalidomide", *partners()]).network
    for name in (*everything.parameters, *everything.derived, *everything.observables, *everything.species):
        check_address(name)


def test_without_drug_all_but_the_disease_stands_still(model: Model) -> None:
    left = model.simulate(np.array([0, 28, 100]) * DAY, rtol=1e-8)
    assert left.ok
    for name in model.network.species:
        if not name.startswith(GROWS):
            np.testing.assert_allclose(left[name], left[name][0], rtol=1e-9, atol=1e-12, err_msg=name)
    stated = 0.0115 * (1 - 0.007 + 1.6 * 0.007)
    assert left["myeloma.net_growth"][0] == pytest.approx(stated, rel=1e-9)


def test_neutrophils_fall_on_21_of_28_and_recover_in_the_off_week(course: Result) -> None:
    ANC, days = course["ANC"], course.time / DAY
    cycle = days <= 28
    nadir = days[cycle][ANC[cycle].argmin()]
    assert 14 <= nadir <= 23
    assert ANC[cycle].min() < 0.5
    assert ANC[cycle][-1] > 1.0


def test_without_loss_of_IKZF1_there_is_no_neutropenia() -> None:
    given = cb.regimen("mezigdomide_21_28")
    null = simulate(given, "typical", changes={"CRBN.total@marrow": "0 nM"}, times=np.arange(0, 29) * DAY)
    assert null["ANC"] == pytest.approx(np.full(29, 2.91), rel=1e-4)
    unmoved = simulate(given, "typical", substrates=("IKZF3",), times=[0, 14 * DAY, 21 * DAY])
    assert unmoved["ANC"] == pytest.approx([2.91] * 3, rel=1e-6)


def test_M_protein_lags_the_tumour_and_light_chains_do_not(course: Result) -> None:
    burden, M, FLC = (course[n] / course[n][0] for n in ("myeloma.burden", "M_protein", "FLC"))
    half = [int(np.argmax(x < 0.5)) / 2 for x in (burden, FLC, M)]
    assert half[0] > 0
    assert half[1] - half[0] < 2
    assert half[2] - half[0] > 14


def test_events_come_in_order(course: Result) -> None:
    """IKZF1 before MYC before IRF4 before death, each by the time it has lost half of what it loses in three weeks."""
    moments = []
    for name in ("IKZF1.remaining@tumour", "MYC@tumour", "IRF4@tumour", "myeloma.MYC_death.kill"):
        x = course[name][:43] - course[name][0]
        moments.append(int(np.argmax(np.abs(x) >= np.abs(x).max() / 2)))
    assert moments == sorted(moments)
    assert moments[-1] > moments[0]


def test_shares_of_the_kill_add_up(course: Result) -> None:
    found = list(routes(course.model.network))
    assert found == ["MYC_death", "interferon_death", "T", "NK", "dexamethasone"]
    kill = sum(course[f"myeloma.{route}.kill"] for route in found)
    crowding = 1 - course["myeloma.burden"] / 8
    fitness = 1 + 0.6 * course["myeloma.resistant"]
    made = 0.0115 / (1 - 1 / 8) * crowding * fitness
    np.testing.assert_allclose(course["myeloma.net_growth"], made - kill, atol=1e-9)
    weeks = course.time <= 21 * DAY
    assert kill[weeks].mean() > 0.05
    assert course["myeloma.MYC_death.kill"][weeks].mean() > course["myeloma.T.kill"][weeks].mean()


def test_most_of_the_kill_is_the_glue_s_own(course: Result) -> None:
    shares = kill_shares(course, 0, 21 * DAY)
    assert sum(float(x[0]) for x in shares.values()) == pytest.approx(1)
    assert all(x[0] >= 0 for x in shares.values())
    assert shares["MYC_death"][0] + shares["interferon_death"][0] > 0.8 > shares["MYC_death"][0]
    with pytest.raises(InputError, match="grid of times"):
        kill_shares(course, 1.0, 2.0)


def test_shares_of_a_patient_who_failed_are_missing_and_not_0(course: Result) -> None:
    """A second patient stands beside the first, with NaN from the middle on, as the engine leaves a failed run."""
    one = course.trajectory
    values = np.concatenate([one.values, one.values])
    values[1, len(one.time) // 2 :] = np.nan
    both = replace(course, trajectory=replace(one, values=values, single=False, status=one.status * 2))
    for route, share in kill_shares(both).items():
        assert share[0] == pytest.approx(kill_shares(course)[route][0])
        assert np.isnan(share[1])


def test_the_resistant_clone_is_left(course: Result) -> None:
    assert course["myeloma.resistant"][-1] > 0.5
    assert course["MYC@subclone"].min() > 0.6 > course["MYC@tumour"].min()


def test_dexamethasone_takes_the_gain_of_T_and_NK_cells() -> None:
    times = np.arange(0, 22) * DAY
    alone = simulate(cb.regimen("mezigdomide_21_28"), "typical", times=times)
    daily = cb.regimen("mezigdomide_21_28") + cb.dose("dexamethasone", "40 mg", days="1-21", cycle="28 d")
    held = simulate(daily, "typical", times=times)
    assert alone["IL2@T_cell"][-1] > 1.2 > held["IL2@T_cell"][-1]
    assert alone["NK_activity@T_cell"][-1] > 1.05 > held["NK_activity@T_cell"][-1]
    assert held["ALC"][-1] < 0.9 * alone["ALC"][-1]
    # mezigdomide alone moves no lymphocyte; the steroid's counted neutrophils are not made, only seen
    assert alone["ALC"][-1] == pytest.approx(1.2)


def test_without_a_partner_nothing_of_it_is_there() -> None:
    bare = whole_patient("mezigdomide").network
    assert not [name for name in bare.parameters if name.split(".")[0] in partners()]
    assert whole_patient().network.species  # and without any drug the disease alone


@pytest.mark.parametrize("drug", partners())
def test_every_partner_acts_in_the_patient(drug: str) -> None:
    how = {
        "dexamethasone": ("40 mg", "myeloma.dexamethasone.kill", 1),
        "bortezomib": ("2.34 mg", "PLT", -1),
        "carfilzomib": ("40 mg", "myeloma.carfilzomib.kill", 1),
        "daratumumab": ("1120 mg", "myeloma.ADCC.kill", 1),
        "trametinib": ("2 mg", "trametinib.MYC.factor", -1),
        "filgrastim": ("0.3 mg", "ANC", 1),
    }
    amount, moved, sign = how[drug]
    given = cb.dose(drug, amount, days="1-5", cycle="28 d")
    found = simulate(given, "typical", times=np.arange(0, 15) * DAY)
    assert found.ok, found.status
    change = found[moved] - found[moved][0]
    assert (change * sign).max() > 1e-3
    assert (change * sign).max() > -(change * sign).min() or drug in ("filgrastim", "bortezomib")


def test_bortezomib_reaches_the_proteasome_of_the_cells() -> None:
    """IKZF1 is less lost while 78 % of the 26S is held, and only a little: capacity is spare."""
    times = [24.5]
    both = cb.dose("mezigdomide", "1 mg", days="1") + cb.dose("bortezomib", "2.34 mg", days="2")
    with_it = simulate(both, "typical", times=times)["IKZF1.remaining@tumour"][0]
    none = simulate(cb.dose("mezigdomide", "1 mg", days="1"), "typical", times=times)["IKZF1.remaining@tumour"][0]
    assert none < with_it < none + 0.1


def test_trametinib_lowers_the_MYC_that_needs_no_IKZF() -> None:
    given = cb.dose("trametinib", "2 mg", days="1-21")
    found = simulate(given, "typical", times=[0, 21 * DAY])
    assert found["MYC@subclone"][1] < 0.8
    assert found["MYC@tumour"][1] > found["MYC@subclone"][1]


def test_daratumumab_strips_CD38_and_NK_cells() -> None:
    found = simulate(cb.dose("daratumumab", "1120 mg", days="1,8,15", duration="4 h"), "typical", times=[0, 21 * DAY])
    assert found["CD38@tumour"][1] < 0.6 * found["CD38@tumour"][0]
    assert found["NK.number@T_cell"][1] < 0.5
    assert found["myeloma.ADCC.kill"][1] > 0
    assert found["myeloma.NK.kill"][1] == 0  # what is lost at rest is not growth gained


@pytest.mark.parametrize("name", [n for n in regimens() if "dex" in n])
def test_every_shipped_combination_runs(name: str) -> None:
    given = cb.regimen(name, cycles=2)
    found = simulate(given, "typical", times=np.linspace(0, given.end, 20))
    assert found.ok, found.status
    assert found["myeloma.burden"][-1] < 0.5


def test_a_cell_may_stand_anywhere() -> None:
    others = {"tumour": "DF15R", "subclone": "H929_R10", "NK_cell": "NK_cell"}
    found = simulate(cb.regimen("mezigdomide_21_28"), "typical", cells=others, times=[0, 14 * DAY])
    assert found["IKZF1.remaining@tumour"][1] == pytest.approx(1, abs=1e-6)  # no cereblon
    assert found["IKZF1.remaining@subclone"][1] < 0.9  # a ligase of its own, since its numbers differ
    assert found["NK_activity@NK_cell"][1] > 1
    assert found["myeloma.burden"][1] > 1


def test_the_elderly_get_half_of_the_steroid() -> None:
    given = cb.regimen("mezi_dex")
    old = record("typical").replace({"age": "80 year"})
    full, half = (simulate(given, body, times=[4.0], rtol=1e-8) for body in ("typical", old))
    levels = [r["dexamethasone@central"][0] for r in (full, half)]
    assert levels[1] == pytest.approx(levels[0] / 2, rel=1e-5)
    assert half["mezigdomide@central"][0] == pytest.approx(full["mezigdomide@central"][0], rel=1e-5)


def test_a_regimen_of_glues_alone_still_runs_in_the_ligase_of_three_cells() -> None:
    small = simulate(cb.regimen("mezigdomide_21_28"), until="1 d")
    assert "ANC" not in small.model.network.observables
    whole = simulate(cb.regimen("mezi_dex"), until="1 d")
    assert "ANC" in whole.model.network.observables


def test_what_cannot_stand_or_act_is_refused() -> None:
    with pytest.raises(InputError):
        simulate(cb.regimen("mezi_dex"), "nobody")
    with pytest.raises(RecordError, match="lenalidomide has no GSPT1"):
        whole_patient("lenalidomide", substrates=("IKZF1", "GSPT1"))
    with pytest.raises(InputError, match="no neosubstrate"):
        whole_patient("lenalidomide", substrates=("ZFP91",))
