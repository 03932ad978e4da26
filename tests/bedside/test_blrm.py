"""BLRM with EWOC against Neuenschwander 2008 and SciPy's adaptive quadrature."""

import math

import numpy as np
import pytest
from scipy.integrate import dblquad
from scipy.special import expit

from cereblon.bedside.escalation.blrm import BLRM
from cereblon.ground.errors import InputError

AMOUNTS = (1, 2.5, 5, 10, 15, 20, 25, 30, 40, 50, 75, 100, 150, 200, 250)
COVARIANCE = 0.134
PUBLISHED = BLRM(
    amounts=AMOUNTS, reference=250, mean=(2.15, 0.52), sd=(0.84, 0.80), correlation=COVARIANCE / (0.84 * 0.80)
)
Y, N = (0,) * 6 + (2,) + (0,) * 8, (3, 4, 5, 4, 0, 0, 2) + (0,) * 8
MEANS = [
    0.0116, 0.0295, 0.0613, 0.1272, 0.1918, 0.2527, 0.3089, 0.3601, 0.4486, 0.5207, 0.6484, 0.7284, 0.8185, 0.8659,
    0.8945,
]  # fmt: skip


def test_means_against_neuenschwander() -> None:
    """checks.md, row BLRM (quadrature)."""
    assert list(PUBLISHED.posterior(Y, N)["rate"]) == pytest.approx(MEANS, abs=5e-5)


def test_overdose_control_caps_where_neuenschwander_does() -> None:
    """checks.md, row BLRM: Pr(p > .33) <= .25 caps at 15."""
    assert AMOUNTS[PUBLISHED.highest(Y, N) - 1] == 15
    assert AMOUNTS[PUBLISHED.decide(Y, N, 7).dose - 1] == 15


def density(log_a: float, log_b: float, design: BLRM, y: tuple[int, ...], n: tuple[int, ...]) -> float:
    u, v = (log_a - design.mean[0]) / design.sd[0], (log_b - design.mean[1]) / design.sd[1]
    r = design.correlation
    prior = math.exp(-(u * u - 2 * r * u * v + v * v) / (2 * (1 - r * r)))
    given = [i for i, one in enumerate(n) if one]
    x = np.log(np.array(design.amounts)[given] / design.reference)
    p = expit(log_a + math.exp(log_b) * x)
    toxic, treated = np.array(y)[given], np.array(n)[given]
    return float(prior * np.prod(p**toxic * (1 - p) ** (treated - toxic)))


@pytest.mark.parametrize(
    ("design", "y", "n", "dose"),
    [
        (PUBLISHED, Y, N, 6),
        (BLRM(amounts=(0.3, 0.6, 1.0, 1.5), reference=1.0), (0, 1, 4, 0), (3, 6, 9, 0), 3),
        (BLRM(amounts=(0.3, 0.6, 1.0, 1.5), reference=1.0), (0, 2, 8, 6), (6, 15, 24, 9), 2),
    ],
)
def test_overdose_probability_against_scipy_dblquad(
    design: BLRM, y: tuple[int, ...], n: tuple[int, ...], dose: int
) -> None:
    low, high = (
        [m + side * 6 * s for m, s in zip(design.mean, design.sd, strict=True)] for side in (-1, 1)
    )
    x = math.log(design.amounts[dose - 1] / design.reference)
    first, second = (np.linspace(a, b, 41) for a, b in zip(low, high, strict=True))
    peak = max(density(a, b, design, y, n) for a in first for b in second)

    def edge(log_b: float) -> float:
        return min(max(math.log(0.33 / 0.67) - math.exp(log_b) * x, low[0]), high[0])

    def part(start: object) -> float:
        value, _ = dblquad(
            lambda a, b: density(a, b, design, y, n) / peak, low[1], high[1], start, high[0], epsabs=1e-7, epsrel=1e-6
        )  # fmt: skip
        return float(value)

    found = float(design.posterior(y, n)["over"].iloc[dose - 1])
    assert found == pytest.approx(part(edge) / part(low[0]), abs=1e-4)


def test_prior_means_without_data_against_monte_carlo() -> None:
    random = np.random.default_rng(7).multivariate_normal(
        PUBLISHED.mean, [[0.84**2, COVARIANCE], [COVARIANCE, 0.80**2]], 400_000
    )
    p = expit(random[:, :1] + np.exp(random[:, 1:]) * np.log(np.array(AMOUNTS) / 250))
    assert list(PUBLISHED.table()["rate"]) == pytest.approx(p.mean(axis=0), abs=5 * p.std() / math.sqrt(len(p)))


def test_the_probabilities_of_the_three_intervals_sum_to_one() -> None:
    table = PUBLISHED.posterior(Y, N)
    assert (table["under"] + table["target"] + table["over"]).to_numpy() == pytest.approx(np.ones(15), abs=1e-12)


def test_no_dose_is_skipped_and_none_is_given_beyond_the_control() -> None:
    design = BLRM(amounts=(0.1, 0.3, 0.6, 1.0, 2.0), reference=1.0)
    none = design.decide((0,) * 5, (3, 0, 0, 0, 0), 1)
    assert none.dose == 2
    toxic = design.decide((3, 0, 0, 0, 0), (3, 0, 0, 0, 0), 1)
    assert (toxic.action, toxic.end) == ("stop", "toxic")
    assert design.MTD((3, 0, 0, 0, 0), (3, 0, 0, 0, 0)) == 0


def test_the_same_data_give_the_same_dose_to_the_last_bit() -> None:
    again = BLRM(amounts=AMOUNTS, reference=250, mean=(2.15, 0.52), sd=(0.84, 0.80), correlation=PUBLISHED.correlation)
    assert (PUBLISHED.posterior(Y, N)["over"] == again.posterior(Y, N)["over"]).all()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"amounts": (2, 1)}, "rise"), ({"amounts": ()}, "amounts"), ({"amounts": (0, 1)}, "amounts"),
        ({"reference": 0}, "reference"), ({"sd": (1, 0)}, "sd"), ({"mean": (1,)}, "mean"),
        ({"correlation": 1.0}, "correlation"), ({"low": 0.4}, "low"), ({"overdose": 0}, "overdose"),
        ({"mean": (float("nan"), 0.0)}, "mean"),
    ],
)  # fmt: skip
def test_options_that_are_none_are_refused(options: dict, word: str) -> None:
    with pytest.raises(InputError, match=word):
        BLRM(**{"amounts": (1, 2), "reference": 1, **options})
