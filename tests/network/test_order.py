"""The methods are of the order they claim: their order conditions, and convergence with a fixed step."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from cereblon.network.network import Network
from cereblon.network.rosenbrock import RODAS4, RODAS5P, Method

METHODS = [RODAS4, RODAS5P]


def classical(method: Method) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """alpha, beta = alpha + gamma and b, gamma of the textbook form: U = Gamma k (Hairer & Wanner IV.7.25)."""
    s = method.stages
    A, C = np.zeros((s, s)), np.zeros((s, s))
    for i in range(s):
        A[i, :i], C[i, :i] = method.A[i], method.C[i]
    inverse = np.eye(s) / method.gamma - C
    Gamma = np.linalg.inv(inverse)
    m = np.append(method.A[-1], 1.0)
    return A @ Gamma, A @ Gamma + Gamma, m @ Gamma, Gamma


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_nodes_and_time_weights_follow_from_the_stages(method: Method) -> None:
    alpha, _, _, Gamma = classical(method)
    assert np.allclose(alpha.sum(axis=1), method.c, atol=1e-12)
    assert np.allclose(Gamma.sum(axis=1), method.d, atol=1e-12)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_order_conditions_up_to_four_hold(method: Method) -> None:
    """Hairer & Wanner 1996, IV.7, table 7.1."""
    alpha, beta, b, _ = classical(method)
    a, be = alpha.sum(axis=1), beta.sum(axis=1)
    conditions = [
        (b.sum(), 1), (b @ be, 1 / 2), (b @ a**2, 1 / 3), (b @ beta @ be, 1 / 6), (b @ a**3, 1 / 4),
        (b @ (a * (alpha @ be)), 1 / 8), (b @ beta @ a**2, 1 / 12), (b @ beta @ beta @ be, 1 / 24),
    ]  # fmt: skip
    for found, expected in conditions:
        assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_dense_output_meets_both_ends_with_the_slope_of_the_start(method: Method) -> None:
    """y(t + x h) = sum_j b_j(x) k_j with sum_j b_j(x) = x, and the higher conditions up to order 3 at every x."""
    alpha, beta, b, Gamma = classical(method)
    a, be = alpha.sum(axis=1), beta.sum(axis=1)
    rows = [np.asarray(row) @ Gamma for row in method.H]
    for x in (0.0, 0.1, 0.5, 0.9, 1.0):
        k = np.zeros_like(b)
        for row in reversed(rows):
            k = row + x * k
        bx = x * (b + (1 - x) * k)
        found = [bx.sum(), bx @ be, bx @ a**2, bx @ beta @ be]
        expected = [x, x**2 / 2, x**3 / 3, x**3 / 6]
        if method.order > 4:
            found += [bx @ a**3, bx @ (a * (alpha @ be)), bx @ beta @ a**2, bx @ beta @ beta @ be]
            expected += [x**4 / 4, x**4 / 8, x**4 / 12, x**4 / 24]
        assert np.allclose(found, expected, atol=1e-10), x


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
def test_methods_are_l_stable(method: Method) -> None:
    """|R(z)| <= 1 on the imaginary axis, R(infinity) = 0; stiffly accurate."""
    _, beta, b, _ = classical(method)
    for z in [1j * y for y in np.logspace(-3, 6, 200)]:
        assert abs(1 + z * b @ np.linalg.solve(np.eye(len(b)) - z * beta, np.ones(len(b)))) <= 1 + 1e-9
    far = 1 + -1e12 * b @ np.linalg.solve(np.eye(len(b)) + 1e12 * beta, np.ones(len(b)))
    assert abs(far) < 1e-8
    assert np.allclose(beta[-1], b, atol=1e-12)


def autonomous() -> tuple[Network, Callable[[np.ndarray], np.ndarray]]:
    """y' = y (1 - y), the logistic curve."""
    net = Network("logistic")
    net.add_species("Y", "1", initial="0.2")
    net.reaction("0 -> Y", rate="[Y] * (1 - [Y])")
    return net, lambda t: 1 / (1 + 4 * np.exp(-t))


def coupled() -> tuple[Network, Callable[[np.ndarray], np.ndarray]]:
    """Kaps' problem at mild stiffness: x' = -(2 + e) x + e y^2, y' = x - y - y^2, x = y^2, y = exp(-t)."""
    net = Network("Kaps")
    net.add_species("X", "1", initial="1")
    net.add_species("Y", "1", initial="1")
    net.reaction("0 -> X", rate="5 * [Y]^2 - 7 * [X]")
    net.reaction("0 -> Y", rate="[X] - [Y] - [Y]^2")
    return net, lambda t: np.exp(-t)


def timed() -> tuple[Network, Callable[[np.ndarray], np.ndarray]]:
    """y' = -3 t^2 y^2: time in the rate, nonlinear in y; y = 1 / (1 + t^3)."""
    net = Network("timed")
    net.add_species("Y", "1", initial="1")
    net.reaction("0 -> Y", rate="-[Y]^2 * 3 * time^2")
    return net, lambda t: 1 / (1 + t**3)


def wave() -> tuple[Network, Callable[[np.ndarray], np.ndarray]]:
    """y' = y time exp(-time) / 2: time times state."""
    net = Network("wave")
    net.add_species("Y", "1", initial="1")
    net.reaction("0 -> Y", rate="[Y] * time * exp(-time) / 2")
    return net, lambda t: np.exp((1 - (1 + t) * np.exp(-t)) / 2)


PROBLEMS = [autonomous, coupled, timed, wave]


def errors(network: Network, exact: Callable[[np.ndarray], np.ndarray], method: Method, dense: bool) -> list[float]:
    found = []
    for n in (16, 32, 64, 128):
        h = 2.0 / n
        times = np.linspace(0, 2, 10 * n + 1 if dense else 9)  # inside each step, or at ends common to all
        traj = network.simulate(
            {}, times, method=method, rtol=1e6, first_step=h, largest_step=h, observe=["Y"], check=False
        )
        assert traj.ok
        assert traj.status[0].accepted == n
        found.append(float(np.abs(traj["Y"] - exact(times)).max()))
    return found


def observed_order(found: list[float]) -> float:
    steps = [math.log2(a / b) for a, b in itertools.pairwise(found) if b > 1e-13]
    assert steps, "too accurate to tell"
    return steps[-1]


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.__name__)
def test_halving_the_step_shows_the_order(
    problem: Callable[[], tuple[Network, Callable[[np.ndarray], np.ndarray]]], method: Method
) -> None:
    assert observed_order(errors(*problem(), method, dense=False)) > method.order - 0.3


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda p: p.__name__)
def test_halving_the_step_shows_the_order_between_steps(
    problem: Callable[[], tuple[Network, Callable[[np.ndarray], np.ndarray]]], method: Method
) -> None:
    """A dense output of order p - 1 leaves an error of h^p on a step; the same order as the solution's."""
    assert observed_order(errors(*problem(), method, dense=True)) > method.order - 0.3
