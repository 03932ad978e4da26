"""README and the pages of docs/ run as they stand.

A page's blocks run in order in one empty folder. What a block is stands on its fence::

    ```sh           run by bash; a failing line fails the page
    ```python       run; all python blocks of a page are one program
    ```toml X.toml  written to the file X.toml for the blocks after it
    ```sh by-hand   for the reader alone (it installs, or takes minutes)
    ```text         shown only
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).resolve().parents[2]
PAGES = [
    REPO / "README.md",
    *(page for top in ("docs", "docs/how-to") for page in sorted((REPO / top).glob("*.md"))),
]
BLOCK = re.compile(r"^```(\w+)(?: +(\S+))? *\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


def blocks(text: str) -> list[tuple[str, str, str]]:
    """(language, remark, content) of every fenced block that is not by hand or text."""
    found = [match.groups(default="") for match in BLOCK.finditer(text)]
    return [(kind, remark, body) for kind, remark, body in found if remark != "by-hand" and kind != "text"]


def environment(folder: Path) -> dict[str, str]:
    """This interpreter's environment, in which `cereblon` and `python` are the ones under test."""
    programs = folder / ".bin"
    programs.mkdir()
    for name, command in {"cereblon": f"{sys.executable} -m cereblon", "python": sys.executable}.items():
        (programs / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (programs / name).chmod(0o755)
    path = os.pathsep.join([str(REPO / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": path}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_page_runs_as_it_stands(page: Path, tmp_path: Path, require: Callable[[str], Any]) -> None:
    parts = blocks(page.read_text())
    if any(kind in {"sh", "python"} for kind, _, _ in parts):
        require("cereblon.show.cli")
    surroundings = environment(tmp_path)
    program = ""
    for kind, remark, body in parts:
        if kind == "toml" and remark:
            (tmp_path / remark).write_text(body)
        elif kind == "sh":
            command = ["bash", "-euo", "pipefail", "-c", body]
        elif kind == "python":
            # earlier blocks run again in silence, so that a page may mix python and shell in reading order
            program += body + "\n"
            command = [sys.executable, "-W", "error::UserWarning", "-c", program]
        if kind in {"sh", "python"}:
            done = subprocess.run(
                command,
                cwd=tmp_path,
                env=surroundings,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
            )
            if done.returncode:
                pytest.fail(f"{page.name} does not run:\n{body}\n{done.stdout}\n{done.stderr}", pytrace=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = LINK.findall(page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_blocks_are_told_apart() -> None:
    fences = [("sh", "a"), ("sh by-hand", "b"), ("toml x.toml", "c = 1"), ("text", "d"), ("python", "e")]
    text = "\n".join(f"```{fence}\n{body}\n```\n" for fence, body in fences)
    assert blocks(text) == [("sh", "", "a\n"), ("toml", "x.toml", "c = 1\n"), ("python", "", "e\n")]


def test_readme_shows_commands_and_calls_that_run() -> None:
    kinds = [kind for kind, _, _ in blocks((REPO / "README.md").read_text())]
    assert {"sh", "python"} <= set(kinds)
