"""The bedside: a phase 1 whose toxicities are simulated counts, and phase 2 of MM-001, patient by patient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cereblon.bedside.drawing import counts_by_visit
from cereblon.bedside.response.drawing import best_changes, courses, lanes
from cereblon.evidence.replicates import PREDICTED, PROTOTYPE, SET, beside_report
from cereblon.evidence.rows import evidence_rows
from cereblon.ground.errors import SolveError
from cereblon.records import compound
from cereblon.show.bedside import DESIGNS, ESCALATED, HELD, TARGET, UNHELD, Bedside
from cereblon.show.figures.escalation import rates_chart
from cereblon.show.plot import plot
from cereblon.show.sections.section import Figure, Listing, Section
from cereblon.show.sections.treatment import assumed_pk, unusual_dose
from cereblon.show.study import GUIDE, Study
from cereblon.show.treatment import DOUBLET

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bedside.outcome import Outcome

RULES = (HELD, UNHELD)
KEYS = {HELD: "held", UNHELD: "unheld"}
RESEARCH = "Research use only."
PUT_IN = "The fall of platelets and the hazards of fever and infection are empirical: put in, not predicted."


def phase_1(study: Study) -> Section:
    """DLT rates by dose from simulated counts, under two rules of holds; three designs under each; one escalation."""
    title = "Phase 1: how much of a dose limit is the protocol"
    made = study.bedside
    try:
        found = made.limiting
    except SolveError as error:
        return Section("phase_1", title, (f"No trial could be simulated: {error}.",))
    table = _rates(made)
    by = found[HELD][0]
    caption = (
        f"{made.pool} patients (seed {study.seed}), the same at each dose, seen weekly; dot: share of the evaluable "
        f"with a DLT, line: its exact interval. {by.definition.symbol}, CTCAE {by.definition.ctcae}; the protocol of "
        f"mezigdomide is not public. “{HELD}”: by {made.plan.policy.symbol}, as in phase 2; “{UNHELD}”: the same "
        f"patients, every dose given, no G-CSF. Dashed: a target of {TARGET:.0%}. {assumed_pk(study)}"
        f"{PUT_IN} {RESEARCH}{unusual_dose(study)}"
    )
    said = "; ".join(
        f"{row['dose']}, {row['rule']}: {row['rate']:.0%} ({row['low']:.0%} to {row['high']:.0%})"
        for row in table.to_dict("records")
    )
    parts: list[Figure | Listing] = [
        Figure("dlt", "DLT rates from simulated counts", rates_chart(table, TARGET), caption, f"Rates: {said}.", table)
    ]
    if not table["rate"].isna().any():
        parts += [_expected(study, rule) for rule in RULES]
        parts.append(_path(study))
    words = (
        "A dose-limiting toxicity is a sentence of a protocol. Here the counts come from the marrow of simulated "
        "patients and the sentence is applied to them as to a trial's table: what a dose hold or a growth factor does "
        "within the window changes the rate that the escalation sees.",
        _moves(table) + _named(study),
        "Left out: transfusions, and what is not of the blood but infection, whose hazard is put in.",
    )
    return Section("phase_1", title, words, tuple(parts))


def phase_2(study: Study) -> Section:
    """One replicate in seven figures, and many beside the report."""
    made = study.bedside
    title = f"{made.plan.protocol.symbol}, simulated"
    try:
        outcome = made.outcome
    except SolveError as error:
        return Section("phase_2", title, (f"The trial could not be simulated: {error}.",))
    parts = (*_figures(study, outcome), *_replicates(study))
    n, plan = len(outcome.patients), made.plan
    words = (
        f"{n} patients ({plan.population.symbol.replace('_', ' ')}) under {study.treatment.title(DOUBLET)}, seen "
        f"weekly, with a laboratory that errs, doses held and reduced by {plan.policy.symbol}, visits that are missed, "
        f"patients who leave. Responses by {plan.protocol.criteria.replace('_', ' ')}, grades by CTCAE "
        f"{plan.protocol.CTCAE}, both by the code that reads a real trial's tables. One replicate is shown patient by "
        f"patient (seed {study.seed}); another seed gives another trial of the same kind.",
        _basis(study),
        "Assumed: errors of the laboratory, hazards of death, withdrawal and of progression seen without the protein, "
        "who gets G-CSF, and survival after progression. "
        "The same tables with ADaM's names: `cereblon trial MM_001_phase_2 --adam FOLDER`. *Research use only.*",
    )
    return Section("phase_2", title, words, parts)


# -- phase 1, in parts ---------------------------------------------------------------------------------------------


def _moves(table: pd.DataFrame) -> str:
    ends = {rule: table.loc[table["rule"] == rule, "rate"].to_numpy() for rule in RULES}
    said = " and ".join(f"from {rate[0]:.0%} to {rate[-1]:.0%} where doses are {r}" for r, rate in ends.items())
    return f"From {table['dose'].iloc[0]} to {table['dose'].iloc[-1]} the rate goes {said}."


def _named(study: Study) -> str:
    """What the trial itself named, where its compound is the study's."""
    if not is_reported(study):
        return ""
    row = evidence_rows()["C33"]
    return (
        f" The trial gave {row.low:g} to {row.high:g} mg and named {row.value:g} mg ({row.grade}); by which rule doses "
        "were held within its window is not public."
    )


def _rates(made: Bedside) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for rule in RULES:
        for dose, one in zip(made.doses, made.limiting[rule], strict=True):
            rate, able = one.rate, one.evaluable
            row = {"dose": dose, "rule": rule, "evaluable": int(able.sum()), "rate": rate.value, "low": rate.low,
                   "high": rate.high}  # fmt: skip
            rows.append(row | {cause: int((flags & able).sum()) for cause, flags in one.causes.items()})
    return pd.DataFrame(rows)


def _expected(study: Study, rule: str) -> Figure:
    import pandas as pd

    found = study.bedside.expected(rule)
    table = pd.concat([one.by_dose().assign(design=one.design.name) for one in found], ignore_index=True)
    caption = (
        f"{', '.join(DESIGNS)} if the DLT rates are those of the patients above, {rule}: each dot there is taken for "
        f"the truth. Cohorts of 3, at most 30 patients, target {TARGET:.0%} (3+3 has none, BLRM 16-33 % "
        f"with EWOC). {RESEARCH}"
    )
    said = "; ".join(
        f"{one.design.name} selects " + ", ".join(
            f"{dose} in {p.value:.0%}" for dose, p in zip(study.bedside.doses, one.selection, strict=True)
        ) + f", none in {one.none.value:.0%}, with {one.total.value:.0f} patients in {one.months.value:.0f} months"
        for one in found
    )  # fmt: skip
    return Figure(f"operating_{KEYS[rule]}", f"Designs, where doses are {rule}", plot(list(found)), caption, f"{said}.",
                  table)  # fmt: skip


def _path(study: Study) -> Figure:
    course = study.bedside.course(HELD)
    chosen = course.design.called(course.MTD) if course.MTD else "none"
    caption = (
        f"One trial by {ESCALATED}, doses {HELD}: the patients above one after the other, each with what the dose did "
        f"to his own counts; those who are not evaluable were replaced. One path of many. {RESEARCH}"
    )
    said = f"{len(course.cohorts)} cohorts, {sum(course.n)} patients, {sum(course.y)} DLTs; MTD {chosen}."
    return Figure("escalation", "One escalation of simulated patients", plot(course), caption, said, course.table())


# -- phase 2, in parts ---------------------------------------------------------------------------------------------


def _figures(study: Study, outcome: Outcome) -> list[Figure]:
    found = outcome.endpoints.responses
    n, seed = len(outcome.patients), f"seed {study.seed}"
    changes, counts, tox = best_changes(found), counts_by_visit(outcome), outcome.toxicity
    counted = ", ".join(f"{k} {name}" for name, k in found.counts().items() if k)
    failed = len(outcome.failed)
    lost = f" {failed} could not be simulated to the end and count as not evaluable." if failed else ""
    died = int(outcome.OS.events.sum())
    severe = "; ".join(
        f"{row['term']} {row['share']:.0%} ({row['low']:.0%}-{row['high']:.0%})"
        for row in tox.table().to_dict("records")
    )

    def figure(key: str, title: str, caption: str, said: str, table: Any) -> Figure:
        return Figure(f"trial_{key}", title, plot(outcome, key), caption, said, table)

    PFS, OS = outcome.PFS.survival(), outcome.OS.survival()
    return [
        figure(
            "waterfall", "Waterfall",
            f"Deepest fall of the marker (M-protein, or the light chains of those without) in each of {len(changes)} "
            f"patients with a value after baseline, {seed}; coloured by the best confirmed response. Lines: -50 % and "
            f"-90 %. A deep fall without a response was not confirmed, or a plasmacytoma stood against it.{lost} "
            f"{assumed_pk(study)}{RESEARCH}{unusual_dose(study)}",
            f"{counted}; ORR {outcome.ORR}.", changes,
        ),
        figure(
            "spider", "Spider",
            "The same marker over time, until progression. Values carry the laboratory’s error; assessments fall up to "
            f"{outcome.clinic.protocol['visit.jitter']} around day 1 of a cycle. Beyond a doubling lines are cut off.",
            f"Courses of {len(changes)} patients from the first dose.", courses(found),
        ),
        figure(
            "swimmer", "Swimmer",
            f"A lane per patient ({n}); pale after progression, when treatment ends and survival alone is followed. "
            "Lanes end at death, withdrawal, the data cut or after the last cycle.",
            f"{n} lanes; {int(found.responders.sum())} responses, {died} deaths.", lanes(found),
        ),
        figure(
            "PFS", "Progression-free survival",
            f"Kaplan-Meier with its 95 % interval (log-log); ticks: censored, by the {outcome.endpoints.rule.name}’s "
            "rules; below: patients at risk.",
            f"Median {outcome.PFS.median()}; {int(outcome.PFS.events.sum())} events of {n}.", PFS.table(),
        ),
        figure(
            "OS", "Overall survival",
            "As above. On treatment death follows the burden of disease; after progression it comes at a constant "
            f"hazard ({outcome.clinic.protocol['progression.death.hazard']}), an assumption that stands for whatever "
            "is given then: this curve is put in, not predicted.",
            f"{died} deaths of {n}; median follow-up {outcome.endpoints.follow_up}.", OS.table(),
        ),
        figure(
            "adverse_events", "Adverse events by grade",
            f"Worst grade that was above the baseline’s, CTCAE {tox.version}: left counts as the laboratory saw "
            "them at the visits; right what an investigator reports: severe counts by the protocol’s chance (of mild "
            "ones nothing is known), fever and infection as they fell by their hazards, all of them grade 3. Anaemia "
            "has no grade 4 by number.",
            f"Grade 3 or more: {severe}.", outcome.by_grade(),
        ),
        figure(
            "ANC", "Neutrophils by cycle",
            "Median, and the middle 50 and 90 % of those still followed, at the visits at which blood is taken from "
            f"everybody: weekly in two cycles of {outcome.clinic.regimen.cycle} d, then every other week, where a nadir"
            " may lie between two visits. Holds, lower doses and G-CSF are in it.",
            "; ".join(f"day {r['day']:.0f}: {r['median']:.2g} ({r['low']:.2g}-{r['high']:.2g})"
                      for r in counts.head(5).to_dict("records")) + ".",
            counts,
        ),
    ]  # fmt: skip


def _replicates(study: Study) -> list[Figure | Listing]:
    many = study.bedside.replicates
    how = f"{len(many.seeds)} replicates of {many.patients} patients, seeds {many.seeds[0]} to {many.seeds[-1]}"
    if not is_reported(study):
        rows = [{"number": r["number"], "mean": f"{r['mean']:.3g}", "95 % of trials": _span(r["low"], r["high"])}
                for r in many.table().to_dict("records")]  # fmt: skip
        why = f"The trial was one of {GUIDE} at its own dose, so nothing reported stands beside."
        return [Listing("trial_replicates", "Many such trials", rows, f"{how}. {why} {RESEARCH}")]
    table = beside_report(many)
    misses = table[table["verdict"] == "misses"]
    caption = (
        f"{how}. An exact interval says how far another trial of this size may lie by chance; misses lie outside and "
        "do not hold the reported value. “Uninformative” would be an interval more than 1.5 times as wide as the "
        f"reported one. {assumed_pk(study)}{RESEARCH}"
    )
    said = f"{len(table) - len(misses)} of {len(table)} do not miss. Misses: {'; '.join(misses['what']) or 'none'}."
    figure = Figure("trial_reported", "Reported and simulated", plot(many), caption, said, table)
    rows = [
        {"id": r["id"], "what": r["label"], "reported": spoken(r, "reported"), "simulated": spoken(r, "simulated"),
         "verdict": f"{r['verdict']} by {r['by']}" if r["by"] else r["verdict"], "basis": r["basis"],
         "_class": {"agrees": "yes", "misses": "no"}.get(r["verdict"], "open")}
        for r in table.to_dict("records")
    ]  # fmt: skip
    return [figure, Listing("trial_rows", "In numbers", rows, f"{how}; in brackets intervals of 95 %. {RESEARCH}")]


def is_reported(study: Study) -> bool:
    """Whether the trial of the page is the one that was reported: the guide's compound at its own dose."""
    return study.focus.name == GUIDE and not study.dose


def _basis(study: Study) -> str:
    """On what the numbers of the patients were set, in a sentence."""
    if not is_reported(study):
        return f"The patients are those of {GUIDE}’s trial; nothing was set on {study.focus.symbol} in patients."
    table = beside_report(study.bedside.replicates)
    own = {kind: "; ".join(table.loc[table["basis"] == kind, "what"]) for kind in (SET, PROTOTYPE, PREDICTED)}
    said = {
        SET: "Numbers of the patients were set on this report, so agreement is a fit and no prediction, in: {}.",
        PROTOTYPE: "Numbers of the patients were set on this report in a reduced prototype, not here, so agreement is "
        "no prediction, in: {}.",
        PREDICTED: "Nothing was set on: {}.",
    }
    return " ".join(said[kind].format(rows) for kind, rows in own.items() if rows) + _changed(study)


def _changed(study: Study) -> str:
    drugs = [drug.symbol for drug in (study.focus, *study.partners) if drug.values != compound(drug.name).values]
    support = study.bedside.plan.policy.growth_factor
    said = " The user’s changes are in the simulation, not in the report." if study.changes or drugs else ""
    return said + (f" What was changed of {support} does not: the policy gives it." if support in drugs else "")


def spoken(row: dict[Any, Any], what: str) -> str:
    """A number of `beside_report`, `what` (reported or simulated), with its interval."""
    scale, digits = (100, ".0f") if row["group"] == "shares" else (1, ".1f")
    unit = " %" if row["group"] == "shares" else " months"
    ends = _span(row[f"{what}_low"] * scale, row[f"{what}_high"] * scale, digits)
    value = "not reached" if np.isnan(row[what]) else f"{row[what] * scale:{digits}}{unit}"
    return value + (f" ({ends})" if ends else "")


def _span(low: float, high: float, digits: str = ".3g") -> str:
    """Both ends; "?" for one that was not reached, nothing where there is none."""
    if np.isnan(low) or np.isnan(high):
        return ""
    return "-".join(f"{end:{digits}}" if np.isfinite(end) else "?" for end in (low, high))
