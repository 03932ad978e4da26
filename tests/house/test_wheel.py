"""The package works from a built wheel, its data with it."""

import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def run(*command: str | Path, **options: Any) -> str:
    """Run *command*; gives its standard output, or fails with everything that it printed."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(repo: Path, tmp_path_factory: pytest.TempPathFactory, require: Callable[[str], Any]) -> Path:
    """The built wheel (no network: the build backend is one of the test's own requirements)."""
    require("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=repo)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that holds the wheel and sees this one's third parties; gives its python."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=os.name != "nt")
    python = folder / "bin" / "python"
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    third = [path for path in sys.path if path.endswith("site-packages")]
    # a .pth file inside those folders, such as an editable install's, is not read from here
    (packages / "third_parties.pth").write_text("\n".join(third))
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    run(*pip, "--no-deps", "--no-index", wheel)
    return python


def test_wheel_holds_every_file_of_the_package(repo: Path, wheel: Path) -> None:
    source = repo / "src"
    files = [path for path in (source / "cereblon").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert {path.relative_to(source).as_posix() for path in files} <= held
    assert "cereblon/py.typed" in held
    assert any(name.endswith("licenses/LICENSE") for name in held)


def test_wheel_holds_nothing_but_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"cereblon"}


def test_installed_wheel_is_imported_from_its_own_place(installed: Path, tmp_path: Path) -> None:
    code = "import cereblon; [getattr(cereblon, name) for name in cereblon.__all__]; print(cereblon.__file__)"
    place = run(installed, "-I", "-c", code, cwd=tmp_path).strip()
    assert Path(place).is_relative_to(installed.parent.parent)


def test_installed_wheel_reads_its_own_data(
    installed: Path, tmp_path: Path, require: Callable[[str], Any]
) -> None:
    require("cereblon.show.cli")
    shown = run(installed.parent / "cereblon", "compound", "show", "mezigdomide", cwd=tmp_path)
    assert "CRBN.Kd" in shown
    assert list(tmp_path.iterdir()) == []  # showing writes nothing


@pytest.mark.prove
def test_installed_wheel_runs_the_main_job(
    installed: Path, tmp_path: Path, require: Callable[[str], Any]
) -> None:
    require("cereblon.show.cli")
    run(installed.parent / "cereblon", "run", "mezigdomide", cwd=tmp_path)
    page = (tmp_path / "out" / "mezigdomide" / "index.html").read_text()
    assert "research use only" in page.lower()
