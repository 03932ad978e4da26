"""exp, log and power in machine code, judged by decimal arithmetic of 50 digits, at every width."""

import ctypes
import math
from decimal import Decimal, localcontext

import numpy as np
import pytest

from cereblon.network import machine
from cereblon.network.lanes import WIDTHS, Lanes, functions

SPECIAL = [0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-310, 1.0, -1.0,
           1.7976931348623157e308, 709.782712893384, 709.7827128933841, 710.0, -708.4, -745.13, -745.14, -746.0, -1e300,
           1e300, 1e-300, 0.5, 2.0, math.nextafter(1.0, 2), math.nextafter(1.0, 0), 0.6931471805599453]  # fmt: skip


def run_on_lanes(name: str, width: int, *columns: np.ndarray, cpu: str = "") -> np.ndarray:
    """Apply one elementary function to whole columns, `width` at a time."""
    e = Lanes(width)
    with e.loop("%n", "row") as row:
        e.store("%out", row, e.call(name, *(e.load(f"%in{k}", row) for k in range(len(columns)))))
    given = ", ".join(f"ptr %in{k}" for k in range(len(columns)))
    head = f"define void @apply(i64 %n, ptr %out, {given}) #1 {{\nentry:\n"
    attributes = 'attributes #1 = { nounwind "min-legal-vector-width"="512" }'
    lines = "\n".join([functions(width), head, e.body(), "ret void\n}", attributes]).splitlines()
    declared = sorted({line for line in lines if line.startswith("declare")})
    engine = machine._engine("\n".join([*declared, *(x for x in lines if not x.startswith("declare"))]), cpu, "")
    rows = -(-len(columns[0]) // 8) * 8 // width
    areas = []
    for column in (np.zeros(0), *columns):
        raw = np.full(rows * width + 8, 0.5)
        skip = (-raw.ctypes.data % 64) // 8
        raw[skip : skip + len(column)] = column
        areas.append(raw[skip : skip + rows * width])
    call = ctypes.CFUNCTYPE(None, ctypes.c_int64, *[ctypes.c_void_p] * len(areas))(engine.get_function_address("apply"))
    call(rows, *(a.ctypes.data for a in areas))
    return areas[0][: len(columns[0])].copy()


def ulps(found: np.ndarray, exact: list[Decimal]) -> float:
    """The largest distance in units of the last place of the exact value."""
    pairs = zip(found.tolist(), exact, strict=True)
    return max(float(abs(Decimal(value) - judge) / Decimal(math.ulp(float(judge)))) for value, judge in pairs)


def random(n: int, low: float, high: float) -> np.ndarray:
    return np.random.Generator(np.random.Philox(3)).uniform(low, high, n)


def test_exp_is_within_one_unit_in_the_last_place() -> None:
    x = np.concatenate([random(2000, -708, 709.7), random(1000, -1, 1), random(500, -1e-9, 1e-9),
                        random(500, -745, -700)])  # fmt: skip
    with localcontext() as context:
        context.prec = 50
        assert ulps(run_on_lanes("exp", 8, x), [Decimal(v).exp() for v in x.tolist()]) <= 1.0


def test_log_is_within_one_unit_in_the_last_place() -> None:
    x = np.concatenate([10 ** random(2000, -307, 308), random(1500, 0.5, 2), 1 + random(500, -1e-9, 1e-9),
                        10 ** random(500, -323, -307)])  # fmt: skip
    with localcontext() as context:
        context.prec = 50
        assert ulps(run_on_lanes("log", 8, x), [Decimal(v).ln() for v in x.tolist()]) <= 1.0


def test_power_loses_no_more_than_its_exponent_says() -> None:
    """The relative error of exp(b log a) is about |b log a| units in the last place."""
    a, b = 10 ** random(3000, -30, 30), np.random.Generator(np.random.Philox(4)).uniform(-8, 8, 3000)
    found = run_on_lanes("power", 8, a, b)
    with localcontext() as context:
        context.prec = 50
        for base, exponent, value in zip(a.tolist(), b.tolist(), found.tolist(), strict=True):
            judge = Decimal(base) ** Decimal(exponent)
            units = abs(Decimal(value) - judge) / Decimal(math.ulp(float(judge)))
            assert units <= 2 + 2 * abs(exponent * math.log(base))


def python(name: str, x: float) -> float:
    try:
        return getattr(math, name)(x)
    except OverflowError:
        return math.inf
    except ValueError:
        return -math.inf if x == 0 else math.nan


@pytest.mark.parametrize("name", ["exp", "log"])
def test_special_values_are_those_of_ieee(name: str) -> None:
    found = run_on_lanes(name, 8, np.array(SPECIAL))
    for x, value in zip(SPECIAL, found.tolist(), strict=True):
        expected = python(name, x)
        close = abs(value - expected) <= 1.01 * math.ulp(expected) if math.isfinite(expected) else value == expected
        assert close or (math.isnan(value) and math.isnan(expected)), (name, x, value, expected)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (0.0, 2.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 1.0), (0.0, -1.0, math.inf), (-0.0, 2.0, 0.0), (1.0, 5.0, 1.0),
        (2.0, 0.0, 1.0), (math.inf, 2.0, math.inf), (math.inf, -2.0, 0.0), (math.inf, 0.0, 1.0), (1e200, 2.0, math.inf),
        (1e-200, 2.0, 0.0), (1e200, -2.0, 0.0), (5e-324, 1.0, 5e-324), (2.0, math.inf, math.inf), (0.5, math.inf, 0.0),
        (2.0, -math.inf, 0.0), (math.nan, 2.0, math.nan), (2.0, math.nan, math.nan), (0.0, math.nan, math.nan),
        (-2.0, 0.5, math.nan),
    ],
)  # fmt: skip
def test_power_at_the_edges(a: float, b: float, expected: float) -> None:
    found = float(run_on_lanes("power", 2, np.array([a]), np.array([b]))[0])
    assert found == expected or (math.isnan(found) and math.isnan(expected))


@pytest.mark.parametrize(
    ("a", "b", "expected"), [(-2.0, 2.0, 4.0), (-2.0, 3.0, -8.0), (-2.0, -1.0, -0.5), (-1.0, 0.0, 1.0)]
)
def test_power_of_a_negative_base_with_a_whole_exponent_is_a_number(a: float, b: float, expected: float) -> None:
    """A species may dip below zero within its tolerance; x^n with n = 2 as a parameter is not NaN there."""
    found = float(run_on_lanes("power", 2, np.array([a]), np.array([b]))[0])
    assert found == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("name", ["exp", "log", "power"])
def test_every_width_and_processor_gives_the_same_bits(name: str) -> None:
    x = np.concatenate([SPECIAL, 10 ** random(997, -320, 308), random(997, -750, 750)])
    columns = (np.abs(x), random(len(x), -5, 5)) if name == "power" else (x,)
    judge = run_on_lanes(name, 8, *columns)
    for width in WIDTHS:
        for cpu in ("", "x86-64-v2", "x86-64-v3"):
            found = run_on_lanes(name, width, *columns, cpu=cpu)
            assert np.array_equal(found.view("i8"), judge.view("i8")), (width, cpu)
