"""Dose and schedule in the same patients; two doses compared in trials whose truth is known."""

from itertools import pairwise

import numpy as np
import pytest

import cereblon as cb
from cereblon.bedside.endpoints import Times
from cereblon.bedside.optimisation import Optimum, undominated
from cereblon.bedside.two_doses import TwoDoses
from cereblon.ground.errors import InputError
from cereblon.statistics.resampling import stream

PATIENTS, CYCLES = 8, 3


@pytest.fixture(scope="module")
def found() -> Optimum:
    result: Optimum = cb.optimise(
        ["mezi_dex", "mezi_dex_14_21"], ["0.3 mg", "1 mg"], patients=PATIENTS, cycles=CYCLES, months=2.0
    )
    return result


def test_every_dose_of_every_regimen_stands_in_every_population(found: Optimum) -> None:
    assert len(found.points) == found.planned == 8
    assert len(found.table()) == 8
    assert (found.ranges()["structures"] == 2).all()
    assert found.sources()


def test_a_point_is_the_trial_of_that_dose(found: Optimum) -> None:
    """At 1 mg, 21 of 28 days, a point is what the trial itself gives for these patients."""
    from dataclasses import replace

    plan = cb.trial("MM_001_phase_2")
    plan = replace(plan, protocol=replace(plan.protocol, structure={"patients": PATIENTS, "cycles": CYCLES}))
    alone = plan.run(1, cut=False)
    point = next(p for p in found.points if (p.regimen, p.dose) == ("mezi_dex", 1.0))
    assert (point.ORR.value, point.neutropenia.value) == (alone.ORR.value, alone.TEAE["neutropenia"].value)
    assert point.intensity == pytest.approx(float(np.mean(alone.dose_intensity())))


def test_the_range_is_that_of_the_populations(found: Optimum) -> None:
    table, ranges = found.table(), found.ranges()
    for row in ranges.to_dict("records"):
        own = table[(table["regimen"] == row["regimen"]) & (table["dose"] == row["dose"])]
        assert (row["ORR_lowest"], row["ORR_highest"]) == (own["ORR"].min(), own["ORR"].max())


def test_no_point_beats_one_of_the_front(found: Optimum) -> None:
    front, every = found.front(), found.ranges()
    for one in front.to_dict("records"):
        better = (every["ORR"] >= one["ORR"]) & (every["neutropenia_daily"] <= one["neutropenia_daily"])
        better &= (every["ORR"] > one["ORR"]) | (every["neutropenia_daily"] < one["neutropenia_daily"])
        assert not better.any()
    assert all(a <= b for a, b in pairwise(front["neutropenia_daily"]))
    assert len(found.by_counts()) == 16
    assert "on the front" in str(found)


def test_the_front_of_random_points_is_that_of_a_plain_loop() -> None:
    x, y = stream(1, "front").integers(0, 6, (2, 40)).astype(float)
    kept = [
        not any(a >= x[i] and b <= y[i] and (a > x[i] or b < y[i]) for a, b in zip(x, y, strict=True))
        for i in range(40)
    ]
    assert undominated(x, y).tolist() == kept


def test_survival_at_a_time_of_freireich_is_that_of_its_last_step() -> None:
    """Cox and Oakes 1984, table 1.1: 6-MP, survival .7529 from week 10 to 13, followed to week 35."""
    days = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    censored = [3, 5, 7, 8, 11, 12, 13, 16, 17, 18, 19, 20]
    events = np.array([i not in censored for i in range(21)])
    times = Times("PFS", tuple("p" * 21), np.array(days, float), events, np.zeros(21, np.int8))
    assert times.at(12.5, unit_="d").value == pytest.approx(0.7529, abs=5e-5)
    assert times.at(3, unit_="d").value == 1
    assert np.isnan(times.at(36, unit_="d").value)
    with pytest.raises(InputError, match="from the start on"):
        times.at(-1)


def test_an_optimisation_that_is_stopped_keeps_its_points() -> None:
    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    found = cb.optimise(["mezi_dex"], ["1 mg"], patients=2, cycles=1, months=0.5, progress=stop)
    assert (len(found.points), found.planned) == (1, 2)
    assert "1 of 2 planned" in str(found)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"patients": 0}, "patients"), ({"doses": ()}, "at least one"), ({"doses": ("1 mg", "1 mg")}, "each once"),
        ({"cycles": 1}, "within the follow-up"), ({"drug": "pomalidomide"}, "does not have this drug"),
        ({"regimens": ["nowhere"]}, "no regimen of this name"), ({"populations": ["nobody"]}, "no population"),
        ({"doses": ("1 d",)}, "a mass or an amount"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        cb.optimise(**given)
    with pytest.raises(InputError, match="a benefit against a harm"):
        Optimum("x", 1, 1, (), 0, 1.0, {}).front("neutropenia", "ORR")


@pytest.mark.parametrize("people", ["earlier_lines", "lymphoma"])
def test_patients_whom_no_trial_has_set_are_searched_and_what_they_are_is_said(people: str) -> None:
    found = cb.optimise(["mezi_dex", "mezi_bortezomib_dex"], ["0 mg", "1 mg"], [people], patients=8, cycles=3, months=2)
    none, full = (point for point in found.points if point.regimen == "mezi_dex")
    assert none.ORR.value < full.ORR.value
    assert none.neutropenia_daily.value < full.neutropenia_daily.value
    assert {point.days for point in found.points} == {84}  # three cycles of 28 days are four of 21
    said = str(found)
    assert cb.population(people).note in said
    assert "Ranges are those" not in said  # of one population there is none
    pair = cb.two_doses(("0.3 mg", "1 mg"), 2, population=people, pool=4, cycles=1)
    assert cb.population(people).note in str(pair)


def test_whole_cycles_are_followed_for_as_long_at_least() -> None:
    found = cb.optimise(["mezi_dex", "mezi_dex_14_21"], ["1 mg"], ["earlier_lines"], patients=4, cycles=2, months=1)
    assert [point.days for point in found.points] == [56, 63]
    assert "followed for 56 to 63 days" in str(found)


# -- two doses -----------------------------------------------------------------------------------------------------


def test_the_better_dose_is_chosen_as_often_as_counting_says() -> None:
    """Closed form: arms drawn from a pool in which nobody at the first and everybody at the second dose responds."""
    from scipy.stats import binom, hypergeom

    pool, n, draws = 40, 6, 20_000
    has = np.zeros((pool, 2), dtype=bool)
    has[:16, 1] = True  # at the second dose; at the first nobody
    sure = TwoDoses(("a", "b"), "pool", n, 1, draws, {"response": has}, {})
    none = hypergeom.pmf(0, pool, 16, n)
    expected = 1 - none / 2  # a tie where none responds, and then a coin
    error = 3 * np.sqrt(binom.var(draws, expected)) / draws
    assert sure.chosen().value == pytest.approx(expected, abs=error)
    assert sure.better() == 1
    alike = TwoDoses(("a", "b"), "pool", n, 1, 10, {"neutropenia": np.ones((pool, 2), dtype=bool)}, {})
    assert alike.better("neutropenia") == -1
    assert np.isnan(alike.chosen("neutropenia").value)


def test_two_doses_are_those_of_the_same_patients() -> None:
    found = cb.two_doses(("0.3 mg", "1 mg"), 3, pool=8, cycles=CYCLES, draws=200)
    assert found.pool == 8
    assert (found.has["response without neutropenia"] <= found.has["response"]).all()
    assert set(found.table()["of"]) == set(found.has)
    assert "3 patients an arm, of 8" in str(found)


@pytest.mark.parametrize("given", [{"n": 0}, {"n": 200}, {"doses": ("1 mg", "1 mg")}, {"doses": ("1 mg",)}])
def test_a_comparison_of_nothing_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(InputError):
        cb.two_doses(**given)


def test_exposure_is_the_dose_over_the_clearance_times_the_doses_of_a_week() -> None:
    """21 of 28 days are 5.25 doses a week; the median clearance is the record's but for the few of the sample."""
    found = cb.optimise(["mezi_dex"], ["0.5 mg", "1 mg"], ["triple_class_refractory"], patients=40, cycles=2, months=1)
    half, one = found.table()["AUC"]
    assert one == pytest.approx(2 * half)
    drug = cb.compound("mezigdomide")
    expected = drug.amount(cb.Quantity.parse("1 mg")) * 5.25 / drug["CL_F"].coherent
    assert one == pytest.approx(expected, rel=0.25)
