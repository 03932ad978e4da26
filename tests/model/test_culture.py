"""Lines, silenced lines and blood cells in a medium: at rest, fed, and with whom they share what."""

import numpy as np
import pytest

from cereblon.ground.errors import InputError
from cereblon.model import exposure
from cereblon.model.culture import blood, culture, silenced
from cereblon.records import cell, cells

LINES = [name for name in cells() if cell(name).kind == "myeloma line"]


@pytest.mark.parametrize("line", LINES)
def test_a_line_without_drug_grows_as_its_record_says_and_dies_of_nothing(line: str) -> None:
    model = culture("mezigdomide", line)
    doubling = model["doubling_time"].coherent
    found = model.simulate([0, doubling, 3 * doubling])
    np.testing.assert_allclose(found["cell.alive"], [1, 2, 8], rtol=1e-4)
    np.testing.assert_allclose(found["cell.viability"], 1, rtol=1e-9)
    for name in ("IKZF1.remaining", "IKZF3.remaining", "MYC", "IRF4"):
        np.testing.assert_allclose(found[name], 1, rtol=1e-9)


def test_blood_cells_without_drug_stand_still() -> None:
    found = blood("mezigdomide").simulate([0, 72, 672])
    for name in ("IL2", "T.number", "NK.number", "NK_activity"):
        np.testing.assert_allclose(found[name], 1, rtol=1e-9)


def test_a_silenced_line_loses_one_factor_and_keeps_the_other() -> None:
    model = silenced("H929").replace({"IKZF1.production.inhibition": "0.9"})
    found = model.simulate([0, 480])
    assert found["IKZF1.remaining"][-1] == pytest.approx(0.1, rel=1e-4)
    assert found["IKZF3.remaining"][-1] == pytest.approx(1)
    assert found["MYC"][-1] < 0.2


def test_any_cell_stands_at_any_place() -> None:
    assert blood("mezigdomide", T="H929", NK="progenitor").stands["NK_cell"] == "progenitor"
    assert culture("mezigdomide", "T_cell").stands["tumour"] == "T_cell"


def test_a_steroid_in_the_medium_takes_at_most_its_share() -> None:
    model = blood("mezigdomide")
    most = {target: model[f"dexamethasone.{target}.Emax"].coherent for target in ("IL2", "NK")}
    levels = [0.0, model["dexamethasone.EC50"].coherent, 1e6]
    found = model.simulate([0, 72], exposure(model, {"dexamethasone": levels}))
    for target, Emax in most.items():
        factor = found[f"dexamethasone.{target}.factor"][:, -1]
        np.testing.assert_allclose(factor, [1, 1 - Emax / 2, 1 - Emax], rtol=1e-3)
    assert (np.diff(found["IL2"][:, -1]) < 0).all()


def test_two_glues_share_the_line() -> None:
    model = culture(["lenalidomide", "mezigdomide"])
    both = exposure(model, {"lenalidomide": [0, 1e5], "mezigdomide": [20, 20]})
    left = model.simulate([0, 24], both)["IKZF1.remaining"][:, -1]
    assert left[1] > 2 * left[0]  # the weak glue holds the pocket against the strong one


def test_feeding_brings_the_medium_back_to_what_was_added() -> None:
    model = culture("lenalidomide")
    once, fed = (exposure(model, {"lenalidomide": 100.0}, every=e, until=120) for e in (None, 24.0))
    found = model.simulate([0.001, 23.999, 24.001, 96.001, 120], [once[0], fed[0]])["lenalidomide@medium"]
    assert found[0, -1] < 0.01
    np.testing.assert_allclose(found[1, [2, 3]], found[1, 0], rtol=0.02)
    assert found[1, -1] == pytest.approx(100 / 8, rel=0.05)


@pytest.mark.parametrize(("every", "until"), [(0.0, 10.0), (24.0, None), (48.0, 24.0)])
def test_a_medium_is_fed_within_the_run(every: float, until: float | None) -> None:
    with pytest.raises(InputError):
        exposure(culture("lenalidomide"), {"lenalidomide": 1.0}, every=every, until=until)


def test_a_protein_that_the_glue_does_not_recruit_is_refused() -> None:
    with pytest.raises(InputError, match="no recruitment"):
        culture("mezigdomide", substrates=("IKZF1", "CSNK1A1"))
    with pytest.raises(InputError, match="nothing that the pathway reads"):
        culture("mezigdomide", substrates=("ZFP91",))
