"""Dose and schedule: what each would give and cost, in two structures; and the same patients, seen otherwise."""

from __future__ import annotations

from dataclasses import replace

from cereblon.bedside.contrasts import ASSAYS, TRIAL, Contrast, immune_share, isotypes
from cereblon.bedside.optimisation import DOSES, SCHEDULES, Optimum, optimise
from cereblon.bedside.trial import trial
from cereblon.show.figures.pareto import pareto_chart
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.study import GUIDE, Study
from cereblon.show.treatment import STRUCTURES

MOST, FEWEST = 40, 10  # patients of a point
CYCLES, MONTHS = 6, 4.0
FEW_CYCLES, FEW_MONTHS = 3, 2.5  # of a quick page
AT = "1 mg", 1.0
RESEARCH = "Research use only."
ANYONE = "It is made with the shipped records of the guide’s compound: what was set for this page does not reach it."


def dose(study: Study) -> Section:
    """Response against neutropenia over dose and schedule."""
    title = "Dose and schedule"
    size = max(FEWEST, min(study.size, MOST))
    doses = (DOSES[0], DOSES[2]) if study.quick else DOSES
    cycles, months = (FEW_CYCLES, FEW_MONTHS) if study.quick else (CYCLES, MONTHS)
    found = optimise(SCHEDULES, doses, drug=GUIDE, patients=size, cycles=cycles, months=months, seed=study.seed)
    if len(found.points) < found.planned:  # of a page that is stopped nothing is kept
        raise KeyboardInterrupt
    table = found.by_counts()
    named = table.assign(schedule=table["schedule"].map(_schedule), population=table["population"].map(STRUCTURES))
    caption = (
        f"The same {size} patients (seed {study.seed}) at every point, {cycles} cycles, seen and held as in MM-001 "
        f"phase 2; lines: exact intervals of so many, of the front alone. Left: counts at the visits, with the "
        "laboratory's error, which makes some look low; right: the counts themselves from day to day, between visits "
        f"too. {RESEARCH}"
    )
    figure = Figure("pareto", "Response against neutropenia", pareto_chart(named), caption, _said(found), table)
    listing = Listing("dose_ranges", "Every dose and schedule", _rows(found),
                      f"From one structure to the other; free of progression at {months:g} months.")  # fmt: skip
    words = (
        f"What would another dose or another schedule do? The populations were set at {AT[0]}, 21 days of 28, with "
        "seven clinical numbers; two structures of resistance meet them about equally well. *What they say of other "
        "doses is therefore a range, and most of it is prior*: where the two frames agree it is the mechanism that "
        "they share, where they part nobody knows.",
        f"{_apart(found)} {ANYONE}",
    )
    return Section("dose", title, words, (figure, listing))


def otherwise(study: Study) -> Section:
    """Isotypes and assays of the same patients; the immune share of the kill against dexamethasone."""
    plan = trial(TRIAL)
    if study.quick:
        few = {**plan.protocol.structure, "patients": max(FEWEST, study.size)}
        plan = replace(plan, protocol=replace(plan.protocol, structure=few))
    assays = {name: factors for name, factors in ASSAYS.items() if not (study.quick and factors)}
    seen = isotypes(plan, seed=study.seed, replicates=1, assays=assays)
    immune = immune_share(n=max(FEWEST, min(study.size, 60)), seed=study.seed)
    words = (
        "A response is what a laboratory sees of a kill. The same patients, with the same disease and the same doses, "
        "are seen here as another isotype, and by another assay; and the same patients are given another dose of "
        f"dexamethasone, none among them. {ANYONE}",
    )
    parts = (_listing("isotypes", seen), _listing("immune_share", immune))
    return Section("otherwise", "The same patients, seen otherwise", words, parts)


def _listing(key: str, found: Contrast) -> Listing:
    rows = [
        {name: _number(name, value) if isinstance(value, float) else value for name, value in row.items()}
        for row in found.rows
    ]
    return Listing(key, found.name, rows, f"{found.note} {RESEARCH}")


def _number(name: str, value: float) -> str:
    """Doses and days as they are, all else is a share."""
    if "mg" in name or "days" in name:
        return f"{value:g}"
    return f"{value:.0%}"


def _schedule(name: str) -> str:
    """``mezi_dex_14_28`` -> 14/28; the plain one is 21/28."""
    days, _, length = name.removeprefix("mezi_dex").strip("_").partition("_")
    return f"{days}/{length}" if length else "21/28"


def _rows(found: Optimum) -> list[dict[str, str]]:
    rows = []
    for row in found.ranges().to_dict("records"):
        shown = {"schedule": _schedule(row["regimen"]), "dose": f"{row['dose']:g} mg"}
        for name, word in (("ORR", "ORR"), ("PFS", "free of progression"), ("neutropenia", "neutropenia 3/4, visits"),
                           ("neutropenia_daily", "from day to day")):  # fmt: skip
            shown[word] = f"{row[f'{name}_lowest']:.0%} to {row[f'{name}_highest']:.0%}"
        rows.append(shown)
    return rows


def _said(found: Optimum) -> str:
    front = found.front()
    named = "; ".join(
        f"{_schedule(row['regimen'])} {row['dose']:g} mg: ORR {row['ORR']:.0%}, "
        f"neutropenia {row['neutropenia_daily']:.0%}"
        for row in front.to_dict("records")
    )
    return f"On the front of both structures’ means, neutropenia from day to day: {named}."


def _apart(found: Optimum) -> str:
    """How far the structures are apart at the dose they were set at and at the ends."""
    ranges = found.ranges()
    own = ranges[ranges["regimen"] == SCHEDULES[0]]
    told = ", ".join(
        f"{row['ORR_lowest']:.0%} to {row['ORR_highest']:.0%} at {row['dose']:g} mg" for row in own.to_dict("records")
    )
    daily, seen = ranges["neutropenia_daily"].mean(), ranges["neutropenia"].mean()
    return (
        f"On 21/28 ORR is {told}, from one structure to the other. Over all points visits see "
        f"grade 3/4 neutropenia in {seen:.0%}, where day by day it is {daily:.0%}."
    )
