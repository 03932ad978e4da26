"""Time courses of a plate: the round trip from the simulated course, and files of one's own."""

from pathlib import Path

import pytest
from scipy.stats import binom

from cereblon.bench import Readings, course, read
from cereblon.ground.errors import InputError
from cereblon.records import noise
from cereblon.statistics.decay import decay

SEED = 7


def test_a_measured_course_gives_back_what_the_mechanism_does() -> None:
    true = course("lenalidomide")
    found = true.measured(seed=SEED).decay(normalise="untreated", weights="variance").only
    assert found.half_time.value == pytest.approx(true.half_time.value, rel=0.15)
    assert found.plateau.value == pytest.approx(true.plateau, abs=0.03)
    assert found.top.low < 1 < found.top.high
    assert not found.flags


@pytest.mark.prove
@pytest.mark.parametrize("glue", ["lenalidomide", "pomalidomide"])
def test_intervals_cover_rate_and_depth_of_the_mechanism_as_often_as_they_say(glue: str) -> None:
    """Seeds 2000 to 2199, pre-declared; the two-sided 99.9 % binomial region around 95 % of 200. Dmax of a
    concentration is the depth of its course. No course of the mechanism is quite one exponential: the truth is what
    fits the course without scatter, weighted as its wells scatter. The edge's shift is left out, which is no noise."""
    experiment, quiet = course(glue), noise("luminescence").replace({"edge.shift": "0"})
    wells = experiment.measured(noise=None).decay(normalise="untreated").only.course
    proportional, constant = (quiet[word].coherent for word in ("well.CV", "signal.additive"))
    true = decay(wells.t, wells.y, weights=1 / (constant**2 + (proportional * wells.y) ** 2))
    held = {"rate": 0, "half_time": 0, "depth": 0}
    for seed in range(2000, 2200):
        found = experiment.measured(seed=seed, noise=quiet).decay(normalise="untreated", weights="variance").only
        for name in held:
            one = getattr(found, name)
            held[name] += bool(one.low <= getattr(true, name).value <= one.high)
    low, high = binom.ppf([0.0005, 0.9995], 200, 0.95)
    assert all(low <= times <= high for times in held.values()), held


def test_a_course_at_other_times_is_the_same_experiment() -> None:
    true = course("pomalidomide")
    few = true.at([0.5, 2.0])
    assert few.times.tolist() == [0, 0.5, 2]
    assert few.remaining[0] == pytest.approx(1)
    assert few.remaining[2] < few.remaining[1] < 1
    with pytest.raises(InputError):
        true.at([2.0, 0.5])


def test_a_saved_course_is_read_back_to_the_same_fit(tmp_path: Path) -> None:
    plate = course("pomalidomide").measured(seed=SEED)
    one = plate.decay(normalise="untreated").only
    other = read(plate.save(tmp_path / "course.csv")).decay(normalise="untreated").only
    assert other.rate.value == pytest.approx(one.rate.value, rel=1e-6)


def test_courses_of_several_concentrations_stand_apart_and_failures_are_listed() -> None:
    few_doses = [course("pomalidomide", concentration=c).measured(seed=1).replace(plate=f"{c:g}") for c in (100, 1000)]
    plate = few_doses[0] + few_doses[1]
    few = Readings(value=[1.0, 0.5], time=[0.0, 1.0], concentration=5.0, compound="Z", cell="H929")
    found = (plate + few).decay()
    assert list(found) == ["pomalidomide 100 nM", "pomalidomide 1000 nM"]
    assert "too few times" in found.failed["Z 5 nM"]
    assert found.table()["flags"].iloc[-1].startswith("not fitted")
    assert found["pomalidomide 1000 nM"].rate.value > found["pomalidomide 100 nM"].rate.value
    with pytest.raises(InputError, match="several courses"):
        _ = found.only


def test_readings_without_a_time_are_no_course() -> None:
    with pytest.raises(InputError, match="no sample has a time"):
        Readings(value=[1.0, 0.5], concentration=[1.0, 2.0]).decay()
