"""CRM, TITE-CRM and the skeleton against dfcrm's published numbers and SciPy's adaptive quadrature."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.integrate import dblquad, quad
from scipy.special import expit, logit

from cereblon.bedside.escalation.crm import CRM, MODELS, TITECRM
from cereblon.bedside.escalation.decision import outcomes
from cereblon.bedside.escalation.skeleton import skeleton
from cereblon.ground.errors import InputError

SKELETON = (0.1, 0.2, 0.33, 0.45, 0.6, 0.7, 0.8)
PATHS = ["1NNN 2NNN 3NTT 2NNN 3TNN 3TNT 2NNN", "1TTT", "1NNN 2NNN 3NNN 4NNN 5NNN 6NNN 7NNN", "4NNT"]


def posterior_mean(design: CRM, patients: Sequence[tuple[int, bool, float]]) -> float:
    """The mean of beta by adaptive quadrature, patient by patient (dose from 0, toxic, weight)."""

    def density(b: float, power: int) -> float:
        value = b**power * math.exp(-(b**2) / (2 * design.scale**2))
        for dose, toxic, weight in patients:
            s = design.skeleton[dose]
            if design.model == "empiric":
                p = s ** math.exp(b)
            else:
                p = float(expit(design.intercept + math.exp(b) * (logit(s) - design.intercept)))
            value *= weight * p if toxic else 1 - weight * p
        return value

    ends = {"limit": 500, "epsabs": 0, "epsrel": 1e-10, "points": [-1.0, 0.0, 1.0]}
    mass, _ = quad(density, -8, 8, args=(0,), **ends)
    first, _ = quad(density, -8, 8, args=(1,), **ends)
    return first / mass


def people(y: Sequence[int], n: Sequence[int]) -> list[tuple[int, bool, float]]:
    return [(dose, i < y[dose], 1.0) for dose in range(len(n)) for i in range(n[dose])]


def test_crm_against_dfcrm() -> None:
    """checks.md, row CRM: crm(prior, target = .2, scale = sqrt(.75)), data 2NNT 2NNN 3NTT 2NNT."""
    design = CRM(skeleton=(0.1, 0.2, 0.4, 0.55), target=0.2, scale=math.sqrt(0.75))
    y, n, at = outcomes("2NNT 2NNN 3NTT 2NNT", 4)
    assert design.estimate(y, n) == pytest.approx([0.1565, 0.2735, 0.4780, 0.6178], abs=5e-5)
    assert design.grid.nodes[0] @ design.grid.weights(y, n) == pytest.approx(-0.2163, abs=5e-5)
    assert design.decide(y, n, at).dose == 1


def test_crm_against_escalation() -> None:
    """Its test of the interface: skeleton .05 .1 .25 .4 .6, target .25, 1NNN 2NTT -> dose 1; nobody yet -> dose 1."""
    design = CRM(skeleton=(0.05, 0.1, 0.25, 0.4, 0.6), target=0.25)
    assert design.decide(*outcomes("1NNN 2NTT", 5)).dose == 1
    assert design.decide((0,) * 5, (0,) * 5).dose == 1


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("model", "intercept"), [("empiric", 3.0), ("logistic", 3.0), ("logistic", 4.0)])
def test_posterior_mean_against_scipy_quad(path: str, model: str, intercept: float) -> None:
    design = CRM(skeleton=SKELETON, target=0.33, model=model, intercept=intercept)
    y, n, _ = outcomes(path, 7)
    expected = posterior_mean(design, people(y, n))
    assert float(design.grid.nodes[0] @ design.grid.weights(y, n)) == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("model", ["empiric", "logistic"])
def test_probability_above_the_target_against_scipy_quad(model: str) -> None:
    design = CRM(skeleton=SKELETON, target=0.33, model=model)
    y, n, _ = outcomes(PATHS[0], 7)
    grid = design.grid
    found = grid.share_above(0.33) @ grid.weights(y, n)

    def density(b: float) -> float:
        p = grid_rates(design, b)
        return float(np.exp(-(b**2) / (2 * design.scale**2)) * np.prod(p**y * (1 - p) ** (np.array(n) - y)))

    mass, _ = quad(density, -8, 8, limit=500, epsrel=1e-9, points=[0.0])
    for dose in range(7):
        s = SKELETON[dose]
        if model == "empiric":
            edge = math.log(math.log(0.33) / math.log(s))
        else:
            edge = math.log((logit(0.33) - 3) / (logit(s) - 3))
        above, _ = quad(density, -8, edge, limit=500, epsrel=1e-9)
        assert found[dose] == pytest.approx(above / mass, abs=2e-5)


def grid_rates(design: CRM, b: float) -> np.ndarray:
    s = np.array(design.skeleton)
    return s ** np.exp(b) if design.model == "empiric" else expit(3 + np.exp(b) * (logit(s) - 3))


def test_two_parameters_against_scipy_dblquad() -> None:
    design = CRM(skeleton=SKELETON[:4], target=0.33, model="logistic2", scale=1.0)
    y, n = (0, 1, 2, 0), (3, 6, 3, 0)
    x = logit(np.array(SKELETON[:4]))

    def density(a: float, b: float, power: tuple[int, int]) -> float:
        p = expit(a + np.exp(b) * x)
        prior = math.exp(-(a * a + b * b) / 2)
        return float(a ** power[0] * b ** power[1] * prior * np.prod(p**y * (1 - p) ** (np.array(n) - y)))

    mass, a, b = (
        dblquad(density, -6, 6, -6, 6, args=(power,), epsabs=0, epsrel=1e-6)[0] for power in ((0, 0), (1, 0), (0, 1))
    )
    assert design.estimate(y, n) == pytest.approx(expit(a / mass + np.exp(b / mass) * x), abs=2e-6)


def test_without_data_the_estimate_is_the_skeleton() -> None:
    for model in MODELS:
        design = CRM(skeleton=SKELETON, target=0.33, model=model)
        assert design.estimate((0,) * 7, (0,) * 7) == pytest.approx(SKELETON, abs=1e-9)


# dfcrm's example of titecrm: patients of level, toxic, days watched, of a window of 180
LEVEL, TOXIC = (3, 3, 3, 4, 4, 3, 2, 2, 2, 3), (0, 0, 1, 0, 1, 0, 0, 0, 0, 0)
DAYS, WINDOW = (178, 181, 168, 181, 24, 181, 179, 102, 42, 3), 180
TITE = TITECRM(skeleton=(0.05, 0.1, 0.2, 0.35, 0.5, 0.7), target=0.2)


def test_tite_crm_against_scipy_quad_on_the_example_of_dfcrm() -> None:
    y, n = [0] * 6, [0] * 6
    waiting, patients = [], []
    for level, toxic, days in zip(LEVEL, TOXIC, DAYS, strict=True):
        weight = 1.0 if toxic else min(days / WINDOW, 1)
        patients.append((level - 1, bool(toxic), weight))
        if weight < 1:
            waiting.append((level, weight))
        else:
            n[level - 1] += 1
            y[level - 1] += toxic
    expected = np.array(TITE.skeleton) ** math.exp(posterior_mean(TITE, patients))
    assert TITE.estimate(y, n, waiting) == pytest.approx(expected, abs=1e-6)
    nearest = int(np.abs(expected - 0.2).argmin()) + 1
    assert TITE.decide(y, n, at=3, waiting=waiting).dose == nearest == 3


def test_tite_crm_of_patients_watched_to_the_end_is_crm() -> None:
    plain = CRM(skeleton=TITE.skeleton, target=0.2)
    y, n = (0, 0, 1, 1, 0, 0), (0, 3, 5, 2, 0, 0)
    assert TITE.estimate(y, n) == pytest.approx(plain.estimate(y, n), abs=1e-15)
    more = TITE.estimate(y, (0, 2, 5, 2, 0, 0), [(2, 1.0)])
    assert more == pytest.approx(plain.estimate(y, n), abs=1e-12)
    assert TITE.estimate(y, n, [(4, 0.0)]) == pytest.approx(plain.estimate(y, n), abs=1e-12)


def test_tite_crm_waits_for_a_patient_watched_to_the_end_before_it_goes_up() -> None:
    waiting = [(1, 0.9), (1, 0.8), (1, 0.7)]
    assert TITE.decide((0,) * 6, (0,) * 6, at=1, waiting=waiting).action == "stay"
    assert TITE.decide((0,) * 6, (1, 0, 0, 0, 0, 0), at=1, waiting=waiting).action == "escalate"
    bold = TITECRM(skeleton=TITE.skeleton, target=0.2, complete=0)
    assert bold.decide((0,) * 6, (0,) * 6, at=1, waiting=waiting).action == "escalate"


def test_no_dose_is_skipped_unless_wanted() -> None:
    data = ((0,) * 7, (3, 0, 0, 0, 0, 0, 0), 1)
    assert CRM(skeleton=SKELETON, target=0.33).decide(*data).dose == 2
    assert CRM(skeleton=SKELETON, target=0.33, no_skip=False).decide(*data).dose > 2


def test_a_trial_whose_lowest_dose_is_too_toxic_stops() -> None:
    data = ((3, 0, 0, 0, 0, 0, 0), (3, 0, 0, 0, 0, 0, 0))
    design = CRM(skeleton=SKELETON, target=0.33, too_toxic=0.9)
    assert design.decide(*data, 1).end == "toxic"
    assert design.MTD(*data) == 0
    assert CRM(skeleton=SKELETON, target=0.33).MTD(*data) == 1


def test_the_mtd_is_a_dose_that_was_given() -> None:
    assert CRM(skeleton=SKELETON, target=0.33).MTD((0,) * 7, (3, 3, 0, 0, 0, 0, 0)) == 2


@pytest.mark.parametrize("model", ["empiric", "logistic"])
@pytest.mark.parametrize(("halfwidth", "target", "at"), [(0.05, 0.25, 3), (0.08, 0.3, 1), (0.04, 0.2, 5)])
def test_at_the_edge_of_two_doses_both_lie_a_halfwidth_away(
    model: str, halfwidth: float, target: float, at: int
) -> None:
    """The definition of Lee and Cheung 2009: where the choice turns, the rates are target - h and target + h."""
    s = np.array(skeleton(halfwidth, target, at, 5, model))
    assert s[at - 1] == pytest.approx(target, abs=1e-12)

    def rates(b: float) -> np.ndarray:
        return s ** np.exp(b) if model == "empiric" else expit(3 + np.exp(b) * (logit(s) - 3))

    for dose in range(4):
        u = np.log(s[dose]) if model == "empiric" else logit(s[dose]) - 3
        low = np.log(target - halfwidth) if model == "empiric" else logit(target - halfwidth) - 3
        edge = float(np.log(low / u))
        assert rates(edge)[dose : dose + 2] == pytest.approx([target - halfwidth, target + halfwidth], abs=1e-12)


def test_skeleton_against_getprior() -> None:
    """getprior(.05, .25, 3, 5) of dfcrm, as it is quoted: .08 .16 .25 .35 .46."""
    assert skeleton(0.05, 0.25, 3, 5) == pytest.approx((0.08, 0.16, 0.25, 0.35, 0.46), abs=5e-3)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"skeleton": (0.2, 0.1)}, "rise"), ({"skeleton": ()}, "per dose"), ({"skeleton": (0.1, 1.0)}, "between 0 and"),
        ({"skeleton": (0.1, float("nan"))}, "between"), ({"model": "probit"}, "empiric"), ({"scale": -1.0}, "scale"),
        ({"model": "logistic", "intercept": -1.0}, "intercept"), ({"too_toxic": 2.0}, "too_toxic"),
        ({"skeleton": "0.1"}, "per dose"),
    ],
)  # fmt: skip
def test_options_that_are_none_are_refused(options: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        CRM(**{"skeleton": SKELETON, **options})


def test_a_skeleton_that_cannot_be_is_refused() -> None:
    with pytest.raises(InputError, match="halfwidth"):
        skeleton(0.3, 0.25, 3, 5)
    with pytest.raises(InputError, match="1 to 5"):
        skeleton(0.05, 0.25, 6, 5)
    with pytest.raises(InputError, match="intercept"):
        skeleton(0.05, 0.25, 3, 5, "logistic", intercept=-2)


def test_weights_outside_0_and_1_are_refused() -> None:
    with pytest.raises(InputError, match="weight from 0 to 1"):
        TITE.decide((0,) * 6, (1, 0, 0, 0, 0, 0), at=1, waiting=[(1, 1.2)])
