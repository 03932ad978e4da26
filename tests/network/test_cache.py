"""One structure is compiled once; what is kept in memory is what was asked for."""

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from cereblon.network import machine
from cereblon.network.dosing import Dose
from cereblon.network.network import Network


def binding(glue: str, target: str, factor: str = "1") -> Network:
    net = Network(f"{glue} and {target}")
    net.parameter(f"{glue}.{target}.Kd", "nM")
    net.parameter(f"{target}.k_on", "1/nM/h")
    net.add_species(glue, initial="5", scale="5")
    net.add_species(target, initial="3", scale="3")
    net.reaction(
        f"{glue} + {target} <-> {glue}:{target}",
        forward=f"{factor} * {target}.k_on", reverse=f"{target}.k_on * {glue}.{target}.Kd",
    )  # fmt: skip
    return net


def compilations(run: Callable[[], object]) -> int:
    before = machine.compiled.cache_info().misses
    run()
    return machine.compiled.cache_info().misses - before


def test_other_names_and_values_use_the_same_machine_code() -> None:
    machine.compiled.cache_clear()

    def panel() -> None:
        for glue in ("pomalidomide", "mezigdomide"):
            for target in ("IKZF1", "IKZF3"):
                for kd in (1.0, 10.0):
                    net = binding(glue, target)
                    net.simulate({f"{glue}.{target}.Kd": kd, f"{target}.k_on": 1.0}, [0, 1])

    assert compilations(panel) == 1


def test_other_doses_times_and_subjects_use_the_same_machine_code() -> None:
    net = binding("g", "T")
    values = {"g.T.Kd": 1.0, "T.k_on": 1.0}
    net.simulate(values, [0, 1])

    def runs() -> None:
        net.simulate(values, [0, 1, 2], [Dose(0, "g", 5)], rtol=1e-8)
        net.simulate(values | {"g.T.Kd": np.ones(20)}, [0, 1, 2], [Dose(0, "T", 5, ii=1, addl=3)], threads=2)

    assert compilations(runs) == 0


def test_another_structure_is_other_machine_code() -> None:
    binding("g", "T").simulate({"g.T.Kd": 1.0, "T.k_on": 1.0}, [0, 1])
    other = binding("g", "T", factor="2.5")
    values = {"g.T.Kd": 1.0, "T.k_on": 1.0}
    assert compilations(lambda: other.simulate(values, [0, 1])) == 1
    found, judge = other.simulate(values, [1])["g:T"], binding("g", "T").simulate(values, [1])["g:T"]
    assert found[0] > judge[0] * 1.1


def test_memory_is_what_was_asked_to_be_kept(
    degradation: Network, patients: Callable[[int], dict[str, np.ndarray]]
) -> None:
    """Per subject: one read-out at three times, the state, the status; steps leave nothing behind."""
    values = {name: np.resize(column, 20_000) for name, column in patients(1000).items()}
    times = np.arange(0, 3) * 24.0
    doses = [Dose(0, "g", 5, ii=24, addl=1)]
    degradation.simulate({n: c[:8] for n, c in values.items()}, times, doses, observe=["left"], rtol=1e-3)
    tracemalloc.start()
    traj = degradation.simulate(values, times, doses, observe=["left"], rtol=1e-3)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert traj.ok
    assert peak < 20_000 * (3 + 5 + 40) * 8 * 2.5


def test_steps_do_not_grow_with_the_cohort(
    degradation: Network, patients: Callable[[int], dict[str, np.ndarray]]
) -> None:
    """The work of a subject is its own: linear cost."""
    few = degradation.simulate(patients(10), [0, 50])
    many = degradation.simulate(patients(500), [0, 50])
    assert [s.accepted for s in many.status[:10]] == [s.accepted for s in few.status]


@pytest.mark.prove
def test_ten_thousand_alone_and_together_are_equal(
    degradation: Network, patients: Callable[[int], dict[str, np.ndarray]]
) -> None:
    values = patients(10_000)
    together = degradation.simulate(values, np.arange(0, 200, 24.0), [Dose(0, "g", 5, ii=24, addl=6)])
    for i in range(0, 10_000, 97):
        alone = degradation.simulate(
            {n: c[i : i + 1] for n, c in values.items()}, np.arange(0, 200, 24.0), [Dose(0, "g", 5, ii=24, addl=6)]
        )
        assert np.array_equal(alone.values[0], together.values[i])
        assert np.array_equal(alone.final[0], together.final[i])
