"""The ONNX backend's own tests of nodes, run through our engine: its inputs, its outputs.

A case is put into words of ours: a network of one block, with weights made from the node's inputs.
What cannot be said so is listed with the reason, and the list is checked against the attempt.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from onnx import helper

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
    MaxPool2D,
)
from cnnstudio.engine.model import Model
from cnnstudio.network import Network

ONE, THREE = "one-dimensional", "three-dimensional"
UNEVEN = "pads the two ends of a side differently"
FILLED = "pads with another value than zero"
WIDE = "pads more than half the window, so that a window could see nothing but padding"
DILATED = "a pool with dilation"
INDICES = "also returns where the maxima are"
MASK = "also returns which values were kept"
DROPPED = "drops what NumPy's random numbers say"
SLOPE = "another slope below zero than ours"
APPROXIMATE = "GELU approximated by tanh"
AXIS = "flattens other dimensions than those of one picture"
MATRIX = "another bias for every picture"
BATCH = "keeps the variance of the batch itself; ours is divided by n - 1, as PyTorch's"

LEFT_OUT: Mapping[str, str] = {
    "test_averagepool_1d_default": ONE,
    "test_averagepool_3d_default": THREE,
    "test_averagepool_2d_same_upper": UNEVEN,
    "test_averagepool_2d_same_lower": UNEVEN,
    "test_averagepool_2d_pads": WIDE,
    "test_averagepool_2d_dilations": DILATED,
    "test_averagepool_3d_dilations_small": THREE,
    "test_averagepool_3d_dilations_large_count_include_pad_is_0_ceil_mode_is_True": THREE,
    "test_averagepool_3d_dilations_large_count_include_pad_is_0_ceil_mode_is_False": THREE,
    "test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_True": THREE,
    "test_averagepool_3d_dilations_large_count_include_pad_is_1_ceil_mode_is_False": THREE,
    "test_batchnorm_example_training_mode": BATCH,
    "test_batchnorm_epsilon_training_mode": BATCH,
    "test_convtranspose_1d": ONE,
    "test_convtranspose_3d": THREE,
    "test_convtranspose_autopad_same": UNEVEN,
    "test_dropout_default_mask": MASK,
    "test_dropout_default_mask_ratio": MASK,
    "test_training_dropout_default": DROPPED,
    "test_training_dropout_default_mask": MASK,
    "test_training_dropout": DROPPED,
    "test_training_dropout_mask": MASK,
    "test_training_dropout_zero_ratio_mask": MASK,
    "test_elu_example": SLOPE,
    "test_elu": SLOPE,
    "test_flatten_axis0": AXIS,
    "test_flatten_axis2": AXIS,
    "test_flatten_axis3": AXIS,
    "test_flatten_negative_axis4": AXIS,
    "test_flatten_negative_axis2": AXIS,
    "test_flatten_negative_axis1": AXIS,
    "test_gelu_tanh_1": APPROXIMATE,
    "test_gelu_tanh_2": APPROXIMATE,
    "test_gemm_default_matrix_bias": MATRIX,
    "test_leakyrelu_example": SLOPE,
    "test_leakyrelu": SLOPE,
    "test_maxpool_with_argmax_2d_precomputed_pads": INDICES,
    "test_maxpool_with_argmax_2d_precomputed_strides": INDICES,
    "test_maxpool_1d_default": ONE,
    "test_maxpool_3d_default": THREE,
    "test_maxpool_2d_same_upper": UNEVEN,
    "test_maxpool_2d_same_lower": UNEVEN,
    "test_maxpool_2d_pads": WIDE,
    "test_maxpool_2d_dilations": DILATED,
    "test_maxpool_3d_dilations": THREE,
    "test_maxpool_3d_dilations_use_ref_impl": THREE,
    "test_maxpool_3d_dilations_use_ref_impl_large": THREE,
    "test_constant_pad": FILLED,
    "test_constant_pad_axes": FILLED,
    "test_constant_pad_negative_axes": FILLED,
}
"""Cases that our blocks do not express, and why."""

RUN = [
    "test_averagepool_2d_precomputed_pads",
    "test_averagepool_2d_precomputed_pads_count_include_pad",
    "test_averagepool_2d_precomputed_strides",
    "test_averagepool_2d_precomputed_same_upper",
    "test_averagepool_2d_default",
    "test_averagepool_2d_pads_count_include_pad",
    "test_averagepool_2d_strides",
    "test_averagepool_2d_ceil",
    "test_averagepool_2d_ceil_last_window_starts_on_pad",
    "test_batchnorm_example",
    "test_batchnorm_epsilon",
    "test_basic_conv_with_padding",
    "test_basic_conv_without_padding",
    "test_conv_with_strides_padding",
    "test_conv_with_strides_no_padding",
    "test_conv_with_strides_and_asymmetric_padding",
    "test_conv_with_autopad_same",
    "test_convtranspose",
    "test_convtranspose_output_shape",
    "test_convtranspose_pad",
    "test_convtranspose_kernel_shape",
    "test_convtranspose_pads",
    "test_convtranspose_dilations",
    "test_convtranspose_group_2",
    "test_convtranspose_group_2_image_3",
    "test_dropout_default",
    "test_dropout_default_ratio",
    "test_training_dropout_zero_ratio",
    "test_dropout_default_old",
    "test_dropout_random_old",
    "test_elu_default",
    "test_flatten_axis1",
    "test_flatten_default_axis",
    "test_flatten_negative_axis3",
    "test_gelu_default_1",
    "test_gelu_default_2",
    "test_gemm_default_zero_bias",
    "test_gemm_default_no_bias",
    "test_gemm_default_scalar_bias",
    "test_gemm_default_single_elem_vector_bias",
    "test_gemm_default_vector_bias",
    "test_gemm_transposeA",
    "test_gemm_transposeB",
    "test_gemm_alpha",
    "test_gemm_beta",
    "test_gemm_all_attributes",
    "test_globalaveragepool",
    "test_globalaveragepool_precomputed",
    "test_leakyrelu_default",
    "test_maxpool_2d_uint8",
    "test_maxpool_2d_precomputed_pads",
    "test_maxpool_2d_precomputed_strides",
    "test_maxpool_2d_precomputed_same_upper",
    "test_maxpool_2d_default",
    "test_maxpool_2d_strides",
    "test_maxpool_2d_ceil",
    "test_maxpool_2d_ceil_output_size_reduce_by_one",
    "test_edge_pad",
    "test_reflect_pad",
    "test_wrap_pad",
    "test_relu",
    "test_sigmoid_example",
    "test_sigmoid",
    "test_softmax_example",
    "test_softmax_large_number",
    "test_softmax_axis_0",
    "test_softmax_axis_1",
    "test_softmax_axis_2",
    "test_softmax_negative_axis",
    "test_softmax_default_axis",
    "test_tanh_example",
    "test_tanh",
]
"""All others."""


@dataclass(frozen=True)
class Case:
    """A test of one node: its inputs, the outputs that it must give, and how exactly."""

    kind: str
    attributes: Mapping[str, Any]
    inputs: list[np.ndarray]
    outputs: list[np.ndarray]
    relative: float
    absolute: float

    @property
    def x(self) -> np.ndarray:
        return np.asarray(self.inputs[0], np.float64)

    def pairs(self, name: str, default: int) -> tuple[int, int]:
        return tuple(self.attributes.get(name, (default, default)))


@dataclass(frozen=True)
class Trial:
    """The same in our words: pictures (N, C, H, W), a block behind the Input, its weights.

    `border` are the zeros that the Input puts around the pictures.
    """

    pictures: np.ndarray
    block: Block
    expected: np.ndarray
    weights: Mapping[str, np.ndarray] = field(default_factory=dict)
    border: tuple[int, int] = (0, 0)


class NotExpressedError(Exception):
    """Our blocks cannot say what the node does; the message is the reason."""


@lru_cache(maxsize=1)
def cases() -> dict[str, Case]:
    """Every case of a single node of the families, made by the ONNX package itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.loader import load_model_tests

        found = load_model_tests(kind="node")
    singles = ((test, test.model.graph.node) for test in found)
    return {
        test.name: Case(
            nodes[0].op_type,
            {each.name: helper.get_attribute_value(each) for each in nodes[0].attribute},
            *test.data_sets[0],
            test.rtol,
            test.atol,
        )
        for test, nodes in singles
        if len(nodes) == 1 and nodes[0].op_type in TRANSLATIONS
    }


# Windows


def need_two_dimensions(x: np.ndarray) -> None:
    if x.ndim != 4:
        raise NotExpressedError(ONE if x.ndim == 3 else THREE)


def even_padding(case: Case, kernel: tuple[int, int], stride: tuple[int, int]) -> tuple[int, int]:
    """The padding of rows and columns, where both ends have the same."""
    dilation = case.pairs("dilations", 1)
    ends = []
    for axis in (0, 1):
        extent = (kernel[axis] - 1) * dilation[axis] + 1
        ends.append(_ends(case, axis, extent, stride[axis]))
    if any(begin != end for begin, end in ends):
        raise NotExpressedError(UNEVEN)
    return ends[0][0], ends[1][0]


def _ends(case: Case, axis: int, extent: int, stride: int) -> tuple[int, int]:
    automatic = case.attributes.get("auto_pad", b"NOTSET")
    if automatic == b"NOTSET":
        pads = case.attributes.get("pads", (0, 0, 0, 0))
        return pads[axis], pads[axis + 2]
    size = case.inputs[0].shape[2 + axis]
    total = max(0, (math.ceil(size / stride) - 1) * stride + extent - size)
    if case.kind == "ConvTranspose":
        total = stride * (size - 1) + extent - size * stride
    less, more = total // 2, total - total // 2
    return (less, more) if automatic == b"SAME_UPPER" else (more, less)


def convolution(case: Case) -> Trial:
    need_two_dimensions(case.x)
    weight, *bias = case.inputs[1:]
    stride = case.pairs("strides", 1)
    block = Conv2D(
        len(weight),
        weight.shape[2:],
        stride,
        even_padding(case, weight.shape[2:], stride),
        dilation=case.pairs("dilations", 1),
        groups=case.attributes.get("group", 1),
        bias=bool(bias),
        rounding="floor",
    )
    return Trial(case.x, block, case.outputs[0], named(weight, bias))


def transposed_convolution(case: Case) -> Trial:
    need_two_dimensions(case.x)
    weight, *bias = case.inputs[1:]
    kernel, stride = weight.shape[2:], case.pairs("strides", 1)
    groups = case.attributes.get("group", 1)
    block = ConvTranspose2D(
        weight.shape[1] * groups,
        kernel,
        stride,
        even_padding(case, kernel, stride),
        output_padding(case, kernel, stride),
        case.pairs("dilations", 1),
        groups,
        bool(bias),
    )
    return Trial(case.x, block, case.outputs[0], named(weight, bias))


def output_padding(case: Case, kernel: tuple[int, int], stride: tuple[int, int]) -> tuple[int, ...]:
    """The attribute, or as much as is missing to the wanted size."""
    if "output_shape" not in case.attributes:
        return case.pairs("output_padding", 0)
    sizes = zip(case.attributes["output_shape"], case.x.shape[2:], stride, kernel, strict=True)
    return tuple(wanted - (s * (n - 1) + k) for wanted, n, s, k in sizes)


def named(weight: np.ndarray, bias: list[np.ndarray]) -> dict[str, np.ndarray]:
    return dict(zip(("weight", "bias"), (weight, *bias), strict=False))


def pool(case: Case) -> Trial:
    need_two_dimensions(case.x)
    if len(case.outputs) > 1:
        raise NotExpressedError(INDICES)
    if case.pairs("dilations", 1) != (1, 1):
        raise NotExpressedError(DILATED)
    kernel, stride = case.pairs("kernel_shape", 0), case.pairs("strides", 1)
    sides, border = even_padding(case, kernel, stride), (0, 0)
    counts = bool(case.attributes.get("count_include_pad", 0))
    if any(2 * side > size for side, size in zip(sides, kernel, strict=True)):
        if not counts:
            raise NotExpressedError(WIDE)
        sides, border = (0, 0), sides
    rounding = "ceil" if case.attributes.get("ceil_mode") else "floor"
    block: Block = MaxPool2D(kernel, stride, sides, rounding)
    if case.kind == "AveragePool":
        block = AvgPool2D(kernel, stride, sides, rounding, count_padding=counts)
    return Trial(case.x, block, case.outputs[0], border=border)


def padding(case: Case) -> Trial:
    """A depthwise 1x1 convolution with weight 1 shows the border alone."""
    pads, *value = case.inputs[1:]
    if value and value[0] != 0:
        raise NotExpressedError(FILLED)
    begin, end = np.split(pads, 2)
    if any(begin != end) or any(begin[:2]):
        raise NotExpressedError(UNEVEN)
    modes = {b"constant": "zeros", b"reflect": "reflect", b"edge": "replicate", b"wrap": "circular"}
    channels = case.x.shape[1]
    block = Conv2D(
        channels,
        1,
        padding=tuple(begin[2:]),
        padding_mode=modes[case.attributes["mode"]],
        groups=channels,
        bias=False,
    )
    return Trial(case.x, block, case.outputs[0], {"weight": np.ones((channels, 1, 1, 1))})


# Everything else


def batch_normalization(case: Case) -> Trial:
    if case.attributes.get("training_mode"):
        raise NotExpressedError(BATCH)
    block = BatchNorm(epsilon=case.attributes.get("epsilon", 1e-5))
    names = ("weight", "bias", "running_mean", "running_variance")
    return Trial(case.x, block, case.outputs[0], dict(zip(names, case.inputs[1:], strict=True)))


def product(case: Case) -> Trial:
    """Gemm: alpha is in the weights and beta in the bias."""
    a, b, *c = (np.asarray(values, np.float64) for values in case.inputs)
    a = a.T if case.attributes.get("transA") else a
    weight = case.attributes.get("alpha", 1) * (b if case.attributes.get("transB") else b.T)
    units = len(weight)
    if c and c[0].ndim == 2 and len(c[0]) > 1:
        raise NotExpressedError(MATRIX)
    bias = [case.attributes.get("beta", 1) * np.broadcast_to(c[0], (1, units))[0]] if c else []
    block = FullyConnected(units, bias=bool(bias))
    return Trial(a[:, None, None, :], block, case.outputs[0], named(weight, bias))


def elementwise(case: Case) -> Trial:
    names = {"Relu": "relu", "LeakyRelu": "leaky_relu", "Elu": "elu", "Gelu": "gelu"}
    names |= {"Sigmoid": "sigmoid", "Tanh": "tanh"}
    slope = {"LeakyRelu": 0.01, "Elu": 1.0}.get(case.kind, 0)
    if case.attributes.get("alpha", slope) != np.float32(slope):
        raise NotExpressedError(SLOPE)
    if case.attributes.get("approximate") == b"tanh":
        raise NotExpressedError(APPROXIMATE)
    return Trial(single_rows(case.x), Activation(names[case.kind]), case.outputs[0])


def single_rows(x: np.ndarray) -> np.ndarray:
    """`x` as pictures of one row, where no value knows its neighbours."""
    return x.reshape(len(x) if x.ndim > 1 else 1, 1, 1, -1)


def softmax(case: Case) -> Trial:
    """The axis becomes the channels of one picture."""
    axis = case.attributes.get("axis", -1)
    x, y = (np.moveaxis(values, axis, 0) for values in (case.x, case.outputs[0]))
    return Trial(x.reshape(1, len(x), 1, -1), Activation("softmax"), y)


def flatten(case: Case) -> Trial:
    if case.attributes.get("axis", 1) % case.x.ndim != 1:
        raise NotExpressedError(AXIS)
    return Trial(case.x, Flatten(), case.outputs[0])


def dropout(case: Case) -> Trial:
    if len(case.outputs) > 1:
        raise NotExpressedError(MASK)
    given = dict(enumerate(case.inputs))
    rate = float(given.get(1, case.attributes.get("ratio", 0.5)))
    if given.get(2, False) and rate > 0:
        raise NotExpressedError(DROPPED)
    return Trial(single_rows(case.x), Dropout(rate), case.outputs[0])


TRANSLATIONS: Mapping[str, Callable[[Case], Trial]] = {
    "Conv": convolution,
    "ConvTranspose": transposed_convolution,
    "MaxPool": pool,
    "AveragePool": pool,
    "GlobalAveragePool": lambda case: Trial(case.x, GlobalAvgPool2D(), case.outputs[0]),
    "Pad": padding,
    "BatchNormalization": batch_normalization,
    "Gemm": product,
    "Relu": elementwise,
    "LeakyRelu": elementwise,
    "Elu": elementwise,
    "Gelu": elementwise,
    "Sigmoid": elementwise,
    "Tanh": elementwise,
    "Softmax": softmax,
    "Flatten": flatten,
    "Dropout": dropout,
}
"""How the nodes of each family are put into our words."""


@pytest.mark.parametrize("name", RUN)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_our_engine_gives_the_outputs_of_the_onnx_backend(name: str, dtype: type) -> None:
    case = cases()[name]
    trial = TRANSLATIONS[case.kind](case)
    network = Network((Input(*trial.pictures.shape[1:], pad=trial.border), trial.block))
    model = Model(network, dtype=dtype)
    model.load({f"{network.keys[1]}.{part}": values for part, values in trial.weights.items()})
    after = model.activations(trial.pictures)[-1]
    assert after.size == trial.expected.size
    after = after.reshape(trial.expected.shape)
    np.testing.assert_allclose(after, trial.expected, case.relative, max(case.absolute, 1e-6))
    if trial.block != Activation("softmax"):
        again = model.forward(trial.pictures).reshape(after.shape)
        np.testing.assert_allclose(again, after, 1e-6, 1e-7)


def test_every_case_is_run_or_listed_and_no_listed_one_could_be_run() -> None:
    assert set(cases()) == {*RUN, *LEFT_OUT}
    assert not LEFT_OUT.keys() & set(RUN)
    for name, reason in LEFT_OUT.items():
        case = cases()[name]
        with pytest.raises(NotExpressedError) as refusal:
            TRANSLATIONS[case.kind](case)
        assert str(refusal.value) == reason, name
