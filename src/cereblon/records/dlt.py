"""Definitions of dose-limiting toxicity (DLT): what counts, for how long, within which window. Numbers and switches.

window.duration           time after the first dose
neutropenia.duration      grade 4 for longer than this is a DLT
thrombocytopenia.duration the same
doses_taken.share         doses that a patient without DLT must have taken, or had held for toxicity, to be evaluable
                          (`held_doses`)
doses_missed.share        doses missed for toxicity, above which it is a DLT; left out: they are none
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from cereblon.ground.errors import RecordError
from cereblon.records.reader import Header, locate, read, shipped
from cereblon.records.record import Record

Interpolation = Literal["linear", "log", "until recovery", "observed"]
GCSF = Literal["allowed", "not evaluable", "DLT"]
Held = Literal["count", "replace"]


class _Header(Header):
    kind: Literal["dlt"]
    ctcae: str = Field(max_length=8)
    interpolation: Interpolation
    prophylactic_GCSF: GCSF
    febrile_neutropenia: bool
    platelet_transfusion: bool
    nonhaematological: int = Field(ge=1, le=6)
    held_doses: Held = "count"


@dataclass(frozen=True)
class Definition(Record):
    """What limits the dose.

    `ctcae` is the version of the grades; `interpolation` how long a count is taken to be low between two samples;
    `prophylactic_GCSF` what becomes of a patient who has had it in the window; `nonhaematological` the grade from
    which a related event that is not of the blood counts (6: none does); `held_doses` whether doses held for toxicity
    count as taken where it is asked who is evaluable, or whoever is short of them is replaced.
    """

    ctcae: str = "4.03"
    interpolation: Interpolation = "linear"
    prophylactic_GCSF: GCSF = "not evaluable"
    febrile_neutropenia: bool = True
    platelet_transfusion: bool = True
    nonhaematological: int = 3
    held_doses: Held = "count"

    __hash__ = Record.__hash__
    __str__ = Record.__str__


def definitions() -> tuple[str, ...]:
    """Names of the shipped definitions."""
    return shipped("dlt")


def definition(name_or_path: str | Path = "class_precedent") -> Definition:
    """A definition by name, or from a user's `.toml` file. Raises InputError or RecordError.

    >>> print(definition()["neutropenia.duration"])
    7 d
    """
    contents = read(locate(name_or_path, "dlt", "definition of DLT"), _Header)
    if "window.duration" not in contents.values:
        raise RecordError(
            "a definition of DLT has a window", where=f"{name_or_path}: window.duration", found="nothing",
            example='duration = {value = "28 d", source = "our protocol", grade = "measured"}',
        )  # fmt: skip
    header = contents.header
    return Definition(
        name=contents.name,
        symbol=header.symbol or contents.name,
        kind=header.kind,
        values={f"{contents.name}.{address}": value for address, value in contents.values.items()},
        structure=header.structure,
        note=header.note,
        file=str(contents.file),
        ctcae=header.ctcae,
        interpolation=header.interpolation,
        prophylactic_GCSF=header.prophylactic_GCSF,
        febrile_neutropenia=header.febrile_neutropenia,
        platelet_transfusion=header.platelet_transfusion,
        nonhaematological=header.nonhaematological,
        held_doses=header.held_doses,
    )
