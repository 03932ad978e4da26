"""Toxicity, from a table of blood counts and adverse events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cereblon.show.cli.options import format_option, out_file

if TYPE_CHECKING:
    import pandas as pd


@click.command(short_help="CTCAE grades and dose-limiting toxicity from counts and adverse events")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--version", "edition", default="5.0", show_default=True, help="CTCAE: 4.03, 5.0 or 6.0")
@click.option("--dlt", default="", metavar="DEFINITION",
              help="dose-limiting toxicity by class_precedent, missed_doses, any_grade_4 or a .toml file")  # fmt: skip
@click.option("--lower-limit", "limits", multiple=True, metavar="TEST=VALUE",
              help='your laboratory\'s lower limit, e.g. --lower-limit "PLT=140 1e9/L"; decides grade 1')  # fmt: skip
@click.option("--until", type=float, default=float("inf"), help="last day that counts (default: all)")
@click.option("--show", type=click.Choice(["terms", "patients"]), default="terms", show_default=True,
              help="which table to print")  # fmt: skip
@click.option("--figures", type=click.Path(path_type=Path), help="write the butterfly of grades into this folder")
@format_option
@out_file
def toxicity(
    file: Path, edition: str, dlt: str, limits: tuple[str, ...], until: float, show: str, figures: Path | None,
    form: str, out: Path | None,
) -> None:  # fmt: skip
    """Worst grades after the first dose: of counts at the visits, and of events as reported.

    \b
    Tests: ANC, PLT, Hb, ALC; adverse_event (value is the grade, column term its name, related yes or no);
    GCSF, platelet_transfusion, dose, missed_dose, first_dose.

    \b
    Examples:
      cereblon clinic toxicity trial.csv
      cereblon clinic toxicity trial.csv --version 6.0 --format csv
      cereblon clinic toxicity trial.csv --dlt class_precedent
    """
    from cereblon.bedside import table
    from cereblon.bedside.toxicity import dose_limiting, from_table
    from cereblon.bedside.toxicity import toxicity as graded
    from cereblon.records.dlt import definition
    from cereblon.show.cli.output import emit

    seen = table.read(file)
    if dlt:
        by = definition(dlt)
        limiting = dose_limiting(from_table(seen, window=by["window.duration"].to("d").value), by)
        emit(_rows(limiting.table()), form, out, title=file.name, caption=str(limiting), keep=("patient",))
        return
    found = graded(from_table(seen), edition, lower_limits=_limits(limits, edition), until=until)
    if figures is not None:
        from cereblon.show.cli.folder import write
        from cereblon.show.figures.toxicity import butterfly_chart

        chart = butterfly_chart(found.by_grade(), title=f"Worst grades, CTCAE {edition}")
        write(figures, {}, {"adverse_events": chart})
    chosen = found.table() if show == "terms" else found.patients()
    notes = "\n".join(found.notes)
    emit(_rows(chosen), form, out, title=f"{file.name}, CTCAE {edition}", caption=notes, keep=("term",))


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def _limits(given: tuple[str, ...], edition: str) -> dict[str, float]:
    """Test -> lower limit in its own unit, of TEST=VALUE options."""
    from cereblon.bedside.table import split_unit
    from cereblon.bedside.toxicity import ctcae
    from cereblon.ground.errors import InputError

    by, out = ctcae(edition), {}
    for text in given:
        test, _, value = (part.strip() for part in text.partition("="))
        if test not in by.cutoffs or not value:
            raise InputError("a lower limit is TEST=VALUE", where="--lower-limit", found=text, example="PLT=140 1e9/L",
                             expected=f"one of {', '.join(by.cutoffs)}")  # fmt: skip
        out[test] = split_unit(value, by.cutoffs[test].unit, f"--lower-limit {test}")
    return out
