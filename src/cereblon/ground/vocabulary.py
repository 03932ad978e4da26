"""The words of the house: every word of an address, with its printed symbol, unit, range and meaning.

`data/vocabulary.csv` is the closed list. Columns: word, kind, symbol, unit, range, meaning, synonyms (split
by |), pint (for units: the expression by which a test judges the row). For a quantity `unit` is its dimension
by example (nM) and `range` its sign rule; for a unit it is the exact definition in h, nmol, dm, g, cell.
"""

from __future__ import annotations

import csv
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from cereblon.ground.errors import AddressError

_FILE = Path(__file__).parent.parent / "data" / "vocabulary.csv"
_LONGEST = 200
# one member of a name: a word, perhaps closed or active (*), perhaps modified (~Ub2)
_MEMBER = re.compile(r"([A-Za-z][A-Za-z0-9_]*)\*?(?:~([A-Za-z]+)[0-9]*)?")


@dataclass(frozen=True)
class Word:
    """One row of the vocabulary."""

    word: str
    kind: str
    symbol: str
    unit: str
    range: str
    meaning: str
    synonyms: tuple[str, ...] = ()
    pint: str = ""

    @property
    def units(self) -> tuple[str, ...]:
        """The units by example of a quantity; a plasma level may be given by amount or by mass."""
        return tuple(self.unit.split("|")) if self.unit else ()


@lru_cache(maxsize=1)
def _rows() -> tuple[Word, ...]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Word(
                r["word"],
                r["kind"],
                r["symbol"] or r["word"],
                r["unit"],
                r["range"],
                r["meaning"],
                tuple(s for s in r["synonyms"].split("|") if s),
                r["pint"],
            )
            for r in csv.DictReader(file)
        )


@lru_cache(maxsize=1)
def vocabulary() -> Mapping[str, Word]:
    """The words of addresses: identifier -> Word. (Units live apart: `h` and `g` are units and no more.)"""
    return MappingProxyType({w.word: w for w in _rows() if w.kind != "unit"})


@lru_cache(maxsize=1)
def unit_words() -> Mapping[str, Word]:
    """The closed list of units: spelling -> Word."""
    return MappingProxyType({w.word: w for w in _rows() if w.kind == "unit"})


def printed(word: str) -> str:
    """The symbol of a word as the field prints it: MM.1S for MM1S; the word itself when it is not known.

    >>> printed("CSNK1A1")
    'CK1α'
    """
    known = vocabulary().get(word)
    return known.symbol if known else word


def nearest(word: str, candidates: Iterable[str]) -> str:
    """The candidate most like `word`, or "" when none is near."""
    if not isinstance(word, str) or len(word) > _LONGEST:
        return ""
    folded: dict[str, str] = {}
    for candidate in candidates:
        folded.setdefault(candidate.casefold(), candidate)
    close = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.5)
    return folded[close[0]] if close else ""


def check_address(address: str, extra: Iterable[str] = ()) -> None:
    """Check that every word of an address is known.

    Addresses are `mezigdomide.CRBN.Kd`, `IKZF1.total@tumour` or a species, `CRBN*:glue:IKZF1~Ub2@tumour`.
    `extra` holds further words that count as known (the name of a user's compound).
    Raises AddressError naming the nearest known word.
    """
    if not isinstance(address, str) or not address or len(address) > _LONGEST:
        raise AddressError("this is not an address", found=str(address), example="mezigdomide.CRBN.Kd")
    name, at, place = address.partition("@")
    also = set(extra)
    for member in re.split("[.:]", name):
        match = _MEMBER.fullmatch(member)
        if match is None:
            raise AddressError(
                "this is not a word of an address",
                where=address,
                found=member or "nothing",
                example="mezigdomide.CRBN.Kd",
            )
        for word in filter(None, match.groups()):
            _check_word(word, address, also, "")
    if at:
        _check_word(place, address, also, "place")


def _check_word(word: str, address: str, extra: set[str], kind: str) -> None:
    if word in extra:
        return
    known = {w for w, row in vocabulary().items() if not kind or row.kind == kind}
    if word not in known:
        close = nearest(word, known | extra)
        raise AddressError(
            f"unknown {kind or 'word'}",
            where=address,
            found=word,
            expected=f"a {kind or 'word'} of the vocabulary" + (f"; the nearest is {close}" if close else ""),
        )
