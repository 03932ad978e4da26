"""Combination with an antibody: the matrix is run beside PBMC and scored like any other."""

from dataclasses import replace

import numpy as np
import pytest

from cereblon.bench import Protocol, Synergy, adcc, synergy
from cereblon.bench.adcc import CARRIERS
from cereblon.bench.matrix_wells import WithEffectors
from cereblon.ground.errors import InputError, SolveError
from cereblon.statistics.combination import Options

GLUE, ANTIBODY = [0.1, 0.5, 2.0, 10.0], [0.02, 0.1, 0.4, 2.0, 8.0]


@pytest.fixture(scope="module")
def beside() -> Synergy:
    return synergy("mezigdomide", "daratumumab", "MOLP8", concentrations=GLUE, partner_concentrations=ANTIBODY)


def cell_of(found: Synergy, glue: float, antibody: float) -> float:
    m = found.matrix
    return float(m.mean[(m.dose1 == glue) & (m.dose2 == antibody)][0])


def test_the_wells_against_those_of_the_ADCC_assay_with_the_same_protocol(beside: Synergy) -> None:
    """The assay's `alive` is over targets without PBMC; over its own well with PBMC alone it is the matrix."""
    plan = Protocol(duration="24 h")
    assay = adcc("mezigdomide", cell="MOLP8", concentration=2.0, comparator=None, antibody_at=0.4, protocol=plan)
    alive = {arm: assay.of("alive", arm).value for arm in ("no drug", "mezigdomide", "daratumumab")}
    both = assay.of("alive", "mezigdomide + daratumumab").value
    assert cell_of(beside, 2.0, 0.0) == pytest.approx(alive["mezigdomide"] / alive["no drug"], rel=1e-4)
    assert cell_of(beside, 0.0, 0.4) == pytest.approx(alive["daratumumab"] / alive["no drug"], rel=1e-4)
    assert cell_of(beside, 2.0, 0.4) == pytest.approx(both / alive["no drug"], rel=1e-4)


def test_it_says_that_effectors_are_in_every_well_and_are_the_zero(beside: Synergy) -> None:
    assert "E:T 25:1 (NK:target 2.5), 24 h with the antibody" in str(beside)
    assert "effectors alone are the zero, and they stand in both margins" in str(beside)
    assert isinstance(beside.setting, WithEffectors)
    assert len(beside.analysis.references) == 8


def test_without_an_antibody_only_the_glue_s_own_margin_moves_with_E_to_T(beside: Synergy) -> None:
    few = synergy("mezigdomide", "daratumumab", "MOLP8", concentrations=GLUE, partner_concentrations=ANTIBODY,
                  protocol=Protocol(duration="24 h", ratio=5.0))  # fmt: skip
    assert cell_of(few, 0.0, 8.0) > cell_of(beside, 0.0, 8.0) + 0.1
    assert cell_of(few, 10.0, 0.0) > cell_of(beside, 10.0, 0.0)  # PBMC that the glue has made keener are fewer


def test_where_no_road_leads_from_the_glue_to_the_effectors_survivals_multiply(beside: Synergy) -> None:
    """A glue that leaves CD38 and NK cells as they are kills by its own road: hazards add (Bliss 1939)."""
    setting, m = beside.setting, beside.matrix
    assert setting is not None
    shut = {slot: np.zeros(m.mean.size) for way, slots in CARRIERS.items() if way != "direct kill" for slot in slots}
    alive = setting.alive(m.dose1, m.dose2, shut)
    left = dict(zip(zip(m.dose1, m.dose2, strict=True), alive / alive[0], strict=True))
    excess = np.mean([left[d, 0.0] * left[0.0, a] - left[d, a] for d in GLUE for a in ANTIBODY])
    assert beside["Bliss"].value > 1
    assert abs(100 * excess) < 0.1


def test_loewe_is_defined_up_to_the_weaker_plateau_and_says_how_often_it_is_not(beside: Synergy) -> None:
    assert any("other's plateau: there Loewe is the stronger drug alone" in flag for flag in beside.analysis.flags)
    strict = synergy("mezigdomide", "daratumumab", "MOLP8", concentrations=GLUE, partner_concentrations=ANTIBODY,
                     options=Options(beyond="nan"))  # fmt: skip
    lost = int(np.isnan(strict.table().Loewe_excess[strict.matrix.together]).sum())
    assert 0 < lost < strict.matrix.together.sum()
    assert strict["Loewe"].note == f"{lost} of {strict.matrix.together.sum()} conditions have none"


def test_the_matrix_is_measured_on_plates_and_comes_back_without_noise(beside: Synergy) -> None:
    found = beside.measured(noise=None, draws=0)
    np.testing.assert_allclose(found.matrix.mean, beside.matrix.mean, rtol=1e-12)
    noisy = beside.measured(seed=2, draws=20)
    assert noisy["Bliss"].low < noisy["Bliss"].value < noisy["Bliss"].high
    assert "effectors alone are the zero" in str(noisy)


def test_draws_in_which_effectors_leave_nothing_are_counted_and_left_out(beside: Synergy) -> None:
    wide = beside.spread(draws=40, seed=1)
    assert np.isfinite([wide["Bliss"].low, wide["Bliss"].high]).all()
    assert "1 of 40 draws leave less than 1% of the targets beside effectors alone" in str(wide)
    assert wide.table().equals(beside.spread(draws=40, seed=1).table())


def test_an_antibody_that_takes_NK_cells_and_lends_no_Fc_spares_targets(beside: Synergy) -> None:
    """NK cells carry CD38 too: where they kill without help alone, daratumumab leaves more targets alive."""
    setting, given = beside.setting, np.array([0.0, 8.0])
    assert setting is not None
    spared = setting.alive(np.zeros(2), given, {"ADCC.k_kill@tumour": np.zeros(2)})
    assert spared[1] > 1.01 * spared[0]


def test_draws_that_leave_nothing_at_all_are_no_interval(beside: Synergy) -> None:
    setting = beside.setting
    assert isinstance(setting, WithEffectors)
    crowded = replace(beside, setting=replace(setting, model=setting.model.replace({"NK.k_kill": "9 1/h"})))
    with pytest.raises(SolveError, match="none of 3 draws"):
        crowded.spread(draws=3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"protocol": Protocol(ratio=1e3, duration="240 h")}, "effectors alone leave too few"),
        ({"refeed": "24 h"}, "not fed"),
        ({"at": "0 h"}, "a time of the assay"),
        ({"partner_concentrations": [1.0, -1.0]}, "ascending"),
    ],
)
def test_what_cannot_be_done_beside_effectors_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        synergy("mezigdomide", "daratumumab", "MOLP8", **given)  # type: ignore[arg-type]


def test_a_protocol_without_an_antibody_is_refused() -> None:
    with pytest.raises(InputError, match="a protocol is of an assay with effectors"):
        synergy("mezigdomide", "bortezomib", protocol=Protocol())
