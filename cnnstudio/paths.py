"""Where the program's own resources and the user's files are."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path

import platformdirs

from cnnstudio.errors import CnnFileError

_NAME = "cnnstudio"


def resources() -> Path:
    """The folder of icons, fonts, templates and data that the program brings along.

    It lies inside the package in a wheel, beside it in the source tree, and in the unpacking folder
    of a frozen build. Raises CnnFileError when it is nowhere.
    """
    candidates = _candidates()
    for folder in candidates:
        if folder.is_dir():
            return folder
    looked = " and ".join(str(folder) for folder in candidates)
    raise CnnFileError(
        f"CNN Studio's own files are missing (looked in {looked}). Install it again."
    )


def resource(*parts: str) -> Path:
    """The path of one resource, such as ``resource("templates", "lecture.json")``."""
    return resources().joinpath(*parts)


def user_config() -> Path:
    """The folder for the user's preferences; made if missing."""
    return Path(platformdirs.user_config_dir(_NAME, appauthor=False, ensure_exists=True))


def user_data(*, make: bool = True) -> Path:
    """The folder for what the program keeps for the user, such as autosaved work.

    It is made if missing, unless `make` is False. Raises OSError when it cannot be made.
    """
    return Path(platformdirs.user_data_dir(_NAME, appauthor=False, ensure_exists=make))


def _candidates() -> tuple[Path, ...]:
    """The folders where resources may be, in the order to look."""
    package = _folder_of(__file__)
    places = (package / "resources", package.parent / "resources")
    unpacked = getattr(sys, "_MEIPASS", None)
    if unpacked is None:
        return places
    return (Path(unpacked) / _NAME / "resources", Path(unpacked) / "resources", *places)


@lru_cache(maxsize=8)
def _folder_of(file: str) -> Path:
    """The folder of `file` without links, remembered: the window asks a hundred times."""
    return Path(file).resolve().parent
