"""Trials: who is treated with what, how often they are seen, how well the laboratory measures. Numbers alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from cereblon.ground.errors import RecordError
from cereblon.ground.vocabulary import printed
from cereblon.records.reader import Header, check_beneath, locate, read, shipped
from cereblon.records.record import Record

NEEDED = (
    *(f"laboratory.{what}.error" for what in ("neutrophil", "platelet", "lymphocyte", "M_protein", "FLC")),
    *(f"laboratory.{what}.error_additive" for what in ("haemoglobin", "M_protein")),
    "laboratory.IFE.level", "laboratory.FLC.level",
    "visit.jitter", "visit.missed.share", "accrual.rate", "cut.least.duration", "death.hazard", "progression.hazard",
    "withdrawal.hazard", "withdrawal.early.share",
)  # fmt: skip
STRUCTURE = ("patients", "cycles")
HALF_CYCLE = 14  # d


class _Header(Header):
    kind: Literal["trial"]
    population: str = Field(max_length=80)
    regimen: str = Field(max_length=80)
    policy: str = Field(max_length=80)
    criteria: str = Field(default="IMWG_2016", max_length=80)
    CTCAE: str = Field(default="5.0", max_length=8)


@dataclass(frozen=True)
class Protocol(Record):
    """A trial's record: names of population, regimen, policy and criteria; visits, laboratory, hazards as numbers."""

    population: str = ""
    regimen: str = ""
    policy: str = ""
    criteria: str = "IMWG_2016"
    CTCAE: str = "5.0"

    __hash__ = Record.__hash__
    __str__ = Record.__str__


def protocols() -> tuple[str, ...]:
    """Names of the shipped trials."""
    return shipped("trials")


def protocol(name_or_path: str | Path) -> Protocol:
    """A trial's record by name, or from a user's `.toml` file. Raises InputError or RecordError.

    >>> protocol("MM_001_phase_2").structure["patients"]
    101
    """
    contents = read(locate(name_or_path, "trials", "trial"), _Header)
    header, where = contents.header, str(name_or_path)
    made = Protocol(
        name=contents.name,
        symbol=header.symbol or printed(contents.name),
        kind=header.kind,
        values={f"{contents.name}.{address}": value for address, value in contents.values.items()},
        structure=header.structure,
        note=header.note,
        file=str(contents.file),
        population=header.population,
        regimen=header.regimen,
        policy=header.policy,
        criteria=header.criteria,
        CTCAE=header.CTCAE,
    )
    if missing := [name for name in NEEDED if name not in made]:
        raise RecordError("a trial lacks numbers", where=where, found="nothing", expected=", ".join(missing))
    check_beneath(contents.values, where)
    if not made["accrual.rate"].value > 0:
        raise RecordError("nobody would ever come", where=f"{where}: accrual.rate", found=str(made["accrual.rate"]))
    if made["visit.jitter"].to("d").value >= HALF_CYCLE:
        raise RecordError(
            "visits would change places", where=f"{where}: visit.jitter", found=str(made["visit.jitter"]),
            expected=f"less than {HALF_CYCLE} d",
        )  # fmt: skip
    for name in STRUCTURE:
        if not 1 <= made.structure.get(name, 0) <= 10_000:
            raise RecordError(
                "a trial needs whole numbers of patients and cycles", where=f"{where}: structure.{name}",
                found=str(made.structure.get(name, "nothing")), example="patients = 101",
            )  # fmt: skip
    return made
