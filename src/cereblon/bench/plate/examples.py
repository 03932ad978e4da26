"""Plates that come with the package: simulated by the command in their first line, and labelled so.

A name of one stands wherever an analysis takes a file: `read("viability_384")`, `cereblon analyse ldh ldh_96`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cereblon.ground.errors import InputError
from cereblon.ground.vocabulary import nearest

_FOLDER = Path(__file__).parents[2] / "data" / "plates"
_ANALYSED = {
    "degradation_96": "dose-response", "viability_384": "dose-response", "IL2_96": "dose-response", "growth_96": "gr",
    "degradation_times": "constants", "LDH_96": "ldh", "synergy_384": "synergy", "xenograft": "xenograft",
}  # fmt: skip
"""Name of a plate -> the analysis that reads it."""


@dataclass(frozen=True)
class Example:
    """One file: its name, the analysis that reads it, and what its first line says of it."""

    name: str
    analysis: str
    about: str
    path: Path

    @property
    def text(self) -> str:
        """The file as it stands."""
        return self.path.read_text(encoding="utf-8")


def examples() -> tuple[str, ...]:
    """Names of the plates that come with the package: simulated, as they say themselves."""
    return tuple(_ANALYSED)


def example(name: str) -> Example:
    """One of them. Raises InputError with the nearest name.

    >>> example("LDH_96").analysis, example("LDH_96").about[:9]
    ('ldh', 'Simulated')
    """
    if name not in _ANALYSED:
        close = nearest(name, _ANALYSED)
        raise InputError("no plate of this name comes with the package", found=name,
                         expected=f"the nearest is {close}" if close else ", ".join(_ANALYSED))  # fmt: skip
    path = _FOLDER / f"{name}.csv"
    with path.open(encoding="utf-8") as file:
        about = file.readline().strip().lstrip("#").strip()
    return Example(name, _ANALYSED[name], about, path)


def or_example(path: str | Path) -> Path:
    """The path itself, or that of the example of this name where no file has this name."""
    return example(str(path)).path if str(path) in _ANALYSED and not Path(path).is_file() else Path(path)
