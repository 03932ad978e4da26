"""The first guess of a CRM, by indifference intervals.

Between two neighbouring doses there is one parameter value at which both are as far from the target: above it the lower
dose is chosen, below it the higher one. The skeleton is made so that there the two rates are target - h and target + h:
whichever dose is chosen, its true rate then lies within h of the target, as far as the model can be believed.
Source: Lee and Cheung 2009 (`getprior` of dfcrm).
"""

from __future__ import annotations

import math

from cereblon.bedside.escalation.design import DOSES
from cereblon.bedside.limits import share, whole_number
from cereblon.ground.errors import InputError

INTERCEPT = 3.0


def skeleton(
    halfwidth: float, target: float, at: int, doses: int, model: str = "empiric", intercept: float = INTERCEPT
) -> tuple[float, ...]:
    """A rate per dose, `target` at dose `at`, from a model ("empiric" or "logistic"). Raises InputError.

    >>> [round(p, 3) for p in skeleton(0.05, 0.25, at=3, doses=5)]
    [0.084, 0.157, 0.25, 0.355, 0.46]
    """
    whole_number("doses", doses, 1, DOSES)
    whole_number("at", at, 1)
    share("target", target)
    share("halfwidth", halfwidth, 0, min(target, 1 - target))
    if at > doses:
        raise InputError("the dose at the target is not among the doses", where="at", found=str(at),
                         expected=f"1 to {doses}")  # fmt: skip
    if model not in ("empiric", "logistic"):
        raise InputError("unknown model", where="model", found=str(model), expected="empiric or logistic")

    def scale(p: float) -> float:
        """Where the model is u = exp(beta) * u(skeleton): log p, or logit p - intercept."""
        return math.log(p) if model == "empiric" else math.log(p / (1 - p)) - intercept

    def rate(u: float) -> float:
        return math.exp(u) if model == "empiric" else 1 / (1 + math.exp(-intercept - u))

    low, high = scale(target - halfwidth), scale(target + halfwidth)
    if high >= 0:
        raise InputError("the intercept is too small for this target", where="intercept", found=f"{intercept:g}",
                         expected=f"above {math.log((target + halfwidth) / (1 - target - halfwidth)):.3g}")  # fmt: skip
    middle = scale(target)
    return tuple(rate(middle * (low / high) ** (at - dose)) for dose in range(1, doses + 1))
