"""Group-sequential boundaries against Jennison and Turnbull, gsDesign and a simulated Brownian motion."""

import math

import numpy as np
import pytest

from cereblon.ground.errors import InputError
from cereblon.statistics.group_sequential import SHAPES, boundaries


def even(K: int) -> list[float]:
    return [(k + 1) / K for k in range(K)]


@pytest.mark.parametrize(
    ("K", "obrien_fleming", "pocock"),
    [(2, 1.977, 2.178), (3, 2.004, 2.289), (4, 2.024, 2.361), (5, 2.040, 2.413), (10, 2.087, 2.555)],
)
def test_constants_against_jennison_and_turnbull(K: int, obrien_fleming: float, pocock: float) -> None:
    """2000, tables 2.1 and 2.3, two-sided level .05."""
    assert boundaries(even(K), shape="obrien-fleming", sides=2).z[-1] == pytest.approx(obrien_fleming, abs=6e-4)
    assert boundaries(even(K), shape="pocock", sides=2).z == pytest.approx([pocock] * K, abs=6e-4)


@pytest.mark.parametrize(("K", "obrien_fleming", "pocock"), [(2, 1.007, 1.100), (5, 1.026, 1.207), (10, 1.037, 1.271)])
def test_inflation_against_jennison_and_turnbull(K: int, obrien_fleming: float, pocock: float) -> None:
    """2000, tables 2.2 and 2.4, power .9."""
    for shape, expected in (("obrien-fleming", obrien_fleming), ("pocock", pocock)):
        assert boundaries(even(K), shape=shape, sides=2).inflation(0.9) == pytest.approx(expected, abs=6e-4)


@pytest.mark.parametrize(
    ("looks", "shape", "z"),
    [
        (even(2), "obrien-fleming-spending", (2.9626, 1.9686)),
        (even(3), "obrien-fleming-spending", (3.7103, 2.5114, 1.9930)),
        (even(5), "obrien-fleming-spending", (4.8769, 3.3570, 2.6803, 2.2898, 2.0310)),
        ([0.5, 0.75, 1], "obrien-fleming-spending", (2.9626, 2.3590, 2.0141)),
        (even(5), "pocock-spending", (2.4380, 2.4268, 2.4101, 2.3966, 2.3859)),
    ],
)
def test_spending_against_gsdesign(looks: list[float], shape: str, z: tuple[float, ...]) -> None:
    """gsDesign(test.type = 1, alpha = .025, sfu = sfLDOF or sfLDPocock); the tables of Lan and DeMets."""
    assert boundaries(looks, shape=shape).z == pytest.approx(z, abs=1.5e-4)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sides", [1, 2])
def test_crossings_against_a_simulated_brownian_motion(shape: str, sides: int) -> None:
    looks, drift, walks = np.array([0.2, 0.55, 1.0]), 2.5, 200_000
    found = boundaries(looks, shape=shape, sides=sides)
    steps = np.diff(looks, prepend=0.0)
    random = np.random.default_rng(3).standard_normal((walks, 3))
    B = np.cumsum(drift * steps + np.sqrt(steps) * random, axis=1)
    over = np.array(found.z) * np.sqrt(looks) <= B
    under = (-np.array(found.z) * np.sqrt(looks) >= B) if sides == 2 else np.zeros_like(over)
    first = np.where((over | under).any(axis=1), (over | under).argmax(axis=1), -1)
    for k in range(3):
        share = float(np.mean((first == k) & over[:, k]))
        assert found.crossing(drift)[k] == pytest.approx(share, abs=5 * math.sqrt(0.25 / walks))
    assert sum(found.crossing(0.0)) == pytest.approx(0.025, abs=1e-8)


def test_one_look_is_the_plain_test() -> None:
    for shape in SHAPES:
        found = boundaries([1.0], shape=shape)
        assert found.z[0] == pytest.approx(1.959964, abs=1e-5)
        assert found.drift(0.9) == pytest.approx(1.959964 + 1.281552, abs=1e-5)


def test_a_level_too_small_to_spend_has_no_boundary() -> None:
    found = boundaries([0.005, 0.5, 1])
    assert found.z[0] == math.inf
    assert found.z[1:] == pytest.approx(boundaries([0.5, 1]).z, abs=1e-6)
    assert sum(boundaries([0.005, 0.5, 1], sides=2).crossing(0)) == pytest.approx(0.025, abs=1e-8)


@pytest.mark.parametrize("looks", [[], [0.5], [0.5, 0.5, 1], [0, 1], [0.5, 1.2], [float("nan"), 1]])
def test_looks_that_are_none_are_refused(looks: list[float]) -> None:
    with pytest.raises(InputError, match="looks"):
        boundaries(looks)
