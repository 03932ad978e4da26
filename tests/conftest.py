"""What every test may ask for, and the rule that nothing is skipped in silence.

A test that needs something outside the package says so and gets it::

    def test_network_against_libroadrunner(require):
        roadrunner = require("roadrunner")             # an importable module
        browser = require("chromium")                  # a program: its path
        checks = require("shared/checks/checks.md")    # a file of the shared folder: its path

On a user's machine a missing thing skips the test with its reason. With CEREBLON_REQUIRE_ALL=1, or CI=true,
every skip is a failure, whoever asked for it. Only a reason that begins with "hardware:" stays a skip: a
processor cannot be installed.
"""

import os
import shutil
import signal
from collections.abc import Callable, Generator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# A shell that starts pytest in the background has it ignore Ctrl-C, which some tests press.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

REPO = Path(__file__).resolve().parent.parent
PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "git": ("git",),
    "make": ("make",),
}

# The same examples each time: a red run can be repeated. `make prove` searches further.
settings.register_profile("test", deadline=None, derandomize=True)
settings.register_profile("prove", deadline=None, derandomize=True, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))


def all_required() -> bool:
    return any(os.environ.get(name, "").lower() in {"1", "true"} for name in ("CEREBLON_REQUIRE_ALL", "CI"))


def shared_folder() -> Path:
    return Path(os.environ.get("CEREBLON_SHARED") or REPO.parent / "shared")


def find(name: str) -> Any:
    """The module, program or shared file called *name*; skips the running test when it is not there."""
    if name in PROGRAMS:
        for program in PROGRAMS[name]:
            if path := shutil.which(program):
                return path
        pytest.skip(f"program {name} is not installed")
    if name == "shared" or name.startswith("shared/"):
        path = shared_folder() / name.removeprefix("shared").lstrip("/")
        return path if path.exists() else pytest.skip(f"{path} does not exist (set CEREBLON_SHARED)")
    try:
        return import_module(name)
    except ImportError as error:
        pytest.skip(f"module {name} cannot be imported: {error}")


@pytest.fixture(scope="session")
def require() -> Callable[[str], Any]:
    """See the top of this file."""
    return find


@pytest.fixture(scope="session")
def repo() -> Path:
    """The repository's folder."""
    return REPO


def fail_a_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure, in place, when everything is required."""
    if not report.skipped or hasattr(report, "wasxfail") or not all_required():
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if not reason.startswith("hardware:"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    fail_a_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    fail_a_skip(report)
    return report
