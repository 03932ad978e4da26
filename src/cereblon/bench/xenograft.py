"""Xenograft: human myeloma cells in mice, from the inoculation to the excised tumour, simulated.

    inoculation -> take -> growth -> randomisation by volume -> doses -> caliper -> removal at a size -> excision

Each mouse has its own growth, clearance and start; volumes are those that a caliper gives (two diameters with their
errors, 1/2 L W^2). A disseminated tumour is read by light instead, and mice die of it. The host is of the wild type:
its own IKZF1 is not degraded, there is no human effector cell, so a glue reaches the tumour alone (`model.mouse`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from cereblon.bench.arms import Arm, arms_of, combinations
from cereblon.bench.caliper import by_caliper, by_light, without_error
from cereblon.bench.mice import Mice, drawn_mice, start_mass, typical_mice
from cereblon.bench.spread import drawn
from cereblon.bench.volumes import Xenograft
from cereblon.ground.errors import InputError, SolveError
from cereblon.ground.quantity import Quantity
from cereblon.model.model import Model
from cereblon.model.mouse import CLEARANCES, host_response, mouse
from cereblon.model.result import Result
from cereblon.records.cell import Cell
from cereblon.records.design import Design
from cereblon.records.design import design as design_record
from cereblon.records.host import Host
from cereblon.records.host import host as host_record
from cereblon.statistics.growth import Floats, Sizes
from cereblon.statistics.resampling import DRAWS

RTOL = 1e-5
MOST_DAYS = 366.0


def xenograft(
    line: str | Path | Cell = "",
    arms: Iterable[str | Arm] | Mapping[str, str | Arm | None] = (),
    host: str | Path | Host = "",
    n: int = 0,
    seed: int = 1,
    *,
    design: str | Path | Design = "subcutaneous",
    days: str | Iterable[float] = "",
    limit: str | float | None = None,
    typical: bool = False,
    draws: int = DRAWS,
    changes: Mapping[str, str | Quantity] | None = None,
) -> Xenograft:
    """A study of `n` mice an arm; what is not given is that of the `design` ("subcutaneous", "disseminated", a file).

    `arms` are texts (`bench.arms`): the usual doses in mice are a choice of the design, no finding. `days` of
    measurement count from the first dose, 0 among them; `limit` ("2000 mm3", or mm3) is the volume at which a mouse
    is taken out; `changes` as in `Model.replace`. `typical=True` is one typical mouse an arm, measured without error
    and never taken out: what the mechanism says without the lots. Raises InputError for what is no study.

    >>> study = xenograft(arms=["vehicle", "mezigdomide"], typical=True, days="0,7,14,21")
    >>> bool(study.TGI(21)["mezigdomide"].value > 50)
    True
    """
    plan = design if isinstance(design, Design) else design_record(design)
    strain = host if isinstance(host, Host) else host_record(host or plan.host, "strain")
    groups = arms_of(arms or plan.arms, plan)
    compounds = tuple(dict.fromkeys(t.drug for arm in groups for t in arm.treatments))
    if len({c.name for c in compounds}) < len(compounds):
        raise InputError("two different records of one drug", where="arms", found=", ".join(c.name for c in compounds))
    model = mouse(compounds, line or plan.line, strain)
    if changes:
        model = model.replace(changes)
    measured = _days(days or plan.measured)
    at_size = _limit(limit, plan)
    growth = model["xenograft.growth"].coherent
    seen = "caliper.error" if plan.site == "subcutaneous" else "luminescence.error"
    names = tuple(arm.name for arm in groups)
    mice = (
        typical_mice(plan, names)
        if typical
        else drawn_mice(plan, strain, names, n or round(plan["arm.mice"].value), growth, seed, seen)
    )
    fine, mass = _grown(model, groups, strain, mice, measured)
    true = mass[:, np.searchsorted(fine, measured)]
    if typical:
        found = without_error(plan, true)
    elif plan.site == "subcutaneous":
        found = by_caliper(plan, mice, measured, true, at_size, seed)
    else:
        found = by_light(plan, mice, measured, true, fine, mass, seed)
    unit = "mm3" if plan.site == "subcutaneous" else "1/s"
    subjects = tuple(f"{arm}" for arm in names) if typical else tuple(str(i + 1) for i in mice.numbers)
    sizes = Sizes(subjects, mice.arms, measured, found.values, next(a.name for a in groups if not a.treatments), unit)
    said = () if typical else (
        f"{mice.inoculated} mice inoculated, tumour in {mice.took}, {mice.left_out} not used; lots drawn on day "
        f"{mice.day:.0f} after inoculation",
    )  # fmt: skip
    usual = [t.drug.name for arm in groups for t in arm.treatments if t.amount.source == "assumption"]
    choice = f"doses of {', '.join(dict.fromkeys(usual))} are a choice of the design, not a finding" if usual else ""
    return Xenograft(
        model.name, sizes, combinations(groups), None if typical else at_size, found.deaths, found.weights, 0.0, seed,
        draws, notes=(*said, *found.notes, *((choice,) if choice else ()), "mouse pharmacokinetics: assumed"),
        blocked=not typical, doses=tuple(map(str, groups)), model=model, design=plan, diameters=found.diameters,
    )  # fmt: skip


def drawn_inhibition(
    line: str | Path | Cell,
    arms: Iterable[str | Arm],
    day: float,
    draws: int = 100,
    seed: int = 1,
    *,
    host: str | Path | Host = "",
    design: str | Path | Design = "subcutaneous",
) -> dict[str, Floats]:
    """Arm -> growth inhibition (%, of changes) of the typical mouse on a day: with the records' numbers, then `draws`
    of their intervals (see `bench.spread`). Start of the tumour and doses are the experimenter's, not drawn. Raises
    InputError as `xenograft`.

    >>> found = drawn_inhibition("H929", ["vehicle", "mezigdomide"], 21, draws=3)["mezigdomide"]
    >>> found.shape, bool(found[0] > 50)
    ((4,), True)
    """
    plan = design if isinstance(design, Design) else design_record(design)
    strain = host if isinstance(host, Host) else host_record(host or plan.host, "strain")
    groups = arms_of(arms, plan)
    model = mouse(tuple(dict.fromkeys(t.drug for arm in groups for t in arm.treatments)), line, strain)
    own, start = model.coherent(), start_mass(plan)
    vary = {slot: np.tile(np.append(own[slot], c), len(groups)) for slot, c in drawn(model, draws, seed).items()}
    vary["xenograft.mass"] = np.full(len(groups) * (draws + 1), start)
    calendars = [arm.doses(strain) for arm in groups for _ in range(draws + 1)]
    run = model.simulate([0.0, 24 * day], calendars, vary=vary, observe=["xenograft.measured"], rtol=RTOL)
    grown = np.diff(run["xenograft.measured"], axis=1)[:, 0].reshape(len(groups), draws + 1)
    control = grown[next(i for i, arm in enumerate(groups) if not arm.treatments)]
    return {arm.name: 100 * (1 - grown[i] / control) for i, arm in enumerate(groups) if arm.treatments}


def host(
    arm: str | Arm = "mezigdomide",
    strain: str | Path | Host = "SCID",
    genotype: str | Path | Host = "wild_type",
    *,
    days: str | Iterable[float] = "0,3,7,10,14,17,21,24,28",
    design: str | Path | Design = "subcutaneous",
) -> Result:
    """The host's own cells under the drugs of an arm: `ANC`, and `IL2` where the strain keeps T cells (`model.mouse`).

    >>> silent = host("mezigdomide")["ANC"]
    >>> bool(abs(silent / silent[0] - 1).max() < 1e-6)
    True
    """
    plan = design if isinstance(design, Design) else design_record(design)
    mouse_of = strain if isinstance(strain, Host) else host_record(strain, "strain")
    group = next(a for a in arms_of(["vehicle", arm], plan) if a.treatments)
    model = host_response([t.drug for t in group.treatments], mouse_of, genotype)
    return model.simulate(_days(days) * 24, group.doses(mouse_of))


def _grown(
    model: Model, groups: Iterable[Arm], strain: Host, mice: Mice, measured: Floats
) -> tuple[Floats, Floats]:
    """(days, true mass in g of every mouse on each): the days of measurement and every whole one between them."""
    calendars = {arm.name: arm.doses(strain) for arm in groups}
    vary: dict[str, Floats] = {"xenograft.mass": mice.mass}
    vary["xenograft.growth@tumour"] = model["xenograft.growth"].coherent * mice.growth
    for slot, number in model.values.items():
        if slot.rpartition(".")[2] in CLEARANCES and slot.rpartition(".")[2].startswith("CL"):
            vary[slot] = number.coherent * mice.clearance
    fine = np.unique(np.append(measured, np.arange(measured[-1] + 1)))
    run = model.simulate(
        fine * 24, [calendars[arm] for arm in mice.arms], vary=vary, observe=["xenograft.measured"], rtol=RTOL
    )
    if not run.ok:
        failed = run.trajectory.failed[0]
        raise SolveError(f"a mouse of the arm {mice.arms[failed]} could not be simulated: {run.status[failed]}")
    return fine, np.atleast_2d(run["xenograft.measured"])


def _days(days: str | Iterable[float]) -> Floats:
    """Days of measurement, ascending from 0."""
    if isinstance(days, str):
        parts = [part.strip() for part in days.split(",")]
        if not all(re.fullmatch(r"\d+(\.\d+)?", part) for part in parts):
            raise InputError("days of measurement are numbers", where="days", found=days, example="0,3,7,10,14")
        found = np.array([float(part) for part in parts])
    else:
        found = np.asarray(list(days), np.float64)
    if found.size < 2 or not np.isfinite(found).all() or not (np.diff(found) > 0).all() or found[0] != 0:
        raise InputError("days of measurement ascend from 0, the day of the first dose", where="days",
                         found=", ".join(f"{d:g}" for d in found), example="0,3,7,10,14")  # fmt: skip
    if found[-1] > MOST_DAYS:
        raise InputError("a study in mice lasts a year at most", where="days", found=f"{found[-1]:g}")
    return found


def _limit(limit: str | float | None, design: Design) -> float:
    """Volume (mm3) at which a mouse is taken out; infinite where burdens are read by light."""
    if design.site != "subcutaneous":
        if limit is not None:
            raise InputError("a volume is the limit of a tumour under the skin", where="limit", found=str(limit))
        return math.inf
    if limit is None:
        return design["removal.volume"].to("mm3").value
    value = Quantity.parse(limit).to("mm3").value if isinstance(limit, str) else float(limit)
    if not value > start_mass(design) * 1e3:
        raise InputError("a mouse is taken out above the volume at which lots are drawn", where="limit",
                         found=f"{value:g} mm3", example="2000 mm3")  # fmt: skip
    return value
