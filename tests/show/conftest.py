"""One page for all tests of the page: made once, by the command line, in a folder of its own."""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from cereblon.show.cli import run

MY_GLUE = """
kind = "glue"
[CRBN]
Kd = {value = "10 nM", source = "a test", grade = "measured"}
K_c = {value = "5", source = "a test", grade = "measured"}
[IKZF1]
Kd = {value = "50 nM", source = "a test", grade = "measured"}
[IKZF3]
Kd = {value = "50 nM", source = "a test", grade = "measured"}
"""

SIZES = ("--quick", "--patients", "6")  # a page as it is by default takes a minute longer
Command = Callable[..., tuple[int, str, str]]


def called(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(arguments))
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`command("compound", "list")` in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return called


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder out/mezigdomide of the main job."""
    out = tmp_path_factory.mktemp("main job")
    code, said, failed = called("run", "mezigdomide", "--out", str(out), *SIZES)
    assert code == 0, failed
    assert said.strip() == str(out / "mezigdomide" / "index.html")
    return out / "mezigdomide"


@pytest.fixture
def my_glue(tmp_path: Path) -> Path:
    """A user's glue with the least that it needs."""
    file = tmp_path / "my_glue.toml"
    file.write_text(MY_GLUE)
    return file
