"""The public surface: sorted, documented, and light to import."""

import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cereblon

HEAVY = (
    "altair", "lifelines", "llvmlite", "matplotlib", "numpy", "pandas", "pint", "pydantic", "scipy", "statsmodels",
    "vl_convert",
)  # fmt: skip


def loaded_by(code: str) -> set[str]:
    """Top-level modules in memory after *code* has run in a fresh interpreter."""
    tail = "\nimport sys; print('LOADED', *{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return set(run.stdout.rpartition("LOADED")[2].split())


def test_public_names_are_sorted() -> None:
    assert list(cereblon.__all__) == sorted(set(cereblon.__all__))
    assert set(cereblon.__all__) < set(dir(cereblon))


@pytest.mark.parametrize("name", cereblon.__all__)
def test_public_name_resolves_and_explains_itself(name: str) -> None:
    thing = getattr(cereblon, name)
    assert inspect.getdoc(thing), f"{name} has no docstring"
    if not inspect.ismodule(thing):  # a submodule of that name would shadow it once imported
        assert not (Path(cereblon.__file__).parent / f"{name}.py").exists()
        assert not (Path(cereblon.__file__).parent / name).exists()


def test_an_unknown_name_is_an_attribute_error_with_the_nearest_name() -> None:
    command = [sys.executable, "-c", "import cereblon; cereblon.Quantiti"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert "has no attribute 'Quantiti'. Did you mean: 'Quantity'?" in run.stderr


def test_import_loads_nothing_heavy() -> None:
    assert loaded_by("import cereblon").isdisjoint(HEAVY)


def test_version_of_the_command_loads_nothing_heavy(require: Callable[[str], Any]) -> None:
    require("cereblon.show.cli")
    code = """
import runpy, sys
sys.argv = ["cereblon", "--version"]
try:
    runpy.run_module("cereblon", run_name="__main__")
except SystemExit as end:
    assert not end.code
"""
    assert loaded_by(code).isdisjoint(HEAVY)
