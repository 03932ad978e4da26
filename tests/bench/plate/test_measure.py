"""Layouts, and readings that scatter as their record says and only there."""

import math

import numpy as np
import pytest

from cereblon.bench.plate import Readings, layout, matrix, measure, serial, series
from cereblon.bench.plate.layout import on_edge, places
from cereblon.ground.errors import InputError
from cereblon.records import noise, noises

CURVE = {"X": ([1, 10, 100], [0.9, 0.5, 0.1])}


def plan(**options):
    return layout(series("X", [1, 10, 100]), **options)


def test_a_layout_holds_every_treatment_as_often_as_asked_and_no_well_twice():
    given = layout(series(["X", "Y"], serial(1000, 8)), replicates=20, untreated=16, blank=8, size=384)
    assert [(given.role == r).sum() for r in ("sample", "untreated", "blank")] == [320, 16, 8]
    assert len(set(zip(given.plate, given.well, strict=True))) == given.count
    for compound in "XY":
        for dose in serial(1000, 8):
            assert ((given.compound == compound) & (given.concentration == dose)).sum() == 20


def test_what_one_plate_cannot_hold_goes_to_the_next_with_controls_of_its_own():
    given = plan(replicates=40, size=96, untreated=8, blank=4)
    assert given.plates == ("P1", "P2")
    for plate in given.plates:
        assert ((given.plate == plate) & (given.role == "untreated")).sum() == 8
    apart = plan(replicates=3, apart=True)
    assert [set(apart.replicate[apart.plate == p]) for p in apart.plates] == [{1}, {2}, {3}]


def test_the_edge_is_36_wells_of_96_and_76_of_384_and_may_stay_empty():
    assert [sum(on_edge(w, size) for w in places(size)) for size in (96, 384)] == [36, 76]
    assert not plan(edge=False, replicates=4).edge.any()


def test_a_seed_shuffles_the_wells_and_changes_nothing_else():
    rows = [sorted(zip(g.compound, g.concentration, g.role, strict=True)) for g in (plan(), plan(seed=3))]
    assert rows[0] == rows[1]
    assert plan(seed=3).well.tolist() == plan(seed=3).well.tolist()
    assert plan(seed=3).concentration.tolist() != plan(seed=4).concentration.tolist()


def test_a_matrix_has_both_alone_and_neither():
    treatments = matrix("X", [1, 10], "Y", [5])
    assert {(t.concentration, t.partner_concentration) for t in treatments} == {
        (a, b) for a in (0, 1, 10) for b in (0, 5)
    }


def test_without_noise_the_wells_read_what_they_hold():
    given = plan()
    read = measure(given, given.response(CURVE), noise=None, scale=1e5)
    for dose, value in zip(*CURVE["X"], strict=True):
        assert (read.only(concentration=dose).value == 1e5 * value).all()
    assert (read.only(role="untreated").value == 1e5).all()


def test_the_noise_of_a_well_does_not_depend_on_the_others():
    few, many = plan(replicates=1), layout(series("X", [1, 10, 100]), replicates=20)
    read = [measure(g, np.ones(g.count), seed=5) for g in (few, many)]
    held = [dict(zip(r.well, r.value, strict=True)) for r in read]
    assert {well: held[1][well] for well in held[0]} == held[0]


def test_a_seed_gives_the_same_numbers_and_another_gives_others():
    given = plan()
    one, again, other = (measure(given, np.ones(given.count), seed=s).value for s in (1, 1, 2))
    assert (one == again).all()
    assert not (one == other).any()


def test_another_time_or_reading_scatters_apart():
    given = plan()
    one, later, else_ = (
        measure(given, np.ones(given.count), time=t, of=of).value for t, of in ((24, "a"), (48, "a"), (24, "b"))
    )
    assert not (one == later).any()
    assert not (one == else_).any()


@pytest.mark.parametrize("name", noises())
def test_scatter_is_what_the_record_says(name):
    """Closed form: the log-normal factor has mean 1 and the stated CV; inner wells of 40 plates."""
    record = noise(name)
    given = layout(series("X", [10.0]), replicates=40 * 250, size=384, edge=False, untreated=1, blank=1)
    read = measure(given, given.response({"X": ([10.0], [0.5])}), record, seed=11)
    sample = read.role == "sample"
    each = [read.value[sample & (read.plate == p)] for p in given.plates]
    within = np.mean([v.var(ddof=1) / v.mean() ** 2 for v in each])
    level = 0.5 + record["signal.background"].coherent
    CV, additive = record["well.CV"].coherent, record["signal.additive"].coherent
    expected = CV**2 + (additive / level) ** 2
    assert math.sqrt(within) == pytest.approx(math.sqrt(expected), rel=0.03)
    between = np.std([v.mean() for v in each], ddof=1) / level
    assert between == pytest.approx(record["plate.CV"].coherent, rel=0.5)  # 33 plates
    assert np.mean([v.mean() for v in each]) == pytest.approx(level, rel=0.05)


def test_the_edge_reads_less_by_the_record_s_shift():
    given = layout(series("X", [10.0]), replicates=360, size=384, untreated=1, blank=1)
    quiet = noise("luminescence").replace({"well.CV": "0", "plate.CV": "0", "signal.additive": "0"})
    read = measure(given, np.ones(given.count), quiet)
    level = 1 + quiet["signal.background"].coherent
    assert np.allclose(read.value[~given.edge], level)
    assert np.allclose(read.value[given.edge], level * 0.94)


def test_a_replicate_run_shifts_together_only_on_plates_of_its_own():
    quiet = noise("luminescence").replace({"well.CV": "0", "plate.CV": "0", "signal.additive": "0", "edge.shift": "0"})
    for apart, levels in ((True, 3), (False, 1)):
        given = plan(replicates=3, apart=apart)
        read = measure(given, np.ones(given.count), quiet)
        assert np.unique(read.value.round(12)).size == levels


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: layout([]),
        lambda: plan(size=24),
        lambda: plan(untreated=96),
        lambda: plan(replicates=0),
        lambda: plan(replicates=2.5),
        lambda: series("X", [-1.0]),
        lambda: series("X", [float("nan")]),
        lambda: serial(10, 3, 1),
        lambda: measure(plan(), [1.0]),
        lambda: measure(plan(), np.full(plan().count, np.nan)),
        lambda: measure(plan(), np.ones(plan().count), seed=-1),
        lambda: measure(plan(), np.ones(plan().count), "luminescance"),
        lambda: plan().response({"Y": ([1], [1])}),
        lambda: plan().response({"X": ([1, 10], [1, 1])}),
        lambda: Readings(value=[1, 2], concentration=[1, 2, 3]),
        lambda: Readings(value=[1, 2], concentration=[1, -2]),
        lambda: Readings(value=[1, 2], concentration=[1, math.inf]),
        lambda: Readings(value=[1, 2], plate="P", well=["A1", "A1"]),
        lambda: Readings(value=[1, 2]).only(compound="Z"),
        lambda: Readings(value=[1, 2]).only(colour="Z"),
        lambda: Readings(value=[1.0]) + Readings(value=[1.0], unit="1"),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(InputError):
        wrong()
