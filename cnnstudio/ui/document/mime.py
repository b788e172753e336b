"""What is dragged and pasted: blocks as JSON, checked like a file when they arrive."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QMimeData

from cnnstudio.blocks import TYPES_BY_NAME, Block, Input
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.blocks.records import from_record, to_record
from cnnstudio.errors import SettingError
from cnnstudio.network import text_form

BLOCK = "application/vnd.cnnstudio.block+json"
"""One block, ``{"type": "Conv2D", "settings": {...}}``; settings may be left out."""
FRAGMENT = "application/vnd.cnnstudio.fragment+json"
"""Several blocks, ``{"blocks": [block, ...]}``.

As plain text it is accepted too, and so are a whole project and the text form of a network.
"""

LARGEST = 1_000_000
"""More bytes than this are refused unread."""
MOST_BLOCKS = 1_000

_NO_BLOCKS = (
    "There are no blocks on the clipboard: copy some here, or a line such as "
    "CONV 16@5x5 + RELU > POOL max 2x2."
)


def encode_block(block: Block) -> QMimeData:
    """`block` for a drag."""
    data = QMimeData()
    data.setData(BLOCK, json.dumps(to_record(block)).encode())
    return data


def encode_fragment(blocks: Sequence[Block]) -> QMimeData:
    """`blocks` for the clipboard, readable as text too."""
    text = json.dumps({"blocks": [to_record(block) for block in blocks]}, indent=2)
    data = QMimeData()
    data.setData(FRAGMENT, text.encode())
    data.setText(text)
    return data


def has_block(data: QMimeData) -> bool:
    """Whether a drag carries a block."""
    return data.hasFormat(BLOCK)


def decode_block(data: QMimeData) -> Block:
    """The block that is dragged; raises CnnStudioError in a sentence when it is none."""
    return _block(_read(bytes(data.data(BLOCK).data())))


def decode_fragment(data: QMimeData) -> tuple[Block, ...]:
    """The blocks on the clipboard, at most one of them an Input, which then comes first.

    Raises CnnStudioError in a sentence when there are none.
    """
    if data.hasFormat(FRAGMENT):
        blocks = _fragment(_read(bytes(data.data(FRAGMENT).data())))
    else:
        blocks = _from_text(data.text())
    if len(blocks) > MOST_BLOCKS:
        raise SettingError(f"{len(blocks):,} blocks are too many; paste at most {MOST_BLOCKS:,}.")
    return blocks


def _from_text(text: str) -> tuple[Block, ...]:
    """The blocks in a text, written as JSON or in words."""
    if text_form.is_text_form(text):
        return text_form.read_as_given(text)
    if not text.lstrip().startswith(("{", "[")):
        raise SettingError(_NO_BLOCKS)
    return _fragment(_read(text.encode(errors="replace")))


def _fragment(content: Any) -> tuple[Block, ...]:
    if isinstance(content, dict) and isinstance(content.get("network"), dict | list):
        content = content["network"]
    if isinstance(content, dict) and "type" in content:
        return (_block(content),)
    records = content.get("blocks") if isinstance(content, dict) else content
    if not isinstance(records, list) or not records:
        raise SettingError(_NO_BLOCKS)
    if len(records) > MOST_BLOCKS:
        raise SettingError(f"{len(records):,} blocks are too many; paste at most {MOST_BLOCKS:,}.")
    return (_block(records[0], first=True), *map(_block, records[1:]))


def _read(raw: bytes) -> Any:
    if len(raw) > LARGEST:
        raise SettingError(f"That is too large ({len(raw):,} bytes) to be blocks.")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        words = "That is no block of CNN Studio: copy or drag one of its blocks."
        raise SettingError(words) from None


def _block(record: object, *, first: bool = False) -> Block:
    """The block of a record; an Input only where it is the `first` of several."""
    if not isinstance(record, dict) or not isinstance(record.get("type"), str):
        raise SettingError("That is no block: it has no type.")
    kind, settings = record["type"], record.get("settings")
    if settings is not None and not isinstance(settings, dict):
        raise SettingError(f"The settings of {kind} must be a table of names and values.")
    if not settings:
        default = _default(kind)
        if default is not None:
            return default
    block = from_record(kind, settings or {}, TYPES_BY_NAME)
    if isinstance(block, Input) and not first:
        raise SettingError("A network has one Input block, so another cannot be dropped in.")
    return block


def _default(kind: str) -> Block | None:
    """The palette's block of a type, for a record without settings."""
    tiles = (tile.block for group in PALETTE for tile in group.tiles)
    return next((block for block in tiles if type(block).__name__ == kind), None)
