"""What is dragged and pasted, and what is refused."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QMimeData

from cnnstudio.blocks import BLOCK_TYPES, Conv2D, Input, MaxPool2D
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.errors import CnnStudioError
from cnnstudio.ui.document import mime

TILES = [tile.block for group in PALETTE for tile in group.tiles]


def dragged(content: object) -> QMimeData:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    data = QMimeData()
    data.setData(mime.BLOCK, raw)
    return data


@pytest.mark.parametrize("block", TILES, ids=str)
def test_a_block_survives_the_drag(block: object) -> None:
    data = mime.encode_block(block)  # type: ignore[arg-type]
    assert mime.has_block(data)
    assert mime.decode_block(data) == block


def test_blocks_survive_the_clipboard_also_as_text() -> None:
    data = mime.encode_fragment(TILES)
    assert mime.decode_fragment(data) == tuple(TILES)
    text = QMimeData()
    text.setText(data.text())
    assert mime.decode_fragment(text) == tuple(TILES)


@pytest.mark.parametrize(
    "kind", [kind.__name__ for kind in BLOCK_TYPES if kind is not Input], ids=str
)
def test_without_settings_a_block_is_that_of_the_palette(kind: str) -> None:
    block = mime.decode_block(dragged({"type": kind}))
    assert type(block).__name__ == kind
    assert block == mime.decode_block(dragged({"type": kind, "settings": {}}))


def test_settings_are_taken() -> None:
    record = {"type": "Conv2D", "settings": {"filters": 3, "kernel": [5, 3]}}
    assert mime.decode_block(dragged(record)) == Conv2D(3, (5, 3))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b" " * (mime.LARGEST + 1),
        [],
        "Conv2D",
        {"settings": {}},
        {"type": ["Conv2D"]},
        {"type": "Magic"},
        {"type": "Conv2D", "settings": [1]},
        {"type": "Conv2D", "settings": {"filters": 0, "kernel": 3}},
        {"type": "Conv2D", "settings": {"filters": 8, "kernel": 3, "colour": "red"}},
        {"type": "Conv2D", "settings": {"filters": {}, "kernel": [[]]}},
        {"type": "Input"},
        {"type": "Input", "settings": {"pad": 2}},
    ],
    ids=repr,
)
def test_what_is_no_block_is_refused_in_a_sentence(content: object) -> None:
    with pytest.raises(CnnStudioError, match=r"\w.*\.$"):
        mime.decode_block(dragged(content))


@pytest.mark.parametrize("text", ["", "hello", "{}", '{"blocks": []}', '{"blocks": [3]}', "7"])
def test_text_that_holds_no_blocks_is_refused(text: str) -> None:
    data = QMimeData()
    data.setText(text)
    with pytest.raises(CnnStudioError):
        mime.decode_fragment(data)


def test_a_flood_of_blocks_is_refused() -> None:
    flood = mime.encode_fragment([MaxPool2D()] * (mime.MOST_BLOCKS + 1))
    with pytest.raises(CnnStudioError, match="1,001 blocks"):
        mime.decode_fragment(flood)
