"""The verb trial, of an escalation: its path, its operating characteristics, the grid of its protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cereblon.ground.errors import InputError
from cereblon.show.cli.bar import bar
from cereblon.show.cli.output import emit

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.bedside.phase_1 import EscalationTrial

F = TypeVar("F", bound=Callable[..., Any])
FLAGS = {"designs": "--design", "dlt": "--dlt", "labs": "--labs", "grid": "--protocol-grid", "follow": "--follow",
         "patients": "--patients"}  # fmt: skip


def escalation_options(function: F) -> F:
    """The options of a trial's rules; most are those of an escalation alone."""
    options = (
        click.option("--design", "designs", multiple=True,
                     help="escalation: another design than the record's (3+3, boin, backfill, mtpi-2, keyboard, crm, "
                          "tite-crm, blrm); "
                          "may be repeated"),
        click.option("--dlt", help="escalation: another definition of dose-limiting toxicity, by name or file"),
        click.option("--policy", help="another policy of holding doses, by name or file"),
        click.option("--labs", help="escalation: daily, twice weekly, weekly (default) or every other week"),
        click.option("--support", help="growth factor never (none), by the policy (policy), from the first dose on to "
                                       "those at risk (at risk) or to all (prophylactic)"),
        click.option("--protocol-grid", "grid", is_flag=True, default=None,
                     help="escalation: DLT rates and MTD under every definition, lab days, rule of holding, G-CSF"),
        click.option("--follow", "follow", is_flag=True, default=None,
                     help="escalation: follow all it treated beyond the window, for response and adverse events"),
        click.option("--patients", type=click.IntRange(1, 10_000),
                     help="patients of --protocol-grid (40); of --follow, filled up at the MTD (those it treated)"),
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def not_escalated(name: str, rules: dict[str, Any]) -> None:
    """InputError for an option that a trial of one dose does not take."""
    for rule, value in rules.items():
        if rule in FLAGS and value:
            raise InputError("this trial has one dose, and no rule of an escalation", where=FLAGS[rule], found=name,
                             example="cereblon trial MM_001_phase_1")  # fmt: skip


def escalated(plan: EscalationTrial, seed: int, replicates: int | None, no_cut: bool, form: str, out: Path | None,
              *, designs: tuple[str, ...], dlt: str | None, policy: str | None, labs: str | None, support: str | None,
              grid: bool | None, follow: bool | None, patients: int | None, **_: Any) -> None:  # fmt: skip
    """Run an escalation, many of them, or its grid; print, and write tables and figures into the folder
    `out`."""
    from cereblon.records.dlt import definition
    from cereblon.records.policy import policy as policy_record
    from cereblon.show.cli.folder import write

    if no_cut:
        raise InputError("an escalation has no data cut", where="--no-cut", found=plan.protocol.name)
    if patients and not (grid or follow):
        raise InputError("how many live through a grid, or are followed", where="--patients",
                         found="no --protocol-grid or --follow")  # fmt: skip
    changes: dict[str, Any] = {name: given for name, given in (("labs", labs), ("support", support)) if given}
    if dlt:
        changes["definition"] = definition(dlt)
    if policy:
        changes["policy"] = policy_record(policy)
    plan = replace(plan, **changes)
    tables: dict[str, pd.DataFrame] = {}
    shown: dict[str, Any] = {}
    finished = True
    if grid:
        from cereblon.bedside.protocol_grid import protocol_grid

        if designs or dlt or policy or labs or support or follow:
            raise InputError("a grid has all rules", where="--protocol-grid", found="a rule of its own")
        with bar("sets of rules", 1) as progress:
            cells = protocol_grid(plan, patients=patients or 40, seed=seed, progress=progress)
        finished = len(cells.cells) == cells.planned
        shown["grid"] = cells
        tables = {"grid": cells.table(), "MTD": cells.MTDs(), "effects": cells.effects()}
        _say(str(cells), cells.table(), form)
    elif follow and replicates:
        for name in designs or (None,):
            tables |= _many_followed(plan, name, replicates, seed, patients, form)
    elif replicates is None:
        for name in designs or (None,):
            one = plan.run(seed, design=name)
            label = one.course.design.name.replace("+", "_")
            tables |= {f"patients_{label}": one.table(), f"path_{label}": one.path()}
            shown[f"path_{label}"] = one
            if not follow:
                _say(str(one), one.table(), form)
                continue
            from cereblon.bedside.followed import follow as followed

            beyond = followed(plan, [one], patients)[0]
            tables |= {f"followed_{label}": beyond.table(), f"by_dose_{label}": beyond.by_dose()}
            _say(f"{one}\n{beyond}\nResearch use only.", beyond.table(), form)
    else:
        for name in designs or (None,):
            with bar("escalations", replicates) as progress:
                found = plan.replicates(replicates, seed, design=name, progress=progress)
            finished = finished and found.trials is not None and len(found.trials.MTD) == replicates
            tables[f"operating_{found.design.name.replace('+', '_')}"] = found.table()
            shown[f"operating_{found.design.name.replace('+', '_')}"] = found
            _say(str(found), found.table(), form)
    if out is not None:
        from cereblon.show.plot import plot

        write(out, tables, {name: plot(result) for name, result in shown.items()})
    if not finished:
        raise click.exceptions.Exit(1)


def _many_followed(plan: EscalationTrial, name: str | None, count: int, seed: int, patients: int | None,
                   form: str) -> dict[str, pd.DataFrame]:  # fmt: skip
    """The headline numbers of all treated by `count` escalations, printed and as a table by its name."""
    from cereblon.bedside.schedules import Schedules

    ended = tuple(plan.escalations(range(seed, seed + count), name))
    design = ended[0].course.design
    found = Schedules(plan.protocol.symbol, (plan,), (ended,)).all_treated(patients or design.patients)
    rows = [{str(k): v for k, v in row.items()} for row in found.table().to_dict("records")]
    emit(rows, form, title=f"{found.name}, {design.name}: all treated, {count} replicates of {found.patients} patients",
         caption="low and high hold 95 % of the replicates. Research use only.")  # fmt: skip
    return {f"all_treated_{design.name.replace('+', '_')}": found.table()}


def _say(text: str, table: pd.DataFrame, form: str) -> None:
    if form == "table":
        click.echo(text)
    else:
        emit([{str(k): v for k, v in row.items()} for row in table.to_dict("records")], form)
