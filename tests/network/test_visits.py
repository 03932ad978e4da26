"""Visits: a pause changes nothing, a policy changes the doses to come, and every decision is logged."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cereblon.ground.errors import InputError
from cereblon.network.dosing import Dose
from cereblon.network.network import Network
from cereblon.network.visits import Orders, Visit, replay

VALUES = {"V": 10.0, "k": np.array([0.1, 0.2, 0.4]), "ka": 1.1, "F": 1.0, "lag": 0.0}
CENTRAL, GUT = "D@central", "D@gut"
TIMES = np.linspace(0, 96, 33)
DAILY = [Dose(0, CENTRAL, 100, ii=24, addl=3)]


def unchanged(visit: Visit) -> Orders:
    return Orders(visit.factor, [""] * len(visit.subjects))


def factor(value: float, at: int = 0) -> Callable[[Visit], Orders]:
    def policy(visit: Visit) -> Orders:
        new = np.full_like(visit.factor, value) if visit.number == at else visit.factor
        return Orders(new, ["because"] * len(visit.subjects))

    return policy


def run(network: Network, doses: Any = DAILY, values: Any = VALUES, **options: Any) -> Any:
    return network.simulate(values, options.pop("times", TIMES), doses, rtol=1e-9, **options)


@pytest.mark.parametrize("visits", [[24, 48, 72], [10], [0, 5, 5.1, 95.9], np.arange(1, 96, 7.0)], ids=str)
def test_pausing_changes_nothing_beyond_the_tolerance(one_compartment: Network, visits: Any) -> None:
    doses = [*DAILY, Dose(3, GUT, 50, ii=12, addl=5, duration=4), Dose(50, GUT, 30, rate=10, F="F")]
    judge = run(one_compartment, doses)
    paused = run(one_compartment, doses, visits=visits, policy=unchanged)
    assert paused.ok
    assert np.allclose(paused.values, judge.values, rtol=1e-8, atol=1e-8)
    assert np.allclose(paused.final, judge.final, rtol=1e-8, atol=1e-8)
    assert paused.decisions == ()


def test_pausing_keeps_bytes_equal_alone_and_together(one_compartment: Network) -> None:
    together = run(one_compartment, visits=[24, 48], policy=unchanged)
    for i in range(3):
        alone = run(one_compartment, values=VALUES | {"k": VALUES["k"][i : i + 1]}, visits=[24, 48], policy=unchanged)
        assert np.array_equal(alone.values[0], together.values[i])


def test_factor_zero_stops_the_doses_from_the_visit_on(one_compartment: Network) -> None:
    """A visit at a dose's time comes before the dose."""
    found = run(one_compartment, visits=[48], policy=factor(0.0))
    judge = run(one_compartment, [Dose(0, CENTRAL, 100, ii=24, addl=1)])
    assert np.allclose(found.values, judge.values, rtol=1e-8)


def test_a_visit_at_the_start_comes_before_the_first_dose(one_compartment: Network) -> None:
    assert not run(one_compartment, visits=[0], policy=factor(0.0))[CENTRAL].any()


def test_a_reduced_dose_is_reduced(one_compartment: Network) -> None:
    found = run(one_compartment, visits=[24], policy=factor(0.5))
    judge = run(one_compartment, [Dose(0, CENTRAL, 100), Dose(24, CENTRAL, 50, ii=24, addl=2)])
    assert np.allclose(found.values, judge.values, rtol=1e-8)


@pytest.mark.parametrize("how", [{"rate": 100 / 12}, {"duration": 12.0}], ids=["rate", "duration"])
def test_a_running_infusion_is_left_alone(one_compartment: Network, how: dict[str, float]) -> None:
    doses = [Dose(0, CENTRAL, 100, ii=24, addl=3, **how)]
    for value in (0.0, 0.5, 2.0):
        found = run(one_compartment, doses, visits=[6], policy=factor(value))
        rest = Dose(24, CENTRAL, 100 * value, ii=24, addl=2, duration=12 if "duration" in how else 12 * value)
        judge = run(one_compartment, [Dose(0, CENTRAL, 100, **how), *([rest] if value else [])])
        assert np.allclose(found.values, judge.values, rtol=1e-8, atol=1e-9), value


def test_each_subject_and_row_is_decided_for_itself(one_compartment: Network) -> None:
    doses = [*DAILY, Dose(0, GUT, 50, ii=24, addl=3)]

    def hold_row_one_of_subject_two(visit: Visit) -> Orders:
        new = visit.factor.copy()
        new[visit.subjects == 2, 1] = 0.0
        return Orders(new, ["low counts" if s == 2 else "" for s in visit.subjects])

    found = run(one_compartment, doses, visits=[24], policy=hold_row_one_of_subject_two)
    judge = run(one_compartment, doses)
    held = run(one_compartment, [*DAILY, Dose(0, GUT, 50)])
    assert np.allclose(found[CENTRAL][:2], judge[CENTRAL][:2], rtol=1e-8)
    assert np.allclose(found[CENTRAL][2], held[CENTRAL][2], rtol=1e-8)
    (decision,) = found.decisions
    assert (decision.subject, decision.visit, decision.time, decision.row) == (2, 0, 24.0, 1)
    assert (decision.species, decision.before, decision.after, decision.reason) == (GUT, 1.0, 0.0, "low counts")


def test_a_row_has_reasons_of_its_own_which_are_logged_though_its_factor_stays(one_compartment: Network) -> None:
    doses = [*DAILY, Dose(0, GUT, 50, ii=24, addl=3)]

    def again(visit: Visit) -> Orders:
        new = visit.factor.copy()
        new[:, 0] = 0.0
        own = {1: ["given again" if s == 2 else "" for s in visit.subjects]}
        return Orders(new, ["held" for _ in visit.subjects], own=own)

    found = run(one_compartment, doses, visits=[24, 48], policy=again).decisions
    assert [(d.subject, d.visit) for d in found if d.row == 1] == [(2, 0), (2, 1)]
    assert {(d.before, d.after, d.reason) for d in found if d.row == 1} == {(1.0, 1.0, "given again")}
    assert [(d.visit, d.reason) for d in found if d.row == 0] == [(0, "held")] * 3


def test_a_policy_sees_time_subjects_and_levels_before_the_dose(one_compartment: Network) -> None:
    seen: list[Visit] = []

    def watch(visit: Visit) -> Orders:
        seen.append(visit)
        return unchanged(visit)

    traj = run(one_compartment, visits=[24, 48, 200], policy=watch)
    assert [v.number for v in seen] == [0, 1]
    assert seen[1].time.tolist() == [48.0] * 3
    assert seen[1].subjects.tolist() == [0, 1, 2]
    assert np.allclose(seen[1].observed[CENTRAL], traj[CENTRAL][:, TIMES == 48][:, 0], rtol=1e-12)


def test_a_policy_sees_observables_too(
    degradation: Network, patients: Callable[[int], dict[str, np.ndarray]]
) -> None:
    seen: list[Visit] = []

    def watch(visit: Visit) -> Orders:
        seen.append(visit)
        return unchanged(visit)

    values = patients(9)
    traj = degradation.simulate(values, [0, 5, 10], [Dose(0, "g", 5)], visits=[5], policy=watch, rtol=1e-9)
    total = values["S.total"]
    judge = (traj["S"][:, 1] + traj["CRBN:g:S"][:, 1]) / total
    assert np.allclose(seen[0].observed["left"], judge, rtol=1e-9)


def test_a_held_dose_can_be_given_again_later(one_compartment: Network) -> None:
    def hold_once(visit: Visit) -> Orders:
        value, reason = ((0.0, "hold"), (1.0, "resume"))[visit.number]
        return Orders(np.full_like(visit.factor, value), [reason] * 3)

    found = run(one_compartment, visits=[24, 48], policy=hold_once)
    judge = run(one_compartment, [Dose(0, CENTRAL, 100), Dose(48, CENTRAL, 100, ii=24, addl=1)])
    assert np.allclose(found.values, judge.values, rtol=1e-8)
    assert [(d.visit, d.after, d.reason) for d in found.decisions[::3]] == [(0, 0.0, "hold"), (1, 1.0, "resume")]


def test_visits_at_steady_state_work(one_compartment: Network) -> None:
    doses = [Dose(0, CENTRAL, 100, ii=24, addl=3, ss=True)]
    judge = run(one_compartment, doses)
    assert np.allclose(run(one_compartment, doses, visits=[24], policy=unchanged).values, judge.values, rtol=1e-7)
    stopped = run(one_compartment, doses, visits=[0], policy=factor(0.0))
    assert np.allclose(stopped[CENTRAL], judge[CENTRAL][:, :1] * np.exp(-VALUES["k"][:, None] * TIMES), rtol=1e-6)


@pytest.fixture(scope="module")
def failing() -> Network:
    """Y grows as y^2 and leaves at t = 1 / Y0; Q is lost at rate 0.1 and takes doses."""
    net = Network("blow up")
    net.parameter("Y0", "1")
    net.add_species("Y", "1", initial="Y0", scale="1")
    net.add_species("Q", "1", initial="1")
    net.reaction("0 -> Y", rate="[Y]^2")
    net.reaction("Q -> 0", rate="0.1 * [Q]")
    return net


@pytest.mark.parametrize("options", [{}, {"most_steps": 60}], ids=["blow up", "too many steps"])
def test_a_failed_subject_stays_failed_and_meets_no_policy(failing: Network, options: dict[str, Any]) -> None:
    met: list[list[int]] = []

    def watch(visit: Visit) -> Orders:
        met.append(visit.subjects.tolist())
        return unchanged(visit)

    values = {"Y0": np.array([1.0, 0.01, 0.3])}
    times = np.linspace(0, 6, 13)
    plain = failing.simulate(values, times, rtol=1e-6, check=False, **options)
    traj = failing.simulate(
        values, times, [Dose(2.5, "Q", 1)], rtol=1e-6, visits=[2, 3, 5], policy=watch, check=False, **options
    )
    assert met[0] == [1, 2]
    assert met[-1] == [1]
    assert traj.failed == plain.failed == (0, 2)
    assert np.isnan(traj["Y"][0, times > 1.01]).all()
    assert np.isnan(traj["Y"][2, times > 3.4]).all()
    assert traj.status[0].time == pytest.approx(1.0, abs=0.2)


def test_a_subject_whose_own_end_came_meets_no_later_visit(one_compartment: Network) -> None:
    times = np.array([[0, 30.0], [0, 72.0], [0, 96.0]])
    doses = [Dose(0, CENTRAL, 100, ii=24, addl=3), Dose(30, CENTRAL, 500)]
    met: list[list[int]] = []

    def watch(visit: Visit) -> Orders:
        met.append(visit.subjects.tolist())
        return unchanged(visit)

    judge = run(one_compartment, doses, times=times)
    found = run(one_compartment, doses, times=times, visits=[20, 40, 80], policy=watch)
    assert met == [[0, 1, 2], [1, 2], [2]]
    assert np.allclose(found.values, judge.values, rtol=1e-8)
    assert np.allclose(found.final, judge.final, rtol=1e-8)


def test_cancelling_at_a_visit_leaves_no_invented_numbers(one_compartment: Network) -> None:
    cancel = threading.Event()

    def stop(visit: Visit) -> Orders:
        cancel.set()
        return unchanged(visit)

    traj = run(one_compartment, visits=[48, 72], policy=stop, cancel=cancel)
    assert [s.outcome for s in traj.status] == ["cancelled"] * 3
    assert np.isfinite(traj[CENTRAL][:, TIMES <= 48]).all()
    assert np.isnan(traj[CENTRAL][:, TIMES > 48]).all()


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_a_factor_that_no_dose_can_have_is_refused(one_compartment: Network, bad: float) -> None:
    with pytest.raises(InputError):
        run(one_compartment, visits=[24], policy=factor(bad))


@pytest.mark.parametrize("visits", [None, [48, 24], [-1], [np.nan], [24, 24]], ids=str)
def test_visits_must_be_times_in_order(one_compartment: Network, visits: Any) -> None:
    with pytest.raises(InputError):
        run(one_compartment, visits=visits, policy=unchanged)


def test_visits_without_a_policy_are_refused_or_harmless(one_compartment: Network) -> None:
    assert np.allclose(run(one_compartment, visits=[24]).values, run(one_compartment).values, rtol=1e-8)


def test_a_subject_sent_away_stops_there_and_has_not_failed(one_compartment: Network) -> None:
    def send_second_away(visit: Visit) -> Orders:
        return Orders(visit.factor, [""] * len(visit.subjects), leaves=(visit.subjects == 1) & (visit.number == 1))

    found = run(one_compartment, visits=[24, 48, 72], policy=send_second_away)
    judge = run(one_compartment, visits=[24, 48, 72], policy=unchanged)
    assert [s.outcome for s in found.status] == ["ok", "left", "ok"]
    assert found.status[1].time == 48
    assert found.ok
    until = TIMES <= 48
    assert np.array_equal(found.values[1, until], judge.values[1, until])
    assert np.isnan(found.values[1, ~until]).all()
    assert np.array_equal(found.values[[0, 2]], judge.values[[0, 2]])


def test_a_log_is_replayed_to_the_bit(one_compartment: Network) -> None:
    """Holds and half doses by what each subject shows, then the same run from its log alone."""

    def by_level(visit: Visit) -> Orders:
        low = visit.observed[CENTRAL] < np.median(visit.observed[CENTRAL])
        new = visit.factor.copy()
        new[:, 0] = np.where(low, 1.0, 0.5 * (visit.number % 2))
        return Orders(new, ["by level"] * len(visit.subjects))

    doses = [*DAILY, Dose(3, GUT, 50, ii=12, addl=5, duration=4)]
    first = run(one_compartment, doses, visits=[20, 44, 68], policy=by_level)
    again = run(one_compartment, doses, visits=[20, 44, 68], policy=replay(first.decisions))
    assert len(first.decisions) > 3
    assert again.values.tobytes() == first.values.tobytes()
    assert again.decisions == first.decisions
