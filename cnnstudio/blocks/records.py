"""A block as plain data, ``{"type": "Conv2D", "settings": {...}}``, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from cnnstudio.blocks.block import Block
from cnnstudio.blocks.row import DEEPEST
from cnnstudio.errors import SettingError


def to_record(block: Block) -> dict[str, Any]:
    """`block` as plain data; settings at their default are left out."""
    settings = {}
    for field in dataclasses.fields(block):
        value = getattr(block, field.name)
        if value != field.default:
            settings[field.name] = _plain(value)
    return {"type": type(block).__name__, "settings": settings}


def from_record(
    kind: str, settings: Mapping[str, object], types: Mapping[str, type[Block]]
) -> Block:
    """The block of type `kind`; raises SettingError that names what is wrong."""
    try:
        return _from_record(kind, settings, types, 0)
    except RecursionError as error:
        raise SettingError(f"A setting of {kind} is a list in lists without end.") from error


def _from_record(
    kind: str, settings: Mapping[str, object], types: Mapping[str, type[Block]], depth: int
) -> Block:
    if kind not in types:
        raise SettingError(f"There is no block type {kind!r}; known are {', '.join(types)}.")
    if depth > DEEPEST:
        raise SettingError(f"Rows may stand at most {DEEPEST} deep in rows.")
    block_type = types[kind]
    fields = {f.name: f for f in dataclasses.fields(block_type)}
    for name in settings:
        if name not in fields:
            raise SettingError(f"{kind} has no setting {name!r}; it has {', '.join(fields)}.")
    for name, field in fields.items():
        if field.default is dataclasses.MISSING and name not in settings:
            raise SettingError(f"{kind} needs the setting {name!r}.")
    return block_type(**{name: _read(value, types, depth) for name, value in settings.items()})


def _plain(value: object) -> object:
    if isinstance(value, Block):
        return to_record(value)
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _read(value: object, types: Mapping[str, type[Block]], depth: int) -> object:
    """`value` with the records of blocks in it read, as rows of blocks have them."""
    if isinstance(value, list):
        return tuple(_read(part, types, depth) for part in value)
    if not isinstance(value, dict):
        return value
    kind, settings = value.get("type"), value.get("settings", {})
    if not isinstance(kind, str) or not isinstance(settings, dict):
        raise SettingError("A block in a row needs a type and its settings.")
    return _from_record(kind, settings, types, depth + 1)
