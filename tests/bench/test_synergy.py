"""Combination matrices: simulated from the mechanism, measured on plates, read from files, and brought back."""

from pathlib import Path

import numpy as np
import pytest

from cereblon.bench import Readings, Synergy, read, synergy
from cereblon.bench.combination import matrices, survival
from cereblon.bench.synergy import analysed
from cereblon.ground.errors import InputError
from cereblon.model import exposure
from cereblon.model.culture import culture
from cereblon.statistics.combination import Options

FEW = {"concentrations": [0.1, 0.4, 1.0, 3.0], "partner_concentrations": [2.0, 6.0, 20.0, 60.0]}


@pytest.fixture(scope="module")
def steroid() -> Synergy:
    return synergy("mezigdomide", "dexamethasone", at="4 d", **FEW)  # type: ignore[arg-type]


# -- the mechanism ---------------------------------------------------------------------------------------------


def test_a_partner_at_level_0_changes_nothing_and_the_glue_acts_as_without_it() -> None:
    alone = culture("mezigdomide").simulate([0, 96], exposure(culture("mezigdomide"), {"mezigdomide": [0.0, 1.0]}))
    for partner in ("dexamethasone", "bortezomib", "carfilzomib", "trametinib"):
        model = culture("mezigdomide", partners=partner)
        beside = model.simulate([0, 96], exposure(model, {"mezigdomide": [0.0, 1.0], partner: 0.0}))
        np.testing.assert_allclose(beside["cell.alive"], alone["cell.alive"], rtol=1e-5)


def test_the_proteasome_in_a_medium_against_its_closed_form() -> None:
    """Held share k_on C / (k_on C + k_off) (1 - exp(-(k_on C + k_off) t)), and the kill that it makes."""
    model = culture("mezigdomide", partners="bortezomib")
    k_on, k_off, Emax = (model[f"bortezomib.proteasome.{n}"].coherent for n in ("k_on", "k_off", "Emax"))
    found = model.simulate([0, 1, 48], exposure(model, {"mezigdomide": 0.0, "bortezomib": 5.0}))
    rate = k_on * 5 + k_off
    held = k_on * 5 / rate * (1 - np.exp(-rate * np.array([0, 1, 48])))
    np.testing.assert_allclose(found["bortezomib.proteasome.inhibition"][0], Emax * held, rtol=1e-4, atol=1e-9)
    kill = model["bortezomib.cell.k_kill"].coherent
    taken = np.trapezoid(
        kill * Emax * k_on * 5 / rate * (1 - np.exp(-rate * np.linspace(0, 48, 4001))), np.linspace(0, 48, 4001)
    )
    grown = 2 ** (48 / model["doubling_time"].coherent)
    assert found["cell.alive"][0, -1] == pytest.approx(grown * np.exp(-taken), rel=2e-3)


def test_a_steroid_in_a_medium_acts_as_in_a_patient_by_its_level() -> None:
    """1 - exp(-k t) of C / (EC50 + C), k from the half-life of the record."""
    model = culture("mezigdomide", partners="dexamethasone")
    C, EC50 = 100.0, model["dexamethasone.EC50"].coherent
    k = np.log(2) / model["dexamethasone.effect.t_half"].coherent
    found = model.simulate([0, 12, 96], exposure(model, {"mezigdomide": 0.0, "dexamethasone": C}))
    expected = C / (C + EC50) * (1 - np.exp(-k * np.array([0, 12, 96])))
    np.testing.assert_allclose(found["dexamethasone~effect@medium"][0], expected, rtol=1e-4, atol=1e-9)


def test_roads_that_kill_side_by_side_are_independent_in_the_sense_of_bliss(steroid: Synergy) -> None:
    """A steroid shares nothing with the ligase here: hazards add, survivals multiply, and HSA calls that synergy."""
    assert abs(steroid["Bliss"].value) < 1e-3
    assert steroid["HSA"].value > 3
    assert steroid.analysis.references["Bliss"].verdict == "no difference"
    assert "synergy by HSA" in steroid.disagreement


def test_a_MEK_inhibitor_undoes_resistance_downstream_and_every_reference_says_synergy() -> None:
    found = synergy("mezigdomide", "trametinib", "H929_MYC")
    assert {one.verdict for one in found.analysis.references.values()} == {"synergy"}
    assert found["Bliss"].value > 3
    assert synergy("mezigdomide", "trametinib", "H929")["Bliss"].value < 1


def test_a_proteasome_inhibitor_spares_little_of_what_the_glue_degrades() -> None:
    """Mezigdomide keeps its effect beside bortezomib (2025): antagonism by Bliss, and less than 1 % of effect."""
    assert -1 < synergy("mezigdomide", "bortezomib")["Bliss"].value < 0


def test_two_glues_hold_one_cereblon_and_are_less_than_independent() -> None:
    """Lenalidomide at saturation holds the pocket against mezigdomide: no term says so."""
    found = synergy("mezigdomide", "lenalidomide")
    assert found["Bliss"].value < -1
    table = found.table()
    most = table[(table.dose_1 == table.dose_1.max()) & (table.dose_2 == table.dose_2.max())]
    alone = table[(table.dose_1 == table.dose_1.max()) & (table.dose_2 == 0)]
    assert float(most.survival.iloc[0]) > float(alone.survival.iloc[0])


def test_default_doses_stand_around_what_halves_each_drug_s_effect() -> None:
    found = synergy("mezigdomide", "bortezomib", at="3 d")
    for drug in (0, 1):
        doses = np.unique(found.matrix.dose(drug))[1:]
        assert len(doses) == 7
        assert doses[1] < found.analysis.EC50[drug].value < doses[-2]


# -- plates and intervals --------------------------------------------------------------------------------------


def test_a_matrix_is_measured_the_same_for_the_same_seed(steroid: Synergy) -> None:
    one, again, other = (steroid.measured(seed=s, draws=20) for s in (1, 1, 2))
    assert one.table().equals(again.table())
    assert not one.table().equals(other.table())
    assert one.readings is not None
    assert one.matrix.over_control
    assert int(one.matrix.n[one.matrix.together].min()) == 4
    assert "simulated, not measured" in str(one)


def test_without_noise_a_measured_matrix_is_the_simulated_one(steroid: Synergy) -> None:
    found = steroid.measured(noise=None, draws=0)
    np.testing.assert_allclose(found.matrix.mean, steroid.matrix.mean, rtol=1e-12)
    assert found["Bliss"].value == pytest.approx(steroid["Bliss"].value, abs=1e-9)
    assert found["Loewe"].value == pytest.approx(steroid["Loewe"].value, rel=1e-3)  # the curves weigh more controls


def test_a_measured_matrix_comes_back_from_its_file(steroid: Synergy, tmp_path: Path) -> None:
    one = steroid.measured(seed=3, draws=0)
    assert one.readings is not None
    file = one.readings.save(tmp_path / "wells.csv")
    again = read(file, columns={"value": "value"}).synergy(response="viability", draws=0)
    assert len(again) == 1
    np.testing.assert_allclose(again[0].matrix.mean, one.matrix.mean, rtol=1e-9)
    assert again[0]["Bliss"].value == pytest.approx(one["Bliss"].value, rel=1e-6)


def test_the_records_intervals_become_intervals_of_the_scores(steroid: Synergy) -> None:
    found = steroid.spread(draws=20, seed=1)
    assert found["HSA"].low < found["HSA"].high
    assert found.analysis.noise == "the records' intervals"
    assert found["HSA"].low == steroid.spread(draws=20, seed=1)["HSA"].low
    assert abs(found["Bliss"].low) < 0.01


def test_a_result_prints_itself_saves_itself_and_has_sources(steroid: Synergy, tmp_path: Path) -> None:
    assert "positive = synergy" in str(steroid)
    assert "H929" in str(steroid)
    assert steroid.save(tmp_path / "matrix.csv").read_text().startswith("drug_1,drug_2,dose_1")
    assert "recall" in steroid.sources()
    assert "dexamethasone.cell.k_kill" in steroid.assumptions
    assert set(steroid.scores().reference) == set(steroid.analysis.references)
    assert {"log10_alpha12", "beta", "kappa"} <= set(steroid.numbers().number)
    assert len(steroid.isobole()) > 41


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mezigdomide", "mezigdomide"), "a glue first"),
        (("dexamethasone", "mezigdomide"), "a glue first"),
        (("mezigdomide", "filgrastim"), "does nothing to myeloma cells"),
    ],
)
def test_pairs_that_this_dish_cannot_hold_are_refused(arguments: tuple[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        synergy(*arguments)


def test_a_matrix_of_a_file_is_not_measured_and_has_no_records(require) -> None:  # type: ignore[no-untyped-def]
    found = read(require("shared/data/data_synergy_2d_example.csv")).synergy(draws=0)[0]
    assert found.sources() == {}
    assert found.assumptions == ()
    for action in (found.measured, found.spread):
        with pytest.raises(InputError, match="simulated"):
            action()


# -- files -----------------------------------------------------------------------------------------------------


def test_the_screen_of_synergyfinder_is_read_as_it_comes(require) -> None:  # type: ignore[no-untyped-def]
    """Its headers, two blocks, percent viability by the untreated wells; Bliss of block 1 as its vignette prints."""
    found = read(require("shared/data/data_mathews_screening.csv")).synergy(draws=0)
    assert [one.matrix.names for one in found] == [("ispinesib", "ibrutinib"), ("canertinib", "ibrutinib")]
    assert found[0].matrix.units == ("nM", "nM")
    assert any("viability in percent (untreated wells read" in note for note in found[0].notes)
    table = found[0].table()
    cell = table[(table.dose_1 == 2500) & (table.dose_2 == 50)]
    assert 100 * float(cell.Bliss_excess.iloc[0]) == pytest.approx(5.34, abs=0.01)


def test_the_example_of_synergy_is_read_as_it_comes(require) -> None:  # type: ignore[no-untyped-def]
    found = read(require("shared/data/data_synergy_2d_example.csv")).synergy(draws=0)[0]
    assert found.matrix.n.tolist() == [3] * 36
    assert found.matrix.units == ("", "")
    assert found["Loewe"].value == pytest.approx(14.504971, rel=1e-5)


def wells(values, of="response", **columns):  # type: ignore[no-untyped-def]
    """Untreated, each drug alone, both."""
    doses = {"concentration": [0, 1, 0, 1], "partner_concentration": [0, 0, 1, 1], "compound": "A", "partner": "B"}
    return Readings(value=values, of=of, role=["untreated", *["sample"] * 3], **{**doses, **columns})


@pytest.mark.parametrize(
    ("values", "of", "expected"),
    [
        ([100, 60, 50, 20], "response", [1, 0.6, 0.5, 0.2]),
        ([0.98, 0.6, 0.5, 0.2], "E", [0.98, 0.6, 0.5, 0.2]),
        ([2, 40, 50, 80], "response", [0.98, 0.6, 0.5, 0.2]),
        ([30, 40, 50, 80], "% inhibition", [0.7, 0.6, 0.5, 0.2]),
        ([30, 40, 50, 80], "Cell viability", [0.3, 0.4, 0.5, 0.8]),
    ],
)
def test_the_scale_is_found_where_it_cannot_go_wrong(values: list[float], of: str, expected: list[float]) -> None:
    np.testing.assert_allclose(survival(wells(values, of)).value, expected)


def test_a_scale_that_cannot_be_told_is_asked_for() -> None:
    with pytest.raises(InputError, match="viability or inhibition"):
        survival(wells([50, 60, 50, 20]))
    with pytest.raises(InputError, match="percent or in shares"):
        survival(wells([2.5, 1, 1, 1]))
    with pytest.raises(InputError, match="viability or inhibition"):
        survival(wells([np.nan, 60, 50, 20]))
    with pytest.raises(InputError, match="viability or inhibition"):
        survival(wells([100, 60, 50, 20]), "growth")
    with pytest.raises(InputError, match="no well has a response"):
        survival(wells([np.nan] * 4))
    told = survival(wells([50, 60, 50, 20]), "inhibition", percent=True)
    np.testing.assert_allclose(told.value, [0.5, 0.4, 0.5, 0.8])
    assert "as told" in told.notes[-1]


def test_each_block_is_divided_by_its_own_untreated_wells() -> None:
    both = wells([80, 40, 40, 20], group="1") + wells([120, 60, 60, 30], group="2")
    found = analysed(both, response="viability", over_control=True, draws=0)
    for one in found:
        np.testing.assert_allclose(sorted(one.matrix.mean), [0.25, 0.5, 0.5, 1])
        assert one.matrix.over_control
    with pytest.raises(InputError, match="divide by"):
        survival(wells([np.nan, 60, 50, 20]), "viability", over_control=True)


def test_a_block_with_two_pairs_of_drugs_is_refused_and_without_a_block_they_are_two_matrices() -> None:
    both = wells([1, 0.6, 0.5, 0.2]) + wells([1, 0.6, 0.5, 0.2], partner="C")
    assert [part.matrix.names for part in matrices(survival(both))] == [("A", "B"), ("A", "C")]
    blocked = both.replace(group="one")
    with pytest.raises(InputError, match="more than one pair"):
        list(matrices(survival(blocked)))
    with pytest.raises(InputError, match="two drugs"):
        list(matrices(wells([1, 0.6, 0.5, 0.2], partner="")))


# -- the round trip --------------------------------------------------------------------------------------------


@pytest.mark.prove
@pytest.mark.parametrize("partner", ["dexamethasone", "bortezomib"])
def test_intervals_cover_the_truth_of_the_mechanism(partner: str) -> None:
    """200 pre-declared seeds: the 95 % interval holds what the matrix without noise gives at a rate inside the
    two-sided 99.9 % binomial region (179 to 198 of 200), for every reference and the numbers of both surfaces."""
    from scipy.stats import binom

    doses = {"concentrations": [0.1, 0.3, 0.8, 2.0, 6.0], "partner_concentrations": [1.0, 3.0, 9.0, 25.0, 60.0]}
    true = synergy("mezigdomide", partner, at="4 d", **doses)  # type: ignore[arg-type]
    names = [*true.analysis.references, "log10_alpha12", "log10_alpha21", "beta", "kappa"]
    held = dict.fromkeys(names, 0)
    for seed in range(200):
        found = true.measured(replicates=4, seed=seed)
        for name in names:
            held[name] += bool(found[name].low <= true[name].value <= found[name].high)
    low, high = binom.ppf([0.0005, 0.9995], 200, 0.95)
    assert all(low <= times <= high for times in held.values()), held


def test_options_reach_the_analysis() -> None:
    found = synergy("mezigdomide", "dexamethasone", options=Options(gamma=True, single="fitted"), **FEW)  # type: ignore[arg-type]
    assert "log10_gamma12" in found.analysis.numbers
