"""Identity at scale, on the shipped patient with three kinds of cell: the bytes of one do not depend on the others."""

import numpy as np
import pytest
from numpy.typing import NDArray

from cereblon.model import Model, patient
from cereblon.network.lanes import WIDTHS
from cereblon.records.regimen import dose

SUBJECTS = 1000
TIMES = np.arange(0.0, 28 * 24 + 1, 12.0)
DOSES = dose("mezigdomide", "1 mg", days="1-21", cycle="28 d").doses()
VARIED = ("mezigdomide.CL_F", "mezigdomide.ka", "CRBN.total@tumour", "IKZF1.total@marrow", "mezigdomide.CRBN.Kd")
Cohort = dict[str, NDArray[np.float64]]


@pytest.fixture(scope="module")
def body() -> Model:
    return patient("mezigdomide")


@pytest.fixture(scope="module")
def cohort(body: Model) -> Cohort:
    draw = np.random.Generator(np.random.Philox(1))
    numbers = {name: np.full(SUBJECTS, value) for name, value in body.coherent().items()}
    return numbers | {name: numbers[name] * np.exp(0.5 * draw.standard_normal(SUBJECTS)) for name in VARIED}


def run(body: Model, values: Cohort, *, threads: int = 1, width: int | None = None) -> NDArray[np.int64]:
    """Every output and the last state, as bytes: (subjects, numbers)."""
    found = body.network.simulate(values, TIMES, DOSES, threads=threads, width=width)
    assert found.ok
    numbers = np.concatenate([found.values.reshape(len(found.status), -1), found.final], axis=1)
    return np.ascontiguousarray(numbers).view(np.int64)


@pytest.fixture(scope="module")
def judge(body: Model, cohort: Cohort) -> NDArray[np.int64]:
    return run(body, cohort)


@pytest.mark.prove
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("threads", [1, 2])
def test_a_cohort_has_the_same_bytes_on_any_lanes_and_threads(
    body: Model, cohort: Cohort, judge: NDArray[np.int64], width: int, threads: int
) -> None:
    assert np.array_equal(run(body, cohort, threads=threads, width=width), judge)


@pytest.mark.prove
def test_a_patient_alone_has_the_bytes_of_the_cohort(body: Model, cohort: Cohort, judge: NDArray[np.int64]) -> None:
    for i in range(0, SUBJECTS, 97):
        alone = {name: column[i : i + 1] for name, column in cohort.items()}
        assert np.array_equal(run(body, alone)[0], judge[i]), i


@pytest.mark.prove
def test_a_shuffled_cohort_has_the_bytes_of_the_cohort(body: Model, cohort: Cohort, judge: NDArray[np.int64]) -> None:
    order = np.random.Generator(np.random.Philox(2)).permutation(SUBJECTS)
    shuffled = {name: column[order] for name, column in cohort.items()}
    assert np.array_equal(run(body, shuffled, threads=2), judge[order])


@pytest.mark.prove
def test_patients_differ(judge: NDArray[np.int64]) -> None:
    """An identity of constants would prove nothing."""
    assert len(np.unique(judge[:, -1])) > SUBJECTS / 2
