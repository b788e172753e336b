"""The words of a project file: strict schemas of its JSON, versions and migrations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from cnnstudio.blocks import TYPES_BY_NAME, records
from cnnstudio.errors import CnnFileError, NetworkError, SettingError
from cnnstudio.network.network import Network
from cnnstudio.network.recipe import Recipe

FORMAT = "cnnstudio"
VERSION = 1
"""The version that this program writes; it reads this one and all before."""

MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""For each older version, how its project.json becomes that of the next version."""

T = TypeVar("T")

Value = bool | int | float | str | list[Any]
"""A setting as JSON has it; lists hold numbers, lists, or the blocks of a row."""


class BlockRecord(msgspec.Struct, forbid_unknown_fields=True):
    """One block: the name of its type and the settings that are not at their default."""

    type: str
    settings: dict[str, Value] = {}


class NetworkRecord(msgspec.Struct, forbid_unknown_fields=True):
    """The row of blocks."""

    blocks: list[BlockRecord]


class ProjectRecord(msgspec.Struct, forbid_unknown_fields=True):
    """project.json: the network, how pictures are prepared, the recipe and the data's name.

    `trained_by` is the recipe that the weights were trained by, where it is another.
    """

    format: str
    version: int
    network: NetworkRecord
    name: str = ""
    description: str = ""
    data: str = "mnist"
    recipe: dict[str, Value] = {}
    trained_by: dict[str, Value] | None = None


class EpochRecord(msgspec.Struct, forbid_unknown_fields=True):
    """One line of history.json; a loss that is not a finite number is null."""

    epoch: int
    train_loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    seconds: float | None
    images_per_second: float | None


class ChangeRecord(msgspec.Struct, forbid_unknown_fields=True):
    """One line of changes.json: settings of the recipe that were changed at `position` in epochs.

    `values` and `before` name the same settings; `remark` tells what else happened.
    """

    position: Annotated[float, msgspec.Meta(ge=0)]
    values: dict[str, Value] = {}
    before: dict[str, Value] = {}
    remark: str = ""


class Head(msgspec.Struct):
    """What is looked at first, whatever else there is, and even where it is not there."""

    format: str = ""
    version: int = 0


def decode_changes(text: bytes) -> list[ChangeRecord]:
    """The lines of changes.json; raises CnnFileError for settings that no recipe has."""
    changes = decode(text, list[ChangeRecord])
    for change in changes:
        if change.values.keys() != change.before.keys():
            raise CnnFileError(
                f"the change at epoch {change.position:.2f} names other settings before and after"
            )
        to_recipe(change.before)
        to_recipe(change.values)
    return changes


def decode_project(text: bytes) -> ProjectRecord:
    """The record in `text`, brought to the present version; raises CnnFileError without a name."""
    head = check_version(text)
    if head.version < min((*MIGRATIONS, VERSION)):
        raise CnnFileError(f"there is no format {head.version}")
    if head.version == VERSION:
        return decode(text, ProjectRecord)
    plain = decode(text, dict[str, Any])
    for version in range(head.version, VERSION):
        plain = MIGRATIONS[version](plain) | {"version": version + 1}
    return decode(encode(plain), ProjectRecord)


def check_version(text: bytes) -> Head:
    """What stands at the head of a project.json; raises CnnFileError when it is too new to read."""
    head = decode(text, Head)
    check_head(head, "project", FORMAT, VERSION)
    return head


def check_head(head: Head, what: str, form: str, newest: int) -> None:
    """Raise CnnFileError unless `head` is that of a `what`: `form`, in a version up to `newest`."""
    if not head.format:
        raise CnnFileError(f"it is JSON, but no {what} of CNN Studio (it has no 'format')")
    if head.format != form:
        raise CnnFileError(f"it is no {what} of CNN Studio, but of {head.format[:60]!r}")
    if head.version > newest:
        raise CnnFileError(
            f"it was written by a newer CNN Studio (format {head.version}, this one reads up to "
            f"{newest}); update CNN Studio to open it"
        )


def decode(text: bytes, kind: type[T]) -> T:
    """JSON `text` as `kind`; raises CnnFileError saying what is wrong and where."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        raise CnnFileError(_plain(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CnnFileError(f"its JSON is damaged: {_plain(str(error))}") from error


def encode(value: object) -> bytes:
    """`value` as indented JSON with a final newline."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def to_network(record: NetworkRecord) -> Network:
    """The network of a record; raises CnnFileError naming the block that is wrong."""
    blocks = []
    for number, entry in enumerate(record.blocks, start=1):
        try:
            blocks.append(records.from_record(entry.type, entry.settings, TYPES_BY_NAME))
        except SettingError as error:
            raise CnnFileError(f"block {number} is wrong: {error}") from error
    try:
        return Network(tuple(blocks))
    except NetworkError as error:
        raise CnnFileError(str(error)) from error


def to_recipe(settings: Mapping[str, object]) -> Recipe:
    """The recipe with `settings`, the others at their default; raises CnnFileError."""
    try:
        return Recipe().with_values(**settings)
    except SettingError as error:
        raise CnnFileError(f"the recipe is wrong: {error}") from error


def _plain(words: str) -> str:
    """The words of msgspec as the end of a sentence: one line, no quotes, capital or full stop."""
    text = " ".join(words.replace("`", "").removeprefix("JSON is malformed: ").rstrip(".").split())
    return text[:1].lower() + text[1:]
