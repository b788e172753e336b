"""The projects that were opened or saved last: a small JSON file in the settings folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from cnnstudio import paths
from cnnstudio.network.atomic import replacing

MOST = 10
_FILE = "recent.json"


def load() -> tuple[Path, ...]:
    """The files, the latest first; none where the list is missing, damaged or unreadable.

    Whether they still exist is not asked here: on a network that can take long.
    """
    try:
        names = msgspec.json.decode((paths.user_config() / _FILE).read_bytes(), type=list[str])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return ()
    return tuple(Path(name) for name in dict.fromkeys(names) if name)[:MOST]


def remember(path: Path) -> None:
    """Put `path` at the top; without a settings folder that can be written nothing is kept."""
    path = path.absolute()
    _save((path, *(other for other in load() if other != path)))


def forget(path: Path) -> None:
    """Take `path` off the list."""
    _save(other for other in load() if other != path)


def clear() -> None:
    """Empty the list; the files stay."""
    _save(())


def _save(files: Iterable[Path]) -> None:
    names = [str(path) for path in files][:MOST]
    with (
        contextlib.suppress(OSError, UnicodeEncodeError),
        replacing(paths.user_config() / _FILE) as temporary,
    ):
        temporary.write_bytes(msgspec.json.encode(names))
