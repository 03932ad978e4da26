"""Calibration of degradation: one set of cell constants, set on the rows with the role `calibrate`.

    python -m cereblon.evidence.calibrate            prints the constants, the rows and the predictions
    python -m cereblon.evidence.calibrate --write    writes the constants into the records of this source tree

Four constants, for all glues and all substrates at once:

    CRL4.k_ub           rate of one ubiquitin addition
    recruitment         Kd of IKZF1 from closed cereblon, the same for every glue but lenalidomide
    IKZF1.t_half        basal half-life, the same for IKZF3
    weakness            how much weaker lenalidomide recruits: its third constant beside affinity and closing

Each range, of a prior or of a reported row, is read as a 95 % interval of the logarithm; a reported value
without a range carries a factor of three. The two layers share all constants, so one is calibrated. No start
value comes from what is shipped: priors are the records' intervals, which the script leaves as they are.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cereblon.bench.curve import around, crossing
from cereblon.bench.degradation import SATURATING, SUBSTRATES
from cereblon.evidence.rows import Reported, reported_degradation
from cereblon.ground.files import write_atomically
from cereblon.model import Model, dish, exposure
from cereblon.records.compound import compound

Floats = NDArray[np.float64]

Z = 1.96  # a range is a 95 % interval
TOLERANCE = 3.0  # a value without a range: the factor within which the issue wants it
CELL = "H929"
EQUAL = ("pomalidomide", "avadomide", "iberdomide", "mezigdomide")  # recruit alike, by assumption
WEAKER = "lenalidomide"
SECOND = 50 / 63  # Kd of IKZF3 over that of IKZF1: starting value, not calibrated
COURSE = np.concatenate([[0.0], np.geomspace(0.01, 24, 200)])
BOUNDS_OF_WEAKNESS = (1.0, 5.0)
DIGITS = 3


@dataclass(frozen=True)
class Constants:
    """The four constants: k_ub (1/h), recruitment (nM), t_half (h), weakness (1)."""

    k_ub: float
    recruitment: float
    t_half: float
    weakness: float

    @classmethod
    def from_logarithms(cls, x: Floats) -> Constants:
        return cls(*(float(v) for v in np.exp(x)))

    def rounded(self) -> Constants:
        """To the digits that the records hold."""
        return Constants(*(_rounded(v) for v in vars(self).values()))

    def recruitments(self, glue: str) -> dict[str, float]:
        """Kd (nM) of IKZF1 and IKZF3 from cereblon closed by `glue`."""
        first = self.recruitment * (self.weakness if glue == WEAKER else 1.0)
        return {"IKZF1": first, "IKZF3": first * SECOND}

    def changes(self, glue: str) -> dict[str, str]:
        """As changes of a model with this glue."""
        cell = {"CRL4.k_ub": f"{self.k_ub!r} 1/h"} | {f"{s}.t_half": f"{self.t_half!r} h" for s in SUBSTRATES}
        if glue not in (*EQUAL, WEAKER):
            return cell
        return cell | {f"{glue}.{s}.Kd": f"{Kd!r} nM" for s, Kd in self.recruitments(glue).items()}


@dataclass(frozen=True)
class Calibration:
    """The result: constants, the spread of their logarithms with its correlations, and how the rows came out."""

    constants: Constants
    spread: Floats
    correlation: Floats
    rows: tuple[tuple[Reported, float], ...]

    def __str__(self) -> str:
        c = self.constants
        lines = ["constant       value   factor of its 95 % interval"]
        for name, value, sd in zip(vars(c), vars(c).values(), self.spread, strict=True):
            lines.append(f"{name:<12} {value:>7.4g}   x/÷ {np.exp(Z * sd):.2g}")
        lines.append(f"correlation of k_ub and recruitment {self.correlation[0, 1]:.3f}: a ridge")
        lines.append("\nrow  compound      of     quantity   reported      simulated  role")
        for row, found in self.rows:
            lines.append(
                f"{row.id}  {row.compound:<12}  {row.of:<5}  {row.quantity:<9}  {row!s:<12}  {found:<9.3g}  {row.role}"
            )
        return "\n".join(lines)


def calibrate() -> Calibration:
    """Least squares on the logarithms; deterministic. About five seconds."""
    from scipy.optimize import least_squares

    rows = tuple(row for row in reported_degradation() if row.role == "calibrate")
    models = {row.compound: dish(row.compound, CELL, SUBSTRATES) for row in rows}
    priors = _priors(models[WEAKER])
    centre, width = np.log(priors).mean(axis=1), np.log(priors[:, 1] / priors[:, 0]) / (2 * Z)

    def misses(x: Floats) -> Floats:
        found = simulated(rows, models, Constants.from_logarithms(x))
        rowwise = [np.log(found[r.id] / r.centre) / _width(r) for r in rows]
        return np.array([*rowwise, *((x[:3] - centre) / width)])

    lower, upper = np.log([*priors, BOUNDS_OF_WEAKNESS]).T
    start = np.append(centre, np.log(BOUNDS_OF_WEAKNESS).mean())
    step = np.full(start.size, 1e-3)
    fit = least_squares(misses, start, bounds=(lower, upper), diff_step=step, xtol=1e-8, ftol=1e-8)
    if not fit.success:
        raise RuntimeError(fit.message)
    slopes = np.asarray(fit.jac, dtype=np.float64)
    covariance = np.linalg.inv(slopes.T @ slopes)
    spread = np.sqrt(np.diag(covariance))
    constants = Constants.from_logarithms(fit.x).rounded()
    everything = reported_degradation()
    shown = {row.compound: dish(row.compound, CELL, SUBSTRATES) for row in everything}
    found = simulated(everything, shown, constants)
    outcome = tuple((row, found[row.id]) for row in everything)
    return Calibration(constants, spread, covariance / np.outer(spread, spread), outcome)


def simulated(
    rows: tuple[Reported, ...], models: Mapping[str, Model], constants: Constants | None
) -> dict[str, float]:
    """The simulated number of every row by id; without constants, of the records as they stand.

    A DC50 is the concentration at half of the achieved effect (a reported EC50 comes from a fitted curve); a
    half-time that to half of the fall under a saturating concentration.
    """
    found: dict[str, float] = {}
    for glue, model in models.items():
        used = model.replace(constants.changes(glue)) if constants else model
        mine = [row for row in rows if row.compound == glue]
        Kd = used[f"{glue}.CRBN.Kd"].coherent
        watched = [f"{s}.remaining" for s in SUBSTRATES]
        for at in dict.fromkeys(row.at for row in mine if row.at):
            given = around(Kd)
            left = used.simulate(
                [0.0, float(at.removesuffix(" h"))], exposure(used, {glue: given}), observe=watched
            )
            for row in (r for r in mine if r.at == at):
                y = left[f"{row.of}.remaining"][:, -1]
                # not Curve.DC50: it has no number where there is next to no effect, and a fit needs the slope there
                half = crossing(given, y, 1 - (1 - y[-1]) / 2, "nM", "").value
                found[row.id] = half if row.quantity == "DC50" else float(1 - y[-1])
        timed = [row for row in mine if row.quantity == "half_time"]
        if timed:
            result = used.simulate(COURSE, exposure(used, {glue: SATURATING * Kd}), observe=watched)
            for row in timed:
                y = result[f"{row.of}.remaining"][0]
                found[row.id] = crossing(COURSE[1:], y[1:], (1 + float(y.min())) / 2, "h", "").value
    return found


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _width(row: Reported) -> float:
    ratio = row.high / row.low if row.high == row.high else TOLERANCE**2
    return float(np.log(ratio)) / (2 * Z)


def _priors(model: Model) -> Floats:
    """Intervals of k_ub, recruitment and t_half, from the records."""
    quantities = [model[a] for a in ("CRL4.k_ub", f"{WEAKER}.IKZF1.Kd", "IKZF1.t_half")]
    units = ("1/h", "nM", "h")
    return np.array(
        [[q.to(u).low, q.to(u).high] for q, u in zip(quantities, units, strict=True)], dtype=np.float64
    )


# -- into the records ----------------------------------------------------------------------------------------


def edits(constants: Constants) -> dict[str, dict[str, tuple[str, str]]]:
    """File (under data/) -> address -> (new value, grade).

    Constants that a row determined are `calibrated`. Glues that recruit like pomalidomide by assumption stay
    `assumed`, and so does every constant that a record states relative to IKZF1: it moves with it.
    """
    cell = {"CRL4.k_ub": (f"{constants.k_ub:g} 1/h", "calibrated")}
    cell |= {f"{s}.t_half": (f"{constants.t_half:g} h", "calibrated") for s in SUBSTRATES}
    files = {"cells/defaults.toml": cell}
    determined = {row.compound for row in reported_degradation() if row.role == "calibrate"}
    for glue in (*EQUAL, WEAKER, "thalidomide"):
        record = compound(glue)
        reference = compound("pomalidomide" if glue == "thalidomide" else glue)
        scale = constants.recruitments(reference.name)["IKZF1"] / reference["IKZF1.Kd"].coherent
        own = {} if glue == "thalidomide" else constants.recruitments(glue)
        grade = "calibrated" if glue in determined else "assumed"
        lines = {f"{s}.Kd": (f"{_rounded(Kd):g} nM", grade) for s, Kd in own.items()}
        for s in record.neosubstrates:
            if s not in own and scale != 1:
                moved = record[f"{s}.Kd"].coherent * scale
                lines[f"{s}.Kd"] = (f"{_rounded(moved):g} nM", "")
        files[f"compounds/{glue}.toml"] = lines
    return files


def write(constants: Constants, data: Path) -> list[Path]:
    """Put the constants into the record files under `data`."""
    return put(edits(constants), data)


def put(changes: Mapping[str, Mapping[str, tuple[str, str]]], data: Path) -> list[Path]:
    """Change record files under `data`: file -> address -> (value, grade); value, source and grade change, the rest
    stays."""
    written = []
    for name, lines in changes.items():
        path = data / name
        text = path.read_text(encoding="utf-8")
        for address, (value, grade) in lines.items():
            text = _replaced(text, address, value, grade, name)
        written.append(write_atomically(path, text))
    return written


def _replaced(text: str, address: str, value: str, grade: str, name: str) -> str:
    table, _, key = address.rpartition(".")
    pattern = re.compile(rf"(^\[{re.escape(table)}\]$(?:\n(?!\[).*)*?\n{re.escape(key)} = \{{)(.*)$", re.M)
    match = pattern.search(text)
    if match is None:
        raise RuntimeError(f"{name} has no line for {address}")
    line = re.sub(r'value = "[^"]*"', f'value = "{value}"', match[2], count=1)
    if grade:
        line = re.sub(r'source = "[^"]*"', 'source = "calibration"', line, count=1)
        line = re.sub(r'grade = "[^"]*"', f'grade = "{grade}"', line, count=1)
    return text[: match.start(2)] + line + text[match.end(2) :]


def main(arguments: list[str]) -> int:
    """Print the calibration; with --write also put it into the records."""
    result = calibrate()
    print(result)
    if "--write" in arguments:
        for path in write(result.constants, Path(__file__).parent.parent / "data"):
            print(f"wrote {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
