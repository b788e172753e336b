"""A network as one line of text, such as ``INPUT 28x28x1 pad 2 > CONV 6@5x5 + RELU > FC 10``.

    network   block > block > ...       also ->, an arrow sign, or a new line
    block     NAME word word ... + ACTIVATION
    word      6@5x5, 5x5, 120           what the block cannot be without
              same, floor, sum          an option that says its setting by itself
              stride 2, pad 2           a setting's name and its value
              bias=false                the same in one word
              [CONV 8@3x3 > RELU | ]    the rows of a composite block, one behind each bar

Settings at their default are left out. Case and spacing are free. Without INPUT the pictures are
the 28x28 of MNIST. A pool without a stride moves by its own window. What stands behind a plus and
is no activation that the block can have is a block of its own: ``CONV 8@3x3 + BATCHNORM + RELU``.
"""

from __future__ import annotations

from collections.abc import Iterable

from cnnstudio.blocks import Block, Input
from cnnstudio.blocks.row import Rows
from cnnstudio.blocks.settings import Choice, Pair, Switch, Table, WholeNumber
from cnnstudio.errors import TextFormError
from cnnstudio.network import vocabulary
from cnnstudio.network.network import Network
from cnnstudio.network.text_reader import Reader, has_blocks
from cnnstudio.network.vocabulary import ACTIVATION, SHORT, SIDES, Kind
from cnnstudio.network.wording import write_size, write_value

LARGEST = 1_000_000
"""More characters than this are refused unread."""


def write(network: Network) -> str:
    """`network` as one line; ``read`` gives it back."""
    return write_blocks(network.blocks)


def write_blocks(blocks: Iterable[Block]) -> str:
    """Some blocks as one line."""
    return " > ".join(map(write_block, blocks))


def read(text: str) -> Network:
    """The network in `text`; raises TextFormError, a sentence that names the word and its place."""
    blocks = read_as_given(text)
    if not isinstance(blocks[0], Input):
        blocks = (Input(), *blocks)
    return Network(blocks)


def read_blocks(text: str) -> tuple[Block, ...]:
    """The blocks in `text` without the INPUT; raises TextFormError like ``read``."""
    return tuple(block for block in read_as_given(text) if not isinstance(block, Input))


def is_text_form(text: str) -> bool:
    """Whether `text` is meant to be a network rather than a name: it has a block's name in it."""
    if len(text) > LARGEST or text.lstrip()[:1] in ("", "{", "["):
        return False
    return has_blocks(text)


def read_as_given(text: str) -> tuple[Block, ...]:
    """The blocks in `text`, with an INPUT only if it has one; raises TextFormError."""
    if len(text) > LARGEST:
        raise TextFormError(
            f"The text has {len(text):,} characters, but a network in words at most {LARGEST:,}."
        )
    return Reader(text).read()


# ---- writing


def write_block(block: Block) -> str:
    """One block, as it stands between two arrows."""
    kind = type(block)
    choice = vocabulary.only_choice(kind)
    if choice is not None:
        return str(getattr(block, choice)).upper()
    row = vocabulary.row_setting(kind)
    words = [vocabulary.name_of(kind), *_leading_words(block)]
    if row is not None:
        words.append(_rows_word(block, row))
    for name in kind.declarations():
        if name not in (row, *vocabulary.leading(kind), ACTIVATION, *_sides(kind)):
            words.extend(_setting_words(block, name))
    if ACTIVATION in kind.declarations():
        words.extend(_activation_words(block))
    return " ".join(words)


def _leading_words(block: Block) -> list[str]:
    kind = type(block)
    if sides := _sides(kind):
        return ["x".join(str(getattr(block, name)) for name in sides)]
    declared = kind.declarations()
    names = vocabulary.leading(kind)
    words = [write_size(declared[name], getattr(block, name)) for name in names]
    kinds = [type(declared[name]) for name in names]
    return ["@".join(words)] if kinds == [WholeNumber, Pair] else words


def _sides(kind: Kind) -> tuple[str, ...]:
    return SIDES if set(SIDES) <= kind.declarations().keys() else ()


def _rows_word(block: Block, name: str) -> str:
    several = isinstance(type(block).declarations()[name], Rows)
    value = getattr(block, name)
    return f"[{' | '.join(map(write_blocks, value if several else (value,)))}]"


def _setting_words(block: Block, name: str) -> list[str]:
    """The words of a setting, none at its default."""
    kind, value = type(block), getattr(block, name)
    setting, usual = kind.declarations()[name], vocabulary.defaults(kind)
    expected = usual.get(name)
    if vocabulary.follows(kind, name):
        expected = getattr(block, "kernel")  # noqa: B009 - only blocks with a kernel come here
    if name in usual and value == expected:
        return []
    if not setting.rare and vocabulary.speaks_for_itself(kind, name, value):
        return [value]
    word = write_value(setting, value)
    if setting.rare or isinstance(setting, Switch | Choice | Table):
        return [f"{name}={word}"]
    return [SHORT.get(name, name), word]


def _activation_words(block: Block) -> list[str]:
    value = getattr(block, ACTIVATION)
    if value == vocabulary.defaults(type(block)).get(ACTIVATION):
        return []
    return [f"{ACTIVATION}={value}"] if value == "none" else ["+", str(value).upper()]
