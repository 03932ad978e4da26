"""Networks that several tests of the engine run."""

from collections.abc import Callable

import numpy as np
import pytest

from cereblon.network.network import Network


@pytest.fixture(scope="session")
def one_compartment() -> Network:
    """`D@central` (nM, in V litres) is lost with rate constant k; `gut` feeds it with ka; F and lag for doses."""
    net = Network("one compartment")
    net.place("central", volume="V")
    for name, unit in (("V", "L"), ("k", "1/h"), ("ka", "1/h"), ("F", "1"), ("lag", "h")):
        net.parameter(name, unit)
    net.add_species("D@gut", "nM", volume="V")
    net.add_species("D@central", "nM", scale="1")
    net.reaction("D@gut -> D@central", forward="ka")
    net.reaction("D@central -> 0", forward="k")
    return net


@pytest.fixture(scope="session")
def degradation() -> Network:
    """A glue enters, binds, recruits a substrate that turns over and is destroyed on the ligase: stiff, nonlinear."""
    net = Network("degradation")
    for name, unit in (
        ("k_on", "1/nM/h"), ("Kd", "nM"), ("k_on2", "1/nM/h"), ("Kd2", "nM"), ("k_cat", "1/h"), ("k_deg", "1/h"),
        ("CRBN.total", "nM"), ("S.total", "nM"), ("g.total", "nM"), ("k_out", "1/h"),
    ):  # fmt: skip
        net.parameter(name, unit)
    net.derive("k_syn", "nM/h", "k_deg * S.total")
    net.add_species("CRBN", initial="CRBN.total", scale="CRBN.total")
    net.add_species("g", initial="g.total", scale="g.total + 1e-3 * CRBN.total")
    net.add_species("CRBN:g", scale="CRBN.total")
    net.add_species("S", initial="S.total", scale="S.total")
    net.add_species("CRBN:g:S", scale="S.total")
    net.reaction("CRBN + g <-> CRBN:g", forward="k_on", reverse="k_on * Kd")
    net.reaction("CRBN:g + S <-> CRBN:g:S", forward="k_on2", reverse="k_on2 * Kd2")
    net.reaction("CRBN:g:S -> CRBN:g + 0", forward="k_cat")
    net.reaction("0 -> S", rate="k_syn")
    net.reaction("S -> 0", forward="k_deg")
    net.reaction("g -> 0", forward="k_out")
    net.observable("left", "%", "([S] + [CRBN:g:S]) / S.total")
    return net


@pytest.fixture(scope="session")
def patients() -> Callable[[int], dict[str, np.ndarray]]:
    """Parameters of the degradation network for n different subjects, always the same first ones."""

    def draw(n: int) -> dict[str, np.ndarray]:
        centre = {
            "k_on": 3.0, "Kd": 30.0, "k_on2": 2.0, "Kd2": 100.0, "k_cat": 10.0, "k_deg": 0.1, "CRBN.total": 50.0,
            "S.total": 20.0, "g.total": 5.0, "k_out": 0.1,
        }  # fmt: skip
        spread = np.random.Generator(np.random.Philox(7)).normal(size=(max(n, 1000), len(centre)))[:n]
        return {name: value * np.exp(0.5 * spread[:, j]) for j, (name, value) in enumerate(centre.items())}

    return draw
