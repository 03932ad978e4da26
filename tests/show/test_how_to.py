"""The how-to pages run as they stand, block by block, in an empty folder."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cereblon.show.cli import run

PAGES = sorted((Path(__file__).resolve().parents[2] / "docs/how-to").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)(?: +(\S+))? *\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, kind: str) -> list[tuple[str, str]]:
    """(remark, content) of the page's blocks of one kind."""
    return [(m[2] or "", m[3]) for m in BLOCK.finditer(page.read_text()) if m[1] == kind]


def test_both_pages_are_here() -> None:
    assert {"add-a-glue.md", "write-a-network.md"} <= {page.name for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    for name, content in blocks(page, "toml"):
        (tmp_path / name).write_text(content)
    program = "\n".join(content for _, content in blocks(page, "python"))
    # the names of pages are data of the test; what runs is the page's own code, in a process of its own
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("stem", "number"), [("add-a-glue", 3), ("write-a-network", 2)])
def test_the_file_of_a_page_is_checked_and_simulated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stem: str, number: int
) -> None:
    page = next(p for p in PAGES if p.stem == stem)
    monkeypatch.chdir(tmp_path)
    for name, content in blocks(page, "toml"):
        (tmp_path / name).write_text(content)
    lines = [line for _, content in blocks(page, "sh") for line in content.splitlines() if " run " not in line]
    assert len(lines) == number
    for line in lines:
        assert run(shlex.split(line)[1:]) == 0, line


def test_a_mistake_in_a_network_is_a_paragraph(tmp_path: Path) -> None:
    page = next(p for p in PAGES if p.stem == "write-a-network")
    program = "\n".join(content for _, content in blocks(page, "python"))
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert "mass is not balanced" in done.stdout
