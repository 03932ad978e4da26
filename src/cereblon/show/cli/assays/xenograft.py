"""Xenograft: simulated from its arms, and analysed from a file of volumes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cereblon.show.cli.options import format_option, out_figures, parsed, set_option

if TYPE_CHECKING:
    from cereblon.bench import Xenograft

_DAY = click.option("--day", type=float, help="day of TGI (default: the last one on which every arm is whole)")
_SIZE = click.option("--size", type=float, help="mm3 at which the time to a size is read (default: 1000, or less)")


@click.command(short_help="human myeloma in mice")
@click.option("--line", default="", help="the cell line (default: the design's, H929_R10)")
@click.option(
    "--arm", "arms", multiple=True, metavar="TEXT",
    help='an arm, e.g. "mezigdomide 0.3 mg/kg days 1-21 + dexamethasone"; may be repeated; the vehicle is added',
)  # fmt: skip
@click.option("--host", default="", help="SCID or NSG (default: the design's)")
@click.option("--n", type=click.IntRange(1), help="mice in an arm (default: the design's)")
@click.option("--design", default="subcutaneous", show_default=True, help="subcutaneous, disseminated, or a file")
@click.option("--days", default="", help='days of measurement, e.g. "0,3,7,10,14" (default: the design\'s)')
@click.option("--limit", help='volume at which a mouse is taken out, e.g. "2000 mm3" (default: the design\'s)')
@click.option("--typical", is_flag=True, help="one typical mouse an arm, without lots and without error")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="seed of mice and lots")
@_DAY
@_SIZE
@set_option
@format_option
@out_figures
def bench(
    line: str, arms: tuple[str, ...], host: str, n: int | None, design: str, days: str, limit: str | None,
    typical: bool, seed: int, day: float | None, size: float | None, changes: tuple[str, ...], form: str,
    out: Path | None,
) -> None:  # fmt: skip
    """A study in mice: inoculation, randomisation by volume, doses, caliper, removal at a size, TGI and survival.

    Usual doses in mice and mouse pharmacokinetics are assumptions of the package; amounts are per body weight.

    \b
    Examples:
      cereblon bench xenograft
      cereblon bench xenograft --line H929 --arm mezigdomide --arm lenalidomide --n 10 --seed 7
      cereblon bench xenograft --line MOLP8 --arm mezigdomide --arm daratumumab --arm "mezigdomide + daratumumab"
      cereblon bench xenograft --design disseminated --host NSG --out out/xenograft
    """
    from cereblon.bench import xenograft
    from cereblon.bench.arms import NOTHING

    given = list(arms)
    if given and not any(arm.strip().casefold() in NOTHING for arm in given):
        given.insert(0, "vehicle")
    study = xenograft(
        line, given, host, n or 0, seed, design=design, days=days, limit=limit, typical=typical, changes=parsed(changes)
    )
    _show(study, day, size, form, out)


@click.command(short_help="volumes of mice by day")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--vehicle", default="", help="the arm that is the control (default: the one called vehicle or control)")
@click.option(
    "--column", "columns", multiple=True, metavar="MEANING=NAME",
    help="which column is mouse, arm, day, volume, length or width; may be repeated",
)  # fmt: skip
@click.option(
    "--combination", "combinations", multiple=True, metavar="BOTH=A,B",
    help='an arm and those of its single drugs (default: arms named "A + B"); may be repeated',
)  # fmt: skip
@click.option("--start", type=float, help="day of the first dose, in the file's days (default: 0, or the first)")
@click.option("--unit", default="mm3", show_default=True, help="of the volumes: mm3, cm3 or mL")
@click.option("--duplicates", type=click.Choice(["refuse", "mean"]), default="refuse", show_default=True,
              help="two readings of one mouse on one day")  # fmt: skip
@click.option("--limit", type=float, help="mm3 at which mice were taken out, if you know it")
@click.option("--offset", default=0.0, show_default=True, help="mm3 added before a logarithm; invivoSyn adds 1")
@click.option("--blocked", is_flag=True, help="lots were drawn within blocks of like volume")
@click.option("--interval", type=click.Choice(["expanded", "percentile"]), default="expanded", show_default=True,
              help="bootstrap interval; percentile is that of other programs, too short for few mice")  # fmt: skip
@click.option("--draws", type=click.IntRange(1, 100_000), default=2000, show_default=True, help="of the bootstrap")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="seed of the bootstrap")
@_DAY
@_SIZE
@format_option
@out_figures
def analyse(
    file: Path, vehicle: str, columns: tuple[str, ...], combinations: tuple[str, ...], start: float | None, unit: str,
    duplicates: str, limit: float | None, offset: float, blocked: bool, interval: str, draws: int, seed: int,
    day: float | None, size: float | None, form: str, out: Path | None,
) -> None:  # fmt: skip
    """Volumes of mice by day: TGI in both forms, T/C, growth rates by mixed model, time to a size, Bliss and HSA.

    FILE is long (a row per mouse and day: arm, mouse, day, and volume or length and width) or wide (a column per day).

    \b
    Examples:
      cereblon analyse xenograft volumes.csv
      cereblon analyse xenograft volumes.csv --vehicle "Group 1" --column volume=TV --day 17
      cereblon analyse xenograft volumes.csv --combination "Group 4=Group 2,Group 3" --out out/study
    """
    from cereblon.bench import read_xenograft

    both = {name: tuple(part.strip() for part in singles.split(",")) for name, singles in _pairs(combinations)}
    study = read_xenograft(
        file, vehicle, dict(_pairs(columns)), combinations=both, start=start, unit=unit, duplicates=duplicates,
        limit=limit, offset=offset, blocked=blocked, interval="percentile" if interval == "percentile" else "expanded",
        draws=draws, seed=seed,
    )  # fmt: skip
    _show(study, day, size, form, out)


def _pairs(texts: tuple[str, ...]) -> list[tuple[str, str]]:
    """(name, value) of NAME=VALUE options."""
    from cereblon.ground.errors import InputError

    pairs = [tuple(part.strip() for part in text.partition("=")) for text in texts]
    for (name, equals, value), text in zip(pairs, texts, strict=True):
        if not (name and equals and value):
            raise InputError("an option of the form NAME=VALUE", found=text, example="volume=TV")
    return [(name, value) for name, _, value in pairs]


def _show(study: Xenograft, day: float | None, size: float | None, form: str, out: Path | None) -> None:
    """Print the study, and write its tables and figure into a folder."""
    from cereblon.bench.volume_file import TO_MM3
    from cereblon.ground.errors import InputError, SolveError
    from cereblon.show.cli.output import emit

    summary = study.summary(day, size)
    joint = [study.bliss(both, day) for both in study.combinations]
    fitted, spread = None, len(study.sizes.subjects) > len(study.arms)  # one typical mouse an arm has none
    if spread:
        try:
            fitted = study.mixed_model()
        except (InputError, SolveError) as error:
            click.echo(f"no mixed model: {error}", err=True)
    if form == "table":
        rows = [_row(row, study.vehicle) for row in summary.to_dict("records")]
        at = f"{summary['day'].iloc[0]:g}"
        emit(rows, title=f"{study.name}, day {at}; TGI against {study.vehicle}, % with 95 % interval", keep=("arm",))
        death = study.deaths is not None and size is None
        heading = "time to death" if death else f"time to {size or study.usual_size:,.0f} {study.sizes.unit}"
        parts = [str(fitted)] if fitted is not None else []
        parts += [f"{heading}\n{study.survival(size)}"] if spread else []
        parts += [*map(str, joint), "\n".join((*study.doses, *study.notes))]
        click.echo("\n\n".join(filter(None, parts)))
        if study.model is not None:
            click.echo(f"{len(study.assumptions)} numbers behind this are assumed or recalled. Research use only.")
    else:
        emit([{str(k): v for k, v in row.items()} for row in summary.to_dict("records")], form)
    if out is not None:
        import pandas as pd

        from cereblon.show.cli.folder import write
        from cereblon.show.plot import plot

        tables = {"volumes": study.table(), "summary": summary, "survival": study.survival(size).table()}
        if fitted is not None:
            tables["mixed_model"] = fitted.table()
        if joint:
            tables["synergy"] = pd.concat([one.table() for one in joint], ignore_index=True)
        if study.weights is not None:
            tables["excised"] = study.excised()
        write(out, tables, {"volumes": plot(study)})
        if study.model is not None and study.sizes.unit in TO_MM3 and spread:
            _say_again(study, out)


def _say_again(study: Xenograft, out: Path) -> None:
    """How the file of volumes is analysed as this study was: it cannot hold how lots were drawn."""
    parts = [f'cereblon analyse xenograft "{out / "volumes.csv"}"', f'--vehicle "{study.vehicle}"']
    parts += [f"--seed {study.seed}"]
    parts += ["--blocked"] if study.blocked else []
    parts += [f"--limit {study.limit:g}"] if study.limit is not None else []
    click.echo(f"the same intervals from the file: {' '.join(parts)}", err=True)


def _row(row: dict[Any, Any], vehicle: str) -> dict[str, Any]:
    """A row of the summary for reading: estimates with their intervals as text."""

    def interval(name: str) -> str:
        value, low, high = (row[f"{name}_{end}"] for end in ("%", "low", "high"))
        if value != value:
            return "" if row["arm"] == vehicle else "not estimated"
        return f"{value:.1f}" + ("" if low != low else f" ({low:.1f} to {high:.1f})")

    p_mixed, p_rank = row["p_mixed"], row["p_log_rank"]
    return {
        "arm": row["arm"],
        "mice": f"{row['measured']} of {row['mice']}",
        "mean": float(f"{row['mean']:.4g}"),
        "TGI, changes": interval("TGI_change"),
        "TGI, ratios": interval("TGI_ratio"),
        "T/C": interval("T_over_C"),
        "rate 1/d": row["rate_1/d"],
        "p mixed": "" if p_mixed != p_mixed else f"{p_mixed:.2g}",
        "median d": row["median_d"],
        "p log-rank": "" if p_rank != p_rank else f"{p_rank:.2g}",
    }
