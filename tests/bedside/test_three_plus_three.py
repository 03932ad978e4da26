"""3+3 against closed forms and against a tree of its own, and what escalation (Brock) says of the same data."""

from itertools import product
from math import comb

import pytest

from cereblon.bedside.escalation.decision import outcomes
from cereblon.bedside.escalation.three_plus_three import ThreePlusThree
from cereblon.bedside.operating import operating
from cereblon.ground.errors import InputError

TRUTH = (0.05, 0.12, 0.25, 0.4, 0.55)


def up(p: float) -> float:
    """models.md 9: the probability to go up from a dose."""
    return (1 - p) ** 3 + 3 * p * (1 - p) ** 2 * (1 - p) ** 3


@pytest.mark.parametrize(("p", "expected"), [(0.1, 0.9061), (0.2, 0.7086), (0.3, 0.4943), (0.4, 0.3093)])
@pytest.mark.parametrize("variant", ["traditional", "six"])
def test_probability_to_escalate_against_published_values(p: float, expected: float, variant: str) -> None:
    """checks.md, row 3+3. Of two doses the lower one is left upward exactly when patients reach the upper one."""
    never = operating(ThreePlusThree(doses=2, variant=variant), [p, 0.0], exact=True)
    assert never.selection[1].value == pytest.approx(up(p), abs=1e-12)
    assert up(p) == pytest.approx(expected, abs=5e-5)


def test_traditional_operating_characteristics_against_the_closed_form() -> None:
    found = operating(ThreePlusThree(variant="traditional"), TRUTH, exact=True)
    reached = 1.0
    for dose, p in enumerate(TRUTH):
        beyond = up(TRUTH[dose + 1]) if dose + 1 < len(TRUTH) else 0.0
        assert found.selection[dose].value == pytest.approx(reached * up(p) * (1 - beyond), abs=1e-8)
        six = reached * 3 * p * (1 - p) ** 2  # one of three, so three more
        assert found.patients[dose].value == pytest.approx(3 * reached + 3 * six, abs=1e-8)
        reached *= up(p)
    assert found.none.value == pytest.approx(1 - up(TRUTH[0]), abs=1e-8)


def tree(truth: tuple[float, ...]) -> dict[int, float]:
    """P(MTD) of the variant `six`, by its rule in words: climb, then fill up the doses below a toxic one."""
    chosen = dict.fromkeys(range(len(truth) + 1), 0.0)

    def three(p: float) -> list[tuple[int, float]]:
        return [(k, comb(3, k) * p**k * (1 - p) ** (3 - k)) for k in range(4)]

    def down(dose: int, filled: list[bool], chance: float) -> None:
        if dose < 0:
            chosen[0] += chance
        elif filled[dose]:
            chosen[dose + 1] += chance
        else:  # it was left with none of three
            for k, p in three(truth[dose]):
                if k <= 1:
                    chosen[dose + 1] += chance * p
                else:
                    down(dose - 1, filled, chance * p)

    def climb(dose: int, filled: list[bool], chance: float) -> None:
        top = dose == len(truth) - 1
        for k, p in three(truth[dose]):
            if k >= 2:
                down(dose - 1, filled, chance * p)
            elif k == 0 and not top:
                climb(dose + 1, [*filled, False], chance * p)
            else:
                for more, q in three(truth[dose]):
                    if k + more >= 2:
                        down(dose - 1, filled, chance * p * q)
                    elif top:
                        chosen[dose + 1] += chance * p * q
                    else:
                        climb(dose + 1, [*filled, True], chance * p * q)

    climb(0, [], 1.0)
    return chosen


@pytest.mark.parametrize("truth", [TRUTH, (0.3, 0.3, 0.3), (0.6,), (0.0, 0.0, 0.9, 1.0)])
def test_six_operating_characteristics_against_a_tree_of_its_own(truth: tuple[float, ...]) -> None:
    found = operating(ThreePlusThree(doses=len(truth), variant="six"), truth, exact=True)
    judge = tree(truth)
    assert [found.none.value, *(p.value for p in found.selection)] == pytest.approx(list(judge.values()), abs=1e-8)


@pytest.mark.parametrize(
    ("path", "traditional", "six"),
    [
        # escalation's tests of three_plus_three: without and with de-escalation; stop is written as 0
        ("1NNN", 2, 2),
        ("1NNT", 1, 1),
        ("1NTT", 0, 0),
        ("1NT", 1, 1),
        ("1NNN 2NNN", 3, 3),
        ("1NNN 2NTT", 0, 1),
        ("1NNN 2NNT 2NNN", 3, 3),
        ("1NNN 2NNT 2NNT", 0, 1),
        ("1NNN 2NNN 3NNN 4NNN 5NNT", 5, 5),
        ("1NNN 2NNN 3NNN 4NNN 5TTT", 0, 4),
        ("1NNN 2NNN 3NNN 4NNN 5NNT 5NNN", 0, 0),
        ("1NNT 1NNN 2NTT", 0, 0),
    ],
)
def test_decisions_against_escalation(path: str, traditional: int, six: int) -> None:
    for variant, expected in (("traditional", traditional), ("six", six)):
        assert ThreePlusThree(variant=variant).decide(*outcomes(path, 5)).dose == expected


def test_the_top_dose_is_filled_up_to_six_in_one_variant_alone() -> None:
    data = outcomes("1NNN 2NNN", 2)
    assert ThreePlusThree(doses=2, variant="traditional").decide(*data).end == "found"
    assert ThreePlusThree(doses=2, variant="six").decide(*data).action == "stay"
    assert ThreePlusThree(doses=2, variant="traditional").MTD(*data[:2]) == 2
    assert ThreePlusThree(doses=2, variant="six").MTD(*data[:2]) == 0


def test_every_course_ends_with_a_dose_that_was_tolerated_or_none() -> None:
    for variant, truth in product(("traditional", "six"), ([0.2, 0.4, 0.6], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0])):
        found = operating(ThreePlusThree(doses=3, variant=variant), truth, exact=True)
        assert sum(p.value for p in found.selection) + found.none.value == pytest.approx(1, abs=1e-12)
        assert found.ended["found"].value + found.ended["toxic"].value == pytest.approx(1, abs=1e-12)


def test_more_than_six_at_a_dose_and_an_unknown_variant_are_refused() -> None:
    with pytest.raises(InputError, match="at most six"):
        ThreePlusThree(doses=2).decide((0, 0), (9, 0), 1)
    with pytest.raises(InputError, match="traditional or six"):
        ThreePlusThree(variant="modified")
    with pytest.raises(InputError, match="three patients"):
        ThreePlusThree(cohort=4)
