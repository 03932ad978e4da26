"""Calibration of fate in a dish: one set of constants for the myeloma cell, on what knock-downs and glues showed.

    python -m cereblon.evidence.calibrate_fate            prints constants, rows and which coupling survives
    python -m cereblon.evidence.calibrate_fate --write    writes the constants into the records of this source tree

Four constants of the myeloma cell, on the rows F01-F07 (MYC, IRF4, growth, annexin after knock-down of one factor;
IC50/DC50 of three glues):

    MYC.IKZF.K, MYC.IKZF.hill       what is left of the factors at half of MYC's drive, and how steeply; the interferon
                                    programme reads the factors by the same curve
    IRF4.half_time                  pace of IRF4
    apoptosis.k_max                 death of a cell without drive

and three of T and NK cells, on I01, I02, I05, I11 (EC50 and height of IL-2, rise of NK killing under lenalidomide):

    IL2.IKZF.K, IL2.IKZF.gain, NK_activity.IL2.K

Ranges, of priors (the records' intervals) and rows, are 95 % intervals of the logarithm, as in `calibrate`; a value
without a range, and any EC50, carries a factor of three, a killing assay one of 1.2. Nothing starts from what is
shipped.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from cereblon.bench.curve import around, crossing
from cereblon.bench.degradation import degradation
from cereblon.evidence.calibrate import TOLERANCE, Z, put
from cereblon.evidence.rows import Row, evidence_rows
from cereblon.mechanism.pathway import COUPLING
from cereblon.mechanism.transcription import Coupling
from cereblon.model import Model, Result, exposure
from cereblon.model.culture import blood, culture, silenced
from cereblon.records.cell import cell

Floats = NDArray[np.float64]

CELL = "H929"
LEFT = 0.1  # of the factor that is knocked down: its depth is not reported
GONE = 2.0  # h, half-life of the fall: the days are counted from the loss of the protein
KNOCKED = ("F01", "F02", "F03", "F04")
RATIOS = ("F05", "F06", "F07", "F08")
IMMUNE = ("I01", "I02", "I05", "I11")
LYSIS = 1.2  # factor within which a killing assay repeats itself: assumed
HSU = 1000.0  # nM lenalidomide on NK cells: the concentration is not in the abstract
NK_DAYS, IL2_DAYS = 72.0, 24.0  # h
DIGITS = 3

FATE = ("MYC.IKZF.K", "MYC.IKZF.hill", "IRF4.half_time", "apoptosis.k_max")
SAME = {"interferon.IKZF.K": "MYC.IKZF.K", "interferon.IKZF.hill": "MYC.IKZF.hill"}
BLOOD = ("IL2.IKZF.K", "IL2.IKZF.gain", "NK_activity.IL2.K")
PLACES = {"IL2.IKZF.K": "T_cell", "IL2.IKZF.gain": "T_cell", "NK_activity.IL2.K": "NK_cell"}

Constants = Mapping[str, float]


@dataclass(frozen=True)
class Fit:
    """Constants with the factor of their 95 % interval, what is left to explain, and each row with its number."""

    name: str
    constants: Constants
    factors: Constants
    cost: float
    rows: tuple[tuple[Row, float], ...]

    @property
    def met(self) -> tuple[str, ...]:
        """The rows, of those with a range, that lie in it."""
        return tuple(row.id for row, found in self.rows if row.low <= found <= row.high)

    @property
    def missed(self) -> tuple[str, ...]:
        """The rows with a range that do not."""
        return tuple(row.id for row, found in self.rows if not math.isnan(row.low) and row.id not in self.met)

    def __str__(self) -> str:
        missed = ", ".join(self.missed) or "none"
        lines = [f"{self.name}: sum of squares {self.cost:.1f}, ranges missed: {missed}"]
        lines += [f"  {name:<20} {value:<8.4g} x/÷ {self.factors[name]:.2g}" for name, value in self.constants.items()]
        lines += [f"  {row.id}  {row.description:<55} {row!s:<12} {found:<8.3g} {row.role}" for row, found in self.rows]
        return "\n".join(lines)


def calibrate_fate(coupling: Coupling = COUPLING) -> Fit:
    """Constants of the myeloma cell under one coupling of IKZF1 and IKZF3; deterministic, about three seconds."""
    bench = _Myeloma(coupling)
    return _fit(coupling, FATE, (*KNOCKED, *RATIOS), bench.simulated, _intervals(FATE, CELL))


def calibrate_blood(coupling: Coupling = COUPLING) -> Fit:
    """Constants of T and NK cells; deterministic, about three seconds."""
    bench = _Blood(coupling)
    priors = np.vstack([_intervals((name,), PLACES[name]) for name in BLOOD])
    return _fit("T and NK cells", BLOOD, IMMUNE, bench.simulated, priors)


def couplings() -> tuple[Fit, ...]:
    """The same rows under every coupling: which of them can meet all ranges at once."""
    return tuple(calibrate_fate(coupling) for coupling in get_args(Coupling))


def _fit(
    name: str,
    names: tuple[str, ...],
    ids: tuple[str, ...],
    simulated: Callable[[Constants], dict[str, float]],
    priors: Floats,
) -> Fit:
    from scipy.optimize import least_squares

    rows = [evidence_rows()[i] for i in ids]
    lower, upper = np.log(priors).T
    centre, width = (lower + upper) / 2, (upper - lower) / (2 * Z)

    def misses(x: Floats) -> Floats:
        found = simulated(dict(zip(names, np.exp(x), strict=True)))
        rowwise = [math.log(found[r.id] / _centre(r)) / _width(r) for r in rows if r.role == "calibrate"]
        return np.array([*rowwise, *((x - centre) / width)])

    step = np.full(centre.size, 1e-3)
    fit = least_squares(misses, centre, bounds=(lower, upper), diff_step=step, xtol=1e-8, ftol=1e-8)
    if not fit.success:
        raise RuntimeError(fit.message)
    slopes = np.asarray(fit.jac, dtype=np.float64)
    factors = np.exp(Z * np.sqrt(np.diag(np.linalg.inv(slopes.T @ slopes))))
    constants = {n: float(f"{v:.{DIGITS}g}") for n, v in zip(names, np.exp(fit.x), strict=True)}
    outcome = simulated(constants)
    return Fit(
        name,
        constants,
        dict(zip(names, factors.tolist(), strict=True)),
        2 * float(fit.cost),
        tuple((r, outcome[r.id]) for r in rows),
    )


class _Myeloma:
    """The experiments of the rows F: a silenced line, and the line under each glue."""

    def __init__(self, coupling: Coupling) -> None:
        rows = evidence_rows()
        self.silenced = silenced(CELL, coupling=coupling)
        self.cultures = {i: culture(rows[i].compound, CELL, coupling=coupling) for i in RATIOS}
        self.DC50 = {i: degradation(rows[i].compound, rows[i].of, CELL).DC50.value for i in RATIOS}

    def simulated(self, constants: Constants) -> dict[str, float]:
        numbers = {**constants} | {tied: constants[to] for tied, to in SAME.items()}
        vary = _columns(self.silenced, numbers, 2) | {
            "IKZF1.production.inhibition": np.array([0.0, 1 - LEFT]),
            "IKZF1.t_half": np.array([GONE, GONE]),
        }
        run = self.silenced.simulate(["0 h", "4 d", "5 d"], vary=vary)
        alive = run["cell.alive"][:, 1]
        lost = {"F01": run["MYC"][1, 1], "F02": run["IRF4"][1, 1], "F03": alive[1] / alive[0]}
        found = {i: 1 - float(left) for i, left in lost.items()} | {"F04": float(run["cell.annexin"][1, 2])}
        for i, model in self.cultures.items():
            row = evidence_rows()[i]
            given = around(model[f"{row.compound}.CRBN.Kd"].coherent)
            doses = exposure(model, {row.compound: np.append(0.0, given)})
            run = model.simulate(
                ["0 h", row.at], doses, vary=_columns(model, numbers, given.size + 1), observe=["cell.alive"]
            )
            alive = run["cell.alive"][:, -1]
            IC50 = crossing(given, alive[1:] / alive[0], 0.5, "nM", "").value
            found[i] = (IC50 if IC50 == IC50 else float(given[-1])) / self.DC50[i]
        return found


class _Blood:
    """The experiments of the rows I: T and NK cells under a glue."""

    def __init__(self, coupling: Coupling) -> None:
        names = dict.fromkeys(evidence_rows()[i].compound for i in ("I01", "I02"))
        self.models = {name: blood(name, coupling=coupling) for name in names}

    def simulated(self, constants: Constants) -> dict[str, float]:
        found = {}
        for i in ("I01", "I02"):
            glue = evidence_rows()[i].compound
            model = self.models[glue]
            given = around(model[f"{glue}.CRBN.Kd"].coherent)
            run = self._run(glue, given, IL2_DAYS, constants)
            rise = run["IL2"][:, -1]
            found[i] = crossing(given, -rise, -(1 + rise[-1]) / 2, "nM", "").value
            found["I05"] = float(rise[-1])  # of lenalidomide, the last
        before = evidence_rows()["I10"].value
        found["I11"] = before * float(self._run(glue, np.array([HSU]), NK_DAYS, constants)["NK_activity"][0, -1])
        return found

    def _run(self, glue: str, given: Floats, until: float, constants: Constants) -> Result:
        model = self.models[glue]
        vary = {f"{n}@{PLACES[n]}": np.full(given.size, v) for n, v in constants.items()}
        return model.simulate([0.0, until], exposure(model, {glue: given}), vary=vary, observe=["IL2", "NK_activity"])


def _columns(model: Model, numbers: Constants, subjects: int) -> dict[str, Floats]:
    return {f"{name}@tumour": np.full(subjects, value) for name, value in numbers.items()}


def _intervals(names: tuple[str, ...], line: str) -> Floats:
    quantities = [cell(line)[name] for name in names]
    ends = [[q.low, q.high] for q in quantities]
    factors = [q.coherent / q.value for q in quantities]
    return np.array(ends, dtype=np.float64) * np.array(factors)[:, None]


def _centre(row: Row) -> float:
    return math.sqrt(row.low * row.high) if math.isnan(row.value) else row.value


def _width(row: Row) -> float:
    by_itself = math.log(LYSIS if row.quantity == "share" else TOLERANCE) / Z
    if math.isnan(row.low):
        return by_itself
    ranged = math.log(row.high / row.low) / (2 * Z)
    # two recalled values of one EC50 that lie close say nothing of how well another laboratory would repeat them
    return max(ranged, by_itself) if row.quantity == "EC50" else ranged


def edits(fate: Fit, immune: Fit) -> dict[str, dict[str, tuple[str, str]]]:
    """File (under data/) -> address -> (new value, grade). All stand in the common cell."""
    everything = {**fate.constants, **{tied: fate.constants[to] for tied, to in SAME.items()}, **immune.constants}
    common = cell(CELL)
    units = {name: common[name].unit for name in everything}
    lines = {
        name: (f"{value:g}" + ("" if units[name] in ("1", "") else f" {units[name]}"), "calibrated")
        for name, value in everything.items()
    }
    return {"cells/defaults.toml": lines}


def main(arguments: list[str]) -> int:
    """Print the calibration under every coupling; with --write also put that of the pathway into the records."""
    fits, immune = couplings(), calibrate_blood()
    for fit in (*fits, immune):
        print(fit, end="\n\n")
    print(f"meets every range: {', '.join(fit.name for fit in fits if not fit.missed) or 'none'}")
    if "--write" in arguments:
        chosen = next(fit for fit in fits if fit.name == COUPLING)
        for path in put(edits(chosen, immune), Path(__file__).parent.parent / "data"):
            print(f"wrote {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
