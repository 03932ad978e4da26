"""A layout and what its wells hold, read by an instrument that scatters.

    reading = scale x ((value + background) x plate x replicate x edge x well + additive)

`plate`, `replicate` and `well` are log-normal factors of mean 1, `edge` a shift of the outermost wells, `additive` a
normal error, and `background` what an empty well reads; all of them records (`data/noise/*.toml`), relative to the
untreated signal. Each draw has a stream of its own, keyed by (seed, plate, well): a well reads the same whatever
stands beside it. A replicate has a factor of its own when it has plates of its own (`layout(apart=True)`).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from cereblon.bench.plate.layout import Layout
from cereblon.bench.plate.readings import Floats, Readings
from cereblon.ground.errors import InputError
from cereblon.records.noise import Noise
from cereblon.records.noise import noise as noise_record

SIMULATED = "simulated, not measured"


def stream(seed: int, *purpose: str) -> np.random.Generator:
    """The random numbers of one purpose: (seed, plate, well)."""
    key = hashlib.sha256(":".join((str(seed), *purpose)).encode()).digest()[:16]
    return np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))


def measure(
    layout: Layout,
    response: ArrayLike | Callable[[Layout], ArrayLike],
    noise: str | Path | Noise | None = "luminescence",
    seed: int = 1,
    *,
    of: str = "signal",
    cell: str = "",
    time: float = math.nan,
    scale: float = 1.0,
) -> Readings:
    """Readings of a layout whose wells hold `response`: a value a well, 1 for untreated, or a function of the layout.

    `noise` is a record, its name or file, or None for none. `time` in h; `scale` is the untreated signal in counts.
    Another `of` or `time` is another reading of the same wells, with scatter of its own. Raises InputError for
    a response of another length or that is not finite, a seed that is no whole number, or unknown noise.

    >>> from cereblon.bench.plate.layout import layout, series
    >>> plan = layout(series("X", [1, 10]), replicates=2)
    >>> read = measure(plan, plan.response({"X": ([1, 10], [0.9, 0.2])}), seed=7)
    >>> bool(abs(read.only(role="untreated").value.mean() - 1) < 0.3)
    True
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError("a seed is a whole number, not below 0", found=repr(seed), example="1")
    held = np.asarray(response(layout) if callable(response) else response, dtype=np.float64)
    if held.shape != (layout.count,):
        raise InputError("the response has a value for each well", found=str(held.shape), expected=str(layout.count))
    bad = np.flatnonzero(~np.isfinite(held))
    if bad.size:
        raise InputError("a well has no value to be read", where=f"{layout.plate[bad[0]]} {layout.well[bad[0]]}",
                         found=f"{held[bad[0]]}")  # fmt: skip
    record = noise if isinstance(noise, Noise) or noise is None else noise_record(noise)
    value = held if record is None else _scattered(layout, held, record, int(seed), f"{of}:{time:g}")
    name = "no noise" if record is None else f"noise of {record.symbol}"
    return Readings(
        value=scale * value, concentration=layout.concentration, compound=layout.compound, role=layout.role,
        plate=layout.plate, well=layout.well, partner=layout.partner,
        partner_concentration=layout.partner_concentration, cell=np.asarray(cell), time=np.asarray(time),
        replicate=layout.replicate, of=of, notes=(f"{SIMULATED}: {name}, seed {seed}",),
    )  # fmt: skip


def _scattered(layout: Layout, held: Floats, record: Noise, seed: int, reading: str) -> Floats:
    well, plate, run = (record[f"{what}.CV"].coherent for what in ("well", "plate", "replicate"))
    shift, background, additive = (record[w].coherent for w in ("edge.shift", "signal.background", "signal.additive"))
    plates = {p: _factor(plate, stream(seed, p, reading)) for p in layout.plates}
    runs = {r: _factor(run, stream(seed, "replicate", f"{r:g}", reading)) for r in np.unique(layout.replicate)}
    out = np.empty(layout.count)
    for i in range(layout.count):
        draws = stream(seed, str(layout.plate[i]), str(layout.well[i]), reading)
        factor = _factor(well, draws) * plates[str(layout.plate[i])]
        if layout.edge[i]:
            factor *= 1 + shift
        out[i] = (held[i] + background) * factor + additive * draws.standard_normal()
    return out * np.array([runs[r] for r in layout.replicate]) if layout.apart else out


def _factor(CV: float, draws: np.random.Generator) -> float:
    """A log-normal factor of mean 1 and this coefficient of variation."""
    variance = math.log1p(CV * CV)
    return math.exp(math.sqrt(variance) * draws.standard_normal() - variance / 2)
