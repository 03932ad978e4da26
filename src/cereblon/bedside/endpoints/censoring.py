"""When a patient's progression counts, and when he is censored: named sets of rules.

                              FDA                                        EMA
    progression, death        event                                      event
    another therapy before    censored at the last assessment before     ignored: the event counts when it comes
    two or more visits        censored at the last assessment before     ignored
    missed before the event
    no assessment after       censored at the first dose, unless death   the same
    baseline                  came within the visits that may be missed
    neither                   censored at the last assessment            the same

FDA: guidance on endpoints for the approval of cancer drugs (2018), appendix 3, table A. EMA: appendix 1 to the
guideline on anticancer medicines (2012), which follows the intention to treat (both recalled, confidence high; the
head of table A was re-read). Neither says what a visit's window is: a gap is too long when it exceeds the missed
visits' intervals by `slack`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import nearest


@dataclass(frozen=True)
class Censoring:
    """One set of rules. `missed` is the number of visits that must be missed before an event stops counting (None: it
    always counts), `slack` the days that a visit may be late."""

    name: str
    new_therapy: Literal["censor", "ignore", "event"]
    missed: int | None
    slack: float = 7.0
    note: str = ""

    def __post_init__(self) -> None:
        if self.new_therapy not in ("censor", "ignore", "event"):
            raise InputError("unknown rule for another therapy", found=str(self.new_therapy),
                             expected="censor, ignore or event")  # fmt: skip
        if (self.missed is not None and self.missed < 1) or not self.slack >= 0:
            raise InputError("visits missed from 1 up, slack from 0 up", found=f"{self.missed}, {self.slack}")

    def __str__(self) -> str:
        gap = "missed visits ignored" if self.missed is None else f"censored after {self.missed} missed visits"
        therapy = {"censor": "censored at", "ignore": "ignored after", "event": "an event at"}[self.new_therapy]
        return f"{self.name}: {therapy} another therapy, {gap}"


FDA = Censoring("FDA", "censor", 2, note="guidance of 2018, appendix 3, table A")
EMA = Censoring("EMA", "ignore", None, note="appendix 1 to the guideline, 2012: intention to treat")
RULES = {rule.name: rule for rule in (FDA, EMA)}


def censoring(given: str | Censoring) -> Censoring:
    """A set of rules by name; InputError naming the nearest.

    >>> print(censoring("FDA"))
    FDA: censored at another therapy, censored after 2 missed visits
    """
    if isinstance(given, Censoring):
        return given
    if given not in RULES:
        close = nearest(given, RULES)
        raise InputError("unknown censoring rules", found=str(given), expected=close or ", ".join(RULES))
    return RULES[given]
