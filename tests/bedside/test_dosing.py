"""Dosing decisions at visits: the label's rules, one patient at a time."""

import numpy as np

from cereblon.bedside.dosing import Dosing, Seen
from cereblon.network.dosing import Dose
from cereblon.records.policy import policy

ALL = np.arange(1)


def seen(ANC: float) -> Seen:
    return Seen(np.array([ANC]), np.array([150.0]), np.array([False]))


def one(willing: bool = False) -> Dosing:
    return Dosing(policy(), 1, np.array([willing]))


def visit(who: Dosing, ANC: float, PLT: float = 150, fever: bool = False, due: bool = True, cycle: bool = False) -> str:
    seen = Seen(np.array([ANC]), np.array([PLT], dtype=float), np.array([fever]))
    return who.decide(ALL, seen, due=due, new_cycle=cycle)[0]


def test_low_counts_hold_and_recovery_costs_a_level() -> None:
    d = one()
    assert visit(d, 0.4) == "counts low: held"
    assert d.held[0]
    assert visit(d, 0.45) == ""
    assert visit(d, 0.6) == "counts recovered: one level lower"
    assert (d.held[0], d.level[0], d.reduced[0]) == (False, 0.8, True)


def test_platelets_hold_below_25_and_resume_at_50() -> None:
    d = one()
    assert visit(d, 2.0, PLT=24) == "counts low: held"
    assert visit(d, 2.0, PLT=49) == ""
    assert visit(d, 2.0, PLT=50).startswith("counts recovered")


def test_fever_holds_only_at_a_low_count() -> None:
    assert visit(one(), 0.9, fever=True) == "febrile neutropenia: held"
    assert visit(one(), 1.2, fever=True) == ""


def test_below_the_lowest_level_treatment_ends() -> None:
    d = one()
    for _ in range(3):
        visit(d, 0.4)
        visit(d, 1.0)
    assert d.level[0] == 0.4
    visit(d, 0.4)
    assert visit(d, 1.0) == "below the lowest level: stopped"
    assert d.stopped[0]


def test_a_delayed_cycle_costs_no_level() -> None:
    d = one()
    assert visit(d, 0.4, due=False) == ""
    assert visit(d, 0.4, due=False, cycle=True) == "counts too low for a new cycle: held"
    assert visit(d, 0.8) == "counts recovered: the cycle begins"
    assert (d.level[0], d.reduced[0], d.interrupted[0]) == (1.0, False, True)


def test_what_was_not_measured_changes_nothing() -> None:
    d = one(willing=True)
    assert visit(d, np.nan, PLT=np.nan) == ""
    assert not d.held[0]
    assert not d.support[0]


def test_growth_factor_goes_to_those_who_would_take_it() -> None:
    willing, other = one(True), one(False)
    visit(willing, 0.4)
    visit(other, 0.4)
    assert (willing.support[0], other.support[0]) == (True, False)
    visit(willing, 1.4)
    assert (willing.support[0], willing.supported[0]) == (False, True)


def test_factors_hold_the_glue_alone_and_end_everything_with_the_treatment() -> None:
    d = one()
    rows = [Dose(0, "glue@gut", 1), Dose(0, "steroid@gut", 1), Dose(0, "G@skin", 1)]
    drugs = {"glue@gut": "treated", "G@skin": "support"}
    visit(d, 0.4)
    assert d.factors(ALL, np.ones((1, 3)), rows, drugs).tolist() == [[0, 1, 0]]
    visit(d, 1.0)
    assert d.factors(ALL, np.ones((1, 3)), rows, drugs).tolist() == [[0.8, 1, 0]]
    d.stopped[0] = True
    assert d.factors(ALL, np.ones((1, 3)), rows, drugs).tolist() == [[0, 0, 0]]


def test_prophylaxis_goes_from_the_first_dose_on_to_whom_the_policy_names_and_ends_with_the_treatment() -> None:
    for use, low, high in (("policy", False, False), ("at risk", True, False), ("prophylactic", True, True)):
        for ANC, given in ((1.4, low), (1.6, high)):  # at risk below 1.5
            d = Dosing(policy().supporting(use), 1, np.array([False]))
            d.begin(ALL, seen(ANC))
            assert d.support_reason[0].startswith("growth factor in advance") == given
            visit(d, 2.0)
            assert (d.support[0], d.supported[0]) == (given, given)
            d.stopped[0] = True
            visit(d, 2.0)
            assert not d.support[0]


def test_a_policy_without_growth_factor_treats_nobody_with_it() -> None:
    d = Dosing(policy().supporting("none"), 1, np.array([False]))
    d.begin(ALL, seen(1.0))
    assert d.support_reason[0] == "no growth factor yet"
    assert policy().supporting("none")["growth_factor.share"].value == 0
