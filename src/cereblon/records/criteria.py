"""Criteria of response: the thresholds by which laboratory values become a category. Numbers alone.

measurable.M_protein.level = "0.5 g/dL"     what baseline must show to be followed
PR.M_protein.fall = "0.5"                   fall from baseline that a category asks for
PD.M_protein.increase = "0.5 g/dL"          rise from the nadir that is progression

A rule whose numbers a file leaves out is not applied: criteria without `MR` know no minimal response.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cereblon.ground.errors import RecordError
from cereblon.records.reader import Header, locate, read, shipped
from cereblon.records.record import Record

Nadir = Literal["lowest confirmed", "lowest"]

# without these nothing can be judged
_NEEDED = ("measurable.M_protein.level", "measurable.urine.excretion", "PR.M_protein.fall", "PR.urine.fall",
           "PR.urine.excretion", "VGPR.M_protein.fall", "VGPR.urine.excretion", "PD.M_protein.rise",
           "PD.M_protein.increase", "PD.urine.rise", "PD.urine.increase")  # fmt: skip


class _Header(Header):
    kind: Literal["criteria"]
    nadir: Nadir


@dataclass(frozen=True)
class Criteria(Record):
    """Thresholds of response; `nadir` says whether a low value counts before the next one has confirmed it."""

    nadir: Nadir = "lowest confirmed"

    __hash__ = Record.__hash__
    __str__ = Record.__str__


def all_criteria() -> tuple[str, ...]:
    """Names of the shipped criteria."""
    return shipped("criteria")


def criteria(name_or_path: str | Path = "IMWG_2016") -> Criteria:
    """Criteria by name, or from a user's `.toml` file. Raises InputError or RecordError.

    >>> print(criteria("IMWG_2016")["PD.M_protein.increase"])
    0.5 g/dL
    """
    contents = read(locate(name_or_path, "criteria", "set of criteria"), _Header)
    missing = [address for address in _NEEDED if address not in contents.values]
    if missing:
        raise RecordError(
            "criteria need this number", where=str(name_or_path), found="nothing", expected=missing[0],
            example=f'{missing[0]} = {{value = "0.5", source = "our protocol", grade = "measured"}}',
        )  # fmt: skip
    return Criteria(
        name=contents.name,
        symbol=contents.header.symbol or contents.name,
        kind=contents.header.kind,
        values={f"{contents.name}.{address}": value for address, value in contents.values.items()},
        structure=contents.header.structure,
        note=contents.header.note,
        file=str(contents.file),
        nadir=contents.header.nadir,
    )
