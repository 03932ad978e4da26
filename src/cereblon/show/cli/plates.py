"""What the analyses of plate files share: how a file is read, and how a folder of results is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from cereblon.bench import Readings
    from cereblon.bench.plate import Quality

F = TypeVar("F", bound=Callable[..., Any])
RESEARCH = "Research use only."


def plate_file(function: F) -> F:
    """FILE, and the options by which it is read: --column, --unit, --group, --layout, --decimal, --normalise."""
    options = (
        click.argument("file", type=click.Path(path_type=Path)),
        click.option("--column", "columns", multiple=True, metavar="MEANING=NAME",
                     help='what a column is, e.g. --column "value=root length"; may be repeated'),
        click.option("--unit", help="unit of the concentrations, where the file has none: nM, uM, ng/mL ..."),
        click.option("--group", multiple=True, metavar="NAME", help="a column that tells curves apart (repeatable)"),
        click.option("--layout", type=click.Path(path_type=Path), help="a file with what the wells of a block hold"),
        click.option("--decimal", type=click.Choice([".", ","]), help="the decimal sign, where 1,234 may be both"),
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def pairs(texts: Iterable[str], option: str, example: str) -> dict[str, list[str]]:
    """key -> values of options written KEY=VALUE; InputError for one that is not."""
    from cereblon.ground.errors import InputError

    out: dict[str, list[str]] = {}
    for text in texts:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not (key and equals and value):
            raise InputError(f"{option} takes KEY=VALUE", where=option, found=text, example=example)
        out.setdefault(key, []).append(value)
    return out


def read_plate(
    file: Path,
    columns: Iterable[str],
    unit: str | None,
    group: Iterable[str],
    layout: Path | None,
    decimal: str | None,
) -> Readings:
    """The readings of a file, as the options of `plate_file` say."""
    from cereblon.bench import read

    named = pairs(columns, "--column", '--column "value=rootl"')
    wanted = {key: names[0] if len(names) == 1 else names for key, names in named.items()}
    return read(file, columns=wanted, unit=unit, group=list(group), layout=layout, decimal=decimal)


def plate_quality(readings: Readings) -> Quality | None:
    """Z' and its kin, where the plates have the controls for them."""
    roles = set(readings.role.tolist())
    if "untreated" not in roles or not {"positive", "blank"} & roles:
        return None
    from cereblon.ground.errors import InputError

    try:
        return readings.quality()
    except InputError:  # a plate without one of them: nothing to say of it
        return None


def quality_rows(quality: Quality) -> list[dict[str, Any]]:
    """What is printed of each plate; the whole of it is in quality.csv."""
    return [
        {
            "plate": p.plate, "high": f"{p.high} (n {p.n_high})", "low": f"{p.low} (n {p.n_low})", "Z'": p.Z,
            "signal window": p.signal_window, "CV of high": f"{p.CV_high:.1%}",
            "CV of replicates": f"{p.replicate_CV:.1%}", "verdict": p.verdict,
        }
        for p in quality
    ]  # fmt: skip


def write_folder(out: Path, tables: Mapping[str, Any], figures: Mapping[str, Any]) -> None:
    """Each table as NAME.csv and each chart as NAME.svg and NAME.png; all are made before the first is written."""
    from cereblon.ground.files import write_atomically
    from cereblon.show import render

    files: dict[str, str | bytes] = {f"{name}.csv": table.to_csv(index=False) for name, table in tables.items()}
    for name, chart in figures.items():
        svg = render.svg(render.spec(chart))
        files |= {f"{name}.svg": svg, f"{name}.png": render.png(svg)}
    for file, content in files.items():
        write_atomically(out / file, content)


def say(notes: Iterable[str]) -> str:
    """Notes of a file as a caption."""
    return ". ".join(note[:1].upper() + note[1:] for note in (*notes, RESEARCH.rstrip("."))) + "."
