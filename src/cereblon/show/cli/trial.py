"""The verb trial: simulated from the mechanism up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cereblon.show.cli.bar import bar
from cereblon.show.cli.escalation import escalated, escalation_options, not_escalated
from cereblon.show.cli.options import format_option

if TYPE_CHECKING:
    from cereblon.bedside.outcome import Replicates
    from cereblon.bedside.trial import Trial


class _Listed(click.Command):
    """A command whose help ends with the names of the shipped trials."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from cereblon.records.trial import protocols

        with formatter.section("Shipped trials"):
            formatter.write_text(", ".join(protocols()))


@click.command(cls=_Listed, short_help="a trial, simulated patient by patient")
@click.argument("name", default="MM_001_phase_2")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="seed of the patients")
@click.option("--replicates", type=click.IntRange(1, 100_000), help="many trials of seeds SEED, SEED + 1, ...")
@click.option("--no-cut", is_flag=True, help="follow everyone through all cycles, without a data cut")
@escalation_options
@format_option
@click.option("--out", type=click.Path(path_type=Path), help="a folder for tables and figures")
@click.option("--adam", type=click.Path(path_type=Path),
              help="a folder for tables with ADaM's names (ADSL, ADEX, ADLB, ADAE, ADRS, ADTTE) and their dictionary")
def trial(
    name: str, seed: int, replicates: int | None, no_cut: bool, form: str, out: Path | None, adam: Path | None,
    **rules: Any,
) -> None:  # fmt: skip
    """Simulate a trial: patients of a population under a regimen, seen at visits, doses held and reduced by a policy.

    NAME is a shipped trial or a .toml file of your own. One replicate prints response, times and toxicity; with
    --replicates the mean of each number and what 95 % of such trials show. Ctrl-C keeps the replicates that are done.
    An escalation prints its path and MTD, with --replicates its operating characteristics; --follow goes on with all it
    treated, to response and adverse events; --protocol-grid shows how its MTD moves with the rules of the protocol, in
    the same patients.

    \b
    Examples:
      cereblon trial MM_001_phase_2
      cereblon trial MM_001_phase_2 --seed 7 --out out/trial
      cereblon trial MM_001_phase_2 --seed 1 --adam out/adam
      cereblon trial MM_001_phase_2 --replicates 100 --format csv
      cereblon trial MM_001_phase_2 --support prophylactic --policy held_at_grade_3
      cereblon trial MM_001_phase_1 --seed 1
      cereblon trial MM_001_phase_1_21_28 --follow --patients 40
      cereblon trial MM_001_phase_1_21_28 --replicates 100 --design boin --design blrm
      cereblon trial MM_001_phase_1_21_28 --protocol-grid --patients 40 --out out/grid
    """
    from cereblon.bedside.named import trial as looked_up
    from cereblon.bedside.phase_1 import EscalationTrial
    from cereblon.ground.errors import InputError
    from cereblon.show.cli.folder import check_folder
    from cereblon.show.cli.output import emit

    if adam is not None and replicates is not None:
        raise InputError("tables of patients are those of one replicate", where="--adam", found="--replicates",
                         expected="one of both")  # fmt: skip
    plan = looked_up(name)
    for folder in (out, adam):
        if folder is not None:
            check_folder(folder)
    if isinstance(plan, EscalationTrial):
        if adam is not None:
            raise InputError("tables of patients are those of a trial that does not escalate", where="--adam",
                             found=name, example="MM_001_phase_2")  # fmt: skip
        escalated(plan, seed, replicates, no_cut, form, out, **rules)
        return
    not_escalated(name, rules)
    plan = plan.under(rules["policy"], rules["support"])
    if replicates is None:
        found = plan.run(seed, cut=not no_cut)
        table = found.table()
        if form == "table":
            click.echo(str(found))
        else:
            emit([{str(k): v for k, v in row.items()} for row in table.to_dict("records")], form)
        if out is not None:
            from cereblon.show.cli.folder import write
            from cereblon.show.trial_plot import drawn

            tables = {"patients": table, "endpoints": found.endpoints.table(), "decisions": found.log()}
            write(out, tables, drawn(found))
        if adam is not None:
            click.echo(str(found.save_datasets(adam)), err=True)
    else:
        many = _with_bar(plan, replicates, seed, not no_cut)
        rows = [{str(k): v for k, v in row.items()} for row in many.table().to_dict("records")]
        title = f"{many.name}: {len(many.seeds)} replicates of {many.patients} patients"
        emit(rows, form, title=title, caption="low and high hold 95 % of the replicates. Research use only.")
        if out is not None:
            from cereblon.show.cli.folder import write
            from cereblon.show.trial_plot import replicates_drawn

            write(out, {"replicates": many.table()}, replicates_drawn(many))
        if len(many.seeds) < many.planned:
            raise click.exceptions.Exit(1)


def _with_bar(plan: Trial, count: int, seed: int, cut: bool) -> Replicates:
    """The replicates with a progress bar on standard error, which goes away when they are done."""
    with bar("replicates", count) as progress:
        return plan.replicates(count, seed, cut=cut, progress=progress)
