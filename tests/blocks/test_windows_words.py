"""What a card says of blocks whose windows leave rows unseen or hang over the edge."""

from __future__ import annotations

import pytest

from cnnstudio.blocks import (
    AvgPool2D,
    Conv2D,
    LocallyConnected2D,
    MaxPool2D,
    TableConv2D,
    TiledConv2D,
)
from cnnstudio.blocks.window import Windowed


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (MaxPool2D(2, 2), "2x2 max · stride 2 · ceil"),
        (AvgPool2D(3, 2, padding=1, count_padding=False), (
            "3x3 average · stride 2 · ceil · pad 1 not counted"
        )),
        (Conv2D(6, 5, stride=2, activation="relu"), "6 @ 5x5 · stride 2 · ceil · ReLU"),
        (LocallyConnected2D(6, 5, stride=2), "6 @ 5x5 · stride 2 · ceil"),
        (TiledConv2D(6, 5, stride=2), "6 @ 5x5 · tiles 2x2 · stride 2 · ceil"),
        (TableConv2D(3, [[0], [0, 1]], stride=2), "2 @ 3x3 · 3 links · stride 2 · ceil"),
    ],
)  # fmt: skip
def test_a_card_says_how_sizes_are_rounded(block: Windowed, words: str) -> None:
    assert " ceil" not in block.summary()
    assert block.with_values(rounding="ceil").summary() == words
    assert block.with_values(rounding="floor").summary() == words.replace("ceil", "floor")
