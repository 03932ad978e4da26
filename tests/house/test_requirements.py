"""What is missing is skipped with its reason on a user's machine, and fails where everything is required."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUITE = """
import pytest
def test_engine(require): require("an_engine_nobody_has")
def test_browser(require): require("chromium")
def test_shared(require): require("shared/no/such/file.csv")
def test_bare_skip(): pytest.skip("felt like it")
def test_processor(): pytest.skip("hardware: no AVX-512")
def test_present(require): assert require("math").pi > 3
"""


def outcome(repo: Path, folder: Path, suite: str = SUITE, **environment: str) -> tuple[int, str]:
    """Run *suite* under the project's conftest; gives pytest's exit code and output."""
    (folder / "conftest.py").write_text((repo / "tests/conftest.py").read_text())
    (folder / "test_suite.py").write_text(suite)
    clean = {k: v for k, v in os.environ.items() if k not in {"CI", "CEREBLON_REQUIRE_ALL", "PYTEST_ADDOPTS"}}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider", "--rootdir", folder, folder],
        env={**clean, "PATH": "/nonexistent", **environment},
        capture_output=True,
        text=True,
        cwd=folder,
    )
    return run.returncode, run.stdout


def test_missing_things_are_skipped_with_their_reason(repo: Path, tmp_path: Path) -> None:
    code, output = outcome(repo, tmp_path)
    assert code == 0
    assert "1 passed, 5 skipped" in output
    for reason in (
        "an_engine_nobody_has",
        "chromium is not installed",
        "set CEREBLON_SHARED",
        "felt like it",
    ):
        assert reason in output


@pytest.mark.parametrize("variable", [{"CEREBLON_REQUIRE_ALL": "1"}, {"CI": "true"}])
def test_missing_things_fail_where_everything_is_required(
    repo: Path, tmp_path: Path, variable: dict[str, str]
) -> None:
    code, output = outcome(repo, tmp_path, **variable)
    assert code == 1
    assert "4 failed, 1 passed, 1 skipped" in output
    assert "skipped where nothing may be skipped: felt like it" in output


def test_a_whole_file_cannot_be_skipped_where_everything_is_required(repo: Path, tmp_path: Path) -> None:
    code, output = outcome(
        repo, tmp_path, "import pytest\npytest.importorskip('nothing_of_that_name')", CEREBLON_REQUIRE_ALL="1"
    )
    assert code != 0
    assert "nothing_of_that_name" in output
