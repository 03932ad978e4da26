"""Options of designs, each written once; a command takes those that its design knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cereblon.ground.errors import InputError, shorten

if TYPE_CHECKING:
    from cereblon.bedside.escalation.design import Design

F = TypeVar("F", bound=Callable[..., Any])


class Numbers(click.ParamType):
    """Numbers parted by commas: 0.05,0.12,0.25."""

    name = "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        if not isinstance(value, str):
            return tuple(value)
        try:
            return tuple(float(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{shorten(value)!r} is not numbers parted by commas, e.g. 0.05,0.12,0.25", param, ctx)


NUMBERS = Numbers()
_WHOLE, _REAL = {"type": int}, {"type": float}
_FLAG: dict[str, Any] = {"is_flag": True, "default": None}

# field of a design -> flag, kind, help. `skip` is written as the opposite of the field `no_skip`.
OPTIONS: Mapping[str, tuple[str, dict[str, Any], str]] = {
    "target": ("--target", _REAL, "the DLT rate aimed at (0.3)"),
    "doses": ("--doses", _WHOLE, "how many doses (5, or as many as --truth has)"),
    "cohort": ("--cohort", _WHOLE, "patients in a cohort (3)"),
    "cohorts": ("--cohorts", _WHOLE, "cohorts at most (10)"),
    "start": ("--start", _WHOLE, "the dose of the first cohort (1)"),
    "stop_at": ("--stop-at", _WHOLE, "end when so many had a dose that would be given again"),
    "names": ("--names", {"type": str}, "what the doses are called, parted by commas: 0.1 mg,0.3 mg"),
    "variant": ("--variant", {"type": str}, "3+3: traditional, or six (the MTD was given to six; default)"),
    "eliminate": ("--eliminate", _REAL, "certainty that a dose is too toxic, to eliminate it (0.95)"),
    "low": ("--low", _REAL, "BOIN: too low a rate, as a share of the target (0.6); BLRM: low end of the target (0.16)"),
    "high": ("--high", _REAL, "BOIN: too high a rate, as a share of the target (1.4); BLRM: high end (0.33)"),
    "extra_safe": ("--extra-safe", _FLAG, "BOIN: stop earlier when the lowest dose is too toxic"),
    "offset": ("--offset", _REAL, "BOIN: how much less certainty --extra-safe asks for (0.05)"),
    "titration": ("--titration", _FLAG, "BOIN: one patient a dose until the first DLT"),
    "bounded": ("--bounded", _FLAG, "BOIN: the MTD's rate must lie below the de-escalation boundary"),
    "cap": ("--cap", _WHOLE, "backfill: patients at a dose, at most (12)"),
    "below": ("--below", _REAL, "mTPI-2, Keyboard: target interval below the target (0.05)"),
    "above": ("--above", _REAL, "mTPI-2, Keyboard: target interval above the target (0.05)"),
    "skeleton": ("--skeleton", {"type": NUMBERS}, "CRM: the first guess of the rates; see `design skeleton`"),
    "model": ("--model", {"type": str}, "CRM: empiric (default), logistic or logistic2"),
    "scale": ("--scale", _REAL, "CRM: standard deviation of the prior (1.158)"),
    "intercept": ("--intercept", _REAL, "CRM, logistic: the fixed intercept (3)"),
    "too_toxic": ("--too-toxic", _REAL, "CRM: stop when dose 1 is above the target with this certainty (never)"),
    "no_skip": ("--skip", {"is_flag": True, "flag_value": False, "default": None}, "CRM, BLRM: doses may be skipped"),
    "complete": ("--complete", _WHOLE, "TITE-CRM: so many watched to the end before a higher dose (1)"),
    "amounts": ("--amounts", {"type": NUMBERS}, "BLRM: the doses as amounts"),
    "reference": ("--reference", _REAL, "BLRM: the reference amount d*"),
    "mean": ("--mean", {"type": NUMBERS}, "BLRM: prior mean of log alpha and log beta (-0.693,0)"),
    "sd": ("--sd", {"type": NUMBERS}, "BLRM: their standard deviations (2,1)"),
    "correlation": ("--correlation", _REAL, "BLRM: their correlation (0)"),
    "overdose": ("--overdose", _REAL, "BLRM: the most of Pr(rate > high) that is allowed (0.25)"),
}


def options_of(*designs: str) -> Callable[[F], F]:
    """The options that any of these designs takes, in the order of OPTIONS."""
    from cereblon.bedside.designs import options

    taken = {option for name in designs for option in options(name)}

    def decorate(function: F) -> F:
        for field in reversed([field for field in OPTIONS if field in taken]):
            flag, kind, text = OPTIONS[field]
            function = click.option(flag, field, help=text, **kind)(function)
        return function

    return decorate


def made(names: Sequence[str], given: Mapping[str, Any], doses: int | None = None) -> list[Design]:
    """The designs of these names. An option goes to those that take it; InputError where none does.

    `doses`: how many there are, where the options do not say.
    """
    from cereblon.bedside.designs import ESCALATIONS, design, known, options

    values = {field: value for field, value in given.items() if value is not None}
    if "names" in values:
        values["names"] = tuple(part.strip() for part in values["names"].split(","))
    found = [known(name) for name in names]
    later = [name for name in found if name not in ESCALATIONS]
    if later:
        raise InputError("not a design of a dose escalation", found=later[0], expected=", ".join(ESCALATIONS),
                         example=f"cereblon design {later[0].casefold().replace(' ', '-')} --help")  # fmt: skip
    for field in values:
        if not any(field in options(name) for name in found):
            raise InputError(
                f"{' and '.join(found)} {'takes' if len(found) == 1 else 'take'} no such option",
                where=OPTIONS[field][0], found=str(given[field]), expected=", ".join(_flags(found)),
            )  # fmt: skip
    designs = []
    for name in found:
        own = {field: value for field, value in values.items() if field in options(name)}
        if doses is not None and "doses" in options(name):
            own.setdefault("doses", doses)
        try:
            designs.append(design(name, **own))
        except InputError as error:
            flag = OPTIONS[error.where][0] if error.where in OPTIONS else error.where
            raise InputError(error.message, where=flag, found=error.found, expected=_in_flags(error.expected),
                             example=error.example) from None  # fmt: skip
    return designs


def _flags(names: Iterable[str]) -> list[str]:
    from cereblon.bedside.designs import options

    taken = {option for name in names for option in options(name)}
    return [flag for field, (flag, _, _) in OPTIONS.items() if field in taken]


def _in_flags(text: str) -> str:
    """An example of a call, as options: design("CRM", skeleton=(0.1, 0.2)) -> --skeleton 0.1,0.2"""
    import re

    if not text.startswith("design("):
        return text
    pairs = re.findall(r"(\w+)=(\([^)]*\)|[^,)]+)", text)
    return " ".join(f"--{name.replace('_', '-')} {value.strip('()').replace(', ', ',')}" for name, value in pairs)
