"""From plate to constants: null directions against closed forms, round trips, the next experiment really done."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from cereblon.bench import Constants, Readings, constants, degradation, displacement, read, washout
from cereblon.bench.constants.forward import ROLES, Dish, constants_of
from cereblon.bench.constants.wells import NEVER
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Quantity
from cereblon.mechanism.catalysis import rho
from cereblon.mechanism.ligase import potency
from cereblon.model import dish
from cereblon.records import compound
from cereblon.records.cell import Cell
from cereblon.statistics.identifiability import Combination, combinations, spread

TRUTH = {"mezigdomide.CRBN.Kd": "30 nM", "IKZF1.t_half": "8 h"}
NUMBERS = {"affinity": 30.0, "turnover": 8.0}


def plates(times: tuple[str, ...] = ("2 h", "24 h"), seed: int = 1, noise: str | None = "default") -> Readings:
    """Plates of several times of mezigdomide, whose affinity and IKZF1's turnover are not those of the records."""
    made = [degradation("mezigdomide", at=at, changes=TRUTH).measured(seed=seed, noise=noise) for at in times]
    return sum(made[1:], start=made[0])


@pytest.fixture(scope="module")
def found() -> Constants:
    return constants("degradation_times")


def table(rows: list[tuple[float, float, float]], head: str = "concentration (nM),time (h),value") -> str:
    return "\n".join([head, *(",".join(f"{x:g}" for x in row) for row in rows)]) + "\n"


# -- what cannot be separated ----------------------------------------------------------------------------------


def _slopes(changes: dict[str, str], free: tuple[str, ...], conditions: np.ndarray, times: np.ndarray, glue: str):
    model = dish(glue, "H929", ("IKZF1",), washed=True).replace(changes)
    one = Dish(model, glue, "IKZF1", tuple(constants_of(model, glue, "IKZF1", free).values()))
    stepped = one.remaining(one.stepped(one.start[None]), conditions, times)
    return one, one.differences(stepped)[0].reshape(len(free), -1)


def test_low_doses_at_rest_give_one_product_that_of_the_catalytic_law() -> None:
    """S/S0 = 1 / (1 + rho glue / Kd) (`mechanism.catalysis`), with the chain as one k_cat (`ligase.potency`): at doses
    far below Kd all five constants enter as rho / Kd, and nothing else of them is seen."""
    glue, free = "pomalidomide", tuple(ROLES)
    doses = np.stack([np.array([0.05, 0.1, 0.2]), np.full(3, NEVER)], axis=1)
    one, J = _slopes({f"{glue}.medium.t_half": "1e9 h"}, free, doses, np.array([2000.0]), glue)
    stiff, values, _ = np.linalg.svd(J)
    assert values[1] < 0.01 * values[0]  # one number is seen
    n_ub = next(r for r in one.model.records if isinstance(r, Cell)).structure["n_ub"]

    def law(x: np.ndarray) -> float:
        held = {**one.model.coherent(), **dict(zip(one.slots, np.exp(x), strict=True))}
        p = potency(held, glue, "IKZF1", n_ub, place="tumour")
        return float(np.log(rho(p.k_cat, p.CRBN, p.k_deg, p.Kd_S, p.K_c) / p.Kd))

    gradient = np.array([(law(one.start + s) - law(one.start - s)) / 2e-4 for s in np.eye(5) * 1e-4])
    found = stiff[:, 0] * np.sign(stiff[0, 0]) / np.linalg.norm(stiff[:, 0])
    expected = gradient * np.sign(gradient[0]) / np.linalg.norm(gradient)
    np.testing.assert_allclose(found, expected, atol=0.01)
    (product,) = combinations(spread(1e8 * J @ J.T, np.full(5, 3.5)), np.arange(5), 0.5)
    np.testing.assert_allclose(np.array(product.exponents) / product.exponents[0], gradient / gradient[0], atol=0.15)


def test_where_closing_is_fast_no_experiment_in_cells_separates_it_from_recruitment() -> None:
    """Closed cereblon is c x bound, so k_on, Kd_S and c enter as k_on c and k_on Kd_S: (k_on a, Kd_S / a, c / a) is
    the same at every dose and time, and after a washing too."""
    glue = "pomalidomide"
    fast = {f"{glue}.CRBN.k_close": "1e6 1/h", f"{glue}.CRBN.k_on": "100 1/nM/h"}
    doses = np.array([[x, hour] for hour in (NEVER, 4.0) for x in (10.0, 100.0, 1000.0, 1e4)])
    free = ("affinity", "closing", "recruitment", "ubiquitination", "turnover", "IKZF1.CRBN.k_on")
    one, J = _slopes(fast, free, doses, np.array([0.5, 2.0, 8.0, 24.0]), glue)
    K_c = math.exp(one.start[1])
    null = np.array([0.0, -(1 + K_c), -1.0, 0.0, 0.0, 1.0])  # d ln c = d ln K_c / (1 + K_c)
    assert np.linalg.norm(null @ J) < 5e-3 * np.linalg.norm(J[2])
    assert np.linalg.svd(J)[1][-1] < 1e-2 * np.linalg.norm(J[2])
    for other in (np.array([1.0, 0, 1, 0, 0, 0]), np.array([0.0, 0, 1, 0, 0, 1])):
        assert np.linalg.norm(other @ J) > 0.05 * np.linalg.norm(J[2])


def test_one_time_says_that_rates_are_seen_only_over_each_other(tmp_path: Path) -> None:
    one = constants(plates(("24 h",)))
    assert any("read at one time" in text for text in one.sentences)
    assert one.verdicts["ubiquitination"] != "identified"
    assert one.combinations


def test_one_concentration_says_what_it_cannot_tell() -> None:
    all_ = plates(("0.5 h", "2 h", "8 h", "24 h"))
    near = [min(all_.only(time=t).doses, key=lambda x: abs(x - 10)) for t in np.unique(all_.time)]
    few = all_.where((all_.role != "sample") | np.isin(all_.concentration, near))
    one = constants(few.replace(concentration=np.where(few.role == "sample", 10.0, 0.0)), changes=TRUTH, prior=False)
    assert any("one concentration" in text for text in one.sentences)
    assert one.verdicts["affinity"] != "identified"


# -- round trips -----------------------------------------------------------------------------------------------


def test_readings_without_scatter_give_the_truth_back() -> None:
    times = ("0.5 h", "2 h", "24 h")
    one = constants(plates(times, noise=None), prior=False)
    for word, value in NUMBERS.items():
        assert one[word].value == pytest.approx(value, rel=0.02)
        assert one.verdicts[word] == "identified"
    for product in one.combinations:
        assert math.log(one.product(product).value) == pytest.approx(_true(one, product), abs=0.05)


def _true(one: Constants, product: Combination) -> float:
    """The logarithm of a product of what the plates were made with, over the records'."""
    truth = dish("mezigdomide").replace(TRUTH)
    logs = np.array([math.log(truth[slot].coherent) for slot in one.dish.slots])
    return float(np.dot(product.exponents, logs - one.dish.start))


def test_a_product_that_only_the_curvature_knows_is_not_claimed() -> None:
    """A plate after which a bent ridge of closing looks straight at the estimate: affinity x closing^0.3 would lie
    within a factor of 1.6, and be wrong. Its profile does not confirm that, and what is said holds the truth."""
    one = constants(plates(seed=12), prior=False)
    limit = math.log(one.within) / one.fit.times
    curved = combinations(one.fit.alone, np.array(one.unknown), limit)
    assert len(one.combinations) < len(curved)
    for product in one.combinations:
        assert one.product(product).low < math.exp(_true(one, product)) < one.product(product).high


def test_the_shipped_plate_gives_back_what_it_was_made_with(found: Constants) -> None:
    for word, value in NUMBERS.items():
        assert found.verdicts[word] == "identified"
        assert found[word].low < value < found[word].high
    assert found.verdicts["closing"] == "as the record"
    (product,) = found.combinations
    assert product.members == (2, 3)  # recruitment and ubiquitination: the ridge of decision 0007
    assert "recruitment and ubiquitination only as" in str(found)
    assert found.product(product).low < 1 < found.product(product).high


def test_the_shipped_plate_is_what_the_bench_simulates() -> None:
    made, shipped = plates(), read("degradation_times")
    np.testing.assert_array_equal(shipped.value, np.round(made.value))
    np.testing.assert_array_equal(shipped.well, made.well)


def test_the_same_wells_give_the_same_numbers(found: Constants) -> None:
    again = constants("degradation_times")
    assert again.table().equals(found.table())
    assert again.next().equals(found.next())


@pytest.mark.prove
@pytest.mark.parametrize("prior", [True, False])
def test_identified_constants_are_covered_at_their_rate(prior: bool) -> None:
    """Sixty pre-declared seeds; the count lies inside the 99.9 % region of 95 %. The products of a plate are no
    independent trials: a plate counts as held when all of its products are."""
    seeds = range(1, 61)
    covered, products = dict.fromkeys(NUMBERS, 0), []
    for seed in seeds:
        one = constants(plates(seed=seed), prior=prior)
        for word, value in NUMBERS.items():
            low, high = np.exp(one.fit.ends[one.words.index(word)])
            covered[word] += int(low <= value <= high)
        hits = [one.product(p).low <= math.exp(_true(one, p)) <= one.product(p).high for p in one.combinations]
        products += [all(hits)] if hits else []
    assert sum(products) >= binom.ppf(0.0005, len(products), 0.95)
    low, high = binom.ppf([0.0005, 0.9995], len(seeds), 0.95)
    assert all(low <= count <= high for count in covered.values()), covered


# -- records and measurements ----------------------------------------------------------------------------------


def test_a_record_that_the_data_contradict_is_left_out_and_that_is_said() -> None:
    """Pomalidomide made with 30 nM where its record says 100 to 250."""
    tight = {"pomalidomide.CRBN.Kd": "30 nM"}
    early, late = (degradation("pomalidomide", at=at, changes=tight).measured() for at in ("2 h", "24 h"))
    one = constants(early + late, "pomalidomide")
    assert [one.words[i] for i in one.fit.dropped] == ["affinity"]
    assert one["affinity"].low < 30 < one["affinity"].high
    assert any("contradict the record of affinity" in text for text in one.sentences)


def test_a_measured_affinity_takes_the_place_of_the_record_s(found: Constants) -> None:
    known = Quantity.parse("30 nM", interval=["27 nM", "33 nM"])
    one = constants("degradation_times", known={"affinity": known})
    assert one["affinity"].high / one["affinity"].low < 1.25 < found["affinity"].high / found["affinity"].low
    in_uM = Quantity.parse("0.03 uM", interval=["0.027 uM", "0.033 uM"])
    same = constants("degradation_times", known={"mezigdomide.CRBN.Kd": in_uM})
    assert same["affinity"].value == pytest.approx(one["affinity"].value, rel=1e-6)


def test_any_number_of_the_dish_may_be_fitted_and_one_alone() -> None:
    one = constants("degradation_times", free=["turnover"], changes={"mezigdomide.CRBN.Kd": "30 nM"})
    assert one.words == ("turnover",)
    assert one["turnover"].value == pytest.approx(8, rel=0.15)
    two = constants("degradation_times", free=["affinity", "CRBN.total"])
    assert two.words == ("affinity", "CRBN.total@tumour")


# -- the next experiment ---------------------------------------------------------------------------------------


def test_the_best_experiment_when_done_gains_what_it_promised_and_more_than_the_worst(found: Constants) -> None:
    """Best and worst among those in cells, with the doses that were promised, simulated with the truth and added."""
    cells = [one for one in found.experiments if one.plates == 1 and "tube" not in one.name]
    best, worst = cells[0], cells[-1]
    assert best.name == "read at 0.5 h"
    assert worst.name.startswith("washed")
    given = np.unique(found.wells.conditions[:, 0])
    series = np.geomspace(given[0], given[-1], 10)
    more = degradation("mezigdomide", at="0.5 h", changes=TRUTH).measured(series, seed=5)
    late = degradation("mezigdomide", at="52 h", changes=TRUTH).measured(series, seed=5)
    group = np.where(late.role == "sample", "washed 4 h", "")
    model = dish("mezigdomide", "H929", ("IKZF1", "IKZF3"), washed=True).replace(TRUTH)
    truth = Dish(model, "mezigdomide", "IKZF1", tuple(found.dish.slots))
    doses = np.stack([late.concentration, np.full(late.count, 4.0)], axis=1)
    left = truth.remaining(truth.start[None], doses, np.array([52.0]))[0, :, 0]
    kept = truth.remaining(truth.start[None], np.stack([late.concentration, np.full(late.count, NEVER)], axis=1),
                           np.array([52.0]))[0, :, 0]  # fmt: skip
    washed = late.replace(value=np.where(late.role == "sample", late.value * left / kept, late.value), group=group)
    start = read("degradation_times")
    done = constants(start + more)
    poor = constants(start + washed)
    shrunk, little = (
        sum(math.log10(_width(found, i) / _width(one, i)) for i in found.unknown) for one in (done, poor)
    )
    assert shrunk == pytest.approx(best.decades, rel=0.5)
    assert little < 0.5 * shrunk
    assert worst.decades < 0.5 * best.decades


def _width(one: Constants, i: int) -> float:
    """The factor of an interval by the curvature, as the candidates state it."""
    return math.exp(one.fit.times * math.sqrt(one.fit.covariance[i, i]))


def test_more_of_the_same_gains_what_its_wells_do() -> None:
    """The same plates again double the information: intervals of what the data hold alone fall by the root of 2."""
    one = constants("degradation_times", prior=False)
    same = next(e for e in one.experiments if e.name.startswith("the same again"))
    i = one.words.index("turnover")
    assert math.log(same.now[i]) / math.log(same.then[i]) == pytest.approx(math.sqrt(2), rel=0.1)


def test_displacement_promises_of_affinity_what_simulated_plates_then_scatter_by(found: Constants) -> None:
    """And of nothing else. The judge: Nikolovska-Coleska of the IC50s of a hundred simulated plates."""
    promised = next(e for e in found.experiments if e.name.startswith("tracer")).information
    assert np.count_nonzero(promised) == 1
    tube = displacement("mezigdomide", "TR_FRET", changes={"mezigdomide.CRBN.Kd": f"{found['affinity'].value} nM"})
    seen = [tube.measured(seed=seed).fit().fits["mezigdomide"].EC50 for seed in range(1, 101)]
    logs = np.log([tube.apparent(one)["exact"].value for one in seen])
    assert float(logs.std()) == pytest.approx(promised[0, 0] ** -0.5, rel=0.35)


def test_the_ternary_complex_in_a_tube_sees_recruitment_over_closing_alone(found: Constants) -> None:
    """K_2 = Kd_S / c (`mechanism.cooperativity`): where both move and K_2 does not, nothing is seen."""
    seen = next(e for e in found.experiments if e.name.startswith("ternary")).information
    K_c = math.exp(found.fit.x[1])
    same = np.array([0.0, 1 + K_c, 1.0, 0.0, 0.0])  # d ln c = d ln K_c / (1 + K_c)
    assert same @ seen @ same < 1e-3 * seen[2, 2]
    assert not seen[3:].any()
    assert np.linalg.eigvalsh(seen[:3, :3])[1] > 1


# -- files -----------------------------------------------------------------------------------------------------


def test_a_file_with_semicolons_and_decimal_commas_is_the_same_fit(tmp_path: Path, found: Constants) -> None:
    wells = read("degradation_times").table()
    european = wells.drop(columns="concentration (nM)").assign(**{"conc (uM)": wells["concentration (nM)"] / 1000})
    text = european.to_csv(index=False, sep=";", decimal=",", lineterminator="\r\n")
    path = tmp_path / "mine.csv"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert constants(path)["turnover"].value == pytest.approx(found["turnover"].value, rel=1e-3)


def test_shares_without_untreated_wells_are_taken_as_they_are(tmp_path: Path) -> None:
    rows = []
    for hour in (2.0, 24.0):
        curve = degradation("mezigdomide", at=hour, concentrations=np.geomspace(0.1, 300, 8))
        for x, y in zip(curve.concentrations, curve.remaining, strict=True):
            rows += [(x, hour, y + 0.01), (x, hour, y - 0.01)]
    path = tmp_path / "shares.csv"
    path.write_text(table(rows))
    one = constants(path)
    assert any("shares" in note for note in one.wells.notes)
    assert one["turnover"].low < 13.3 < one["turnover"].high


def test_wells_of_a_file_that_were_washed_are_fitted_as_washed(tmp_path: Path) -> None:
    """Lenalidomide washed away at 4 h: the protein comes back with its own half-life, 8 h (the record: 13.3 h)."""
    own = {"IKZF1.t_half": "8 h"}
    rows = []
    for dose in (10.0, 100.0, 1000.0, 10000.0):
        one = washout("lenalidomide", concentration=dose, remove="4 h", until="48 h", changes=own)
        for hour in (4.0, 12.0, 24.0):
            left = float(np.interp(hour, one.times, one.remaining))
            rows += [f"lenalidomide,{dose:g},{hour:g},washed 4 h,{left + d:.5f}" for d in (0.01, -0.01)]
    path = tmp_path / "washed.csv"
    path.write_text("\n".join(["compound,concentration (nM),time (h),condition,value", *rows]) + "\n")
    one = constants(path, "lenalidomide")
    assert one["turnover"].low < 8 < one["turnover"].high < 13.3
    assert set(one.curves()["washed_h"]) == {4.0}


def test_missing_readings_are_left_out_and_counted() -> None:
    wells = plates()
    value = wells.value.copy()
    value[[3, 7]] = np.nan
    one = constants(wells.replace(value=value))
    assert any(note.startswith("2 wells without a reading") for note in one.wells.notes)


def _few(wells: Readings, doses: int) -> Readings:
    """So many untreated wells of the first time, and as many treated."""
    early = wells.only(time=2.0)
    kept = [*np.flatnonzero(early.role == "untreated")[:doses], *np.flatnonzero(early.role == "sample")[:doses]]
    return early.where(np.isin(np.arange(early.count), kept))


def _many(column: str) -> Readings:
    """Five hundred wells, each with another number (or name) in one column."""
    many = Readings(value=np.resize([0.9, 0.5], 500), concentration=10.0, compound="mezigdomide", time=4.0)
    return many.replace(**{column: np.linspace(1, 30, 500)})


REFUSED = [
    (lambda w: constants(w.replace(value=np.where(w.role == "sample", 2e5, w.value))), "not lost"),
    (lambda w: constants(w, "aspirin"), "aspirin"),
    (lambda w: constants(w, of="GSPT1"), "no recruitment of GSPT1"),
    (lambda w: constants(w.replace(time=np.nan, well="")), "time of the readings"),
    (lambda w: constants(w, at="4 h"), "times of its own"),
    (lambda w: constants(w.replace(time=np.where(w.time == 2, -2.0, w.time))), "after the glue"),
    (lambda w: constants(w.replace(unit="1")), "not molar"),
    (lambda w: constants(w.where(w.role != "sample")), "no well holds the glue"),
    (lambda w: constants(w.where(w.role == "sample")), "no untreated well"),
    (lambda w: constants(_few(w, 2)), "too few wells"),
    (lambda w: constants(w.replace(value=np.full(w.count, np.nan))), "no well holds"),
    (lambda w: constants(w.replace(group=np.where(w.role == "sample", "washed", ""))), "hour of the washing"),
    (lambda w: constants(w.replace(compound=np.where(np.arange(w.count) % 2, "A", "B"))), "several compounds"),
    (lambda w: constants(_many("concentration")), "too many different concentrations"),
    (lambda w: constants(_many("plate")), "too many plates"),
    (lambda w: constants(_many("time")), "too many different times"),
    (lambda w: constants(w, free=[]), "no constant"),
    (lambda w: constants(w, free=["afinity"]), "no such constant"),
    (lambda w: constants(w, free=["affinity", "mezigdomide.CRBN.Kd"]), "named twice"),
    (lambda w: constants(w, free=["proteasome.inhibition"]), "above 0"),
    (lambda w: constants(w, within=1.0), "above 1"),
    (lambda w: constants(w, known={"affinity": Quantity.parse("12 nM")}), "interval"),
    (lambda w: constants(w, known={"CRBN.total": Quantity.parse("50 nM", interval=["40 nM", "60 nM"])}), "fitted"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_told_is_refused(call, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(WELLS)


WELLS = read("degradation_times")


def test_results_hold_tables_sources_and_a_figure(found: Constants, tmp_path: Path) -> None:
    from cereblon.show import render
    from cereblon.show.plot import plot

    assert list(found.table()["constant"]) == list(ROLES)
    assert found.save(tmp_path / "constants.csv").read_text().count("\n") == 1 + len(ROLES)
    assert "calibration" in found.sources()
    assert len(found.curves()) == 60
    drawn = render.svg(render.spec(plot(found)))
    for word in ("affinity", "identified", "24 h", "over the record"):
        assert word in drawn
    assert compound("mezigdomide").symbol in str(found)
