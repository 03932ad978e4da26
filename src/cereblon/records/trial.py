"""Trials: who is treated with what, how often they are seen, how well the laboratory measures. Numbers alone.

A record gives what is its own; what trials share (errors of the laboratory, hazards) stands in
`data/trials/defaults.toml`, and a record's own number replaces it. A record with `levels` is an escalation: the doses
of one drug of the regimen, the design that chooses among them and the definition of what limits them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import Field

from cereblon.ground.errors import InputError, RecordError
from cereblon.ground.quantity import Quantity, unit
from cereblon.ground.vocabulary import nearest, printed
from cereblon.records.reader import DATA, Entry, Header, check_beneath, locate, read, shipped
from cereblon.records.record import Record
from cereblon.records.sources import sources

NEEDED = (
    *(f"laboratory.{what}.error" for what in ("neutrophil", "platelet", "lymphocyte", "M_protein", "FLC", "urine")),
    *(f"laboratory.{what}.error_additive" for what in ("haemoglobin", "M_protein")),
    "laboratory.IFE.level", "laboratory.FLC.level", "laboratory.marrow.infiltration", "visit.jitter",
    "visit.missed.share", "visit.extra.duration", "accrual.rate", "cut.least.duration", "death.hazard",
    "progression.hazard", "progression.death.hazard", "withdrawal.hazard", "withdrawal.early.share",
)  # fmt: skip
ALLOWED = ("visit.assessment.duration", "reference.dose", "reporting.share")
STRUCTURE = ("patients", "cycles")
OF_ESCALATION = ("cohort", "cohorts")
HALF_CYCLE = 14  # d
LONGEST = 1000  # letters of a name, which may be the path of a file
SHARED = "shared by trials"
"""How the note of a number begins that the record itself did not give."""


class _Header(Header):
    kind: Literal["trial"]
    population: str = Field(max_length=LONGEST)
    regimen: str = Field(max_length=LONGEST)
    policy: str = Field(max_length=LONGEST)
    criteria: str = Field(default="IMWG_2016", max_length=80)
    CTCAE: str = Field(default="5.0", max_length=8)
    drug: str = Field(default="", max_length=40)
    design: str = Field(default="", max_length=20)
    definition: str = Field(default="", max_length=80)
    levels: list[Entry] = Field(default_factory=list)


class _Defaults(Header):
    kind: Literal["trial"]


@dataclass(frozen=True)
class Protocol(Record):
    """A trial's record: names of population, regimen, policy and criteria; visits, laboratory, hazards as numbers.

    Of an escalation also `levels`, ascending doses of `drug`, and the names of `design` and `definition` (of DLT).
    """

    population: str = ""
    regimen: str = ""
    policy: str = ""
    criteria: str = "IMWG_2016"
    CTCAE: str = "5.0"
    drug: str = ""
    design: str = ""
    definition: str = ""
    levels: tuple[Quantity, ...] = ()

    __hash__ = Record.__hash__
    __str__ = Record.__str__

    def assessed_every(self, cycle: int) -> float:
        """Days between assessments of response: the protocol's own, or a `cycle`."""
        own = "visit.assessment.duration"
        return self[own].to("d").value if own in self else float(cycle)


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
    shared = read(DATA / "trials" / "defaults.toml", _Defaults).values
    said = {address: replace(q, note="; ".join(filter(None, (SHARED, q.note)))) for address, q in shared.items()}
    values = {**said, **contents.values}
    made = Protocol(
        name=contents.name,
        symbol=header.symbol or printed(contents.name),
        kind=header.kind,
        values={f"{contents.name}.{address}": value for address, value in values.items()},
        structure=header.structure,
        note=header.note,
        file=str(contents.file),
        population=header.population,
        regimen=header.regimen,
        policy=header.policy,
        criteria=header.criteria,
        CTCAE=header.CTCAE,
        drug=header.drug,
        design=header.design,
        definition=header.definition,
        levels=tuple(_level(entry, f"{where}: levels", contents.file) for entry in header.levels),
    )
    _check(made, values, where)
    return made


def _level(entry: Entry, where: str, file: Path) -> Quantity:
    """One dose of an escalation."""
    if DATA in file.parents and entry.source not in sources():
        raise RecordError("unknown source", where=where, found=entry.source, expected="a key of data/sources.toml")
    try:
        dose = Quantity.parse(
            entry.value, interval=entry.interval, source=entry.source, grade=entry.grade, note=entry.note
        )
    except InputError as error:
        raise RecordError(error.message, where=where, found=error.found, example="0.6 mg") from None
    if not (unit(dose.unit).fits(unit("mg")) and dose.value > 0):
        raise RecordError("a level is a dose above 0", where=where, found=str(dose), example="0.6 mg")
    return dose


def _check(made: Protocol, values: Mapping[str, Quantity], where: str) -> None:
    if missing := [name for name in NEEDED if name not in made]:
        raise RecordError("a trial lacks numbers", where=where, found="nothing", expected=", ".join(missing))
    for address in values:
        if address not in (*NEEDED, *ALLOWED):
            close = nearest(address, (*NEEDED, *ALLOWED))
            raise RecordError(
                "nothing in a trial reads this number", where=f"{where}: {address}", found=address,
                expected=f"the nearest is {close}" if close else ", ".join((*NEEDED, *ALLOWED)),
            )  # fmt: skip
    check_beneath(values, where)
    if not made["accrual.rate"].value > 0:
        raise RecordError("nobody would ever come", where=f"{where}: accrual.rate", found=str(made["accrual.rate"]))
    if not made["visit.extra.duration"].value > 0:
        raise RecordError(
            "blood is taken again after a while", where=f"{where}: visit.extra.duration",
            found=str(made["visit.extra.duration"]), example="3 d",
        )  # fmt: skip
    if made["visit.jitter"].to("d").value >= HALF_CYCLE:
        raise RecordError(
            "visits would change places", where=f"{where}: visit.jitter", found=str(made["visit.jitter"]),
            expected=f"less than {HALF_CYCLE} d",
        )  # fmt: skip
    for name in (*STRUCTURE, *(OF_ESCALATION if made.levels else ())):
        if not 1 <= made.structure.get(name, 0) <= 10_000:
            raise RecordError(
                f"a trial needs whole numbers of {' and '.join(OF_ESCALATION if name in OF_ESCALATION else STRUCTURE)}",
                where=f"{where}: structure.{name}", found=str(made.structure.get(name, "nothing")),
                example=f"{name} = 101" if name == "patients" else f"{name} = 3",
            )  # fmt: skip
    _check_escalation(made, where)


def _check_escalation(made: Protocol, where: str) -> None:
    own = {"drug": made.drug, "design": made.design, "definition": made.definition}
    if not made.levels:
        if given := [name for name, value in own.items() if value]:
            raise RecordError(
                "an escalation has no dose levels", where=where, found=f"{given[0]} without levels",
                example='[[levels]]\nvalue = "0.6 mg"\nsource = "our protocol"\ngrade = "measured"',
            )  # fmt: skip
        return
    if missing := [name for name, value in own.items() if not value]:
        raise RecordError("an escalation says its drug, design and definition of DLT", where=where, found="nothing",
                          expected=", ".join(missing), example='design = "BOIN"')  # fmt: skip
    if not all(one.coherent < other.coherent for one, other in pairwise(made.levels)):
        raise RecordError("dose levels rise", where=f"{where}: levels", found=", ".join(map(str, made.levels)))
    if "reference.dose" not in made:
        raise RecordError(
            "an escalation has a reference dose, by which a curve is drawn", where=f"{where}: reference.dose",
            found="nothing", example='[reference]\ndose = {value = "1 mg", source = "...", grade = "assumed"}',
        )  # fmt: skip
