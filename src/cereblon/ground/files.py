"""Files written whole or not at all, and never outside the folder they belong in."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cereblon.ground.errors import InputError


def write_atomically(path: Path, content: str | bytes) -> Path:
    """Write beside the target, then rename over it; a reader sees the old file or the new one, nothing between.

    Raises InputError when the folder cannot be written to.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if path.is_dir():
            raise InputError("a folder stands where the file should go", where=str(path), expected="a file's name")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError("cannot write a file", where=str(path), found=error.strerror or str(error)) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def inside(folder: Path, name: str) -> Path:
    """The path `folder/name`; InputError when the name would leave the folder."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise InputError("a file outside the output folder", where=str(folder), found=name, expected="a name inside it")
    return path
