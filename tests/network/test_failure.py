"""Failure has a name, a time and a species; it is NaN, never zero, and nobody else's."""

import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cereblon.ground.errors import CereblonError, InputError
from cereblon.network.dosing import Dose
from cereblon.network.network import Network


def network(rate: str, initial: str = "1", scale: str = "1", **parameters: float) -> Network:
    net = Network("one rate")
    for name, value in parameters.items():
        net.parameter(name, "1", value=value)
    net.add_species("Y", "1", initial=initial, scale=scale)
    net.add_species("Q", "1", initial="1", scale="1")
    net.reaction("0 -> Y", rate=rate)
    net.reaction("Q -> 0", rate="0.1 * [Q]")
    return net


def run(net: Network, end: float = 10.0, **options: Any) -> Any:
    return net.simulate(options.pop("values", {}), np.linspace(0, end, 41), check=False, **options)


def test_a_blow_up_is_found_at_its_time() -> None:
    """y' = y^2 leaves at t = 1."""
    traj = run(network("[Y]^2"))
    status = traj.status[0]
    assert status.outcome in ("step size underflow", "not finite")
    assert status.time == pytest.approx(1.0, abs=1e-3)
    assert status.species == "Y"
    before = traj.time < status.time - 1e-3
    assert np.allclose(traj["Y"][before], 1 / (1 - traj.time[before]), rtol=1e-3)
    assert np.isnan(traj["Y"][traj.time > 1.01]).all()
    assert np.isnan(traj["Q"][traj.time > 1.01]).all()
    assert not traj.ok
    assert "Y" in str(status)


def test_a_singular_rate_is_not_finite() -> None:
    """y' = -1 / y reaches 0 at t = 1/2."""
    status = run(network("-1 / [Y]")).status[0]
    assert not status.ok
    assert status.time == pytest.approx(0.5, abs=1e-2)


def test_a_root_of_a_negative_number_is_not_finite() -> None:
    """y' = -1 + 0 sqrt(y - 0.5): the rate stops being a number at t = 1/2."""
    status = run(network("-1 + 1e-9 * sqrt([Y] - 0.5)")).status[0]
    assert status.outcome == "not finite"
    assert status.time == pytest.approx(0.5, abs=1e-2)
    assert status.species == "Y"


def test_a_rate_that_ignores_what_is_left_is_negative_beyond_tolerance() -> None:
    traj = run(network("-1"))
    status = traj.status[0]
    assert status.outcome == "negative beyond tolerance"
    assert status.time == pytest.approx(1.0, abs=1e-3)
    assert status.species == "Y"
    assert np.isnan(traj["Y"][traj.time > 1.01]).all()
    assert np.isfinite(traj["Y"][traj.time < 0.99]).all()


def test_too_many_steps_are_counted_between_doses() -> None:
    net = network("-[Y] * 1")
    assert run(net, most_steps=3).status[0].outcome == "too many steps"
    doses = [Dose(0, "Q", 1e-3, ii=0.5, addl=19)]
    traj = run(net, doses=doses, most_steps=25, rtol=1e-4)
    assert traj.status[0].accepted > 25
    assert traj.ok


def test_a_nan_parameter_fails_only_its_subject() -> None:
    net = network("-k * [Y]", k=1.0)
    k = np.array([1.0, np.nan, 2.0])
    traj = run(net, values={"k": k})
    assert traj.failed == (1,)
    assert traj.status[1].outcome == "not finite"
    assert traj.status[1].time == 0.0
    assert np.isnan(traj["Y"][1][1:]).all()
    judge = run(net, values={"k": k[[0, 2]]})
    assert np.array_equal(traj["Y"][[0, 2]], judge["Y"])


@pytest.mark.parametrize("name", ["CRBN.total", "S.total", "g.total", "k_on", "k_deg", "k_out", "k_cat"])
def test_a_species_of_scale_zero_is_no_failure(
    degradation: Network, patients: Callable[[int], dict[str, np.ndarray]], name: str
) -> None:
    """A CRBN-null line has CRBN.total = 0, the scale of its species."""
    values = {n: float(column[0]) for n, column in patients(1).items()} | {name: 0.0}
    for doses in ([], [Dose(1, "g", 5), Dose(2, "CRBN", 3), Dose(3, "S", 3)]):
        traj = degradation.simulate(values, [0, 1, 10, 100], doses)
        assert traj.ok
        assert np.isfinite(traj["S"]).all()
    if name == "CRBN.total":
        assert np.allclose(degradation.simulate(values, [0, 1, 10, 100])["S"], values["S.total"])


@pytest.mark.parametrize("where", ["initial", "scale", "volume", "lag", "F", "F of a rate"])
def test_a_number_that_is_none_is_found_wherever_it_stands(where: str) -> None:
    net = Network("nan")
    net.place("c", volume="bad" if where == "volume" else "1")
    net.parameter("bad", "1")
    net.add_species("Y@c", "nM", initial="bad" if where == "initial" else "1", scale="bad" if where == "scale" else "1")
    net.reaction("Y@c -> 0", rate="[Y@c]")
    attributes = {"lag": {"lag": "bad"}, "F": {"F": "bad"}, "F of a rate": {"F": "bad", "rate": 5.0}}.get(where, {})
    dose = Dose(1, "Y@c", 10.0, **attributes)  # type: ignore[arg-type]
    traj = net.simulate({"bad": np.array([np.nan, 1.0])}, [0, 2, 4], [dose], check=False)
    assert traj.failed == (0,)
    assert traj.status[0].outcome == "not finite"
    assert np.isnan(traj["Y@c"][0, 1:]).all()
    assert np.isfinite(traj["Y@c"][1]).all()


def test_a_negative_lag_is_refused_and_never_hangs() -> None:
    net = network("-[Y]", lag=-30.0)
    cancel = threading.Event()
    threading.Timer(5.0, cancel.set).start()
    began = time.perf_counter()
    try:
        traj = run(net, doses=[Dose(0, "Y", 1, ii=8, addl=9, lag="lag")], cancel=cancel)
    except CereblonError:
        return
    finally:
        assert time.perf_counter() - began < 3.0
    assert not traj.ok


def test_output_stops_at_the_failure_and_the_last_good_state_is_kept() -> None:
    traj = run(network("-1"))
    last = traj.final[0, traj.species.index("Y")]
    assert abs(last) < 1e-3
    assert np.isfinite(traj.final).all()


def test_output_never_changes_the_trajectory() -> None:
    net = network("-k * [Y]^2 + time * exp(-time)", k=1.0)
    doses = [Dose(3, "Y", 2, ii=2, addl=2)]
    anywhere = np.sort(10 * np.random.Generator(np.random.Philox(2)).random(99))
    grids = [[10.0], np.linspace(0, 10, 11), np.linspace(0, 10, 1777), [0, 3, 3, 3, 10.0], [*anywhere, 10.0]]
    finals = [net.simulate({}, grid, doses, check=False, observe=["Y"]) for grid in grids]
    for traj in finals:
        assert np.array_equal(traj.final, finals[0].final)
        assert traj.status == finals[0].status


def test_a_sample_is_the_same_whatever_stands_beside_it() -> None:
    net = network("-k * [Y]^2", k=1.0)
    grid = np.linspace(0, 10, 1001)
    many = net.simulate({}, grid, check=False)
    few = net.simulate({}, grid[[123, 777, 1000]], check=False)
    assert np.array_equal(few["Y"], many["Y"][[123, 777, 1000]])


Slow = tuple[Network, dict[str, np.ndarray], np.ndarray]


class Pressed:
    """A progress bar whose user presses Ctrl-C once something is done."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def __call__(self, done: int, subjects: int) -> None:
        self.seen.append((done, subjects))
        if done > 200 and not any(d == -1 for d, _ in self.seen):
            self.seen.append((-1, -1))
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def slow() -> Slow:
    """Long enough to be interrupted: an oscillator, many subjects."""
    net = Network("Brusselator")
    net.parameter("b", "1")
    net.add_species("X", "1", initial="1")
    net.add_species("Y", "1", initial="3")
    net.reaction("0 -> X", rate="1 + [X]^2 * [Y] - (b + 1) * [X]")
    net.reaction("0 -> Y", rate="b * [X] - [X]^2 * [Y]")
    return net, {"b": np.linspace(2.5, 4, 4000)}, np.linspace(0, 400, 5)


def check_partial(traj: Any, network: Network, values: dict[str, np.ndarray], times: np.ndarray) -> None:
    finished = [i for i, s in enumerate(traj.status) if s.ok]
    cancelled = [i for i, s in enumerate(traj.status) if s.outcome == "cancelled"]
    assert finished
    assert cancelled
    assert len(finished) + len(cancelled) == len(traj.status)
    assert np.isfinite(traj.values[finished]).all()
    assert np.isnan(traj.values[cancelled][:, -1]).all()
    pick = finished[:: max(1, len(finished) // 5)]
    again = network.simulate({"b": values["b"][pick]}, times, rtol=1e-8, check=False)
    assert np.array_equal(again.values, traj.values[pick])


def test_ctrl_c_keeps_what_is_done(slow: Slow) -> None:
    net, values, times = slow
    pressed = Pressed()
    began = time.perf_counter()
    traj = net.simulate(values, times, rtol=1e-8, progress=pressed, check=False)
    assert time.perf_counter() - began < 20
    assert (-1, -1) in pressed.seen
    check_partial(traj, net, values, times)


def test_a_real_signal_is_caught_and_the_program_goes_on(slow: Slow) -> None:
    net, values, times = slow
    seen: list[int] = []

    def press(done: int, _: int) -> None:
        if done > 50 and not seen:
            seen.append(done)
            signal.raise_signal(signal.SIGINT)

    check_partial(net.simulate(values, times, rtol=1e-8, progress=press, check=False), net, values, times)


def test_ctrl_c_is_not_swallowed_where_nobody_reads_the_status(slow: Slow) -> None:
    """A caller without `progress` or `cancel` would take the NaN of what was not finished for a result."""
    net, values, times = slow
    net.simulate({"b": values["b"][:8]}, times, rtol=1e-8, check=False)  # compiled: the signal comes in the loop
    timer = threading.Timer(0.05, signal.raise_signal, [signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        net.simulate(values, times, rtol=1e-8, threads=1, check=False)


def test_ctrl_c_at_any_moment_leaves_the_next_run_whole(slow: Slow) -> None:
    """Also between the start of the threads and the wait for them: they must not write to freed memory."""
    net, values, times = slow
    few = {"b": values["b"][:16]}
    judge = net.simulate(few, times / 10, rtol=1e-8, check=False).values
    for k in range(40):
        timer = threading.Timer(0.0002 * k, signal.raise_signal, [signal.SIGINT])
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 - the signal may come before the run begins
            timer.start()
            net.simulate(values, times, rtol=1e-8, threads=1 + k % 2, check=False)
        timer.join()
        assert np.array_equal(net.simulate(few, times / 10, rtol=1e-8, check=False).values, judge)


def test_a_progress_bar_that_breaks_stops_the_run_and_says_why(slow: Slow) -> None:
    net, values, times = slow

    def broken(done: int, _: int) -> None:
        raise ZeroDivisionError

    whole = time.perf_counter()
    net.simulate(values, times, rtol=1e-8, check=False)
    whole = time.perf_counter() - whole
    began = time.perf_counter()
    with pytest.raises(ZeroDivisionError):
        net.simulate(values, times, rtol=1e-8, progress=broken, check=False)
    assert time.perf_counter() - began < 0.5 * whole


def test_a_set_cancel_event_stops_the_run(slow: Slow) -> None:
    net, values, times = slow
    cancel = threading.Event()

    def progress(done: int, _: int) -> None:
        if done > 100:
            cancel.set()

    check_partial(
        net.simulate(values, times, rtol=1e-8, cancel=cancel, progress=progress, check=False), net, values, times
    )


def test_a_run_cancelled_before_it_begins_has_no_numbers(slow: Slow) -> None:
    net, values, times = slow
    cancel = threading.Event()
    cancel.set()
    traj = net.simulate(values, times, rtol=1e-8, cancel=cancel, check=False)
    assert sum(s.outcome == "cancelled" for s in traj.status) > 3000


def test_a_subject_that_never_began_has_no_last_state(slow: Slow) -> None:
    """Zeros would be an invention: NaN, or the initial values."""
    net, values, times = slow
    cancel = threading.Event()
    cancel.set()
    final = net.simulate(values, times, rtol=1e-8, cancel=cancel, check=False).final[-1]
    assert np.isnan(final).all() or final.tolist() == [1, 3]


def test_progress_counts_up_to_all_subjects() -> None:
    seen: list[tuple[int, int]] = []
    net = network("-k * [Y]", k=1.0)
    run(net, values={"k": np.linspace(1, 2, 300)}, progress=lambda d, n: seen.append((d, n)))
    counts = [d for d, _ in seen]
    assert counts == sorted(counts)
    assert seen[-1] == (300, 300)


def test_runs_from_other_threads_work_and_do_not_disturb_each_other() -> None:
    net = network("-k * [Y]", k=1.0)
    judge = run(net, values={"k": np.linspace(1, 2, 50)}).values
    found: list[Any] = [None] * 4

    def work(i: int) -> None:
        found[i] = run(net, values={"k": np.linspace(1, 2, 50)}, threads=1 + i % 2).values

    workers = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert all(np.array_equal(f, judge) for f in found)


@pytest.mark.parametrize(
    "options",
    [
        {"rtol": 0.0}, {"rtol": -1e-6}, {"rtol": np.nan}, {"rtol": np.inf}, {"largest_step": 0.0}, {"first_step": -1.0},
        {"first_step": np.nan}, {"most_steps": 0}, {"width": 3}, {"method": "Euler"}, {"threads": -1},
        {"start": np.nan},
    ],
    ids=str,
)  # fmt: skip
def test_a_setting_that_means_nothing_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        network("-[Y]").simulate({}, [0, 1], check=False, **options)


@pytest.mark.parametrize(
    "times", [[], [1, 0], [np.nan], [0, np.inf], [-1, 0], 5.0, [[[0.0]]], [[0, 1], [0, 1]]], ids=str
)
def test_times_that_mean_nothing_are_refused(times: Any) -> None:
    with pytest.raises(InputError):
        network("-[Y]").simulate({}, times, check=False)


def test_values_that_mean_nothing_are_refused() -> None:
    net = network("-k * [Y]", k=1.0, j=1.0)
    for values in ({"k": np.inf}, {"k": [[1.0]]}, {"k": []}, {"k": [1, 2], "j": [1, 2, 3]}, {"kk": 1.0}, {"k": "fast"}):
        with pytest.raises(CereblonError):
            net.simulate(values, [0, 1], check=False)


def test_missing_values_are_listed() -> None:
    net = Network("missing")
    net.parameter("k.first", "1/h")
    net.add_species("Y", initial="1")
    net.reaction("Y -> 0", forward="k.first")
    with pytest.raises(InputError, match=r"k\.first"):
        net.simulate({}, [0, 1])
