"""Experiments on myeloma lines and on T and NK cells, for the rows that report what a cell does.

Intervals are draws of the records' numbers that no calibration has set, not weighted (see `laboratory`).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from cereblon.bench.curve import around, crossing
from cereblon.evidence.calibrate_fate import GONE, HSU, LEFT
from cereblon.evidence.cell_claims import half_rise
from cereblon.evidence.effects import subjects
from cereblon.evidence.laboratory import COARSE, Floats, Laboratory, Simulated, interval, mean_glue
from cereblon.evidence.rows import Row
from cereblon.ground.quantity import Quantity, unit
from cereblon.model import exposure
from cereblon.model.culture import blood, culture, silenced
from cereblon.records.cell import cell
from cereblon.records.compound import Compound, compound
from cereblon.records.regimen import hours

MOST = 100  # draws: cells take longer than a binding curve
DAYS = "5 d"
LINE = "H929"
NAMED = {"arrest in G1": "cell.G1_fraction", "caspase and sub-G1": "cell.annexin"}
AT_ONCE = 0.1  # h a stage of the delay, for a rival in which cells die as soon as they are told
NOT_WEIGHTED = "numbers drawn, not weighted"


def growth_inhibition(row: Row, lab: Laboratory) -> Simulated:
    """IC50 of living cells over control on the row's day, or over the DC50 of the row's protein at 4 h."""
    draws = min(lab.draws, MOST)

    def read(glue: Compound, count: int) -> Floats:
        found = _IC50(glue, row.cell or LINE, row.at or DAYS, count, lab.seed)
        if row.quantity != "IC50/DC50":
            return found / unit(row.unit).factor
        bench = lab if count > 1 else Laboratory(lab.seed, 1)
        return np.asarray(found / bench.dish(glue, row.cell, "4 h").read("DC50", row.of)[: count + 1])

    values, null = read(compound(row.compound), draws), read(mean_glue(), 1)
    where = f"{row.cell or LINE}, {row.at or DAYS}, one addition; {NOT_WEIGHTED}"
    return Simulated(float(values[0]), *interval(values), float(null[0]), says=where)


def survival(row: Row, lab: Laboratory) -> Simulated:
    """Share of a well's cells that live, at the concentration that the setting begins with ("10 uM in the medium")."""
    given = np.array([Quantity.parse(row.setting.partition(" in ")[0]).to("nM").value])

    def read(line: str, draws: int) -> Floats:
        model = culture(row.compound, line)
        vary = subjects(model, 1, draws, lab.seed)
        doses = exposure(model, {row.compound: np.tile(given, draws + 1)})
        run = model.simulate([0.0, float(hours(row.at))], doses, vary=vary, observe=["cell.viability"], rtol=1e-4)
        return np.asarray(run["cell.viability"][:, -1])

    values = read(row.cell, min(lab.draws, MOST))
    return Simulated(float(values[0]), *interval(values), float(read(LINE, 1)[0]), says=f"{row.at}; {NOT_WEIGHTED}")


def knock_down(row: Row, lab: Laboratory) -> Simulated:
    """What one factor's loss takes of MYC, IRF4 or growth, or the annexin it brings, in a line without a glue."""
    model, draws = silenced(LINE), min(lab.draws, MOST)
    numbers = {slot: np.repeat(column, 2) for slot, column in subjects(model, 1, draws, lab.seed).items()}
    numbers |= {
        "IKZF1.production.inhibition@tumour": np.tile([0.0, 1 - LEFT], draws + 1),
        "IKZF1.t_half@tumour": np.full(2 * (draws + 1), GONE),
    }
    seen = {"growth": "cell.alive", "annexin": "cell.annexin"}.get(row.of, row.of)
    run = model.simulate([0.0, float(hours(row.at))], vary=numbers, observe=[seen], rtol=1e-4)
    control, silent = run[seen][:, -1].reshape(draws + 1, 2).T
    values = silent if row.of == "annexin" else 1 - silent / control
    says = f"{LINE}, IKZF1 alone, {LEFT:g} left, days from its loss; {NOT_WEIGHTED}"
    return Simulated(float(values[0]), *interval(values), 0.0, says=says)


def onset(row: Row, lab: Laboratory) -> Simulated:
    """Time to half of the rise of the share in G1, or of annexin, under pomalidomide at 100 times its affinity."""
    model = culture("pomalidomide", row.cell)
    vary = subjects(model, 1, min(lab.draws, MOST), lab.seed)
    vary = {slot: np.append(column, column[0]) for slot, column in vary.items()}
    vary["apoptosis.tau@tumour"][-1] = AT_ONCE
    times = np.linspace(0.0, 120.0, 61)
    level = 100 * model["pomalidomide.CRBN.Kd"].coherent
    doses = exposure(model, {"pomalidomide": np.full(next(iter(vary.values())).size, level)})
    seen = NAMED[row.description]
    run = model.simulate(times, doses, vary=vary, observe=[seen], rtol=1e-4)
    values = np.array([half_rise(times, y) for y in run[seen]]) / unit(row.unit).factor
    says = f"half of the rise, pomalidomide; {NOT_WEIGHTED}"
    return Simulated(float(values[0]), *interval(values[:-1]), float(values[-1]), says=says)


def IL2_release(row: Row, lab: Laboratory) -> Simulated:
    """EC50 or plateau of IL-2 of T cells under anti-CD3 at 24 h; without a compound, under lenalidomide."""
    glue = compound(row.compound or "lenalidomide")

    def read(one: Compound, draws: int) -> Floats:
        model = blood(one)
        given, vary = around(model[f"{one.name}.CRBN.Kd"].coherent)[::COARSE], subjects(model, 1, draws, lab.seed)
        doses = exposure(model, {one.name: np.tile(given, draws + 1)})
        vary = {slot: np.repeat(column, given.size) for slot, column in vary.items()}
        curves = model.simulate([0.0, 24.0], doses, vary=vary, observe=["IL2"], rtol=1e-4)["IL2"][:, -1]
        curves = curves.reshape(draws + 1, given.size)
        if row.quantity == "fold":
            return np.asarray(curves[:, -1])
        found = [crossing(given, -y, -(1 + y[-1]) / 2, "nM", "").value for y in curves]
        return np.array(found) / unit(row.unit).factor

    values = read(glue, min(lab.draws, MOST))
    null = 1.0 if row.quantity == "fold" else float(read(mean_glue(), 1)[0])
    return Simulated(float(values[0]), *interval(values), null, says=f"{glue.symbol}, 24 h; {NOT_WEIGHTED}")


def NK_killing(row: Row, lab: Laboratory) -> Simulated:
    """Killing by NK cells of a dish: at rest that of the record, under a glue times the rise of NK activity at 72 h."""
    rest = cell("NK_cell")["NK.active"].value
    if not row.compound:
        return Simulated(rest, says="number of the record", put_in=True)
    model = blood(row.compound)
    drawn = subjects(model, 1, min(lab.draws, MOST), lab.seed)
    vary = {slot: column for slot, column in drawn.items() if not slot.startswith("NK.active")}
    doses = exposure(model, {row.compound: np.full(next(iter(vary.values())).size, HSU)})
    run = model.simulate([0.0, 72.0], doses, vary=vary, observe=["NK_activity"], rtol=1e-4)
    values = rest * run["NK_activity"][:, -1]
    return Simulated(float(values[0]), *interval(values), rest, says=f"{HSU:g} nM, 72 h; {NOT_WEIGHTED}")


def doubling_time(row: Row, lab: Laboratory) -> Simulated:
    """The record's own number."""
    q = cell(row.cell)["doubling_time"].to(row.unit)
    low, high = (q.value if end is None else end for end in (q.low, q.high))
    return Simulated(q.value, low, high, says="number of the record", put_in=True)


def cereblon_loss(row: Row, lab: Laboratory) -> Simulated:
    """What the line's record holds less than that of H929."""
    mine, usual = cell(row.cell)["CRBN.total"], cell(LINE)["CRBN.total"].coherent
    low, high = (mine.value if end is None else end for end in (mine.high, mine.low))
    scale = mine.coherent / mine.value / usual
    value, least, most = (1 - x * scale for x in (mine.value, low, high))
    return Simulated(value, least, most, 0.0, says="numbers of the records", put_in=True)


@lru_cache(maxsize=64)
def _IC50(glue: Compound, line: str, at: str, draws: int, seed: int) -> Floats:
    """IC50 (nM) of the records' own numbers and of `draws`; the highest concentration where half still live."""
    model = culture(glue, line)
    given = around(model[f"{glue.name}.CRBN.Kd"].coherent)[::COARSE]
    every = np.append(0.0, given)
    vary = {slot: np.repeat(column, every.size) for slot, column in subjects(model, 1, draws, seed).items()}
    doses = exposure(model, {glue.name: np.tile(every, draws + 1)})
    run = model.simulate([0.0, float(hours(at))], doses, vary=vary, observe=["cell.alive"], rtol=1e-4)
    alive = run["cell.alive"][:, -1].reshape(draws + 1, every.size)
    found = np.array([crossing(given, one[1:] / one[0], 0.5, "nM", "").value for one in alive])
    return np.where(np.isnan(found), given[-1], found)
