"""Read-outs: a simulated dose-response on a plate, read, so that the analysis of a user's own file reads it back.

    doses       the concentrations of the plate, a dilution series around the middle of the curve
    read        layout with its controls, response of each well over the untreated one, scatter of the instrument

A Western blot is read lane by lane: how much lysate stands in a lane varies, the band saturates, and the loading
control takes out the one but not the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.curve import Floats
from cereblon.bench.degradation import ascending
from cereblon.bench.plate import Layout, Readings, layout, measure, serial, series
from cereblon.bench.plate.noise import stream
from cereblon.ground.errors import InputError
from cereblon.ground.quantity import Estimate
from cereblon.records.assay import Assay
from cereblon.records.assay import assay as assay_record
from cereblon.records.noise import Noise

POINTS, FOLD, ABOVE = 10, 10**0.5, 10**2.25  # a series of half decades, its middle on the middle of the curve
WESTERN = "unmodified"

Scatter = str | Path | Noise | None
DEFAULT = "default"  # the scatter of the read-out's own record


def doses(given: ArrayLike | None, middle: Estimate, tested: Floats) -> Floats:
    """The concentrations (nM) of a plate: those given, or a series around the middle of the curve, where it has one.

    Raises InputError for concentrations that are not positive and ascending.
    """
    if given is not None:
        return ascending(given)
    centre = middle.value if np.isfinite(middle.value) else float(np.sqrt(tested[0] * tested[-1]))
    return np.array([float(f"{dose:.3g}") for dose in serial(centre * ABOVE, POINTS, FOLD)])


def read(
    curves: Mapping[str, tuple[Floats, Floats]],
    *,
    noise: Scatter,
    replicates: int = 3,
    seed: int = 1,
    plate: int = 96,
    positive: float | None = None,
    blank: float | None = 0.0,
    untreated: float = 1.0,
    scale: float = 1.0,
    of: str = "signal",
    cell: str = "",
    time: float = np.nan,
    name: str = "P",
    lanes: Assay | None = None,
) -> Readings:
    """Readings of curves (compound -> concentrations in nM, response), each point `replicates` times, wells shuffled.

    `positive` and `blank` are what the wells of those controls hold (None: there are none); responses are over the
    untreated well, except for shares, whose `untreated` may be 0. `lanes` is the record of a blot. Plates are called
    after `name`, which keys their scatter: another compound's plate scatters otherwise. Raises InputError as `layout`
    and `measure` do.
    """
    wanted = [one for compound, (x, _) in curves.items() for one in series(compound, x)]
    plan = layout(
        wanted,
        replicates=replicates,
        size=plate,
        untreated=6,
        positive=0 if positive is None else 6,
        blank=0 if blank is None else 3,
        seed=seed,
        plate=name,
    )
    held = plan.response(
        curves,
        untreated=untreated,
        positive=0.0 if positive is None else positive,
        blank=0.0 if blank is None else blank,
    )
    if lanes is not None:
        held = _lanes(plan, held, lanes, seed)
    return measure(plan, held, noise, seed, of=of, cell=cell, time=time, scale=scale)


def as_readout(readout: str | Path | Assay, reads: Sequence[str]) -> Assay:
    """The record of a read-out that sees one of `reads`; InputError for another."""
    one = readout if isinstance(readout, Assay) else assay_record(readout)
    if one.reads not in reads:
        raise InputError(
            "this read-out does not see what this assay makes",
            where=one.name,
            found=one.reads or f"a {one.kind} assay",
            expected=f"a read-out of {' or '.join(reads)}",
        )
    return one


def scatter(noise: Scatter, record: Assay) -> Scatter:
    """The scatter that was asked for, or the read-out's own."""
    return record.noise if noise == DEFAULT else noise


def _lanes(plan: Layout, held: Floats, blot: Assay, seed: int) -> Floats:
    """Band over loading control, 1 for an untreated lane of mean load."""
    K, CV = blot["band.K"].coherent, blot["loading.CV"].coherent
    spread = float(np.sqrt(np.log1p(CV**2)))
    draws = [
        stream(seed, "load", str(p), str(w)).standard_normal() for p, w in zip(plan.plate, plan.well, strict=True)
    ]
    load = np.exp(spread * np.array(draws) - spread**2 / 2)
    there = np.maximum(held, 0.0) * load
    return np.asarray(there * (1 + K) / (there + K) / load)
