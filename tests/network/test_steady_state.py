"""Steady state under repeated dosing (ss): closed forms, each subject for itself."""

import math
from typing import Any

import numpy as np
import pytest

from cereblon.ground.errors import DoseError, SolveError
from cereblon.network.dosing import Dose
from cereblon.network.network import Network

V, K, KA = 10.0, 0.1, 1.1
VALUES = {"V": V, "k": K, "ka": KA, "F": 1.0, "lag": 0.0}
CENTRAL, GUT = "D@central", "D@gut"
TIMES = np.array([0, 0.5, 3, 11, 24, 25, 40.0])


def central(network: Network, doses: Any, **changes: Any) -> np.ndarray:
    traj = network.simulate(VALUES | changes, TIMES, doses, rtol=1e-10, method="RODAS5P")
    assert traj.ok
    return traj[CENTRAL]


def dosed_for_long(network: Network, dose: Dose, cycles: int = 200, **changes: Any) -> np.ndarray:
    """The same doses given `cycles` times before the start, and the row itself."""
    early = Dose(0, dose.species, dose.amt, ii=dose.ii, addl=cycles + dose.addl, duration=dose.duration,
                 rate=dose.rate, lag=dose.lag, F=dose.F)  # fmt: skip
    begin = cycles * dose.ii
    times = np.concatenate([[0.0], begin + TIMES])
    traj = network.simulate(VALUES | changes, times, [early], rtol=1e-10, method="RODAS5P")
    return traj[CENTRAL][1:]


def test_trough_and_decay_of_a_bolus_at_steady_state(one_compartment: Network) -> None:
    found = central(one_compartment, [Dose(0, CENTRAL, 100, ii=24, ss=True)])
    peak = 10 / (1 - math.exp(-K * 24))
    exact = np.where(TIMES > 0, peak * np.exp(-K * TIMES), peak * math.exp(-K * 24))
    assert np.allclose(found, exact, rtol=1e-7)


def test_oral_steady_state_against_the_accumulated_bateman_function(one_compartment: Network) -> None:
    found = central(one_compartment, [Dose(0, GUT, 100, ii=12, addl=9, ss=True)])
    t = TIMES % 12
    t = np.where(t == 0, 12, t)
    exact = 10 * KA / (KA - K) * (
        np.exp(-K * t) / (1 - math.exp(-K * 12)) - np.exp(-KA * t) / (1 - math.exp(-KA * 12))
    )  # fmt: skip
    assert np.allclose(found, exact, rtol=1e-7)


@pytest.mark.parametrize(
    "dose",
    [
        Dose(0, CENTRAL, 100, ii=24, addl=2, duration=5, ss=True), Dose(0, CENTRAL, 100, ii=24, rate=10, ss=True),
        Dose(0, CENTRAL, 100, ii=24, duration=24, ss=True), Dose(0, GUT, 100, ii=24, addl=1, lag="lag", F="F", ss=True),
        Dose(0, CENTRAL, 100, ii=24, addl=1, lag="lag", duration=2, ss=True),
    ],
    ids=["infusion", "infusion by rate", "infusion without a pause", "oral with lag and F", "infusion after a lag"],
)  # fmt: skip
def test_steady_state_is_where_many_doses_lead(one_compartment: Network, dose: Dose) -> None:
    changes = {"lag": 1.5, "F": 0.6}
    assert np.allclose(
        central(one_compartment, [dose], **changes), dosed_for_long(one_compartment, dose, **changes), rtol=1e-6
    )


def test_an_infusion_that_runs_across_the_interval_is_refused(one_compartment: Network) -> None:
    """What still runs when the next interval begins would be lost; the engine says so rather than drop it."""
    dose = Dose(0, CENTRAL, 100, ii=24, addl=1, duration=10, lag="lag", ss=True)
    with pytest.raises(DoseError, match="30 h"):
        central(one_compartment, [dose], lag=20.0)


def test_slow_elimination_still_settles(one_compartment: Network) -> None:
    """A half-life of 50 days under daily doses: 1,700 intervals to a billionth."""
    found = central(one_compartment, [Dose(0, CENTRAL, 100, ii=24, ss=True)], k=5.8e-4)
    assert found[0] == pytest.approx(10 / math.expm1(5.8e-4 * 24), rel=1e-5)


@pytest.mark.parametrize("rtol", [1e-3, 1e-4, 1e-6])
def test_steady_state_at_everyday_tolerances(one_compartment: Network, rtol: float) -> None:
    traj = one_compartment.simulate(VALUES, TIMES, [Dose(0, GUT, 100, ii=24, ss=True)], rtol=rtol)
    exact = 10 * KA / (KA - K) * (1 / math.expm1(K * 24) - 1 / math.expm1(KA * 24))
    assert traj[CENTRAL][0] == pytest.approx(exact, rel=20 * rtol)


def test_a_subjects_steady_state_does_not_depend_on_the_others(one_compartment: Network) -> None:
    k = np.array([0.1, 0.5, 0.01, 0.002])
    dose = [Dose(0, CENTRAL, 100, ii=24, ss=True)]
    together = one_compartment.simulate(VALUES | {"k": k}, TIMES, dose)
    for i in range(4):
        alone = one_compartment.simulate(VALUES | {"k": k[i : i + 1]}, TIMES, dose)
        assert np.array_equal(together.values[i], alone.values[0])


def test_subjects_without_ss_start_from_their_initial_values(one_compartment: Network) -> None:
    net = one_compartment + Network("more")
    net.parameter("A.start", "nM")
    net.add_species("A", initial="A.start", scale="A.start")
    net.reaction("A -> 0", forward="k")
    calendars = [[Dose(0, CENTRAL, 100, ii=24, ss=True)], [Dose(0, CENTRAL, 100)], []]
    values = VALUES | {"k": np.full(3, K), "A.start": 5.0}
    found = net.simulate(values, TIMES, calendars, rtol=1e-9)
    assert found["A"][1:, 0].tolist() == [5, 5]
    assert np.allclose(found[CENTRAL][1], np.where(TIMES > 0, 10 * np.exp(-K * TIMES), 0), rtol=1e-7)
    assert not found[CENTRAL][2].any()


def test_calendars_may_have_different_intervals(one_compartment: Network) -> None:
    calendars = [[Dose(0, CENTRAL, 100, ii=i, ss=True)] for i in (6.0, 24.0)]
    found = one_compartment.simulate(VALUES | {"k": np.full(2, K)}, TIMES, calendars, rtol=1e-9)
    assert found[CENTRAL][0, 0] == pytest.approx(10 / math.expm1(K * 6), rel=1e-6)
    assert found[CENTRAL][1, 0] == pytest.approx(10 / math.expm1(K * 24), rel=1e-6)


def test_one_bad_subject_does_not_take_the_others_with_it(one_compartment: Network) -> None:
    k = np.array([0.1, np.nan, 0.5])
    found = one_compartment.simulate(VALUES | {"k": k}, TIMES, [Dose(0, CENTRAL, 100, ii=24, ss=True)])
    assert found.failed == (1,)
    assert found.status[1].outcome == "not finite"
    assert np.isnan(found[CENTRAL][1]).all()
    assert found[CENTRAL][0, 0] == pytest.approx(10 / math.expm1(2.4), rel=1e-5)


def test_a_lag_that_is_no_number_fails_its_subject_at_steady_state_too(one_compartment: Network) -> None:
    dose = [Dose(0, CENTRAL, 100, ii=24, ss=True, lag="lag")]
    for lag in (np.nan, np.array([np.nan, 1.0])):
        found = one_compartment.simulate(VALUES | {"lag": lag}, TIMES, dose)
        assert found.failed == (0,)
        assert found.status[0].outcome == "not finite"


def test_a_drug_that_is_not_eliminated_has_no_steady_state_and_says_so(one_compartment: Network) -> None:
    """Either an error for the one subject, or a status that is not ok; never numbers."""
    try:
        found = one_compartment.simulate(VALUES | {"k": 0.0}, TIMES, [Dose(0, CENTRAL, 100, ii=24, ss=True)])
    except SolveError as error:
        assert "steady state" in str(error)  # noqa: PT017 - both answers are right
    else:
        assert found.failed == (0,)
        assert np.isnan(found[CENTRAL]).all()


def test_reset_beside_ss_changes_nothing(one_compartment: Network) -> None:
    plain = central(one_compartment, [Dose(0, CENTRAL, 100, ii=24, ss=True)])
    both = central(one_compartment, [Dose(0, CENTRAL, 100, ii=24, ss=True), Dose(30, CENTRAL, 0, reset=True)])
    assert np.array_equal(both[TIMES <= 25], plain[TIMES <= 25])


def test_other_doses_join_after_the_steady_state(one_compartment: Network) -> None:
    ss = Dose(0, CENTRAL, 100, ii=24, addl=1, ss=True)
    extra = Dose(3, CENTRAL, 50)
    found = central(one_compartment, [ss, extra]) - central(one_compartment, [ss])
    assert np.allclose(found, np.where(TIMES > 3, 5 * np.exp(-K * (TIMES - 3)), 0), rtol=1e-6, atol=1e-9)


def test_steady_state_begins_a_later_start(one_compartment: Network) -> None:
    found = one_compartment.simulate(
        VALUES, 500 + TIMES, [Dose(500, CENTRAL, 100, ii=24, ss=True)], start=500, rtol=1e-10
    )
    peak = 10 / (1 - math.exp(-K * 24))
    assert np.allclose(found[CENTRAL][1:], peak * np.exp(-K * TIMES[1:]), rtol=1e-6)
