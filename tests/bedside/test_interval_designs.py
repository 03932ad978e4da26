"""BOIN, mTPI-2 and Keyboard against published boundaries, decisions and choices, and against their own definitions."""

import numpy as np
import pytest
from scipy.stats import beta, binom

from cereblon.bedside.escalation.boin import BOIN
from cereblon.bedside.escalation.decision import outcomes
from cereblon.bedside.escalation.interval import IntervalDesign
from cereblon.bedside.escalation.mtpi2 import MTPI2, Keyboard
from cereblon.ground.errors import InputError

TARGETS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4)


@pytest.mark.parametrize(
    ("target", "lambda_e", "lambda_d"),
    [
        (0.15, 0.118, 0.179), (0.2, 0.1572, 0.2385), (0.25, 0.197, 0.298), (0.3, 0.2365, 0.3585), (0.35, 0.276, 0.419),
        (0.4, 0.316, 0.480),
    ],
)  # fmt: skip
def test_boin_boundaries_against_published_values(target: float, lambda_e: float, lambda_d: float) -> None:
    """Liu and Yuan 2015, table 1; checks.md, row BOIN."""
    design = BOIN(target=target)
    assert (design.lambda_e, design.lambda_d) == pytest.approx((lambda_e, lambda_d), abs=6e-4)


@pytest.mark.parametrize("target", TARGETS)
def test_boin_boundaries_make_the_fewest_wrong_moves(target: float) -> None:
    """The definition of Liu and Yuan 2015: of all pairs of counts, the boundary pair has the least decision error."""
    low, high = 0.6 * target, 1.4 * target
    table = BOIN(target=target).table().set_index("patients")
    for n in range(1, 31):
        y = np.arange(n + 1)
        # cut e: escalate up to e (-1: never); cut d: de-escalate from d (n + 1: never)
        wrong = binom.cdf(y, n, target) + binom.sf(y, n, low)
        escalate = {-1: 1.0, **{int(e): float(wrong[e]) for e in y}}
        lower = {d: binom.sf(d - 1, n, target) + binom.cdf(d - 1, n, high) for d in range(n + 2)}
        up, down = table.loc[n, "escalate_if_at_most"], _down(BOIN(target=target), n)
        assert escalate[up] == pytest.approx(min(escalate.values()), abs=1e-12)
        assert lower[down] == pytest.approx(min(lower.values()), abs=1e-12)


def _down(design: BOIN, n: int) -> int:
    """De-escalation without elimination."""
    return next((y for y in range(n + 1) if design.letter(y, n) == "D"), n + 1)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("design", [BOIN, MTPI2, Keyboard])
def test_elimination_against_scipy_beta(design: type[IntervalDesign], target: float) -> None:
    made = design(target=target)
    for n in range(1, 31):
        above = beta.sf(target, 1 + np.arange(n + 1), 1 + n - np.arange(n + 1)) > 0.95
        expected = [bool(one) and n >= made.fewest for one in above]
        assert [made.too_toxic(y, n) for y in range(n + 1)] == expected


@pytest.mark.parametrize(
    ("n", "up", "down", "gone"),
    [(3, 0, 2, 3), (6, 1, 3, 4), (9, 2, 4, 5), (12, 2, 5, 7), (15, 3, 6, 8), (18, 4, 7, 9)],
)
def test_boin_table_against_published_counts(n: int, up: int, down: int, gone: int) -> None:
    """checks.md, row BOIN: get.boundary(target = .3)."""
    assert list(BOIN(target=0.3).table().iloc[n - 1]) == [n, up, down, gone]


def test_an_exact_boundary_counts_one_more() -> None:
    """Targets .3 and p2 .7 are symmetric about 1/2: lambda_d is 1/2, and 2 of 4 stays (checks.md)."""
    design = BOIN(target=0.3, high=0.7 / 0.3)
    assert design.lambda_d == pytest.approx(0.5, abs=1e-15)
    assert [design.letter(y, 4) for y in (1, 2, 3)] == ["S", "S", "D"]
    assert [design.letter(y, 5) for y in (2, 3)] == ["S", "D"]


PATH = "1NNN 2NNN 3NTT 2NTN 3NNN 3NNN 4TTT"


@pytest.mark.parametrize(("cohorts", "dose"), [(1, 2), (2, 3), (3, 2), (4, 3), (5, 3), (6, 4), (7, 3)])
def test_boin_path_against_escalation(cohorts: int, dose: int) -> None:
    """checks.md, row BOIN: the path in escalation's tests."""
    decision = BOIN(target=0.3).decide(*outcomes(" ".join(PATH.split()[:cohorts]), 5))
    assert decision.dose == dose
    assert decision.eliminated == ((4, 5) if cohorts == 7 else ())


@pytest.mark.parametrize(
    ("n", "y", "dose"),
    [
        ((3, 3, 15, 9, 0), (0, 0, 4, 4, 0), 3),  # checks.md; the example of select.mtd
        ((3, 0, 0, 0, 0), (3, 0, 0, 0, 0), 0),
        ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0), 0),
        ((3, 3, 3, 3, 3), (0, 0, 0, 0, 0), 5),  # all alike and below the target: the highest
        ((3, 3, 3, 0, 0), (1, 2, 1, 0, 0), 1),  # pooled 2 and 3 lie above the target
        ((3, 6, 3, 0, 0), (0, 1, 3, 0, 0), 2),  # dose 3 is eliminated
    ],
)
def test_mtd_against_select_mtd(n: tuple[int, ...], y: tuple[int, ...], dose: int) -> None:
    assert BOIN(target=0.3).MTD(y, n) == dose


@pytest.mark.parametrize(("rates", "dose"), [("12457", 2), ("12357", 2), ("12257", 3), ("12237", 3)])
def test_mtd_against_guo(rates: str, dose: int) -> None:
    """Guo 2017: target .25, ten patients a dose, rates .1, .2, ... : the nearest, the highest of equal ones below."""
    y = [int(digit) for digit in rates]
    assert MTPI2(target=0.25, cohorts=20).MTD(y, [10] * 5) == dose


GUO = {  # figure 3 of Guo 2017, target .3 +- .05
    3: "E S D DU",
    6: "E E S D DU DU DU",
    9: "E E E S D DU DU DU DU DU",
    10: "E E E S D D DU DU DU DU DU",
}


@pytest.mark.parametrize("n", GUO)
@pytest.mark.parametrize("design", [MTPI2, Keyboard])
def test_mtpi2_and_keyboard_against_guo(design: type[IntervalDesign], n: int) -> None:
    made = design(target=0.3)
    found = ["DU" if made.too_toxic(y, n) else made.letter(y, n) for y in range(n + 1)]
    assert " ".join(found) == GUO[n]


def test_mtpi2_against_its_definition_by_scipy() -> None:
    """Every interval by its own width; a target that leaves remainders on both sides."""
    design = MTPI2(target=0.28, below=0.04, above=0.06)
    edges = np.array([0.0, 0.04, 0.14, 0.24, 0.34, 0.44, 0.54, 0.64, 0.74, 0.84, 0.94, 1.0])
    assert np.array(design.intervals()) == pytest.approx(np.column_stack([edges[:-1], edges[1:]]), abs=1e-12)
    for n in (3, 7, 12, 30):
        for y in range(n + 1):
            dense = np.diff(beta.cdf(edges, 1 + y, 1 + n - y)) / np.diff(edges)
            expected = "EEESDDDDDDD"[int(dense.argmax())]
            assert design.letter(y, n) == expected


def test_keyboard_leaves_out_what_is_no_whole_key() -> None:
    assert len(MTPI2(target=0.3).intervals()) == len(Keyboard(target=0.3).intervals()) + 2
    assert Keyboard(target=0.25).intervals()[0] == pytest.approx((0.0, 0.1), abs=1e-12)  # nothing is left over at 0


def test_decisions_with_more_dlts_are_never_bolder() -> None:
    order = {"E": 0, "S": 1, "D": 2}
    for design in (BOIN(target=0.25), MTPI2(target=0.25), Keyboard(target=0.25)):
        for n in range(1, 31):
            steps = [order[design.letter(y, n)] for y in range(n + 1)]
            assert steps == sorted(steps)


def test_extra_safety_stops_earlier_at_the_lowest_dose() -> None:
    data = ((5, 0), (12, 0))  # Pr(p > .3) = .80 to .90 lies between the two certainties at 6 of 12
    assert BOIN(target=0.3, doses=2).decide(*data, 1).action == "stay"
    data = ((6, 0), (12, 0))
    assert BOIN(target=0.3, doses=2).decide(*data, 1).action == "stay"
    assert BOIN(target=0.3, doses=2, extra_safe=True).decide(*data, 1).end == "toxic"
    assert BOIN(target=0.3, doses=2, extra_safe=True).MTD(*data) == 0


def test_titration_goes_by_one_patient_until_the_first_dlt_and_fills_that_cohort_up() -> None:
    design = BOIN(target=0.3, titration=True)
    assert design.first().patients == 1
    third = design.decide((0, 0, 0, 0, 0), (1, 1, 0, 0, 0), 2)
    assert (third.dose, third.patients) == (3, 1)
    filled = design.decide((0, 0, 1, 0, 0), (1, 1, 1, 0, 0), 3)
    assert (filled.dose, filled.patients) == (3, 2)
    after = design.decide((0, 0, 2, 0, 0), (1, 1, 3, 0, 0), 3)
    assert (after.dose, after.patients) == (2, 3)
    top = design.decide((0, 0, 0, 0, 0), (1, 1, 1, 1, 1), 5)
    assert (top.dose, top.patients) == (5, 2)


def test_the_trial_stops_when_enough_patients_had_the_dose_that_would_be_given_again() -> None:
    design = BOIN(target=0.3, stop_at=9)
    assert design.decide((0, 3, 0, 0, 0), (3, 9, 0, 0, 0), 2).end == "enough"
    assert design.decide((0, 1, 0, 0, 0), (3, 9, 0, 0, 0), 2).dose == 3  # it would go up: no reason to stop
    assert design.decide((3, 0, 0, 0, 0), (9, 0, 0, 0, 0), 1).end == "enough"


def test_the_last_cohort_is_no_larger_than_the_plan() -> None:
    design = BOIN(target=0.3, titration=True, cohorts=3)  # 9 patients; titration leaves no whole cohort at the end
    decision = design.decide((0, 0, 1, 0, 0), (1, 1, 5, 0, 0), 3)
    assert (decision.dose, decision.patients) == (4, 2)
    assert design.decide((0, 0, 1, 0, 0), (1, 1, 7, 0, 0), 3).end == "full"


def test_a_bounded_mtd_lies_below_the_boundary() -> None:
    data = ((2, 0), (5, 0))  # .4, above lambda_d .3585 and not eliminated
    assert BOIN(target=0.3, doses=2).MTD(*data) == 1
    assert BOIN(target=0.3, doses=2, bounded=True).MTD(*data) == 0


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("target", 0.7), ("target", float("nan")), ("target", "0.3"), ("low", 0.95), ("high", 1.05), ("high", 4.0),
        ("eliminate", 0.4), ("offset", 0.5), ("cohort", 0), ("cohorts", 2.5), ("start", 6), ("doses", 0),
        ("stop_at", 0),
        ("names", ("a", "b")),
    ],
)  # fmt: skip
def test_options_out_of_range_are_refused(option: str, value: object) -> None:
    with pytest.raises(InputError, match=option):
        BOIN(**{"target": 0.3, option: value})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("y", "n", "at"),
    [
        ((1, 0, 0, 0, 0), (0, 3, 0, 0, 0), 2), ((0,) * 4, (3,) * 4, 1), ((-1, 0, 0, 0, 0), (3, 0, 0, 0, 0), 1),
        ((0.5, 0, 0, 0, 0), (3, 0, 0, 0, 0), 1), ((float("nan"), 0, 0, 0, 0), (3, 0, 0, 0, 0), 1),
        ("11111", (3,) * 5, 1),
        ((0, 0, 0, 0, 0), (3, 0, 0, 0, 0), 2), ((0, 0, 0, 0, 0), (3, 0, 0, 0, 0), None), ((0,) * 5, (3,) * 5, 6),
    ],
)  # fmt: skip
def test_data_that_cannot_be_are_refused(y, n, at) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError):
        BOIN(target=0.3).decide(y, n, at)


@pytest.mark.parametrize("text", ["1NNX", "6NNN", "0NNN", "NNN", "1", "1NNN2NNN"])
def test_outcomes_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="1NNN 2NNT"):
        outcomes(text, 5)


def test_the_printed_grid_is_the_table() -> None:
    design = MTPI2(target=0.3)
    grid = design.letters(12)
    assert list(grid["6"]) == ["E", "E", "S", "D", "DU", "DU", "DU", *[""] * 6]
    assert list(grid.columns) == ["with_DLT", "3", "6", "9", "12"]
