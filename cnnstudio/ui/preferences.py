"""What the program remembers about the person: a small JSON file in the settings folder."""

from __future__ import annotations

import contextlib

import msgspec

from cnnstudio import paths
from cnnstudio.network.atomic import replacing

_FILE = "preferences.json"


class Preferences(msgspec.Struct, frozen=True):
    """The preferences with their values for a first start."""

    theme: str = "system"


def load() -> Preferences:
    """The preferences; those of a first start where the file is missing, damaged or unreadable."""
    try:
        return msgspec.json.decode((paths.user_config() / _FILE).read_bytes(), type=Preferences)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return Preferences()


def save(preferences: Preferences) -> None:
    """Remember `preferences`; where nothing can be written they last until the end of the run."""
    with contextlib.suppress(OSError), replacing(paths.user_config() / _FILE) as temporary:
        temporary.write_bytes(msgspec.json.encode(preferences))
