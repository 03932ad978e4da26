"""From readings to curves: controls, groups, shared parameters, what fails, and the round trip."""

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cereblon.bench import degradation, viability
from cereblon.bench.plate import Readings, layout, measure, read, serial, series
from cereblon.ground.errors import InputError
from cereblon.records import noise

DOSES = serial(1000, 9, 3.2)
TRUTH = {"X": 12.0, "Y": 120.0}


def hill(EC50: float) -> np.ndarray:
    return 0.1 + 0.9 / (1 + (DOSES / EC50) ** 1.1)


def plate(seed: int = 1, blank: int = 8, **options: object) -> Readings:
    plan = layout(series(TRUTH, DOSES), replicates=3, size=384, untreated=16, blank=blank)
    held = plan.response({name: (DOSES, hill(EC50)) for name, EC50 in TRUTH.items()})
    return measure(plan, held, seed=seed, **options)


def test_a_simulated_plate_gives_back_what_was_put_in() -> None:
    fits = plate(seed=3).fit(normalise="untreated")
    for name, EC50 in TRUTH.items():
        assert fits[name].EC50.low < EC50 < fits[name].EC50.high
        assert fits[name].EC50.value == pytest.approx(EC50, rel=0.3)
    assert fits["X"].top.value == pytest.approx(1, abs=0.06)


def test_intervals_of_a_plate_cover_the_truth() -> None:
    """Round trip, 100 pre-declared seeds, noise of luminescence without the edge's shift (which is no noise).

    The two-sided 99.9 % binomial region around 95 % of 200 curves is 178 to 199."""
    quiet = noise("luminescence").replace({"edge.shift": "0"})
    inside = 0
    for seed in range(100):
        fits = plate(seed, noise=quiet).fit(normalise="untreated", weights="1/Y2", outliers="ignore")
        inside += sum(one.EC50.low <= TRUTH[name] <= one.EC50.high for name, one in fits.fits.items())
    assert 178 <= inside <= 199


@pytest.mark.prove
def test_intervals_cover_the_truth_at_their_rate() -> None:
    """Seeds 0 to 499, pre-declared, two curves a plate; the two-sided 99.9 % binomial region around 95 % of 1,000."""
    from scipy.stats import binom

    quiet = noise("luminescence").replace({"edge.shift": "0"})
    inside = {"EC50": 0, "hill": 0, "Emax": 0}
    for seed in range(500):
        fits = plate(seed, blank=24, noise=quiet).fit(normalise="untreated", weights="variance", outliers="ignore")
        for name, one in fits.fits.items():
            for parameter, truth in (("EC50", TRUTH[name]), ("hill", 1.1), ("Emax", 0.9)):
                e = getattr(one, parameter)
                inside[parameter] += e.low <= truth <= e.high
    low, high = binom.ppf([0.0005, 0.9995], 1000, 0.95)
    assert all(low <= n <= high for n in inside.values()), inside


def test_counts_and_shares_have_the_same_EC50_but_for_the_blank() -> None:
    raw, over = plate(noise=None, scale=1e5).fit(), plate(noise=None).fit(normalise="untreated")
    assert raw["X"].EC50.value == pytest.approx(over["X"].EC50.value, rel=1e-8)


def test_one_curve_answers_for_the_file_and_several_ask_which() -> None:
    with pytest.raises(InputError, match=r'fits\["X"\]'):
        _ = plate().fit().EC50
    alone = plate().only(compound="X").fit()
    assert alone.EC50.value == alone["X"].EC50.value


def test_a_curve_that_cannot_be_fitted_is_listed_with_its_reason() -> None:
    few = Readings(value=[1.0, 0.5], concentration=[1, 10], compound="Z", plate="P9", unit="nM")
    fits = (plate() + few).fit()
    assert list(fits.failed) == ["Z"]
    assert "too few readings" in fits.table().set_index("curve").loc["Z", "flags"]


def test_shared_parameters_and_a_common_variance() -> None:
    shared = plate().fit(share=("bottom", "top", "hill"))
    assert shared["X"].hill.value == shared["Y"].hill.value
    assert shared["X"].df == sum(one.count for one in shared.fits.values()) - 5
    pooled = plate().fit(pooled=True)
    assert pooled["X"].residual_SE == pooled["Y"].residual_SE


def test_outliers_are_marked_among_the_points() -> None:
    given = plate()
    row = int(np.flatnonzero((given.compound == "X") & (given.concentration == DOSES[2]))[0])
    value = given.value.copy()
    value[row] = 3
    points = given.replace(value=value).fit().points()
    assert points.loc[points["outlier"], "value"].tolist() == [3]


def test_the_files_of_a_fit(tmp_path: Path) -> None:
    import pandas as pd

    fits = plate().fit()
    table = pd.read_csv(fits.save(tmp_path / "parameters.csv"))
    assert table["parameter"].tolist() == ["bottom", "top", "hill", "EC50", "IC50", "Emax"] * 2
    assert table["unit"].tolist()[3] == "nM"
    lines = fits.lines()
    assert (lines["low"] < lines["value"]).all()


def test_a_plate_of_384_wells_is_analysed_within_a_second() -> None:
    """In a warm process: judged, and 12 curves fitted with profile intervals. In processor time."""
    plan = layout(series([f"c{k}" for k in range(12)], DOSES), replicates=3, size=384, untreated=32, blank=16)
    held = plan.response({f"c{k}": (DOSES, hill(3.0 * (k + 1))) for k in range(12)})
    given = measure(plan, held, seed=1)
    given.fit(normalise="untreated").table()
    start = time.process_time()
    given.quality()
    given.fit(normalise="untreated").table()
    assert time.process_time() - start < 1


@pytest.mark.parametrize("name", ["degradation_96", "viability_384", "IL2_96", "growth_96", "synergy_384"])
def test_shipped_plates_say_that_they_are_simulated(name: str) -> None:
    assert any(note.startswith("Simulated by cereblon") and "not measured" in note for note in read(name).notes)


def test_shipped_plates_hold_what_the_assays_simulate() -> None:
    """Their EC50 within a third of the noise-free curve's; a model that moves further asks for new plates."""
    seen = read("viability_384").fit(normalise="untreated")
    for glue in ("lenalidomide", "mezigdomide"):
        assert seen[glue].IC50.value == pytest.approx(viability(glue).IC50.value, rel=0.33)
    seen = read("degradation_96").fit(normalise="untreated")
    assert seen["pomalidomide"].EC50.value == pytest.approx(degradation("pomalidomide").DC50.value, rel=0.33)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Readings(value=[1.0, 2.0], role="untreated").fit(),
        lambda: Readings(value=[1.0, 2.0, 3.0], concentration=[5, 5, 5]).fit(),
        lambda: Readings(value=[math.nan] * 9, concentration=np.arange(9.0)).fit(),
        lambda: plate().fit(normalise="blank"),
        lambda: plate().fit("9PL"),
        lambda: plate().fit()["Z"],
    ],
)
def test_what_gives_no_curve_is_refused(wrong: Callable[[], object]) -> None:
    with pytest.raises(InputError):
        wrong()
