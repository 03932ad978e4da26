"""A patient's bytes do not depend on the cohort, the order, the threads, the lanes or the processor."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cereblon.network import machine
from cereblon.network.dosing import Dose
from cereblon.network.kernel import structure
from cereblon.network.lanes import WIDTHS
from cereblon.network.network import Network
from cereblon.network.rosenbrock import RODAS4, RODAS5P

Cohort = dict[str, np.ndarray]
TIMES = np.arange(0, 97, 8.0)
DOSES = [Dose(0, "g", 20, ii=24, addl=3), Dose(30, "g", 50, duration=3, ii=12, addl=1), Dose(50, "S", 5)]


def run(network: Network, values: Cohort, **options: Any) -> np.ndarray:
    traj = network.simulate(values, TIMES, options.pop("doses", DOSES), **options)
    assert traj.ok
    return np.concatenate([traj.values.reshape(len(traj.status), -1), traj.final], axis=1)


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return np.array_equal(np.ascontiguousarray(a).view("i8"), np.ascontiguousarray(b).view("i8"))


@pytest.fixture(scope="module")
def thousand(degradation: Network, patients: Callable[[int], Cohort]) -> np.ndarray:
    return run(degradation, patients(1000), threads=1)


def test_alone_as_in_a_cohort_of_a_thousand(
    degradation: Network, patients: Callable[[int], Cohort], thousand: np.ndarray
) -> None:
    for i in (0, 1, 7, 8, 500, 999):
        alone = {name: column[i : i + 1] for name, column in patients(1000).items()}
        assert same(run(degradation, alone), thousand[i : i + 1])
        plain = {name: float(column[i]) for name, column in patients(1000).items()}
        assert same(run(degradation, plain), thousand[i : i + 1])


def test_in_any_order_and_any_part(
    degradation: Network, patients: Callable[[int], Cohort], thousand: np.ndarray
) -> None:
    order = np.random.Generator(np.random.Philox(1)).permutation(1000)
    for pick in (order, order[:13], np.arange(999, -1, -1), np.repeat(3, 20)):
        assert same(run(degradation, {n: c[pick] for n, c in patients(1000).items()}), thousand[pick])


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_on_any_number_of_threads(
    degradation: Network, patients: Callable[[int], Cohort], thousand: np.ndarray, threads: int
) -> None:
    assert same(run(degradation, patients(1000), threads=threads), thousand)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("method", ["RODAS4", "RODAS5P"])
def test_on_any_number_of_lanes(
    degradation: Network, patients: Callable[[int], Cohort], width: int, method: str
) -> None:
    judge = run(degradation, patients(50), method=method, threads=1)
    assert same(run(degradation, patients(50), width=width, method=method), judge)


@pytest.fixture(params=["x86-64-v2", "x86-64-v3", "x86-64-v4"])
def processor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The engine compiles for this processor instead of the one it runs on."""
    needed = {"x86-64-v2": "+sse4.2", "x86-64-v3": "+avx2", "x86-64-v4": "+avx512f"}[request.param]
    if needed not in machine.processor()[1].split(","):
        pytest.skip(f"hardware: this processor is no {request.param}")
    compiled = machine.compiled
    monkeypatch.setattr(
        "cereblon.network.solve.compiled", lambda shape, rule, width: compiled(shape, rule, width, request.param, "")
    )
    return request.param


@pytest.mark.parametrize("width", WIDTHS)
def test_on_any_processor(
    degradation: Network,
    patients: Callable[[int], Cohort],
    thousand: np.ndarray,
    processor: str,
    width: int,
) -> None:
    assert same(run(degradation, patients(64), width=width), thousand[:64])


def test_with_other_subjects_calendars_around(degradation: Network, patients: Callable[[int], Cohort]) -> None:
    other = [Dose(3, "CRBN", 1, ii=0.5, addl=99)]
    mixed = run(degradation, patients(16), doses=[DOSES if i % 3 == 0 else other[: i % 2] for i in range(16)])
    assert same(mixed[::3], run(degradation, patients(16))[::3])


def test_with_a_failing_neighbour(degradation: Network, patients: Callable[[int], Cohort]) -> None:
    values = patients(16)
    values["k_cat"] = values["k_cat"].copy()
    values["k_cat"][5] = np.nan
    traj = degradation.simulate(values, TIMES, DOSES)
    assert traj.failed == (5,)
    rest = np.arange(16) != 5
    judge = degradation.simulate(patients(16), TIMES, DOSES)
    assert same(traj.values[rest], judge.values[rest])
    assert same(traj.final[rest], judge.final[rest])


def test_names_and_units_of_output_do_not_matter(degradation: Network, patients: Callable[[int], Cohort]) -> None:
    judge = degradation.simulate(patients(8), TIMES, DOSES)
    less = degradation.simulate(patients(8), TIMES, DOSES, observe=["S"])
    assert same(less["S"], judge["S"])
    assert same(less.final, judge.final)


@pytest.mark.parametrize("width", WIDTHS)
def test_assembly_for_arm_is_written(degradation: Network, width: int) -> None:
    shape, _ = structure(degradation, ["left"], [], [])
    for method in (RODAS4, RODAS5P):
        text = machine.assembly(shape, method, width, "aarch64-unknown-linux-gnu", "generic")
        assert "fmla" in text or "fmadd" in text
        assert "run:" in text
        assert "bl\tfma\n" not in text  # the processor fuses, no library call


@pytest.mark.parametrize("width", [4, 8])
def test_no_instruction_is_fast_and_loose(degradation: Network, width: int) -> None:
    from cereblon.network.driver import module
    from cereblon.network.kernel import Kernel

    text = module(Kernel(structure(degradation, ["left"], [], [])[0]), RODAS4, width)
    for flag in (" fast ", " reassoc ", " nnan ", " ninf ", " nsz ", " arcp ", " contract ", " afn "):
        assert flag not in text
