"""Every block type has layers, right gradients for every option, and PyTorch's values."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional

from cnnstudio.blocks import (
    BLOCK_TYPES,
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
from cnnstudio.blocks.settings import Choice, Switch
from cnnstudio.engine.layers import LAYERS, input_gradient, taps, weight_gradient
from cnnstudio.engine.model import Model
from cnnstudio.network import Network, check
from tests.engine.harness import around, pictures, shaken
from tests.engine.torch_reference import copy_weights, in_training, torch_network

POOLINGS = [
    {},
    {"kernel": 3, "stride": 1},
    {"kernel": 3, "stride": 2, "padding": 1, "rounding": "floor"},
    {"kernel": 3, "stride": 2, "rounding": "ceil"},
    {"kernel": (3, 2), "stride": (1, 2)},
    {"kernel": (1, 3), "stride": (2, 3), "rounding": "floor"},
    {"kernel": 2, "stride": 3, "rounding": "ceil"},
    {"kernel": 4, "stride": 4, "rounding": "ceil", "padding": 2},
    {"kernel": 1, "stride": 1},
    {"kernel": 3, "stride": (2, 1), "rounding": "exact"},
]

EXAMPLES: dict[type[Block], list[Block]] = {
    Input: [Input(2, 7, 6), Input(2, 7, 6, pad=(1, 2), mean=0.4, deviation=0.3)],
    Conv2D: [
        Conv2D(3, 3),
        Conv2D(3, (2, 4)),
        Conv2D(2, 3, stride=2, rounding="floor"),
        Conv2D(2, 3, stride=2, rounding="ceil", padding=1),
        Conv2D(2, 3, padding=(2, 1)),
        Conv2D(2, (3, 5), padding="same"),
        Conv2D(2, (3, 2), dilation=(2, 3), padding=1),
        Conv2D(2, 3, dilation=(1, 2)),
        Conv2D(2, (3, 1), stride=(2, 1), dilation=(2, 1), rounding="ceil"),
        Conv2D(3, 2, bias=False),
        Conv2D(3, 2, bias=False, activation="tanh"),
        *(Conv2D(2, 2, activation=function) for function in ACTIVATION.options),
        Conv2D(2, 3, padding="full"),
        Conv2D(2, (2, 3), stride=2, padding="full", dilation=(1, 2), rounding="floor"),
        *(
            Conv2D(2, **{"kernel": 3, "padding": 1, "padding_mode": mode, **more})
            for mode in ("reflect", "replicate", "circular", "partial")
            for more in (
                {},
                {"padding": (2, 3), "stride": 2, "rounding": "floor", "activation": "tanh"},
                {"padding": (0, 2), "stride": (1, 3), "rounding": "ceil"},
                {"padding": "full", "dilation": 2, "bias": False},
                {"padding": (4, 3), "kernel": (2, 3), "groups": 2, "true_convolution": True},
            )
        ),
        Conv2D(2, 3, padding=5, padding_mode="partial"),
        Conv2D(2, 3, padding=(0, 7), dilation=(1, 5), padding_mode="partial", activation="elu"),
        Conv2D(2, 3, groups=2),
        Conv2D(6, (2, 3), groups=2, padding=(0, 1), stride=(2, 1), rounding="floor"),
        Conv2D(4, 3, groups=2, dilation=2, padding="same", activation="tanh"),
        Conv2D(2, 3, true_convolution=True),
        Conv2D(2, (2, 3), stride=2, rounding="ceil", true_convolution=True),
    ],
    TableConv2D: [
        TableConv2D(3, [[0], [1], [0, 1]]),
        TableConv2D((3, 2), [[1], [1]], stride=2, padding=1, bias=False, rounding="floor"),
        TableConv2D(3, [[0, 1], [0]], padding="same", activation="tanh", rounding="ceil"),
        *(TableConv2D(2, [[0, 1], [0]], activation=function) for function in ACTIVATION.options),
    ],
    ConvTranspose2D: [
        ConvTranspose2D(3, 3),
        ConvTranspose2D(3, (2, 4), stride=(1, 2), padding=(0, 1)),
        ConvTranspose2D(2, 3, stride=2, padding=1, output_padding=1, activation="tanh"),
        ConvTranspose2D(2, (2, 1), stride=(1, 3), output_padding=(0, 2), bias=False),
        ConvTranspose2D(3, (3, 2), dilation=(2, 3), output_padding=(1, 2)),
        ConvTranspose2D(4, 3, stride=(3, 2), padding=(3, 1), groups=2, activation="relu"),
        ConvTranspose2D(2, 2, stride=3, output_padding=(2, 1), groups=2, dilation=(2, 1)),
        *(ConvTranspose2D(2, 2, activation=function) for function in ACTIVATION.options),
    ],
    LocallyConnected2D: [
        LocallyConnected2D(3, 3),
        LocallyConnected2D(2, (3, 2), stride=(2, 1), padding=(1, 0), activation="tanh"),
        LocallyConnected2D(2, 3, stride=2, rounding="floor", bias=False),
        LocallyConnected2D(2, 3, stride=2, padding=1, rounding="ceil", activation="sigmoid"),
        LocallyConnected2D(2, (3, 1), padding="same", activation="gelu"),
        *(LocallyConnected2D(2, 2, activation=function) for function in ACTIVATION.options),
    ],
    TiledConv2D: [
        TiledConv2D(3, 3),
        TiledConv2D(2, (2, 3), tiles=1, activation="tanh"),
        TiledConv2D(2, 2, tiles=(4, 3), padding=(1, 0), bias=False),
        TiledConv2D(2, 3, tiles=(3, 2), stride=2, padding="full", rounding="floor"),
        TiledConv2D(2, (1, 3), tiles=(2, 3), stride=(1, 2), rounding="ceil", activation="elu"),
        *(TiledConv2D(2, 2, activation=function) for function in ACTIVATION.options),
    ],
    MaxPool2D: [MaxPool2D(**{"rounding": "floor", **values}) for values in POOLINGS],
    AvgPool2D: [
        AvgPool2D(**{"rounding": "floor", "count_padding": counts, **values})
        for values in POOLINGS
        for counts in (True, False)
    ],
    GlobalAvgPool2D: [GlobalAvgPool2D()],
    FullyConnected: [
        FullyConnected(4),
        FullyConnected(4, bias=False),
        *(FullyConnected(4, activation=function) for function in ACTIVATION.options),
    ],
    Activation: [Activation(function) for function in (*FUNCTIONS, "softmax")],
    Dropout: [Dropout(0.0), Dropout(0.3), Dropout(0.5)],
    Flatten: [Flatten()],
    Upsample: [
        Upsample(),
        Upsample((1, 3)),
        Upsample(mode="bilinear"),
        Upsample((3, 1), "bilinear"),
    ],
    BatchNorm: [BatchNorm(), BatchNorm(momentum=0.5, epsilon=0.1)],
    Residual: [
        Residual((Conv2D(2, 3, padding=1),)),
        Residual((Conv2D(2, 3, padding=1, activation="tanh"), BatchNorm()), "relu"),
        Residual((Conv2D(3, 3, stride=2, padding=1, rounding="floor"),), "tanh"),
        Residual((Activation("elu"), Conv2D(3, 1), Dropout(0.3))),
        Residual((FullyConnected(5, activation="tanh"), FullyConnected(5))),
        Residual((Residual((Conv2D(2, 1),)), Conv2D(4, 1))),
        Residual((MaxPool2D(3, 1, padding=1),)),
        *(Residual((Conv2D(2, 1),), function) for function in ACTIVATION.options),
    ],
    Parallel: [
        Parallel(((), (Conv2D(3, 3, padding=1, activation="tanh"),))),
        Parallel(((Conv2D(2, 1),), (), (Conv2D(2, 3, padding=1), BatchNorm())), "sum"),
        Parallel(((Activation("tanh"),), (Activation("elu"),)), "sum"),
        Parallel(((Flatten(),), (FullyConnected(4, activation="sigmoid"),))),
        Parallel(((MaxPool2D(2, 1),), (AvgPool2D(2, 1),), (Conv2D(1, 2),))),
        Parallel(((Residual((Conv2D(2, 1, activation="tanh"),)),), (Parallel(((), ())),))),
    ],
}
"""Settings of every block type that are checked one by one; a new type needs a line here."""

CASES = [block for blocks in EXAMPLES.values() for block in blocks]
STEP = 1e-6


def network_with(block: Block) -> Network:
    if isinstance(block, Input):
        return Network((block, Conv2D(2, 2, activation="tanh"), FullyConnected(3)))
    return around(block)


def torch_results(
    network: Network, model: Model, x: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, float, list[np.ndarray]]:
    """Outputs of the network in use, loss and gradients in training; in float64, by PyTorch."""
    module = torch_network(network).double().eval()
    copy_weights(model.weights, module)
    output = module(torch.from_numpy(x)).detach().numpy()
    in_training(module)
    loss = functional.cross_entropy(module(torch.from_numpy(x)), torch.from_numpy(labels))
    loss.backward()
    gradients = [parameter.grad.numpy() for parameter in module.parameters()]
    return output, loss.item(), gradients


def assert_close(ours: np.ndarray, theirs: np.ndarray, relative: float) -> None:
    """The largest difference is small beside the largest value."""
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= relative * max(np.abs(theirs).max(), 1e-3)


def assert_like_torch(network: Network, count: int = 5, seed: int = 0) -> None:
    model = shaken(Model(network, dtype=np.float64), seed)
    x, labels = pictures(network, count, seed)
    output, expected_loss, expected = torch_results(network, model, x, labels)
    assert_close(model.forward(x), output, 1e-9)
    loss, gradients = model.loss_and_gradients(x, labels)
    assert loss == pytest.approx(expected_loss, rel=1e-9)
    for ours, theirs in zip(gradients.values(), expected, strict=True):
        assert_close(ours, theirs, 1e-9)


@pytest.mark.parametrize("kind", BLOCK_TYPES)
def test_every_block_type_has_layers_and_examples(kind: type[Block]) -> None:
    assert LAYERS.get(kind), f"no LAYERS of a file in engine/layers/ names {kind.__name__}"
    assert EXAMPLES.get(kind), f"EXAMPLES has no settings for {kind.__name__}"


@pytest.mark.parametrize("kind", BLOCK_TYPES)
def test_every_option_is_among_the_examples(kind: type[Block]) -> None:
    for name, setting in kind.declarations().items():
        if isinstance(setting, Choice | Switch):
            options = set(setting.options) if isinstance(setting, Choice) else {True, False}
            missing = options - {getattr(block, name) for block in EXAMPLES[kind]}
            assert not missing, f"EXAMPLES of {kind.__name__} lack {name} {missing}"


@pytest.mark.parametrize("block", CASES, ids=repr)
def test_gradients_agree_with_central_differences(block: Block) -> None:
    network = network_with(block)
    assert check(network).ok
    model = shaken(Model(network, dtype=np.float64))
    x, labels = pictures(network, 4)
    _, gradients = model.loss_and_gradients(x, labels)
    for name, parameter in model.parameters.items():
        flat, analytic = parameter.reshape(-1), gradients[name].reshape(-1)
        for place in np.linspace(0, flat.size - 1, min(flat.size, 8)).astype(int):
            middle = flat[place]
            flat[place] = middle + STEP
            above, _ = model.loss_and_gradients(x, labels)
            flat[place] = middle - STEP
            below, _ = model.loss_and_gradients(x, labels)
            flat[place] = middle
            numeric = (above - below) / (2 * STEP)
            largest = np.abs(analytic).max()
            assert numeric == pytest.approx(analytic[place], rel=1e-6, abs=1e-6 * largest + 1e-9)


@pytest.mark.parametrize("block", [b for b in CASES if "Dropout" not in repr(b)], ids=repr)
def test_every_example_agrees_with_pytorch(block: Block) -> None:
    assert_like_torch(network_with(block))


@pytest.mark.parametrize("largest", [1, 400])
@pytest.mark.parametrize("block", [Conv2D(3, 2), Conv2D(4, 3, padding="same", groups=2)], ids=repr)
def test_products_are_made_in_parts(
    block: Block, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taps, "LARGEST_PART", largest)
    assert len(taps.in_parts(5, 100)) == (5 if largest == 1 else 2)
    assert_like_torch(around(block))


@pytest.mark.parametrize("mode", ["zeros", "partial", "reflect"])
@pytest.mark.parametrize("filters", [3, 20])
def test_kernel_columns_have_products_of_their_own(
    filters: int, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = Conv2D(filters, (3, 2), stride=(2, 1), padding=1, padding_mode=mode, dilation=(1, 2))
    network = Network(
        (Input(8, 9, 9), block, Conv2D(filters, 3, padding="same"), FullyConnected(3))
    )
    assert_like_torch(network)
    monkeypatch.setattr(weight_gradient, "TAPS_WORTH_SHIFTING", 1000)
    assert_like_torch(network)


@pytest.mark.parametrize("largest", [1, 600])
@pytest.mark.parametrize(
    "block",
    [
        Conv2D(4, 3, stride=2, rounding="ceil", groups=2),
        ConvTranspose2D(4, 3, stride=(2, 1), padding=1, dilation=(1, 2), groups=2),
    ],
    ids=repr,
)
def test_products_that_overlap_are_added_in_parts(
    block: Block, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(input_gradient, "LARGEST_PRODUCT", largest)
    assert_like_torch(around(block))


@pytest.mark.parametrize("groups", [1, 2])
def test_products_of_pieces_are_those_of_whole_rows(
    groups: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    block = Conv2D(4, 3, groups=groups)
    assert taps.pieces(width=4, images=5, rows=4 // groups, inner=18 // groups) == 1
    monkeypatch.setattr(taps, "THINNEST_PIECE", 1)
    monkeypatch.setattr(taps, "SMALL_PRODUCT", 800 // groups**2)
    assert taps.pieces(width=4, images=5, rows=4 // groups, inner=18 // groups) == 2
    assert_like_torch(around(block))
    monkeypatch.setattr(taps, "LARGEST_PART", 1)
    assert_like_torch(around(block))


def test_a_row_is_cut_into_equal_pieces_or_not_at_all() -> None:
    assert taps.pieces(width=28, images=64, rows=16, inner=144) == 7
    assert taps.pieces(width=8, images=64, rows=40, inner=500) == 16
    assert taps.pieces(width=8, images=64, rows=40, inner=1000) == 1


def test_a_row_of_few_images_is_not_cut_to_slivers() -> None:
    assert taps.pieces(width=14, images=1, rows=256, inner=2304) == 1
    assert taps.pieces(width=8, images=32, rows=64, inner=288) == 8
    assert taps.pieces(width=8, images=31, rows=64, inner=288) == 1


def test_layers_with_many_taps_turn_their_gradient() -> None:
    assert_like_torch(Network((Input(8, 7, 7), Conv2D(8, 1), Conv2D(3, 4), FullyConnected(3))))


def test_two_dropouts_draw_different_numbers() -> None:
    network = Network((Input(1, 9, 9), Dropout(0.5), Dropout(0.5), FullyConnected(2)))
    model = Model(network, dtype=np.float64)
    x, labels = np.ones((20, 1, 9, 9)), np.zeros(20, int)
    _, gradients = model.loss_and_gradients(x, labels)
    both = gradients["fc1.weight"].astype(bool).mean()
    single = Network((Input(1, 9, 9), Dropout(0.5), FullyConnected(2)))
    _, alone = Model(single, dtype=np.float64).loss_and_gradients(x[:1], labels[:1])
    _, twice = Model(network, dtype=np.float64).loss_and_gradients(x[:1], labels[:1])
    assert both > 0.95
    assert alone["fc1.weight"][0].astype(bool).mean() == pytest.approx(0.5, abs=0.17)
    assert twice["fc1.weight"][0].astype(bool).mean() == pytest.approx(0.25, abs=0.15)


pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
small_pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
paddings = st.tuples(st.integers(0, 2), st.integers(0, 2))
roundings = st.sampled_from(["exact", "floor", "ceil"])
activations = st.sampled_from(tuple(ACTIVATION.options))


def grouped_convolutions(groups: int) -> st.SearchStrategy[Conv2D]:
    return st.builds(
        Conv2D,
        filters=st.integers(1, 3).map(lambda count: count * groups),
        kernel=pairs,
        stride=small_pairs,
        padding=st.one_of(paddings, st.sampled_from(["same", "full"])),
        padding_mode=st.sampled_from(tuple(PADDING_MODE.options)),
        dilation=small_pairs,
        groups=st.just(groups),
        bias=st.booleans(),
        activation=activations,
        rounding=roundings,
        true_convolution=st.booleans(),
    )


convolutions = st.sampled_from([1, 1, 1, 2, 3]).flatmap(grouped_convolutions)
max_poolings = st.builds(
    MaxPool2D, kernel=pairs, stride=small_pairs, padding=paddings, rounding=roundings
)
avg_poolings = st.builds(
    AvgPool2D,
    kernel=pairs,
    stride=small_pairs,
    padding=paddings,
    rounding=roundings,
    count_padding=st.booleans(),
)
transposed_convolutions = st.builds(
    ConvTranspose2D,
    filters=st.integers(1, 4),
    kernel=pairs,
    stride=small_pairs,
    padding=paddings,
    output_padding=paddings,
    dilation=small_pairs,
    groups=st.integers(1, 3),
    bias=st.booleans(),
    activation=activations,
)
unshared = {
    "filters": st.integers(1, 4),
    "kernel": pairs,
    "stride": small_pairs,
    "padding": st.one_of(paddings, st.sampled_from(["same", "full"])),
    "bias": st.booleans(),
    "activation": activations,
    "rounding": roundings,
}
local_convolutions = st.builds(LocallyConnected2D, **unshared)
tiled_convolutions = st.builds(TiledConv2D, tiles=pairs, **unshared)
upsamplings = st.builds(Upsample, scale=small_pairs, mode=st.sampled_from(["nearest", "bilinear"]))
connected = st.builds(
    FullyConnected, units=st.integers(1, 6), bias=st.booleans(), activation=activations
)
functions = st.builds(Activation, function=st.sampled_from((*FUNCTIONS, "softmax")))
flattenings = st.builds(Flatten)

random_settings = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)


@pytest.mark.parametrize(
    "blocks",
    [
        convolutions,
        transposed_convolutions,
        local_convolutions,
        tiled_convolutions,
        max_poolings,
        avg_poolings,
        connected,
        functions,
        flattenings,
        upsamplings,
    ],
    ids=[
        "conv",
        "transposed",
        "local",
        "tiled",
        "max",
        "average",
        "fc",
        "activation",
        "flatten",
        "upsample",
    ],
)
@random_settings
@given(data=st.data())
def test_random_settings_agree_with_pytorch(blocks: st.SearchStrategy, data: st.DataObject) -> None:
    block = data.draw(blocks)
    height, width = data.draw(st.tuples(st.integers(3, 9), st.integers(3, 9)))
    channels, count = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 5))
    network = around(block, channels * getattr(block, "groups", 1), height, width)
    assume(check(network).ok)
    assert_like_torch(network, count, data.draw(st.integers(0, 1000)))


rows = st.lists(
    st.one_of(
        convolutions,
        transposed_convolutions,
        local_convolutions,
        tiled_convolutions,
        max_poolings,
        avg_poolings,
        functions,
        upsamplings,
    ),
    min_size=2,
    max_size=4,
)


@random_settings
@given(blocks=rows, seed=st.integers(0, 1000))
def test_random_rows_agree_with_pytorch(blocks: list[Block], seed: int) -> None:
    network = Network((Input(2, 11, 12), *blocks, FullyConnected(3)))
    assume(check(network).ok)
    assert_like_torch(network, 3, seed)
