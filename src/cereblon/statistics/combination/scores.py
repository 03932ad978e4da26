"""Every reference and every surface on one matrix, or on many draws of it at once.

What is `excess` here is always what was expected minus what was seen, or -log10 of a combination index: positive is
synergy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from cereblon.ground.errors import InputError
from cereblon.statistics.combination import braid, musyc
from cereblon.statistics.combination.additivity import BEYOND, CI, HSA, Beyond, bliss, loewe, median_effect
from cereblon.statistics.combination.hill import Box, Floats, Hill, fit_curves
from cereblon.statistics.combination.matrix import Matrix
from cereblon.statistics.combination.potency import zip_fit

Single = Literal["measured", "fitted"]
EFFECT, INDEX = "effect", "-log10 CI"
SCALES: Mapping[str, str] = MappingProxyType(
    {
        "Bliss": EFFECT, "HSA": EFFECT, "Loewe": EFFECT, "ZIP": EFFECT, "MuSyC": EFFECT, "BRAID": EFFECT,
        "CI": INDEX, "CI_median_effect": INDEX,
    }
)  # fmt: skip
"""Reference -> the scale of its score."""
SPARE = 3  # conditions beyond the numbers of a surface, without which it follows every well
MIDDLE = (0.1, 0.9)
"""Survival between which a combination index counts for the score."""


@dataclass(frozen=True)
class Options:
    """How references are made.

    `single`: whether Bliss and HSA take what a drug alone did in its own wells ("measured", as synergyfinder and
    synergy do) or its fitted curve ("fitted"). `beyond`: Loewe past the weaker plateau. `gamma`: MuSyC with
    cooperativity. `floor`: no fitted plateau below 0 survival (other packages let it fall below, and so do the
    defaults). `skip`: references to leave out; Bliss and HSA always stand, so two do. Raises InputError for anything
    else.
    """

    single: Single = "measured"
    beyond: Beyond = "HSA"
    gamma: bool = False
    floor: bool = False
    skip: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.single not in ("measured", "fitted"):
            raise InputError("unknown single agents", found=str(self.single), expected="measured or fitted")
        if self.beyond not in BEYOND:
            raise InputError("unknown way past the weaker plateau", found=str(self.beyond), expected=", ".join(BEYOND))
        if foreign := [name for name in self.skip if name not in SCALES or name in ("Bliss", "HSA")]:
            raise InputError(
                "this reference cannot be left out",
                found=", ".join(sorted(foreign)),
                expected=", ".join(name for name in SCALES if name not in ("Bliss", "HSA")),
            )


@dataclass(frozen=True)
class Scores:
    """Of B draws: `expected` and `excess` of each reference (B, K; NaN for single agents), and `numbers` of surfaces
    (B,).

    `curves` are those of the drugs alone, `surface` MuSyC's effects (B, K), `middle` (B, K) the conditions within
    `MIDDLE`, `start` what the next fits may start at.
    """

    expected: Mapping[str, Floats]
    excess: Mapping[str, Floats]
    numbers: Mapping[str, Floats]
    curves: tuple[Hill, Hill] | None
    surface: Floats | None
    middle: NDArray[np.bool_]
    start: Mapping[str, object] = field(default_factory=dict, repr=False)

    def mean(self, name: str) -> Floats:
        """(B,) mean excess over the conditions with both drugs that have one; NaN without any.

        Of an index only those count that leave 10 to 90 % (`middle`): nearer to a plateau the dose of an effect is
        anything.
        """
        excess = self.excess[name]
        known = np.isfinite(excess)
        if SCALES[name] == INDEX:
            known &= self.middle
        count = known.sum(axis=1)
        return np.where(count > 0, np.where(known, excess, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def scores(
    matrix: Matrix, means: Floats, options: Options, box: Box, start: Mapping[str, object] | None = None
) -> Scores:
    """All of it on `means` (B, K). `start` is that of an earlier call on the same matrix; then nothing is searched."""
    start = start or {}
    kept: dict[str, object] = {}
    expected: dict[str, Floats] = {}
    numbers: dict[str, Floats] = {}
    curves = _curves(matrix, means, box, start, kept)
    d1, d2 = matrix.dose1, matrix.dose2

    single = [matrix.of_single(drug, means) for drug in (0, 1)]
    if curves is not None:
        fitted = [curves[drug](matrix.dose(drug)) for drug in (0, 1)]
        if options.single == "fitted":
            single = fitted
        else:  # a dose that was not tested alone is read off the curve
            single = [np.where(np.isfinite(s), s, f) for s, f in zip(single, fitted, strict=True)]
    expected["Bliss"], expected["HSA"] = bliss(*single), HSA(*single)
    excess = {name: expected[name] - means for name in expected}

    surface = None
    if curves is not None:
        if _wanted("Loewe", options):
            expected["Loewe"] = loewe(d1, d2, *curves, options.beyond)
            excess["Loewe"] = expected["Loewe"] - means
        if _wanted("ZIP", options):
            lines = start.get("lines")
            above = Box.around(matrix.mean)  # a line of few doses rarely shows its plateau, so it is held in any case
            seen, kept["lines"] = zip_fit(matrix, means, curves, above, lines if isinstance(lines, dict) else None)
            expected["ZIP"] = bliss(*fitted)
            excess["ZIP"] = expected["ZIP"] - seen
        surface = _musyc(matrix, means, curves, options, box, start, kept, expected, excess, numbers)
        if _wanted("BRAID", options):
            _braid(matrix, means, curves, box, start, kept, expected, excess, numbers)
        _indices(matrix, means, curves, options, excess)
    together = matrix.together
    return Scores(
        {name: np.where(together, np.broadcast_to(e, means.shape), np.nan) for name, e in expected.items()},
        {name: np.where(together, np.broadcast_to(e, means.shape), np.nan) for name, e in excess.items()},
        numbers, curves, surface, (means > MIDDLE[0]) & (means < MIDDLE[1]), kept,
    )  # fmt: skip


def parameters(options: Options) -> int:
    """How many numbers the surface of MuSyC has."""
    return 12 if options.gamma else 10


def _wanted(name: str, options: Options) -> bool:
    return name not in options.skip


def _repeated(start: object, draws: int) -> Floats | None:
    return np.repeat(start, draws, axis=0) if isinstance(start, np.ndarray) else None


def _curves(
    matrix: Matrix, means: Floats, box: Box, start: Mapping[str, object], kept: dict[str, object]
) -> tuple[Hill, Hill] | None:
    if not (matrix.has_curve(0) and matrix.has_curve(1)):
        return None
    found = []
    for drug in (0, 1):
        at = np.flatnonzero(matrix.alone(drug))
        begin = _repeated(start.get(f"curve{drug}"), len(means))
        starts: Iterable[Floats] = [] if begin is None else [begin]
        curve, fit = fit_curves(matrix.dose(drug)[at], means[:, at], matrix.n[at].astype(float), box, starts=starts)
        kept[f"curve{drug}"] = fit.numbers
        found.append(curve)
    return found[0], found[1]


def _musyc(
    matrix: Matrix, means: Floats, curves: tuple[Hill, Hill], options: Options, box: Box, start: Mapping[str, object],
    kept: dict[str, object], expected: dict[str, Floats], excess: dict[str, Floats], numbers: dict[str, Floats],
) -> Floats | None:  # fmt: skip
    """The surface is fitted in any case: its residuals are the noise of a matrix without replicates."""
    if matrix.mean.size < parameters(options) + SPARE:
        return None
    begin = _repeated(start.get("MuSyC"), len(means))
    guess = begin if begin is not None else musyc.first_guess(*curves, _at_both_highest(matrix, means), options.gamma)
    weights = matrix.n.astype(float)
    fitted, fit = musyc.fit_musyc(
        matrix.dose1, matrix.dose2, means, weights, box, start=guess, gamma=options.gamma, search=begin is None
    )
    kept["MuSyC"] = fit.numbers
    surface = fitted(matrix.dose1, matrix.dose2)
    if _wanted("MuSyC", options):
        log = [fit.numbers[:, i] / np.log(10) for i in range(8, fit.numbers.shape[1])]
        names = ("log10_alpha12", "log10_alpha21", "log10_gamma12", "log10_gamma21")
        numbers |= dict(zip(names, log, strict=False)) | {"beta": fitted.beta[:, 0], "E3": fit.numbers[:, 3]}
        expected["MuSyC"] = fitted.without_synergy(matrix.dose1, matrix.dose2)
        excess["MuSyC"] = expected["MuSyC"] - surface
    return surface


def _braid(
    matrix: Matrix, means: Floats, curves: tuple[Hill, Hill], box: Box, start: Mapping[str, object],
    kept: dict[str, object], expected: dict[str, Floats], excess: dict[str, Floats], numbers: dict[str, Floats],
) -> None:  # fmt: skip
    if matrix.mean.size < braid.NUMBERS + SPARE:
        return
    begin = _repeated(start.get("BRAID"), len(means))
    guess = begin if begin is not None else braid.first_guess(*curves, means.min(axis=1))
    fitted, fit = braid.fit_braid(
        matrix.dose1, matrix.dose2, means, matrix.n.astype(float), box, start=guess, search=begin is None
    )
    kept["BRAID"] = fit.numbers
    numbers["kappa"] = fit.numbers[:, 8]
    expected["BRAID"] = fitted.without_synergy(matrix.dose1, matrix.dose2)
    excess["BRAID"] = expected["BRAID"] - fitted(matrix.dose1, matrix.dose2)


def _indices(
    matrix: Matrix, means: Floats, curves: tuple[Hill, Hill], options: Options, excess: dict[str, Floats]
) -> None:
    if _wanted("CI", options):
        excess["CI"] = -np.log10(CI(matrix.dose1, matrix.dose2, means, *curves))
    if _wanted("CI_median_effect", options):
        lines = []
        for drug in (0, 1):
            at = np.flatnonzero(matrix.alone(drug))
            lines.append(median_effect(matrix.dose(drug)[at], means[:, at], matrix.n[at].astype(float)))
        excess["CI_median_effect"] = -np.log10(CI(matrix.dose1, matrix.dose2, means, *lines))


def _at_both_highest(matrix: Matrix, means: Floats) -> Floats:
    """What was seen where both doses are highest, or the least survival where the two never met."""
    at = (matrix.dose1 == matrix.dose1.max()) & (matrix.dose2 == matrix.dose2.max())
    return np.asarray(means[:, at][:, 0] if at.any() else means.min(axis=1))
