"""The verb optimise: doses and schedules compared in the same patients."""

from __future__ import annotations

from pathlib import Path

import click

from cereblon.show.cli.bar import bar
from cereblon.show.cli.options import format_option, out_file
from cereblon.show.cli.output import emit


@click.command(short_help="dose and schedule: response against neutropenia")
@click.option("--regimens", help="regimens by name or file, parted by commas (six schedules of mezigdomide and "
                                 "dexamethasone); those of partners are compared in the same way")  # fmt: skip
@click.option("--doses", default="0.3 mg,0.6 mg,1 mg,1.6 mg", show_default=True, help="doses of the drug")
@click.option("--populations", help="populations by name or file (both structures of triple-class refractory myeloma)")
@click.option("--drug", default="mezigdomide", show_default=True, help="the drug whose dose is varied")
@click.option("--like", default="MM_001_phase_2", show_default=True, help="the trial whose visits and policy are used")
@click.option("--patients", type=click.IntRange(1, 10_000), default=60, show_default=True, help="at each point")
@click.option("--cycles", type=click.IntRange(1, 100), help="how long they are followed, in cycles of that trial")
@click.option("--months", type=float, default=6.0, show_default=True, help="month at which progression is told")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="seed of the patients")
@click.option("--front", is_flag=True, help="print the Pareto front alone")
@click.option("--randomised", type=click.IntRange(1, 5_000), metavar="N",
              help="instead compare the two doses of --doses, N patients an arm, on the first regimen and population")
@format_option
@out_file
def optimise(
    regimens: str | None, doses: str, populations: str | None, drug: str, like: str, patients: int, cycles: int | None,
    months: float, seed: int, front: bool, randomised: int | None, form: str, out: Path | None,
) -> None:  # fmt: skip
    """Response, time without progression and grade 3/4 neutropenia over doses and schedules, in the same patients.

    Neutropenia is counted at the visits and from day to day. Every point is simulated in each population: what lies
    between them is the range of a prediction. Partners and their schedules, earlier lines, and another malignancy that
    depends on IKZF1 and IKZF3 are searched in the same way. Ctrl-C keeps the points that are done.

    \b
    Examples:
      cereblon optimise --patients 30 --cycles 7
      cereblon optimise --regimens mezi_bortezomib_dex,mezi_carfilzomib_dex,mezi_daratumumab_dex --doses "0.3 mg,1 mg"
      cereblon optimise --populations earlier_lines --doses "0.3 mg,0.6 mg,1 mg" --patients 30
      cereblon optimise --populations lymphoma --regimens mezi_dex,mezi_dex_14_21,mezi_dex_7_14 --patients 30
      cereblon optimise --regimens mezi_dex,mezi_dex_10_14 --front --format csv --out front.csv
      cereblon optimise --doses "0.6 mg,1 mg" --randomised 30
    """
    from cereblon.bedside.optimisation import SCHEDULES, STRUCTURES
    from cereblon.bedside.optimisation import optimise as compared

    given = _parts(regimens) if regimens else SCHEDULES
    people = _parts(populations) if populations else STRUCTURES
    if randomised is not None:
        from cereblon.bedside.two_doses import two_doses

        pair = two_doses(
            _parts(doses), randomised, regimen=given[0], population=people[0], drug=drug, like=like,
            pool=max(patients, 2 * randomised), cycles=cycles, seed=seed,
        )  # fmt: skip
        emit(pair.table().to_dict("records"), form, out, title=str(pair), caption="Research use only.")  # type: ignore[arg-type]
        return
    with bar("points", len(given) * len(people) * len(_parts(doses))) as progress:
        found = compared(given, _parts(doses), people, drug=drug, like=like, patients=patients, cycles=cycles,
                         months=months, seed=seed, progress=progress)  # fmt: skip
    table = found.front() if front else found.table()
    if form == "table":  # the ends of all intervals do not fit on a screen
        table = table[[name for name in table if not str(name).endswith(("_low", "_high", "_lowest", "_highest"))]]
    rows = [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]
    caption = "dose in mg, median_PFS in months; blank: not reached. Intervals: --format csv. Research use only."
    emit(rows, form, out, title=str(found), caption=caption)
    if len(found.points) < found.planned:
        raise click.exceptions.Exit(1)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(","))
