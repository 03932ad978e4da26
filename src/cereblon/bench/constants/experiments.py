"""The next experiment: each candidate simulated at the estimate, and what it would add to what is known.

    now, then    factor of the 95 % interval of each constant (x/÷), by the curvature, before and after
    decades      log10 of now over then, summed over the constants that are not identified: by it they are ranked
    bits         gain of information over all constants (`statistics.identifiability.gain`), which ranks ties

A candidate is a plate as the simulated ones of this bench are: ten concentrations in triplicate beside six untreated
wells and three blanks, a plate for each time, top and floor fitted along. A cell experiment scatters as the readings
do that were fitted; an assay in a tube as the noise of its record, its own constants taken for known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from cereblon.bench.constants.forward import STEP, Dish
from cereblon.bench.constants.search import Fit
from cereblon.bench.constants.wells import NEVER, Floats, Wells
from cereblon.bench.displacement import displacement
from cereblon.bench.readout import doses
from cereblon.bench.ternary import ternary
from cereblon.ground.quantity import Quantity, unit
from cereblon.model import Model
from cereblon.records.assay import Assay
from cereblon.records.compound import Compound
from cereblon.records.noise import noise as noise_record
from cereblon.statistics.identifiability import gain, spread, without

POINTS, REPLICATES, UNTREATED, BLANKS = 10, 3, 6, 3
HOURS = (0.5, 1.0, 2.0, 4.0, 8.0, 24.0, 48.0)  # at which a plate may be read
NEAR = 1.25  # a time within this factor of one that was read is no other
SHIFT = 30.0  # of the concentrations, up or down
Scatter = Callable[[Floats], Floats]
Numbers = dict[str, str | Quantity]
WASHED, AFTER = 4.0, (24.0, 48.0)  # h: a washing, and the readings after it


@dataclass(frozen=True)
class Experiment:
    """A candidate: `now` and `then` (P,) factors of the intervals, `decades` and `bits` that it gains, `plates`."""

    name: str
    plates: int
    now: Floats
    then: Floats
    decades: float
    bits: float
    information: Floats = field(repr=False)


def ranked(dish: Dish, fit: Fit, wells: Wells, glue: Compound, open_: Sequence[int]) -> tuple[Experiment, ...]:
    """The candidates, best first. `open_` are the positions of the constants that are not identified (all, if none)."""
    watched = list(open_) or list(range(len(dish.slots)))
    before = np.sqrt(np.diag(fit.covariance))
    found = []
    for name, plates, more in [*_of_cells(dish, fit, wells), *_of_tubes(dish, fit, glue)]:
        after = np.sqrt(np.diag(spread(fit.information + more, fit.beforehand.width)))
        decades = float(np.sum(before[watched] - after[watched])) * fit.times / math.log(10)
        bits = gain(fit.information, more, fit.beforehand.width)
        factors = np.exp(fit.times * np.stack([before, after]))
        found.append(Experiment(name, plates, factors[0], factors[1], decades, bits, more))
    return tuple(sorted(found, key=lambda one: (-round(one.decades, 6), -one.bits)))


def _of_cells(dish: Dish, fit: Fit, wells: Wells) -> list[tuple[str, int, Floats]]:
    """(name, plates, information) of dose-responses at other times and concentrations, and of washings."""
    given = np.unique(wells.conditions[:, 0])
    series = np.geomspace(given[0], given[-1], POINTS) if given.size > 1 else given[:1] * np.geomspace(0.1, 10, POINTS)
    read = wells.times[wells.times > 0]
    new = [hour for hour in HOURS if not any(hour / NEAR <= t <= hour * NEAR for t in read)]
    times = np.unique([*read, *HOURS, *(WASHED + after for after in AFTER)])
    sets = {"": (1.0, NEVER), "higher": (SHIFT, NEVER), "lower": (1 / SHIFT, NEVER), "washed": (1.0, WASHED)}
    conditions = np.concatenate([np.stack([series * by, np.full(POINTS, at)], axis=1) for by, at in sets.values()])
    shape = (-1, len(sets), POINTS, times.size)
    stepped = dish.remaining(dish.stepped(fit.x[None]), conditions, times)
    slopes = dish.differences(stepped)[0].reshape(shape)
    content = dish.remaining(fit.x[None], conditions, times).reshape(shape)[0]

    def information(which: str, hours: Sequence[float]) -> Floats:
        k = list(sets).index(which)
        parts = [int(np.searchsorted(times, hour)) for hour in hours]
        return np.sum([_plate(content[k, :, t], slopes[:, k, :, t], fit.sd) for t in parts], axis=0)

    same = [float(t) for t in read]
    said = " and ".join(f"{t:g}" for t in same)
    found = [(f"the same again, at {said} h", len(same), information("", same))] if same else []
    found += [(f"read at {hour:g} h", 1, information("", [hour])) for hour in new]
    if same:
        for which in ("higher", "lower"):
            low, high = (series[i] * sets[which][0] for i in (0, -1))
            name = f"{which} concentrations, {low:.2g} to {high:.2g} nM, at {said} h"
            found.append((name, len(same), information(which, same)))
    for after in AFTER:
        name = f"washed away at {WASHED:g} h, read {after:g} h later"
        found.append((name, 1, information("washed", [WASHED + after])))
    return found


def _of_tubes(dish: Dish, fit: Fit, glue: Compound) -> list[tuple[str, int, Floats]]:
    """(name, plates, information) of a tracer displacement and of the ternary complex, both TR-FRET in a tube."""
    names = {"affinity": f"{dish.glue}.CRBN.Kd", "closing": f"{dish.glue}.CRBN.K_c",
             "recruitment": f"{dish.glue}.{dish.of}.Kd"}  # fmt: skip
    place = {address: dish.slots.index(address) for address in names.values() if address in dish.slots}

    def numbers(x: Floats) -> Numbers:
        out: Numbers = {}
        for address, i in place.items():
            of = dish.model.values[address].unit
            out[address] = Quantity(float(np.exp(x[i])) / unit(of).factor, of)
        return out

    def steps(read: Callable[[Numbers], Floats], moved: Sequence[str]) -> Floats:
        slopes = np.zeros((fit.x.size, POINTS))
        for address in moved:
            shift = np.zeros(fit.x.size)
            shift[place[address]] = STEP
            up, down = (read(numbers(fit.x + sign * shift)) for sign in (1, -1))
            slopes[place[address]] = (up - down) / (2 * STEP)
        return slopes

    found = []
    if names["affinity"] in place:
        only = names["affinity"]
        one = displacement(glue, "TR_FRET", changes={only: numbers(fit.x)[only]})
        given, (top, none) = doses(None, one.IC50, one.concentrations), one.ends

        def left(changes: Numbers) -> Floats:
            return displacement(glue, "TR_FRET", concentrations=given, changes={only: changes[only]}).left

        scatter = _scatter(one.model, none / top)
        found.append(("tracer displacement in a tube (TR-FRET)", 1,
                      _plate(left(numbers(fit.x)), steps(left, [only]), scatter)))  # fmt: skip
    if place and dish.of in glue.neosubstrates:
        joined = ternary(glue, dish.of, changes=numbers(fit.x))
        amounts = doses(None, joined.EC50, joined.concentrations)

        def signal(changes: Numbers) -> Floats:
            curve = ternary(glue, dish.of, concentrations=amounts, changes=changes)
            return np.asarray(curve.signal / curve.bottom)

        scatter = _scatter(joined.model, 0.0)
        found.append(("ternary complex in a tube (TR-FRET)", 1,
                      _plate(signal(numbers(fit.x)), steps(signal, list(place)), scatter, floor=False)))  # fmt: skip
    return found


def _scatter(model: Model, none: float) -> Scatter:
    """The standard deviation of a reading in a tube, in shares of the way from its floor `none` to its top, 1."""
    noise = noise_record(next(r.noise for r in model.records if isinstance(r, Assay)))
    CV, background, additive = (noise[a].coherent for a in ("well.CV", "signal.background", "signal.additive"))

    def sd(content: Floats) -> Floats:
        reading = none + (1 - none) * content
        return np.asarray(np.hypot(CV * (reading + background), additive) / (1 - none))

    return sd


def _plate(content: Floats, slopes: Floats, sd: Scatter, floor: bool = True) -> Floats:
    """Information (P, P) of one plate: `content` (n,) of its points, `slopes` (P, n), beside its controls."""
    controls = [1.0] * UNTREATED + [0.0] * (BLANKS if floor else 0)
    held = np.concatenate([np.repeat(content, REPLICATES), controls])
    J = np.concatenate([np.repeat(slopes, REPLICATES, axis=1).T, np.zeros((len(controls), len(slopes)))])
    scale = np.stack([held, np.ones_like(held)], axis=1)[:, : 1 + floor]
    by = 1 / sd(held)[:, None]
    left = without(J * by, scale * by)
    return np.asarray(left.T @ left)
