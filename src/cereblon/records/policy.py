"""Policies: at which counts doses are held, resumed, reduced, who gets a growth factor and who blood. Numbers alone.

prophylaxis = "at risk"                   a growth factor from the first dose on: to nobody ("never"), "all", or those
at_risk.neutrophil.count = ...            whose neutrophils at baseline are below this
transfusion.haemoglobin.level, .increase  given below the level, as many units as bring it back, each of so much
transfusion.platelet.count, .increase     the same; what a record leaves out is not transfused
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from pydantic import Field

from cereblon.ground.errors import InputError, RecordError
from cereblon.ground.vocabulary import nearest, printed
from cereblon.records.compound import compound
from cereblon.records.reader import Header, check_beneath, locate, read, shipped
from cereblon.records.record import Record

Prophylaxis = Literal["never", "at risk", "all"]
Support = Literal["none", "policy", "at risk", "prophylactic"]


class _Header(Header):
    kind: Literal["policy"]
    drug: str = Field(default="", max_length=40)
    prophylaxis: Prophylaxis = "never"


@dataclass(frozen=True)
class Policy(Record):
    """Rules of dosing; `growth_factor` names the compound that severe neutropenia is treated with ("" for none), and
    `prophylaxis` who is given it before."""

    growth_factor: str = ""
    prophylaxis: Prophylaxis = "never"

    __hash__ = Record.__hash__
    __str__ = Record.__str__

    def supporting(self, support: str) -> Policy:
        """This policy with another use of its growth factor: given to nobody ("none"), as it says ("policy"), or from
        the first dose on to those "at risk" or to all ("prophylactic"). Raises InputError.

        >>> policy().supporting("prophylactic").prophylaxis
        'all'
        """
        if support not in get_args(Support):
            raise InputError("unknown use of a growth factor", where="G-CSF", found=str(support),
                             expected=", ".join(get_args(Support)))  # fmt: skip
        if support == "policy":
            return self
        if support == "none":
            nobody = self.replace({"growth_factor.share": "0"}) if self.growth_factor else self
            return replace(nobody, prophylaxis="never")
        if not self.growth_factor:
            raise InputError("the policy names no growth factor to give", where=self.name, found=support,
                             example='drug = "filgrastim"')  # fmt: skip
        made = replace(self, prophylaxis="at risk" if support == "at risk" else "all")
        _check(made, self.file or self.name)
        return made


COUNTS = ("neutrophil", "platelet")
NEEDED = (
    *(f"{when}.{cells}.count" for when in ("hold", "resume", "cycle") for cells in COUNTS),
    "hold.febrile_neutropenia.count", "reduction.share", "least.share",
)  # fmt: skip
AT_RISK = "at_risk.neutrophil.count"
TRANSFUSION = {
    f"transfusion.{limit}": f"transfusion.{limit.partition('.')[0]}.increase"
    for limit in ("haemoglobin.level", "platelet.count")
}
"""Address of a limit -> that of what a unit adds."""
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
        prophylaxis=contents.header.prophylaxis,
    )
    _check(made, str(name_or_path))
    return made


def _check(made: Policy, where: str) -> None:
    """A rule that is missing, or that would hold a dose for ever."""
    needed = (
        *NEEDED, *(WITH_GROWTH_FACTOR if made.growth_factor else ()),
        *((AT_RISK,) if made.prophylaxis == "at risk" else ()),
    )  # fmt: skip
    if missing := [name for name in needed if name not in made]:
        raise RecordError("a policy lacks a rule", where=where, found="nothing", expected=", ".join(missing))
    if made.growth_factor and "CSF3R.Kd" not in compound(made.growth_factor):
        raise RecordError(
            "this drug is no growth factor of neutrophils", where=f"{where}: drug", found=made.growth_factor,
            expected="a compound with a CSF3R.Kd", example="filgrastim",
        )  # fmt: skip
    if made.prophylaxis != "never" and not made.growth_factor:
        raise RecordError("prophylaxis with nothing to give", where=f"{where}: drug", found=made.prophylaxis,
                          example='drug = "filgrastim"')  # fmt: skip
    values = {a.removeprefix(f"{made.name}."): q for a, q in made.values.items()}
    allowed = (*NEEDED, *WITH_GROWTH_FACTOR, AT_RISK, *TRANSFUSION, *TRANSFUSION.values())
    if odd := [address for address in values if address not in allowed]:
        close = nearest(odd[0], allowed)
        raise RecordError(
            "nothing in a policy reads this number", where=f"{where}: {odd[0]}", found=odd[0],
            expected=f"the nearest is {close}" if close else ", ".join(allowed),
        )  # fmt: skip
    check_beneath(values, where)
    if not made["reduction.share"].value > 0:
        raise RecordError(
            "a reduction takes something away", where=f"{where}: reduction.share",
            found=str(made["reduction.share"]), example="0.2",
        )  # fmt: skip
    for limit, unit in TRANSFUSION.items():
        if (limit in made) != (unit in made) or (unit in made and not made[unit].value > 0):
            raise RecordError(
                "a transfusion has a limit, and a unit that adds something", where=f"{where}: {unit}",
                found=str(made[unit]) if unit in made else "nothing", expected=f"a number beside {limit}",
                example="1 g/dL",
            )  # fmt: skip
    for cells in COUNTS:
        hold, resume = made[f"hold.{cells}.count"], made[f"resume.{cells}.count"]
        if resume.coherent < hold.coherent:
            raise RecordError(
                "a dose would be resumed at a count at which it is held, so this policy loops",
                where=f"{where}: resume.{cells}.count", found=str(resume), expected=f"{hold} or more",
            )  # fmt: skip
