"""The same network in PyTorch, as an independent reference for values and speed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import nn
from torch.nn import functional

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
from cnnstudio.blocks.block import pair
from cnnstudio.blocks.row import Entry
from cnnstudio.blocks.window import Window
from cnnstudio.network import Network, check

torch.set_num_threads(1)

Shape = tuple[int, ...]


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


class Border(nn.Module):
    """Padding in one of PyTorch's modes, then zeros under the windows that hang over."""

    def __init__(self, windows: tuple[Window, Window], shape: Shape, mode: str = "zeros") -> None:
        super().__init__()
        rows, columns = (window.padding for window in windows)
        down, right = (w.overhang(n) for w, n in zip(windows, shape[1:], strict=False))
        self.sides = (columns, columns, rows, rows)
        self.overhang = (0, right, 0, down)
        self.mode = "constant" if mode == "zeros" else mode

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.pad(functional.pad(x, self.sides, self.mode), self.overhang)


class Bordered(nn.Module):
    """A convolution whose border is its own matter, or whose filters are turned."""

    def __init__(self, block: Conv2D, shape: Shape) -> None:
        super().__init__()
        self.border = Border(block.windows(), shape, block.padding_mode)
        self.turned = block.true_convolution
        self.inner = plain_convolution(block, shape)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = self.inner
        weight = inner.weight.flip(2, 3) if self.turned else inner.weight
        x = self.border(x)
        return functional.conv2d(
            x, weight, inner.bias, inner.stride, 0, inner.dilation, inner.groups
        )


class Partial(nn.Module):
    """Partial convolution based padding as in NVIDIA/partialconv, models/partialconv2d.py.

    Without the 1e-8 that it adds to the number of real pixels, which float64 would see.
    """

    def __init__(self, block: Conv2D, shape: Shape) -> None:
        super().__init__()
        self.border = Border(block.windows(), shape)
        self.turned = block.true_convolution
        self.inner = plain_convolution(block, shape)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner = self.inner
        weight = inner.weight.flip(2, 3) if self.turned else inner.weight
        mask = self.border(torch.ones_like(x[:1, :1]))
        ones = torch.ones_like(inner.weight[:1, :1])
        real = functional.conv2d(mask, ones, None, inner.stride, 0, inner.dilation)
        update_mask = real.clamp(0, 1)
        ratio = ones.numel() / real.clamp(min=1) * update_mask
        raw = functional.conv2d(
            self.border(x), weight, None, inner.stride, 0, inner.dilation, inner.groups
        )
        if inner.bias is None:
            return raw * ratio
        return (raw * ratio + inner.bias[:, None, None]) * update_mask


class Table(nn.Module):
    """A dense convolution whose filters are zero where the table has no link."""

    def __init__(self, block: TableConv2D, shape: Shape) -> None:
        super().__init__()
        pairs = [(f, c) for f, maps in enumerate(block.links) for c in maps]
        filters, channels = zip(*pairs, strict=True)
        self.places = torch.tensor(filters), torch.tensor(channels)
        self.size = (block.filters, shape[0], *pair(block.kernel))
        self.stride = pair(block.stride)
        self.border = Border(block.windows(), shape)
        self.weight = nn.Parameter(torch.empty(len(pairs), *pair(block.kernel)))
        self.bias = nn.Parameter(torch.empty(block.filters)) if block.bias else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        dense = self.weight.new_zeros(self.size).index_put(self.places, self.weight)
        return functional.conv2d(self.border(x), dense, self.bias, self.stride)


class Unshared(nn.Module):
    """A locally connected or tiled convolution: all windows unfolded, each with its own filters."""

    def __init__(self, block: LocallyConnected2D | TiledConv2D, shape: Shape) -> None:
        super().__init__()
        self.kernel, self.stride = pair(block.kernel), pair(block.stride)
        self.border = Border(block.windows(), shape)
        padded = self.border(torch.zeros(1, *shape)).shape[2:]
        steps = zip(padded, self.kernel, self.stride, strict=True)
        self.size = [(n - k) // s + 1 for n, k, s in steps]
        local = isinstance(block, LocallyConnected2D)
        sets = self.size if local else pair(block.tiles)
        self.weight = nn.Parameter(torch.empty(*sets, block.filters, shape[0], *self.kernel))
        biases = (block.filters, *self.size) if local else (block.filters,)
        self.bias = nn.Parameter(torch.empty(biases)) if block.bias else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        down, right, filters = self.weight.shape[:3]
        rows, columns = (torch.arange(n) % m for n, m in zip(self.size, (down, right), strict=True))
        weight = self.weight[rows][:, columns].reshape(math.prod(self.size), filters, -1)
        windows = functional.unfold(self.border(x), self.kernel, stride=self.stride)
        y = torch.einsum("lfk,nkl->nfl", weight, windows).unflatten(2, self.size)
        if self.bias is None:
            return y
        return y + (self.bias if self.bias.ndim == 3 else self.bias[:, None, None])


class Rows(nn.Module):
    """Rows of blocks that share their input, joined by `join`."""

    def __init__(
        self,
        rows: tuple[tuple[Entry, ...], ...],
        join: Callable[[list[torch.Tensor]], torch.Tensor],
    ) -> None:
        super().__init__()
        self.join = join
        self.rows = nn.ModuleList(
            nn.Sequential(*(m for e in row for m in modules(e.block, e.input_shape)))
            for row in rows
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.join([row(x) for row in self.rows])


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


def plain_convolution(block: Conv2D, shape: Shape) -> nn.Conv2d:
    return nn.Conv2d(
        shape[0],
        block.filters,
        pair(block.kernel),
        pair(block.stride),
        pair(block.padding_size()),
        pair(block.dilation),
        block.groups,
        bias=block.bias,
    )


def convolution(block: Conv2D, shape: Shape) -> nn.Module:
    if block.padding_mode == "partial":
        return Partial(block, shape)
    hangs_over = any(Border(block.windows(), shape).overhang)
    if hangs_over or block.padding_mode != "zeros" or block.true_convolution:
        return Bordered(block, shape)
    return plain_convolution(block, shape)


def transposed_convolution(block: ConvTranspose2D, shape: Shape) -> nn.Module:
    return nn.ConvTranspose2d(
        shape[0],
        block.filters,
        pair(block.kernel),
        pair(block.stride),
        pair(block.padding),
        pair(block.output_padding),
        block.groups,
        block.bias,
        pair(block.dilation),
    )


def max_pooling(block: MaxPool2D, shape: Shape) -> nn.Module:
    sizes = (pair(block.kernel), pair(block.stride), pair(block.padding))
    return nn.MaxPool2d(*sizes, ceil_mode=block.rounding == "ceil")


def average_pooling(block: AvgPool2D, shape: Shape) -> nn.Module:
    sizes = (pair(block.kernel), pair(block.stride), pair(block.padding))
    return nn.AvgPool2d(*sizes, block.rounding == "ceil", block.count_padding)


def normalization(block: BatchNorm, shape: Shape) -> nn.Module:
    kind = nn.BatchNorm1d if len(shape) == 1 else nn.BatchNorm2d
    return kind(shape[0], block.epsilon, block.momentum)


def upsampling(block: Upsample, shape: Shape) -> nn.Module:
    rows, columns = pair(block.scale)
    corners = False if block.mode == "bilinear" else None
    return nn.Upsample(
        scale_factor=(float(rows), float(columns)), mode=block.mode, align_corners=corners
    )


def fully_connected(block: FullyConnected, shape: Shape) -> nn.Module:
    linear = nn.Linear(math.prod(shape), block.units, bias=block.bias)
    return nn.Sequential(nn.Flatten(), linear)


def parallel(block: Parallel, shape: Shape) -> nn.Module:
    join = sum if block.join == "sum" else lambda ends: torch.cat(ends, dim=1)
    return Rows(block.rows(shape), join)


MAKERS: Mapping[type[Block], Callable[..., nn.Module]] = {
    Input: lambda block, shape: Prepare(block),
    Conv2D: convolution,
    ConvTranspose2D: transposed_convolution,
    LocallyConnected2D: Unshared,
    TiledConv2D: Unshared,
    TableConv2D: Table,
    MaxPool2D: max_pooling,
    AvgPool2D: average_pooling,
    GlobalAvgPool2D: lambda block, shape: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    FullyConnected: fully_connected,
    Activation: lambda block, shape: FUNCTIONS[block.function](),
    BatchNorm: normalization,
    Dropout: lambda block, shape: nn.Dropout(block.rate),
    Flatten: lambda block, shape: nn.Flatten(),
    Upsample: upsampling,
    Residual: lambda block, shape: Rows(block.rows(shape), sum),
    Parallel: parallel,
}
"""How PyTorch computes each block type, without an activation function of its own."""


def modules(block: Block, shape: Shape) -> list[nn.Module]:
    """What PyTorch needs for one block."""
    made = [MAKERS[type(block)](block, shape)]
    function = getattr(block, "activation", "none")
    return made if function == "none" else [*made, FUNCTIONS[function]()]


def torch_blocks(network: Network) -> list[nn.Sequential]:
    """Each block of `network` in PyTorch, float32, a softmax at the end included."""
    entries = check(network).blocks
    return [nn.Sequential(*modules(entry.block, entry.input_shape)) for entry in entries]


def torch_network(network: Network) -> nn.Sequential:
    """`network` in PyTorch, float32, a softmax at the end included."""
    return nn.Sequential(*(module for block in torch_blocks(network) for module in block))


def copy_weights(weights: Mapping[str, np.ndarray], module: nn.Module) -> None:
    """Give `module` a model's parameters and, if there are some, running statistics.

    Both have the same order and shapes on both sides.
    """
    kept = [name for name in weights if name.rpartition(".")[2].startswith("running_")]
    learned = [values for name, values in weights.items() if name not in kept]
    with torch.no_grad():
        for target, values in zip(module.parameters(), learned, strict=True):
            target.copy_(torch.from_numpy(np.array(values)))
        if kept:
            for target, name in zip(statistics(module), kept, strict=True):
                target.copy_(torch.from_numpy(np.array(weights[name])))


def statistics(module: nn.Module) -> list[torch.Tensor]:
    """The running means and variances in `module`, in the order of its blocks."""
    return [values for values in module.buffers() if values.is_floating_point()]


def in_training(module: nn.Module) -> nn.Module:
    """`module` as it trains, but with nothing dropped."""
    module.train()
    for part in module.modules():
        if isinstance(part, nn.Dropout):
            part.eval()
    return module
