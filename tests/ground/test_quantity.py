"""Numbers with units: what is read, what is refused, and who judges the factors."""

import math
import pickle
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cereblon.ground import GRADES, CereblonError, Estimate, Quantity, UnitError, unit, unit_words
from cereblon.ground.quantity import DIMENSIONS


@pytest.mark.parametrize(
    ("text", "coherent"),
    [
        ("12.6 nM", 12.6),
        ("0.5 uM", 500),
        (".5µM", 500),
        ("1 ng/mL", 1e-6),
        ("1/h", 1),
        ("0.1/h", 0.1),
        ("0.1 1/d", 0.1 / 24),
        ("28 d", 672),
        ("1 month", 730.5),
        ("5.2 1e9/L", 5.2e9),
        ("150 1e3/uL", 150e9),
        ("3.6 1/nM/h", 3.6),
        ("20 mg/m^2", 2e-4),
        ("300 mm3", 3e-4),
        ("70 %", 0.7),
        ("273.24 g/mol", 273.24e-9),
        ("514 ng*h/mL", 514e-6),
        ("514 ng·h/mL", 514e-6),
        ("-3", -3),
        ("1e-9 M", 1),
    ],
)
def test_the_field_s_writing_is_read(text, coherent):
    assert Quantity.parse(text).coherent == pytest.approx(coherent, rel=1e-15)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "nM", "nan", "nan nM", "inf nM", "1e400 nM", "-1e400", "1e-400 nM", "12,5 nM",
        "--5 nM", "+-5", "9**9**9", "9**9**9 nM", "1 nM**9", "5 kd", "1 cycle", "1 radian", "5 nm", "2 nM nM",
        "5 (nM)", "3 nM^", "1 /", "1 //h", "1 *h", "__import__('os')", "1 nM; 2", "0x10 nM", "1_000 nM",
        "٣ nM", "1e nM", "1.2.3 nM", "1 nM" + "*nM" * 50, "9" * 500, "1 " + "a" * 10**6,
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_paragraph(text):
    with pytest.raises(UnitError) as caught:
        Quantity.parse(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_an_unknown_unit_names_the_nearest():
    with pytest.raises(UnitError, match="nearest is nM"):
        Quantity.parse("5 nm")


@pytest.mark.parametrize("thing", [5, 5.0, None, b"5 nM", ["5 nM"]])
def test_a_bare_number_is_refused(thing):
    with pytest.raises(UnitError, match="needs its unit"):
        Quantity.parse(thing)


@given(st.text(max_size=80))
def test_random_text_raises_only_our_errors(text):
    try:
        quantity = Quantity.parse(text)
    except CereblonError:
        return
    assert math.isfinite(quantity.value)


@given(st.text(alphabet="0123456789.eE+-*/^ nMuhLgdkc%()", max_size=40))
def test_arithmetic_raises_only_our_errors_and_is_never_evaluated(text):
    try:
        quantity = Quantity.parse(text)
    except CereblonError:
        return
    assert math.isfinite(quantity.coherent)


@given(
    st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["nM", "uM/h", "1/nM/h", "%", "1e9/L"])
)
def test_a_printed_number_is_read_back(value, written):
    try:
        quantity = Quantity.parse(f"{value!r} {written}")
    except CereblonError:
        assert abs(value) > 1e300 or 0 < abs(value) < 1e-300
        return
    assert (quantity.value, quantity.unit) == (value, written)


def test_conversion_rounds_once():
    assert Quantity.parse("12.6 nM").to("pM").value == 12600
    assert Quantity.parse("0.1 uM").to("nM").value == 100
    assert str(Quantity.parse("12.6 nM")) == "12.6 nM"


def test_an_interval_may_have_another_unit_and_must_hold_the_value():
    kd = Quantity.parse("63 nM", interval=["20 nM", "1 uM"])
    assert (kd.low, kd.high) == (20, 1000)
    assert kd.to("uM").high == 1
    with pytest.raises(UnitError, match="does not hold"):
        Quantity.parse("63 nM", interval=["70 nM", "1 uM"])
    with pytest.raises(UnitError, match="dimension"):
        Quantity.parse("63 nM", interval=["1 h", "2 h"])


def test_quantities_are_frozen_and_finite():
    kd = Quantity.parse("12.6 nM")
    with pytest.raises(AttributeError):
        kd.value = 1
    for bad in (math.nan, math.inf):
        with pytest.raises(UnitError, match="finite"):
            Quantity(bad, "nM")
    with pytest.raises(UnitError, match="grade"):
        Quantity(1, "nM", grade="sure")
    assert pickle.loads(pickle.dumps(kd)) == kd
    assert all(Quantity(1, "nM", grade=grade) for grade in GRADES)


def test_wrong_dimension_is_refused_in_conversion():
    with pytest.raises(UnitError, match="wrong dimension"):
        Quantity.parse("12.6 nM").to("ng/mL")


def test_unit_algebra_is_closed():
    assert unit("nM") * unit("1/h") == unit("nM/h")
    assert unit("L/h") / unit("L") == unit("1/h")
    assert (unit("nM") ** -1) / unit("h") == unit("1/nM/h")
    assert unit("mm3") == unit("mm^3")
    assert unit("uM").factor == 1000
    assert unit("nM") ** Fraction(1, 2) * unit("nM") ** Fraction(1, 2) == unit("nM")
    assert unit("") == unit("1")
    assert str(unit("nmol") / unit("L") / unit("h")) == "nM/h"


@given(st.sampled_from(sorted(unit_words())), st.sampled_from(sorted(unit_words())))
def test_product_of_units_is_the_written_product(a, b):
    assert unit(a) * unit(b) == unit(f"{a}*{b}")
    assert unit(a) / unit(b) == unit(f"{a}/{b}")


def test_unit_factors_against_pint():
    """Outside judge: pint's dimension and factor of each row (its own expression stands in the table)."""
    pint = pytest.importorskip("pint")
    registry = pint.UnitRegistry()
    base = {"[time]": "hour", "[substance]": "nanomole", "[length]": "decimeter", "[mass]": "gram"}
    judged = 0
    for word in unit_words().values():
        ours = unit(word.word)
        if not word.pint:
            assert ours.dimension[DIMENSIONS.index("cell")] == 1, word.word  # pint counts no cells
            continue
        theirs = registry.Quantity(word.pint)
        for name, exponent in zip(base, ours.dimension, strict=False):
            assert theirs.dimensionality.get(name, 0) == exponent, word.word
            theirs = theirs / registry.Quantity(base[name]) ** exponent
        assert theirs.to("").magnitude == pytest.approx(ours.factor, rel=1e-12), word.word
        judged += 1
    assert judged > 40


def test_estimates_print_their_interval():
    assert str(Estimate(24.02, "nM", 18.1, 33.4)) == "24 nM (18.1-33.4)"
    assert str(Estimate(math.nan, "nM", note="no plateau")) == "not estimated (no plateau)"
    assert str(Estimate(0.5)) == "0.5"
    assert Estimate(24, "nM", 18, 33).to("pM").high == pytest.approx(33000)
    with pytest.raises(UnitError):
        Estimate(1, "furlong")
