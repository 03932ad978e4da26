"""Figures of a simulated trial: `plot(outcome, "swimmer")`, and of its replicates, which are set beside the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import nearest

if TYPE_CHECKING:
    from cereblon.bedside.outcome import Outcome, Replicates


def outcome_plot(outcome: Outcome, what: str = "") -> Any:
    """One figure of a replicate (default: the waterfall). Raises InputError for an unknown one, and for the duration
    of a response that nobody had."""
    chosen = what or next(iter(FIGURES))
    if chosen not in FIGURES:
        close = nearest(chosen, FIGURES)
        expected = f"the nearest is {close}" if close else ", ".join(FIGURES)
        raise InputError("a trial has no such figure", found=chosen, expected=expected, example='plot(outcome, "PFS")')
    return FIGURES[chosen](outcome)


def replicates_plot(found: Replicates) -> Any:
    """The replicates beside the trial's report. Raises InputError where none was of this name."""
    from cereblon.evidence.replicates import beside_report
    from cereblon.show.figures.forest import report_chart

    note = f"{len(found.seeds)} replicates of {found.patients} patients, seeds {found.seeds[0]} to {found.seeds[-1]}"
    return report_chart(beside_report(found), note)


def _waterfall(outcome: Outcome) -> Any:
    from cereblon.bedside.response.drawing import best_changes
    from cereblon.show.figures.response import waterfall_chart

    return waterfall_chart(best_changes(outcome.endpoints.responses))


def _spider(outcome: Outcome) -> Any:
    from cereblon.bedside.response.drawing import courses
    from cereblon.show.figures.response import spider_chart

    return spider_chart(courses(outcome.endpoints.responses))


def _swimmer(outcome: Outcome) -> Any:
    from cereblon.bedside.response.drawing import lanes
    from cereblon.show.figures.response import swimmer_chart

    return swimmer_chart(lanes(outcome.endpoints.responses))


def _curve(name: str, title: str) -> Callable[[Outcome], Any]:
    def drawn(outcome: Outcome) -> Any:
        from cereblon.show.figures.survival_curves import survival_chart
        from cereblon.statistics.follow_up import at_risk

        curve = getattr(outcome, name).survival()
        start = "the response" if name == "DOR" else "the first dose"
        return survival_chart(curve.table(), at_risk(curve), title=title, unit=f"months from {start}")

    return drawn


def _adverse_events(outcome: Outcome) -> Any:
    from cereblon.show.figures.toxicity import butterfly_chart

    title = f"Worst emergent grades, CTCAE {outcome.toxicity.version}"
    return butterfly_chart(outcome.by_grade(), title=title)


def _counts(outcome: Outcome) -> Any:
    from cereblon.bedside.drawing import counts_by_visit
    from cereblon.bedside.toxicity import ctcae
    from cereblon.show.figures.counts import counts_chart

    limits = [q.value for q in ctcae(outcome.clinic.protocol.CTCAE).cutoffs["ANC"].severe.values()]
    cycle = outcome.clinic.regimen.cycle
    return counts_chart(counts_by_visit(outcome), limits, cycle=cycle, title="Neutrophils at the scheduled visits")


FIGURES: dict[str, Callable[[Outcome], Any]] = {
    "waterfall": _waterfall,
    "spider": _spider,
    "swimmer": _swimmer,
    "PFS": _curve("PFS", "Progression-free survival (FDA rules)"),
    "OS": _curve("OS", "Overall survival"),
    "DOR": _curve("DOR", "Duration of response (FDA rules)"),
    "adverse_events": _adverse_events,
    "ANC": _counts,
}
"""Name of a figure -> how it is drawn from an outcome."""


def drawn(outcome: Outcome) -> dict[str, Any]:
    """Every figure of a replicate that has one: of DOR there is none where nobody responded."""
    return {name: draw(outcome) for name, draw in FIGURES.items() if name != "DOR" or len(outcome.DOR)}


def replicates_drawn(found: Replicates) -> dict[str, Any]:
    """The replicates beside the report, where one is on record."""
    from cereblon.evidence.replicates import is_reported

    return {"reported": replicates_plot(found)} if is_reported(found.name) else {}
