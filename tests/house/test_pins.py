"""Pins are complete and carry no address; exceptions of the checkers name third parties only."""

import re
import subprocess
import tomllib
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

REPO = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
PIN = re.compile(r"([A-Za-z0-9._-]+)==([0-9][0-9A-Za-z.]*)")


def pins(file: str) -> dict[str, str]:
    """name -> version of a constraints file; every line must be a pin or a comment."""
    lines = [line for line in (REPO / file).read_text().splitlines() if not line.startswith("#")]
    matches = [PIN.fullmatch(line) for line in lines]
    assert [line for line, match in zip(lines, matches, strict=True) if not match] == []
    return {canonicalize_name(match[1]): match[2] for match in matches if match}


def closure(wanted: Iterable[str]) -> set[str]:
    """Names of all that *wanted* requires on this machine, itself included, read from what is installed."""
    todo, seen = [Requirement(text) for text in wanted], set[str]()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if name in seen or name == "cereblon":
            continue
        seen.add(name)
        try:
            children = [Requirement(text) for text in requires(name) or []]
        except PackageNotFoundError:
            continue  # an optional one that is not here: its own name must be pinned all the same
        extras = requirement.extras or {""}
        for child in children:
            if child.marker is None or any(child.marker.evaluate({"extra": extra}) for extra in extras):
                todo.append(child)
    return seen


def test_run_time_pins_are_complete() -> None:
    assert closure(PROJECT["project"]["dependencies"]) == pins("constraints.txt").keys()


def test_development_pins_are_complete() -> None:
    wanted = [text for extra in EXTRAS.values() for text in extra] + PROJECT["build-system"]["requires"]
    assert closure(wanted) <= pins("constraints.txt").keys() | pins("constraints-dev.txt").keys()
    assert pins("constraints.txt").keys().isdisjoint(pins("constraints-dev.txt").keys())


def test_pins_lie_within_the_declared_ranges() -> None:
    versions = pins("constraints.txt") | pins("constraints-dev.txt")
    wanted = [*PROJECT["project"]["dependencies"], *(text for extra in EXTRAS.values() for text in extra)]
    for requirement in map(Requirement, wanted):
        if requirement.name != "cereblon":
            version = versions[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(Version(version)), f"{requirement} but {version} is pinned"


# written in parts, so that this file does not find itself
ADDRESS = re.compile(
    r"(https?|file)://[^\s\"')]*(py" + r"pi|python" + r"hosted|npm" + r"js|/sim" + r"ple\b)"
    r"|index" + r"-url|find" + r"-links|INDEX" + r"_URL|FIND" + r"_LINKS"
)


def test_no_file_names_a_registry(require: Callable[[str], Any]) -> None:
    listed = [require("git"), "-C", str(REPO), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split("\0")
    files = [REPO / name for name in names if name and (REPO / name).is_file()]
    assert len(files) > 20
    found = [path.name for path in files if ADDRESS.search(path.read_text(errors="ignore"))]
    assert found == []


@pytest.mark.parametrize("line", ["https://py" + "pi.org", "--index" + "-url x", "file:///srv/sim" + "ple"])
def test_a_registry_address_is_seen(line: str) -> None:
    assert ADDRESS.search(line)


def test_no_module_of_ours_is_exempt_from_the_type_checker() -> None:
    settings = PROJECT["tool"]["mypy"]
    assert settings["files"] == ["src"]
    assert settings["disallow_untyped_defs"]
    assert not {"exclude", "ignore_errors", "follow_imports"} & settings.keys()
    for override in settings["overrides"]:
        assert override.keys() == {"module", "ignore_missing_imports"}
        assert not any("cereblon" in module or module == "*" for module in override["module"])


def test_every_quietened_warning_names_a_third_party() -> None:
    filters = PROJECT["tool"]["pytest"]["ini_options"]["filterwarnings"]
    assert filters[0] == "error"
    for rule in filters[1:]:
        action, message, category, *module = rule.split(":")
        assert action == "ignore"
        assert category
        assert message or module, f"{rule} would quieten our own warnings too"
        assert not any("cereblon" in part for part in module)
