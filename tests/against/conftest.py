"""Outside judges: they live beside the benchmark, which runs them too."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def judges(repo: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`benchmarks/judges.py`."""
    monkeypatch.syspath_prepend(repo / "benchmarks")
    return import_module("judges")
