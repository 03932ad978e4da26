"""What a cell that should be a number has become on its way: by Excel, by a plate reader, or by a careful hand.

A number that is gone is not guessed; what it may have been is told, so that the user can look it up.
"""

from __future__ import annotations

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_GERMAN = {"mrz": 3, "mär": 3, "mai": 5, "okt": 10, "dez": 12}
_DAY_MONTH = re.compile(r"(\d{1,2})[-. /]+([A-Za-zä]{3,9})\.?(?:[-. /]+\d{2,4})?")
_MONTH_FIRST = re.compile(r"([A-Za-zä]{3,9})\.?[-. /]+(\d{1,4})")
_DATE = re.compile(
    r"(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{2}|\d{4}))"
    r"(?: +\d{1,2}:\d{2}(?::\d{2})?)?|\d{1,2}/\d{1,2}"
)
_HOURS = re.compile(r"\d{1,3}:\d{2}(?::\d{2})?(?: *[AaPp][Mm])?")
_SPACED = re.compile("[+-]?\\d{1,3}(?:[ \u00a0\u202f\u2009']\\d{3})+(?:[.,]\\d+)?")
_ENGLISH = re.compile(r"[+-]?\d{1,3}(?:(?:,\d{3})+\.\d*|(?:,\d{3}){2,})")
_EUROPEAN = re.compile(r"[+-]?\d{1,3}(?:(?:\.\d{3})+,\d*|(?:\.\d{3}){2,})")
_BOUND = re.compile(r"[<>≤≥~≈]=?\s*[+-]?[\d.,]+(?:[eE][-+]?\d+)?")
_SATURATED = re.compile(r"(?:ovrflw|over ?flow|over|ovfl|saturated|sat|out of range|max|\*{2,}|high|invalid)\.?", re.I)
_NOT_DONE = re.compile(r"n\.? ?d\.?|not (?:determined|detected|done)|bdl|lod|loq|b\.?l\.?q\.?", re.I)
_FORMULA = re.compile(r"#(?:ref|div/0|value|name|num|null|n/a|spill|calc|wert|bezug|zahl|name)[!?]?", re.I)


def what_happened(text: str) -> str:
    """What has likely become of the number that should stand in a cell, and what to do; "" where nothing is known.

    >>> what_happened("01-Jan")
    'a date, which Excel makes of 1.1, 1-1 or 1/1: take the number from the reader again, with the cells as text'
    >>> what_happened("12.5"), what_happened("beta")
    ('', '')
    """
    plain = text.strip()
    again = "take the number from the reader again, with the cells as text"
    parts = _date_parts(plain)
    if parts:
        first, second = parts
        return f"a date, which Excel makes of {first}.{second}, {first}-{second} or {first}/{second}: {again}"
    if _DATE.fullmatch(plain):
        return f"a date (or a fraction), which Excel makes of numbers with points, dashes or slashes: {again}"
    if _HOURS.fullmatch(plain):
        return f"a time of day, which Excel makes of a ratio or a number with a colon: {again}"
    if _FORMULA.fullmatch(plain):
        return "an error of an Excel formula: the number is lost there, so mend the formula or leave the cell empty"
    if re.fullmatch(r"#{2,}", plain):
        return "Excel's sign for a column that is too narrow: widen it and save again"
    if _ENGLISH.fullmatch(plain):
        return "commas between thousands: write " + plain.replace(",", "")
    if _EUROPEAN.fullmatch(plain):
        bare = plain.replace(".", "").replace(",", ".")
        return "points between thousands, and a decimal comma: write " + bare.rstrip(".")
    if _SPACED.fullmatch(plain):
        return "spaces or apostrophes between thousands: take them out"
    if _BOUND.fullmatch(plain):
        return "a bound, which is no reading: leave the cell empty, or write the number that you want to stand for it"
    if _SATURATED.fullmatch(plain):
        return "a reader's word for a signal outside its range: leave the cell empty, or read again with less gain"
    if _NOT_DONE.fullmatch(plain):
        return "not done, or not detected: an empty cell for the first, the number that stands for it for the second"
    if re.fullmatch(r"[+-]?[\d.,]+ *%", plain):
        return "a per cent sign: format the cells as numbers"
    if re.fullmatch(r"['\u2018\u2019\"]\s*[+-]?[\d.,]+", plain):
        return "a number that Excel keeps as text, after an apostrophe: format the cells as numbers"
    if re.fullmatch(r"[\u2212\u2013\u2014]\s*[\d.,]+(?:[eE][-+]?\d+)?", plain):
        return "a dash that is no minus sign: write -"
    return ""


def _date_parts(text: str) -> tuple[int, int] | None:
    """The two numbers that a date of day and month came from, day first; None for no such date."""
    for pattern, order in ((_DAY_MONTH, (0, 1)), (_MONTH_FIRST, (1, 0))):
        match = pattern.fullmatch(text)
        if match:
            words = match.groups()
            month = _month(words[order[1]])
            number = int(words[order[0]])
            if month:
                return (number, month) if order == (0, 1) else (month, number)
    return None


def _month(word: str) -> int:
    short = word.lower()[:3]
    return _MONTHS.index(short) + 1 if short in _MONTHS else _GERMAN.get(short, 0)
