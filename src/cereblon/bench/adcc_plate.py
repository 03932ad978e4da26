"""The LDH plates of an ADCC assay: every condition of one series in replicate wells, with all controls beside it.

    sample      targets, effectors, antibody, drug             effector   effectors alone, at each E:T
    target      targets alone, with each drug                  maximum    the same with lysis buffer on top
    blank       medium                                         volume     medium with lysis buffer

LDH is over what the plated targets hold, the reading `LDH.OD` times that, with the scatter of an absorbance reader.
A plate holds whole arms, each with its own controls, in shuffled wells.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cereblon.bench.ldh_file import EFFECTOR, MAXIMUM, TARGET, VOLUME
from cereblon.bench.plate.layout import SIZES, Layout, on_edge, places, split
from cereblon.bench.plate.noise import measure, stream
from cereblon.bench.plate.readings import BLANK, SAMPLE, Readings
from cereblon.ground.errors import InputError
from cereblon.records.noise import Noise

if TYPE_CHECKING:
    from cereblon.bench.adcc import ADCC

SERIES = ("antibody", "ratio")


class Well(NamedTuple):
    """What is in a well, and the LDH in its medium over that of the plated targets."""

    role: str
    drug: str = ""
    level: float = 0.0
    antibody: float = 0.0
    ratio: float = 0.0
    LDH: float = 0.0
    replicate: int = 1


def plate(
    assay: ADCC, series: str = "antibody", replicates: int = 3, *, size: int = 96,
    noise: str | Path | Noise | None = "absorbance", seed: int = 1,
) -> Readings:  # fmt: skip
    """Readings (optical density) of one series as `bench.ldh` takes them; see `ADCC.plate`."""
    if series not in SERIES:
        raise InputError("no plate is read of this", found=series, expected=" or ".join(SERIES), example="antibody")
    if isinstance(replicates, bool) or not isinstance(replicates, int) or replicates < 1:
        raise InputError("replicates are a whole number of wells", found=repr(replicates), example="3")
    if size not in SIZES:
        raise InputError("a plate has 96 or 384 wells", found=str(size), example="384")
    parts = [_read(assay, name, wells, size, noise, seed) for name, wells in _plates(assay, series, replicates, size)]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole


def _plates(assay: ADCC, series: str, replicates: int, size: int) -> Iterator[tuple[str, list[Well]]]:
    """Name and wells of each plate: as many arms as it holds, with their controls."""
    arms = list(dict.fromkeys(assay["compound"]))
    number = 1
    while arms:
        for many in range(len(arms), 0, -1):
            wells = [w._replace(replicate=r + 1) for w in _wells(assay, series, arms[:many]) for r in range(replicates)]
            if len(wells) <= size:
                break
        else:
            raise InputError("one arm with its controls does not fit on a plate", found=f"{len(wells)} wells",
                             expected=f"at most {size}: fewer replicates, a shorter series, or size=384")  # fmt: skip
        yield f"P{number}", wells
        arms, number = arms[many:], number + 1


def _wells(assay: ADCC, series: str, arms: list[str]) -> Iterator[Well]:
    c, design = assay.columns, assay.design
    dish = next(record for record in assay.model.records if record.kind == "dish")
    V, v = dish["medium.volume"].coherent, dish["buffer.volume"].coherent
    ratios = {}
    for arm in arms:
        rows = np.flatnonzero((c["series"] == series) & (c["compound"] == arm))
        if series == "antibody":  # and the same without antibody
            none = (c["series"] == "arms") & (c["compound"] == arm) & (c["antibody"] == 0) & (c["ratio"] > 0)
            rows = np.append(np.flatnonzero(none), rows)
        level = {design.glue: design.concentration, design.comparator: design.comparator_at, "": 0.0}[arm]
        for i in rows:
            ratios[float(c["ratio"][i])] = float(c["LDH_effector"][i])
            yield Well(SAMPLE, arm, level, c["antibody"][i], c["ratio"][i], c["LDH"][i] + c["LDH_effector"][i])
        yield Well(TARGET, arm, level, LDH=c["spontaneous"][rows[0]])
        yield Well(MAXIMUM, arm, level, LDH=c["LDH_maximum"][rows[0]] * V / (V + v))
    for ratio, LDH in ratios.items():
        yield Well(EFFECTOR, ratio=ratio, LDH=LDH)
    yield Well(BLANK)
    yield Well(VOLUME)


def _read(
    assay: ADCC, name: str, wells: list[Well], size: int, noise: str | Path | Noise | None, seed: int
) -> Readings:
    there = places(size)
    order = stream(seed, name, "places").permutation(len(there))[: len(wells)]
    rows = sorted(zip((there[i] for i in order), wells, strict=True), key=lambda row: split(row[0]))
    filled = [well for _, well in rows]
    layout = Layout(
        plate=np.full(len(rows), name),
        well=np.array([place for place, _ in rows]),
        role=np.array([w.role for w in filled]),
        compound=np.array([assay.design.antibody if w.antibody else "" for w in filled]),
        concentration=np.array([w.antibody for w in filled], dtype=float),
        partner=np.array([w.drug for w in filled]),
        partner_concentration=np.array([w.level for w in filled], dtype=float),
        replicate=np.array([float(w.replicate) for w in filled]),
        edge=np.array([on_edge(place, size) for place, _ in rows]),
        size=size,
    )
    dish = next(record for record in assay.model.records if record.kind == "dish")
    held = np.array([w.LDH for w in filled], dtype=float)
    read = measure(layout, held, noise, seed, of="LDH", cell=assay.model.stands["tumour"], scale=dish["LDH.OD"].value)
    return read.replace(group=np.array([f"{w.ratio:g}" if w.ratio else "" for w in filled]))
