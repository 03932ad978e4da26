"""Arrest, delay and death: against the published rows, the gamma distribution, and what knock-downs showed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma

from cereblon.ground.vocabulary import check_address
from cereblon.mechanism.fate import apoptosis, fate, growth, living, signal_distribution, transit
from cereblon.mechanism.transcription import IKZF, transcription
from cereblon.network.network import Network

NUMBERS = {
    "MYC.independent": 0.1, "IRF4.independent": 0.2, "MYC.IKZF.K": 0.4, "MYC.IKZF.hill": 2.0, "MYC.IRF4.K": 0.3,
    "MYC.IRF4.hill": 1.0, "IRF4.MYC.K": 0.4, "IRF4.MYC.hill": 2.0, "MYC.half_time": 12.0, "IRF4.half_time": 18.0,
    "interferon.weight": 0.0, "interferon.IKZF.K": 0.4, "interferon.IKZF.hill": 2.0, "interferon.half_time": 12.0,
    "CD38.total": 300.0, "CD38.interferon.gain": 0.5, "CD38.half_time": 24.0,
    "survival.K": 0.3, "survival.hill": 2.0, "apoptosis.k_max": 0.032, "apoptosis.tau": 8.0,
    "apoptosis.k_clear": 0.012, "doubling_time": 36.0, "cycle.G1": 0.6, "cell.count": 1.0,
    "fall.half_time": 2.0, "IKZF1.level": 0.05, "IKZF3.level": 1.0,
}  # fmt: skip
REST = {"IKZF1.level": 1.0, "IKZF3.level": 1.0}
DAYS = [24, 48, 72, 96, 120]


def line(coupling="product", **options):
    """A line whose factors fall from 1 to `level` with one half-time."""
    net = transcription({S: f"[{S}]" for S in IKZF}, coupling)
    net.parameter("fall.half_time", "h", "half-time of the fall")
    for S in IKZF:
        net.parameter(f"{S}.level", "1", "where it falls to")
        net.add_species(S, "1", initial="1")
        net.reaction(f"0 -> {S}", rate=f"log(2) / fall.half_time * {S}.level")
        net.reaction(f"{S} -> 0", forward="log(2) / fall.half_time")
    return net + fate(n_transit=4, **options)


def run(net, times, changes=()):
    given = {name: value for name, value in (NUMBERS | dict(changes)).items() if name in net.parameters}
    found = net.simulate(given, times)
    assert found.ok
    return found


def over_control(net, times, changes=()):
    """Living cells over those of the same line without loss of IKZF, and the run itself."""
    found, control = run(net, times, changes), run(net, times, {**dict(changes), **REST})
    return found["cell.alive"] / control["cell.alive"], found


def fallen_by_half(times, x):
    return np.interp(0.5, (x[0] - x) / (x[0] - x[-1]), times)


def test_one_stage_without_interferon_against_the_published_rows():
    alive, found = over_control(line(cycle=False), DAYS)
    np.testing.assert_allclose(alive, [0.94141, 0.63826, 0.28707, 0.09823, 0.03026], rtol=1e-3)
    np.testing.assert_allclose(found["cell.annexin"], [0.0022, 0.0766, 0.3240, 0.5836, 0.7532], rtol=1e-3, atol=5e-5)


def test_signal_distribution_against_the_published_rows():
    drug = Network("drug")
    drug.parameter("level", "nM")
    drug.add_species("lenalidomide", "nM", initial="level")
    net = signal_distribution("lenalidomide", 4) + drug
    given = {
        "level": np.array([0, 0.1]), "lenalidomide.k_max": 0.29, "lenalidomide.EC50": 0.1, "apoptosis.tau": 34.1,
        "doubling_time": np.log(2) / 0.02, "cell.count": 1.0, "apoptosis.k_clear": 0.01,
    }  # fmt: skip
    found = net.simulate(given, [*DAYS, 168])["cell"]
    np.testing.assert_allclose(found[0], [1.6161, 2.6117, 4.2207, 6.821, 11.023, 28.789], rtol=1e-4)
    np.testing.assert_allclose(found[1], [1.6088, 2.382, 2.6754, 1.9047, 0.79244, 0.03081], rtol=1e-3)


@settings(max_examples=20)
@given(st.floats(12, 2000), st.floats(0.05, 0.95), st.floats(1e-3, 1e12), st.sampled_from(["1", "1e9/L"]))
def test_drug_free_line_grows_as_stated_with_its_share_in_G1(doubling_time, G1, count, unit):
    changes = {**REST, "doubling_time": doubling_time, "cycle.G1": G1, "cell.count": count}
    found = run(line(unit=unit), [0, doubling_time, 10 * doubling_time], changes)
    np.testing.assert_allclose(found["cell.alive"] / found["cell.alive"][0], [1, 2, 1024], rtol=1e-4)
    np.testing.assert_allclose(found["cell.G1_fraction"], G1, rtol=1e-6)
    np.testing.assert_allclose(found["cell.viability"], 1, rtol=1e-9)


def test_IKZF_falls_before_MYC_before_IRF4_before_growth():
    times = np.linspace(0, 240, 481)
    found = run(line(), times)
    rate = np.gradient(np.log(found["cell.alive"]), times)
    order = [fallen_by_half(times, x) for x in (found["IKZF1"], found["MYC"], found["IRF4"], rate)]
    assert (np.diff(order) > 4).all(), order


def test_cells_stop_in_G1_before_they_die():
    times = np.linspace(0, 240, 481)
    found = run(line(), times)
    arrest, death = (fallen_by_half(times, found[name]) for name in ("cell.G1_fraction", "cell.viability"))
    assert found["cell.G1_fraction"].max() > 0.9
    assert arrest < death - 12


def test_knock_down_of_one_factor_against_Bjorklund_2015():
    """A tenth left by day 4: MYC -70 to -90, IRF4 -60 to -80, growth -80 to -90 %; annexin 60-80 % on day 5."""
    alive, found = over_control(line(), [96, 120], {"IKZF1.level": 0.1})
    assert 0.7 < 1 - found["MYC"][0] < 0.9
    assert 0.6 < 1 - found["IRF4"][0] < 0.8
    assert 0.8 < 1 - alive[0] < 0.9
    assert 0.6 < found["cell.annexin"][1] < 0.8


def test_averaged_factors_miss_what_knock_down_of_one_factor_showed():
    alive, found = over_control(line("geometric_mean"), [96, 120], {"IKZF1.level": 0.1})
    assert 1 - found["MYC"][0] < 0.6
    assert 1 - alive[0] < 0.5


def test_a_cell_that_keeps_MYC_lives_unless_the_interferon_road_is_open():
    resistant = {"MYC.independent": 1.0, "IKZF3.level": 0.05}
    closed = over_control(line(), [120], resistant)[0][-1]
    open_ = over_control(line(), [120], {**resistant, "interferon.weight": 1.0})[0][-1]
    assert closed == pytest.approx(1, abs=1e-4)
    assert open_ < 0.15


def test_roads_to_death_add_up_and_never_beyond_k_max():
    found = run(line(), [0, 24, 96, 960], {"interferon.weight": 0.7, "IKZF3.level": 0.05, "MYC.independent": 0.3})
    together = found["MYC_death.kill"] + found["interferon_death.kill"]
    drive = found["MYC"][-1] * found["IRF4"][-1]
    held = drive**2 / (0.3**2 + drive**2) * (1 + 0.3**2)
    assert together[-1] == pytest.approx(0.032 * (1 - held * (1 - found["interferon"][-1])), rel=1e-4)
    assert (together <= 0.032).all()
    assert (found["MYC_death.kill"] >= 0).all()
    assert (found["interferon_death.kill"] >= 0).all()


@pytest.mark.parametrize("n", [1, 4, 9])
def test_transit_chain_against_the_gamma_distribution(n):
    """A signal that is switched on arrives as the distribution of a sum of n exponential delays."""
    times = np.linspace(1, 200, 20)
    found = transit("MYC_death", "1 / apoptosis.tau", n).simulate({"apoptosis.tau": 8.0}, times)
    np.testing.assert_allclose(found["MYC_death.kill"] * 8, gamma.cdf(times, n, scale=8), rtol=1e-4, atol=1e-8)


def test_cells_that_do_not_divide_are_conserved():
    found = run(line(), DAYS, {"doubling_time": 1e12})
    every = found["cell.alive"] + found["cell~annexin"] + found["cell~dead"]
    np.testing.assert_allclose(every, 1, rtol=1e-6)
    assert (np.diff(found["cell~dead"]) > 0).all()


def test_numbers_of_cells_scale_and_change_nothing_else():
    few, many = (run(line(unit="1e9/L"), DAYS, {"cell.count": n}) for n in (1e8, 1e9))
    np.testing.assert_allclose(many["cell~annexin"], 10 * few["cell~annexin"], rtol=1e-4)
    np.testing.assert_allclose(many["cell.annexin"], few["cell.annexin"], rtol=1e-4)
    assert few["cell.alive"][0] < 0.2  # 1e8 cells/L, shown in 1e9/L


def test_clones_have_populations_of_their_own():
    net = growth("T", cycle=False) + growth("NK", cycle=False) + apoptosis("T", (), cycle=False)
    assert living("T", cycle=False) == ("T",)
    found = net.simulate({"doubling_time": 24.0, "T.count": 1.0, "NK.count": 2.0, "apoptosis.k_clear": 0.1}, [24])
    assert found["NK.alive"][-1] == pytest.approx(2 * found["T.alive"][-1])


def test_every_word_is_in_the_vocabulary():
    net = fate(n_transit=2) + signal_distribution("lenalidomide", 2, "T")
    for name in (*net.parameters, *net.derived, *net.species, *net.observables):
        check_address(name)


def test_a_population_that_is_empty_stays_empty():
    found = run(line(), [0, 120], {"cell.count": 0.0})
    assert (found["cell.alive"] == 0).all()
    assert (found["cell~annexin"] == 0).all()
