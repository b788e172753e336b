"""Quick-add: what is typed in a hurry gives the block that was meant first."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.blocks import BLOCK_TYPES, Block, Conv2D, Input
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.network import Network
from cnnstudio.network.phrases import LONGEST, Suggestion, suggestions
from cnnstudio.network.text_form import read_blocks, write, write_blocks
from tests.strategies import networks


def written(text: str) -> list[str]:
    """The suggestions for `text` in the text form."""
    return [write_blocks(each.blocks) for each in suggestions(text)]


FIRST = [
    ("conv", "CONV 8@3x3 pad 1 + RELU"),
    ("conv 16 5x5", "CONV 16@5x5 + RELU"),
    ("16 conv", "CONV 16@3x3 pad 1 + RELU"),
    ("conv16 5x5", "CONV 16@5x5 + RELU"),
    ("5x5 conv 16", "CONV 16@5x5 + RELU"),
    ("16 filters of 5x5", "CONV 16@5x5 + RELU"),
    ("c 5", "CONV 8@5x5 + RELU"),
    ("c 16", "CONV 16@3x3 pad 1 + RELU"),
    ("c 5 3", "CONV 5@3x3 + RELU"),
    ("conv 8 3 same tanh", "CONV 8@3x3 same + TANH"),
    ("conv 8 3x3 pad 1 stride 2", "CONV 8@3x3 stride 2 pad 1 + RELU"),
    ("conv 8 3 no bias none", "CONV 8@3x3 bias=false"),
    ("conv 8 3 valid", None),
    ("CONV 6@5x5", "CONV 6@5x5"),
    ("CONV 6@5x5 + RELU", "CONV 6@5x5 + RELU"),
    ("cnov 16", "CONV 16@3x3 pad 1 + RELU"),
    ("convolution", "CONV 8@3x3 pad 1 + RELU"),
    ("pool", "POOL max 2x2"),
    ("maxpool", "POOL max 2x2"),
    ("max", "POOL max 2x2"),
    ("max 3", "POOL max 3x3"),
    ("pool 2x2 max", "POOL max 2x2"),
    ("avg 3 s2", "POOL average 3x3 stride 2"),
    ("average", "POOL average 2x2"),
    ("global", "POOL global"),
    ("gap", "POOL global"),
    ("glob avg", "POOL global"),
    ("trans conv 4 3", "TRANSPOSED 4@3x3 + RELU"),
    ("dense 120", "FC 120 + RELU"),
    ("fc", "FC 100 + RELU"),
    ("fc10", "FC 10"),
    ("fc 10 none", "FC 10"),
    ("fc 10 relu", "FC 10 + RELU"),
    ("fc 120 none", "FC 120"),
    ("120 units", "FC 120 + RELU"),
    ("relu", "RELU"),
    ("leaky", "LEAKY_RELU"),
    ("softmax", "SOFTMAX"),
    ("dropout", "DROPOUT 0.5"),
    ("dropout 30%", "DROPOUT 0.3"),
    ("dropout 30", "DROPOUT 0.3"),
    ("drop .3", "DROPOUT 0.3"),
    ("bn", "BATCHNORM"),
    ("batch norm", "BATCHNORM"),
    ("flat", "FLATTEN"),
    ("up 2 bilinear", "UPSAMPLE 2x2 bilinear"),
    ("deconv 8 2 stride 2", "TRANSPOSED 8@2x2 stride 2 + RELU"),
    ("local 4 3", "LOCAL 4@3x3 + RELU"),
    ("table conv 5", "CONV table 5x5 + RELU"),
    ("act", "RELU"),
    ("res", "RESIDUAL [CONV 8@3x3 pad 1 + RELU > CONV 8@3x3 pad 1] + RELU"),
    ("residual [relu]", "RESIDUAL [RELU]"),
    ("conv 16 5x5 > pool > fc 10", "CONV 16@5x5 + RELU > POOL max 2x2 > FC 10"),
    ("c 16 > p > c 32 > p > fc 100 > fc 10",
     "CONV 16@3x3 pad 1 + RELU > POOL max 2x2 > CONV 32@3x3 pad 1 + RELU > POOL max 2x2 > "
     "FC 100 + RELU > FC 10"),
    ("INPUT 28x28 > CONV 6@5x5 > FC 10", "CONV 6@5x5 > FC 10"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line"), FIRST, ids=[text for text, _ in FIRST])
def test_what_was_meant_comes_first(text, line):
    found = written(text)
    assert (found[0] if found else None) == line


def test_other_meanings_follow():
    assert written("conv 16 5x5")[:3] == [
        "CONV 16@5x5 + RELU", "CONV 16@5x5 same + RELU", "CONV 16@5x5"
    ]  # fmt: skip
    assert "CONV 5@3x3 pad 1 + RELU" in written("c 5")
    assert written("fc 120") == ["FC 120 + RELU", "FC 120"]
    assert written("max 3") == ["POOL max 3x3", "POOL max 3x3 stride 2"]
    assert written("pool") == ["POOL max 2x2", "POOL average 2x2", "POOL global"]
    assert written("conv 8 ta")[0] == "CONV 8@3x3 pad 1 + TANH"


@pytest.mark.parametrize("whole", ["conv 16 5x5 same tanh", "avg 3 stride 2", "dropout 30%"])
def test_every_beginning_of_a_phrase_gives_something(whole):
    """While a person types there is always something to choose, and of the right type."""
    meant = type(suggestions(whole)[0].blocks[0])
    for end in range(3, len(whole) + 1):
        found = suggestions(whole[:end])
        assert found, whole[:end]
        assert type(found[0].blocks[0]) is meant, whole[:end]


def test_nothing_typed_gives_the_common_blocks():
    titles = [each.title for each in suggestions("  ")]
    assert titles[:3] == ["Conv 2D", "Max pool", "Fully connected"]
    assert len(titles) == 12
    tiles = [tile for group in PALETTE for tile in group.tiles]
    every = suggestions("", limit=100)
    assert {each.blocks for each in every} == {(tile.block,) for tile in tiles}
    rare = {tile.label for tile in tiles if tile.rare}
    assert {each.title for each in every[-len(rare) :]} == rare


def test_the_words_are_those_of_the_card():
    first = suggestions("conv 16 5x5")[0]
    assert first == Suggestion(
        "Conv 2D", "16 @ 5x5 · stride 1 · ReLU", (Conv2D(16, 5, activation="relu"),)
    )
    several = suggestions("conv 16 5x5 > pool")[0]
    assert several.title == "2 blocks"
    assert several.words == "CONV 16@5x5 + RELU > POOL max 2x2"


def test_every_block_type_is_found_by_its_names():
    for kind in BLOCK_TYPES:
        if kind is Input:
            continue
        for name in (kind.title, kind.__name__, *kind.names):
            found = suggestions(name, limit=50)
            assert kind in {type(each.blocks[0]) for each in found}, name


@pytest.mark.parametrize("text", ["zzz", "conv 5y5", "conv 0", "fc 99999", "xx > fc 10", "[", "()"])
def test_what_makes_no_sense_gives_nothing(text):
    assert suggestions(text) == ()


WORDS = (
    "conv pool fc relu max avg same 16 5x5 3 s2 10 30% .3 none bn res drop dense > -> + @ = [ ] | "
    "tanh table local up flat stride pad bias no filters x 0 -1 9999999999999 c p d input"
)
PIECES = st.sampled_from(WORDS.split())
TEXTS = st.text(max_size=40) | st.lists(PIECES, max_size=10).map(" ".join)


@given(TEXTS, st.integers(-1, 15))
def test_any_text_gives_valid_blocks_and_no_more_than_asked(text, limit):
    found = suggestions(text, limit)
    assert len(found) <= max(0, limit)
    assert len({each.blocks for each in found}) == len(found)
    for each in found:
        assert each.title
        assert each.words
        assert each.blocks
        assert all(isinstance(block, Block) for block in each.blocks)
        network = Network((Input(), *each.blocks))
        assert read_blocks(write(network)) == each.blocks


@given(networks())
def test_a_text_form_is_taken_at_its_word(network):
    line = write(network)
    if len(line) <= LONGEST and len(network) > 1:
        assert suggestions(line)[0].blocks == network.blocks[1:]


@pytest.mark.parametrize("text", ["conv 1", "conv 16 5x5", "fc 1", "cnv"])
def test_a_letter_is_answered_before_the_next_is_typed(text):
    suggestions(text)
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        suggestions(text)
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.005


@pytest.mark.parametrize(
    "text", ["conv " * 150, "1 " * 400, "c" * LONGEST, "x" * 10_000, "> " * 99]
)
def test_long_texts_are_answered_at_once(text):
    assert len(suggestions(text)) <= 12
