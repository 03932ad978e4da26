"""The verb simulate: one compound, in a dish or in a patient, as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cereblon.show.cli.options import (
    a_glue,
    at_option,
    format_option,
    out_file,
    parsed,
    seed_option,
    set_option,
    shipped_compounds,
)

if TYPE_CHECKING:
    from cereblon.model import Result
    from cereblon.records import Compound


@click.command(short_help="a glue over time, in a dish or in a patient")
@click.argument("compound", metavar="NAME|FILE.toml", shell_complete=shipped_compounds)
@click.option("--dose", help='in a patient: how much a day, e.g. "1 mg"')
@click.option("--days", default="1-21", show_default=True, help="days of each cycle with a dose")
@click.option("--cycle", default="28 d", show_default=True, help="length of a cycle")
@click.option("--cycles", type=click.IntRange(1, 100), default=1, show_default=True, help="how many cycles")
@click.option("--cell", help="in a dish: which cells, e.g. H929 (the default when a concentration is given)")
@click.option("--concentration", help='in a dish: glue in the medium at time 0, e.g. "10 nM"')
@click.option("--until", help="when to stop (default: the end of the cycles; 24 h in a dish)")
@click.option("--every", help="time between rows (default: 6 h in a patient, 1 h in a dish)")
@set_option
@seed_option
@format_option
@out_file
def simulate(
    compound: str,
    dose: str | None,
    days: str,
    cycle: str,
    cycles: int,
    cell: str | None,
    concentration: str | None,
    until: str | None,
    every: str | None,
    changes: tuple[str, ...],
    seed: int,
    form: str,
    out: Path | None,
) -> None:
    """Simulate a glue and print what it does over time: in a patient with --dose, in a dish with --concentration.

    A file of kind "network" is a network of your own, and runs with the doses that it holds.

    \b
    Examples:
      cereblon simulate mezigdomide --dose "1 mg" --cycles 2
      cereblon simulate pomalidomide --cell H929 --concentration "100 nM" --until "48 h"
      cereblon simulate my_glue.toml --concentration "10 nM" --format csv --out run.csv
      cereblon simulate mezigdomide --dose "1 mg" --set "CRBN.total@tumour=12.5 nM"
    """
    from cereblon.ground.errors import InputError
    from cereblon.show.network_file import KIND, kind_of

    if dose is not None and (concentration is not None or cell is not None):
        raise InputError(
            "a run is in a patient or in a dish, not in both", found="--dose with --cell or --concentration",
            expected="one of the two", example='--dose "1 mg"',
        )  # fmt: skip
    texts = parsed(changes)
    if compound.endswith(".toml") and kind_of(Path(compound)) == KIND:
        _own_network(Path(compound), texts, until or "24 h", every or "1 h", form, out)
        return
    record = a_glue(compound)
    if concentration is not None or cell is not None:
        result, shown = _dish(record, texts, cell or "H929", concentration or "10 nM", until or "24 h", every or "1 h")
    else:
        result, shown = _patient(record, texts, dose, days, cycle, cycles, until, every or "6 h")
    _finish(result, shown, form, out)


def _own_network(file: Path, changes: dict[str, str], until: str, every: str, form: str, out: Path | None) -> None:
    """A user's network, run as its file says."""
    import numpy as np

    from cereblon.ground.errors import SolveError, UnitError
    from cereblon.ground.quantity import Quantity, unit
    from cereblon.show.cli.output import emit
    from cereblon.show.network_file import read_network

    net, doses, numbers = read_network(file)
    values = {}
    for address, text in changes.items():
        net.require(address, net.parameters, "parameter", "--set")
        quantity = Quantity.parse(text)
        declared = net.parameters[address].unit
        if not unit(quantity.unit).fits(unit(declared)):
            raise UnitError("wrong unit", where=f"--set {address}", found=text, expected=f"a unit like {declared}")
        values[address] = quantity.coherent
    run = net.simulate(values, _times(_hours(until, "--until"), _hours(every, "--every")), doses)
    if not run.ok:
        raise SolveError(f"the run failed: {run.status[0]}")
    columns = {f"{name}{_unit(run.unit(name))}": np.ravel(run[name]) for name in run.outputs}
    rows = [
        {"time h": float(t), **{c: float(v[i]) for c, v in columns.items()}} for i, t in enumerate(np.ravel(run.time))
    ]
    assumed = sum(q.grade == "assumed" for q in numbers.values())
    caption = f"{assumed} of {len(numbers)} numbers behind this are assumed. Research use only."
    emit(rows, form, out, title=net.name, caption=caption)


def _dish(
    record: Compound, changes: dict[str, str], cell: str, concentration: str, until: str, every: str
) -> tuple[Result, list[str]]:
    from cereblon.ground.errors import InputError
    from cereblon.ground.quantity import Quantity
    from cereblon.model import dish, exposure

    with at_option("--concentration"):
        amount = Quantity.parse(concentration).to("nM").value
        if amount < 0:
            raise InputError("a concentration is not negative", found=concentration, example="10 nM")
    model = dish(record, cell)
    model = model.replace(changes) if changes else model
    times = _times(_hours(until, "--until"), _hours(every, "--every"))
    return model.simulate(times, exposure(model, {record.name: amount})), [f"{record.name}@medium"]


def _patient(
    record: Compound,
    changes: dict[str, str],
    amount: str | None,
    days: str,
    cycle: str,
    cycles: int,
    until: str | None,
    every: str,
) -> tuple[Result, list[str]]:
    from cereblon.ground.errors import InputError
    from cereblon.model import patient
    from cereblon.records.regimen import dose, regimen, regimens

    named = f"{record.name}_21_28"
    if amount is None and named not in regimens():
        raise InputError(
            "no dose of this compound is on record", where=record.name, expected="--dose, or --concentration for a "
                                                                                 "dish",
            example='--dose "1 mg"',
        )  # fmt: skip
    given: Any = regimen(named).rows[0].amount if amount is None else amount
    calendar = dose(record, given, days=days, cycle=cycle, cycles=cycles)
    substrates = [s for s in ("IKZF1", "IKZF3") if s in record.neosubstrates] or record.neosubstrates[:1]
    model = patient(record, substrates=substrates)
    model = model.replace(changes) if changes else model
    end = calendar.end if until is None else _hours(until, "--until")
    return model.simulate(_times(end, _hours(every, "--every")), calendar), [f"{record.name}@central"]


def _hours(text: str, option: str) -> float:
    from cereblon.ground.errors import InputError, UnitError
    from cereblon.ground.quantity import Quantity

    try:
        value = Quantity.parse(text).to("h").value
    except UnitError as error:
        raise UnitError(error.message, where=option, found=error.found, expected="a time", example="24 h") from None
    if value <= 0:
        raise InputError("a time above 0 is needed", where=option, found=text, example="24 h")
    return value


MOST_ROWS = 100_000


def _times(end: float, step: float) -> Any:
    import numpy as np

    from cereblon.ground.errors import InputError

    if end / step > MOST_ROWS:
        raise InputError(
            "too many rows",
            where="--every",
            found=f"{end / step:.3g}",
            expected=f"at most {MOST_ROWS:,}",
            example="1 h",
        )
    grid = np.arange(0.0, end, step)
    return np.append(grid[grid < end * (1 - 1e-12)], end)


def _finish(result: Result, shown: list[str], form: str, out: Path | None) -> None:
    """Print the run; SolveError when it did not reach its end."""
    import numpy as np

    from cereblon.ground.errors import SolveError
    from cereblon.show.cli.output import emit

    if not result.ok:
        raise SolveError(f"the run failed: {result.status[0]}")
    read_outs = list(result.model.network.observables)
    if form == "table":  # csv and json have them all
        wanted = (
            ("IKZF1.remaining", "IKZF3.remaining") if len(read_outs) > 15 else (".remaining", ".occupancy", ".closed")
        )
        read_outs = [name for name in read_outs if any(part in name for part in wanted)]
    columns = [*shown, *read_outs]
    values = {f"{c}{_unit(result.unit(c))}": np.ravel(result[c]) for c in columns}
    rows = [
        {"time h": float(t), **{c: float(v[i]) for c, v in values.items()}} for i, t in enumerate(np.ravel(result.time))
    ]
    model = result.model
    caption = (
        f"{len(model.assumptions)} of {len(model.values)} numbers behind this are assumed or recalled. Research "
        "use only."
    )
    emit(rows, form, out, title=model.name, caption=caption)


def _unit(unit: str) -> str:
    return "" if unit == "1" else f" {unit}"
