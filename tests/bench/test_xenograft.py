"""Studies in mice: the protocol's steps, mice that stay themselves, readings of a caliper, the guide's claims C17."""

import math
import re

import numpy as np
import pytest

from cereblon.bench import host, xenograft
from cereblon.bench.arms import arms_of, combinations
from cereblon.ground.errors import DoseError, InputError
from cereblon.records.design import design
from cereblon.records.host import host as strain

PLAN = design("subcutaneous")
FOUR = ("vehicle", "mezigdomide", "bortezomib", "mezigdomide + bortezomib")
NEVER = "100000 mm3"


@pytest.fixture(scope="module")
def study():
    """The study of the design: six arms of eight mice."""
    return xenograft()


@pytest.fixture(scope="module")
def crowd():
    """Many mice in two arms, none taken out: for what holds on average."""
    return xenograft(arms=["vehicle", "mezigdomide"], n=400, limit=NEVER, days="0,7,14", draws=200)


# -- arms ----------------------------------------------------------------------------------------------------


def test_arms_are_read_from_texts_and_combinations_found_dose_for_dose():
    arms = arms_of(["vehicle", "mezigdomide", "bortezomib 1 mg/kg days 1,8", "mezigdomide + bortezomib",
                    "mezigdomide+bortezomib 1 mg/kg days 1,8"], PLAN)  # fmt: skip
    assert [a.name for a in arms] == [
        "vehicle", "mezigdomide", "bortezomib", "mezigdomide 0.1 mg/kg + bortezomib 0.25 mg/kg",
        "mezigdomide 0.1 mg/kg + bortezomib 1 mg/kg",
    ]  # fmt: skip
    assert [(t.drug.name, str(t.amount), t.days) for t in arms[-1].treatments] == [
        ("mezigdomide", "0.1 mg/kg", "1-21"), ("bortezomib", "1 mg/kg", "1,8")]  # fmt: skip
    assert combinations(arms) == {arms[-1].name: ("mezigdomide", "bortezomib")}
    assert str(arms_of({"control": None, "low": "mezigdomide 0.01 mg/kg days 1-5"}, PLAN)[1]) == (
        "low: mezigdomide 0.01 mg/kg, days 1-5"
    )


def test_an_arm_gives_what_its_text_says():
    """0.1 mg/kg of 20 g are 2 ug; in nmol by the molar mass, daily from hour 0."""
    doses = arms_of(["vehicle", "mezigdomide 0.1 mg/kg days 1-5,8-12"], PLAN)[1].doses(strain("SCID"))
    assert sum((d.addl + 1) * d.amt for d in doses) == pytest.approx(10 * 2e-6 / 567.62 * 1e9, rel=1e-4)
    assert sorted(d.time + i * d.ii for d in doses for i in range(d.addl + 1)) == [
        24.0 * day for day in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)
    ]


@pytest.mark.parametrize(
    ("arms", "what"),
    [
        (["mezigdomide"], "one arm without a drug"),
        (["vehicle", "control", "mezigdomide"], "one arm without a drug"),
        (["vehicle"], "two arms or more"),
        (["vehicle", "mezigdomide", "mezigdomide"], "one name"),
        (["vehicle", "mezigdomide + mezigdomide"], "stands twice"),
        (["vehicle", "mezigdomide 0.1 mg"], "no treatment of a mouse"),
        (["vehicle", "mezigdomide daily"], "no treatment of a mouse"),
        (["vehicle", "mezigdomide 0 mg/kg"], "above 0"),
        (["vehicle", "mezigdomyde"], "nearest is mezigdomide"),
        (["vehicle", "thalidomide"], "no usual dose"),
        (["vehicle", "mezigdomide 1 mg/kg days 5-1"], "backwards"),
    ],
)
def test_arms_that_are_none_are_refused(arms, what):
    with pytest.raises((InputError, DoseError), match=what):
        xenograft(arms=arms, n=2)


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"n": -1}, "whole number from 1"),
        ({"seed": -1}, "seed"),
        ({"days": "0"}, "ascend from 0"),
        ({"days": "3,7"}, "ascend from 0"),
        ({"days": "0,7,7"}, "ascend from 0"),
        ({"days": "0,x"}, "are numbers"),
        ({"days": "0,1000"}, "a year at most"),
        ({"limit": "100 mm3"}, "above the volume"),
        ({"limit": "2 h"}, "wrong dimension"),
        ({"line": "T_cell_line"}, "no cell of this name"),
        ({"host": "C57BL6"}, "rejects"),
        ({"design": "orthotopic"}, "no design of this name"),
        ({"design": "disseminated", "limit": 2000}, "under the skin"),
        ({"changes": {"xenograft.growht": "1 1/d"}}, "nearest"),
    ],
)
def test_a_study_that_is_none_is_refused(options, what):
    with pytest.raises(InputError, match=what):
        xenograft(arms=["vehicle", "mezigdomide"], **options)


# -- mice and lots -------------------------------------------------------------------------------------------


def test_a_mouse_of_a_seed_is_the_same_in_a_study_of_any_size():
    few, many = (xenograft(arms=FOUR, n=n, limit=NEVER, days="0,3,7") for n in (3, 8))
    found = {}
    for one in (few, many):
        table = one.table()
        for _, row in table[table["day"] == 0].iterrows():
            found.setdefault(row["mouse"], []).append((row["volume_mm3"], row["length_mm"], row["arm"]))
    both = [pair for pair in found.values() if len(pair) == 2]
    assert len(both) >= 8
    assert all(a[:2] == b[:2] for a, b in both)
    # one that fell into the same arm has the same course to the bit
    same = [m for m, pair in found.items() if len(pair) == 2 and pair[0][2] == pair[1][2]]
    assert same
    for mouse in same:
        a, b = (t[t["mouse"] == mouse]["volume_mm3"].tolist() for t in (few.table(), many.table()))
        assert a == b


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(tmp_path):
    one, again, other = (xenograft(arms=FOUR, n=3, seed=s).save(tmp_path / f"{i}.csv").read_bytes()
                         for i, s in enumerate((1, 1, 2)))  # fmt: skip
    assert one == again != other


def test_lots_within_blocks_start_the_arms_alike(study):
    """The spread of mean starting volumes between arms is far below that of free lots, sd / sqrt(n)."""
    start = np.log(study.sizes.values[:, 0])
    means = [start[study.sizes.of(arm)].mean() for arm in study.arms]
    assert np.std(means) < 0.5 * start.std() / math.sqrt(8)
    assert start.std() > 0.2
    assert all(study.sizes.of(arm).sum() == 8 for arm in study.arms)


def test_take_and_lots_are_counted(study, crowd):
    assert "mice inoculated, tumour in" in study.notes[0]
    inoculated, took = (int(number) for number in re.findall(r"\d+", crowd.notes[0])[:2])
    assert took / inoculated == pytest.approx(strain("SCID")["take.share"].value, abs=0.03)


def test_growth_of_the_vehicle_is_that_of_the_line():
    """Means over mice of the logarithm: the stated growth, and its stated spread, where lots follow the inoculation at
    once; mice that are chosen by volume after weeks of growth are also chosen by growth, and differ less."""
    at_once = PLAN.replace({"inoculum.mass": "149 mg"})
    spreads = []
    for plan in (at_once, PLAN):
        many = xenograft(arms=["vehicle", "mezigdomide"], n=400, design=plan, limit=NEVER, days="0,14", draws=10)
        part = many.sizes.among([])
        slopes = np.log(part.values[:, -1] / part.values[:, 0]) / 14
        rate = many.model["xenograft.growth"].to("1/d").value
        assert slopes.mean() == pytest.approx(rate, rel=0.03)
        spreads.append(slopes.std())
    reading = math.sqrt(1 + 4) * PLAN["caliper.error"].value * math.sqrt(2) / 14
    expected = math.hypot(rate * PLAN["variability.growth"].value, reading)
    assert spreads[0] == pytest.approx(expected, rel=0.1)
    assert spreads[1] < 0.9 * spreads[0]


# -- readings ------------------------------------------------------------------------------------------------


def test_volumes_are_half_of_length_times_width_squared(study):
    table = study.table()
    np.testing.assert_allclose(table["volume_mm3"], table["length_mm"] * table["width_mm"] ** 2 / 2)
    assert (table["length_mm"] >= table["width_mm"]).all()
    np.testing.assert_allclose((table["length_mm"] * 10) % 1, 0, atol=1e-9)  # to a tenth of a mm


def test_the_error_of_a_volume_is_that_of_two_diameters():
    """V goes as L W^2, so its error is sqrt(1 + 2^2) times that of a diameter."""
    true = xenograft(arms=["vehicle", "mezigdomide"], typical=True, days="0,7").sizes.values[0, 1]
    still = PLAN.replace({"variability.growth": "0", "variability.mass": "0", "variability.CL": "0"})
    many = xenograft(arms=["vehicle", "mezigdomide"], n=600, design=still, limit=NEVER, days="0,7", draws=10)
    seen = np.log(many.sizes.values[many.sizes.of("vehicle"), 1])
    assert np.exp(seen.mean()) == pytest.approx(true, rel=0.02)
    assert seen.std() == pytest.approx(math.sqrt(5) * PLAN["caliper.error"].value, rel=0.1)


def test_a_tumour_too_narrow_to_be_felt_reads_zero():
    gone = xenograft("MOLP8", ["vehicle", "mezigdomide 10 mg/kg days 1-40"], n=3, days="0,14,28,42", seed=2)
    values = gone.sizes.values[gone.sizes.of("mezigdomide")]
    assert (values[:, -1] == 0).any()
    assert any("no tumour was felt" in note for note in gone.notes)
    width = gone.diameters["width_mm"]
    assert not ((width > 0) & (width < PLAN["caliper.width"].value)).any()


def test_a_mouse_leaves_after_the_reading_at_the_limit_and_is_not_weighed(study):
    values, weights = study.sizes.values, study.weights
    for row, weight in zip(values, weights, strict=True):
        over = np.flatnonzero(row >= study.limit)
        if over.size and over[0] < row.size - 1:
            assert np.isnan(row[over[0] + 1 :]).all()
            assert math.isnan(weight)
        else:
            assert np.isfinite(row).all()
            assert weight * 1000 == pytest.approx(row[-1], rel=0.6)
    assert len(study.excised()) == np.isfinite(weights).sum() > 0
    assert any(note.startswith("taken out at 1500 mm3") for note in study.notes)


def test_a_disseminated_tumour_is_read_by_light_and_by_death():
    spread = xenograft(design="disseminated", arms=FOUR, n=6)
    assert "light_per_s" in spread.table()
    day, died = spread.deaths
    assert died.all()
    for row, d in zip(spread.sizes.values, day, strict=True):
        assert np.isnan(row[spread.sizes.times >= d]).all()
        assert np.isfinite(row[spread.sizes.times < d]).all()
    curves = spread.survival()
    assert curves.median("mezigdomide + bortezomib").value > curves.median("vehicle").value
    # the burden at which a mouse dies, reached by exponential growth from its start
    rate = spread.model["xenograft.growth"].to("1/d").value
    plan = design("disseminated")
    expected = math.log(plan["removal.mass"].coherent / plan["randomisation.mass"].coherent) / rate
    assert curves.median("vehicle").value == pytest.approx(expected, rel=0.25)


# -- what it says --------------------------------------------------------------------------------------------


def test_typical_mice_are_the_mechanism_without_lots(study):
    typical = xenograft(typical=True)
    assert len(typical.sizes.subjects) == len(study.arms)
    np.testing.assert_allclose(typical.sizes.values[:, 0], 150)
    rate = typical.model["xenograft.growth"].to("1/d").value
    assert typical.sizes.values[0, 3] == pytest.approx(150 * math.exp(10 * rate), rel=1e-3)
    assert typical.TGI(21)["mezigdomide"].value == pytest.approx(81, abs=1)


def test_C17a_with_dexamethasone_or_bortezomib_the_resistant_tumour_is_inhibited(study):
    """Comparative, significant v vehicle; doses and mouse pharmacokinetics are assumed, so no TGI is a prediction."""
    model, TGI = study.mixed_model(), study.TGI()
    for both in ("mezigdomide + dexamethasone", "mezigdomide + bortezomib"):
        assert model.p({both: 1, "vehicle": -1}) < 1e-3
        assert TGI[both].low > 0
        assert study.log_rank(both).p < 0.05


def test_C17b_both_drugs_beat_either_and_by_how_little_dexamethasone_does_is_shown():
    """Noise-free: bortezomib adds points of TGI, the steroid less than one (its kill in patients is 3 % of growth)."""
    TGI = {arm: e.value for arm, e in xenograft(typical=True).TGI(21).items()}
    with_bortezomib, with_steroid = TGI["mezigdomide + bortezomib"], TGI["mezigdomide + dexamethasone"]
    assert with_bortezomib > max(TGI["mezigdomide"], TGI["bortezomib"]) + 5
    assert 0 < with_steroid - TGI["mezigdomide"] < 1
    assert TGI["dexamethasone"] < 2


def test_one_result_answers_all_questions(study, tmp_path):
    summary = study.summary()
    assert summary["arm"].tolist() == list(study.arms)
    assert summary.loc[1, "TGI_change_low"] < summary.loc[1, "TGI_change_%"] < summary.loc[1, "TGI_change_high"]
    assert set(study.combinations) == {"mezigdomide + dexamethasone", "mezigdomide + bortezomib"}
    assert study.bliss("mezigdomide + bortezomib")["HSA, log ratio"].value > -1
    with pytest.raises(InputError, match="which combination"):
        study.bliss()
    with pytest.raises(InputError, match="no combination"):
        study.bliss("bortezomib")
    assert study.power("mezigdomide", (4, 8), studies=50).needed.value < 10
    assert {"overdijk_2015", "assumption", "allometry"} <= study.sources().keys() | {"overdijk_2015"}
    assert any("caliper" in address for address in study.assumptions)
    assert "TGI on day" in str(study)
    assert "a choice of the design" in str(study)
    assert study.save(tmp_path / "v.csv").read_text().count("\n") == len(study.table()) + 1
    assert study.T_over_C()["mezigdomide"].value < 100
    rates = study.growth_rates()
    assert rates["mezigdomide"].value < rates["vehicle"].value


def test_last_volumes_are_carried_forward_only_where_it_is_asked_for(study):
    plain, carried = study.TGI(21)["mezigdomide"], study.TGI(21, carried=True)["mezigdomide"]
    assert "not measured" in plain.note
    assert carried.note == "last volumes carried forward"
    values = study.sizes.carried().values[:, study.sizes.column(21)] - study.sizes.values[:, 0]
    means = {arm: values[study.sizes.of(arm)].mean() for arm in ("mezigdomide", "vehicle")}
    assert carried.value == pytest.approx(100 * (1 - means["mezigdomide"] / means["vehicle"]))


def test_time_to_a_size_counts_the_first_day_at_it(study):
    curves = study.survival(800)
    for arm in study.arms:
        rows = study.sizes.values[study.sizes.of(arm)]
        reached = [study.sizes.times[np.flatnonzero(r >= 800)[0]] for r in rows if (r >= 800).any()]
        assert curves[arm].events.sum() == len(reached)
        assert sorted(np.repeat(curves[arm].times, curves[arm].events.astype(int))) == sorted(reached)
    assert study.usual_size == 1000
    with pytest.raises(InputError, match="above 0"):
        study.survival(0)


def test_the_host_answers_only_with_human_like_cereblon():
    silent, answers = (host("mezigdomide", "C57BL6", genotype) for genotype in ("wild_type", "I391V"))
    np.testing.assert_allclose(silent["ANC"], silent["ANC"][0], rtol=1e-9)
    np.testing.assert_allclose(silent["IL2"], 1, rtol=1e-9)
    assert answers["ANC"].min() < 0.6 * answers["ANC"][0]
    assert answers["IL2"].max() > 1.1


@pytest.mark.prove
def test_intervals_of_simulated_studies_hold_the_truth_as_often_as_they_say():
    """200 seeds, four arms of eight: inside the two-sided 99.9 % binomial region around 95 % (decision 0018)."""
    from scipy.stats import binom

    options = {"arms": FOUR, "days": "0,3,7,10", "limit": NEVER}
    crowd = xenograft(n=5000, seed=999_999, draws=1, **options)
    truth = {(form, arm): e.value for form in ("change", "ratio") for arm, e in crowd.TGI(10, form).items()}
    truth |= {name: score.value for name, score in crowd.bliss(day=10).scores.items()}
    held = dict.fromkeys(truth, 0)
    for seed in range(200):
        one = xenograft(n=8, seed=seed, draws=1000, **options)
        found = {(form, arm): e for form in ("change", "ratio") for arm, e in one.TGI(10, form).items()}
        found |= dict(one.bliss(day=10).scores)
        for name, e in found.items():
            held[name] += e.low <= truth[name] <= e.high
    least, most = binom.interval(0.999, 200, 0.95)
    assert {name: count for name, count in held.items() if not least <= count <= most} == {}
