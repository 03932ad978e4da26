"""Calibration of the refractory population on MM-001 phase 2, structure by structure.

    python -m cereblon.evidence.calibrate_population            prints numbers, rows and fresh replicates
    python -m cereblon.evidence.calibrate_population --write    writes the numbers into the populations' records

Two turns from where the records stand, about five minutes a structure; called again it goes on from there.

Weighted least squares by Gauss and Newton on the logarithms (logits of shares), with common random numbers: every set
of numbers is tried on the same patients. Slopes are read from a two-level design of sixteen sets (Plackett and Burman
1946): a share of so few patients moves in steps, and a difference of two sets would take a step for a slope. Each
residual counts in standard errors of a trial of 101, each number in standard deviations of its prior (the interval of
the typical patient's record, read as 95 %). A trial fits its own patients better than the next: so what counts is what
fresh replicates show, and those are printed beside.

Free, and what holds each of them:

    myeloma.growth                 progression-free at 4.4 months (the reported median)
    myeloma.protection             overall response rate
    neutrophil.block.L50           neutropenia of grade 3/4 and of grade 4
    platelet.glue.Emax             thrombocytopenia       }
    haemoglobin.glue.Emax          anaemia                } fitted, no support for a mechanism
    infection.hazard               infection              }
    febrile_neutropenia.hazard     febrile neutropenia    }
    spread of myeloma.growth       } response and progression together: how much tumours differ, and what of a
    tumour.CRBN.total              } glue's work is lost in the middle one; cereblon in structure 1, the MYC that
    tumour.MYC.independent         } needs no IKZF in structure 2

In structure 2 a free middle and spread alone leave tumours too much alike: a third stays stable for long, and 63 % are
free of progression at 4.4 months where 36 % respond. So it holds a part of patients whose tumours are independent, as
large as that with a lesion in structure 1 (assumed). These three rest on nothing but patients who responded or did
not: their prior is flat within the interval of the population's record.

Counts are compared as an investigator reports them. Response categories, duration of response and subgroups are left
out: they are predicted.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cereblon.bedside.trial import Trial, trial
from cereblon.cohort import population
from cereblon.evidence.rows import evidence_rows
from cereblon.ground.files import write_atomically
from cereblon.ground.quantity import Quantity, unit
from cereblon.ground.vocabulary import vocabulary

Floats = NDArray[np.float64]

TRIAL = "MM_001_phase_2"
STRUCTURES = ("triple_class_refractory", "triple_class_refractory_downstream")
FREE = (
    "myeloma.growth", "myeloma.protection", "neutrophil.block.L50", "platelet.glue.Emax", "haemoglobin.glue.Emax",
    "infection.hazard", "febrile_neutropenia.hazard",
)  # fmt: skip
OWN: Mapping[str, tuple[str, ...]] = {
    "triple_class_refractory": ("tumour.CRBN.total", "variability.myeloma.growth"),
    "triple_class_refractory_downstream": ("tumour.MYC.independent", "variability.myeloma.growth"),
}
"""Structure -> what of its resistance is free."""
ROWS = {
    "C21a": "ORR", "C21b": "PFS at 4.4 months", "C26b": "neutropenia, reported",
    "T10": "neutropenia of grade 4, reported", "C27b": "anaemia, reported", "C28b": "thrombocytopenia, reported",
    "C29b": "infection, reported", "C30": "febrile neutropenia, reported",
}  # fmt: skip
"""Row of evidence -> the number of a replicate that it is compared with."""
SEEDS, FRESH = range(1001, 1021), range(2001, 2031)
STEP, TURNS, DIGITS, Z = 0.25, 2, 3, 1.96
RUNS = 16  # of the design that slopes are read from
FARTHEST = 0.4  # of a number in one turn: rates are not linear in it for longer
NOTE = "set on MM-001 phase 2 by evidence.calibrate_population"
SHARPER = 0.35  # share of the Gauss-Newton step when one does not pay


@dataclass(frozen=True)
class Fit:
    """What came out for one structure: numbers by address, `fitted` and `fresh` replicates by row."""

    structure: str
    numbers: Mapping[str, Quantity]
    reported: Mapping[str, float]
    fitted: Mapping[str, float]
    fresh: Mapping[str, tuple[float, float, float]]

    def __str__(self) -> str:
        lines = [f"{self.structure}"]
        lines += [f"  {address:<30} {q.value:.4g} {q.unit}" for address, q in self.numbers.items()]
        lines.append("  row    number                           reported  fitted  fresh (95 % of replicates)")
        for row, name in ROWS.items():
            mean, low, high = self.fresh[row]
            lines.append(
                f"  {row:<6} {name:<32} {self.reported[row]:8.3f}  {self.fitted[row]:6.3f}  "
                f"{mean:.3f} ({low:.3f}-{high:.3f})"
            )
        return "\n".join(lines)


def reported() -> dict[str, float]:
    """Row -> what was reported, as a share; a median becomes the half that is free of progression then."""
    rows = evidence_rows()
    return {row: 1 / 2 if row == "C21b" else rows[row].centre for row in ROWS}


def calibrate(structure: str, *, seeds: range = SEEDS, fresh: range = FRESH, turns: int = TURNS) -> Fit:
    """Fit one structure. About `turns` times seventeen sets of numbers are tried."""
    from scipy.linalg import hadamard
    from scipy.optimize import lsq_linear

    base, scales = trial(TRIAL), free(structure)
    prior = np.array([scale.prior for scale in scales])
    width = np.array([scale.width for scale in scales])
    lowest, highest = np.array([scale.ends for scale in scales]).T
    goal = np.array(list(reported().values()))
    error = np.sqrt(goal * (1 - goal) / base.patients)

    def found(x: Floats, with_seeds: range = seeds) -> Floats:
        return _rates(_with(base, structure, _numbers(scales, x)), with_seeds).mean(axis=0)

    def misfit(x: Floats, y: Floats) -> Floats:
        return np.concatenate([(y - goal) / error, (x - prior) / width])

    sides = hadamard(RUNS)[:, 1 : len(scales) + 1]
    x = np.array([scale.start for scale in scales])
    y = found(x)
    for _ in range(turns):
        around = np.stack([found(x + STEP * side) for side in sides])
        slopes = around.T @ sides / (STEP * len(sides))
        jacobian = np.concatenate([slopes / error[:, None], np.diag(1 / width)])
        room = np.maximum(lowest - x, -FARTHEST), np.minimum(highest - x, FARTHEST)
        move = lsq_linear(jacobian, -misfit(x, y), bounds=room).x
        for part in (1.0, SHARPER):
            trial_x = x + part * move
            trial_y = found(trial_x)
            if np.sum(misfit(trial_x, trial_y) ** 2) < np.sum(misfit(x, y) ** 2):
                x, y = trial_x, trial_y
                break
        else:
            break
    numbers = _numbers(scales, x, np.sqrt(np.diag(np.linalg.inv(jacobian.T @ jacobian))))
    again = _rates(_with(base, structure, numbers), fresh)
    low, high = np.quantile(again, [0.025, 0.975], axis=0)
    spans = zip(again.mean(axis=0).tolist(), low.tolist(), high.tolist(), strict=True)
    return Fit(structure, numbers, reported(), dict(zip(ROWS, y.tolist(), strict=True)),
               dict(zip(ROWS, spans, strict=True)))  # fmt: skip


@dataclass(frozen=True)
class Scale:
    """A free number on its own scale: logarithm, or logit where it is a share; `prior` and its `width` (SD) on it.

    `start` is what the population's record holds now; the number stays between the `ends`.
    """

    address: str
    unit: str
    is_share: bool
    start: float
    prior: float
    width: float
    ends: tuple[float, float]

    def value(self, x: float) -> float:
        """In the unit that the record has."""
        return float(1 / (1 + np.exp(-x)) if self.is_share else np.exp(x) / unit(self.unit).factor)


def free(structure: str) -> tuple[Scale, ...]:
    """What is free in a structure, with its prior."""
    people = population(structure)
    common = [_scale(address, people[address], people.body[address]) for address in FREE]
    return (*common, *(_scale(address, people[address]) for address in OWN[structure]))


def _scale(address: str, now: Quantity, typical: Quantity | None = None) -> Scale:
    """The prior: the typical patient's number and interval (95 %), else flat within the population's own interval."""
    q = typical or now
    assert q.low is not None
    assert q.high is not None
    word = vocabulary().get(address.rpartition(".")[2])
    is_share = word is not None and word.range == "fraction" and not address.startswith("variability.")
    factor = unit(q.unit).factor
    value = q.value * factor
    edge = min(value, 1 - value if is_share else value) / 10  # an interval to 0 or 1 has no end on these scales
    start, own, low, high = (_on(x * factor, is_share, edge) for x in (now.value, q.value, q.low, q.high))
    width, ends = ((high - low) / (2 * Z), (-np.inf, np.inf)) if typical else (np.inf, (low, high))
    return Scale(address, q.unit, is_share, start, own, width, ends)


def _on(x: float, is_share: bool, edge: float) -> float:
    x = min(max(x, edge), 1 - edge) if is_share else max(x, edge)
    return float(np.log(x / (1 - x)) if is_share else np.log(x))


def _rates(of: Trial, seeds: range) -> Floats:
    """(replicates, rows)."""
    found = of.replicates(len(seeds), seeds[0])
    return np.stack([found.values[name] for name in ROWS.values()], axis=1)


def _with(base: Trial, structure: str, numbers: Mapping[str, Quantity]) -> Trial:
    return replace(base, population=population(structure).replace(numbers))


def _numbers(scales: Sequence[Scale], x: Floats, spread: Floats | None = None) -> dict[str, Quantity]:
    """Numbers of a record, to the digits that it holds; `spread` (standard deviations) as 95 %."""
    out = {}
    widths = np.full(len(x), np.nan) if spread is None else Z * spread
    for scale, value, width in zip(scales, x.tolist(), widths.tolist(), strict=True):
        own, low, high = (float(f"{scale.value(value + side):.{DIGITS}g}") for side in (0.0, -width, width))
        ends = {} if spread is None else {"low": low, "high": high}
        out[scale.address] = Quantity(own, scale.unit, source="calibration", grade="calibrated", note=NOTE, **ends)
    return out


def write(fit: Fit) -> Path:
    """The numbers into the population's record; each stands there already, one line an address."""
    file = Path(population(fit.structure).file)
    text = file.read_text(encoding="utf-8")
    for address, q in fit.numbers.items():
        table, _, word = address.rpartition(".")
        pattern = re.compile(rf'(\[{re.escape(table)}\]\n(?:[^\[\n].*\n)*?{word} = \{{value = ")[^"]*(")')
        shown = f"{q.value:g}" if q.unit == "1" else f"{q.value:g} {q.unit}"
        text, count = pattern.subn(rf"\g<1>{shown}\g<2>", text)
        assert count == 1, f"{file}: {address} stands there {count} times"
    return write_atomically(file, text)


def main() -> None:
    """Fit both structures."""
    for structure in STRUCTURES:
        fit = calibrate(structure)
        print(fit, flush=True)
        if "--write" in sys.argv[1:]:
            print(write(fit))


if __name__ == "__main__":
    main()
