"""Dose-response curves fitted to readings: parameters with intervals, and flags where the readings do not give one.

    fit(x, y)              one curve
    fit_together(curves)   several, with shared parameters, or with a common residual variance

The shapes and the sign of the Hill coefficient stand in `shape`. Standard errors are those of the delta method with the
residual variance over n - p, as in the R package drc; intervals come from the profile of the sum of squares (or from
the delta method, in log EC50 and log h). An EC50 outside the tested concentrations is no number: it comes back as NaN
with a note and a bound. A curve no better than a flat line (F test, 5 %) has no EC50 either.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cereblon.ground.errors import InputError
from cereblon.statistics.bounded import within
from cereblon.statistics.estimates import Fit
from cereblon.statistics.problem import Piece, Problem, Solution, best, solve, starts
from cereblon.statistics.profile import covariance
from cereblon.statistics.residuals import outliers as standing_out
from cereblon.statistics.residuals import variance
from cereblon.statistics.scale import Scale
from cereblon.statistics.shape import BOTTOM, NATURAL, TOP, Floats, Shape, shape

WEIGHTS = ("none", "1/Y", "1/Y2", "1/SD2", "variance")
OUTLIERS = ("flag", "remove", "ignore")
INTERVALS = ("profile", "delta")
FITTED = ("1/Y", "1/Y2", "variance")
ROUNDS = 30
STILL = {"1/Y": 1e-9, "1/Y2": 1e-9, "variance": 1e-7}  # change of a parameter, at which weights and curve agree
FURTHEST = 1e100  # readings are squared
MOST_SLOPES = 10_000_000  # readings x parameters of curves that share one: their Jacobian is 80 MB
OTHER_SCALE = 10  # times the largest reading, past which a plateau that is held is on another scale
SMALLEST = 0.01  # of the largest fitted reading: below it the weight 1/Y does not grow further

Weights = str | ArrayLike | None


def fit(
    x: ArrayLike,
    y: ArrayLike,
    model: str = "4PL",
    *,
    fixed: Mapping[str, float] | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    weights: Weights = None,
    interval: str = "profile",
    level: float = 0.95,
    outliers: str = "flag",
    direction: int | None = None,
    unit: str = "1",
) -> Fit:
    """The least-squares curve of readings y (n) at concentrations x (n, 0 or above, in `unit`); NaN in y is missing.

    `model` is 2PL (0 to 1), 3PL (bottom 0), 4PL, 5PL, weibull1, weibull2 or drc's name of one; `fixed` holds further
    parameters, `bounds` keeps bottom, top, EC50 or hill in a range. `weights` are numbers (inverse variances up to a
    factor), or 1/Y, 1/Y2 (of the fitted reading), variance (an additive and a proportional error, estimated), 1/SD2 (of
    the replicates). `outliers` are flagged, removed or ignored. `direction` -1 looks at falling curves alone, 1 at
    rising ones. Raises InputError for readings that cannot be fitted: too few of them or of their concentrations,
    a negative or infinite one.

    >>> found = fit([0, 1, 10, 100, 1000], [10.0, 9.5, 6.6, 2.3, 1.2])
    >>> print(found.EC50.note or round(found.EC50.value))
    16
    """
    given = weights if weights is None or isinstance(weights, str) else {"": weights}
    return fit_together(
        {"": (x, y)}, model, fixed=fixed, bounds=bounds, weights=given, interval=interval, level=level,
        outliers=outliers, direction=direction, unit=unit,
    )[""]  # fmt: skip


def fit_together(
    curves: Mapping[str, tuple[ArrayLike, ArrayLike]],
    model: str = "4PL",
    *,
    share: Iterable[str] = (),
    pooled: bool = False,
    fixed: Mapping[str, float] | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    weights: str | Mapping[str, ArrayLike] | None = None,
    interval: str = "profile",
    level: float = 0.95,
    outliers: str = "flag",
    direction: int | None = None,
    unit: str = "1",
) -> dict[str, Fit]:
    """Name -> curve, of readings name -> (x, y). `share` are parameters that all curves have in common.

    Sharing pools the residual variance; `pooled` does so without sharing (as drc does for the curves of one call).
    Everything else as in `fit`, `weights` by name. Raises InputError naming the curve.
    """
    form = shape(model, fixed)
    common = _common(share, form)
    _check_options(interval, level, outliers, weights, bounds, common, direction)
    data = {name: _checked(name, x, y, form) for name, (x, y) in curves.items()}
    if not data:
        raise InputError("there is no curve to fit")
    given = {name: _given(name, weights, *xy) for name, xy in data.items()}
    groups = [list(data)] if common else [[name] for name in data]
    out: dict[str, Fit] = {}
    for group in groups:
        out |= _fitted(
            {n: (*data[n], given[n]) for n in group}, form, common, bounds or {}, weights, interval, level, outliers,
            direction, unit,
        )  # fmt: skip
    return pooled_variance(out) if pooled and not common else out


def pooled_variance(fits: Mapping[str, Fit]) -> dict[str, Fit]:
    """The same curves with one residual variance, from the residuals of all of them."""
    RSS, df = sum(f.group_RSS for f in fits.values()), sum(f.df for f in fits.values())
    return {name: f.with_variance(RSS / df if df > 0 else math.nan, df) for name, f in fits.items()}


def _common(share: Iterable[str], form: Shape) -> tuple[int, ...]:
    """The columns of the shared parameters."""
    names = [share] if isinstance(share, str) else list(share)
    for name in names:
        if name not in NATURAL or name in form.fixed:
            free = [n for n in NATURAL if n not in form.fixed]
            raise InputError("this parameter cannot be shared", where="share", found=str(name),
                             expected=", ".join(free))  # fmt: skip
    return tuple(sorted({NATURAL.index(name) for name in names}))


def _check_options(
    interval: str,
    level: float,
    outliers: str,
    weights: object,
    bounds: Mapping[str, tuple[float, float]] | None,
    common: tuple[int, ...],
    direction: int | None,
) -> None:
    for what, found, allowed in (("interval", interval, INTERVALS), ("outliers", outliers, OUTLIERS)):
        if found not in allowed:
            raise InputError(f"{what} is one of {', '.join(allowed)}", where=what, found=str(found), example=allowed[0])
    if isinstance(weights, str) and weights not in WEIGHTS:
        raise InputError("unknown weights", where="weights", found=weights, expected=", ".join(WEIGHTS), example="1/Y2")
    if not 0 < level < 1:
        raise InputError("a level lies between 0 and 1", found=str(level), example="0.95")
    if direction not in (None, -1, 1):
        raise InputError("a direction is -1 (falls) or 1 (rises)", found=str(direction))
    if bounds and common:
        raise InputError("bounds are for curves that share nothing")
    for name, (low, high) in (bounds or {}).items():
        if name not in NATURAL[:4] or not low < high:
            raise InputError("a bound is a range of bottom, top, EC50 or hill", found=f"{name}: {low} to {high}",
                             example='bounds={"hill": (0.1, 5)}')  # fmt: skip


def _checked(name: str, x: ArrayLike, y: ArrayLike, form: Shape) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Concentrations and readings without the missing ones, and where those that are left stood."""
    where = name or ""
    dose, value = (np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in (x, y))
    if dose.shape != value.shape or dose.ndim != 1:
        raise InputError("a concentration and a reading belong together", where=where,
                         found=f"{dose.size} and {value.size}")  # fmt: skip
    there = ~np.isnan(value)
    far = np.abs(value) > FURTHEST
    if far.any():
        raise InputError("a reading is out of range", where=where, found=f"{value[far][0]:g}, reading "
                         f"{int(np.argmax(far)) + 1}")  # fmt: skip
    bad = ~(np.isfinite(dose) & (dose >= 0)) & there
    if bad.any():
        raise InputError("a concentration is a number not below 0", where=where, found=f"{dose[bad][0]:g}")
    kept = np.flatnonzero(there)
    dose, value = dose[kept], value[kept]
    free = len(NATURAL) - len(form.fixed)
    doses = np.unique(dose)
    if value.size < free or doses.size < min(free, 4) or (doses > 0).sum() < 2:
        raise InputError(
            f"too few readings for a {form.name} curve", where=where,
            found=f"{value.size} readings at {doses.size} concentrations ({int((doses > 0).sum())} above 0)",
            expected=f"at least {free} readings at {max(2, min(free, 4))} concentrations, 2 of them above 0; or hold "
            "parameters", example='model="3PL"',
        )  # fmt: skip
    _on_their_scale(value, form, where)
    return dose, value, kept


def _on_their_scale(value: Floats, form: Shape, where: str) -> None:
    """Raise InputError for a plateau that is held where no curve through the readings can have it: 5 on shares, say."""
    low, high = float(value.min()), float(value.max())
    span, most = high - low, OTHER_SCALE * max(abs(low), abs(high))
    for name, past in (("bottom", "above"), ("top", "below")):
        held = form.fixed.get(name)
        if held is None:
            continue
        wrong = held - high if past == "above" else low - held
        if wrong > span > 0 or (most > 0 and max(held - high, low - held) > most):
            raise InputError(f"the {name} is held where no reading is: on another scale?", where=where,
                             found=f"{name} {held:g}, readings from {low:.4g} to {high:.4g}",
                             expected="a number on the scale of the readings")  # fmt: skip


def _given(name: str, weights: object, x: Floats, y: Floats, kept: NDArray[np.int64]) -> Floats:
    """The weights of one curve before any fit."""
    if weights is None or isinstance(weights, str):
        return _by_replicates(name, x, y) if weights == "1/SD2" else np.ones(x.size)
    assert isinstance(weights, Mapping)
    w = np.atleast_1d(np.asarray(weights[name], dtype=np.float64))
    if w.ndim != 1 or w.size <= int(kept.max(initial=0)):
        raise InputError("a weight for each reading is needed", where=name, found=str(w.size))
    w = w[kept]
    if not (np.isfinite(w).all() and (w >= 0).all() and w.any()):
        raise InputError("weights are numbers not below 0, not all 0", where=name)
    return np.asarray(w)


def _by_replicates(name: str, x: Floats, y: Floats) -> Floats:
    """1 / variance of the replicates of each concentration."""
    _, dose = np.unique(x, return_inverse=True)
    count = np.bincount(dose)
    mean = np.bincount(dose, y) / count
    within = np.bincount(dose, (y - mean[dose]) ** 2)
    if (count < 2).any() or (within == 0).any():
        raise InputError("weights of 1/SD2 need two different replicates at every concentration", where=name,
                         expected="replicates, or other weights", example="1/Y2")  # fmt: skip
    return np.asarray(((count - 1) / within)[dose])


Data = tuple[Floats, Floats, NDArray[np.int64], Floats]


def _fitted(
    data: Mapping[str, Data],
    form: Shape,
    common: tuple[int, ...],
    bounds: Mapping[str, tuple[float, float]],
    weights: object,
    interval: str,
    level: float,
    outliers: str,
    direction: int | None,
    unit: str,
) -> dict[str, Fit]:
    """The curves of one group: one curve, or all that share parameters."""
    scale = Scale.of([(x, y) for x, y, _, _ in data.values()])
    w = [one[3] for one in data.values()]
    problem, solution = _solved(data, w, form, common, bounds, scale, direction)
    if weights in FITTED:
        problem, solution, w = _reweighted(problem, solution, scale, str(weights))
    notes: tuple[str, ...] = ()
    flagged = np.zeros(problem.count, dtype=bool)
    if outliers != "ignore":
        flagged = standing_out(problem, solution, float(scale.y(np.zeros(1))[0]))
        if outliers == "remove" and flagged.any():
            left = _without(data, flagged, w)
            fits = _fitted(left, form, common, bounds, None, interval, level, "ignore", direction, unit)
            cuts = np.cumsum([one[0].size for one in data.values()])[:-1]
            gone = dict(zip(data, np.split(flagged, cuts), strict=True))
            return {n: f.without(data[n][2][gone[n]]) if gone[n].any() else f for n, f in fits.items()}
    rows = problem.full(solution.theta)
    inverses = covariance(problem, solution)
    df = problem.count - problem.size
    out: dict[str, Fit] = {}
    first = 0
    for k, (name, (x, y, kept, _)) in enumerate(data.items()):
        index = problem.index[k]
        free = index >= 0
        spreads = [np.zeros((5, 5)), np.zeros((5, 5))]
        for spread, inverse in zip(spreads, inverses, strict=True):
            spread[np.ix_(free, free)] = inverse[np.ix_(index[free], index[free])]
        mine = flagged[first : first + x.size]
        first += x.size
        out[name] = Fit(
            name=name, shape=form, unit=unit, level=level, interval=interval, x=x, y=y, weights=w[k],
            direction=problem.pieces[k].direction, theta=scale.natural(rows[k]),
            spread=scale.spread(spreads[0]), expected=scale.spread(spreads[1]),
            free=free, group_RSS=solution.RSS * scale.width**2, df=df, outliers=kept[mine],
            notes=notes, scale=scale, problem=problem, solution=solution, place=k,
        )  # fmt: skip
    return out


def _without(data: Mapping[str, Data], flagged: NDArray[np.bool_], w: Sequence[Floats]) -> dict[str, Data]:
    out: dict[str, Data] = {}
    first = 0
    for k, (name, (x, y, kept, _)) in enumerate(data.items()):
        good = ~flagged[first : first + x.size]
        out[name] = (x[good], y[good], kept[good], w[k][good])
        first += x.size
    return out


def _solved(
    data: Mapping[str, Data],
    w: Sequence[Floats],
    form: Shape,
    common: tuple[int, ...],
    bounds: Mapping[str, tuple[float, float]],
    scale: Scale,
    direction: int | None,
) -> tuple[Problem, Solution]:
    """The least sum of squares: each curve by itself, then together from there."""
    held = scale.held(form.fixed)
    readings = sum(x.size for x, *_ in data.values())
    if common and readings * len(data) * int(np.isnan(held).sum()) > MOST_SLOPES:
        raise InputError("too many curves to share a parameter", found=f"{len(data)} curves, {readings} readings",
                         expected=f"parameters x readings at most {MOST_SLOPES:,}")  # fmt: skip
    alone = [
        _alone(Piece(scale.u(x), scale.y(y), np.sqrt(v), 1), form, held, direction)
        for (x, y, _, _), v in zip(data.values(), w, strict=True)
    ]
    if not common:
        problem, solution = alone[0]
        return within(problem, solution, scale.bounds(bounds)) if bounds else (problem, solution)
    pieces = [problem.pieces[0] for problem, _ in alone]
    rows = np.array([problem.full(solution.theta)[0] for problem, solution in alone])
    tops = np.array([abs(row[TOP] - row[BOTTOM]) for row in rows])
    way = int(pieces[int(np.argmax(tops))].direction) if direction is None else direction
    turned = form.family == "logistic" and form.fixed.get("asymmetry") == 1.0
    if turned and {BOTTOM, TOP} & set(common):  # a flat curve fits either way round; it follows the clearest one
        for k, piece in enumerate(pieces):
            if piece.direction != way and not {"bottom", "top"} & form.fixed.keys():
                rows[k, [BOTTOM, TOP]] = rows[k, [TOP, BOTTOM]]
                pieces[k] = replace(piece, direction=way)
    index = np.full((len(pieces), 5), -1)
    following = 0
    for column in range(5):
        if not np.isnan(held[column]):
            continue
        for k in range(len(pieces)):
            if column in common and k > 0:
                index[k, column] = index[0, column]
            else:
                index[k, column], following = following, following + 1
    problem = Problem(form, tuple(pieces), index, np.broadcast_to(held, index.shape))
    theta = np.empty(following)
    for k in range(following):
        theta[k] = np.median(rows[index == k])
    low, high = problem.limits
    return problem, solve(problem, np.clip(theta, low, high))


def _alone(piece: Piece, form: Shape, held: Floats, direction: int | None) -> tuple[Problem, Solution]:
    index = np.where(np.isnan(held), np.cumsum(np.isnan(held)) - 1, -1)[None, :]
    symmetric = form.family == "logistic" and "asymmetry" in form.fixed and form.fixed["asymmetry"] == 1.0
    either = symmetric and not {"bottom", "top"} & form.fixed.keys()
    ways: tuple[int, ...] = (direction,) if direction is not None else (-1,) if either else (-1, 1)

    def problem(way: int) -> Problem:
        return Problem(form, (replace(piece, direction=way),), index, held[None, :])

    turn = either and direction is None
    return best(problem, starts(piece, form, held, ways, turn), turn)


def _reweighted(
    problem: Problem, solution: Solution, scale: Scale, weights: str
) -> tuple[Problem, Solution, list[Floats]]:
    """Weights by the fitted readings, and the fit with them, in turns until both stand still."""
    cuts = np.cumsum([piece.y.size for piece in problem.pieces])[:-1]
    y = np.concatenate([piece.y for piece in problem.pieces])
    w = [piece.root_w**2 for piece in problem.pieces]
    for _ in range(ROUNDS):
        rows = problem.full(solution.theta)
        values = [
            problem.shape.curve(p.u, row, p.direction)[0] for p, row in zip(problem.pieces, rows, strict=True)
        ]
        fitted = np.concatenate(values)
        reading = np.abs(scale.reading(fitted))
        largest = float(reading.max())
        if not largest > 0:
            break
        if weights == "variance":
            v = variance(reading, fitted - y)
            column = v.max() / v
        else:
            column = (largest / np.maximum(reading, SMALLEST * largest)) ** (1 if weights == "1/Y" else 2)
        w = np.split(column, cuts)
        problem = problem.weighted([np.sqrt(one) for one in w])
        found = solve(problem, solution.theta)
        done = np.abs(found.theta - solution.theta).max() < STILL[weights]
        solution = found
        if done:
            break
    return problem, solution, w
