"""Policies: at which counts doses are held, resumed, reduced, and who gets a growth factor. Numbers alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from cereblon.ground.errors import RecordError
from cereblon.ground.vocabulary import printed
from cereblon.records.reader import Header, check_beneath, locate, read, shipped
from cereblon.records.record import Record


class _Header(Header):
    kind: Literal["policy"]
    drug: str = Field(default="", max_length=40)


@dataclass(frozen=True)
class Policy(Record):
    """Rules of dosing; `growth_factor` names the compound that severe neutropenia is treated with ("" for none)."""

    growth_factor: str = ""

    __hash__ = Record.__hash__
    __str__ = Record.__str__


COUNTS = ("neutrophil", "platelet")
NEEDED = (
    *(f"{when}.{cells}.count" for when in ("hold", "resume", "cycle") for cells in COUNTS),
    "hold.febrile_neutropenia.count", "reduction.share", "least.share",
)  # fmt: skip
WITH_GROWTH_FACTOR = tuple(f"growth_factor.{rule}" for rule in ("neutrophil.count", "share", "duration", "dose"))


def policies() -> tuple[str, ...]:
    """Names of the shipped policies."""
    return shipped("policies")


def policy(name_or_path: str | Path = "pomalidomide_label") -> Policy:
    """A policy by name, or from a user's `.toml` file. Raises InputError or RecordError.

    >>> policy()["hold.neutrophil.count"].value
    0.5
    """
    contents = read(locate(name_or_path, "policies", "policy"), _Header)
    made = Policy(
        name=contents.name,
        symbol=contents.header.symbol or printed(contents.name),
        kind=contents.header.kind,
        values={f"{contents.name}.{address}": value for address, value in contents.values.items()},
        structure=contents.header.structure,
        note=contents.header.note,
        file=str(contents.file),
        growth_factor=contents.header.drug,
    )
    _check(made, str(name_or_path))
    return made


def _check(made: Policy, where: str) -> None:
    """A rule that is missing, or that would hold a dose for ever."""
    needed = (*NEEDED, *(WITH_GROWTH_FACTOR if made.growth_factor else ()))
    if missing := [name for name in needed if name not in made]:
        raise RecordError("a policy lacks a rule", where=where, found="nothing", expected=", ".join(missing))
    check_beneath({a.removeprefix(f"{made.name}."): q for a, q in made.values.items()}, where)
    if not made["reduction.share"].value > 0:
        raise RecordError(
            "a reduction takes something away", where=f"{where}: reduction.share",
            found=str(made["reduction.share"]), example="0.2",
        )  # fmt: skip
    for cells in COUNTS:
        hold, resume = made[f"hold.{cells}.count"], made[f"resume.{cells}.count"]
        if resume.coherent < hold.coherent:
            raise RecordError(
                "a dose would be resumed at a count at which it is held, so this policy loops",
                where=f"{where}: resume.{cells}.count", found=str(resume), expected=f"{hold} or more",
            )  # fmt: skip
