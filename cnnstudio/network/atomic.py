"""Files written as a whole or not at all: a temporary file in the same folder replaces the old."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

LONGEST = 300
"""Letters of a path that stand in a sentence; file systems allow a name about 255."""


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give the path of a temporary file to write; when the block ends well it becomes `path`.

    When the block raises, or the new file cannot be put in place, the temporary file goes and what
    was at `path` stays as it was. The bytes are on the disk before the old file is replaced.
    Raises OSError.
    """
    target = check_writable(path)
    temporary = target.with_name(f".{target.stem[:40]}-{secrets.token_hex(4)}.tmp")
    try:
        yield temporary
        if target.exists():
            shutil.copymode(target, temporary)
        _flush(temporary)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(target.parent)


def check_writable(path: Path) -> Path:
    """The file that `path` leads to, which may be another one if it is a link.

    Raises OSError when it is plain from the start that nothing can be written there.
    """
    try:
        target = path.resolve()
    except RuntimeError:  # what Python before 3.13 says of links that lead in a circle
        target = path
    if target.is_symlink():
        raise OSError(40, "it is a link that leads in a circle")
    if target.is_dir():
        raise IsADirectoryError(21, "it is a folder")
    if not target.parent.is_dir():
        raise FileNotFoundError(2, f"there is no folder {target.parent}")
    changing = target if target.exists() else target.parent
    if not os.access(changing, os.W_OK):
        raise PermissionError(13, "it is write-protected")
    return target


def not_written(path: Path, error: OSError) -> str:
    """The sentence for a file that could not be written."""
    kept = " The old file is unchanged." if exists(path) and path.is_file() else ""
    return f"{shown(path)} cannot be written: {error.strerror or error}.{kept}"


def shown(path: Path | str) -> str:
    """`path` for a sentence: one that is longer than any sensible one is cut short."""
    words = str(path)
    return words if len(words) <= LONGEST else f"{words[:60]}..."


def exists(path: Path) -> bool:
    """Whether something is at `path`; a name that no file can have is not there either."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the new name last through a power cut, on systems whose folders can be flushed."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
