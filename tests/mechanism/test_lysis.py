"""One well with effectors: what is lysed, what lets its LDH and dye out, and where that goes."""

import numpy as np
import pytest

from cereblon.ground.vocabulary import check_address
from cereblon.mechanism.fate import apoptosis, growth, roads
from cereblon.mechanism.immunity import NK_cells
from cereblon.mechanism.lysis import ADDED, PLATED, lysis
from cereblon.mechanism.transcription import level
from cereblon.network.dosing import Dose
from cereblon.network.network import Network

DARA = "daratumumab"
NUMBERS = {
    "doubling_time": 1e12, "cycle.G1": 0.6, "cell.count": 1.0, "apoptosis.k_clear": 0.0, "apoptosis.k_max": 0.0,
    "apoptosis.tau": 8.0, "survival.K": 0.3, "survival.hill": 2.0,
    f"{DARA}.CD38.Kd": 0.5, "FcR.K": 100.0, "CD38.total": 300.0, "CD38.half_time": 24.0, f"{DARA}.CD38.k_strip": 0.0,
    f"{DARA}.NK.k_kill": 0.0, "PBMC.count": 25.0, "NK.share": 0.1, "ADCC.k_kill": 0.5, "ADCC.K_kill": 2.0,
    "NK.k_kill": 0.0, "NK.K_kill": 2.0, "cell.k_leak": 0.0, "PBMC.k_leak": 0.0, "PBMC.LDH.content": 0.1,
    "LDH.t_half": 1e12, "dye.k_leak": 0.0, "drive": 1.0, "medium.volume": 1.0,
    "NK.t_half": 240.0, "NK.active": 0.4, "NK_activity.half_time": 24.0, "NK_activity.IKZF.gain": 0.0,
    "NK_activity.IKZF.K": 0.3, "NK_activity.IKZF.hill": 1.0, "NK_activity.IL2.K": 1.0, "NK_activity.IL2.hill": 1.0,
    "NK.IL2.K": 1.0, "NK.IL2.hill": 1.0,
}  # fmt: skip


def well() -> Network:
    """Targets whose drive is a number, resting NK cells, the antibody as dosed."""
    drive, silent = "drive", "0"
    cell = growth("cell") + roads(2, drive=drive, interferon=silent)
    cell += apoptosis("cell", ("MYC_death~transit2", "interferon_death~transit2"))
    cell += level("CD38", "CD38.total", rest="CD38.total", unit="nM")
    cell.parameter("CD38.total", "nM", "CD38 of the cell without drug")
    cell.parameter("drive", "1", "what keeps the cell alive")
    net = (cell + lysis(DARA, 2)).at("tumour") + NK_cells({"IKZF1": "1"}, IL2="1").at("NK_cell")
    net.parameter("medium.volume", "L", "volume of the medium", shared=True)
    net.place("medium", "medium.volume")
    return net


NET = well()


def run(antibody: float = 1e3, added: float = 0.0, end: float = 4.0, **changes: object):  # type: ignore[no-untyped-def]
    """The well read at `end`; targets are in it from hour 0, antibody and effectors from `added`."""
    numbers = {name.partition("@")[0]: name for name in NET.parameters}
    given = {numbers[name]: value for name, value in (NUMBERS | changes).items()}
    doses = [Dose(0, PLATED, 1), Dose(added, ADDED, 1), Dose(added, f"{DARA}@medium", antibody)]
    found = NET.simulate(given, [end], doses, rtol=1e-8)
    assert found.ok
    return found


def last(found: object, name: str) -> np.ndarray:
    return found[name][..., -1]  # type: ignore[index]


@pytest.mark.parametrize("nothing", [{"antibody": 0.0}, {"PBMC.count": 0.0}, {"NK.share": 0.0}, {"CD38.total": 0.0}])
def test_effectors_take_nothing_without_antibody_effectors_or_CD38(nothing: dict[str, float]) -> None:
    assert last(run(), "cell~taken@tumour") > 0.2
    assert last(run(**nothing), "cell~taken@tumour") == pytest.approx(0, abs=1e-9)  # type: ignore[arg-type]


def test_lysis_saturates_in_antibody_and_in_effectors_at_the_closed_form() -> None:
    """With K + E + N above E, 1 - exp(-k R t) is the most that any number of effectors can take."""
    many = last(run(**{"PBMC.count": np.array([1e6, 1e9])}), "cell~taken@tumour")
    R = 300 * 1e3 / (1e3 + 0.5)
    R /= R + 100
    np.testing.assert_allclose(many, 1 - np.exp(-0.5 * R * 4), rtol=1e-4)
    plenty = [last(run(antibody), "cell~taken@tumour") for antibody in (1e4, 1e7)]
    assert plenty[0] == pytest.approx(plenty[1], rel=1e-3)


def test_NK_cells_per_target_are_the_ratio_times_their_share() -> None:
    """Twice the E:T at half the share is the same assay; only what leaks from effectors is not."""
    found = run(**{"PBMC.count": np.array([25.0, 50.0]), "NK.share": np.array([0.1, 0.05]), "PBMC.k_leak": 0.01})
    np.testing.assert_allclose(last(found, "NK.ratio@tumour"), 2.5)
    taken, leaked = last(found, "cell~taken@tumour"), last(found, "LDH.effector@tumour")
    assert taken[0] == pytest.approx(taken[1], rel=1e-9)
    np.testing.assert_allclose(leaked, [25 * 0.1 * 0.01 * 4, 50 * 0.1 * 0.01 * 4], rtol=1e-6)


def test_LDH_of_lysed_cells_is_out_and_nothing_is_lost_or_made() -> None:
    found = run()
    assert last(found, "LDH.released@tumour") == pytest.approx(last(found, "cell~taken@tumour"), rel=1e-6)
    assert last(found, "LDH.maximum@tumour") == pytest.approx(1, rel=1e-6)
    assert last(found, "dye.released@tumour") == pytest.approx(last(found, "cell~taken@tumour"), rel=1e-6)
    assert last(found, "cell.annexin@tumour") == pytest.approx(last(found, "cell~taken@tumour"), rel=1e-6)


def test_a_cell_that_dies_of_a_drug_keeps_its_LDH_until_it_falls_apart() -> None:
    dying = {"drive": 0.0, "apoptosis.k_max": 0.1, "PBMC.count": 0.0}
    closed = run(end=48, **dying)
    assert last(closed, "cell.annexin@tumour") > 0.9
    assert last(closed, "LDH.released@tumour") == pytest.approx(0, abs=1e-9)
    assert last(closed, "LDH.maximum@tumour") == pytest.approx(1, rel=1e-6)
    torn = run(end=480, **dying, **{"apoptosis.k_clear": 0.1})
    assert last(torn, "LDH.released@tumour") == pytest.approx(1, rel=1e-3)
    assert last(torn, "dye.released@tumour") == pytest.approx(1, rel=1e-3)


def test_a_lysed_cell_that_falls_apart_lets_go_of_nothing_twice() -> None:
    found = run(end=48, **{"apoptosis.k_clear": 0.05})
    assert last(found, "LDH.released@tumour") == pytest.approx(last(found, "cell~taken@tumour"), rel=1e-6)
    assert last(found, "LDH.maximum@tumour") == pytest.approx(1, rel=1e-6)


def test_what_leaks_and_decays_reaches_the_level_of_its_closed_form() -> None:
    """Targets alone: released = leak / decay (1 - exp(-decay t)), decay = log 2 / 9 h."""
    found = run(end=6, **{"PBMC.count": 0.0, "cell.k_leak": 0.02, "LDH.t_half": 9.0})
    decay = np.log(2) / 9
    assert last(found, "LDH.released@tumour") == pytest.approx(0.02 / decay * (1 - np.exp(-6 * decay)), rel=1e-6)
    leaky = run(end=6, **{"PBMC.count": 0.0, "dye.k_leak": 0.04})
    assert last(leaky, "dye.released@tumour") == pytest.approx(1 - np.exp(-0.24), rel=1e-6)


def test_effectors_wait_until_they_are_added() -> None:
    assert last(run(added=4.0), "cell~taken@tumour") == pytest.approx(0, abs=1e-12)
    assert last(run(added=4.0, end=8.0), "cell~taken@tumour") == pytest.approx(
        last(run(), "cell~taken@tumour"), rel=1e-4
    )


def test_LDH_released_early_is_half_gone_after_its_half_life() -> None:
    """The reason for a control with drug and without effectors: what a drug lysed before is not read any more."""
    numbers = {"LDH.t_half": 9.0, "doubling_time": 1e12}
    early, late = (run(end=end, **numbers, **{"ADCC.k_kill": 5.0}) for end in (2.0, 11.0))
    assert last(late, "LDH.released@tumour") < 0.65 * last(early, "LDH.released@tumour")
    assert last(late, "cell~taken@tumour") > last(early, "cell~taken@tumour")


def test_every_word_is_in_the_vocabulary() -> None:
    net = lysis(DARA, 2)
    for name in (*net.parameters, *net.derived, *net.species, *net.observables):
        check_address(name)
