"""Where numbers come from: `data/sources.toml`, one table per key."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

_FILE = Path(__file__).parent.parent / "data" / "sources.toml"


@dataclass(frozen=True)
class Source:
    """A citation. `read` says what was read: "primary", "secondary", "recalled" or "" where nothing was."""

    key: str
    citation: str
    doi: str = ""
    read: str = ""

    def __str__(self) -> str:
        return self.citation + (f" doi:{self.doi}" if self.doi else "")


@lru_cache(maxsize=1)
def sources() -> Mapping[str, Source]:
    """Every shipped source by key."""
    with _FILE.open("rb") as file:
        table = tomllib.load(file)
    return MappingProxyType({key: Source(key, **row) for key, row in table.items()})
