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

BLOCK = "application/vnd.cnnstudio.block+json"
"""One block, ``{"type": "Conv2D", "settings": {...}}``; settings may be left out."""
FRAGMENT = "application/vnd.cnnstudio.fragment+json"
"""Several blocks, ``{"blocks": [block, ...]}``; also accepted as plain text."""

LARGEST = 1_000_000
"""More bytes than this are refused unread."""
MOST_BLOCKS = 1_000


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
    """The blocks on the clipboard; raises CnnStudioError in a sentence when there are none."""
    raw = bytes(data.data(FRAGMENT).data()) if data.hasFormat(FRAGMENT) else data.text().encode()
    content = _read(raw)
    if isinstance(content, dict) and "type" in content:
        return (_block(content),)
    records = content.get("blocks") if isinstance(content, dict) else content
    if not isinstance(records, list) or not records:
        raise SettingError("What was pasted holds no blocks.")
    if len(records) > MOST_BLOCKS:
        raise SettingError(f"{len(records):,} blocks are too many; paste at most {MOST_BLOCKS:,}.")
    return tuple(_block(record) for record in records)


def _read(raw: bytes) -> Any:
    if len(raw) > LARGEST:
        raise SettingError(f"That is too large ({len(raw):,} bytes) to be blocks.")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        words = "That is no block of CNN Studio: copy or drag one of its blocks."
        raise SettingError(words) from None


def _block(record: object) -> Block:
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
    if isinstance(block, Input):
        raise SettingError("A network has one Input block, so another cannot be dropped in.")
    return block


def _default(kind: str) -> Block | None:
    """The palette's block of a type, for a record without settings."""
    tiles = (tile.block for group in PALETTE for tile in group.tiles)
    return next((block for block in tiles if type(block).__name__ == kind), None)
