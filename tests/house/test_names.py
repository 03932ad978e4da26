"""Files are named by what they hold, and none grows into a hub."""

from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
FILES = sorted(path for folder in ("src", "tests", "benchmarks") for path in (REPO / folder).rglob("*.py"))
EMPTY_WORDS = {"base", "common", "helper", "helpers", "misc", "tools", "util", "utils"}
LIMIT = 420
LONG: dict[str, str] = {}  # path -> why it is longer than LIMIT


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(REPO)))
def test_file_has_a_name_and_stays_small(path: Path) -> None:
    assert not EMPTY_WORDS & set(path.stem.strip("_").split("_")), "name the file by what it holds"
    lines = len(path.read_text().splitlines())
    if str(path.relative_to(REPO)) not in LONG:
        assert lines <= LIMIT, "split it by noun, or give its reason in LONG"


def test_the_list_of_long_files_is_true() -> None:
    for name, reason in LONG.items():
        assert len((REPO / name).read_text().splitlines()) > LIMIT, f"{name} is short again"
        assert len(reason.split()) > 3


def test_every_folder_of_the_package_is_a_package() -> None:
    folders = {path.parent for path in FILES if path.is_relative_to(REPO / "src/cereblon")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []
