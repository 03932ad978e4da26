"""Cohorts: the same patient whoever stands beside him, and at rest whoever he is."""

import numpy as np
import pytest
from scipy.stats import truncnorm

import cereblon as cb
from cereblon.cohort import Cohort, population, slots
from cereblon.ground.errors import InputError, RecordError
from cereblon.model import Model, simulate, whole_patient
from cereblon.records.compound import partners
from cereblon.records.population import populations

DAY = 24.0
NAME = "triple_class_refractory"


@pytest.fixture(scope="module")
def model() -> Model:
    return whole_patient(["mezigdomide", "dexamethasone"])


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    return population(NAME).sample(40, seed=1)


def test_a_patient_does_not_depend_on_the_cohort(model: Model, cohort: Cohort) -> None:
    many, few = population(NAME).sample(300, seed=1).numbers(model), cohort.numbers(model)
    alone = cohort[17].numbers(model)
    for slot, column in few.items():
        assert (many[slot][:40] == column).all()
        assert alone[slot][0] == column[17]
    assert any((population(NAME).sample(40, seed=2).numbers(model)[s] != few[s]).any() for s in few)


def test_what_comes_to_vary_shifts_no_other_draw(model: Model, cohort: Cohort) -> None:
    more = population(NAME).replace({"variability.platelet.MTT": "0.4"}).sample(40, seed=1).numbers(model)
    before = cohort.numbers(model)
    assert more.keys() - before.keys() == {model.resolve("platelet.MTT")}
    assert all((more[slot] == column).all() for slot, column in before.items())


def test_medians_spread_and_correlation_are_those_of_the_record(model: Model) -> None:
    found = population(NAME).sample(6000, seed=3).numbers(model)
    platelets, L50 = np.log(found["platelet.count"]), found["neutrophil.block.L50"]
    assert np.exp(np.median(platelets)) == pytest.approx(165e9, rel=0.03)
    assert platelets.std() == pytest.approx(0.45, rel=0.06)  # a little less: nobody below 60
    assert np.log(L50 / (1 - L50)).std() == pytest.approx(0.68, rel=0.04)
    assert 0 < L50.min() < L50.max() < 1
    together = np.corrcoef(np.log(found["neutrophil.count"]), platelets)[0, 1]
    assert together == pytest.approx(0.3, abs=0.05)
    intact = population(NAME)["tumour.CRBN.total"].value  # of clones without a lesion, which lowers the median of all
    assert np.median(found["CRBN.total@tumour"]) < intact < np.median(found["CRBN.total@marrow"])
    assert found["neutrophil.count"].min() >= 1e9
    ages = found["age"] / (365.25 * DAY)
    assert 18 <= ages.min() < 60 < np.median(ages) < 75 < ages.max() <= 90


def test_kinds_of_patients_have_their_shares_and_numbers(model: Model) -> None:
    many = population(NAME).sample(6000, seed=3)
    isotype, found = np.array(many.kind("isotype")), many.numbers(model)
    assert (isotype == "IgA").mean() == pytest.approx(0.23, abs=0.02)
    assert (found["M_protein.recycled"][isotype == "IgA"] == 0).all()
    assert (found["M_protein.level"][isotype == "light_chain"] == 0).all()  # none, and no bound lifts it
    assert (found["M_protein.level"][isotype == "IgG"] >= 5).all()
    lesion = np.array(many.kind("lesion"))
    assert ((found["plasmacytoma.size"] > 0) == (lesion == "extramedullary")).all()


def test_a_compound_brings_the_spread_and_covariance_of_its_disposition() -> None:
    found = population(NAME).sample(5000, seed=5).numbers(whole_patient("pomalidomide"))
    CL, V = (np.log(found[f"pomalidomide.{n}_F"]) for n in ("CL", "V"))
    assert np.cov(CL, V)[0, 1] == pytest.approx(0.0599, rel=0.15)


@pytest.mark.parametrize("name", populations())
def test_every_number_of_a_population_is_read_somewhere(name: str) -> None:
    full = whole_patient(["mezigdomide", *partners()])
    people = population(name)
    known = {**full.values, **{a.removeprefix("typical."): q for a, q in people.body.values.items()}}
    least, most = people.bounds
    kinds = [address for group in people.kinds.values() for kind in group for address in kind.numbers]
    for address in (*people.medians, *people.variability, *least, *most, *kinds):
        assert slots(address, known), address


def test_without_drug_every_sampled_patient_is_at_rest(model: Model) -> None:
    """All but the disease stands still; the tumour grows as stated from the first hour, and its protein with it."""
    some = population(NAME).sample(40, seed=11)
    numbers = {slot: x for slot, x in some.numbers(model).items() if slot in model.values}
    still = [
        n for n in model.network.species
        if not n.startswith(("myeloma", "M_protein", "FLC", "plasmacytoma", "haemoglobin", "infection", "febrile"))
    ]  # fmt: skip
    found = model.simulate([0, 1, 28 * DAY], vary=numbers, rtol=1e-8)
    assert found.ok
    for name in still:
        np.testing.assert_allclose(found[name][:, 2], found[name][:, 0], rtol=1e-8, atol=1e-11, err_msg=name)
    share, growth = numbers["myeloma.resistant.share"], numbers["myeloma.growth"] * DAY
    np.testing.assert_allclose(found["myeloma.net_growth"][:, 0], growth * (1 + 0.6 * share), rtol=1e-9)
    first_hour = np.log(found["FLC"][:, 1] / found["FLC"][:, 0])
    np.testing.assert_allclose(first_hour, growth * (1 + 0.6 * share) / DAY, rtol=0.01)


def test_bytes_are_those_of_the_patient_alone(cohort: Cohort) -> None:
    given = cb.regimen("mezi_dex")
    together = simulate(given, cohort, times=np.arange(0, 29, 7) * DAY, rtol=1e-4)
    assert together.ok
    for i in (0, 23, 39):
        alone = simulate(given, cohort[i], times=np.arange(0, 29, 7) * DAY, rtol=1e-4)
        assert alone.trajectory.values[0].tobytes() == together.trajectory.values[i].tobytes()


def test_the_elderly_of_a_cohort_get_half_of_the_steroid(cohort: Cohort) -> None:
    found = simulate(cb.regimen("mezi_dex"), cohort, times=[0, 24])
    years = cohort.numbers(found.model)["age"] / (365.25 * DAY)
    assert set(found.varied["dexamethasone.F"][years > 75]) == {0.5}
    assert set(found.varied["dexamethasone.F"][years <= 75]) == {1.0}
    assert "age" not in found.varied


def test_a_change_stands_above_what_is_sampled(cohort: Cohort) -> None:
    found = simulate(cb.regimen("mezi_dex"), cohort, times=[0], changes={"neutrophil.count": "4 1e9/L"})
    assert found["ANC"][:, 0] == pytest.approx(np.full(40, 4.0))


def test_the_table_names_units(cohort: Cohort, model: Model) -> None:
    table = cohort[:3].table(model)
    assert table["patient"].tolist() == [0, 1, 2]
    assert table["neutrophil.count (1e9/L)"].min() >= 1
    assert 18 <= table["age (year)"].min() <= 90


@pytest.mark.parametrize("n", [0, -1, 1.5, True])
def test_a_cohort_is_a_number_of_patients(n: object) -> None:
    with pytest.raises(InputError):
        population(NAME).sample(n)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        population(NAME).sample(1, seed=-1)


def test_correlations_that_nobody_can_have_are_refused(model: Model, tmp_path) -> None:  # type: ignore[no-untyped-def]
    rows = "\n".join(
        f'[[correlations]]\nbetween = ["{a}.count", "{b}.count"]\nvalue = "{r}"\nsource = "me"\ngrade = "assumed"'
        for a, b, r in (
            ("neutrophil", "platelet", 0.9),
            ("platelet", "lymphocyte", 0.9),
            ("neutrophil", "lymphocyte", -0.9),
        )
    )
    spread = "\n".join(
        f'[variability.{c}]\ncount = {{value = "0.3", source = "me, here", grade = "assumed"}}'
        for c in ("neutrophil", "platelet", "lymphocyte")
    )
    file = tmp_path / "odd.toml"
    file.write_text(
        f'kind = "population"\n{rows.replace(chr(34) + "me" + chr(34), chr(34) + "me, here" + chr(34))}\n{spread}\n'
    )
    with pytest.raises(RecordError, match="no patients have these correlations"):
        population(file).sample(2).numbers(model)


def test_weight_and_sex_move_the_drugs_whose_records_say_how() -> None:
    """Against the records' own factors: volume as weight to the .686, clearance of women .766 of that of men."""
    body = whole_patient("pomalidomide")
    plain = population(NAME).replace({"variability.weight": "0", "group.female.share": "0", "group.male.share": "1"})
    some, same = population(NAME).sample(300, seed=4), plain.sample(300, seed=4)
    found, before = some.numbers(body), same.numbers(body)
    power = np.log(found["pomalidomide.V_F"] / before["pomalidomide.V_F"]) / np.log(found["weight"] / before["weight"])
    assert power == pytest.approx(np.full(300, 0.686))
    women = np.array(some.kind("sex")) == "female"
    ratio = found["pomalidomide.CL_F"] / before["pomalidomide.CL_F"]
    assert ratio == pytest.approx(np.where(women, 0.766, 1.0))


def test_covariates_that_move_nothing_are_said_to(model: Model, cohort: Cohort) -> None:
    moves = cohort.covariates(model).set_index("covariate")["moves"]
    assert "M_protein.level" in moves["isotype"]
    assert moves["age"] == "dose of the elderly"
    assert (moves[["BCMA", "sex", "ECOG", "ISS", "cytogenetics", "lines", "weight", "albumin.level"]] == "").all()


def test_a_lymphoma_makes_no_M_protein_and_shrinks_under_a_glue_that_closes() -> None:
    some = population("lymphoma").sample(12, seed=2)
    given, end = cb.regimen("mezigdomide_21_28", cycles=1), [0, 28 * DAY]
    run = simulate(given, some, times=end)
    idle = simulate(given, some, times=end, changes={"mezigdomide.CRBN.K_c": "1e-9"})
    assert (run["M_protein"] == 0).all()
    assert (run["plasmacytoma.volume"][:, -1] < idle["plasmacytoma.volume"][:, -1]).all()
    assert np.median(run["myeloma.burden"][:, -1]) < 0.5 < 1 < np.median(idle["myeloma.burden"][:, -1])


def test_entry_criteria_truncate_and_move_nobody_to_their_edge(model: Model) -> None:
    """Haemoglobin from 8 g/dL up: the mean of a truncated normal of the logarithm (closed form), nobody at the edge."""
    people = population(NAME)
    found = people.sample(6000, seed=5).numbers(model)["haemoglobin.level"]
    least = people.bounds[0]["haemoglobin.level"].coherent
    assert found.min() > least
    assert len(np.unique(found)) == len(found)
    alone = people.replace({"least.neutrophil.count": "0 1e9/L", "least.platelet.count": "0 1e9/L"})
    logs = np.log(alone.sample(6000, seed=5).numbers(model)["haemoglobin.level"])
    centre = np.log(model.values["haemoglobin.level"].coherent)
    spread = people.variability["haemoglobin.level"].coherent
    expected = truncnorm((np.log(least) - centre) / spread, np.inf, loc=centre, scale=spread)
    assert logs.mean() == pytest.approx(expected.mean(), abs=0.01)
    assert logs.std() == pytest.approx(expected.std(), rel=0.05)


def test_criteria_that_nobody_meets_are_refused(model: Model) -> None:
    with pytest.raises(InputError, match=r"least\.haemoglobin\.level: hardly anybody"):
        population(NAME).replace({"least.haemoglobin.level": "40 g/dL"}).sample(5, seed=1).numbers(model)


def test_a_patient_is_drawn_again_alike_in_any_cohort(model: Model) -> None:
    many, few = (population(NAME).sample(n, seed=9).numbers(model) for n in (300, 40))
    assert all((many[slot][:40] == few[slot]).all() for slot in few)
