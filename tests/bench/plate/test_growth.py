"""Growth-rate metrics against the published output of GRmetrics (R) and gr50 (Python) on their example."""

import csv
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cereblon.bench.plate import Readings, read
from cereblon.bench.plate.growth import GR_values, growth, middle
from cereblon.ground.errors import InputError

# MCF10A, first replicate (perturbation 0, replicate 1) of the toy example: GR50, GRmax, GR_AOC, GEC50, GRinf, Hill, p
PUBLISHED = {
    ("drugA", 48): (0.0401590540510592, -0.087471872664457, 0.622696637673626, 0.0446507657124445,
                    -0.0656685389606291, 1.16389429109656, 2.47579082289096e-09),
    ("drugA", 72): (0.0551257628260118, -0.0489402210917338, 0.584000258750313, 0.0598690863476667,
                    -0.047753856224636, 1.10509426478527, 1.8973850936027e-09),
    ("drugB", 48): (1.5811647276854, 0.0365593885246123, 0.250004779904329, 5.09945171318906,
                    -0.584104031943495, 0.660905234309477, 8.50955582973278e-07),
    ("drugB", 72): (2.39577960706491, 0.132907730387485, 0.165286357743957, 2.65821177881825,
                    -0.061578359098749, 1.1173532669423, 1.31237247716948e-08),
    ("drugC", 48): (1.41775558882076, 0.16702748096268, 0.225217666321321, 1.20511497885423,
                    0.0911468824624679, 1.23847413378254, 7.13323969221979e-07),
    ("drugC", 72): (1.17508455468044, 0.203169147239302, 0.17728904443861, 1.02155623683634,
                    0.225178856049258, 4.27451695305029, 9.4246212123797e-09),
    ("drugD", 48): (0.353306343074862, 0.384090249685695, 0.331391734003708, 0.0622008598315758,
                    0.39840933057878, 0.917493938110052, 4.09583088153047e-08),
    ("drugD", 72): (0.170626318233873, 0.413035107876642, 0.286508523155906, 0.0787527243217253,
                    0.448666149791346, 2.94408508476839, 9.08431842518899e-08),
}  # fmt: skip


@pytest.fixture(scope="module")
def example(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue("require")("shared/data/gr_values_input.csv")


@pytest.mark.parametrize(("drug", "time"), PUBLISHED)
def test_one_experiment_against_GRmetrics(example: Path, drug: str, time: int) -> None:
    wells = read(example).only(compound=drug, time=time)
    first = wells.where(np.arange(wells.count) < 9)
    (curve,) = growth(first).curves.values()
    GR50, GRmax, GR_AOC, GEC50, GRinf, h, p = PUBLISHED[drug, time]
    assert curve.GR50.value == pytest.approx(GR50, rel=2e-4)
    assert curve.GEC50.value == pytest.approx(GEC50, rel=5e-4)
    assert curve.GRinf.value == pytest.approx(GRinf, abs=3e-4)
    assert curve.h_GR.value == pytest.approx(h, rel=2e-4)
    assert pytest.approx(GRmax, rel=1e-12) == curve.GRmax
    assert pytest.approx(GR_AOC, rel=1e-12) == curve.GR_AOC
    assert curve.p == pytest.approx(p, rel=1e-5)


def test_a_curve_at_the_edge_of_the_hill_range_against_GRmetrics(example: Path) -> None:
    """MCF10A, drugC, 48 h, perturbation 1, replicate 2: Hill 5, GEC50 .940422, GRinf .203713."""
    concentrations = [0.001, 0.003162, 0.01, 0.03162, 0.1, 0.3162, 1, 3.162, 10]
    x = np.array(concentrations)
    GR = 0.2037 + (1 - 0.2037) / (1 + (x / 0.9404) ** 9)
    counts = 100 * 2 ** (np.log2(1 + GR) * 2)
    (curve,) = growth(Readings(value=counts, concentration=x, start=100.0, control=400.0)).curves.values()
    assert curve.h_GR.value == pytest.approx(5)
    assert curve.GEC50.value == pytest.approx(0.94, rel=0.05)


def test_GR_values_against_the_file(example: Path) -> None:
    with example.open() as file:
        theirs = [float(row["GRvalue"]) for row in csv.DictReader(file)]
    assert GR_values(read(example)) == pytest.approx(theirs, rel=1e-12)


def test_replicates_of_the_eight_curves_are_fitted_together(example: Path) -> None:
    found = read(example).growth()
    assert len(found) == 8
    assert found.table()["n"].tolist() == [18] * 8


def test_wells_of_time_0_and_untreated_wells_give_the_same_as_columns() -> None:
    """Case C of GRmetrics against its case A."""
    doses, counts = [0.1, 1, 10, 100], [380.0, 300, 160, 120]
    columns = Readings(value=counts, concentration=doses, compound="X", cell="H929", time=72, start=100, control=400)
    wells = Readings(
        value=[*counts, 90, 110, 100, 100, 390, 410, 400, 400],
        concentration=[*doses, *[0] * 8], compound=["X"] * 4 + [""] * 8, cell="H929",
        time=[72] * 4 + [0] * 4 + [72] * 4, role=["sample"] * 4 + ["untreated"] * 8,
    )  # fmt: skip
    ours, theirs = (next(iter(growth(r).curves.values())) for r in (columns, wells))
    assert ours.GR.tolist() == theirs.GR.tolist()


@pytest.mark.parametrize(("values", "mean"), [([4, 1, 2, 3], 2.5), ([9, 1, 2, 3, 100], 14 / 3), ([7], 7), ([], None)])
def test_the_mean_of_the_middle_half(values: list[float], mean: float | None) -> None:
    """R's rule in GRmetrics: n * 50 % / 2 wells are dropped on each side, rounded, an exact half down."""
    found = middle(np.array(values, float))
    assert math.isnan(found) if mean is None else found == pytest.approx(mean)


def flat() -> Readings:
    counts = 400 + np.random.default_rng(1).normal(0, 3, 16)
    return Readings(value=counts, concentration=np.repeat([0.1, 1, 10, 100], 4), start=100.0, control=400.0)


def test_a_flat_curve_has_no_GR50_and_says_so() -> None:
    (curve,) = growth(flat()).curves.values()
    assert curve.flat
    assert math.isnan(curve.GR50.value)
    assert "no effect" in curve.GR50.note
    assert curve.GRinf.value == pytest.approx(1, abs=0.02)


def test_a_curve_above_one_half_has_a_bound_for_its_GR50() -> None:
    x = np.repeat([0.1, 1, 10, 100, 1000], 2)
    GR = 0.7 + 0.3 / (1 + x / 5)
    counts = 100 * 2 ** (2 * np.log2(1 + GR))
    (curve,) = growth(Readings(value=counts, concentration=x, start=100.0, control=400.0)).curves.values()
    assert math.isnan(curve.GR50.value)
    assert "not reached" in curve.GR50.note
    assert curve.GR50.low == 1000


def test_limits_of_GR() -> None:
    """1 as the control grows, 0 at the count of time 0, -1 with no cell left; none where the control is still."""
    read_ = Readings(value=[400, 100, 0, 400], concentration=1.0, start=100.0, control=[400, 400, 400, 100])
    assert GR_values(read_)[:3] == pytest.approx([1, 0, -1])
    assert math.isnan(GR_values(read_)[3])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: growth(Readings(value=[1, 2, 3], concentration=[1, 2, 3])),
        lambda: growth(Readings(value=[1, 2, 3], concentration=[1, 2, 3], start=0.0, control=4.0)),
        lambda: growth(Readings(value=[1, 2, 3], concentration=[1, 2, 3], start=1.0, control=4.0)),
        lambda: growth(flat().replace(control=np.array(50.0))),
    ],
)
def test_what_gives_no_growth_rate_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(InputError):
        wrong()


def test_wells_that_count_for_nothing_are_named():
    """A control that did not grow takes its wells along; a count below 0 is no cell, and neither goes unsaid."""
    doses = np.repeat([1.0, 10.0, 100.0, 1000.0], 3)
    kept = {"concentration": doses, "compound": "X", "unit": "nM", "start": np.full(12, 100.0)}
    counts = np.array([400, 390, 410, 300, 310, 290, 150, 140, 160, 90, 95, 85], dtype=float)
    control = np.full(12, 400.0)
    control[0] = 100.0
    stalled = Readings(value=counts, control=control, **kept).growth()
    assert "1 of 12 wells left out: their control did not grow (at 1)" in stalled.table()["flags"][0]
    assert stalled["X"].GR.size == 11
    counts = np.append(counts[:-1], -5.0)
    below = Readings(value=counts, control=np.full(12, 400.0), **kept).growth()
    assert "1 of 12 wells with a count below 0, taken as no cell left (at 1e+03)" in below.table()["flags"][0]
    assert below["X"].GR.min() == -1
