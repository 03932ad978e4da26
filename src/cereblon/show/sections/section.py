"""What a section of the page is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Figure:
    """A chart with its words and the table behind it. `key` names its files; `said` is what the picture shows,
    for readers who do not see it."""

    key: str
    title: str
    chart: Any
    caption: str
    said: str
    table: pd.DataFrame


@dataclass(frozen=True)
class Listing:
    """A table of the page; `wide` columns hold sentences. `key` names its csv file ("" for none)."""

    key: str
    title: str
    rows: Sequence[Mapping[str, Any]]
    caption: str = ""


@dataclass(frozen=True)
class Section:
    """A heading, paragraphs, then figures and tables."""

    key: str
    title: str
    words: tuple[str, ...]
    parts: tuple[Figure | Listing, ...] = field(default=())
