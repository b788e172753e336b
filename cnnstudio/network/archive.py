"""The ZIP side of a project file: members that are known, whole, and no larger than they may be."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from cnnstudio.errors import CnnFileError

_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What zipfile raises for archives that are damaged, truncated or strangely packed; OSError where
a damaged number makes it look before the beginning of the file."""

_STAMP = (1980, 1, 1, 0, 0, 0)
"""The time that every member carries, so that equal projects are equal files."""


_ENTRY = b"PK\1\2"
"""What each line of the table of contents begins with."""

_LOST = "it is damaged or cut short, its table of contents is lost"

_PORTION = 2**20
"""Bytes that are written at once of a member in pieces."""

Piece = bytes | memoryview
"""A part of a member; a memoryview is one of bytes."""


class Archive:
    """An open project archive; raises CnnFileError without the file's name."""

    def __init__(self, file: BinaryIO, known: Collection[str]) -> None:
        """Look at the archive's list; refuse members that are doubled or encrypted."""
        self._known = known
        try:
            self._zip = zipfile.ZipFile(file)
        except _BROKEN as error:
            raise CnnFileError(_LOST) from error
        self._members: dict[str, zipfile.ZipInfo] = {}
        for info in self._zip.infolist():
            self._admit(info)

    def refuse_foreign(self) -> None:
        """Raise CnnFileError for members that are not known, such as a newer program's."""
        for name in self._members:
            if name not in self._known:
                raise CnnFileError(f"it is no project of CNN Studio, it holds {name[:60]!r}")

    def _admit(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        if _ENTRY in info.extra + info.comment:  # a damaged length hides the members after it
            raise CnnFileError(_LOST)
        if name in self._members:
            raise CnnFileError(f"it holds {name} twice")
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _PACKINGS:
            raise CnnFileError(f"{name} in it is encrypted or packed in a way that is not known")
        self._members[name] = info

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str, largest: int) -> bytes:
        """The content of a member; one that unpacks to more than `largest` bytes is not read."""
        if name not in self._members:
            raise CnnFileError(f"{name} is missing in it")
        info = self._members[name]
        if info.file_size > largest:
            raise CnnFileError(
                f"{name} in it has {info.file_size:,} bytes, where at most {largest:,} make sense"
            )
        try:
            with self._zip.open(info) as member:
                # Asked for a number of bytes, zipfile unpacks no more than that, whatever is there.
                return member.read(info.file_size + 1)
        except _BROKEN as error:
            raise CnnFileError(f"{name} in it is damaged or cut short") from error


def write(path: Path, members: Mapping[str, bytes | Sequence[Piece]]) -> None:
    """Write the members to a new archive at `path`; raises OSError.

    A member in pieces is written portion by portion, between which other threads take turns.
    """
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, _STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED if name.endswith("json") else 0
            info.external_attr = 0o644 << 16
            if isinstance(content, bytes):
                archive.writestr(info, content)
                continue
            info.file_size = sum(len(piece) for piece in content)
            with archive.open(info, "w") as member:
                for portion in _portions(content):
                    member.write(portion)


def _portions(pieces: Sequence[Piece]) -> Iterator[Piece]:
    for piece in pieces:
        for start in range(0, len(piece), _PORTION):
            yield piece[start : start + _PORTION]
