"""Random pipelines of small blocks: every type, every option, rows inside composites."""

from __future__ import annotations

from collections.abc import Mapping

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
from cnnstudio.network import Network, check

Settings = Mapping[str, st.SearchStrategy]


def sizes(low: int, high: int) -> st.SearchStrategy:
    """One side for both directions, or a pair."""
    side = st.integers(low, high)
    return st.one_of(side, st.tuples(side, side))


_WINDOW: Settings = {
    "kernel": sizes(1, 4),
    "stride": st.one_of(st.just(1), sizes(1, 3)),
    "padding": sizes(0, 2),
    "rounding": st.sampled_from(["exact", "floor", "ceil"]),
}
_CONVOLUTION: Settings = {
    **_WINDOW,
    "filters": st.integers(1, 4),
    "padding": st.one_of(sizes(0, 3), st.sampled_from(["same", "full"])),
    "bias": st.booleans(),
    "activation": st.sampled_from(sorted(ACTIVATION.options)),
}
_GROUPS = st.sampled_from([1, 1, 2, 3])
_LINKS = st.lists(st.sets(st.integers(0, 2), min_size=1).map(sorted), min_size=1, max_size=4)

PLAIN: Mapping[type[Block], Settings] = {
    Conv2D: {
        **_CONVOLUTION,
        "padding_mode": st.sampled_from(sorted(PADDING_MODE.options)),
        "dilation": sizes(1, 2),
        "groups": _GROUPS,
        "true_convolution": st.booleans(),
    },
    ConvTranspose2D: {
        **{name: _CONVOLUTION[name] for name in ("filters", "kernel", "bias", "activation")},
        "stride": sizes(1, 2),
        "padding": sizes(0, 2),
        "output_padding": sizes(0, 1),
        "dilation": sizes(1, 2),
        "groups": _GROUPS,
    },
    LocallyConnected2D: _CONVOLUTION,
    TiledConv2D: {**_CONVOLUTION, "tiles": sizes(1, 3)},
    TableConv2D: {
        **{name: values for name, values in _CONVOLUTION.items() if name != "filters"},
        "table": st.one_of(_LINKS, st.just("lenet5")),
    },
    MaxPool2D: _WINDOW,
    AvgPool2D: {**_WINDOW, "count_padding": st.booleans()},
    GlobalAvgPool2D: {},
    FullyConnected: {
        "units": st.integers(1, 6),
        "bias": st.booleans(),
        "activation": _CONVOLUTION["activation"],
    },
    Activation: {"function": st.sampled_from([*FUNCTIONS, "softmax"])},
    BatchNorm: {
        "momentum": st.sampled_from([0.1, 0.5]),
        "epsilon": st.sampled_from([1e-5, 1e-2]),
    },
    Dropout: {"rate": st.sampled_from([0.0, 0.4])},
    Flatten: {},
    Upsample: {"scale": sizes(1, 3), "mode": st.sampled_from(["nearest", "bilinear"])},
}
"""The settings of every block type that holds no rows, small so that pipelines stay quick."""

KEEPING = st.one_of(
    st.builds(
        Conv2D,
        filters=st.integers(1, 3),
        kernel=st.sampled_from([1, 3, (1, 3)]),
        padding=st.just("same"),
        padding_mode=st.sampled_from(sorted(PADDING_MODE.options)),
        activation=_CONVOLUTION["activation"],
    ),
    st.just(BatchNorm()),
    st.just(Dropout(0.4)),
    st.just(MaxPool2D(3, 1, 1)),
    st.builds(Activation, **PLAIN[Activation]),
)
"""Blocks that keep height and width, so that rows of them can be joined."""

_FLATTENING = [GlobalAvgPool2D, FullyConnected, Flatten]
"""Types that leave a row of units, behind which few others fit, so they are drawn seldom."""

_KINDS = [
    *[kind for kind in PLAIN if kind not in _FLATTENING] * 3,
    *[Conv2D] * 3,
    *_FLATTENING,
]

plain = st.sampled_from(_KINDS).flatmap(lambda kind: st.builds(kind, **PLAIN[kind]))


def rows(inner: st.SearchStrategy, least: int) -> st.SearchStrategy:
    """A row of up to three blocks: any, or such that keep the size."""
    return st.one_of(*(st.lists(each, min_size=least, max_size=3) for each in (KEEPING, inner)))


def composites(inner: st.SearchStrategy) -> st.SearchStrategy:
    """Residual and Parallel with rows of `inner` blocks."""
    residual: Settings = {"blocks": rows(inner, 1), "activation": _CONVOLUTION["activation"]}
    parallel: Settings = {
        "branches": st.lists(rows(inner, 0), min_size=1, max_size=3),
        "join": st.sampled_from(["concat", "sum"]),
    }
    return st.one_of(st.builds(Residual, **residual), st.builds(Parallel, **parallel))


nested = composites(st.one_of(plain, composites(plain)))
_blocks = st.integers(0, 3).flatmap(lambda number: plain if number else nested)

inputs = st.builds(
    Input,
    channels=st.sampled_from([1, 2, 3, 6]),
    height=st.integers(4, 10),
    width=st.integers(4, 10),
    pad=sizes(0, 2),
    mean=st.sampled_from([0.0, 0.3]),
    deviation=st.sampled_from([1.0, 0.5]),
)

LARGEST = 3_000
"""Numbers in one image's maps; upsampling in rows would soon make more."""


def any_pipeline() -> st.SearchStrategy:
    """A network of 1 to 6 random blocks behind the Input; the last may not fit."""
    return st.builds(_up_to_misfit, inputs, _lists())


def fitting_pipeline() -> st.SearchStrategy:
    """A network of 1 to 6 random blocks that fit."""
    return st.builds(_fitting, inputs, _lists()).filter(lambda network: len(network) > 1)


def _lists() -> st.SearchStrategy:
    return st.integers(1, 6).flatmap(lambda n: st.lists(_blocks, min_size=n, max_size=n))


def _up_to_misfit(first: Input, drawn: list[Block]) -> Network:
    network = Network((first,))
    for block in drawn:
        network = Network((*network.blocks, block))
        if not check(network).ok or _too_large(network):
            break
    return network


def _fitting(first: Input, drawn: list[Block]) -> Network:
    """Blocks that do not fit are left out, unless another rounding or one group makes them fit."""
    network = Network((first,))
    for block in drawn:
        longer = [Network((*network.blocks, each)) for each in _variants(block)]
        fitting = [each for each in longer if check(each).ok and not _too_large(each)]
        network = [*fitting, network][0]
    return network


def _variants(block: Block) -> list[Block]:
    changes = {"rounding": "floor", "groups": 1}
    known = {name: value for name, value in changes.items() if name in block.declarations()}
    return [block, block.with_values(**known)]


def _too_large(network: Network) -> bool:
    return check(network).activations > LARGEST
