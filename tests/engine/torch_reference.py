"""The same network in PyTorch, as an independent reference for values and speed."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    Block,
    Conv2D,
    Dropout,
    Flatten,
    FullyConnected,
    Input,
    MaxPool2D,
)
from cnnstudio.blocks.block import pair
from cnnstudio.network import Network, check

torch.set_num_threads(1)


class ScaledTanh(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 1.7159 * torch.tanh(x * (2 / 3))


class Prepare(nn.Module):
    """Normalise and pad as the Input block does."""

    def __init__(self, block: Input) -> None:
        super().__init__()
        self.block = block

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows, columns = pair(self.block.pad)
        x = functional.pad(x, (columns, columns, rows, rows))
        return (x - self.block.mean) / self.block.deviation


class CeilConvolution(nn.Module):
    """A convolution whose last windows may hang over the edge, where there are zeros."""

    def __init__(self, convolution: nn.Conv2d, overhang: tuple[int, int]) -> None:
        super().__init__()
        self.convolution, self.overhang = convolution, overhang

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows, columns = self.convolution.padding
        down, right = self.overhang
        x = functional.pad(x, (columns, columns + right, rows, rows + down))
        inner = self.convolution
        return functional.conv2d(x, inner.weight, inner.bias, inner.stride, 0, inner.dilation)


FUNCTIONS = {
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "scaled_tanh": ScaledTanh,
    "softmax": lambda: nn.Softmax(dim=1),
}


def convolution(block: Conv2D, shape: tuple[int, ...]) -> nn.Module:
    padding = pair(block.padding_size())
    layer = nn.Conv2d(
        shape[0],
        block.filters,
        pair(block.kernel),
        pair(block.stride),
        padding,
        pair(block.dilation),
        bias=block.bias,
    )
    overhang = tuple(w.overhang(n) for w, n in zip(block.windows(), shape[1:], strict=True))
    return CeilConvolution(layer, overhang) if any(overhang) else layer


def pooling(block: MaxPool2D | AvgPool2D) -> nn.Module:
    kind = nn.MaxPool2d if isinstance(block, MaxPool2D) else nn.AvgPool2d
    ceil = block.rounding == "ceil"
    return kind(pair(block.kernel), pair(block.stride), pair(block.padding), ceil_mode=ceil)


def modules(block: Block, shape: tuple[int, ...]) -> list[nn.Module]:
    """What PyTorch needs for one block."""
    made: list[nn.Module] = []
    if isinstance(block, Input):
        made = [Prepare(block)]
    elif isinstance(block, Conv2D):
        made = [convolution(block, shape)]
    elif isinstance(block, MaxPool2D | AvgPool2D):
        made = [pooling(block)]
    elif isinstance(block, FullyConnected):
        made = [nn.Flatten(), nn.Linear(math.prod(shape), block.units, bias=block.bias)]
    elif isinstance(block, Dropout):
        made = [nn.Dropout(block.rate)]
    elif isinstance(block, Flatten):
        made = [nn.Flatten()]
    elif isinstance(block, Activation):
        made = [FUNCTIONS[block.function]()]
    else:
        raise NotImplementedError(type(block).__name__)
    function = getattr(block, "activation", "none")
    return made if function == "none" else [*made, FUNCTIONS[function]()]


def torch_network(network: Network) -> nn.Sequential:
    """`network` in PyTorch, float32, a softmax at the end included."""
    report = check(network)
    made = [modules(entry.block, entry.input_shape) for entry in report.blocks]
    return nn.Sequential(*(module for part in made for module in part))


def copy_weights(parameters: dict[str, np.ndarray], module: nn.Module) -> None:
    """Give `module` the values of a model's parameters, which have the same order and shapes."""
    with torch.no_grad():
        for target, values in zip(module.parameters(), parameters.values(), strict=True):
            target.copy_(torch.from_numpy(np.array(values)))
