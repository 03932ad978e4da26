"""Doses are data: calendars, amounts, and what is refused."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cereblon as cb
from cereblon.ground.errors import DoseError, InputError
from cereblon.records.regimen import regimens


def moments(regimen) -> list[float]:  # type: ignore[no-untyped-def]
    return sorted(d.time + i * d.ii for d in regimen.doses() for i in range(d.addl + 1))


def test_one_milligram_is_1762_nmol_and_a_run_of_days_is_one_row_a_cycle() -> None:
    first, second = cb.dose("mezigdomide", "1 mg", days="1-21", cycle="28 d", cycles=2).doses()
    assert first.amt == pytest.approx(1761.74, abs=0.01)
    assert (first.time, first.ii, first.addl) == (0, 24, 20)
    assert second.time == 28 * 24


def test_single_days_are_one_row_each_over_all_cycles() -> None:
    rows = cb.dose("pomalidomide", "4 mg", days="1,8,15,22", cycles=6).doses()
    assert [(d.time, d.ii, d.addl) for d in rows] == [(24.0 * i, 672, 5) for i in (0, 7, 14, 21)]


@given(
    days=st.sets(st.integers(1, 28), min_size=1),
    cycles=st.integers(1, 8),
    start=st.sampled_from([0.0, 12.0]),
)
def test_every_listed_day_of_every_cycle_gets_its_dose(days: set[int], cycles: int, start: float) -> None:
    text = ",".join(str(d) for d in sorted(days))
    regimen = cb.dose("mezigdomide", "1 mg", days=text, cycle="28 d", cycles=cycles, start=start)
    expected = sorted(start + 24 * (d - 1 + 28 * c) for d in days for c in range(cycles))
    assert moments(regimen) == expected


def test_regimens_add() -> None:
    both = cb.dose("mezigdomide", "1 mg", days="1-5,8-12") + cb.dose("pomalidomide", "4 mg", days="1")
    assert [c.name for c in both.compounds] == ["mezigdomide", "pomalidomide"]
    assert len(moments(both)) == 11
    assert list(both.table().columns) == ["TIME", "AMT", "CMT", "II", "ADDL", "EVID"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amount": "-1 mg"}, "not negative"),
        ({"amount": "1 nM"}, "a mass or an amount"),
        ({"amount": "1e400 mg"}, "out of range"),
        ({"days": "29"}, "outside the cycle of 28 d"),
        ({"days": "0"}, "outside the cycle"),
        ({"days": "5-3"}, "runs backwards"),
        ({"days": "1-5,3-8"}, "overlap"),
        ({"days": "1;2"}, "not a list of days"),
        ({"days": ""}, "not a list of days"),
        ({"days": "1," * 300}, "not a list of days"),
        ({"cycle": "28 nM"}, "dimension"),
        ({"cycle": "0 d"}, "whole days"),
        ({"cycles": 0}, "whole number"),
        ({"drug": "mezigdomid"}, "nearest is mezigdomide"),
        ({"drug": "prednisone"}, "no record of this drug"),
        ({"drug": "../../etc/passwd"}, "no record of this drug"),
    ],
)
def test_a_dose_that_cannot_be_given_is_one_paragraph(changes: dict, message: str) -> None:  # type: ignore[type-arg]
    asked = {"drug": "mezigdomide", "amount": "1 mg", "days": "1-21", "cycle": "28 d", **changes}
    with pytest.raises(DoseError, match=message) as error:
        cb.dose(asked.pop("drug"), asked.pop("amount"), **asked)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", regimens())
def test_a_shipped_regimen_says_where_its_dose_comes_from(name: str) -> None:
    regimen = cb.regimen(name, cycles=2)
    assert regimen.end == 2 * 24 * regimen.rows[0].cycle
    assert len(moments(regimen)) == 2 * sum(len(row.days) for row in regimen.rows if row.first == 1)
    assert all(row.amount.source and row.amount.grade for row in regimen.rows)


def test_a_drug_by_vein_is_an_infusion_into_plasma_and_has_no_lag() -> None:
    (given,) = cb.dose("daratumumab", "1120 mg", days="1", cycle="7 d", duration="4 h").doses()
    assert (given.species, given.duration, given.lag, given.F) == ("daratumumab@central", 4, None, None)
    (swallowed,) = cb.dose("dexamethasone", "40 mg", days="1", cycle="7 d").doses()
    assert (swallowed.species, swallowed.lag) == ("dexamethasone@gut", "dexamethasone.lag")


def test_dexamethasone_is_halved_over_75_years() -> None:
    steroid = next(row for row in cb.regimen("mezi_dex").rows if row.drug.name == "dexamethasone")
    assert steroid.share([60, 75, 76]).tolist() == [1, 1, 0.5]
    assert "20 mg over 75 years" in str(steroid)
    glue = next(row for row in cb.regimen("mezi_dex").rows if row.drug.name == "mezigdomide")
    assert glue.share([60, 76]).tolist() == [1, 1]


@pytest.mark.parametrize("duration", ["-1 h", "3 nM"])
def test_an_infusion_lasts_a_time(duration: str) -> None:
    with pytest.raises(InputError):
        cb.dose("daratumumab", "1120 mg", days="1", duration=duration)


# -- later cycles, hours of the day --------------------------------------------------------------------------------


def test_days_that_change_in_later_cycles_are_listed_by_hand() -> None:
    """Bortezomib of a triplet: days 1, 4, 8, 11 of 21 in cycles 1 to 8, days 1 and 8 from cycle 9."""
    given = cb.regimen("mezi_bortezomib_dex", cycles=10)
    own = [row for row in given.rows if row.drug.name == "bortezomib"]
    expected = [21 * c + d - 1 for c in range(8) for d in (1, 4, 8, 11)]
    expected += [21 * c + d - 1 for c in (8, 9) for d in (1, 8)]
    assert sorted(day for row in own for day in row.dosing_days()) == expected
    hours = sorted(d.time + i * d.ii for row in own for d in row.doses() for i in range(d.addl + 1))
    assert hours == [24 * day for day in expected]
    assert "from cycle 9" in str(given)


def test_a_schedule_that_changes_keeps_its_change_when_it_is_repeated() -> None:
    short = cb.regimen("mezi_bortezomib_dex", cycles=1)
    assert moments(short.repeat(10)) == moments(cb.regimen("mezi_bortezomib_dex", cycles=10))
    late = cb.dose("mezigdomide", "1 mg", days="1", cycle="28 d", cycles=2, first=3)
    assert moments(late) == []
    assert moments(late.repeat(4)) == [24 * 56, 24 * 84]


def test_twice_daily_is_two_doses_a_day_twelve_hours_apart() -> None:
    given = cb.regimen("mezi_dex_3_14_twice_daily", cycles=2)
    mezi = [row for row in given.rows if row.drug.name == "mezigdomide"]
    days = [28 * c + d for c in (0, 1) for d in (0, 1, 2, 14, 15, 16)]
    hours = sorted(d.time + i * d.ii for row in mezi for d in row.doses() for i in range(d.addl + 1))
    assert hours == sorted(24.0 * day + hour for day in days for hour in (0, 12))
    assert {row.amount.value for row in mezi} == {0.8}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('hours = {mezigdomide = "0,24"}', "hours of a day"),
        ('hours = {mezigdomide = "12,0"}', "hours of a day"),
        ('hours = {mezigdomide = "noon"}', "hours of a day"),
        ('hours = {dexamethasone = "0,12"}', "of a drug that has no days"),
        ('later = [{from_cycle = 3, days = {dexamethasone = "1"}}]', "of a drug that has no days"),
        ('later = [{from_cycle = 1, days = {mezigdomide = "1"}}]', "later cycles"),
        ('later = [{from_cycle = 3, days = {mezigdomide = "30"}}]', "outside the cycle"),
        ('later = [{from = 3, days = {mezigdomide = "1"}}]', "from"),
    ],
)
def test_hours_and_later_days_that_are_none_are_refused(tmp_path: Path, line: str, message: str) -> None:
    dose = '[mezigdomide]\ndose = {value = "1 mg", source = "ours", grade = "assumed"}\n'
    file = tmp_path / "own.toml"
    file.write_text(f'kind = "regimen"\ncycle = "28 d"\ndays = {{mezigdomide = "1-21"}}\n{line}\n\n{dose}')
    with pytest.raises(InputError, match=message):
        cb.regimen(file)
    with pytest.raises(DoseError, match="not before the first"):
        cb.dose("mezigdomide", "1 mg", first=3, last=2)
