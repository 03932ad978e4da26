"""Designs: how a study in mice is laid out. Numbers of the protocol, usual doses and their days, each with a grade."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cereblon.ground.vocabulary import printed
from cereblon.records.reader import Header, Shown, locate, read, shipped
from cereblon.records.record import Record


class _Header(Header):
    kind: Literal["design"]
    site: Literal["subcutaneous", "disseminated"]
    line: str
    host: str
    arms: list[Shown]
    measured: Shown
    cycle: Shown
    days: dict[str, Shown]


@dataclass(frozen=True)
class Design(Record):
    """A protocol: `site` of the tumour, usual `line`, `host` and `arms`; days of measurement (from the first dose,
    day 0) and of each drug's doses (from day 1) as texts; a drug's usual dose is the number `drug.dose`, per weight.

    >>> design("subcutaneous")["removal.volume"].unit
    'mm3'
    """

    site: str = "subcutaneous"
    line: str = ""
    host: str = ""
    arms: tuple[str, ...] = ()
    measured: str = ""
    cycle: str = ""
    days: Mapping[str, str] = field(default_factory=dict)

    __hash__ = Record.__hash__
    __str__ = Record.__str__


def designs() -> tuple[str, ...]:
    """Names of the shipped designs."""
    return shipped("designs")


def design(name_or_path: str | Path = "subcutaneous") -> Design:
    """A design by name, or from a user's `.toml` file. Raises InputError or RecordError."""
    contents = read(locate(name_or_path, "designs", "design"), _Header)
    header = contents.header
    return Design(
        name=contents.name,
        symbol=header.symbol or printed(contents.name),
        kind=header.kind,
        values={f"{contents.name}.{address}": value for address, value in contents.values.items()},
        structure=header.structure,
        note=header.note,
        file=str(contents.file),
        site=header.site,
        line=header.line,
        host=header.host,
        arms=tuple(header.arms),
        measured=header.measured,
        cycle=header.cycle,
        days=dict(header.days),
    )
