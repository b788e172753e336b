"""Random pipelines of small blocks: every type, every option, rows inside composites.

Hypothesis draws a few bytes, and they draw the whole pipeline: of parts drawn one by one it would
spend most examples on copies of what it had. Small first bytes give short pipelines, so that
failures shrink to these.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from random import Random

from hypothesis import strategies as st

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    BatchNorm,
    Block,
    Conv2D,
    ConvTranspose2D,
    Dropout,
    Flatten,
    FullyConnected,
    GlobalAvgPool2D,
    Input,
    LocallyConnected2D,
    MaxPool2D,
    Parallel,
    Residual,
    TableConv2D,
    TiledConv2D,
    Upsample,
)
from cnnstudio.blocks.activation import ACTIVATION, FUNCTIONS
from cnnstudio.blocks.convolution import PADDING_MODE
from cnnstudio.blocks.settings import Size
from cnnstudio.network import Network, check

Choices = Mapping[str, Sequence[object]]
"""The values that each setting may have."""


def sizes(low: int, high: int) -> list[Size]:
    """One side for both directions, or a pair; half of the choices are single sides."""
    sides = list(range(low, high + 1))
    return [*sides * len(sides), *itertools.product(sides, sides)]


ROUNDINGS = ("exact", "floor", "ceil")
SWITCH = (True, False)
NAMES = tuple(ACTIVATION.options)
WINDOW: Choices = {
    "kernel": sizes(1, 4),
    "stride": [*[1] * 10, *sizes(1, 3)],
    "padding": sizes(0, 2),
    "rounding": ROUNDINGS,
}
CONVOLUTION: Choices = {
    **WINDOW,
    "filters": (1, 2, 3, 4),
    "padding": [*sizes(0, 3), *["same", "full"] * 8],
    "bias": SWITCH,
    "activation": NAMES,
}
LINKS = (((0,), (0,)), ((0, 1), (1,), (0,)), ((1, 2), (0,)), ((0, 1, 2), (2,)), ((0,),))

PLAIN: Mapping[type[Block], Choices] = {
    Conv2D: {
        **CONVOLUTION,
        "padding_mode": tuple(PADDING_MODE.options),
        "dilation": sizes(1, 2),
        "groups": (1, 1, 2, 3),
        "true_convolution": SWITCH,
    },
    ConvTranspose2D: {
        **{name: CONVOLUTION[name] for name in ("filters", "kernel", "bias", "activation")},
        "stride": sizes(1, 2),
        "padding": sizes(0, 2),
        "output_padding": [*[0] * 8, *sizes(0, 1)],
        "dilation": sizes(1, 2),
        "groups": (1, 1, 2, 3),
    },
    LocallyConnected2D: CONVOLUTION,
    TiledConv2D: {**CONVOLUTION, "tiles": sizes(1, 3)},
    TableConv2D: {
        **{name: values for name, values in CONVOLUTION.items() if name != "filters"},
        "table": (*LINKS, "lenet5"),
    },
    MaxPool2D: WINDOW,
    AvgPool2D: {**WINDOW, "count_padding": SWITCH},
    GlobalAvgPool2D: {},
    FullyConnected: {"units": (1, 2, 3, 5), "bias": SWITCH, "activation": NAMES},
    Activation: {"function": (*FUNCTIONS, "softmax")},
    BatchNorm: {"momentum": (0.1, 0.5), "epsilon": (1e-5, 1e-2)},
    Dropout: {"rate": (0.0, 0.4)},
    Flatten: {},
    Upsample: {"scale": sizes(1, 3), "mode": ("nearest", "bilinear")},
}
"""The settings of every block type that holds no rows, small so that pipelines stay quick."""

KEEPING: Mapping[type[Block], Choices] = {
    Conv2D: {
        "filters": (1, 2, 3),
        "kernel": (1, 3, (1, 3)),
        "padding": ("same",),
        "padding_mode": tuple(PADDING_MODE.options),
        "activation": NAMES,
    },
    BatchNorm: PLAIN[BatchNorm],
    Dropout: PLAIN[Dropout],
    MaxPool2D: {"kernel": (3,), "stride": (1,), "padding": (1,)},
    Activation: PLAIN[Activation],
}
"""Blocks that keep height and width, so that rows of them can be joined."""

FLATTENING = (GlobalAvgPool2D, FullyConnected, Flatten)
"""Types that leave a row of units, behind which few others fit; they are drawn seldom."""

KINDS = (*[kind for kind in PLAIN if kind not in FLATTENING] * 3, *[Conv2D] * 3, *FLATTENING)

DEEPEST = 2
"""How deep rows stand in rows."""

LARGEST = 3_000
"""Numbers in one image's maps; upsampling in rows would soon make more."""

SEEDS = st.binary(min_size=6, max_size=6)


def any_pipeline() -> st.SearchStrategy:
    """A network of 1 to 6 random blocks behind the Input; the last may not fit."""
    return SEEDS.map(any_pipeline_of)


def fitting_pipeline() -> st.SearchStrategy:
    """A network of 1 to 6 random blocks that fit."""
    return SEEDS.map(fitting_pipeline_of).filter(lambda network: len(network) > 1)


def any_pipeline_of(seed: bytes) -> Network:
    """The pipeline that `seed` draws, up to the first block that does not fit."""
    random = Random(seed)
    network = Network((_input(random),))
    for _ in range(_length(seed)):
        network = Network((*network.blocks, _block(random)))
        if not _is_handy(network):
            break
    return network


def fitting_pipeline_of(seed: bytes) -> Network:
    """The pipeline that `seed` draws; for a block that does not fit, up to 20 others are drawn."""
    random = Random(seed)
    network = Network((_input(random),))
    for _ in range(_length(seed)):
        drawn = (Network((*network.blocks, _block(random))) for _ in range(20))
        network = next(filter(_is_handy, drawn), network)
    return network


def _is_handy(network: Network) -> bool:
    report = check(network)
    return report.ok and report.activations <= LARGEST


def _length(seed: bytes) -> int:
    return 1 + 6 * seed[0] // 256


def _drawn(random: Random, kind: type[Block], choices: Choices) -> Block:
    return kind(**{name: random.choice(values) for name, values in choices.items()})


def _input(random: Random) -> Block:
    return Input(
        random.choice((1, 2, 3, 6)),
        random.randint(4, 10),
        random.randint(4, 10),
        random.choice([0, *sizes(0, 2)]),
        random.choice((0.0, 0.3)),
        random.choice((1.0, 0.5)),
    )


def _block(random: Random, depth: int = 0) -> Block:
    if depth < DEEPEST and random.random() < 0.25:
        return _composite(random, depth + 1)
    kind = random.choice(KINDS)
    return _drawn(random, kind, PLAIN[kind])


def _composite(random: Random, depth: int) -> Block:
    if random.random() < 0.5:
        return Residual(_row(random, 1, depth), random.choice(NAMES))
    rows = tuple(_row(random, 0, depth) for _ in range(random.randint(1, 3)))
    return Parallel(rows, random.choice(("concat", "sum")))


def _row(random: Random, least: int, depth: int) -> tuple[Block, ...]:
    """A row of up to three blocks: mostly such that keep the size."""
    length = random.randint(least, 3)
    if random.random() < 0.2:
        return tuple(_block(random, depth) for _ in range(length))
    kinds = random.choices(tuple(KEEPING), k=length)
    row = [_drawn(random, kind, KEEPING[kind]) for kind in kinds]
    if depth < DEEPEST and row and random.random() < 0.2:
        row[-1] = _composite(random, depth + 1)
    return tuple(row)
