"""A combination matrix analysed: every reference with its interval, what they disagree on, and what to beware of.

    from cereblon.statistics.combination import Matrix, analyse
    found = analyse(Matrix.of_wells(dose1, dose2, survival), draws=200, seed=1)
    print(found)                    # one line a reference, positive = synergy
    found.references["Bliss"].score, found.numbers["log10_alpha12"]

The score of a reference is the mean of its excess over the conditions with both drugs, in percent of the untreated
effect (the number that synergyfinder prints), or the mean of -log10 CI.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.statistics.combination.bootstrap import Kind, drawn_means, has_replicates, interval, with_interval
from cereblon.statistics.combination.hill import Box, Floats, Hill
from cereblon.statistics.combination.isobole import isobole
from cereblon.statistics.combination.matrix import Matrix
from cereblon.statistics.combination.scores import EFFECT, INDEX, SCALES, Options, Scores, parameters, scores
from cereblon.statistics.combination.warnings import at_an_end, warnings

if TYPE_CHECKING:
    import pandas as pd

METHODS: Mapping[str, str] = MappingProxyType(
    {
        "Bliss": "product of the two survivals (Bliss 1939)",
        "HSA": "the better single agent (Gaddum 1940)",
        "Loewe": "dose equivalence on fitted curves (Loewe 1926)",
        "ZIP": "curves that the partner does not change (Yadav 2015)",
        "CI": "combination index on fitted curves (Chou and Talalay 1984)",
        "CI_median_effect": "combination index on median-effect lines (Chou and Talalay 1984)",
        "MuSyC": "fitted surface over the same without synergy (Meyer 2019, Wooten 2021)",
        "BRAID": "fitted surface over the same with kappa 0 (Twarog 2016)",
    }
)
NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "log10_alpha12": "drug 1 makes drug 2 more potent, decades",
        "log10_alpha21": "drug 2 makes drug 1 more potent, decades",
        "log10_gamma12": "drug 1 makes drug 2 steeper, decades",
        "log10_gamma21": "drug 2 makes drug 1 steeper, decades",
        "beta": "effect of both beyond the stronger, over its own",
        "kappa": "BRAID",
        "E3": "survival at saturating doses of both",
    }
)
"""Number of a surface -> what it says; positive is synergy, but for E3."""
NEGLIGIBLE: Mapping[str, float] = MappingProxyType({EFFECT: 0.5, INDEX: 0.02})
"""Scale -> the score below which there is nothing to call: half a percent of the effect, five percent of a dose."""
INTERVALS: Mapping[str, Kind] = MappingProxyType({"CI": "percentile", "CI_median_effect": "spread"})
"""Reference -> its interval, where that is not the bias-corrected one (see `bootstrap`)."""
_BATCH = 50
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Reference:
    """One reference: `expected` and `excess` at each condition (K,; NaN for single agents), `low` and `high` around it.

    `scale` is "effect" (share of the untreated) or "-log10 CI"; `score` the mean excess, in % or decades.
    """

    name: str
    scale: str
    expected: Floats = field(repr=False)
    excess: Floats = field(repr=False)
    low: Floats = field(repr=False)
    high: Floats = field(repr=False)
    score: Estimate

    @property
    def verdict(self) -> str:
        """synergy, antagonism or "no difference": an interval that holds 0, or a score below `NEGLIGIBLE`."""
        value, low, high = self.score.value, self.score.low, self.score.high
        if not np.isfinite(value):
            return "not estimated"
        if abs(value) < NEGLIGIBLE[self.scale] or (np.isfinite(low) and low <= 0 <= high):
            return "no difference"
        return "synergy" if value > 0 else "antagonism"


@dataclass(frozen=True)
class Analysis:
    """All references (name -> `Reference`), the `numbers` of the surfaces, the two `curves`, and `flags` as sentences.

    `EC50` is that of each drug alone; NaN with the bound in its note where it lies outside the tested doses.
    """

    matrix: Matrix
    options: Options
    references: Mapping[str, Reference]
    numbers: Mapping[str, Estimate]
    curves: tuple[Hill, Hill] | None = field(repr=False)
    EC50: tuple[Estimate, Estimate]
    flags: tuple[str, ...] = ()
    noise: str = "none"
    draws: int = 0
    seed: int = 1

    def __getitem__(self, name: str) -> Estimate:
        """The score of a reference, or a number of a surface. Raises InputError for a name that is neither."""
        if name in self.references:
            return self.references[name].score
        if name not in self.numbers:
            known = ", ".join((*self.references, *self.numbers))
            raise InputError("this matrix has no such score", found=str(name), expected=known, example="Bliss")
        return self.numbers[name]

    @property
    def disagreement(self) -> str:
        """What each reference says, as a sentence, where not all say the same; empty where they do.

        Two that say synergy and antagonism disagree in sign.
        """
        says: dict[str, list[str]] = {"synergy": [], "antagonism": [], "no difference": []}
        for name, one in self.references.items():
            if one.verdict in says:
                says[one.verdict].append(name)
        if sum(map(bool, says.values())) < 2:
            return ""
        how = "disagree in sign" if says["synergy"] and says["antagonism"] else "do not say the same"
        told = "; ".join(f"{verdict} by {', '.join(names)}" for verdict, names in says.items() if names)
        return f"The references {how}: {told}."

    def scores(self) -> pd.DataFrame:
        """One row per reference: reference, scale, score, low, high, unit, verdict, peak, dose_1, dose_2, method.

        `peak` is the largest excess of one condition (in the unit of the score), and its two doses.
        """
        import pandas as pd

        return pd.DataFrame([*self._score_rows()])

    def _score_rows(self) -> Iterator[dict[str, object]]:
        for name, one in self.references.items():
            k = int(np.nanargmax(one.excess)) if np.isfinite(one.excess).any() else -1
            peak = one.excess[k] * (100 if one.scale == EFFECT else 1) if k >= 0 else np.nan
            yield {
                "reference": name,
                "scale": one.scale,
                "score": one.score.value,
                "low": one.score.low,
                "high": one.score.high,
                "unit": one.score.unit,
                "verdict": one.verdict,
                "peak": peak,
                "dose_1": self.matrix.dose1[k] if k >= 0 else np.nan,
                "dose_2": self.matrix.dose2[k] if k >= 0 else np.nan,
                "method": METHODS[name] + (f"; {one.score.note}" if one.score.note else ""),
            }

    def surfaces(self) -> pd.DataFrame:
        """One row per number of a surface: number, value, low, high, meaning, note (where the fit ends)."""
        import pandas as pd

        rows = [
            {"number": name, "value": n.value, "low": n.low, "high": n.high, "meaning": NUMBERS[name], "note": n.note}
            for name, n in self.numbers.items()
        ]
        return pd.DataFrame(rows, columns=["number", "value", "low", "high", "meaning", "note"])

    def table(self) -> pd.DataFrame:
        """One row per condition: the doses, n, survival, sd, and for each reference expected, excess, low, high.

        Columns carry the reference's name (`Bliss_excess`); shares of the untreated, or -log10 CI.
        """
        import pandas as pd

        m = self.matrix
        columns: dict[str, object] = {
            "drug_1": m.names[0], "drug_2": m.names[1], "dose_1": m.dose1, "dose_2": m.dose2,
            "unit_1": m.units[0], "unit_2": m.units[1], "n": m.n, "survival": m.mean, "sd": m.sd,
        }  # fmt: skip
        for name, one in self.references.items():
            if one.scale == EFFECT:
                columns[f"{name}_expected"] = one.expected
            columns |= {f"{name}_excess": one.excess, f"{name}_low": one.low, f"{name}_high": one.high}
        return pd.DataFrame(columns)

    def isobole(self, level: float = 0.5) -> pd.DataFrame:
        """Pairs of doses that leave `level` alive, measured and additive (see `isobole`)."""
        return isobole(self.matrix, self.curves, level)

    def __str__(self) -> str:
        one, two = self.matrix.names
        how = f"95 % of {self.draws} draws, noise of {self.noise}" if self.draws else "no intervals"
        small = f"{NEGLIGIBLE[EFFECT]:g} % of effect or {NEGLIGIBLE[INDEX]:g} of an index"
        lines = [f"{one} and {two}: positive = synergy; {how}; no difference: an interval over 0, or less than {small}"]
        for name, ref in self.references.items():
            scale = "% of effect, mean excess" if ref.scale == EFFECT else "mean -log10 CI"
            value = _said(ref.score) if np.isfinite(ref.score.value) else "not estimated"
            lines.append(f"  {name:<17} {value:<24} {scale:<25} {ref.verdict}")
        for name, number in self.numbers.items():
            lines.append(f"  {name:<17} {_said(number):<24} {NUMBERS[name]}")
        lines.append(f"  EC50 alone: {one} {self.EC50[0]}, {two} {self.EC50[1]}")
        if self.disagreement:
            lines.append(f"  {self.disagreement}")
        return "\n".join([*lines, *(f"  beware: {flag}" for flag in self.flags)])


def analyse(
    matrix: Matrix,
    options: Options | None = None,
    *,
    draws: int = 200,
    seed: int = 1,
    progress: Progress | None = None,
) -> Analysis:
    """Score a matrix against every reference, each with a bootstrap interval of `draws` draws (0: none).

    The noise is that of the replicates, where at least half of the conditions with both drugs have them, else that of
    the residuals of the MuSyC surface (see `bootstrap`). The same seed gives the same bits. `progress` is called with
    (done, draws). Raises InputError as `drawn_means` does.
    """
    options = options or Options()
    box = Box.around(matrix.mean, options.floor)
    found = scores(matrix, matrix.mean[None], options, box)
    noise, parts = "none", []
    if draws:
        residuals = None if has_replicates(matrix) else _residuals(matrix, found, options)
        noise = "the replicates" if has_replicates(matrix) else "the residuals of the surface"
        if has_replicates(matrix) or residuals is not None:
            means = drawn_means(matrix, draws, seed, residuals)
            for begin in range(0, draws, _BATCH):
                parts.append(scores(matrix, means[begin : begin + _BATCH], options, box, found.start))
                if progress is not None:
                    progress(min(begin + _BATCH, draws), draws)
    return made(matrix, options, found, parts, noise if parts else "none", seed)


def made(
    matrix: Matrix,
    options: Options,
    found: Scores,
    parts: list[Scores],
    noise: str,
    seed: int,
    *,
    corrected: bool = True,
) -> Analysis:
    """The analysis of `found`, its intervals from the draws in `parts`; `corrected=False` where they are no
    bootstrap."""
    references = {}
    for name in SCALES:
        if name not in found.excess:
            continue
        excess = found.excess[name][0]
        expected = found.expected[name][0] if name in found.expected else np.full(excess.shape, np.nan)
        low = high = np.full(excess.shape, np.nan)
        by = 100.0 if SCALES[name] == EFFECT else 1.0
        without = int((~np.isfinite(excess) & matrix.together).sum())
        note = f"{without} of {int(matrix.together.sum())} conditions have none" if without else ""
        unit = "%" if SCALES[name] == EFFECT else "1"
        score = Estimate(by * float(found.mean(name)[0]), unit, method=METHODS[name], note=note)
        if parts:
            kind = INTERVALS.get(name, "corrected") if corrected else "percentile"
            low, high = interval(excess, np.concatenate([part.excess[name] for part in parts]), kind)
            score = with_interval(score, by * np.concatenate([part.mean(name) for part in parts]), kind)
        references[name] = Reference(name, SCALES[name], expected, excess, low, high, score)
    numbers = {}
    usual: Kind = "corrected" if corrected else "percentile"
    for name, values in found.numbers.items():
        numbers[name] = Estimate(float(values[0]), method=NUMBERS[name])
        if parts:
            numbers[name] = with_interval(
                numbers[name], np.concatenate([part.numbers[name] for part in parts]), usual
            )
        numbers[name] = replace(numbers[name], note=at_an_end(name, numbers[name]))
    EC50 = (_EC50(matrix, found, parts, 0, usual), _EC50(matrix, found, parts, 1, usual))
    flags = (*warnings(matrix, found, options), *(f"{name}: {n.note}" for name, n in numbers.items() if n.note))
    draws = sum(len(part.mean("Bliss")) for part in parts)
    return Analysis(matrix, options, references, numbers, found.curves, EC50, flags, noise, draws, seed)


def _residuals(matrix: Matrix, found: Scores, options: Options) -> Floats | None:
    """Residuals of the surface, as of one well and widened by the numbers fitted; None where there is no surface."""
    if found.surface is None:
        return None
    r = (matrix.mean - found.surface[0]) * np.sqrt(matrix.n)
    return np.asarray((r - r.mean()) * np.sqrt(r.size / (r.size - parameters(options))))


def _EC50(matrix: Matrix, found: Scores, parts: list[Scores], drug: int, kind: Kind) -> Estimate:
    """The EC50 of a drug alone; draws outside the tested doses count as their ends."""
    name, unit = matrix.names[drug], matrix.units[drug]
    if found.curves is None:
        return Estimate(np.nan, unit, method=f"{name} alone", note="too few doses alone")
    value = float(np.ravel(found.curves[drug].EC50)[0])
    tested = matrix.dose(drug)[matrix.alone(drug) & (matrix.dose(drug) > 0)]
    low, high = float(tested.min()), float(tested.max())
    if not low <= value <= high:
        word, end = ("below", low) if value < low else ("above", high)
        note = f"{word} {end:.4g} {unit}".rstrip() + ": out of range"
        return Estimate(np.nan, unit, method=f"{name} alone", note=note)
    estimate = Estimate(value, unit, method=f"{name} alone")
    drawn = [np.ravel(part.curves[drug].EC50) for part in parts if part.curves is not None]
    return with_interval(estimate, np.clip(np.concatenate(drawn), low, high), kind) if drawn else estimate


def _said(number: Estimate) -> str:
    if not np.isfinite(number.low):
        return f"{number.value:.3g}"
    return f"{number.value:.3g} ({number.low:.3g} to {number.high:.3g})"
