"""Every block and option in ONNX, run by the ONNX reference and by onnxruntime."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings

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
from cnnstudio.blocks.activation import FUNCTIONS
from cnnstudio.errors import ExportError
from cnnstudio.export import export, onnx_activation, onnx_graph, onnx_nodes
from cnnstudio.network import Network
from tests.export.runners import assert_exports, runtime, used
from tests.pipelines import fitting_pipeline

PICTURE = Input(channels=2, height=11, width=9)
SIX = Input(channels=6, height=8, width=7)
CASES: dict[str, tuple[Block, ...]] = {
    "input alone": (PICTURE,),
    "input padded": (Input(2, 7, 8, pad=(2, 1)),),
    "input normalised": (Input(2, 7, 8, pad=2, mean=0.1307, deviation=0.3081), Conv2D(2, 3)),
    "input padded, then max": (
        Input(2, 8, 8, pad=3, mean=0.5, deviation=0.1),
        MaxPool2D(1, 1),
        MaxPool2D(),
    ),
    "input padded, then average": (Input(1, 8, 8, pad=3), AvgPool2D(2, 2)),
    "no bias": (PICTURE, Conv2D(3, 3, bias=False), FullyConnected(4, bias=False)),
    "rectangles": (PICTURE, Conv2D(3, (3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2))),
    "same": (PICTURE, Conv2D(3, (5, 3), padding="same", dilation=(1, 2))),
    "conv floor": (PICTURE, Conv2D(3, 4, stride=3, padding=1, rounding="floor")),
    "conv ceil": (PICTURE, Conv2D(3, 4, stride=3, padding=1, rounding="ceil")),
    "max floor": (PICTURE, MaxPool2D(4, 3, 1, "floor")),
    "max ceil": (PICTURE, Conv2D(2, 1), MaxPool2D(4, 3, (2, 1), "ceil")),
    "max of negative values": (Input(1, 5, 5, mean=2), MaxPool2D(3, 1, (1, 0))),
    "average floor": (PICTURE, AvgPool2D(4, 3, 1, "floor")),
    "average ceil": (PICTURE, AvgPool2D(4, 3, 0, "ceil")),
    "average ceil padded": (PICTURE, AvgPool2D(4, (3, 2), (2, 1), "ceil")),
    "average padded": (PICTURE, AvgPool2D(3, 1, (1, 0))),
    "flatten and dropout": (PICTURE, Dropout(0.3), Flatten(), Dropout(0.1), FullyConnected(3)),
    "flat flatten": (PICTURE, FullyConnected(3), Flatten(), Activation("tanh")),
    "softmax inside": (PICTURE, Activation("softmax"), Conv2D(2, 3)),
    "softmax at the end": (PICTURE, FullyConnected(5), Activation("softmax")),
    "softmax over maps": (PICTURE, Conv2D(4, 3), Activation("softmax")),
    "average uncounted": (PICTURE, AvgPool2D(3, 2, 1, count_padding=False)),
    "average uncounted floor": (PICTURE, AvgPool2D((3, 2), 1, (1, 0), count_padding=False)),
    "average uncounted ceil": (PICTURE, AvgPool2D(4, 3, (2, 1), "ceil", count_padding=False)),
    "global average": (PICTURE, GlobalAvgPool2D(), FullyConnected(3)),
    "groups": (SIX, Conv2D(9, 3, groups=3), Conv2D(9, (3, 1), padding=(1, 0), groups=9)),
    "full": (PICTURE, Conv2D(3, (3, 2), padding="full", dilation=(2, 1))),
    "true convolution": (PICTURE, Conv2D(3, (3, 2), true_convolution=True, groups=1)),
    **{
        f"{mode} {name}": (PICTURE, Conv2D(2, **{"padding_mode": mode, **more}))
        for mode in ("reflect", "replicate", "circular", "partial")
        for name, more in {
            "same": {"kernel": 3, "padding": "same", "activation": "relu"},
            "wide": {"kernel": (3, 2), "padding": (5, 4), "groups": 2, "stride": (2, 3)},
            "ceil": {"kernel": 4, "padding": (0, 2), "stride": 3, "rounding": "ceil"},
            "turned": {"kernel": 3, "padding": 2, "bias": False, "true_convolution": True},
        }.items()
    },
    "partial, wholly in padding": (PICTURE, Conv2D(2, 2, padding=3, padding_mode="partial")),
    "partial, wholly in padding, no bias": (
        PICTURE,
        Conv2D(2, 2, padding=3, padding_mode="partial", bias=False),
    ),
    "transposed": (PICTURE, ConvTranspose2D(3, 3), ConvTranspose2D(2, (2, 3), activation="tanh")),
    "transposed in groups": (SIX, ConvTranspose2D(9, (3, 2), stride=2, padding=1, groups=3)),
    "transposed, padded output": (
        PICTURE,
        ConvTranspose2D(3, 3, stride=(2, 3), padding=1, output_padding=(1, 2), dilation=(2, 1)),
    ),
    "transposed, output padded by the dilation": (
        PICTURE,
        ConvTranspose2D(2, (3, 2), dilation=3, output_padding=(2, 1)),
        ConvTranspose2D(2, 2, padding=(2, 1), dilation=3, output_padding=(1, 2), bias=False),
        ConvTranspose2D(2, 2, padding=2, dilation=3, output_padding=2, activation="elu"),
    ),
    "local": (PICTURE, LocallyConnected2D(3, (3, 2), activation="relu"), FullyConnected(2)),
    "local ceil": (PICTURE, LocallyConnected2D(2, 4, 3, (1, 2), bias=False, rounding="ceil")),
    "tiled": (PICTURE, TiledConv2D(3, (3, 2), (2, 4), activation="relu"), FullyConnected(2)),
    "tiled ceil": (PICTURE, TiledConv2D(2, 4, 3, 3, (1, 2), bias=False, rounding="ceil")),
    "table": (SIX, TableConv2D(5, padding=2, stride=2, rounding="ceil", activation="scaled_tanh")),
    "table of its own": (SIX, TableConv2D((3, 2), ((5,), (0, 5)), bias=False)),
    "batch norm": (PICTURE, BatchNorm(), Conv2D(3, 3), BatchNorm(epsilon=0.1)),
    "batch norm of units": (PICTURE, FullyConnected(4), BatchNorm(), FullyConnected(3)),
    "upsampled": (PICTURE, Upsample((2, 3)), Conv2D(2, 3), Upsample(1)),
    "upsampled evenly": (PICTURE, Upsample((3, 2), "bilinear"), Upsample((1, 4), "bilinear")),
    "residual": (PICTURE, Residual((Conv2D(2, 3, padding=1), BatchNorm()), "relu")),
    "residual projected": (
        PICTURE,
        Residual((Conv2D(4, 3, 2, 1), Conv2D(3, 3, padding=1))),
        Residual((FullyConnected(4),), "tanh"),
    ),
    "parallel": (
        PICTURE,
        Parallel(((), (Conv2D(3, 1), MaxPool2D(3, 1, 1)), (Conv2D(1, 5, padding=2),))),
        Parallel(((), (Activation("tanh"),)), "sum"),
        Parallel(((),), "sum"),
    ),
    "rows in rows": (
        PICTURE,
        Residual((Parallel(((), (Residual((Conv2D(2, 1),)),))), Activation("softmax"))),
        Parallel(((), ())),
        Parallel(((Flatten(),), (GlobalAvgPool2D(),))),
    ),
    **{
        f"{name} three times": (
            PICTURE,
            Conv2D(2, 3, activation=name),
            Activation(name),
            FullyConnected(3, activation=name),
        )
        for name in FUNCTIONS
    },
}


@pytest.mark.parametrize("case", CASES)
def test_every_option_gives_the_same_numbers_elsewhere(tmp_path, case):
    assert_exports(tmp_path / "a.onnx", Network(CASES[case]))


@settings(max_examples=80, derandomize=True, suppress_health_check=list(HealthCheck))
@given(fitting_pipeline())
def test_random_pipelines_give_the_same_numbers_elsewhere(tmp_path_factory, network):
    assert_exports(tmp_path_factory.getbasetemp() / "any.onnx", network)


def test_every_block_type_and_activation_is_known():
    assert set(onnx_nodes.BLOCKS) == set(BLOCK_TYPES)
    known = {*onnx_activation.SIMPLE, *onnx_activation.COMPOSED}
    assert known == {*FUNCTIONS, "softmax"}


@pytest.mark.parametrize(("mode", "opset", "ir"), [("reflect", 17, 8), ("circular", 19, 9)])
def test_only_circular_padding_needs_a_newer_opset(tmp_path, mode, opset, ir):
    network = Network((PICTURE, Conv2D(2, 3, padding=1, padding_mode=mode)))
    export(used(network), tmp_path / "a.onnx", images=None)
    proto = onnx.load(tmp_path / "a.onnx")
    assert ([entry.version for entry in proto.opset_import], proto.ir_version) == ([opset], ir)


def test_circular_padding_in_a_composite_needs_it_too(tmp_path):
    inner = Residual((Conv2D(2, 3, padding="same", padding_mode="circular"),))
    export(used(Network((PICTURE, inner))), tmp_path / "a.onnx", images=None)
    assert onnx.load(tmp_path / "a.onnx").opset_import[0].version == 19


def test_blocks_inside_are_named_after_both(tmp_path):
    branches = ((), (Residual((Conv2D(4, 1, activation="relu"), BatchNorm())),))
    export(used(Network((PICTURE, Parallel(branches)))), tmp_path / "a.onnx", images=None)
    graph = onnx.load(tmp_path / "a.onnx").graph
    names = [node.name for node in graph.node]
    inside = "PARALLEL 1 BRANCH 2 RESIDUAL 1"
    parts = ["CONV 1", "CONV 1 ReLU", "NORM 1", "PROJECTION"]
    assert names == [*(f"{inside} {part}" for part in parts), inside, "PARALLEL 1"]
    constants = {constant.name for constant in graph.initializer}
    key = "parallel1.branch2.residual1"
    assert {f"{key}.norm1.running_mean", f"{key}.projection.weight"} <= constants


def test_a_layer_without_shared_filters_stays_small(tmp_path):
    """The file holds its weights once and one number a tap, and not each weight at each place."""
    network = Network((Input(1, 28, 28), TiledConv2D(20, 5), LocallyConnected2D(2, 5)))
    model = used(network)
    export(model, tmp_path / "a.onnx", images=None)
    taps = 20 * 20 * 5 * 5
    turns = 4 * 24 * 24
    size = 4 * model.vector.size + 8 * taps + 4 * turns
    assert size < (tmp_path / "a.onnx").stat().st_size < size + 8000


def test_a_table_too_large_for_the_format_is_refused(tmp_path, monkeypatch):
    """The parameters of the links would fit, the dense filters do not."""
    model = used(Network((SIX, TableConv2D(3, tuple((n % 6,) for n in range(50))))))
    monkeypatch.setattr(onnx_graph, "LARGEST", 8 * model.vector.size)
    with pytest.raises(ExportError, match="10,800 bytes of parameters do not fit"):
        export(model, tmp_path / "a.onnx", images=None)
    assert not list(tmp_path.iterdir())


def test_upsampling_in_the_file_is_that_of_the_definition(tmp_path):
    """Pixels 0, 1, 2 twice as wide: repeated, or mixed a quarter of the way from the centres."""
    x = np.arange(3, dtype=np.float32).reshape(1, 1, 1, 3)
    for mode, expected in {
        "nearest": [0, 0, 1, 1, 2, 2],
        "bilinear": [0, 0.25, 0.75, 1.25, 1.75, 2],
    }.items():
        network = Network((Input(1, 1, 3), Upsample((1, 2), mode)))
        export(used(network), tmp_path / "a.onnx", images=None)
        assert runtime(tmp_path / "a.onnx", x)[0].ravel().tolist() == expected
