"""Project files: a network with its recipe, and when trained its weights and history, in a ZIP.

project.json        format version, network with its preparation of pictures, recipe, data
weights.safetensors the parameters by name, when trained
history.json        one record for each epoch, when trained
changes.json        one record for each time the recipe was changed while it trained
curve.safetensors   the points of the training curve, where they were kept
preview.png         a picture of the network

A bare project.json is accepted too; it is the format of the templates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from cnnstudio.blocks import records
from cnnstudio.errors import CnnFileError
from cnnstudio.network import archive, curve_file, schema, weights
from cnnstudio.network.archive import Archive, Piece
from cnnstudio.network.atomic import check_writable, not_written, replacing, shown
from cnnstudio.network.network import Network
from cnnstudio.network.recipe import Recipe

SUFFIXES = (".cnn", ".json")

_PROJECT = "project.json"
_WEIGHTS = "weights.safetensors"
_HISTORY = "history.json"
_CHANGES = "changes.json"
_CURVE = "curve.safetensors"
_PREVIEW = "preview.png"
_MEMBERS = (_PROJECT, _WEIGHTS, _HISTORY, _CHANGES, _CURVE, _PREVIEW)

_LARGEST_TEXT = 2**24
_LARGEST_PREVIEW = 2**23
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Project:
    """Everything that a project file holds.

    `weights` maps names such as "conv1.weight" to arrays, None when untrained; `history` has one
    mapping for each epoch, with the fields of ``schema.EpochRecord``; `preview` is a PNG file;
    `name` and `description` are words for people; `data` is the name of the data set; `changes`
    has one mapping for each change in training, with the fields of ``schema.ChangeRecord``.
    `trained_by` is the recipe of the run that made the weights, None where it is not known or
    `recipe` still is that. `curve` is ``(points, 5)``: the table of an `engine.curve.Curve`.
    """

    network: Network
    recipe: Recipe = field(default_factory=Recipe)
    weights: Mapping[str, NDArray[Any]] | None = None
    history: tuple[Mapping[str, Any], ...] = ()
    preview: bytes | None = None
    name: str = ""
    data: str = "mnist"
    description: str = ""
    changes: tuple[Mapping[str, Any], ...] = ()
    trained_by: Recipe | None = None
    curve: NDArray[np.float64] | None = field(default=None, compare=False)


def load(path: str | Path) -> Project:
    """The project in a .cnn file or a bare project.json; told apart by content, not by name.

    Raises CnnFileError with the file's name and what is wrong with it.
    """
    return _load(Path(path), _read_archive)


def peek(path: str | Path) -> Project:
    """As `load`, but without weights and history, which is quick: what it is and its picture."""
    return _load(Path(path), _peek_archive)


def _load(path: Path, read_archive: Callable[[BinaryIO], Project]) -> Project:
    try:
        with path.open("rb") as file:
            start = file.read(2)
            file.seek(0)
            return read_archive(file) if start == b"PK" else _read_bare(file)
    except OSError as error:
        raise CnnFileError(f"{shown(path)} cannot be read: {error.strerror or error}.") from error
    except CnnFileError as error:
        raise CnnFileError(f"{path.name} cannot be opened: {str(error).rstrip('.')}.") from error


def save(project: Project | Network, path: str | Path) -> None:
    """Write `project` to `path`: .cnn with everything, .json with the network and recipe only.

    A bare network is saved as an untrained project. The old file is replaced only by a complete
    new one. Raises CnnFileError.
    """
    if isinstance(project, Network):
        project = Project(project)
    path = Path(path)
    check_target(path)
    try:
        text = schema.encode(to_record(project))
        members = {_PROJECT: text, **_extras(project)}
    except CnnFileError as error:
        raise CnnFileError(f"{path.name} cannot be written: {str(error).rstrip('.')}.") from error
    try:
        with replacing(path) as temporary:
            if path.suffix.lower() == ".json":
                temporary.write_bytes(text)
            else:
                archive.write(temporary, members)
    except OSError as error:
        raise CnnFileError(not_written(path, error)) from error


def check_target(path: Path, *, trained: bool = False) -> None:
    """Raise CnnFileError when a project cannot be saved at `path`, before work is put into it.

    With `trained` its weights are to be saved, too.
    """
    if trained and path.suffix.lower() == ".json":
        raise CnnFileError(
            f"{shown(path.name)} cannot be written: trained weights are saved in a file whose "
            "name ends in .cnn."
        )
    if path.suffix.lower() not in SUFFIXES:
        raise CnnFileError(
            f"{shown(path.name)} cannot be written: the name must end in .cnn, or in .json for the "
            "network alone."
        )
    try:
        check_writable(path)
    except OSError as error:
        raise CnnFileError(not_written(path, error)) from error


def _read_bare(file: BinaryIO) -> Project:
    text = file.read(_LARGEST_TEXT + 1)
    if not text:
        raise CnnFileError("it is empty")
    if len(text) > _LARGEST_TEXT or not text.lstrip().startswith(b"{"):
        raise CnnFileError("it is neither a project of CNN Studio nor a network in JSON")
    return from_record(schema.decode_project(text))


def _read_archive(file: BinaryIO) -> Project:
    members = Archive(file, _MEMBERS)
    record = _read_record(members)
    project = from_record(record)
    extras: dict[str, Any] = {}
    if _WEIGHTS in members:
        data = members.read(_WEIGHTS, weights.largest_file(project.network))
        extras["weights"] = weights.decode(data, project.network)
    if _HISTORY in members:
        epochs = schema.decode(members.read(_HISTORY, _LARGEST_TEXT), list[schema.EpochRecord])
        extras["history"] = tuple(msgspec.to_builtins(epoch) for epoch in epochs)
    if _CHANGES in members:
        extras["changes"] = read_changes(members.read(_CHANGES, _LARGEST_TEXT))
    if _CURVE in members:
        extras["curve"] = curve_file.decode(members.read(_CURVE, curve_file.LARGEST))
    return from_record(record, preview=_read_preview(members), **extras)


def _peek_archive(file: BinaryIO) -> Project:
    members = Archive(file, _MEMBERS)
    return from_record(_read_record(members), preview=_read_preview(members))


def _read_record(members: Archive) -> schema.ProjectRecord:
    """project.json; a newer program's file is told by its version, not by what else is in it."""
    if _PROJECT in members:
        schema.check_version(members.read(_PROJECT, _LARGEST_TEXT))
    members.refuse_foreign()
    return schema.decode_project(members.read(_PROJECT, _LARGEST_TEXT))


def read_changes(text: bytes) -> tuple[Mapping[str, Any], ...]:
    """What changes.json tells, as `Project.changes` has it; raises CnnFileError."""
    return tuple(msgspec.to_builtins(change) for change in schema.decode_changes(text))


def _read_preview(members: Archive) -> bytes | None:
    if _PREVIEW not in members:
        return None
    return _checked_preview(members.read(_PREVIEW, _LARGEST_PREVIEW))


def from_record(record: schema.ProjectRecord, **extras: Any) -> Project:
    """The project that project.json describes, with `extras` such as its weights.

    Raises CnnFileError without the file's name.
    """
    return Project(
        network=schema.to_network(record.network),
        recipe=schema.to_recipe(record.recipe),
        name=record.name,
        data=record.data,
        description=record.description,
        trained_by=None if record.trained_by is None else schema.to_recipe(record.trained_by),
        **extras,
    )


def to_record(project: Project) -> dict[str, Any]:
    """project.json as plain data, the shortest that gives the same project again."""
    words = {"name": project.name, "description": project.description}
    other = project.trained_by if project.weights is not None else None
    trained_by = {} if other in (None, project.recipe) else {"trained_by": other.values()}
    return {
        "format": schema.FORMAT,
        "version": schema.VERSION,
        **{key: text for key, text in words.items() if text},
        "data": project.data,
        "network": {"blocks": [records.to_record(block) for block in project.network.blocks]},
        "recipe": project.recipe.values(),
        **trained_by,
    }


def _extras(project: Project) -> dict[str, bytes | list[Piece]]:
    """The members beside project.json; raises CnnFileError for what does not belong together."""
    members: dict[str, bytes | list[Piece]] = {}
    if project.weights is not None:
        members[_WEIGHTS] = weights.pieces(project.weights, project.network)
    if project.history:
        text = schema.encode([dict(epoch) for epoch in project.history])
        schema.decode(text, list[schema.EpochRecord])
        members[_HISTORY] = text
    if project.changes:
        text = schema.encode([dict(change) for change in project.changes])
        schema.decode_changes(text)
        members[_CHANGES] = text
    if project.weights is not None and project.curve is not None and len(project.curve):
        members[_CURVE] = curve_file.encode(project.curve)
    if project.preview is not None:
        members[_PREVIEW] = _checked_preview(project.preview)
    return members


def _checked_preview(picture: bytes) -> bytes:
    if not picture.startswith(_PNG):
        raise CnnFileError(f"{_PREVIEW} in it is no PNG picture")
    return picture
