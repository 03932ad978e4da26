"""Least squares of the constants: starts side by side, weights from the residuals, profiles.

What is minimised is sum of (y - prediction)^2 / variance, the variance an additive and a proportional error that the
residuals tell (`statistics.residuals.variance`), beside (x - centre)^2 / width^2 for the logarithm x of each constant:
what is known beforehand, the records' intervals or a measurement. Where nothing is, the width is `RANGE`: it only keeps
a constant that the data say nothing of where the record has it, and does not count in a profile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from cereblon.bench.constants.forward import Dish
from cereblon.bench.constants.wells import Floats, Wells
from cereblon.ground.errors import InputError, SolveError
from cereblon.statistics.identifiability import spread, without
from cereblon.statistics.least_squares import Predict, Problems, least_squares
from cereblon.statistics.profile import student
from cereblon.statistics.profiles import profiles
from cereblon.statistics.residuals import Test, variance

REACH = math.log(1000)  # how far from the records a constant is sought
Z = 1.96  # a range is a 95 % interval
RANGE = REACH / Z
FIRST = 0.05  # standard deviation of a reading, over the untreated, until the residuals say theirs
ROUNDS = 3  # of weights and fit
COARSE = 1e-3  # gain at which the starts have settled, before the weights are known
APART = math.log(10)  # of further starts, in the first two constants and against each other
LEVEL = 0.95
SIGNIFICANT = 0.05
CONTRADICTS = 2.58  # standard deviations, 1 %
LEAST = 1e-12  # variance of a reading over the untreated
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Beforehand:
    """What is known before the data of the logarithm of each constant: `centre` and `width` (P,), a standard deviation;
    whether that is `known` or only the range that is searched, and whether it was `measured` or is a record's."""

    centre: Floats
    width: Floats
    known: Flags
    measured: Flags

    def without(self, i: int) -> Beforehand:
        """The same, but of constant `i` nothing is known."""
        here = np.arange(self.width.size) == i
        return replace(self, width=np.where(here, RANGE, self.width), known=self.known & ~here)


@dataclass(frozen=True)
class Fit:
    """Logarithms `x` (P,), their `information` (P, P) from the data alone, which records were `dropped` as
    contradicted, `ends` (P, 2) of the profiles, the residual variance `noise` as (additive, proportional to the
    square), the share `fitted` in each well, and the test of any `effect`."""

    x: Floats
    information: Floats
    beforehand: Beforehand
    dropped: tuple[int, ...]
    ends: Floats
    noise: tuple[float, float]
    df: int
    fitted: Floats
    effect: Test

    @property
    def times(self) -> float:
        """Student's t of the intervals."""
        return student(LEVEL, self.df)

    @property
    def covariance(self) -> Floats:
        """Of the logarithms, from the data and what was known beforehand."""
        return spread(self.information, self.beforehand.width)

    @property
    def alone(self) -> Floats:
        """The same from the data alone."""
        return spread(self.information, np.full(self.x.size, RANGE))

    def sd(self, content: Floats) -> Floats:
        """The standard deviation of a reading over the untreated."""
        return np.sqrt(self.noise[0] + self.noise[1] * content**2)


def fit(dish: Dish, wells: Wells, beforehand: Beforehand) -> Fit:
    """The constants of `dish` that the wells determine, beside what is known of them beforehand.

    A record that the data contradict is left out, the worst first: its interval is then no longer known beforehand.
    Raises InputError for fewer wells than numbers, SolveError where no run of the mechanism came through.
    """
    size, count = beforehand.centre.size, wells.value.size
    df = count - size - wells.scales
    if df < 1:
        raise InputError("there are too few wells for a fit", found=f"{count} wells",
                         expected=f"more than the {size + wells.scales} numbers that are fitted")  # fmt: skip
    starts, weights, dropped = _starts(beforehand), np.full(count, 1 / FIRST**2), list[int]()
    while True:
        x, weights, content, noise = _searched(dish, wells, beforehand, starts, weights, df)
        information = _information(dish, wells, x, content, weights)
        worst = _contradicted(x, information, beforehand)
        if worst is None:
            break
        dropped.append(worst)
        beforehand = beforehand.without(worst)
        starts = np.concatenate([x[None], _starts(beforehand)])
    predict, slopes = _functions(dish, wells, weights, beforehand.width)
    t = student(LEVEL, df)
    ends = profiles(
        predict, slopes, x, spread(information, beforehand.width),
        np.concatenate([wells.value, beforehand.centre / beforehand.width]), np.concatenate([weights, np.ones(size)]),
        counted=np.concatenate([np.ones(count, dtype=bool), beforehand.known]), far=t**2, times=t, reach=REACH,
    )  # fmt: skip
    effect = _effect(wells, weights, content, size, df)
    return Fit(x, information, beforehand, tuple(dropped), ends, noise, df, content, effect)


def product_ends(dish: Dish, wells: Wells, fit: Fit, exponents: Floats) -> tuple[float, float]:
    """Both ends of the profile interval of the logarithm of a product, infinite where it is open.

    The product takes the place of its largest member, so that all others are free while it is held.
    """
    into, pivot = np.eye(fit.x.size), int(np.argmax(np.abs(exponents)))
    into[pivot] = exponents
    back, width = np.linalg.inv(into), fit.beforehand.width
    weights = 1 / np.maximum(fit.sd(fit.fitted) ** 2, LEAST)
    predict, slopes = _functions(dish, wells, weights, width)

    def predicted(z: Floats, which: Problems) -> Floats:
        return predict(z @ back.T, which)

    def sloping(z: Floats, which: Problems) -> Floats:
        return np.asarray(np.einsum("mj,kmn->kjn", back, slopes(z @ back.T, which)))

    ((low, high),) = profiles(
        predicted, sloping, into @ fit.x, into @ fit.covariance @ into.T,
        np.concatenate([wells.value, fit.beforehand.centre / width]), np.concatenate([weights, np.ones(width.size)]),
        counted=np.concatenate([np.ones(wells.value.size, dtype=bool), fit.beforehand.known]), far=fit.times**2,
        times=fit.times, reach=REACH, follow=np.array([pivot]),
    )  # fmt: skip
    return float(low), float(high)


def _searched(
    dish: Dish, wells: Wells, beforehand: Beforehand, starts: Floats, weights: Floats, df: int
) -> tuple[Floats, Floats, Floats, tuple[float, float]]:
    """Logarithms at the minimum, weights, what the wells hold, and the residual variance; weights and fit in turn."""
    centre, width = beforehand.centre, beforehand.width
    y, noise, content = np.concatenate([wells.value, centre / width]), (FIRST**2, 0.0), np.ones(wells.value.size)
    for turn in range(ROUNDS):
        predict, slopes = _functions(dish, wells, weights, width)
        found = least_squares(
            predict, starts, np.broadcast_to(y, (len(starts), y.size)), np.concatenate([weights, np.ones(width.size)]),
            low=centre - 2 * REACH, high=centre + 2 * REACH, slopes=slopes, most_steps=60,
            tolerance=1e-6 if turn else COARSE,
        )  # fmt: skip
        if not np.isfinite(found.squares).any():
            raise SolveError("no run of the mechanism came through with these constants")
        starts = found.numbers[[int(np.nanargmin(found.squares))]]
        content = wells.content(dish.remaining(starts, wells.conditions, wells.times))[0]
        residuals = wells.value - wells.read(content[None], weights)[0]
        noise = _noise(content, residuals, df)
        weights = 1 / np.maximum(noise[0] + noise[1] * content**2, LEAST)
    return starts[0], weights, content, noise


def _information(dish: Dish, wells: Wells, x: Floats, content: Floats, weights: Floats) -> Floats:
    """J'J of the data, the controls' levels fitted along."""
    stepped = dish.remaining(dish.stepped(x[None]), wells.conditions, wells.times)
    J = dish.differences(wells.content(stepped))[0].T * np.sqrt(weights)[:, None]
    J = without(J, wells.nuisance(content) * np.sqrt(weights)[:, None])
    return np.asarray(J.T @ J)


def _contradicted(x: Floats, information: Floats, beforehand: Beforehand) -> int | None:
    """The record that the data contradict most, if any does: what was known of it and what is now differ by more than
    the one may from the other (their variances subtract, as the one is part of the other)."""
    after = np.diag(spread(information, beforehand.width))
    apart = np.sqrt(np.maximum(beforehand.width**2 - after, 1e-6 * beforehand.width**2))
    z = np.abs(x - beforehand.centre) / apart * (beforehand.known & ~beforehand.measured)
    return int(np.argmax(z)) if z.max() > CONTRADICTS else None


def _functions(dish: Dish, wells: Wells, weights: Floats, width: Floats) -> tuple[Predict, Predict]:
    """What `least_squares` calls: readings and, behind them, the constants over their range; and their slopes."""

    def predict(x: Floats, which: Problems) -> Floats:
        content = wells.content(dish.remaining(x, wells.conditions, wells.times))
        return np.concatenate([wells.read(content, weights), x / width], axis=1)

    def slopes(x: Floats, which: Problems) -> Floats:
        return dish.differences(predict(dish.stepped(x), which))

    return predict, slopes


def _starts(beforehand: Beforehand) -> Floats:
    """What is known beforehand, and each of the first two constants ten times up and down, or as far as is likely."""
    starts = [beforehand.centre]
    for i in range(min(2, beforehand.width.size)):
        for sign in (-1, 1):
            shifted = beforehand.centre.copy()
            shifted[i] += sign * min(APART, beforehand.width[i])
            starts.append(shifted)
    return np.array(starts)


def _noise(content: Floats, residuals: Floats, df: int) -> tuple[float, float]:
    """Additive and proportional part of the residual variance, over the residual degrees of freedom."""
    v = variance(content, residuals)
    v = v * float(np.sum(residuals**2 / v)) / df
    square = content**2
    if np.ptp(square) < 1e-9 or np.ptp(v) <= 0:
        return float(v[0]), 0.0
    low, high = int(np.argmin(square)), int(np.argmax(square))
    slope = float((v[high] - v[low]) / (square[high] - square[low]))
    return max(float(v[low] - slope * square[low]), 0.0), max(slope, 0.0)


def _effect(wells: Wells, weights: Floats, content: Floats, size: int, df: int) -> Test:
    """The fit against no effect at all: every treated well as an untreated one."""
    def squares(held: Floats) -> float:
        residuals = wells.value - wells.read(held[None], weights)[0]
        return float(weights @ residuals**2)

    untouched = np.where(wells.treated, 1.0, content)
    gained = (squares(untouched) - squares(content)) / size
    return Test(max(gained, 0.0) / max(squares(content) / df, LEAST), size, df)
