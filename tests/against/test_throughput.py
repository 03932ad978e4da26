"""The bars of the engine on the shipped patient, by the benchmark itself (see benchmarks/throughput.py)."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.prove
def test_the_benchmark_meets_its_bars(require: Callable[[str], Any], repo: Path) -> None:
    for module in ("libsbml", "roadrunner", "pydiffsol"):
        require(module)
    script = repo / "benchmarks" / "throughput.py"
    done = subprocess.run([sys.executable, script, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert max(found["error_ours"], found["error_roadrunner"], found["error_pydiffsol"]) <= 1e-4
    assert found["ratio_roadrunner"] >= 40
    assert found["ratio_pydiffsol"] >= 15
    assert found["compile_s"] <= 1.0
    assert found["import_s"] <= 0.4
    assert found["version_s"] <= 0.3
    assert found["rss_mb"] < 500
    assert found["ms_per_patient_10000"] <= 1.2 * found["ms_per_patient_100"]  # linear in patients
    if (os.cpu_count() or 1) > 1:
        assert found["efficiency_2_threads"] >= 0.9
