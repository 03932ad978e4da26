"""Work and precision on the shipped patient: our engine beside libRoadRunner and pydiffsol.

    python benchmarks/throughput.py            a table
    python benchmarks/throughput.py --json     one JSON object, nothing else on standard output
    python benchmarks/throughput.py --quick    fewer patients, no 10,000; for a look

Error: the largest |x - reference| over ten outputs, all weekly times and six patients, over the largest value of that
output in that patient. Reference: our engine at rtol 1e-11, itself checked against SciPy's Radau. For each target every
engine runs at its fastest setting that meets it: ours by method and rtol, libRoadRunner by rtol, restarted segment by
segment or with the doses as events, pydiffsol by rtol, with states scaled or not. One thread each; seconds are those
of the processor. Ratios are medians over interleaved rounds in one process; the rivals run six of the patients one at a
time, ours the whole cohort.

Tried and left out because slower here: diffsol's TR-BDF2 and ESDIRK34 (2 to 7 times), dense matrices, doses as its own
stop and reset events (equal), other Jacobian update rules (equal); KLU crashes in pydiffsol 0.6.2.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

os.environ["RAYON_NUM_THREADS"] = "1"  # pydiffsol's linear algebra on one thread, as everyone
import startup
from judges import Diffsol, Equations, Floats, RoadRunner, RoadRunnerEvents, legs, radau
from workload import OUTPUTS, Cohort, cohort

TARGETS = (1e-3, 1e-4, 1e-5)
GRID = [10 ** (-k / 4) for k in range(8, 33)]  # rtol from 1e-2 to 1e-8
JUDGED = 6
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Setting:
    """One way to run an engine, with the error it makes and the time it takes per patient."""

    label: str
    rtol: float
    error: float
    seconds: float
    run: Callable[[], object]


def scaled_error(found: Floats, reference: Floats) -> float:
    """Arrays (patients, times, outputs); NaN counts as infinite. What is 0 throughout (the M-protein of a patient with
    light chains alone) has no scale, and counts as it is."""
    largest = np.abs(reference).max(axis=1, keepdims=True)
    error = np.abs(found - reference) / np.where(largest > 0, largest, 1.0)
    return float(np.where(np.isnan(error), np.inf, error).max())


def timed(run: Callable[[], object], clock: Callable[[], float] = time.process_time) -> tuple[float, object]:
    """Seconds of this process (what else runs on the machine does not count), and the result."""
    start = clock()
    result = run()
    return clock() - start, result


def simulate(patients: Cohort, rtol: float, method: str, threads: int = 1) -> Floats:
    """Ours: (patients, times, outputs)."""
    return patients.network.simulate(
        patients.values, patients.times, patients.doses,
        rtol=rtol, method=method, observe=OUTPUTS, threads=threads, check=False,
    ).values  # fmt: skip


class Ours:
    """The whole cohort in one call; the error is read on the judged patients."""

    def __init__(self, patients: Cohort, judged: list[int]) -> None:
        self.patients, self.judged = patients, judged

    def variants(self) -> Iterator[tuple[str, Callable[[float], Callable[[], object]]]]:
        for method in ("RODAS4", "RODAS5P"):
            simulate(self.patients.pick([0]), 1e-2, method)  # compile
            yield method, lambda rtol, method=method: lambda: simulate(self.patients, rtol, method)

    def read(self, result: Floats) -> Floats:
        return result[self.judged]

    @property
    def count(self) -> int:
        return self.patients.size


class LibRoadRunner:
    """One loaded model per judged patient; loading is not timed."""

    def __init__(self, patients: Cohort) -> None:
        self.patients = patients
        self.count = patients.size

    def variants(self) -> Iterator[tuple[str, Callable[[float], Callable[[], object]]]]:
        p = self.patients
        by_leg = [RoadRunner(e, p.one(i), OUTPUTS) for i, e in enumerate(p.equations)]
        yield "segments", lambda rtol: lambda: [r.run(cut, rtol) for r, cut in zip(by_leg, p.legs, strict=True)]
        events = [RoadRunnerEvents(e, p.one(i), OUTPUTS, p.doses) for i, e in enumerate(p.equations)]
        yield "events", lambda rtol: lambda: [r.run(list(p.times), rtol) for r in events]

    def read(self, result: list[Floats]) -> Floats:
        return np.array(result)


class PyDiffsol:
    """One compiled model for all judged patients; compilation and the read-outs are not timed."""

    def __init__(self, patients: Cohort) -> None:
        self.patients = patients
        self.count = patients.size

    def variants(self) -> Iterator[tuple[str, Callable[[float], Callable[[], object]]]]:
        p = self.patients
        for scaled in (False, True):
            solver = Diffsol(p.network, scaled=scaled)
            label = "scaled states" if scaled else "states as they are"
            yield (
                label,
                lambda rtol, solver=solver: (
                    lambda: [solver.run(e, cut, rtol) for e, cut in zip(p.equations, p.legs, strict=True)]
                ),
            )

    def read(self, result: list[Floats]) -> Floats:
        p = self.patients
        return np.array([e.read(OUTPUTS, p.times, states) for e, states in zip(p.equations, result, strict=True)])


Engine = Ours | LibRoadRunner | PyDiffsol


def settings(engine: Engine, reference: Floats, tell: Callable[[str], None]) -> list[Setting]:
    """Every variant from loose to tight until the last target is met."""
    found = []
    for label, make in engine.variants():
        for rtol in GRID:
            run = make(rtol)
            try:
                seconds, result = timed(run)
                error = scaled_error(engine.read(result), reference)  # type: ignore[arg-type]
            except (RuntimeError, ValueError) as failure:  # a rival that gives up at this tolerance
                tell(f"  {label:20} rtol {rtol:.1e}  {failure}")
                continue
            found.append(Setting(label, rtol, error, seconds / engine.count, run))
            tell(f"  {label:20} rtol {rtol:.1e}  error {error:.1e}  {1e3 * seconds / engine.count:9.2f} ms/patient")
            if error <= TARGETS[-1]:
                break
    return found


def fastest(found: list[Setting], target: float) -> Setting:
    """The fastest setting that meets a target."""
    return min((s for s in found if s.error <= target), key=lambda s: s.seconds)


def check_reference(patients: Cohort, days: int = 3) -> float:
    """Largest scaled difference of our 1e-11 run from Radau's, over all species and twelve-hourly times."""
    equations: Equations = patients.equations[0]
    times = np.arange(1, 2 * days + 1) * 12.0 - 1e-3
    _, judged = radau(equations, legs(patients.doses, times, equations.numbers), 1e-11)
    ours = patients.network.simulate(
        patients.one(0), times, patients.doses, rtol=1e-11, method="RODAS5P", observe=equations.species
    ).values[0]
    return float((np.abs(ours - judged) / np.maximum(np.abs(judged), equations.scale)).max())


def at_scale(sizes: list[int], threads: int, rtol: float, method: str) -> dict[str, float]:
    """In a fresh process: seconds per patient at each size, and the peak of its memory in MB."""
    command = [sys.executable, str(HERE / "throughput.py"), "--worker", *map(str, sizes)]
    command += ["--threads", str(threads), "--rtol", repr(rtol), "--method", method]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def work(sizes: list[int], threads: int, rtol: float, method: str) -> dict[str, float]:
    """What the fresh process does."""
    report = {}
    for size in sizes:
        patients = cohort(size)
        simulate(patients.pick([0]), rtol, method)
        report[f"seconds_{size}"] = timed(lambda p=patients: simulate(p, rtol, method, threads))[0] / size
    report["rss_mb"] = peak_memory()
    return report


def peak_memory() -> float:
    """Largest memory of this process so far in MB, from Linux: getrusage would count the parent's, kept over fork."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def compare(size: int, rounds: int, tell: Callable[[str], None]) -> dict[str, float]:
    """Work and precision of the three engines."""
    patients = cohort(size)
    judged = [i * (size // JUDGED) for i in range(JUDGED)]
    few = patients.pick(judged)
    net = patients.network
    parts = f"{len(net.species)} species, {len(net.reactions)} reactions, {len(few.legs[0])} segments"
    tell(f"{net.name}: {parts}, {few.days:.0f} days")
    reference = simulate(few, 1e-11, "RODAS5P")
    check = check_reference(few)
    tell(f"reference at 1e-11 from Radau at 1e-11: {check:.1e}")
    engines: dict[str, Engine] = {
        "ours": Ours(patients, judged),
        "roadrunner": LibRoadRunner(few),
        "pydiffsol": PyDiffsol(few),
    }
    found = {}
    for name, engine in engines.items():
        tell(name)
        found[name] = settings(engine, reference, tell)
    result = {"reference_error": check}
    for target in TARGETS:
        best = {name: fastest(found[name], target) for name in engines}
        spent: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(rounds if target == 1e-4 else 1):
            for name, engine in engines.items():
                spent[name].append(timed(best[name].run)[0] / engine.count)
        tell(f"target {target:.0e}")
        for name in engines:
            ratios = [a / b for a, b in zip(spent[name], spent["ours"], strict=True)]
            per_patient = statistics.median(spent[name])
            tell(
                f"  {name:11} {best[name].label:20} rtol {best[name].rtol:.1e}  error {best[name].error:.1e}  "
                f"{1e3 * per_patient:8.2f} ms/patient  {few.years / per_patient:7.1f} patient-years/s  "
                f"ratio {statistics.median(ratios):.1f}"
            )
            if target == 1e-4:
                result[f"error_{name}"] = best[name].error
                if name == "ours":
                    result["patient_years_per_s"] = few.years / per_patient
                    result["rtol"], result["method"] = best[name].rtol, best[name].label  # type: ignore[assignment]
                else:
                    result[f"ratio_{name}"] = statistics.median(ratios)
    run = net.simulate(
        few.values, few.times, few.doses, rtol=result["rtol"], method=result["method"], observe=OUTPUTS, threads=1
    )
    steps = sum(s.accepted + s.rejected for s in run.status) / JUDGED
    result["steps_per_patient_day"] = steps / few.days
    result["us_per_step"] = 1e6 * few.years / result["patient_years_per_s"] / steps
    result["efficiency_2_threads"] = efficiency(patients, result["rtol"], str(result["method"]), 2 * rounds)
    return result


def efficiency(patients: Cohort, rtol: float, method: str, rounds: int) -> float:
    """Time on one thread over twice the time on two, each the shortest of interleaved rounds: on the wall clock
    whatever else the machine does only adds."""

    def wall(threads: int) -> float:
        return timed(lambda: simulate(patients, rtol, method, threads), time.perf_counter)[0]

    one, two = np.array([[wall(1), wall(2)] for _ in range(rounds)]).min(axis=0)
    return float(one / (2 * two))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="fewer patients and rounds, no 10,000")
    parser.add_argument("--worker", nargs="+", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--rtol", type=float, help=argparse.SUPPRESS)
    parser.add_argument("--method", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        print(json.dumps(work(given.worker, given.threads, given.rtol, given.method)))
        return

    def tell(line: str) -> None:
        print(line, file=sys.stderr if given.json else sys.stdout, flush=True)

    result: dict[str, float] = compare(64 if given.quick else 256, 3 if given.quick else 5, tell)
    result |= startup.measure()
    sizes = [100, 1000] if given.quick else [100, 1000, 10000]
    grown = at_scale(sizes, 1, result["rtol"], str(result["method"]))
    result["rss_mb"] = grown["rss_mb"]
    result |= {f"ms_per_patient_{n}": 1e3 * grown[f"seconds_{n}"] for n in sizes}
    if given.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:24} {value if isinstance(value, str) else format(value, '.4g')}")


if __name__ == "__main__":
    main()
