"""The compartments against their analytic solutions (sums of exponentials), and TMDD against its own
limit."""

import numpy as np
import pytest

from cereblon.ground.errors import InputError
from cereblon.mechanism.pharmacokinetics import AUC, Cavg, half_lives, pharmacokinetics, tmdd
from cereblon.network.dosing import Dose

CL, V, KA = 8.0, 60.0, 1.1
SIDES = {1: [], 2: [(4.0, 70.0)], 3: [(4.0, 70.0), (1.5, 200.0)]}
TIMES = np.array([0.0, 0.1, 0.5, 1, 2, 4, 7.3, 12, 24, 36, 60, 100])


class Analytic:
    """Concentration after a dose into a mammillary model: the textbook's sum of exponentials.

    With rates l_i (roots of the disposition) and returns k_j = Q_j / V_j, a unit bolus into central gives
    sum_i C_i exp(-l_i t), C_i = prod_j (k_j - l_i) / prod_{m != i} (l_m - l_i) / V.
    """

    def __init__(self, compartments, ka=None):
        sides = SIDES[compartments]
        back = np.array([Q / W for Q, W in sides])
        out = CL / V + sum(Q for Q, _ in sides) / V
        # characteristic polynomial of the mammillary matrix, written out
        poly = np.poly(-back) * 1.0
        total = np.polymul([1, out], poly)
        for j, (Q, W) in enumerate(sides):
            total = np.polysub(total, (Q / V) * (Q / W) * np.poly(-np.delete(back, j)))
        self.l = np.sort(-np.roots(total).real)
        self.C = np.array([np.prod(back - x) / np.prod(np.delete(self.l, i) - x) / V for i, x in enumerate(self.l)])
        self.ka = ka

    def bolus(self, t, dose=1.0):
        t = np.asarray(t)[..., None]
        if self.ka is None:
            terms = np.exp(-self.l * np.maximum(t, 0))
        else:
            terms = (
                self.ka
                / (self.ka - self.l)
                * (np.exp(-self.l * np.maximum(t, 0)) - np.exp(-self.ka * np.maximum(t, 0)))
            )
        return dose * np.where(t[..., 0] > 0, (self.C * terms).sum(-1), 0)

    def infusion(self, t, dose, duration):
        t = np.asarray(t)[..., None]
        on = 1 - np.exp(-self.l * np.clip(t, 0, duration))
        decay = np.exp(-self.l * np.maximum(t - duration, 0))
        return dose / duration * (self.C / self.l * on * decay).sum(-1)

    def steady(self, t, dose, ii):
        t = np.asarray(t)[..., None]

        def train(k):
            return np.exp(-k * t) / (1 - np.exp(-k * ii))

        return dose * (self.C * self.ka / (self.ka - self.l) * (train(self.l) - train(self.ka))).sum(-1)


def model(compartments, oral):
    tail = "_F" if oral else ""
    values = {f"drug.CL{tail}": CL, f"drug.V{tail}": V}
    for (Q, W), flow, volume in zip(SIDES[compartments], ("Q", "Q2"), ("V2", "V3"), strict=False):
        values |= {f"drug.{flow}{tail}": Q, f"drug.{volume}{tail}": W}
    if oral:
        values |= {"drug.ka": KA, "drug.lag": 0.25}
    return pharmacokinetics("drug", compartments, oral=oral), values


def run(net, values, dose, times=TIMES, **options):
    result = net.simulate(values, times, [dose], rtol=1e-9, observe=["drug@central"], **options)
    assert result.ok
    return result["drug@central"]


@pytest.mark.parametrize("compartments", [1, 2, 3])
def test_bolus_against_analytic(compartments):
    found = run(*model(compartments, oral=False), Dose(0, "drug@central", 1000))
    expected = Analytic(compartments).bolus(TIMES, 1000)
    np.testing.assert_allclose(found[1:], expected[1:], rtol=1e-7)
    assert found[0] == 0  # a sample at the time of a dose is taken before it


@pytest.mark.parametrize("compartments", [1, 2, 3])
def test_infusion_against_analytic(compartments):
    found = run(*model(compartments, oral=False), Dose(0, "drug@central", 1000, duration=3))
    np.testing.assert_allclose(found, Analytic(compartments).infusion(TIMES, 1000, 3), rtol=1e-7)


@pytest.mark.parametrize("compartments", [1, 2, 3])
def test_oral_dose_with_lag_against_analytic(compartments):
    found = run(*model(compartments, oral=True), Dose(0, "drug@gut", 1000, lag="drug.lag"))
    expected = Analytic(compartments, KA).bolus(TIMES - 0.25, 1000)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("compartments", [1, 2, 3])
def test_repeated_oral_doses_with_bioavailability_against_superposition(compartments):
    net, values = model(compartments, oral=True)
    net.parameter("drug.F", "1", "bioavailability", shared=True)
    dose = Dose(0, "drug@gut", 1000, ii=12, addl=4, F="drug.F")
    found = run(net, values | {"drug.F": 0.4}, dose)
    single = Analytic(compartments, KA)
    expected = sum(single.bolus(TIMES - 12 * i, 400) for i in range(5))
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("compartments", [1, 2, 3])
def test_steady_state_dose_against_analytic(compartments):
    times = np.array([0.5, 1, 4, 11.9])
    found = run(*model(compartments, oral=True), Dose(0, "drug@gut", 1000, ii=12, ss=True), times)
    np.testing.assert_allclose(found, Analytic(compartments, KA).steady(times, 1000, 12), rtol=1e-6)


@pytest.mark.parametrize("compartments", [1, 2, 3])
def test_half_lives_against_the_analytic_roots(compartments):
    sides = [x for pair in SIDES[compartments] for x in pair]
    np.testing.assert_allclose(half_lives(CL, V, *sides), np.log(2) / Analytic(compartments).l, rtol=1e-9)


def test_pomalidomide_AUC_against_Li_2015():
    values = {
        "pomalidomide.CL_F": 8.52 * 0.913, "pomalidomide.V_F": 69.9, "pomalidomide.Q_F": 3.75,
        "pomalidomide.V2_F": 71.5, "pomalidomide.ka": 1.25, "pomalidomide.lag": 0.206,
    }  # fmt: skip
    net = pharmacokinetics("pomalidomide", 2)
    net.add_species("exposure", "1", scale="1")
    net.reaction("0 -> exposure", rate="[pomalidomide@central] / pomalidomide.AUC_unit")
    net.derive("pomalidomide.AUC_unit", "nM*h", "1", shared=True)
    mass = 273.24  # ng/nmol
    found = net.simulate(values, [0, 600], [Dose(0, "pomalidomide@gut", 4e6 / mass, lag="pomalidomide.lag")], rtol=1e-8)
    assert found["exposure"][-1] * mass / 1000 == pytest.approx(514.2, rel=1e-3)  # ng h/mL
    assert AUC(4e6, 8.52 * 0.913) / 1000 == pytest.approx(514.2, rel=1e-3)
    assert Cavg(4e6, 8.52 * 0.913, 24) == pytest.approx(AUC(4e6, 8.52 * 0.913) / 24)


def test_a_number_of_compartments_that_no_drug_has_is_refused():
    with pytest.raises(InputError, match="compartments"):
        pharmacokinetics("drug", 4)


# --- target-mediated disposition ---

TARGET = {"drug.CD38.Kd": 2.0, "drug.CD38.k_on": 5.0, "drug.CD38.k_int": 0.1}
BLOOD = {"CD38.total@central": 30.0, "CD38.t_half@central": 20.0}


def test_drug_free_target_stands_still():
    for quasi_steady in (False, True):
        net = tmdd("drug", "CD38", 2, quasi_steady=quasi_steady)
        found = net.simulate(model(2, oral=False)[1] | TARGET | BLOOD, [0, 672])
        assert found["CD38@central"].tolist() == pytest.approx([30, 30], rel=1e-12)


def test_quasi_steady_tmdd_against_the_full_form():
    times = np.array([1, 6, 24, 72, 168, 336])
    values = model(2, oral=False)[1] | TARGET | BLOOD
    dose = [Dose(0, "drug@central", 12000)]
    full = tmdd("drug", "CD38", 2).simulate(values, times, dose, rtol=1e-8)
    lumped = tmdd("drug", "CD38", 2, quasi_steady=True).simulate(values, times, dose, rtol=1e-8)
    total = full["drug@central"] + full["drug:CD38@central"]
    np.testing.assert_allclose(lumped["drug@central"], total, rtol=0.03)


def test_a_large_dose_escapes_its_target():
    """The share of the dose that the target takes falls: AUC per dose rises to that of the drug alone."""
    values = model(2, oral=False)[1] | TARGET | BLOOD
    times = np.linspace(0, 2000, 8001)
    net = tmdd("drug", "CD38", 2)
    exposure = [
        np.trapezoid(net.simulate(values, times, [Dose(0, "drug@central", d)])["drug@central"], times) / d
        for d in (1e3, 1e5, 1e7)
    ]
    assert exposure[0] < exposure[1] < exposure[2]
    assert exposure[2] == pytest.approx(1 / CL, rel=0.02)
