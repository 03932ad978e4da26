"""How long a user waits: import, `cereblon --version`, the first compilation of the shipped patient.

    python benchmarks/startup.py

Each in a fresh process, median of five.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent

IMPORT = "import time; t = time.perf_counter(); import cereblon; print(time.perf_counter() - t)"
COMPILE = f"""
import sys, time
sys.path.insert(0, {str(HERE)!r})
from workload import OUTPUTS, cohort
patients = cohort(1, cycles=1)
def run():
    start = time.perf_counter()
    patients.network.simulate(patients.values, [1.0], patients.doses, observe=OUTPUTS, rtol=1e-4, check=False)
    return time.perf_counter() - start
print(run() - run())
"""


def printed(code: str) -> float:
    """The number that a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def version() -> float:
    """Seconds of `cereblon --version`, the process included."""
    script = Path(sys.executable).with_name("cereblon")
    command = [str(script)] if script.exists() else [sys.executable, "-m", "cereblon"]
    start = time.perf_counter()
    subprocess.run([*command, "--version"], capture_output=True, check=True)
    return time.perf_counter() - start


def measure() -> dict[str, float]:
    """import_s, version_s, compile_s."""
    return {
        "import_s": statistics.median(printed(IMPORT) for _ in range(5)),
        "version_s": statistics.median(version() for _ in range(5)),
        "compile_s": statistics.median(printed(COMPILE) for _ in range(5)),
    }


if __name__ == "__main__":
    for name, seconds in measure().items():
        print(f"{name:12} {seconds:.3f} s")
