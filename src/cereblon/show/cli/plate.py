"""The plates that come with the package: listed, or printed as they are."""

from __future__ import annotations

from pathlib import Path

import click

from cereblon.show.cli.options import format_option, out_file


@click.group(short_help="list the example plates, or print one")
def plate() -> None:
    """List the plates that come with the package, or print one as a file. All are simulated, and say so inside.

    Their names stand wherever an analysis takes a file: cereblon analyse ldh LDH_96
    """


@plate.command("list")
@format_option
@out_file
def list_(form: str, out: Path | None) -> None:
    """List the example plates with the analysis that reads each.

    \b
    Example:
      cereblon plate list
    """
    from cereblon.bench.plate.examples import example, examples
    from cereblon.show.cli.output import emit

    found = [example(name) for name in examples()]
    rows = [{"plate": one.name, "analysis": f"analyse {one.analysis} {one.name}", "what it is": one.about}
            for one in found]  # fmt: skip
    emit(rows, form, out, keep=("plate", "analysis"), caption="Simulated, not measured.")


@plate.command()
@click.argument("name")
@click.option("--out", type=click.Path(path_type=Path), help="write to this file instead")
def show(name: str, out: Path | None) -> None:
    """Print the file of an example plate, as a pattern for your own.

    \b
    Examples:
      cereblon plate show LDH_96
      cereblon plate show xenograft --out mine.csv
    """
    from cereblon.bench.plate.examples import example

    text = example(name).text
    if out is None:
        click.echo(text, nl=False)
        return
    from cereblon.ground.files import write_atomically

    write_atomically(out, text)
