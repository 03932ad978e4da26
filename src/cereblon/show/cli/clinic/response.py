"""Response of myeloma, from a table of laboratory values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cereblon.show.cli.options import format_option, out_file

if TYPE_CHECKING:
    from cereblon.bedside.endpoints import Endpoints

_SHOWN = ("patient", "best", "best_day", "response_day", "progression_day", "progression", "evaluable", "death")


@click.command(short_help="best response, ORR, PFS, DOR from M-protein and light chains")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--criteria", default="IMWG_2016", show_default=True,
              help="IMWG_2016, IMWG_2011, IMWG_2006, or a .toml file of your own")  # fmt: skip
@click.option("--measurable", default="", metavar="LEVEL",
              help='serum M-protein from which disease is followed (default "0.5 g/dL")')  # fmt: skip
@click.option("--urine", type=click.Choice(["required", "as followed"]), default="required", show_default=True,
              help="whether VGPR and better need the urine measured in every patient")  # fmt: skip
@click.option("--band", type=click.Choice(["blocks", "shifted"]), default="blocks", show_default=True,
              help="an antibody's band (daratumumab) blocks CR, or a negative shift assay overrules it")  # fmt: skip
@click.option("--censoring", default="FDA", show_default=True, help="rules of PFS and DOR: FDA or EMA")
@click.option("--interval", type=click.FloatRange(min=0, min_open=True),
              help="days between planned assessments (default: the median found)")  # fmt: skip
@click.option("--window", type=click.FloatRange(min=0), default=0.0, show_default=True,
              help="days within which values belong to one visit")  # fmt: skip
@click.option("--cut", type=float, default=float("inf"), help="last day that counts (default: all)")
@click.option("--show", type=click.Choice(["patients", "rates", "endpoints"]), default="patients", show_default=True,
              help="which table to print")  # fmt: skip
@click.option("--patient", default="", help="explain every decision about this patient")
@click.option("--figures", type=click.Path(path_type=Path),
              help="write waterfall, spider, swimmer and PFS into this folder")  # fmt: skip
@format_option
@out_file
def response(
    file: Path, criteria: str, measurable: str, urine: Any, band: Any, censoring: str, interval: float | None,
    window: float, cut: float, show: str, patient: str, figures: Path | None, form: str, out: Path | None,
) -> None:  # fmt: skip
    """Best confirmed response of every patient by the criteria of the IMWG, and the endpoints that follow from it.

    \b
    Tests: serum_M, urine_M, kappa, lambda, FLC_ratio, serum_IFE, urine_IFE, shifted_IFE (DIRA), marrow_PC,
    clonal_PC, SPD, longest_diameter, short_axis, lesions, new_lesion, circulating_PC, calcium, MRD.
    Events: first_dose, death, new_therapy, last_contact.

    \b
    Examples:
      cereblon clinic response trial.csv
      cereblon clinic response trial.csv --patient P01          every decision with its reason
      cereblon clinic response trial.csv --show endpoints --censoring EMA
      cereblon clinic response trial.csv --measurable "1.0 g/dL" --figures figures
    """
    from cereblon.bedside import table
    from cereblon.bedside.endpoints import endpoints
    from cereblon.bedside.response import best_response, from_table, rules
    from cereblon.show.cli.output import emit

    by = rules(criteria, measurable=measurable, urine=urine, band=band)
    found = best_response(from_table(table.read(file), window=window, cut=cut), by)
    ends = endpoints(found, censoring, interval=interval)
    if figures is not None:
        _draw(ends, figures)
    if patient:
        click.echo(found.explain(patient))
        return
    tables = {"patients": found.table, "rates": ends.response_table, "endpoints": ends.table}
    rows: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in tables[show]().to_dict("records")]
    if show == "patients" and form == "table":
        rows = [{k: row[k] for k in _SHOWN} for row in rows]
    emit(rows, form, out, title=f"{file.name}, {found.rules}", caption=str(ends), keep=("patient", "best"))


def _draw(ends: Endpoints, folder: Path) -> None:
    from cereblon.bedside.response.drawing import best_changes, courses, lanes
    from cereblon.show.cli.folder import write
    from cereblon.show.figures.response import spider_chart, swimmer_chart, waterfall_chart
    from cereblon.show.figures.survival_curves import survival_chart
    from cereblon.statistics.follow_up import at_risk

    found, curve = ends.responses, ends.PFS.survival()
    title = f"Progression-free survival ({ends.rule.name} rules)"
    write(folder, {}, {
        "waterfall": waterfall_chart(best_changes(found)), "spider": spider_chart(courses(found)),
        "swimmer": swimmer_chart(lanes(found)),
        "PFS": survival_chart(curve.table(), at_risk(curve), title=title, unit="months from the first dose"),
    })  # fmt: skip
