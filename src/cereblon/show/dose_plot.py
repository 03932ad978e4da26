"""Figures of phase 1 and of dose: an escalation of simulated patients, the grid of its protocol, doses compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import printed

if TYPE_CHECKING:
    from cereblon.bedside.escalated import Escalated
    from cereblon.bedside.optimisation import Optimum
    from cereblon.bedside.protocol_grid import ProtocolGrid
    from cereblon.bedside.two_doses import TwoDoses


def dose_kinds() -> dict[type, Callable[[Sequence[Any]], Any]]:
    """Kind of result -> what draws it, one at a time."""
    from cereblon.bedside.escalated import Escalated
    from cereblon.bedside.optimisation import Optimum
    from cereblon.bedside.protocol_grid import ProtocolGrid
    from cereblon.bedside.two_doses import TwoDoses

    drawn: dict[type, Callable[[Any], Any]]
    drawn = {Escalated: escalated_plot, ProtocolGrid: grid_plot, Optimum: optimum_plot, TwoDoses: pair_plot}
    return {kind: _alone(draw) for kind, draw in drawn.items()}


def _alone(draw: Callable[[Any], Any]) -> Callable[[Sequence[Any]], Any]:
    def one(given: Sequence[Any]) -> Any:
        if len(given) != 1:
            raise InputError("one at a time is drawn", found=f"{len(given)} results", expected="one result")
        return draw(given[0])

    return one


def escalated_plot(one: Escalated) -> Any:
    """Every patient at his dose in the order they came, with a DLT or replaced; the MTD a line."""
    from cereblon.show.figures.escalation import path_chart

    treated = one.table()
    actions = {i: cohort.decision.action for i, cohort in enumerate(one.course.cohorts, 1)}
    table = treated[["cohort", "dose", "evaluable"]].assign(
        patient=range(1, len(treated) + 1), toxic=treated["DLT"], MTD=one.course.MTD,
        decision=[actions.get(cohort, "") for cohort in treated["cohort"]],
    )  # fmt: skip
    names = {dose: str(level) for dose, level in enumerate(one.trial.levels, 1)}
    return path_chart(table, names, f"{one.trial.protocol.symbol}: {one.course.design.name}, seed {one.seed}")


def grid_plot(grid: ProtocolGrid) -> Any:
    """The DLT rate of each dose under each set of rules, and its MTD."""
    from cereblon.records.dlt import definition
    from cereblon.records.policy import policy
    from cereblon.show.figures.protocol_grid import grid_chart

    table = grid.table().rename(columns={"G-CSF": "GCSF"})
    table["definition"] = [definition(name).symbol for name in table["definition"]]
    table["hold"] = [policy(name).symbol for name in table["hold"]]
    title = f"{grid.trial.protocol.symbol}: how much of an MTD is protocol"
    return grid_chart(table, grid.limit, grid.patients, title=title)


def optimum_plot(found: Optimum) -> Any:
    """Response against neutropenia over doses and regimens, a frame per population; the Pareto front joined."""
    from cereblon.cohort import population
    from cereblon.show.figures.pareto import pareto_chart

    table = found.by_counts()
    symbols = {name: population(name).symbol for name in set(table["population"])}
    title = f"{printed(found.drug)}, {found.patients} patients: response and neutropenia by dose and regimen"
    return pareto_chart(table.assign(population=table["population"].map(symbols)), title=title)


def pair_plot(pair: TwoDoses) -> Any:
    """What a randomised trial of two doses would show of their difference, and how often it chooses the better one."""
    from cereblon.show.figures.two_doses import differences_chart

    table = pair.table()
    first, second = pair.doses
    table["told"] = [
        f"{100 * row[first]:.0f} against {100 * row[second]:.0f} %"
        + (f"; {row['better']} is better, chosen in {100 * row['chosen']:.0f} %" if row["better"] else "; alike")
        for row in table.to_dict("records")
    ]
    note = f"{pair.n} patients an arm, {pair.draws:,} trials drawn from {pair.pool} patients of {pair.population}"
    return differences_chart(table[["of", "difference", "low", "high", "told"]], pair.doses, note)
