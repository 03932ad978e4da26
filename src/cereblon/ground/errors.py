"""The errors of cereblon.

CereblonError
├── InputError          bad input; the command line leaves with exit code 2
│   ├── UnitError       a number or its unit
│   ├── AddressError    a name that is not known, or fits more than one place
│   ├── RecordError     a file of numbers
│   ├── SchemeError     the text of a reaction or of an expression
│   ├── NetworkError    units, mass or names of a network
│   └── DoseError       a dose or a calendar
├── SolveError          the input was good and the run failed; exit code 1
└── Cancelled           the user stopped the run
"""

from __future__ import annotations

_LONGEST = 120


class CereblonError(Exception):
    """The root: `except cb.CereblonError` catches everything that cereblon raises on purpose."""


class SolveError(CereblonError):
    """A well-formed run that failed (step size underflow, no root, ...)."""


class Cancelled(CereblonError):
    """The user stopped the run; nothing was written."""


class InputError(CereblonError):
    """Bad input: what, where, what was found, what was expected, an example, in one paragraph.

    >>> print(InputError("unknown unit", where="CRBN.Kd", found="kd", example="12.6 nM"))
    CRBN.Kd: unknown unit. Found: kd. Example: 12.6 nM
    """

    def __init__(
        self, message: str, *, where: str = "", found: str = "", expected: str = "", example: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.found = shorten(found)
        self.expected = expected
        self.example = example

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.message}" if self.where else self.message]
        if self.found:
            parts.append(f"Found: {self.found}")
        if self.expected:
            parts.append(f"Expected: {self.expected}")
        if self.example:
            parts.append(f"Example: {self.example}")
        return ". ".join(part.rstrip(".") if part is not parts[-1] else part for part in parts)


class UnitError(InputError):
    """A number that is not finite, a unit that is not in the closed list, or a wrong dimension."""


class AddressError(InputError):
    """An address with an unknown word, or one that fits several places."""


class RecordError(InputError):
    """A record that cannot be read: syntax, size, key, missing source, wrong unit or sign."""


class SchemeError(InputError):
    """A reaction or expression that is not in the language of schemes."""


class NetworkError(InputError):
    """A network whose units, mass or names contradict each other."""


class DoseError(InputError):
    """A dose or a calendar that cannot be given."""


def shorten(text: str, longest: int = _LONGEST) -> str:
    """One printable line of foreign text, so that an error stays a paragraph whatever was typed.

    >>> shorten("a\\nb")
    'a\\\\nb'
    """
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[: longest + 1])
    return line if len(line) <= longest else line[: longest - 1] + "…"
