"""Shapes of dose-response curves: derivatives, limits, where half of the effect is."""

import math

import numpy as np
import pytest

from cereblon.ground.errors import InputError
from cereblon.statistics.shape import NATURAL, ZERO, Shape, logarithms, shape

SHAPES = ("4PL", "5PL", "weibull1", "weibull2")
U = np.array([ZERO, -6.0, -1.0, -0.2, 0.0, 0.4, 1.5, 5.0, 60.0])
THETA = np.array([-0.3, 1.7, 0.35, 0.2, -0.6])


def theta(form: Shape) -> np.ndarray:
    return THETA if form.name == "5PL" else np.append(THETA[:4], 0.0)


@pytest.mark.parametrize("direction", [-1, 1])
@pytest.mark.parametrize("name", SHAPES)
def test_each_derivative_against_central_differences(name: str, direction: int) -> None:
    form = shape(name)
    at = theta(form)
    _, by = form.curve(U, at, direction)
    for k in range(5 if name == "5PL" else 4):
        step = np.zeros(5)
        step[k] = 1e-5
        up, down = form.curve(U, at + step, direction)[0], form.curve(U, at - step, direction)[0]
        assert by[:, k] == pytest.approx((up - down) / 2e-5, abs=2e-9), NATURAL[k]


@pytest.mark.parametrize("direction", [-1, 1])
@pytest.mark.parametrize("name", SHAPES)
def test_gradients_of_concentrations_against_central_differences(name: str, direction: int) -> None:
    form = shape(name)
    at = theta(form)
    for read in (lambda t: form.log_concentration(0.2, t, direction), lambda t: form.log_location(t, direction)):
        _, by = read(at)
        for k in range(2, 5 if name == "5PL" else 4):
            step = np.zeros(5)
            step[k] = 1e-5
            assert by[k] == pytest.approx((read(at + step)[0] - read(at - step)[0]) / 2e-5, abs=1e-8)


@pytest.mark.parametrize("direction", [-1, 1])
@pytest.mark.parametrize("name", SHAPES)
def test_half_of_the_effect_is_at_EC50_and_zero_dose_on_a_plateau(name: str, direction: int) -> None:
    form = shape(name)
    at = theta(form)
    values, _ = form.curve(np.array([at[2], ZERO, 400.0]), at, direction)
    assert values[0] == pytest.approx(0.7, abs=1e-12)
    assert values[1:].tolist() == pytest.approx([1.7, -0.3][::-direction], abs=1e-12)


@pytest.mark.parametrize(
    ("name", "closed"),
    [
        ("4PL", lambda x: 1 / (1 + (x / 3) ** 2)),
        ("weibull1", lambda x: math.exp(-((x / (3 / math.log(2) ** 0.5)) ** 2))),
        ("weibull2", lambda x: 1 - math.exp(-((x / (3 * math.log(2) ** 0.5)) ** -2.0))),
    ],
)
def test_falling_shapes_against_their_closed_forms(name: str, closed) -> None:  # type: ignore[no-untyped-def]
    """drc's LL.4, W1.4 and W2.4 with limits 0 and 1, slope 2, and the location that puts the half at 3."""
    form = shape(name)
    x = np.array([0.1, 1.0, 3.0, 20.0])
    found, _ = form.curve(logarithms(x), np.array([0, 1, math.log(3), math.log(2), 0.0]), -1)
    assert found == pytest.approx([closed(v) for v in x], rel=1e-12)


def test_5PL_against_the_richards_form() -> None:
    """b1 / (1 + exp(b2 - b3 x))^(1/b4), the form of NIST's Rat43, in log x."""
    b1, b2, b3, b4 = 700, 5.0, 0.76, 1.3
    s = 1 / b4
    half = -math.log(2 ** (1 / s) - 1)
    at = np.array([0, b1, (b2 + half) / b3, math.log(b3), math.log(s)])
    u = np.linspace(0, 15, 7)
    assert shape("5PL").curve(u, at, 1)[0] == pytest.approx(b1 / (1 + np.exp(b2 - b3 * u)) ** s, rel=1e-12)


def test_names_of_drc_are_known() -> None:
    assert dict(shape("LL.3").fixed) == {"bottom": 0.0, "asymmetry": 1.0}
    assert dict(shape("ll.3u").fixed) == {"top": 1.0, "asymmetry": 1.0}
    assert shape("W1.4").family == "weibull1"


@pytest.mark.parametrize(
    ("model", "fixed"),
    [("6PL", {}), ("4PL", {"slope": 1}), ("4PL", {"hill": -1}), ("4PL", {"top": math.nan}),
     ("2PL", {"hill": 1, "EC50": 3})],
)  # fmt: skip
def test_what_is_no_shape_is_refused(model: str, fixed: dict[str, float]) -> None:
    with pytest.raises(InputError):
        shape(model, fixed)
