"""Designs by name: `design("BOIN", target=0.3)`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from cereblon.bedside.escalation.backfill import Backfill
from cereblon.bedside.escalation.blrm import BLRM
from cereblon.bedside.escalation.boin import BOIN
from cereblon.bedside.escalation.crm import CRM, TITECRM
from cereblon.bedside.escalation.design import Design
from cereblon.bedside.escalation.mtpi2 import MTPI2, Keyboard
from cereblon.bedside.escalation.three_plus_three import ThreePlusThree
from cereblon.bedside.log_rank import LogRank
from cereblon.bedside.simon import Simon, simon
from cereblon.bedside.single_arm import SingleArm
from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import nearest

ESCALATIONS: Mapping[str, type[Design]] = {
    "3+3": ThreePlusThree,
    "mTPI-2": MTPI2,
    "Keyboard": Keyboard,
    "BOIN": BOIN,
    "backfill": Backfill,
    "CRM": CRM,
    "TITE-CRM": TITECRM,
    "BLRM": BLRM,
}
LATER: Mapping[str, Callable[..., Simon | SingleArm | LogRank]] = {
    "Simon": simon,
    "single arm": SingleArm,
    "log-rank": LogRank,
}
NAMES = (*ESCALATIONS, *LATER)


def known(name: str) -> str:
    """The name as it is printed, however it was written (`mtpi2`, `BOIN`, `single-arm`). Raises InputError.

    >>> known("tite crm")
    'TITE-CRM'
    """
    plain = {_plain(one): one for one in NAMES}
    found = plain.get(_plain(str(name)))
    if found is None:
        close = nearest(str(name), NAMES)
        raise InputError(
            "unknown design", found=str(name),
            expected=f"{close}, or another of {', '.join(NAMES)}" if close else f"one of {', '.join(NAMES)}",
        )  # fmt: skip
    return found


def options(name: str) -> tuple[str, ...]:
    """The options that a design takes. Raises InputError.

    >>> options("Simon")
    ('p0', 'p1', 'alpha', 'beta')
    """
    name = known(name)
    if name == "backfill":
        return ("design", "cap", *options("BOIN"))
    return tuple(inspect.signature(ESCALATIONS.get(name) or LATER[name]).parameters)


def design(name: str, **given: Any) -> Any:
    """The design of a name, with its options. Raises InputError for an unknown design or option.

    Phase 1: "3+3", "mTPI-2", "Keyboard", "BOIN", "backfill", "CRM", "TITE-CRM", "BLRM". Phase 2: "Simon" (p0, p1),
    "single arm" (p0, n). Phase 3: "log-rank" (HR, median, rate, patients). Each is a frozen object that prints itself.

    >>> print(design("BOIN", target=0.3).decide((0, 1, 0, 0, 0), (3, 3, 0, 0, 0), at=2))
    stay: 3 patients at dose 2 (1 of 3 with a DLT)
    """
    name = known(name)
    takes = options(name)
    for option in given:
        if option not in takes:
            close = nearest(option, takes)
            raise InputError(
                f"{name} takes no such option", found=option,
                expected=f"{close}, or another of {', '.join(takes)}" if close else f"one of {', '.join(takes)}",
            )  # fmt: skip
    if name == "backfill" and "design" not in given:
        inner = {option: value for option, value in given.items() if option != "cap"}
        given = {"design": BOIN(**inner), **{k: v for k, v in given.items() if k == "cap"}}
    made: Any = ESCALATIONS.get(name) or LATER[name]
    missing = [
        option for option, parameter in inspect.signature(made).parameters.items()
        if parameter.default is parameter.empty and option not in given
    ]  # fmt: skip
    if missing:
        raise InputError(f"{name} needs more", found="nothing", where=", ".join(missing), expected=_needs(name))
    return made(**given)


def _needs(name: str) -> str:
    example = {
        "CRM": "skeleton=(0.05, 0.12, 0.25, 0.4, 0.55)", "TITE-CRM": "skeleton=(0.05, 0.12, 0.25, 0.4, 0.55)",
        "BLRM": "amounts=(0.3, 0.6, 1, 1.5, 2), reference=1", "Simon": "p0=0.2, p1=0.4", "single arm": "p0=0.2, n=36",
        "log-rank": "HR=0.7, median=6.9, rate=20, patients=420",
    }  # fmt: skip
    return f'design("{name}", {example[name]})'


def _plain(name: str) -> str:
    return "".join(c for c in name.casefold() if c.isalnum() or c == "+")
