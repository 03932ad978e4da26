"""Words for what a well is: sample, untreated, positive, blank."""

from __future__ import annotations

import re

from cereblon.bench.plate.columns import folded
from cereblon.bench.plate.readings import BLANK, POSITIVE, SAMPLE, UNTREATED
from cereblon.ground.errors import InputError

_WORDS = {
    SAMPLE: "sample samples s x unknown test treated treatment compound drug",
    UNTREATED: "untreated vehicle dmso negative neg negativecontrol negcontrol negctrl nc control ctrl controls"
    " vehiclecontrol untreatedcontrol solvent solventcontrol mock pbs water lowcontrol nodrug notreatment",
    POSITIVE: "positive pos positivecontrol poscontrol posctrl pc highcontrol killcontrol",
    BLANK: "blank blanks background empty bg nocells mediumonly mediaonly nocell",
}
_KNOWN = {word: role for role, words in _WORDS.items() for word in words.split()}
_COMPOUND_WORDS = {w: r for w, r in _KNOWN.items() if r != SAMPLE and w not in ("nc", "pc", "bg", "pos", "neg")}
WELL = re.compile(r"\s*([A-Za-z]{1,2})\s*[-_]?\s*0*(\d{1,3})\s*")


def role_of(word: str) -> str:
    """The role of a word in a column of roles; a word that is not known is the name of a control."""
    return _KNOWN.get(folded(word), word.strip())


def control_of(compound: str) -> str:
    """The role of a well whose compound is called this (DMSO, blank), or "" for a real one."""
    return _COMPOUND_WORDS.get(folded(compound), "")


def well_name(text: str, where: str) -> str:
    """A well as it is printed: A1 for a01. Raises InputError for what is no well of 96 or 384.

    >>> well_name("b07", ""), well_name("P 24", "")
    ('B7', 'P24')
    """
    match = WELL.fullmatch(text)
    row = match[1].upper() if match else ""
    column = int(match[2]) if match else 0
    if len(row) != 1 or row > "P" or not 1 <= column <= 24:
        raise InputError("this is no well of a 96- or 384-well plate", where=where, found=text or "nothing",
                         expected="A1 to H12, or A1 to P24", example="B7")  # fmt: skip
    return f"{row}{column}"
