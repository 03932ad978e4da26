"""Displacement and cooperativity: against Wang's cubic, against the kinetic network, against each other's limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cereblon.mechanism.cooperativity import Kd_beside, alpha, alpha_from_shift, pairs_at, pairs_in_tube
from cereblon.mechanism.displacement import (
    Cheng_Prusoff,
    Nikolovska_Coleska,
    floor_of,
    half_displacement,
    polarisation,
    proximity,
    tracer_bound,
)
from cereblon.mechanism.ternary import depletion, ternary_complex
from cereblon.model.tube import displaced
from cereblon.network.dosing import Dose

constant = st.floats(-3, 3).map(lambda x: 10.0**x)


def wang(ligand, CRBN, tracer, Kd, Kd_tracer):
    """[CRBN:tracer] by the trigonometric root of the cubic (Wang 1995, FEBS Lett 360:111, equation 17)."""
    a = Kd_tracer + Kd + tracer + ligand - CRBN
    b = Kd * (tracer - CRBN) + Kd_tracer * (ligand - CRBN) + Kd_tracer * Kd
    c = -Kd_tracer * Kd * CRBN
    root = np.sqrt(a**2 - 3 * b)
    angle = np.arccos(np.clip((-2 * a**3 + 9 * a * b - 27 * c) / (2 * root**3), -1, 1))
    shared = 2 * root * np.cos(angle / 3) - a
    return tracer * shared / (3 * Kd_tracer + shared)


# --- displacement ---


@given(constant, constant, constant, constant, constant)
def test_tracer_bound_against_the_cubic_of_Wang(ligand, CRBN, tracer, Kd, Kd_tracer):
    found = float(tracer_bound(ligand, CRBN, tracer, Kd, Kd_tracer))
    # the trigonometric root cancels where little is bound: what it loses scales with the totals
    slack = 1e-9 * (ligand + CRBN + tracer + Kd + Kd_tracer) * max(1.0, tracer / Kd_tracer)
    assert found == pytest.approx(float(wang(ligand, CRBN, tracer, Kd, Kd_tracer)), rel=1e-6, abs=slack)


@pytest.mark.parametrize("assay", ["FP", "TR_FRET"])
@pytest.mark.parametrize("glue", ["lenalidomide", "mezigdomide"])
def test_tracer_bound_against_the_kinetic_network_at_rest(assay, glue):
    """The tube of the record is at equilibrium within its hour: binding, closing and tracer integrated in time."""
    model = displaced(glue, assay)
    numbers = model.coherent()
    for amount in (1.0, 30.0, 1000.0):
        run = model.simulate([0, 1, 24], [Dose(0, glue, amount)], rtol=1e-9)
        others = ("CRBN.total", "tracer.total", f"{glue}.CRBN.Kd", "tracer.CRBN.Kd")
        expected = tracer_bound(amount, *(numbers[a] for a in others))
        assert run["CRBN:tracer"][1:] == pytest.approx(float(expected), rel=1e-6)


@given(constant, constant, constant, constant)
def test_half_displacement_halves_the_bound_tracer(CRBN, tracer, Kd, Kd_tracer):
    IC50 = half_displacement(CRBN, tracer, Kd, Kd_tracer)
    none, half = (float(tracer_bound(x, CRBN, tracer, Kd, Kd_tracer)) for x in (0, IC50))
    assert half == pytest.approx(none / 2, rel=1e-7)


@given(constant, constant, constant, constant)
def test_Nikolovska_Coleska_inverts_the_exact_IC50(CRBN, tracer, Kd, Kd_tracer):
    IC50 = half_displacement(CRBN, tracer, Kd, Kd_tracer)
    found = float(Nikolovska_Coleska(IC50, CRBN, tracer, Kd_tracer))
    assert found == pytest.approx(Kd, rel=1e-7, abs=1e-9 * float(IC50))


@given(constant, constant, constant)
def test_Cheng_Prusoff_is_the_limit_of_little_cereblon(tracer, Kd, Kd_tracer):
    IC50 = half_displacement(1e-9 * min(tracer, Kd, Kd_tracer), tracer, Kd, Kd_tracer)
    assert float(Cheng_Prusoff(IC50, tracer, Kd_tracer)) == pytest.approx(Kd, rel=1e-6)


@given(constant, constant, constant, constant)
def test_no_IC50_lies_below_the_floor(CRBN, tracer, Kd, Kd_tracer):
    IC50, floor = float(half_displacement(CRBN, tracer, Kd, Kd_tracer)), float(floor_of(CRBN, tracer, Kd_tracer))
    assert IC50 > floor > 0
    assert float(Nikolovska_Coleska(0.5 * floor, CRBN, tracer, Kd_tracer)) < 0


@given(constant, constant, constant)
def test_Cheng_Prusoff_never_flatters_beside_a_trace_of_tracer(CRBN, Kd, Kd_tracer):
    """Beside much tracer it can: what cereblon takes of the tracer is then counted as free."""
    tracer = 1e-6 * Kd_tracer
    IC50 = half_displacement(CRBN, tracer, Kd, Kd_tracer)
    assert float(Cheng_Prusoff(IC50, tracer, Kd_tracer)) >= Kd * (1 - 1e-5)
    assert float(Cheng_Prusoff(half_displacement(1, 10, 10, 1), 10, 1)) < 10


def test_polarisation_is_that_of_added_intensities():
    """Anisotropy adds by fluorescence (Lakowicz 2006), r = 2 P / (3 - P); polarisation does not."""
    share, free, held, brightness = np.linspace(0, 1, 11), 0.06, 0.22, 1.4
    r_free, r_held = 2 * free / (3 - free), 2 * held / (3 - held)
    weight = share * brightness / (1 - share + share * brightness)
    r = (1 - weight) * r_free + weight * r_held
    np.testing.assert_allclose(polarisation(share, free, held, brightness), 3 * r / (2 + r), rtol=1e-12)
    assert float(polarisation(0.5, free, held)) > (free + held) / 2  # not the middle


def test_proximity_runs_from_the_baseline_to_every_donor_paired():
    assert proximity([0, 5, 10], donor=10, baseline=0.1, gain=9).tolist() == pytest.approx([0.1, 0.55, 1.0])


# --- cooperativity ---


@given(constant, constant, constant, constant, constant)
def test_pairs_without_a_leak_are_the_ternary_complex(glue, CRBN, S, Kd, Kd_S):
    at = pairs_at(glue, CRBN, S, Kd, Kd_S, 0.5)
    assert float(at.pairs) == pytest.approx(float(ternary_complex(glue, CRBN, S, Kd, Kd_S, 0.5)), rel=1e-9)
    assert float(at.ternary) == pytest.approx(float(at.pairs), rel=1e-12)
    total = float(pairs_in_tube(glue, CRBN, S, Kd, Kd_S, 0.5).pairs)
    assert total == pytest.approx(float(depletion(glue, CRBN, [S], Kd, [Kd_S], 0.5).complexes[0]), rel=1e-6)


@given(constant, constant, constant, constant, constant, constant, constant)
def test_pairs_obey_every_balance_and_the_cycle(glue, CRBN, S, Kd, Kd_S, K_c, Kd_apo):
    """Mass action at each of the four faces, from the free concentrations that the balances leave."""
    at = pairs_in_tube(glue, CRBN, S, Kd, Kd_S, K_c, Kd_apo)
    bare = at.pairs - at.ternary  # cereblon that holds S alone
    unpaired = CRBN - at.pairs  # empty, or with a glue
    empty, glued = unpaired * Kd / (Kd + at.glue), unpaired * at.glue / (Kd + at.glue)
    free_S = S - at.pairs
    assert float(at.glue + glued + at.ternary) == pytest.approx(glue, rel=1e-7)
    closed = glued * K_c / (1 + K_c)
    scale = 1e-6 * float(CRBN * S)
    assert float(empty * free_S) == pytest.approx(float(bare * Kd_apo), rel=1e-5, abs=scale)
    assert float(closed * free_S) == pytest.approx(float(at.ternary * Kd_S), rel=1e-5, abs=scale)


@given(constant, constant, constant, constant)
def test_alpha_is_the_shift_at_saturating_substrate_and_the_shift_gives_it_back(S, Kd, Kd_S, K_c):
    Kd_apo = 1e3 * Kd_S
    true = float(alpha(Kd_S, K_c, Kd_apo))
    assert Kd / float(Kd_beside(1e12, Kd, Kd_S, K_c, Kd_apo)) == pytest.approx(true, rel=1e-3)
    shift = Kd / float(Kd_beside(S, Kd, Kd_S, K_c, Kd_apo))
    assert float(alpha_from_shift(shift, S, Kd_apo)) == pytest.approx(true, rel=1e-6, abs=1e-6)


def test_the_shift_is_what_a_tube_with_a_trace_of_cereblon_shows():
    """Half of the glue-bound share, found by search in the exact tube, against the linkage formula."""
    S, Kd, Kd_S, K_c, Kd_apo = 500.0, 100.0, 60.0, 1.0, 5e4
    glue = np.geomspace(1e-2, 1e5, 4001)
    at = pairs_at(glue, 1e-6, S, Kd, Kd_S, K_c, Kd_apo)
    held = (1e-6 - at.pairs) * glue / (glue + Kd) + at.ternary
    found = glue[np.searchsorted(held, 5e-7)]
    assert found == pytest.approx(float(Kd_beside(S, Kd, Kd_S, K_c, Kd_apo)), rel=0.01)


def test_a_glue_shows_no_hook_beside_a_leak_either():
    glue = np.geomspace(1e-4, 1e8, 200)
    for make in (pairs_at, pairs_in_tube):
        found = make(glue, 50, 200, 12.6, 64, 49, 5e4).pairs
        assert (np.diff(found) >= -1e-12 * found.max()).all()
