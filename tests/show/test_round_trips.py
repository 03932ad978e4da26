"""Simulate, then analyse, every assay from the command line: the file that one writes is read by the other."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cereblon as cb
from cereblon.ground.errors import InputError
from cereblon.show.cli import run

Rows = list[dict[str, Any]]


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Rows]:
    """The rows that a command prints as json, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(line: str) -> Rows:
        code = run([*shlex.split(line), "--format", "json"])
        said = capsys.readouterr()
        assert code == 0, said.err
        return list(json.loads(said.out))

    return call


def within(row: dict[str, Any], name: str, truth: float, factor: float = 2.0) -> bool:
    """Whether an estimate is within a factor of the truth."""
    return bool(truth / factor < row[name] < truth * factor)


def test_degradation(table: Callable[[str], Rows]) -> None:
    table("bench degradation mezigdomide --plate plate.csv --seed 3")
    (row,) = table("analyse dose-response plate.csv")
    assert within(row, "EC50", cb.bench.degradation("mezigdomide").DC50.value)


def test_viability_and_growth_rates(table: Callable[[str], Rows]) -> None:
    truth = cb.bench.viability("mezigdomide", at="3 d")
    table('bench viability mezigdomide --at "3 d" --plate plate.csv --start --wells 384')
    (row,) = table("analyse dose-response plate.csv")
    assert within(row, "IC50", truth.IC50.value)
    (row,) = table("analyse gr plate.csv")
    assert within(row, "GR50", truth.GR50.value)
    assert abs(row["GRmax"] - truth.GRmax) < 0.25


def test_immune_with_and_without_dexamethasone(table: Callable[[str], Rows]) -> None:
    table("bench immune mezigdomide --plate plate.csv")
    alone, beside = table("analyse dose-response plate.csv")
    assert alone["top"] / alone["bottom"] == pytest.approx(cb.bench.immune("mezigdomide").IL2_fold.value, rel=0.2)
    assert beside["partner"] == "dexamethasone"
    assert beside["top"] < 1 < alone["top"]
    table("bench immune mezigdomide --plate plate.csv --of NK_activity --replicates 2")
    assert len(table("analyse dose-response plate.csv")) == 2


def test_adcc(table: Callable[[str], Rows], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(shlex.split("bench adcc mezigdomide --comparator none --plate plate.csv --wells 384")) == 0
    line = capsys.readouterr().err.splitlines()[-1]
    assert line == 'cereblon analyse ldh plate.csv --medium "200 uL" --buffer "20 uL"'
    rows = table(line.removeprefix("cereblon "))
    assay = cb.bench.adcc("mezigdomide", comparator=None)
    most = [row["cytotoxicity_percent"] for row in rows if row["antibody"] and row["drug"] == "mezigdomide"]
    assert max(most) == pytest.approx(float(assay["cytotoxicity"].max()), abs=15)
    assert run(shlex.split('bench adcc mezigdomide --dexamethasone "1 uM" --plate other.csv')) == 2
    assert not Path("other.csv").exists()
    table("bench adcc mezigdomide --comparator none --plate ratio.csv --wells 384 --series ratio")
    assert table("analyse ldh ratio.csv")


def test_synergy_scores_are_the_same_from_the_file(table: Callable[[str], Rows]) -> None:
    one = table("bench synergy mezigdomide --with bortezomib --replicates 2 --draws 10 --plate plate.csv")
    other = table("analyse synergy plate.csv --draws 10")
    for a, b in zip(one, other, strict=True):
        for name in ("score", "low", "high"):
            assert (a[name] is None and b[name] is None) or np.isclose(a[name], b[name], rtol=1e-6, atol=1e-9)


def test_xenograft_intervals_are_the_same_from_the_file(
    table: Callable[[str], Rows], capsys: pytest.CaptureFixture[str]
) -> None:
    line = "bench xenograft --arm mezigdomide --n 4 --out mice --format json"
    assert run(shlex.split(line)) == 0
    said = capsys.readouterr()
    again = next(row for row in said.err.splitlines() if row.startswith("the same intervals"))
    rows = table(again.partition("cereblon ")[2])
    for a, b in zip(json.loads(said.out), rows, strict=True):
        for name in ("TGI_change_%", "TGI_change_low", "TGI_change_high", "TGI_ratio_low"):
            assert (a[name] is None and b[name] is None) or np.isclose(a[name], b[name])


def test_a_plate_is_refused_where_there_is_none() -> None:
    assert run(shlex.split("bench synergy mezigdomide --with bortezomib --exact --plate x.csv")) == 2
    with pytest.raises(InputError, match="nothing is read of this"):
        cb.bench.immune("mezigdomide").measured("IFNG")
    with pytest.raises(InputError, match="growth rates are of living cells"):
        cb.bench.viability("mezigdomide").measured(readout="flow", start=True)
