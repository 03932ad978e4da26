"""The promise: |error| <= 10 (rtol |y| + atol_i), atol_i = 1e-3 rtol scale_i, on all species, between steps too."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from cereblon.network.dosing import Dose
from cereblon.network.network import Network

Right = Callable[[float, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Problem:
    """A network, its scales, sample times, and the same equations by hand for the outside judge."""

    network: Network
    values: dict[str, float]
    scale: np.ndarray
    start: np.ndarray
    right: Right
    times: np.ndarray

    def reference(self) -> np.ndarray:
        """Radau IIA restarted at each sample, so that its own interpolation plays no part; (times, species)."""
        y, now, rows = self.start, 0.0, []
        for time in self.times:
            if time > now:
                y = solve_ivp(self.right, (now, time), y, "Radau", rtol=1e-12, atol=1e-15 * self.scale).y[:, -1]
            rows.append(y)
            now = time
        return np.array(rows)


def robertson() -> Problem:
    """Robertson (1966), whose middle species is a millionth of the others and says so with its scale."""
    net = Network("Robertson")
    for name, initial, scale in (("A", "1", "1"), ("B", "0", "1e-5"), ("C", "0", "1")):
        net.add_species(name, "nM", initial=initial, scale=scale)
    net.reaction("A -> B + 0", rate="0.04 * [A]")
    net.reaction("B -> C + 0", rate="3e7 * [B]^2")
    net.reaction("B -> A + 0", rate="1e4 * [B] * [C]")

    def right(_: float, y: np.ndarray) -> np.ndarray:
        a, b, c = 0.04 * y[0], 3e7 * y[1] ** 2, 1e4 * y[1] * y[2]
        return np.array([c - a, a - b - c, b])

    return Problem(
        net, {}, np.array([1, 1e-5, 1]), np.array([1.0, 0, 0]), right, np.append(0, np.logspace(-5, 5, 31) * 1.2345)
    )


def brusselator() -> Problem:
    """A limit cycle: errors of phase grow with time."""
    net = Network("Brusselator")
    net.add_species("X", "nM", initial="1.5", scale="1")
    net.add_species("Y", "nM", initial="3", scale="1")
    net.reaction("0 -> X", rate="1 + [X]^2 * [Y] - 4 * [X]")
    net.reaction("0 -> Y", rate="3 * [X] - [X]^2 * [Y]")

    def right(_: float, y: np.ndarray) -> np.ndarray:
        return np.array([1 + y[0] ** 2 * y[1] - 4 * y[0], 3 * y[0] - y[0] ** 2 * y[1]])

    return Problem(net, {}, np.ones(2), np.array([1.5, 3.0]), right, np.linspace(0, 4, 24))


def timed() -> Problem:
    """Hill functions and a rate that reads the time."""
    net = Network("timed")
    for name in ("k", "K", "n"):
        net.parameter(name, "1")
    net.add_species("A", "nM", initial="2", scale="2")
    net.add_species("B", "nM", scale="1")
    net.reaction("A -> B + 0", rate="k * hill([A], K, n) * (1 + 0.5 * exp(-time / 3))")
    net.reaction("B -> A + 0", rate="k * [B] * hill([A], K, 2)")
    net.reaction("B -> 0", rate="0.3 * [B]")

    def right(t: float, y: np.ndarray) -> np.ndarray:
        f = 1.3 / (1 + (0.7 / y[0]) ** 2.5) * (1 + 0.5 * np.exp(-t / 3))
        g = 1.3 * y[1] * y[0] ** 2 / (0.49 + y[0] ** 2)
        return np.array([g - f, f - g - 0.3 * y[1]])

    values = {"k": 1.3, "K": 0.7, "n": 2.5}
    return Problem(net, values, np.array([2.0, 1]), np.array([2.0, 0]), right, np.linspace(0, 9, 23))


def slaved() -> Problem:
    """A species that follows a slow one through a steep Hill function at a rate of its own, 200 times as fast: right
    at the ends of long steps, and told between them only if the continuous extension knows how stiff it is."""
    net = Network("slaved")
    for name, initial in (("X", "1"), ("Y", "0"), ("S", "0")):
        net.add_species(name, "nM", initial=initial)
    net.reaction("X -> Y + 0", rate="0.1 * [X]")
    net.reaction("Y -> 0", rate="0.03 * [Y]")
    net.reaction("0 -> S", rate="200 * hill([Y], 0.4, 10)")
    net.reaction("S -> 0", rate="200 * [S]")

    def right(_: float, y: np.ndarray) -> np.ndarray:
        goal = y[1] ** 10 / (0.4**10 + y[1] ** 10)
        return np.array([-0.1 * y[0], 0.1 * y[0] - 0.03 * y[1], 200 * (goal - y[2])])

    return Problem(net, {}, np.ones(3), np.array([1.0, 0, 0]), right, np.linspace(0, 80, 81))


def ligase(network: Network) -> Problem:
    """The degradation network at nanomolar binding, hours of turnover."""
    v = {"k_on": 3.0, "Kd": 30.0, "k_on2": 2.0, "Kd2": 100.0, "k_cat": 10.0, "k_deg": 0.1, "CRBN.total": 50.0,
         "S.total": 20.0, "g.total": 5.0, "k_out": 0.1}  # fmt: skip

    def right(_: float, y: np.ndarray) -> np.ndarray:
        c, g, cg, s, cgs = y
        bind = v["k_on"] * (c * g - v["Kd"] * cg)
        recruit = v["k_on2"] * (cg * s - v["Kd2"] * cgs)
        kill = v["k_cat"] * cgs
        return np.array([
            -bind, -bind - v["k_out"] * g, bind - recruit + kill, v["k_deg"] * (20 - s) - recruit, recruit - kill
        ])  # fmt: skip

    scale = np.array([50, 5.05, 50, 20, 20])
    return Problem(network, v, scale, np.array([50.0, 5, 0, 20, 0]), right, np.append(0, np.logspace(-4, 2, 27)))


@pytest.fixture(scope="module")
def problem(degradation: Network) -> Callable[[str], tuple[Problem, np.ndarray]]:
    @cache
    def build(name: str) -> tuple[Problem, np.ndarray]:
        made = {"robertson": robertson, "brusselator": brusselator, "timed": timed, "slaved": slaved}
        chosen = ligase(degradation) if name == "ligase" else made[name]()
        return chosen, chosen.reference()

    return build


def excess(problem: Problem, judge: np.ndarray, rtol: float, **options: Any) -> float:
    """The largest error in units of the promise."""
    names = list(problem.network.species)
    traj = problem.network.simulate(
        problem.values, problem.times, rtol=rtol, observe=names, check=False, **options
    )
    assert traj.ok
    allowed = 10 * (rtol * np.abs(judge) + 1e-3 * rtol * problem.scale) + 2e-12 * np.abs(judge)
    return float((np.abs(traj.values[0] - judge) / allowed).max())


# RODAS4 promises nothing below 1e-8 (rosenbrock.py): on Robertson's problem its order falls, and at 1e-9 the error
# between steps is 1.6 times what is allowed.
RTOLS = [10.0**-n for n in range(3, 11)]
METHODS = [*(("RODAS5P", rtol) for rtol in RTOLS), *(("RODAS4", rtol) for rtol in RTOLS if rtol >= 1e-8)]


@pytest.mark.parametrize(("method", "rtol"), METHODS)
@pytest.mark.parametrize("name", ["robertson", "brusselator", "timed", "slaved", "ligase"])
def test_error_is_within_ten_tolerances_of_radau(
    problem: Callable[[str], tuple[Problem, np.ndarray]], name: str, method: str, rtol: float
) -> None:
    assert excess(*problem(name), rtol, method=method) <= 1.0


@pytest.mark.parametrize("name", ["robertson", "ligase"])
def test_error_falls_with_the_tolerance(problem: Callable[[str], tuple[Problem, np.ndarray]], name: str) -> None:
    chosen, judge = problem(name)
    found = [excess(chosen, judge, rtol) * rtol for rtol in (1e-3, 1e-5, 1e-7, 1e-9)]
    assert found[1] < found[0] / 5
    assert found[2] < found[1] / 5
    assert found[3] < found[2] / 5


def test_sum_of_cereblon_is_conserved_to_the_last_bits(degradation: Network) -> None:
    chosen = ligase(degradation)
    traj = degradation.simulate(chosen.values, np.linspace(0, 500, 101), rtol=1e-4)
    total = traj["CRBN"] + traj["CRBN:g"] + traj["CRBN:g:S"]
    assert np.abs(total - 50).max() < 1e-10


def test_a_resting_network_stays_at_rest(degradation: Network) -> None:
    chosen = ligase(degradation)
    traj = degradation.simulate(chosen.values | {"g.total": 0.0}, [0, 1, 1e3, 1e6], rtol=1e-4)
    assert np.array_equal(traj["S"], np.full(4, 20.0))
    assert np.array_equal(traj["CRBN"], np.full(4, 50.0))


@pytest.mark.parametrize("rtol", [1e-3, 1e-5, 1e-7, 1e-9])
@pytest.mark.parametrize("method", ["RODAS4", "RODAS5P"])
def test_the_promise_holds_under_daily_doses(one_compartment: Network, method: str, rtol: float) -> None:
    """28 days of a tablet; the closed form is the sum of Bateman's functions."""
    V, k, ka = 10.0, 0.08, 1.3
    times = np.sort(np.concatenate([np.arange(0, 28 * 24, 7.3), 24 * np.arange(28) + 0.01]))
    values = {"V": V, "k": k, "ka": ka, "F": 0.8, "lag": 0.3}
    daily = [Dose(0, "D@gut", 1000, ii=24, addl=27, F="F", lag="lag")]
    traj = one_compartment.simulate(values, times, daily, rtol=rtol, method=method)
    since = np.maximum(times[:, None] - 0.3 - 24 * np.arange(28), 0.0)
    begun = times[:, None] - 0.3 - 24 * np.arange(28) > 0
    gut = (80 * np.exp(-ka * since) * begun).sum(axis=1)
    central = (80 * ka / (ka - k) * (np.exp(-k * since) - np.exp(-ka * since))).sum(axis=1)
    for name, judge in (("D@gut", gut), ("D@central", central)):
        allowed = 10 * (rtol * np.abs(judge) + 1e-3 * rtol) + 1e-11
        assert (np.abs(traj[name] - judge) <= allowed).all(), name


@pytest.mark.parametrize("rtol", [1e-3, 1e-6, 1e-9])
def test_the_promise_holds_for_the_ligase_under_doses(degradation: Network, rtol: float) -> None:
    chosen = ligase(degradation)
    times = np.arange(0, 60, 3.7)
    judge, now, y = [], 0.0, chosen.start
    for stop in np.union1d(times, [12.0, 24, 36, 48]):
        if stop > now:
            y = solve_ivp(chosen.right, (now, stop), y, "Radau", rtol=1e-11, atol=1e-13).y[:, -1]
        if stop in times:
            judge.append(y)
        if stop in (12, 24, 36, 48):
            y = y + np.array([0, 10, 0, 0, 0])
        now = stop
    names = list(degradation.species)
    traj = degradation.simulate(chosen.values, times, [Dose(12, "g", 10, ii=12, addl=3)], rtol=rtol, observe=names)
    allowed = 10 * (rtol * np.abs(judge) + 1e-3 * rtol * chosen.scale) + 1e-10
    assert (np.abs(traj.values[0] - judge) <= allowed).all()
    left = (np.array(judge)[:, 3] + np.array(judge)[:, 4]) / 20 * 100
    found = degradation.simulate(chosen.values, times, [Dose(12, "g", 10, ii=12, addl=3)], rtol=rtol, observe=["left"])
    assert np.allclose(found["left"], left, rtol=10 * rtol, atol=2 * rtol)


@pytest.mark.parametrize("rtol", [1e-11, 1e-13, 1e-15])
def test_more_than_a_double_holds_is_either_reached_or_said(degradation: Network, rtol: float) -> None:
    chosen = ligase(degradation)
    traj = degradation.simulate(chosen.values, [0, 1, 10], rtol=rtol)
    judge = degradation.simulate(chosen.values, [0, 1, 10], rtol=1e-10)
    assert np.isnan(traj["S"]).any() if not traj.ok else np.allclose(traj["S"], judge["S"], rtol=1e-8)


def test_a_pulse_in_time_is_seen_with_a_largest_step() -> None:
    """From rest nothing announces it: a rate that wakes with the time needs `largest_step` of about its width."""
    net = Network("pulse")
    net.add_species("A", "nM")
    net.reaction("0 -> A", rate="10 * exp(-(time - 500)^2)")
    traj = net.simulate({}, [0, 400, 1000], largest_step=1.0, check=False)
    assert traj["A"][2] == pytest.approx(10 * np.sqrt(np.pi), rel=1e-5)
