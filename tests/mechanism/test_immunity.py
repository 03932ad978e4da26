"""T cells, NK cells and their killing: rest, stimulation, dexamethasone, exhaustion, saturation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cereblon.ground.vocabulary import check_address
from cereblon.mechanism.fate import apoptosis, growth, living
from cereblon.mechanism.immunity import NK_cells, T_cells, immunity, killing
from cereblon.mechanism.transcription import IKZF
from cereblon.network.network import Network

NUMBERS = {
    "TCR.stimulation": 1.0, "IL2.IKZF.gain": 5.0, "IL2.IKZF.K": 0.3, "IL2.IKZF.hill": 1.0, "IL2.half_time": 6.0,
    "T.t_half": 2000.0, "T.k_divide": 0.02, "T.ceiling": 10.0, "T.k_exhaust": 0.005, "T.k_recover": 0.01,
    "T.IL2.K": 3.0, "T.IL2.hill": 1.0, "NK.t_half": 240.0, "NK.active": 0.3, "NK.IL2.K": 1.0, "NK.IL2.hill": 1.0,
    "NK_activity.half_time": 24.0, "NK_activity.IL2.K": 1.0, "NK_activity.IL2.hill": 1.0,
    "NK_activity.IKZF.gain": 0.1, "NK_activity.IKZF.K": 0.3, "NK_activity.IKZF.hill": 1.0,
    "left": 1.0, "steroid.IL2": 1.0, "steroid.NK": 1.0,
}  # fmt: skip
LOST = {"left": 0.1}


def blood():
    """T and NK cells whose factors are held at `left`, with a multiplier of the steroid on each."""
    shares = dict.fromkeys(IKZF, "left")
    net = T_cells(shares, suppression="steroid.IL2") + NK_cells(shares, suppression="steroid.NK")
    for name in ("left", "steroid.IL2", "steroid.NK"):
        net.parameter(name, "1", "given")
    return net


def run(times, changes=(), net=None):
    net = net or blood()
    given = {name: value for name, value in (NUMBERS | dict(changes)).items() if name in net.parameters}
    found = net.simulate(given, times)
    assert found.ok
    return found


RANGES = {
    "half_time": (1, 1e4), "t_half": (10, 1e4), "gain": (0, 10), "K": (0.1, 10), "hill": (0.5, 3),
    "active": (0.01, 0.9), "stimulation": (0, 1), "ceiling": (1.5, 100),
}  # fmt: skip


@settings(max_examples=20)
@given(st.data())
def test_drug_free_cells_stand_still(data):
    drawn = {}
    for name in NUMBERS:
        if name.partition(".")[0] in ("left", "steroid"):
            continue
        low, high = RANGES.get(name.rpartition(".")[2], (1e-3, 1))
        drawn[name] = low + (high - low) * data.draw(st.floats(0, 1))
    found = run([0, 24, 672], drawn)
    for name, rest in (("IL2", 1), ("T.number", 1), ("NK.number", 1), ("NK_activity", 1)):
        np.testing.assert_allclose(found[name], rest, rtol=1e-9)
    np.testing.assert_allclose(found["T"], found["T"][0], rtol=1e-9)


def test_loss_of_IKZF_releases_IL2_and_T_and_NK_cells_answer():
    found = run([0, 72], LOST)
    assert 3 < found["IL2"][-1] < 6
    assert found["T.number"][-1] > 1.2
    assert found["NK.number"][-1] > 1.05
    assert found["NK_activity"][-1] > 1.3


def test_without_stimulation_of_the_T_cell_nothing_is_released():
    found = run([0, 72], {**LOST, "TCR.stimulation": 0.0, "NK_activity.IKZF.gain": 0.0})
    for name in ("IL2", "T.number", "NK.number", "NK_activity"):
        np.testing.assert_allclose(found[name], 1, rtol=1e-9)
    half = run([0, 72], {**LOST, "TCR.stimulation": 0.5})["IL2"][-1]
    assert 1.5 < half < run([0, 72], LOST)["IL2"][-1]


def test_dexamethasone_takes_the_NK_gain_back_while_numbers_still_rise():
    """Hsu 2011: killing 38.5 -> 53.3 % with lenalidomide, not with the steroid; in patients on both killing fell
    below the start and NK numbers rose."""
    glue = run([0, 168], LOST)
    both = run([0, 168], {**LOST, "steroid.IL2": 0.4, "steroid.NK": 0.4})
    assert glue["NK_activity"][-1] > 1.3
    assert both["NK_activity"][-1] < 1 < both["NK.number"][-1]
    assert both["IL2"][-1] < 0.6 * glue["IL2"][-1]


def test_suppression_is_complete_at_0():
    found = run([0, 500], {**LOST, "steroid.IL2": 0.0, "steroid.NK": 0.0})
    assert found["IL2"][-1] < 1e-6
    assert found["NK_activity"][-1] < 1e-3
    assert found["T.number"][-1] < 1


def test_lasting_release_exhausts_T_cells_and_a_pause_restores_them():
    """Three weeks without IKZF, then a week in which it is back."""
    net = T_cells({"IKZF1": "left + (1 - left) * hill(time, pause, steep)"})
    net.parameter("left", "1", "share left until the pause")
    net.parameter("pause", "h", "when it returns")
    net.parameter("steep", "1", "how suddenly")
    tired = run([0, 504, 672], {**LOST, "pause": 504.0, "steep": 200.0}, net)["T.exhausted"]
    assert tired[1] > 1.3 * tired[0]
    assert tired[2] < 0.8 * tired[1]


def test_T_cells_stay_below_their_ceiling():
    found = run([0, 672, 5000], {**LOST, "T.k_divide": 0.2, "T.ceiling": 4.0})
    assert 2 < found["T.number"].max() < 4


def test_cells_that_share_one_place_are_one_network():
    net = immunity().at("T_cell")
    assert {"IL2@T_cell", "NK*@T_cell"} <= set(net.species)
    apart = T_cells().at("T_cell") + NK_cells(IL2="[IL2@T_cell]").at("marrow")
    for S in IKZF:
        for place in ("T_cell", "marrow"):
            apart.add_species(f"{S}@{place}", "nM", initial=f"{S}.total@{place}")
    numbers = {name: NUMBERS.get(name.partition("@")[0], 100.0) for name in apart.parameters}
    found = apart.simulate(numbers, [0, 100])
    np.testing.assert_allclose(found["NK_activity@marrow"], 1, rtol=1e-9)


def culture(**changes):
    """Targets that neither grow nor fall apart, and killers of a given number."""
    targets = living("cell", cycle=False)
    net = growth("cell", cycle=False) + apoptosis("cell", (), cycle=False) + killing("T", "1", targets)
    given = {
        "doubling_time": 1e12, "cell.count": 1.0, "apoptosis.k_clear": 0.0, "T.count": 5.0, "T.k_kill": 0.3,
        "T.K_kill": 2.0,
    }  # fmt: skip
    found = net.simulate(given | changes, [0, 1e-3, 4])
    assert found.ok
    return found


def test_killing_follows_the_double_saturation():
    found = culture()
    assert found["T.kill"][0] == pytest.approx(0.3 * 5 / (2 + 5 + 1))
    assert found["cell~annexin"][1] == pytest.approx(0.3 * 5 / (2 + 5 + 1) * 1e-3, rel=1e-3)
    np.testing.assert_allclose(found["cell"] + found["cell~annexin"], 1, rtol=1e-9)


@pytest.mark.parametrize("nothing", ["T.count", "T.k_kill", "cell.count"])
def test_nothing_is_killed_without_killers_or_targets(nothing):
    assert (culture(**{nothing: 0.0})["cell~annexin"] == 0).all()


def test_killing_saturates_in_killers_and_in_targets():
    killed = [culture(**{"T.count": n})["cell~annexin"][-1] for n in (1, 10, 100, 1e6)]
    assert (np.diff(killed) > 0).all()
    assert killed[-1] == pytest.approx(1 - np.exp(-0.3 * 4), rel=1e-3)  # every target meets a killer
    taken = [culture(**{"cell.count": n})["cell~annexin"][1] for n in (1, 10, 100, 1e6)]
    assert (np.diff(taken) > 0).all()
    assert taken[-1] == pytest.approx(0.3 * 5 * 1e-3, rel=1e-3)  # every killer is busy


def test_targets_share_their_killers():
    two = killing("T", "1", ["cell~G1", "cell~G2"])
    for name in ("cell~G1", "cell~G2", "cell~annexin"):
        two.add_species(name, "1", initial="1 / 2" if "G" in name else "0")
    found = two.simulate({"T.count": 5.0, "T.k_kill": 0.3, "T.K_kill": 2.0}, [4])
    assert found["cell~annexin"][-1] == pytest.approx(culture()["cell~annexin"][-1], rel=1e-5)


def test_every_word_is_in_the_vocabulary():
    net = immunity() + killing("T", "[T]", living())
    for name in (*net.parameters, *net.derived, *net.species, *net.observables):
        check_address(name)


def test_killers_of_another_place_take_cells_of_this_one():
    net = killing("T", "[T@T_cell]", ["cell~G1@tumour"])
    assert "cell~annexin@tumour" in net.species
    assert isinstance(net.at("tumour"), Network)
