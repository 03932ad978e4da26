"""Assays: what stands in the tube or the well beside the molecule that is tested, and how its signal is made.

A displacement assay has a tracer, a proximity assay a donor and an acceptor, a read-out a scale and its noise. Little
of this is published for cereblon, so most of it is assumed, with an interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cereblon.ground.vocabulary import printed
from cereblon.records.reader import Header, locate, read, shipped
from cereblon.records.record import Record

Kind = Literal["displacement", "proximity", "read-out", "controls"]
Reads = Literal["", "every form", "unmodified", "alive", "share"]


class _Header(Header):
    kind: Kind
    labelled: Literal["CRBN", "neosubstrate"] = "CRBN"  # of a proximity assay: which of the two carries the donor
    within: Literal["tube", "cell"] = "tube"  # a tube's glue is used up by its proteins, a cell draws on a medium
    reads: Reads = ""  # of a read-out: which protein (every form, the unmodified one), living cells, a share of cells
    noise: Literal["", "luminescence", "absorbance", "proximity", "cytometry", "blot"] = ""


@dataclass(frozen=True)
class Assay(Record):
    """An assay. `labelled` says which protein of a proximity assay carries the donor, `within` where it is done;
    `reads` what a read-out sees, `noise` the record of its scatter.

    >>> print(assay("FP")["CRBN.total"], "|", assay("NanoBRET").within)
    200 nM | cell
    """

    labelled: str = "CRBN"
    within: str = "tube"
    reads: str = ""
    noise: str = ""

    __hash__ = Record.__hash__
    __str__ = Record.__str__


def assays() -> tuple[str, ...]:
    """Names of the shipped assays."""
    return shipped("assays")


def assay(name_or_path: str | Path) -> Assay:
    """An assay by name, or from a user's `.toml` file. Raises InputError or RecordError."""
    contents = read(locate(name_or_path, "assays", "assay"), _Header)
    return Assay(
        name=contents.name,
        symbol=contents.header.symbol or printed(contents.name),
        kind=contents.header.kind,
        values={f"{contents.name}.{address}": value for address, value in contents.values.items()},
        structure=contents.header.structure,
        note=contents.header.note,
        file=str(contents.file),
        labelled=contents.header.labelled,
        within=contents.header.within,
        reads=contents.header.reads,
        noise=contents.header.noise,
    )
