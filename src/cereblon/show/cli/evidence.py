"""The verb evidence: every reported number beside the simulated one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cereblon.show.cli.options import format_option, out_folder

if TYPE_CHECKING:
    import pandas as pd

    from cereblon.evidence import Comparison, Evidence

FOLDER = "evidence"


@click.command(short_help="reported beside simulated, with verdicts")
@format_option
@out_folder
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True,
              help="seed of the draws behind the prediction intervals")  # fmt: skip
def evidence(form: str, out: Path, seed: int) -> None:
    """Simulate every row of evidence that an experiment can, judge it, and draw the forest plot.

    The table is printed; forest.svg, forest.png and evidence.csv go to OUT/evidence. A minute or two.

    \b
    Verdicts:
      agrees               reported and simulated fit
      misses               they do not; by how much stands beside it
      uninformative        the prediction is too wide to have missed
      cannot discriminate  a null model does as well
      not simulated yet    no experiment

    \b
    Examples:
      cereblon evidence
      cereblon evidence --format csv --out results
    """
    from cereblon.evidence import evidence_rows, table
    from cereblon.ground.files import inside, write_atomically
    from cereblon.show import render
    from cereblon.show.cli.folder import check_folder
    from cereblon.show.cli.output import emit
    from cereblon.show.figures.forest import forest_chart

    folder = inside(out, FOLDER)
    check_folder(folder)
    found = _with_bar(lambda step: table(seed, progress=step), len(evidence_rows()))
    drawing = render.svg(render.spec(forest_chart(drawn(found))))
    write_atomically(folder / "forest.svg", drawing)
    write_atomically(folder / "forest.png", render.png(drawing))
    found.save(folder / "evidence.csv")
    if form == "table":
        counted = ", ".join(f"{number} {word}" for word, number in found.counts.items())
        caption = f"{len(found)} rows: {counted}. Basis: whether a number was set on the row, put in, or predicted."
        emit([_line(c) for c in found], form, title="Evidence", keep=("id", "reported", "verdict"), caption=caption)
    else:
        emit([c.record() for c in found], form)
    click.echo(str(folder / "forest.svg"), err=True)


def drawn(found: Evidence) -> pd.DataFrame:
    """The table of the forest plot: rows with a number that are simulated, and shares as reported."""
    import pandas as pd

    rows = []
    for c in found:
        judged = c.simulated is not None and c.simulated.holds is None
        share = c.row.is_share and c.interval_kind != ""
        if judged or (share and "exact" in c.interval_kind):
            group = "shares" if c.row.is_share else "others"
            rows.append({"label": label(c), "group": group, **c.record()})
    return pd.DataFrame(rows)


def label(c: Comparison) -> str:
    """A row of the plot in a few words."""
    from cereblon.ground.vocabulary import printed

    row = c.row
    parts = [printed(row.compound) if ";" not in row.compound else "", printed(row.of) if row.of != "CRBN" else ""]
    if row.is_share:
        shown = [row.description, parts[0] if row.experiment else row.setting.removeprefix("MM-001 ")]
    else:
        where = row.setting if row.setting in ("FP", "cell_extract") else row.dose
        shown = [*parts, printed(row.quantity).replace("_", " "), where.replace("_", " ")]
    shown = [part for part in shown if part]
    return f"{row.id}  {', '.join(shown)}"


def _line(c: Comparison) -> dict[str, str]:
    shown = ""
    if c.simulated is not None:
        shown = c.simulated.says if c.simulated.holds is not None else str(c.estimate)
    low, high = c.row.interval
    exact = f" ({low:.2f}-{high:.2f})" if c.row.events is not None else ""
    return {
        "id": c.row.id,
        "what": c.what,
        "reported": c.row.text + exact,
        "simulated": shown,
        "verdict": str(c.verdict),
        "basis": c.basis,
        "role": c.row.role,
    }


def _with_bar(work: Callable[[Callable[[str], None]], Evidence], steps: int) -> Evidence:
    """The work with a progress bar on standard error, which goes away when it is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    parts = (TextColumn("{task.description:<6}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*parts, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=steps)
        return work(lambda name: bar.update(task, description=name, advance=1))
