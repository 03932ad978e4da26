"""A hundred patients of a refractory population under the doublet, and under three triplets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from cereblon.bedside.toxicity import ctcae
from cereblon.model import Result
from cereblon.records.days import DAY
from cereblon.show.figures.cohort import FRAMES, cohort_chart, triplets_chart
from cereblon.show.figures.theme import sentence
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.sections.treatment import COUNTED, assumed_pk, unusual_dose
from cereblon.show.study import Study
from cereblon.show.treatment import DAYS, DOUBLET, STRUCTURES, TRIPLETS, VISITS, followed, marker, over_start

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

LOW, HIGH = 5, 95  # per cent: the ends of a band
HALF = 0.5  # of a marker
NO_TRIAL = (
    "These patients were set on MM-001 phase 2 as it treats them; their spread is that of a prototype. Here no dose "
    "is held, nobody gets G-CSF or a transfusion, nobody drops out, and no visit follows a trial’s rules. So no share "
    "here is a response rate or a rate of adverse events."
)
"""What every caption on cohorts says."""


def cohort(study: Study) -> Section:
    """The doublet: bands of six read-outs, in two structures of the same patients."""
    given = study.treatment.title(DOUBLET)
    table = bands(study, DOUBLET)
    caption = (
        f"Line: median; band: {LOW}-{HIGH} % of {study.size} patients (seed {study.seed}), read once a day before the "
        f"day’s doses, so IKZF1 is shown at its trough. Dashed: where grades 3 and 4 of CTCAE {ctcae().version} begin; "
        f"dotted: half of the M-protein. What lies beyond the ends of an axis is cut off. {_without_M_protein(study)} "
        "The blood counts of the two structures lie upon each other (haemoglobin nearly), for only the tumour differs. "
        f"{assumed_pk(study)}{_failed(study, (DOUBLET,))}{NO_TRIAL}{unusual_dose(study)}"
    )
    ends = "; ".join(
        f"{r} {row['median']:.3g} ({row['low']:.3g} to {row['high']:.3g})"
        for r, row in table[(table["day"] == DAYS) & (table["structure"] == next(iter(STRUCTURES.values())))]
        .set_index("read_out")
        .iterrows()
    )
    said = f"Six frames of bands over {DAYS} days. At the end, {next(iter(STRUCTURES.values()))}: {ends}."
    figure = Figure("cohort", sentence(given), cohort_chart(table, limits(study)), caption, said, table)
    words = (
        "Patients who differ in drug level, cereblon, clones, marrow and blood. What makes a refractory myeloma "
        "refractory is not known, so each prediction is made twice, from two structures that respond alike at 1 mg: in "
        "the first most tumours have little or broken cereblon, in the second cereblon is that of other cells and the "
        "resistance lies downstream. Where the two part, the model does not know.",
        *_changed(study),
    )
    parts: tuple[Figure | Listing, ...] = (figure, *_listed_failures(study, (DOUBLET,), "cohort_failed"))
    return Section("cohort", f"{_number(study.size)} patients", words, parts)


def triplets(study: Study) -> Section:
    """The same patients under three partners, as small bands and in numbers."""
    import pandas as pd

    table = pd.concat([bands(study, name) for name in TRIPLETS], ignore_index=True)
    reference = bands(study, DOUBLET)
    reference = reference[reference["structure"] == next(iter(STRUCTURES.values()))]
    titles = {study.treatment.title(name): study.treatment.third(name) for name in TRIPLETS}
    chart = triplets_chart(table.assign(regimen=[titles[r] for r in table["regimen"]]), reference, limits(study))
    caption = (
        f"As above, each column a triplet; the dotted line is the median of {study.treatment.title(DOUBLET)} in "
        f"structure 1. The cycle with bortezomib has 21 days, the others 28. {_without_M_protein(study)} "
        f"{assumed_pk(study)}{_failed(study, TRIPLETS)}No partner’s trial set a number.{unusual_dose(study)}"
    )
    rows = [_row(study, name, structure) for name in (DOUBLET, *TRIPLETS) for structure in STRUCTURES]
    said = "Bands of six read-outs in three columns. Marker halved: " + "; ".join(
        f"{row['beside the glue']} (structure {row['structure']}) {row['marker halved']}" for row in rows
    )
    figure = Figure("triplets", "Three triplets", chart, caption, said + ".", table)
    visits = ", ".join(str(day) for day in VISITS)
    listing = Listing(
        "regimens", "In numbers", rows,
        f"{assumed_pk(study)}Patients of those followed to day {DAYS}. Marker: M-protein, or the light chain of those "
        f"without; halved at one visit (days {visits}) or more, unconfirmed. Lowest ANC: median ({LOW}-{HIGH} %). "
        "ANC and PLT (platelets) in 1e9/L, Hb in g/dL: below the limit on any day. "
        f"{NO_TRIAL} The kill by bortezomib is assumed, and with mezigdomide it gives far too many responses; "
        "no dose is held here and no G-CSF given, as a simulated trial does (decisions 0014 and 0023).",
    )  # fmt: skip
    words = (
        "Bortezomib takes part of the 26S, which the glue needs, and kills by itself; daratumumab marks CD38 for NK "
        "cells and costs some of them; trametinib lowers the MYC that needs no IKZF. How strongly is assumed.",
    )
    parts: tuple[Figure | Listing, ...] = (figure, listing, *_listed_failures(study, TRIPLETS, "triplets_failed"))
    return Section("triplets", "With a third drug", words, parts)


def bands(study: Study, name: str) -> pd.DataFrame:
    """Percentiles a day: regimen, structure, read_out, day, low, median, high, n (patients behind them)."""
    import pandas as pd

    frames = []
    for structure, said in STRUCTURES.items():
        result = study.treatment.cohort(name, structure)
        for read_out, level in read_outs(result).items():
            level = level[followed(result)]
            there = level[~np.isnan(level).any(axis=1)]
            low, middle, high = _percentiles(there, (LOW, 50, HIGH))
            frames.append(
                pd.DataFrame({
                    "regimen": study.treatment.title(name), "structure": said, "read_out": read_out,
                    "day": result.time / DAY, "low": low, "median": middle, "high": high, "n": len(there),
                })
            )  # fmt: skip
    return pd.concat(frames, ignore_index=True)


def read_outs(result: Result) -> dict[str, NDArray[np.float64]]:
    """What is drawn of a cohort, in the order of the frames; M-protein over its start, NaN where there is none."""
    shown = {
        "M_protein": over_start(result["M_protein"]),
        "IKZF1": result["IKZF1.remaining@tumour"],
        **{name: result[name] for name in ("FLC", *COUNTED)},
    }
    return {name: shown[name] for name in FRAMES}


def limits(study: Study) -> dict[str, list[float]]:
    """Read-out -> where its grades of adverse events begin, in the unit that is drawn."""
    units = study.treatment.typical(DOUBLET).model.network.observables
    return {
        name: [q.to(units[name].unit).value for q in ctcae().cutoffs[name].severe.values()]
        for name in COUNTED
    }


def _percentiles(values: NDArray[np.float64], asked: tuple[float, ...]) -> NDArray[np.float64]:
    """Percentiles over patients, (asked, times); NaN of nobody."""
    if not len(values):
        return np.full((len(asked), values.shape[1]), np.nan)
    return np.percentile(values, asked, axis=0)


def _row(study: Study, name: str, structure: str) -> dict[str, str]:
    result = study.treatment.cohort(name, structure)
    there = followed(result)
    n = int(there.sum())
    days = [int(np.searchsorted(result.time, day * DAY)) for day in VISITS]
    halved = marker(result)[there][:, days].min(axis=1) <= HALF
    lowest = result["ANC"][there].min(axis=1)
    low, middle, high = (float(x) for x in _percentiles(lowest[:, None], (LOW, 50, HIGH))[:, 0])
    row = {
        "beside the glue": ", ".join(drug.symbol for drug in study.treatment.regimens[name].compounds[1:]),
        "structure": STRUCTURES[structure].removeprefix("structure "),
        "followed": f"{n} of {study.size}",
        "marker halved": _share(halved),
        "lowest ANC": f"{middle:.2f} ({low:.2f}-{high:.2f})",
    }
    for read_out, grades in limits(study).items():
        reached = result[read_out][there].min(axis=1)
        row |= {f"{read_out} < {limit:g}": _share(reached < limit) for limit in grades}
    return row


def _share(there: NDArray[np.bool_]) -> str:
    """Of those who were followed.

    >>> _share(np.array([True, False, False])), _share(np.array([], bool))
    ('33 %', '')
    """
    return f"{100 * there.mean():.0f} %" if len(there) else ""


def _without_M_protein(study: Study) -> str:
    kinds = study.treatment.patients(next(iter(STRUCTURES))).kind("isotype")
    none = sum(kind == "light_chain" for kind in kinds)
    return (
        f"{none} of {study.size} have light chain alone: their M-protein is 0 from the start, so they are in no band "
        "of it, and the light chain is their marker."
    )


def _failed(study: Study, names: Iterable[str]) -> str:
    lost = sum(int((~followed(study.treatment.cohort(n, s))).sum()) for n in names for s in STRUCTURES)
    return f"{lost} course(s) failed: they are in no band, and listed below. " if lost else ""


def _listed_failures(study: Study, names: Iterable[str], key: str) -> tuple[Listing, ...]:
    rows = [
        {"given": study.treatment.title(name), "structure": said, "patient": i, "what happened": str(status)}
        for name in names
        for structure, said in STRUCTURES.items()
        for i, status in enumerate(study.treatment.cohort(name, structure).status)
        if not status.ok
    ]
    return (Listing(key, "Not followed to the end", rows),) if rows else ()


def _changed(study: Study) -> tuple[str, ...]:
    set_ = study.changes_in(study.treatment.typical(DOUBLET).model)
    if not set_:
        return ()
    return (f"Set by the user, and the same in every patient: {', '.join(f'{a} = {v}' for a, v in set_.items())}.",)


def _number(size: int) -> str:
    return "A hundred" if size == 100 else str(size)
