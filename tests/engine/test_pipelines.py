"""Random pipelines against PyTorch: sizes of every block, outputs and gradients in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from cnnstudio.blocks import (
    BLOCK_TYPES,
    Activation,
    Block,
    Dropout,
    FullyConnected,
    GlobalAvgPool2D,
    Input,
    Parallel,
    Residual,
    Shape,
)
from cnnstudio.blocks.block import pair
from cnnstudio.blocks.composite import Composite
from cnnstudio.engine.model import Model
from cnnstudio.network import Network, check
from tests.engine.torch_reference import (
    copy_weights,
    in_training,
    modules,
    torch_blocks,
    torch_network,
)
from tests.pipelines import PLAIN, any_pipeline, fitting_pipeline

IMAGES = 4
RELATIVE = 1e-9
NOISE = 1e-13
"""Relative noise put behind every module of PyTorch, to see whether a pipeline bears rounding."""

many = settings(
    max_examples=400, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.parametrize("kind", BLOCK_TYPES)
def test_every_option_of_every_block_type_is_drawn(kind: type[Block]) -> None:
    if not issubclass(kind, Composite | Input):
        assert set(PLAIN[kind]) == set(kind.declarations())


# Sizes


@many
@given(any_pipeline())
def test_sizes_are_those_of_pytorch_block_by_block(network: Network) -> None:
    """The block that does not fit is refused by PyTorch too, or by a rule beyond its own."""
    for entry in check(network).blocks:
        if entry.output_shape is None:
            assert is_refused(entry.block, entry.input_shape)
            return
        assert torch_size(entry.block, entry.input_shape) == entry.output_shape


def torch_size(block: Block, shape: Shape) -> tuple[int, ...]:
    """The size of what PyTorch makes of two images; raises what PyTorch raises."""
    row = nn.Sequential(*modules(block, shape)).eval()
    with torch.no_grad():
        return tuple(row(torch.zeros(2, *shape)).shape[1:])


def is_refused(block: Block, shape: Shape) -> bool:
    """Whether `block` cannot be computed, found without its own size rule."""
    if isinstance(block, Composite):
        return is_row_refused(block, shape)
    if breaks_our_rule(block, shape):
        return True
    try:
        return 0 in torch_size(block, shape)
    except (RuntimeError, ValueError, IndexError, NotImplementedError):
        return True


def breaks_our_rule(block: Block, shape: Shape) -> bool:
    """What PyTorch would compute, but not as the lecture counts."""
    if not hasattr(block, "rounding"):
        # PyTorch takes the rows of units of a batch for one map.
        return shape.is_flat and isinstance(block, GlobalAvgPool2D)
    if block.padding == "same" and any(extent(block, axis) % 2 == 0 for axis in (0, 1)):
        return True
    return any(breaks_our_rule_along(axis, block, size) for axis, size in enumerate(shape[1:]))


def breaks_our_rule_along(axis: int, block: Block, size: int) -> bool:
    """Windows must fit exactly unless they are rounded, and one at least must fit wholly."""
    reach, stride = extent(block, axis), pair(block.stride)[axis]
    ceil = block.rounding == "ceil"
    sides = {"same": (reach - 1) // 2, "full": reach - 1}
    side = sides[block.padding] if block.padding in sides else pair(block.padding)[axis]
    steps, left = divmod(size + 2 * side - reach, stride)
    if (left and block.rounding == "exact") or (ceil and steps < 0):
        return True
    hangs_over = ceil and left > 0 and (steps + 1) * stride - side < size
    return pair(getattr(block, "tiles", 1))[axis] > steps + 1 + hangs_over


def extent(block: Block, axis: int) -> int:
    return (pair(block.kernel)[axis] - 1) * pair(getattr(block, "dilation", 1))[axis] + 1


def is_row_refused(block: Residual | Parallel, shape: Shape) -> bool:
    """Whether a block of a row is refused, or the ends of the rows cannot be joined."""
    ends = []
    for row in (block.blocks,) if isinstance(block, Residual) else block.branches:
        end = shape
        for inner in row:
            if is_refused(inner, end):
                return True
            end = Shape(torch_size(inner, end))
        ends.append(end)
    if isinstance(block, Residual):
        return not is_projectable(shape, ends[0])
    sizes = ends if block.join == "sum" else [end[1:] for end in ends]
    return len(set(sizes)) > 1


def is_projectable(shape: Shape, end: Shape) -> bool:
    """Whether a shortcut leads there: nothing, a fully connected one, or a 1x1 with a stride."""
    if shape == end or end.is_flat:
        return True
    if shape.is_flat:
        return False
    sides = zip(shape[1:], end[1:], strict=True)
    return all(
        after in {len(range(0, before, s)) for s in range(1, before + 1)} for before, after in sides
    )


# Outputs and gradients


@many
@given(fitting_pipeline(), st.integers(0, 1000))
def test_outputs_are_those_of_pytorch(network: Network, seed: int) -> None:
    model, x, _ = case(network, seed)
    ours = model.activations(x)
    y = torch.from_numpy(x)
    for block, own in zip(blocks_in_torch(model), ours, strict=True):
        y = block(y)
        assert_close(own, y)
    has_softmax_head = network.blocks[-1] == Activation("softmax")
    assert_close(model.forward(x), logits_in_torch(model, x) if has_softmax_head else y)


@many
@given(fitting_pipeline(), st.integers(0, 1000))
def test_gradients_are_those_of_pytorch(network: Network, seed: int) -> None:
    """With nothing dropped, and batch norm by the batch."""
    model, x, labels = case(with_scores(without_dropout(network)), seed)
    loss, gradients = model.loss_and_gradients(x, labels)
    expected_loss, expected = torch_gradients(model, x, labels)
    try:
        assert loss == pytest.approx(expected_loss, rel=RELATIVE)
        for name, own in gradients.items():
            assert_close(own, expected[name], smallest_scale(expected))
    except AssertionError:
        assume(bears_rounding(model, x, labels, expected))
        raise


def case(network: Network, seed: int) -> tuple[Model, np.ndarray, np.ndarray]:
    """A model as after some training, pictures and labels."""
    model, generator = Model(network, seed, np.float64), np.random.default_rng(seed)
    model.vector += 0.3 * generator.standard_normal(model.vector.size)
    for name, values in model.statistics.items():
        low = 0.3 if name.endswith("variance") else -0.5
        values[...] = generator.uniform(low, 1.5, values.shape)
    x = generator.random((IMAGES, *network.input.picture_shape))
    return model, x, generator.integers(0, model.output_shape[0], IMAGES)


def with_scores(network: Network) -> Network:
    """The network, with a row of scores behind maps, and without a softmax at the end."""
    if network.blocks[-1] == Activation("softmax"):
        network = network.remove(len(network) - 1)
    shape = check(network).output_shape
    assert shape is not None
    return network if shape.is_flat else network.insert(len(network), FullyConnected(3))


def without_dropout(network: Network) -> Network:
    return Network(tuple(undropped(block) for block in network.blocks))


def undropped(block: Block) -> Block:
    if isinstance(block, Dropout):
        return Dropout(0.0)
    if isinstance(block, Residual):
        return block.with_values(blocks=tuple(undropped(each) for each in block.blocks))
    if isinstance(block, Parallel):
        rows = tuple(tuple(undropped(each) for each in row) for row in block.branches)
        return block.with_values(branches=rows)
    return block


def blocks_in_torch(model: Model) -> nn.ModuleList:
    blocks = nn.ModuleList(torch_blocks(model.network)).double().eval()
    copy_weights(model.weights, blocks)
    return blocks


def logits_in_torch(model: Model, x: np.ndarray) -> torch.Tensor:
    y = torch.from_numpy(x)
    for block in blocks_in_torch(model)[:-1]:
        y = block(y)
    return y


def torch_gradients(
    model: Model, x: np.ndarray, labels: np.ndarray, noise: float = 0.0
) -> tuple[float, dict[str, np.ndarray]]:
    """Loss and gradients of PyTorch, with relative `noise` behind every module."""
    module = torch_network(model.network).double()
    copy_weights(model.weights, module)
    in_training(module)
    if noise:
        generator = torch.Generator().manual_seed(0)
        for part in module.modules():
            part.register_forward_hook(lambda _part, _x, y: shaken(y, noise, generator))
    loss = functional.cross_entropy(module(torch.from_numpy(x)), torch.from_numpy(labels))
    if loss.requires_grad:
        loss.backward()
    gradients = [parameter.grad.numpy() for parameter in module.parameters()]
    return loss.item(), dict(zip(model.parameters, gradients, strict=True))


def shaken(y: torch.Tensor, noise: float, generator: torch.Generator) -> torch.Tensor:
    drawn = torch.randn(y.shape, generator=generator, dtype=y.dtype)
    return y + noise * drawn * (y.detach().abs() + 1e-3)


def bears_rounding(
    model: Model, x: np.ndarray, labels: np.ndarray, expected: dict[str, np.ndarray]
) -> bool:
    """Whether PyTorch's own gradients stay the same when its values are rounded otherwise.

    They do not at a kink, such as two largest values in a window that differ by rounding alone.
    """
    _, moved = torch_gradients(model, x, labels, NOISE)
    least = smallest_scale(expected)
    return all(
        np.abs(moved[name] - values).max() < 10 * RELATIVE * max(np.abs(values).max(), least)
        for name, values in expected.items()
    )


def smallest_scale(gradients: dict[str, np.ndarray]) -> float:
    """What a gradient is measured against that is 0 but for rounding, as before a batch norm."""
    return max([1e-3, *(0.01 * np.abs(values).max() for values in gradients.values())])


def assert_close(ours: np.ndarray, theirs: torch.Tensor | np.ndarray, least: float = 1e-3) -> None:
    """The largest difference is small beside the largest value, or beside `least`."""
    theirs = theirs.detach().numpy() if isinstance(theirs, torch.Tensor) else theirs
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= RELATIVE * max(np.abs(theirs).max(), least)
