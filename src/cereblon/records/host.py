"""Hosts: mice that carry a human tumour. A strain says which effector cells it keeps, a genotype whose cereblon it has.

strain        SCID, NSG, C57BL6        weight, take of a human tumour, effector cells beside it, scaling of disposition
genotype      wild_type, I391V         what cereblon of the host's own cells recruits

A strain's file holds what differs; the rest is that of the common mouse in `data/hosts/defaults.toml`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from cereblon.ground.errors import RecordError
from cereblon.ground.vocabulary import printed
from cereblon.records.reader import DATA, Contents, Header, locate, read, shipped
from cereblon.records.record import Record

KINDS = ("strain", "genotype")
EFFECTORS = ("T", "NK", "macrophage")


class _Header(Header):
    kind: Literal["strain", "genotype"]
    keeps: list[Literal["T", "NK", "macrophage"]] = Field(default_factory=list)


@dataclass(frozen=True)
class Host(Record):
    """A strain or a genotype; `keeps` names the effector cells of a strain.

    >>> host("NSG").keeps, float(host("wild_type")["IKZF1.CRBN.k_on"].value)
    (('macrophage',), 0.0)
    """

    keeps: tuple[str, ...] = ()

    __hash__ = Record.__hash__
    __str__ = Record.__str__


def hosts(kind: str = "") -> tuple[str, ...]:
    """Names of the shipped hosts, of one kind or of both."""
    return tuple(name for name in shipped("hosts") if not kind or host(name).kind == kind)


def host(name_or_path: str | Path = "SCID", kind: str = "") -> Host:
    """A host by name, or from a user's `.toml` file. Raises InputError or RecordError, also for one of another kind."""
    contents = read(locate(name_or_path, "hosts", "host"), _Header)
    header = contents.header
    if kind and header.kind != kind:
        raise RecordError(f"this host is no {kind}", where=str(name_or_path), found=header.kind,
                          expected=f"one of {', '.join(hosts(kind))}")  # fmt: skip
    values = dict(contents.values)
    if header.kind == "strain":
        for address, value in _common_mouse().values.items():
            if address not in values:
                values[address] = replace(value, note="common mouse" + (f"; {value.note}" if value.note else ""))
    return Host(
        name=contents.name,
        symbol=header.symbol or printed(contents.name),
        kind=header.kind,
        values={f"{contents.name}.{address}": value for address, value in values.items()},
        structure=header.structure,
        note=header.note,
        file=str(contents.file),
        keeps=tuple(header.keeps),
    )


@lru_cache(maxsize=1)
def _common_mouse() -> Contents[Header]:
    return read(DATA / "hosts" / "defaults.toml", Header)
