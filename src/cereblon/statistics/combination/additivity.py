"""What two drugs would do without interacting: Bliss, highest single agent, Loewe; and the combination index.

    Bliss   E1 E2                                     independent (Bliss 1939)
    HSA     min(E1, E2)                               the better of the two alone (Gaddum 1940, Berenbaum 1989)
    Loewe   the E with d1 / D1(E) + d2 / D2(E) = 1    dilutions of each other (Loewe 1926)
    CI      d1 / D1(E) + d2 / D2(E) at the E seen     below 1 is synergy (Chou and Talalay 1984)

E on the survival scale (1 untreated, 0 dead), Di(E) the dose of drug i alone that does E. Synergy is what was
expected minus what was seen, so positive is synergy; of a CI it is -log10 CI.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from cereblon.ground.errors import InputError
from cereblon.statistics.combination.hill import Floats, Hill

Beyond = Literal["HSA", "weakest", "nan"]
"""What Loewe expects where one drug alone does more than the weaker drug ever can, and no dose of the weaker is equal
to it:

HSA: the effect of the stronger drug alone, into which the solution runs without a jump · weakest: the weaker drug's
plateau · nan: nothing.
"""
BEYOND: tuple[Beyond, ...] = ("HSA", "weakest", "nan")
_FAR = 700.0  # a logarithm that a number can still hold
_HALVINGS = 64  # of an interval of 100 logits: to the last digit


def bliss(E1: ArrayLike, E2: ArrayLike) -> Floats:
    """Survival of both, each drug taking its share of what the other leaves.

    >>> float(bliss(0.5, 0.5))
    0.25
    """
    return np.asarray(np.asarray(E1, dtype=np.float64) * np.asarray(E2, dtype=np.float64))


def HSA(E1: ArrayLike, E2: ArrayLike) -> Floats:
    """The lower survival of the two.

    >>> float(HSA(0.7, 0.5))
    0.5
    """
    return np.asarray(np.minimum(np.asarray(E1, dtype=np.float64), np.asarray(E2, dtype=np.float64)))


def loewe(dose1: ArrayLike, dose2: ArrayLike, drug1: Hill, drug2: Hill, beyond: Beyond = "HSA") -> Floats:
    """The effect at which the two doses, each as a part of the dose that does it alone, add up to 1.

    A bracketed root in the logit of E between the weaker plateau and the lower E0, found by halving: it exists there
    or one drug is `beyond` the weaker. With one dose 0 it is the other drug alone. NaN where one drug lowers survival
    and the other raises it. Raises InputError for an unknown `beyond`.

    >>> curve = Hill(1, 0, 1, 1)
    >>> float(loewe(0.5, 0.5, curve, curve).round(9))                       # a drug with itself
    0.5
    """
    if beyond not in BEYOND:
        raise InputError("unknown way beyond the weaker plateau", found=str(beyond), expected=", ".join(BEYOND))
    d1, d2 = np.broadcast_arrays(np.asarray(dose1, dtype=np.float64), np.asarray(dose2, dtype=np.float64))
    E1, E2 = drug1(d1), drug2(d2)
    low, high = np.maximum(drug1.Emax, drug2.Emax), np.minimum(drug1.E0, drug2.E0)
    shape = np.broadcast_shapes(np.shape(E1), np.shape(E2), np.shape(low), np.shape(high))
    low, high = np.broadcast_to(low, shape), np.broadcast_to(high, shape)

    def effect(u: Floats) -> Floats:
        return low + (high - low) / (1 + np.exp(u))  # u from -50 at the lower E0 to 50 at the weaker plateau

    left, right = np.full(shape, -50.0), np.full(shape, 50.0)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for _ in range(_HALVINGS):
            middle = (left + right) / 2
            E = effect(middle)
            more = d1 / drug1.dose(E) + d2 / drug2.dose(E) > 1  # the doses are enough for this E, and for less survival
            left, right = np.where(more, middle, left), np.where(more, right, middle)
    alone = np.where(d2 == 0, E1, E2)
    past = (low > E1) | (low > E2)
    instead = {"HSA": np.minimum(E1, E2), "weakest": low, "nan": np.full(shape, np.nan)}[beyond]
    solved = np.where(past, instead, effect((left + right) / 2))
    falling = (np.asarray(drug1.E0) > drug1.Emax) & (np.asarray(drug2.E0) > drug2.Emax)
    return np.asarray(np.where((d1 == 0) | (d2 == 0), alone, np.where(falling, solved, np.nan)))


def CI(dose1: ArrayLike, dose2: ArrayLike, effect: ArrayLike, drug1: Hill, drug2: Hill) -> Floats:
    """Combination index at the effect that was seen; below 1 is synergy.

    A drug that never does so much alone adds nothing (its dose would be infinite). NaN where nothing can be said: no
    effect was seen, or neither drug alone reaches it.

    >>> curve = Hill(1, 0, 1, 1)
    >>> float(CI(0.25, 0.25, 0.5, curve, curve))
    0.5
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = [np.asarray(d, dtype=np.float64) / drug.dose(effect) for d, drug in ((dose1, drug1), (dose2, drug2))]
    total = np.asarray(parts[0] + parts[1])
    return np.where(np.isfinite(total) & (total > 0), total, np.nan)


def median_effect(doses: Floats, effects: Floats, weights: Floats) -> Hill:
    """The median-effect line of Chou and Talalay: log(fa / fu) on log dose, by (weighted) least squares.

    fu is survival, fa = 1 - fu; only 0 < fu < 1 has a logarithm, and where fewer than two such doses are left the
    curve is NaN. `effects` is (B, N); the curve goes from 1 to 0.
    """
    usable = (doses > 0) & (effects > 0) & (effects < 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.broadcast_to(np.where(doses > 0, np.log(np.where(doses > 0, doses, 1.0)), 0.0), effects.shape)
        y = np.where(usable, np.log((1 - effects) / effects), 0.0)
        w = np.where(usable, weights, 0.0)
        total = w.sum(axis=1, keepdims=True)
        mx, my = ((w * v).sum(axis=1, keepdims=True) / total for v in (x, y))
        slope = (w * (x - mx) * (y - my)).sum(axis=1, keepdims=True) / (w * (x - mx) ** 2).sum(axis=1, keepdims=True)
        slope = np.where((usable.sum(axis=1, keepdims=True) >= 2) & (slope > 0), slope, np.nan)
        return Hill(1.0, 0.0, slope, np.exp(np.clip(mx - my / slope, -_FAR, _FAR)))
