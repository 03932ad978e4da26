"""Files that are too much, and work that is stopped: said at once, and what is done is kept."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from cereblon.bench import ldh, read_xenograft
from cereblon.bench.ldh import MOST_CONDITIONS
from cereblon.bench.plate import Readings, read
from cereblon.bench.plate.text import LARGEST, MOST_LINES
from cereblon.bench.volume_file import MOST_MICE
from cereblon.ground.errors import InputError
from cereblon.statistics.curve import fit_together

DOSES = np.logspace(-1, 4, 10)


def many(curves: int, seed: int = 1, effect: bool = True) -> Readings:
    """Curves of ten concentrations in triplicate, with scatter of 5 %, on a plate each, or of nothing but scatter."""
    random = np.random.default_rng(seed)
    dose = np.tile(np.repeat(DOSES, 3), curves)
    truth = 1 / (1 + dose / 50) if effect else np.full(dose.size, 0.5)
    value = truth + random.normal(scale=0.05, size=dose.size)
    return Readings(value=value, concentration=dose, compound=np.repeat([f"c{k}" for k in range(curves)], 30))


def test_random_bytes_of_any_kind_are_refused(tmp_path: Path) -> None:
    random, file = np.random.default_rng(3), tmp_path / "noise.csv"
    whole = random.bytes(2_000_000)
    printable = random.integers(32, 127, 2_000_000).astype(np.uint8).tobytes()
    for noise in (whole, printable, printable.replace(b"a", b"\n"), printable.replace(b"9", b"\n1,")):
        file.write_bytes(noise)
        with pytest.raises(InputError, match=r"noise\.csv"):
            read(file)


def test_a_file_beyond_the_limits_is_refused_with_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("concentration,value\n" + "1,2\n" * MOST_LINES)
    with pytest.raises(InputError, match=f"more lines.*{MOST_LINES:,}"):
        read(file)
    with file.open("wb") as sink:
        sink.truncate(LARGEST + 1)
    with pytest.raises(InputError, match=f"too large.*{LARGEST:,} bytes"):
        read(file)


def test_more_conditions_or_mice_than_an_experiment_has_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_text("role,antibody_nM,value\n" + "".join(f"sample,{k + 1},1\n" for k in range(MOST_CONDITIONS + 1)))
    with pytest.raises(InputError, match="more conditions than an LDH analysis takes"):
        ldh(file)
    file.write_text("arm,mouse,day,volume\n" + "".join(f"vehicle,{k},0,100\n" for k in range(MOST_MICE + 1)))
    with pytest.raises(InputError, match=f"at most {MOST_MICE:,}"):
        read_xenograft(file)


def test_readings_without_effect_cost_no_profile_and_have_no_ec50() -> None:
    fits = many(60, effect=False).fit()
    start = time.process_time()
    table = fits.table()
    assert time.process_time() - start < 60 * 0.03  # a profile of a flat line took 0.1 s
    flat = table[table["p_effect"] >= 0.05]
    assert len(flat) > 50
    assert flat["EC50"].isna().all()
    assert flat["flags"].str.contains("no effect shown").all()


def test_a_plate_of_384_is_analysed_within_a_second_of_processor_time() -> None:
    readings = many(38)
    readings.where(readings.compound == "c0").fit().parameters()
    start = time.process_time()
    readings.fit().parameters()
    assert time.process_time() - start < 1.5  # the promise is 1 s on a quiet machine


def test_controls_of_a_thousand_plates_go_to_their_own_curves() -> None:
    plates = np.repeat([f"p{k}" for k in range(1000)], 4)
    readings = Readings(
        value=np.arange(4000.0), concentration=np.tile([0.0, 1.0, 10.0, 100.0], 1000), plate=plates,
        compound=np.char.replace(plates, "p", "c"), role=np.tile(["untreated", "sample", "sample", "sample"], 1000),
    )  # fmt: skip
    start = time.process_time()
    curves = dict(readings.curves())
    assert time.process_time() - start < 5
    assert len(curves) == 1000
    assert curves["c7"].value.tolist() == [28, 29, 30, 31]


def test_stopped_work_keeps_the_curves_that_are_done() -> None:
    def stop(done: int, whole: int) -> None:
        assert whole == 5
        if done == 2:
            raise KeyboardInterrupt

    found = many(5).fit(progress=stop)
    assert list(found) == ["c0", "c1"]
    assert found.stopped == 3
    assert found.failed["c4"] == "stopped before it was reached"
    whole = many(5).fit()
    assert found["c1"].EC50.value == whole["c1"].EC50.value


def test_too_many_curves_for_one_joint_fit_are_refused() -> None:
    curves = {f"c{k}": (np.repeat(DOSES[:4], 3), np.linspace(0, 1, 12)) for k in range(500)}
    with pytest.raises(InputError, match="too many curves to share"):
        fit_together(curves, share=("hill",), outliers="ignore")
