"""Bliss, HSA, Loewe and the combination index against check rows, closed forms and numbers of other packages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cereblon.ground.errors import InputError
from cereblon.statistics.combination import CI, HSA, Hill, bliss, loewe, median_effect

POINTS = np.array([(0.5, 0.5), (1, 2), (2, 4), (10, 10)]).T
ONE, TWO = Hill(1, 0, 1.5, 1), Hill(1, 0, 1, 2)
PARTIAL = Hill(1, 0.4, 1.2, 1), Hill(1, 0.2, 0.8, 2)
FURTHER = np.array([(0.5, 0.5), (1, 2), (2, 4), (10, 10), (0.1, 30), (30, 0.1)]).T
SHARES = st.floats(0.05, 0.95)


def test_bliss_HSA_and_loewe_against_the_check_rows() -> None:
    """checks.md, "Synergy": Hill curves from 1 to 0, hill 1.5 and 1, EC50 1 and 2."""
    E1, E2 = ONE(POINTS[0]), TWO(POINTS[1])
    np.testing.assert_allclose(bliss(E1, E2), [0.591037, 0.25, 0.087068, 0.005109], rtol=1e-4)
    np.testing.assert_allclose(HSA(E1, E2), [0.738796, 0.5, 0.261204, 0.030653], rtol=1e-4)
    np.testing.assert_allclose(loewe(*POINTS, ONE, TWO), [0.590904, 0.300777, 0.152938, 0.025078], rtol=1e-4)


@pytest.mark.parametrize(
    ("beyond", "ends"),
    [("HSA", [0.37301419, 0.28224393]), ("weakest", [0.4, 0.4]), ("nan", [np.nan, np.nan])],
)
def test_loewe_past_the_weaker_plateau_against_synergy_of_wooten(beyond: str, ends: list[float]) -> None:
    """The Python package synergy 1.0.0, delta_HSA, delta_weakest and delta_nan; its minimiser is good to 1e-5."""
    expected = [0.70441228, 0.53209539, 0.44829667, *ends, 0.40980093]
    np.testing.assert_allclose(loewe(*FURTHER, *PARTIAL, beyond), expected, rtol=1e-5)  # type: ignore[arg-type]


@given(dose=st.floats(1e-3, 1e3), part=SHARES, hill=st.floats(0.3, 5), plateau=st.floats(0, 0.8))
def test_a_drug_with_itself_is_loewe_additive(dose: float, part: float, hill: float, plateau: float) -> None:
    """The sham experiment: any split of one dose does what the dose does."""
    drug = Hill(1, plateau, hill, 1)
    assert float(loewe(part * dose, (1 - part) * dose, drug, drug)) == pytest.approx(float(drug(dose)), abs=1e-9)
    effect = float(drug(dose))
    if effect - plateau > 1e-6 and effect < 1 - 1e-6:
        assert float(CI(part * dose, (1 - part) * dose, effect, drug, drug)) == pytest.approx(1, rel=1e-6)


@given(d1=st.floats(0.01, 100), d2=st.floats(0.01, 100), unit=st.floats(1e-6, 1e6))
def test_loewe_does_not_depend_on_the_units_or_the_order_of_the_drugs(d1: float, d2: float, unit: float) -> None:
    one, two = PARTIAL
    here = float(loewe(d1, d2, one, two))
    there = float(loewe(d1 * unit, d2, Hill(1, 0.4, 1.2, unit), two))
    assert here == pytest.approx(there, rel=1e-9)
    assert here == pytest.approx(float(loewe(d2, d1, two, one)), rel=1e-9)


def test_loewe_solves_its_own_equation() -> None:
    E = loewe(*FURTHER[:, :3], *PARTIAL)
    parts = FURTHER[0, :3] / PARTIAL[0].dose(E) + FURTHER[1, :3] / PARTIAL[1].dose(E)
    np.testing.assert_allclose(parts, 1, rtol=1e-9)


def test_loewe_runs_into_the_stronger_drug_without_a_jump() -> None:
    """Where the stronger drug alone reaches the weaker plateau, the solution ends and HSA begins."""
    edge = float(PARTIAL[1].dose(0.4))
    below, above = (float(loewe(0.5, edge * f, *PARTIAL)) for f in (1 - 1e-6, 1 + 1e-6))
    assert below == pytest.approx(above, abs=1e-5)


def test_a_single_agent_is_itself_and_opposite_drugs_have_no_loewe() -> None:
    one, two = PARTIAL
    assert float(loewe(0, 3, one, two)) == pytest.approx(float(two(3)))
    assert np.isnan(loewe(1, 1, one, Hill(1, 1.5, 1, 1)))
    with pytest.raises(InputError, match="beyond"):
        loewe(1, 1, one, two, "elsewhere")  # type: ignore[arg-type]


def test_CI_counts_a_drug_that_never_does_so_much_as_nothing_and_knows_no_CI_without_effect() -> None:
    one, two = PARTIAL
    assert float(CI(5, 1, 0.3, one, two)) == pytest.approx(1 / float(two.dose(0.3)))
    assert np.isnan(CI(1, 1, [1.0, 1.1, 0.1], one, two)).all()


def test_the_median_effect_line_is_exact_for_a_median_effect_drug() -> None:
    """Chou 1984: fa / fu = (D / Dm)^m."""
    doses = np.array([0, 0.5, 1, 2, 4.0])
    line = median_effect(doses, ONE(doses)[None], np.ones(5))
    assert line.hill.item() == pytest.approx(1.5)  # type: ignore[union-attr]
    assert line.EC50.item() == pytest.approx(1)  # type: ignore[union-attr]
    rising = median_effect(doses, 1 - ONE(doses)[None], np.ones(5))
    assert np.isnan(rising.EC50).all()
