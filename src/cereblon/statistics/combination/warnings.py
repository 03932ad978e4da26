"""What a matrix does not support, as sentences: each is printed with the result."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cereblon.ground.quantity import Estimate
from cereblon.statistics.combination.braid import KAPPA
from cereblon.statistics.combination.hill import LEAST_DOSES, Floats, Hill
from cereblon.statistics.combination.matrix import Matrix
from cereblon.statistics.combination.musyc import ALPHA, GAMMA
from cereblon.statistics.combination.scores import Options, Scores

NEAR = 0.001  # of the range of a number, next to its end
NO_EFFECT, RISE, CONTROL, HALF = 0.1, 0.2, 0.1, 0.5
"""Shares of the untreated effect: too little to call an effect, too much of a rise, of a control off 1, and the
half."""

_BEYOND = {
    "HSA": "is the stronger drug alone (HSA)",
    "weakest": "is the weaker drug's plateau",
    "nan": "has no value",
}


_POTENCY, _STEEPNESS = float(np.log10(ALPHA)), float(np.log10(GAMMA))
_ENDS = {
    **dict.fromkeys(("log10_alpha12", "log10_alpha21"), (-_POTENCY, _POTENCY)),
    **dict.fromkeys(("log10_gamma12", "log10_gamma21"), (-_STEEPNESS, _STEEPNESS)),
    "kappa": KAPPA,
}
"""Number of a surface -> the ends between which it is fitted."""


def at_an_end(name: str, number: Estimate) -> str:
    """What is to be said of a number that stands where its fit ends, or whose interval does; "" of any other.

    >>> at_an_end("log10_alpha12", Estimate(4.0)), at_an_end("log10_alpha12", Estimate(0.3, low=-0.2, high=0.9))
    ('at the end of what is allowed (4): this matrix does not tell it', '')
    """
    if name not in _ENDS or not np.isfinite(number.value):
        return ""
    low, high = _ENDS[name]
    near = NEAR * (high - low)
    for end, reached in ((low, lambda x: x <= low + near), (high, lambda x: x >= high - near)):
        if reached(number.value):
            return f"at the end of what is allowed ({end:.4g}): this matrix does not tell it"
    ends = [f"{end:.4g}" for end, at in ((low, number.low), (high, number.high)) if abs(at - end) <= near]
    return f"its interval ends where the fit does ({' and '.join(ends)}): it is open there" if ends else ""


def warnings(matrix: Matrix, found: Scores, options: Options) -> tuple[str, ...]:
    """The sentences for one analysed matrix."""
    return (*_of_wells(matrix), *_of_drugs(matrix, found), *_of_references(matrix, found, options))


def _of_wells(matrix: Matrix) -> Iterator[str]:
    if not matrix.untreated.any():
        yield "there is no untreated well: that survival is a share of the untreated is taken on trust"
    else:
        control = float(matrix.mean[matrix.untreated][0])
        if abs(control - 1) > CONTROL:
            yield f"untreated wells read {control:.0%}, not 100 %; nothing was rescaled, so Bliss carries it"
    grid = int(np.prod([np.unique(matrix.dose(drug)[matrix.dose(drug) > 0]).size for drug in (0, 1)]))
    if missing := grid - int(matrix.together.sum()):
        yield f"{missing} of {grid} pairs of the doses were not measured; means are over the others"


def _of_drugs(matrix: Matrix, found: Scores) -> Iterator[str]:
    for drug, name in enumerate(matrix.names):
        alone = matrix.alone(drug) & (matrix.dose(drug) > 0)
        doses, seen = matrix.dose(drug)[alone], matrix.mean[alone]
        if not matrix.has_curve(drug):
            tested = f"{doses.size} dose{'s' * (doses.size > 1)}"
            yield f"{name} alone was tested at {tested}: below {LEAST_DOSES} there is no curve, only Bliss and HSA"
        elif found.curves is not None:
            yield from _of_curve(name, matrix.units[drug], doses, seen, found.curves[drug])


def _of_curve(name: str, unit: str, doses: Floats, seen: Floats, curve: Hill) -> Iterator[str]:
    start, end, plateau, EC50 = (
        float(np.ravel(number)[0]) for number in (curve.E0, curve(doses.max()), curve.Emax, curve.EC50)
    )
    lowest, highest = (f"{dose:.4g} {unit}".rstrip() for dose in (doses.min(), doses.max()))
    if start - end < NO_EFFECT:
        taken = max(0.0, start - end)
        yield f"{name} alone takes {taken:.0%} at {highest}: too little for an EC50, a Loewe dose or a CI"
    elif not doses.min() <= EC50 <= doses.max():
        yield f"the EC50 of {name} lies outside the tested {lowest} to {highest}"
    elif end > HALF:
        yield f"{name} alone leaves {end:.0%} at {highest}: it has no dose that halves survival"
    if start - end >= NO_EFFECT and plateau < -CONTROL:
        yield f"the plateau of {name} is extrapolated to {plateau:.0%} survival; floor=True holds it at 0"
    if (most := float(seen.max())) > start + RISE:
        yield f"{name} alone raises survival to {most:.0%} before it lowers it; a Hill curve does not follow that"


def _of_references(matrix: Matrix, found: Scores, options: Options) -> Iterator[str]:
    if found.curves is None:
        return
    together = matrix.together
    if "Loewe" in found.excess:
        alone = [curve(matrix.dose(drug))[0] for drug, curve in enumerate(found.curves)]
        weaker = max(float(np.ravel(curve.Emax)[0]) for curve in found.curves)
        if past := int(((np.minimum(*alone) < weaker) & together).sum()):
            where = f"at {past} of {int(together.sum())} conditions one drug alone exceeds the other's plateau"
            yield f"{where}: there Loewe {_BEYOND[options.beyond]}"
    if "CI" in found.excess:
        yield from _extrapolated(matrix, found.curves)
    if "CI_median_effect" in found.excess and not np.isfinite(found.excess["CI_median_effect"]).any():
        yield "no median-effect line: a drug alone has too few effects between 0 and 1, or they rise with its dose"


def _extrapolated(matrix: Matrix, curves: tuple[Hill, Hill]) -> Iterator[str]:
    """How many conditions need a dose of a single agent that was not tested."""
    together = matrix.together
    for drug, name in enumerate(matrix.names):
        needed = curves[drug].dose(matrix.mean)[0]
        tested = matrix.dose(drug)[matrix.alone(drug) & (matrix.dose(drug) > 0)]
        of = f"of {int(together.sum())} conditions"
        if beyond := int(((needed > tested.max()) & np.isfinite(needed) & together).sum()):
            yield f"CI takes doses of {name} above the tested {tested.max():.4g} from its curve, at {beyond} {of}"
        if never := int((np.isinf(needed) & together).sum()):
            yield f"at {never} {of} more is done than {name} can by its curve: in the CI it counts as nothing there"
