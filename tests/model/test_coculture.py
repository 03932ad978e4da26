"""Targets and PBMC in one well: at rest, plated, added, washed, and who waits where."""

import numpy as np
import pytest

from cereblon.ground.errors import InputError
from cereblon.model.coculture import Calendar, coculture
from cereblon.model.culture import blood, culture
from cereblon.model.dish import exposure
from cereblon.model.model import Model

GLUE, ANTIBODY = "mezigdomide", "daratumumab"


@pytest.fixture(scope="module")
def model() -> Model:
    return coculture(GLUE)


def test_without_drug_antibody_and_effectors_nothing_happens_but_growth(model: Model) -> None:
    calendar = Calendar(24, 0, 48)
    doses = calendar.doses(model, {GLUE: [0.0]}, (ANTIBODY, 0.0))
    run = model.simulate([0, 72], doses, vary={"PBMC.count": [0.0]})
    doubling = model["doubling_time@tumour"].coherent
    assert run["cell.alive"][0, -1] == pytest.approx(2 ** (72 / doubling), rel=1e-4)
    for name in ("IL2@T_cell", "NK_activity@NK_cell", "T.number@T_cell", "IKZF1.remaining@tumour"):
        assert run[name][0, -1] == pytest.approx(1, rel=1e-8)


def test_targets_alone_fare_as_in_a_culture_and_PBMC_as_in_blood(model: Model) -> None:
    """The same modules in another model: `culture` and `blood` are the judges."""
    calendar = Calendar(72, 72, 1e-6)
    run = model.simulate([72], calendar.doses(model, {GLUE: [10.0]}, (ANTIBODY, 0.0)), vary={"PBMC.count": [0.0]})
    line, cells = culture(GLUE, "MOLP8"), blood(GLUE)
    alone = line.simulate([72], exposure(line, {GLUE: [10.0]}))
    for name in ("cell.alive", "cell.annexin", "CD38", "IKZF1.remaining"):
        place = "" if name == "cell.alive" else "@tumour"
        assert run[name + place][0, -1] == pytest.approx(alone[name][0, -1], rel=1e-3)
    immune = cells.simulate([72], exposure(cells, {GLUE: [10.0], "dexamethasone": [0.0]}))
    for name in ("IL2", "NK_activity", "NK.number", "T.number"):
        place = "@T_cell" if name in ("IL2", "T.number") else "@NK_cell"
        assert run[name + place][0, -1] == pytest.approx(immune[name][0, -1], rel=1e-3)


def test_fresh_PBMC_see_no_glue_until_they_are_added(model: Model) -> None:
    calendar = Calendar(72, 0, 24)
    run = model.simulate([72, 96], calendar.doses(model, {GLUE: [10.0]}, (ANTIBODY, 0.0)))
    assert run["IKZF1.remaining@NK_cell"][0].tolist()[0] == pytest.approx(1, rel=1e-9)
    assert run["IKZF1.remaining@NK_cell"][0, -1] < 0.2
    assert run["IL2@T_cell"][0, 0] == pytest.approx(1, rel=1e-9)
    assert run["IL2@T_cell"][0, -1] > 3


def test_a_glue_that_is_washed_off_lets_IKZF1_come_back(model: Model) -> None:
    kept, washed = (
        model.simulate([24, 72], Calendar(24, 0, 48, stays=stays).doses(model, {GLUE: [10.0]}, (ANTIBODY, 0.0)))
        for stays in (True, False)
    )
    assert kept["IKZF1.remaining@tumour"][0, 0] == pytest.approx(washed["IKZF1.remaining@tumour"][0, 0], rel=1e-6)
    assert kept["IKZF1.remaining@tumour"][0, -1] < 0.2
    assert washed["IKZF1.remaining@tumour"][0, -1] > 0.7
    assert washed["mezigdomide@medium"][0, -1] < 0.2  # only what cells carried over


def test_in_one_well_the_glue_is_given_once_and_decays(model: Model) -> None:
    calendar = Calendar(24, 0, 4, replated=False)
    run = model.simulate([0.001, 24, 28], calendar.doses(model, {GLUE: [10.0]}, (ANTIBODY, 6.76)))
    t_half = model["mezigdomide.medium.t_half"].coherent
    inside = run["mezigdomide@medium"][0]
    assert inside[2] == pytest.approx(inside[1] * 2 ** (-4 / t_half), rel=0.02)
    assert inside[0] == pytest.approx(10, rel=0.01)


def test_antibody_alone_strips_CD38_and_kills_no_target(model: Model) -> None:
    calendar = Calendar(0, 0, 24)
    doses = calendar.doses(model, {GLUE: 0.0}, (ANTIBODY, [0.0, 100.0]))
    run = model.simulate([24], doses, vary={"PBMC.count": [0.0, 0.0]})
    assert run["cell.alive"][0, -1] == pytest.approx(run["cell.alive"][1, -1], rel=1e-6)
    assert run["CD38@tumour"][1, -1] < 0.8 * run["CD38@tumour"][0, -1]


def test_a_steroid_beside_the_PBMC_holds_NK_cells_and_leaves_targets_alone(model: Model) -> None:
    calendar = Calendar(24, 72, 4)
    runs = [model.simulate([76], calendar.doses(model, {GLUE: [10.0]}, (ANTIBODY, 6.76), s)) for s in (0.0, 1000.0)]
    assert runs[1]["NK_activity@NK_cell"][0, -1] < 0.3 * runs[0]["NK_activity@NK_cell"][0, -1]
    assert runs[1]["CD38@tumour"][0, -1] == pytest.approx(runs[0]["CD38@tumour"][0, -1], rel=1e-6)


def test_what_is_no_antibody_on_CD38_is_refused() -> None:
    with pytest.raises(InputError, match="antibody against CD38"):
        coculture(GLUE, antibody="bortezomib")


def test_wells_of_one_calendar_have_one_number_each(model: Model) -> None:
    doses = Calendar(24, 72, 4).doses(model, {GLUE: [0.0, 1.0, 10.0]}, (ANTIBODY, 6.76))
    assert len(doses) == 3
    with pytest.raises(InputError, match="one each"):
        Calendar(24, 72, 4).doses(model, {GLUE: [0.0, 1.0]}, (ANTIBODY, np.ones(3)))
